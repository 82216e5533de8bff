"""Decisions on disk, as they are made: what a session is opened with again, also after a crash.

A file per session in the user's own data folder, named by a digest of where the session lies; a lock beside it tells a
second window that the first one keeps it. Written whole and moved into place, so that a crash leaves the last good one.

Contents: :class:`Saved`, :class:`Autosave`, :func:`data_folder`.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QLockFile, QStandardPaths

from assistant.audio.atomic import write_text_atomically
from assistant.audio.formats import AudioError
from assistant.decisions import Decisions, decisions_from_dict, decisions_to_dict
from assistant.mix import Mix, mix_from_dict, mix_to_dict, parse_json
from gui.workshop.values import DEMO

FORMAT = "mixassist-decisions/1"
#: Names the folder of everything that the companion keeps; for tests, and for whoever keeps two of them apart.
FOLDER_VARIABLE = "MIXASSIST_DATA"
#: How long to wait for the lock of a session, ms.
_LOCK_MS = 50


def data_folder() -> Path:
    """Where the companion keeps what it knows between two runs."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(chosen) if chosen else Path(place) / "mixassist"


@dataclass(frozen=True)
class Saved:
    """What is kept of a session: where it lies, ``proposed`` (None before there was one) and what was decided.

    ``daw`` is the DAW that it was open in, "" for none; ``is_open`` whether a window had it open when this was written:
    if none has now, that window did not end well. ``before`` is the mix that the DAW held before anything was decided.
    """

    path: str
    decisions: Decisions = field(default_factory=Decisions)
    proposed: Mix | None = None
    daw: str = ""
    is_open: bool = True
    before: Mix | None = None

    def to_text(self) -> str:
        """As JSON."""
        document = {
            "format": FORMAT,
            "path": self.path,
            "daw": self.daw,
            "is_open": self.is_open,
            "decisions": decisions_to_dict(self.decisions),
            "proposed": None if self.proposed is None else mix_to_dict(self.proposed),
            "before": None if self.before is None else mix_to_dict(self.before),
        }
        return json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"

    @staticmethod
    def from_text(text: str) -> Saved:
        """The inverse of :meth:`to_text`; raises ``ValueError`` for anything else."""
        document: Any = parse_json(text)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError("not the decisions of a session")
        path, daw = document.get("path"), document.get("daw", "")
        proposed, before = document.get("proposed"), document.get("before")
        if not isinstance(path, str) or not isinstance(daw, str):
            raise ValueError("not the decisions of a session: where does it lie?")
        return Saved(
            path,
            decisions_from_dict(document.get("decisions")),
            None if proposed is None else mix_from_dict(proposed),
            daw,
            bool(document.get("is_open")),
            None if before is None else mix_from_dict(before),
        )


class Autosave:
    """The file of the session that is open. ``trouble`` says why nothing is kept, "" where all is well."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Path | None = None
        self._lock: QLockFile | None = None
        self._writing = threading.Lock()
        self.trouble = ""

    @property
    def is_keeper(self) -> bool:
        """Whether this window keeps the session: it has one open, and no other window had it before."""
        return self._lock is not None

    def kept(self, path: str, daw: str = "") -> Saved | None:
        """What was kept of the session at ``path``, None where that is nothing."""
        return _read(self._file_of(path, daw))

    def open(self, path: str, daw: str = "") -> Saved | None:
        """Keep the session at ``path`` from now on; what was kept of it, None where that is nothing.

        Where another window keeps it, or the folder cannot be written, ``trouble`` says so, and what is saved is lost.
        """
        self.close(None)
        self._file, self.trouble = self._file_of(path, daw), ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.trouble = f"{self._folder}: cannot be made ({error.strerror}); decisions are not kept"
            return None
        lock = QLockFile(str(self._file.with_suffix(".lock")))
        lock.setStaleLockTime(0)
        if lock.tryLock(_LOCK_MS):
            self._lock = lock
        else:
            self.trouble = "open in another window, which keeps its decisions; those made here are lost with this one"
        return _read(self._file)

    def save(self, saved: Saved) -> None:
        """Write ``saved``, where this window keeps that session; any thread may."""
        with self._writing:
            self._write(saved)

    def _write(self, saved: Saved) -> None:
        if self._lock is None or self._file is None or self._file != self._file_of(saved.path, saved.daw):
            return  # another session is open by now
        try:
            write_text_atomically(self._file, saved.to_text())
            self.trouble = ""
        except AudioError as error:  # texts are refused as audio files are: no space, no permission, no folder
            self.trouble = f"{error}; decisions are not kept"

    def close(self, saved: Saved | None) -> None:
        """Write ``saved`` for the last time, and let the session go."""
        with self._writing:
            if saved is not None:
                self._write(saved)
            if self._lock is not None:
                self._lock.unlock()
            self._file = self._lock = None

    def _file_of(self, path: str, daw: str) -> Path:
        return self._folder / f"{_digest(path, daw)}.json"

    def crashed(self) -> tuple[Saved, ...]:
        """The sessions that a window had open when it ended without closing them, the latest first."""
        if not self._folder.is_dir():
            return ()
        files = sorted(self._folder.glob("*.json"), key=_changed_s, reverse=True)
        found = []
        for file in files:
            saved = _read(file)
            if saved is not None and saved.is_open and _is_free(file.with_suffix(".lock")):
                found.append(saved)
        return tuple(found)

    def note_offered(self, crashed: Iterable[Saved]) -> None:
        """``crashed`` sessions were offered: once, for one that is gone, or that ends every window, would be for ever.

        What was decided of them stays.
        """
        for saved in crashed:
            self.open(saved.path, saved.daw)
            self.close(replace(saved, is_open=False))


def _digest(path: str, daw: str) -> str:
    place = path if path == DEMO else os.path.realpath(path)
    return hashlib.sha256(f"{daw}\n{place}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _read(file: Path) -> Saved | None:
    """What is in ``file``; None where there is none. A broken one is put aside, not lost."""
    try:
        return Saved.from_text(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        with suppress(OSError):  # then it cannot be written over either
            file.replace(file.with_suffix(".broken"))
        return None


def _changed_s(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # put aside by another window meanwhile
        return 0.0


def _is_free(lock_file: Path) -> bool:
    """Whether no living window holds the lock."""
    lock = QLockFile(str(lock_file))
    lock.setStaleLockTime(0)
    if not lock.tryLock(0):
        return False
    lock.unlock()
    return True
