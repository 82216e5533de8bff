"""Where Ardour's sessions lie: its list of those opened last, a line of name and a line of folder each."""

from __future__ import annotations

import os
from pathlib import Path

_LARGEST = 1 << 20


def config_folders() -> tuple[Path, ...]:
    """Ardour's folders of settings for this user, of the latest version first."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    found = [folder for folder in home.glob("ardour[0-9]*") if folder.name[6:].isdecimal() and folder.is_dir()]
    return tuple(sorted(found, key=lambda folder: -int(folder.name[6:])))


def find_sessions(name: str, folders: tuple[Path, ...] | None = None) -> tuple[Path, ...]:
    """The session files of that name in the folders that Ardour has opened, the latest first.

    A session that was switched to a snapshot goes by the snapshot's name, and lies in the folder where it lay; the list
    goes on telling the session's. ``folders`` are Ardour's folders of settings (default: :func:`config_folders`).
    """
    known = (where for folder in (config_folders() if folders is None else folders) for _, where in _recent(folder))
    # compared, not joined: nothing that a DAW says becomes a path
    files = (file for where in known for file in Path(where).glob("*.ardour") if file.stem == name and file.is_file())
    return tuple(dict.fromkeys(files))


def is_unsaved(session: Path) -> bool:
    """Whether Ardour has put away changes to the session in this file that were not saved.

    It does so beside the file every two minutes, and takes it away when it saves: the last changes are not known.
    """
    return session.with_suffix(".pending").is_file()


def last_session(folder: Path) -> Path | None:
    """The session file that the Ardour of this folder of settings has opened last; None where it is not there."""
    found = [Path(where) / f"{known}.ardour" for known, where in _recent(folder)[:1]]
    return next((file for file in found if file.is_file()), None)


def _recent(folder: Path) -> list[tuple[str, str]]:
    try:
        with (folder / "recent").open(encoding="utf-8", errors="replace") as text:
            lines = text.read(_LARGEST).splitlines()
    except OSError:
        return []
    return list(zip(lines[::2], lines[1::2], strict=False))
