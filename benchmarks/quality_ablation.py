"""What does each part of the controller bring? Contexts, names, and the linear experts, each left out in turn.

Three networks that differ in their context alone (none, mean, attention) are taught by the same synthetic sessions, by
settings, with half the usual steps. Judged twice:

- band: on twenty sessions none of them learned from: mean |level - engineer's| in dB, median removed (the engineer's
  own spread accounts for about 0.8), the share of roles found, and the parameter loss;
- human: on the four songs of *Everything is Free* (CC0): mean level error in LU, median removed, of the deep network
  alone, and with linear experts fitted to the other three songs; with names and without.

Contexts and losses on drum kits: ``quality_drums``.

Usage: ``python benchmarks/quality_ablation.py [FOLDER]``; ten minutes, and twenty more to make the sessions the first
time (FluidSynth: ``make train-tools``). Results are appended to ``benchmarks/results/quality_ablation.jsonl``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from quality_levels import find_songs
from recording import CACHE, SAMPLES, record

from assistant.controller.network import ControllerNetwork
from assistant.params import BY_NAME
from assistant.training.batches import collate
from assistant.training.examples import Cache, Example
from assistant.training.linear import fit_experts
from assistant.training.objective import proposal_loss
from assistant.training.recipe import full_recipe, stems_jobs, synthetic_jobs, train_network
from assistant.training.sessions import band_example
from assistant.training.trainer import stereo_mask
from protocols.stems import read_stems_folder

CONTEXTS = ("none", "mean", "attention")
STEPS = 450
TEST_SEEDS = range(10_000, 10_020)
COLUMNS = ("band level", "band roles", "band settings", "human deep", "no names", "with experts", "no names ")


def levels_db(network: ControllerNetwork, example: Example, *, named: bool = True) -> np.ndarray:
    """The faders (N,) in dB that ``network`` proposes."""
    hearing, _ = collate([example])
    if not named:
        hearing = hearing._replace(named=torch.zeros_like(hearing.named))
    fader, column = BY_NAME["fader_db"], network.config.parameters.index("fader_db")
    with torch.no_grad():
        positions = network.eval()(hearing).positions[0, :, column]
    return fader.low + (fader.high - fader.low) * positions.double().numpy()


def level_error(network: ControllerNetwork, example: Example, *, named: bool = True) -> float:
    """Mean absolute error in dB, median removed."""
    error = levels_db(network, example, named=named) - example.level_db
    return float(np.mean(np.abs(error - np.median(error))))


def judge_band(network: ControllerNetwork, sessions: Sequence[Example]) -> list[float]:
    """Level error, share of roles, parameter loss."""
    roles, settings = [], []
    for example in sessions:
        hearing, targets = collate([example])
        with torch.no_grad():
            proposal = network(hearing)
        roles.append(float((proposal.roles[0].argmax(-1) == targets.roles[0]).float().mean()))
        parts = proposal_loss(proposal, network.config.parameters, targets, stereo_mask(hearing))
        settings.append(float(parts["positions"]))
    return [
        float(np.mean([level_error(network, e) for e in sessions])),
        float(np.mean(roles)),
        float(np.mean(settings)),
    ]


def judge_human(network: ControllerNetwork, songs: Sequence[Example]) -> list[float]:
    """Mean level errors: deep, deep without names, with experts, with experts without names."""
    rows = []
    for song in songs:
        taught, _ = fit_experts(network, [other for other in songs if other is not song])
        rows.append([level_error(n, song, named=named) for n in (network, taught) for named in (True, False)])
    return np.mean(rows, axis=0).tolist()


def main() -> int:
    """Train, judge, print."""
    folders = find_songs()
    if not folders:
        return 0
    cache, samples = Cache(CACHE), SAMPLES if SAMPLES.is_dir() else None
    learnt = cache.load_all(synthetic_jobs(full_recipe(), samples), processes=2)
    tests = [(f"test band {seed}, {samples is not None}", partial(band_example, seed, samples)) for seed in TEST_SEEDS]
    sessions = cache.load_all(tests, processes=2)
    songs = cache.load_all(stems_jobs([read_stems_folder(f, skip_broken=True)[0] for f in folders]), processes=2)
    print(f"{'context':12}" + "".join(f"{column:>15}" for column in COLUMNS))
    results: dict[str, list[float]] = {}
    for context in CONTEXTS:
        recipe = full_recipe(context, steps=STEPS, with_audio=False)
        network, _ = train_network(recipe, learnt, devices=1)
        results[context] = [*judge_band(network, sessions), *judge_human(network, songs)]
        print(f"{context:12}" + "".join(f"{value:15.3f}" for value in results[context]), flush=True)
    record("quality_ablation", {"columns": COLUMNS, "results": results})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
