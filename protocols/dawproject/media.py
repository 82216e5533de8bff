"""The audio files of a project: those inside unpacked under names of our own, those outside found where it says.

Only files with the endings of audio are ever unpacked or opened.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element

from assistant.audio.atomic import open_atomically
from assistant.audio.formats import EXTENSIONS, AudioError, AudioInfo, printable
from assistant.audio.reading import probe
from protocols.dawproject.package import BLOCK, Package, refused
from protocols.dawproject.units import is_true
from protocols.stems import SessionError


@dataclass(frozen=True)
class Media:
    """An audio file that can be read."""

    file: Path
    info: AudioInfo


@dataclass
class MediaFiles:
    """Finds the audio of the project in ``package``; what is inside goes into ``work_folder``."""

    package: Package
    work_folder: Path
    found: dict[tuple[str, bool], Media | str] = field(default_factory=dict)

    def find(self, audio: Element) -> Media | str:
        """The file of an ``Audio`` element, or why it cannot be had.

        Raises :class:`~protocols.stems.SessionError` where the package is damaged or the disk takes no more.
        """
        reference = audio.find("File")
        path = "" if reference is None else reference.get("path", "")
        is_outside = reference is not None and is_true(reference.get("external"), False)
        key = (path, is_outside)
        if key not in self.found:
            self.found[key] = self._media(path, is_outside)
        return self.found[key]

    def _media(self, path: str, is_outside: bool) -> Media | str:
        name = printable(path)
        if PurePosixPath(path.replace("\\", "/")).suffix.lower() not in EXTENSIONS:
            return f"{name} is no audio file"
        try:
            file = self._outside(path) if is_outside else self._unpacked(path)
            return f"{name} is missing" if file is None else Media(file, probe(file))
        except AudioError as error:
            return str(error)

    def _outside(self, path: str) -> Path | None:
        """The file beside or, with an absolute path, away from the project; None where there is none."""
        if re.match(r"[/\\]{2}", path):  # another machine's: never asked for because a file says so
            return None
        file = self.package.path.absolute().parent / path
        try:
            return file if file.is_file() else None
        except (OSError, ValueError):  # a name no file can have
            return None

    def _unpacked(self, path: str) -> Path | None:
        member = self.package.members.get(path) or self.package.members.get(path.replace("\\", "/").removeprefix("./"))
        if member is None:
            return None
        number = list(self.package.members).index(member.filename) + 1
        ending = PurePosixPath(member.filename.replace("\\", "/")).suffix.lower()
        file = self.work_folder / f"audio {number:03d} {member.CRC:08x}{ending}"
        if not _holds(file, member.file_size, member.CRC):
            try:
                self.work_folder.mkdir(parents=True, exist_ok=True)
                with open_atomically(file, member.file_size) as out:
                    for block in self.package.blocks(member.filename):
                        out.write(block)
            except AudioError as error:
                raise SessionError(str(error)) from error
            except OSError as error:
                raise refused(self.work_folder, f"cannot be written ({error.strerror or error})") from error
        return file


def _holds(file: Path, size: int, crc: int) -> bool:
    """Whether ``file`` was unpacked before; its time is then left, so that nothing takes it for changed."""
    if file.is_symlink() or not file.is_file() or file.stat().st_size != size:
        return False
    found = 0
    with file.open("rb") as held:
        while block := held.read(BLOCK):
            found = zlib.crc32(block, found)
    return found == crc
