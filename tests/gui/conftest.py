"""The window's tests: drawn nowhere, and with nothing of the user's own."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preferences and decisions are kept apart from the user's, and from other tests'."""
    monkeypatch.setenv("MIXASSIST_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MIXASSIST_CONFIG", str(tmp_path / "config"))
