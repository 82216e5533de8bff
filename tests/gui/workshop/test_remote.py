"""The workshop's process, with toy work: what comes of a call, whatever becomes of either process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.tasks import Cancelled
from gui.workshop.failing import KNOWN
from gui.workshop.remote import Workshop, WorkshopDefect, WorkshopError, WorkshopLost

TOY = "toy_workshop:Toy"


class Office:
    """A workshop, and threads to call it from."""

    def __init__(self) -> None:
        self.losses: list[str] = []
        self.workshop = Workshop(TOY, self.losses.append)
        self.call = self.workshop.call
        self._pool = ThreadPoolExecutor(9)

    def begin(self, name: str, *arguments: object) -> tuple[Future, threading.Event]:
        """Call from another thread, and wait until the work tells progress; the event cancels it."""
        begun, cancel = threading.Event(), threading.Event()
        future = self.submit(name, *arguments, progress=lambda *_: begun.set(), is_cancelled=cancel.is_set)
        assert begun.wait(10)
        return future, cancel

    def submit(self, *arguments: object, **keywords: object) -> Future:
        return self._pool.submit(self.call, *arguments, **keywords)

    def process(self) -> int:
        return self.call("whereabouts")[0]

    def close(self) -> None:
        self.workshop.close()
        self._pool.shutdown()


@pytest.fixture
def office() -> Iterator[Office]:
    threads = set(threading.enumerate())
    office = Office()
    yield office
    office.close()
    assert set(threading.enumerate()) == threads


def has_ended(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"  # ended, and nobody looked


def wait_until(is_so: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_starts_without_holding_up_the_window(show: Callable[[str], None]) -> None:
    starts_s, answers_s = zip(*(start_and_answer() for _ in range(3)), strict=True)
    show(f"workshop: start() {min(starts_s) * 1e3:.1f} ms, first answer {min(answers_s):.2f} s")
    assert min(starts_s) < 0.02


def start_and_answer() -> tuple[float, float]:
    """How long starting held us up, and how long after that began there was an answer, s."""
    workshop = Workshop(TOY)
    start = time.perf_counter()
    try:
        workshop.start()
        started_s = time.perf_counter() - start
        assert workshop.call("add", 1, 2) == 3
        return started_s, time.perf_counter() - start
    finally:
        workshop.close()


def test_a_request_gets_its_own_arguments_and_one_process(office: Office) -> None:
    assert office.call("add", [1], [2, 3]) == [1, 2, 3]
    process, blas_threads = office.call("whereabouts")
    assert process != os.getpid()
    assert blas_threads == os.environ.get("OPENBLAS_NUM_THREADS", "1")
    assert office.process() == process


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("mix", "^a mix file of another world$"),
        ("protocol", "^no DAW answers$"),
        ("system", "^kick.wav: No such file or directory$"),
        ("memory", "^out of memory; close other programs"),
    ],
)
def test_errors_about_the_users_files_keep_their_message(office: Office, which: str, message: str) -> None:
    with pytest.raises(WorkshopError, match=message) as caught:
        office.call("fail", which)
    assert type(caught.value) is WorkshopError
    assert office.call("add", 1, 2) == 3


@pytest.mark.parametrize(
    ("name", "arguments", "what", "where"),
    [
        ("fail", ("defect",), "ZeroDivisionError: division by zero", "in fail"),
        ("fail", ("exit",), "SystemExit: 3", "in fail"),
        ("unsendable", (), "TypeError: cannot pickle", "dumps"),
        ("add", (1,), "TypeError: .*other", "in _result"),
        ("__init__", (), "the workshop knows no request '__init__'", ""),
    ],
)
def test_anything_else_is_a_defect(office: Office, name: str, arguments: tuple, what: str, where: str) -> None:
    with pytest.raises(WorkshopDefect, match=f"^a defect of mixassist, not of your files: .*{what}") as caught:
        office.call(name, *arguments)
    assert where in caught.value.detail
    assert office.call("add", 1, 2) == 3


def test_known_errors_are_where_they_are_said_to_be() -> None:
    for module, name in KNOWN:
        __import__(module)
        assert issubclass(getattr(sys.modules[module], name), Exception)


def test_progress_comes_on_the_calling_thread_and_not_too_often(office: Office) -> None:
    heard: list[tuple[float, str, float, int]] = []
    office.call("count", 500, progress=lambda *told: heard.append((*told, time.monotonic(), threading.get_ident())))
    shares = [told[0] for told in heard]
    assert shares == sorted(shares)
    assert all(what == f"{share * 500:.0f}" for share, what, *_ in heard)
    assert {told[3] for told in heard} == {threading.get_ident()}
    lasted_s = heard[-1][2] - heard[0][2]
    assert 5 <= len(heard) <= 2 + lasted_s * 20


def test_what_is_cancelled_while_it_runs_stops(office: Office) -> None:
    future, cancel = office.begin("hold")
    cancel.set()
    with pytest.raises(Cancelled):
        future.result(5)


def test_what_is_cancelled_while_it_waits_ends_at_once(office: Office) -> None:
    running, cancel_running = office.begin("hold")
    with pytest.raises(Cancelled):
        office.call("add", 1, 2, is_cancelled=lambda: True)
    assert not running.done()
    cancel_running.set()
    with pytest.raises(Cancelled):
        running.result(5)
    assert office.call("add", 1, 2) == 3


def test_a_caller_that_stops_listening_stops_the_work(office: Office) -> None:
    def refuse(share: float, what: str) -> None:
        raise KeyError(what)

    with pytest.raises(KeyError, match="holding"):
        office.call("hold", progress=refuse)
    assert office.submit("add", 1, 2).result(5) == 3


def test_lanes_run_side_by_side_and_each_in_order(office: Office) -> None:
    running, _ = office.begin("hold")
    behind = office.submit("add", 1, 2)
    assert office.call("opened") is None
    assert not running.done()
    assert not behind.done()
    office.call("release")
    assert running.result(5) == "released"
    assert behind.result(5) == 3


def test_many_calls_from_many_threads_get_their_own_answers(office: Office) -> None:
    futures = [office.submit("add", number, 0.5) for number in range(100)]
    assert [future.result(10) for future in futures] == [number + 0.5 for number in range(100)]


def test_a_large_result_arrives_whole(office: Office, show: Callable[[str], None]) -> None:
    office.call("array", 1)
    start = time.perf_counter()
    array = office.call("array", 20)
    show(f"workshop: 20 MB of audio handed over in {(time.perf_counter() - start) * 1e3:.0f} ms")
    assert array.nbytes == 20_000_000
    assert (array[1:] - array[:-1] == 1).all()
    array[0] = 1  # it is the caller's own


def test_a_killed_process_is_told_and_the_next_call_has_the_session_again(office: Office, tmp_path: Path) -> None:
    assert office.call("open", str(tmp_path)) == f"opened {tmp_path}"
    process = office.process()
    future, _ = office.begin("sleep", 30)
    os.kill(process, signal.SIGKILL)
    with pytest.raises(WorkshopLost, match=r"^the system ended the workshop"):
        future.result(5)
    assert office.call("opened") == str(tmp_path)
    assert office.process() != process
    assert len(office.losses) == 1


def test_a_crash_between_two_calls_is_told_without_being_asked(office: Office) -> None:
    os.kill(office.process(), signal.SIGSEGV)
    wait_until(lambda: bool(office.losses), 5)
    assert office.losses[0].startswith("the workshop crashed (SIGSEGV)")
    assert office.call("opened") is None


def test_an_opening_that_was_cancelled_before_its_turn_opens_nothing(office: Office, tmp_path: Path) -> None:
    office.call("open", str(tmp_path))
    (tmp_path / "late").mkdir()
    for _ in range(20):
        with pytest.raises(Cancelled):
            office.call("open", str(tmp_path / "late"), is_cancelled=lambda: True)
    assert office.call("opened") == str(tmp_path)


def test_a_session_that_cannot_be_opened_again_is_told_until_another_is(office: Office, tmp_path: Path) -> None:
    gone = tmp_path / "session"
    gone.mkdir()
    office.call("open", str(gone))
    os.kill(office.process(), signal.SIGKILL)
    wait_until(lambda: bool(office.losses), 5)
    gone.rmdir()
    for _ in range(2):
        with pytest.raises(WorkshopError, match="session: No such file"):
            office.call("add", 1, 2)
    office.call("open", str(tmp_path))
    assert office.call("opened") == str(tmp_path)


def test_a_refused_session_does_not_replace_the_one_before(office: Office, tmp_path: Path) -> None:
    office.call("open", str(tmp_path))
    with pytest.raises(WorkshopError, match="No such file"):
        office.call("open", str(tmp_path / "none"))
    os.kill(office.process(), signal.SIGKILL)
    wait_until(lambda: bool(office.losses), 5)
    assert office.call("opened") == str(tmp_path)


def test_a_class_that_cannot_be_loaded_is_a_loss(capfd: pytest.CaptureFixture[str]) -> None:
    workshop = Workshop("toy_workshop:Nobody")
    try:
        with pytest.raises(WorkshopLost, match="exit code 70"):
            workshop.call("add", 1, 2)
    finally:
        workshop.close()
    assert "has no attribute 'Nobody'" in capfd.readouterr().err


def test_whatever_signal_ends_it_the_calls_are_answered(office: Office) -> None:
    process = office.process()
    future, _ = office.begin("hold")
    os.kill(process, signal.SIGRTMIN + 5)
    with pytest.raises(WorkshopLost, match="signal"):
        future.result(10)


def test_ctrl_c_is_the_windows_to_decide(office: Office) -> None:
    process = office.process()
    os.kill(process, signal.SIGINT)
    assert office.process() == process


@pytest.mark.parametrize("work", ["hold", "sleep", "lock"])
def test_closing_ends_whatever_runs(office: Office, work: str) -> None:
    process = office.process()
    future, _ = office.begin(work, *([] if work == "hold" else [30]))
    waiting = office.submit("add", 1, 2)
    start = time.perf_counter()
    office.workshop.close(0.5)
    assert time.perf_counter() - start < 2
    for call in (future, waiting):
        with pytest.raises(Cancelled):
            call.result(5)
    assert has_ended(process)
    assert office.losses == []
    with pytest.raises(Cancelled):
        office.call("add", 1, 2)


def test_a_workshop_never_used_closes() -> None:
    Workshop(TOY).close()


PARENT = f"""
import sys
from gui.workshop.remote import Workshop
workshop = Workshop({TOY!r})
print(workshop.call("whereabouts")[0], flush=True)
workshop.call("sleep", 30, progress=lambda *_: print("sleeping", flush=True))
"""


def test_the_process_does_not_outlive_the_window() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    window = subprocess.Popen([sys.executable, "-c", PARENT], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        process = int(window.stdout.readline())
        assert window.stdout.readline() == "sleeping\n"
    finally:
        window.kill()
        window.communicate(timeout=5)
    wait_until(lambda: has_ended(process), 2)


def test_what_is_printed_goes_to_standard_error(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    office.call("write")
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "printed\nnative" in printed.err


def what_is_printed(capfd: pytest.CaptureFixture[str], last: str) -> str:
    """All that arrives on standard error until ``last`` does."""
    printed: list[str] = []

    def has_come() -> bool:
        printed.append(capfd.readouterr().err)
        return last in "".join(printed)

    wait_until(has_come, 10)
    return "".join(printed)


def test_warms_up_when_nothing_is_asked(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    start = time.monotonic()
    office.workshop.start()
    what_is_printed(capfd, "warm")
    assert time.monotonic() - start > 2


def test_warms_up_after_the_first_answer_not_beside_it(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    office.call("sleep", 2.2)
    assert what_is_printed(capfd, "warm").startswith("slept")


def test_brings_no_heavy_library_by_itself(office: Office) -> None:
    assert office.call("heavy") == []
