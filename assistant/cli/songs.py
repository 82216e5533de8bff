"""The songs to train on: folders of stems, or folders of such folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.audio.formats import printable
from assistant.cli.terminal import Terminal
from assistant.mix import Session
from protocols.stems import SessionError, read_stems_folder, stem_files


def find_songs(folders: Sequence[Path], terminal: Terminal) -> tuple[Session, ...]:
    """The session of every song in ``folders``, each once; notes about them are printed.

    A folder with audio files directly in it is one song, else those of its folders are that have some. Raises
    :class:`SessionError` for a folder without a song, for files that cannot be read, and for a song of one track.
    """
    found = {song.resolve(): song for folder in folders for song in _songs_in(folder)}
    return tuple(_read(song, terminal) for song in found.values())


def _songs_in(folder: Path) -> list[Path]:
    try:
        stem_files(folder)
        return [folder]
    except SessionError:
        inside = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
        songs = [p for p in inside if not p.name.startswith(".") and _has_stems(p)]
        if not songs:
            raise
        return songs


def _has_stems(folder: Path) -> bool:
    try:
        return bool(stem_files(folder))
    except SessionError:
        return False


def _read(song: Path, terminal: Terminal) -> Session:
    session, notes = read_stems_folder(song)
    for note in notes:
        terminal.note(f"{song.name}: {note}")
    if len(session.tracks) < 2:
        raise SessionError(
            f"{printable(song)}: one track only; a song is a folder of its stems, which played together are the mix"
        )
    return session
