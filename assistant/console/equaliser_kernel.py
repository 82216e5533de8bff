"""Compiled loops of the equaliser: a cascade of second-order sections applied to spectra, and its exact adjoint.

With w the frequency of a bin, C = cos(w/2) and S = sin(w/2), one section of the cascade is

    H = (n0 C^2 + n1 S^2 + j n2 S C) / (d0 C^2 - S^2 + j d1 S C),

five real coefficients (n0, n1, n2, d0, d1), regular from 0 Hz to Nyquist. Arithmetic is float64 whatever the audio
is; bins are worked on in blocks that stay in the first-level cache and vectorise.
"""

from __future__ import annotations

import numba
import numpy as np

Array = np.ndarray

#: Real coefficients per section.
NUM_COEFFICIENTS = 5
#: Bins per work item. Fixed, so that results do not depend on the number of threads.
BLOCK = 1024

# Divisions without an exception check, or they do not vectorise. No "nnan", "ninf": what is not finite stays visible.
_compiled = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})


def num_blocks(num_bins: int) -> int:
    """Work items per row for spectra of ``num_bins`` bins."""
    return -(-num_bins // BLOCK)


@_compiled
def _multiply_sections(sections: Array, c2: Array, s2: Array, sc: Array, num: Array, den: Array) -> None:
    """Write the products of the numerators and of the denominators of ``sections`` into ``num``, ``den`` (2, K)."""
    num[0], num[1], den[0], den[1] = 1.0, 0.0, 1.0, 0.0
    for i in range(sections.shape[0]):
        n0, n1, n2, d0, d1 = sections[i, 0], sections[i, 1], sections[i, 2], sections[i, 3], sections[i, 4]
        for k in range(c2.shape[0]):
            re, im = n0 * c2[k] + n1 * s2[k], n2 * sc[k]
            a, b = num[0, k], num[1, k]
            num[0, k], num[1, k] = a * re - b * im, a * im + b * re
            re, im = d0 * c2[k] - s2[k], d1 * sc[k]
            a, b = den[0, k], den[1, k]
            den[0, k], den[1, k] = a * re - b * im, a * im + b * re


@_compiled
def _divide(num: Array, den: Array, count: int) -> None:
    """Replace ``num`` by ``num / den`` over the first ``count`` bins."""
    for k in range(count):
        scale = 1.0 / (den[0, k] * den[0, k] + den[1, k] * den[1, k])
        a, b = num[0, k], num[1, k]
        num[0, k] = (a * den[0, k] + b * den[1, k]) * scale
        num[1, k] = (b * den[0, k] - a * den[1, k]) * scale


@_compiled
def filter_items(
    spectra: Array, row_starts: Array, cascades: Array, bins: Array, sign: float, out: Array, start: int, stop: int
) -> None:
    """Multiply ``spectra`` by their row's response (its conjugate for ``sign`` -1); work items ``start`` to ``stop``.

    ``spectra`` and ``out`` (S, F, 2) real and imaginary parts; row r owns signals ``row_starts[r]`` to
    ``row_starts[r + 1]``; ``cascades`` (R, sections, 5); ``bins`` (3, F): C^2, S^2, S C. Items run over (row, block).
    """
    num_bins = bins.shape[1]
    blocks = (num_bins + BLOCK - 1) // BLOCK
    num, den = np.empty((2, BLOCK)), np.empty((2, BLOCK))
    for item in range(start, stop):
        row, first = item // blocks, item % blocks * BLOCK
        count = min(BLOCK, num_bins - first)
        last = first + count
        c2, s2, sc = bins[0, first:last], bins[1, first:last], bins[2, first:last]
        _multiply_sections(cascades[row], c2, s2, sc, num, den)
        _divide(num, den, count)
        for signal in range(row_starts[row], row_starts[row + 1]):
            source, target = spectra[signal, first:last], out[signal, first:last]
            for k in range(count):
                a, b, re, im = source[k, 0], source[k, 1], num[0, k], sign * num[1, k]
                target[k, 0], target[k, 1] = a * re - b * im, a * im + b * re


@_compiled
def _section_gradient(section: Array, c2: Array, s2: Array, sc: Array, q: Array, grad: Array) -> None:
    """Add to ``grad`` (5,) the gradient of one section with numerator N and denominator D, given q = g conj(H)."""
    n0, n1, n2, d0, d1 = section[0], section[1], section[2], section[3], section[4]
    g0, g1, g2, g3, g4 = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(c2.shape[0]):
        nr, ni = n0 * c2[k] + n1 * s2[k], n2 * sc[k]
        dr, di = d0 * c2[k] - s2[k], d1 * sc[k]
        nn, dd = nr * nr + ni * ni, dr * dr + di * di
        both = 1.0 / (nn * dd)
        # g conj(dH/dN) = q / conj(N) and g conj(dH/dD) = -q / conj(D)
        re = (q[0, k] * nr - q[1, k] * ni) * dd * both
        im = (q[0, k] * ni + q[1, k] * nr) * dd * both
        g0 += re * c2[k]
        g1 += re * s2[k]
        g2 += im * sc[k]
        g3 -= (q[0, k] * dr - q[1, k] * di) * nn * both * c2[k]
        g4 -= (q[0, k] * di + q[1, k] * dr) * nn * both * sc[k]
    grad[0], grad[1], grad[2], grad[3], grad[4] = g0, g1, g2, g3, g4


@_compiled
def _first_section_gradient(section: Array, c2: Array, s2: Array, sc: Array, p: Array, q: Array, grad: Array) -> None:
    """As :func:`_section_gradient` for a section whose numerator may vanish: ``p`` is g conj(product of the others)."""
    d0, d1 = section[3], section[4]
    g0, g1, g2, g3, g4 = 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(c2.shape[0]):
        dr, di = d0 * c2[k] - s2[k], d1 * sc[k]
        scale = 1.0 / (dr * dr + di * di)
        re = (p[0, k] * dr - p[1, k] * di) * scale
        im = (p[0, k] * di + p[1, k] * dr) * scale
        g0 += re * c2[k]
        g1 += re * s2[k]
        g2 += im * sc[k]
        g3 -= (q[0, k] * dr - q[1, k] * di) * scale * c2[k]
        g4 -= (q[0, k] * di + q[1, k] * dr) * scale * sc[k]
    grad[0], grad[1], grad[2], grad[3], grad[4] = g0, g1, g2, g3, g4


@_compiled
def _correlate(spectra: Array, grads: Array, weights: Array, p: Array) -> None:
    """Add weight * conj(spectrum) * gradient of one signal to ``p`` (2, K)."""
    for k in range(weights.shape[0]):
        a, b, c, d = spectra[k, 0], spectra[k, 1], grads[k, 0], grads[k, 1]
        p[0, k] += weights[k] * (a * c + b * d)
        p[1, k] += weights[k] * (a * d - b * c)


@_compiled
def _multiply_conjugate(p: Array, factor: Array, out: Array, count: int) -> None:
    """``out`` = ``p`` * conj(``factor``) over the first ``count`` bins; ``out`` may be ``p``."""
    for k in range(count):
        a, b, c, d = p[0, k], p[1, k], factor[0, k], factor[1, k]
        out[0, k], out[1, k] = a * c + b * d, b * c - a * d


@_compiled
def gradient_items(
    spectra: Array,
    grads: Array,
    row_starts: Array,
    cascades: Array,
    bins: Array,
    weights: Array,
    out: Array,
    start: int,
    stop: int,
) -> None:
    """Gradient of the cascades' coefficients; work items ``start`` to ``stop``.

    ``spectra`` the input's and ``grads`` the output gradient's real FFT, both (S, F, 2); ``weights`` (F,) the adjoint
    of the inverse real FFT; ``out`` (R, blocks, sections, 5) takes each block's share. The first section may have
    zeros on the unit circle (the high-pass at 0 Hz), the others may not.
    """
    num_bins = bins.shape[1]
    blocks = (num_bins + BLOCK - 1) // BLOCK
    rest, den, p, q = np.empty((2, BLOCK)), np.empty((2, BLOCK)), np.empty((2, BLOCK)), np.empty((2, BLOCK))
    for item in range(start, stop):
        row, block = item // blocks, item % blocks
        first = block * BLOCK
        count = min(BLOCK, num_bins - first)
        last, cascade, target = first + count, cascades[row], out[row, block]
        c2, s2, sc = bins[0, first:last], bins[1, first:last], bins[2, first:last]
        p[:] = 0.0
        for signal in range(row_starts[row], row_starts[row + 1]):
            _correlate(spectra[signal, first:last], grads[signal, first:last], weights[first:last], p)
        _multiply_sections(cascade[1:], c2, s2, sc, rest, den)
        _divide(rest, den, count)
        _multiply_conjugate(p, rest, p, count)
        _multiply_sections(cascade[:1], c2, s2, sc, rest, den)
        _divide(rest, den, count)
        _multiply_conjugate(p, rest, q, count)
        _first_section_gradient(cascade[0], c2, s2, sc, p, q, target[0])
        for i in range(1, cascade.shape[0]):
            _section_gradient(cascade[i], c2, s2, sc, q, target[i])
