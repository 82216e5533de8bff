"""Mixes in training: the strips of the differentiable console, with the gain staging of finished settings.

Contents: :func:`staged_strips`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from assistant.console.channel import process_channels
from assistant.console.parameters import column, db_to_gain
from assistant.params import CHANNEL_NAMES

_FADER = CHANNEL_NAMES.index("fader_db")
#: Power below which a track counts as silent: -100 dBFS.
_FLOOR = 1e-10


def staged_strips(audio: Tensor, settings: Tensor, is_stereo: Tensor, sample_rate: int) -> Tensor:
    """Every track of ``audio`` (B, N, 2, T) behind its strip, dry, (B, N, 2, T); differentiable in ``settings``.

    ``settings`` (B, N, P) physical. Trim and make-up are taken from the power that goes in and comes out, so that the
    fader alone says how loud a track stands, as in finished settings; a mono track lies in the first channel.
    """
    flat = torch.cat([settings[..., :_FADER], torch.zeros_like(settings[..., :1]), settings[..., _FADER + 1 :]], dim=-1)
    played = process_channels(audio, flat, sample_rate, is_stereo=is_stereo)
    before, after = (x.square().sum(2).mean(2) + _FLOOR for x in (audio, played))
    gain = db_to_gain(column(settings, "fader_db")) * torch.sqrt(before / after)
    return played * gain[..., None, None].to(played.dtype)
