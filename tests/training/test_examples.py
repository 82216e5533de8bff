"""Examples on disk: what comes back is what was written, and nothing is made twice."""

from dataclasses import fields
from functools import partial

import numpy as np
import pytest
from training.conftest import make_example

from assistant.training.examples import Cache, load_example, save_example


def same(one, other):
    """Every field of two examples, every array of their tracks."""
    for field in fields(one):
        if field.name == "tracks":
            continue
        a, b = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_array_equal(a, b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
    for a, b in zip(one.tracks, other.tracks, strict=True):
        for field in fields(a):
            np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))
        assert a.passages_s == b.passages_s


@pytest.mark.parametrize(("source", "num_samples"), [("band", 0), ("stems", 2048)])
def test_a_round_trip(tmp_path, source, num_samples) -> None:
    example = make_example(source, num_samples=num_samples)
    save_example(tmp_path / "one.npz", example)
    same(load_example(tmp_path / "one.npz"), example)
    assert [p.name for p in tmp_path.iterdir()] == ["one.npz"]


def test_kinds() -> None:
    assert make_example("band", num_samples=2048).kinds == {"band", "heard band"}
    assert make_example("band").kinds == {"band"}
    assert make_example("band", num_samples=2048).without_audio().kinds == {"band"}
    assert make_example("stems").is_finished
    assert not make_example("drums").is_finished


def test_what_is_there_is_not_made_again(tmp_path) -> None:
    made, heard = [], []

    def make(seed):
        made.append(seed)
        return make_example(seed=seed)

    cache = Cache(tmp_path / "a" / "b")
    jobs = [(f"band {seed}", partial(make, seed)) for seed in range(3)]
    cache.load_all(jobs[:1])
    assert cache.missing(jobs) == ["band 1", "band 2"]
    loaded = cache.load_all(jobs, heard.append)
    assert made == [0, 1, 2]
    assert heard == [1, 2, 3]
    for seed, example in enumerate(loaded):
        same(example, make_example(seed=seed))
    cache.load_all(jobs)
    assert made == [0, 1, 2]


def test_what_was_made_before_a_failure_stays(tmp_path) -> None:
    def fail():
        raise OSError("the disk is full")

    jobs = [("good", make_example), ("bad", fail)]
    with pytest.raises(OSError, match="the disk is full"):
        Cache(tmp_path).load_all(jobs)
    assert Cache(tmp_path).missing(jobs) == ["bad"]


def test_several_processes_make_the_same(tmp_path) -> None:
    for seed in range(2):
        save_example(tmp_path / f"{seed}.npz", make_example(seed=seed))
    jobs = [(str(seed), partial(load_example, tmp_path / f"{seed}.npz")) for seed in range(2)]
    loaded = Cache(tmp_path / "cache").load_all(jobs, processes=2)
    for seed, example in enumerate(loaded):
        same(example, make_example(seed=seed))
