"""How long does `mixassist suggest` take beyond decoding, and does it grow in proportion to the tracks?

First the song sodium (28 stems of 305 s, AAC), where ../shared/data is there: `suggest` as a process of its own per
engineer, and the same stems only decoded, on two threads as it does, three times in turns. Wall seconds; processor
seconds, which other programs on the machine disturb less; the largest peak. "Beyond decoding" is the median wall time
less decoding's, so it includes the program's start. At most 15 s and 1.5 GB. All times: median (least-greatest).

Then proposing alone for 5 to 200 tracks of 20 s that lie in memory (the demo's stems, over and over): seconds, the
straight line that comes nearest to them in relative terms, and how far off it the farthest lies. The picture goes to
``docs/suggest-time.svg``.

Usage: ``python benchmarks/speed_suggest.py``; two to five minutes. Results are appended to
``benchmarks/results/speed_suggest.jsonl``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
from recording import ROOT, SONGS, record, spread, time_in_turns
from speed_session import run_program

from assistant.audio.reading import load_track
from assistant.demo_session import demo_folder
from assistant.engineers.interface import make_engineer
from assistant.mix import Session, Track
from assistant.report.charts import Axis, line_chart
from protocols.stems import read_stems_folder

ENGINEERS = ("dmc", "rules")
THREADS = 2
MOST_BEYOND_S, MOST_BYTES = 15.0, 1.5e9
NUM_TRACKS = (5, 25, 50, 100, 200)
SECONDS, SAMPLE_RATE, REPEATS = 20, 48_000, 3
CHART = ROOT / "docs" / "suggest-time.svg"
_STEPS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_STYLE = (
    "<style>text{font:12px sans-serif;fill:#444}.grid{stroke:#ddd}.curve{fill:none;stroke:#2563a8;stroke-width:2}"
    '</style><rect width="100%" height="100%" fill="#fff"/>'
)


def decode(session: Session) -> dict[str, float]:
    """Wall and processor seconds of decoding every track, a few at a time, and forgetting it."""
    start, processor = time.perf_counter(), time.process_time()

    def length(track: Track) -> int:
        return load_track(track, session.sample_rate).shape[1]

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(length, session.tracks)) > 0
    return {"seconds": time.perf_counter() - start, "processor_seconds": time.process_time() - processor}


def measure_song() -> None:
    """The real song: `suggest` beside decoding alone, in turns."""
    folder = SONGS / "sodium"
    if not folder.is_dir():
        print("sodium: skipped, ../shared/data is missing")
        return
    session, _ = read_stems_folder(folder)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ("decoding", *ENGINEERS)}
    for _ in range(REPEATS):
        runs["decoding"].append(decode(session))
        for engineer in ENGINEERS:
            runs[engineer].append(run_program("suggest", str(folder), "--engineer", engineer))
    decoding_s = median_of(runs["decoding"], "seconds")
    for name, rows in runs.items():
        seconds, processor_seconds = (spread([row[n] for row in rows]) for n in ("seconds", "processor_seconds"))
        text = f"sodium {name:8} {shown(seconds)} s, processor {shown(processor_seconds)} s"
        if name in ENGINEERS:
            beyond_s = seconds["median"] - decoding_s
            peak_bytes = max(row["peak_bytes"] for row in rows)
            passes = beyond_s <= MOST_BEYOND_S and peak_bytes <= MOST_BYTES
            text += (
                f"; beyond decoding {beyond_s:.1f} s (at most {MOST_BEYOND_S:.0f}), peak {peak_bytes / 1024**2:.0f} "
            )
            text += f"MiB (at most {MOST_BYTES / 1024**2:.0f}): {'PASS' if passes else 'FAIL'}"
        print(text, flush=True)
    record("speed_suggest", {"part": "song", "runs": runs})


def median_of(rows: list[dict[str, float]], name: str) -> float:
    """The median of one figure over the repeats."""
    return spread([row[name] for row in rows])["median"]


def shown(figures: Mapping[str, float]) -> str:
    """Median, and from the least to the greatest."""
    return f"{figures['median']:.2f} ({figures['min']:.2f}-{figures['max']:.2f})"


def make_session(excerpts: list[Track], num_tracks: int) -> Session:
    """A session of ``num_tracks`` tracks whose audio is the ``excerpts``' in turns."""
    tracks = [
        replace(excerpts[i % len(excerpts)], name=f"{excerpts[i % len(excerpts)].name} {i:03d}")
        for i in range(num_tracks)
    ]
    return Session(tuple(tracks), SAMPLE_RATE)


def read_excerpts() -> list[Track]:
    """The demo's stems in memory, repeated to 20 s."""
    session, _ = read_stems_folder(demo_folder(), sample_rate=SAMPLE_RATE)
    excerpts = []
    for track in session.tracks:
        audio = load_track(track, SAMPLE_RATE)
        audio = np.tile(audio, (1, -(-SECONDS * SAMPLE_RATE // audio.shape[1])))[:, : SECONDS * SAMPLE_RATE].copy()
        held = replace(track, audio_path=None, audio=audio, sample_rate=SAMPLE_RATE, num_samples=audio.shape[1])
        excerpts.append(held)
    return excerpts


def fit_line(seconds: Mapping[int, float]) -> dict[str, float]:
    """The straight line through ``seconds`` by number of tracks, and the largest distance from it relative to it."""
    counts, times = np.array(list(seconds)), np.array(list(seconds.values()))
    slope, start = np.polyfit(counts, times, 1, w=1.0 / times)
    line = start + slope * counts
    largest = float(np.max(np.abs(times - line) / np.abs(line)))
    return {"seconds_per_track": float(slope), "start_seconds": float(start), "largest_residual": largest}


def draw(seconds: Mapping[int, float]) -> str:
    """The chart of seconds by number of tracks, as an SVG file of its own."""
    most = max(seconds.values())
    step = next(step for step in _STEPS_S if most <= 5.0 * step)
    top = step * math.ceil(most / step)
    ticks = tuple(np.arange(0.0, top + step / 2.0, step).tolist())
    x = Axis(0.0, max(seconds), tuple(seconds), lambda n: f"{n:.0f} tracks" if n == sorted(seconds)[-2] else f"{n:.0f}")
    y = Axis(0.0, top, ticks, lambda s: f"{s:g} s")
    chart = line_chart("Seconds that dmc takes by number of tracks", x, y, list(seconds.items()))
    return chart.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(">", ">" + _STYLE, 1) + "\n"


def measure_growth() -> None:
    """Seconds by number of tracks, their line, and the picture of dmc's."""
    excerpts = read_excerpts()
    for engineer in ENGINEERS:
        proposer = make_engineer(engineer, load_track)
        proposer.propose(make_session(excerpts, NUM_TRACKS[0]))
        cases = {str(n): partial(proposer.propose, make_session(excerpts, n)) for n in NUM_TRACKS}
        spreads = {int(n): spread(values) for n, values in time_in_turns(cases, REPEATS, warm_ups=0).items()}
        medians = {n: s["median"] for n, s in spreads.items()}
        line = fit_line(medians)
        times = ", ".join(f"{n} {shown(s)}" for n, s in spreads.items())
        print(
            f"tracks {engineer:8} {times} s; line {line['start_seconds']:.2f} s + "
            f"{1000.0 * line['seconds_per_track']:.1f} ms per track, farthest {line['largest_residual']:.0%} off",
            flush=True,
        )
        record("speed_suggest", {"part": "tracks", "engineer": engineer, "seconds": spreads, **line})
        if engineer == "dmc":
            CHART.write_text(draw(medians), encoding="utf-8")


def main() -> None:
    """Print both parts."""
    measure_song()
    measure_growth()


if __name__ == "__main__":
    main()
