"""Compiled loops of the reverb bus: pre-delay, low cut, diffusion and the feedback delay network, with their adjoints.

Everything here is linear and time-invariant and starts from silence, so the adjoint of a stage with one input and one
output is the same stage run on the time-reversed gradient; the adjoint of the network is the network run backwards
with entry and exit weights exchanged. What is added are the inner products that give the parameters' gradients.
Arithmetic and state are float64. Arrays: audio ``(2, T)`` left and right; L lines.

Contents: ``interpolate``, ``tap_gradients``, ``low_cut``, ``diffuse``, ``run_network``, ``run_network_adjoint``.
"""

from __future__ import annotations

import math

import numba
import numpy as np

Array = np.ndarray

#: Samples per block: all lines of a block stay in the first-level cache. No delay line may be shorter.
BLOCK = 64

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
_summing = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})


@_compiled
def interpolate(audio: Array, whole: int, taps: Array) -> Array:
    """``audio`` (2, T) through the FIR filter ``taps`` (M,) that starts ``whole`` samples late; (2, T)."""
    num_samples = audio.shape[1]
    out = np.zeros((2, num_samples))
    for tap in range(taps.shape[0]):
        weight, late = taps[tap], whole + tap
        for channel in range(2):
            for n in range(late, num_samples):
                out[channel, n] += weight * audio[channel, n - late]
    return out


@_summing
def tap_gradients(audio: Array, grad: Array, whole: int, num_taps: int) -> Array:
    """Gradients (num_taps,) of the taps of :func:`interpolate`, from ``grad`` (2, T) of its output."""
    out = np.zeros(num_taps)
    for tap in range(num_taps):
        late, total = whole + tap, 0.0
        for channel in range(2):
            for n in range(late, audio.shape[1]):
                total += grad[channel, n] * audio[channel, n - late]
        out[tap] = total
    return out


@_compiled
def low_cut(audio: Array, g: float, k: float, m0: float, m1: float, m2: float) -> Array:
    """``audio`` (2, T) through a trapezoidal state-variable filter: m0 input + m1 band-pass + m2 low-pass; (2, T).

    ``g`` is tan(pi f / sample_rate), ``k`` is 1/Q. The equations are those of ``fi.svf`` in the Faust libraries
    (Simper, "Solving the continuous SVF equations using trapezoidal integration and equivalent currents", 2013).
    """
    out = np.empty(audio.shape)
    scale = 1.0 / (1.0 + g * (g + k))
    left1, left2, right1, right2 = 0.0, 0.0, 0.0, 0.0
    for n in range(audio.shape[1]):
        left, right = audio[0, n], audio[1, n]
        left_band = (left1 + g * (left - left2)) * scale
        right_band = (right1 + g * (right - right2)) * scale
        left_low = left2 + g * left_band
        right_low = right2 + g * right_band
        left1, left2 = 2.0 * left_band - left1, 2.0 * left_low - left2
        right1, right2 = 2.0 * right_band - right1, 2.0 * right_low - right2
        out[0, n] = m0 * left + m1 * left_band + m2 * left_low
        out[1, n] = m0 * right + m1 * right_band + m2 * right_low
    return out


@_compiled
def diffuse(audio: Array, delays: Array, coefficient: float) -> Array:
    """``audio`` (2, T) through Schroeder all-passes in series, ``delays`` (2, stages) in samples; (2, T)."""
    out = audio.copy()
    num_samples = audio.shape[1]
    inner = np.empty(num_samples)
    for channel in range(2):
        signal = out[channel]
        for stage in range(delays.shape[1]):
            late = delays[channel, stage]
            start = min(late, num_samples)
            for n in range(start):
                inner[n] = signal[n]
                signal[n] *= -coefficient
            for n in range(start, num_samples):
                inner[n] = signal[n] + coefficient * inner[n - late]
                signal[n] = inner[n - late] - coefficient * inner[n]
    return out


@_compiled
def _filter_lines(
    rings: Array, delays: Array, gains: Array, shares: Array, states: Array, start: int, out: Array
) -> None:
    """One block of every line's end: delay, gain and one-pole low-pass; four lines at a time to hide the latency."""
    mask = rings.shape[1] - 1
    for i in range(0, delays.shape[0], 4):
        ring0, ring1, ring2, ring3 = rings[i], rings[i + 1], rings[i + 2], rings[i + 3]
        from0, from1 = start - delays[i], start - delays[i + 1]
        from2, from3 = start - delays[i + 2], start - delays[i + 3]
        in0, in1 = gains[i] * shares[i], gains[i + 1] * shares[i + 1]
        in2, in3 = gains[i + 2] * shares[i + 2], gains[i + 3] * shares[i + 3]
        keep0, keep1, keep2, keep3 = 1.0 - shares[i], 1.0 - shares[i + 1], 1.0 - shares[i + 2], 1.0 - shares[i + 3]
        y0, y1, y2, y3 = states[i], states[i + 1], states[i + 2], states[i + 3]
        for n in range(BLOCK):
            y0 = keep0 * y0 + in0 * ring0[(from0 + n) & mask]
            y1 = keep1 * y1 + in1 * ring1[(from1 + n) & mask]
            y2 = keep2 * y2 + in2 * ring2[(from2 + n) & mask]
            y3 = keep3 * y3 + in3 * ring3[(from3 + n) & mask]
            out[i, n], out[i + 1, n], out[i + 2, n], out[i + 3, n] = y0, y1, y2, y3
        states[i], states[i + 1], states[i + 2], states[i + 3] = y0, y1, y2, y3


@_compiled
def _add_outputs(lines: Array, weights: Array, start: int, count: int, out: Array) -> None:
    """Add ``weights`` (2, lines) times one block of ``lines`` to ``out`` (2, T)."""
    for channel in range(2):
        target = out[channel, start : start + count]
        for i in range(lines.shape[0]):
            weight, line = weights[channel, i], lines[i]
            if weight != 0.0:
                for n in range(count):
                    target[n] += weight * line[n]


@_compiled
def _hadamard(lines: Array) -> None:
    """Fast Walsh-Hadamard transform, unscaled and in place, across the first axis of ``lines`` (lines, BLOCK)."""
    half = 1
    while half < lines.shape[0]:
        for group in range(0, lines.shape[0], 2 * half):
            for i in range(group, group + half):
                upper, lower = lines[i], lines[i + half]
                for n in range(BLOCK):
                    a, b = upper[n], lower[n]
                    upper[n] = a + b
                    lower[n] = a - b
        half *= 2


@_compiled
def _mix(lines: Array, weights: Array, audio: Array, start: int, count: int) -> None:
    """Replace ``lines`` by their orthonormal mixture plus ``weights`` (2, L) times ``audio``, zero after ``count``."""
    _hadamard(lines)
    scale = 1.0 / math.sqrt(lines.shape[0])
    left, right = audio[0, start : start + count], audio[1, start : start + count]
    for i in range(lines.shape[0]):
        line, from_left, from_right = lines[i], weights[0, i], weights[1, i]
        for n in range(count):
            line[n] = scale * line[n] + from_left * left[n] + from_right * right[n]
        line[count:] = 0.0


@_compiled
def _write_rings(rings: Array, lines: Array, start: int) -> None:
    """Feed one block into the delay lines at time ``start``, a multiple of ``BLOCK``."""
    begin = start & (rings.shape[1] - 1)
    for i in range(lines.shape[0]):
        ring, line = rings[i, begin : begin + BLOCK], lines[i]
        for n in range(BLOCK):
            ring[n] = line[n]


@_compiled
def _new_rings(delays: Array) -> Array:
    """Silent delay lines, as long as a power of two that holds the longest delay and one block."""
    size = BLOCK
    while size < np.max(delays) + BLOCK:
        size *= 2
    return np.zeros((delays.shape[0], size))


@_compiled
def run_network(
    audio: Array, delays: Array, gains: Array, shares: Array, entry: Array, leave: Array, ends: Array
) -> Array:
    """The feedback delay network on ``audio`` (2, T); returns (2, T).

    ``delays`` (L,) in samples, at least ``BLOCK``; every line ends in y += share (gain x - y) with ``gains`` and
    ``shares`` (L,); an orthonormal Hadamard matrix mixes them back. ``entry`` and ``leave`` (2, L) weight left and
    right into and out of the lines; L is a power of two, at least 4. ``ends`` (blocks, L, BLOCK), if it has any
    blocks, takes every line's end, which the adjoint needs.
    """
    num_lines, num_samples = delays.shape[0], audio.shape[1]
    out = np.zeros((2, num_samples))
    rings, lines, states = _new_rings(delays), np.empty((num_lines, BLOCK)), np.zeros(num_lines)
    for start in range(0, num_samples, BLOCK):
        count = min(BLOCK, num_samples - start)
        _filter_lines(rings, delays, gains, shares, states, start, lines)
        _add_outputs(lines, leave, start, count, out)
        if ends.shape[0] > 0:
            kept = ends[start // BLOCK]
            for i in range(num_lines):
                for n in range(BLOCK):
                    kept[i, n] = lines[i, n]
        _mix(lines, entry, audio, start, count)
        _write_rings(rings, lines, start)
    return out


@_compiled
def _read_rings(rings: Array, delays: Array, start: int, lines: Array) -> None:
    """One block of what was written ``delays`` later, for the network run backwards."""
    mask = rings.shape[1] - 1
    for i in range(delays.shape[0]):
        begin = (start + delays[i]) & mask
        first = min(BLOCK, mask + 1 - begin)
        ring, line = rings[i], lines[i]
        for n in range(first):
            line[n] = ring[begin + n]
        for n in range(first, BLOCK):
            line[n] = ring[begin + n - mask - 1]


@_compiled
def _filter_backwards(lines: Array, shares: Array, adjoints: Array) -> None:
    """One-pole low-pass of gain 1 / share from the block's last sample to its first: the gradient of every end.

    ``adjoints`` (L, BLOCK + 1) takes it; on entry its first column is that of the block after, which moves to the end.
    """
    for i in range(0, lines.shape[0], 4):
        keep0, keep1, keep2, keep3 = 1.0 - shares[i], 1.0 - shares[i + 1], 1.0 - shares[i + 2], 1.0 - shares[i + 3]
        y0, y1, y2, y3 = adjoints[i, 0], adjoints[i + 1, 0], adjoints[i + 2, 0], adjoints[i + 3, 0]
        adjoints[i, BLOCK], adjoints[i + 1, BLOCK], adjoints[i + 2, BLOCK], adjoints[i + 3, BLOCK] = y0, y1, y2, y3
        for n in range(BLOCK - 1, -1, -1):
            y0 = keep0 * y0 + lines[i, n]
            y1 = keep1 * y1 + lines[i + 1, n]
            y2 = keep2 * y2 + lines[i + 2, n]
            y3 = keep3 * y3 + lines[i + 3, n]
            adjoints[i, n], adjoints[i + 1, n], adjoints[i + 2, n], adjoints[i + 3, n] = y0, y1, y2, y3


@_summing
def _add_products(adjoints: Array, ends: Array, sums: Array) -> None:
    """Add to ``sums`` (L, 2) the products of one block's ends with their gradients and with the next sample's."""
    for i in range(ends.shape[0]):
        adjoint, end = adjoints[i], ends[i]
        now, after = 0.0, 0.0
        for n in range(BLOCK):
            now += adjoint[n] * end[n]
            after += adjoint[n + 1] * end[n]
        sums[i, 0] += now
        sums[i, 1] += after


@_compiled
def run_network_adjoint(
    grad: Array, delays: Array, gains: Array, shares: Array, entry: Array, leave: Array, ends: Array, sums: Array
) -> Array:
    """Adjoint of :func:`run_network`: from the gradient ``grad`` (2, T) of its output to that of its input (2, T).

    If ``ends`` are those of the forward run, ``sums`` (L, 2), zero on entry, takes sum_n a[n] y[n] and
    sum_n a[n + 1] y[n], where y is a line's end and a its gradient: the gradients of gains and shares follow.
    """
    num_lines, num_samples = delays.shape[0], grad.shape[1]
    out = np.zeros((2, num_samples))
    rings, lines, adjoints = _new_rings(delays), np.empty((num_lines, BLOCK)), np.zeros((num_lines, BLOCK + 1))
    for block in range((num_samples - 1) // BLOCK, -1, -1):
        start = block * BLOCK
        count = min(BLOCK, num_samples - start)
        _read_rings(rings, delays, start, lines)
        _add_outputs(lines, entry, start, count, out)
        _mix(lines, leave, grad, start, count)
        _filter_backwards(lines, shares, adjoints)
        if ends.shape[0] > 0:
            _add_products(adjoints, ends[block], sums)
        for i in range(num_lines):
            scale = gains[i] * shares[i]
            for n in range(BLOCK):
                lines[i, n] = scale * adjoints[i, n]
        _write_rings(rings, lines, start)
    return out
