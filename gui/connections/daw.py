"""The DAW: its session opened, what is decided pushed, what it holds shown, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from assistant.mix import Change
from assistant.wording import count_text
from gui.models.daw_link import DawLink
from gui.models.document import Document
from gui.views.notices import Notice, Notices
from gui.workshop.values import Desk
from protocols.daw import Confirmation, Control, Outcome, PushReport


class DawConnection(QObject):
    """Brings ``link`` and ``document`` together. ``session_found`` carries where the session lies, and its desk.

    They are *in step* from when the document has taken up what the DAW holds until the DAW goes away or opens another
    session. Out of step nothing is sent: a mixer of another session may have tracks of the same names.
    """

    session_found = pyqtSignal(str, Desk)
    #: Where the session lies is not known: its desk, and a sentence that says so.
    path_wanted = pyqtSignal(Desk, str)

    def __init__(self, document: Document, link: DawLink, notices: Notices) -> None:
        super().__init__(document)
        self._document, self._link, self._notices = document, link, notices
        self._is_opening = self._is_in_step = False
        self._meanwhile: dict[Control, float] | None = None  # heard while the DAW is read; None while it is not
        link.state_changed.connect(self._take_state)
        link.held_changed.connect(self._take_held)
        link.pushed.connect(self._take_report)
        link.pending_changed.connect(self._offer_take_back)
        link.failed.connect(lambda text: notices.tell(text, "error", "daw"))
        document.changes_made.connect(self._push)
        document.session_changed.connect(self._fall_out_of_step)

    def connect(self, kind: str, options: Mapping[str, Any]) -> None:
        """Link to a DAW and open its session as soon as it answers."""
        self._is_opening = True
        self._link.open(kind, **options)

    def read_anew(self) -> bool:
        """Open the DAW's session again with its mixer as it is now; False where another session, or none, is there."""
        if self.is_ours:
            self._link.desk(self._take_desk, self._hear_unread)
        return self.is_ours

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

    def take_up(self) -> None:
        """The session was opened, or the DAW is back: go on from what it holds."""
        if self.is_ours and self._meanwhile is None:
            self._meanwhile = {}
            self._link.desk(self._take_standing, self._hear_not_read)

    def undo(self, push_id: str = "") -> None:
        """Have a push undone in the DAW, "" for the last one; what that brings back is open again here."""
        self._link.undo_push(push_id or None, self._take_undone)

    def _take_undone(self, report: PushReport) -> None:
        if self.is_ours:
            self._document.take_undone(report.confirmations)

    def leave(self, keys: Iterable[tuple[str, str]]) -> None:
        """Leave what was not confirmed as it stands in the DAW: it is what the user wants."""
        keys = tuple(keys)
        self._document.leave([Control(*key) for key in keys])
        self._link.pushes.leave(keys)

    # --- how the link stands

    def _take_state(self) -> None:
        state = self._link.state
        if not self.is_ours:
            self._fall_out_of_step()
        if state.link == "connected" and self._is_opening:
            self._is_opening = False
            self._link.desk(self._take_desk, self._hear_unread)
        elif not self._is_in_step:
            self.take_up()
        if state.link == "lost":
            self._notices.tell(state.trouble, "warning", "daw")
        elif state.link == "connected":
            self._notices.messages.withdraw("daw")
        elif state.link == "closed":
            self._document.give_up_sending(self.tr("the DAW was disconnected before it was confirmed"))

    def _fall_out_of_step(self) -> None:
        self._is_in_step, self._meanwhile = False, None

    def _hear_not_read(self, error: Exception) -> None:
        self._meanwhile = None
        self._tell(error)

    def _take_standing(self, desk: Desk) -> None:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is None or not self.is_ours:
            return
        self._is_in_step = True
        lacking = self._document.take_standing({**desk.held, **meanwhile})
        self._link.pushes.note(lacking)
        if lacking:
            count = count_text(len(lacking), "value")
            text = self.tr("The DAW does not hold {} of what is decided here.").format(count)
            again = tuple((c.change.track, c.change.param) for c in lacking)
            action = self.tr("Set them")
            notice = Notice(text, "warning", action, lambda: self._link.pushes.push_again(again), "standing")
            self._notices.messages.tell(notice)

    # --- its session

    def _take_desk(self, desk: Desk) -> None:
        self._link.session_path(
            lambda path: self.session_found.emit(str(path), desk), lambda why: self._look_elsewhere(desk, str(why))
        )

    def _look_elsewhere(self, desk: Desk, why: str) -> None:
        """Where the DAW's session lies is not known: it is the one that is shown, if it has those tracks."""
        info, strips = self._document.info, {track.name for track in desk.tracks}
        if info is not None and {track.name for track in info.session.tracks} <= strips:
            self.session_found.emit(info.path, desk)
        else:
            self.path_wanted.emit(desk, why)

    def _hear_unread(self, error: Exception) -> None:
        """It went away before it was read: once it is back."""
        self._is_opening = True
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        self._notices.tell(str(error), "error", "daw")

    # --- what it holds, and what it is told

    def _take_held(self, values: dict[Control, float]) -> None:
        if self._is_in_step:
            self._document.take_held(values)
        elif self._meanwhile is not None:
            self._meanwhile.update(values)

    def _push(self, changes: list[Change]) -> None:
        if self._is_in_step:
            self._link.push(changes)
            return
        why = self.tr("not sent: the DAW is not connected, or has another session open")
        found = tuple(Confirmation(change, Outcome.CANCELLED, None, why) for change in changes)
        self._document.take_confirmations(found)
        self._link.pushes.note(found)

    def _take_report(self, report: PushReport) -> None:
        self._document.take_confirmations(report.confirmations)

    def _offer_take_back(self, rows: tuple[Any, ...]) -> None:
        if rows:
            text = self.tr("A push was broken off before it was confirmed; the DAW may hold a part of it.")
            notice = Notice(text, "warning", self.tr("Take it back"), self._link.take_back, "pending")
            self._notices.messages.tell(notice)
        else:
            self._notices.messages.withdraw("pending")
