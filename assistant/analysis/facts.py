"""What a verification measures of a mix: plain values, made by ``render.verify`` and read by insight and the report.

Conventions: times are seconds on the session's time line; tracks are measured behind their pan, dry, over the passages
in which they play; mixes before the master. Levels of silence are ``-inf``.

Contents: :class:`Span`, :class:`Reduction`, :class:`TrackFacts`, :class:`MixFacts`, :class:`Alone`,
:class:`SectionFacts`, :class:`Verification`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.analysis.masking import Masking
from assistant.analysis.measure import Measurement
from assistant.mix import Mix
from assistant.wording import time_text


@dataclass(frozen=True)
class Span:
    """A stretch of the session's time line."""

    start_s: float
    end_s: float

    @property
    def text(self) -> str:
        """``1:20-1:25``."""
        return f"{time_text(self.start_s)}-{time_text(self.end_s)}"


@dataclass(frozen=True)
class Reduction:
    """What a compressor took off while its track plays, as the compressor itself reports it.

    ``mean_db``; ``typical_db`` is exceeded for a tenth of the time; ``most_db``; ``share`` of the time with at least
    1 dB, 0..1. ``levels_db`` are the centres of cells 2 dB wide, ``shares`` how often the detector's level lay in each
    (they sum to 1).
    """

    mean_db: float
    typical_db: float
    most_db: float
    share: float
    levels_db: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class TrackFacts:
    """One track in one mix.

    ``over_rest_lu``: its loudness over that of all others together (powers added), over the time in which it plays;
    ``reverb_db``: power of its reverb over its own; ``reduction`` None without a compressor; ``loudest`` the passage
    in which it is loudest, None where it is silent; ``is_stereo`` whether it has two channels.
    """

    name: str
    measurement: Measurement
    over_rest_lu: float
    reverb_db: float
    reduction: Reduction | None
    loudest: Span | None
    is_stereo: bool = True


@dataclass(frozen=True)
class MixFacts:
    """A whole mix. ``tracks`` are in the order of ``mix.channels``, and so are the rows of ``masking``.

    ``tone_db``: third octaves of the mix over the mean spectrum of finished music, less the mean of that over the bands
    that count, one per ``measurement.third_octave_hz``, NaN in bands that do not count; ``mono_lu``: loudness of the
    mono fold over the stereo mix's.
    """

    mix: Mix
    measurement: Measurement
    tone_db: tuple[float, ...]
    mono_lu: float
    tracks: tuple[TrackFacts, ...]
    masking: Masking

    def track(self, name: str) -> TrackFacts:
        """The facts of the track called ``name``; ``KeyError`` when there is none."""
        for facts in self.tracks:
            if facts.name == name:
                return facts
        raise KeyError(name)


@dataclass(frozen=True)
class Alone:
    """The mix before, with one track's change alone: that track, the mix, and how much of every track is covered."""

    track: TrackFacts
    measurement: Measurement
    covered_db: tuple[float, ...]


@dataclass(frozen=True)
class SectionFacts:
    """What one section of a strip does in the mix after: the track with it and without, in its loudest passage.

    Without means as it was before. For the polarity, which alone changes nothing, it is the mix that is measured.
    """

    span: Span
    without: Measurement
    done: Measurement


@dataclass(frozen=True)
class Verification:
    """A mix before and after its changes, on the passages ``spans``.

    ``alone`` holds each changed track's change alone, by name; ``sections`` what each changed section does, by (track,
    name in ``assistant.analysis.sections``), but for the send, of which the facts before and after tell all.
    """

    spans: tuple[Span, ...]
    before: MixFacts
    after: MixFacts
    alone: Mapping[str, Alone]
    sections: Mapping[tuple[str, str], SectionFacts]
