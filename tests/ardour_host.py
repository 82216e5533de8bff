"""A real headless Ardour for tests: a session of given stems, OSC on a port of its own, Lua served.

Ardour runs as ``ardour7-lua`` (or of a later version) with its Dummy backend, a HOME and an LV2_PATH of its own.
It has no audio import without a GUI, so that sources and regions go in through the session file, and Lua does the rest.

Contents: :class:`ArdourHost`, :func:`find_ardour`; ``ardour_host.lua`` beside this file is what Ardour runs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import numpy as np
import soundfile
from ardour_process import (
    START_S,
    ArdourError,
    ArdourPrograms,
    LuaProcess,
    environment_of,
    find_ardour,
    free_port,
    link_bundles,
    run_quietly,
    told_port,
    write_config,
)
from ardour_session import Inserts, lua_text, mixer_lua, placed, with_audio

from assistant.arrays import FloatArray

__all__ = ["ArdourError", "ArdourHost", "find_ardour"]

SESSION_NAME = "song"
EXPORT_S = 120.0


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
        self._process: LuaProcess | None = None
        self.port = 0

    def __enter__(self) -> ArdourHost:
        channels = self._write_session()
        self._start()
        try:
            self.run_lua(mixer_lua(channels, self.inserts) + "save()")
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
        files = self.run_lua(f"return bounce({lua_text(track)}, {length}, {str(is_processed).lower()})").splitlines()
        return np.concatenate([soundfile.read(f, dtype="float32", always_2d=True)[0].T for f in files])

    def export(self) -> FloatArray:
        """The whole mix ``(2, T)`` as it stands; see :meth:`export_of`."""
        with self.saved_copy() as copy:
            return self.export_of(copy)

    @contextmanager
    def saved_copy(self) -> Iterator[Path]:
        """A copy of the session's folder, saved as it stands, until the context is left."""
        self.save()
        with TemporaryDirectory(dir=self.home) as folder:
            yield Path(shutil.copytree(self.session_folder, Path(folder, SESSION_NAME)))

    def export_of(self, session: Path, tries: int = 8) -> FloatArray:
        """The whole mix ``(2, T)`` of the session in the folder ``session``, exported by a process of its own.

        Ardour 7.3 dies in about one of three exports, and then the file may be wrong: only a return code of 0 counts.
        May run in several threads.
        """
        for _ in range(tries):
            with TemporaryDirectory(dir=self.home) as folder:
                out, copy = Path(folder, "mix.wav"), shutil.copytree(session, Path(folder, SESSION_NAME))
                command = [self._programs.export, "-b", "float", "-o", out, copy, SESSION_NAME]
                # a HOME of its own: it would push the session out of the list of those opened last
                environment = {**environment_of(self.home), "HOME": folder}
                write_config(Path(folder, ".config", f"ardour{self._programs.version}"), free_port(), {"active": 0})
                if run_quietly(command, environment, EXPORT_S) == 0:
                    return soundfile.read(out, dtype="float32", always_2d=True)[0].T
        raise ArdourError(f"{tries} exports failed")

    def _start(self, port: int = 0) -> None:
        self.port = port or free_port()
        config = self.home / ".config" / f"ardour{self._programs.version}"
        write_config(config, self.port, self._osc_options)
        link_bundles(self.home / "lv2", self._bundles)
        self._process = LuaProcess(self._programs.lua, environment_of(self.home), self.home)
        try:
            folder, name = lua_text(str(self.session_folder)), lua_text(SESSION_NAME)
            opened = self._process.run(f"return load_session({folder}, {name})", START_S)
            if opened == "nil":
                raise ArdourError(f"session not opened:\n{self._process.log()}")
            self.port = told_port(config / "osc_url") or self.port
        except BaseException:
            self.close()
            raise

    def _write_session(self) -> dict[str, int]:
        """Write the session with the audio and no tracks; how many channels each stem has."""
        audio = self.session_folder / "interchange" / SESSION_NAME / "audiofiles"
        audio.mkdir(parents=True)
        sources = {name: placed(audio, name, stem, self.sample_rate) for name, stem in self.stems.items()}
        text = with_audio(_skeleton(self._programs), sources, self.sample_rate)
        self.session_file.write_text(text, encoding="utf-8")
        return {name: len(files) for name, (files, _) in sources.items()}


@cache
def _skeleton(programs: ArdourPrograms) -> str:
    """The text of an empty session as this Ardour makes it: a master and nothing else."""
    with TemporaryDirectory() as folder:
        home, made = Path(folder, "home"), Path(folder, SESSION_NAME)
        write_config(home / ".config" / f"ardour{programs.version}", free_port(), {})
        link_bundles(home / "lv2", ())
        process = LuaProcess(programs.lua, environment_of(home), home)
        try:
            process.run(f"create_session({lua_text(str(made))}, {lua_text(SESSION_NAME)}, 48000) save()", START_S)
        finally:
            process.kill()
        return (made / f"{SESSION_NAME}.ardour").read_text(encoding="utf-8")
