"""Whatever fails at the end, nothing is left running."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from gui.app import Companion, Surroundings
from gui.models.preferences import Preferences


def test_what_fails_at_the_end_leaves_nothing_running(
    qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set(threading.enumerate())
    companion = Companion(Surroundings("toy_workshop:Toy", preferences=Preferences(tmp_path)))
    qtbot.addWidget(companion.window)
    companion.begin()
    assert set(threading.enumerate()) != threads

    def fail() -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(companion.opening, "close", fail)
    with pytest.raises(RuntimeError, match="the disk is gone"):
        companion.close()
    companion.close()  # again is nothing
    qtbot.waitUntil(lambda: set(threading.enumerate()) == threads)
