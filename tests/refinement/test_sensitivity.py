"""Sensitivities against small moves that are really rendered in DawDreamer and read by other meters."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from refinement.conftest import PARTS, RATE, part

from assistant.analysis.facts import Span
from assistant.analysis.loudness import weighted_powers
from assistant.analysis.reference import MIX_SPECTRUM_DB
from assistant.analysis.sensitivities import MIX_QUANTITIES, QUANTITIES, TRACK_QUANTITIES, Sensitivities, small_step
from assistant.analysis.spectrum import band_powers
from assistant.arrays import FloatArray
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix
from assistant.params import BY_NAME, CHANNEL_NAMES, CHANNEL_PARAMS
from assistant.refinement.rendering import LEAD_IN_S
from assistant.refinement.sensitivity import HEARD_S, find_sensitivities, find_sensitivities_throughout
from assistant.tasks import Cancelled
from render.bench import Bench
from render.material import Material, Plan

SECONDS = 2.0
NAMES = ("drums", "low", "pad", "singer", "unused")
_BUSY = {
    "highpass_on": 1.0,
    "highpass_hz": 120.0,
    "low_shelf_gain_db": -3.0,
    "low_shelf_hz": 200.0,
    "peak1_gain_db": 3.0,
    "peak2_gain_db": -4.0,
    "peak3_gain_db": 4.0,
    "high_shelf_gain_db": 3.0,
    "high_shelf_hz": 4_000.0,
    "comp_ratio": 3.0,
    "comp_threshold_db": -30.0,
    "comp_release_ms": 150.0,
    "comp_makeup_db": 3.0,
}
SETTINGS: dict[str, dict[str, float]] = {
    "drums": {**_BUSY, "width": 1.3, "fader_db": 2.0, "send_db": -6.0},
    "low": {"low_shelf_gain_db": -2.0},
    "pad": {"peak2_gain_db": 3.0, "pan": 0.3, "width": 0.8, "send_db": 0.0},
    "singer": {**_BUSY, "pan": -0.2, "fader_db": -3.0, "send_db": -8.0},
}
#: What can be heard at all of a move, and how near a slope must come to a move of a whole small step.
LEAST, TOLERANCE = 0.05, 0.15


def mix_of(**settings: dict[str, float]) -> Mix:
    channels = (ChannelMix(name, ChannelSettings(settings.get(name, {})), PARTS[name][0]) for name in NAMES)
    return Mix(tuple(channels), BusSettings(reverb_decay_s=0.8, reverb_return_db=6.0))


MIX = mix_of(**SETTINGS)


@pytest.fixture(scope="module")
def pieces() -> dict[str, FloatArray | None]:
    count = round(SECONDS * RATE)
    return {name: None if name == "unused" else part(name)[:, :count] for name in NAMES}


@pytest.fixture(scope="module")
def found(pieces: dict[str, FloatArray | None]) -> Sensitivities:
    return find_sensitivities(pieces, MIX, RATE)


@pytest.fixture(scope="module")
def bench(pieces: dict[str, FloatArray | None]) -> Bench:
    plan = Plan((Span(LEAD_IN_S, SECONDS),), LEAD_IN_S)
    return Bench(Material(plan, RATE, {name: (piece,) for name, piece in pieces.items()}), num_threads=1)


def bands_of(audio: FloatArray) -> tuple[np.ndarray, np.ndarray]:
    hz, powers = band_powers(audio.astype(np.float64), RATE)
    return hz, audio.shape[0] * powers


def bright_db(audio: FloatArray) -> float:
    hz, powers = bands_of(audio)
    return 10.0 * math.log10(powers[hz > 1_990.0].sum() / powers.sum())


def track_figures(bench: Bench, name: str, settings: ChannelSettings) -> dict[str, float]:
    audio = bench.piece(name, settings, 0).astype(np.float64)
    hz, powers = bands_of(audio)
    left, right = np.square(audio).sum(axis=1)
    return {
        "loudness": 10.0 * math.log10(weighted_powers(audio, RATE).mean()),
        "brightness": bright_db(audio),
        "low_end": 10.0 * math.log10(powers[hz < 201.0].sum() / powers.sum()),
        "balance": 10.0 * math.log10(right / left),
    }


def mix_figures(bench: Bench, mix: Mix, weights: np.ndarray) -> dict[str, float]:
    """``weights`` of the lead's third octaves."""
    dry = {c.name: bench.piece(c.name, c.settings, 0).astype(np.float64) for c in mix.channels if c.name != "unused"}
    loud = {name: weighted_powers(audio, RATE).mean() for name, audio in dry.items()}
    bands = {name: bands_of(audio)[1] for name, audio in dry.items()}
    masked_db = 10.0 * np.log10((sum(bands.values()) - bands["singer"]) / bands["singer"])
    (whole,) = bench.sums(mix)
    hz, powers = bands_of(whole)
    counts = (hz > 60.0) & (hz < 10_500.0)
    tone_db = 10.0 * np.log10(powers[counts]) - np.array(MIX_SPECTRUM_DB)[: len(hz)][counts]
    return {
        "lead": 10.0 * math.log10(loud["singer"] / (sum(loud.values()) - loud["singer"])),
        "masking": float(weights @ np.maximum(masked_db, 0.0)),
        "tone": float(np.abs(tone_db - tone_db.mean()).mean()),
        "mix_brightness": bright_db(whole),
    }


def lead_weights(bench: Bench) -> np.ndarray:
    """By how much each third octave of the lead is above 20 dB under its strongest, from 200 Hz to 8 kHz."""
    hz, powers = bands_of(bench.piece("singer", MIX.channel("singer").settings, 0))
    level_db = np.where((hz > 199.0) & (hz < 8_000.0), 10.0 * np.log10(powers), -np.inf)
    weights = np.maximum(level_db - level_db.max() + 20.0, 0.0)
    return weights / weights.sum()


def ends(name: str, param: str) -> tuple[float, float]:
    """Half a small step to either side; the balance of a stereo track in the centre bends, so it goes right."""
    value = MIX.channel(name).settings[param]
    step = small_step(BY_NAME[param], value)
    return (0.0, step) if (name, param) == ("drums", "pan") else (value - step / 2.0, value + step / 2.0)


def moved(name: str, param: str, value: float) -> Mix:
    channels = (
        replace(c, settings=c.settings.with_values(**{param: value})) if c.name == name else c for c in MIX.channels
    )
    return replace(MIX, channels=tuple(channels))


def agrees(slope: float, rendered: float) -> bool:
    if max(abs(slope), abs(rendered)) < LEAST:
        return True
    return abs(slope - rendered) <= TOLERANCE * abs(rendered)


@pytest.mark.parametrize("name", ["drums", "singer"])
def test_what_a_move_does_to_its_track(name: str, found: Sensitivities, bench: Bench) -> None:
    """Every parameter of a stereo and a mono track."""
    audible = set()
    for param in (p.name for p in CHANNEL_PARAMS if p.curve != "toggle"):
        low, high = (
            track_figures(bench, name, moved(name, param, v).channel(name).settings) for v in ends(name, param)
        )
        for quantity in TRACK_QUANTITIES:
            slope, rendered = found.of(name, param)[quantity], high[quantity] - low[quantity]
            assert agrees(slope, rendered), f"{param}, {quantity}: {slope:.3f}, rendered {rendered:.3f}"
            if abs(rendered) >= LEAST:
                audible.add(param)
    assert len(audible) >= 16
    assert "send_db" not in audible
    assert ("width" in audible) == (name == "drums")


@pytest.mark.parametrize(
    ("name", "param"),
    [
        ("singer", "fader_db"),
        ("singer", "comp_threshold_db"),
        ("drums", "fader_db"),
        ("pad", "peak2_gain_db"),
        ("drums", "high_shelf_gain_db"),
        ("low", "low_shelf_gain_db"),
        ("pad", "peak2_hz"),
        ("pad", "send_db"),
    ],
)
def test_what_a_move_does_to_the_mix(name: str, param: str, found: Sensitivities, bench: Bench) -> None:
    weights = lead_weights(bench)
    low, high = (mix_figures(bench, moved(name, param, value), weights) for value in ends(name, param))
    slopes = found.of(name, param)
    for quantity in MIX_QUANTITIES:
        rendered = high[quantity] - low[quantity]
        assert agrees(slopes[quantity], rendered), f"{quantity}: {slopes[quantity]:.3f}, rendered {rendered:.3f}"
    assert max(abs(high[quantity] - low[quantity]) for quantity in MIX_QUANTITIES) >= LEAST


def test_what_does_nothing_has_none(found: Sensitivities) -> None:
    """Frequency and Q of a flat band, a compressor's times at 1:1, a send that is off."""
    for param in ("peak3_hz", "peak3_q", "highpass_hz", "comp_attack_ms", "comp_threshold_db", "send_db"):
        assert max(map(abs, found.of("low", param).values())) < 1e-6
    assert found.of("low", "comp_makeup_db")["loudness"] == pytest.approx(1.0, abs=1e-3)
    assert found.of("low", "peak1_gain_db")["loudness"] > LEAST


def test_a_decibel_of_fader_is_one_of_loudness_and_moves_no_other_track(found: Sensitivities) -> None:
    slopes = found.of("drums", "fader_db")
    assert slopes["loudness"] == pytest.approx(1.0, abs=1e-6)
    assert slopes["brightness"] == pytest.approx(0.0, abs=1e-6)
    assert slopes["lead"] < -0.1
    other = find_sensitivities(
        {"drums": part("drums")[:, : round(SECONDS * RATE)]}, replace(MIX, channels=MIX.channels[:1]), RATE
    )
    for param in CHANNEL_NAMES:
        own, alone = found.of("drums", param), other.of("drums", param)
        assert all(own[q] == pytest.approx(alone[q], rel=1e-3, abs=1e-5) for q in TRACK_QUANTITIES if q in own)


def test_switches_silence_and_missing_leads_are_left_out(
    found: Sensitivities, pieces: dict[str, FloatArray | None]
) -> None:
    assert found.of("drums", "polarity_inverted") == {}
    assert found.of("unused", "fader_db") == {}
    assert found.changes.shape == (len(NAMES), len(CHANNEL_NAMES), len(QUANTITIES))
    leaderless = replace(MIX, channels=tuple(replace(c, role="bass") for c in MIX.channels))
    assert not {"lead", "masking"} & find_sensitivities(pieces, leaderless, RATE).of("drums", "fader_db").keys()
    silent = find_sensitivities(dict.fromkeys(NAMES), MIX, RATE)
    assert bool(np.isnan(silent.changes).all())


def test_a_longer_piece_is_heard_at_its_end(pieces: dict[str, FloatArray | None]) -> None:
    short = {"low": part("low")[:, -round(HEARD_S * RATE) :]}
    mix = replace(MIX, channels=MIX.channels[1:2])
    one, other = find_sensitivities(short, mix, RATE), find_sensitivities({"low": part("low")}, mix, RATE)
    np.testing.assert_array_equal(one.changes, other.changes)


def test_as_many_passages_are_heard_as_it_takes(pieces: dict[str, FloatArray | None], found: Sensitivities) -> None:
    """The pad is silent in the busiest passage, whose figures of the other tracks stand."""
    count = round(SECONDS * RATE)
    later = {name: None if piece is None else part(name)[:, count:][:, :count] for name, piece in pieces.items()}
    without = {**pieces, "pad": None}
    both = {"pad": later["pad"], "drums": later["drums"]}
    passages = [both, dict.fromkeys(NAMES), without]
    throughout = find_sensitivities_throughout(
        {name: [passage.get(name) for passage in passages] for name in NAMES}, MIX, RATE
    )
    first = find_sensitivities(without, MIX, RATE)
    second = find_sensitivities({**dict.fromkeys(NAMES), **both}, MIX, RATE)
    for name, one in (("drums", first), ("singer", first), ("pad", second)):
        assert throughout.of(name, "fader_db") == one.of(name, "fader_db")
    assert throughout.of("unused", "fader_db") == {}


def test_bad_pieces_are_refused(pieces: dict[str, FloatArray | None]) -> None:
    with pytest.raises(ValueError, match="'unused'"):
        find_sensitivities({name: pieces[name] for name in NAMES[:-1]}, MIX, RATE)
    with pytest.raises(ValueError, match=r"drums: a piece of 0\.50 s; expected 0\.8 s"):
        find_sensitivities({**pieces, "drums": part("drums")[:, : RATE // 2]}, MIX, RATE)
    with pytest.raises(ValueError, match="expected one length"):
        find_sensitivities({**pieces, "drums": part("drums")[:, :RATE]}, MIX, RATE)
    with pytest.raises(Cancelled):
        find_sensitivities(pieces, MIX, RATE, is_cancelled=lambda: True)
