"""Does refinement help, and what does it cost?

On the stems of *Everything is Free* (CC0), each brought to one loudness, ``rules`` and ``equal-loudness`` propose and
``refine`` moves the proposal towards its default goals. Before and after, per song and engineer:

- level error and vocal over backing against the artists' mix, as in ``quality_levels``, with what a changed EQ does to
  a stem's loudness counted in (a compressor behind it is taken to pass that on);
- every goal's own figure, on the passages it chose, and the same figure for the artists' mix: where the artists lie far
  from a goal, the goal is not theirs;
- seconds of the steps, and of the whole with loading each stem twice from memory, and MiB by which the process's peak
  grew since before the first song was refined.

The goals' windows and the price of moving were chosen with all four songs in view: this is no held-out result.

Found: it helps a proposal that knows no roles (equal-loudness: level error 4.23 to 4.05 LU, most of it in rubidium) and
does next to nothing for the rules' balance (2.75 to 2.76), which it moves towards finished music on average, not
towards these artists: the vocal comes 0.3 LU further from theirs. Use it where a goal is named that the mix misses.

Usage: ``python benchmarks/quality_refine.py [FOLDER]``; about ten minutes. Results are appended to
``benchmarks/results/quality_refine.jsonl``.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from quality_levels import COMMON_LUFS, Song, find_songs, load_levelled, read_song, vocal_over_backing
from recording import record

from assistant.engineers.filtering import loudness_change_db
from assistant.engineers.hearing import hear_session
from assistant.engineers.interface import make_engineer
from assistant.mix import ChannelSettings, Mix
from assistant.refinement.catalogue import DEFAULT_GOALS
from assistant.refinement.refine import Refinement, refine

ENGINEERS = ("rules", "equal-loudness")
Spectra = Mapping[str, tuple[float, ...]]


def hear_spectra(song: Song) -> Spectra:
    """The third-octave spectrum of every audible stem."""
    heard = hear_session(song.session, load_levelled, lambda _share, _what: None, lambda: False)
    return {one.name: one.features.spectrum_db for one in heard if not one.features.is_silent}


def judge(song: Song, spectra: Spectra, mix: Mix, proposal: Mix) -> tuple[float, float]:
    """(level error, vocal over backing against the artists') of ``mix``, which began as ``proposal``, in LU."""
    gains = {}
    for name in sorted(song.levels):
        settings, old = mix.channel(name).settings, proposal.channel(name).settings
        eq_lu = 0.0
        if name in spectra:
            eq_lu = loudness_change_db(settings, spectra[name]) - loudness_change_db(old, spectra[name])
        gains[name] = settings["fader_db"] + eq_lu + COMMON_LUFS - song.levels[name]
    values = np.array(list(gains.values()))
    error = float(np.mean(np.abs(values - np.median(values))))
    return error, vocal_over_backing(song, gains) - vocal_over_backing(song, {})


def artists_mix(song: Song, like: Mix) -> Mix:
    """The artists' own balance of the levelled stems, with the roles of ``like``."""
    gains = {c.name: song.levels.get(c.name, COMMON_LUFS) - COMMON_LUFS for c in like.channels}
    return Mix(tuple(replace(c, settings=ChannelSettings(trim_db=gains[c.name])) for c in like.channels))


def timed(song: Song, proposal: Mix) -> tuple[Refinement, dict[str, float]]:
    """The refinement and its cost: seconds in all and of the steps alone, MiB of peak memory above what was there."""
    stepping: list[float] = []

    def progress(_share: float, what: str) -> None:
        if what.startswith("step"):
            stepping.append(time.perf_counter())

    peak, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    refinement = refine(song.session, proposal, load_levelled, progress=progress)
    end = time.perf_counter()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    steps = end - stepping[0] if stepping else 0.0
    return refinement, {"seconds": end - start, "step_seconds": steps, "mib": grown / 1024.0}


def compare(song: Song) -> dict[str, dict[str, object]]:
    """All figures of one song, by engineer."""
    spectra, results = hear_spectra(song), {}
    theirs: dict[str, float] = {}
    for engineer in ENGINEERS:
        proposal = make_engineer(engineer, load_levelled).propose(song.session)
        refinement, cost = timed(song, proposal)
        if not theirs:  # every engineer that listens finds the same roles
            artists = refine(song.session, artists_mix(song, proposal), load_levelled, steps=0)
            theirs = {goal.goal: goal.before for goal in artists.goals}
        results[engineer] = {
            "before": judge(song, spectra, proposal, proposal),
            "after": judge(song, spectra, refinement.mix, proposal),
            "goals": {g.goal: (g.before, g.after, theirs[g.goal]) for g in refinement.goals},
            "changes": len(refinement.changes),
            "cost": cost,
        }
    return results


def print_row(song: str, engineer: str, row: Mapping[str, object]) -> None:
    """One line of the table."""
    (error, vocal), (error_after, vocal_after) = row["before"], row["after"]
    levels = f"{error:6.2f} {error_after:5.2f}   {vocal:+6.2f} {vocal_after:+6.2f}"
    goals = "".join(f"{before:8.1f} {after:5.1f} ({theirs:5.1f})" for before, after, theirs in row["goals"].values())
    cost = row["cost"]
    print(
        f"{song:10} {engineer:15}{levels}{goals}{cost['seconds']:8.1f}{cost['step_seconds']:7.1f}{cost['mib']:7.0f}",
        flush=True,
    )


def main() -> int:
    """Print the table, song by song."""
    songs = find_songs()
    if not songs:
        return 0
    headings = "".join(f"{name:>21}" for name in DEFAULT_GOALS)
    print(f"{'before, after (artists)':26}{'error':>11}{'vocal':>16}{headings}{'s':>9}{'steps':>7}{'MiB':>7}")
    results = {}
    for folder in songs:
        results[folder.name] = compare(read_song(folder))
        for engineer in ENGINEERS:
            print_row(folder.name, engineer, results[folder.name][engineer])
    for engineer in ENGINEERS:
        rows = [row[engineer] for row in results.values()]
        means = [np.mean([np.abs(row[when]) for row in rows], axis=0) for when in ("before", "after")]
        print(f"mean |x|   {engineer:15}" + "   ".join(f"{means[0][i]:6.2f} {means[1][i]:5.2f}" for i in range(2)))
    record("quality_refine", {"results": results})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
