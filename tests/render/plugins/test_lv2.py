"""LV2 bundles: what they say of themselves, and that they compute what the offline engine computes."""

import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from lv2_host import Hosted, ports_of

from assistant.plugins import GAIN_REDUCTION, PLUGINS, Plugin
from render.engine import FaustProgram
from render.plugins.build import build_bundles, bundle_path

pytestmark = pytest.mark.skipif(not (shutil.which("g++") or shutil.which("clang++")), reason="no C++ compiler")


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


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lv2")
    build_bundles(folder)
    return folder


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


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.key)
def test_computes_what_the_offline_engine_computes(bundles: Path, plugin: Plugin) -> None:
    rng = np.random.default_rng(plugin.channels)
    expression = {"strip-mono": "insert_mono", "strip-stereo": "insert_stereo", "reverb": "insert_reverb"}[plugin.key]
    program = FaustProgram("reverb.dsp" if plugin.key == "reverb" else "strip.dsp", expression, plugin.channels, RATE)
    audio = music(plugin.channels, 3 * RATE)
    errors = []
    for _ in range(8):
        settings = {p.name: p.clamp(float(np.float32(p.from_unit(rng.uniform())))) for p in plugin.params}
        program.set_controls(settings)
        reference = program.render(audio, audio.shape[1])[: plugin.channels]
        with Hosted(bundle_path(bundles, plugin), RATE) as host:
            host.set(settings)
            errors.append(esr_db(host.run(audio), reference))
    assert max(errors) <= -100.0
