"""What would be opened of the files and folders that are held over the window, or why nothing would.

Contents: :class:`Verdict`, :func:`verdict_on`, :func:`song_verdict`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PyQt6.QtCore import QCoreApplication

from assistant.audio.formats import EXTENSIONS
from gui.models.recents import Kind

#: No more of a folder's entries are looked at: this is asked while the mouse moves.
_MOST_ENTRIES = 2_000
#: Sessions of DAWs that write no format that can be read here.
_CLOSED = {".als": "Ableton Live", ".ptx": "Pro Tools", ".logicx": "Logic Pro", ".cpr": "Cubase", ".flp": "FL Studio"}


@dataclass(frozen=True)
class Verdict:
    """``path`` would be opened as ``kind``, and ``text`` says so; where ``path`` is empty, ``text`` says why not."""

    text: str
    path: str = ""
    kind: Kind = "folder"

    @property
    def is_open(self) -> bool:
        """Whether there is something to open."""
        return bool(self.path)


def verdict_on(paths: Sequence[str], project_endings: Sequence[str]) -> Verdict:
    """What would be opened of ``paths``; ``project_endings`` are those of DAW projects that can be read."""
    files = [Path(path) for path in paths]
    if not files:
        return Verdict(_tr("Only files and folders of this computer can be opened."))
    if all(_is_audio(path) for path in files) and len({path.parent for path in files}) == 1:
        folder = files[0].parent
        return Verdict(_tr("Open the folder “{name}” with these files").format(name=folder.name), str(folder))
    if len(files) > 1:
        return Verdict(_tr("These are several things; drop one folder or one project."))
    return _on_folder(files[0], project_endings) if files[0].is_dir() else _on_file(files[0], project_endings)


def song_verdict(paths: Sequence[str]) -> Verdict:
    """Whether ``paths`` are one finished song to be used as a reference."""
    if len(paths) == 1 and _is_audio(Path(paths[0])) and Path(paths[0]).is_file():
        return Verdict(_tr("Aim at the tone of “{name}”").format(name=Path(paths[0]).name), paths[0])
    return Verdict(_tr("A reference is one finished song as an audio file."))


def _on_folder(folder: Path, project_endings: Sequence[str]) -> Verdict:
    if folder.suffix.lower() in _CLOSED:
        return _closed(folder)
    names = _names_in(folder)
    projects = [name for name in names if Path(name).suffix.lower() in project_endings]
    if len(projects) == 1:
        return _project(folder / projects[0])
    if any(_is_audio(Path(name)) for name in names):
        return Verdict(_tr("Open the stems in “{name}”").format(name=folder.name), str(folder))
    return Verdict(
        _tr("There is no audio in “{name}”: a session is a folder with one audio file per track.").format(
            name=folder.name
        )
    )


def _on_file(file: Path, project_endings: Sequence[str]) -> Verdict:
    ending = file.suffix.lower()
    if not file.exists():
        return Verdict(_tr("“{name}” is not there any more.").format(name=file.name))
    if ending in project_endings:
        return _project(file)
    if ending == ".json":
        return Verdict(_tr("Open the mix “{name}”").format(name=file.stem), str(file), "mix")
    if ending in _CLOSED:
        return _closed(file)
    return Verdict(
        _tr("“{name}” is no session: drop a folder of stems, a project ({endings}) or a mix file (.json).").format(
            name=file.name, endings=", ".join(project_endings)
        )
    )


def _project(file: Path) -> Verdict:
    return Verdict(_tr("Open the project “{name}”").format(name=file.stem), str(file), "project")


def _closed(file: Path) -> Verdict:
    text = _tr("{daw} projects cannot be read: export every track from the song's start, and open that folder.")
    return Verdict(text.format(daw=_CLOSED[file.suffix.lower()]))


def _is_audio(path: Path) -> bool:
    return path.suffix.lower() in EXTENSIONS


def _names_in(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in islice(entries, _MOST_ENTRIES) if not entry.name.startswith(".")]
    except OSError:
        return []


def _tr(text: str) -> str:
    return QCoreApplication.translate("Dropping", text)
