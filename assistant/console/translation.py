"""A mix made for the console's own pan law, carried over to a desk with another."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import torch

from assistant.console.panning import pan_matrix
from assistant.console.parameters import pack_settings
from assistant.mix import ChannelMix, ChannelSettings, Mix
from assistant.params import BY_NAME, PAN_LAWS


def translated(mix: Mix, mono_tracks: Collection[str], pan_law: str) -> Mix:
    """``mix``, whose faders were set for ``PAN_LAWS[0]``, as loud under ``pan_law``.

    Every fader takes up what the laws differ by in power at its pan, as far as it reaches. Tracks not in
    ``mono_tracks`` are stereo, and taken to be as loud on either side; most laws balance those alike.
    """
    if pan_law == PAN_LAWS[0]:
        return mix
    return replace(mix, channels=tuple(_carried(c, c.name not in mono_tracks, pan_law) for c in mix.channels))


def _carried(channel: ChannelMix, is_stereo: bool, pan_law: str) -> ChannelMix:
    settings = channel.settings
    difference_db = _power_db(settings, is_stereo, PAN_LAWS[0]) - _power_db(settings, is_stereo, pan_law)
    fader_db = BY_NAME["fader_db"].clamp(settings["fader_db"] + difference_db)
    return replace(channel, settings=settings.with_values(fader_db=fader_db))


def _power_db(settings: ChannelSettings, is_stereo: bool, pan_law: str) -> float:
    """Power of both sides together behind the panner, over that of a side before it; a width adds the same to all."""
    rows = pack_settings([settings], dtype=torch.float64)
    gains = pan_matrix(rows, torch.tensor([is_stereo]), pan_law)[0]
    return 10.0 * math.log10(float(gains.square().sum()))
