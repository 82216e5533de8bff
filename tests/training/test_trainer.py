"""The trainer: exact resumption, checkpoints of other runs, what moves and what does not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from training.conftest import make_example, make_network

from assistant.tasks import Cancelled
from assistant.training.batches import Variation
from assistant.training.errors import TrainingError
from assistant.training.objective import Weights
from assistant.training.trainer import Checkpoint, Phase, draw_batch, train_phases

EXAMPLES = [
    *(make_example("band", seed, tracks=3, num_samples=4096) for seed in range(2)),
    *(make_example("stems", seed, tracks=3, num_samples=4096) for seed in range(2)),
]
PHASES = (
    Phase("settings", 5, {"band": 2}, variation=Variation(damage=0.0)),
    Phase("stems", 3, {"stems": 1, "heard band": 1}, anchor=0.1, weights=Weights(level=0.0, audio=0.2)),
)
RUN = {"seed": 3, "devices": 1, "save_every": 2}


@pytest.fixture(scope="module")
def whole():
    """The weights and the record of a run that nothing interrupted."""
    network = make_network()
    return network, train_phases(network, PHASES, EXAMPLES, **RUN)


@pytest.mark.parametrize("steps", [1, 3, 5, 7])
def test_an_interrupted_run_ends_in_the_same_weights(tmp_path, whole, steps) -> None:
    """Wherever it was stopped, in either phase; dropout, batches and damages are those of the step."""
    checkpoint, heard = tmp_path / "run.checkpoint", []
    with pytest.raises(Cancelled, match="cancelled in phase"):
        train_phases(
            make_network(),
            PHASES,
            EXAMPLES,
            **RUN,
            checkpoint=checkpoint,
            is_cancelled=lambda: len(heard) >= steps,
            on_step=lambda share, record: heard.append(share),
        )
    assert len(heard) == steps
    network = make_network(seed=9)  # the checkpoint alone says where to go on
    records = train_phases(
        network, PHASES, EXAMPLES, **RUN, checkpoint=checkpoint, on_step=lambda share, _: heard.append(share)
    )
    assert heard == pytest.approx([(n + 1) / 8 for n in range(8)])
    for name, value in whole[0].state_dict().items():
        assert torch.equal(value, network.state_dict()[name]), name
    assert [(r["phase"], r["step"], r["loss"]) for r in records] == [
        (r["phase"], r["step"], r["loss"]) for r in whole[1]
    ]


def test_a_finished_run_is_not_repeated(tmp_path, whole) -> None:
    checkpoint = tmp_path / "run.checkpoint"
    first = train_phases(make_network(), PHASES, EXAMPLES, **RUN, checkpoint=checkpoint)
    network = make_network(seed=9)
    again = train_phases(network, PHASES, EXAMPLES, **RUN, checkpoint=checkpoint, on_step=pytest.fail)
    assert again == first
    assert torch.equal(network.positions.weight, whole[0].positions.weight)


def test_loss_falls_and_says_its_parts() -> None:
    """Four sessions that are all mixed alike."""
    examples = [replace(e, positions=EXAMPLES[0].positions) for e in EXAMPLES[:2]]
    plain = Variation(damage=0.0, least_tracks=1.0, noise=0.0)
    phase = Phase("settings", 60, {"band": 2}, rate=1e-2, variation=plain, averaging=0.5)
    records = train_phases(make_network(), [phase], examples, devices=1)
    losses = [float(r["loss"]) for r in records]
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])
    assert {"positions", "curve", "level", "roles", "reverb", "doubt"} < records[0].keys()
    assert "audio" not in records[0]


def test_a_phase_needs_its_examples() -> None:
    with pytest.raises(ValueError, match="phase 'settings' needs examples of 'drums'; there are"):
        train_phases(make_network(), [Phase("settings", 1, {"drums": 1})], EXAMPLES, devices=1)
    unheard = [example.without_audio() for example in EXAMPLES]
    with pytest.raises(ValueError, match="needs examples of 'heard band'"):
        train_phases(make_network(), PHASES, unheard, devices=1)


def test_what_a_phase_moves() -> None:
    """Only what it names; the linear experts, which are fitted, never; and less the harder it is held."""

    def moved(phase):
        network = make_network()
        before = {name: value.clone() for name, value in network.state_dict().items()}
        train_phases(network, [phase], EXAMPLES, devices=1)
        changes = {name: float((value - before[name]).norm()) for name, value in network.state_dict().items()}
        return {name: change for name, change in changes.items() if change > 0.0}

    phase = Phase("settings", 4, {"band": 2}, decay=0.1)
    free, named = moved(phase), moved(replace(phase, learnt=("positions.", "by_numbers.")))
    assert set(named) == {"positions.weight", "positions.bias"}
    assert not [name for name in free if name.startswith(("by_spectrum", "by_numbers"))]
    assert len(free) > 20
    held = moved(replace(phase, steps=12, anchor=100.0))
    assert sum(held.values()) < 0.9 * sum(moved(replace(phase, steps=12)).values())


def test_a_batch_is_the_mixture() -> None:
    rng = np.random.default_rng(0)
    drawn = draw_batch(EXAMPLES, rng, Phase("x", 1, {"stems": 1, "heard band": 5}))
    assert [e.source for e in drawn] == ["stems"] + 5 * ["band"]
    assert all(e.excerpt.shape[-1] == 0 for e in drawn), "audio that nobody asked for"


def test_checkpoints_of_other_runs_and_other_files_are_refused(tmp_path: Path) -> None:
    checkpoint = tmp_path / "run.checkpoint"
    phases = [Phase("settings", 1, {"band": 1})]
    train_phases(
        make_network(), phases, EXAMPLES, devices=1, checkpoint=checkpoint, identity={"seed": "0", "songs": "a"}
    )
    with pytest.raises(TrainingError, match=r"run\.checkpoint: belongs to a run with other songs; go on with"):
        train_phases(
            make_network(), phases, EXAMPLES, devices=1, checkpoint=checkpoint, identity={"seed": "0", "songs": "b"}
        )
    whole = checkpoint.read_bytes()
    for content in (b"", b"nothing of the kind", whole[: len(whole) // 2]):
        checkpoint.write_bytes(content)
        with pytest.raises(TrainingError, match="no checkpoint, or cut short"):
            Checkpoint.load(checkpoint)
    torch.save({"weights": 1}, checkpoint)
    with pytest.raises(TrainingError, match="no checkpoint, or cut short"):
        Checkpoint.load(checkpoint)
