"""What is wrong with a recording before anyone mixes it: found in the audio of one track, or between two.

Thresholds are our own choice unless a source is named, set so that four professionally made songs raise no alarm that
is not true; each stands beside the function that uses it.

- ``steps``: the one pass over the samples, and what it says of every 10 ms.
- ``trace``: a low-passed copy at 3 kHz for what needs the bottom alone.
- ``clipping``, ``offset``, ``hum``, ``noise``: one fault each.
- ``examining``: all of them for one track.
- ``coarse``, ``pairs``: duplicates and clashes of polarity among many tracks.
"""

from __future__ import annotations

from assistant.analysis.faults.examining import Examination, examine
from assistant.analysis.faults.pairs import PairFinding, compare

__all__ = ["KINDS", "Examination", "PairFinding", "compare", "examine"]

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
