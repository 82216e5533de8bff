"""Who plays when: drum patterns with fills, played by someone who is not a machine.

A bar has sixteen steps. Patterns are texts of sixteen signs: ``x`` a stroke, ``o`` an accent (on the hi-hat: open),
``g`` a ghost note, ``.`` nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEPS = 16
_VELOCITY = {"x": 0.8, "o": 1.0, "g": 0.25}


@dataclass(frozen=True)
class Hit:
    """One stroke on ``piece`` at ``time_s``, ``velocity`` 0..1."""

    piece: str
    time_s: float
    velocity: float


@dataclass(frozen=True)
class Style:
    """A bar of kick, snare and time-keeping, its tempo range, and how late a beat's last sixteenth is (0..1)."""

    kick: str
    snare: str
    keeping: str
    tempo_bpm: tuple[float, float]
    swing: float = 0.0


STYLES: tuple[Style, ...] = (
    Style("x.....x.x.......", "....o.......o...", "x.x.x.x.x.x.x.x.", (85.0, 135.0)),  # rock
    Style("x..x..x...x..x..", "....o..g.g..o..g", "xxxxxxxxxxxxxxxx", (85.0, 112.0)),  # funk
    Style("x...x...x...x...", "....x.......x...", "..o...o...o...o.", (108.0, 132.0)),  # disco
    Style("x.........x.....", "........o.......", "x...x...x...x...", (120.0, 165.0)),  # half time
    Style("x..x....x..x....", "....o..g....o...", "x..xx..xx..xx..x", (75.0, 115.0), 0.55),  # shuffle
    Style("x...x...x...x...", "..o...o...o...o.", "x...x...x...x...", (150.0, 178.0)),  # punk
    Style("x.......g.......", "g..g...g..g..g..", "x...x..xx...x..x", (110.0, 170.0), 0.4),  # swing
    Style("x..x..x.x..x..x.", "...g..x...g.x...", "x.x.x.x.x.x.x.x.", (90.0, 125.0)),  # latin
)


def play_groove(
    rng: np.random.Generator, duration_s: float, toms: tuple[str, ...], required: tuple[str, ...]
) -> tuple[float, list[Hit]]:
    """(tempo in BPM, the strokes) of a random groove of ``duration_s`` seconds.

    ``toms`` are named from the highest to the lowest; they play in the fills. Every piece in ``required`` plays at
    least twice.
    """
    style = STYLES[int(rng.integers(len(STYLES)))]
    tempo = float(rng.uniform(*style.tempo_bpm))
    step_s = 15.0 / tempo
    bars = int(np.ceil(duration_s / (STEPS * step_s)))
    on_ride = bool(rng.random() < 0.5)
    hits: list[Hit] = []
    for bar in range(bars):
        keeper = "ride" if on_ride ^ (bar % 4 >= 2) else "hihat"
        fill_from = _fill_start(rng, bar, bars)
        steps = _bar(rng, style, keeper, fill_from) + _fill(rng, fill_from, toms)
        if bar == 0 or rng.random() < 0.3:
            steps.append(("crash", 0, 0.9))
        hits += [_played(rng, style, step_s, bar * STEPS + step, (piece, v)) for piece, step, v in steps]
    hits = [hit for hit in hits if hit.time_s < duration_s - 0.05]
    return tempo, hits + _missing(rng, hits, duration_s, (*required, *toms))


def _fill_start(rng: np.random.Generator, bar: int, bars: int) -> int:
    """The step at which the bar's fill begins; 16 for none. Every second bar has one more often than not."""
    wanted = 0.75 if bar % 2 == 1 or bars < 3 else 0.25
    return int(rng.choice((4, 8, 8, 12))) if rng.random() < wanted else STEPS


def _bar(rng: np.random.Generator, style: Style, keeper: str, fill_from: int) -> list[tuple[str, int, float]]:
    """(piece, step, velocity) of the pattern up to the fill; the kick plays through."""
    steps: list[tuple[str, int, float]] = []
    for step in range(STEPS):
        kick = style.kick[step] if rng.random() > 0.06 else rng.choice((".", "x"))
        snare = style.snare[step] if rng.random() > 0.05 else rng.choice((".", "g"))
        if kick != "." and (step < fill_from or step % 4 == 0):
            steps.append(("kick", step, _VELOCITY[str(kick)]))
        if step >= fill_from:
            continue
        if snare != ".":
            steps.append(("snare", step, _VELOCITY[str(snare)]))
        keeping = style.keeping[step]
        if keeping != ".":
            piece = "open hihat" if keeping == "o" and keeper == "hihat" else keeper
            steps.append((piece, step, 0.85 if step % 4 == 0 else 0.6))
    return steps


def _fill(rng: np.random.Generator, fill_from: int, toms: tuple[str, ...]) -> list[tuple[str, int, float]]:
    """Sixteenths or eighths that travel from the snare over the toms, high to low."""
    length = STEPS - fill_from
    path = ("snare", *toms) if rng.random() < 0.6 else toms
    every = 1 if rng.random() < 0.7 else 2
    strokes = range(0, length, every)
    return [(path[s * len(path) // length], fill_from + s, float(rng.uniform(0.65, 1.0))) for s in strokes]


def _played(rng: np.random.Generator, style: Style, step_s: float, step: int, stroke: tuple[str, float]) -> Hit:
    """The stroke (piece, velocity) where a human puts it: swung, a few milliseconds off, never twice the same."""
    piece, velocity = stroke
    late = style.swing / 3.0 if step % 4 == 3 else 0.0
    time_s = max(0.0, (step + late) * step_s + float(rng.normal(0.0, 0.004)))
    return Hit(piece, time_s, float(np.clip(velocity * rng.normal(1.0, 0.09), 0.1, 1.0)))


def _missing(rng: np.random.Generator, hits: list[Hit], duration_s: float, pieces: tuple[str, ...]) -> list[Hit]:
    """Strokes for those of ``pieces`` that play less than twice."""
    counts = {piece: sum(hit.piece == piece for hit in hits) for piece in pieces}
    late = duration_s - 0.4
    return [
        Hit(piece, float(rng.uniform(0.1, late)), float(rng.uniform(0.7, 1.0)))
        for piece, count in counts.items()
        for _ in range(max(0, 2 - count))
    ]
