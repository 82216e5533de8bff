"""What was changed in DAWs, on disk before it is sent: any push can be undone, also after a crash of either side.

One file per session of a DAW, JSON Lines, only ever appended to, forced to disk line by line. Three kinds of lines:
a push begun (what each control held, and what it was told), how it ended, and that it was undone. A push begun without
an end was interrupted. Undoing writes a push of its own, which names the one that it undoes. A torn or foreign line is
skipped and reported. A file that has become large is put aside, in place of the one that was before: the latest pushes,
hundreds of a large session, can be undone.

Contents: :class:`Row`, :class:`Entry`, :class:`Journal`.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.params import BY_NAME
from protocols.errors import ProtocolError
from protocols.places import make_private, session_folder, state_folder

FILE_NAME = "journal.jsonl"
OLDER_NAME = "journal.older.jsonl"
#: With more, a file is put aside; twice as much is read at most. A push of 700 changes has 40 kB.
LARGEST_BYTES = 8 << 20
FORMAT = "mixassist-journal/1"
_SILENCE = "-inf"


@dataclass(frozen=True)
class Row:
    """One control of a push: ``old`` is what the DAW held before, ``new`` what it was told."""

    track: str
    param: str
    old: float
    new: float


@dataclass(frozen=True)
class Entry:
    """One push: ``outcomes`` counts how its changes ended, None where it was interrupted; ``undoes`` names the push
    that it took back, ``is_undone`` says whether it was taken back itself, ``kept`` how many of its values stayed then
    because somebody had moved them, or they were not there."""

    id: str
    time_s: float
    rows: tuple[Row, ...]
    undoes: str = ""
    outcomes: Mapping[str, int] | None = None
    is_undone: bool = False
    kept: int = 0


class Journal:
    """The journals under ``folder``, the user's state folder by default; a file per session is made when needed."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or state_folder()

    def path(self, daw: str, session: str) -> Path:
        """The journal file of a session."""
        return session_folder(daw, session, self.folder) / FILE_NAME

    def begin(self, daw: str, session: str, rows: Iterable[Row], undoes: str = "") -> str:
        """Write that ``rows`` are about to be sent; the new push's id. On disk when this returns.

        Raises :class:`ProtocolError` where it cannot be written: then nothing must be sent.
        """
        push_id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
        values = [[row.track, row.param, _written(row.old), _written(row.new)] for row in rows]
        line = {"push": push_id, "time": time.time(), "daw": daw, "session": session, "rows": values}
        self._put_aside(self.path(daw, session))
        self._append(daw, session, {"format": FORMAT, **line, **({"undoes": undoes} if undoes else {})})
        return push_id

    def finish(self, daw: str, session: str, push_id: str, outcomes: Mapping[str, int]) -> None:
        """Write how the push ended: how many changes had which outcome."""
        self._append(daw, session, {"done": push_id, "time": time.time(), "outcomes": dict(outcomes)})

    def mark_undone(self, daw: str, session: str, push_id: str, kept: int) -> None:
        """Write that the push was taken back, but for ``kept`` values: moved by somebody, or not there."""
        self._append(daw, session, {"undone": push_id, "time": time.time(), "kept": kept})

    def entries(self, daw: str, session: str) -> tuple[Entry, ...]:
        """The pushes to a session, the oldest first."""
        return self._read(daw, session)[0]

    def unreadable(self, daw: str, session: str) -> tuple[str, ...]:
        """What of the file could not be read, a text per line of it."""
        return self._read(daw, session)[1]

    def told(self, daw: str, session: str) -> dict[tuple[str, str], float]:
        """What the controls of a session were told last, by track and parameter, undoing included."""
        return {(row.track, row.param): row.new for entry in self.entries(daw, session) for row in entry.rows}

    def pending(self, daw: str, session: str) -> tuple[Entry, ...]:
        """Pushes begun and never ended: the companion was interrupted."""
        return tuple(e for e in self.entries(daw, session) if e.outcomes is None and not e.is_undone)

    def last(self, daw: str, session: str, *, or_kept: bool = False) -> Entry | None:
        """The last push that can be undone, None where there is none; undoing is none.

        ``or_kept`` takes those in, too, whose undoing left values as they stood.
        """
        found = (e for e in self.entries(daw, session) if not e.undoes and (not e.is_undone or (or_kept and e.kept)))
        return next(reversed(tuple(found)), None)

    def _read(self, daw: str, session: str) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
        path = self.path(daw, session)
        entries: dict[str, Entry] = {}
        unreadable = [
            f"{file.name}, line {number}: {len(line):,} bytes that are no entry"
            for file in (path.with_name(OLDER_NAME), path)
            for number, line in enumerate(_lines(file), 1)
            if line.strip() and not _take_in(entries, line)
        ]
        return tuple(entries.values()), tuple(unreadable)

    def _put_aside(self, path: Path) -> None:
        try:
            if path.exists() and path.stat().st_size > LARGEST_BYTES:
                path.replace(path.with_name(OLDER_NAME))
        except OSError as error:
            raise ProtocolError(f"the journal {path} cannot be put aside: {error.strerror}") from error

    def _append(self, daw: str, session: str, entry: Mapping[str, Any]) -> None:
        path = self.path(daw, session)
        try:
            data = json.dumps(entry, allow_nan=False, separators=(",", ":")).encode() + b"\n"
            make_private(path.parent)
            is_new = not path.exists()
            _write_through(path, data)
            if is_new:
                _sync_folder(path.parent)
        except (OSError, ValueError) as error:  # full or forbidden; a value that is no number
            text = f"the journal {path} cannot be written: {getattr(error, 'strerror', error)}"
            raise ProtocolError(f"{text}; without it nothing could be undone") from error


def _lines(file: Path) -> list[bytes]:
    try:
        return file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ProtocolError(f"the journal {file} cannot be read: {error.strerror}") from error


def _write_through(path: Path, data: bytes) -> None:
    """Append ``data`` on a line of its own and force it to disk."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        if file.seek(0, os.SEEK_END) and not _ends_a_line(file.fileno(), file.tell()):
            data = b"\n" + data  # what stands there was torn by a crash
        if file.write(data) != len(data):
            raise OSError(28, "the disk is full")
        os.fsync(file.fileno())


def _ends_a_line(handle: int, size: int) -> bool:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


def _sync_folder(folder: Path) -> None:
    """Make the new file itself survive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _take_in(entries: dict[str, Entry], line: bytes) -> bool:
    """Add what ``line`` says to ``entries``; whether it was an entry."""
    try:
        document = json.loads(line)
        if "push" in document:
            entry = _begun(document)
        elif "done" in document:
            entry = replace(entries[document["done"]], outcomes=_counts(document["outcomes"]))
        else:
            kept = _counts({"kept": document["kept"]})["kept"]
            entry = replace(entries[document["undone"]], is_undone=True, kept=kept)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return False
    entries[entry.id] = entry
    return True


def _begun(document: Mapping[str, Any]) -> Entry:
    if document["format"] != FORMAT:
        raise ValueError(document["format"])
    rows = tuple(_row(values) for values in document["rows"])
    return Entry(_text(document["push"]), float(document["time"]), rows, _text(document.get("undoes", "")))


def _row(values: Sequence[Any]) -> Row:
    track, param, old, new = values
    if param not in BY_NAME:
        raise ValueError(param)
    return Row(_text(track), param, _value(old), _value(new))


def _written(value: float) -> float | str:
    """What JSON holds: a closed fader's level is no number of its."""
    return _SILENCE if value == -math.inf else value


def _value(written: object) -> float:
    if written == _SILENCE:
        return -math.inf
    if type(written) not in (int, float) or not math.isfinite(written):  # type: ignore[arg-type]
        raise ValueError(written)
    return float(written)  # type: ignore[arg-type]


def _counts(values: Mapping[str, Any]) -> dict[str, int]:
    if not all(type(count) is int for count in values.values()):
        raise ValueError(values)
    return dict(values)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value
