"""The measuring bench with a small session on it."""

from __future__ import annotations

import pytest
from bench_session import PLAN, make_session, pieces_of

from render.bench import Bench
from render.material import Material, read_material


@pytest.fixture(scope="module")
def material() -> Material:
    """The passages of the session."""
    return read_material(make_session(), PLAN, pieces_of)


@pytest.fixture(scope="module")
def bench(material: Material) -> Bench:
    """The session on the bench."""
    return Bench(material)
