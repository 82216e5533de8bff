"""Shared makers of console batches."""

from collections.abc import Callable

import pytest
import torch

from assistant.console.parameters import default_settings
from assistant.params import CHANNEL_NAMES, CHANNEL_PARAMS

#: Settings at which every channel parameter matters: nothing clamps, nothing is off, the compressor works in its knee.
BUSY = {
    "trim_db": 3.0,
    "polarity_inverted": 0.25,
    "highpass_on": 0.8,
    "highpass_hz": 90.0,
    "low_shelf_hz": 150.0,
    "low_shelf_gain_db": 4.0,
    "low_shelf_q": 0.8,
    "peak1_hz": 400.0,
    "peak1_gain_db": -5.0,
    "peak1_q": 2.0,
    "peak2_hz": 1200.0,
    "peak2_gain_db": 6.0,
    "peak2_q": 0.4,
    "peak3_hz": 3000.0,
    "peak3_gain_db": -3.0,
    "peak3_q": 1.5,
    "high_shelf_hz": 2500.0,
    "high_shelf_gain_db": 5.0,
    "high_shelf_q": 0.6,
    "comp_threshold_db": -20.0,
    "comp_ratio": 4.0,
    "comp_attack_ms": 1.0,
    "comp_release_ms": 12.0,
    "comp_knee_db": 12.0,
    "comp_makeup_db": 4.0,
    "fader_db": -3.0,
    "width": 1.4,
    "pan": 0.3,
    "send_db": -9.0,
}

MakeSettings = Callable[..., torch.Tensor]


@pytest.fixture
def make_settings() -> MakeSettings:
    """``make_settings(num_tracks, **named)``: defaults with the named values, (1, N, P) float64."""

    def make(num_tracks: int = 1, **named: float) -> torch.Tensor:
        values = default_settings(num_tracks, dtype=torch.float64)
        for name, value in named.items():
            values[:, CHANNEL_NAMES.index(name)] = value
        return values.unsqueeze(0)

    return make


@pytest.fixture
def busy_settings(make_settings: MakeSettings) -> torch.Tensor:
    """One track at ``BUSY``, (1, 1, P) float64."""
    assert set(BUSY) == {p.name for p in CHANNEL_PARAMS}
    return make_settings(1, **BUSY)


@pytest.fixture
def noise() -> Callable[..., torch.Tensor]:
    """``noise(*shape, seed=0, dtype=float64)``: white noise at -20 dB RMS."""

    def make(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
        return 0.1 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)

    return make
