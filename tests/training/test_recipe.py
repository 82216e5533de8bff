"""Recipes ask only for what their jobs make; songs are told apart by their files."""

import os
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from training.conftest import TINY, make_example

from assistant.mix import Session, Track
from assistant.training.batches import Variation
from assistant.training.linear import SHARES
from assistant.training.recipe import (
    Recipe,
    drum_recipe,
    full_recipe,
    learn_from_stems,
    stems_jobs,
    stems_phase,
    synthetic_jobs,
    train_network,
)
from assistant.training.trainer import Phase


def kinds_of(jobs):
    """What the examples of ``jobs`` can be asked for as, by their keys: source, number, seconds of audio."""
    kinds = set()
    for key, _ in jobs:
        source, seconds = key.split()[0], key.split(", ")[1]
        kinds |= {source} if seconds == "0 s" else {source, f"heard {source}"}
    return kinds


@pytest.mark.parametrize(
    "recipe", [full_recipe(), full_recipe(sessions=1, steps=1), drum_recipe(), drum_recipe("none")]
)
def test_phases_ask_for_what_is_made(recipe) -> None:
    jobs = list(synthetic_jobs(recipe))
    assert len({key for key, _ in jobs}) == len(jobs) == recipe.sessions + recipe.kits
    for phase in recipe.phases:
        assert phase.mixture.keys() <= kinds_of(jobs), phase.name
        assert not phase.weights.audio or all(
            f"heard {kind.removeprefix('heard ')}" in kinds_of(jobs) for kind in phase.mixture
        )


def test_without_audio_nothing_is_learnt_by_ear() -> None:
    for recipe in (full_recipe(with_audio=False), drum_recipe(with_audio=False)):
        assert [phase.name for phase in recipe.phases] == ["settings"]
        assert not any(phase.weights.audio for phase in recipe.phases)


def test_samples_make_other_examples() -> None:
    plain, sampled = ({key for key, _ in synthetic_jobs(full_recipe(), folder)} for folder in (None, os.curdir))
    assert not plain & sampled


def test_the_stems_phase_leaves_levels_alone() -> None:
    assert stems_phase().weights.level == 0.0
    assert set(stems_phase().mixture) == {"stems"}


def test_a_song_is_known_by_its_files(tmp_path) -> None:
    """Its example is made again when a stem changed."""
    soundfile.write(tmp_path / "kick.wav", np.zeros(10), 44_100)
    session = Session((Track("kick", audio_path=tmp_path / "kick.wav"),), 44_100, source=tmp_path)
    ((key, _),) = stems_jobs([session])
    assert key == next(stems_jobs([session]))[0]
    soundfile.write(tmp_path / "kick.wav", np.zeros(20), 44_100)
    assert key != next(stems_jobs([session]))[0]


def test_training_is_the_seed() -> None:
    """A network through both parts: songs fit the experts; the same seed gives the same weights, another others."""
    examples = [
        *(make_example("band", seed, num_samples=4096) for seed in range(2)),
        *(make_example("stems", seed, num_samples=4096) for seed in range(2)),
    ]
    phase = Phase("settings", 2, {"band": 2}, variation=Variation(damage=0.0))
    recipe = Recipe(TINY, sessions=2, heard=2, kits=0, phases=(phase,))
    networks = [train_network(recipe, examples, seed=seed, devices=1)[0] for seed in (1, 1, 2)]
    weights = [network.positions.weight for network in networks]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    taught, lines, records = learn_from_stems(networks[0], examples, steps=1, devices=1)
    assert taught.config == replace(TINY, shares=SHARES)
    assert set(lines) == {"spectrum", "numbers"}
    assert [record["phase"] for record in records] == ["stems"]
    assert torch.equal(networks[0].positions.weight, weights[1]), "the network that was handed in has changed"
