"""The Faust strip: its controls, its neutrality, and its agreement with an independent float64 reference."""

import math

import numpy as np
import pytest
import torch
from console_reference import reference_strip

from assistant.console.panning import pan_matrix
from assistant.console.parameters import pack_settings
from assistant.mix import ChannelSettings
from assistant.params import CHANNEL_PARAMS, PAN_LAWS
from render.engine import FaustProgram
from render.strips import STRIP_LINKS, StripRenderer, recovery_s, ring_out_samples, sounding_stretches

RATE = 48_000


def noise(num_channels: int, num_samples: int, seed: int = 0, level: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((num_channels, num_samples)) * level).astype(np.float32)


def rendered(audio: np.ndarray, settings: ChannelSettings, pan_law: str = "constant_power") -> np.ndarray:
    output = np.zeros((2, audio.shape[1]), np.float32)
    for segment in StripRenderer(RATE, pan_law).render(audio, settings):
        part = segment.audio[:, : audio.shape[1] - segment.start]
        output[:, segment.start : segment.start + part.shape[1]] += part
    return output


def esr_db(output: np.ndarray, reference: np.ndarray) -> float:
    return 10.0 * math.log10(np.sum((output - reference) ** 2) / np.sum(reference**2) + 1e-30)


@pytest.mark.parametrize(("expression", "num_inputs"), [("strip_mono(_)", 1), ("strip_stereo(_)", 2)])
def test_controls_are_the_parameter_table(expression: str, num_inputs: int) -> None:
    program = FaustProgram("strip.dsp", expression, num_inputs, RATE)
    controls = {c.name: c for c in program.controls if c.name != "pan_law"}
    # The send is taken where outputs are summed, and a mono track has no width.
    absent = {"send_db"} | ({"width"} if num_inputs == 1 else set())
    expected = {p.name: p for p in CHANNEL_PARAMS if p.name not in absent}
    assert controls.keys() == expected.keys()
    for name, param in expected.items():
        given = (controls[name].low, controls[name].high, controls[name].default)
        assert given == pytest.approx((param.low, param.high, param.default), rel=1e-6), name


def test_defaults_pass_a_stereo_track_bit_for_bit() -> None:
    audio = noise(2, RATE)
    audio[:, 5_000:15_000] = 0.0
    np.testing.assert_array_equal(rendered(audio, ChannelSettings()), audio)
    program = FaustProgram("strip.dsp", "strip_stereo(_)", 2, RATE)
    np.testing.assert_array_equal(program.render(audio, RATE), audio)


def test_defaults_pass_a_mono_track_at_unity_power() -> None:
    audio = noise(1, RATE)
    output = rendered(audio, ChannelSettings())
    np.testing.assert_allclose(output, np.repeat(audio, 2, axis=0) * math.sqrt(0.5), rtol=3e-7)


@pytest.mark.parametrize("num_channels", [1, 2])
@pytest.mark.parametrize("law", PAN_LAWS)
def test_pan_laws_are_those_of_the_torch_console(law: str, num_channels: int) -> None:
    audio, is_stereo = noise(num_channels, 4_800), torch.tensor([num_channels == 2])
    for pan in (-1.0, -0.6, 0.0, 0.25, 1.0):
        settings = ChannelSettings(pan=pan)
        gains = pan_matrix(pack_settings([settings], dtype=torch.float64), is_stereo, law)[0].numpy()
        output = rendered(audio, settings, law)
        np.testing.assert_allclose(output, gains[:, :num_channels] @ audio, atol=1e-7)


def test_width_zero_is_the_mono_sum_and_balance_keeps_the_near_side() -> None:
    audio = noise(2, 4_800)
    middle = audio.mean(axis=0)
    np.testing.assert_allclose(rendered(audio, ChannelSettings(width=0.0)), np.stack([middle, middle]), atol=1e-7)
    output = rendered(audio, ChannelSettings(pan=0.5))
    np.testing.assert_allclose(output, audio * np.array([[0.5], [1.0]]), atol=1e-7)


@pytest.mark.parametrize("num_channels", [1, 2])
def test_random_settings_agree_with_a_float64_reference(num_channels: int) -> None:
    rng = np.random.default_rng(num_channels)
    audio = noise(num_channels, 2 * RATE, seed=3) * np.abs(np.sin(np.arange(2 * RATE) / RATE * 9)).astype(np.float32)
    errors = []
    for _ in range(12):
        settings = ChannelSettings({p.name: p.clamp(p.from_unit(rng.uniform())) for p in CHANNEL_PARAMS})
        reference = reference_strip(audio.astype(np.float64), settings, RATE)
        errors.append(esr_db(rendered(audio, settings), reference))
    assert np.median(errors) <= -100.0
    assert max(errors) <= -90.0


@pytest.mark.parametrize("num_channels", [1, 2])
def test_links_delay_and_do_nothing_else(num_channels: int) -> None:
    name = "strip_mono" if num_channels == 1 else "strip_stereo"
    settings = ChannelSettings(highpass_on=1, peak2_gain_db=6, comp_threshold_db=-30, comp_ratio=4, comp_makeup_db=6)
    audio = noise(num_channels, RATE)
    outputs = []
    for link, late in (("_", 0), ("mem", STRIP_LINKS)):
        program = FaustProgram("strip.dsp", f"{name}({link})", num_channels, RATE)
        program.set_controls(settings)
        outputs.append(program.render(audio, RATE + late)[:, late:])
    assert esr_db(*outputs) <= -130.0


def test_skipped_silence_changes_nothing_audible() -> None:
    audio = noise(2, 12 * RATE)
    audio[:, RATE : 11 * RATE] = 0.0
    settings = ChannelSettings(
        highpass_on=1, low_shelf_gain_db=6, comp_threshold_db=-40, comp_ratio=4, comp_release_ms=200
    )
    whole = FaustProgram("strip.dsp", "strip_stereo(_)", 2, RATE)
    whole.set_controls(settings)
    reference = whole.render(audio, audio.shape[1])
    segments = StripRenderer(RATE).render(audio, settings)
    assert len(segments) == 2
    assert sum(s.audio.shape[1] for s in segments) < 4 * RATE
    assert esr_db(rendered(audio, settings), reference) <= -120.0


@pytest.mark.parametrize(
    "values",
    [
        {"peak1_gain_db": 15, "peak1_hz": 50, "peak1_q": 8},
        {"peak1_gain_db": -15, "peak1_hz": 20, "peak1_q": 0.3},
        {"low_shelf_gain_db": 1, "low_shelf_hz": 30, "low_shelf_q": 0.3},
        {"high_shelf_gain_db": -15, "high_shelf_hz": 20, "high_shelf_q": 0.3},
        {"peak3_gain_db": 15, "peak3_hz": 20_000, "peak3_q": 8},
        {"highpass_on": 1, "highpass_hz": 20},
    ],
)
def test_strip_still_rings_until_it_counts_as_silent(values: dict[str, float]) -> None:
    settings = ChannelSettings(values)
    impulse = np.zeros((1, 8 * RATE), np.float32)
    impulse[0, 0] = 1.0
    reference = np.abs(reference_strip(impulse.astype(np.float64), settings, RATE))
    rung_out = ring_out_samples(settings, RATE)
    loudest = reference[:, 1:].max()
    assert reference[:, rung_out:].max() < 1e-7 * loudest
    assert reference[:, rung_out // 4 :].max() > 1e-7 * loudest


def test_compressor_only_needs_recovery_when_it_compresses() -> None:
    assert recovery_s(ChannelSettings()) == 0.0
    assert recovery_s(ChannelSettings(comp_ratio=2, comp_release_ms=1000)) == pytest.approx(17.9, abs=0.1)


@pytest.mark.parametrize(
    ("sounding", "expected"),
    [
        ([], []),
        ([0], [(0, 1024)]),
        ([9_999], [(9_216, 10_000)]),
        ([10, 2_100, 9_000], [(0, 3_072), (8_192, 9_216)]),
    ],
)
def test_sounding_stretches(sounding: list[int], expected: list[tuple[int, int]]) -> None:
    audio = np.zeros((2, 10_000), np.float32)
    audio[1, sounding] = 1e-20
    assert sounding_stretches(audio, 2_048) == expected


def test_controls_that_are_not_finite_are_refused() -> None:
    program = FaustProgram("strip.dsp", "strip_stereo(_)", 2, RATE)
    with pytest.raises(ValueError, match="fader_db=nan: expected a finite number"):
        program.set_controls({"fader_db": math.nan})


def test_unknown_pan_law_is_refused() -> None:
    with pytest.raises(ValueError, match="pan_law='boston': expected one of constant_power"):
        StripRenderer(RATE, "boston")
