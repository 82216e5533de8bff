"""Where what is kept about DAWs lies on disk: a folder per DAW session, under the user's state folder.

Names that a DAW says never become paths: a folder's name is made of what is harmless in them, and of a hash.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

#: Characters of a name that are kept in a folder's.
LONGEST_SLUG = 40


def state_folder() -> Path:
    """``$XDG_STATE_HOME/mixassist``; ``~/.local/state/mixassist`` where that is not set or, as the standard has it, is
    no absolute path."""
    named = os.environ.get("XDG_STATE_HOME", "")
    home = Path(named) if os.path.isabs(named) else Path.home() / ".local" / "state"
    return home / "mixassist"


def session_folder(daw: str, session: str, state: Path | None = None) -> Path:
    """The folder of one session of one DAW within ``state``; another for each two names. Nothing is made on disk."""
    digest = hashlib.sha256(f"{daw}\0{session}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return (state or state_folder()) / f"{_slug(daw)}-{_slug(session)}-{digest}"


def make_private(folder: Path) -> None:
    """Make ``folder``, and what is missing above it, for nobody else to look into. Raises ``OSError``."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text[: 4 * LONGEST_SLUG].lower())[:LONGEST_SLUG].strip("-") or "unnamed"
