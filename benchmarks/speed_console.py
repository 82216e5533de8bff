"""How long does one learning step through our whole console take, beside dasp-pytorch's EQ and compressor alone?

Ours: trim, polarity, high-pass, five-band EQ, compressor, fader, pan, send, reverb bus, sum and master, forward and
backward with gradients for every parameter. Theirs: ``parametric_eq`` and ``compressor`` forward and backward with
gradients for every parameter; no sum, no reverb (theirs takes many times longer), and a release time that is ignored.
8 mono tracks of 5 s at 44.1 kHz, float32. Repeats are interleaved, so that what else the machine does hits both.

    python benchmarks/speed_console.py

Needs ``pip install --no-deps dasp-pytorch`` (its dependencies are not needed for these functions).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from dasp_pytorch.functional import compressor, parametric_eq
from recording import record, spread, time_in_turns
from torch import Tensor

from assistant.console.channel import process_channels
from assistant.console.console import mix
from assistant.console.parameters import column, from_unit
from assistant.params import CHANNEL_PARAMS, EQ_BANDS, REVERB_PARAMS

NUM_TRACKS, SECONDS, SAMPLE_RATE = 8, 5, 44_100
NUM_THREADS, NUM_REPEATS, TARGET = 2, 15, 0.6

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


def step(run: Callable[[], Tensor]) -> None:
    """A forward and a backward pass."""
    run().square().mean().backward()


def main() -> None:
    """Print all medians with their spread, and our share of dasp-pytorch's time."""
    torch.set_num_threads(NUM_THREADS)
    audio, settings, bus, master = make_case()
    dasp = make_dasp(audio, settings)

    def console() -> Tensor:
        return mix(audio, settings, bus, master, SAMPLE_RATE)

    def strips() -> Tensor:
        return process_channels(audio, settings, SAMPLE_RATE)

    seconds = time_in_turns(
        {
            "console": lambda: step(console),
            "dasp eq+comp": lambda: step(dasp),
            "our channels": lambda: step(strips),
            "console forward": console,
            "dasp forward": dasp,
        },
        NUM_REPEATS,
        warm_ups=2,
    )
    figures = {name: spread(values) for name, values in seconds.items()}
    for name, row in figures.items():
        print(f"{name:16s}" + "".join(f"   {key} {value * 1e3:5.0f} ms" for key, value in row.items()))
    theirs = figures["dasp eq+comp"]["median"]
    ratio, channels_ratio = figures["console"]["median"] / theirs, figures["our channels"]["median"] / theirs
    print(f"whole console / dasp EQ + compressor: {ratio:.2f} (target {TARGET}); our channels: {channels_ratio:.2f}")
    record("speed_console", {"ratio": ratio, "channels_ratio": channels_ratio, "threads": NUM_THREADS, **figures})


if __name__ == "__main__":
    main()
