"""Opening a session for the window: what is in it and where it stands, quickly, from the files' headers alone.

Contents: :func:`read_session`, :func:`session_info`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.sources import Reading, Source, is_mix_file, read_source
from gui.workshop.telling import Telling, in_window_words
from gui.workshop.values import DEMO, Desk, SessionInfo
from protocols.projects import is_project
from protocols.stems import SessionError

if TYPE_CHECKING:
    from assistant.cli.mixer import Mixer


def read_session(path: str, desk: Desk | None, telling: Telling, *, skips_broken: bool = False) -> Source:
    """The session at ``path``, with a ``desk`` as it stands there; remarks go to ``telling``.

    Raises :class:`SessionError` where it cannot be read, naming every file that is broken, or is not the desk's.
    """
    reading = Reading(skip_broken=skips_broken)
    try:
        if desk is not None:
            return mixer_of(desk).source(Path(path), telling, reading)
        return read_source(_real_path(path), reading, telling)
    except SessionError as error:
        raise SessionError(in_window_words(str(error))) from error


def mixer_of(desk: Desk) -> Mixer:
    """The desk as the command line has it."""
    from assistant.cli.mixer import Mixer

    return Mixer(desk.daw, desk.label, desk.session, desk.pan_law, desk.tracks, desk.held)


def session_info(path: str, source: Source, desk: Desk | None, notes: tuple[str, ...]) -> SessionInfo:
    """What the window is told of a session that was read from ``path``."""
    return SessionInfo(
        path=path,
        name=_name(path, source, desk),
        session=source.session,
        before=source.before,
        saved=source.mix,
        notes=notes,
        stamps=_stamps(source),
    )


def _real_path(path: str) -> Path:
    if path != DEMO:
        return Path(path)
    from assistant.demo_session import demo_folder

    try:
        return demo_folder()
    except FileNotFoundError as error:
        raise SessionError(str(error)) from error


def _name(path: str, source: Source, desk: Desk | None) -> str:
    if desk is not None and desk.session:
        return desk.session
    if path == DEMO:
        return "Demo"
    is_file = is_mix_file(source.path) or is_project(source.path)
    absolute = source.path.absolute()
    return absolute.stem if is_file else absolute.name or str(absolute)


def _stamps(source: Source) -> dict[str, tuple[int, int]]:
    """Size and time of change of the session's own file, where it has one, and of every track's."""
    files = [source.path, *(t.audio_path for t in source.session.tracks if t.audio_path is not None)]
    stamps = {}
    for file in files:
        if file.is_file():
            state = file.stat()
            stamps[str(file)] = (state.st_size, state.st_mtime_ns)
    return stamps
