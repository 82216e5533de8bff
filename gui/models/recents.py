"""The sessions that were opened last: a short list of values, newest first.

Contents: :class:`Recent`, ``MOST``, :func:`with_recent`, :func:`without_recent`, :func:`recents_from`,
:func:`recents_to_list`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["folder", "project", "mix", "demo"]
KINDS: tuple[Kind, ...] = ("folder", "project", "mix", "demo")
#: No more are remembered.
MOST = 12


@dataclass(frozen=True)
class Recent:
    """A session that was opened: its absolute path, what it is, and when (seconds since 1970)."""

    path: str
    kind: Kind
    opened_s: float

    @property
    def name(self) -> str:
        """What it is called: the folder or the file, without its ending."""
        path = Path(self.path)
        return path.name if self.kind in ("folder", "demo") else path.stem

    @property
    def is_there(self) -> bool:
        """Whether it still exists; a path that cannot be asked for does not."""
        try:
            return Path(self.path).exists()
        except (OSError, ValueError):
            return False


def with_recent(known: Iterable[Recent], new: Recent) -> tuple[Recent, ...]:
    """``known`` and ``new``, each path once with the latest time, newest first, at most ``MOST``."""
    latest: dict[str, Recent] = {}
    for recent in (*known, new):
        if recent.path not in latest or recent.opened_s >= latest[recent.path].opened_s:
            latest[recent.path] = recent
    return tuple(sorted(latest.values(), key=lambda recent: -recent.opened_s)[:MOST])


def without_recent(known: Iterable[Recent], path: str) -> tuple[Recent, ...]:
    """``known`` without the one at ``path``."""
    return tuple(recent for recent in known if recent.path != path)


def recents_from(data: Any) -> tuple[Recent, ...]:
    """The recent sessions of a preferences file; rows that are none are left out."""
    found: tuple[Recent, ...] = ()
    for row in data if isinstance(data, list) else ():
        if _is_recent(row):
            found = with_recent(found, Recent(row["path"], row["kind"], float(row["opened_s"])))
    return found


def recents_to_list(recents: Iterable[Recent]) -> list[dict[str, Any]]:
    """The rows of a preferences file; :func:`recents_from` reads them."""
    return [{"path": recent.path, "kind": recent.kind, "opened_s": round(recent.opened_s, 3)} for recent in recents]


def _is_recent(row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    path, kind, opened_s = row.get("path"), row.get("kind"), row.get("opened_s")
    is_time = isinstance(opened_s, (int, float)) and not isinstance(opened_s, bool) and 0 <= opened_s < 1e11
    return isinstance(path, str) and bool(path) and kind in KINDS and is_time
