"""A real headless Ardour for tests: a session of given stems, OSC on a port of its own, Lua served.

Ardour runs as ``ardour7-lua`` (or of a later version) with its Dummy backend, a HOME and an LV2_PATH of its own.
It has no audio import without a GUI, so that sources and regions go in through the session file, and Lua does the rest.

Contents: :class:`ArdourHost`, :func:`find_ardour`; ``ardour_host.lua`` beside this file is what Ardour runs.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import BinaryIO, Literal
from xml.sax.saxutils import quoteattr

import numpy as np
import soundfile

from assistant.arrays import FloatArray
from assistant.plugins import REVERB, REVERB_BUS_NAME, strip_for

SCRIPT = Path(__file__).with_name("ardour_host.lua")
SESSION_NAME = "song"
#: Ardour's time unit: ticks a second ("superclock").
TICKS = 282_240_000
#: LV2 bundles that Ardour needs beside its own: the specifications' vocabularies.
SPECIFICATIONS = (
    *("atom", "buf-size", "core", "data-access", "dynmanifest", "event", "instance-access", "log", "midi", "morph"),
    *("options", "parameters", "patch", "port-groups", "port-props", "presets", "resize-port", "schemas", "state"),
    *("time", "ui", "units", "uri-map", "urid", "worker"),
)
START_S = 30.0
ANSWER_S = 30.0
EXPORT_S = 120.0

Inserts = Literal["ours", "native", "none"]


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


class ArdourHost:
    """A running Ardour with a session of ``stems`` (name -> audio file, or float array ``(C, T)``), a context manager.

    A track has one or two channels, as its stem; array stems lie in the session's own folder as Ardour's import leaves
    them (a mono file per channel), files are embedded where they are. ``inserts`` on every track: our strip ("ours";
    ``bundles`` are the folders ``*.lv2`` that hold our plug-ins), Ardour's a-EQ and a-Compressor ("native") or nothing.
    Unless "none", a bus "Reverb Bus" holds the reverb and every track has a post-fader send to it, at -inf dB.
    """

    def __init__(
        self,
        folder: Path,
        stems: Mapping[str, Path | FloatArray],
        *,
        sample_rate: int = 44_100,
        inserts: Inserts = "none",
        bundles: Sequence[Path] = (),
        osc_options: Mapping[str, object] | None = None,
    ) -> None:
        programs = find_ardour()
        assert programs, "no Ardour on this machine; find_ardour() tells"
        self.stems, self.sample_rate, self.inserts = stems, sample_rate, inserts
        self.home, self.session_folder = folder / "home", folder / SESSION_NAME
        self.session_file = self.session_folder / f"{SESSION_NAME}.ardour"
        self._programs, self._bundles, self._osc_options = programs, bundles, dict(osc_options or {})
        self._process: _LuaProcess | None = None
        self.port = 0

    def __enter__(self) -> ArdourHost:
        lengths = self._write_session()
        self._start()
        try:
            self.run_lua(_mixer_lua(self.stems, self.inserts, {n: c for n, (c, _) in lengths.items()}) + "save()")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End Ardour, as a crash would: nothing is saved."""
        if self._process:
            self._process.kill()
        self._process = None

    def restart(self) -> None:
        """End Ardour unsaved and open the session as it was last saved, on the same port."""
        self.close()
        self._start(self.port)

    def run_lua(self, chunk: str) -> str:
        """Run ``chunk`` in Ardour; what it returns, as text. The functions of ardour_host.lua are there.

        Raises :class:`ArdourError` for an error in the chunk, for no answer in 30 s, and where Ardour has ended.
        """
        assert self._process, "Ardour was closed"
        return self._process.run(chunk)

    def save(self) -> str:
        """Save the session; the text of its file."""
        self.run_lua("save()")
        return self.session_file.read_text(encoding="utf-8")

    def bounce(self, track: str, length: int, *, is_processed: bool = False) -> FloatArray:
        """The first ``length`` samples of a track's audio ``(C, T)`` with region fades: before all processing, or
        behind plug-ins and fader, before the pan."""
        files = self.run_lua(f"return bounce({_lua(track)}, {length}, {str(is_processed).lower()})").splitlines()
        return np.concatenate([soundfile.read(f, dtype="float32", always_2d=True)[0].T for f in files])

    def export(self, tries: int = 8) -> FloatArray:
        """The whole mix ``(2, T)``, saved and exported by a process of its own from a copy of the session.

        Ardour 7.3 dies in about one of three exports, and then the file may be wrong: only a return code of 0 counts.
        """
        self.save()
        for _ in range(tries):
            with TemporaryDirectory(dir=self.home) as copy:
                shutil.copytree(self.session_folder, Path(copy, SESSION_NAME))
                out = Path(copy, "mix.wav")
                command = [self._programs.export, "-b", "float", "-o", out, Path(copy, SESSION_NAME), SESSION_NAME]
                if _run(command, _environment(self.home), EXPORT_S) == 0:
                    return soundfile.read(out, dtype="float32", always_2d=True)[0].T
        raise ArdourError(f"{tries} exports failed")

    def _start(self, port: int = 0) -> None:
        self.port = port or _free_port()
        config = self.home / ".config" / f"ardour{self._programs.version}"
        _write_config(config, self.port, self._osc_options)
        _link_bundles(self.home / "lv2", self._bundles)
        self._process = _LuaProcess(self._programs.lua, _environment(self.home), self.home)
        try:
            folder, name = _lua(str(self.session_folder)), _lua(SESSION_NAME)
            opened = self._process.run(f"return load_session({folder}, {name})", START_S)
            if opened == "nil":
                raise ArdourError(f"session not opened:\n{self._process.log()}")
            self.port = _told_port(config / "osc_url") or self.port
        except BaseException:
            self.close()
            raise

    def _write_session(self) -> dict[str, tuple[int, int]]:
        audio = self.session_folder / "interchange" / SESSION_NAME / "audiofiles"
        audio.mkdir(parents=True)
        placed = {name: _placed(audio, name, stem, self.sample_rate) for name, stem in self.stems.items()}
        text = _with_audio(_skeleton(self._programs), placed, self.sample_rate)
        self.session_file.write_text(text, encoding="utf-8")
        return {name: (len(sources), length) for name, (sources, length) in placed.items()}


class _LuaProcess:
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
        return self._log_file.read_text(encoding="utf-8", errors="replace")[-3000:]

    def kill(self) -> None:
        _kill_group(self._process)
        if self._process.stdin:
            # what a dead process did not read is of no use
            with _ignoring_broken_pipe():
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


@contextmanager
def _ignoring_broken_pipe() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        return


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait(10)


def _run(command: Sequence[str | Path], environment: Mapping[str, str], timeout_s: float) -> int:
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


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {**kept, "HOME": str(home), "LV2_PATH": str(home / "lv2")}


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def _told_port(file: Path) -> int | None:
    """Where OSC listens, from the file that Ardour writes it into; a port that is taken makes it take the next."""
    told = re.search(r":(\d+)/", file.read_text()) if file.exists() else None
    return int(told[1]) if told else None


def _write_config(folder: Path, port: int, options: Mapping[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "osc_url").write_text("")
    told: dict[str, object] = {"active": 1, "debugmode": 0, "address-only": 0, "remote-port": 8000, "banksize": 0}
    told |= {"striptypes": 159, "feedback": 0, "gainmode": 0, "send-page-size": 0, "plug-page-size": 0, **options}
    attributes = " ".join(f'{name}="{value}"' for name, value in told.items())
    (folder / "config").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Ardour><Config><Option name="osc-port" value="{port}"/></Config><ControlProtocols>'
        f'<Protocol name="Open Sound Control (OSC)" {attributes}/></ControlProtocols></Ardour>\n'
    )


def _link_bundles(folder: Path, bundles: Sequence[Path]) -> None:
    """Make ``folder`` an LV2 path of the specifications, Ardour's own plug-ins and ``bundles``: few start fast."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    system = Path("/usr/lib/lv2")
    own = (p for p in system.glob("*.lv2") if p.name.startswith("a-") or p.stem in SPECIFICATIONS)
    for bundle in (*own, *bundles):
        (folder / bundle.name).symlink_to(bundle.resolve())


@cache
def _skeleton(programs: ArdourPrograms) -> str:
    """The text of an empty session as this Ardour makes it: a master and nothing else."""
    with TemporaryDirectory() as folder:
        home, made = Path(folder, "home"), Path(folder, SESSION_NAME)
        _write_config(home / ".config" / f"ardour{programs.version}", _free_port(), {})
        _link_bundles(home / "lv2", ())
        process = _LuaProcess(programs.lua, _environment(home), home)
        try:
            process.run(f"create_session({_lua(str(made))}, {_lua(SESSION_NAME)}, 48000) save()", START_S)
        finally:
            process.kill()
        return (made / f"{SESSION_NAME}.ardour").read_text(encoding="utf-8")


#: A source: name, absolute path or "" inside the session, channel of the file.
_Source = tuple[str, str, int]


def _placed(folder: Path, name: str, stem: Path | FloatArray, sample_rate: int) -> tuple[list[_Source], int]:
    """The sources of a stem, written where it is an array, and its length in samples."""
    if isinstance(stem, Path):
        info = soundfile.info(stem)
        return [(stem.name, str(stem.resolve()), c) for c in range(info.channels)], info.frames
    sides = ("",) if len(stem) == 1 else ("%L", "%R")
    files = [f"{name}{side}.wav" for side in sides]
    for file, channel in zip(files, stem, strict=True):
        soundfile.write(folder / file, channel, sample_rate, "FLOAT")
    return [(file, "", 0) for file in files], stem.shape[1]


def _with_audio(skeleton: str, placed: Mapping[str, tuple[list[_Source], int]], sample_rate: int) -> str:
    number, sources, regions, end = 100_000, "", "", 0
    for name, (files, length) in placed.items():
        channels = ""
        for channel, (file, origin, index) in enumerate(files):
            number += 1
            sources += f'<Source name={quoteattr(origin or file)} type="audio" flags="" id="{number}" '
            sources += f'channel="{index}" origin={quoteattr(origin)} gain="1"/>\n'
            channels += f'source-{channel}="{number}" master-source-{channel}="{number}" '
        number, ticks, end = number + 1, length * TICKS // sample_rate, max(end, length * TICKS // sample_rate)
        regions += f'<Region name={quoteattr(name)} id="{number}" type="audio" whole-file="1" start="a0" '
        regions += f'length="a{ticks}@a0" channels="{len(files)}" {channels}/>\n'
    place = f'<Location id="{number + 1}" name="session" start="a0" end="a{end}" flags="IsSessionRange" locked="0"/>'
    text = skeleton.replace("<Sources/>", f"<Sources>\n{sources}</Sources>", 1)
    text = text.replace("<Regions/>", f"<Regions>\n{regions}</Regions>", 1)
    text = text.replace("<Locations/>", f"<Locations>{place}</Locations>", 1)
    # a session's own settings go before those of the host
    text = re.sub(r"<ControlProtocols>.*?</ControlProtocols>", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r'sample-rate="\d+"', f'sample-rate="{sample_rate}"', text, count=1)
    return re.sub(r'id-counter="\d+"', f'id-counter="{number + 1000}"', text, count=1)


def _mixer_lua(names: Sequence[str] | Mapping[str, object], inserts: Inserts, channels: Mapping[str, int]) -> str:
    """Lua that makes the tracks with their regions, plug-ins and sends."""
    lines = ["local made = ARDOUR.RouteListPtr()"]
    for name in names:
        lines.append(f"do local track = new_track({_lua(name)}, {channels[name]})")
        lines.append(f"place_region(track, {_lua(name)}, 0) made:push_back(track)")
        uris = {"ours": [strip_for(channels[name]).uri], "native": ["urn:ardour:a-eq", "urn:ardour:a-comp"], "none": []}
        lines += [f"add_plugin(track, {_lua(uri)}, {i})" for i, uri in enumerate(uris[inserts])]
        lines.append("end")
    if inserts != "none":
        reverb = REVERB.uri if inserts == "ours" else "urn:ardour:a-reverb"
        lines.append(f"local bus = new_bus({_lua(REVERB_BUS_NAME)}) add_plugin(bus, {_lua(reverb)}, 0)")
        lines.append("Session:add_internal_sends(bus, ARDOUR.Placement.PostFader, made)")
    return "\n".join(lines) + "\n"


def _lua(text: str) -> str:
    """``text`` as a Lua string."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode())
    return f'"{"".join(plain)}"'
