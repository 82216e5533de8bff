"""A course: one training planned from what was asked for, before anything long begins.

Contents: :class:`Order`, :class:`Course`, :func:`plan_course`, :func:`check_samples`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from assistant.controller.network import Context, ControllerNetwork
from assistant.controller.weights import load_weights
from assistant.mix import Session
from assistant.training.band.sampler import PIECES, sample_files
from assistant.training.band.soundfont import find_fluidsynth
from assistant.training.band.sources import SOURCES, TrainingToolError
from assistant.training.drums.oneshots import FILES
from assistant.training.errors import TrainingError
from assistant.training.examples import Cache
from assistant.training.recipe import (
    STEMS_STEPS,
    Job,
    Recipe,
    full_recipe,
    stems_jobs,
    stems_phase,
    synthetic_jobs,
)
from assistant.training.trainer import Phase


@dataclass(frozen=True)
class Order:
    """What is asked for.

    ``songs`` of finished stems; ``sessions`` and ``kits`` to be made, ``steps`` to learn from them and ``stems_steps``
    from the songs; ``samples`` the folder of one-shots; ``seed``. ``is_taught``: begin with the weights in ``start``
    (None: the installed ones), which leaves out the synthetic sessions and phases.
    """

    songs: tuple[Session, ...] = ()
    sessions: int = 240
    kits: int = 60
    steps: int = 900
    stems_steps: int = STEMS_STEPS
    context: Context = "attention"
    samples: Path | None = None
    seed: int = 0
    is_taught: bool = False
    start: Path | None = None


@dataclass(frozen=True)
class Course:
    """What is to be done: ``network`` as it begins, its ``phases``, how examples are made, and every source of them.

    ``learnt_before`` is what the weights it begins with say of themselves, empty for a new network.
    """

    order: Order
    network: ControllerNetwork
    phases: tuple[Phase, ...]
    jobs: tuple[Job, ...]
    sources: tuple[str, ...]
    learnt_before: Mapping[str, str]

    @property
    def identity(self) -> dict[str, str]:
        """What tells this run from others, by the words for it and the options that say it."""
        weights = hashlib.sha256()
        for name, value in self.network.state_dict().items():
            weights.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
        return {
            "network (--context, --from)": repr(self.network.config),
            "first weights (--from, --seed)": weights.hexdigest(),
            "steps (--steps, --stems-steps)": repr(self.phases),
            "examples (--data, --sessions, --kits, --samples)": _digest([key for key, _ in self.jobs]),
            "seed (--seed)": str(self.order.seed),
        }

    def check_tools(self, cache: Cache) -> None:
        """Raise :class:`TrainingError` where a program is missing that an example not in ``cache`` needs."""
        if any(key.startswith("band ") for key in cache.missing(self.jobs)):
            try:
                find_fluidsynth()
            except TrainingToolError as error:
                raise TrainingError(f"{error}; or train on your songs alone with --from or --sessions 0") from error


def plan_course(order: Order) -> Course:
    """The course for ``order``; raises :class:`WeightsError`, and :class:`TrainingError` for unfit samples."""
    if order.samples is not None:
        check_samples(order.samples)
    recipe = full_recipe(order.context, order.sessions, order.steps)
    recipe = replace(recipe, kits=order.kits)
    learnt_before: Mapping[str, str] = {}
    if order.is_taught:
        network, learnt_before = _taught(order.start)
        recipe = replace(recipe, sessions=0, heard=0, kits=0, phases=())
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(order.seed)
            network = ControllerNetwork(recipe.network)
    phases = tuple(_without_kits(phase) if recipe.kits == 0 else phase for phase in recipe.phases)
    if order.songs and order.stems_steps:
        phases = (*phases, stems_phase(order.stems_steps))
    jobs = (*synthetic_jobs(recipe, order.samples), *stems_jobs(order.songs))
    return Course(order, network, phases, jobs, _sources(recipe, order.songs), learnt_before)


def check_samples(folder: Path) -> None:
    """Raise :class:`TrainingError` where ``folder`` lacks one-shots that kits and bands are made of."""
    if not folder.is_dir():
        raise TrainingError(f"{folder}: no such folder of samples; was it moved or renamed?")
    try:
        for beginnings in PIECES.values():
            sample_files(folder, beginnings)
    except TrainingToolError as error:
        raise TrainingError(str(error)) from error
    for piece, patterns in FILES.items():
        if not any(True for pattern in patterns for _ in folder.glob(pattern)):
            raise TrainingError(f"{folder}: no one-shot of a {piece} ({', '.join(patterns)}); another folder?")


def _taught(start: Path | None) -> tuple[ControllerNetwork, Mapping[str, str]]:
    """The network in ``start``, its deep expert alone: the linear ones are fitted to the songs afterwards."""
    given, learnt_before = load_weights(start)
    network = ControllerNetwork(replace(given.config, shares=(1.0, 0.0, 0.0)))
    network.load_state_dict(given.state_dict())
    return network, learnt_before


def _without_kits(phase: Phase) -> Phase:
    return replace(phase, mixture={name: count for name, count in phase.mixture.items() if name != "drums"})


def _sources(recipe: Recipe, songs: Sequence[Session]) -> tuple[str, ...]:
    made = SOURCES if recipe.sessions else ()
    kits = ("drum kits: computed by this package, half of them of the samples when given",) if recipe.kits else ()
    own = (f"{song.source.name}: the owner's multitrack, under the owner's terms" for song in songs if song.source)
    return (*made, *kits, *own)


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
