"""How close do the engineers' balances come to the artists' own?

The stems of *Everything is Free* (CC0) carry the artists' levels: their plain sum is the mix. Every stem is brought to
one loudness before an engineer hears it, so nothing of these levels is seen. Two figures per song and engineer:

- level error: mean over the audible stems of |proposed - artists' relative level| in LU, median offset removed;
- vocal: loudness of the lead vocal over everything else, while it sings, proposed minus the artists' (powers of the
  stems summed), in LU. Within 3 LU is the aim.

``mono`` is no balance at all on stems of equal loudness and so the same as ``equal-loudness``. ``random`` is the mean
of ten seeds. The figures of the rules were chosen with all four songs in view: this is no held-out result. Nor is that
of ``dmc``, whose installed weights were taught by lithium, sodium and potassium: only rubidium is held out there. What
it makes of songs it has never heard, leaving each of the four out in turn, is asked by ``quality_human``.

Usage: ``python benchmarks/quality_levels.py [FOLDER]``; about three minutes. Results are appended to
``benchmarks/results/quality_levels.jsonl``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from recording import SONGS as DEFAULT_FOLDER
from recording import record

from assistant.analysis.loudness import integrated_loudness, momentary_loudness
from assistant.audio.reading import load_track
from assistant.engineers.interface import ENGINEERS, make_engineer
from assistant.mix import Session, Track

SONGS = ("lithium", "sodium", "potassium", "rubidium")
SAMPLE_RATE = 48_000
COMMON_LUFS = -23.0
SEEDS = range(10)


@dataclass(frozen=True)
class Song:
    """A song's stems at one common loudness, and the artists' level (LUFS) and momentary loudness of each."""

    session: Session
    levels: Mapping[str, float]
    momentary: Mapping[str, np.ndarray]


def read_song(folder: Path) -> Song:
    """The song in ``folder``: decoded, measured, levelled."""
    tracks, levels, momentary = [], {}, {}
    for path in sorted(folder.glob("*.m4a")):
        track = Track(path.stem, path, sample_rate=SAMPLE_RATE)
        audio = load_track(track, SAMPLE_RATE)
        level = integrated_loudness(audio, SAMPLE_RATE)
        if np.isfinite(level):
            levels[track.name] = level
            momentary[track.name] = momentary_loudness(audio, SAMPLE_RATE)
            audio *= 10.0 ** ((COMMON_LUFS - level) / 20.0)
        tracks.append(replace(track, audio_path=None, audio=audio.astype(np.float16), num_samples=audio.shape[1]))
    return Song(Session(tuple(tracks), SAMPLE_RATE), levels, momentary)


def load_levelled(track: Track, _sample_rate: int) -> np.ndarray:
    """The levelled stem of a :class:`Song`."""
    return np.asarray(track.audio, np.float32)


def judge(song: Song, engineer: str, seed: int) -> tuple[float, float]:
    """(level error, vocal over backing against the artists') of one proposal, in LU."""
    mix = make_engineer(engineer, load_levelled, seed).propose(song.session)
    names = sorted(song.levels)
    gains = np.array([mix.channel(n).settings["fader_db"] + COMMON_LUFS - song.levels[n] for n in names])
    error = float(np.mean(np.abs(gains - np.median(gains))))
    return error, vocal_over_backing(song, dict(zip(names, gains, strict=True))) - vocal_over_backing(song, {})


def vocal_over_backing(song: Song, gains_db: Mapping[str, float]) -> float:
    """Loudness of the lead vocal over the sum of the others while it sings, with ``gains_db`` on the stems."""
    length = min(len(m) for m in song.momentary.values())
    powers = {n: 10.0 ** ((m[:length] + gains_db.get(n, 0.0)) / 10.0) for n, m in song.momentary.items()}
    vocal = powers.pop("vox_lead")
    sings = 10.0 * np.log10(np.maximum(vocal, 1e-12)) > song.levels["vox_lead"] + gains_db.get("vox_lead", 0.0) - 10.0
    return float(10.0 * np.log10(vocal[sings].sum() / sum(p[sings].sum() for p in powers.values())))


def judge_all(song: Song) -> dict[str, tuple[float, float]]:
    """Both figures of every engineer for one song."""
    figures = {}
    for engineer in ENGINEERS:
        seeds = SEEDS if engineer == "random" else [0]
        figures[engineer] = tuple(np.mean([judge(song, engineer, seed) for seed in seeds], axis=0).round(2).tolist())
    return figures


def print_row(label: str, figures: Mapping[str, tuple[float, float]]) -> None:
    """One line of the table."""
    print(f"{label:12}" + "".join(f"{figures[e][0]:11.2f} {figures[e][1]:+7.2f}" for e in ENGINEERS), flush=True)


def find_songs() -> list[Path]:
    """The songs' folders, in the folder named on the command line or where they usually lie; says if there are none."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER
    songs = [folder / song for song in SONGS if (folder / song).is_dir()]
    if not songs:
        print(f"skipped: no songs in {folder}; give the folder that holds {', '.join(SONGS)}")
    return songs


def main() -> int:
    """Print the table, song by song."""
    songs = find_songs()
    if not songs:
        return 0
    print(f"{'':12}" + "".join(f"{engineer:>19}" for engineer in ENGINEERS))
    print(f"{'song':12}" + "   error   vocal   " * len(ENGINEERS))
    results = {}
    for song in songs:
        results[song.name] = judge_all(read_song(song))
        print_row(song.name, results[song.name])
    means = {e: tuple(np.mean([row[e] for row in results.values()], axis=0)) for e in ENGINEERS}
    print_row("mean", means)
    record("quality_levels", {"results": results})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
