"""Training by phases, on whatever Lightning Fabric finds: a CPU, a GPU, or several.

A phase draws batches from a mixture of sources, varies them, and follows a loss. What is drawn depends on the seed, the
phase and the step alone, so a run that was interrupted goes on exactly where it stopped. Weights are averaged over the
steps (Polyak and Juditsky 1992), and the average is what a phase hands on.

Contents: :class:`Phase`, :class:`Checkpoint`, :func:`train_phases`.
"""

from __future__ import annotations

import copy
import io
import math
import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from assistant.console.parameters import from_unit
from assistant.controller.evidence import SCALARS
from assistant.controller.hearing import Hearing
from assistant.controller.network import ControllerNetwork
from assistant.tasks import Cancelled, IsCancelled
from assistant.training.batches import Variation, collate, collate_audio, vary
from assistant.training.errors import TrainingError
from assistant.training.examples import Example
from assistant.training.objective import Weights, mix_loss, proposal_loss, whole_loss, widen, with_levels

#: One step's record: phase, step, the seconds it took, and its loss and the parts of that.
Record = dict[str, float | str]
OnStep = Callable[[float, Record], None]

#: These are fitted, not trained: see :mod:`assistant.training.linear`.
_FITTED = ("by_spectrum", "by_numbers", "doubt_scale")


@dataclass(frozen=True)
class Phase:
    """One stretch of training.

    ``mixture`` says how many examples of each kind stand in a batch (``"heard band"``: sessions of the band with
    audio); ``rate`` is the highest learning rate, reached after a tenth of the ``steps`` and left on a cosine;
    ``learnt`` are the prefixes of the parameters that move (empty: all); ``anchor`` pulls them back to where the phase
    began (Li et al., "Explicit inductive bias for transfer learning", ICML 2018).
    """

    name: str
    steps: int
    mixture: Mapping[str, int]
    rate: float = 1e-3
    decay: float = 0.02
    anchor: float = 0.0
    learnt: tuple[str, ...] = ()
    variation: Variation = field(default_factory=Variation)
    weights: Weights = field(default_factory=Weights)
    averaging: float = 0.99


@dataclass
class Checkpoint:
    """Where a run stands.

    Weights in use, averaged, and at the ``start`` of the phase; the optimiser; the phase and step that come next; what
    was recorded; and in ``identity`` what run it is, by the words that name each part of that.
    """

    network: dict[str, Tensor]
    average: dict[str, Tensor]
    start: dict[str, Tensor]
    optimiser: dict[str, Any] | None = None
    phase: int = 0
    step: int = 0
    records: list[Record] = field(default_factory=list)
    identity: dict[str, str] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        unfinished = path.with_suffix(".part")
        torch.save(vars(self), unfinished)
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """The checkpoint in ``path``; holds tensors and plain values alone, so no code of others is run.

        Raises :class:`TrainingError` for a file that is none.
        """
        stored = io.BytesIO(path.read_bytes())
        try:
            return cls(**torch.load(stored, map_location="cpu", weights_only=True))
        except (RuntimeError, EOFError, TypeError, ValueError, pickle.UnpicklingError) as error:
            raise TrainingError(f"{path}: no checkpoint, or cut short; remove it to start over") from error

    def check(self, identity: Mapping[str, str], path: Path) -> None:
        """Raise :class:`TrainingError` where this is no checkpoint, from ``path``, of the run of that ``identity``."""
        other = [name for name, value in identity.items() if self.identity.get(name) != value]
        if other:
            raise TrainingError(
                f"{path}: belongs to a run with other {', '.join(other)}; "
                "go on with the options of that run, or remove the checkpoint to start over"
            )


def train_phases(
    network: ControllerNetwork,
    phases: Sequence[Phase],
    examples: Sequence[Example],
    *,
    seed: int = 0,
    checkpoint: Path | None = None,
    identity: Mapping[str, str] | None = None,
    save_every: int = 100,
    on_step: OnStep = lambda share, record: None,
    is_cancelled: IsCancelled = lambda: False,
    devices: int | str = "auto",
) -> list[Record]:
    """Train ``network`` in place through all ``phases``; returns one record per step.

    ``checkpoint`` is written every ``save_every`` steps and at the end of each phase; if it exists the run goes on from
    there, unless it was written with another ``identity``. ``on_step(share, record)`` hears the share of steps done.
    Raises ``ValueError`` for a phase whose source has no example, :class:`TrainingError` for a checkpoint that cannot
    be used, :class:`Cancelled` once ``is_cancelled()`` is true (after saving).
    """
    _check(phases, examples)
    fabric = Fabric(accelerator="auto", devices=devices)
    fabric.launch()
    state = Checkpoint(_copy(network), _copy(network), _copy(network), identity=dict(identity or {}))
    if checkpoint is not None and checkpoint.exists():
        state = Checkpoint.load(checkpoint)
        state.check(identity or {}, checkpoint)
    run = _Run(fabric, network, phases, examples, seed, checkpoint, save_every, on_step, is_cancelled)
    while state.phase < len(phases):
        run.phase(state)
    network.load_state_dict(state.average)
    return state.records


@dataclass(frozen=True)
class _Run:
    fabric: Fabric
    network: ControllerNetwork
    phases: Sequence[Phase]
    examples: Sequence[Example]
    seed: int
    checkpoint: Path | None
    save_every: int
    on_step: OnStep
    is_cancelled: IsCancelled

    def phase(self, state: Checkpoint) -> None:
        """Train the phase that ``state`` stands in to its end, and bring ``state`` there."""
        phase = self.phases[state.phase]
        self.network.load_state_dict(state.network)
        module, optimiser = self.fabric.setup(self.network, _optimiser(self.network, phase))
        if state.optimiser is not None:
            optimiser.load_state_dict(state.optimiser)
        average = {k: v.to(self.fabric.device) for k, v in state.average.items()}
        for step in range(state.step, phase.steps):
            started = time.monotonic()
            record = self._step(module, optimiser, state.start, state.phase, step)
            record["seconds"] = time.monotonic() - started
            _blend(average, self.network, min(phase.averaging, (step + 1) / (step + 10)))
            state.records.append(record)
            self.on_step(self._share(state.phase, step), record)
            if self.is_cancelled() or (step + 1) % self.save_every == 0:
                self._save(state, optimiser, average, step + 1)
            if self.is_cancelled():
                raise Cancelled(f"cancelled in phase {phase.name}, step {step + 1}")
        state.network = state.average = state.start = {k: v.cpu().clone() for k, v in average.items()}
        state.optimiser, state.phase, state.step = None, state.phase + 1, 0
        if self.checkpoint is not None and self.fabric.is_global_zero:
            state.save(self.checkpoint)

    def _step(self, module: nn.Module, optimiser: Any, start: dict[str, Tensor], index: int, step: int) -> Record:
        phase = self.phases[index]
        for group in optimiser.param_groups:
            group["lr"] = phase.rate * _pace(step, phase.steps)
        rng = np.random.default_rng((self.seed, index, step, self.fabric.global_rank))
        torch.manual_seed(int(rng.integers(2**31)))
        module.train()
        parts = self._parts(module, draw_batch(self.examples, rng, phase), phase.weights)
        loss = whole_loss(parts, phase.weights)
        whole = loss + phase.anchor * _distance(self.network, start) if phase.anchor else loss
        optimiser.zero_grad()
        self.fabric.backward(whole)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        optimiser.step()
        means = {name: float(part.detach().mean()) for name, part in parts.items()}
        return {"phase": phase.name, "step": step, "loss": float(loss.detach()), **means}

    def _parts(self, module: nn.Module, batch: Sequence[Example], weights: Weights) -> dict[str, Tensor]:
        device, names = self.fabric.device, self.network.config.parameters
        hearing, targets = collate(batch)
        hearing, targets = hearing.to(device), targets.to(device)
        is_stereo = stereo_mask(hearing)
        proposal = module(hearing)
        parts = proposal_loss(proposal, names, targets, is_stereo)
        if weights.audio:
            audio, mixes = (part.to(device) for part in collate_audio(batch))
            settings = from_unit(widen(proposal.positions, names))
            if not weights.level:
                settings = with_levels(settings, targets)
            parts["audio"] = mix_loss(settings, audio, mixes, is_stereo, hearing.is_active)
        return parts

    def _share(self, phase: int, step: int) -> float:
        done = sum(p.steps for p in self.phases[:phase]) + step + 1
        return done / sum(p.steps for p in self.phases)

    def _save(self, state: Checkpoint, optimiser: Any, average: dict[str, Tensor], step: int) -> None:
        state.network, state.average = _copy(self.network), {k: v.cpu().clone() for k, v in average.items()}
        state.optimiser, state.step = copy.deepcopy(optimiser.state_dict()), step
        if self.checkpoint is not None and self.fabric.is_global_zero:
            state.save(self.checkpoint)


def draw_batch(examples: Sequence[Example], rng: np.random.Generator, phase: Phase) -> list[Example]:
    """The varied examples of one step: so many of each source as the phase's mixture says."""
    drawn = []
    for source, count in phase.mixture.items():
        there = [e for e in examples if source in e.kinds]
        chosen = [there[int(i)] for i in rng.choice(len(there), count, replace=count > len(there))]
        drawn += [vary(e if phase.weights.audio else e.without_audio(), rng, phase.variation) for e in chosen]
    return drawn


def stereo_mask(hearing: Hearing) -> Tensor:
    """(B, N) bool: which tracks of a batch are stereo."""
    return hearing.scalars[..., list(SCALARS).index("is_stereo")] > 0.0


def _check(phases: Sequence[Phase], examples: Sequence[Example]) -> None:
    there = {kind for e in examples for kind in e.kinds}
    for phase in phases:
        for source, count in phase.mixture.items():
            if count and source not in there:
                raise ValueError(f"phase {phase.name!r} needs examples of {source!r}; there are {sorted(there)}")


def _optimiser(network: nn.Module, phase: Phase) -> torch.optim.Optimizer:
    for name, parameter in network.named_parameters():
        is_learnt = not phase.learnt or name.startswith(phase.learnt)
        parameter.requires_grad_(is_learnt and not name.startswith(_FITTED))
    return torch.optim.AdamW(network.parameters(), lr=phase.rate, weight_decay=phase.decay)  # still ones have no slope


def _pace(step: int, steps: int) -> float:
    """Share of the highest rate: up over the first tenth, then down on half a cosine."""
    warm = max(1, steps // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1.0 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _distance(network: nn.Module, start: Mapping[str, Tensor]) -> Tensor:
    moved = [(p - start[n].to(p.device)).square().sum() for n, p in network.named_parameters() if p.requires_grad]
    return torch.stack(moved).sum()


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}


def _blend(average: dict[str, Tensor], network: nn.Module, keep: float) -> None:
    with torch.no_grad():
        for name, value in network.state_dict().items():
            average[name].lerp_(value.to(average[name].device), 1.0 - keep)
