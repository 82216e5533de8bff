"""The simple engineers every other one is measured against.

``mono`` and ``random`` are the baselines of Steinmetz, *Learning to mix with neural audio effects in the waveform
domain*, thesis, 2020, chapter 5: the monophonic sum of the inputs, and gains of +-12 dB with random pan.
``equal-loudness`` is the oldest automatic mix: Perez Gonzalez and Reiss, "Automatic gain and fader control for live
mixing", WASPAA 2009, with the loudness of ITU-R BS.1770 in place of theirs.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from assistant.engineers.engineer import Engineer
from assistant.engineers.hearing import SILENT_REASON, HeardTrack, Recollection, as_told, hear_session
from assistant.engineers.levels import REFERENCE_LUFS, trim_to_reference
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.tasks import IsCancelled, Load, Progress
from assistant.wording import gain_text

RANDOM_GAIN_DB = 12.0


@dataclass(frozen=True)
class MonoEngineer(Engineer):
    """Every track in the middle at the level it came with; it does not listen."""

    name: str = "mono"

    def listen(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Recollection:
        """See :class:`assistant.engineers.engineer.Engineer`."""
        return Recollection(session, self._mix)

    def _mix(self, session: Session) -> Mix:
        settings = ChannelSettings(width=0.0, pan=0.0)
        reasons = ("width 0, pan 0: the monophonic sum",)
        channels = tuple(ChannelMix(track.name, settings, track.role, reasons=reasons) for track in session.tracks)
        return Mix(channels, engineer=self.name)


@dataclass(frozen=True)
class RandomEngineer(Engineer):
    """Gain uniform in +-12 dB and pan uniform in -1..1, drawn for each track from ``seed`` and its name alone."""

    seed: int = 0
    name: str = "random"

    def listen(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Recollection:
        """See :class:`assistant.engineers.engineer.Engineer`."""
        return Recollection(session, self._mix)

    def _mix(self, session: Session) -> Mix:
        return Mix(tuple(self._channel(track) for track in session.tracks), engineer=self.name)

    def _channel(self, track: Track) -> ChannelMix:
        digest = hashlib.sha256(f"{self.seed}/{track.name}".encode()).digest()
        draw = random.Random(int.from_bytes(digest[:8], "big"))
        gain_db, pan = draw.uniform(-RANDOM_GAIN_DB, RANDOM_GAIN_DB), draw.uniform(-1.0, 1.0)
        reasons = (f"fader {gain_db:+.1f} dB and pan {pan:+.2f} drawn at random, seed {self.seed}",)
        return ChannelMix(track.name, ChannelSettings(fader_db=gain_db, pan=pan), track.role, reasons=reasons)


@dataclass(frozen=True)
class EqualLoudnessEngineer(Engineer):
    """Every audible track at the same loudness while it plays; ``load`` brings the audio."""

    load: Load
    name: str = "equal-loudness"

    def listen(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Recollection:
        """See :class:`assistant.engineers.engineer.Engineer`."""
        heard = {one.name: one for one in hear_session(session, self.load, progress, is_cancelled)}
        return Recollection(session, partial(self._mix, heard))

    def _mix(self, heard: Mapping[str, HeardTrack], session: Session) -> Mix:
        channels = tuple(_at_reference(as_told(heard[track.name], track)) for track in session.tracks)
        return Mix(channels, engineer=self.name)


def _at_reference(heard: HeardTrack) -> ChannelMix:
    if heard.features.is_silent:
        settings, reason = ChannelSettings(), SILENT_REASON
    else:
        settings = ChannelSettings(trim_db=trim_to_reference(heard.features.loudness_lufs))
        reason = (
            f"trim {gain_text(settings['trim_db'])} dB: {heard.features.loudness_lufs:.1f} to {REFERENCE_LUFS:.0f} LUFS"
        )
    return ChannelMix(heard.name, settings, heard.role, heard.guess.confidence, (reason,))
