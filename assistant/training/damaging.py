"""A damage applied: to a stem's audio, or to its log-mel frames as if it had been applied to the audio.

Conventions: audio is float32 ``(C, T)``; frames are those of ``assistant.controller.mel``: levels in dB of the power of
left and right together, and the share of it that lies in the side (L - R) / sqrt(2), both ``(..., M)`` with bands last
and time in all axes before. A fold to mono averages left and right; it leaves the power of the mid.

Contents: :func:`damage_audio`, :func:`damage_mel`.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.ndimage import convolve1d

from assistant.arrays import FloatArray
from assistant.audio.folding import with_channels
from assistant.console.channel import process_signals
from assistant.console.equaliser import svf_terms
from assistant.console.panning import pan_matrix
from assistant.console.parameters import pack_settings
from assistant.controller.mel import FLOOR_DB, HOP_S
from assistant.mix import ChannelSettings
from assistant.training.damage import REACH_DB, Damage

#: Frames this far below the loudest do not count towards a stem's mean level.
GATE_DB = 40.0
#: Weights of neighbouring 20 ms frames in the level that dynamics go by: a window about as long as a mel frame's.
SMOOTHING = np.array([0.25, 0.5, 0.25])
#: Points across a band at which the equaliser's gain is taken.
POINTS = 9
#: Left and right to mid and side, and back.
MID_SIDE = np.array([[1.0, 1.0], [1.0, -1.0]]) * np.sqrt(0.5)


def damage_audio(audio: FloatArray, sample_rate: int, damage: Damage) -> FloatArray:
    """``audio`` (C, T) float32 with ``damage`` done to it: (1, T) where it was folded, else (C, T).

    Place and fold leave a mono stem alone. The length stays: what a filter rings on for is cut off.
    """
    if len(audio) == 2:
        audio = place_matrix(damage).astype(np.float32) @ audio
        audio = with_channels(audio, 1) if damage.collapse else audio
    audio = audio * _sample_gains(audio, sample_rate, damage.expand_ratio)
    tone = damage.settings.with_values(width=1.0, pan=0.0)
    rows, starts = pack_settings([tone], dtype=torch.float64), torch.tensor([0, len(audio)])
    with torch.no_grad():
        signals = process_signals(torch.from_numpy(np.ascontiguousarray(audio)), starts, rows, sample_rate)
    return signals.numpy()


def damage_mel(
    levels_db: FloatArray, side: FloatArray, damage: Damage, band_hz: FloatArray, sample_rate: int = 44_100
) -> tuple[FloatArray, FloatArray]:
    """Levels in dB and side shares, both (..., M), as :func:`damage_audio` would leave them; float32.

    ``band_hz`` (M,) are the bands' centres, ``sample_rate`` that of the audio behind the frames. What stands at
    ``FLOOR_DB`` stays there. A mono stem has shares of 0, and a damage without place. Balance is known for the whole
    stem alone (``damage.balance_db``): bands that lean otherwise are moved as if they leaned like the rest.
    """
    power = np.power(10.0, np.asarray(levels_db, np.float64) / 10.0)
    mid, sides = _placed(power * (1.0 - side), power * side, damage)
    total = np.maximum(mid + sides, 1e-30)
    placed_db = 10.0 * np.log10(total)
    gain_db = expansion_db(total.sum(-1), damage.expand_ratio)[..., None]
    gain_db = gain_db + _tone_db(damage.settings, band_hz, sample_rate)
    damaged_db = np.where(levels_db > FLOOR_DB, np.maximum(placed_db + gain_db, FLOOR_DB), FLOOR_DB)
    return damaged_db.astype(np.float32), (sides / total).astype(np.float32)


def place_matrix(damage: Damage) -> FloatArray:
    """Gains (2, 2) from left and right (last axis) to left and right: balance first, width second.

    The console does it the other way round, so that its inverses meet in order.
    """
    parts = [ChannelSettings({name: damage.settings[name]}) for name in ("width", "pan")]
    width, balance = pan_matrix(pack_settings(parts, dtype=torch.float64), torch.tensor([True, True]))
    return np.asarray(width @ balance)


def expansion_db(powers: FloatArray, ratio: float) -> FloatArray:
    """Gain in dB of every frame of a stem with ``powers``, any shape, that multiplies level differences by ``ratio``.

    0 dB at the mean power of the frames that sound; below ``REACH_DB`` under it the gain stays what it is there.
    """
    levels_db = 10.0 * np.log10(np.maximum(powers, 1e-30))
    is_sounding = levels_db > levels_db.max() - GATE_DB
    mean_db = 10.0 * np.log10(np.maximum(powers[is_sounding].mean(), 1e-30))
    return (ratio - 1.0) * np.maximum(levels_db - mean_db, -REACH_DB)


def _sample_gains(audio: FloatArray, sample_rate: int, ratio: float) -> FloatArray:
    """Gains (T,) float32 of :func:`expansion_db`, linear in dB between the middles of 20 ms frames."""
    hop, count = round(HOP_S * sample_rate), audio.shape[1]
    if ratio == 1.0 or count == 0:
        return np.ones(count, np.float32)
    starts = np.arange(0, count, hop)
    power = np.add.reduceat(np.square(audio, dtype=np.float64).sum(0), starts) / np.diff(starts, append=count)
    gains_db = expansion_db(convolve1d(power, SMOOTHING, mode="nearest"), ratio)
    return np.power(10.0, np.interp(np.arange(count), starts + hop / 2, gains_db) / 20.0).astype(np.float32)


def _placed(mid: FloatArray, side: FloatArray, damage: Damage) -> tuple[FloatArray, FloatArray]:
    """Powers of mid and side behind :func:`place_matrix` and fold, given before."""
    matrix = MID_SIDE @ place_matrix(damage) @ MID_SIDE
    lean = -0.5 * math.tanh(damage.balance_db * math.log(10.0) / 20.0)  # (left - right) / 2 of left + right = 1
    reach = np.sqrt(mid * side)  # no product of two signals is larger
    product = np.clip(lean * (mid + side), -reach, reach)
    new_mid, new_side = (a * a * mid + b * b * side + 2.0 * a * b * product for a, b in matrix)
    return np.maximum(new_mid, 0.0), np.zeros_like(side) if damage.collapse else np.maximum(new_side, 0.0)


def _tone_db(settings: ChannelSettings, band_hz: FloatArray, sample_rate: int) -> FloatArray:
    """Trim and EQ in dB (M,), the power averaged over triangles from each band's lower neighbour to its upper."""
    step = np.diff(band_hz, prepend=2.0 * band_hz[0] - band_hz[1], append=2.0 * band_hz[-1] - band_hz[-2])
    offsets = np.linspace(-1.0, 1.0, POINTS + 2)[1:-1]
    spread = np.where(offsets < 0.0, step[:-1, None], step[1:, None]) * offsets
    hz = np.clip(band_hz[:, None] + spread, 1.0, 0.499 * sample_rate)
    weights = (1.0 - np.abs(offsets)) / np.sum(1.0 - np.abs(offsets))
    return settings["trim_db"] + 10.0 * np.log10(_power_response(settings, hz, sample_rate) @ weights)


def _power_response(settings: ChannelSettings, hz: FloatArray, sample_rate: int) -> FloatArray:
    """What the console's EQ multiplies power by at ``hz``, any shape, at this sample rate."""
    terms = svf_terms(pack_settings([settings], dtype=torch.float64), sample_rate)
    total = np.ones(np.shape(hz))
    for g, k, m0, m1, m2 in zip(*(term[0].tolist() for term in terms), strict=True):
        s = 1j * np.tan(np.pi * hz / sample_rate) / g
        total *= np.square(np.abs(m0 + (m1 * s + m2) / (s * s + k * s + 1.0)))
    return total
