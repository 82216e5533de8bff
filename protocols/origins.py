"""Where pulled tracks came from: the project file is recorded beside them, so that a mix of them finds it again.

A record is believed only in the folder that is the named project's own.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from assistant.audio.atomic import write_text_atomically
from assistant.audio.formats import AudioError, printable
from protocols.places import session_folder, state_folder
from protocols.stems import SessionError

#: Where in a project's folder of ours its pulled tracks lie, and what says which project that is.
PULLED, RECORD = "pulled", "project.json"
_LARGEST_RECORD = 1 << 16
_NAME_PROJECT = "name it, wherever it is now (mixassist render --source PROJECT)"


def project_folder(path: Path) -> Path:
    """The folder of ours for the project file at ``path``; it may not be there yet."""
    return session_folder(path.suffix.lower().lstrip("."), str(path.resolve()))


def record_project(path: Path) -> None:
    """Record in our folder of the project file at ``path`` which it is; raises :class:`SessionError`."""
    try:
        write_text_atomically(project_folder(path) / RECORD, json.dumps({"project": str(path.resolve())}) + "\n")
    except AudioError as error:
        raise SessionError(str(error)) from error


def project_of(stems: Path | None) -> Path | None:
    """The project file whose tracks were pulled into the folder ``stems``; None where none was, or none is known.

    It may have been moved or removed since.
    """
    if stems is None or stems.name != PULLED:
        return None
    record = stems.parent / RECORD
    try:
        if record.stat().st_size > _LARGEST_RECORD:
            return None
        path = Path(json.loads(record.read_text("utf-8"))["project"])
        return path if project_folder(path).name == stems.parent.name else None
    except (OSError, ValueError, TypeError, KeyError, RuntimeError):  # missing, or nothing that we have written
        return None


def missing_advice(stems: Path | None) -> str:
    """What to do where tracks that lay in ``stems`` are missing: pull them again, or name their folder."""
    project = project_of(stems)
    if project is not None and project.is_file():
        name = printable(project)
        return f"they were pulled from {name}; pull them again (mixassist render --source {shlex.quote(name)})"
    if project is not None:
        return f"they were pulled from {printable(project)}, which is gone; {_NAME_PROJECT}"
    if stems is not None and stems.name == PULLED and stems.resolve().parent.parent == state_folder().resolve():
        return f"they were pulled from a project; {_NAME_PROJECT}"
    return "name the folder that holds them (mixassist render --source FOLDER)"
