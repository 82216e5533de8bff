"""The preferences: kept as JSON in the user's configuration folder, and nothing lost when a file breaks or two windows
write.

The file is ``preferences.json`` in the folder ``mixassist`` of the system's place for configuration, or in the folder
that the environment variable ``MIXASSIST_CONFIG`` names. Keys that this version does not know are kept. Where two
windows write, the last write wins, preference by preference: each reads the file again before it writes its own.

Contents: :class:`Preferences`, :func:`configuration_folder`.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QCoreApplication, QObject, QStandardPaths, QTimer, pyqtSignal

from gui.models.choices import Choices, choice_to_json, choices_from
from gui.models.recents import Kind, Recent, recents_from, recents_to_list, with_recent, without_recent

_RECENTS = "recents"
_WRITE_AFTER_MS = 400


def configuration_folder() -> Path:
    """Where the preferences are kept."""
    named = os.environ.get("MIXASSIST_CONFIG")
    if named:
        return Path(named)
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(place) / "mixassist"


class Preferences(QObject):
    """What the user prefers, and which sessions were open last.

    ``trouble`` says in a sentence what was wrong with the file, "" for nothing; say it once. Changes are written a
    moment later; :meth:`flush` writes them now.
    """

    #: The names of the choices that have changed.
    changed = pyqtSignal(frozenset)
    recents_changed = pyqtSignal()
    #: The preferences cannot be written: a sentence.
    writing_failed = pyqtSignal(str)

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = (folder or configuration_folder()) / "preferences.json"
        self._unwritten: set[str] = set()
        self._told_failure = ""
        self.trouble = ""
        data = self._first_read()
        self._choices, refused = choices_from(data)
        self._recents = recents_from(data.get(_RECENTS))
        if refused:
            self.trouble = _tr("Some preferences were not usable and stand at their defaults: {names}.").format(
                names=", ".join(refused)
            )
        self._timer = QTimer(self, interval=_WRITE_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self.flush)

    @property
    def choices(self) -> Choices:
        """What is preferred now."""
        return self._choices

    @property
    def recents(self) -> tuple[Recent, ...]:
        """The sessions opened last, newest first."""
        return self._recents

    def change(self, **named: object) -> None:
        """Prefer the named values from now on; equal ones change nothing. Raises ``ValueError`` or ``TypeError``."""
        old, new = self._choices, replace(self._choices, **named)
        names = frozenset(name for name in named if getattr(old, name) != getattr(new, name))
        if names:
            self._choices = new
            self._unwritten |= names
            self._timer.start()
            self.changed.emit(names)

    def restore_defaults(self) -> None:
        """Put every choice to its default; the recent sessions and the window's place stay."""
        plain = Choices(last_folder=self._choices.last_folder, geometry=self._choices.geometry)
        self.change(**vars(plain))

    def remember_session(self, path: str, kind: Kind) -> None:
        """Put the session at ``path`` first among the recent ones, beside those that other windows have opened."""
        there = recents_from(self._read().get(_RECENTS))
        self._take_recents(with_recent((*self._recents, *there), Recent(os.path.abspath(path), kind, time.time())))

    def forget_session(self, path: str) -> None:
        """Take the session at ``path`` off the recent ones."""
        self._take_recents(without_recent(self._recents, path))

    def flush(self) -> None:
        """Write what has not been written yet, over what the file holds by now."""
        self._timer.stop()
        if not self._unwritten:
            return
        own = {name: choice_to_json(getattr(self._choices, name)) for name in self._unwritten - {_RECENTS}}
        if _RECENTS in self._unwritten:
            own[_RECENTS] = recents_to_list(self._recents)
        try:
            self._write(own)
        except OSError as error:
            self._tell_failure(error.strerror or str(error))
        else:
            self._unwritten.clear()
            self._told_failure = ""

    def _take_recents(self, recents: tuple[Recent, ...]) -> None:
        if recents != self._recents:
            self._recents = recents
            self._unwritten.add(_RECENTS)
            self.flush()
            self.recents_changed.emit()

    def _write(self, own: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**self._read(), **own}, indent=2, ensure_ascii=False)
        _replace_text(self._path, text + "\n")

    def _tell_failure(self, why: str) -> None:
        if why != self._told_failure:
            self._told_failure = why
            self.writing_failed.emit(
                _tr("The preferences cannot be kept ({path}): {why}.").format(path=self._path, why=why)
            )

    def _read(self) -> dict[str, Any]:
        """What the file holds now; nothing where it is missing or broken."""
        with suppress(OSError, ValueError, RecursionError):
            data = json.loads(self._path.read_text(encoding="utf-8"))
            if isinstance(data, dict):
                return data
        return {}

    def _first_read(self) -> dict[str, Any]:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            if not isinstance(data, dict):
                raise ValueError("no JSON object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            self.trouble = self._moved_aside()
            return {}
        return data

    def _moved_aside(self) -> str:
        """Keep the broken file for whoever wants to mend it; what to say of it."""
        aside = self._path.with_suffix(".broken.json")
        try:
            self._path.replace(aside)
        except OSError:
            return _tr("The preferences could not be read, so the defaults are used: {path}.").format(path=self._path)
        return _tr(
            "The preferences could not be read, so the defaults are used. The old file is kept as {path}."
        ).format(path=aside)


def _replace_text(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file, whole or not at all.

    The disk is not waited for, as the files of ``assistant.audio.atomic`` do: that took 20 ms of the window's thread on
    a busy machine, and what a power cut breaks here is only set aside.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(text.encode("utf-8", "backslashreplace"))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Preferences", text)
