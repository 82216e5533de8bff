"""LV2 plug-ins as a DAW runs them: knobs turned while they play, blocks of any size, values and audio of any kind."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from lv2_host import Hosted
from scipy.signal import butter, sosfilt

from assistant.plugins import GAIN_REDUCTION, PLUGINS, REVERB, STRIP_MONO, STRIP_STEREO, Plugin
from render.plugins.build import bundle_path

RATE = 48_000
#: Longer than any glide.
GLIDE = RATE // 40
#: Every stage of the strip at work; the reverb has no such names and keeps its defaults.
BUSY = {
    "highpass_on": 1,
    "highpass_hz": 60,
    "low_shelf_gain_db": 3,
    "peak1_gain_db": 6,
    "peak2_gain_db": -6,
    "high_shelf_gain_db": 3,
    "comp_threshold_db": -20,
    "comp_ratio": 4,
    "comp_attack_ms": 30,
}


def noise(num_channels: int, num_samples: int, level: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(5).standard_normal((num_channels, num_samples)) * level).astype(np.float32)


def hum(num_channels: int, num_samples: int) -> np.ndarray:
    """113 Hz: far below where a click is looked for."""
    wave = 0.5 * np.sin(2 * np.pi * 113 * np.arange(num_samples) / RATE)
    return (wave * np.array([[1.0], [0.6]])[:num_channels]).astype(np.float32)


def crackle_db(output: np.ndarray) -> float:
    """The highest peak above 5 kHz over the highest peak, past the filter's own start."""
    high = sosfilt(butter(6, 5_000, "high", fs=RATE, output="sos"), output, axis=1)
    return 20.0 * math.log10(np.abs(high[:, 1_000:]).max() / np.abs(output).max() + 1e-9)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_no_control_clicks_on_its_whole_way(bundles: Path, plugin: Plugin) -> None:
    before, after = hum(plugin.channels, RATE), hum(plugin.channels, RATE // 4)
    ways = {p.name: (p.low, p.high) for p in plugin.params} | {"enabled": (0.0, 1.0)}
    with Hosted(bundle_path(bundles, plugin), RATE) as host:
        for name, (low, high) in ways.items():
            for start, end in ((low, high), (high, low)):
                host.reset()
                host.set({p.name: p.default for p in plugin.params} | BUSY | {"enabled": 1.0, name: start})
                settled = host.run(before, 480)
                host.set({name: end})
                moved = host.run(after, 480)
                # 96 dB of trim in 20 ms is heard as what it is; no other way is as long.
                allowed_db = -40.0 if name == "trim_db" else -60.0
                assert crackle_db(np.concatenate([settled[:, -4_800:], moved], axis=1)) <= allowed_db, name


def test_a_jump_of_the_gain_would_be_seen_as_a_click() -> None:
    jumped = hum(1, RATE) * np.where(np.arange(RATE) < RATE // 2 + 100, 1.0, 0.7).astype(np.float32)
    assert crackle_db(jumped) > -30.0


@pytest.mark.parametrize("name", ["trim_db", "comp_makeup_db"])
def test_gain_glides_evenly_in_decibels(bundles: Path, name: str) -> None:
    with Hosted(bundle_path(bundles, STRIP_MONO), RATE) as host:
        still = np.full((1, GLIDE), 0.001, np.float32)
        host.run(still)
        host.set({name: 12.0})
        gain_db = 20 * np.log10(host.run(still, 64)[0] / 0.001)
    steps = np.diff(gain_db)
    glide = round(0.02 * RATE)
    np.testing.assert_allclose(steps[: glide - 1], 12.0 / glide, atol=2e-5)
    np.testing.assert_allclose(gain_db[glide:], 12.0, atol=1e-4)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_blocks_of_any_size_compute_the_same(bundles: Path, plugin: Plugin) -> None:
    audio = noise(plugin.channels, 20_000)
    with Hosted(bundle_path(bundles, plugin), RATE) as host:
        host.set(BUSY)
        whole = host.run(audio, 20_000)
        for block in (1, 17, 64, 8_192):
            host.reset()
            np.testing.assert_array_equal(host.run(audio, block), whole)
        host.reset()
        np.testing.assert_array_equal(host.run(audio, 1_000, in_place=True), whole)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_glides_arrive_where_a_fresh_start_begins(bundles: Path, plugin: Plugin) -> None:
    audio = noise(plugin.channels, 4 * RATE)
    rng = np.random.default_rng(9)
    stops = [{p.name: p.clamp(p.from_unit(rng.uniform(0.2, 0.8))) for p in plugin.params} for _ in range(3)]
    stops[-1] |= {"reverb_decay_s": 0.3, "comp_release_ms": 30.0}
    with Hosted(bundle_path(bundles, plugin), RATE) as host:
        for stop, (start, end) in zip(stops, pairwise((0, 700, 1_500, 4 * RATE)), strict=True):
            host.set(stop)
            moved = host.run(audio[:, start:end], 127)
        host.reset()
        fresh = host.run(audio)
    tail = slice(-RATE // 2, None)
    error = np.sum((moved[:, tail] - fresh[:, tail]) ** 2) / np.sum(fresh[:, tail] ** 2)
    assert 10 * math.log10(error + 1e-30) <= -100.0


def test_values_outside_the_range_are_clamped_and_what_is_no_number_is_passed_over(bundles: Path) -> None:
    audio = noise(2, 4_800)
    bundle = bundle_path(bundles, STRIP_STEREO)
    for given, meant in ((1e30, 15.0), (-math.inf, -15.0), (math.nan, 0.0)):
        with Hosted(bundle, RATE) as host, Hosted(bundle, RATE) as reference:
            host.set({"peak1_gain_db": given})
            reference.set({"peak1_gain_db": meant})
            np.testing.assert_array_equal(host.run(audio), reference.run(audio))
    with Hosted(bundle, RATE) as host:
        host.set({"trim_db": 6.0})
        held = host.run(audio)
        host.set({"trim_db": math.nan})
        np.testing.assert_allclose(host.run(audio), held, rtol=1e-6)


def test_a_control_port_without_memory_keeps_its_value(bundles: Path) -> None:
    audio = noise(1, 4_800)
    with Hosted(bundle_path(bundles, STRIP_MONO), RATE) as host:
        for symbol in ("trim_db", "enabled", GAIN_REDUCTION):
            host.disconnect(symbol)
        np.testing.assert_array_equal(host.run(audio), audio)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
@pytest.mark.parametrize("rate", [44_100, 88_200, 96_000, 192_000])
def test_every_common_rate(bundles: Path, plugin: Plugin, rate: int) -> None:
    audio = noise(plugin.channels, rate // 4)
    with Hosted(bundle_path(bundles, plugin), rate) as host:
        host.set(BUSY)
        output = host.run(audio)
        host.set({"peak1_gain_db": -9.0, "reverb_predelay_ms": 150.0})
        moved = host.run(audio)
    for played in (output, moved):
        assert np.isfinite(played).all()
        assert 0.001 < np.sqrt(np.mean(played**2)) < 1.0


@pytest.mark.parametrize("rate", [0.0, -48_000.0, 192_001.0, math.nan, math.inf])
def test_rates_that_cannot_be_served_are_refused(bundles: Path, rate: float) -> None:
    with pytest.raises(ValueError, match="not made"):
        Hosted(bundle_path(bundles, STRIP_MONO), rate)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_activation_starts_afresh(bundles: Path, plugin: Plugin) -> None:
    audio = noise(plugin.channels, RATE // 2)
    with Hosted(bundle_path(bundles, plugin), RATE) as host:
        host.set(BUSY)
        first = host.run(audio)
        assert np.abs(host.run(audio) - first).max() > 1e-4
        host.reset()
        np.testing.assert_array_equal(host.run(audio), first)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_audio_that_is_no_number_is_forgotten(bundles: Path, plugin: Plugin) -> None:
    audio = noise(plugin.channels, RATE // 2)
    with Hosted(bundle_path(bundles, plugin), RATE) as host:
        host.set(BUSY)
        clean = host.run(audio)
        for broken in (math.nan, math.inf, 3e38):
            bad = audio.copy()
            bad[0, 100] = broken
            output = host.run(np.concatenate([bad, np.zeros_like(audio)], axis=1))
            assert np.isfinite(output).all()
        host.reset()
        np.testing.assert_array_equal(host.run(audio), clean)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_fading_tails_hold_no_tiny_numbers_and_the_host_keeps_its_own_arithmetic(bundles: Path, plugin: Plugin) -> None:
    audio = np.zeros((plugin.channels, 6 * RATE), np.float32)
    audio[:, :100] = 1e-30
    with Hosted(bundle_path(bundles, plugin), RATE) as host:
        host.set(BUSY | {"reverb_decay_s": 0.2})
        output = np.abs(host.run(audio))
    assert output[output > 0].min(initial=1.0) >= np.finfo(np.float32).tiny
    assert output[:, -RATE:].max() < 1e-30
    assert np.float32(1e-40) * np.float32(0.5) > 0


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_bypass_passes_the_input_and_comes_back_as_if_it_had_played_on(bundles: Path, plugin: Plugin) -> None:
    audio = noise(plugin.channels, 3 * GLIDE)
    bundle = bundle_path(bundles, plugin)
    with Hosted(bundle, RATE) as host, Hosted(bundle, RATE) as playing:
        for each in (host, playing):
            each.set(BUSY)
            each.run(audio)
        host.set({"enabled": 0.0})
        np.testing.assert_array_equal(host.run(audio)[:, GLIDE:], audio[:, GLIDE:])
        playing.run(audio)
        if plugin != REVERB:
            assert host.get(GAIN_REDUCTION) == 0.0 < playing.get(GAIN_REDUCTION)
        host.set({"enabled": 1.0})
        np.testing.assert_array_equal(host.run(audio)[:, GLIDE:], playing.run(audio)[:, GLIDE:])
