"""Fold-down to stereo: more than two channels become two.

Source: ITU-R BS.775-3 (2012), annex 4, table 2: centre and surrounds enter left and right at -3 dB; the
low-frequency channel is dropped. Channel orders are those of WAV (Microsoft, *Multiple channel audio data and WAVE
files*, 2001), which FLAC and decoded AAC share. The sums are not attenuated: float audio has room above full scale.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assistant.audio.formats import error_about

G = float(np.sqrt(0.5))

# Rows: left, right. Columns: the file's channels in order.
FOLD_DOWN: dict[int, tuple[str, list[list[float]]]] = {
    3: ("L R C", [[1, 0, G], [0, 1, G]]),
    4: ("L R Ls Rs", [[1, 0, G, 0], [0, 1, 0, G]]),
    6: ("5.1: L R C LFE Ls Rs", [[1, 0, G, 0, G, 0], [0, 1, G, 0, 0, G]]),
    8: ("7.1: L R C LFE Lb Rb Ls Rs", [[1, 0, G, 0, G, 0, G, 0], [0, 1, G, 0, 0, G, 0, G]]),
}


def check_channels(path: Path, channels: int) -> None:
    """Raise :class:`AudioError` for a number of channels that is neither 1, 2 nor one that can be folded down."""
    if channels not in (1, 2, *FOLD_DOWN):
        known = ", ".join(str(n) for n in FOLD_DOWN)
        raise error_about(path, f"{channels} channels: expected 1, 2 or {known}; split it into mono or stereo files")


def fold_down(audio: np.ndarray) -> np.ndarray:
    """``audio`` float32 ``(C, T)`` as ``(1, T)`` or ``(2, T)``; C is 1, 2 or a key of ``FOLD_DOWN``."""
    if audio.shape[0] <= 2:
        return audio
    matrix = np.array(FOLD_DOWN[audio.shape[0]][1], np.float32)
    return matrix @ audio


def with_channels(audio: np.ndarray, channels: int) -> np.ndarray:
    """``audio`` ``(1 or 2, T)`` with 1 or 2 channels: mono to stereo copies, stereo to mono averages."""
    if audio.shape[0] == channels:
        return audio
    if channels == 1:
        return np.asarray(0.5 * (audio[:1] + audio[1:2]), dtype=audio.dtype)
    return np.repeat(audio, 2, axis=0)
