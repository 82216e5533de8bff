"""From settings to band levels: one passage through the console, as far as the goals look at it.

Frames are the 400 ms blocks of ITU-R BS.1770-5, here under a sine window and overlapping by half, so that bands are
told apart and the frames' powers add up to the signal's. K-weighting is applied to the power spectrum, which equals the
filter but for what it smears across a frame's edge. The first ``LEAD_IN_S`` of a passage let compressors and reverb
settle and are not measured.

A strip in which nothing may move is rendered once and kept, with its spectrum; what lies behind it (fader, width, pan,
send) acts on powers by a few multiplications. So a step costs the strips that move, one reverb and one spectrum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from scipy.signal import freqz_sos
from torch import Tensor

from assistant.analysis.loudness import OFFSET_DB, k_weighting
from assistant.analysis.peaks import HALF_TAPS, interpolation_phases
from assistant.analysis.reference import BANDS_HZ
from assistant.console.channel import output_matrices, process_signals, send_gains
from assistant.console.reverb import reverb
from assistant.refinement.passages import Passage

FRAME_S, LEAD_IN_S = 0.4, 0.4
_TRUE_PEAK_FACTOR = 4


@dataclass(frozen=True)
class Levels:
    """What the goals look at: powers per frame and band, and the mix's peaks.

    ``tracks`` (N, F, K + 1) each track's dry output, both channels summed, ``mix`` (F, K + 1) the sum with the reverb:
    power per third octave of ``BANDS_HZ`` (0 above the Nyquist frequency), the last column K-weighted. ``peaks`` (F,)
    true peak of the mix per frame as an amplitude.
    """

    tracks: Tensor
    mix: Tensor
    peaks: Tensor

    def parts(self) -> tuple[Tensor, Tensor, Tensor]:
        """The three tensors."""
        return self.tracks, self.mix, self.peaks


@dataclass(frozen=True)
class PreparedPassage:
    """A passage whose unmoving strips are done: rows in ``is_moving`` (R,) hold input, the others the strip's output.

    ``spectra`` (R, F, 3, K + 1) holds the powers of left and right and their cross power; rows that move are 0.
    """

    passage: Passage
    sample_rate: int
    is_moving: Tensor
    spectra: Tensor


def prepare(passage: Passage, values: Tensor, moves: Tensor, sample_rate: int) -> PreparedPassage:
    """``passage`` with the strips rendered in which nothing moves: ``moves`` (N,) bool, settings ``values`` (N, P)."""
    is_moving = moves[passage.tracks]
    still = (~is_moving).nonzero().squeeze(-1)
    signals = passage.signals.clone()
    places, starts = _signals_of(passage.row_starts, still)
    with torch.no_grad():
        signals[places] = process_signals(signals[places], starts, values[passage.tracks][still], sample_rate)
        spectra = _row_spectra(signals[places], starts, sample_rate)
    everything = spectra.new_zeros(len(is_moving), *spectra.shape[1:])
    everything[still] = spectra
    return PreparedPassage(replace(passage, signals=signals), sample_rate, is_moving, everything)


def render(prepared: PreparedPassage, values: Tensor, reverb_values: Tensor) -> Levels:
    """The levels of one passage with settings ``values`` (N, P) and ``reverb_values`` (1, P) of the bus.

    Differentiable in ``values``, as far as the settings of unmoving strips are left alone.
    """
    passage, rate = prepared.passage, prepared.sample_rate
    rows = values[passage.tracks]
    signals, spectra = _strips(prepared, rows)
    matrices = output_matrices(rows, passage.is_stereo, passage.pan_law)
    powers = _output_powers(spectra, matrices)
    tracks = torch.zeros(len(values), *powers.shape[1:], dtype=powers.dtype).index_copy(0, passage.tracks, powers)
    audio = _sum(signals, passage.row_starts, matrices, send_gains(rows), reverb_values, rate)[:, _lead_in(rate) :]
    bands = _band_powers(_frames(audio, rate), rate)
    return Levels(tracks, bands.sum(dim=0), _frame_peaks(audio, rate))


def join(levels: list[Levels]) -> Levels:
    """The levels of several passages, one after the other along the frames."""
    tracks, mixes, peaks = zip(*(one.parts() for one in levels), strict=True)
    return Levels(torch.cat(tracks, dim=1), torch.cat(mixes), torch.cat(peaks))


def _strips(prepared: PreparedPassage, rows: Tensor) -> tuple[Tensor, Tensor]:
    """All rows behind their strips: signals (S, T) and spectra (R, F, 3, K + 1)."""
    passage, moving = prepared.passage, prepared.is_moving.nonzero().squeeze(-1)
    if not len(moving):
        return passage.signals, prepared.spectra
    places, starts = _signals_of(passage.row_starts, moving)
    done = process_signals(passage.signals[places], starts, rows[moving], prepared.sample_rate)
    spectra = _row_spectra(done, starts, prepared.sample_rate)
    return passage.signals.index_copy(0, places, done), prepared.spectra.index_copy(0, moving, spectra)


def _signals_of(row_starts: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Places (S,) of the signals of ``rows``, and where each row starts among them."""
    counts = row_starts.diff()[rows]
    starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    offsets = torch.arange(int(starts[-1])) - torch.repeat_interleave(starts[:-1], counts)
    return torch.repeat_interleave(row_starts[rows], counts) + offsets, starts


def _row_spectra(signals: Tensor, row_starts: Tensor, sample_rate: int) -> Tensor:
    """Powers of left and right and their cross power, (R, F, 3, K + 1)."""
    frames = _frames(signals[:, _lead_in(sample_rate) :], sample_rate)
    own = _band_powers(frames, sample_rate)
    left, is_stereo = row_starts[:-1], row_starts.diff() == 2
    pairs = left[is_stereo]
    zeros = own.new_zeros(len(left), *own.shape[1:])
    right = zeros.index_copy(0, is_stereo.nonzero().squeeze(-1), own[pairs + 1])
    cross = zeros.index_copy(
        0, is_stereo.nonzero().squeeze(-1), _cross_powers(frames[pairs], frames[pairs + 1], sample_rate)
    )
    return torch.stack([own[left], right, cross], dim=2)


def _output_powers(spectra: Tensor, matrices: Tensor) -> Tensor:
    """Power (R, F, K + 1) of both outputs together, behind ``matrices`` (R, 2, 2) [output, input]."""
    left, right = matrices[..., 0], matrices[..., 1]
    weights = torch.stack([(left * left).sum(-1), (right * right).sum(-1), 2.0 * (left * right).sum(-1)], dim=-1)
    return (spectra.double() * weights[:, None, :, None]).sum(dim=2)


def _sum(
    signals: Tensor, row_starts: Tensor, matrices: Tensor, sends: Tensor, reverb_values: Tensor, sample_rate: int
) -> Tensor:
    """The mix (2, T) before the master, as ``console.mix`` makes it."""
    of_signal = torch.repeat_interleave(row_starts.diff())
    channel = torch.arange(len(of_signal)) - row_starts[of_signal]
    dry = matrices.transpose(-1, -2)[of_signal, channel]
    if not bool((sends > 0.0).any()):
        return dry.T.to(signals.dtype) @ signals
    buses = torch.cat([dry, dry * sends[of_signal, None]], dim=-1).T.to(signals.dtype) @ signals
    return buses[:2] + reverb(buses[None, 2:], reverb_values, sample_rate)[0]


def _lead_in(sample_rate: int) -> int:
    return round(LEAD_IN_S * sample_rate)


def _frame_size(sample_rate: int) -> int:
    return 2 * round(FRAME_S * sample_rate / 2)


def _cut_frames(signals: Tensor, size: int) -> Tensor:
    """Frames (S, F, size) of ``signals`` (S, T): those that lie end to end, then those half a frame later.

    By reshaping, because the gradient of ``unfold`` takes longer than the transform.
    """
    later = signals[..., size // 2 :]
    ends = [part[..., : part.shape[-1] // size * size].unflatten(-1, (-1, size)) for part in (signals, later)]
    return torch.cat(ends, dim=-2)


def _frames(signals: Tensor, sample_rate: int) -> Tensor:
    """Spectra (S, F, bins) of windowed frames of ``signals`` (S, T)."""
    size = _frame_size(sample_rate)
    window = torch.sin(math.pi * (torch.arange(size, dtype=signals.dtype) + 0.5) / size)
    frames = _cut_frames(signals, size) * window
    if not len(signals):  # which the transform refuses
        return torch.zeros(*frames.shape[:-1], size // 2 + 1, dtype=torch.promote_types(frames.dtype, torch.complex64))
    return torch.fft.rfft(frames)


def _band_powers(frames: Tensor, sample_rate: int) -> Tensor:
    """(S, F, bins) spectra to powers (S, F, K + 1)."""
    squares = frames.real.square() + frames.imag.square()
    return squares @ _band_weights(sample_rate).to(squares.dtype)


def _cross_powers(left: Tensor, right: Tensor, sample_rate: int) -> Tensor:
    products = left.real * right.real + left.imag * right.imag
    return products @ _band_weights(sample_rate).to(products.dtype)


@lru_cache(maxsize=4)
def _band_weights(sample_rate: int) -> Tensor:
    """Weights (bins, K + 1) that make powers of squared spectra: third octaves, and the K-weighted sum for LUFS."""
    size = _frame_size(sample_rate)
    bins = np.arange(size // 2 + 1) * sample_rate / size
    half, centres = 0.5 * sample_rate / size, np.array(BANDS_HZ)
    low, high = centres * 10.0**-0.05, centres * 10.0**0.05
    overlap = np.minimum(high, bins[:, None] + half) - np.maximum(low, bins[:, None] - half)
    shares = np.clip(overlap / (2.0 * half), 0.0, 1.0)
    _, response = freqz_sos(k_weighting(sample_rate), worN=bins, fs=sample_rate)
    k_weights = np.square(np.abs(response)) * 10.0 ** (OFFSET_DB / 10.0)
    scale = np.full(len(bins), 2.0)
    scale[0] = scale[-1] = 1.0
    # a sine window passes half the power
    weights = np.concatenate([shares, k_weights[:, None]], axis=1) * scale[:, None] / (size * size * 0.5)
    return torch.from_numpy(weights)


def _frame_peaks(audio: Tensor, sample_rate: int) -> Tensor:
    """True peak (F,) of each frame of ``audio`` (2, T), interpolated 4 times (BS.1770-5 annex 2).

    Found without gradients; only the few samples that make each peak are differentiated.
    """
    phases, size = _peak_phases().to(audio.dtype), _frame_size(sample_rate)
    taps = phases.shape[-1]
    padded = torch.nn.functional.pad(audio, (taps // 2 - 1, taps // 2))
    with torch.no_grad():
        heights = torch.nn.functional.conv1d(padded[:, None], phases[:, None]).abs()
        frames = _cut_frames(heights, size).permute(2, 0, 1, 3).flatten(start_dim=1)
        highest = frames.argmax(dim=-1)
        starts = _cut_frames(torch.arange(audio.shape[-1]), size)[:, 0]
    channel, phase = highest // (size * len(phases)), highest // size % len(phases)
    places = starts + highest % size
    around = padded[channel[:, None], places[:, None] + torch.arange(taps)]
    return (around * phases[phase]).sum(dim=-1).abs()


def _peak_phases() -> Tensor:
    """Taps (4, 2 * HALF_TAPS) that give a sample itself and the three points up to the next."""
    itself = np.zeros((1, 2 * HALF_TAPS))
    itself[0, HALF_TAPS - 1] = 1.0
    return torch.from_numpy(np.concatenate([itself, interpolation_phases(_TRUE_PEAK_FACTOR)]))
