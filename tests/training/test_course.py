"""Courses: which phases and examples an order comes to, and by what two runs are told apart."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from training.conftest import make_network

from assistant.controller.weights import save_weights
from assistant.mix import Session, Track
from assistant.training.course import Order, check_samples, plan_course
from assistant.training.errors import TrainingError
from assistant.training.examples import Cache


@pytest.fixture
def song(tmp_path: Path) -> Session:
    """A session whose files nobody reads."""
    for name in ("kick", "bass"):
        (tmp_path / f"{name}.wav").write_bytes(b"audio")
    return Session(tuple(Track(n, audio_path=tmp_path / f"{n}.wav") for n in ("kick", "bass")), 44_100, source=tmp_path)


@pytest.fixture
def start(tmp_path: Path) -> Path:
    path = tmp_path / "start.safetensors"
    network = make_network()
    torch.nn.init.ones_(network.by_numbers.weight)
    network.config = replace(network.config, shares=(0.4, 0.3, 0.3))
    save_weights(path, network, {"sources": "band"})
    return path


def names(course):
    return [phase.name for phase in course.phases]


def test_without_a_song_the_synthetic_part_is_all() -> None:
    course = plan_course(Order(sessions=8, kits=3, steps=12))
    assert names(course) == ["settings", "mixes"]
    assert [phase.steps for phase in course.phases] == [12, 2]
    assert len(course.jobs) == 11
    assert course.network.config.shares == (1.0, 0.0, 0.0)
    assert any("FluidR3_GM" in source and "MIT" in source for source in course.sources)


def test_songs_come_last(song: Session) -> None:
    course = plan_course(Order((song,), sessions=4, kits=0, steps=12, stems_steps=7, context="mean"))
    assert names(course) == ["settings", "mixes", "stems"]
    assert course.phases[-1].steps == 7
    assert "drums" not in course.phases[0].mixture
    assert course.network.config.context == "mean"
    assert len(course.jobs) == 5
    assert any(source.startswith(f"{song.source.name}: the owner's") for source in course.sources)


def test_a_taught_network_learns_from_songs_alone(song: Session, start: Path) -> None:
    """The linear experts stand back meanwhile."""
    course = plan_course(Order((song,), sessions=2, is_taught=True, start=start))
    assert names(course) == ["stems"]
    assert set(course.phases[0].mixture) == {"stems"}
    assert [key.split()[0] for key, _ in course.jobs] == ["stems"]
    assert course.network.config.shares == (1.0, 0.0, 0.0)
    assert course.learnt_before["sources"] == "band"
    assert [source.split(":")[0] for source in course.sources] == [song.source.name]


def test_runs_are_told_apart(song: Session, start: Path) -> None:
    order = Order((song,), sessions=4, kits=1, steps=12)
    identity = plan_course(order).identity
    assert identity == plan_course(order).identity
    for change, differing in (
        ({"seed": 1}, {"first weights (--from, --seed)", "seed (--seed)"}),
        ({"steps": 24}, {"steps (--steps, --stems-steps)"}),
        ({"sessions": 8}, {"examples (--data, --sessions, --kits, --samples)"}),
        ({"songs": ()}, {"examples (--data, --sessions, --kits, --samples)", "steps (--steps, --stems-steps)"}),
    ):
        other = plan_course(replace(order, **change)).identity
        assert {name for name in identity if other[name] != identity[name]} == differing
    mean = plan_course(replace(order, context="mean")).identity
    assert mean["network (--context, --from)"] != identity["network (--context, --from)"]


def test_planning_draws_nobody_elses_numbers() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    plan_course(Order(sessions=1, seed=1))
    assert torch.equal(torch.rand(3), expected)


def test_fluidsynth_is_missed_only_where_it_is_needed(tmp_path, song, start, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    cache = Cache(tmp_path / "cache")
    plan_course(Order((song,), sessions=0, is_taught=True, start=start)).check_tools(cache)
    with pytest.raises(TrainingError, match=r"fluidsynth is missing; try: apt .*; or train on your songs alone"):
        plan_course(Order(sessions=1)).check_tools(cache)
    monkeypatch.setattr(Cache, "missing", lambda self, jobs: [])
    plan_course(Order(sessions=1)).check_tools(cache)


def test_samples_are_looked_through(tmp_path) -> None:
    with pytest.raises(TrainingError, match="no such folder of samples"):
        check_samples(tmp_path / "gone")
    with pytest.raises(TrainingError, match="no sample called bd_"):
        check_samples(tmp_path)
    samples = Path(__file__).parents[2] / "../shared/data/sonic-pi-samples"
    if not samples.is_dir():
        pytest.skip("needs the samples in ../shared/data")
    folder = next(path.parent for path in samples.rglob("*bd_*.flac"))
    check_samples(folder)
