"""The link against a toy DAW over real sockets: what it reports is what the DAW holds, whatever the network does."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from lossy import LossyProxy, Weather
from toy_daw import ToyDaw, ToySurface, rounded

from assistant.automation import SHARED
from assistant.mix import Change
from assistant.params import BY_NAME
from protocols.daw import (
    Control,
    Event,
    HeldChanged,
    LinkChanged,
    LinkState,
    Outcome,
    PushReport,
    Snapshot,
    TracksChanged,
)
from protocols.dialect import Message
from protocols.errors import ProtocolError
from protocols.journal import Journal
from protocols.link import Daw
from protocols.pushing import LEVEL_PARAMS
from protocols.timing import Repeats, Timing
from protocols.transport import Transport

#: For a toy that answers at once, and is not waited for when it does not.
QUICK = Timing(
    quiet_s=0.04, wait_s=0.03, longest_wait_s=0.04, asks=6, tells=3, alive_s=0.1, silence_s=0.5, return_s=3.0
)
FADER = Control("Track 1", "fader_db")
PAN = Control("Track 1", "pan")


@pytest.fixture
def toy() -> Iterator[ToyDaw]:
    with ToyDaw() as running:
        yield running


@pytest.fixture(autouse=True)
def no_thread_survives() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def link_to(port: int, folder: Path, timing: Timing = QUICK, listener: Callable[[Event], None] | None = None) -> Daw:
    hears = {} if listener is None else {"listener": listener}
    return Daw(ToySurface(), lambda: Transport(port), Journal(folder), timing, **hears)


@pytest.fixture
def daw(toy: ToyDaw, tmp_path: Path) -> Iterator[Daw]:
    with link_to(toy.port, tmp_path) as link:
        assert link.connect() is LinkState.CONNECTED
        yield link


def random_changes(values: Mapping[Control, float], seed: int) -> list[Change]:
    """Every control to another value."""
    dice, changes = random.Random(seed), []
    for control, old in sorted(values.items(), key=lambda item: (item[0].track, item[0].param)):
        param = BY_NAME[control.param]
        new = 1.0 - old if param.curve == "toggle" else param.clamp(param.from_unit(dice.random()))
        changes.append(Change(control.track, control.param, old, new))
    return changes


def change(control: Control, new: float, old: float = 0.0) -> Change:
    return Change(control.track, control.param, old, new)


def outcomes(report: PushReport) -> Counter[Outcome]:
    return Counter(c.outcome for c in report.confirmations)


def control_of(change: Change) -> Control:
    return Control(change.track, change.param)


def until(is_so: Callable[[], object], timeout_s: float = 5.0) -> bool:
    end = time.monotonic() + timeout_s
    while not is_so() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(is_so())


def test_everything_of_24_tracks_is_confirmed_in_time_and_undone(tmp_path: Path, show: Callable[[str], None]) -> None:
    with ToyDaw(tracks=24) as toy, link_to(toy.port, tmp_path, Timing()) as daw:
        daw.connect()
        before = dict(toy.values)
        changes = random_changes(daw.read(), seed=1)
        report = daw.push(changes)
        assert len(changes) > 24 * 29
        assert outcomes(report) == {Outcome.CONFIRMED: len(changes)}
        assert toy.values == {control_of(c): rounded(c.new) for c in changes}
        assert [c.change for c in report.confirmations] == changes
        assert toy.set_count == len(changes)  # nothing was told twice
        show(f"24 simulated tracks: {len(changes)} changes pushed and confirmed in {report.duration_s:.2f} s")
        assert report.duration_s < 2.0
        assert outcomes(daw.push(changes)) == {Outcome.UNCHANGED: len(changes)}
        assert toy.set_count == len(changes)
        assert outcomes(daw.undo()) == {Outcome.CONFIRMED: len(changes)}
        assert toy.values == before


def test_tracks_are_known_once_connected(daw: Daw, toy: ToyDaw) -> None:
    assert [t.name for t in daw.tracks()] == ["Track 1", "Track 2", "Track 3", "Master"]
    assert daw.session == "Song"
    assert daw.read() == toy.values


def test_reading_asks_anew(daw: Daw, toy: ToyDaw) -> None:
    toy.tells_moves = False
    assert daw.read([FADER]) == {FADER: 0.0}
    toy.move(FADER, -7.5)
    assert daw.read([FADER, Control("Nobody", "pan")]) == {FADER: -7.5}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ([change(FADER, float("nan"))], "fader_db=nan"),
        ([change(FADER, 13.0)], "fader_db=13.0: expected -60 to 12 dB"),
        ([change(PAN, 0.5), change(FADER, -61.0)], "'Track 1': fader_db=-61"),
        ([change(Control("Track 1", "loudness"), 1.0)], "no parameter 'loudness'"),
        ([change(PAN, 0.5), change(PAN, 0.6)], "pan is changed twice"),
        ([change(PAN, 0.5, old=float("nan"))], "proposed against nan"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_sent(
    changes: list[Change], text: str, daw: Daw, toy: ToyDaw
) -> None:
    with pytest.raises(ValueError, match=text):
        daw.push(changes)
    assert toy.set_count == 0


def test_what_the_daw_does_not_have_is_said(daw: Daw, toy: ToyDaw) -> None:
    gone, shared = Control("Track 9", "pan"), Control(SHARED, "pan")
    report = daw.push([change(gone, 0.5), change(PAN, 0.25), change(shared, 0.5)])
    assert [c.outcome for c in report.confirmations] == [
        Outcome.UNSUPPORTED,
        Outcome.CONFIRMED,
        Outcome.UNSUPPORTED,
    ]
    assert "no track 'Track 9'" in report.problems[0].text
    assert toy.set_count == 1


def test_what_was_moved_before_is_kept(daw: Daw, toy: ToyDaw) -> None:
    toy.move(FADER, -3.0)
    report = daw.push([change(FADER, -9.0)])
    assert outcomes(report) == {Outcome.MOVED: 1}
    assert (report.confirmations[0].held, report.push_id, toy.set_count) == (-3.0, None, 0)


def test_what_is_moved_after_it_was_told_is_kept(daw: Daw, toy: ToyDaw) -> None:
    toy.on_set = lambda control, value: toy.move(control, -3.0) if control == FADER else None
    report = daw.push([change(FADER, -9.0), change(PAN, 0.5)])
    assert [c.outcome for c in report.confirmations] == [Outcome.MOVED, Outcome.CONFIRMED]
    assert (report.confirmations[0].held, toy.values[FADER], toy.set_count) == (-3.0, -3.0, 2)


def test_what_is_moved_before_its_turn_is_not_told(toy: ToyDaw, tmp_path: Path) -> None:
    """The first thing told makes the user move the last, whose turn comes when that was heard."""
    with link_to(toy.port, tmp_path) as daw:
        daw.connect()
        changes = random_changes(toy.values, seed=2)
        last = control_of(changes[-1])
        theirs = BY_NAME[last.param].clamp(0.5 * (changes[-1].old + changes[-1].new))
        moved = threading.Event()

        def move(control: Control, value: float) -> None:
            if not moved.is_set():
                toy.move(last, theirs)
                moved.set()

        def wait() -> bool:
            if toy.set_count:
                moved.wait(1.0)
                time.sleep(0.002)
            return False

        toy.on_set = move
        report = daw.push(changes, is_cancelled=wait)
    assert outcomes(report) == {Outcome.CONFIRMED: len(changes) - 1, Outcome.MOVED: 1}
    assert (toy.values[last], toy.set_count) == (rounded(theirs), len(changes) - 1)


def test_a_clamped_value_is_reported_and_known_when_pushed_again(daw: Daw, toy: ToyDaw) -> None:
    toy.limits[FADER] = (-6.0, 6.0)
    (first,) = daw.push([change(FADER, 10.0)]).confirmations
    assert (first.outcome, first.held) == (Outcome.MOVED, 6.0)
    assert "takes no other value" in first.text
    (again,) = daw.push([change(FADER, 10.0, old=6.0)]).confirmations
    assert (again.outcome, again.held) == (Outcome.REFUSED, 6.0)
    assert again.text == "told 3 times, and it stays at 6"


def test_a_control_that_never_answers_is_unanswered(daw: Daw, toy: ToyDaw) -> None:
    toy.mute.add(FADER)
    report = daw.push([change(FADER, -9.0), change(PAN, 0.5)])
    assert [c.outcome for c in report.confirmations] == [Outcome.UNANSWERED, Outcome.CONFIRMED]
    assert toy.set_count == 1  # what it holds is not known, so nothing was sent
    toy.on_set = lambda control, value: toy.mute.add(control)
    report = daw.push([change(PAN, -0.5, old=0.5)])
    assert [(c.outcome, c.held) for c in report.confirmations] == [(Outcome.UNANSWERED, None)]


def test_a_push_can_be_cancelled_between_tellings(daw: Daw, toy: ToyDaw) -> None:
    changes = random_changes(toy.values, seed=3)
    assert outcomes(daw.push(changes, is_cancelled=lambda: True)) == {Outcome.CANCELLED: len(changes)}
    assert (toy.set_count, daw.journal.entries("toy", "Song")) == (0, ())
    report = daw.push(changes, is_cancelled=lambda: toy.set_count > 0)
    found = outcomes(report)
    assert found.keys() == {Outcome.CONFIRMED, Outcome.CANCELLED}
    assert found[Outcome.CONFIRMED] == toy.set_count
    for c in report.confirmations:
        is_new = c.outcome is Outcome.CONFIRMED
        assert toy.values[control_of(c.change)] == rounded(c.change.new if is_new else c.change.old)


def test_progress_rises_to_the_end(daw: Daw, toy: ToyDaw) -> None:
    shares: list[float] = []
    daw.push(random_changes(toy.values, seed=4), progress=lambda share, text: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def meddled(toy: ToyDaw, dice: random.Random, changes: list[Change]) -> dict[Control, float]:
    """A user who moves two faders somewhere during the push; where to, once moved."""
    picked = dice.sample([c for c in changes if BY_NAME[c.param].curve != "toggle"], 2)
    turns, moves = [dice.randrange(len(changes)) for _ in picked], {}

    def on_set(control: Control, value: float) -> None:
        for turn, c in zip(turns, picked, strict=True):
            if toy.set_count == turn + 1 and control_of(c) not in moves:
                moves[control_of(c)] = rounded(BY_NAME[c.param].clamp(0.3 * c.old + 0.7 * c.new))
                toy.move(control_of(c), moves[control_of(c)])

    toy.on_set = on_set
    return moves


def check_bad_network(seed: int, folder: Path) -> None:
    """A push and its undo through a bad network, with a user at the faders: nothing is silently wrong."""
    dice = random.Random(seed)
    with ToyDaw(tracks=1) as toy, LossyProxy(toy.port, seed) as proxy, link_to(proxy.port, folder, Timing()) as daw:
        assert daw.connect(20.0) is LinkState.CONNECTED
        assert daw.read() == toy.values
        before, changes = dict(toy.values), random_changes(toy.values, seed)
        moves = meddled(toy, dice, changes)
        report = daw.push(changes)
        after = dict(toy.values)
        for c in report.confirmations:
            assert c.outcome in (Outcome.CONFIRMED, Outcome.MOVED), (seed, c)
            assert c.held == after[control_of(c.change)], (seed, c)
            assert (c.outcome is Outcome.CONFIRMED) == (c.held == rounded(c.change.new)), (seed, c)
            assert c.outcome is Outcome.CONFIRMED or control_of(c.change) in moves, (seed, c)
        toy.on_set = None
        back = daw.undo()
        assert not [c for c in back.problems if c.outcome is not Outcome.MOVED], (seed, back.problems)
        kept = {control_of(c.change) for c in back.problems}
        moved_levels = {c.track for c in moves if c.param in LEVEL_PARAMS}
        assert {c for c in kept if c.param not in LEVEL_PARAMS or c.track not in moved_levels} <= moves.keys()
        assert toy.values == {c: after[c] if c in kept else old for c, old in before.items()}, seed


def test_a_bad_network_makes_nothing_silently_wrong(tmp_path: Path) -> None:
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda seed: check_bad_network(seed, tmp_path / str(seed)), range(12)))


def test_late_doubles_confirm_nothing_falsely(toy: ToyDaw, tmp_path: Path) -> None:
    """Everything comes twice and late: old answers during the undo, old tellings behind it."""
    weather = Weather(lost=0.0, doubled=1.0, delayed=1.0, delay_s=0.03)
    with LossyProxy(toy.port, 1, weather) as proxy, link_to(proxy.port, tmp_path, Timing()) as daw:
        daw.connect()
        for new in (-20.0, -5.0, 3.0):
            (pushed,) = daw.push([change(FADER, new)]).confirmations
            assert (pushed.outcome, toy.values[FADER]) == (Outcome.CONFIRMED, new)
            (undone,) = daw.undo().confirmations
            assert (undone.outcome, toy.values[FADER]) == (Outcome.CONFIRMED, 0.0)
        time.sleep(0.1)
        assert toy.values[FADER] == 0.0


class Crash(OSError):
    """The toy's process ends in the middle of what it does."""


def crash_at(toy: ToyDaw, count: int, pause_s: float, session: str | None = None) -> None:
    def on_set(control: Control, value: float) -> None:
        if toy.set_count >= count:
            toy.on_set = None
            toy.restart(pause_s, session)
            raise Crash

    toy.on_set = on_set


def test_a_push_goes_on_when_the_daw_comes_back(toy: ToyDaw, tmp_path: Path) -> None:
    events: list[Event] = []
    with link_to(toy.port, tmp_path, listener=events.append) as daw:
        daw.connect()
        changes, before = random_changes(toy.values, seed=5), dict(toy.values)
        crash_at(toy, 40, pause_s=0.3)
        report = daw.push(changes)
        assert outcomes(report) == {Outcome.CONFIRMED: len(changes)}
        assert toy.values == {control_of(c): rounded(c.new) for c in changes}
        daw.undo()
        assert toy.values == before
    states = [e.state for e in events if isinstance(e, LinkChanged)]
    assert states == [
        LinkState.WAITING,
        LinkState.CONNECTED,
        LinkState.LOST,
        LinkState.CONNECTED,
        LinkState.CLOSED,
    ]


def test_a_daw_that_comes_back_with_another_session_is_left_alone(daw: Daw, toy: ToyDaw) -> None:
    changes, before = random_changes(toy.values, seed=6), dict(toy.values)
    crash_at(toy, 40, pause_s=0.3, session="Another")
    report = daw.push(changes)
    assert outcomes(report) == {Outcome.UNANSWERED: len(changes)}
    assert "another session was opened" in report.confirmations[0].text
    assert toy.values == before
    with pytest.raises(ProtocolError, match="nothing to undo in the session 'Another'"):
        daw.undo()


def test_a_daw_that_does_not_come_back_confirms_nothing(toy: ToyDaw, tmp_path: Path) -> None:
    with link_to(toy.port, tmp_path, replace(QUICK, return_s=0.2)) as daw:
        daw.connect()
        changes = random_changes(toy.values, seed=7)
        crash_at(toy, 40, pause_s=1.2)
        assert outcomes(daw.push(changes)) == {Outcome.UNANSWERED: len(changes)}
        assert daw.state is LinkState.LOST
        with pytest.raises(ProtocolError, match=r"Toy does not answer \(.*\): is it running, with OSC on"):
            daw.read()


def test_an_absent_daw_is_a_state_and_is_found_when_it_comes(tmp_path: Path) -> None:
    with ToyDaw() as gone:
        port = gone.port
    with link_to(port, tmp_path) as daw:
        assert daw.state is LinkState.CLOSED
        assert daw.connect(0.2) is LinkState.WAITING
        assert "is it running" in daw.trouble
        with pytest.raises(ProtocolError, match="is it running"):
            daw.tracks()
        with ToyDaw(port=port):
            assert until(lambda: daw.state is LinkState.CONNECTED)
            assert daw.trouble == ""
            assert len(daw.tracks()) == 4
        assert until(lambda: daw.state is LinkState.LOST)
        with ToyDaw(tracks=1, port=port):
            assert until(lambda: daw.state is LinkState.CONNECTED)
            assert len(daw.tracks()) == 2
    with pytest.raises(ProtocolError, match="was not connected to"):
        daw.read()


def test_a_link_can_be_opened_again(daw: Daw) -> None:
    daw.disconnect()
    daw.disconnect()
    assert daw.state is LinkState.CLOSED
    assert daw.connect() is LinkState.CONNECTED
    assert daw.read([FADER]) == {FADER: 0.0}


def test_a_strip_that_never_answers_does_not_hold_the_rest_up(toy: ToyDaw, tmp_path: Path) -> None:
    toy.hidden.add(2)
    with link_to(toy.port, tmp_path) as daw:
        assert daw.connect() is LinkState.CONNECTED
        assert [t.name for t in daw.tracks()] == ["Track 1", "Track 3", "Master"]
        assert outcomes(daw.push([change(Control("Track 3", "pan"), 0.5)])) == {Outcome.CONFIRMED: 1}


class Killed(BaseException):
    """The companion ends here."""


def test_a_push_that_broke_off_is_undone_by_another_companion(toy: ToyDaw, tmp_path: Path) -> None:
    before, changes = dict(toy.values), random_changes(toy.values, seed=8)

    def die() -> bool:
        if toy.set_count >= 32:
            raise Killed
        return False

    with link_to(toy.port, tmp_path) as first:
        first.connect()
        with pytest.raises(Killed):
            first.push(changes, is_cancelled=die)
    assert 0 < toy.set_count < len(changes)
    assert toy.values != before
    with link_to(toy.port, tmp_path) as second:
        second.connect()
        assert len(second.journal.pending("toy", "Song")) == 1
        assert outcomes(second.undo()).keys() == {Outcome.CONFIRMED, Outcome.UNCHANGED}
        assert toy.values == before
        assert second.journal.pending("toy", "Song") == ()
        with pytest.raises(ProtocolError, match="nothing was pushed, or all of it is undone"):
            second.undo()


COMPANION = """
import sys, time
from pathlib import Path
sys.path[:0] = {folders!r}
from test_link import link_to, random_changes
with link_to({port}, Path({journal!r})) as daw:
    daw.connect()
    daw.push(random_changes(daw.read(), seed=9), is_cancelled=lambda: time.sleep(0.01))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no SIGKILL")
def test_a_companion_that_is_killed_leaves_what_undoes_it(toy: ToyDaw, tmp_path: Path) -> None:
    before = dict(toy.values)
    here = Path(__file__).parents
    code = COMPANION.format(folders=[str(here[i]) for i in (2, 1, 0)], port=toy.port, journal=str(tmp_path))
    companion = subprocess.Popen([sys.executable, "-c", code])
    toy.on_set = lambda control, value: toy.set_count == 50 and companion.send_signal(signal.SIGKILL)
    try:
        assert companion.wait(30.0) == -signal.SIGKILL
    finally:
        companion.kill()
        companion.wait()
    assert 50 <= toy.set_count < len(before)
    toy.on_set = None
    with link_to(toy.port, tmp_path) as daw:
        daw.connect()
        assert not daw.undo().problems
    assert toy.values == before


def test_undoing_keeps_what_was_moved_since(daw: Daw, toy: ToyDaw) -> None:
    daw.push([change(FADER, -9.0), change(PAN, 0.5)])
    toy.move(FADER, -4.0)
    report = daw.undo()
    assert [c.outcome for c in report.confirmations] == [Outcome.MOVED, Outcome.CONFIRMED]
    assert (toy.values[FADER], toy.values[PAN]) == (-4.0, 0.0)
    assert outcomes(daw.undo(regardless=True)) == {Outcome.CONFIRMED: 1, Outcome.UNCHANGED: 1}
    assert toy.values[FADER] == 0.0


def test_pushes_are_undone_one_by_one_and_undoing_too(daw: Daw, toy: ToyDaw) -> None:
    first = daw.push([change(FADER, -9.0)])
    daw.push([change(FADER, -12.0, old=-9.0)])
    daw.undo()
    assert toy.values[FADER] == -9.0
    undone = daw.undo()
    assert toy.values[FADER] == 0.0
    daw.undo(undone.push_id)
    assert toy.values[FADER] == -9.0
    daw.undo(first.push_id)
    assert toy.values[FADER] == 0.0
    with pytest.raises(ProtocolError, match="there is no push 'x'"):
        daw.undo("x")


def test_what_could_not_be_undone_is_not_done(daw: Daw, toy: ToyDaw) -> None:
    toy.move(FADER, 20.0)  # above the table
    (found,) = daw.push([change(FADER, 0.0, old=20.0)]).confirmations
    assert (found.outcome, toy.set_count) == (Outcome.REFUSED, 0)
    assert "could not be undone: fader_db=20" in found.text


def test_a_moved_fader_keeps_the_whole_level(daw: Daw, toy: ToyDaw) -> None:
    trim, gain = Control(FADER.track, "trim_db"), Control(FADER.track, "peak1_gain_db")
    changes = [change(FADER, -9.0), change(trim, 3.0), change(gain, 2.0)]
    toy.values[FADER] = -20.0
    report = daw.push(changes)
    assert [c.outcome for c in report.confirmations] == [Outcome.MOVED, Outcome.MOVED, Outcome.CONFIRMED]
    assert (toy.values[FADER], toy.values[trim], toy.values[gain]) == (-20.0, 0.0, 2.0)


def test_where_a_push_of_ours_left_it_is_no_move(daw: Daw, toy: ToyDaw) -> None:
    assert not daw.push([change(FADER, -9.0)]).problems
    assert not daw.push([change(FADER, -4.0)]).problems  # proposed before the first, from the same place
    assert toy.values[FADER] == -4.0


def test_without_a_journal_nothing_is_sent(daw: Daw, toy: ToyDaw) -> None:
    daw.journal.folder.joinpath("x").write_text("")
    daw.journal.folder = daw.journal.folder / "x"
    with pytest.raises(ProtocolError, match=r"the journal .* cannot be read"):
        daw.push([change(FADER, -9.0)])
    assert toy.set_count == 0


def test_a_snapshot_is_restored_exactly_whoever_moved(daw: Daw, toy: ToyDaw) -> None:
    snapshot = daw.snapshot()
    assert snapshot == Snapshot("toy", "Song", toy.values)
    before = dict(toy.values)
    daw.push(random_changes(toy.values, seed=10)[::2])
    toy.move(PAN, -0.77)
    report = daw.restore(snapshot)
    assert toy.values == before
    assert not report.problems
    daw.undo()
    assert toy.values[PAN] == rounded(-0.77)
    with pytest.raises(ProtocolError, match="the snapshot is of toy, session 'Other'"):
        daw.restore(replace(snapshot, session="Other"))


def test_events_come_on_one_thread_and_never_twice(toy: ToyDaw, tmp_path: Path) -> None:
    heard: list[tuple[Event, int]] = []
    with link_to(toy.port, tmp_path, listener=lambda event: heard.append((event, threading.get_ident()))) as daw:
        daw.connect()
        daw.read()
        daw.read()
        toy.move(FADER, -1.5)
        assert until(lambda: any(e == HeldChanged(FADER, -1.5) for e, _ in heard))
    assert len({thread for _, thread in heard}) == 1
    assert heard[-1][0] == LinkChanged(LinkState.CLOSED)
    held = [e for e, _ in heard if isinstance(e, HeldChanged)]
    assert len(held) == len(toy.values) + 1


def test_a_listener_that_fails_is_logged_and_the_talk_goes_on(
    toy: ToyDaw, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("my fault")

    with link_to(toy.port, tmp_path, listener=fail) as daw:
        assert daw.connect() is LinkState.CONNECTED
        assert daw.read([FADER]) == {FADER: 0.0}
    assert "what listens to the DAW failed" in caplog.text


def test_asking_again_waits_for_answers_and_gives_up() -> None:
    repeats = Repeats[str](Timing(wait_s=1.0, longest_wait_s=1.5, asks=3))
    assert repeats.due(["a", "b"], 0.0) == ["a", "b"]
    assert repeats.due(["a", "b"], 0.9) == []
    assert repeats.due(["b"], 0.9) == []  # an answer: the wait begins anew
    assert repeats.due(["b", "c"], 1.0) == ["c"]  # new things at once
    assert repeats.due(["b", "c"], 1.9) == []
    assert repeats.due(["b", "c"], 2.1) == ["b", "c"]
    assert repeats.due(["b", "c"], 3.2) == []  # ever longer
    assert repeats.due(["b", "c"], 3.4) == ["b", "c"]
    assert not repeats.is_hopeless
    assert repeats.due(["b", "c"], 5.0) == ["b", "c"]
    assert repeats.is_hopeless


#: 0.3 s, and what a machine with other work to do adds; what does not heed that it is cancelled takes 2 to 5 s.
LOADED_S = 1.0


def timed_push(daw: Daw, changes: list[Change], cancel: threading.Event) -> tuple[PushReport, float]:
    """A push on another thread, cancelled once it runs; its report, and how long it took to end."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(daw.push, changes, is_cancelled=cancel.is_set)
        time.sleep(0.15)
        cancel.set()
        begun_s = time.monotonic()
        return running.result(10.0), time.monotonic() - begun_s


def test_a_push_whose_daw_tells_nothing_can_be_cancelled_at_once(toy: ToyDaw, tmp_path: Path) -> None:
    with link_to(toy.port, tmp_path, Timing()) as daw:
        daw.connect()
        toy.mute.add(FADER)
        report, took_s = timed_push(daw, [change(FADER, -9.0)], threading.Event())
    assert (outcomes(report), toy.set_count) == ({Outcome.CANCELLED: 1}, 0)
    assert took_s < LOADED_S


def test_what_was_told_and_not_read_back_is_not_called_unsent(toy: ToyDaw, tmp_path: Path) -> None:
    with link_to(toy.port, tmp_path, Timing()) as daw:
        daw.connect()
        toy.on_set = lambda control, value: toy.mute.add(control)
        report, took_s = timed_push(daw, [change(FADER, -9.0)], threading.Event())
        assert outcomes(report) == {Outcome.UNANSWERED: 1}
        assert took_s < LOADED_S
        toy.on_set = None
        toy.mute.clear()
        assert outcomes(daw.undo()) == {Outcome.CONFIRMED: 1}
    assert toy.values[FADER] == 0.0


def test_a_push_can_be_cancelled_while_the_daw_is_away(toy: ToyDaw, tmp_path: Path) -> None:
    with link_to(toy.port, tmp_path, Timing()) as daw:
        daw.connect()
        crash_at(toy, 10, pause_s=2.0)
        report, took_s = timed_push(daw, random_changes(toy.values, seed=11), threading.Event())
        assert outcomes(report).keys() <= {Outcome.UNANSWERED, Outcome.CANCELLED}
    assert took_s < LOADED_S


def test_disconnecting_ends_a_push_at_once(toy: ToyDaw, tmp_path: Path) -> None:
    with link_to(toy.port, tmp_path, Timing()) as daw, ThreadPoolExecutor(1) as pool:
        daw.connect()
        toy.mute.add(FADER)
        running = pool.submit(daw.push, [change(FADER, -9.0)])
        time.sleep(0.15)
        begun_s = time.monotonic()
        daw.disconnect()
        assert outcomes(running.result(5.0)) == {Outcome.UNANSWERED: 1}
        assert time.monotonic() - begun_s < LOADED_S


def test_progress_moves_within_each_step(toy: ToyDaw, tmp_path: Path) -> None:
    heard: dict[str, set[float]] = {}
    weather = Weather(lost=0.2, doubled=0.0, delayed=0.0)
    with LossyProxy(toy.port, 3, weather) as proxy, link_to(proxy.port, tmp_path, Timing()) as daw:
        daw.connect(20.0)
        shares: list[float] = []

        def note(share: float, text: str) -> None:
            shares.append(share)
            heard.setdefault(text, set()).add(share)

        daw.push(random_changes(daw.read(), seed=12), progress=note)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(len(heard[text]) > 2 for text in ("reading what the DAW holds", "sending", "reading back"))


def test_values_of_new_strips_are_told_after_the_strips_and_again_when_they_come_back(
    toy: ToyDaw, tmp_path: Path
) -> None:
    """Who keeps a row per strip drops the rows of those that went."""
    rows: dict[str, dict[str, float]] = {}
    strays: list[HeldChanged] = []

    def listen(event: Event) -> None:
        if isinstance(event, TracksChanged):
            names = {*(track.name for track in event.tracks), SHARED}
            for gone in rows.keys() - names:
                del rows[gone]
            for new in names - rows.keys():
                rows[new] = {}
        elif isinstance(event, HeldChanged) and event.control.track in rows:
            rows[event.control.track][event.control.param] = event.value
        elif isinstance(event, HeldChanged):
            strays.append(event)

    with link_to(toy.port, tmp_path, listener=listen) as daw:
        daw.connect()
        daw.read()
        first = {c.param: value for c, value in toy.values.items() if c.track == "Track 3"}
        assert until(lambda: rows["Track 3"] == first)
        for hidden in ({3}, set()):
            toy.hidden = hidden
            with toy.lock:
                toy.restart(0.1)
            assert until(lambda: ("Track 3" in rows) is not bool(toy.hidden))
            assert until(lambda: daw.state is LinkState.CONNECTED)
            daw.read()
        assert until(lambda: rows["Track 3"] == first)
    assert strays == []


def test_a_value_that_is_back_before_it_was_told_is_not_told(toy: ToyDaw, tmp_path: Path) -> None:
    told: list[float] = []
    go_on, waits = threading.Event(), threading.Event()

    def listen(event: Event) -> None:
        if event == HeldChanged(PAN, 0.5):
            waits.set()
            go_on.wait(5.0)
        elif isinstance(event, HeldChanged) and event.control == FADER:
            told.append(event.value)

    with link_to(toy.port, tmp_path, listener=listen) as daw:
        daw.connect()
        daw.read()
        toy.move(PAN, 0.5)
        assert waits.wait(5.0)
        for value in (-3.0, 0.0):
            toy.move(FADER, value)
        assert until(lambda: daw._talk.heard([FADER]) == {FADER: 0.0})
        time.sleep(0.05)
        go_on.set()
        time.sleep(0.3)
    assert told == [0.0]


def test_nothing_is_told_after_the_link_is_closed(toy: ToyDaw, tmp_path: Path) -> None:
    events: list[Event] = []
    with link_to(toy.port, tmp_path, listener=events.append) as daw:
        daw.connect()
        daw.read()
        stops = threading.Event()

        def move() -> None:
            value = 0.0
            while not stops.is_set():
                toy.move(FADER, value := -1.0 - value)

        mover = threading.Thread(target=move)
        mover.start()
        for _ in range(5):
            daw.disconnect()
            assert events[-1] == LinkChanged(LinkState.CLOSED)
            events.clear()
            daw.connect()
            assert events[0] == LinkChanged(LinkState.WAITING)
        stops.set()
        mover.join()


class Babbler(ToyDaw):
    """Says something all the time, and answers nothing: another program at the DAW's port."""

    def _obey(self, message: Message, source: tuple[str, int]) -> None:
        self._send(Message("/pong"), source)


def test_what_answers_nothing_of_its_strips_is_not_the_daw(tmp_path: Path) -> None:
    with Babbler() as babbler, link_to(babbler.port, tmp_path) as daw:
        assert daw.connect(1.0) is LinkState.WAITING
        assert "is it running" in daw.trouble


def test_a_journal_that_fills_up_during_a_push_costs_no_report(
    daw: Daw, toy: ToyDaw, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise ProtocolError("the disk is full")

    for method in ("finish", "mark_undone"):
        monkeypatch.setattr(daw.journal, method, full)
    assert outcomes(daw.push([change(FADER, -9.0)])) == {Outcome.CONFIRMED: 1}
    assert outcomes(daw.undo()) == {Outcome.CONFIRMED: 1}
    assert toy.values[FADER] == 0.0
    assert "the disk is full" in caplog.text


def test_undoing_in_another_session_of_the_same_name_loses_nothing(toy: ToyDaw, tmp_path: Path) -> None:
    gone = Control("Track 3", "fader_db")
    with link_to(toy.port, tmp_path) as daw:
        daw.connect()
        daw.push([change(gone, -9.0), change(FADER, -9.0)])
        toy.save()
    with ToyDaw(tracks=2) as other, link_to(other.port, tmp_path) as daw:
        daw.connect()
        other.move(FADER, -3.0)
        assert outcomes(daw.undo()) == {Outcome.UNSUPPORTED: 1, Outcome.MOVED: 1}
        assert other.set_count == 0
    with link_to(toy.port, tmp_path) as daw:
        daw.connect()
        with pytest.raises(ProtocolError, match=r"the push \S+ is undone but for 2 values"):
            daw.undo()
        assert outcomes(daw.undo(regardless=True)) == {Outcome.CONFIRMED: 2}
    assert toy.values[gone] == toy.values[FADER] == 0.0


def test_a_session_of_the_same_strips_is_told(toy: ToyDaw, tmp_path: Path) -> None:
    sessions: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, TracksChanged):
            sessions.append(event.session)

    with link_to(toy.port, tmp_path, listener=listen) as daw:
        daw.connect()
        with toy.lock:
            toy.restart(0.1, "Another")
        assert until(lambda: sessions == ["Song", "Another"])


def test_a_link_at_rest_takes_no_time(toy: ToyDaw, tmp_path: Path, show: Callable[[str], None]) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        f"sys.path[:0] = {[str(Path(__file__).parents[i]) for i in (2, 1, 0)]!r}\n"
        "from test_link import link_to, Timing\n"
        f"with link_to({toy.port}, Path({str(tmp_path)!r}), Timing()) as daw:\n"
        "    daw.connect(); daw.read(); begun = time.process_time(); time.sleep(2.0)\n"
        "    print(time.process_time() - begun)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    share = float(done.stdout) / 2.0
    show(f"a link at rest: {100 * share:.2f} % of a core")
    assert share < 0.01


def test_two_companions_at_once_lose_nothing_and_say_what_they_kept(toy: ToyDaw, tmp_path: Path) -> None:
    """Neither locks the other out: each sees what the other moved as moved by somebody."""
    before = dict(toy.values)
    with link_to(toy.port, tmp_path) as first, link_to(toy.port, tmp_path) as second, ThreadPoolExecutor(2) as pool:
        for daw in (first, second):
            daw.connect()
        wanted = [random_changes(before, seed) for seed in (13, 14)]
        running = [pool.submit(daw.push, changes) for daw, changes in zip((first, second), wanted, strict=True)]
        reports = [future.result() for future in running]
        for one, other in zip(*(report.confirmations for report in reports), strict=True):
            held = toy.values[control_of(one.change)]
            assert {one.outcome, other.outcome} <= {Outcome.CONFIRMED, Outcome.MOVED, Outcome.UNCHANGED}
            assert held in (rounded(one.change.new), rounded(other.change.new))
        assert first.journal.unreadable("toy", "Song") == ()
        assert first.journal.pending("toy", "Song") == ()
        for _ in [entry for entry in first.journal.entries("toy", "Song") if not entry.undoes]:
            first.undo(regardless=True)
        assert toy.values == before
