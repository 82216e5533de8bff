"""``mixassist train``: two small songs to weights that mix, resumption, and what is refused before anything begins."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from cli.conftest import Run, Write, listing, tone

from assistant.controller.weights import load_weights
from assistant.training import trainer


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """One thread, which is what networks this small want, and no cache of the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user cache"))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def songs(tmp_path: Path, write: Write) -> Path:
    """A folder of two songs of three stems, and a folder that is none."""
    for number in range(2):
        for seed, name in enumerate(("kick", "bass", "lead vocal")):
            audio = 10.0 ** (-0.3 * seed) * tone(3.0, channels=1 + seed // 2, seed=3 * number + seed)
            write(tmp_path / f"songs/song {number}/{name}.wav", audio)
    (tmp_path / "songs" / "notes").mkdir()
    return tmp_path / "songs"


@pytest.fixture
def train(run: Run, songs: Path, tiny: Path, tmp_path: Path):
    """Trains on the ``songs`` for two steps from ``tiny``; further arguments are appended."""

    def train(*more: object, output: Path = tmp_path / "own.safetensors"):
        start = ["--data", songs, "-o", output, "--from", tiny, "--stems-steps", 2, "--processes", 1]
        return run("train", *start, "--devices", 1, *more)

    return train


def test_two_songs_become_weights_that_mix(tmp_path: Path, song: Path, tiny: Path, train, run: Run) -> None:
    ended = train("--cache", tmp_path / "examples")
    assert ended.code == 0, ended.err
    assert "stems: 2 steps in" in ended.out
    assert "levels by numbers:" in ended.out
    network, metadata = load_weights(tmp_path / "own.safetensors")
    assert json.loads(metadata["songs"]) == ["song 0", "song 1"]
    assert not torch.equal(network.positions.weight, load_weights(tiny)[0].positions.weight)
    assert bool(network.by_numbers.weight.any())
    record = json.loads((tmp_path / "own.json").read_text("utf-8"))
    assert record["songs"] == ["song 0", "song 1"]
    assert record["sources"] == [f"song {n}: the owner's multitrack, under the owner's terms" for n in range(2)]
    assert record["began_with"] == str(tiny)
    assert [(p["name"], p["steps"]) for p in record["phases"]] == [("stems", 2)]
    assert record["trained_s"] > 0.0
    assert set(record["levels_left_out_error_db"]) == {"spectrum", "numbers"}
    ElementTree.parse(tmp_path / "own.svg")
    assert len(list((tmp_path / "examples").iterdir())) == 2
    left = [name for name in listing(tmp_path) if "/" not in name]
    assert left == sorted(["examples", "own.json", "own.safetensors", "own.svg", "song", "songs", "tiny.safetensors"])
    mixed = run("suggest", song, "-o", tmp_path / "mix.json", "--weights", tmp_path / "own.safetensors")
    assert mixed.code == 0, mixed.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_same_command_goes_on(tmp_path: Path, train, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Stopped in the first step, which is finished and saved; the second run ends where one alone does."""
    assert train(output=tmp_path / "whole.safetensors").code == 0

    real, drawn = trainer.draw_batch, []

    def stop(*arguments):
        drawn.append(1)
        os.kill(os.getpid(), number)
        return real(*arguments)

    previous = signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    try:
        monkeypatch.setattr(trainer, "draw_batch", stop)
        ended = train()
        assert ended.code == 130
        assert "own.checkpoint; the same command goes on from there" in ended.err
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert drawn == [1]
    assert not (tmp_path / "own.safetensors").exists()
    monkeypatch.setattr(trainer, "draw_batch", real)

    other = train("--seed", 1)
    assert other.code == 1
    assert "own.checkpoint: belongs to a run with other seed (--seed); go on with the options of that run" in other.err
    fewer = train("--stems-steps", 5)
    assert "belongs to a run with other steps (--steps, --stems-steps);" in fewer.err

    ended = train()
    assert ended.code == 0, ended.err
    assert "going on from" in ended.err
    assert "phase stems, after step 1 of 2" in ended.err
    first, second = (load_weights(tmp_path / f"{name}.safetensors")[0].state_dict() for name in ("whole", "own"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not (tmp_path / "own.checkpoint").exists()


def test_fresh_starts_over(tmp_path: Path, train) -> None:
    (tmp_path / "own.checkpoint").write_bytes(b"nothing of the kind")
    ended = train()
    assert ended.code == 1
    assert "own.checkpoint: no checkpoint, or cut short" in ended.err
    assert train("--fresh").code == 0


def test_no_step_only_fits_the_levels(tmp_path: Path, tiny: Path, train) -> None:
    ended = train("--stems-steps", 0)
    assert ended.code == 0, ended.err
    assert not (tmp_path / "own.svg").exists()
    before, after = load_weights(tiny)[0], load_weights(tmp_path / "own.safetensors")[0]
    assert torch.equal(before.positions.weight, after.positions.weight)
    assert bool(after.by_numbers.weight.any())


def test_a_single_song_is_a_folder_of_stems(tmp_path: Path, songs: Path, tiny: Path, run: Run) -> None:
    """Named twice, it is still one; nothing can be said of songs left out."""
    own = songs / "song 0"
    options = ["--from", tiny, "--stems-steps", 0, "--processes", 1, "--devices", 1]
    ended = run("train", "--data", own, own, "-o", tmp_path / "a.safetensors", *options)
    assert ended.code == 0, ended.err
    record = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert record["songs"] == ["song 0"]
    assert record["levels_left_out_error_db"] == {"spectrum": None, "numbers": None}
    assert (tmp_path / "user cache/mixassist/training").is_dir()


def test_data_that_is_no_song(tmp_path: Path, songs: Path, tiny: Path, write: Write, run: Run) -> None:
    (tmp_path / "nothing").mkdir()
    write(tmp_path / "one/kick.wav")
    write(tmp_path / "quiet/kick.wav")
    write(tmp_path / "quiet/bass.wav", 1e-6 * tone())
    before = listing(tmp_path)
    for name, message in (
        ("gone", "gone: no such folder; was it moved or renamed?"),
        ("nothing", "nothing: the folder is empty; export the stems into it"),
        ("one", "one: one track only; a song is a folder of its stems"),
        ("tiny.safetensors", "tiny.safetensors: is a file; expected the folder that holds the stems"),
    ):
        ended = run("train", "--data", songs, tmp_path / name, "-o", tmp_path / "own.safetensors", "--from", tiny)
        assert ended.code == 1
        assert message in ended.err
    assert listing(tmp_path) == before
    quiet = run(
        "train", "--data", tmp_path / "quiet", "-o", tmp_path / "q.safetensors", "--from", tiny, "--processes", 1
    )
    assert quiet.code == 1
    assert "quiet: 1 audible track; expected two or more stems" in quiet.err


def test_what_cannot_be_written_is_said_first(tmp_path: Path, tiny: Path, train) -> None:
    before = listing(tmp_path)
    for output, message in (
        (tmp_path / "own.pt", "own.pt: weights are written as .safetensors; try own.safetensors"),
        (tmp_path / "gone" / "own.safetensors", "does not exist; make it first"),
        (tiny, "tiny.safetensors: is what --from names; choose another name"),
    ):
        ended = train(output=output)
        assert ended.code == 1
        assert message in ended.err
    assert listing(tmp_path) == before


def test_wishes_that_exclude_each_other(songs: Path, tiny: Path, run: Run) -> None:
    for more, message in (
        (["--from", tiny], "argument --from: leaves nothing to learn from; name your songs with --data"),
        (["--sessions", 0], "argument --sessions 0: leaves nothing to learn from"),
        (
            ["--from", tiny, "--data", songs, "--steps", 5],
            "argument --steps: belongs to learning from synthetic sessions",
        ),
        (["--sessions", 0, "--data", songs, "--context", "mean"], "which --sessions 0 leaves out"),
        (["--seed", "-1"], "expected a whole number, 0 or more"),
        (["--devices", "all"], "expected a whole number, 1 or more"),
    ):
        ended = run("train", "-o", "own.safetensors", *more)
        assert ended.code == 2
        assert message in ended.err


def test_what_is_missing_is_named(tmp_path: Path, train, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs for synthetic sessions, samples, Python packages: before anything long begins."""
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = run("train", "-o", tmp_path / "own.safetensors", "--sessions", 2)
    assert ended.code == 1
    assert "fluidsynth is missing; try: apt install fluidsynth fluid-soundfont-gm" in ended.err
    ended = run("train", "-o", tmp_path / "own.safetensors", "--sessions", 2, "--samples", tmp_path)
    assert "no sample called" in ended.err
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "lightning_fabric" else find(name))
    ended = train()
    assert ended.code == 1
    assert "training needs lightning-fabric; run: pip install 'mixassist[train]'" in ended.err
