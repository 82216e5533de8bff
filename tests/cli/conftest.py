"""Small sessions, and the command line run in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from assistant.cli.main import main
from assistant.controller.network import ControllerNetwork, NetworkConfig
from assistant.controller.weights import save_weights

RATE = 44_100
Write = Callable[..., Path]


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


def tone(seconds: float = 1.0, rate: int = RATE, channels: int = 2, seed: int = 0) -> np.ndarray:
    """Noise and a tone with pauses, ``(T, C)``, peak about 0.3."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    gate = 0.3 + 0.7 * (np.sin(2 * np.pi * 3 * time) > 0)
    body = 0.15 * np.sin(2 * np.pi * (110 + 60 * seed) * time) * gate
    return (body[:, None] + 0.03 * rng.standard_normal((len(time), channels))).astype(np.float32)


@pytest.fixture
def write() -> Write:
    """Writes audio ``(T, C)``, or a second of something, as float WAV."""

    def write(path: Path, audio: np.ndarray | None = None, rate: int = RATE, seed: int = 0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:  # libsndfile itself takes fewer names than the file system
            soundfile.write(file, tone(seed=seed) if audio is None else audio, rate, subtype="FLOAT", format="WAV")
        return path

    return write


@pytest.fixture
def song(tmp_path: Path, write: Write) -> Path:
    """A folder of three stems."""
    for seed, name in enumerate(("kick", "lead vocal", "synth")):
        write(tmp_path / "song" / f"{name}.wav", tone(1.5, seed=seed), seed=seed)
    return tmp_path / "song"


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what is kept about DAWs' projects lies: not in the home of who runs the tests."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder / "mixassist"


@pytest.fixture(autouse=True)
def _no_width_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line; arguments may be paths. A traceback in what it prints fails the test."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err + captured.out
        return Ended(code, captured.out, captured.err)

    return run


@pytest.fixture(autouse=True)
def _inputs_stay(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test of a command may change the stems of the ``song``."""
    song: Path | None = request.getfixturevalue("song") if "song" in request.fixturenames else None
    before = digests(song) if song else {}
    yield
    if song and song.is_dir():
        now = digests(song)
        assert {name: now.get(name) for name in before} == before


def digests(folder: Path) -> dict[str, str]:
    """A digest of every file in ``folder``, by name."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir()) if p.is_file()}


def listing(folder: Path) -> list[str]:
    """Every file and folder below ``folder``, hidden ones too."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Weights of a small network that has learnt nothing."""
    torch.manual_seed(4)
    path = tmp_path / "tiny.safetensors"
    save_weights(path, ControllerNetwork(NetworkConfig(channels=(8, 8), width=16, heads=2, layers=1)), {})
    return path
