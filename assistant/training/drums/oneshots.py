"""Recorded strokes from a folder of one-shots, in place of synthesised ones.

The file names are those of the CC0 samples of Sonic Pi (Freesound; ``README.md`` beside them names every author).
Strokes come back as in :mod:`assistant.training.drums.pieces`: float32 ``(T,)``, peak 1.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from assistant.arrays import FloatArray
from assistant.audio.reading import read_audio
from assistant.audio.resampling import resample
from assistant.training.drums.evidence import tom_pitch_hz

#: Which files may stand for a piece, as patterns.
FILES: dict[str, tuple[str, ...]] = {
    "kick": ("bd_*.flac", "drum_heavy_kick.flac", "drum_bass_*.flac"),
    "snare": ("sn_*.flac", "drum_snare_*.flac", "elec_snare.flac", "elec_mid_snare.flac"),
    "hihat": ("hat_*.flac", "drum_cymbal_closed.flac", "drum_cymbal_pedal.flac"),
    "open hihat": ("drum_cymbal_open.flac",),
    "ride": ("ride_*.flac", "drum_cymbal_soft.flac"),
    "crash": ("drum_splash_*.flac", "drum_cymbal_hard.flac"),
    "tom": ("drum_tom_*.flac",),
}
_LONGEST_S, _FADE_S = 2.4, 0.02
#: Between these speeds a drum still sounds like one.
_SHIFT = (0.45, 2.0)


def recorded_stroke(folder: Path, piece: str, rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """A random recording of ``piece`` (a key of ``FILES``), varied in speed by up to 6 %.

    Raises ``FileNotFoundError`` where ``folder`` has none, and what ``read_audio`` raises.
    """
    stroke = _read(_choose(folder, piece, rng), sample_rate)
    return _at_speed(stroke, rng.uniform(0.94, 1.06), sample_rate)


def recorded_tom(folder: Path, pitch_hz: float, rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """A random recording of a tom, played at the speed that tunes it to ``pitch_hz``."""
    stroke = _read(_choose(folder, "tom", rng), sample_rate)
    return _at_speed(stroke, pitch_hz / tom_pitch_hz(stroke, sample_rate), sample_rate)


def _choose(folder: Path, piece: str, rng: np.random.Generator) -> Path:
    files = sorted(file for pattern in FILES[piece] for file in folder.glob(pattern))
    if not files:
        raise FileNotFoundError(f"{folder}: no one-shot of a {piece} ({', '.join(FILES[piece])}); another folder?")
    return files[int(rng.integers(len(files)))]


@lru_cache(maxsize=128)
def _read(file: Path, sample_rate: int) -> FloatArray:
    """The recording as one channel, from its attack on."""
    mono = read_audio(file, sample_rate)[0].mean(axis=0)
    first = int(np.argmax(np.abs(mono) > 0.05 * np.abs(mono).max()))
    return mono[max(0, first - sample_rate // 1_000) :][: round(_LONGEST_S * sample_rate)]


def _at_speed(stroke: FloatArray, speed: float, sample_rate: int) -> FloatArray:
    speed = min(_SHIFT[1], max(_SHIFT[0], speed))
    played = resample(stroke[None], round(sample_rate * speed), sample_rate)[0]
    fade = min(len(played), round(_FADE_S * sample_rate))
    played[len(played) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return played / np.abs(played).max()
