"""What every microphone of a kit hears.

A close microphone hears its piece and, 18 to 35 dB softer, later and darker, everything else. Overheads and room hear
everything by distance: 1/r in level, r/c in time. Sources are float32 ``(T,)`` by piece; microphones ``(C, T)``.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

from assistant.arrays import FloatArray
from assistant.params import db_to_amplitude
from assistant.training.drums.groove import Hit
from assistant.training.drums.kit import Piece, Setup

SPEED_OF_SOUND_M_S = 343.0
BLEED_DB = (-18.0, -35.0)
#: How loud the pieces are in the room, peak to peak, in dB: a kick is mostly its bottom, which does not carry.
ACOUSTIC_DB = {
    "kick": -8.0,
    "snare": 0.0,
    "wires": -8.0,
    "hihat": -9.0,
    "open hihat": -7.0,
    "ride": -8.0,
    "crash": -3.0,
}
_TOM_DB, _NOISE_DB, _REACH_M = -6.0, -78.0, 1.4
#: Pieces that share a stand and a microphone.
_TOGETHER = ({"hihat", "open hihat"}, {"snare", "wires"})

Sources = dict[str, FloatArray]


def play(pieces: dict[str, Piece], hits: list[Hit], length: int, sample_rate: int) -> Sources:
    """What each piece sounds over ``length`` samples when it plays ``hits``; the wires follow the snare."""
    sources = {name: np.zeros(length, np.float32) for name in pieces}
    for hit in hits:
        for name in (hit.piece, "wires") if hit.piece == "snare" else (hit.piece,):
            layers = pieces[name].layers
            start = round(hit.time_s * sample_rate)
            level = hit.velocity * len(layers)
            stroke = layers[min(len(layers) - 1, max(0, round(level) - 1))][: length - start]
            sources[name][start : start + len(stroke)] += np.float32(0.8 + 0.2 * hit.velocity) * stroke
    return sources


def close_tracks(
    rng: np.random.Generator, setup: Setup, pieces: dict[str, Piece], sources: Sources, sample_rate: int
) -> dict[str, FloatArray]:
    """The close microphones by name, each ``(1, T)``; levels are arbitrary."""
    dull = _lowpass(sources["kick"], float(rng.uniform(500.0, 1_500.0)), sample_rate)
    own = {"Kick In" if setup.kick_out else "Kick": ("kick", sources["kick"])}
    if setup.kick_out:
        own["Kick Out"] = ("kick", _delayed(dull, round(0.0015 * sample_rate)))
    top = sources["snare"] + db_to_amplitude(-14.0) * sources["wires"]
    own["Snare Top" if setup.snare_bottom else "Snare"] = ("snare", top)
    if setup.snare_bottom:
        shell = _lowpass(sources["snare"], 900.0, sample_rate)
        own["Snare Bottom"] = ("snare", sources["wires"] - db_to_amplitude(-4.0) * shell)
    own["Hi-Hat"] = ("hihat", sources["hihat"] + db_to_amplitude(2.0) * sources["open hihat"])
    own |= {name.title(): (name, sources[name]) for name in setup.toms}
    own |= {name.title(): (name, sources[name]) for name in ("ride", "crash") if getattr(setup, name)}
    tracks = {}
    for track, (piece, sound) in own.items():
        heard = sound + _bleed(rng, piece, pieces, sources, sample_rate)
        tracks[track] = _with_noise(rng, heard[None])
    return tracks


def overhead_channels(
    rng: np.random.Generator, pieces: dict[str, Piece], sources: Sources, sample_rate: int
) -> FloatArray:
    """A spaced pair of overheads, ``(2, T)``: channel 0 on the audience's left."""
    spread_m, lean_db = rng.uniform(0.35, 0.7), rng.uniform(3.0, 7.0)
    middle = np.array([rng.uniform(-0.05, 0.05), rng.uniform(-0.2, 0.1), rng.uniform(1.9, 2.2)])
    channels = []
    for side in (-1.0, 1.0):
        place = middle + np.array([side * spread_m, 0.0, 0.0])
        channels.append(_from_afar(place, side * lean_db, pieces, sources, sample_rate))
    return _with_noise(rng, np.stack(channels))


def room_channels(
    rng: np.random.Generator, channels: int, pieces: dict[str, Piece], sources: Sources, sample_rate: int
) -> FloatArray:
    """``channels`` room microphones, ``(C, T)``, a few metres off, channel 0 on the audience's left."""
    distance_m, decay_s = rng.uniform(2.0, 4.5), rng.uniform(0.12, 0.4)
    tail = np.exp(-np.arange(round(2.5 * decay_s * sample_rate)) / (decay_s * sample_rate))
    sides = (0.0,) if channels == 1 else (-1.0, 1.0)
    heard = []
    for side in sides:
        place = np.array([side * 1.2, distance_m, rng.uniform(1.2, 1.8)])
        direct = _from_afar(place, side * 2.0, pieces, sources, sample_rate)
        diffuse = oaconvolve(direct, (rng.standard_normal(len(tail)) * tail).astype(np.float32))[: len(direct)]
        diffuse *= np.sqrt(np.square(direct).mean() / np.square(diffuse).mean()) * rng.uniform(0.7, 1.4)
        heard.append(_lowpass(direct + diffuse, 7_000.0, sample_rate))
    return _with_noise(rng, np.stack(heard))


def _bleed(
    rng: np.random.Generator, own: str, pieces: dict[str, Piece], sources: Sources, sample_rate: int
) -> FloatArray:
    """All other pieces as the close microphone of ``own`` hears them."""
    total = np.zeros(len(sources[own]), np.float32)
    beside: set[str] = next((group for group in _TOGETHER if own in group), {own})
    for name in pieces:
        if name in beside:
            continue
        distance_m = float(np.linalg.norm(pieces[name].position_m - pieces[own].position_m))
        near = 1.0 - min(1.0, distance_m / _REACH_M) * 0.7 - 0.3 * rng.random()
        loudness_db = 0.4 * (_acoustic_db(name) - _acoustic_db(own))
        gain_db = min(BLEED_DB[0], max(BLEED_DB[1], BLEED_DB[1] + near * (BLEED_DB[0] - BLEED_DB[1]) + loudness_db))
        _add_delayed(total, sources[name], db_to_amplitude(gain_db), _delay_samples(distance_m, sample_rate))
    return _lowpass(total, float(rng.uniform(3_000.0, 8_000.0)), sample_rate)


def _from_afar(
    place: FloatArray, lean_db: float, pieces: dict[str, Piece], sources: Sources, sample_rate: int
) -> FloatArray:
    """All pieces at ``place``, those on its own side ``lean_db`` per metre stronger, as it is turned to them."""
    total = np.zeros(len(sources["kick"]), np.float32)
    for name, piece in pieces.items():
        distance_m = float(np.linalg.norm(place - piece.position_m))
        gain = db_to_amplitude(_acoustic_db(name) + lean_db * float(piece.position_m[0])) / distance_m
        _add_delayed(total, sources[name], gain, _delay_samples(distance_m, sample_rate))
    return total


def _acoustic_db(piece: str) -> float:
    return ACOUSTIC_DB.get(piece, _TOM_DB)


def _delay_samples(distance_m: float, sample_rate: int) -> int:
    return round(distance_m / SPEED_OF_SOUND_M_S * sample_rate)


def _add_delayed(total: FloatArray, sound: FloatArray, gain: float, delay: int) -> None:
    """Add ``sound`` to ``total``, in place, ``delay`` samples late."""
    total[delay:] += np.float32(gain) * sound[: len(sound) - delay]


def _delayed(sound: FloatArray, delay: int) -> FloatArray:
    total = np.zeros_like(sound)
    _add_delayed(total, sound, 1.0, delay)
    return total


def _lowpass(sound: FloatArray, cutoff_hz: float, sample_rate: int) -> FloatArray:
    sections = butter(1, min(cutoff_hz, 0.45 * sample_rate), fs=sample_rate, output="sos").astype(np.float32)
    return np.asarray(sosfilt(sections, sound))


def _with_noise(rng: np.random.Generator, audio: FloatArray) -> FloatArray:
    """``audio`` over the noise floor of a preamplifier, far below its peak."""
    noise = rng.standard_normal(audio.shape, np.float32)
    return audio + np.float32(np.abs(audio).max() * db_to_amplitude(_NOISE_DB)) * noise
