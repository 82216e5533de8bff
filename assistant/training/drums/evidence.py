"""What the drum engineer listens for: how loud a track is, how high a tom, on which side the hi-hat.

All three follow the audio alone and are independent of its level, or follow it exactly.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from assistant.analysis.levels import amplitude_to_db
from assistant.analysis.loudness import integrated_loudness
from assistant.arrays import FloatArray

_BLOCK_S, _WINDOW_S, _NEAR_PEAK = 0.05, 0.2, 0.25
_TOM_HZ = (55.0, 330.0)
_HAT_FROM_HZ, _LONGEST_LAG_S = 4_000.0, 0.012


def loudness_lufs(audio: FloatArray, sample_rate: int) -> float:
    """Integrated loudness of ``audio`` ``(C, T)``, not silent; follows its gain exactly, as the peak sets the gate."""
    peak = float(np.abs(audio).max())
    return integrated_loudness(audio / peak, sample_rate) + amplitude_to_db(peak)


def tom_pitch_hz(audio: FloatArray, sample_rate: int) -> float:
    """The strongest frequency from 55 to 330 Hz where the tom in ``audio`` ``(T,)`` or ``(1, T)`` is at its loudest."""
    sound = np.asarray(audio).reshape(-1)
    block, length = round(_BLOCK_S * sample_rate), round(_WINDOW_S * sample_rate)
    padded = np.pad(sound, (0, max(length, -len(sound) % block + length)))
    count = (len(padded) - length) // block
    power = np.square(padded[: count * block]).reshape(count, block).mean(axis=1)
    loud = np.flatnonzero(power >= _NEAR_PEAK * power.max())[:24]
    frames = np.stack([padded[b * block : b * block + length] for b in loud]) * np.hanning(length)
    size = 2 ** (sample_rate - 1).bit_length()
    spectrum = np.square(np.abs(fft.rfft(frames, size, axis=1))).sum(axis=0)
    first, last = (round(hz * size / sample_rate) for hz in _TOM_HZ)
    return float((first + np.argmax(spectrum[first:last])) * sample_rate / size)


def hat_strengths(hat: FloatArray, channels: FloatArray, sample_rate: int) -> FloatArray:
    """How strongly each of ``channels`` ``(K, T)`` carries what the close microphone ``hat`` ``(T,)`` hears: ``(K,)``.

    The height of the cross-correlation above 4 kHz, for delays up to 12 ms either way; scales with each channel.
    """
    size = fft.next_fast_len(len(hat), real=True)
    lag = round(_LONGEST_LAG_S * sample_rate)
    first = round(_HAT_FROM_HZ * size / sample_rate)
    reference = np.conj(fft.rfft(hat.astype(np.float32), size))
    reference[:first] = 0.0
    strengths = []
    for channel in channels:
        correlation = fft.irfft(reference * fft.rfft(channel.astype(np.float32), size), size)
        strengths.append(max(np.abs(correlation[: lag + 1]).max(), np.abs(correlation[-lag:]).max()))
    return np.array(strengths)
