"""The DAW: its session opened, what is decided pushed, what it holds shown, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from assistant.mix import Change
from gui.models.daw_link import DawLink
from gui.models.document import Document
from gui.views.notices import Notice, Notices
from gui.workshop.values import Desk
from protocols.daw import Control, PushReport


class DawConnection(QObject):
    """Brings ``link`` and ``document`` together. ``session_found`` carries where the session lies, and its desk."""

    session_found = pyqtSignal(str, Desk)
    #: Where the session lies is not known: its desk, and a sentence that says so.
    path_wanted = pyqtSignal(Desk, str)

    def __init__(self, document: Document, link: DawLink, notices: Notices) -> None:
        super().__init__(document)
        self._document, self._link, self._notices = document, link, notices
        self._is_opening = False
        link.state_changed.connect(self._take_state)
        link.held_changed.connect(self._take_held)
        link.pushed.connect(self._take_report)
        link.pending_changed.connect(self._offer_take_back)
        link.failed.connect(lambda text: notices.tell(text, "error", "daw"))
        document.changes_made.connect(self._push)

    def connect(self, kind: str, options: Mapping[str, Any]) -> None:
        """Link to a DAW and open its session as soon as it answers."""
        self._is_opening = True
        self._link.open(kind, **options)

    def disconnect(self) -> None:
        """Leave the DAW as it stands."""
        self._is_opening = False
        self._link.close(0.0)

    @property
    def is_ours(self) -> bool:
        """Whether the session that is shown is the one that is open in the DAW."""
        desk, state = self._document.desk, self._link.state
        return (
            desk is not None and state.link == "connected" and (desk.daw, desk.session) == (state.kind, state.session)
        )

    def _take_state(self) -> None:
        state = self._link.state
        if state.link == "connected" and self._is_opening:
            self._is_opening = False
            self._link.desk(self._take_desk, self._tell)
        elif self.is_ours and self._link.held:
            self._document.take_held(self._link.held)
        if state.link == "lost":
            self._notices.tell(state.trouble, "warning", "daw")
        elif state.link == "connected":
            self._notices.messages.withdraw("daw")

    def _take_desk(self, desk: Desk) -> None:
        self._link.session_path(
            lambda path: self.session_found.emit(str(path), desk), lambda why: self.path_wanted.emit(desk, str(why))
        )

    def _tell(self, error: Exception) -> None:
        self._notices.tell(str(error), "error", "daw")

    def _take_held(self, values: dict[Control, float]) -> None:
        if self.is_ours:
            self._document.take_held(values)

    def _push(self, changes: list[Change]) -> None:
        self._link.push(changes)

    def _take_report(self, report: PushReport) -> None:
        self._document.take_confirmations(report.confirmations)

    def _offer_take_back(self, rows: tuple[Any, ...]) -> None:
        if rows:
            text = self.tr("A push was broken off before it was confirmed; the DAW may hold a part of it.")
            notice = Notice(text, "warning", self.tr("Take it back"), self._link.take_back, "pending")
            self._notices.messages.tell(notice)
        else:
            self._notices.messages.withdraw("pending")
