"""The link to Live over loopback sockets, against the simulator at AbletonOSC's own pace; Live itself was not run."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from ableton_simulator import TICK_S, Live, ServedLive, SimLiveTrack, eq_eight, served_live

from assistant.mix import Change
from assistant.params import BY_NAME
from protocols.ableton.native import NATIVE
from protocols.ableton.surface import LiveSurface
from protocols.daw import LinkState, Outcome
from protocols.daws import DAWS
from protocols.journal import Journal
from protocols.link import Daw
from protocols.timing import Timing
from protocols.transport import Transport

NAMES = ("Kick", "Snare", "Bass", "Keys")

#: The share that is lost, the tick in s, and the link's timing: where datagrams get lost a quicker pace, to end soon.
PACES = [(0.0, TICK_S, DAWS["live"].timing), (0.2, 0.02, Timing())]


@pytest.fixture(params=PACES, ids=["all arrives", "a fifth is lost"])
def pace(request: pytest.FixtureRequest) -> tuple[float, float, Timing]:
    return request.param


@pytest.fixture
def simulated(pace: tuple[float, float, Timing]) -> Iterator[ServedLive]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        reply_port = free.getsockname()[1]
    live = Live([SimLiveTrack(name, devices=[eq_eight()]) for name in NAMES])
    with served_live(live, reply_port, pace[1], pace[0]) as simulator:
        yield simulator


@pytest.fixture
def daw(simulated: ServedLive, pace: tuple[float, float, Timing], tmp_path: Path) -> Iterator[Daw]:
    def open_transport() -> Transport:
        return Transport(simulated.port, reply_port=simulated.reply_port)

    with Daw(LiveSurface(), open_transport, Journal(tmp_path), pace[2]) as daw:
        assert daw.connect(20.0) is LinkState.CONNECTED
        yield daw


def test_everything_is_pushed_confirmed_and_undone(simulated: ServedLive, daw: Daw) -> None:
    before = daw.snapshot()
    wanted = []
    for control, held in before.values.items():
        param = BY_NAME[control.param]
        new = 0.0 if param.curve == "toggle" else param.clamp(param.from_unit(0.45))
        wanted.append(Change(control.track, control.param, held, min(new, 6.0) if param.unit == "dB" else new))
    report = daw.push(wanted)
    assert len(wanted) == len(NAMES) * (3 + len({row.param for row in NATIVE.rows}))
    assert not report.problems, report.problems[:3]
    assert daw.undo().problems == ()
    after = daw.snapshot().values
    assert all(after[c] == pytest.approx(v, rel=6e-3, abs=0.06) for c, v in before.values.items())
    assert min(simulated.live.indices) >= 0
    assert not simulated.live.unknown


def test_what_the_user_moves_meanwhile_stays(simulated: ServedLive, daw: Daw) -> None:
    with simulated.lock:
        simulated.live.tracks[0].volume = 0.5
    report = daw.push([Change("Kick", "fader_db", 0.0, -3.0), Change("Snare", "pan", 0.0, 0.5)])
    assert [c.outcome for c in report.confirmations] == [Outcome.MOVED, Outcome.CONFIRMED]
    assert simulated.live.tracks[0].volume == 0.5


def test_the_link_waits_for_live_s_tick() -> None:
    """What was sent lies for up to a tick, and is answered at once then."""
    assert DAWS["live"].timing.quiet_s >= 2.0 * TICK_S
    assert DAWS["live"].timing.wait_s > TICK_S
