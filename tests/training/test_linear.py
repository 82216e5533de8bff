"""The linear experts' fit: what was planted comes out, whatever each song's constant and whoever errs."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from training.conftest import make_example, make_network

from assistant.training.batches import collate
from assistant.training.linear import SHARES, STRENGTHS, TYPICAL_DB, fit_experts, fit_line

WEIGHT = np.array([6.0, -4.0, 2.0, 0.0, 0.0])


def planted(songs=8, tracks=20, noise_db=0.0, seed=0):
    """Numbers (N, 5) of each song, and levels by ``WEIGHT`` that each lie at a level of their own."""
    rng = np.random.default_rng(seed)
    numbers = [rng.normal(0.0, 1.0, (tracks, len(WEIGHT))) for _ in range(songs)]
    levels = [x @ WEIGHT + rng.uniform(-30.0, 0.0) + rng.normal(0.0, noise_db, tracks) for x in numbers]
    return numbers, levels


def test_a_planted_line_is_found() -> None:
    numbers, levels = planted()
    line = fit_line(numbers, levels)
    np.testing.assert_allclose(line.weight, WEIGHT, atol=0.1)
    assert line.error_db < 0.2
    assert line.strength == min(STRENGTHS)
    middle = np.concatenate(numbers).mean(0)
    assert float(middle @ line.weight + line.bias) == pytest.approx(TYPICAL_DB)


def test_the_songs_own_levels_do_not_matter() -> None:
    numbers, levels = planted(noise_db=1.0)
    moved = [level + 10.0 * index for index, level in enumerate(levels)]
    np.testing.assert_allclose(fit_line(numbers, moved).weight, fit_line(numbers, levels).weight, atol=1e-9)


def test_one_wrong_level_moves_little() -> None:
    """A track 60 dB off moves what least squares would answer with by far more."""
    numbers, levels = planted(songs=4)
    before = fit_line(numbers, levels).weight
    levels[1][3] += 60.0
    robust = np.abs(fit_line(numbers, levels).weight - before).max()
    design = np.concatenate([x - x.mean(0) for x in numbers])
    target = np.concatenate([level - level.mean() for level in levels])
    squares = np.abs(np.linalg.lstsq(design, target, rcond=None)[0] - WEIGHT).max()
    assert robust < 0.25
    assert robust < 0.25 * squares


def test_where_nothing_can_be_foretold_the_ridge_is_strong() -> None:
    rng = np.random.default_rng(1)
    numbers = [rng.normal(0.0, 1.0, (8, 40)) for _ in range(4)]
    levels = [rng.normal(0.0, 4.0, 8) for _ in range(4)]
    line = fit_line(numbers, levels)
    assert line.strength == max(STRENGTHS)
    assert line.error_db > 2.0


def test_a_single_song_leaves_none_to_be_foretold() -> None:
    line = fit_line(*planted(songs=1))
    assert np.isnan(line.error_db)
    np.testing.assert_allclose(line.weight, WEIGHT, atol=0.5)


def test_experts_answer_by_their_lines() -> None:
    """Tracks of unknown level are no evidence; the rest of the network is its own."""
    songs = [make_example("stems", seed=seed, tracks=6) for seed in range(3)]
    unknown = replace(songs[0], level_db=np.where(np.arange(6) == 2, np.nan, songs[0].level_db).astype(np.float32))
    network = make_network()
    fitted, lines = fit_experts(network, [unknown, *songs[1:]])
    assert fitted.config.shares == SHARES
    hearing, _ = collate(songs[1:2])
    said = fitted.encode(hearing)[0, :, -1].detach().numpy()
    expected = hearing.scalars[0].numpy() @ lines["numbers"].weight + lines["numbers"].bias
    np.testing.assert_allclose(said, expected, atol=1e-3)
    assert float(fitted.by_spectrum.bias) == pytest.approx(lines["spectrum"].bias, rel=1e-5)
    assert torch.equal(fitted.positions.weight, network.positions.weight)
    assert not network.by_numbers.weight.any(), "the network that was handed in has changed"


def test_doubts_are_as_large_as_left_out_songs_show() -> None:
    """Twice the spread of the levels is twice the doubt; one song alone shows nothing."""
    network = make_network()
    songs = [make_example("stems", seed=seed, tracks=6) for seed in range(3)]
    wider = [replace(song, level_db=100.0 * song.level_db) for song in songs]
    plain, wide = (float(fit_experts(network, some)[0].doubt_scale) for some in (songs, wider))
    assert wide > 10.0 * plain > 0.0
    assert float(fit_experts(network, songs[:1])[0].doubt_scale) == 1.0
