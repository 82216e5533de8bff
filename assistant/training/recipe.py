"""The recipes: which network, from which examples, in which phases.

The full controller learns an engineer's settings from synthetic sessions, then to come close to that engineer's mixes
by ear, through the console; then, from finished stems that were damaged, to give them back what their mixers had done.
How loud they stood is left to the linear experts: a few songs are too few for a deep network, which unlearns what it
knew (measured: the model card). The drum controller is DMC-basic: gains and pans of kits by one engineer.

Contents: :class:`Recipe`, :func:`full_recipe`, :func:`drum_recipe`, :func:`synthetic_jobs`, :func:`stems_jobs`,
:func:`train_network`, :func:`learn_from_stems`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from assistant.controller.network import Context, ControllerNetwork, NetworkConfig
from assistant.mix import Session
from assistant.training.batches import Variation
from assistant.training.examples import Example
from assistant.training.linear import Line, fit_experts
from assistant.training.objective import Weights
from assistant.training.sessions import band_example, drum_example, stems_example
from assistant.training.trainer import Phase, Record, train_phases

Job = tuple[str, Callable[[], Example]]

#: Audio kept of an example for the phases that mix.
EXCERPT_S = 3.0
#: Steps over finished stems: with a few songs, more of them only teach these songs by heart.
STEMS_STEPS = 60


@dataclass(frozen=True)
class Recipe:
    """A network's shape, how many synthetic sessions and kits it learns from, and the phases.

    Of the sessions the first ``heard`` keep audio, of the kits all.
    """

    network: NetworkConfig
    sessions: int
    heard: int
    kits: int
    phases: tuple[Phase, ...]


def full_recipe(
    context: Context = "attention", sessions: int = 240, steps: int = 900, *, with_audio: bool = True
) -> Recipe:
    """DMC-full out of ``sessions`` synthetic sessions, ``steps`` steps by settings and a sixth as many by ear."""
    plain = Variation(damage=0.0)
    varied = Variation(damage=0.0, nameless=0.4, coloured=0.6, misheard=0.25)
    settings = Phase("settings", steps, {"band": 5, "drums": 1}, rate=1.5e-3, variation=varied)
    by_ear = Phase(
        "mixes",
        max(1, steps // 6),
        {"heard band": 3},
        rate=2e-4,
        variation=plain,
        weights=Weights(audio=0.3, worst_share=0.7),
    )
    phases = (settings, by_ear) if with_audio else (settings,)
    return Recipe(NetworkConfig(context), sessions, max(1, sessions // 4), max(1, sessions // 4), phases)


def drum_recipe(
    context: Context = "attention", kits: int = 160, steps: int = 400, *, with_audio: bool = True
) -> Recipe:
    """DMC-basic out of ``kits`` drum kits, ``steps`` steps by settings and half as many by ear."""
    varied = Variation(damage=0.0, least_tracks=1.0, nameless=0.0)
    settings = Phase("settings", steps, {"drums": 8}, rate=1.5e-3, variation=varied)
    by_ear = Phase("mixes", max(1, steps // 2), {"drums": 4}, rate=3e-4, variation=varied, weights=Weights(audio=0.5))
    phases = (settings, by_ear) if with_audio else (settings,)
    return Recipe(NetworkConfig(context, "basic"), sessions=0, heard=0, kits=kits, phases=phases)


def stems_phase(steps: int = STEMS_STEPS) -> Phase:
    """What a full network learns from damaged stems: tone, dynamics and place, but not how loud they stood."""
    weights = Weights(level=0.0, roles=0.1, audio=0.2)
    return Phase("stems", steps, {"stems": 1}, rate=1e-4, anchor=1e-3, weights=weights)


def synthetic_jobs(recipe: Recipe, samples_folder: Path | None = None) -> Iterator[Job]:
    """The synthetic examples of ``recipe`` by name, for :class:`assistant.training.examples.Cache`."""
    which = "without samples" if samples_folder is None else "with samples"
    for seed in range(recipe.sessions):
        excerpt_s = EXCERPT_S if seed < recipe.heard else 0.0
        yield f"band {seed}, {excerpt_s:g} s, {which}", partial(band_example, seed, samples_folder, excerpt_s)
    for seed in range(recipe.kits):
        folder = samples_folder if seed % 2 else None  # the recorded pieces are few: half the kits are synthesised
        yield f"drums {seed}, {EXCERPT_S:g} s, {which}", partial(drum_example, seed, folder, EXCERPT_S)


def stems_jobs(sessions: Sequence[Session]) -> Iterator[Job]:
    """One example per session of finished stems; its files' names, sizes and times tell it from others."""
    for session in sessions:
        files = [(t.name, p.stat().st_size, p.stat().st_mtime_ns) for t in session.tracks if (p := t.audio_path)]
        yield f"stems {session.source} {files}", partial(stems_example, session, EXCERPT_S)


def train_network(
    recipe: Recipe, examples: Sequence[Example], *, seed: int = 0, **options: Any
) -> tuple[ControllerNetwork, list[Record]]:
    """A new network through the phases of ``recipe``, and the record; ``options`` go to :func:`train_phases`."""
    torch.manual_seed(seed)
    network = ControllerNetwork(recipe.network)
    records = train_phases(network, recipe.phases, examples, seed=seed, **options)
    return network.eval(), records


def learn_from_stems(
    network: ControllerNetwork, examples: Sequence[Example], *, steps: int = STEMS_STEPS, seed: int = 0, **options: Any
) -> tuple[ControllerNetwork, dict[str, Line], list[Record]]:
    """``network`` taught by the finished stems among ``examples``: :func:`stems_phase`, then the linear experts.

    Returns the taught network, the experts' lines, and the record; ``options`` go to :func:`train_phases`.
    """
    taught = copy.deepcopy(network)
    records = train_phases(taught, [stems_phase(steps)], examples, seed=seed, **options) if steps else []
    fitted, lines = fit_experts(taught, [e for e in examples if e.is_finished])
    return fitted.eval(), lines, records
