"""How a stereo signal stands between left and right, over its whole length.

Mid is (L + R) / 2 and side (L - R) / 2. A mono track has no side: correlation 1, width 0, balance 0. Silence is
treated as mono, because both channels are the same.
"""

from __future__ import annotations

import math

import numpy as np

from assistant.analysis.levels import Moments, channel_moments, check_audio, power_to_db


def correlation(audio: np.ndarray) -> float:
    """Correlation of left and right of ``audio`` ``(C, T)``, -1 to 1, without removing the means.

    1 for mono and for silence on both sides; 0 when one side alone is silent; -1 for opposite polarity.
    """
    check_audio(audio)
    return correlation_from(channel_moments(audio))


def stereo_width(audio: np.ndarray) -> float:
    """Side power over mid plus side power of ``audio`` ``(C, T)``, 0 to 1.

    0 for mono and for silence; 0.5 for uncorrelated channels and for a signal on one side alone; 1 for pure side.
    """
    check_audio(audio)
    return width_from(channel_moments(audio))


def balance_db(audio: np.ndarray) -> float:
    """Power of the right channel over the left of ``audio`` ``(C, T)`` in dB.

    0 for mono and for silence; ``inf`` when left alone is silent, ``-inf`` when right alone is.
    """
    check_audio(audio)
    return balance_from(channel_moments(audio))


def correlation_from(moments: Moments) -> float:
    """:func:`correlation` from :class:`Moments`."""
    left, right = moments.powers[0], moments.powers[-1]
    if left == right == moments.cross:
        return 1.0
    if left == 0.0 or right == 0.0:
        return 0.0
    return max(-1.0, min(1.0, moments.cross / (math.sqrt(left) * math.sqrt(right))))


def width_from(moments: Moments) -> float:
    """:func:`stereo_width` from :class:`Moments`."""
    both = (moments.powers[0] + moments.powers[-1]) / 2.0
    return max(0.0, min(1.0, 0.5 * (1.0 - moments.cross / both))) if both > 0.0 else 0.0


def balance_from(moments: Moments) -> float:
    """:func:`balance_db` from :class:`Moments`."""
    left, right = moments.powers[0], moments.powers[-1]
    if left == right:
        return 0.0
    return power_to_db(right) - power_to_db(left)
