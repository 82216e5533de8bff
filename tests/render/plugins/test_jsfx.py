"""The JSFX, run by an interpreter of their language, against the offline engine. Not against REAPER."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from eel2 import Eel2Error
from eel2 import Effect as Running

from assistant.arrays import FloatArray
from assistant.params import Param
from assistant.plugins import REVERB, STRIP_STEREO
from render.engine import FaustProgram, RenderError
from render.plugins.eel import read_jsfx
from render.plugins.jsfx import EFFECTS, Effect, effect_text, reaper_folder, write_jsfx
from render.plugins.programs import PROGRAMS

RATE = 44_100
STRIP, REVERB_EFFECT = EFFECTS

text_of = cache(effect_text)


def running(effect: Effect, sample_rate: int = RATE) -> Running:
    return Running(text_of(effect), sample_rate)


def noise(num_samples: int, seed: int = 0) -> FloatArray:
    return (0.2 * np.random.default_rng(seed).standard_normal((2, num_samples))).astype(np.float32)


def setting(params: tuple[Param, ...], seed: int) -> dict[str, float]:
    """A random value for each parameter, as exact as float32 holds it: the engine's controls are float32."""
    positions = np.random.default_rng(seed).random(len(params))
    return {p.name: float(np.float32(p.clamp(p.from_unit(float(u))))) for p, u in zip(params, positions, strict=True)}


def engine_output(effect: Effect, values: dict[str, float], audio: FloatArray, sample_rate: int = RATE) -> FloatArray:
    program = PROGRAMS[effect.plugin.key]
    faust = FaustProgram(program.file, program.expression, 2, sample_rate)
    faust.set_controls({**values, **{to: values[name] for name, (to, _) in program.crossed.items()}})
    return faust.render(audio, audio.shape[1])


def residual_db(found: FloatArray, wanted: FloatArray) -> float:
    difference = np.mean((found - wanted.astype(np.float64)) ** 2)
    return float(10 * np.log10(difference / np.mean(wanted.astype(np.float64) ** 2)))


@pytest.mark.parametrize("seed", range(4))
def test_strip_is_the_engines(seed: int) -> None:
    values, audio = setting(STRIP_STEREO.params, seed), noise(1500, seed)
    effect = running(STRIP)
    for name, value in values.items():
        effect.set(name, value)
    assert residual_db(effect.process(audio), engine_output(STRIP, values, audio)[:2]) < -100


@pytest.mark.parametrize("sample_rate", [44_100, 96_000])
def test_reverb_is_the_engines(sample_rate: int) -> None:
    values, audio = setting(REVERB.params, 1) | {"reverb_predelay_ms": 3.25}, noise(sample_rate // 14)
    effect = running(REVERB_EFFECT, sample_rate)
    for name, value in values.items():
        effect.set(name, value)
    wanted = engine_output(REVERB_EFFECT, values, audio, sample_rate)
    assert np.any(wanted)
    assert residual_db(effect.process(audio), wanted) < -95


def test_neutral_strip_passes_its_input() -> None:
    audio = noise(300)
    assert np.abs(running(STRIP).process(audio) - audio).max() < 1e-12


def test_both_sides_of_a_mono_item_stay_alike() -> None:
    effect, audio = running(STRIP), np.repeat(noise(600)[:1], 2, axis=0)
    for name, value in (setting(STRIP_STEREO.params, 5) | {"width": 1.7}).items():
        effect.set(name, value)
    output = effect.process(audio)
    assert np.abs(output[0] - output[1]).max() < 1e-12


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda e: e.plugin.key)
def test_sliders_are_the_table(effect: Effect) -> None:
    sliders = running(effect).sliders.values()
    for slider, param in zip(sliders, effect.plugin.params, strict=True):
        assert (slider.variable, slider.low, slider.high) == (param.name, param.low, param.high)
        assert slider.default == param.default
        assert slider.label == param.label + (f" ({param.unit})" if param.unit else "")
        assert slider.is_logarithmic is (param.curve == "log")
        assert bool(slider.choices) is (param.curve == "toggle")


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda e: e.plugin.key)
def test_controls_glide_to_where_they_are_asked(effect: Effect) -> None:
    """Half-way through 20 ms nothing has jumped; behind them everything is exactly there."""
    audio, glide = np.zeros((2, 1)), round(0.02 * RATE)
    moving = running(effect)
    moving.process(audio)
    values = setting(effect.plugin.params, 3)
    for name, value in values.items():
        moving.set(name, value)
    moving.process(np.zeros((2, glide // 2)))
    crossed = PROGRAMS[effect.plugin.key].crossed
    for param in effect.plugin.params:
        half = moving.values[f"{param.name}_now"]
        expected = param.default if param.name in crossed else between(param, values[param.name])
        assert half == pytest.approx(expected, rel=0.02, abs=0.02)
    moving.process(np.zeros((2, glide)))
    assert {name: moving.values[f"{name}_now"] for name in values} == values
    assert moving.values["glide_left"] == 0


def between(param: Param, value: float) -> float:
    """The middle of the way from the default, on the control's own scale; toggles go evenly."""
    if param.curve == "log":
        return float(np.sqrt(param.default * value))
    return 0.5 * (param.default + value)


def test_pre_delay_fades_over_and_waits_for_the_fade_before() -> None:
    effect = running(REVERB_EFFECT)
    effect.process(np.zeros((2, 1)))
    effect.set("reverb_predelay_ms", 50.0)
    effect.process(np.zeros((2, 400)))
    assert (effect.values["reverb_predelay_ms_now"], effect.values["predelay_next_ms_now"]) == (20.0, 50.0)
    assert 0.4 < effect.values["predelay_crossing_now"] < 0.5
    effect.set("reverb_predelay_ms", 80.0)
    effect.process(np.zeros((2, 400)))
    assert effect.values["predelay_next_ms_now"] == 50.0
    effect.process(np.zeros((2, 2000)))
    assert effect.values["reverb_predelay_ms_now"] == 80.0
    assert effect.values["predelay_crossing_now"] == 0


def test_change_while_playing_makes_no_click() -> None:
    """A step of 24 dB bends a low tone; a jump would leave its height in the second differences."""
    time = np.arange(3000) / RATE
    tone = np.tile(0.1 * np.sin(2 * np.pi * 100 * time), (2, 1))
    effect = running(STRIP)
    before = effect.process(tone[:, :1000])
    effect.set("trim_db", 24.0)
    effect.set("polarity_inverted", 1.0)
    output = np.concatenate([before, effect.process(tone[:, 1000:])], axis=1)
    assert np.abs(np.diff(output[0], 2)).max() < 0.01 * np.abs(output).max()


def test_gain_reduction_is_told_to_the_host() -> None:
    effect, audio = running(STRIP), noise(1920)
    for name, value in {"comp_threshold_db": -30.0, "comp_ratio": 4.0, "comp_attack_ms": 1.0}.items():
        effect.set(name, value)
    effect.process(audio)
    values = {p.name: effect.values[p.name] for p in STRIP_STEREO.params}
    told = engine_output(STRIP, values, audio)[2]
    assert effect.values["ext_gr_meter"] == pytest.approx(-told[-64:].max(), abs=1e-3)
    assert effect.values["ext_gr_meter"] < -3


def test_slider_out_of_range_is_held_inside() -> None:
    effect = running(STRIP)
    effect.set("comp_ratio", 0.0)
    effect.set("peak1_hz", -5.0)
    assert np.isfinite(effect.process(noise(50))).all()


def test_files_are_written(tmp_path: Path) -> None:
    written = write_jsfx(tmp_path / "new")
    assert [p.name for p in written] == ["mixassist-strip.jsfx", "mixassist-reverb.jsfx"]
    assert [p.read_text() for p in written] == [text_of(e) for e in EFFECTS]
    assert write_jsfx(tmp_path / "new") == written


def test_reapers_folder_only_where_reaper_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert reaper_folder() is None
    (tmp_path / "REAPER").mkdir()
    assert reaper_folder() == tmp_path / "REAPER" / "Effects" / "mixassist"


def test_what_faust_never_writes_is_refused() -> None:
    with pytest.raises(RenderError, match="otherwise than expected"):
        read_jsfx("desc:nothing")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("spl0 = output0;", "spl0 = output0"),
        ("spl0 = output0;", "spl0 = output9;"),
        ("spl0 = output0;", "spl0 = expm1(output0);"),
        ("spl0 = output0;", "spl0 = pow(output0);"),
        ("spl0 = output0;", "spl0 = (output0;"),
        ("@block", "@blocks"),
        ("slider2:", "slider3:"),
        ("in_pin:left", "in:left"),
    ],
)
def test_the_interpreter_is_strict(old: str, new: str) -> None:
    with pytest.raises(Eel2Error):
        Running(text_of(STRIP).replace(old, new, 1), RATE)
