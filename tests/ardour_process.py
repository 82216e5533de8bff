"""Ardour as a process for tests: its programs, its settings in a HOME of its own, and Lua served by pipes."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

SCRIPT = Path(__file__).with_name("ardour_host.lua")
#: LV2 bundles that Ardour needs beside its own: the specifications' vocabularies.
SPECIFICATIONS = (
    *("atom", "buf-size", "core", "data-access", "dynmanifest", "event", "instance-access", "log", "midi", "morph"),
    *("options", "parameters", "patch", "port-groups", "port-props", "presets", "resize-port", "schemas", "state"),
    *("time", "ui", "units", "uri-map", "urid", "worker"),
)
START_S = 30.0
ANSWER_S = 30.0


@dataclass(frozen=True)
class ArdourPrograms:
    """Where Ardour's command-line programs are; ``version`` is the major one."""

    version: int
    lua: Path
    export: Path


@cache
def find_ardour() -> ArdourPrograms | None:
    """The newest Ardour of this machine that tests can run, None where there is none (then skip)."""
    for version in (9, 8, 7):
        lua, export = (shutil.which(f"ardour{version}-{program}") for program in ("lua", "export"))
        if lua and export:
            return ArdourPrograms(version, Path(lua), Path(export))
    return None


class ArdourError(Exception):
    """Ardour did not do what the test asked of it."""


class LuaProcess:
    """Ardour's Lua interpreter running ``ardour_host.lua``; its whole process group ends with :meth:`kill`."""

    def __init__(self, program: Path, environment: Mapping[str, str], folder: Path) -> None:
        read_end, write_end = os.pipe()
        self._answers: BinaryIO = os.fdopen(read_end, "rb", buffering=0)
        self._log_file = folder / "ardour.log"
        with self._log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [program, SCRIPT],
                env={**environment, "ANSWERS": f"/dev/fd/{write_end}"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(write_end,),
                start_new_session=True,
            )
        os.close(write_end)
        try:
            self._answer(START_S)
        except BaseException:
            self.kill()
            raise

    def run(self, chunk: str, timeout_s: float = ANSWER_S) -> str:
        """What ``chunk`` returns, as text."""
        code = chunk.encode()
        stream = self._process.stdin
        assert stream
        try:
            stream.write(b"%d\n" % len(code) + code)
            stream.flush()
        except BrokenPipeError as error:
            raise ArdourError(f"Ardour has ended:\n{self.log()}") from error
        return self._answer(timeout_s)

    def log(self) -> str:
        """The end of what Ardour wrote on its terminal."""
        return self._log_file.read_text(encoding="utf-8", errors="replace")[-3000:]

    def kill(self) -> None:
        """End Ardour as a crash would."""
        _kill_group(self._process)
        if self._process.stdin:
            # what a dead process did not read is of no use
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        self._answers.close()

    def _answer(self, timeout_s: float) -> str:
        deadline = time.monotonic() + timeout_s
        line = b""
        while not line.endswith(b"\n"):
            line += self._read(1, deadline)
        how, length = line.split()
        text = b""
        while len(text) < int(length):
            text += self._read(int(length) - len(text), deadline)
        if how != b"ok":
            raise ArdourError(text.decode(errors="replace"))
        return text.decode(errors="replace")

    def _read(self, count: int, deadline: float) -> bytes:
        ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
        found = self._answers.read(count) if ready else b""
        if not found:
            raise ArdourError(f"Ardour {'has ended' if ready else 'does not answer'}:\n{self.log()}")
        return found


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait(10)


def run_quietly(command: Sequence[str | Path], environment: Mapping[str, str], timeout_s: float) -> int:
    """The exit status of ``command``; -1 where it took longer than ``timeout_s``."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return -1
    finally:
        _kill_group(process)


def environment_of(home: Path) -> dict[str, str]:
    """What Ardour's programs are started with, for a HOME of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {**kept, "HOME": str(home), "LV2_PATH": str(home / "lv2")}


def free_port() -> int:
    """A UDP port that nobody has, now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def told_port(file: Path) -> int | None:
    """Where OSC listens, from the file that Ardour writes it into; a port that is taken makes it take the next."""
    told = re.search(r":(\d+)/", file.read_text()) if file.exists() else None
    return int(told[1]) if told else None


def write_config(folder: Path, port: int, options: Mapping[str, object]) -> None:
    """Write settings of Ardour that have OSC at ``port``, and make it say where it listens.

    Without vari-speed: its resampler at each port is 16 samples late, which Ardour 7.3 makes up for; but on a busy
    machine it has been seen to forget so for what is sent to a bus (3 exports of 28), and the reverb came 16 samples
    late.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "osc_url").write_text("")
    told: dict[str, object] = {"active": 1, "debugmode": 0, "address-only": 0, "remote-port": 8000, "banksize": 0}
    told |= {"striptypes": 159, "feedback": 0, "gainmode": 0, "send-page-size": 0, "plug-page-size": 0, **options}
    attributes = " ".join(f'{name}="{value}"' for name, value in told.items())
    (folder / "config").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Ardour><Config><Option name="osc-port" value="{port}"/><Option name="port-resampler-quality" value="0"/>'
        f"</Config><ControlProtocols>"
        f'<Protocol name="Open Sound Control (OSC)" {attributes}/></ControlProtocols></Ardour>\n'
    )


def link_bundles(folder: Path, bundles: Sequence[Path]) -> None:
    """Make ``folder`` an LV2 path of the specifications, Ardour's own plug-ins and ``bundles``: few start fast."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    system = Path("/usr/lib/lv2")
    own = (p for p in system.glob("*.lv2") if p.name.startswith("a-") or p.stem in SPECIFICATIONS)
    for bundle in (*own, *bundles):
        (folder / bundle.name).symlink_to(bundle.resolve())
