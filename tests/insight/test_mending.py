"""Plain faults are mended in the proposal, whole or not at all."""

from __future__ import annotations

from assistant.insight.mending import mend
from assistant.insight.values import Observation
from assistant.mix import Change, ChannelMix, ChannelSettings, Mix

MIX = Mix((ChannelMix("bass", ChannelSettings(peak1_gain_db=-2.0)), ChannelMix("amp")))
TURN = (Change("amp", "polarity_inverted", 0.0, 1.0),)
HIGHPASS = (Change("bass", "highpass_on", 0.0, 1.0), Change("bass", "highpass_hz", 20.0, 30.0))


def observed(kind: str, remedy: tuple[Change, ...]) -> Observation:
    return Observation(kind, tuple(change.track for change in remedy), 0.5, f"{kind} found", 0.0, "dB", remedy=remedy)


def test_remedies_of_plain_faults_are_applied() -> None:
    mended, found = mend(MIX, [observed("polarity", TURN), observed("dc", HIGHPASS)])
    assert mended.channel("amp").settings == ChannelSettings(polarity_inverted=1.0)
    assert mended.channel("bass").settings["highpass_hz"] == 30.0
    assert mended.channel("bass").settings["peak1_gain_db"] == -2.0
    assert found == {("amp", "polarity"): "polarity found", ("bass", "highpass"): "dc found"}
    assert mended.channel("amp").reasons == ("mended: polarity found",)


def test_matters_of_taste_are_left_alone() -> None:
    assert mend(MIX, [observed("too loud", (Change("bass", "fader_db", 0.0, -6.0),))]) == (MIX, {})
    assert mend(MIX, [observed("hum", ())]) == (MIX, {})


def test_half_a_remedy_is_none() -> None:
    assert mend(MIX, [observed("dc", HIGHPASS)], lambda track, param: param != "highpass_hz") == (MIX, {})


def test_what_has_changed_since_is_not_changed_again() -> None:
    first = observed("hum", (Change("bass", "peak1_gain_db", -2.0, -14.0),))
    second = observed("hum", (Change("bass", "peak1_gain_db", -2.0, -9.0),))
    mended, _ = mend(MIX, [first, second])
    assert mended.channel("bass").settings["peak1_gain_db"] == -14.0
