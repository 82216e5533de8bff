"""The table of engineers by name, and what they need.

Contents: :class:`Means`, ``ENGINEERS``, :func:`make_engineer`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.audio.reading import load_track
from assistant.engineers.baselines import EqualLoudnessEngineer, MonoEngineer, RandomEngineer
from assistant.engineers.engineer import Engineer
from assistant.engineers.rules import RuleEngineer
from assistant.mix import unknown_name_text
from assistant.tasks import Load


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
