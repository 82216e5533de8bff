"""The engineers' names and what each does, in words; nothing heavy, so that help comes at once."""

from __future__ import annotations

ENGINEER_SUMMARIES: dict[str, str] = {
    "dmc": "what a network has learnt of mixing",
    "rules": "best practice by the role of each track",
    "equal-loudness": "every track equally loud",
    "mono": "the plain sum, in mono",
    "random": "random gain and pan, the baseline of research",
}

DEFAULT_ENGINEER = "dmc"
#: The one whose proposals depend on a file of weights.
LEARNING_ENGINEER = "dmc"
