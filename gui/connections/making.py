"""Automatic mode: the order to the workshop, its progress and the finished mix back to the page."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject

from assistant.audio.formats import file_name
from assistant.tasks import Cancelled, IsCancelled, Progress
from gui.models.document import Document
from gui.tasks import Task, Tasks
from gui.views.automatic import AutomaticPage
from gui.workshop.remote import Workshop
from gui.workshop.values import DEMO, Finished, Order


class Making(QObject):
    """Makes what ``page`` orders, one mix at a time."""

    def __init__(self, document: Document, workshop: Workshop, tasks: Tasks, page: AutomaticPage) -> None:
        super().__init__(page)
        self._document, self._workshop, self._tasks, self._page = document, workshop, tasks, page
        self._task: Task | None = None
        page.make_asked.connect(self.make)
        page.as_decided_asked.connect(lambda order: self.make(replace(order, mix=document.made_mix())))
        page.cancel_asked.connect(self.cancel)
        document.session_changed.connect(self._take_session)

    def make(self, order: Order) -> None:
        """Have a mix made, with the roles that the user gave and what is locked in the mixer."""
        self.cancel()
        locked = order.wish.mandate.locked_params | self._document.decisions.locked_parts()
        wish = replace(order.wish, mandate=replace(order.wish.mandate, locked_params=locked))
        order = replace(order, wish=self._document.wish(wish))

        def work(progress: Progress, is_cancelled: IsCancelled) -> Finished:
            made: Finished = self._workshop.call("make", order, progress=progress, is_cancelled=is_cancelled)
            return made

        self._task = self._tasks.run_task(work, self._finished, self._failed, self._page.show_progress)

    def cancel(self) -> None:
        """Give it up."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._page.show_idle()

    def _take_session(self) -> None:
        self.cancel()
        self._page.set_tracks(self._document.names, self._folder())

    def _folder(self) -> str:
        """Where a mix may go unless the user says otherwise: beside the session, else in the user's own folder."""
        info = self._document.info
        if info is None:
            return ""
        beside = Path(info.session.source or info.path).absolute().parent
        place = beside if os.access(beside, os.W_OK) and not info.path.startswith(DEMO) else Path.home()
        return str(place / file_name(self.tr("{} - mix").format(info.name), "mix"))

    def _finished(self, finished: Finished) -> None:
        self._task = None
        self._page.show_finished(finished)

    def _failed(self, error: Exception) -> None:
        self._task = None
        if not isinstance(error, Cancelled):
            self._page.show_failed(str(error))
