"""Small examples and a small network to train, without any sound."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from assistant.controller.evidence import SCALARS, TrackEvidence
from assistant.controller.mel import BANDS
from assistant.controller.network import ControllerNetwork, NetworkConfig
from assistant.engineers.role_table import ROLES
from assistant.params import CHANNEL_PARAMS, REVERB_PARAMS
from assistant.training.examples import Example

TINY = NetworkConfig(channels=(8, 8), width=16, heads=2, layers=1)
IS_STEREO = list(SCALARS).index("is_stereo")


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """Networks this small are slower on several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make_network(seed: int = 0, config: NetworkConfig = TINY) -> ControllerNetwork:
    torch.manual_seed(seed)
    return ControllerNetwork(config)


def make_evidence(rng: np.random.Generator, is_stereo: bool, passages: int = 4) -> TrackEvidence:
    """Noise that falls towards high bands; scalars between -1 and 1; it plays half of the time."""
    levels = -20.0 - 0.4 * np.arange(BANDS) + rng.normal(0.0, 4.0, (passages, 128, BANDS))
    scalars = rng.uniform(-1.0, 1.0, len(SCALARS)).astype(np.float32)
    scalars[IS_STEREO] = 1.0 if is_stereo else -1.0
    return TrackEvidence(
        mel_db=levels.astype(np.float16),
        side=np.full((passages, BANDS), 0.3 if is_stereo else 0.0, np.float16),
        passages_s=tuple((3.0 * i, 3.0 * i + 2.56) for i in range(passages)),
        scalars=scalars,
        named=np.eye(len(ROLES), dtype=np.float32)[int(rng.integers(len(ROLES)))],
        activity=rng.random(20) < 0.5,
    )


def make_example(source: str = "band", seed: int = 0, tracks: int = 4, num_samples: int = 0) -> Example:
    """A session whose odd tracks are stereo, its settings at random; stems know their levels alone, as real ones."""
    rng = np.random.default_rng(seed)
    is_finished = source == "stems"
    audio = 0.1 * rng.standard_normal((tracks, 2, num_samples))
    audio[::2, 1] = 0.0
    return Example(
        source=source,
        tracks=tuple(make_evidence(rng, is_stereo=bool(i % 2)) for i in range(tracks)),
        roles=rng.integers(0, len(ROLES), tracks),
        positions=rng.uniform(0.2, 0.8, (tracks, len(CHANNEL_PARAMS))).astype(np.float32),
        known=np.full((tracks, len(CHANNEL_PARAMS)), not is_finished),
        level_db=rng.normal(-6.0, 4.0, tracks).astype(np.float32),
        reverb=np.full(len(REVERB_PARAMS), np.nan if is_finished else 0.4, np.float32),
        balance_db=rng.normal(0.0, 2.0, tracks).astype(np.float32),
        excerpt=audio.astype(np.float16),
        contribution=audio.astype(np.float16),
    )
