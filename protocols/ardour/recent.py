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
    """The session files of that name that Ardour has opened and that are still there, the latest first.

    ``folders`` are Ardour's folders of settings (default: :func:`config_folders`).
    """
    found: list[Path] = []
    for folder in config_folders() if folders is None else folders:
        for known, where in _recent(folder / "recent"):
            file = Path(where) / f"{known}.ardour"
            if known == name and file not in found and file.is_file():
                found.append(file)
    return tuple(found)


def last_session(folder: Path) -> Path | None:
    """The session file that the Ardour of this folder of settings has opened last; None where it is not there."""
    found = [Path(where) / f"{known}.ardour" for known, where in _recent(folder / "recent")[:1]]
    return next((file for file in found if file.is_file()), None)


def _recent(file: Path) -> list[tuple[str, str]]:
    try:
        with file.open(encoding="utf-8", errors="replace") as text:
            lines = text.read(_LARGEST).splitlines()
    except OSError:
        return []
    return list(zip(lines[::2], lines[1::2], strict=False))
