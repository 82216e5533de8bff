"""How much of each track's energy the others cover: a model of simultaneous masking for the tracks of a mix.

A track becomes an excitation pattern, the power that each place along the basilar membrane receives; a masker covers
what lies under its own pattern times the detection efficiency K. In cells of 0.1 s, in each of two ears:

1. Short-time power in frames of 40 ms, weighted by the outer ear (diffuse field) and the middle ear of ANSI S3.4-2007.
2. Rounded-exponential auditory filters, two to the ERB: Glasberg and Moore, "Derivation of auditory filter shapes from
   notched-noise data", Hearing Research 47, 1990. The lower skirt, which widens with level, is taken at
   ``SKIRT_LEVEL_DB`` throughout. The pattern is therefore linear: a fader scales it, and patterns of tracks add up.
3. A track is heard where its excitation E exceeds K * E_masker + E_quiet: Moore, Glasberg and Baer, "A model for the
   prediction of thresholds, loudness, and partial loudness", JAES 45(4), 1997; E_quiet is that of ANSI S3.4-2007. What
   exceeds the threshold is what stays audible, so that each decibel of a fader counts. Energies are summed over bands,
   ears and cells.

Left out: masking before and after the masker beyond one cell, comodulation, the masker's tonality (a tone covers less
of a noise than a noise of a tone), all binaural unmasking but that by energy, the sound of a left loudspeaker at the
right ear, and what a frame cannot resolve: some 30 Hz, more than the lowest filters' width. K comes from tones in
noise; listeners make out musical parts somewhat better (Ma, Reiss and Black, "Partial loudness in multitrack mixing",
AES 53rd Conference, 2014).

Powers are mean squares with full scale at 1.0. Axes: N tracks, F cells, E ears (left, right), B bands.

Contents: :func:`excitation`, :func:`mask`, :class:`Masking`; :func:`cover`, :func:`covered_db`,
:func:`playback_gain_db`; :func:`erb_number`, :func:`erb_hz`, :func:`erb_width_hz`, :func:`band_edges_hz`, ``BANDS_HZ``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from assistant.analysis.levels import check_audio, check_sample_rate
from assistant.arrays import FloatArray

FloatMatrix = NDArray[np.float32]
_Hz = TypeVar("_Hz", float, FloatArray)

#: Length of one cell; exact at sample rates that 50 divides.
CELL_S = 0.1
#: A track that is covered altogether counts as covered by this much.
MOST_DB = 30.0
#: Cells of a track this far under its loudest one do not count.
RANGE_DB = 60.0
#: How the mix is assumed to be played, and what full-scale mean square then is at one ear: a mix with equal channels at
#: -23 LUFS has a mean square of -26 dB in each.
PLAYBACK_LUFS, PLAYBACK_SPL_DB = -23.0, 73.0
FULL_SCALE_SPL_DB = PLAYBACK_SPL_DB - PLAYBACK_LUFS + 10.0 * math.log10(2.0)
#: Level per ERB at which the filters' lower skirts are taken: that of a leading track's strong bands when played so.
SKIRT_LEVEL_DB = 60.0
#: ERB numbers of the bands' centres: 55 Hz to 15 kHz, half an ERB apart.
BAND_NUMBERS: tuple[float, ...] = tuple(0.5 * n for n in range(4, 79))

_HOPS = 5
_LEAST_SHARE = 1e-3
_HIGHEST_HZ = 20_000.0
_CHUNK = 16
#: Hz, and there: diffuse-field outer ear plus middle ear, dB (ANSI S3.4-2007, tables 2 and 3).
_EAR_HZ = (20, 25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1e3, 1250, 1600, 2e3, 2500,
           3150, 4e3, 5e3, 6300, 8e3, 9e3, 1e4, 11200, 12500, 14e3, 15e3, 16e3, 2e4)  # fmt: skip
_EAR_DB = (-39.6, -32.0, -25.9, -21.4, -18.5, -15.9, -14.1, -12.4, -10.9, -9.3, -7.9, -6.9, -5.2, -3.2, -2.1, -1.1, 0.3,
           1.2, 0.8, 1.1, 1.7, 4.5, 7.4, 6.1, 3.8, -1.5, -3.7, -4.6, -5.1, -8.2, -11.0, -14.9, -21.2, -30.3,
           -48.0)  # fmt: skip
#: Hz, and there: K in dB (after the figure in Moore, Glasberg and Baer 1997) and excitation at the threshold in
#: quiet in dB over that of 1 kHz at 0 dB SPL (ANSI S3.4-2007, table 4).
_THRESHOLD_HZ = (50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000)
_K_DB = (13.5, 10.0, 7.1, 4.9, 3.1, 1.5, 0.4, -0.5, -1.3, -1.9, -2.3, -2.7, -2.9, -3.0)
_QUIET_DB = (28.2, 23.9, 19.2, 15.7, 12.7, 10.1, 8.1, 6.3, 5.3, 4.5, 3.7, 3.7, 3.7, 3.7)


@dataclass(frozen=True)
class Masking:
    """Masking between N tracks over F cells of time and B auditory bands.

    ``covered_db`` (N, N): how much of the energy of the track in the row, as the ear receives it, the track in the
    column covers: 10 log10(all / what stays audible), 0 nothing, 3 half, at most ``MOST_DB``; the diagonal is 0.
    ``by_all_db`` (N,) the same by all others together; ``over_time_db`` (N, F) by all others in each cell, NaN where
    the track itself is inaudible; ``cells_s`` (F,) where cells start on the session's time line; ``by_band_db`` (N, B)
    by all others in each band of ``bands_hz`` (B,), 0 where the track has next to nothing; ``worst_band`` and
    ``worst_cell`` (N, N) the band and the cell in which most of the covered energy of the pair lies, -1 where nothing
    is covered.
    """

    names: tuple[str, ...]
    covered_db: FloatMatrix = field(compare=False)
    by_all_db: FloatMatrix = field(compare=False)
    over_time_db: FloatMatrix = field(compare=False)
    by_band_db: FloatMatrix = field(compare=False)
    cells_s: FloatMatrix = field(compare=False)
    bands_hz: tuple[float, ...]
    worst_band: NDArray[np.int64] = field(compare=False)
    worst_cell: NDArray[np.int64] = field(compare=False)


def erb_number(hz: float) -> float:
    """The place of ``hz`` on the ERB-number scale (Glasberg and Moore 1990, equation 4): 15.6 at 1 kHz."""
    return float(_numbers(np.array(hz, np.float64)))


def erb_hz(number: float) -> float:
    """The frequency at a place on the ERB-number scale; the inverse of :func:`erb_number`."""
    return (10.0 ** (number / 21.4) - 1.0) / 0.00437


def erb_width_hz(hz: _Hz) -> _Hz:
    """Equivalent rectangular bandwidth of the auditory filter at ``hz`` (Glasberg and Moore 1990, equation 3)."""
    return 24.7 * (1.0 + 0.00437 * hz)


def band_edges_hz(band: int) -> tuple[float, float]:
    """Lowest and highest frequency of a band, one ERB apart: neighbours overlap by half."""
    return erb_hz(BAND_NUMBERS[band] - 0.5), erb_hz(BAND_NUMBERS[band] + 0.5)


#: The bands' centres.
BANDS_HZ: tuple[float, ...] = tuple(erb_hz(number) for number in BAND_NUMBERS)


def excitation(audio: FloatArray, sample_rate: int) -> FloatMatrix:
    """Excitation (F, E, B) of ``audio`` (C, T), C 1 or 2, float: mean squares as the ear receives them.

    One track of audio goes to both ears. F counts begun cells; silence fills the last. Bands above the Nyquist
    frequency hold 0. Multiplying the audio by g multiplies the excitation by g * g. Raises ``ValueError`` for what
    :func:`~assistant.analysis.levels.check_audio` refuses.
    """
    peak = check_audio(audio)
    check_sample_rate(sample_rate)
    hop = max(1, round(CELL_S / _HOPS * sample_rate))
    cells = -(-audio.shape[1] // (_HOPS * hop))
    if peak == 0.0:
        return np.zeros((cells, 2, len(BANDS_HZ)), np.float32)
    weights = _weights(sample_rate, hop)
    ears = [_cell_powers(np.asarray(channel, np.float32), hop, cells, len(weights)) @ weights for channel in audio]
    return np.stack([ears[0], ears[-1]], axis=1)


def _cell_powers(channel: FloatMatrix, hop: int, cells: int, bins: int) -> FloatMatrix:
    """Mean square per cell and frequency (F, bins). The squared windows sum to one, so nothing is lost or doubled."""
    size = 2 * hop
    padded = np.zeros((cells * _HOPS + 1) * hop, np.float32)
    padded[hop // 2 : hop // 2 + len(channel)] = channel
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size).astype(np.float32)
    window *= np.float32(math.sqrt(2.0 / (size * hop * _HOPS)))
    powers = np.empty((cells, bins), np.float32)
    for first in range(0, cells, _CHUNK):
        spectra = fft.rfft(frames[first * _HOPS : (first + _CHUNK) * _HOPS] * window, axis=1)
        _sum_powers(spectra, powers[first : first + _CHUNK])
    return powers


@numba.njit(nogil=True, cache=True)
def _sum_powers(spectra: NDArray[np.complex64], powers: FloatMatrix) -> None:
    """Write the powers of ``spectra`` (F * hops, all bins), summed over each cell's frames, to ``powers`` (F, bins)."""
    hops = len(spectra) // len(powers)
    powers[:] = 0.0
    for frame in range(len(spectra)):
        row, spectrum = powers[frame // hops], spectra[frame]
        for k in range(len(row)):
            row[k] += spectrum[k].real * spectrum[k].real + spectrum[k].imag * spectrum[k].imag


@lru_cache(maxsize=4)
def _weights(sample_rate: int, hop: int) -> FloatMatrix:
    """What each bin of a frame's power adds to each band (bins, B): ear and auditory filter."""
    step_hz = sample_rate / (2 * hop)
    frequencies = np.arange(min(hop, int(_HIGHEST_HZ / step_hz) + 1)) * step_hz
    ear = 10.0 ** (np.interp(_numbers(frequencies), _numbers(np.array(_EAR_HZ)), _EAR_DB) / 10.0)
    ear[0] = 0.0  # an offset is not heard
    centres = np.array([hz for hz in BANDS_HZ if hz < sample_rate / 2])
    weights = np.zeros((len(frequencies), len(BANDS_HZ)), np.float32)
    weights[:, : len(centres)] = ear[:, None] * _filters(frequencies, step_hz, centres)
    return weights


def _filters(frequencies: FloatArray, step_hz: float, centres: FloatArray) -> FloatArray:
    """Response (bins, B) to power of the filters at ``centres``, averaged over each bin's width."""
    edges = frequencies[:, None] + step_hz * np.array([[-0.5, 0.5]])
    up_to = _filter_integral(edges.reshape(-1, 1), centres).reshape(len(frequencies), 2, len(centres))
    return (up_to[:, 1] - up_to[:, 0]) / step_hz


def _filter_integral(hz: FloatArray, centres: FloatArray) -> FloatArray:
    """Integral of (1 + p g) exp(-p g) from each centre to ``hz``, in Hz; g is the distance over the centre."""
    upper = 4.0 * centres / erb_width_hz(centres)
    lower = upper * (1.0 - 0.35 * (SKIRT_LEVEL_DB - 51.0) / (4_000.0 / erb_width_hz(1_000.0)))
    slope = np.where(hz < centres, lower, upper) / centres
    distance = slope * np.abs(hz - centres)
    return np.sign(hz - centres) * (2.0 - (2.0 + distance) * np.exp(-distance)) / slope


def _numbers(hz: FloatArray) -> FloatArray:
    return 21.4 * np.log10(1.0 + 0.00437 * hz)


def mask(names: Sequence[str], excitations: FloatMatrix, cells_s: FloatArray, gain_db: float = 0.0) -> Masking:
    """The masking between tracks called ``names`` with ``excitations`` (N, F, E, B); cells start at ``cells_s`` (F,).

    ``gain_db`` brings the mix to ``PLAYBACK_LUFS``, for the threshold in quiet: that less the mix's loudness. What of a
    track would be audible alone is *all* of it; a track that is never audible is not covered either. Raises
    ``ValueError`` for arrays that do not fit together.
    """
    _check(names, excitations, cells_s)
    efficiency, quiet = _thresholds(gain_db)
    heard, plays = _heard(excitations, quiet)
    by_band, by_cell = _pair_sums(_flat(heard), _flat(excitations * efficiency), plays)
    by_band = by_band.reshape(*by_band.shape[:2], 2, len(BANDS_HZ)).sum(axis=2)
    all_power, covered = heard.sum(axis=(1, 2, 3)), by_cell.sum(axis=2)
    left = _left(heard, excitations.sum(axis=0) - excitations, efficiency)
    over_time = covered_db(heard.sum(axis=(2, 3)), left.sum(axis=(2, 3)))
    over_time[~plays] = np.nan
    is_covered = covered > _LEAST_SHARE * all_power[:, None]
    return Masking(
        names=tuple(names),
        covered_db=covered_db(all_power[:, None], all_power[:, None] - covered),
        by_all_db=covered_db(all_power, left.sum(axis=(1, 2, 3))),
        over_time_db=over_time,
        by_band_db=_by_band_db(heard.sum(axis=(1, 2)), left.sum(axis=(1, 2))),
        cells_s=np.asarray(cells_s, np.float32),
        bands_hz=BANDS_HZ,
        worst_band=_worst(by_band, is_covered),
        worst_cell=_worst(by_cell, is_covered),
    )


def cover(pattern: FloatMatrix, others: FloatMatrix, gain_db: float = 0.0) -> tuple[FloatMatrix, FloatMatrix]:
    """What of one track is audible alone, and what of that the others leave, (F, B) each, as energies of both ears.

    ``pattern`` is its excitation (F, E, B), ``others`` the sum of all others'; ``gain_db`` as in :func:`mask`. Summed
    over cells, bands or both they are what :class:`Masking` has of the track, in :func:`covered_db`.
    """
    efficiency, quiet = _thresholds(gain_db)
    heard, _ = _heard(pattern[None], quiet)
    return heard[0].sum(axis=1), _left(heard[0], others, efficiency).sum(axis=1)


def playback_gain_db(loudness_lufs: float) -> float:
    """What brings a mix of this loudness to ``PLAYBACK_LUFS``; 0 for a silent one."""
    return PLAYBACK_LUFS - loudness_lufs if math.isfinite(loudness_lufs) else 0.0


def covered_db(all_power: FloatArray, left: FloatArray) -> FloatMatrix:
    """10 log10(all / left), 0 to ``MOST_DB``, 0 where there is nothing."""
    share = np.divide(left, all_power, out=np.ones_like(left), where=all_power > 0.0)
    return (-10.0 * np.log10(np.clip(share, 10.0 ** (-MOST_DB / 10.0), 1.0))).astype(np.float32)


def _check(names: Sequence[str], excitations: FloatMatrix, cells_s: FloatArray) -> None:
    expected = (len(names), len(cells_s), 2, len(BANDS_HZ))
    if excitations.shape != expected:
        raise ValueError(f"excitations of shape {excitations.shape}: expected {expected} (tracks, cells, ears, bands)")


def _thresholds(gain_db: float) -> tuple[FloatMatrix, FloatMatrix]:
    """Detection efficiency K and excitation at the threshold in quiet of every band, (B,) each."""
    numbers = _numbers(np.array(_THRESHOLD_HZ, np.float64))
    k_db = np.interp(BAND_NUMBERS, numbers, _K_DB)
    quiet_db = np.interp(BAND_NUMBERS, numbers, _QUIET_DB) - FULL_SCALE_SPL_DB - gain_db
    return (10.0 ** (k_db / 10.0)).astype(np.float32), (10.0 ** (quiet_db / 10.0)).astype(np.float32)


def _heard(excitations: FloatMatrix, quiet: FloatMatrix) -> tuple[FloatMatrix, NDArray[np.bool_]]:
    """What each track alone has over the threshold in quiet (N, F, E, B), and in which cells (N, F) it plays."""
    heard = np.maximum(excitations - quiet, 0.0)
    power = heard.sum(axis=(2, 3))
    plays = power > power.max(axis=1, keepdims=True, initial=0.0) * 10.0 ** (-RANGE_DB / 10.0)
    heard[~plays] = 0.0
    return heard, plays


def _left(heard: FloatMatrix, others: FloatMatrix, efficiency: FloatMatrix) -> FloatMatrix:
    """What of tracks ``heard`` alone stays audible beside the ``others``' excitation."""
    return np.maximum(heard - others * efficiency, 0.0)


def _flat(patterns: FloatMatrix) -> FloatMatrix:
    """(N, F, E, B) as (N, F, E * B)."""
    return np.ascontiguousarray(patterns, np.float32).reshape(*patterns.shape[:2], 2 * len(BANDS_HZ))


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "nnan", "nsz"})
def _pair_sums(heard: FloatMatrix, cover: FloatMatrix, plays: NDArray[np.bool_]) -> tuple[FloatMatrix, FloatMatrix]:
    """Energy of each track that each other covers, in each band of each ear (N, N, E * B) and each cell (N, N, F)."""
    tracks, cells, bands = heard.shape
    by_band = np.zeros((tracks, tracks, bands), np.float32)
    by_cell = np.zeros((tracks, tracks, cells), np.float32)
    for i in range(tracks):
        for j in range(tracks):
            row = by_band[i, j]
            for f in range(cells):
                if i == j or not plays[i, f]:
                    continue
                target, masker, total = heard[i, f], cover[j, f], np.float32(0.0)
                for b in range(bands):
                    covered = min(target[b], masker[b])
                    row[b] += covered
                    total += covered
                by_cell[i, j, f] = total
    return by_band, by_cell


def _by_band_db(all_power: FloatArray, left: FloatArray) -> FloatMatrix:
    """:func:`covered_db` per band (N, B), 0 in bands ``MOST_DB`` under the track's strongest: its filters' skirts."""
    levels_db = covered_db(all_power, left)
    levels_db[all_power <= all_power.max(axis=1, keepdims=True) * 10.0 ** (-MOST_DB / 10.0)] = 0.0
    return levels_db


def _worst(powers: FloatMatrix, is_covered: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where along the last axis of ``powers`` (N, N, places) most is, -1 for pairs of which nothing is covered."""
    if not is_covered.any():
        return np.full(is_covered.shape, -1, np.int64)
    return np.where(is_covered, powers.argmax(axis=2), -1)
