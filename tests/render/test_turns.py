"""A turn is handed on in the order of asking, and to the next one after an error too."""

from __future__ import annotations

import threading

import pytest

from render.turns import Turns


def test_who_asks_first_is_served_first() -> None:
    turns, served = Turns(), []

    def wait(name: str, is_waiting: threading.Event) -> None:
        is_waiting.set()
        with turns:
            served.append(name)

    threads = []
    with turns:
        for name in ("a", "b", "c"):
            is_waiting = threading.Event()
            threads.append(threading.Thread(target=wait, args=(name, is_waiting)))
            threads[-1].start()
            assert is_waiting.wait(5.0)
            while turns._drawn < len(threads) + 1:  # drawn its number
                pass
    with turns:  # a plain lock would be taken again here at once
        served.append("again")
    for thread in threads:
        thread.join()
    assert served == ["a", "b", "c", "again"]


def test_an_error_hands_the_turn_on() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="inside"), turns:
        raise ValueError("inside")
    with turns:
        pass
