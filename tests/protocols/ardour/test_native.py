"""Ardour's own plug-ins do what their rows say: measured through a real Ardour against the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from ardour_host import ArdourHost, find_ardour

from assistant.arrays import FloatArray
from assistant.console.compressor import compress
from assistant.mix import Change, ChannelSettings
from assistant.params import BY_NAME, CHANNEL_PARAMS
from assistant.plugins import REVERB, STRIP_STEREO
from protocols.ardour.native import (
    COMPRESSOR,
    CONTROLS,
    EQ,
    NATIVE,
    PLAIN_REVERB,
    PORTS,
    STEREO_COMPRESSOR,
    Port,
    expressible,
    inexpressible,
    plugin_labels,
)
from protocols.daw import Control, LinkState
from protocols.daws import open_daw
from protocols.journal import Journal
from protocols.laws import LAWS
from protocols.link import Daw

RATE = 44_100
SECONDS = 2
EQ_SETTINGS = {
    "peak1_hz": 200.0,
    "peak1_gain_db": 6.0,
    "peak1_q": 1.3,
    "peak2_hz": 1_500.0,
    "peak2_gain_db": -8.0,
    "peak2_q": 0.5,
    "peak3_hz": 9_000.0,
    "peak3_gain_db": 10.0,
    "peak3_q": 4.0,
}
COMPRESSOR_SETTINGS = {
    "comp_threshold_db": -30.0,
    "comp_ratio": 4.0,
    "comp_attack_ms": 5.0,
    "comp_release_ms": 150.0,
    "comp_knee_db": 6.0,
    "comp_makeup_db": 3.0,
}

needs_ardour = pytest.mark.skipif(find_ardour() is None, reason="no Ardour on this machine")


def switched_on(name: str) -> dict[str, float]:
    """The ports of a plug-in by label, with everything set so that it does what it is taken for."""
    values = dict.fromkeys(plugin_labels(name), 0.5)
    return values | {label: value for port in PORTS if name in port.plugins for label, value in port.switches}


def test_plugins_are_told_what_their_switches_allow() -> None:
    peaks = {port.row.param for port in expressible(EQ, 2, switched_on(EQ))}
    assert peaks == EQ_SETTINGS.keys()
    assert len(expressible(EQ, 2, switched_on(EQ) | {"Filter 2": 0.0})) == 6
    assert expressible(EQ, 2, switched_on(EQ) | {"Enable": 0.0}) == ()
    assert {p.row.param for p in expressible(COMPRESSOR, 1, switched_on(COMPRESSOR))} == COMPRESSOR_SETTINGS.keys()
    assert expressible(COMPRESSOR, 1, switched_on(COMPRESSOR) | {"Sidechain": 1.0}) == ()
    assert [p.label for p in expressible(PLAIN_REVERB, 2, switched_on(PLAIN_REVERB))] == ["Room Size"]
    assert expressible("Amp", 2, {"Gain": 1.0}) == ()


def test_stereo_tracks_need_the_linked_compressor() -> None:
    assert expressible(COMPRESSOR, 2, switched_on(COMPRESSOR)) == ()
    assert len(expressible(STEREO_COMPRESSOR, 2, switched_on(STEREO_COMPRESSOR))) == 6


def test_every_parameter_is_told_or_has_a_reason() -> None:
    told = {port.row.param for port in PORTS} | set(CONTROLS)
    assert told <= {p.name for p in (*STRIP_STEREO.params, *REVERB.params)}
    assert inexpressible(told).keys() == {p.name for p in (*STRIP_STEREO.params, *REVERB.params)} - told
    assert len(inexpressible(())) == len(STRIP_STEREO.params) + len(REVERB.params)


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.row.param)
def test_what_the_laws_allow_the_plugin_takes(port: Port) -> None:
    row = port.row
    law, param = LAWS[row.law], BY_NAME[row.param]
    low = param.low if law.low is None else max(law.low, param.low)
    high = param.high if law.high is None else min(law.high, param.high)
    ranges = {"Bandwidth": (0.1, 4.0), "Knee": (0.0, 8.0), "Attack": (0.1, 100.0), "Room Size": (0.5, 1.0)}
    lowest, highest = ranges.get(port.label.rstrip(" 123"), (param.low, param.high))
    for value in (low, high):
        assert lowest <= law.to_wire(value) <= highest
    assert NATIVE.row(row.param) is row


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArdourHost]:
    click = np.zeros((1, SECONDS * RATE), np.float32)
    click[0, RATE] = 1.0
    rng = np.random.default_rng(0)
    envelope = np.where(np.arange(SECONDS * RATE) // 4410 % 2, 0.5, 0.02)
    bursts = (rng.standard_normal((1, SECONDS * RATE)) * envelope).astype(np.float32)
    stems: dict[str, Path | FloatArray] = {"click": click, "bursts": bursts, "hit": np.concatenate([click, click])}
    with ArdourHost(tmp_path_factory.mktemp("native"), stems, inserts="native", sample_rate=RATE) as host:
        yield host


@pytest.fixture(scope="module")
def daw(host: ArdourHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daw]:
    with open_daw("ardour", port=host.port, journal=Journal(tmp_path_factory.mktemp("journal"))) as daw:
        assert daw.connect(10.0) is LinkState.CONNECTED, daw.trouble
        yield daw


def processed(host: ArdourHost, daw: Daw, track: str, settings: dict[str, float]) -> FloatArray:
    """What leaves the fader of ``track`` with ``settings``, once the plug-ins have glided there."""
    held = daw.read()
    report = daw.push([Change(track, name, held[Control(track, name)], value) for name, value in settings.items()])
    assert not report.problems
    host.bounce(track, SECONDS * RATE, is_processed=True)
    return host.bounce(track, SECONDS * RATE, is_processed=True)


def peak_response(frequency_hz: float, gain_db: float, q: float, at: np.ndarray) -> np.ndarray:
    """R. Bristow-Johnson, "Cookbook formulae for audio EQ", peaking filter: what the console's peaks are."""
    amplitude, omega = 10.0 ** (gain_db / 40.0), 2.0 * np.pi * frequency_hz / RATE
    alpha = np.sin(omega) / (2.0 * q)
    z = np.exp(-2j * np.pi * at / RATE)
    above = np.polyval([1.0 - alpha * amplitude, -2.0 * np.cos(omega), 1.0 + alpha * amplitude], z)
    return above / np.polyval([1.0 - alpha / amplitude, -2.0 * np.cos(omega), 1.0 + alpha / amplitude], z)


@needs_ardour
@pytest.mark.daw
def test_peaks_trim_and_polarity_are_those_of_the_console(host: ArdourHost, daw: Daw) -> None:
    found = processed(host, daw, "click", {**EQ_SETTINGS, "trim_db": -6.0, "polarity_inverted": 1.0})
    response = np.fft.rfft(found[0, RATE:].astype(np.float64))[20:20_000]
    at = np.fft.rfftfreq(RATE, 1.0 / RATE)[20:20_000]
    expected = -(10.0 ** (-6.0 / 20.0)) * np.ones(len(at), complex)
    for band in ("peak1", "peak2", "peak3"):
        expected *= peak_response(*(EQ_SETTINGS[f"{band}_{what}"] for what in ("hz", "gain_db", "q")), at)
    # a-EQ stops gliding within 0.05 dB of each band's gain
    assert np.abs(20.0 * np.log10(np.abs(response / expected))).max() <= 0.1
    assert np.abs(np.angle(response / expected)).max() <= 0.02


@needs_ardour
@pytest.mark.daw
def test_the_compressor_is_that_of_the_console(host: ArdourHost, daw: Daw) -> None:
    found = processed(host, daw, "bursts", COMPRESSOR_SETTINGS)
    raw = host.bounce("bursts", SECONDS * RATE)
    settings = ChannelSettings(COMPRESSOR_SETTINGS)
    values = torch.tensor([[settings[p.name] for p in CHANNEL_PARAMS]])
    expected = compress(torch.from_numpy(raw), torch.tensor([0, 1]), values, RATE).numpy()
    # the first second lets a state that was left over decay
    difference, level = (float(np.mean(np.square(a[:, RATE:]))) for a in (found - expected, expected))
    assert 10.0 * np.log10(difference / level) <= -90.0


@needs_ardour
@pytest.mark.daw
@pytest.mark.parametrize("decay_s", [0.8, 1.4, 2.2])
def test_the_reverb_decays_as_its_law_says(host: ArdourHost, decay_s: float) -> None:
    size = LAWS["a-reverb size"].to_wire(decay_s)
    host.run_lua(f"""reverb = reverb or add_plugin(route("hit"), "urn:ardour:a-reverb", 0)
        ARDOUR.LuaAPI.set_processor_param(reverb, 0, 1.0) ARDOUR.LuaAPI.set_processor_param(reverb, 1, {size})""")
    length = 8 * RATE
    host.bounce("hit", length, is_processed=True)
    tail = host.bounce("hit", length, is_processed=True)[0, RATE:].astype(np.float64)
    left_db = 10.0 * np.log10(np.cumsum(tail[::-1] ** 2)[::-1] / np.sum(tail**2) + 1e-20)
    first, last = (int(np.argmax(left_db < level)) for level in (-5.0, -35.0))
    assert 2.0 * (last - first) / RATE == pytest.approx(decay_s, rel=0.15)


@needs_ardour
@pytest.mark.daw
def test_limits_of_native_plugins_are_known_with_the_track(daw: Daw) -> None:
    track = next(track for track in daw.tracks() if "comp_attack_ms" in track.params)
    assert track.limits["comp_attack_ms"] == (0.1, 100.0)
    assert track.limits["fader_db"][1] == pytest.approx(6.02, abs=0.01)
    assert "pan" not in track.limits
