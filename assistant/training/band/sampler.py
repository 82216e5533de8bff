"""The CC0 samples as drums, loops and effects, when their folder is given.

Files are named after Sonic Pi's: ``PIECES`` says which file-name beginnings serve which drum key.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assistant.audio.reading import read_audio
from assistant.audio.resampling import resample
from assistant.training.band.sources import TrainingToolError

PIECES: dict[int, tuple[str, ...]] = {
    36: ("bd_", "drum_heavy_kick", "drum_bass_", "elec_soft_kick", "elec_hollow_kick"),
    38: ("sn_", "drum_snare_", "elec_snare", "elec_hi_snare", "elec_mid_snare", "elec_lo_snare"),
    39: ("perc_snap", "elec_filt_snare"),
    42: ("hat_", "drum_cymbal_closed", "drum_cymbal_pedal"),
    46: ("drum_cymbal_open",),
    50: ("drum_tom_hi_",),
    48: ("drum_tom_hi_", "drum_tom_mid_"),
    45: ("drum_tom_mid_", "elec_fuzz_tom"),
    43: ("drum_tom_lo_",),
    49: ("drum_cymbal_hard", "drum_splash_", "elec_cymbal"),
    51: ("ride_", "drum_cymbal_soft"),
}
PERCUSSION = (
    "tabla_",
    "perc_bell",
    "perc_till",
    "elec_wood",
    "elec_bong",
    "elec_tick",
    "elec_pop",
    "drum_cowbell",
    "elec_plip",
)
LOOPS = ("loop_amen", "loop_breakbeat", "loop_compus", "loop_industrial", "loop_mika", "loop_mehackit", "arovane_beat_")
EFFECTS = (
    "ambi_",
    "vinyl_",
    "misc_cineboom",
    "perc_sw",
    "perc_impact",
    "glitch_robot",
    "mehackit_robot",
    "mehackit_phone",
)


def sample_files(folder: Path, beginnings: tuple[str, ...]) -> list[Path]:
    """The FLAC files of ``folder`` whose names begin so, sorted; :class:`TrainingToolError` when there are none."""
    files = sorted(path for path in folder.glob("*.flac") if path.name.startswith(beginnings))
    if not files:
        raise TrainingToolError(f"{folder}: no sample called {beginnings[0]}*.flac; expected Sonic Pi's samples (CC0)")
    return files


def load_one_shot(folder: Path, key: int, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A sample for the General MIDI drum ``key``, tuned a little; float32 (C, T) with peak 1, at most 2 s."""
    files = sample_files(folder, PIECES.get(key, PERCUSSION))
    audio, rate = read_audio(files[rng.integers(len(files))])
    tuned = resample(audio[:, : 2 * rate], round(rate * float(rng.uniform(0.9, 1.12))), sample_rate)
    return np.asarray(tuned / max(1e-6, float(np.abs(tuned).max())), np.float32)


def load_loop(folder: Path, beat_s: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A drum loop played at the speed that makes it last a whole number of bars; float32 (C, T)."""
    files = sample_files(folder, LOOPS)
    audio, rate = read_audio(files[rng.integers(len(files))])
    lasts_s = audio.shape[1] / rate
    beats = min((4, 8, 16, 32), key=lambda n: abs(np.log(n * beat_s / lasts_s)))
    wanted = round(beats * beat_s * sample_rate)
    loop = resample(audio, max(4_000, round(rate * lasts_s / (beats * beat_s))), sample_rate)[:, :wanted]
    return np.asarray(np.pad(loop, ((0, 0), (0, wanted - loop.shape[1]))), np.float32)


def load_effect(folder: Path, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A sound effect of at most 6 s; float32 (2, T)."""
    files = sample_files(folder, EFFECTS)
    audio, rate = read_audio(files[rng.integers(len(files))])
    audio = audio[:, : 6 * rate] * np.minimum(1.0, np.arange(min(audio.shape[1], 6 * rate), 0, -1) / (0.05 * rate))
    sound = np.asarray(resample(audio.astype(np.float32), rate, sample_rate), np.float32)
    return np.repeat(sound, 2, axis=0) if len(sound) == 1 else sound
