"""The command as a process: signals, limits, closed outputs, what it imports."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.conftest import Write, listing, tone

COMMAND = [sys.executable, "-m", "assistant.cli.main"]


def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start the command; its output is collected as text."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen([*COMMAND, *map(str, arguments)], text=True, **pipes)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_in_mid_render(tmp_path: Path, write: Write, number: signal.Signals, code: int) -> None:
    """Stopped once the first stem is on disk: nothing is left, not even a hidden file, and it ends soon."""
    for i in range(16):
        write(tmp_path / f"song/track {i}.wav", tone(12.0, seed=i))
    before = listing(tmp_path)
    command = ["mix", tmp_path / "song", "-o", tmp_path / "mix.wav", "--engineer", "random"]
    process = start(*command, "--stems-out", tmp_path / "out", "--json", tmp_path / "mix.json", "--report")
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("out/.*.part/*.wav")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the render did not begin"
        time.sleep(0.01)
    stopped = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - stopped < 15
    assert process.returncode == code
    assert err == "mixassist: stopped; nothing half-written is left behind\n"
    assert listing(tmp_path) == before


def test_a_full_disk_in_mid_write(tmp_path: Path, song: Path) -> None:
    before = listing(tmp_path)
    limit = 100_000  # bytes a file may have: less than the mix, more than the settings

    def few_bytes() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    environment = {**os.environ, "NUMBA_CACHE_DIR": os.devnull}  # compiled code, too, would be cut short
    process = start("mix", song, "-o", tmp_path / "mix.wav", preexec_fn=few_bytes, env=environment)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "mix.wav: cannot be written: the file would exceed the largest size allowed here" in err
    assert "Traceback" not in err
    assert listing(tmp_path) == before


def test_a_reader_that_goes_away(song: Path, tmp_path: Path) -> None:
    """The mix is finished all the same."""
    read, written = os.pipe()
    os.close(read)
    process = start("mix", song, "-o", tmp_path / "mix.wav", "--engineer", "mono", stdout=written)
    os.close(written)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert (tmp_path / "mix.wav").is_file()


def test_standard_output_that_takes_nothing(song: Path) -> None:
    with open("/dev/full", "w") as full:
        process = start("measure", song / "kick.wav", stdout=full)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "mixassist: the result cannot be printed: No space left on device\n")


def test_standard_output_that_is_closed(song: Path) -> None:
    process = start("measure", song / "kick.wav", stdout=None, preexec_fn=lambda: os.close(1))
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


def test_a_terminal_that_knows_ascii_only(song: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    process = start("suggest", song.rename(song.with_name("söng 🎸")), env=environment)
    out, err = process.communicate(timeout=60)
    song.with_name("söng 🎸").rename(song)
    assert (process.returncode, err) == (0, "")
    assert "lead vocal" in out


def _modules_after(*arguments: object) -> set[str]:
    code = (
        "import json, sys\nfrom assistant.cli.main import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "sys.stderr.write(json.dumps(sorted(sys.modules)))"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_a_mix_by_rules_needs_no_torch(song: Path, tmp_path: Path) -> None:
    modules = _modules_after("mix", song, "-o", tmp_path / "mix.wav", "-q", "--engineer", "rules")
    assert "dawdreamer" in modules
    assert not modules & {"torch", "PyQt6", "pythonosc"}


@pytest.mark.parametrize("arguments", [["--help"], ["mix", "--help"], ["mix", "x"]])
def test_help_and_usage_come_at_once(arguments: list[str]) -> None:
    assert not _modules_after(*arguments) & {"numpy", "scipy", "torch", "dawdreamer", "av", "numba"}
