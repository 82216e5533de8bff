"""DAW sessions as files: which are known by their endings, and who reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.audio.formats import printable
from protocols.ardour.session_file import read_ardour_session
from protocols.arrangement import Arrangement
from protocols.dawproject.reading import read_dawproject
from protocols.places import session_folder
from protocols.reaper.project import read_reaper_project
from protocols.stems import SessionError

#: Where in a session's folder of ours its pulled stems lie.
PULLED = "pulled"

#: Who reads a session file of each ending; the folder is where audio that lies inside of it is unpacked.
READERS: dict[str, Callable[[Path, Path], Arrangement]] = {
    ".ardour": lambda path, folder: read_ardour_session(path),
    ".rpp": lambda path, folder: read_reaper_project(path),
    ".dawproject": read_dawproject,
}


def is_project(path: Path) -> bool:
    """Whether ``path`` is named as a DAW's session file rather than as a folder of stems."""
    return path.suffix.lower() in READERS and not path.is_dir()


def project_folder(path: Path) -> Path:
    """The folder of ours for the session file at ``path``; it may not be there yet."""
    return session_folder(path.suffix.lower().lstrip("."), str(path.resolve()))


def read_project(path: Path, folder: Path) -> Arrangement:
    """The tracks and clips of the session file at ``path``; audio inside of it is unpacked into ``folder``.

    Raises :class:`SessionError` for a file that is missing, not read here or broken.
    """
    if not path.is_file():
        raise SessionError(f"{printable(path)}: no such file; was it moved or renamed?")
    return READERS[path.suffix.lower()](path, folder)
