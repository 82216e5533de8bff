"""One made drum kit, recorded and mixed: an example to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.arrays import FloatArray
from assistant.mix import Mix, Session, Track
from assistant.params import db_to_amplitude
from assistant.training.drums.desk import ROLE_OF_PART, part_of
from assistant.training.drums.engineer import mix_drums
from assistant.training.drums.groove import play_groove
from assistant.training.drums.kit import Setup, build_pieces, draw_setup
from assistant.training.drums.microphones import Sources, close_tracks, overhead_channels, play, room_channels

SHORTEST_S, LONGEST_S = 2.0, 60.0
#: Raw tracks peak at this level, give or take a gain of which nothing can be learned.
PEAK_DBFS, RANDOM_GAIN_DB = -14.0, 12.0
_DRUMMERS_VIEW = 0.35


@dataclass(frozen=True)
class DrumExample:
    """Raw tracks ``session`` (audio float32 ``(C, T)``, role set) and the engineer's ``mix`` of exactly these."""

    session: Session
    mix: Mix


def make_drum_example(
    seed: int, sample_rate: int = 44_100, duration_s: float = 8.0, samples_folder: Path | None = None
) -> DrumExample:
    """A random kit of 5 to 12 tracks and its mix, the same for the same arguments.

    ``samples_folder`` holds one-shots (see :mod:`assistant.training.drums.oneshots`) that stand for some of the
    synthesised pieces. Raw levels are random within +-12 dB. Raises ``ValueError`` for a duration outside 2 to 60 s,
    ``FileNotFoundError`` for a folder without one-shots.
    """
    if not SHORTEST_S <= duration_s <= LONGEST_S:
        raise ValueError(f"duration_s={duration_s!r}: expected {SHORTEST_S:g} to {LONGEST_S:g} s; milliseconds?")
    rng = np.random.default_rng(seed)
    setup = draw_setup(rng)
    required = ("kick", "snare", "hihat", *(name for name in ("ride", "crash") if getattr(setup, name)))
    tempo, hits = play_groove(rng, duration_s, setup.toms, required)
    pieces = build_pieces(rng, setup, sample_rate, samples_folder)
    sources = play(pieces, hits, round(duration_s * sample_rate), sample_rate)
    recorded = close_tracks(rng, setup, pieces, sources, sample_rate)
    far = {} if setup.overheads == "none" else {"overheads": overhead_channels(rng, pieces, sources, sample_rate)}
    if setup.room:
        far["room"] = room_channels(rng, setup.room, pieces, sources, sample_rate)
    recorded |= _far_tracks(rng, setup, far)
    tracks = tuple(_raw_track(rng, name, audio, sample_rate) for name, audio in recorded.items())
    session = Session(tracks, sample_rate, tempo)
    return DrumExample(session, mix_drums(session))


def _far_tracks(rng: np.random.Generator, setup: Setup, far: Sources) -> dict[str, FloatArray]:
    """Overheads and room as tracks; stereo ones are now and then recorded as the drummer sees the kit."""
    is_mirrored = setup.overheads == "stereo" and rng.random() < _DRUMMERS_VIEW
    tracks: dict[str, FloatArray] = {}
    if setup.overheads == "mono":
        tracks["Overhead"] = far["overheads"].mean(axis=0, keepdims=True)
    elif setup.overheads == "stereo":
        tracks["Overheads"] = far["overheads"][::-1] if is_mirrored else far["overheads"]
    elif setup.overheads == "pair":
        first = int(rng.integers(2))
        tracks["Overhead 1"] = far["overheads"][first : first + 1]
        tracks["Overhead 2"] = far["overheads"][1 - first : 2 - first]
    if setup.room:
        tracks["Room"] = far["room"][::-1] if is_mirrored else far["room"]
    return tracks


def _raw_track(rng: np.random.Generator, name: str, audio: FloatArray, sample_rate: int) -> Track:
    peak_dbfs = PEAK_DBFS + float(rng.uniform(-RANDOM_GAIN_DB, RANDOM_GAIN_DB))
    audio = np.ascontiguousarray(audio * (db_to_amplitude(peak_dbfs) / np.abs(audio).max()), np.float32)
    track = Track(name, audio=audio, channels=len(audio), sample_rate=sample_rate, num_samples=audio.shape[1])
    return Track(**{**vars(track), "role": ROLE_OF_PART[part_of(track)]})
