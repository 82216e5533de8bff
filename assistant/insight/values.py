"""What insight says of a mix: plain values for the terminal, the report and the desktop companion.

Contents: :class:`Effect`, :class:`Driver`, :class:`Alternative`, :class:`Confidence`, :class:`Reason`,
:class:`Observation`, :class:`Card`, :class:`Influence`, :class:`Calibration`, :class:`Insight`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.facts import Alone, Span, TrackFacts, Verification
from assistant.mix import Change, ChannelMix

#: "shown": measured and audible. "weak": true, but hardly to be heard. "withheld": measured against its own words.
Standing = Literal["shown", "weak", "withheld"]


@dataclass(frozen=True)
class Effect:
    """What a change did, measured: ``quantity`` in ``unit``, before and after, and where it was measured."""

    quantity: str
    unit: str
    before: float
    after: float
    span: Span | None
    sentence: str


@dataclass(frozen=True)
class Driver:
    """Another track because of which a parameter stands where it does: without that track it would stand at ``value``.

    ``moved`` is how far the track moved the parameter, in the parameter's unit: proposed value less ``value``. Of a
    fader, ``shared`` is the part of that which is common to all faders: their median, in dB.
    """

    track: str
    param: str
    value: float
    moved: float
    shared: float = 0.0


@dataclass(frozen=True)
class Alternative:
    """What would be set if a track that the engineer is not sure of were its second ``role``, of probability ``share``.

    ``changes`` go from what is proposed; ``shared`` dB, all other faders would move (their median); ``sentence`` says
    it.
    """

    track: str
    role: str
    share: float
    changes: tuple[Change, ...]
    shared: float
    sentence: str


@dataclass(frozen=True)
class Confidence:
    """How sure: ``share`` 0..1 of such changes that were right on held-out data, and what that means in words."""

    share: float
    sentence: str


@dataclass(frozen=True)
class Reason:
    """Why one section of one track's strip is changed. Empty texts where there is nothing to say.

    ``heard``, ``did`` are sentences; ``because`` the drivers, strongest first, ``because_text`` in words;
    ``alternatives`` in words; ``sensitivity`` what a small move of the section's main parameter does, in words; ``why``
    says why a reason is weak or withheld.
    """

    track: str
    section: str
    changes: tuple[Change, ...]
    heard: str
    did: str
    effect: Effect
    because: tuple[Driver, ...] = ()
    because_text: str = ""
    confidence: Confidence | None = None
    alternatives: tuple[str, ...] = ()
    sensitivity: str = ""
    standing: Standing = "shown"
    why: str = ""


@dataclass(frozen=True)
class Observation:
    """A problem found on the way, whether or not anything is changed.

    ``kind`` is a row of ``assistant.analysis.faults.KINDS``; ``severity`` 0..1; ``value`` in ``unit``; ``remedy`` what
    the console can do about it (empty where it cannot) and ``advice`` what to do at the source.
    """

    kind: str
    tracks: tuple[str, ...]
    severity: float
    text: str
    value: float
    unit: str
    span: Span | None = None
    band_hz: tuple[float, float] | None = None
    remedy: tuple[Change, ...] = ()
    advice: str = ""


@dataclass(frozen=True)
class Card:
    """One track: its channel before and after, what was measured of it, and its reasons, strongest effect first.

    ``alone``: the mix before with this track's change alone; None where nothing was changed. ``alternative``: what
    would be set if the track had its second role; None where the engineer is not torn.
    """

    old: ChannelMix
    new: ChannelMix
    before: TrackFacts
    after: TrackFacts
    alone: Alone | None
    reasons: tuple[Reason, ...]
    alternative: Alternative | None = None

    @property
    def name(self) -> str:
        """The track's name."""
        return self.new.name


@dataclass(frozen=True)
class Influence:
    """How much each track's presence moves the others' settings.

    ``strength`` (N, N) in dB-like units: how far the track in the column moves the settings of the track in the row
    (see :func:`assistant.insight.influence.find_influence`); ``drivers`` by (track, parameter), strongest first.
    """

    names: tuple[str, ...]
    strength: NDArray[np.float64] = field(compare=False)
    drivers: Mapping[tuple[str, str], tuple[Driver, ...]] = field(compare=False)


@dataclass(frozen=True)
class Calibration:
    """A calibration curve on held-out data: of the changes said to be right with probability ``predicted``, how many
    were, ``observed``, and how many there were, ``counts``; ``source`` says on which data."""

    name: str
    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    counts: tuple[int, ...]
    source: str


@dataclass(frozen=True)
class Insight:
    """All that is known of one mix. ``cards`` are in the order of the mix's channels, ``observations`` worst first."""

    verification: Verification
    cards: tuple[Card, ...]
    observations: tuple[Observation, ...]
    influence: Influence | None
    calibrations: tuple[Calibration, ...]

    def card(self, name: str) -> Card:
        """The card of the track called ``name``; ``KeyError`` when there is none."""
        for card in self.cards:
            if card.name == name:
                return card
        raise KeyError(name)
