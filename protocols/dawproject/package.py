"""The zip that a ``.dawproject`` is, hostile until proven otherwise: checked as a whole before anything is read.

What a member is called never becomes the name of a file; what it is said to hold and what it does hold are bounded.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from assistant.audio.formats import printable
from protocols.stems import SessionError

PROJECT_FILE = "project.xml"
METADATA_FILE = "metadata.xml"
MOST_MEMBERS = 10_000
#: The zip's own list of its members; also the longest single reading of the file.
LARGEST_LISTING = 4 << 20
LARGEST_MEMBER = 16 << 30
LARGEST_TOTAL = 256 << 30
#: How much larger than the file what is in it may be, beyond ``ALWAYS_ALLOWED``. Single stems of silence pack better.
HIGHEST_RATIO = 100
ALWAYS_ALLOWED = 64 << 20
BLOCK = 1 << 20

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without bounds
_ENCRYPTED = 0x1


class Package:
    """An open ``.dawproject`` whose members were checked."""

    def __init__(self, path: Path, members: dict[str, zipfile.ZipInfo], archive: zipfile.ZipFile) -> None:
        self.path = path
        self.members = members
        self._archive = archive

    def read(self, name: str, most_bytes: int) -> bytes:
        """The content of the member ``name``; :class:`SessionError` where it is missing, damaged or too large."""
        member = self.members.get(name)
        if member is None:
            raise refused(self.path, f"holds no {name}; is it a DAWproject?")
        if member.file_size > most_bytes:
            raise refused(self.path, f"{printable(name)} is larger than {most_bytes >> 20} MB")
        return b"".join(self.blocks(name))

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of the member ``name``, piece by piece; :class:`SessionError` where it is not as announced."""
        member = self.members[name]
        left = member.file_size
        with errors_about(self.path), self._archive.open(member) as file:
            while block := file.read(min(BLOCK, left + 1)):
                left -= len(block)
                if left < 0:
                    break
                yield block
        if left:
            raise refused(self.path, f"{printable(name)} is not as long as the zip says; export it again")


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """The ``.dawproject`` at ``path``; raises :class:`SessionError` for one that is missing, damaged or hostile."""
    with errors_about(path):
        file = path.open("rb")
    with file:
        with errors_about(path):
            size = file.seek(0, 2)
            archive = zipfile.ZipFile(_Bounded(file))
            members = _checked(path, archive.infolist(), size)
        yield Package(path, members, archive)


@contextmanager
def errors_about(path: Path) -> Iterator[None]:
    """Turn what the system and the zip's decoders refuse into :class:`SessionError` about ``path``."""
    try:
        yield
    except FileNotFoundError as error:
        raise refused(path, "no such file; was it moved or renamed?") from error
    except IsADirectoryError as error:
        raise refused(path, "is a folder; expected a .dawproject") from error
    except OSError as error:
        raise refused(path, f"cannot be read ({error.strerror or error})") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError) as error:
        raise refused(path, f"is damaged or no .dawproject ({error}); copy or export it again") from error
    except (NotImplementedError, RuntimeError, ValueError, OverflowError) as error:
        raise refused(path, f"is packed in a way that is not read ({error})") from error


def refused(path: Path, text: str) -> SessionError:
    """The :class:`SessionError` that says ``text`` about the file at ``path``."""
    return SessionError(f"{printable(path)}: {text}")


class _Bounded:
    """A binary file of which no single reading is large, so that a zip's listing cannot fill the memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable, self.close = file.seek, file.tell, file.seekable, file.close

    def read(self, count: int = -1) -> bytes:
        """The next ``count`` bytes."""
        if count > LARGEST_LISTING:
            raise zipfile.BadZipFile("a listing of its members that is too large")
        return self._file.read(LARGEST_LISTING if count < 0 else count)


def _checked(path: Path, members: list[zipfile.ZipInfo], size: int) -> dict[str, zipfile.ZipInfo]:
    """The files among ``members`` by name, all members sound."""
    if len(members) > MOST_MEMBERS:
        raise refused(path, f"holds {len(members)} files, more than {MOST_MEMBERS}")
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        fault = _fault(member)
        if member.filename in found:
            fault = "is there twice"
        if fault:
            raise refused(path, f"was not opened: {printable(member.filename)!r} in it {fault}")
        found[member.filename] = member
    total = sum(member.file_size for member in members)
    if total > min(LARGEST_TOTAL, max(ALWAYS_ALLOWED, HIGHEST_RATIO * size)):
        raise refused(path, f"was not opened: would unpack to {total / 1e6:,.0f} MB from {size / 1e6:,.1f} MB")
    return {name: member for name, member in found.items() if not member.is_dir()}


def _fault(member: zipfile.ZipInfo) -> str:
    """What is wrong with ``member``, "" where nothing is."""
    name = member.filename
    if not name:
        return "has no name"
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[/\\]", name):
        return "has an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "leads out of the zip"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if member.compress_type not in _METHODS:
        return f"is packed by method {member.compress_type}; only plain and deflated files are read"
    if member.file_size > LARGEST_MEMBER:
        return f"is said to hold {member.file_size / 1e9:,.0f} GB"
    return ""
