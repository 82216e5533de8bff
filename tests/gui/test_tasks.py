"""Work beside the window: what is heard of it, on which thread, and that nothing is after it was called off."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from assistant.tasks import Cancelled
from gui.tasks import Latest, Tasks
from gui.workshop.errors import WorkshopDefect, WorkshopError
from protocols.errors import ProtocolError


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    threads = set(threading.enumerate())
    tasks = Tasks(2)
    yield tasks
    assert tasks.close()
    assert set(threading.enumerate()) == threads


def until_released(event: threading.Event, result: object = None) -> Callable[..., object]:
    def work(progress: Callable, is_cancelled: Callable[[], bool]) -> object:
        while not event.wait(0.005):
            if is_cancelled():
                raise Cancelled
        return result

    return work


def refused(*arguments: object) -> None:
    raise AssertionError(f"heard {arguments}")


def settle(qtbot: QtBot, tasks: Tasks) -> None:
    """Until a task begun now has gone its way through both threads: whatever was sent before has arrived."""
    heard: list[object] = []
    both = threading.Barrier(2, timeout=5)
    for _ in range(2):
        tasks.run_task(lambda *_: both.wait(), heard.append)
    qtbot.waitUntil(lambda: len(heard) == 2)


def test_the_result_arrives_on_the_windows_thread(qtbot: QtBot, tasks: Tasks) -> None:
    heard: list[tuple[int, int]] = []
    tasks.run_task(lambda *_: threading.get_ident(), lambda where: heard.append((where, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(heard))
    ((where, here),) = heard
    assert here == threading.get_ident() != where


def test_no_more_run_at_a_time_than_the_size(qtbot: QtBot, tasks: Tasks) -> None:
    running: list[int] = []
    most: list[int] = []
    done: list[Any] = []

    def work(progress: Callable, is_cancelled: Callable) -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.005)
        running.pop()

    for _ in range(20):
        tasks.run_task(work, done.append)
    qtbot.waitUntil(lambda: len(done) == 20)
    assert max(most) == 2


@pytest.mark.parametrize("error", [WorkshopError("no such file"), ProtocolError("no DAW answers"), Cancelled()])
def test_foreseen_errors_arrive_as_they_are(qtbot: QtBot, tasks: Tasks, error: Exception) -> None:
    heard: list[Exception] = []

    def work(progress: Callable, is_cancelled: Callable) -> None:
        raise error

    tasks.run_task(work, refused, heard.append)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [error]


def test_any_other_error_is_a_defect_also_without_a_listener(qtbot: QtBot, tasks: Tasks) -> None:
    with qtbot.waitSignal(tasks.failed) as heard:
        tasks.run_task(lambda *_: 1 / 0, refused)
    (error,) = heard.args
    assert isinstance(error, WorkshopDefect)
    assert str(error) == "a defect of mixassist, not of your files: ZeroDivisionError: division by zero"
    assert "in <lambda>" in error.detail


def test_progress_is_the_latest_and_not_too_often(qtbot: QtBot, tasks: Tasks) -> None:
    heard: list[float] = []
    done: list[object] = []

    def work(progress: Callable[[float, str], None], is_cancelled: Callable) -> None:
        for number in range(300):
            progress(number / 300, f"{number}")
            time.sleep(0.001)

    begun = time.monotonic()
    tasks.run_task(work, done.append, on_progress=lambda share, what: heard.append(share))
    qtbot.waitUntil(lambda: bool(done))
    assert 3 <= len(heard) <= 1 + (time.monotonic() - begun) * 32
    assert heard == sorted(set(heard))


def test_nothing_is_heard_of_what_was_cancelled(qtbot: QtBot, tasks: Tasks) -> None:
    never, over = threading.Event(), threading.Event()
    over.set()
    running = tasks.run_task(until_released(never), refused, refused, refused)
    finished = tasks.run_task(until_released(over), refused, refused)
    time.sleep(0.05)  # the second has ended, but the window has not heard of it yet
    finished.cancel()
    running.cancel()
    settle(qtbot, tasks)


def test_what_is_cancelled_before_its_turn_never_runs(qtbot: QtBot, tasks: Tasks) -> None:
    gate = threading.Event()
    done: list[object] = []
    for _ in range(2):
        tasks.run_task(until_released(gate), done.append)
    tasks.run_task(refused, refused, refused).cancel()
    gate.set()
    qtbot.waitUntil(lambda: len(done) == 2)
    settle(qtbot, tasks)


def test_closing_ends_what_runs_and_what_waits_and_is_silent(qtbot: QtBot) -> None:
    tasks, never = Tasks(2), threading.Event()
    for _ in range(5):
        tasks.run_task(until_released(never), refused, refused, refused)
    assert tasks.close()
    assert tasks.run_task(refused, refused, refused).is_cancelled
    qtbot.wait(50)


def test_closing_does_not_wait_for_ever(qtbot: QtBot) -> None:
    tasks, runs, gate = Tasks(1), threading.Event(), threading.Event()
    tasks.run_task(lambda *_: runs.set() or gate.wait(), refused, refused)
    assert runs.wait(5)
    start = time.monotonic()
    assert not tasks.close(0.1)
    assert time.monotonic() - start < 1
    gate.set()
    assert tasks.close()
    qtbot.wait(20)


def test_no_timer_runs_when_nothing_does(qtbot: QtBot, tasks: Tasks) -> None:
    settle(qtbot, tasks)
    assert not tasks._timer.isActive()


def test_of_many_questions_the_first_and_the_newest_are_answered(qtbot: QtBot, tasks: Tasks) -> None:
    gate = threading.Event()
    heard: list[int] = []
    latest = Latest(tasks, heard.append, refused)
    for number in range(50):
        latest.ask(until_released(gate, number))
    gate.set()
    qtbot.waitUntil(lambda: len(heard) == 2)
    settle(qtbot, tasks)
    assert heard == [0, 49]
    latest.ask(until_released(gate, 50))
    qtbot.waitUntil(lambda: heard == [0, 49, 50])


def test_a_failed_question_does_not_hold_up_the_next(qtbot: QtBot, tasks: Tasks) -> None:
    heard: list[object] = []
    latest = Latest(tasks, heard.append, heard.append)
    latest.ask(lambda *_: 1 / 0)
    latest.ask(lambda *_: "answer")
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert isinstance(heard[0], WorkshopDefect)
    assert heard[1] == "answer"


def test_questions_that_no_longer_matter_are_dropped(qtbot: QtBot, tasks: Tasks) -> None:
    never, gate = threading.Event(), threading.Event()
    gate.set()
    heard: list[object] = []
    latest = Latest(tasks, heard.append, refused)
    latest.ask(until_released(never, "old"))
    latest.ask(until_released(never, "waiting"))
    latest.cancel()
    latest.ask(until_released(gate, "new"))
    qtbot.waitUntil(lambda: bool(heard))
    settle(qtbot, tasks)
    assert heard == ["new"]
