"""Where a command writes: checked before the work begins, written when it is done."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.audio.formats import file_name
from assistant.audio.writing import ENDINGS, BitDepth, least_bytes
from assistant.mix import Session

#: The reverb return's file among the stems; a track of this name gets a number.
REVERB_FILE = "reverb.wav"


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
        _check_audio_format(self.audio, self.bit_depth)
        files = [f for f in (self.audio, self.mix_file, self.report) if f is not None]
        for file in files:
            check_writable_file(file)
        if self.mix_file is not None:
            check_mix_file(self.mix_file, session)
        stems: list[Path] = []
        if self.stems_folder is not None:
            names = [*stem_file_names(t.name for t in session.tracks).values(), REVERB_FILE]
            stems = [self.stems_folder / name for name in names]
            _check_stems_folder(self.stems_folder, stems, session)
        _check_apart([*files, *stems], session)
        _check_beside_stems(self.audio, session)
        self._check_space(session)

    def _check_space(self, session: Session) -> None:
        """Is there room for what the session's length asks for at least, on each disk?"""
        samples = 2 * math.ceil(session.duration_s * session.sample_rate)
        needs = [(self.audio, least_bytes(self.audio, samples, self.bit_depth))]
        if self.stems_folder is not None:
            values = samples * (len(session.tracks) + 1)
            needs.append((self.stems_folder, least_bytes(self.stems_folder / REVERB_FILE, values, "float")))
        wanted: dict[int, int] = defaultdict(int)
        for path, num_bytes in needs:
            place = _nearest_existing(path)
            disk = place.stat().st_dev
            wanted[disk] += num_bytes
            free = shutil.disk_usage(place).free
            if wanted[disk] > free:
                text = f"{wanted[disk] / 1e6:,.0f} MB needed, {free / 1e6:,.0f} MB free"
                raise OutputError(f"{path}: the disk is too full: {text}; free some space or write elsewhere")


def check_mix_file(file: Path, session: Session) -> None:
    """Raise :class:`OutputError` when settings cannot, or must not, be saved as ``file``."""
    if file.suffix.lower() != ".json":
        raise OutputError(f"{file}: settings are saved as .json; try {file.stem or 'mix'}.json")
    check_writable_file(file)
    _check_apart([file], session)


def check_writable_file(file: Path) -> None:
    """Raise :class:`OutputError` when ``file`` is a folder, its folder is missing, or either may not be written."""
    try:
        if file.is_dir():
            raise OutputError(f"{file}: is a folder; name a file in it")
        if file.exists() and not file.is_file():
            raise OutputError(f"{file}: is not a regular file; choose another name")
        folder = file.resolve().parent
        if not folder.is_dir():
            raise OutputError(f"{file}: the folder {folder} does not exist; make it first")
    except (OSError, ValueError, RuntimeError) as error:  # too long, a null character, a loop of links
        raise OutputError(f"{file}: cannot be written ({getattr(error, 'strerror', None) or error})") from error
    if not os.access(folder, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise OutputError(f"{file}: no permission to write here; choose another place")


def stem_file_names(names: Iterable[str]) -> dict[str, str]:
    """A safe and unique ``.wav`` file name for each track, close to the track's own name and not ``REVERB_FILE``."""
    taken = {Path(REVERB_FILE).stem}
    result: dict[str, str] = {}
    for name in names:
        plain = file_name(name, otherwise="track")
        candidate, number = plain, 2
        while candidate.casefold() in taken:
            candidate, number = f"{plain} ({number})", number + 1
        taken.add(candidate.casefold())
        result[name] = f"{candidate}.wav"
    return result


@contextmanager
def staged_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder inside ``folder``; its files move into ``folder`` when the block ends without an error.

    After an error, or Ctrl-C, they are removed, and so is ``folder`` where it did not exist before. Raises
    :class:`OutputError` where the folder cannot be made, or a file not be moved.
    """
    made = missing_folders(folder)
    staging = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=folder))
        yield staging
        for file in sorted(staging.iterdir()):
            file.replace(folder / file.name)
        made = []
    except FileExistsError as error:
        raise OutputError(f"{folder}: is a file; name a folder") from error
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror})") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        for parent in made:
            with suppress(OSError):
                parent.rmdir()


def missing_folders(folder: Path) -> list[Path]:
    """``folder`` and those of its parents that do not exist yet, innermost first."""
    return [p for p in (folder.absolute(), *folder.absolute().parents) if not p.exists()]


def _check_audio_format(file: Path, bit_depth: BitDepth) -> None:
    if file.suffix.lower() not in ENDINGS:
        raise OutputError(f"{file}: the mix is written as .wav or .flac; try {file.stem or 'mix'}.wav")
    if file.suffix.lower() == ".flac" and bit_depth == "float":
        raise OutputError(f"{file}: FLAC holds no float samples; choose --bit-depth 24, or a .wav file")


def _check_apart(files: list[Path], session: Session) -> None:
    """No two outputs may be one file, and none may be a file of the session."""
    inputs = {t.audio_path.resolve() for t in session.tracks if t.audio_path is not None}
    seen: set[Path] = set()
    for file in files:
        resolved = file.resolve()
        if resolved in inputs:
            raise OutputError(f"{file}: is one of the session's own files; choose another name")
        if resolved in seen:
            raise OutputError(f"{file}: two outputs have this name; choose another")
        seen.add(resolved)


def _check_beside_stems(file: Path, session: Session) -> None:
    """The mix must not lie among the stems, where it would be a track the next time."""
    if session.source is not None and file.resolve().parent == session.source.resolve():
        raise OutputError(
            f"{file}: lies among the stems, where it would be a track the next time; choose another folder"
        )


def _check_stems_folder(folder: Path, stems: list[Path], session: Session) -> None:
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder}: is a file; name a folder for --stems-out")
        first = _nearest_existing(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror})") from error
    if not first.is_dir():
        raise OutputError(f"{folder}: {first} is a file, not a folder; choose another place")
    if session.source is not None and folder.resolve() == session.source.resolve():
        raise OutputError(f"{folder}: holds the session's own stems; choose another folder for --stems-out")
    if not os.access(first, os.W_OK):
        raise OutputError(f"{folder}: no permission to write in {first}; choose another place")
    for file in stems:
        if file.is_dir():
            raise OutputError(f"{file}: is a folder where a stem has to go; choose another --stems-out")


def _nearest_existing(path: Path) -> Path:
    return next(p for p in (path.resolve(), *path.resolve().parents) if p.exists())
