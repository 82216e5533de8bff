"""The session that runs in a DAW, as files: where it lies, of when it is, and what of it is not listened to.

Sentences are for the user, names in them printable.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from assistant.audio.formats import printable
from protocols.daw import DawTrack
from protocols.daws import DAWS, DawKind
from protocols.dialects import DIALECTS
from protocols.errors import ProtocolError
from protocols.projects import is_project


def find_session(kind: DawKind, label: str, session: str, how: str = "") -> Path:
    """The file of the session called ``session`` in the DAW called ``label``, by the list that the DAW keeps.

    Raises :class:`ProtocolError` where it is not on that list or on it twice; ``how`` says there how the user names a
    file, such as "with --session".
    """
    found = kind.find_sessions(session) if kind.find_sessions is not None and session else ()
    if not found:
        name = f"{printable(session)!r} " if session else ""
        raise ProtocolError(
            f"where the session {name}of {label} lies is not known here; name its file, or a folder of its tracks "
            f"exported from the DAW{', ' if how else ''}{how}"
        )
    if len(found) > 1:
        several = f"{label} knows several sessions called {session!r}; name one{' ' if how else ''}{how}"
        raise ProtocolError("\n  ".join([f"{several}:", *map(printable, found)]))
    return found[0]


def session_file(path: Path, session: str) -> Path:
    """``path`` as the user named it; of a folder of Ardour's, the file of the ``session`` that is open."""
    # compared, not joined: nothing that a DAW says becomes a path
    inside = (file for file in path.glob("*.ardour") if file.stem == session) if path.is_dir() else ()
    return next(iter(inside), path)


def saved_notes(daw: str, path: Path) -> tuple[str, ...]:
    """Of when the recordings at ``path`` are, and whether the DAW called ``daw`` has changes that it has not saved."""
    if not is_project(path) or not path.is_file():
        return ()
    saved = datetime.fromtimestamp(path.stat().st_mtime).strftime("%H:%M:%S on %-d %B")
    heard = f"heard as saved at {saved}: {printable(path)}"
    is_unsaved = DAWS[daw].is_unsaved
    if is_unsaved is None or not is_unsaved(path):
        return (heard,)
    return heard, f"{DIALECTS[daw].label} has changes that are not saved; save them there to have them heard"


def unheard_notes(names: Sequence[str], tracks: Sequence[DawTrack], *, has_said_why: bool) -> tuple[str, ...]:
    """What else sounds in the DAW than the tracks called ``names`` as recorded: other tracks, unless ``has_said_why``
    (the session's reader has), and plug-ins on these."""
    notes = []
    silent = [printable(t.name) for t in tracks if t.kind in ("audio", "midi") and t.name not in names]
    if silent and not has_said_why:
        notes.append(f"not listened to, left alone: {', '.join(silent)}")
    effects = [
        f"{printable(t.name)} ({', '.join(map(printable, t.other_plugins))})"
        for t in tracks
        if t.other_plugins and t.name in names
    ]
    if effects:
        notes.append(
            f"plug-ins that are not listened through; freeze or bounce the track if they matter: {', '.join(effects)}"
        )
    return tuple(notes)
