"""One interface for whatever proposes a mix, and the table of engineers by name.

Contents: :class:`Engineer`, :class:`HeardSession`, :class:`Means`, ``ENGINEERS``, :func:`make_engineer`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.audio.reading import load_track
from assistant.engineers.baselines import EqualLoudnessEngineer, MonoEngineer, RandomEngineer
from assistant.engineers.hearing import NOTHING_SAID
from assistant.engineers.rules import RuleEngineer
from assistant.mix import Mix, Session, unknown_name_text
from assistant.tasks import IsCancelled, Load, Progress


class HeardSession(Protocol):
    """A session that an engineer has listened to: to ask again costs no listening."""

    @property
    def torn(self) -> Mapping[str, tuple[str, float]]:
        """By name, the tracks that may well be something else: the second role and its probability 0..1.

        Empty where the engineer has no second thoughts; a track whose role the user gave is never in it.
        """

    def propose(self, without: Collection[str] = (), roles: Mapping[str, str] = NOTHING_SAID) -> Mix:
        """The mix of the session, to the last digit as :meth:`Engineer.propose` gives it.

        As if the tracks ``without`` had not been in the session, and as if the user had said ``roles`` (track name to
        role) of the others. Raises ``ValueError`` for a track or a role that does not exist.
        """


class Engineer(Protocol):
    """Anything that proposes a mix."""

    @property
    def name(self) -> str:
        """The name it is asked for by and signs its mixes with."""

    def listen(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> HeardSession:
        """``session``, listened to; no audio is kept.

        ``progress(share, what)`` hears the share done 0..1, in the caller's thread. Raises
        :class:`assistant.tasks.Cancelled` once ``is_cancelled()`` is true, and whatever loading a track raises.
        """

    def propose(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Mix:
        """A mix with one channel per track of ``session``, in its order: what it proposes once it has listened.

        Neither the tracks' order nor their level changes a setting, but for ``trim_db``; a silent track stays neutral.
        Raises what :meth:`listen` raises.
        """


@dataclass(frozen=True)
class Means:
    """What an engineer may need: how tracks are loaded, a seed, a file of weights (None: those installed)."""

    load: Load
    seed: int = 0
    weights: Path | None = None


def _make_dmc(means: Means) -> Engineer:
    from assistant.controller.engineer import DmcEngineer  # brings torch along, which the others do without

    return DmcEngineer(means.load, means.weights)


#: What makes each engineer out of its means.
ENGINEERS: dict[str, Callable[[Means], Engineer]] = {
    "mono": lambda means: MonoEngineer(),
    "random": lambda means: RandomEngineer(means.seed),
    "equal-loudness": lambda means: EqualLoudnessEngineer(means.load),
    "rules": lambda means: RuleEngineer(means.load),
    "dmc": _make_dmc,
}


def make_engineer(name: str, load: Load = load_track, seed: int = 0, weights: Path | None = None) -> Engineer:
    """The engineer called ``name``.

    ``load(track, sample_rate)`` brings audio (C, T); ``seed`` serves those that draw, ``weights`` those that learnt.
    Raises ``ValueError`` for an unknown name, listing the known ones.
    """
    if name not in ENGINEERS:
        raise ValueError(f"{unknown_name_text('engineer', name, set(ENGINEERS))}; known: {', '.join(ENGINEERS)}")
    return ENGINEERS[name](Means(load, seed, weights))
