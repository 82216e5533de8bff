"""A few made drum kits, shared by the tests, and ways to take tracks away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.mix import Session
from assistant.training.drums.example import DrumExample, make_drum_example

SEEDS = range(12)
SECONDS = 4.0


@pytest.fixture(scope="session")
def examples() -> list[DrumExample]:
    """Twelve kits of four seconds."""
    return [make_drum_example(seed, duration_s=SECONDS) for seed in SEEDS]


@pytest.fixture
def without() -> Callable[[Session, str], Session]:
    """``without(session, "Tom")``: the session without the tracks whose names begin with that."""

    def take_away(session: Session, start: str) -> Session:
        return replace(session, tracks=tuple(t for t in session.tracks if not t.name.startswith(start)))

    return take_away
