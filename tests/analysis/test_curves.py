"""The strip's curves against the console itself, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch

from assistant.analysis.curves import BANDS, band_response_db, eq_response_db, relative_db, static_curve_db
from assistant.console.equaliser import equalise
from assistant.engineers.filtering import response_db
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, CHANNEL_NAMES

BUSY = ChannelSettings(
    highpass_on=1.0,
    highpass_hz=95.0,
    low_shelf_hz=180.0,
    low_shelf_gain_db=5.0,
    low_shelf_q=0.5,
    peak1_hz=320.0,
    peak1_gain_db=-7.0,
    peak1_q=3.0,
    peak2_hz=1_100.0,
    peak2_gain_db=4.0,
    peak2_q=0.4,
    peak3_hz=12_000.0,
    peak3_gain_db=9.0,
    peak3_q=2.0,
    high_shelf_hz=7_000.0,
    high_shelf_gain_db=-11.0,
    high_shelf_q=1.2,
)


def console_db(settings: ChannelSettings, hz: np.ndarray, rate: int) -> np.ndarray:
    """The gain of the torch console at whole ``hz``, out of its answer to an impulse of one second."""
    impulse = torch.zeros(1, rate, dtype=torch.float64)
    impulse[0, 0] = 1.0
    row = torch.tensor([[settings[name] for name in CHANNEL_NAMES]], dtype=torch.float64)
    out = equalise(impulse, torch.tensor([0, 1]), row, torch.ones(1, dtype=torch.float64), rate)[0].numpy()
    return 20.0 * np.log10(np.abs(np.fft.rfft(out)[hz.astype(int)]))


def random_settings(seed: int) -> ChannelSettings:
    rng = np.random.default_rng(seed)
    named = [p for p in (BY_NAME[n] for n in CHANNEL_NAMES) if p.section in ("eq", "highpass")]
    return ChannelSettings({p.name: p.clamp(p.from_unit(float(rng.uniform()))) for p in named})


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_the_curve_is_what_the_console_does(rate: int, show: Callable[[str], None]) -> None:
    hz = np.unique(np.round(np.geomspace(20.0, 0.499 * rate, 300)))
    errors = []
    for settings in (BUSY, *(random_settings(seed) for seed in range(6))):
        errors.append(float(np.abs(eq_response_db(settings, hz, rate) - console_db(settings, hz, rate)).max()))
    assert max(errors) < 0.01
    show(f"equaliser's curve against the console's impulse at {rate} Hz: {max(errors):.1e} dB at most")


@pytest.mark.parametrize("band", BANDS)
def test_each_band_is_the_console_with_that_band_alone(band: str) -> None:
    hz = np.unique(np.round(np.geomspace(20.0, 22_000.0, 120)))
    alone = ChannelSettings({name: value for name, value in BUSY.items() if name.startswith(f"{band}_")})
    found = band_response_db(band, BUSY, hz, 44_100)
    np.testing.assert_allclose(found, console_db(alone, hz, 44_100), atol=0.01)
    assert np.abs(found).max() > 3.0


def test_the_digital_curve_leaves_the_analogue_one_near_the_top() -> None:
    hz = np.array([200.0, 18_000.0])
    apart = np.abs(eq_response_db(BUSY, hz, 44_100) - response_db(BUSY, hz))
    assert apart[0] < 0.05
    assert apart[1] > 1.0


def test_nothing_is_said_beyond_half_the_sample_rate() -> None:
    for settings in (BUSY, ChannelSettings()):
        found = eq_response_db(settings, np.array([1_000.0, 11_999.0, 12_000.0, 20_000.0]), 24_000)
        assert np.isfinite(found).tolist() == [True, True, False, False]
    assert eq_response_db(ChannelSettings(), np.array([50.0, 5_000.0]), 48_000).tolist() == [0.0, 0.0]
    with pytest.raises(KeyError, match="air"):
        band_response_db("air", BUSY, np.array([100.0]), 48_000)


def test_the_static_curve_obeys_its_settings() -> None:
    values = {"comp_threshold_db": -20.0, "comp_ratio": 4.0, "comp_knee_db": 6.0, "comp_makeup_db": 2.0}
    levels = np.array([-40.0, -20.0, 0.0])
    # Below the knee only make-up; at the threshold slope * knee / 8 less; far above, (1 - 1/4) of the excess.
    np.testing.assert_allclose(static_curve_db(ChannelSettings(values), levels), [-38.0, -18.5625, -13.0])
    neutral = static_curve_db(ChannelSettings(), levels)
    np.testing.assert_allclose(neutral, levels)


def test_relative_levels_add_up_to_all() -> None:
    found = relative_db([-30.0, -36.0, -np.inf])
    assert 10.0 * np.log10(np.sum(10.0 ** (found / 10.0))) == pytest.approx(0.0, abs=1e-9)
    assert found[0] - found[1] == pytest.approx(6.0)
    assert np.isnan(relative_db([-np.inf, -np.inf])).all()


def test_importing_it_brings_no_meters(show: Callable[[str], None]) -> None:
    code = (
        "import sys, time, numpy; start = time.perf_counter(); import assistant.analysis.curves; "
        "print(time.perf_counter() - start); "
        "heavy = {'scipy', 'numba', 'torch', 'dawdreamer', 'plotly', 'assistant.analysis.masking', "
        "'assistant.analysis.measure'}; print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    seconds, heavy = run.stdout.splitlines()
    assert heavy == "[]"
    assert float(seconds) < 0.15
    show(f"importing the curves beside numpy: {1e3 * float(seconds):.0f} ms")
