"""The Faust reverb bus: its controls are the table's, and the differentiable bus agrees with it."""

import math

import numpy as np
import pytest
import torch

from assistant.console.reverb import reverb
from assistant.params import REVERB_NAMES, REVERB_PARAMS
from render.engine import FaustProgram


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """A living program keeps the compiled text: programs made meanwhile take 2 ms instead of 1 s."""
    return FaustProgram("reverb.dsp", "process", 2, 44_100)


def rendered(send, values, rate):
    program = FaustProgram("reverb.dsp", "process", 2, rate)
    program.set_controls(dict(zip(REVERB_NAMES, values, strict=True)))
    return program.render(send, send.shape[1])


def error_to_signal_db(send, values, rate):
    """Faust in float32 against torch in float64, of the same send and settings."""
    parameters = torch.tensor([values], dtype=torch.float64)
    expected = reverb(torch.from_numpy(send)[None].double(), parameters, rate)[0].numpy()
    error = rendered(send, values, rate) - expected
    return 10.0 * math.log10(np.sum(error**2) / np.sum(expected**2))


def burst(seconds, rate, seed=0):
    """Half a second of decorrelated noise, then silence: what follows is all tail."""
    send = np.random.default_rng(seed).standard_normal((2, round(seconds * rate))) * 0.1
    send[:, rate // 2 :] = 0.0
    return send.astype(np.float32)


def draw(generator):
    """Random settings that a float32 control holds exactly; the return stays on."""
    positions = generator.random(len(REVERB_PARAMS)) * 0.999 + 0.001
    return [float(np.float32(p.from_unit(float(u)))) for p, u in zip(REVERB_PARAMS, positions, strict=True)]


def test_controls_are_the_parameter_table():
    controls = {c.name: c for c in FaustProgram("reverb.dsp", "process", 2, 48_000).controls}
    assert sorted(controls) == sorted(REVERB_NAMES)
    for param in REVERB_PARAMS:
        given = controls[param.name]
        assert (given.low, given.high, given.default) == pytest.approx((param.low, param.high, param.default), rel=1e-6)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_random_settings_agree(rate):
    generator = np.random.default_rng(rate)
    errors = [error_to_signal_db(burst(1.5, rate, seed), draw(generator), rate) for seed in range(8)]
    print(f"{rate} Hz: worst {max(errors):.1f} dB, best {min(errors):.1f} dB")  # noqa: T201
    assert max(errors) < -95.0


@pytest.mark.parametrize("rate", [44_100, 88_200, 176_400, 192_000])
def test_defaults_agree(rate):
    values = [float(p.default) for p in REVERB_PARAMS]
    assert error_to_signal_db(burst(1.0, rate), values, rate) < -95.0


def test_corners_agree():
    lowest = [float(p.low) for p in REVERB_PARAMS[:-1]] + [-59.0]
    highest = [float(p.high) for p in REVERB_PARAMS]
    for values in (lowest, highest):
        assert error_to_signal_db(burst(2.0, 44_100), values, 44_100) < -95.0


def test_settings_beyond_float32_still_agree():
    """149.99 ms is no float32: the 0.2 thousandths of a sample between the two are the whole error."""
    values = [149.99, 1.8, 6_000.0, 150.0, 0.0]
    assert error_to_signal_db(burst(1.0, 44_100), values, 44_100) < -65.0


def test_return_off_is_exactly_zero():
    values = [20.0, 1.8, 6_000.0, 150.0, -60.0]
    assert np.count_nonzero(rendered(burst(0.5, 48_000), values, 48_000)) == 0


def test_renders_are_bit_identical():
    send = burst(1.0, 44_100)
    values = draw(np.random.default_rng(1))
    assert np.array_equal(rendered(send, values, 44_100), rendered(send, values, 44_100))


def test_the_tail_dies():
    """No limit cycle and no residue: the shortest decay is far below 24 bits after a second."""
    send = burst(2.0, 44_100)
    output = rendered(send, [0.0, 0.2, 16_000.0, 20.0, 0.0], 44_100)
    assert np.abs(output[:, -4_410:]).max() < 1e-12
