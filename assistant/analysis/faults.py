"""What is wrong with a recording before anyone mixes it: found in the audio of one track, or between two."""

from __future__ import annotations

#: Every kind of problem that is looked for.
KINDS: tuple[str, ...] = (
    "masking",
    "too loud",
    "low end",
    "polarity",
    "duplicate",
    "clipping",
    "dc",
    "hum",
    "noise",
    "near silent",
)
