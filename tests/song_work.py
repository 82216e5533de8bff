"""Work for a window's workshop that opens and saves as the real one does, and proposes at once, without listening.

Files beside the session's folder say how it does so: ``hold`` makes long work wait until it is cancelled or the file
is gone, ``deaf`` makes it overhear that it is cancelled, as native code does.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.mix import ChannelMix, ChannelSettings, Mix
from assistant.tasks import Cancelled
from gui.workshop.values import Finished, MixFigures, Overview, Proposal, Tile, TrackFigures
from gui.workshop.work import Work

#: What it proposes for every track.
PROPOSED = ChannelSettings(fader_db=-6.0, pan=0.25, peak1_gain_db=-3.0)
_DEAF_S = 20.0


class SongWork(Work):
    """See the module."""

    def propose(self, wish, *, progress, is_cancelled):
        names = self._wait(progress, is_cancelled)
        channels = tuple(ChannelMix(name, PROPOSED, wish.roles.get(name, "bass"), 0.9) for name in names)
        before = Mix(tuple(replace(channel, settings=ChannelSettings()) for channel in channels))
        mix = Mix(channels)
        return Proposal(before, mix, _figures(before), _figures(mix), (), ((0.0, 1.0),))

    def deepen(self, *, progress, is_cancelled):
        pass

    def measure(self, mix, *, progress, is_cancelled):
        return _figures(mix)

    def overview(self, *, progress, is_cancelled):
        names = tuple(track.name for track in self._opened.source.session.tracks)
        return Overview(names, 0.1, np.zeros((len(names), 10), np.float32))

    def tile(self, mix, audible, start, length, *, progress, is_cancelled):
        return Tile(start, np.zeros((2, length), np.float32), np.zeros((len(mix.channels), 1), np.float32))

    def make(self, order, *, progress, is_cancelled):
        self._wait(progress, is_cancelled)
        return Finished(self.propose(order.wish, progress=progress, is_cancelled=is_cancelled).mix, "", (), ())

    def _wait(self, progress, is_cancelled):
        """Long work, if that is wanted; returns the tracks."""
        tracks = self._opened.source.session.tracks
        folder = Path(tracks[0].audio_path).parents[1]
        deaf_until_s = time.monotonic() + _DEAF_S if (folder / "deaf").exists() else 0.0
        while (folder / "hold").exists() or time.monotonic() < deaf_until_s:
            progress(0.5, "Listening")
            if is_cancelled() and not deaf_until_s:
                raise Cancelled
            time.sleep(0.01)
        return [track.name for track in tracks]


def _figures(mix):
    """As if every track were as loud as its fader says."""
    tracks = {c.name: TrackFigures(c.settings["fader_db"] - 20.0, -3.0, 0.0, 0.0, 0.0, 0.0) for c in mix.channels}
    loudness = max(track.loudness_lufs for track in tracks.values())
    return MixFigures(loudness, loudness + 10.0, 0.0, (("Loudness", f"{loudness:.1f} LUFS"),), tracks)
