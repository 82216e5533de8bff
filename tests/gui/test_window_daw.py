"""The window beside a DAW, a toy over real sockets: what it tells the DAW is what was decided, and nothing else."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from daw_window import DawWindow, Toys, decided_values, write_stems
from desk_workshop import engineers_mix
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from toy_daw import TOY, ToyDaw, rounded

from assistant.automation import SHARED
from assistant.decisions import Decisions, TrackDecision
from assistant.mix import Mix
from gui.app import Surroundings
from gui.models.daw_link import DawLink
from gui.models.document import Document
from gui.tasks import Tasks
from protocols.daw import Control
from protocols.desk import fit, mix_of
from protocols.dialects import DIALECTS
from protocols.journal import Journal

Show = Callable[[str], None]
NAMES = tuple(f"Track {i}" for i in range(1, 6))


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy is one of the DAWs that can be linked to."""
    monkeypatch.setitem(DIALECTS, "toy", TOY)


@pytest.fixture
def toy(known: None) -> Iterator[ToyDaw]:
    """A DAW of five tracks, of which two were mixed already."""
    made = ToyDaw(5)
    mix_some(made)
    with made:
        yield made


def mix_some(toy: ToyDaw) -> None:
    with toy.lock:
        toy.values[fader("Track 2")] = rounded(-4.3)
        toy.values[Control("Track 4", "pan")] = rounded(0.37)
        toy.save()


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    return write_stems(tmp_path / "Song", NAMES)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


@pytest.fixture
def open_window(qtbot: QtBot, stems: Path, journal: Journal) -> Callable[..., DawWindow]:
    def opened(toys: Toys | None = None) -> DawWindow:
        return DawWindow(qtbot, Surroundings("desk_workshop:DeskWork", toys or Toys(stems), journal))

    return opened


@pytest.fixture
def window(open_window: Callable[..., DawWindow], toy: ToyDaw) -> Iterator[DawWindow]:
    """A window with suggestions for what is open in the toy."""
    with open_window() as opened:
        opened.connect("toy", toy.port)
        opened.wait_for_suggestions()
        yield opened


class Expected:
    """What the toy must hold, by decisions kept beside the window's."""

    def __init__(self, toy: ToyDaw, window: DawWindow) -> None:
        self.held = dict(toy.values)
        self.tracks = window.link.tracks
        self.before = mix_of(NAMES, self.held)
        self.decisions = Decisions()
        self.roles: dict[str, str] = {}

    @property
    def proposal(self) -> Mix:
        wanted = engineers_mix(NAMES, self.roles)
        mix = Mix(wanted.channels, wanted.reverb, self.before.master)
        return fit(mix, self.before, self.tracks, "Toy")[0]

    def decide(self, name: str, decision: TrackDecision) -> None:
        self.decisions = self.decisions.with_track(name, decision)

    @property
    def values(self) -> dict[Control, float]:
        found = decided_values(self.held, self.tracks, self.before, self.proposal, self.decisions)
        return {control: rounded(value) for control, value in found.items()}


def accepted(**named: object) -> TrackDecision:
    return TrackDecision(**named).with_parts("accepted")  # type: ignore[arg-type]


def test_waiting_and_coming_with_the_mixer_as_the_mix_before(
    open_window: Callable[..., DawWindow], known: None
) -> None:
    with ToyDaw() as gone:
        port = gone.port
    with open_window() as window:
        window.connect("toy", port)
        window.wait(lambda: window.companion.welcome.daw._state == "waiting")
        assert window.document.info is None
        toy = ToyDaw(5, port=port)
        mix_some(toy)
        with toy:
            window.wait_for_suggestions()
            assert window.companion.welcome.daw._state == "connected"
            assert window.document.info is not None
            assert window.document.info.name == "Song"
            assert window.strip("Track 2").held["fader_db"] == pytest.approx(-4.3, abs=1e-6)
            assert window.strip("Track 2").before["fader_db"] == pytest.approx(-4.3, abs=1e-6)
            assert window.strip("Track 4").before["pan"] == pytest.approx(0.37, abs=1e-6)
            assert window.document.before == mix_of(NAMES, toy.values)
            assert toy.set_count == 0


def test_the_daw_holds_exactly_what_was_decided(window: DawWindow, toy: ToyDaw) -> None:
    expected = Expected(toy, window)
    sent: list[Control] = []
    toy.on_set = lambda control, value: sent.append(control)
    document = window.document

    window.accept("Track 1")
    assert window.strip("Track 1").link == "sending"
    window.accept("Track 2")
    window.wait_until_sent()
    assert window.strip("Track 1").link == window.strip("Track 2").link == "confirmed"
    expected.decide("Track 1", accepted())
    expected.decide("Track 2", accepted())
    assert toy.values == expected.values
    assert {control.track for control in sent} == {"Track 1", "Track 2", SHARED}
    assert set(Counter(sent).values()) == {1}

    window.reject("Track 3")
    document.set_amount([document.row("Track 4")], 0.5)
    window.accept("Track 4")
    window.wait_until_sent()
    expected.decide("Track 3", TrackDecision().with_parts("rejected"))
    expected.decide("Track 4", accepted(amount=0.5))
    assert toy.values == expected.values
    assert set(Counter(sent).values()) == {1}

    window.workspace.mixer.role_chosen.emit(document.row("Track 1"), "lead vocal")
    window.wait(lambda: document.engineers_mix.channel("Track 1").settings["fader_db"] == 2.0)
    window.wait_until_sent()
    expected.roles["Track 1"] = "lead vocal"
    expected.decide("Track 1", accepted(role="lead vocal"))
    assert toy.values == expected.values
    assert Counter(sent)[Control("Track 1", "fader_db")] == max(Counter(sent).values()) == 2

    document.undo_stack.undo()
    del expected.roles["Track 1"]
    expected.decide("Track 1", accepted())
    window.wait(lambda: document.engineers_mix.channel("Track 1").settings["fader_db"] == -1.5)
    window.wait_until_sent()
    assert toy.values == expected.values

    window.trigger("accept_all")
    window.wait_until_sent()
    for name in NAMES:
        expected.decide(name, accepted(amount=0.5) if name == "Track 4" else accepted())
    expected.decisions = Decisions(expected.decisions.tracks, "accepted")
    assert toy.values == expected.values
    assert window.link.pushes.unconfirmed == ()

    count = toy.set_count
    window.trigger("accept_all")
    window.link.push([])
    window.live(0.2)
    assert toy.set_count == count

    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    window.wait_until_sent()
    assert toy.values == expected.held


def test_bus_and_master_are_told_with_the_word_for_them_alone(window: DawWindow, toy: ToyDaw) -> None:
    decay = Control(SHARED, "reverb_decay_s")
    held = dict(toy.values)
    window.document.decide_shared("accepted")
    window.wait_until_sent()
    window.wait(lambda: not window.link.pushes.is_busy)
    assert {c: v for c, v in toy.values.items() if v != held[c]} == {decay: 2.5}
    window.document.decide_shared("rejected")
    window.wait(lambda: toy.values == held)


def fader(name: str) -> Control:
    return Control(name, "fader_db")


def keys(window: DawWindow) -> dict[tuple[str, str], str]:
    return {row.key: row.outcome for row in window.link.pushes.unconfirmed}


def test_what_the_daw_does_not_take_over_is_shown_where_it_is(window: DawWindow, toy: ToyDaw) -> None:
    with toy.lock:
        toy.deaf.add(Control("Track 1", "pan"))
        toy.mute.add(Control("Track 2", "peak1_gain_db"))
        toy.limits[Control("Track 3", "highpass_hz")] = (20.0, 50.0)
    window.trigger("accept_all")
    window.wait_until_sent()
    assert keys(window) == {
        ("Track 1", "pan"): "not taken over",
        ("Track 2", "peak1_gain_db"): "no answer",
        ("Track 3", "highpass_hz"): "moved in the DAW",
    }
    states = {name: window.strip(name).link for name in NAMES}
    assert states == dict.fromkeys(NAMES[:3], "problem") | dict.fromkeys(NAMES[3:], "confirmed")
    assert all(window.strip(name).problems for name in NAMES[:3])
    assert window.view("Track 1").pan.is_off_course
    assert window.workspace.daw_panel._tabs.tabText(0) == "Not confirmed (3)"
    assert all(row.advice for row in window.link.pushes.unconfirmed)
    assert window.strip("Track 1").held["pan"] == 0.0
    with toy.lock:
        toy.deaf.clear()
        toy.mute.clear()
    panel = window.workspace.daw_panel
    panel.try_again_asked.emit((("Track 1", "pan"), ("Track 2", "peak1_gain_db")))
    window.wait(lambda: set(keys(window)) == {("Track 3", "highpass_hz")})
    window.wait(lambda: window.strip("Track 1").link == window.strip("Track 2").link == "confirmed")
    assert toy.values[Control("Track 1", "pan")] == rounded(window.strip("Track 1").made["pan"])
    panel.leave_asked.emit((("Track 3", "highpass_hz"),))
    window.wait(lambda: keys(window) == {})
    assert window.strip("Track 3").link == "confirmed"
    assert window.strip("Track 3").made["highpass_hz"] == 50.0  # what stands there is the user's own
    assert "highpass_hz" in window.strip("Track 3").own


def test_a_fader_moved_in_the_daw_is_the_users(window: DawWindow, toy: ToyDaw) -> None:
    toy.move(fader("Track 1"), -9.0)  # while suggestions are shown
    window.wait(lambda: window.strip("Track 1").held["fader_db"] == -9.0)
    assert window.strip("Track 1").before["fader_db"] == -9.0
    window.document.decide([0], "accepted", ["eq"])
    window.wait_until_sent()
    assert toy.values[Control("Track 1", "peak1_gain_db")] == -1.5
    assert toy.values[fader("Track 1")] == -9.0
    window.accept("Track 2")
    window.wait_until_sent()
    set_before = toy.values[fader("Track 2")]
    toy.move(fader("Track 2"), -12.0)  # after it was accepted
    window.wait(lambda: window.strip("Track 2").held["fader_db"] == -12.0)
    assert set_before == -3.0
    assert window.strip("Track 2").made["fader_db"] == -12.0
    assert "fader_db" in window.strip("Track 2").own
    window.trigger("accept_all")
    window.wait_until_sent()
    assert toy.values[fader("Track 2")] == -12.0
    assert toy.values[fader("Track 1")] == -1.5  # the level was proposed, seen and accepted


def test_a_move_where_nothing_is_proposed_stays_whatever_is_accepted(window: DawWindow, toy: ToyDaw) -> None:
    shelf = Control("Track 1", "low_shelf_gain_db")
    shelf = shelf if shelf in toy.values else Control("Track 1", "peak2_gain_db")
    toy.move(shelf, 3.0)
    window.wait(lambda: window.link.held[shelf] == 3.0)
    window.accept("Track 1")
    window.wait_until_sent()
    assert toy.values[shelf] == 3.0
    assert window.strip("Track 1").proposed[shelf.param] == 3.0


def test_undoing_leaves_what_was_moved_in_the_daw_unless_asked(window: DawWindow, toy: ToyDaw) -> None:
    held = dict(toy.values)
    window.accept("Track 5")
    window.wait_until_sent()
    toy.move(Control("Track 5", "pan"), 0.8)
    window.wait(lambda: window.strip("Track 5").made["pan"] == pytest.approx(0.8))
    window.document.undo_stack.undo()
    window.wait_until_sent()
    assert keys(window) == {("Track 5", "pan"): "moved in the DAW"}
    assert window.strip("Track 5").link == "problem"
    assert {c: v for c, v in toy.values.items() if held[c] != v} == {Control("Track 5", "pan"): rounded(0.8)}
    window.workspace.daw_panel.try_again_asked.emit((("Track 5", "pan"),))
    window.wait(lambda: toy.values == held)
    window.wait(lambda: window.strip("Track 5").link == "confirmed")


def test_a_push_that_is_undone_in_the_daw_is_open_again(window: DawWindow, toy: ToyDaw) -> None:
    held = dict(toy.values)
    window.accept("Track 5")
    window.wait_until_sent()
    assert toy.values != held
    window.companion.actions["daw_undo"].trigger()
    window.wait(lambda: toy.values == held)
    window.wait(lambda: window.strip("Track 5").decision == "pending")
    assert window.strip("Track 5").own == frozenset()
    assert window.strip("Track 5").made == window.strip("Track 5").before
    window.accept("Track 5")
    window.wait_until_sent()
    assert toy.values != held


def drag(widget: Any, moves: int, pause_s: float, window: DawWindow) -> None:
    """A hand that moves a fader down, pixel by pixel."""
    at = QPointF(widget.rect().center())

    def send(kind: QEvent.Type, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        QApplication.sendEvent(widget, QMouseEvent(kind, at, at, button, buttons, Qt.KeyboardModifier.NoModifier))

    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    send(QEvent.Type.MouseButtonPress, left, left)
    for _ in range(moves):
        at += QPointF(0.0, 2.0)
        send(QEvent.Type.MouseMove, none, left)
        window.live(pause_s)
    send(QEvent.Type.MouseButtonRelease, left, none)


def test_a_drag_is_one_step_and_does_not_lag_behind(window: DawWindow, toy: ToyDaw, show: Show) -> None:
    pushes: list[float] = []
    values: list[float] = []
    window.link.pushed.connect(lambda report: pushes.append(time.monotonic()))
    toy.on_set = lambda control, value: values.append(value)
    begun_s, steps = time.monotonic(), window.document.undo_stack.count()
    drag(window.view("Track 1").fader, 60, 0.02, window)
    ended_s = time.monotonic()
    made = window.strip("Track 1").made["fader_db"]
    assert made < -5.0
    window.wait(lambda: toy.values[fader("Track 1")] == rounded(made), 2.0)
    lag_s = time.monotonic() - ended_s
    window.wait_until_sent()
    show(
        f"a fader dragged for {ended_s - begun_s:.1f} s beside a toy: {len(pushes)} pushes, "
        f"the last value there {1e3 * lag_s:.0f} ms after the hand"
    )
    assert lag_s < 0.5
    assert len(pushes) / (ended_s - begun_s) <= 31.0
    assert len(values) >= 3  # it moved with the hand
    assert values == sorted(values, reverse=True)
    assert window.strip("Track 1").made["fader_db"] == made  # no echo has set it back
    assert window.document.undo_stack.count() == steps + 1
    assert window.strip("Track 1").link == "confirmed"
    window.document.undo_stack.undo()
    window.wait_until_sent()
    assert toy.values[fader("Track 1")] == 0.0


def test_a_daw_that_dies_in_mid_push_and_comes_back(window: DawWindow, toy: ToyDaw) -> None:
    expected = Expected(toy, window)
    expected.decisions = Decisions({name: accepted() for name in NAMES}, "accepted")
    wanted = expected.values
    toy.on_set = lambda control, value: toy._socket.close()
    window.trigger("accept_all")
    window.wait(lambda: bool(keys(window)) and not window.link.pushes.is_busy, 10.0)
    assert {window.strip(name).link for name in NAMES} == {"problem"}
    assert all(window.strip(name).decision == "accepted" for name in NAMES)
    assert "does not answer" in window.messages
    toy.on_set = None
    toy.restart(0.1)
    window.wait(lambda: window.link.state.link == "connected" and window.workspace.daw._is_in_step)
    assert all(window.strip(name).decision == "accepted" for name in NAMES)
    assert not any(window.strip(name).own for name in NAMES)
    window.act("of what is decided here")
    window.wait(lambda: keys(window) == {})
    assert toy.values == wanted
    assert {window.strip(name).link for name in NAMES} == {"confirmed"}


def test_a_daw_that_crashed_has_lost_what_was_confirmed(window: DawWindow, toy: ToyDaw) -> None:
    window.accept("Track 1")
    window.wait_until_sent()
    made = dict(toy.values)
    crash = threading.Thread(target=toy.restart, args=(0.8,))
    crash.start()
    window.wait(lambda: window.link.state.link == "lost")
    window.accept("Track 2")  # nobody hears
    assert window.strip("Track 2").link == "problem"
    window.wait(lambda: window.link.state.link == "connected" and window.workspace.daw._is_in_step)
    crash.join()
    assert window.strip("Track 1").decision == "accepted"
    assert window.strip("Track 1").link == "problem"
    assert toy.set_count == len({c for c in made if made[c] != toy.saved[c]})  # nothing was told by itself
    window.act("of what is decided here")
    window.wait(lambda: keys(window) == {})
    assert {c: toy.values[c] for c in made if c.track == "Track 1"} == {
        c: v for c, v in made.items() if c.track == "Track 1"
    }
    assert toy.values[fader("Track 2")] == -3.0


def test_another_session_in_the_daw_is_left_alone(window: DawWindow, toy: ToyDaw) -> None:
    toy.restart(0.1, "Another")  # with tracks of the same names
    window.wait(lambda: window.link.state.session == "Another" and len(window.link.held) == len(toy.values))
    count = toy.set_count
    window.trigger("accept_all")
    window.live(0.3)
    assert toy.set_count == count
    assert {window.strip(name).link for name in NAMES} == {"problem"}


def test_a_window_closed_in_mid_push_goes_on_at_the_next_start(
    open_window: Callable[..., DawWindow], toy: ToyDaw, journal: Journal
) -> None:
    before = dict(toy.values)
    with open_window() as window:
        window.connect("toy", toy.port)
        window.wait_for_suggestions()
        wanted = Expected(toy, window)
        wanted.decisions = Decisions({name: accepted() for name in NAMES}, "accepted")
        values = wanted.values

        def take_five(control: Control, value: float) -> None:
            if toy.set_count == 5:
                toy.deaf |= toy.values.keys()

        toy.on_set = take_five
        window.trigger("accept_all")
        window.wait(lambda: toy.set_count > 5)
    toy.on_set = None
    toy.deaf.clear()
    assert before != toy.values != values
    with open_window() as window:
        window.connect("toy", toy.port)
        window.wait_for_suggestions()
        assert all(window.strip(name).decision == "accepted" for name in NAMES)
        assert window.document.before == mix_of(NAMES, before)
        window.act("of what is decided here")
        window.wait(lambda: keys(window) == {} and toy.values == values)


def test_a_push_that_a_crash_broke_off_is_offered(
    open_window: Callable[..., DawWindow], toy: ToyDaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(toy.values)
    with monkeypatch.context() as crash, open_window() as window:
        window.connect("toy", toy.port)
        window.wait_for_suggestions()
        crash.setattr(Journal, "finish", lambda *_: None)
        window.accept("Track 1")
        window.wait_until_sent()
    assert toy.values != before
    with open_window() as window:
        window.connect("toy", toy.port)
        window.wait_for_suggestions()
        window.act("broken off")
        window.wait(lambda: toy.values == before and not window.link.state.pending_push)
        assert window.strip("Track 1").link == "confirmed"
        assert window.strip("Track 1").made["fader_db"] == 0.0


@pytest.fixture
def slots_ms(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the window's thread was held each time that something of the DAW came in, ms of its own."""
    took: list[float] = []
    for owner, name in ((DawLink, "_tick"), (Document, "take_confirmations"), (Tasks, "_hear_end")):
        monkeypatch.setattr(owner, name, timed(getattr(owner, name), took))
    return took


def timed(slot: Callable[..., None], took_ms: list[float]) -> Callable[..., None]:
    def run(self: Any, *args: Any) -> None:
        begun_s = time.thread_time()
        slot(self, *args)
        took_ms.append(1e3 * (time.thread_time() - begun_s))

    return run


def test_a_burst_of_moves_does_not_hold_up_the_window(
    slots_ms: list[float], window: DawWindow, toy: ToyDaw, show: Show
) -> None:
    window.trigger("accept_all")
    window.wait_until_sent()
    slots_ms.clear()
    faders = [fader(name) for name in NAMES]
    for i in range(1_000):
        toy.move(faders[i % 5], -0.01 * i)
        if i % 50 == 49:
            window.live(0.002)
    window.wait(lambda: window.strip("Track 5").made["fader_db"] == rounded(-9.99))
    show(f"1,000 faders moved in a toy: the window held {max(slots_ms):.1f} ms at most")
    assert max(slots_ms) < 16.0


def test_a_folder_first_and_then_the_daw_whose_tracks_it_has(
    open_window: Callable[..., DawWindow], toy: ToyDaw, stems: Path
) -> None:
    with open_window(Toys(None)) as window:  # where the session lies is not known to the DAW
        window.companion.opening.open(str(stems))
        window.wait(lambda: window.document.proposal is not None)
        window.accept("Track 1")
        assert window.strip("Track 1").link == ""
        window.connect("toy", toy.port)
        window.wait_for_suggestions()
        assert toy.set_count == 0  # what was decided of the folder is not told
        assert window.strip("Track 1").decision == "pending"
        assert window.strip("Track 2").before["fader_db"] == rounded(-4.3)
        window.accept("Track 2")
        window.wait_until_sent()
        window.companion.opening.open(str(stems))
        window.wait(lambda: window.document.desk is None and window.document.proposal is not None)
        assert (window.strip("Track 1").decision, window.strip("Track 2").decision) == ("accepted", "pending")
        count = toy.set_count
        window.accept("Track 3")
        window.live(0.2)
        assert toy.set_count == count


def test_after_a_crash_the_session_comes_back_with_the_daw(
    open_window: Callable[..., DawWindow], toy: ToyDaw, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_window() as window:
        window.connect("toy", toy.port)
        window.wait_for_suggestions()
        window.accept("Track 1")
        window.document.set_amount([3], 0.5)
        window.accept("Track 4")
        window.wait_until_sent()
        window.reject("Track 3")
        window.live(0.5)
        # as a crash leaves it: nothing is written at the end
        monkeypatch.setattr(window.companion.autosave, "close", lambda saved: window.companion.autosave._lock.unlock())
        decisions, values = window.document.decisions, dict(toy.values)
    count = toy.set_count
    toy.move(fader("Track 4"), -20.0)  # meanwhile
    toy.move(fader("Track 5"), -21.0)
    with open_window() as window:
        assert "Connect to your DAW to go on" in window.messages
        window.connect("toy", toy.port)
        window.wait_for_suggestions()
        window.wait_until_sent()
        assert toy.set_count == count
        assert window.document.decisions == decisions
        assert window.strip("Track 1").link == "confirmed"
        assert window.strip("Track 1").made["fader_db"] == rounded(values[fader("Track 1")])
        assert window.strip("Track 5").before["fader_db"] == -21.0
        assert keys(window) == {("Track 4", "fader_db"): "moved in the DAW"}


def test_disconnecting_leaves_nothing_on_its_way(window: DawWindow, toy: ToyDaw) -> None:
    toy.mute.add(Control("Track 1", "pan"))
    window.accept("Track 1")
    window.live(0.05)
    window.trigger("daw_disconnect")
    assert window.strip("Track 1").link == "problem"
    count = toy.set_count
    window.accept("Track 2")
    window.live(0.2)
    assert (window.strip("Track 2").link, toy.set_count) == ("problem", count)
