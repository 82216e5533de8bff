"""DAW sessions as files: which are known by their endings, who reads them, and their tracks pulled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.audio.formats import printable
from assistant.mix import Mix, Session
from assistant.tasks import Progress
from protocols.ardour.session_file import read_ardour_session
from protocols.arrangement import Arrangement
from protocols.dawproject.reading import read_dawproject
from protocols.origins import PULLED, project_folder, record_project
from protocols.places import make_private
from protocols.pulling import before_mix, pull
from protocols.reaper.project import read_reaper_project
from protocols.stems import SessionError

#: Who reads a session file of each ending; the folder is where audio that lies inside of it is unpacked.
READERS: dict[str, Callable[[Path, Path], Arrangement]] = {
    ".ardour": lambda path, folder: read_ardour_session(path),
    ".rpp": lambda path, folder: read_reaper_project(path),
    ".dawproject": read_dawproject,
}

#: Endings of those that a mix is written into, as a copy.
WRITTEN = frozenset({".rpp", ".dawproject"})


def is_project(path: Path) -> bool:
    """Whether ``path`` is named as a DAW's session file rather than as a folder of stems."""
    return path.suffix.lower() in READERS and not path.is_dir()


def read_project(path: Path, folder: Path) -> Arrangement:
    """The tracks and clips of the session file at ``path``; audio inside of it is unpacked into ``folder``.

    Raises :class:`SessionError` for a file that is missing, not read here or broken.
    """
    if not path.is_file():
        raise SessionError(f"{printable(path)}: no such file; was it moved or renamed?")
    return READERS[path.suffix.lower()](path, folder)


def pull_project(path: Path, progress: Progress) -> tuple[Session, Mix, tuple[str, ...]]:
    """The session of the file at ``path``, its tracks pulled into our folder of it; the mix as it stands there; notes.

    Raises :class:`SessionError` for a file that cannot be read, and one without audio.
    """
    folder = project_folder(path)
    make_private(folder)
    arrangement = read_project(path, folder)
    session, notes = pull(arrangement, folder / PULLED, progress)
    record_project(path)
    return session, before_mix(arrangement, session), notes
