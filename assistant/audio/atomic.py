"""Files that are either whole or not there: write beside the target, force to disk, then rename over it."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from assistant.audio.formats import AudioError, error_about

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or write elsewhere",
    errno.EDQUOT: "the disk quota is used up; free some space or write elsewhere",
    errno.EFBIG: "the file would exceed the largest size allowed here; write elsewhere",
    errno.EACCES: "no permission to write into this folder; choose another",
    errno.EPERM: "no permission to write into this folder; choose another",
    errno.EROFS: "this disk is read-only; choose another",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOENT: "the folder does not exist; create it first",
    errno.ENOTDIR: "the folder does not exist; create it first",
}


@contextmanager
def open_atomically(path: str | PathLike[str], expected_bytes: int = 0) -> Iterator[BinaryIO]:
    """A binary file that takes the place of ``path`` when the block ends without an error, and else is removed.

    It is written under a hidden name in the same folder, flushed to disk and renamed. ``expected_bytes`` are checked
    against the free space first. Raises :class:`AudioError` for a missing or unwritable folder, a read-only or
    irregular target, too little space, and whatever else the operating system refuses.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        _check_target(target, expected_bytes)
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
        _sync_folder(target.parent)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"the system refused ({error.strerror or error})")
        raise error_about(target, f"cannot be written: {reason}") from error


def write_text_atomically(path: str | PathLike[str], text: str) -> None:
    """Write ``text`` as UTF-8 to ``path``, whole or not at all; raises :class:`AudioError` as audio files do.

    File names that are not valid Unicode are written as escapes, which JSON reads back.
    """
    data = text.encode("utf-8", "backslashreplace")
    with open_atomically(path, len(data)) as file:
        file.write(data)


def _check_target(target: Path, expected_bytes: int) -> None:
    if not target.parent.is_dir():
        raise error_about(target, f"cannot be written: {_REASONS[errno.ENOENT]}")
    if target.exists():
        mode = target.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise error_about(target, f"cannot be written: it is {what}; choose another name")
        if not mode & 0o222 or not os.access(target, os.W_OK):
            raise error_about(target, "is read-only and was left as it is; choose another name")
    _check_space(target, expected_bytes)


def _check_space(target: Path, expected_bytes: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if expected_bytes > free:
        text = f"{expected_bytes / 1e6:,.1f} MB needed, {free / 1e6:,.1f} MB free"
        raise AudioError(f"{error_about(target, 'cannot be written')}: the disk is full: {text}; free some space")


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the file system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
