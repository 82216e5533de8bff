"""Sample-rate conversion with soxr's very-high-quality filter: linear phase, its delay already taken out."""

from __future__ import annotations

import numpy as np
import soxr


def resampled_length(num_samples: int, from_rate: int, to_rate: int) -> int:
    """How many samples ``num_samples`` at ``from_rate`` Hz become at ``to_rate`` Hz (halves round up)."""
    return (2 * num_samples * to_rate + from_rate) // (2 * from_rate)


def resample(audio: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    """``audio`` float32 ``(C, T)`` at ``from_rate`` Hz, at ``to_rate`` Hz; C-contiguous, sample 0 stays at time 0."""
    if from_rate == to_rate:
        return np.ascontiguousarray(audio)
    length = resampled_length(audio.shape[1], from_rate, to_rate)
    out = np.zeros((audio.shape[0], length), np.float32)
    for channel, row in zip(audio, out, strict=True):
        converted = soxr.resample(channel, from_rate, to_rate, quality="VHQ")[:length]
        row[: len(converted)] = converted
    return out
