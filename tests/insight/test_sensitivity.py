"""A bit more of a section, in words: direction, choice and silence."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.analysis.sections import SECTIONS
from assistant.analysis.sensitivities import QUANTITIES, Sensitivities, small_step
from assistant.insight.sensitivity import LEAST_CHANGE, MAIN_PARAMS, sensitivity_sentence
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, CHANNEL_NAMES, CHANNEL_PARAMS

#: Every section at work.
WORKING = ChannelSettings(
    fader_db=-3.0,
    highpass_on=1.0,
    highpass_hz=90.0,
    low_shelf_gain_db=-2.0,
    peak1_gain_db=-3.0,
    peak2_gain_db=2.0,
    peak3_gain_db=1.0,
    high_shelf_gain_db=1.5,
    comp_ratio=3.0,
    comp_threshold_db=-20.0,
    width=0.8,
    pan=-0.3,
    send_db=-18.0,
)


def found(settings: ChannelSettings, **changes: dict[str, float]) -> Sensitivities:
    """Sensitivities of one track, 0 but for those named, by parameter and quantity."""
    values = np.zeros((1, len(CHANNEL_NAMES), len(QUANTITIES)))
    for param, row in changes.items():
        for quantity, change in row.items():
            values[0, CHANNEL_NAMES.index(param), list(QUANTITIES).index(quantity)] = change
    return Sensitivities({"bass": settings}, values)


@pytest.mark.parametrize(
    ("section", "changes", "sentence"),
    [
        (
            "peak1",  # a cut: more of it is downwards
            {"loudness": 0.4, "brightness": -0.2, "mix_brightness": -0.1},
            "one dB more cut makes the track 0.4 LU quieter and the mix 0.1 dB brighter",
        ),
        (
            "peak2",
            {"low_end": -0.31, "masking": -0.2, "lead": 0.1},
            "one dB more boost makes the track 0.3 dB thinner and leaves the lead 0.2 dB less covered",
        ),
        ("compressor", {"loudness": 0.6}, "a threshold one dB lower makes the track 0.6 LU quieter"),
        ("pan", {"balance": 1.1}, "10% further left moves the track 1.1 dB to the left"),
        (
            "width",
            {"loudness": 0.3, "lead": -0.2},
            "0.1 less width makes the track 0.3 LU quieter and brings the lead 0.2 LU forward",
        ),
        ("send", {"tone": 0.1}, "one dB more of it takes the mix 0.1 dB away from the tone of finished music"),
        ("highpass", {"low_end": -0.8}, "a cutoff a third of an octave higher makes the track 0.8 dB thinner"),
        ("level", {"loudness": 1.0, "lead": -0.3}, "one dB more of it pushes the lead 0.3 LU back"),
    ],
)
def test_sentences(section: str, changes: dict[str, float], sentence: str) -> None:
    assert sensitivity_sentence(found(WORKING, **{MAIN_PARAMS[section]: changes}), "bass", section) == sentence


def test_a_filter_at_the_top_is_told_by_the_top() -> None:
    changes = {"high_shelf_gain_db": {"brightness": 0.1, "low_end": -0.6}}
    assert "0.1 dB brighter" in sensitivity_sentence(found(WORKING, **changes), "bass", "high_shelf")
    inaudible = {"high_shelf_gain_db": {"brightness": 0.01, "low_end": -0.6}}
    assert "0.6 dB thinner" in sensitivity_sentence(found(WORKING, **inaudible), "bass", "high_shelf")


@pytest.mark.parametrize("section", [section.name for section in SECTIONS])
def test_nothing_audible_is_nothing_said(section: str) -> None:
    quiet = {name: dict.fromkeys(QUANTITIES, 0.99 * LEAST_CHANGE) for name in CHANNEL_NAMES}
    assert sensitivity_sentence(found(WORKING, **quiet), "bass", section) == ""


@pytest.mark.parametrize("section", [section.name for section in SECTIONS if section.name != "level"])
def test_nothing_is_said_of_a_section_that_is_off(section: str) -> None:
    loud = {name: dict.fromkeys(QUANTITIES, 1.0) for name in CHANNEL_NAMES}
    assert sensitivity_sentence(found(ChannelSettings(), **loud), "bass", section) == ""


def test_nothing_is_said_where_there_is_no_room() -> None:
    changes = {"pan": {"balance": 1.0}, "fader_db": {"lead": 0.5}}
    for section, settings in (("pan", {"pan": -1.0}), ("level", {"fader_db": 11.5})):
        assert sensitivity_sentence(found(ChannelSettings(settings), **changes), "bass", section) == ""


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError, match="drums"):
        sensitivity_sentence(found(WORKING), "drums", "pan")
    with pytest.raises(KeyError, match="reverb"):
        sensitivity_sentence(found(WORKING), "bass", "reverb")
    with pytest.raises(KeyError, match="gain"):
        found(WORKING).of("bass", "gain")


def test_small_moves_are_small_to_the_ear() -> None:
    assert small_step(BY_NAME["fader_db"], -7.0) == 1.0
    assert small_step(BY_NAME["peak2_hz"], 1_000.0) == pytest.approx(1_000.0 * np.log(2.0) / 3.0)
    assert small_step(BY_NAME["comp_ratio"], 4.0) == pytest.approx(4.0 * np.log(1.1))
    assert small_step(BY_NAME["pan"], 0.0) == pytest.approx(0.1)
    steps = [small_step(param, param.default) for param in CHANNEL_PARAMS]
    assert [bool(np.isnan(step)) for step in steps] == [param.curve == "toggle" for param in CHANNEL_PARAMS]
