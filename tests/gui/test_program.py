"""The companion as a program of its own: it comes up, ends when it is told to, and says why where it cannot come up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from windows import children

PROGRAM = [sys.executable, "-m", "assistant.cli.main"]
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
#: Runs the program and tells, once the first window is drawn and again once the session or its refusal is there.
_TOLD = """
import sys
from PyQt6.QtCore import QTimer
from gui import app
class Told(app.Companion):
    def begin(self, path=None):
        super().begin(path)
        self.timer = QTimer(self, interval=20)
        self.timer.timeout.connect(self.tell)
        self.timer.start()
    def tell(self):
        notice = self.notices.messages.shown
        if self.document.info is not None or notice is not None:
            print("opened" if notice is None else notice.text, self.welcome.isVisible(), flush=True)
            self.timer.stop()
app.Companion = Told
sys.exit(app.run(sys.argv[1]))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MIXASSIST_DATA": str(tmp_path / "data")}


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=dict(environment), stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait(is_so: Callable[[], object], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="sees the workshop through /proc")
@pytest.mark.parametrize("arguments", [["gui"], []])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_comes_up_and_ends_when_told(
    start: Callable[..., subprocess.Popen[str]], environment: dict[str, str], arguments: list[str], number: int
) -> None:
    process = start([*PROGRAM, *arguments], environment)
    wait(lambda: children(process.pid))  # the workshop is started once the window stands
    (workshop,) = children(process.pid)
    time.sleep(0.3)
    process.send_signal(number)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")
    wait(lambda: not Path(f"/proc/{workshop}").exists(), 3.0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a screen")
@pytest.mark.parametrize("arguments", [["gui"], [], ["gui", "somewhere"]])
def test_without_a_screen_it_says_so(environment: dict[str, str], arguments: list[str]) -> None:
    bare = {name: value for name, value in environment.items() if name not in SCREENS}
    done = subprocess.run([*PROGRAM, *arguments], env=bare, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("mixassist: there is no screen to open a window on")
    assert "mixassist --help" in done.stderr


def test_a_session_that_is_not_there(
    start: Callable[..., subprocess.Popen[str]], environment: dict[str, str], tmp_path: Path
) -> None:
    process = start([sys.executable, "-c", _TOLD, str(tmp_path / "nowhere")], environment)
    assert process.stdout is not None
    said = process.stdout.readline()
    assert "nowhere" in said
    assert said.endswith(" True\n")  # and the first page is there to go on from
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=10)[1] == ""
    assert process.returncode == 0
