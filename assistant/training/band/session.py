"""A whole session: the song is written, the parts are cast, played, and recorded track by track.

Contents: :func:`compose_session`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import signal

from assistant.mix import Session, Track
from assistant.training.band.casting import KIT, Cast, Part, cast_session
from assistant.training.band.colour import TONES, record
from assistant.training.band.drums import play_drums
from assistant.training.band.effects import BUILDS, EFFECTS
from assistant.training.band.electronic_drums import make_one_shot, play_one_shots
from assistant.training.band.figures import FIGURES
from assistant.training.band.genres import GENRES
from assistant.training.band.sampler import load_effect, load_loop, load_one_shot
from assistant.training.band.song import Note, Song, stream, write_song
from assistant.training.band.soundfont import GmPart, play_soundfont
from assistant.training.band.synthesis import PATCHES, play_patch
from assistant.training.band.voice import make_singer, sing

LOWEST_RATE, HIGHEST_RATE = 16_000, 96_000
SHORTEST_S = 4.0
#: How unsteady players are, standard deviation of their timing in seconds.
UNSTEADINESS_S = {"gm": 0.008, "synth": 0.0, "voice": 0.018, "drum": 0.004}
#: Level in dB of each line of a kit and how far aside it is heard at most: from above, from afar, and in a loop.
HEARD_DB = {
    "overheads": {"kick": -20.0, "snare": -7.0, "hihat": 2.0, "toms": -10.0, "cymbal": 7.0},
    "drum room": {"kick": -8.0, "snare": 0.0, "hihat": 0.0, "toms": -4.0, "cymbal": 2.0},
    "loop": dict.fromkeys(KIT, 0.0),
}
ASIDE = {"overheads": 0.45, "drum room": 0.35, "loop": 0.2}
#: The standard kit of FluidR3 rings (snare at 340 Hz, toms at 155 Hz); the power kit is nearer to a close microphone.
ACOUSTIC_KITS, MACHINE_KITS = (0, 16, 16, 16, 32, 40), (24, 25, 25)
_SWELLING = ("held chords", "melody", "oohs")


@dataclass(frozen=True)
class _Studio:
    """What every part needs to be played."""

    seed: int
    song: Song
    cast: Cast
    num_samples: int
    sample_rate: int
    samples_folder: Path | None


def compose_session(
    seed: int, sample_rate: int = 44_100, duration_s: float = 24.0, samples_folder: Path | None = None
) -> Session:
    """A synthetic multitrack session of 6 to 20 raw tracks with known roles.

    ``seed`` >= 0 decides everything; names, roles and notes do not depend on ``sample_rate`` (16000 to 96000 Hz).
    ``samples_folder`` holds Sonic Pi's samples for some of the drums and effects. Every track's ``audio`` is float32
    (C, T), ``duration_s`` (at least 4) seconds long, with its peak below 0 dBFS. Raises ``ValueError`` for a value out
    of range and :class:`~assistant.training.band.sources.TrainingToolError` when FluidSynth is missing.
    """
    _check(seed, sample_rate, duration_s)
    genre = GENRES[stream(seed, "genre").integers(len(GENRES))]
    song = write_song(seed, genre, duration_s)
    studio = _Studio(seed, song, cast_session(seed, song), round(duration_s * sample_rate), sample_rate, samples_folder)
    sounds = _play_all(studio)
    tracks = []
    for part in studio.cast.parts:
        tracks.append(_track(studio, part, sounds))
    return Session(tuple(tracks), sample_rate, song.tempo)


def _check(seed: int, sample_rate: int, duration_s: float) -> None:
    if seed < 0:
        raise ValueError(f"seed={seed}: expected 0 or more")
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise ValueError(f"sample_rate={sample_rate}: expected {LOWEST_RATE}-{HIGHEST_RATE} Hz; kHz?")
    if duration_s < SHORTEST_S:
        raise ValueError(f"duration_s={duration_s}: expected at least {SHORTEST_S} s")


def _play_all(studio: _Studio) -> dict[str, np.ndarray]:
    """The soundfont's parts by name and all drum lines by line, (2, T) each, before they are recorded."""
    wanted = {part.name: _gm_part(studio, part) for part in studio.cast.parts if part.instrument.sound == "gm"}
    sounds: dict[str, np.ndarray] = {}
    for line, bars in _drum_lines(studio.cast).items():
        rng = stream(studio.seed, "kit", line)
        notes = _drum_notes(studio, line, bars)
        engine = _engine(studio, line, rng)
        if engine == "gm":
            kits = MACHINE_KITS if studio.cast.is_machine else ACOUSTIC_KITS
            program = kits[stream(studio.seed, "kit").integers(len(kits))]
            wanted[f"drum {line}"] = GmPart(program, notes, is_drum=True)
        else:
            sounds[f"drum {line}"] = _one_shots(studio, notes, engine, rng)
    played = play_soundfont(list(wanted.values()), studio.num_samples, studio.sample_rate)
    return sounds | dict(zip(wanted, played, strict=True))


def _drum_lines(cast: Cast) -> dict[str, tuple[int, ...]]:
    """Every drum line that some track hears, with its bars; a loop is made of the kit's lines."""
    lines: dict[str, tuple[int, ...]] = {}
    for part in cast.parts:
        for line in part.lines:
            for single in KIT if line == "loop" else (line,):
                lines.setdefault(single, part.bars)
    return lines


def _engine(studio: _Studio, line: str, rng: np.random.Generator) -> str:
    """Who plays a drum line: "gm", "machine" or "samples". A kit recorded as a whole stays one kit."""
    engine = str(rng.choice(["gm", "machine", "samples"]))
    if not studio.cast.is_machine:
        engine = str(stream(studio.seed, "kit engine").choice(["gm", "samples"]))
    if engine == "samples" and studio.samples_folder is None:
        engine = "machine" if studio.cast.is_machine else "gm"
    return "gm" if engine == "samples" and line.startswith("percussion") and rng.random() < 0.5 else engine


def _drum_notes(studio: _Studio, line: str, bars: tuple[int, ...]) -> tuple[Note, ...]:
    piece = line.split()[0]
    label = line if piece == "percussion" else piece
    rng = stream(studio.seed, "drums", label)
    notes = play_drums(studio.song, list(bars), piece, rng, studio.cast.groove)
    notes = [note for note in notes if _hears(line, note.pitch)] or [
        Note(4.0 * bars[0], 0.3, notes[0].pitch if notes else 38, 90.0)
    ]
    return _timed(studio, notes, "drum", stream(studio.seed, "drum timing", label))


def _hears(line: str, key: int) -> bool:
    """Whether a microphone on part of a piece hears the drum ``key``."""
    wanted = {"toms floor": key <= 45, "toms rack": key > 45, "hihat open": key == 46, "hihat closed": key != 46}
    return wanted.get(line, True)


def _one_shots(studio: _Studio, notes: tuple[Note, ...], engine: str, rng: np.random.Generator) -> np.ndarray:
    rate, folder, sounds = studio.sample_rate, studio.samples_folder, {}
    for key in sorted({note.pitch for note in notes}):
        is_sample = engine == "samples" and folder is not None
        sounds[key] = load_one_shot(folder, key, rate, rng) if is_sample and folder else make_one_shot(key, rate, rng)
    return play_one_shots(sounds, notes, studio.num_samples, rate)


def _timed(studio: _Studio, notes: list[Note], sound: str, rng: np.random.Generator) -> tuple[Note, ...]:
    """``notes`` in seconds, as unsteady as the player is, those beyond the end left out."""
    beat_s, end_s = studio.song.beat_s, studio.song.duration_s - 0.1
    spread = UNSTEADINESS_S[sound]
    late = rng.normal(0.0, spread, len(notes)) if spread else np.zeros(len(notes))
    timed = [
        Note(max(0.0, n.start * beat_s + float(d)), n.length * beat_s, n.pitch, min(127.0, max(8.0, n.velocity)))
        for n, d in zip(notes, late, strict=True)
    ]
    return tuple(sorted((n for n in timed if n.start < end_s), key=lambda n: (n.start, n.pitch)))


def _notes(studio: _Studio, part: Part, take: str = "") -> tuple[Note, ...]:
    """The part's notes in seconds; parts of one line differ in timing only."""
    rng = stream(studio.seed, "line", part.line, take)
    low, high = part.instrument.low, part.instrument.high
    notes = FIGURES[part.figure](studio.song, list(part.bars), low, high, rng)
    if not notes:
        notes = FIGURES["oohs"](studio.song, list(part.bars), low, high, rng)
    if part.shift:
        notes = [Note(n.start, n.length, _shifted(studio.song, n.pitch, part.shift), n.velocity) for n in notes]
    return _timed(studio, notes, part.instrument.sound, stream(studio.seed, "timing", part.name, take))


def _shifted(song: Song, pitch: int, steps: int) -> int:
    """The pitch ``steps`` of the scale above ``pitch``."""
    near = min(range(80), key=lambda step: abs(song.scale_pitch(step) - pitch))
    return song.scale_pitch(near + steps)


def _gm_part(studio: _Studio, part: Part) -> GmPart:
    swell: tuple[int, ...] = ()
    if part.figure in _SWELLING:
        rng = stream(studio.seed, "swell", part.name)
        points = rng.uniform(70, 127, int(studio.song.duration_s / 2) + 2)
        curve = np.interp(np.arange(0, studio.song.duration_s, 0.1), np.arange(len(points)) * 2.0, points)
        swell = tuple(int(v) for v in curve)
    return GmPart(part.instrument.program, _notes(studio, part), swell=swell)


def _track(studio: _Studio, part: Part, sounds: dict[str, np.ndarray]) -> Track:
    rng = stream(studio.seed, "sound", part.name)
    players = {"synth": _play_synth, "voice": _play_voice, "effect": _play_effects}
    if part.instrument.sound == "gm":
        sound = sounds.pop(part.name)
    elif part.instrument.sound == "drum":
        sound = _play_kit(studio, part, sounds, rng)
    else:
        sound = players[part.instrument.sound](studio, part, rng)
    channels = 2 if part.instrument.is_stereo else 1
    audio = record(sound, TONES[part.instrument.tone], channels, studio.sample_rate, rng)
    return Track(part.name, None, audio, channels, studio.sample_rate, studio.num_samples, role=part.role)


def _play_synth(studio: _Studio, part: Part, rng: np.random.Generator) -> np.ndarray:
    return play_patch(PATCHES[part.instrument.patch], _notes(studio, part), studio.num_samples, studio.sample_rate, rng)


def _play_voice(studio: _Studio, part: Part, rng: np.random.Generator) -> np.ndarray:
    """One singer, or for a stereo track three of them side by side."""
    if not part.instrument.is_stereo:
        singer = make_singer(part.instrument.patch, rng)
        return sing(_notes(studio, part), singer, studio.num_samples, studio.sample_rate, rng)
    out = np.zeros((2, studio.num_samples), np.float32)
    for place in (0.15, 0.5, 0.85):
        singer = make_singer(part.instrument.patch, rng)
        notes = _notes(studio, part, f"voice at {place}")
        voice = sing(notes, singer, studio.num_samples, studio.sample_rate, rng)[0]
        out += np.stack([voice * np.float32(1 - place), voice * np.float32(place)])
    return out


def _play_effects(studio: _Studio, part: Part, rng: np.random.Generator) -> np.ndarray:
    """The effect at the starts of some sections, or leading up to them."""
    out = np.zeros((2, studio.num_samples), np.float32)
    bar_s, builds = 4.0 * studio.song.beat_s, part.instrument.patch in BUILDS
    places = [s.first * bar_s for s in studio.song.sections if s.first > 0 or not builds] or [bar_s]
    places = [p for p in places if rng.random() < 0.6] or [places[rng.integers(len(places))]]
    for place in places:
        length_s = min(bar_s * int(rng.choice([1, 1, 2])), max(1.0, place) if builds else 6.0)
        folder = studio.samples_folder
        if folder is not None and not builds and rng.random() < 0.4:
            sound = load_effect(folder, studio.sample_rate, rng)
        else:
            sound = EFFECTS[part.instrument.patch](length_s, studio.sample_rate, rng).astype(np.float32)
        at = max(0, round((place - (length_s if builds else 0.0)) * studio.sample_rate))
        piece = sound[:, : max(0, studio.num_samples - at)]
        out[:, at : at + piece.shape[1]] += piece
    return out


def _play_kit(studio: _Studio, part: Part, sounds: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """What a drum track's microphones hear of the kit's lines."""
    if part.lines == ("loop",) and studio.samples_folder is not None and rng.random() < 0.6:
        return _loop(studio, part, rng)
    if len(part.lines) > 1 or part.lines == ("loop",):
        return _whole_kit(studio, part, sounds, rng)
    sound = sounds[f"drum {part.lines[0]}"]
    if part.instrument.tone != "close":
        return sound
    bleed = sum(
        (other for line, other in sounds.items() if line.startswith("drum ") and other is not sound),
        np.zeros_like(sound),
    )
    late = round(float(rng.uniform(0.001, 0.004)) * studio.sample_rate)
    out = sound.copy()
    amount = np.float32(10.0 ** (float(rng.uniform(-42.0, -26.0)) / 20.0))
    out[:, late:] += amount * bleed[:, : bleed.shape[1] - late]
    return out


def _whole_kit(studio: _Studio, part: Part, sounds: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """All lines of the kit as a pair of microphones hears them: at their levels, aside, later on one side."""
    levels, aside = HEARD_DB[part.instrument.tone], ASIDE[part.instrument.tone]
    out = np.zeros((2, studio.num_samples), np.float32)
    for line in KIT:
        sound = sounds[f"drum {line}"]
        gain = 10.0 ** ((levels[line] + float(rng.normal(0.0, 2.5))) / 20.0)
        place = 0.5 + float(rng.uniform(-aside, aside)) * (0.1 if line in ("kick", "snare") else 1.0)
        late = round(0.003 * aside * float(rng.uniform(0.2, 1.0)) * studio.sample_rate)
        for side, share in enumerate((1.0 - place, place)):
            delay = late if share < 0.5 else 0
            out[side, delay:] += np.float32(2.0 * gain * share) * sound[side, : sound.shape[1] - delay]
    return out


def _loop(studio: _Studio, part: Part, rng: np.random.Generator) -> np.ndarray:
    """A sampled loop, over and over in the part's bars."""
    assert studio.samples_folder is not None
    loop = load_loop(studio.samples_folder, studio.song.beat_s, studio.sample_rate, rng)
    turns = -(-studio.num_samples // loop.shape[1])
    out = np.tile(loop, (1, turns))[:, : studio.num_samples]
    gate = np.zeros(studio.num_samples, np.float32)
    bar = 4.0 * studio.song.beat_s * studio.sample_rate
    for number in part.bars:
        gate[round(number * bar) : round((number + 1) * bar)] = 1.0
    soft = round(0.004 * studio.sample_rate)
    return out * signal.oaconvolve(gate, np.full(soft, 1.0 / soft, np.float32))[: studio.num_samples]
