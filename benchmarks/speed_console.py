"""How long does one learning step through our whole console take, beside dasp-pytorch's EQ and compressor alone?

Ours: trim, polarity, high-pass, five-band EQ, compressor, fader, pan, send, reverb bus, sum and master, forward and
backward with gradients for every parameter. Theirs: ``parametric_eq`` and ``compressor`` forward and backward with
gradients for every parameter; no sum, no reverb (theirs takes many times longer), and a release time that is ignored.
8 mono tracks of 5 s at 44.1 kHz, float32. Repeats are interleaved, so that what else the machine does hits both.

    python benchmarks/speed_console.py

Needs ``pip install --no-deps dasp-pytorch`` (its dependencies are not needed for these functions).
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import torch
from dasp_pytorch.functional import compressor, parametric_eq
from torch import Tensor

from assistant.console.channel import process_channels
from assistant.console.console import mix
from assistant.console.parameters import column, from_unit
from assistant.params import CHANNEL_PARAMS, EQ_BANDS, REVERB_PARAMS

NUM_TRACKS, SECONDS, SAMPLE_RATE = 8, 5, 44_100
NUM_THREADS, NUM_REPEATS, TARGET = 2, 15, 0.6
RESULTS = Path(__file__).parent / "results" / "speed_console.jsonl"

#: dasp's bands beside ours; its sixth is one more peak, set like our first.
_DASP_BANDS = (*(band for band, _ in EQ_BANDS[:4]), "peak1", EQ_BANDS[4][0])
_DASP_COMPRESSOR = ("threshold_db", "ratio", "attack_ms", "release_ms", "knee_db", "makeup_db")


def make_case() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Audio (1, N, 1, T), channel settings (1, N, P), reverb settings (1, P), master gain (1,)."""
    generator = torch.Generator().manual_seed(0)
    audio = 0.1 * torch.randn(1, NUM_TRACKS, 1, SECONDS * SAMPLE_RATE, generator=generator)
    settings = from_unit(0.1 + 0.8 * torch.rand(1, NUM_TRACKS, len(CHANNEL_PARAMS), generator=generator))
    bus = torch.tensor([[param.default for param in REVERB_PARAMS]])
    return audio, settings.requires_grad_(), bus.requires_grad_(), torch.zeros(1, requires_grad=True)


def make_dasp(audio: Tensor, settings: Tensor) -> Callable[[], Tensor]:
    """dasp-pytorch's EQ and compressor on the same tracks at the same settings."""
    values = settings.detach()[0]
    eq_names = [f"{band}_{part}" for band in _DASP_BANDS for part in ("gain_db", "hz", "q")]
    eq = [column(values, name).clone().requires_grad_() for name in eq_names]
    comp = [column(values, f"comp_{name}").clone().requires_grad_() for name in _DASP_COMPRESSOR]
    tracks = audio[0]

    def run() -> Tensor:
        return compressor(parametric_eq(tracks, SAMPLE_RATE, *eq), SAMPLE_RATE, *comp)

    return run


def time_step(run: Callable[[], Tensor], backward: bool) -> float:
    """Seconds for one forward pass, or a forward and a backward pass."""
    start = time.perf_counter()
    out = run()
    if backward:
        out.square().mean().backward()
    return time.perf_counter() - start


def measure(cases: dict[str, tuple[Callable[[], Tensor], bool]]) -> dict[str, dict[str, float]]:
    """Median, least and interquartile seconds of every case, repeats interleaved."""
    for run, backward in cases.values():
        time_step(run, backward)
        time_step(run, backward)
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(NUM_REPEATS):
        for name, (run, backward) in cases.items():
            times[name].append(time_step(run, backward))
    summary = {}
    for name, taken in times.items():
        low, median, high = statistics.quantiles(taken, n=4)
        summary[name] = {"median_s": median, "q1_s": low, "q3_s": high, "min_s": min(taken)}
    return summary


def machine() -> str:
    """Processor model and thread count."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    return f"{model or platform.machine()}, {NUM_THREADS} threads, torch {torch.__version__}"


def main() -> None:
    """Measure, print and append one line to ``benchmarks/results/speed_console.jsonl``."""
    torch.set_num_threads(NUM_THREADS)
    audio, settings, bus, master = make_case()
    dasp = make_dasp(audio, settings)

    def console() -> Tensor:
        return mix(audio, settings, bus, master, SAMPLE_RATE)

    def strips() -> Tensor:
        return process_channels(audio, settings, SAMPLE_RATE)

    summary = measure(
        {
            "console": (console, True),
            "dasp eq+comp": (dasp, True),
            "our channels": (strips, True),
            "console forward": (console, False),
            "dasp forward": (dasp, False),
        }
    )
    for name, row in summary.items():
        spread = f"{row['q1_s'] * 1e3:6.0f} - {row['q3_s'] * 1e3:.0f}"
        print(
            f"{name:16s} median {row['median_s'] * 1e3:6.0f} ms   quartiles {spread} ms   min {row['min_s'] * 1e3:.0f}"
        )
    ratio = summary["console"]["median_s"] / summary["dasp eq+comp"]["median_s"]
    like = summary["our channels"]["median_s"] / summary["dasp eq+comp"]["median_s"]
    print(f"whole console / dasp EQ + compressor: {ratio:.2f} (target {TARGET}); our channels / the same: {like:.2f}")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    record = {"commit": commit.stdout.strip(), "machine": machine(), "ratio": ratio, "ratio_channels": like, **summary}
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as file:
        file.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
