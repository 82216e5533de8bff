"""Whether a mix fits a session, and what the differing parts are called."""

from __future__ import annotations

import time

import pytest

from assistant.mix import ChannelMix, Mix, Session, Track
from protocols.fitting import Recorded, compare, differences, shortened

LONG, SHORT = Recorded(48_000, 96_000, 2), Recorded(48_000, 480, 2)


def guesses(missing: dict[str, Recorded], spare: dict[str, Recorded], *present: str) -> dict[str, str]:
    """What is guessed of the ``missing`` tracks of a mix that has those ``present`` too."""
    there = dict.fromkeys(present, LONG)
    return dict(compare(missing | there, there, spare).missing)


def mix_of(*names: str) -> Mix:
    """A mix with a channel for each of ``names``."""
    return Mix(tuple(ChannelMix(name) for name in names))


def session_of(*names: str) -> Session:
    """A session with a track for each of ``names``."""
    return Session(tuple(Track(name, num_samples=480) for name in names), 48_000)


def test_a_mix_of_the_session_differs_in_nothing() -> None:
    assert differences(mix_of("kick", "vox"), session_of("vox", "kick")) == ()


def test_missing_extra_and_renamed_tracks_of_a_session() -> None:
    assert differences(mix_of("kick", "vox", "flute"), session_of("vox", "kick_01", "tambourine")) == (
        "kick: not in the session; probably renamed: kick -> kick_01",
        "flute: not in the session",
        "the mix has no settings for tambourine",
    )


def test_long_lists_of_extra_tracks_are_cut() -> None:
    (sentence,) = differences(mix_of("a"), session_of("a", *(f"extra {n}" for n in range(12))))
    assert sentence.endswith("extra 6, extra 7 and 4 more")
    assert shortened("abcdefgh") == "a, b, c, d, e, f, g, h"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kick", "Kick"),
        ("lead vocal", "Lead_Vocal"),
        ("kick", "kick_01"),
        ("kick", "My Song - kick"),
        ("01 kick", "kick"),
        ("snare", "snaredrum"),
        ("bass", "bas"),
        ("Gitarre für Elise", "Gitarre fu\u0308r Elise"),
        ("🎤", "🎤🎤"),
    ],
)
def test_new_names(old: str, new: str) -> None:
    assert guesses({old: Recorded()}, {"tambourine": Recorded(), new: Recorded()}, "synth") == {
        old: f"probably renamed: {old} -> {new}"
    }


@pytest.mark.parametrize("new", ["tambourine", "vox", "k"])
def test_names_that_have_nothing_in_common(new: str) -> None:
    assert guesses({"kick": Recorded()}, {new: Recorded()}) == {"kick": ""}


def test_a_title_in_front_of_all_names_is_no_likeness() -> None:
    present = ("A Long Song Title synth", "A Long Song Title bass")
    missing, spare = {"A Long Song Title kick": Recorded()}, {"A Long Song Title flute": Recorded()}
    assert guesses(missing, spare, *present) == {"A Long Song Title kick": ""}


def test_each_file_is_one_tracks_new_name() -> None:
    missing = dict.fromkeys(("kick", "snare", "hat"), Recorded())
    spare = dict.fromkeys(("Song_hat", "Song_kick", "Song_snare"), Recorded())
    found = guesses(missing, spare)
    assert found == {name: f"probably renamed: {name} -> Song_{name}" for name in missing}


def test_where_several_names_fit_the_length_decides() -> None:
    spare = {"vox dry": SHORT, "vox wet": LONG}
    assert guesses({"vox": LONG}, spare) == {"vox": "probably renamed: vox -> vox wet, of the same length"}
    assert guesses({"vox": SHORT}, spare) == {"vox": "probably renamed: vox -> vox dry, of the same length"}
    assert guesses({"vox": Recorded()}, spare) == {"vox": "perhaps renamed: vox -> vox dry or vox wet"}
    many = dict.fromkeys(("vox dry", "vox wet", "vox old", "vox new"), LONG)
    assert guesses({"vox": Recorded()}, many)["vox"].endswith("vox dry or vox wet or vox old or another")


def test_doubt_is_said() -> None:
    assert guesses({"vox": LONG}, {"vox new": SHORT}) == {"vox": "perhaps renamed: vox -> vox new"}
    assert guesses({"gtr L": Recorded()}, {"guitar left": LONG}) == {"gtr L": ""}
    text = "perhaps renamed: gtr L -> guitar left, of the same length"
    assert guesses({"gtr L": LONG}, {"guitar left": LONG, "tambourine": LONG}) == {"gtr L": text}
    assert guesses({"gtr 2": Recorded()}, {"gtr 3": Recorded()}) == {"gtr 2": "perhaps renamed: gtr 2 -> gtr 3"}


def test_audio_of_one_length_alone_is_a_hint() -> None:
    text = "perhaps renamed: drums -> beat, of the same length"
    assert guesses({"drums": LONG, "flute": SHORT}, {"beat": LONG}) == {"drums": text, "flute": ""}
    assert guesses({"drums": LONG}, {"beat": LONG, "x": LONG}) == {"drums": ""}  # which of them?
    assert guesses({"drums": LONG, "flute": LONG}, {"beat": LONG}) == {"drums": "", "flute": ""}  # which of them?


def test_a_new_name_is_not_extra() -> None:
    assert compare({"kick": LONG}, {}, {"kick_01": LONG, "tambourine": LONG}).extra == ("tambourine",)
    assert compare({"vox": LONG}, {}, {"vox 1": LONG, "vox 2": LONG}).extra == ("vox 1", "vox 2")


def test_changed_audio_is_described() -> None:
    was = {"a": LONG, "b": LONG, "c": LONG, "d": LONG, "e": Recorded(), "f": Recorded(48_000)}
    now = {
        "a": LONG,
        "b": Recorded(44_100, 88_200, 2),  # resampled: as long
        "c": Recorded(48_000, 96_049, 2),
        "d": Recorded(48_000, 96_048, 1),  # a millisecond
        "e": SHORT,
        "f": Recorded(96_000, 7, 1),
    }
    assert compare(was, now, {}).changed == (
        "other sample rate than when the mix was saved: b (44100 Hz, was 48000 Hz), f (96000 Hz, was 48000 Hz)",
        "other length than when the mix was saved: c (0:02.001, was 0:02.000)",
        "other number of channels than when the mix was saved: d (mono, was stereo)",
    )


def test_names_are_made_printable() -> None:
    (missing, extra) = differences(mix_of("kick\x1b[2J"), session_of("tambourine\x1b"))
    assert missing == "kick\\x1b[2J: not in the session"
    assert extra == "the mix has no settings for tambourine\\x1b"


@pytest.mark.parametrize("num_missing", [100, 5_000])
def test_guessing_ends_soon(num_missing: int) -> None:
    missing = {f"{n:04d} {'x' * 10_000}": LONG for n in range(num_missing)}
    spare = {f"{'x' * 200} {n:04d}": LONG for n in range(60)}
    began = time.process_time()
    assert len(guesses(missing, spare)) == num_missing
    assert time.process_time() - began < 20.0
