"""The window's link to a DAW, against a toy over real sockets: states, values, pushes, and what the window pays."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ardour_host import ArdourHost, find_ardour
from pytestqt.qtbot import QtBot
from toy_daw import ToyDaw, ToySurface

from assistant.mix import Change
from gui.models import daw_link
from gui.models.daw_link import DawLink
from gui.models.daw_values import FindingRow, HistoryRow
from gui.tasks import Tasks
from gui.workshop.values import Desk
from protocols.daw import Control, Event, HeldChanged, Outcome, PushReport
from protocols.daws import DawKind
from protocols.doctor import Finding
from protocols.errors import ProtocolError
from protocols.journal import Journal, Row
from protocols.link import Daw
from protocols.timing import Timing
from protocols.transport import Transport

Show = Callable[[str], None]
QUICK = Timing(
    quiet_s=0.04, wait_s=0.03, longest_wait_s=0.04, asks=6, tells=3, alive_s=0.1, silence_s=0.5, return_s=1.5
)
FADER = Control("Track 1", "fader_db")
PAN = Control("Track 1", "pan")
SLOT_MS = 16.0


class Toys:
    """Opens links to toys, as ``open_daw``; ``listener`` hears what the last one is told."""

    def __init__(self, folder: Path) -> None:
        self.session_files: tuple[Path, ...] = ()
        self.is_unsaved = False
        self.journal = Journal(folder / "journal")
        self.listener: Callable[[Event], None] = lambda event: None
        self.timing = QUICK

    def __call__(
        self,
        name: str,
        host: str,
        port: int | None,
        reply_port: int | None,
        *,
        journal: Journal | None,
        listener: Callable[[Event], None],
    ) -> tuple[Daw, DawKind]:
        assert name == "toy"
        self.listener = listener
        kind = DawKind(
            ToySurface,
            lambda daw, timeout_s: (Finding("no strip on Track 1", "insert it", False),),
            lambda session: self.session_files,
            is_unsaved=lambda path: self.is_unsaved,
        )
        daw = Daw(ToySurface(), lambda: Transport(port or 9, host, reply_port), journal, self.timing, listener)
        return daw, kind


@pytest.fixture
def toy() -> Iterator[ToyDaw]:
    with ToyDaw() as running:
        yield running


@pytest.fixture(autouse=True)
def no_thread_survives() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture
def toys(tmp_path: Path) -> Toys:
    return Toys(tmp_path)


@pytest.fixture
def link(toys: Toys, qtbot: QtBot) -> Iterator[DawLink]:
    made = DawLink(toys, toys.journal)
    yield made
    assert made.close()


@pytest.fixture
def connected(link: DawLink, toy: ToyDaw, qtbot: QtBot) -> DawLink:
    link.open("toy", port=toy.port)
    wait_for(qtbot, lambda: link.state.link == "connected" and len(link.held) == len(toy.values))
    return link


def wait_for(qtbot: QtBot, is_so: Callable[[], bool], timeout_ms: int = 5_000) -> None:
    qtbot.waitUntil(is_so, timeout=timeout_ms)


def reports_of(link: DawLink) -> list[PushReport]:
    found: list[PushReport] = []
    link.pushed.connect(found.append)
    return found


def outcomes(report: PushReport) -> dict[Control, Outcome]:
    return {Control(c.change.track, c.change.param): c.outcome for c in report.confirmations}


def test_connects_and_tells_what_the_daw_holds(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    assert (connected.state.kind, connected.state.label, connected.state.session) == ("toy", "Toy", "Song")
    assert [track.name for track in connected.tracks] == toy.strips
    assert dict(connected.held) == toy.values
    heard: list[dict[Control, float]] = []
    connected.held_changed.connect(heard.append)
    toy.move(FADER, -7.5)
    wait_for(qtbot, lambda: connected.held[FADER] == -7.5)
    toy.move(FADER, -7.5)  # told again, and nothing new
    toy.move(PAN, 0.5)
    wait_for(qtbot, lambda: connected.held[PAN] == 0.5)
    assert heard == [{FADER: -7.5}, {PAN: 0.5}]


def test_a_daw_that_is_not_there_is_waited_for(link: DawLink, qtbot: QtBot) -> None:
    with ToyDaw() as gone:
        port = gone.port
    link.open("toy", port=port)
    wait_for(qtbot, lambda: "is it running" in link.state.trouble)
    assert (link.state.link, link.state.label) == ("waiting", "Toy")
    errors: list[Exception] = []
    link.desk(lambda desk: None, errors.append)
    wait_for(qtbot, lambda: bool(errors))
    assert "is it running" in str(errors[0])
    with ToyDaw(port=port):
        wait_for(qtbot, lambda: link.state.link == "connected")
        assert link.state.trouble == ""


def test_lost_and_back_with_what_it_holds_then(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    seen: list[str] = []
    connected.state_changed.connect(lambda: seen.append(connected.state.link))
    toy.move(FADER, -9.0)
    wait_for(qtbot, lambda: connected.held[FADER] == -9.0)
    crash = threading.Thread(target=toy.restart, args=(0.7,))
    crash.start()
    wait_for(qtbot, lambda: connected.state.link == "lost")
    assert FADER in connected.held  # what was last heard is still shown
    wait_for(qtbot, lambda: connected.state.link == "connected" and connected.held[FADER] == 0.0)
    crash.join()
    assert list(dict.fromkeys(seen)) == ["lost", "connected"]


def test_another_session_is_another_desk(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    toy.strips = ["Other", "Master"]
    toy.values = {Control("Other", c.param) if c.track != "*" else c: v for c, v in toy.values.items()}
    toy.save()
    toy.restart(0.1, "Second")
    wait_for(qtbot, lambda: connected.state.session == "Second" and Control("Other", "pan") in connected.held)
    assert FADER not in connected.held
    assert [track.name for track in connected.tracks] == ["Other", "Master"]


def test_a_push_is_confirmed_and_undone(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    reports, shares = reports_of(connected), []
    histories: list[tuple[HistoryRow, ...]] = []
    connected.history_changed.connect(histories.append)
    connected.pushes.progressed.connect(lambda share, text: shares.append(share))
    connected.push([Change("Track 1", "fader_db", 0.0, -6.0), Change("Track 2", "pan", 0.0, 0.3)])
    wait_for(qtbot, lambda: bool(reports))
    assert set(outcomes(reports[0]).values()) == {Outcome.CONFIRMED}
    assert toy.values[FADER] == -6.0
    wait_for(qtbot, lambda: connected.held[FADER] == -6.0)
    assert shares == sorted(shares)
    wait_for(qtbot, lambda: bool(histories))
    assert [(row.what, row.outcome, row.can_undo) for row in histories[-1]] == [("2 changes", "confirmed", True)]
    connected.undo_push(histories[-1][0].push_id)
    wait_for(qtbot, lambda: len(reports) == 2)
    assert toy.values[FADER] == 0.0
    wait_for(qtbot, lambda: connected.held[FADER] == 0.0)
    wait_for(qtbot, lambda: len(histories[-1]) == 2)
    assert [(row.outcome, row.can_undo) for row in histories[-1]] == [
        ("put an earlier push back", False),
        ("undone", False),
    ]
    assert connected.pushes.unconfirmed == ()


def test_what_is_not_confirmed_is_told_with_what_to_do(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    with toy.lock:
        toy.deaf.add(PAN)
        toy.limits[Control("Track 1", "highpass_hz")] = (20.0, 50.0)
    toy.move(Control("Track 2", "fader_db"), -3.0)
    reports = reports_of(connected)
    connected.push(
        [
            Change("Track 1", "pan", 0.0, 0.5),
            Change("Track 1", "highpass_hz", toy.values[Control("Track 1", "highpass_hz")], 200.0),
            Change("Track 2", "fader_db", 0.0, -6.0),
            Change("Gone", "fader_db", 0.0, -6.0),
            Change("Track 3", "fader_db", 0.0, -6.0),
        ]
    )
    wait_for(qtbot, lambda: bool(reports))
    rows = {row.key: row for row in connected.pushes.unconfirmed}
    assert {key: (row.wanted, row.held, row.outcome) for key, row in rows.items()} == {
        ("Track 1", "pan"): ("R50", "C", "not taken over"),
        ("Track 1", "highpass_hz"): ("200 Hz", "50 Hz", "moved in the DAW"),
        ("Track 2", "fader_db"): ("-6.0 dB", "-3.0 dB", "moved in the DAW"),
        ("Gone", "fader_db"): ("-6.0 dB", "", "out of reach"),
    }
    assert all(row.advice for row in rows.values())


def test_trying_again_sets_it_whoever_moved_it(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    toy.deaf.add(PAN)
    toy.move(FADER, -3.0)
    wait_for(qtbot, lambda: connected.held[FADER] == -3.0)
    reports = reports_of(connected)
    connected.push([Change("Track 1", "fader_db", 0.0, -6.0), Change("Track 1", "pan", 0.0, 0.5)])
    wait_for(qtbot, lambda: bool(reports))
    assert len(connected.pushes.unconfirmed) == 2
    connected.pushes.push_again([("Track 1", "fader_db")])
    wait_for(qtbot, lambda: len(reports) == 2)
    assert toy.values[FADER] == -6.0
    assert [row.key for row in connected.pushes.unconfirmed] == [("Track 1", "pan")]
    connected.pushes.leave()
    assert connected.pushes.unconfirmed == ()


def test_a_mute_control_is_unanswered(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    toy.mute.add(PAN)
    reports = reports_of(connected)
    connected.push([Change("Track 1", "pan", 0.0, 0.5)])
    wait_for(qtbot, lambda: bool(reports))
    (row,) = connected.pushes.unconfirmed
    assert (row.outcome, row.held) == ("no answer", "")


def test_pushes_that_wait_are_merged(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    reports, heard, busy = reports_of(connected), [], []
    connected.pushes.busy_changed.connect(busy.append)
    connected.push([Change("Track 3", "pan", 0.0, 0.1)])
    for step in range(1, 9):
        connected.push([Change("Track 1", "fader_db", 1.0 - step, -float(step))], heard.append)
    wait_for(qtbot, lambda: len(reports) == 2)
    assert [c.change for c in reports[1].confirmations] == [Change("Track 1", "fader_db", 0.0, -8.0)]
    assert outcomes(reports[1]) == {FADER: Outcome.CONFIRMED}
    assert heard == [reports[1]] * 8
    assert toy.set_count == 2
    assert busy == [True, False]


def test_cancelling_tells_what_was_not_sent(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    toy.mute.add(PAN)  # so that it takes its time
    reports = reports_of(connected)
    connected.push([Change("Track 1", "pan", 0.0, 0.5)])
    connected.push([Change("Track 1", "fader_db", 0.0, -6.0)])
    connected.pushes.cancel()
    wait_for(qtbot, lambda: len(reports) == 2 and not connected.pushes.is_busy)
    assert {row.outcome for row in connected.pushes.unconfirmed} == {"not sent"}
    assert toy.values[FADER] == 0.0


def test_a_daw_that_dies_in_mid_push_is_told_of_by_control(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    reports = reports_of(connected)
    toy.on_set = lambda control, value: toy._socket.close()
    changes = [Change(track.name, "fader_db", 0.0, -6.0) for track in connected.tracks if track.kind == "audio"]
    connected.push(changes)
    wait_for(qtbot, lambda: bool(reports), 10_000)
    assert set(outcomes(reports[0]).values()) == {Outcome.UNANSWERED}
    assert [row.track for row in connected.pushes.unconfirmed] == ["Track 1", "Track 2", "Track 3"]
    assert all("try again" in row.advice for row in connected.pushes.unconfirmed)
    connected.push([Change("Track 1", "pan", 0.0, 0.2)])  # to nobody
    wait_for(qtbot, lambda: len(reports) == 2)
    assert "does not answer" in connected.pushes.unconfirmed[-1].advice


def test_a_push_that_a_crash_broke_off_is_offered(link: DawLink, toys: Toys, toy: ToyDaw, qtbot: QtBot) -> None:
    toys.journal.begin("toy", "Song", [Row("Track 1", "fader_db", 0.0, -12.0)])
    toy.values[FADER] = -12.0
    offered: list[tuple[HistoryRow, ...]] = []
    link.pending_changed.connect(offered.append)
    link.open("toy", port=toy.port)
    wait_for(qtbot, lambda: link.state.pending_push)
    assert [(row.what, row.outcome) for row in offered[-1]] == [("1 change", "broken off")]
    reports = reports_of(link)
    link.take_back()
    wait_for(qtbot, lambda: bool(reports) and not link.state.pending_push)
    assert toy.values[FADER] == 0.0
    assert offered[-1] == ()


def test_a_broken_off_push_can_be_left(link: DawLink, toys: Toys, toy: ToyDaw, qtbot: QtBot) -> None:
    toys.journal.begin("toy", "Song", [Row("Track 1", "fader_db", 0.0, -12.0)])
    link.open("toy", port=toy.port)
    wait_for(qtbot, lambda: link.state.pending_push)
    link.leave_pending()
    wait_for(qtbot, lambda: not link.state.pending_push)
    assert toys.journal.pending("toy", "Song") == ()
    assert toys.journal.last("toy", "Song") is not None  # can be undone yet


def test_undoing_nothing_says_why(connected: DawLink, qtbot: QtBot) -> None:
    with qtbot.waitSignal(connected.failed) as failed:
        connected.undo_push()
    assert "nothing was pushed" in failed.args[0]


def test_a_snapshot_is_restored(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    taken: list[Any] = []
    connected.snapshot(taken.append, taken.append)
    wait_for(qtbot, lambda: bool(taken))
    toy.move(FADER, -20.0)
    reports = reports_of(connected)
    connected.restore(taken[0])
    wait_for(qtbot, lambda: bool(reports))
    assert toy.values[FADER] == 0.0


def test_the_desk_is_read_anew(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    toy.tells_moves = False
    toy.move(FADER, -4.0)
    desks: list[Desk] = []
    connected.desk(desks.append, pytest.fail)
    wait_for(qtbot, lambda: bool(desks))
    desk = desks[0]
    assert (desk.daw, desk.label, desk.session, desk.pan_law) == ("toy", "Toy", "Song", "constant_power")
    assert desk.held[FADER] == -4.0
    assert len(desk.tracks) == 4


def test_where_the_session_lies(connected: DawLink, toys: Toys, tmp_path: Path, qtbot: QtBot) -> None:
    found: list[Path] = []
    errors: list[Exception] = []
    for files in ((), (tmp_path / "a.x", tmp_path / "b.x"), (tmp_path / "a.x",)):
        toys.session_files = files
        said = len(found) + len(errors)
        connected.session_path(found.append, errors.append)
        wait_for(qtbot, lambda said=said: len(found) + len(errors) > said)
    assert found == [tmp_path / "a.x"]
    assert [type(error) for error in errors] == [ProtocolError] * 2
    assert "not known here; name its file" in str(errors[0])
    assert "several sessions" in str(errors[1])


def test_unsaved_changes_are_looked_for(
    link: DawLink, toys: Toys, toy: ToyDaw, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daw_link, "LOOK_MS", 50)
    toys.session_files = (tmp_path / "a.x",)
    link.open("toy", port=toy.port)
    wait_for(qtbot, lambda: link.state.link == "connected")
    assert not link.state.has_unsaved
    toys.is_unsaved = True
    wait_for(qtbot, lambda: link.state.has_unsaved)
    toys.is_unsaved = False
    wait_for(qtbot, lambda: not link.state.has_unsaved)


def test_a_doctor_is_heard(connected: DawLink, qtbot: QtBot) -> None:
    found: list[tuple[FindingRow, ...]] = []
    connected.doctor(found.append, pytest.fail)
    wait_for(qtbot, lambda: bool(found))
    assert found == [(FindingRow("no strip on Track 1", "insert it", False),)]


def test_a_link_that_cannot_be_opened_says_why(link: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    link.open("toy", port=toy.port, reply_port=toy.port)
    wait_for(qtbot, lambda: link.state.trouble != "")
    assert link.state.link == "closed"
    assert str(toy.port) in link.state.trouble


def test_without_a_link_everything_says_so(link: DawLink) -> None:
    errors: list[str] = []
    for ask in (link.desk, link.snapshot, link.session_path, link.doctor):
        ask(pytest.fail, lambda error: errors.append(str(error)))
    assert errors == ["no DAW is connected; connect to one first"] * 4
    reports = reports_of(link)
    link.push([Change("Track 1", "pan", 0.0, 0.5)])
    assert outcomes(reports[0]) == {PAN: Outcome.UNANSWERED}


@pytest.mark.parametrize("after_ms", [0, 5, 60])
def test_closing_ends_whatever_runs(link: DawLink, toy: ToyDaw, qtbot: QtBot, after_ms: int) -> None:
    before = set(threading.enumerate())
    link.open("toy", port=toy.port)
    qtbot.wait(after_ms)
    link.push([Change("Track 1", "pan", 0.0, 0.5)])
    link.desk(pytest.fail, pytest.fail)
    begun_s = time.perf_counter()
    assert link.close()
    assert time.perf_counter() - begun_s < 1.0
    assert set(threading.enumerate()) <= before
    assert link.state.link == "closed"
    qtbot.wait(50)


def test_leaving_a_daw_does_not_hold_up_the_window(connected: DawLink, toy: ToyDaw, qtbot: QtBot, show: Show) -> None:
    toy.mute.add(PAN)  # so that the push takes its time
    connected.push([Change("Track 1", "pan", 0.0, 0.5)])
    qtbot.wait(50)
    assert connected.pushes.is_busy
    begun_s = time.perf_counter()
    connected.close(0.0)
    took_ms = 1e3 * (time.perf_counter() - begun_s)
    show(f"leaving a DAW in mid-push: the window waited {took_ms:.1f} ms")
    assert took_ms < 250.0
    wait_for_threads()


def wait_for_threads() -> None:
    """Wait until no thread of a link or its tasks is left."""
    for thread in threading.enumerate():
        if thread.name.startswith(("task ", "daw-")):
            thread.join(3.0)


def test_another_link_takes_the_place_of_one_in_mid_push(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    toy.mute.add(PAN)
    connected.push([Change("Track 1", "pan", 0.0, 0.5)])
    with ToyDaw(1, "Small") as other:
        connected.open("toy", port=other.port)
        wait_for(qtbot, lambda: connected.state.session == "Small" and len(connected.held) == len(other.values))
        assert connected.close()


@pytest.fixture
def slots_ms(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the window's thread was held each time that something of the link came in, in ms of its own."""
    took: list[float] = []
    for owner, name in ((DawLink, "_tick"), (DawLink, "_look_again"), (Tasks, "_hear_end"), (Tasks, "_tell_progress")):
        monkeypatch.setattr(owner, name, timed(getattr(owner, name), took))
    return took


def timed(slot: Callable[..., None], took_ms: list[float]) -> Callable[..., None]:
    def run(self: Any, *args: Any) -> None:
        begun_s = time.thread_time()
        slot(self, *args)
        took_ms.append(1e3 * (time.thread_time() - begun_s))

    return run


def test_a_burst_of_events_does_not_hold_up_the_window(
    toys: Toys, qtbot: QtBot, show: Show, slots_ms: list[float]
) -> None:
    toys.timing = replace(QUICK, silence_s=5.0)
    link = DawLink(toys, toys.journal)
    try:
        with ToyDaw(200, "Large") as toy:
            link.open("toy", port=toy.port)
            wait_for(qtbot, lambda: link.state.link == "connected" and len(link.held) >= 5_000, 20_000)
            show(f"200 tracks of a DAW read: the window held {max(slots_ms):.1f} ms at most")
            assert max(slots_ms) < SLOT_MS
            controls = list(link.held)[:5_000]
            slots_ms.clear()
            for i, control in enumerate(controls):
                toys.listener(HeldChanged(control, 1e-3 * i))
            wait_for(qtbot, lambda: link.held[controls[-1]] == 1e-3 * 4_999)
            show(f"a burst of 5,000 events of a DAW: the window held {max(slots_ms):.1f} ms at most")
            assert max(slots_ms) < SLOT_MS
    finally:
        assert link.close()


def test_the_timer_rests_while_nothing_comes(connected: DawLink, toy: ToyDaw, qtbot: QtBot) -> None:
    wait_for(qtbot, lambda: not connected._ticks.isActive())
    ticks: list[None] = []
    connected._ticks.timeout.connect(lambda: ticks.append(None))
    qtbot.wait(100)
    assert ticks == []
    toy.move(FADER, -1.0)
    wait_for(qtbot, lambda: connected.held[FADER] == -1.0 and not connected._ticks.isActive())
    assert ticks == [None]


@pytest.fixture
def ardour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArdourHost]:
    """Ardour with 28 short tracks, each with its own equaliser and compressor."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    noise = np.random.default_rng(1).normal(0.0, 0.1, (1, 4_410)).astype(np.float32)
    with ArdourHost(tmp_path, {f"Track {i}": noise for i in range(1, 29)}, inserts="native") as host:
        yield host


def answer(qtbot: QtBot, ask: Callable[..., None]) -> Any:
    """What ``ask(on_done, on_error)`` is answered."""
    found: list[Any] = []
    ask(found.append, pytest.fail)
    wait_for(qtbot, lambda: bool(found), 20_000)
    return found[0]


@pytest.mark.daw
@pytest.mark.skipif(find_ardour() is None, reason="needs Ardour")
def test_a_real_ardour_is_read_set_and_put_back(
    ardour: ArdourHost, tmp_path: Path, qtbot: QtBot, show: Show, slots_ms: list[float]
) -> None:
    link = DawLink(journal=Journal(tmp_path / "journal"))
    reports, begun_s = reports_of(link), time.monotonic()
    try:
        link.open("ardour", port=ardour.port)
        wait_for(qtbot, lambda: link.state.link == "connected", 20_000)
        connected_s = time.monotonic() - begun_s
        held = answer(qtbot, link.desk).held
        assert answer(qtbot, link.session_path) == ardour.session_file
        changes = [Change(c.track, c.param, held[c], -9.0) for c in held if c.param == "fader_db"]
        changes += [Change(c.track, c.param, held[c], 0.25) for c in held if c.param == "pan"]
        link.push(changes)
        wait_for(qtbot, lambda: len(reports) == 1, 20_000)
        assert set(outcomes(reports[0]).values()) == {Outcome.CONFIRMED}
        assert len(changes) >= 56
        link.undo_push()
        wait_for(qtbot, lambda: len(reports) == 2, 20_000)
        assert reports[1].problems == ()
        assert answer(qtbot, link.desk).held == held
        told = (
            f"connected in {connected_s:.2f} s, {len(changes)} of {len(held)} values in {reports[0].duration_s:.2f} s"
        )
        show(f"Ardour of 28 tracks in the window: {told}; the window held {max(slots_ms):.1f} ms at most")
        assert max(slots_ms) < SLOT_MS
        ardour.close()
        wait_for(qtbot, lambda: link.state.link == "lost", 20_000)
    finally:
        assert link.close()
