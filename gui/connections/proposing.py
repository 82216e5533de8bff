"""Proposals: asked of the workshop, deepened when the mixer already shows them, and measured again as controls move."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from assistant.mix import Mix
from assistant.tasks import Cancelled, IsCancelled, Progress
from gui.connections.background import Background
from gui.models.document import Document
from gui.models.preferences import Preferences
from gui.tasks import Latest, Task, Tasks
from gui.workshop.remote import Workshop, WorkshopLost
from gui.workshop.values import MixFigures, MixInsight, Overview, Proposal, TrackInsight, Wish


class Proposing(QObject):
    """Keeps the document's proposal, figures and insight up to date."""

    overview_found = pyqtSignal(Overview)
    #: What the mixes as proposed and as made measure, and as it was before.
    measured = pyqtSignal(MixFigures, MixFigures, MixFigures)
    track_insight_found = pyqtSignal(TrackInsight)
    mix_insight_found = pyqtSignal(MixInsight)
    #: What there is to say of a proposal, in sentences; none where all is well.
    remarked = pyqtSignal(tuple)
    failed = pyqtSignal(str)

    def __init__(
        self,
        document: Document,
        workshop: Workshop,
        tasks: Tasks,
        preferences: Preferences,
        background: Background,
    ) -> None:
        super().__init__(document)
        self._document, self._workshop, self._tasks = document, workshop, tasks
        self._preferences, self._shown = preferences, background
        self._task: Task | None = None
        self._background: list[Task] = []
        self._track = ""
        self._wants_mix = False
        self._measuring = Latest(tasks, self._take_measured, self._ignore)
        self._of_track = Latest(tasks, self.track_insight_found.emit, self._ignore)
        self._of_mix = Latest(tasks, self.mix_insight_found.emit, self._ignore)
        document.mix_changed.connect(self._refresh)
        document.roles_changed.connect(self.propose)
        document.session_changed.connect(self.cancel)

    # --- the proposal

    def begin(self) -> None:
        """With a session that was just opened: propose, or prove the mix that it came with."""
        info = self._document.info
        if info is not None and info.saved is not None:
            self._start("prove", info.saved)
        else:
            self.propose()

    def propose(self) -> None:
        """Listen, where that was not done yet, and propose; a proposal on its way is given up."""
        choices = self._preferences.choices
        wish = Wish(choices.engineer, target_lufs=choices.target_lufs)
        self._start("propose", self._document.wish(wish))

    def _start(self, name: str, what: object) -> None:
        if self._document.info is None:
            return
        self.cancel()
        self._shown.begin(self.tr("Listening to {}").format(self._document.info.name), self.cancel)
        self._task = self._call(self._take_proposal, name, what, on_progress=self._shown.show_progress)

    def cancel(self) -> None:
        """Give up what is on its way."""
        for task in (self._task, *self._background):
            if task is not None:
                task.cancel()
        if self._task is not None:
            self._shown.end()
        self._task, self._background = None, []
        for latest in (self._measuring, self._of_track, self._of_mix):
            latest.cancel()

    @property
    def is_busy(self) -> bool:
        """Whether a proposal is on its way."""
        return self._task is not None

    def _take_proposal(self, proposal: Proposal) -> None:
        self._task = None
        self._shown.end()
        held_back = [self.tr("Left as it was, {}").format(text) for text in proposal.held_back]
        self.remarked.emit(tuple(dict.fromkeys((*proposal.notes, *held_back))))
        self._document.set_proposal(proposal)
        self._background = [
            self._call(self.overview_found.emit, "overview"),
            self._call(lambda _: self._refresh(), "deepen"),
        ]

    def _call(self, on_done: Any, name: str, *arguments: Any, on_progress: Progress | None = None) -> Task:
        def work(progress: Progress, is_cancelled: IsCancelled) -> Any:
            return self._workshop.call(name, *arguments, progress=progress, is_cancelled=is_cancelled)

        return self._tasks.run_task(work, on_done, self._fail, on_progress)

    def _fail(self, error: Exception) -> None:
        if self._task is not None:
            self._task = None
            self._shown.end()
        if not isinstance(error, Cancelled | WorkshopLost):  # of a loss the window hears by itself
            self.failed.emit(str(error))

    def _ignore(self, error: Exception) -> None:
        """A measurement that failed: the next one, or the proposal that is on its way, says why."""
        if not isinstance(error, Cancelled | WorkshopLost) and not self.is_busy:
            self.failed.emit(str(error))

    # --- what it measures

    def show_track(self, name: str) -> None:
        """Whose insight is wanted from now on; "" for nobody's."""
        self._track = name
        self._refresh_track()

    def show_mix(self, is_wanted: bool) -> None:
        """Whether the mix's insight is wanted from now on."""
        self._wants_mix = is_wanted
        self._refresh_mix()

    def _refresh(self) -> None:
        if self._document.proposal is None:
            return
        mixes = self._document.proposed_mix(), self._document.made_mix(), self._document.proposal.before
        self._measuring.ask(lambda progress, is_cancelled: self._measure(mixes, is_cancelled))
        self._refresh_track()
        self._refresh_mix()

    def _refresh_track(self) -> None:
        if self._document.proposal is not None and self._track:
            name, mix = self._track, self._document.proposed_mix()
            self._of_track.ask(lambda progress, is_cancelled: self._ask("track_insight", is_cancelled, name, mix))

    def _refresh_mix(self) -> None:
        if self._document.proposal is not None and self._wants_mix:
            mix = self._document.proposed_mix()
            self._of_mix.ask(lambda progress, is_cancelled: self._ask("mix_insight", is_cancelled, mix))

    def _ask(self, name: str, is_cancelled: IsCancelled, *arguments: Any) -> Any:
        return self._workshop.call(name, *arguments, is_cancelled=is_cancelled)

    def _measure(self, mixes: tuple[Mix, ...], is_cancelled: IsCancelled) -> list[MixFigures]:
        """What each of ``mixes`` measures; equal ones once."""
        found: list[tuple[Mix, MixFigures]] = []
        for mix in mixes:
            same = [figures for other, figures in found if _sounds_as(other, mix)]
            found.append((mix, same[0] if same else self._ask("measure", is_cancelled, mix)))
        return [figures for _, figures in found]

    def _take_measured(self, figures: list[MixFigures]) -> None:
        proposed, made, before = figures
        self._document.set_figures(proposed)
        self.measured.emit(proposed, made, before)


def _sounds_as(one: Mix, other: Mix) -> bool:
    same = [a.settings == b.settings for a, b in zip(one.channels, other.channels, strict=True)]
    return all(same) and one.reverb == other.reverb and one.master == other.master
