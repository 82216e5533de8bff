"""Stages become one share of all that is to do, and every word may be the last."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from assistant.tasks import Cancelled
from gui.workshop.telling import Telling, in_window_words


def test_stages_share_the_whole_by_their_weights() -> None:
    heard: list[tuple[float, str]] = []
    telling = Telling({"A": 1.0, "B": 2.0, "C": 1.0}, lambda share, what: heard.append((share, what)), lambda: False)
    with telling.stage("A") as tell:
        tell(0.5, "half")
    with telling.stage("unexpected") as tell:
        tell(0.9, "something")
    with telling.stage("C") as tell:  # B was not needed
        tell(0.0, "")
        tell(0.5, "more")
        tell(0.2, "less, said by a thread that came late")
    assert [share for share, _ in heard] == pytest.approx(
        [0, 0.125, 0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.875, 0.875, 1]
    )
    assert heard[1] == (0.125, "A: half")
    assert heard[0] == (0.0, "A")


def test_whoever_tells_is_stopped() -> None:
    asked = [False, False, True]
    telling = Telling({"A": 1.0}, lambda share, what: None, lambda: asked.pop(0))
    with ExitStack() as stack:
        tell = stack.enter_context(telling.stage("A"))
        tell(0.5, "")
        with pytest.raises(Cancelled, match="cancelled while a"):
            tell(0.6, "")
        asked.append(False)


def test_a_window_has_no_options() -> None:
    telling = Telling({"A": 1.0}, lambda share, what: None, lambda: False)
    telling.note("its peaks leave no more room; try a lower --target-lufs")
    assert telling.notes == ["its peaks leave no more room; try a lower target loudness"]
    assert in_window_words("export them again, or leave them out with --skip-broken").endswith(
        "or open the session without them"
    )
