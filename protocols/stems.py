"""A folder of stems as a session: the way in for every DAW that can export its tracks.

Only files directly in the folder are read. Which endings count is the table ``EXTENSIONS`` of
:mod:`assistant.audio.formats`. Order and names depend on the file names alone, so that a mix finds its tracks again.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assistant.audio.formats import EXTENSIONS, AudioError, AudioInfo, printable
from assistant.audio.reading import probe
from assistant.mix import Session, Track

# Faust's library takes every higher rate for 192 kHz: filters would be out of tune and delays too short.
LOWEST_SESSION_RATE, HIGHEST_SESSION_RATE = 44_100, 192_000
THREADS = 4
NAMES_SHOWN = 8
# Beside stems without being any: left out without a word.
JUNK_NAMES = frozenset({"thumbs.db", "desktop.ini", "mix.json", "icon\r"})
JUNK_ENDINGS = frozenset(
    {".mid", ".midi", ".asd", ".pkf", ".reapeaks", ".sfk", ".gpk", ".ovw", ".json", ".html", ".txt", ".md"}
)


class SessionError(Exception):
    """A session that cannot be read or written; the message says which files, why, and what to do."""


def read_stems_folder(
    folder: Path, *, skip_broken: bool = False, sample_rate: int | None = None
) -> tuple[Session, tuple[str, ...]]:
    """The session of the audio files in ``folder``, and notes to the user about what was not taken as it stands.

    All tracks start at 0 s. The session's rate is ``sample_rate`` or the commonest among the files, 44,100 to
    192,000 Hz. Files that cannot be read end it with a :class:`SessionError` naming all of them, or with
    ``skip_broken`` are left out with a note. Raises :class:`SessionError` also for a folder that is missing or holds
    no audio.
    """
    if sample_rate is not None:
        check_session_rate(sample_rate)
    folder = Path(folder)
    found = stem_files(folder)
    infos, broken = probe_all(found)
    if broken and not skip_broken:
        raise SessionError(broken_text(folder, broken))
    if not infos:
        lines = "\n".join(f"  {text}" for text in broken.values())
        raise SessionError(f"{printable(folder)}: none of the {len(broken)} audio files can be read:\n{lines}")
    rate = sample_rate or common_rate(info.sample_rate for info in infos.values())
    tracks = tuple(track_of(name, found[name], info) for name, info in infos.items())
    notes = (
        *_skipped_notes(broken),
        *file_notes(infos, rate),
        *_ignored_notes(folder),
    )
    return Session(tracks, rate, source=folder), notes


def stem_files(folder: Path) -> dict[str, Path]:
    """The audio files directly in ``folder`` by track name, in natural order of the names ("kick 2" before "kick 10").

    A track is called as its file without the ending; a second file of that name gets its ending in brackets. Raises
    :class:`SessionError` when the folder is missing, no folder, or without audio files.
    """
    files = [path for path in _listed(folder) if _is_stem(path)]
    if not files:
        raise SessionError(_no_audio_text(folder))
    named: dict[str, Path] = {}
    for path in sorted(files, key=_preference):
        named[_free_name(path, named)] = path
    return dict(sorted(named.items(), key=lambda item: _natural_key(item[0])))


def probe_all(files: dict[str, Path]) -> tuple[dict[str, AudioInfo], dict[str, str]]:
    """The headers of ``files`` by name, and for those that cannot be read what :func:`probe` says instead."""
    with ThreadPoolExecutor(THREADS) as pool:
        results = dict(zip(files, pool.map(_probed, files.values()), strict=True))
    infos = {name: result for name, result in results.items() if isinstance(result, AudioInfo)}
    return infos, {name: result for name, result in results.items() if isinstance(result, str)}


def broken_text(where: Path, broken: dict[str, str]) -> str:
    """The message naming every unreadable file of the session at ``where``."""
    lines = "\n".join(f"  {text}" for text in broken.values())
    count = f"{len(broken)} file{'s' if len(broken) > 1 else ''} cannot be read"
    return f"{printable(where)}: {count}:\n{lines}\nexport them again, or leave them out with --skip-broken"


def track_of(name: str, path: Path, info: AudioInfo, start_s: float = 0.0) -> Track:
    """The track called ``name`` whose audio is the file at ``path``, described by ``info``."""
    return Track(
        name=name,
        audio_path=path,
        channels=min(info.channels, 2),
        sample_rate=info.sample_rate,
        num_samples=info.num_samples,
        start_s=start_s,
    )


def common_rate(rates: Iterable[int]) -> int:
    """The commonest of ``rates`` in Hz, the higher of equals; outside 44,100 to 192,000 its studio rate."""
    counts = Counter(rates)
    rate = max(counts, key=lambda r: (counts[r], r))
    if rate > HIGHEST_SESSION_RATE:
        return 176_400 if rate % LOWEST_SESSION_RATE == 0 else HIGHEST_SESSION_RATE
    if rate >= LOWEST_SESSION_RATE:
        return rate
    return 48_000 if 48_000 % rate == 0 else LOWEST_SESSION_RATE


def check_session_rate(sample_rate: int) -> int:
    """``sample_rate`` itself; :class:`SessionError` when no session can run at it."""
    if not LOWEST_SESSION_RATE <= sample_rate <= HIGHEST_SESSION_RATE:
        allowed = f"expected {LOWEST_SESSION_RATE} to {HIGHEST_SESSION_RATE} Hz"
        raise SessionError(f"sample_rate={sample_rate}: {allowed}; kHz?")
    return sample_rate


def file_notes(infos: dict[str, AudioInfo], sample_rate: int) -> tuple[str, ...]:
    """Notes on the tracks that are folded down to stereo or converted to ``sample_rate`` Hz."""
    folded = [f"{printable(name)} ({info.channels} channels)" for name, info in infos.items() if info.channels > 2]
    other = [
        f"{printable(name)} ({info.sample_rate} Hz)" for name, info in infos.items() if info.sample_rate != sample_rate
    ]
    notes = []
    if folded:
        notes.append(f"folded down to stereo: {_listing(folded)}")
    if other:
        notes.append(f"converted to {sample_rate} Hz: {_listing(other)}")
    return tuple(notes)


def _probed(path: Path) -> AudioInfo | str:
    try:
        return probe(path)
    except AudioError as error:
        return str(error)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError as error:
        raise SessionError(f"{printable(folder)}: no such folder; was it moved or renamed?") from error
    except NotADirectoryError as error:
        raise SessionError(f"{printable(folder)}: is a file; expected the folder that holds the stems") from error
    except (OSError, ValueError) as error:
        raise SessionError(f"{printable(folder)}: cannot be listed ({error})") from error


def _is_stem(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() in EXTENSIONS and not path.is_dir()


def _is_junk(path: Path) -> bool:
    name = path.name.lower()
    hidden = name.startswith(".") and (name.startswith("._") or path.suffix.lower() not in EXTENSIONS)
    return hidden or name in JUNK_NAMES or path.suffix.lower() in JUNK_ENDINGS


def _preference(path: Path) -> tuple[object, ...]:
    """Best format first, so that of ``kick.wav`` and ``kick.flac`` the first is "kick"."""
    return (path.stem, list(EXTENSIONS).index(path.suffix.lower()), path.name)


def _free_name(path: Path, taken: dict[str, Path]) -> str:
    name = _safe_name(path.stem)
    ending = path.suffix.lower().lstrip(".")
    number = 1
    candidate = name
    while candidate in taken:
        candidate = f"{name} ({ending})" if number == 1 else f"{name} ({ending} {number})"
        number += 1
    return candidate


def _safe_name(stem: str) -> str:
    """``stem`` with control characters as spaces and invalid Unicode as U+FFFD; everything else is kept."""
    kept = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else "\ufffd" if unicodedata.category(c) == "Cs" else c
        for c in stem
    )
    return kept if kept.strip() else "unnamed"


def _natural_key(name: str) -> tuple[object, ...]:
    parts = re.split(r"([0-9]+)", name.casefold())
    return (*((int(p), "") if i % 2 else (-1, p) for i, p in enumerate(parts)), (-1, name))


def _no_audio_text(folder: Path) -> str:
    listed = _listed(folder)
    if not listed:
        return f"{printable(folder)}: the folder is empty; export the stems into it"
    found = _listing([printable(p.name) + ("/" if p.is_dir() else "") for p in listed])
    endings = " ".join(EXTENSIONS)
    text = f"{printable(folder)}: no audio files directly in this folder; found {found}; read are {endings}"
    has_folders = any(p.is_dir() for p in listed)
    return text + ("; are the stems in a folder inside it?" if has_folders else "")


def _skipped_notes(broken: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"left out: {text}" for text in broken.values())


def _ignored_notes(folder: Path) -> tuple[str, ...]:
    others = [p for p in _listed(folder) if not _is_stem(p) and not _is_junk(p)]
    files = [printable(p.name) for p in others if not p.is_dir()]
    folders = [printable(p.name) for p in others if p.is_dir()]
    notes = []
    if files:
        notes.append(f"ignored, not audio or hidden: {_listing(files)}")
    if folders:
        notes.append(f"folders inside are not read: {_listing(folders)}")
    return tuple(notes)


def _listing(items: list[str]) -> str:
    more = len(items) - NAMES_SHOWN
    return ", ".join(items[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
