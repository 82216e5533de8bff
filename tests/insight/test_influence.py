"""Influence is true: a track named as a driver is really removed, and the engineer listens and proposes again."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pytest

from assistant.audio.reading import load_track
from assistant.demo_session import demo_folder
from assistant.engineers.engineer import Engineer, HeardSession
from assistant.engineers.hearing import NOTHING_SAID
from assistant.engineers.interface import make_engineer
from assistant.insight.influence import LEAST_SHARED_DB, MOST_DRIVERS, driver_sentence, find_influence
from assistant.insight.moves import count_steps, find_moves, is_audible
from assistant.insight.values import Driver
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.params import BY_NAME
from assistant.report.words import value_text
from assistant.tasks import Cancelled
from protocols.stems import read_stems_folder

SECONDS = 6.0


def without(session: Session, name: str) -> Session:
    """The session from which one track was really removed."""
    return replace(session, tracks=tuple(t for t in session.tracks if t.name != name))


def cut_short(track: Track, rate: int) -> Track:
    audio = load_track(track, rate)[:, : round(SECONDS * rate)]
    return replace(track, audio_path=None, audio=audio, sample_rate=rate, num_samples=audio.shape[1])


@pytest.fixture(scope="module")
def session() -> Session:
    """Six seconds of the demo, and a silent track."""
    whole, _ = read_stems_folder(demo_folder())
    tracks = [cut_short(track, whole.sample_rate) for track in whole.tracks]
    silent = replace(tracks[0], name="spare", audio=np.zeros_like(tracks[0].audio))
    return replace(whole, tracks=(*tracks, silent))


@pytest.fixture(scope="module", params=["rules", "dmc"])
def engineer(request: pytest.FixtureRequest) -> Engineer:
    return make_engineer(request.param, load=lambda track, _rate: track.audio)


@pytest.fixture(scope="module")
def heard(engineer: Engineer, session: Session) -> HeardSession:
    return engineer.listen(session)


def test_whoever_is_named_as_driver_moves_the_setting_by_what_is_claimed(engineer, session, heard):
    mix = heard.propose()
    influence = find_influence(heard, mix)
    claims = [(place, driver) for place, drivers in influence.drivers.items() for driver in drivers]
    assert claims, "else nothing is shown"
    names = sorted({driver.track for _, driver in claims})
    for name in random.Random(5).sample(names, min(4, len(names))):
        lacking = engineer.propose(without(session, name))
        for (track, param), driver in claims:
            if driver.track == name:
                assert track != name
                assert lacking.channel(track).settings[param] == driver.value
                assert driver.moved == mix.channel(track).settings[param] - driver.value
                assert is_audible(count_steps(BY_NAME[param], driver.value, mix.channel(track).settings[param]))


def test_who_is_not_named_moves_nothing_audibly(engineer, session, heard):
    """Nothing but what all faders share, and what three others move further."""
    mix = heard.propose()
    influence = find_influence(heard, mix)
    for name in ("bass", "spare"):
        lacking = engineer.propose(without(session, name))
        for channel in lacking.channels:
            for param, steps in find_moves(channel.settings, mix.channel(channel.name).settings).items():
                drivers = influence.drivers.get((channel.name, param), ())
                is_full = len(drivers) == MOST_DRIVERS
                assert param == "fader_db" or not is_audible(steps) or is_full or name in {d.track for d in drivers}


def test_the_order_of_the_tracks_does_not_matter(engineer, session, heard):
    influence = find_influence(heard, heard.propose())
    turned = engineer.listen(replace(session, tracks=session.tracks[::-1]))
    other = find_influence(turned, turned.propose())
    assert other.drivers == influence.drivers
    assert other.names == influence.names[::-1]
    np.testing.assert_array_equal(other.strength, influence.strength[::-1, ::-1])


def test_strength_is_that_of_others(heard):
    influence = find_influence(heard, heard.propose())
    silent = influence.names.index("spare")
    assert influence.strength.shape == (len(influence.names),) * 2
    assert np.all(np.diag(influence.strength) == 0.0)
    assert influence.strength.max() > 0.3
    assert not influence.strength[silent].any()
    assert not influence.strength[:, silent].any()


def test_what_the_engineer_did_not_decide_has_no_driver(heard):
    mix = heard.propose()
    (track, param), _ = next(iter(find_influence(heard, mix).drivers.items()))
    moved = tuple(
        replace(c, settings=c.settings.with_values(**{param: BY_NAME[param].low})) if c.name == track else c
        for c in mix.channels
    )
    assert (track, param) not in find_influence(heard, replace(mix, channels=moved)).drivers


def test_progress_and_stopping(heard):
    mix, shares = heard.propose(), []
    find_influence(heard, mix, lambda share, _what: shares.append(share))
    assert (len(shares), shares[-1]) == (len(mix.channels), 1.0)
    assert shares == sorted(shares)
    with pytest.raises(Cancelled, match="after 0 of 10 tracks"):
        find_influence(heard, mix, is_cancelled=lambda: True)


@dataclass(frozen=True)
class Told:
    """A session of which it is written down what is proposed without each track: settings by track."""

    lacking: Mapping[str, Mapping[str, ChannelSettings]]
    torn: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    def propose(self, without: Collection[str] = (), roles: Mapping[str, str] = NOTHING_SAID) -> Mix:
        settings = self.lacking["".join(without)]
        return Mix(tuple(ChannelMix(name, settings[name]) for name in "abcde" if name not in without))


@cache
def at(fader_db: float, pan: float = 0.0) -> ChannelSettings:
    return ChannelSettings(fader_db=fader_db, pan=pan)


def told(**lacking: dict[str, ChannelSettings]) -> Told:
    """Five tracks at -5 dB; ``lacking`` says what stands elsewhere without which."""
    plain = {name: at(-5.0) for name in "abcde"}
    return Told({"": plain, **{name: plain | lacking.get(name, {}) for name in "abcde"}})


def test_a_gain_of_all_faders_is_no_ones_influence_but_is_told_where_it_is_large():
    session = told(a=dict.fromkeys("bcde", at(-11.0)), b={"a": at(-5.2), "c": at(-5.8), "d": at(-5.2), "e": at(-5.2)})
    influence = find_influence(session, session.propose())
    shared = Driver("a", "fader_db", -11.0, 6.0, 6.0)
    assert influence.drivers[("b", "fader_db")] == (shared,)
    own, carried = influence.drivers[("c", "fader_db")]
    assert (own.track, own.value, own.moved, own.shared) == ("b", -5.8, pytest.approx(0.8), pytest.approx(0.2))
    assert carried == shared
    assert ("a", "fader_db") not in influence.drivers
    assert not influence.strength[:, 0].any()
    assert influence.strength[2, 1] == pytest.approx(0.6)
    assert LEAST_SHARED_DB == 1.0
    assert driver_sentence([shared]) == (
        "because of a: without it the fader would stand at -11.0 dB instead of -5.0 (and most faders 6.0 dB lower)"
    )


def test_the_strongest_three_are_kept():
    session = told(**{name: {"e": at(-5.0 - gap)} for name, gap in zip("abcd", (0.3, 0.9, 0.5, 0.7), strict=True)})
    drivers = find_influence(session, session.propose()).drivers
    assert set(drivers) == {("e", "fader_db")}
    assert [driver.track for driver in drivers[("e", "fader_db")]] == ["b", "d", "c"]


def test_less_than_can_be_heard_is_no_influence():
    session = told(a={"e": at(-5.2, pan=0.05)}, b={"e": at(-5.0, pan=-0.09)})
    influence = find_influence(session, session.propose())
    assert influence.drivers == {}
    assert 0.0 < influence.strength[4, 0] < influence.strength[4, 1] + 0.2


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ({"peak1_hz": 200.0, "peak1_q": 4.0}, {"peak1_hz": 900.0}, set()),
        ({"peak1_hz": 200.0}, {"peak1_hz": 900.0, "peak1_gain_db": 3.0}, {"peak1_gain_db"}),
        ({"peak1_hz": 200.0, "peak1_gain_db": 3.0}, {"peak1_hz": 900.0, "peak1_gain_db": 3.0}, {"peak1_hz"}),
        ({"peak1_hz": 200.0, "peak1_gain_db": 0.6}, {"peak1_hz": 900.0, "peak1_gain_db": 0.6}, set()),
        ({"highpass_on": 1.0, "highpass_hz": 90.0}, {}, {"highpass_on"}),
        ({"highpass_hz": 90.0}, {"highpass_hz": 20.0}, set()),
        ({"comp_ratio": 3.0, "comp_threshold_db": -20.0, "comp_makeup_db": 4.0}, {}, {"comp_ratio"}),
        ({"send_db": -45.0}, {}, set()),
        ({"send_db": -30.0}, {}, {"send_db"}),
        ({"trim_db": 6.0}, {"trim_db": 0.0}, set()),
    ],
)
def test_what_does_nothing_has_not_moved(old, new, moved):
    settings = ChannelSettings(old), ChannelSettings(new)
    forth, back = find_moves(*settings), find_moves(*settings[::-1])
    assert forth == pytest.approx(back)
    assert {name for name, steps in forth.items() if is_audible(steps)} == moved


def test_sentences():
    drivers = [
        Driver("bass", "highpass_on", 0.0, 1.0),
        Driver("kick", "pan", 0.35, -0.35),
        Driver("bass", "send_db", -60.0, 40.0),
    ]
    assert driver_sentence(drivers) == (
        "because of bass: without it the high-pass would be off instead of on and the reverb send would be off instead "
        "of -20.0 dB; of kick: without it the pan would stand at R35 instead of C"
    )
    assert driver_sentence([]) == ""


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("fader_db", -3.14, "-3.1 dB"),
        ("send_db", -60.0, "off"),
        ("highpass_hz", 95.2, "95 Hz"),
        ("comp_ratio", 2.5, "2.5:1"),
        ("comp_knee_db", 6.0, "6.0 dB"),
        ("comp_attack_ms", 12.34, "12.3 ms"),
        ("polarity_inverted", 1.0, "inverted"),
        ("width", 0.8, "0.8"),
    ],
)
def test_values_in_words(name, value, text):
    assert value_text(BY_NAME[name], value) == text
