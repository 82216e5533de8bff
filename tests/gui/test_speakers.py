"""Which device is listened with, and where QtMultimedia is imported."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from gui.models import speakers
from gui.models.sound import Device
from gui.models.speakers import Speakers


class _Handle:
    """A device that nobody starts."""


def devices() -> tuple[Device, ...]:
    return Device("built in", _Handle()), Device("interface", _Handle())


def test_the_device_that_was_chosen_the_last_time_is_taken_at_once(qtbot: Any) -> None:
    chosen = Speakers(devices, chosen="interface")
    chosen.look()
    qtbot.waitUntil(lambda: chosen.name == "interface")
    usual = Speakers(devices, chosen="sold long ago")
    usual.look()
    qtbot.waitUntil(lambda: usual.name == "built in")


def test_qtmultimedia_is_imported_on_the_window_s_thread(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(speakers, "load", lambda: threads.append(threading.current_thread()))
    looking = Speakers(devices)
    looking.look()
    assert threads == [threading.main_thread()]
    qtbot.waitUntil(lambda: looking.name == "built in")


def test_without_qtmultimedia_there_is_no_device_and_a_reason(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ImportError("libpulse.so.0: cannot open shared object file")

    monkeypatch.setattr(speakers, "load", fail)
    looking = Speakers()
    looking.look()
    assert "libpulse" in looking.text
    assert looking.names == ()
