"""What the benchmarks share: timing in turns, spread, and a line of JSON per run with commit and machine."""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
SONGS = DATA / "everything-is-free"
SAMPLES = DATA / "sonic-pi-samples"
#: Where examples that take long to make are kept between runs; Git does not see it.
CACHE = ROOT / "benchmarks" / "cache"


def time_in_turns(cases: Mapping[str, Callable[[], object]], repeats: int, warm_ups: int = 1) -> dict[str, list[float]]:
    """Seconds of every repeat of every case, the cases in turns, so that what else the machine does hits all."""
    for case in cases.values():
        for _ in range(warm_ups):
            case()
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, case in cases.items():
            start = time.perf_counter()
            case()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def spread(values: list[float]) -> dict[str, float]:
    """Median, least and greatest."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def record(benchmark: str, figures: Mapping[str, Any]) -> None:
    """Append ``figures`` with commit and machine to ``benchmarks/results/BENCHMARK.jsonl``."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    file = ROOT / "benchmarks" / "results" / f"{benchmark}.jsonl"
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"commit": commit, "machine": platform.platform(), **figures}) + "\n")
