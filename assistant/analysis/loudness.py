"""Loudness after ITU-R BS.1770-5 (2023), EBU R 128, EBU Tech 3341 and Tech 3342 (2023).

Conventions: LUFS. Every channel has weight 1, so a mono track is one channel, as file meters have it: it reads 3 dB
below the same signal on both channels of a stereo track. Windows lie wholly inside the signal; a signal shorter than
a window has none. Silence is ``-inf``.

Everything derives from one series, :func:`weighted_powers`: the K-weighted power of each 10 ms. 10 ms because the
maxima need it: at the 100 ms steps of the gating blocks, EBU Tech 3341 cases 13 and 14 are missed by up to 0.6 dB.

Why not a library: pyebur128 0.1.1 (libebur128) integrates correctly, and the tests use it as a second opinion, but
its binding yields momentary maxima only through a Python call per 10 ms (1.3 s for five minutes of stereo), and it
steps LRA by whole seconds: on sparse stems that figure moves by up to 4 LU with the phase of the grid (14.6 LU for a
hi-hat stem that reads 11.0 here and 11.1 in ffmpeg). pyloudnorm 0.2 offers neither momentary nor true peak, takes nine
times as long for the integrated figure, and copies the whole file. The filter below is two sections in scipy.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.signal import sosfilt

from assistant.analysis.levels import blocks, check_audio, check_sample_rate, power_to_db, powers_to_db

STEPS_PER_S = 100
MOMENTARY_STEPS = 40
SHORT_TERM_STEPS = 300
HOP_STEPS = 10
OFFSET_DB = -0.691
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
RANGE_PERCENTILES = (10, 95)
SETTLED = 1e-9
"""Filter memory below this amplitude (-180 dBFS) is forgotten in silence, before it decays into slow denormals."""


def integrated_loudness(audio: np.ndarray, sample_rate: int) -> float:
    """Gated programme loudness of ``audio`` ``(C, T)`` in LUFS.

    ``-inf`` when no 400 ms block is above -70 LUFS: silence, or less than 400 ms of signal.
    """
    return gated_loudness(_checked_powers(audio, sample_rate))


def momentary_loudness(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Loudness in LUFS of every 400 ms window, one each 100 ms: ``(windows,)``, empty below 400 ms."""
    return loudness_over_time(_checked_powers(audio, sample_rate), MOMENTARY_STEPS)


def short_term_loudness(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Loudness in LUFS of every 3 s window, one each 100 ms: ``(windows,)``, empty below 3 s."""
    return loudness_over_time(_checked_powers(audio, sample_rate), SHORT_TERM_STEPS)


def max_momentary_loudness(audio: np.ndarray, sample_rate: int) -> float:
    """Highest loudness in LUFS of any 400 ms window, looked for every 10 ms; ``-inf`` below 400 ms."""
    return highest_loudness(_checked_powers(audio, sample_rate), MOMENTARY_STEPS)


def max_short_term_loudness(audio: np.ndarray, sample_rate: int) -> float:
    """Highest loudness in LUFS of any 3 s window, looked for every 10 ms; ``-inf`` below 3 s."""
    return highest_loudness(_checked_powers(audio, sample_rate), SHORT_TERM_STEPS)


def loudness_range(audio: np.ndarray, sample_rate: int) -> float:
    """Loudness range in LU (EBU Tech 3342): the 10 to 95 % spread of gated short-term loudness.

    0 when no 3 s window is above -70 LUFS: silence, or less than 3 s of signal.
    """
    return gated_range(_checked_powers(audio, sample_rate))


def weighted_powers(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """K-weighted power of each whole 10 ms of ``audio`` ``(C, T)``, summed over channels: ``(T // 10 ms,)``.

    At rates that 100 does not divide, steps alternate between the two nearest sample counts.
    """
    sections = k_weighting(sample_rate)
    memory = np.zeros((2, audio.shape[0], 2))
    edges = np.arange(STEPS_PER_S + 1) * sample_rate // STEPS_PER_S
    powers = []
    for block in blocks(audio, sample_rate):
        if not block.any() and np.abs(memory).max() < SETTLED:
            memory[:] = 0.0
            filtered = block
        else:
            filtered, memory = sosfilt(sections, block, zi=memory)
        whole = int(np.searchsorted(edges, block.shape[1], side="right")) - 1
        if whole:
            squares = np.einsum("ct,ct->t", filtered, filtered)[: edges[whole]]
            powers.append(np.add.reduceat(squares, edges[:whole]) / np.diff(edges[: whole + 1]))
    return np.concatenate(powers) if powers else np.zeros(0)


def k_weighting(sample_rate: int) -> np.ndarray:
    """The two second-order sections ``(2, 6)`` of the K-weighting (BS.1770-5 annex 1) at ``sample_rate`` Hz.

    The standard tabulates 48 kHz alone; other rates transform the analogue filters behind that table (centre, gain
    and Q after Mansbridge, Finn, Reiss: Implementation and evaluation of autonomous multi-track fader control,
    AES 132, 2012) and agree with it at 48 kHz to 1e-14 per coefficient.
    """
    k = math.tan(math.pi * 1681.974450955533 / sample_rate)
    q, high = 0.7071752369554196, 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    norm = 1.0 + k / q + k * k
    shelf = [high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k]
    shelf_poles = [norm, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k]
    k = math.tan(math.pi * 38.13547087602444 / sample_rate)
    q = 0.5003270373238773
    low_norm = 1.0 + k / q + k * k
    poles = [1.0, 2.0 * (k * k - 1.0) / low_norm, (1.0 - k / q + k * k) / low_norm]
    return np.array([[*(v / norm for v in shelf), *(v / norm for v in shelf_poles)], [1.0, -2.0, 1.0, *poles]])


def window_powers(powers: np.ndarray, steps: int) -> np.ndarray:
    """Mean power of every window of ``steps`` successive 10 ms steps: ``(len(powers) - steps + 1,)`` or empty."""
    if len(powers) < steps:
        return np.zeros(0)
    return np.lib.stride_tricks.sliding_window_view(powers, steps).mean(axis=1)


def loudness_over_time(powers: np.ndarray, steps: int) -> np.ndarray:
    """Loudness in LUFS of every window of ``steps`` 10 ms steps, one each 100 ms, from :func:`weighted_powers`."""
    return powers_to_db(window_powers(powers, steps)[::HOP_STEPS]) + OFFSET_DB


def highest_loudness(powers: np.ndarray, steps: int) -> float:
    """Loudness in LUFS of the loudest window of ``steps`` 10 ms steps; ``-inf`` when there is none."""
    return power_to_db(float(window_powers(powers, steps).max(initial=0.0))) + OFFSET_DB


def gated_loudness(powers: np.ndarray) -> float:
    """Integrated loudness in LUFS from :func:`weighted_powers` (BS.1770-5 annex 1, equations 3 to 7)."""
    gated = _above_gates(window_powers(powers, MOMENTARY_STEPS)[::HOP_STEPS], RELATIVE_GATE_LU)
    return power_to_db(float(gated.mean())) + OFFSET_DB if len(gated) else -math.inf


def gated_range(powers: np.ndarray) -> float:
    """Loudness range in LU from :func:`weighted_powers` (EBU Tech 3342, section 2 and its MATLAB listing)."""
    gated = np.sort(_above_gates(window_powers(powers, SHORT_TERM_STEPS)[::HOP_STEPS], RANGE_GATE_LU))
    if not len(gated):
        return 0.0
    low, high = (gated[math.floor((len(gated) - 1) * p / 100 + 0.5)] for p in RANGE_PERCENTILES)
    return power_to_db(float(high)) - power_to_db(float(low))


def _above_gates(powers: np.ndarray, relative_lu: float) -> np.ndarray:
    """The window powers above -70 LUFS and above ``relative_lu`` below the mean of those."""
    loud = powers[powers > _loudness_to_power(ABSOLUTE_GATE_LUFS)]
    return loud[loud > loud.mean() * 10.0 ** (relative_lu / 10.0)] if len(loud) else loud


def _loudness_to_power(loudness_lufs: float) -> float:
    return 10.0 ** ((loudness_lufs - OFFSET_DB) / 10.0)


def _checked_powers(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    check_audio(audio)
    check_sample_rate(sample_rate)
    return weighted_powers(audio, sample_rate)
