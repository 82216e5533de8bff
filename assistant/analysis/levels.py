"""Checked audio, decibels, and the sums that every level meter starts from.

Conventions: audio is float32 or float64 ``(C, T)``, C 1 or 2, full scale at 1.0; sums are taken in float64, one second
at a time, so that a long file costs no copy of itself. The level of silence is ``-inf`` dB, never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

HIGHEST_PEAK = 1e6
"""Audio above this amplitude (+120 dBFS) is refused as damaged."""

LOWEST_RATE, HIGHEST_RATE = 8_000, 768_000
BLOCK_SAMPLES = 65_536


@dataclass(frozen=True)
class Moments:
    """First and second moments over all ``count`` samples.

    ``means`` and ``powers`` (mean squares) hold one value per channel; ``cross`` is the mean product of left and
    right (of a mono track, its power).
    """

    count: int
    means: tuple[float, ...]
    powers: tuple[float, ...]
    cross: float


def check_audio(audio: np.ndarray) -> float:
    """The highest absolute sample of ``audio`` (0 for no samples), once it has been found fit to measure.

    Raises ``ValueError`` for another shape than ``(1 or 2, T)``, for samples that are not float32 or float64, and
    for NaN, infinity or amplitudes above :data:`HIGHEST_PEAK`.
    """
    if audio.ndim != 2 or audio.shape[0] not in (1, 2):
        raise ValueError(f"audio shape {audio.shape}: expected (channels, samples) with 1 or 2 channels; transposed?")
    if audio.dtype not in (np.float32, np.float64):
        raise ValueError(f"audio is {audio.dtype}: expected float32 or float64, full scale at 1.0; integers?")
    if audio.shape[1] == 0:
        return 0.0
    peak = max(float(audio.max()), -float(audio.min()))
    if not peak <= HIGHEST_PEAK:
        raise ValueError(f"audio peak {peak}: expected finite samples with full scale at 1.0; NaN or infinity inside?")
    return peak


def check_sample_rate(sample_rate: int) -> None:
    """Raise ``ValueError`` unless ``sample_rate`` is a whole number of Hz from 8000 to 768000."""
    whole = isinstance(sample_rate, (int, np.integer)) and not isinstance(sample_rate, bool)
    if not whole or not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise ValueError(f"sample_rate={sample_rate!r}: expected whole Hz, {LOWEST_RATE}-{HIGHEST_RATE}; kHz?")


def blocks(audio: np.ndarray, length: int = BLOCK_SAMPLES) -> Iterator[np.ndarray]:
    """``audio`` as successive contiguous float64 blocks ``(C, length)``; the last may be shorter."""
    for start in range(0, audio.shape[1], length):
        yield np.ascontiguousarray(audio[:, start : start + length], dtype=np.float64)


def channel_moments(audio: np.ndarray) -> Moments:
    """:class:`Moments` of ``audio`` ``(C, T)``; zeros when it has no samples."""
    channels, count = audio.shape
    sums, squares, cross = np.zeros(channels), np.zeros(channels), 0.0
    for block in blocks(audio):
        sums += block.sum(axis=1)
        squares += [_product_sum(channel, channel) for channel in block]
        cross += _product_sum(block[0], block[-1])
    total = max(count, 1)
    return Moments(count, tuple((sums / total).tolist()), tuple((squares / total).tolist()), cross / total)


def join_moments(parts: Sequence[Moments]) -> Moments:
    """:class:`Moments` of signals one after the other; at least one, all of as many channels."""
    total = sum(part.count for part in parts)
    weights = [part.count / max(total, 1) for part in parts]

    def mean(rows: Iterable[tuple[float, ...]]) -> tuple[float, ...]:
        return tuple(sum(w * v for w, v in zip(weights, of, strict=True)) for of in zip(*rows, strict=True))

    means, powers = mean(part.means for part in parts), mean(part.powers for part in parts)
    return Moments(total, means, powers, mean((part.cross,) for part in parts)[0])


def _product_sum(a: np.ndarray, b: np.ndarray) -> float:
    """One loop for powers and cross product alike, so that equal channels give equal sums to the last bit."""
    return float(np.einsum("t,t->", a, b))


def dc_offset(moments: Moments) -> float:
    """The mean of the channel whose mean is farthest from zero, in full scale (-1 to 1)."""
    return max(moments.means, key=abs)


def amplitude_to_db(amplitude: float) -> float:
    """20 log10 of an amplitude >= 0; ``-inf`` for 0."""
    return 20.0 * math.log10(amplitude) if amplitude > 0.0 else -math.inf


def power_to_db(power: float) -> float:
    """10 log10 of a power >= 0; ``-inf`` for 0."""
    return 10.0 * math.log10(power) if power > 0.0 else -math.inf


def powers_to_db(powers: np.ndarray) -> np.ndarray:
    """:func:`power_to_db` of every element."""
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(powers)
