"""Float audio to integers with dither.

Triangular dither two steps wide (sum of two uniform values) makes the error's mean and variance independent of the
signal: S. Lipshitz, R. Wannamaker, J. Vanderkooy, *Quantization and Dither: A Theoretical Survey*, JAES 40 (1992).
The total error then has a variance of 1/4 step squared. The noise is seeded: equal audio gives equal bytes.
"""

from __future__ import annotations

import numpy as np

SEED = 1992


class Quantiser:
    """Turns successive blocks of one file into integers of ``bits`` bits.

    Channels where ``is_silent`` (digital silence throughout the file) get no dither and stay silent.
    """

    def __init__(self, bits: int, is_silent: np.ndarray) -> None:
        self.scale = float(1 << (bits - 1))
        self.is_silent = is_silent
        self.noise = np.random.default_rng(SEED)

    def quantise(self, block: np.ndarray) -> np.ndarray:
        """``block`` float ``(C, T)`` in -1..1 as int32 ``(T, C)``; full scale rounds to the outermost codes."""
        steps = block.T.astype(np.float64) * self.scale
        uniform = self.noise.random((2, *steps.shape), np.float32)
        steps += np.where(self.is_silent, 0.0, uniform[0] - uniform[1])
        return np.clip(np.rint(steps), -self.scale, self.scale - 1).astype(np.int32)


def packed_little_endian(codes: np.ndarray, sample_bytes: int) -> bytes:
    """int32 ``(T, C)`` as interleaved little-endian integers of 2 or 3 bytes."""
    if sample_bytes == 2:
        return codes.astype("<i2").tobytes()
    parts = np.ascontiguousarray(codes.astype("<i4")).view(np.uint8).reshape(-1, 4)
    return parts[:, :3].tobytes()
