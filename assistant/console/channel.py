"""The channel strip: trim, polarity, high-pass, EQ, compressor, fader, width and pan of every track.

The equations are those of ``render/strip.dsp``, the reference.
"""

from __future__ import annotations

import torch
from torch import Tensor

from assistant.console.compressor import compress
from assistant.console.equaliser import equalise
from assistant.console.layout import Layout, check_inputs, check_rows, make_layout
from assistant.console.panning import pan_matrix
from assistant.console.parameters import column, db_to_gain
from assistant.params import BY_NAME, EQ_BANDS

#: Samples per channel worked on at once while no parameter gradient is wanted: about 0.5 GB of spectra in float32.
GROUP_SAMPLES = 1 << 25


def process_channels(
    audio: Tensor,
    parameters: Tensor,
    sample_rate: int,
    *,
    is_stereo: Tensor | None = None,
    is_active: Tensor | None = None,
    pan_law: str = "constant_power",
) -> Tensor:
    """The dry stereo output of every channel, post fader and pan.

    ``audio`` (B, N, C, T) float32 or float64, C 1 or 2; ``parameters`` (B, N, P) in physical units, columns in the
    order of ``CHANNEL_PARAMS``, inside their ranges; ``sample_rate`` in Hz. ``is_stereo`` (B, N) bool tells stereo
    tracks from mono ones, which lie in channel 0 and go through ``pan_law`` (default: all stereo when C is 2).
    ``is_active`` (B, N) bool marks padding False: whatever it holds, its output and gradients are exactly zero.
    Returns (B, N, 2, T) in the audio's type; the caller pads for tails. Differentiable once in ``audio`` and
    ``parameters``. The compressor runs on the CPU even for tensors on a GPU. Raises ``ValueError`` or ``TypeError``.
    """
    check_inputs(audio, parameters, sample_rate, is_stereo, is_active)
    layout = make_layout(audio, is_stereo, is_active)
    rows = layout.gather_rows(parameters)
    signals = process_signals(layout.gather_signals(audio), layout.row_starts, rows, sample_rate)
    num_sessions, num_tracks, num_channels, num_samples = audio.shape
    matrices = output_matrices(rows, layout.is_stereo, pan_law)[..., :num_channels].to(audio.dtype)
    tracks = _spread(signals, layout.places, num_sessions * num_tracks * num_channels)
    matrices = _spread(matrices, layout.rows, num_sessions * num_tracks)
    mixed = torch.matmul(matrices, tracks.reshape(-1, num_channels, num_samples))
    return mixed.reshape(num_sessions, num_tracks, 2, num_samples)


def process_signals(signals: Tensor, row_starts: Tensor, rows: Tensor, sample_rate: int) -> Tensor:
    """Everything before the fader: ``signals`` (S, T) of rows with parameters ``rows`` (R, P); returns (S, T).

    Without parameter gradients the rows are worked on in groups, to bound the memory of long sessions, and sections
    in which no row of a group does anything are passed by. Raises ``ValueError`` for settings that make no sense.
    """
    check_rows(rows)
    if signals.shape[0] == 0:
        return signals
    if torch.is_grad_enabled() and rows.requires_grad:
        return _process_rows(signals, row_starts, rows, sample_rate, is_learning=True)
    size = max(torch.get_num_threads(), GROUP_SAMPLES // signals.shape[-1])
    done = []
    for first in range(0, rows.shape[0], size):
        starts, part = row_starts[first : first + size + 1], rows[first : first + size]
        group = signals[int(starts[0]) : int(starts[-1])]
        done.append(_process_rows(group, starts - starts[0], part, sample_rate, is_learning=False))
    return torch.cat(done) if len(done) > 1 else done[0]


def output_matrices(rows: Tensor, is_stereo: Tensor, pan_law: str) -> Tensor:
    """Fader, width and pan: gains (R, 2, 2) float64 from a row's channels (last axis) to left and right."""
    values = rows.double()
    fader = db_to_gain(column(values, "fader_db"), BY_NAME["fader_db"])
    return fader[:, None, None] * pan_matrix(values, is_stereo.to(rows.device), pan_law)


def send_gains(rows: Tensor) -> Tensor:
    """Gains (R,) float64 from a row's output to the reverb bus; 0 where the send is off."""
    return db_to_gain(column(rows.double(), "send_db"), BY_NAME["send_db"])


def signal_gains(layout: Layout, matrices: Tensor) -> Tensor:
    """Each signal's column (S, 2) of its row's ``matrices`` (R, 2, 2)."""
    of_signal = layout.row_of_signal()
    channel = torch.arange(of_signal.numel()) - layout.row_starts[of_signal]
    return matrices.transpose(-1, -2)[of_signal.to(matrices.device), channel.to(matrices.device)]


def _process_rows(signals: Tensor, row_starts: Tensor, rows: Tensor, sample_rate: int, *, is_learning: bool) -> Tensor:
    values = rows.double()
    gain = db_to_gain(column(values, "trim_db")) * (1.0 - 2.0 * column(values, "polarity_inverted"))
    if is_learning or _is_filtering(rows):
        signals = equalise(signals, row_starts, rows, gain, sample_rate)
    else:
        signals = _scale(signals, row_starts, gain)
    if is_learning or bool((column(rows, "comp_ratio") != 1.0).any()):
        return compress(signals, row_starts, rows, sample_rate)
    return _scale(signals, row_starts, db_to_gain(column(values, "comp_makeup_db")))


def _is_filtering(rows: Tensor) -> bool:
    gains = [column(rows, f"{band}_gain_db") for band, _ in EQ_BANDS]
    return bool((torch.stack([column(rows, "highpass_on"), *gains]) != 0.0).any())


def _scale(signals: Tensor, row_starts: Tensor, gain: Tensor) -> Tensor:
    """``signals`` (S, T) times their rows' ``gain`` (R,)."""
    of_signal = torch.repeat_interleave(row_starts.diff()).to(signals.device)
    return signals * gain.to(signals.dtype)[of_signal, None]


def _spread(values: Tensor, places: Tensor, size: int) -> Tensor:
    """``values`` at ``places`` along the first of ``size`` entries, zeros elsewhere."""
    if places.numel() == size:
        return values
    return values.new_zeros(size, *values.shape[1:]).index_copy(0, places.to(values.device), values)
