"""What the undo stack holds: decisions before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PyQt6.QtGui import QUndoCommand

from assistant.decisions import TrackDecision
from assistant.mix import Decision

#: Decisions on some tracks, and on what all tracks share.
State = tuple[Mapping[str, TrackDecision], Decision]

_MERGING, _ALONE = 1, -1


class Decide(QUndoCommand):
    """From decisions ``old`` to ``new``, by way of ``take``. Those of one ``gesture``, such as a drag, are one."""

    def __init__(
        self,
        text: str,
        take: Callable[[Mapping[str, TrackDecision], Decision], None],
        old: State,
        new: State,
        gesture: object = None,
    ) -> None:
        super().__init__(text.replace("&", "&&"))  # menus show it, where one would be the mark of a key
        self._take, self._old, self.new, self.gesture = take, old, new, gesture

    def id(self) -> int:
        """Qt: commands of the same id may be merged."""
        return _ALONE if self.gesture is None else _MERGING

    def mergeWith(self, other: QUndoCommand | None) -> bool:
        """Qt: take over ``other``, which came after this; a gesture that ends where it began leaves nothing to undo."""
        if not isinstance(other, Decide) or other.gesture != self.gesture or other.new[0].keys() != self.new[0].keys():
            return False
        self.new = other.new
        self.setObsolete(self.new == self._old)
        return True

    def redo(self) -> None:
        """Qt: do it."""
        self._take(*self.new)

    def undo(self) -> None:
        """Qt: take it back."""
        self._take(*self._old)
