"""General MIDI instruments: many parts rendered by one run of the FluidSynth program.

All parts are laid one after the other on one MIDI channel (drums on theirs), so the soundfont is loaded once; the long
rendering is then cut into the parts again. Files: Standard MIDI File written with mido, raw 32-bit floats back.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido  # type: ignore[import-untyped]
import numpy as np

from assistant.training.band.song import Note
from assistant.training.band.sources import TrainingToolError

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
INSTALL = "apt install fluidsynth fluid-soundfont-gm"
#: MIDI ticks of half a millisecond at the default tempo of 120 beats per minute.
TICKS_PER_BEAT, TICKS_PER_S = 1000, 2000
TAIL_S = 2.0
DRUM_CHANNEL = 9
_TIMEOUT_S = 120


@dataclass(frozen=True)
class GmPart:
    """Notes in seconds for one program; ``swell`` are expression values 0..127 at every 0.1 s, none for steady."""

    program: int
    notes: tuple[Note, ...]
    is_drum: bool = False
    swell: tuple[int, ...] = ()


def play_soundfont(parts: Sequence[GmPart], num_samples: int, sample_rate: int) -> list[np.ndarray]:
    """Each part as float32 ``(2, num_samples)``, in the order given.

    Raises :class:`TrainingToolError` when FluidSynth or its soundfont is missing, or when it fails.
    """
    if not parts:
        return []
    program = find_fluidsynth()
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder) / "parts.mid", Path(folder) / "parts.raw"
        starts_s = _write_score(parts, num_samples / sample_rate, score)
        options = [
            "-F",
            str(sound),
            "-T",
            "raw",
            "-O",
            "float",
            "-r",
            str(sample_rate),
            "-R",
            "0",
            "-C",
            "0",
            "-g",
            "0.4",
        ]
        options += ["-o", "synth.dynamic-sample-loading=1"]
        _run([program, "-ni", "-q", *options, str(SOUNDFONT), str(score)])
        return [_cut(sound, part, start, num_samples, sample_rate) for part, start in zip(parts, starts_s, strict=True)]


def find_fluidsynth() -> str:
    """The program's path; raises :class:`TrainingToolError` when it, or the soundfont, is missing."""
    program = shutil.which("fluidsynth")
    if program is None:
        raise TrainingToolError(f"the program fluidsynth is missing; try: {INSTALL}")
    if not SOUNDFONT.is_file():
        raise TrainingToolError(f"the soundfont {SOUNDFONT} is missing; try: {INSTALL}")
    return program


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise TrainingToolError(f"fluidsynth took longer than {_TIMEOUT_S} s") from error
    if done.returncode != 0:
        raise TrainingToolError(f"fluidsynth failed ({done.returncode}): {done.stderr.strip()[-300:]}")


def _write_score(parts: Sequence[GmPart], duration_s: float, path: Path) -> list[float]:
    """Write all parts behind one another; returns where in the rendering each one's first second begins."""
    events: list[tuple[int, int, mido.Message]] = []
    starts_s, now_s = [], 0.0
    for part in parts:
        first_s = min((n.start for n in part.notes), default=0.0)
        last_s = min(duration_s, max((n.start + n.length for n in part.notes), default=0.0))
        events += _events(part, now_s - first_s, now_s)
        starts_s.append(now_s)
        now_s = round(now_s + last_s - first_s + TAIL_S + 0.1, 1)
    events.append((round(now_s * TICKS_PER_S), 0, mido.Message("control_change", control=120)))
    events.sort(key=lambda event: event[:2])
    track, last = mido.MidiTrack(), 0
    for tick, _, message in events:
        track.append(message.copy(time=tick - last))
        last = tick
    mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT, tracks=[track]).save(path)
    return starts_s


def _events(part: GmPart, shift_s: float, start_s: float) -> list[tuple[int, int, mido.Message]]:
    """(tick, rank among equals, message) of one part; everything that sounds is cut off before."""
    channel = DRUM_CHANNEL if part.is_drum else 0
    begin = round(start_s * TICKS_PER_S)
    events = [(begin, 0, mido.Message("control_change", channel=c, control=120)) for c in (0, DRUM_CHANNEL)]
    events.append((begin, 1, mido.Message("program_change", channel=channel, program=part.program)))
    for i, value in enumerate(part.swell or (127,)):
        message = mido.Message("control_change", channel=channel, control=11, value=value)
        events.append((begin + i * TICKS_PER_S // 10, 2, message))
    for note in part.notes:
        on = round((note.start + shift_s) * TICKS_PER_S)
        off = max(on + 20, round((note.start + note.length + shift_s) * TICKS_PER_S))
        velocity = round(min(127.0, max(1.0, note.velocity)))
        events.append((on, 4, mido.Message("note_on", channel=channel, note=note.pitch, velocity=velocity)))
        events.append((off, 3, mido.Message("note_off", channel=channel, note=note.pitch)))
    return events


def _cut(path: Path, part: GmPart, start_s: float, num_samples: int, sample_rate: int) -> np.ndarray:
    first_s = min((n.start for n in part.notes), default=0.0)
    last_s = max((n.start + n.length for n in part.notes), default=0.0)
    at = round(first_s * sample_rate)
    length = min(num_samples - at, round((last_s - first_s + TAIL_S) * sample_rate))
    frame = 2 * np.dtype(np.float32).itemsize
    offset = frame * round(start_s * sample_rate)
    piece = np.fromfile(path, np.float32, 2 * max(0, length), offset=offset).reshape(-1, 2)
    out = np.zeros((2, num_samples), np.float32)
    out[:, at : at + len(piece)] = piece.T
    return out
