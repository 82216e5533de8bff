"""A session as an engineer hears it: every track with its features and its role.

Contents: :class:`HeardTrack`, :class:`Scene` and :func:`hear_session`; :class:`Recollection`, a session that need not
be listened to again, with :func:`retold` and :func:`as_told`, the same session told otherwise; :class:`Advice`, what
one rule says about one track.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from assistant.analysis.listening import (
    ACTIVITY_CELL_S,
    SILENCE_DBFS,
    SILENCE_LUFS,
    TrackFeatures,
    listen_to_tracks,
)
from assistant.engineers.roles import RoleGuess, guess_role
from assistant.mix import Mix, Session, Track, unknown_name_text
from assistant.tasks import Cancelled, IsCancelled, Load, Progress

#: What the user says of the tracks where he says nothing: role by track name.
NOTHING_SAID: Mapping[str, str] = MappingProxyType({})

SILENT_REASON = f"left alone: no sample above {SILENCE_DBFS:.0f} dBFS, or softer than {SILENCE_LUFS:.0f} LUFS"


@dataclass(frozen=True)
class Advice:
    """Settings one rule wants for one track, and a sentence with numbers for each reason."""

    settings: dict[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


def joined(*parts: Advice) -> Advice:
    """All that several rules want for one track; the last word on a setting counts."""
    settings = {name: value for part in parts for name, value in part.settings.items()}
    return Advice(settings, tuple(reason for part in parts for reason in part.reasons))


@dataclass(frozen=True)
class HeardTrack:
    """One track, what it sounds like, and what it was taken for."""

    track: Track
    features: TrackFeatures
    guess: RoleGuess

    @property
    def name(self) -> str:
        """The track's name."""
        return self.track.name

    @property
    def role(self) -> str:
        """The name of the track's role."""
        return self.guess.role.name

    @property
    def cells(self) -> set[int]:
        """The half seconds of the session's time line in which the track plays."""
        first = round(self.track.start_s / ACTIVITY_CELL_S)
        return {first + int(cell) for cell in np.flatnonzero(self.features.activity)}


@dataclass(frozen=True)
class Scene:
    """The audible tracks of a session, sorted by name so that their order cannot matter, and its tempo in BPM."""

    tracks: tuple[HeardTrack, ...]
    tempo: float | None = None

    def with_role(self, *roles: str) -> tuple[HeardTrack, ...]:
        """The tracks of any of ``roles``."""
        return tuple(heard for heard in self.tracks if heard.role in roles)


def hear_session(session: Session, load: Load, progress: Progress, is_cancelled: IsCancelled) -> list[HeardTrack]:
    """Listen to every track, in the session's order; raises :class:`Cancelled`, and whatever ``load`` does."""
    total = len(session.tracks)
    features = listen_to_tracks(
        session.tracks,
        session.sample_rate,
        load,
        lambda count, track: progress(count / total, f"listened to {track.name}"),
        is_cancelled,
    )
    if is_cancelled():
        raise Cancelled(f"cancelled while listening to {total} tracks")
    pairs = zip(session.tracks, features, strict=True)
    return [HeardTrack(track, heard, guess_role(track, heard)) for track, heard in pairs]


@dataclass(frozen=True)
class Recollection:
    """A session that an engineer without second thoughts has heard; ``decide`` mixes it without listening again.

    See :class:`assistant.engineers.engineer.HeardSession`.
    """

    session: Session
    decide: Callable[[Session], Mix]
    torn: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    def propose(self, without: Collection[str] = (), roles: Mapping[str, str] = NOTHING_SAID) -> Mix:
        """See :class:`assistant.engineers.engineer.HeardSession`."""
        return self.decide(retold(self.session, without, roles))


def retold(session: Session, without: Collection[str], roles: Mapping[str, str]) -> Session:
    """``session`` less the tracks ``without``, with ``roles`` (by track name) in place of what the user said.

    Raises ``ValueError`` for a track that is not in it.
    """
    known = {track.name for track in session.tracks}
    for name in (*without, *roles):
        if name not in known:
            raise ValueError(unknown_name_text("track", name, known))
    kept = (track for track in session.tracks if track.name not in without)
    return replace(session, tracks=tuple(replace(t, role=roles[t.name]) if t.name in roles else t for t in kept))


def as_told(heard: HeardTrack, track: Track) -> HeardTrack:
    """``heard``, which sounds like ``track``, taken for what the user says of ``track``."""
    if track.role == heard.track.role:
        return heard
    return HeardTrack(track, heard.features, guess_role(track, heard.features))
