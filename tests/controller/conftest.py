"""A small network whose proposals differ from track to track, its weights on disk, and a small session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from engineers.conftest import RATE, make_track

from assistant.analysis.listening import listen
from assistant.controller.engineer import DmcEngineer
from assistant.controller.evidence import TrackEvidence, gather_evidence
from assistant.controller.network import ControllerNetwork, NetworkConfig
from assistant.controller.weights import save_weights
from assistant.mix import Session

SMALL = NetworkConfig(channels=(8, 16), width=32, heads=2, layers=1)


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """Networks this small are slower on several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make_network(config: NetworkConfig = SMALL, seed: int = 1) -> ControllerNetwork:
    """A network that has learnt nothing, but whose answers are spread over the controls' travel."""
    torch.manual_seed(seed)
    network = ControllerNetwork(config)
    for layer in (network.positions, network.roles, network.spread, network.reverb):
        torch.nn.init.normal_(layer.weight, std=0.4)
    torch.nn.init.normal_(network.by_numbers.weight, std=0.3)
    torch.nn.init.normal_(network.by_spectrum.weight, std=0.1)
    for name, parameter in network.named_parameters():
        if name.endswith("overlap_bias"):
            torch.nn.init.normal_(parameter)
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def own_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights of :func:`make_network`, all three experts in use."""
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_weights(path, make_network(replace(SMALL, shares=(0.4, 0.3, 0.3))), {"sources": "none"})
    return path


@pytest.fixture(scope="session")
def small_session() -> Session:
    """Five audible tracks, mono and stereo, and a silent one."""
    rows = [("Kick", "kick", -6.0, 1), ("Bass DI", "bass", -10.0, 1), ("Lead Vox", "vocal", -14.0, 1)]
    whole = [make_track(*row) for row in [*rows, ("Gtr", "guitar", -15.0, 1), ("Pad", "pad", -25.0, 2)]]
    tracks = [replace(t, audio=t.audio[:, : 2 * RATE], num_samples=2 * RATE) for t in whole]
    silent = replace(tracks[0], name="Aux", audio=np.zeros((1, RATE), np.float32), num_samples=RATE)
    return Session((*tracks, silent), RATE, tempo=120.0)


@pytest.fixture(scope="session")
def heard_tracks(small_session: Session) -> list[TrackEvidence]:
    """The evidence of the audible tracks of ``small_session``."""
    return [gather_evidence(t.audio, RATE, listen(t.audio, RATE), t.name) for t in small_session.tracks[:-1]]


@pytest.fixture(scope="session", params=["own", "installed"])
def engineer(request: pytest.FixtureRequest, own_weights: Path) -> DmcEngineer:
    """The engineer, with the small network's weights and with those that are installed."""
    return DmcEngineer(lambda track, _rate: track.audio, own_weights if request.param == "own" else None)
