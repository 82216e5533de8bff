"""Writes the zip that a ``.dawproject`` is: whole or not at all, never over what it was made from."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.audio.atomic import open_atomically
from assistant.audio.formats import AudioError
from protocols.dawproject.package import BLOCK, Package, refused
from protocols.stems import SessionError

#: The earliest a zip can say, so that the same mix makes the same file.
_TIME = (1980, 1, 1, 0, 0, 0)
_ZIP64_FROM = 1 << 31


class Packing:
    """A zip being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def add(self, name: str, data: bytes) -> None:
        """A file of ``data``, deflated."""
        self._archive.writestr(_member(name, zipfile.ZIP_DEFLATED), data)

    def add_file(self, name: str, file: Path) -> None:
        """The content of ``file`` as it is."""
        self._add_blocks(_member(name, zipfile.ZIP_STORED), file.stat().st_size, _blocks(file))

    def copy(self, package: Package, name: str) -> None:
        """The file ``name`` of ``package``."""
        old = package.members[name]
        member = _member(name, old.compress_type)
        member.date_time, member.external_attr, member.comment = old.date_time, old.external_attr, old.comment
        self._add_blocks(member, old.file_size, package.blocks(name))

    def _add_blocks(self, member: zipfile.ZipInfo, size: int, blocks: Iterable[bytes]) -> None:
        with self._archive.open(member, "w", force_zip64=size >= _ZIP64_FROM) as out:
            for block in blocks:
                out.write(block)


@contextmanager
def write_package(path: Path, expected_bytes: int, sources: Iterable[Path]) -> Iterator[Packing]:
    """A zip that takes the place of ``path`` when the block ends without an error.

    Raises :class:`SessionError` where ``path`` is one of ``sources``, and for what the disk refuses.
    """
    for source in sources:
        if _is_same_file(path, source):
            raise refused(path, "is what the mix was made from; choose another name")
    try:
        with open_atomically(path, expected_bytes) as file, zipfile.ZipFile(file, "w") as archive:
            yield Packing(archive)
    except AudioError as error:
        raise SessionError(str(error)) from error


def _member(name: str, method: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _TIME)
    member.compress_type = method
    member.external_attr = 0o644 << 16
    return member


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as held:
        while block := held.read(BLOCK):
            yield block


def _is_same_file(path: Path, other: Path) -> bool:
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False
