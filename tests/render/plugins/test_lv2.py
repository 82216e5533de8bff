"""LV2 bundles: what they say of themselves, and that they compute what the offline engine computes."""

import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from lv2_host import Hosted, ports_of

from assistant.mix import ChannelSettings
from assistant.plugins import GAIN_REDUCTION, PLUGINS, REVERB, STRIP_MONO, STRIP_STEREO, Plugin
from render.engine import FaustProgram
from render.plugins.build import bundle_path
from render.strips import StripRenderer

RATE = 48_000


def music(num_channels: int, num_samples: int, seed: int = 0) -> np.ndarray:
    """Pink-ish noise with beats: peaks near full scale, and quiet between them."""
    noise = np.random.default_rng(seed).standard_normal((num_channels, num_samples))
    beats = np.exp(-(np.arange(num_samples) % (RATE // 2)) / (0.1 * RATE)) + 0.01
    coloured = np.fft.irfft(np.fft.rfft(noise) / np.sqrt(np.arange(num_samples // 2 + 1) + 30.0), num_samples)
    return (coloured * beats * 0.7 / np.abs(coloured * beats).max()).astype(np.float32)


def esr_db(output: np.ndarray, reference: np.ndarray) -> float:
    reference = reference.astype(np.float64)
    return 10.0 * math.log10(np.sum((output - reference) ** 2) / np.sum(reference**2) + 1e-30)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_ports_are_the_parameter_table(bundles: Path, plugin: Plugin) -> None:
    ports = ports_of(bundle_path(bundles, plugin))
    controls = {p["symbol"]: p["default"] for p in ports if (p["way"], p["kind"]) == ("Input", "ControlPort")}
    assert list(controls) == [*(p.name for p in plugin.params), "enabled"]
    assert [np.float32(controls[p.name]) for p in plugin.params] == [np.float32(p.default) for p in plugin.params]
    for way in ("Input", "Output"):
        assert sum((p["way"], p["kind"]) == (way, "AudioPort") for p in ports) == plugin.channels
    meters = [p["symbol"] for p in ports if (p["way"], p["kind"]) == ("Output", "ControlPort")]
    assert meters == ([] if plugin.key == "reverb" else [GAIN_REDUCTION])


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_descriptions_are_valid(bundles: Path, plugin: Plugin) -> None:
    folders = sorted(Path("/usr/lib/lv2").glob("*.lv2"))
    if not shutil.which("sord_validate") or not folders:
        pytest.skip("sord_validate or the LV2 specifications are not installed")
    schemas = [str(p) for folder in folders for p in folder.glob("*.ttl")]
    own = [str(p) for p in bundle_path(bundles, plugin).glob("*.ttl")]
    done = subprocess.run(["sord_validate", *schemas, *own], capture_output=True, text=True, timeout=60, check=False)
    assert not [line for line in (done.stdout + done.stderr).splitlines() if str(bundles) in line]


def offline(plugin: Plugin, audio: np.ndarray, settings: dict[str, float]) -> np.ndarray:
    """What the offline engine makes of it: a mono track panned to the left, where the panner passes it unchanged."""
    if plugin == REVERB:
        program = FaustProgram("reverb.dsp", "process", 2, RATE)
        program.set_controls({**settings, "reverb_return_db": 0.0})
        return program.render(audio, audio.shape[1])
    output = np.zeros((2, audio.shape[1]), np.float32)
    pan = -1.0 if plugin.channels == 1 else 0.0
    for segment in StripRenderer(RATE).render(audio, ChannelSettings({**settings, "pan": pan})):
        part = segment.audio[:, : audio.shape[1] - segment.start]
        output[:, segment.start : segment.start + part.shape[1]] += part
    return output[: plugin.channels]


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_computes_what_the_offline_engine_computes(bundles: Path, plugin: Plugin) -> None:
    rng = np.random.default_rng(plugin.channels)
    audio = music(plugin.channels, 3 * RATE)
    errors = []
    for _ in range(8):
        settings = {p.name: p.clamp(float(np.float32(p.from_unit(rng.uniform())))) for p in plugin.params}
        with Hosted(bundle_path(bundles, plugin), RATE) as host:
            host.set(settings)
            errors.append(esr_db(host.run(audio), offline(plugin, audio, settings)))
    assert max(errors) <= -105.0
    assert np.median(errors) <= -120.0


def test_defaults_pass_audio_bit_for_bit(bundles: Path) -> None:
    for plugin in (STRIP_MONO, STRIP_STEREO):
        audio = music(plugin.channels, RATE)
        with Hosted(bundle_path(bundles, plugin), RATE) as host:
            np.testing.assert_array_equal(host.run(audio), audio)


def test_gain_reduction_is_the_peak_of_the_block(bundles: Path) -> None:
    settings = {"comp_threshold_db": -30.0, "comp_ratio": 4.0, "comp_attack_ms": 5.0, "trim_db": 6.0}
    audio = music(2, RATE)
    program = FaustProgram("strip.dsp", "insert_stereo", 2, RATE)
    program.set_controls(settings)
    reduction_db = program.render(audio, RATE)[2]
    with Hosted(bundle_path(bundles, STRIP_STEREO), RATE) as host:
        host.set(settings)
        for start in range(0, RATE, 2_000):
            host.run(audio[:, start : start + 2_000], block=2_000)
            assert host.get(GAIN_REDUCTION) == pytest.approx(reduction_db[start : start + 2_000].max(), abs=1e-3)
    assert reduction_db.max() > 6.0
