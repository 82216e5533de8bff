"""How long until one fader move is measured again, beside measuring all of it anew?

The 24 first tracks of the song sodium, or 24 stereo tracks of noise bursts where ../shared/data is missing, on the
passages that are looked at by default, with the proposal of the rules. Moved are one fader of a track that feeds the
reverb, one of a track that does not, and one cutoff. Every move goes to a value not seen before.

    python benchmarks/speed_verify.py
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import replace

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it

import numpy as np
from recording import SONGS, record, spread, time_in_turns

from assistant.audio.excerpts import load_excerpts
from assistant.engineers.interface import make_engineer
from assistant.mix import Mix, Session, Track
from assistant.survey import Survey
from assistant.tasks import Load
from protocols.stems import read_stems_folder
from render.bench import Bench
from render.material import Material, plan_passages, read_material

NUM_TRACKS, SECONDS, RATE, REPEATS = 24, 60, 48_000, 9
MOST_MS = 300.0


def make_noise_session() -> Session:
    """Tracks of noise that come and go."""
    tracks = []
    for index in range(NUM_TRACKS):
        rng = np.random.default_rng(index)
        envelope = np.repeat(rng.random(SECONDS) > 0.3, RATE).astype(np.float32)
        audio = rng.standard_normal((2, SECONDS * RATE), np.float32) * 0.1 * envelope
        tracks.append(Track(f"noise {index}", audio=audio, sample_rate=RATE, num_samples=audio.shape[1]))
    return Session(tuple(tracks), RATE)


def read_session() -> tuple[str, Session, Load]:
    """What is measured, and how it is loaded."""
    from assistant.audio.reading import load_track

    if not (SONGS / "sodium").is_dir():
        return "noise", make_noise_session(), load_track
    session, _ = read_stems_folder(SONGS / "sodium")
    return "sodium", replace(session, tracks=session.tracks[:NUM_TRACKS]), load_track


def propose(session: Session, load: Load) -> tuple[Mix, Material]:
    """The rules' mix, and the passages that are looked at."""
    survey = Survey(load)
    mix = make_engineer("rules", survey).propose(session)
    return mix, read_material(session, plan_passages(survey.cells(session)), load_excerpts)


def moves(mix: Mix, name: str, param: str, start: float) -> Callable[[], Mix]:
    """Each call moves one parameter of one track a little further."""
    steps = itertools.count(1)

    def move() -> Mix:
        value = start + 0.1 * next(steps)
        channels = (
            replace(c, settings=c.settings.with_values(**{param: value})) if c.name == name else c for c in mix.channels
        )
        return replace(mix, channels=tuple(channels))

    return move


def main() -> None:
    """Print the medians beside their bound."""
    source, session, load = read_session()
    mix, material = propose(session, load)
    bench = Bench(material)
    bench.measure(mix)
    sending = max(mix.channels, key=lambda c: c.settings["send_db"]).name
    dry = min(mix.channels, key=lambda c: (c.settings["send_db"], c.name)).name
    cases = {
        "fader, with reverb": moves(mix, sending, "fader_db", -12.0),
        "fader, dry": moves(mix, dry, "fader_db", -12.0),
        "strip": moves(mix, dry, "highpass_hz", 60.0),
    }
    timed = {name: lambda move=move: bench.measure(move()) for name, move in cases.items()}
    timed["all anew"] = lambda: Bench(material).measure(mix)
    seconds = sum(span.end_s - span.start_s for span in material.plan.spans)
    print(f"{source}: {len(mix.channels)} tracks, {len(material.plan.spans)} passages, {seconds:.0f} s of music")
    figures = {name: spread([1000.0 * t for t in times]) for name, times in time_in_turns(timed, REPEATS).items()}
    for name, of in figures.items():
        bound = f" (at most {MOST_MS:.0f})" if name.startswith("fader") else ""
        print(f"{name:20} {of['median']:7.0f} ms{bound}, {of['min']:.0f} to {of['max']:.0f}")
    record("speed_verify", {"session": source, "milliseconds": figures})


if __name__ == "__main__":
    main()
