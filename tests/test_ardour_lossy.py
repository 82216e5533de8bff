"""Real Ardour on a bad network, and Ardour that goes away and comes back: nothing is silently wrong, all is undone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from ardour_host import ArdourHost, find_ardour
from ardour_song import random_mix
from lossy import LossyProxy

from assistant.automation import SHARED
from assistant.mix import Change, Session, Track
from protocols.ardour.session_file import read_ardour_session
from protocols.ardour.surface import ArdourSurface
from protocols.daw import Control, Event, LinkChanged, LinkState, Outcome, PushReport
from protocols.daws import open_daw
from protocols.desk import changes_to
from protocols.dialect import Message
from protocols.journal import Journal
from protocols.link import Daw
from protocols.pushing import LEVEL_PARAMS
from protocols.timing import Timing
from protocols.transport import Transport
from render.plugins.build import build_bundles

pytestmark = [
    pytest.mark.daw,
    pytest.mark.skipif(find_ardour() is None, reason="needs Ardour"),
]

RATE = 48_000
CHANNELS = {"Bass": 1, 'Gtr \N{GREEK SMALL LETTER ALPHA} "1"': 2}


@pytest.fixture(scope="module")
def session() -> Session:
    """Two tracks of silence: only the mixer is looked at here."""
    tracks = (
        Track(name, audio=np.zeros((count, RATE), np.float32), channels=count, sample_rate=RATE, num_samples=RATE)
        for name, count in CHANNELS.items()
    )
    return Session(tuple(tracks), RATE)


@pytest.fixture(scope="module")
def host(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArdourHost]:
    folder = tmp_path_factory.mktemp("ardour")
    stems = {track.name: track.audio for track in session.tracks}
    bundles = build_bundles(folder / "lv2")
    with ArdourHost(folder, stems, inserts="ours", bundles=bundles, sample_rate=RATE) as host:
        yield host


class InterruptedTransport(Transport):
    """Does ``action`` in the midst of a push: when values have been sent, and before the next are."""

    def __init__(self, port: int, action: Callable[[], object]) -> None:
        super().__init__(port)
        self.action, self.count = action, 0

    def send(self, messages: Sequence[Message]) -> None:
        self.count += any(message.address == "/strip/plugin/parameter" for message in messages)
        if self.count == 2:
            self.count += 1
            self.action()
        super().send(messages)


@contextmanager
def link(
    port: int, folder: Path, events: list[Event] | None = None, midst: Callable[[], object] = lambda: None
) -> Iterator[Daw]:
    """A link that soon takes silence for absence, and does not wait long for the return of Ardour."""
    heard = [] if events is None else events
    timing = Timing(alive_s=0.5, silence_s=2.0, return_s=2.5)
    transport = InterruptedTransport(port, midst)
    with Daw(ArdourSurface(), lambda: transport, Journal(folder / "journal"), timing, heard.append) as daw:
        assert daw.connect(30.0) is LinkState.CONNECTED, daw.trouble
        yield daw


def held_by(host: ArdourHost) -> dict[Control, float]:
    """What Ardour says that it holds, over a link of its own on a sound network."""
    with open_daw("ardour", port=host.port) as daw:
        assert daw.connect(20.0) is LinkState.CONNECTED, daw.trouble
        return dict(daw.read())


def saved_by(host: ArdourHost) -> dict[Control, float]:
    """What the session file holds that Ardour writes now."""
    host.save()
    saved = read_ardour_session(host.session_file)
    found = {Control(track.name, param): value for track in saved.tracks for param, value in track.settings.items()}
    return found | {Control(SHARED, param): value for param, value in {**saved.reverb, **saved.master}.items()}


def changes_for(daw: Daw, session: Session, seed: int) -> list[Change]:
    """Every value of every track somewhere else, and the master's."""
    return changes_to(random_mix(session, seed, master_gain_db=-1.0 - seed), daw.tracks(), daw.read())


def outcomes(report: PushReport) -> set[Outcome]:
    return {c.outcome for c in report.confirmations}


def check_saved(host: ArdourHost, report: PushReport) -> None:
    """What the report says that Ardour holds stands in the session file."""
    found = saved_by(host)
    for c in report.confirmations:
        assert found[Control(c.change.track, c.change.param)] == pytest.approx(c.held, rel=1e-5, abs=1e-5), c


def wait_for(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def states(events: list[Event]) -> list[LinkState]:
    return [event.state for event in events if isinstance(event, LinkChanged)]


def test_on_a_bad_network_everything_lands(host: ArdourHost, session: Session, tmp_path: Path) -> None:
    before = held_by(host)
    with LossyProxy(host.port, 1) as proxy, link(proxy.port, tmp_path) as daw:
        assert daw.read() == before
        changes = changes_for(daw, session, 1)
        report = daw.push(changes)
        assert len(report.confirmations) == len(changes) > 50
        assert outcomes(report) == {Outcome.CONFIRMED}
        check_saved(host, report)
        assert outcomes(daw.push(changes)) == {Outcome.UNCHANGED}
        assert not daw.undo().problems
    assert held_by(host) == before


def test_a_fader_moved_on_a_bad_network_is_left_and_told(host: ArdourHost, session: Session, tmp_path: Path) -> None:
    before, fader = held_by(host), Control("Bass", "fader_db")
    with LossyProxy(host.port, 3) as proxy, link(proxy.port, tmp_path) as daw:
        changes = changes_for(daw, session, 3)
        host.run_lua('route("Bass"):gain_control():set_value(0.25, PBD.GroupControlDisposition.NoGroup)')
        report = daw.push(changes)
        # what makes the track's level stays together with its fader
        assert {(c.change.track, c.change.param) for c in report.problems} == {("Bass", p) for p in LEVEL_PARAMS}
        assert {c.outcome for c in report.problems} == {Outcome.MOVED}
        check_saved(host, report)
        assert outcomes(daw.undo()) == {Outcome.CONFIRMED}
    assert held_by(host) == {**before, fader: pytest.approx(-12.041, abs=1e-3)}


def test_a_link_notices_that_ardour_went_and_came_back(host: ArdourHost, session: Session, tmp_path: Path) -> None:
    host.save()
    events: list[Event] = []
    with link(host.port, tmp_path, events) as daw:
        host.close()
        wait_for(lambda: states(events)[-1] is LinkState.LOST)
        assert "does not answer" in daw.trouble
        host.restart()
        wait_for(lambda: states(events)[-1] is LinkState.CONNECTED)
        report = daw.push(changes_for(daw, session, 4))
        assert outcomes(report) == {Outcome.CONFIRMED}
        check_saved(host, report)
        assert not daw.undo().problems
    waited = [LinkState.WAITING, LinkState.CONNECTED, LinkState.LOST, LinkState.CONNECTED]
    assert states(events) == [*waited, LinkState.CLOSED]


def test_ardour_restarted_in_mid_push_takes_the_whole_of_it(host: ArdourHost, session: Session, tmp_path: Path) -> None:
    host.save()
    before, has_restarted = held_by(host), threading.Event()

    def restart() -> None:
        host.restart()
        has_restarted.set()

    with LossyProxy(host.port, 5) as proxy, link(proxy.port, tmp_path, midst=restart) as daw:
        report = daw.push(changes_for(daw, session, 5))
        assert has_restarted.is_set()
        assert outcomes(report) == {Outcome.CONFIRMED}
        check_saved(host, report)
        assert not daw.undo().problems
    assert held_by(host) == before


def test_ardour_killed_in_mid_push_is_reported_and_undone_when_it_is_back(
    host: ArdourHost, session: Session, tmp_path: Path
) -> None:
    before, saved = held_by(host), saved_by(host)

    def save_and_die() -> None:
        wait_for(lambda: saved_by(host) != saved)  # the first values have landed
        host.close()

    with link(host.port, tmp_path, midst=save_and_die) as daw:
        report = daw.push(changes_for(daw, session, 6))
        assert outcomes(report) == {Outcome.UNANSWERED}
        assert daw.state is LinkState.LOST
        host.restart()
        assert held_by(host) != before
        assert daw.connect(20.0) is LinkState.CONNECTED
        assert not daw.undo().problems
    assert held_by(host) == before
