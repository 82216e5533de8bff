"""Where a command writes: checked before the work begins, written when it is done."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.audio.writing import ENDINGS, BitDepth
from assistant.mix import Session

# Longest file name, in bytes of UTF-8, that every common file system takes, less room for a number and an ending.
_LONGEST_NAME = 200


class OutputError(Exception):
    """An output that must not, or cannot, be written; the message says why and what to choose instead."""


@dataclass(frozen=True)
class Outputs:
    """Files a render is to leave behind. ``stems_folder``, ``mix_file`` and ``report`` are written where given."""

    audio: Path
    bit_depth: BitDepth = 24
    stems_folder: Path | None = None
    mix_file: Path | None = None
    report: Path | None = None

    def check(self, session: Session) -> None:
        """Raise :class:`OutputError` for what could only fail, or do harm, after the work is done."""
        if self.audio.suffix.lower() not in ENDINGS:
            raise OutputError(f"{self.audio}: the mix is written as .wav or .flac; name it so")
        if self.audio.suffix.lower() == ".flac" and self.bit_depth == "float":
            raise OutputError(f"{self.audio}: FLAC holds no float samples; choose --bit-depth 24, or a .wav file")
        files = [f for f in (self.audio, self.mix_file, self.report) if f is not None]
        resolved = [f.resolve() for f in files]
        for file in files:
            if resolved.count(file.resolve()) > 1:
                raise OutputError(f"{file}: two outputs have this name")
            check_writable_file(file)
        _check_apart(self.audio, session)
        if self.stems_folder is not None:
            _check_stems_folder(self.stems_folder, session)


def check_writable_file(file: Path) -> None:
    """Raise :class:`OutputError` when ``file`` is a folder, its folder is missing, or either may not be written."""
    if file.is_dir():
        raise OutputError(f"{file}: is a folder; name a file in it")
    folder = file.resolve().parent
    if not folder.is_dir():
        raise OutputError(f"{file}: the folder {folder} does not exist; make it first")
    if not os.access(folder, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise OutputError(f"{file}: no permission to write here; choose another place")


def stem_file_names(names: Iterable[str]) -> dict[str, str]:
    """A safe and unique ``.wav`` file name for each track, close to the track's own name."""
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name in names:
        plain = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]', "_", unicodedata.normalize("NFC", name)).strip(" .") or "track"
        plain = plain.encode()[:_LONGEST_NAME].decode(errors="ignore")
        candidate, number = plain, 2
        while candidate.casefold() in taken:
            candidate, number = f"{plain} ({number})", number + 1
        taken.add(candidate.casefold())
        result[name] = f"{candidate}.wav"
    return result


def _check_apart(file: Path, session: Session) -> None:
    """The mix must not replace a stem, nor lie among the stems, where it would be a track the next time."""
    if file.resolve() in {t.audio_path.resolve() for t in session.tracks if t.audio_path is not None}:
        raise OutputError(f"{file}: is one of the session's own files; choose another name")
    if session.source is not None and file.resolve().parent == session.source.resolve():
        raise OutputError(
            f"{file}: lies among the stems, where it would be a track the next time; choose another folder"
        )


def _check_stems_folder(folder: Path, session: Session) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file; name a folder for --stems-out")
    if session.source is not None and folder.resolve() == session.source.resolve():
        raise OutputError(f"{folder}: holds the session's own stems; choose another folder for --stems-out")
    first = next(p for p in (folder.resolve(), *folder.resolve().parents) if p.exists())
    if not os.access(first, os.W_OK):
        raise OutputError(f"{folder}: no permission to write in {first}; choose another place")
