"""The mixer's strips as a Qt list model: one row a track, one value with all that is drawn of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from assistant.decisions import PARTS
from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.mix import ChannelSettings, Decision
from gui.models.document import Document
from gui.translating import table_text
from gui.workshop.values import TrackFigures

#: The whole :class:`Strip`.
STRIP_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class PartState:
    """One part of a strip: whether the proposal changes it, what is decided, whether it is locked."""

    name: str
    label: str
    is_changed: bool
    decision: Decision
    is_locked: bool


@dataclass(frozen=True)
class Strip:
    """All that is drawn of one track.

    ``held`` is what stands now (in the DAW, where there is one), ``proposed`` what would stand with all that is
    pending, ``made`` what is decided; ``own`` names what was set by hand. ``link`` is "" without a DAW, "sending",
    "confirmed" or "problem"; ``problems`` say what the DAW did not take over and what to do. ``figures`` are those of
    the mix that is shown, None until it is measured.
    """

    row: int
    name: str
    is_stereo: bool
    role: str
    role_confidence: float
    is_role_own: bool
    family: str
    has_proposal: bool
    held: Mapping[str, float]
    before: ChannelSettings
    proposed: ChannelSettings
    made: ChannelSettings
    parts: tuple[PartState, ...]
    amount: float
    own: frozenset[str] = frozenset()
    is_soloed: bool = False
    is_muted: bool = False
    link: str = ""
    problems: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    figures: TrackFigures | None = field(default=None)

    @property
    def decision(self) -> str:
        """What is decided of the track as a whole: "accepted", "rejected", "pending", "partly", or "none" to decide."""
        decisions = {part.decision for part in self.parts if part.is_changed and not part.is_locked}
        if not decisions:
            return "none"
        return decisions.pop() if len(decisions) == 1 else "partly"

    @property
    def is_locked(self) -> bool:
        """Whether nothing of the track may be changed."""
        return all(part.is_locked for part in self.parts)


class StripsModel(QAbstractListModel):
    """The strips of a document."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._cache: dict[int, Strip] = {}
        document.session_changed.connect(self._reset)
        document.proposal_changed.connect(self._refresh)
        document.figures_changed.connect(self._refresh)
        document.track_changed.connect(self._refresh_row)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Qt: how many tracks."""
        return 0 if parent.isValid() else len(self._document.names)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: the name, or the whole strip."""
        if not index.isValid() or not 0 <= index.row() < self.rowCount():
            return None
        if role == STRIP_ROLE:
            return self.strip(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._document.names[index.row()]
        return None

    def strip(self, row: int) -> Strip:
        """All that is drawn of the track in ``row``."""
        if row not in self._cache:
            self._cache[row] = _strip(self._document, row)
        return self._cache[row]

    def _reset(self) -> None:
        self.beginResetModel()
        self._cache.clear()
        self.endResetModel()

    def _refresh(self) -> None:
        self._cache.clear()
        if self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def _refresh_row(self, row: int) -> None:
        self._cache.pop(row, None)
        self.dataChanged.emit(self.index(row), self.index(row))


def _strip(document: Document, row: int) -> Strip:
    name = document.names[row]
    assert document.info is not None
    track = document.info.session.tracks[row]
    proposed, decision = document.channel_proposed(name), document.decision(name)
    role = decision.role or proposed.role or track.role
    changed, figures = document.parts_changed(name), document.figures
    problems = tuple(c.text or c.outcome.value for c in document.problems(name))
    return Strip(
        row=row,
        name=name,
        is_stereo=track.channels == 2,
        role=role,
        role_confidence=1.0 if decision.role else proposed.role_confidence,
        is_role_own=bool(decision.role or track.role),
        family=ROLE_BY_NAME[role].family if role in ROLE_BY_NAME else "other",
        has_proposal=document.has_proposal,
        held={param: document.held_value(name, param) for param in proposed.settings},
        before=document.channel_before(name).settings,
        proposed=proposed.settings,
        made=document.channel_made(name).settings,
        parts=tuple(
            PartState(part, table_text(label), part in changed, decision.of(part), part in decision.locked)
            for part, (label, _) in PARTS.items()
        ),
        amount=decision.amount,
        own=frozenset(decision.own),
        is_soloed=name in document.soloed,
        is_muted=name in document.muted,
        link=_link(document, name, bool(problems)),
        problems=problems,
        reasons=document.engineers_mix.channel(name).reasons,
        figures=None if figures is None else figures.tracks.get(name),
    )


def _link(document: Document, name: str, has_problems: bool) -> str:
    if document.desk is None:
        return ""
    if document.is_in_flight(name):
        return "sending"
    return "problem" if has_problems else "confirmed"
