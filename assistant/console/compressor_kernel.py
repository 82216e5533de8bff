"""Compiled loops of the compressor: level, gain computer, branching smoother and gain, and their exact adjoint.

Samples are worked on in blocks that stay in the first-level cache: what has no memory vectorises, only the smoother
and its adjoint run sample by sample. State and arithmetic are float64 whatever the audio is. The forward pass keeps
the smoother's state at the start of every block; the backward pass runs the blocks last to first and recomputes them.
"""

from __future__ import annotations

import math

import numba
import numpy as np

Array = np.ndarray

#: Samples per block.
BLOCK = 1024
#: Rows of the scratch memory of one thread.
NUM_SCRATCH = 6

#: Peaks are held above this before the logarithm: -120 dB.
FLOOR = 1e-6

_LEVEL_SCALE = 20.0 / math.log(10.0)
_EXPONENT_SCALE = 20.0 * math.log10(2.0)
_GAIN_SCALE = math.log2(10.0) / 20.0
_MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
_ONE = np.int64(0x3FF0000000000000)
#: 1/3, 1/5 ... of the series of atanh, and ln(2)^n / n! of 2^x; both end below float64's precision.
_ATANH = tuple(1.0 / (2 * n + 1) for n in range(11))
_EXP2 = tuple(math.log(2.0) ** n / math.factorial(n) for n in range(14))

# Divisions without an exception check, or they do not vectorise. No "nnan", "ninf": what is not finite stays visible.
_compiled = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})


@_compiled
def _fill_peaks(signals: Array, first: int, last: int, start: int, peak: Array) -> None:
    """The largest magnitude over signals ``first`` to ``last`` at every sample from ``start``, at least ``FLOOR``."""
    peak[:] = FLOOR
    for signal in range(first, last):
        samples = signals[signal, start : start + BLOCK]
        for n in range(samples.shape[0]):
            peak[n] = max(peak[n], abs(np.float64(samples[n])))


@_compiled
def _fill_levels(peak: Array, bits: Array, level: Array) -> None:
    """20 log10 of ``peak`` by exponent and atanh series, to float64's precision; ``bits`` is scratch."""
    whole = peak.view(np.int64)
    mantissa = bits.view(np.float64)
    for n in range(BLOCK):
        bits[n] = (whole[n] & _MANTISSA) | _ONE
    for n in range(BLOCK):
        exponent = np.float64((whole[n] >> 52) - 1023)
        is_upper = mantissa[n] > 1.4142135623730951
        m = 0.5 * mantissa[n] if is_upper else mantissa[n]
        exponent = exponent + 1.0 if is_upper else exponent
        z = (m - 1.0) / (m + 1.0)
        z2 = z * z
        series = _ATANH[10]
        series = series * z2 + _ATANH[9]
        series = series * z2 + _ATANH[8]
        series = series * z2 + _ATANH[7]
        series = series * z2 + _ATANH[6]
        series = series * z2 + _ATANH[5]
        series = series * z2 + _ATANH[4]
        series = series * z2 + _ATANH[3]
        series = series * z2 + _ATANH[2]
        series = series * z2 + _ATANH[1]
        series = series * z2 + _ATANH[0]
        level[n] = exponent * _EXPONENT_SCALE + (2.0 * _LEVEL_SCALE) * z * series


@_compiled
def _fill_gains(smooth: Array, makeup_db: float, bits: Array, gain: Array) -> None:
    """10^((makeup_db - smooth) / 20) by exponent and power series, to float64's precision; ``bits`` is scratch."""
    for n in range(BLOCK):
        octaves = min(max((makeup_db - smooth[n]) * _GAIN_SCALE, -1000.0), 1000.0)
        whole = np.floor(octaves + 0.5)
        x = octaves - whole
        bits[n] = (np.int64(whole) + 1023) << 52
        series = _EXP2[13]
        series = series * x + _EXP2[12]
        series = series * x + _EXP2[11]
        series = series * x + _EXP2[10]
        series = series * x + _EXP2[9]
        series = series * x + _EXP2[8]
        series = series * x + _EXP2[7]
        series = series * x + _EXP2[6]
        series = series * x + _EXP2[5]
        series = series * x + _EXP2[4]
        series = series * x + _EXP2[3]
        series = series * x + _EXP2[2]
        series = series * x + _EXP2[1]
        gain[n] = series * x + _EXP2[0]
    scale = bits.view(np.float64)
    for n in range(BLOCK):
        gain[n] *= scale[n]


@_compiled
def _fill_reductions(level: Array, threshold_db: float, slope: float, knee_db: float, reduction: Array) -> None:
    """Gain reduction in dB the static curve asks for at every level."""
    half = 0.5 * knee_db
    for n in range(BLOCK):
        over = level[n] - threshold_db
        inside = min(max(over + half, 0.0), knee_db)
        reduction[n] = slope * (inside * inside / (2.0 * knee_db) + max(over - half, 0.0))


@_compiled
def _smooth(reduction: Array, attack: float, release: float, state: float, count: int, smooth: Array) -> float:
    """Branching one-pole smoothing from ``state``; returns the state after ``count`` samples."""
    for n in range(count):
        step = reduction[n] - state
        state += (attack if step > 0.0 else release) * step
        smooth[n] = state
    return state


@_compiled
def compress_rows(
    signals: Array, row_starts: Array, controls: Array, states: Array, out: Array, start: int, stop: int
) -> None:
    """Compress rows ``start`` to ``stop``.

    ``signals``, ``out`` (S, T); row r owns signals ``row_starts[r]`` to ``row_starts[r + 1]``, linked; ``controls``
    (R, 6): threshold_db, slope 1 - 1/ratio, knee_db > 0, attack and release coefficient, makeup_db; ``states``
    (R, blocks) takes the smoother's state before every block.
    """
    num_samples = signals.shape[1]
    scratch, bits = np.zeros((NUM_SCRATCH, BLOCK)), np.zeros(BLOCK, np.int64)
    peak, level, reduction, smooth, gain = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    for row in range(start, stop):
        first, last = row_starts[row], row_starts[row + 1]
        threshold_db, slope, knee_db, attack, release, makeup_db = controls[row]
        state = 0.0
        for block in range(states.shape[1]):
            begin = block * BLOCK
            count = min(BLOCK, num_samples - begin)
            states[row, block] = state
            _fill_peaks(signals, first, last, begin, peak)
            _fill_levels(peak, bits, level)
            _fill_reductions(level, threshold_db, slope, knee_db, reduction)
            state = _smooth(reduction, attack, release, state, count, smooth)
            _fill_gains(smooth, makeup_db, bits, gain)
            for signal in range(first, last):
                source, target = signals[signal, begin : begin + count], out[signal, begin : begin + count]
                for n in range(count):
                    target[n] = source[n] * gain[n]


@_compiled
def _smooth_adjoint(
    reduction: Array,
    smooth: Array,
    before: float,
    controls: Array,
    later: float,
    count: int,
    adjoint: Array,
    grad: Array,
) -> float:
    """Run the smoother's adjoint backwards through one block.

    ``adjoint`` comes in as the gradient of every smoothed value and leaves as that of every reduction; ``before`` is
    the state before the block, ``later`` the gradient its last state receives from later blocks. Adds to ``grad`` the
    gradients of the coefficients and returns the gradient of ``before``.
    """
    attack, release = controls[3], controls[4]
    grad_attack, grad_release = 0.0, 0.0
    for n in range(count - 1, -1, -1):
        previous = smooth[n - 1] if n > 0 else before
        step = reduction[n] - previous
        total = adjoint[n] + later
        is_attack = step > 0.0
        coefficient = attack if is_attack else release
        grad_attack += total * step if is_attack else 0.0
        grad_release += 0.0 if is_attack else total * step
        adjoint[n] = coefficient * total
        later = total - coefficient * total
    grad[3] += grad_attack
    grad[4] += grad_release
    return later


@_compiled
def _curve_adjoint(level: Array, controls: Array, count: int, adjoint: Array, grad: Array) -> None:
    """Turn ``adjoint`` from the gradient of the reductions into that of the levels; add to the curve's ``grad``."""
    threshold_db, slope, knee_db = controls[0], controls[1], controls[2]
    half = 0.5 * knee_db
    grad_threshold, grad_slope, grad_knee = 0.0, 0.0, 0.0
    for n in range(count):
        over = level[n] - threshold_db
        inside = min(max(over + half, 0.0), knee_db)
        share = inside / knee_db
        grad_slope += adjoint[n] * (inside * share * 0.5 + max(over - half, 0.0))
        grad_knee += adjoint[n] * slope * share * (1.0 - share) * 0.5
        adjoint[n] *= slope * share
        grad_threshold -= adjoint[n]
    grad[0] += grad_threshold
    grad[1] += grad_slope
    grad[2] += grad_knee


@_compiled
def _gain_adjoint(
    signals: Array, grads: Array, first: int, last: int, begin: int, gain: Array, count: int, adjoint: Array, out: Array
) -> float:
    """Gradient of every smoothed reduction into ``adjoint``, of the signals by the gain alone into ``out``.

    Returns the gradient of the make-up gain.
    """
    adjoint[:] = 0.0
    for signal in range(first, last):
        source, grad = signals[signal, begin : begin + count], grads[signal, begin : begin + count]
        target = out[signal, begin : begin + count]
        for n in range(count):
            through = grad[n] * gain[n]
            adjoint[n] -= (source[n] / _LEVEL_SCALE) * through
            target[n] = through
    total = 0.0
    for n in range(count):
        total -= adjoint[n]
    return total


@_compiled
def _level_adjoint(
    signals: Array, first: int, last: int, begin: int, peak: Array, count: int, adjoint: Array, out: Array
) -> None:
    """Add the gradient of every level to that of the sample that set it: the first of equals, none at the floor.

    Takes what it hands on out of ``adjoint``.
    """
    for signal in range(first, last):
        source, target = signals[signal, begin : begin + count], out[signal, begin : begin + count]
        for n in range(count):
            sample = np.float64(source[n])
            is_peak = abs(sample) == peak[n] and peak[n] > FLOOR
            share = adjoint[n] if is_peak else 0.0
            target[n] += _LEVEL_SCALE * share / (sample if is_peak else 1.0)
            adjoint[n] = 0.0 if is_peak else adjoint[n]


@_compiled
def gradient_rows(
    signals: Array,
    grads: Array,
    row_starts: Array,
    controls: Array,
    states: Array,
    out: Array,
    grad_controls: Array,
    start: int,
    stop: int,
) -> None:
    """Adjoint of :func:`compress_rows`: from ``grads`` (S, T) of its output.

    ``out`` (S, T) takes the signals' gradient and ``grad_controls`` (R, 6), zero on entry, that of the controls.
    """
    num_samples = signals.shape[1]
    scratch, bits = np.zeros((NUM_SCRATCH, BLOCK)), np.zeros(BLOCK, np.int64)
    peak, level, reduction, smooth = scratch[0], scratch[1], scratch[2], scratch[3]
    gain, adjoint = scratch[4], scratch[5]
    for row in range(start, stop):
        first, last, control, grad = row_starts[row], row_starts[row + 1], controls[row], grad_controls[row]
        later = 0.0
        for block in range(states.shape[1] - 1, -1, -1):
            begin, before = block * BLOCK, states[row, block]
            count = min(BLOCK, num_samples - begin)
            _fill_peaks(signals, first, last, begin, peak)
            _fill_levels(peak, bits, level)
            _fill_reductions(level, control[0], control[1], control[2], reduction)
            _smooth(reduction, control[3], control[4], before, count, smooth)
            _fill_gains(smooth, control[5], bits, gain)
            grad[5] += _gain_adjoint(signals, grads, first, last, begin, gain, count, adjoint, out)
            later = _smooth_adjoint(reduction, smooth, before, control, later, count, adjoint, grad)
            _curve_adjoint(level, control, count, adjoint, grad)
            _level_adjoint(signals, first, last, begin, peak, count, adjoint, out)
