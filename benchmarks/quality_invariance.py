"""Does a proposal change where nothing that should change it has changed?

One song (potassium of *Everything is Free*, CC0, at 44.1 kHz; the demo session where ../shared is missing). Of it the
two minutes are taken that lie apart and in which the most tracks sound both times; all cases but the last alter the
first 40 seconds of the earlier one. Each case is proposed for twice, as it was and altered:

- order: the tracks come in five other orders; silent tracks: three of them are added; silence appended: every track is
  20 s longer (so it plays for a smaller share of the song, which is not nothing);
- input gain: each track comes at its own gain, drawn from -20 to +20 dB;
- sample rate: 96 kHz in place of 44.1;
- names withheld: the tracks are called ``track 01`` and so on;
- another passage: the other minute.

Figures, over the tracks that sound in both, per engineer:

- roles: share of the tracks that are taken for the same;
- settings: largest difference of any setting of any channel, in shares of its full range (a trim that undoes a known
  gain counts as none);
- fader: mean and largest |difference| in dB, the median difference removed; and the largest with it left in;
- level: mean and largest of trim and fader together, likewise, the gain that was put on the input taken off: what the
  balance does.

Held to a bound: order and silent tracks (settings at most 1e-5 of full range), sample rate (faders within 0.3 dB).
An engineer that does not listen would pass everything: ``equal-loudness``, which hears loudness alone, stands beside.

Usage: ``python benchmarks/quality_invariance.py [FOLDER OF ONE SONG]``; about a minute and a half. Results are appended
to ``benchmarks/results/quality_invariance.jsonl``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from recording import SONGS, record

from assistant.analysis.listening import ACTIVITY_CELL_S, listen
from assistant.audio.reading import load_track
from assistant.demo_session import demo_folder
from assistant.engineers.hearing import SILENT_REASON
from assistant.engineers.interface import make_engineer
from assistant.mix import ChannelMix, Mix, Session, Track
from assistant.params import CHANNEL_PARAMS
from protocols.stems import read_stems_folder

ENGINEERS = ("equal-loudness", "rules", "dmc")
SAMPLE_RATE, OTHER_RATE = 44_100, 96_000
EXCERPT_S, PASSAGE_S, STEP_S, LEAST_SOUND_S, APPENDED_S = 40, 60, 10, 5.0, 20
ORDERS, SILENT_TRACKS, MOST_GAIN_DB = 5, 3, 20.0
MOST_SETTINGS, MOST_FADER_DB = 1e-5, 0.3


@dataclass(frozen=True)
class Case:
    """A session to hold against the one it was made from: its tracks' former names and added gains (dB) by name."""

    before: Session
    after: Session
    former: Mapping[str, str] = field(default_factory=dict)
    gains_db: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """How far two proposals differ; see the module's text."""

    roles: float
    settings: float
    fader_mean: float
    fader_most: float
    fader_whole: float
    level_mean: float
    level_most: float


def read_passages(folder: Path) -> tuple[Session, Session]:
    """The two passages of the song in ``folder``, in memory; halves of it where it is shorter than two minutes."""
    session, _ = read_stems_folder(folder, sample_rate=SAMPLE_RATE)
    length_s = int(min(PASSAGE_S, session.duration_s // 2))
    first_s, second_s = choose_passages(session, length_s)
    pieces: tuple[list[Track], list[Track]] = ([], [])
    for track in session.tracks:
        audio = load_track(track, SAMPLE_RATE)
        for tracks, start_s in zip(pieces, (first_s, second_s), strict=True):
            tracks.append(holding(track, audio[:, start_s * SAMPLE_RATE : (start_s + length_s) * SAMPLE_RATE].copy()))
    first, second = (replace(session, tracks=tuple(tracks)) for tracks in pieces)
    return first, second


def choose_passages(session: Session, length_s: int) -> tuple[int, int]:
    """Starts in seconds of the two passages, apart, in which the most tracks sound for five seconds both times."""
    starts = np.arange(0, session.duration_s - length_s + 1, min(STEP_S, length_s)).astype(int)
    sounds = np.array([sounding(track, starts, length_s) for track in session.tracks])
    pairs = [pair for pair in combinations(range(len(starts)), 2) if starts[pair[1]] - starts[pair[0]] >= length_s]
    first, second = max(pairs, key=lambda pair: int(np.sum(sounds[:, pair[0]] & sounds[:, pair[1]])))
    return int(starts[first]), int(starts[second])


def sounding(track: Track, starts_s: np.ndarray, length_s: int) -> np.ndarray:
    """Whether ``track`` plays for five seconds or more in each of the passages."""
    activity = listen(load_track(track, SAMPLE_RATE), SAMPLE_RATE).activity
    cells = (np.stack([starts_s, starts_s + length_s]) / ACTIVITY_CELL_S).astype(int)
    played = np.concatenate([[0], np.cumsum(activity)])
    first, last = played[np.minimum(cells, len(activity))]
    return np.asarray(last - first >= LEAST_SOUND_S / ACTIVITY_CELL_S)


def holding(track: Track, audio: np.ndarray) -> Track:
    """``track`` with ``audio`` (C, T) at the benchmark's rate in place of its own."""
    return replace(
        track, audio_path=None, audio=audio, channels=len(audio), sample_rate=SAMPLE_RATE, num_samples=audio.shape[1]
    )


def altered(session: Session, alter: Callable[[np.ndarray], np.ndarray]) -> Session:
    """``session`` with every track's audio altered."""
    return replace(session, tracks=tuple(holding(track, alter(track.audio)) for track in session.tracks))


def reordered(session: Session) -> Iterator[Case]:
    """The session's tracks in other orders."""
    rng = np.random.default_rng(0)
    for _ in range(ORDERS):
        order = rng.permutation(len(session.tracks))
        yield Case(session, replace(session, tracks=tuple(session.tracks[i] for i in order)))


def with_silent_tracks(session: Session) -> Iterator[Case]:
    """A few tracks of silence beside the others."""
    silence = np.zeros_like(session.tracks[0].audio)
    added = tuple(Track(f"empty {i}", audio=silence, sample_rate=SAMPLE_RATE) for i in range(SILENT_TRACKS))
    yield Case(session, replace(session, tracks=(*(holding(t, silence) for t in added), *session.tracks)))


def with_silence_appended(session: Session) -> Iterator[Case]:
    """All tracks end in silence."""
    yield Case(session, altered(session, lambda audio: np.pad(audio, ((0, 0), (0, APPENDED_S * SAMPLE_RATE)))))


def with_other_gains(session: Session) -> Iterator[Case]:
    """Every track at another gain."""
    rng = np.random.default_rng(0)
    gains_db = {track.name: float(rng.uniform(-MOST_GAIN_DB, MOST_GAIN_DB)) for track in session.tracks}
    tracks = [holding(t, t.audio * np.float32(10.0 ** (gains_db[t.name] / 20.0))) for t in session.tracks]
    yield Case(session, replace(session, tracks=tuple(tracks)), gains_db=gains_db)


def at_another_rate(session: Session) -> Iterator[Case]:
    """The whole session at 96 kHz."""
    yield Case(session, replace(session, sample_rate=OTHER_RATE))


def without_names(session: Session) -> Iterator[Case]:
    """The tracks numbered, in the order of their names, which decides between equals."""
    numbers = {track.name: i for i, track in enumerate(sorted(session.tracks, key=lambda t: t.name), 1)}
    tracks = [replace(track, name=f"track {numbers[track.name]:02d}") for track in session.tracks]
    former = {f"track {number:02d}": name for name, number in numbers.items()}
    yield Case(session, replace(session, tracks=tuple(tracks)), former)


CASES: dict[str, Callable[[Session], Iterator[Case]]] = {
    "order": reordered,
    "silent tracks": with_silent_tracks,
    "silence appended": with_silence_appended,
    "input gain": with_other_gains,
    "sample rate": at_another_rate,
    "names withheld": without_names,
}


def propose(engineer: str, session: Session) -> Mix:
    """What ``engineer`` proposes."""
    return make_engineer(engineer, load_track).propose(session)


def differ(case: Case, before: Mix, after: Mix) -> Difference:
    """How the proposals of one case differ, over the tracks that sound in both."""
    pairs = []
    for channel in after.channels:
        former = case.former.get(channel.name, channel.name)
        if any(former == track.name for track in case.before.tracks):
            pairs.append((before.channel(former), channel, case.gains_db.get(channel.name, 0.0)))
    pairs = [(a, b, gain_db) for a, b, gain_db in pairs if SILENT_REASON not in (*a.reasons, *b.reasons)]
    fader, trim = (
        np.array([b.settings[name] - a.settings[name] for a, b, _ in pairs]) for name in ("fader_db", "trim_db")
    )
    level = fader + trim + np.array([gain_db for *_, gain_db in pairs])
    return Difference(
        float(np.mean([a.role == b.role for a, b, _ in pairs])),
        max(most_moved(a, b, gain_db) for a, b, gain_db in pairs),
        *spread_of(fader),
        float(np.abs(fader).max()),
        *spread_of(level),
    )


def most_moved(before: ChannelMix, after: ChannelMix, gain_db: float) -> float:
    """Largest difference of a setting in shares of its travel; ``gain_db`` was put on the input."""
    moved = []
    for p in CHANNEL_PARAMS:
        undone = gain_db if p.name == "trim_db" else 0.0
        moved.append(abs(p.to_unit(after.settings[p.name] + undone) - p.to_unit(before.settings[p.name])))
    return max(moved)


def spread_of(differences_db: np.ndarray) -> tuple[float, float]:
    """Mean and largest |difference| from the median."""
    off = np.abs(differences_db - np.median(differences_db))
    return float(off.mean()), float(off.max())


def worst(differences: list[Difference]) -> Difference:
    """The worst of each figure over the variants of one case."""
    rows = [asdict(d) for d in differences]
    return Difference(**{n: (min if n == "roles" else max)(row[n] for row in rows) for n in rows[0]})


def verdict(case: str, d: Difference) -> str:
    """PASS or FAIL where the case has a bound."""
    held = {"order": d.settings <= MOST_SETTINGS, "silent tracks": d.settings <= MOST_SETTINGS}
    held["sample rate"] = round(d.fader_whole, 6) <= MOST_FADER_DB
    return ("PASS" if held[case] else "FAIL") if case in held else ""


def print_row(case: str, engineer: str, d: Difference) -> None:
    """One line of the table."""
    print(
        f"{case:17} {engineer:15} {d.roles:6.0%} {d.settings:9.2g} {d.fader_mean:7.2f} {d.fader_most:6.2f} "
        f"{d.fader_whole:6.2f} {d.level_mean:7.2f} {d.level_most:6.2f}  {verdict(case, d)}",
        flush=True,
    )


def main() -> int:
    """Print the table, case by case."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SONGS / "potassium"
    if not folder.is_dir():
        folder = demo_folder()
    first, second = read_passages(folder)
    excerpt = altered(first, lambda audio: audio[:, : EXCERPT_S * SAMPLE_RATE])
    print(f"{folder.name}, {len(first.tracks)} tracks")
    headings = f"{'roles':>6} {'settings':>9} {'fader':>7} {'most':>6} {'whole':>6} {'level':>7} {'most':>6}"
    print(f"{'case':17} {'engineer':15} {headings}")
    proposals = {engineer: propose(engineer, excerpt) for engineer in ENGINEERS}
    results: dict[str, dict[str, Difference]] = {}
    for name, vary in CASES.items():
        results[name] = {
            e: worst([differ(case, proposals[e], propose(e, case.after)) for case in vary(excerpt)]) for e in ENGINEERS
        }
    results["another passage"] = {
        e: differ(Case(first, second), propose(e, first), propose(e, second)) for e in ENGINEERS
    }
    for name, row in results.items():
        for engineer, difference in row.items():
            print_row(name, engineer, difference)
    figures = {n: {e: asdict(d) for e, d in row.items()} for n, row in results.items()}
    record("quality_invariance", {"song": folder.name, "results": figures})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
