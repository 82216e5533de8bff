"""How far the differentiable console is from the Faust render, on real tracks at random settings.

Shared by the full sweep (``quality_agreement.py``) and the contract test with fewer draws. The figure is the error's
energy over the signal's, in dB.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import torch
from recording import ROOT, SONGS

from assistant.audio.reading import read_audio
from assistant.console.channel import process_channels
from assistant.console.parameters import pack_settings
from assistant.console.reverb import reverb
from assistant.mix import BusSettings, ChannelSettings
from assistant.params import CHANNEL_PARAMS, REVERB_PARAMS, Param
from render.mixdown import render_reverb
from render.strips import StripRenderer

SECTIONS = ("eq", "compressor", "strip", "reverb")
TRACKS = (
    "sodium/vox_lead.m4a",
    "sodium/hvy_kick.m4a",
    "lithium/sy_bass.m4a",
    "lithium/hats.m4a",
    "potassium/keys.m4a",
    "rubidium/drums_main.m4a",
)
SAMPLE_RATES = (44_100, 48_000, 96_000)
_NOT_EQ = ("comp_", "fader_db", "width", "pan", "send_db")


@cache
def passages(sample_rate: int, seconds: float) -> list[np.ndarray]:
    """The loudest stretch of some real tracks, ``(2, T)`` float32: of the songs, or else of the demo session."""
    files = [SONGS / name for name in TRACKS if (SONGS / name).exists()]
    files = files or sorted((ROOT / "assistant" / "demo").glob("*.flac"))
    return [loudest(file, sample_rate, seconds) for file in files]


def loudest(file: Path, sample_rate: int, seconds: float) -> np.ndarray:
    """The stretch of ``file`` with the most energy, as stereo."""
    audio, _ = read_audio(file, sample_rate)
    length = min(int(seconds * sample_rate), audio.shape[1])
    energy = np.concatenate(([0.0], np.cumsum(np.sum(audio.astype(np.float64) ** 2, axis=0))))
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return np.ascontiguousarray(np.repeat(audio, 2 // audio.shape[0], axis=0)[:, start : start + length])


def draw(rng: np.random.Generator, table: tuple[Param, ...]) -> dict[str, float]:
    """A value for every row of ``table``, even over the control's travel, as the float32 that Faust will hold."""
    return {p.name: p.clamp(float(np.float32(p.from_unit(rng.uniform())))) for p in table}


def draw_settings(rng: np.random.Generator, section: str) -> ChannelSettings:
    """Random settings with only ``section`` at work; "strip" has all sections at work."""
    values = draw(rng, CHANNEL_PARAMS)
    if section == "eq":
        values = {k: v for k, v in values.items() if not k.startswith(_NOT_EQ)}
    elif section == "compressor":
        values = {k: v for k, v in values.items() if k.startswith("comp_")}
    return ChannelSettings(values)


def error_to_signal_db(output: np.ndarray, reference: np.ndarray) -> float:
    """10 log10 of the error's energy over the reference's; ``-inf`` where they are equal."""
    reference = reference.astype(np.float64)
    error = np.sum((output - reference) ** 2)
    return 10.0 * math.log10(error / np.sum(reference**2)) if error > 0.0 else -math.inf


def strip_error_db(audio: np.ndarray, settings: ChannelSettings, renderer: StripRenderer, is_mono: bool) -> float:
    """Torch against Faust for one strip fed ``audio`` ``(2, T)``, or its left channel as a mono track."""
    track = audio[:1] if is_mono else audio
    faust = np.zeros_like(audio)
    for segment in renderer.render(track, settings):
        stop = min(segment.start + segment.audio.shape[1], audio.shape[1])
        faust[:, segment.start : stop] += segment.audio[:, : stop - segment.start]
    with torch.no_grad():
        ours = process_channels(
            torch.from_numpy(track)[None, None], pack_settings([settings])[None], renderer.sample_rate
        )
    return error_to_signal_db(ours[0, 0].numpy(), faust)


def reverb_error_db(audio: np.ndarray, settings: BusSettings, sample_rate: int) -> float:
    """Torch against Faust for the reverb bus fed ``audio`` ``(2, T)``."""
    faust = render_reverb(audio, settings, sample_rate)
    with torch.no_grad():
        ours = reverb(torch.from_numpy(audio)[None], pack_settings([settings], REVERB_PARAMS), sample_rate)
    return error_to_signal_db(ours[0].numpy(), faust)


def errors_db(
    section: str, sample_rate: int, num_draws: int, seconds: float, seed: int = 0
) -> Iterator[tuple[float, dict[str, float]]]:
    """The error of every draw and the settings that gave it; tracks and mono/stereo take turns."""
    rng = np.random.default_rng([seed, sample_rate, SECTIONS.index(section)])
    tracks = passages(sample_rate, seconds)
    renderer = StripRenderer(sample_rate)
    for index in range(num_draws):
        audio = tracks[index % len(tracks)]
        if section == "reverb":
            # A return that is off gives silence on both sides: nothing to compare.
            bus = BusSettings({**draw(rng, REVERB_PARAMS), "reverb_return_db": 0.0})
            yield reverb_error_db(audio, bus, sample_rate), dict(bus)
        else:
            settings = draw_settings(rng, section)
            yield strip_error_db(audio, settings, renderer, is_mono=index % 2 == 1), dict(settings)
