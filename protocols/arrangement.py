"""A DAW session's audio as data: tracks of clips over source files, to be played sample by sample.

The readers of session files make arrangements, :mod:`protocols.playing` plays them, :mod:`protocols.pulling` writes
them as stems. Positions and lengths are in samples at the arrangement's rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from assistant.arrays import FloatArray
from assistant.mix import BusSettings, ChannelSettings, MasterSettings


class GainCurve(Protocol):
    """A gain along a clip: a fade, an envelope. A frozen dataclass, whose ``repr`` tells it from any other."""

    def gains(self, start: int, stop: int) -> FloatArray:
        """Amplitude factors (stop - start,) of the clip's samples ``start`` to ``stop``, from the clip's beginning."""
        ...


@dataclass(frozen=True)
class SourceChannel:
    """One channel (from 0) of an audio file."""

    file: Path
    channel: int


@dataclass(frozen=True)
class NestedChannel:
    """One channel (from 0) of clips that were made one: of ``track``, ``length`` samples from ``start`` on."""

    track: ArrangedTrack
    channel: int
    start: int
    length: int


@dataclass(frozen=True)
class Clip:
    """A stretch of source audio on a track.

    ``channels`` are the sources of its first, second ... channel. It sounds from ``position`` for ``length`` samples
    and begins ``offset`` samples into its sources, which play at ``file_rate`` Hz, or, None, sample by sample whatever
    their rate. ``gain`` is an amplitude factor, negative for inverted polarity; ``curves`` multiply. An ``opaque`` clip
    covers those on lower ``layer``s, except in the first ``fade_in`` and the last ``fade_out`` samples, where it lets
    them through, multiplied by ``under`` if given.
    """

    name: str
    channels: tuple[SourceChannel | NestedChannel, ...]
    position: int
    length: int
    offset: int = 0
    gain: float = 1.0
    curves: tuple[GainCurve, ...] = ()
    layer: int = 0
    opaque: bool = False
    fade_in: int = 0
    fade_out: int = 0
    under: GainCurve | None = None
    muted: bool = False
    file_rate: int | None = None


@dataclass(frozen=True)
class ArrangedTrack:
    """A track: ``channels`` 1 or 2, its clips, the settings of its strip in the session as far as the file tells.

    ``unreadable`` says why its audio cannot be pulled and what to do (a soft synth: freeze it), "" where it can.
    """

    name: str
    channels: int
    clips: tuple[Clip, ...] = ()
    settings: ChannelSettings = field(default_factory=ChannelSettings)
    muted: bool = False
    unreadable: str = ""


@dataclass(frozen=True)
class Arrangement:
    """A session file's content; ``notes`` are sentences to the user about what was not taken as it stands."""

    name: str
    file: Path
    sample_rate: int
    tracks: tuple[ArrangedTrack, ...]
    reverb: BusSettings = field(default_factory=BusSettings)
    master: MasterSettings = field(default_factory=MasterSettings)
    tempo: float | None = None
    pan_law: str = "constant_power"
    notes: tuple[str, ...] = ()
