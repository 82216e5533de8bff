"""A workshop without an engineer: sessions are opened for real, and what is proposed follows from the tracks' names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from assistant.mix import ChannelMix, ChannelSettings, Mix
from gui.workshop.opening import mixer_of, read_session, session_info
from gui.workshop.telling import Telling
from gui.workshop.values import MixFigures, Overview, Proposal

FIGURES = MixFigures(-20.0, -3.0, 0.0, (), {})


def engineers_mix(names: tuple[str, ...], roles: Mapping[str, str]) -> Mix:
    """What is proposed: something for every part of every track; more level for what is said to sing."""
    channels = []
    for number, name in enumerate(names):
        i = 1 + number % 8
        is_lead = roles.get(name) == "lead vocal"
        settings = ChannelSettings(
            fader_db=2.0 if is_lead else -1.5 * i,
            pan=0.1 * i * (-1) ** i,
            peak1_gain_db=-1.0 - 0.5 * i,
            highpass_hz=40.0 + 10.0 * i,
            comp_threshold_db=-20.0 - i,
            comp_makeup_db=0.25 * i,
            send_db=-20.0 - i,
        )
        channels.append(ChannelMix(name, settings, roles.get(name, "other"), 0.5))
    mix = Mix(tuple(channels)).with_master(master_gain_db=-2.0)
    decay_s = 2.0 if "lead vocal" in roles.values() else 2.5
    return Mix(mix.channels, mix.reverb.with_values(reverb_decay_s=decay_s), mix.master, engineer="rules")


class DeskWork:
    """Requests as :class:`gui.workshop.work.Work` has them, of which only opening takes any time."""

    LANES: ClassVar = dict.fromkeys(("open", "propose", "deepen", "overview", "measure"), "work") | {"tile": "listen"}

    def __init__(self) -> None:
        self._source = self._desk = None

    def open(self, path, desk=None, skips_broken=False, *, progress, is_cancelled):
        telling = Telling({}, progress, is_cancelled)
        self._source, self._desk = read_session(path, desk, telling), desk
        return session_info(path, self._source, desk, tuple(telling.notes))

    def propose(self, wish, *, progress, is_cancelled):
        telling = Telling({}, progress, is_cancelled)
        mix = engineers_mix(tuple(track.name for track in self._source.session.tracks), wish.roles)
        before = self._source.before or Mix(tuple(ChannelMix(c.name) for c in mix.channels))
        if self._desk is not None:
            mix = mixer_of(self._desk).fitting(before, telling)(mix)
        return Proposal(before, mix, FIGURES, FIGURES, (), ((0.0, 1.0),), notes=tuple(telling.notes))

    def deepen(self, *, progress, is_cancelled):
        return None

    def overview(self, *, progress, is_cancelled):
        names = tuple(track.name for track in self._source.session.tracks)
        return Overview(names, 0.1, np.zeros((len(names), 10), np.float32))

    def measure(self, mix, *, progress, is_cancelled):
        return FIGURES if math.isfinite(mix.channels[0].settings["fader_db"]) else None
