"""The companion: one window with its models, its workshop and its DAW, put together here.

The first page stands before anything else is made: what a session needs is made when the window is on the screen, the
workshop's process starts beside it, and what is heavy is imported there alone.

Contents: :class:`Companion`, :func:`run`.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from PyQt6.QtCore import QEvent, QObject, QSocketNotifier, QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication, QFileDialog

from assistant import __version__
from assistant.audio.formats import file_name
from gui.connections.background import Background
from gui.connections.opening import Opening, session_details
from gui.connections.proposing import Proposing
from gui.models.autosave import Autosave, data_folder
from gui.models.daw_link import DawLink
from gui.models.daw_opening import OpenDaw, open_known
from gui.models.document import Document
from gui.models.preferences import Preferences
from gui.tasks import Tasks
from gui.translating import install_translator
from gui.views import theme
from gui.views.main_window import MainWindow
from gui.views.notices import Notice, Notices
from gui.views.welcome import WelcomePage
from gui.workshop.remote import Workshop
from gui.workshop.values import DEMO
from protocols.dialects import DIALECTS
from protocols.journal import Journal
from protocols.projects import READERS

#: Tasks at a time: each waits for the workshop on a thread of its own, also those behind a long one in its lane, and a
#: tile to listen to must not wait for them. Threads are made as they are needed.
_TASKS, _DISK_TASKS = 12, 1
_SCALE_STEP = 0.25


@dataclass(frozen=True)
class Surroundings:
    """What a companion meets outside: the user's own by default, others in tests."""

    work: str = "gui.workshop.work:Work"
    open_daw: OpenDaw = open_known
    journal: Journal | None = None
    preferences: Preferences = field(default_factory=Preferences)


class Companion(QObject):
    """One window and all that is behind it."""

    #: Everything that a session needs is there.
    ready = pyqtSignal()
    _lost = pyqtSignal(str)

    def __init__(self, surroundings: Surroundings | None = None) -> None:
        super().__init__()
        self.surroundings = surroundings or Surroundings()
        self.preferences = self.surroundings.preferences
        self.document = Document(self)
        self.tasks, self._disk = Tasks(_TASKS, self), Tasks(_DISK_TASKS, self)
        self.workshop = Workshop(self.surroundings.work, self._lost.emit)
        self.link = DawLink(self.surroundings.open_daw, self.surroundings.journal, self)
        self.notices = Notices()
        self.welcome = WelcomePage(self.preferences, [(d.name, d.label) for d in DIALECTS.values()], list(READERS))
        self.window = MainWindow(self.document.undo_stack, self.welcome, self.notices)
        self.actions = self.window.actions_by_name
        self.background = Background(self.notices.busy)
        self.autosave = Autosave(data_folder() / "sessions")
        self.opening = Opening(
            self.document,
            self.workshop,
            self.tasks,
            self._disk,
            self.autosave,
            self.preferences,
            self.notices,
            self.background,
        )
        self.proposing = Proposing(self.document, self.workshop, self.tasks, self.preferences, self.background)
        self._connect_sessions()
        self._connect_actions()
        self.window.restore_kept(self.preferences.choices.geometry)
        self._is_closed = False

    # --- from nothing to a session

    def begin(self, path: str | None = None) -> None:
        """With the window on the screen: start the workshop, make the rest, and open what is wanted."""
        self.workshop.start()
        self._make_the_rest()
        if self.preferences.trouble:
            self.notices.tell(self.preferences.trouble, "warning")
        if path is not None:
            self.opening.open(path)
        else:
            self._offer_crashed()
        self.workspace.prepare()  # while the workshop reads

    def _make_the_rest(self) -> None:
        from gui.workspace import Workspace  # the mixer, the plots, the player: not before the window stands

        self.workspace = Workspace(self)
        self.ready.emit()

    def _offer_crashed(self) -> None:
        """After a crash the session comes back as it was."""
        crashed = self.autosave.crashed()
        self.autosave.note_offered(crashed)
        if crashed and not crashed[0].daw:
            self.notices.tell(self.tr("mixassist did not end well the last time; your session is as you left it."))
            self.opening.open(crashed[0].path)
        elif crashed:
            text = self.tr("mixassist did not end well the last time. Connect to your DAW to go on as you left it.")
            action = self.tr("Connect...")
            self.notices.messages.tell(Notice(text, "warning", action, self.workspace.daw_window.present, "crashed"))

    # --- what belongs to the session as a whole

    def _connect_sessions(self) -> None:
        self.welcome.open_asked.connect(lambda path: self.opening.open(path))
        self.welcome.demo_asked.connect(lambda: self.opening.open(DEMO))
        self.welcome.refused.connect(lambda text: self.notices.tell(text, "warning", "open"))
        self.window.dropped.connect(lambda path: self.opening.open(path))
        self.window.closing.connect(self.close)
        self.opening.opened.connect(self._show_session)
        self.opening.closed.connect(self._show_welcome)
        self.opening.failed.connect(self._tell_unopened)
        self.proposing.failed.connect(lambda text: self.notices.tell(text, "error", "propose"))
        self.tasks.failed.connect(lambda error: self.notices.tell(str(error), "error"))
        self._disk.failed.connect(lambda error: self.notices.tell(str(error), "error"))
        self.preferences.writing_failed.connect(lambda text: self.notices.tell(text, "warning", "preferences"))
        self.preferences.changed.connect(self._take_preferences)
        self.document.proposal_changed.connect(self._show_available)
        self.document.session_changed.connect(self._show_available)
        self._lost.connect(self._take_loss)

    def _show_session(self) -> None:
        info = self.document.info
        assert info is not None
        self.notices.messages.withdraw("open")
        self.window.show_session(info.name, session_details(info))
        self.window.show_mode("suggest")
        self.proposing.begin()

    def _tell_unopened(self, why: str, may_skip: bool) -> None:
        if may_skip:
            action = self.tr("Open without them")
            self.notices.messages.tell(Notice(why, "error", action, self.opening.open_rest, "open"))
        else:
            self.notices.tell(why, "error", "open")

    def _show_welcome(self) -> None:
        self.proposing.cancel()
        self.window.show_welcome()

    def _show_available(self) -> None:
        has_session = self.document.info is not None
        self.actions.set_available(has_session=has_session, has_proposal=self.document.has_proposal)

    def _take_loss(self, how: str) -> None:
        """The workshop ended by itself: nothing that was decided is lost, but it must listen again."""
        if self.document.info is None:  # whoever wanted to open one hears of it there
            return
        self.proposing.cancel()
        action = self.tr("Listen again")
        self.notices.messages.tell(Notice(how, "error", action, self.proposing.begin, "lost"))

    def _take_preferences(self, names: frozenset[str]) -> None:
        choices = self.preferences.choices
        if names & {"theme", "text_scale"}:
            theme.apply(_application(), choices.theme, choices.text_scale)  # type: ignore[arg-type]
        if "engineer" in names and self.document.info is not None:
            self.proposing.propose()
        if "target_lufs" in names and self.document.has_proposal:
            self.document.show_mix(replace(self.document.engineers_mix, target_lufs=choices.target_lufs))

    # --- menus

    def _connect_actions(self) -> None:
        doing = {
            "open_folder": self.welcome.choose_folder,
            "open_file": self.welcome.choose_file,
            "open_demo": lambda: self.opening.open(DEMO),
            "save_mix": self._save_mix,
            "reload": self.opening.reopen,
            "close_session": self.opening.close,
            "quit": self.window.close,
            "propose": self.proposing.propose,
            "accept_all": lambda: self.document.decide_all("accepted"),
            "reject_all": lambda: self.document.decide_all("rejected"),
            "reset_all": lambda: self.document.decide_all("pending"),
            "larger": lambda: self._scale(_SCALE_STEP),
            "smaller": lambda: self._scale(-_SCALE_STEP),
            "dark": self._turn_theme,
            "about": lambda: self.notices.tell(self.tr("mixassist {}, GPL-3.0-or-later").format(__version__)),
        }
        for name, do in doing.items():
            self.actions[name].triggered.connect(lambda _checked=False, do=do: do())

    def _scale(self, step: float) -> None:
        scale = self.preferences.choices.text_scale + step
        self.preferences.change(text_scale=min(max(scale, 1.0), 2.0))

    def _turn_theme(self) -> None:
        self.preferences.change(theme="light" if theme.colours().is_dark else "dark")

    def _save_mix(self) -> None:
        info = self.document.info
        if info is None:
            return
        suggested = os.path.join(self.preferences.choices.last_folder, f"{file_name(info.name, 'mix')}.json")
        kinds = self.tr("Mixes (*.json)")
        path, _ = QFileDialog.getSaveFileName(self.window, self.tr("Save the mix as"), suggested, kinds)
        if path:
            self.save_mix(path)

    def save_mix(self, path: str) -> None:
        """Write the mix as decided to ``path``, a .json file."""
        mix = self.document.made_mix()
        held = None if self.document.desk is None else dict(self.document.desk.held)
        self.tasks.run_task(
            lambda progress, is_cancelled: self.workshop.call("save", path, mix, held),
            lambda _: self.notices.tell(self.tr("Saved: {}").format(path)),
            lambda error: self.notices.tell(str(error), "error", "save"),
        )

    # --- the end

    def close(self) -> None:
        """End everything that runs; again is nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        with ExitStack() as ending:  # the last first; each comes also where one before it fails, or threads stay
            ending.callback(self._disk.close)
            ending.callback(self.tasks.close)
            ending.callback(self._stop_playing)
            ending.callback(self.workshop.close)
            ending.callback(self._keep_preferences)
            ending.callback(self.link.close)
            self.opening.close()

    def _keep_preferences(self) -> None:
        self.preferences.change(geometry=self.window.keep_geometry())
        self.preferences.flush()

    def _stop_playing(self) -> None:
        if hasattr(self, "workspace"):
            self.workspace.close()

    def tell_defect(self, error: BaseException) -> None:
        """Something that nobody foresaw: say so, and go on."""
        text = self.tr("a defect of mixassist, not of your files: {}").format(f"{type(error).__name__}: {error}")
        self.notices.tell(text, "error", "defect")


def run(path: str | None) -> int:
    """Open the window, with the session at ``path`` in it, and stay until it is closed; the exit code."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("mixassist")
    app.setApplicationVersion(__version__)
    install_translator(app)
    preferences = Preferences()
    theme.apply(app, preferences.choices.theme, preferences.choices.text_scale)  # type: ignore[arg-type]
    companion = Companion(Surroundings(preferences=preferences))
    sys.excepthook = _excepthook(companion)
    stop = _Stop(app)
    companion.window.show()
    QTimer.singleShot(0, lambda: companion.begin(path))
    code = app.exec()
    companion.close()
    stop.close()
    companion.window.deleteLater()  # while there is an application: Qt wants it so
    app.sendPostedEvents(companion.window, QEvent.Type.DeferredDelete)
    return code


class _Stop(QObject):
    """Ctrl-C and the other signals that end programs close the window as its button does.

    Python hears signals only between its own instructions, which Qt's loop has none of: a pipe wakes it.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._was = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(lambda: os.read(self._reader, 64))
        for number in _ending_signals():
            # Later, for Python hears of a signal in the middle of whatever it is doing, such as painting.
            signal.signal(number, lambda *_: QTimer.singleShot(0, app.closeAllWindows))

    def close(self) -> None:
        """Let the signals be."""
        signal.set_wakeup_fd(self._was)
        self._notifier.setEnabled(False)
        os.close(self._reader)
        os.close(self._writer)


def _ending_signals() -> Sequence[signal.Signals]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _excepthook(companion: Companion) -> Any:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        with suppress(RuntimeError):  # the window may be gone
            companion.tell_defect(error)

    return hook


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
