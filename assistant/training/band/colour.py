"""What makes a clean sound a raw recording: a random tone, an amplifier, a room, noise, and a level.

Conventions: sounds are float32 (C, T). All amounts are random within the row of ``TONES``; practice, our choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import signal


@dataclass(frozen=True)
class Tone:
    """How one kind of source is recorded.

    ``shelf_db`` spread of the shelves, ``bump_db`` of one resonance; ``drive_db`` range into the amplifier (none when
    the upper end is 0); ``band_hz`` what a loudspeaker cabinet leaves; ``room_s`` range of decay times, heard with
    chance ``room_chance`` at ``room_db``; ``noise_db`` noise floor under the track's level (none when 0).
    """

    shelf_db: float = 2.5
    bump_db: float = 3.0
    drive_db: tuple[float, float] = (0.0, 0.0)
    band_hz: tuple[float, float] = (0.0, 0.0)
    room_s: tuple[float, float] = (0.15, 0.5)
    room_chance: float = 0.4
    room_db: tuple[float, float] = (-28.0, -14.0)
    noise_db: tuple[float, float] = (-75.0, -52.0)


TONES: dict[str, Tone] = {
    "plain": Tone(),
    "room": Tone(room_s=(0.3, 0.9), room_chance=0.8, room_db=(-24.0, -10.0)),
    "hall": Tone(room_s=(0.8, 2.2), room_chance=0.85, room_db=(-14.0, 1.0)),
    "voice": Tone(
        2.5, 4.0, (0.0, 4.0), room_s=(0.1, 0.35), room_chance=0.5, room_db=(-32.0, -18.0), noise_db=(-65, -46)
    ),
    "bass amp": Tone(3.0, 3.0, (0.0, 12.0), (30.0, 4_500.0), room_chance=0.0, noise_db=(-70.0, -48.0)),
    "clean amp": Tone(2.5, 4.0, (0.0, 10.0), (70.0, 5_500.0), room_chance=0.4, noise_db=(-65.0, -44.0)),
    "driven amp": Tone(2.5, 4.0, (14.0, 32.0), (80.0, 5_000.0), room_chance=0.4, noise_db=(-60.0, -40.0)),
    "organ": Tone(2.5, 3.0, (0.0, 14.0), (50.0, 7_000.0), room_chance=0.6, noise_db=(-65.0, -44.0)),
    "electronic": Tone(
        2.0, 2.0, (0.0, 6.0), room_s=(0.4, 2.5), room_chance=0.35, room_db=(-22.0, -8.0), noise_db=(0, 0)
    ),
    "close": Tone(3.0, 5.0, (0.0, 3.0), room_s=(0.1, 0.3), room_chance=0.3, room_db=(-34.0, -20.0)),
    "overheads": Tone(2.5, 3.0, room_s=(0.2, 0.6), room_chance=1.0, room_db=(-20.0, -8.0)),
    "drum room": Tone(3.0, 4.0, (0.0, 15.0), room_s=(0.4, 1.2), room_chance=1.0, room_db=(-4.0, 6.0)),
    "machine": Tone(2.0, 2.0, (0.0, 6.0), room_s=(0.1, 0.8), room_chance=0.25, room_db=(-26.0, -12.0), noise_db=(0, 0)),
    "loop": Tone(3.0, 3.0, (0.0, 12.0), room_s=(0.15, 0.6), room_chance=0.5, noise_db=(-70.0, -45.0)),
}
#: Range of track levels, in dB of the active parts' mean square.
LEVELS_DB = (-38.0, -15.0)
_BLOCK_S = 0.1


def record(sound: np.ndarray, tone: Tone, channels: int, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """``sound`` (1 or 2, T) as a raw recording of ``channels`` channels: float32 (C, T), peak below 0 dBFS."""
    sound = _with_channels(sound, channels)
    sound = sound / max(1e-9, _active_rms(sound, sample_rate)) * 0.1
    sound = _amplified(sound, tone, sample_rate, rng)
    sound = _tinted(sound, tone, sample_rate, rng)
    if rng.random() < tone.room_chance:
        sound = _in_room(sound, float(rng.uniform(*tone.room_s)), float(rng.uniform(*tone.room_db)), sample_rate, rng)
    level = 10.0 ** (float(rng.uniform(*LEVELS_DB)) / 20.0)
    sound = sound * (level / max(1e-9, _active_rms(sound, sample_rate)))
    if tone.noise_db[1] < 0.0:
        noise = rng.standard_normal(sound.shape, np.float32)
        sound = sound + noise * np.float32(level * 10.0 ** (float(rng.uniform(*tone.noise_db)) / 20.0))
    ceiling = 10.0 ** (float(rng.uniform(-6.0, -0.3)) / 20.0)
    return np.asarray(sound * min(1.0, ceiling / max(1e-9, float(np.abs(sound).max()))), np.float32)


def _with_channels(sound: np.ndarray, channels: int) -> np.ndarray:
    if channels == 1:
        return sound.mean(axis=0, keepdims=True)
    return sound if len(sound) == 2 else np.repeat(sound, 2, axis=0)


def _active_rms(sound: np.ndarray, sample_rate: int) -> float:
    """Root mean square over the blocks within 25 dB of the loudest one."""
    block = round(_BLOCK_S * sample_rate)
    whole = sound[:, : sound.shape[1] // block * block].reshape(len(sound), -1, block)
    powers = np.einsum("cbt,cbt->b", whole, whole) / (len(sound) * block)
    if not powers.size or powers.max() <= 0.0:
        return 0.0
    return math.sqrt(float(powers[powers > powers.max() * 10.0**-2.5].mean()))


def _amplified(sound: np.ndarray, tone: Tone, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Soft clipping, then the loudspeaker's band."""
    if tone.drive_db[1] > 0.0:
        gain = np.float32(10.0 ** (float(rng.uniform(*tone.drive_db)) / 20.0) * 2.0)
        sound = np.tanh(gain * sound.astype(np.float32) + 0.05) - np.float32(math.tanh(0.05))
    if tone.band_hz[1] > 0.0:
        low, high = (hz * float(rng.uniform(0.8, 1.3)) for hz in tone.band_hz)
        edges = [low, min(high, 0.45 * sample_rate)]
        sound = signal.sosfilt(signal.butter(2, edges, "bandpass", fs=sample_rate, output="sos"), sound)
    return sound


def _tinted(sound: np.ndarray, tone: Tone, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Two first-order shelves and one resonance: the sound plus filtered copies of itself."""
    low_hz, high_hz = float(rng.uniform(120, 400)), float(rng.uniform(2_000, 6_000))
    centre = float(np.exp(rng.uniform(math.log(150.0), math.log(5_000.0))))
    low_db, high_db = rng.normal(0.0, tone.shelf_db, 2)
    low_gain, high_gain = 10.0 ** (low_db / 20.0) - 1.0, 10.0 ** (high_db / 20.0) - 1.0
    bump = 10.0 ** (abs(rng.normal(0.0, tone.bump_db)) / 20.0) - 1.0
    filters = (
        (low_gain, signal.butter(1, low_hz, fs=sample_rate)),
        (high_gain, signal.butter(1, high_hz, "highpass", fs=sample_rate)),
        (bump, signal.iirpeak(centre, float(rng.uniform(1.0, 5.0)), fs=sample_rate)),
    )
    out = sound.astype(np.float32)
    for row, channel in zip(out, sound, strict=True):
        for gain, (numerator, denominator) in filters:
            row += gain * signal.lfilter(numerator, denominator, channel)
    return out


def _in_room(
    sound: np.ndarray, decay_s: float, wet_db: float, sample_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """Sound plus its reverberation: decaying noise after a short gap, the highs dying first."""
    t = np.arange(round(1.1 * decay_s * sample_rate)) / sample_rate
    tail = rng.standard_normal((len(sound), len(t))) * np.exp(-6.9 * t / decay_s)
    tail = signal.lfilter(*signal.butter(1, float(rng.uniform(2_000, 7_000)), fs=sample_rate), tail)
    tail = signal.lfilter(*signal.butter(1, 120.0, "highpass", fs=sample_rate), tail)
    tail /= np.sqrt(np.square(tail).sum(axis=1, keepdims=True))
    gap = round(float(rng.uniform(0.004, 0.02)) * sample_rate)
    wet = signal.oaconvolve(sound, tail.astype(np.float32), axes=1)[:, : sound.shape[1] - gap]
    out = sound.copy()
    out[:, gap:] += np.float32(10.0 ** (wet_db / 20.0)) * wet
    return out
