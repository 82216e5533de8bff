"""Mix files on disk: ``mixassist-mix/1`` JSON beside the audio it is about.

A mix file names each track's audio relative to its own folder. Where that is gone, the folder the session came from,
or one the caller names, is searched for a file of the track's name. Only audio files are ever opened.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from assistant.audio.formats import EXTENSIONS, AudioError, AudioInfo, printable
from assistant.audio.writing import write_text_atomically
from assistant.mix import Mix, MixFormatError, Session, mix_from_dict, mix_to_json, parse_json
from protocols.stems import (
    SessionError,
    broken_text,
    check_session_rate,
    common_rate,
    file_notes,
    probe_all,
    stem_files,
    track_of,
)

LARGEST_BYTES = 64 << 20


def read_mix_file(
    path: str | PathLike[str], source: Path | None = None, *, skip_broken: bool = False
) -> tuple[Mix, Session, tuple[str, ...]]:
    """The mix in the file at ``path``, the session it is about, and notes to the user.

    Each track's audio is looked for in ``source`` if given, then where the file says, then in the folder the session
    came from. Raises :class:`SessionError` for a file that is missing, larger than 64 MB, not UTF-8, not JSON, not
    ``mixassist-mix/1`` or without tracks, and for audio that is missing or broken, all of it at once; with
    ``skip_broken`` such tracks are left out of mix and session with a note, unless no track is left.
    """
    file = Path(path)
    document = _parsed(file)
    try:
        mix = mix_from_dict(document)
        header = _header(document.get("session") or {})
        starts = {row["name"]: _start(row) for row in document["tracks"]}
    except MixFormatError as error:
        raise SessionError(f"{printable(file)}: {error}") from error
    search = _Search(file.absolute().parent.resolve(), source, header.get("source"))
    found = {row["name"]: search.find(row["name"], row.get("file")) for row in document["tracks"]}
    if not skip_broken:
        _check_found(file, found, source)
    files = {name: audio for name, audio in found.items() if audio is not None}
    infos, broken = probe_all(files)
    if broken and not skip_broken:
        raise SessionError(broken_text(file, broken))
    if not infos:
        why = "none of its tracks has audio that can be read" if found else "lists no tracks"
        raise SessionError(f"{printable(file)}: {why}")
    mix = replace(mix, channels=tuple(c for c in mix.channels if c.name in infos))
    missing = [f"left out: {printable(name)}: its audio is missing" for name, audio in found.items() if audio is None]
    session = _session(header, files, infos, starts, search.folder)
    left_out = (*missing, *(f"left out: {text}" for text in broken.values()))
    return mix, session, (*search.notes, *left_out, *file_notes(infos, session.sample_rate))


def write_mix_file(path: str | PathLike[str], mix: Mix, session: Session) -> None:
    """Write ``mix`` of ``session`` to ``path``, whole or not at all; audio is named relative to the file's folder.

    Raises :class:`SessionError` when a channel has no track or the file cannot be written.
    """
    file = Path(path)
    try:
        write_text_atomically(file, mix_to_json(mix, session, file.absolute().parent))
    except KeyError as error:
        raise SessionError(f"{printable(file)}: the session has no track {error.args[0]!r}") from error
    except AudioError as error:
        raise SessionError(str(error)) from error


@dataclass
class _Search:
    """Looks for audio files; remembers in ``notes`` where one was found elsewhere than the mix file says."""

    beside: Path
    chosen: Path | None
    recorded: str | None
    notes: list[str] = field(default_factory=list)
    listings: dict[Path, dict[str, Path]] = field(default_factory=dict)

    @property
    def folder(self) -> Path | None:
        """The folder the session comes from."""
        return self.chosen or (None if self.recorded is None else self._beside(self.recorded))

    def find(self, name: str, file: str | None) -> Path | None:
        """The audio of the track ``name``, or ``None``."""
        stated = None if file is None else self._beside(file)
        if self.chosen is not None:
            found = self._in_folder(self.chosen, name, stated)
            if found is not None:
                return found
        if stated is not None and _is_audio(stated):
            return stated
        found = None if self.recorded is None else self._in_folder(self._beside(self.recorded), name, stated)
        if found is not None and stated is not None:
            self.notes.append(f"{printable(name)}: {printable(stated)} is missing; {printable(found)} was taken")
        return found

    def _beside(self, relative: str) -> Path:
        return Path(os.path.normpath(self.beside / relative))

    def _in_folder(self, folder: Path, name: str, stated: Path | None) -> Path | None:
        if folder not in self.listings:
            try:
                self.listings[folder] = stem_files(folder)
            except SessionError:
                self.listings[folder] = {}
        listing = self.listings[folder]
        same_file = folder / stated.name if stated is not None else None
        return same_file if same_file in listing.values() else listing.get(name)


def _is_audio(path: Path) -> bool:
    try:
        return path.suffix.lower() in EXTENSIONS and path.is_file()
    except (OSError, ValueError):  # a name no file can have
        return False


def _parsed(file: Path) -> dict[str, Any]:
    """The JSON object in ``file``."""
    try:
        size = file.stat().st_size
        if size > LARGEST_BYTES:
            limit = f"{LARGEST_BYTES >> 20} MB"
            raise SessionError(f"{printable(file)}: {size / 1e6:.0f} MB, larger than {limit}; not a mix file")
        document = parse_json(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise SessionError(f"{printable(file)}: no such file; was it moved or renamed?") from error
    except IsADirectoryError as error:
        raise SessionError(f"{printable(file)}: is a folder; expected a mix file") from error
    except OSError as error:
        raise SessionError(f"{printable(file)}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SessionError(f"{printable(file)}: not UTF-8 text; not a mix file") from error
    except ValueError as error:
        raise SessionError(f"{printable(file)}: {error}; not a mix file") from error
    if not isinstance(document, dict):
        raise SessionError(f"{printable(file)}: the mix: expected an object, found {type(document).__name__}")
    return document


def _header(session: object) -> dict[str, Any]:
    """The checked ``session`` object of a mix file."""
    known: dict[str, tuple[type, ...]] = {"source": (str,), "sample_rate": (int,), "tempo": (int, float)}
    if not isinstance(session, dict):
        raise MixFormatError(f"session: expected an object, found {type(session).__name__}")
    for key, value in session.items():
        if key not in known:
            raise MixFormatError(f"session: unknown key {key!r}; known are {', '.join(known)}")
        if value is not None and (isinstance(value, bool) or not isinstance(value, known[key])):
            raise MixFormatError(f"session: {key}={value!r}: expected {'text' if key == 'source' else 'a number'}")
    tempo = session.get("tempo")
    if tempo is not None and not 1 <= tempo <= 1000:
        raise MixFormatError(f"session: tempo={tempo!r}: expected 1 to 1000 beats per minute")
    return session


def _start(row: dict[str, Any]) -> float:
    """The checked ``start_s`` of a track's row; also checks ``file``."""
    name, start, file = row["name"], row.get("start_s", 0.0), row.get("file")
    is_number = isinstance(start, (int, float)) and not isinstance(start, bool)
    if not is_number or not 0 <= start <= 86_400:
        raise MixFormatError(f"track {name!r}: start_s={start!r}: expected 0 to 86400 seconds")
    if file is not None and not isinstance(file, str):
        raise MixFormatError(f"track {name!r}: file={file!r}: expected text")
    return float(start)


def _check_found(file: Path, found: dict[str, Path | None], source: Path | None) -> None:
    missing = [printable(name) for name, audio in found.items() if audio is None]
    if missing:
        elsewhere = "name the folder that holds them (mixassist render --source FOLDER)"
        advice = f"not in {printable(source)} either" if source is not None else elsewhere
        names = "\n".join(f"  {name}" for name in missing)
        count = f"the audio of {len(missing)} of {len(found)} tracks is missing"
        raise SessionError(f"{printable(file)}: {count}; {advice}:\n{names}")


def _session(
    header: dict[str, Any],
    files: dict[str, Path],
    infos: dict[str, AudioInfo],
    starts: dict[str, float],
    source: Path | None,
) -> Session:
    rate = header.get("sample_rate")
    if rate is None:
        rate = common_rate(info.sample_rate for info in infos.values())
    tracks = tuple(track_of(name, files[name], info, starts[name]) for name, info in infos.items())
    tempo = header.get("tempo")
    return Session(tracks, check_session_rate(rate), None if tempo is None else float(tempo), source)
