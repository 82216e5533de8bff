"""Mix files on disk: ``mixassist-mix/1`` JSON beside the audio it is about.

A mix file names each track's audio relative to its own folder. Where that is gone, the folder the session came from,
or one the caller names, is searched for a file of the track's name. Only audio files are ever opened. What the audio
was like is recorded beside the mix, so that :mod:`protocols.fitting` can say when it is other audio by now.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from pathlib import Path
from typing import Any

from assistant.audio.formats import EXTENSIONS, AudioError, AudioInfo, printable
from assistant.audio.writing import write_text_atomically
from assistant.mix import Mix, MixFormatError, Session, Track, mix_from_dict, mix_to_dict, parse_json, unknown_name_text
from assistant.params import PAN_LAWS
from protocols.daw import Control
from protocols.desk import held_from_dict, held_to_dict
from protocols.fitting import Fit, Recorded, compare, extra_text
from protocols.origins import missing_advice
from protocols.stems import (
    NAMES_SHOWN,
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
_LARGEST = 1 << 48  # samples, or Hz: nobody's audio


def read_mix_file(
    path: str | PathLike[str], source: Path | None = None, *, skip_broken: bool = False
) -> tuple[Mix, Session, tuple[str, ...]]:
    """The mix in the file at ``path``, the session it is about, and notes to the user.

    Each track's audio is looked for in ``source`` if given, then where the file says, then in the folder the session
    came from. Raises :class:`SessionError` for a file that is missing, larger than 64 MB, not UTF-8, not JSON, not
    ``mixassist-mix/1`` or without tracks, and for audio that is missing or broken, all of it at once, with guesses at
    what was renamed; with ``skip_broken`` such tracks are left out of mix and session with a note, unless no track is
    left. Whatever else differs from what the file says (see :func:`protocols.fitting.compare`) is in the notes.
    """
    file = Path(path)
    document = _parsed(file)
    try:
        mix = mix_from_dict(document)
        header = _header(document.get("session") or {})
        starts = {row["name"]: _start(row) for row in document["tracks"]}
        recorded = _recorded(header.get("audio") or {})
    except MixFormatError as error:
        raise SessionError(f"{printable(file)}: {error}") from error
    search = _Search(file.absolute().parent.resolve(), source, header.get("source"))
    found = {row["name"]: search.find(row["name"], row.get("file")) for row in document["tracks"]}
    files = {name: audio for name, audio in found.items() if audio is not None}
    infos, broken = probe_all(files)
    fit = _fit({name: recorded.get(name, Recorded()) for name in found}, files, infos, search)
    if not skip_broken:
        _check_complete(file, fit, broken, search, len(found))
    if not infos:
        why = "none of its tracks has audio that can be read" if found else "lists no tracks"
        raise SessionError(f"{printable(file)}: {why}")
    mix = replace(mix, channels=tuple(c for c in mix.channels if c.name in infos))
    session = _session(header, files, infos, starts, search.folder)
    return mix, session, (*_notes(fit, broken, search), *file_notes(infos, session.sample_rate))


def read_mix_alone(path: Path) -> tuple[Mix, dict[Control, float]]:
    """The mix in the file at ``path`` without its audio, and what the DAW held that it was proposed for.

    Raises :class:`SessionError` as :func:`read_mix_file` does of the file itself.
    """
    document = _parsed(path)
    try:
        session = _header(document.get("session") or {})
        return mix_from_dict(document), held_from_dict(session.get("daw") or {})
    except ValueError as error:
        raise SessionError(f"{printable(path)}: {error}") from error


def write_mix_file(
    path: str | PathLike[str], mix: Mix, session: Session, held: Mapping[Control, float] | None = None
) -> None:
    """Write ``mix`` of ``session`` to ``path``, whole or not at all; audio is named relative to the file's folder.

    ``held`` is what the DAW held that the mix was proposed for.

    Raises :class:`SessionError` when a channel has no track or the file cannot be written.
    """
    file = Path(path)
    try:
        document = mix_to_dict(mix, session, file.absolute().parent)
        document["session"]["audio"] = {c.name: _audio_row(session.track(c.name)) for c in mix.channels}
        if held is not None:
            document["session"]["daw"] = held_to_dict(held)
        write_text_atomically(file, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    except KeyError as error:
        raise SessionError(f"{printable(file)}: the session has no track {error.args[0]!r}") from error
    except AudioError as error:
        raise SessionError(str(error)) from error


@dataclass
class _Search:
    """Looks for audio files; remembers in ``notes`` what was found elsewhere than the caller or the mix file says.

    ``unlisted`` says of folders that cannot be searched why.
    """

    beside: Path
    chosen: Path | None
    recorded: str | None
    notes: list[str] = field(default_factory=list)
    listings: dict[Path, dict[str, Path]] = field(default_factory=dict)
    unlisted: dict[Path, str] = field(default_factory=dict)

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
            if self.chosen is not None:
                self.notes.append(f"{printable(name)}: not in {printable(self.chosen)}; {printable(stated)} was taken")
            return stated
        found = None if self.recorded is None else self._in_folder(self._beside(self.recorded), name, stated)
        if found is not None and stated is not None:
            self.notes.append(f"{printable(name)}: {printable(stated)} is missing; {printable(found)} was taken")
        return found

    def spare(self, taken: Iterable[Path]) -> dict[str, Path]:
        """The files in the session's folder that are none of those ``taken``, by track name."""
        if self.folder is None:
            return {}
        real = {os.path.realpath(path) for path in taken}
        return {name: path for name, path in self._listing(self.folder).items() if os.path.realpath(path) not in real}

    def _beside(self, relative: str) -> Path:
        return Path(os.path.normpath(self.beside / relative))

    def _in_folder(self, folder: Path, name: str, stated: Path | None) -> Path | None:
        listing = self._listing(folder)
        same_file = folder / stated.name if stated is not None else None
        return same_file if same_file in listing.values() else listing.get(name)

    def _listing(self, folder: Path) -> dict[str, Path]:
        if folder not in self.listings:
            try:
                self.listings[folder] = stem_files(folder)
            except SessionError as error:
                self.listings[folder] = {}
                self.unlisted[folder] = str(error)
        return self.listings[folder]


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
    known: dict[str, tuple[tuple[type, ...], str]] = {
        "source": ((str,), "text"),
        "sample_rate": ((int,), "a number"),
        "tempo": ((int, float), "a number"),
        "pan_law": ((str,), "text"),
        "audio": ((dict,), "an object"),
        "daw": ((dict,), "an object"),
    }
    if not isinstance(session, dict):
        raise MixFormatError(f"session: expected an object, found {type(session).__name__}")
    for key, value in session.items():
        if key not in known:
            raise MixFormatError(f"session: unknown key {key!r}; known are {', '.join(known)}")
        kinds, expected = known[key]
        if value is not None and (isinstance(value, bool) or not isinstance(value, kinds)):
            raise MixFormatError(f"session: {key}={value!r}: expected {expected}")
    tempo = session.get("tempo")
    if tempo is not None and not 1 <= tempo <= 1000:
        raise MixFormatError(f"session: tempo={tempo!r}: expected 1 to 1000 beats per minute")
    pan_law = session.get("pan_law")
    if pan_law is not None and pan_law not in PAN_LAWS:
        raise MixFormatError(f"session: pan_law={pan_law!r}: expected one of {', '.join(PAN_LAWS)}")
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


def _recorded(audio: dict[str, Any]) -> dict[str, Recorded]:
    """What a mix file records of each track's audio. A value that is no plausible count is taken as not recorded."""
    known = [key.name for key in fields(Recorded)]
    for name, row in audio.items():
        if not isinstance(row, dict):
            raise MixFormatError(f"session: audio of {name!r}: expected an object, found {type(row).__name__}")
        for key in row:
            if key not in known:
                raise MixFormatError(f"session: audio of {name!r}: {unknown_name_text('key', key, set(known))}")
    return {
        name: Recorded(**{key: value for key, value in row.items() if type(value) is int and 0 < value <= _LARGEST})
        for name, row in audio.items()
    }


def _audio_row(track: Track) -> dict[str, int]:
    return {"sample_rate": track.sample_rate, "num_samples": track.num_samples, "channels": track.channels}


def _fit(recorded: dict[str, Recorded], files: dict[str, Path], infos: dict[str, AudioInfo], search: _Search) -> Fit:
    """How the audio found, and what else is in its folder, differs from what was ``recorded``."""
    spare = search.spare(files.values())
    is_missing_any = len(files) < len(recorded)
    spare_infos = probe_all(spare)[0] if is_missing_any else {}  # only to tell which of them was renamed
    present = {name: _as_recorded(infos.get(name)) for name in files}
    return compare(recorded, present, {name: _as_recorded(spare_infos.get(name)) for name in spare})


def _as_recorded(info: AudioInfo | None) -> Recorded:
    return Recorded() if info is None else Recorded(info.sample_rate, info.num_samples, min(info.channels, 2))


def _notes(fit: Fit, broken: dict[str, str], search: _Search) -> tuple[str, ...]:
    """What was taken from elsewhere, what was left out, and what differs without harm."""
    missing = (
        f"{printable(name)}: its audio is missing" + (guess and f"; {guess}") for name, guess in fit.missing.items()
    )
    more = len(search.notes) - NAMES_SHOWN
    return (
        *_unlisted(search),
        *search.notes[:NAMES_SHOWN],
        *((f"and {more} more were taken from elsewhere",) if more > 0 else ()),
        *(f"left out: {text}" for text in (*missing, *broken.values())),
        *((f"{extra_text(fit.extra)}; left out",) if fit.extra else ()),
        *fit.changed,
    )


def _unlisted(search: _Search) -> tuple[str, ...]:
    """Why the folder that the caller chose could not be searched."""
    return () if search.chosen not in search.unlisted else (search.unlisted[search.chosen],)


def _check_complete(file: Path, fit: Fit, broken: dict[str, str], search: _Search, num_tracks: int) -> None:
    """Raise one :class:`SessionError` for all that is missing, and how to mend it, and for all that is broken."""
    texts = []
    if fit.missing:
        texts.append(_missing_text(file, fit, search, num_tracks))
    if broken:
        texts.append(broken_text(file, broken))
    if texts:
        raise SessionError("\n".join(texts))


def _missing_text(file: Path, fit: Fit, search: _Search, num_tracks: int) -> str:
    chosen = search.chosen
    advice = missing_advice(search.folder) if chosen is None else f"not in {printable(chosen)} either"
    lines = [f"{printable(file)}: the audio of {len(fit.missing)} of {num_tracks} tracks is missing; {advice}:"]
    lines += [f"  {printable(name)}" + (guess and f": {guess}") for name, guess in fit.missing.items()]
    lines += _unlisted(search)
    if fit.extra:
        lines.append(f"{printable(search.folder)}: {extra_text(fit.extra)}")
    if fit.extra or any(fit.missing.values()):
        lines.append('what was renamed: give the file its old name back, or put the new one as "name" in the mix file')
    if len(fit.missing) < num_tracks:
        lines.append("or leave out what is missing with --skip-broken")
    return "\n".join(lines)


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
    pan_law = header.get("pan_law") or PAN_LAWS[0]
    return Session(tracks, check_session_rate(rate), None if tempo is None else float(tempo), source, pan_law)
