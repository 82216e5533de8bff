"""Sessions: opened in the workshop, kept on disk as they are decided on, watched for changes, closed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QObject, QTimer, pyqtSignal

from assistant.tasks import IsCancelled, Progress
from assistant.wording import duration_text
from gui.connections.background import Background
from gui.models.autosave import Autosave, Saved
from gui.models.document import Document
from gui.models.moves import with_mix
from gui.models.preferences import Preferences
from gui.models.recents import Kind
from gui.tasks import Latest, Task, Tasks
from gui.translating import in_english
from gui.views.notices import Notice, Notices
from gui.workshop.remote import Workshop, WorkshopDefect, WorkshopError, WorkshopLost
from gui.workshop.telling import WITHOUT
from gui.workshop.values import DEMO, Desk, SessionInfo

_SAVE_AFTER_MS, _LOOK_EVERY_MS = 300, 3_000


class Opening(QObject):
    """Opens one session after the other into ``document``; ``opened`` once it is shown, with what was kept of it."""

    opened = pyqtSignal()
    closed = pyqtSignal()
    #: Why it could not be opened, and whether it may be without the files that are broken.
    failed = pyqtSignal(str, bool)

    def __init__(
        self,
        document: Document,
        workshop: Workshop,
        tasks: Tasks,
        disk: Tasks,
        autosave: Autosave,
        preferences: Preferences,
        notices: Notices,
        background: Background,
    ) -> None:
        super().__init__(document)
        #: Has a DAW's session opened anew with its mixer as it is now, and says whether it does.
        self.reads_daw_anew: Callable[[], bool] = lambda: False
        self._document, self._workshop, self._tasks, self._disk = document, workshop, tasks, disk
        self._autosave, self._preferences = autosave, preferences
        self._notices, self._background = notices, background
        self._task: Task | None = None
        self._path, self._daw = "", ""
        self._last: tuple[str, Desk | None] = "", None
        self._changed_files: frozenset[str] = frozenset()
        self._saving = QTimer(self, singleShot=True, interval=_SAVE_AFTER_MS)
        self._saving.timeout.connect(self._save)
        self._writing: Task | None = None
        self._unkept: Saved | None = None  # what could not be written: at least this window knows it still
        document.decisions_changed.connect(self._saving.start)
        document.proposal_changed.connect(self._saving.start)
        self._looking = QTimer(self, interval=_LOOK_EVERY_MS)
        self._looking.timeout.connect(self._look)
        self._looks = Latest(disk, self._looked)  # a disk that hangs is not asked over and over

    def open(self, path: str, desk: Desk | None = None, *, skips_broken: bool = False) -> None:
        """Open the session at ``path``, of a running DAW where its ``desk`` is given; the one before it is closed.

        ``skips_broken``: without the files that cannot be read.
        """
        self.close()
        self._last = path, desk
        self._daw = desk.daw if desk is not None else ""
        desk = None if desk is None else self._as_it_was(path, desk)

        def work(progress: Progress, is_cancelled: IsCancelled) -> SessionInfo:
            opened: SessionInfo = self._workshop.call(
                "open", path, desk, skips_broken, progress=progress, is_cancelled=is_cancelled
            )
            return opened

        name = self.tr("the demo") if path == DEMO else Path(path).name
        self._background.begin(self.tr("Opening {}").format(name), self._cancel)
        self._task = self._tasks.run_task(
            work,
            lambda info: self._opened(path, info, desk),
            lambda error: self._fail(error, may_skip=not skips_broken),
            self._background.show_progress,
        )

    def open_rest(self) -> None:
        """Open the session that could not be opened, without what is broken of it."""
        path, desk = self._last
        self.open(path, desk, skips_broken=True)

    def _as_it_was(self, path: str, desk: Desk) -> Desk:
        """``desk`` before anything was decided, where that is kept: what is decided of it stands there already."""
        kept = self._autosave.kept(path, desk.daw)
        before = None if kept is None else kept.before
        return desk if before is None else replace(desk, held=with_mix(desk.held, before))

    def reopen(self) -> None:
        """Read the session again, with what is decided; out of a DAW also its mixer, which may have other plug-ins."""
        if self._path and not self.reads_daw_anew():
            self.open(self._path, self._document.desk)

    def close(self) -> None:
        """Close the session that is open; what is decided of it is kept."""
        self._cancel()
        self._looking.stop()
        self._looks.cancel()
        self._notices.messages.withdraw("files")
        if self._path:
            self._keep(self._saved(is_open=False))
            self._path = ""
            self._notices.messages.withdraw_information()
            self._document.clear()
            self.closed.emit()

    def _keep(self, saved: Saved) -> None:
        self._saving.stop()
        if self._writing is not None:
            self._writing.cancel()
        self._autosave.close(saved)
        self._unkept = saved if self._autosave.trouble else None

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._background.end()

    def _fail(self, error: Exception, *, may_skip: bool) -> None:
        self._task = None
        self._background.end()
        is_known = isinstance(error, WorkshopError) and not isinstance(error, WorkshopDefect | WorkshopLost)
        self.failed.emit(str(error), may_skip and is_known and WITHOUT in str(error))

    def _opened(self, path: str, info: SessionInfo, desk: Desk | None) -> None:
        self._task, self._path = None, path
        self._background.end()
        saved = self._autosave.open(path, self._daw)
        if self._unkept is not None and (self._unkept.path, self._unkept.daw) == (path, self._daw):
            saved = self._unkept
        self._document.load(info, desk)
        if saved is not None:
            self._restore(saved)
        else:
            self._begin(info)
        self._changed_files = frozenset()
        self._looking.start()
        self._preferences.remember_session(*_recent(path, info))
        self._tell(info)
        self.opened.emit()

    def _begin(self, info: SessionInfo) -> None:
        """With a session that nothing is kept of."""
        if info.saved is not None:
            self._document.start_accepted()
        else:
            self._document.start_at(self._preferences.choices.amount)

    def _restore(self, saved: Saved) -> None:
        """Bring back what was decided; a proposal of other tracks is of no use any more."""
        proposed = saved.proposed
        names = set(self._document.names)
        if proposed is not None and {channel.name for channel in proposed.channels} == names:
            self._document.restore(proposed, saved.decisions)
        else:
            self._document.restore(None, saved.decisions)

    def _tell(self, info: SessionInfo) -> None:
        for note in info.notes:
            self._notices.tell(note)
        if self._autosave.trouble:
            self._notices.tell(self._autosave.trouble, "warning", "autosave")

    # --- kept on disk

    def _saved(self, *, is_open: bool) -> Saved:
        proposed = self._document.engineers_mix if self._document.has_proposal else None
        before = self._document.before if self._daw else None
        return Saved(self._path, self._document.decisions, proposed, self._daw, is_open, before)

    def _save(self) -> None:
        if self._path and self._preferences.choices.autosaves:
            saved, was = self._saved(is_open=True), self._autosave.trouble
            self._writing = self._disk.run_task(
                lambda progress, is_cancelled: self._autosave.save(saved), lambda _: self._told(was)
            )

    def _told(self, was: str) -> None:
        if self._autosave.trouble not in ("", was):
            self._notices.tell(self._autosave.trouble, "warning", "autosave")

    # --- watched

    def _look(self) -> None:
        info = self._document.info
        if info is not None:
            self._looks.ask(lambda progress, is_cancelled: changed_files(info.stamps))

    def _looked(self, changed: frozenset[str]) -> None:
        if changed - self._changed_files:
            names = sorted(Path(file).name for file in changed)
            text = self.tr("Changed or gone since it was read: {}").format(_shortened(names))
            self._notices.messages.tell(Notice(text, "warning", self.tr("Read again"), self.reopen, "files"))
        self._changed_files = changed


def changed_files(stamps: Mapping[str, tuple[int, int]]) -> frozenset[str]:
    """The files whose size or time of change is not what ``stamps`` says, or that are gone."""
    return frozenset(file for file, stamp in stamps.items() if _stamp(file) != stamp)


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def session_details(info: SessionInfo) -> str:
    """A session in a line: its tracks, its length, its rate."""
    session = info.session
    count = len(session.tracks)
    tracks = in_english(QCoreApplication.translate("Opening", "%n track(s)", "", count), count)
    rate = f"{session.sample_rate / 1000:g} kHz"
    return f"{tracks}, {duration_text(session.duration_s)}, {rate}"


def _recent(path: str, info: SessionInfo) -> tuple[str, Kind]:
    if path == DEMO:
        return str(info.session.source or path), "demo"
    if os.path.isdir(path):
        return path, "folder"
    return path, "mix" if path.lower().endswith(".json") else "project"


def _shortened(names: list[str], most: int = 4) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
