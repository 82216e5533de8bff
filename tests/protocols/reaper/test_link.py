"""The link to REAPER over loopback sockets, against the simulator; REAPER itself was not run."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from reaper_simulator import Reaper, Served, SimTrack, plugin, served

from assistant.automation import SHARED
from assistant.mix import Change
from assistant.params import CHANNEL_PARAMS, REVERB_PARAMS
from assistant.plugins import REVERB, STRIP_STEREO
from protocols.daw import Control, LinkState, Outcome
from protocols.daws import open_daw
from protocols.journal import Journal
from protocols.link import Daw
from protocols.reaper.surface import ReaperSurface
from protocols.transport import Transport

NAMES = ("Kick", "Snare", "Bass", "Gtr", "Keys")


@pytest.fixture(params=[0.0, 0.2], ids=["all arrives", "a fifth is lost"])
def simulated(request: pytest.FixtureRequest) -> Iterator[Served]:
    tracks = [SimTrack(name, plugins=[plugin(STRIP_STEREO)], sends=[["Reverb Bus", -150.0]]) for name in NAMES]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        reply_port = free.getsockname()[1]
    with served(
        Reaper([*tracks, SimTrack("Reverb Bus", plugins=[plugin(REVERB)])]), reply_port, request.param
    ) as simulator:
        yield simulator


def link(simulated: Served, folder: Path) -> Daw:
    return open_daw("reaper", port=simulated.port, reply_port=simulated.reply_port, journal=Journal(folder))


def changes() -> list[Change]:
    """Every parameter of every track."""
    found = []
    for number, name in enumerate(NAMES):
        for param in CHANNEL_PARAMS:
            value = param.clamp(param.from_unit(0.15 + 0.07 * number))
            found.append(Change(name, param.name, param.low if param.name == "send_db" else param.default, value))
    found += [Change(SHARED, p.name, p.default, p.clamp(p.from_unit(0.4))) for p in REVERB_PARAMS]
    return [*found, Change(SHARED, "master_gain_db", 0.0, -3.0)]


def test_every_parameter_is_pushed_confirmed_and_undone(simulated: Served, tmp_path: Path) -> None:
    with link(simulated, tmp_path) as daw:
        assert daw.connect(20.0) is LinkState.CONNECTED
        before = daw.snapshot()
        wanted = [change for change in changes() if change.old != change.new]
        report = daw.push(wanted)
        assert not report.problems, report.problems[:3]
        assert len(report.confirmations) == len(wanted)
        assert report.duration_s < 20.0
        held = daw.read()
        assert all(abs(held[Control(c.track, c.param)] - c.new) < 0.06 for c in wanted if c.param.endswith("_db"))
        assert not daw.undo().problems
        assert daw.snapshot().values == pytest.approx(before.values, abs=1e-4)
    assert not simulated.reaper.unknown
    assert simulated.reaper.tracks[0].level_db == 0.0


def test_what_the_user_moves_meanwhile_stays(simulated: Served, tmp_path: Path) -> None:
    with link(simulated, tmp_path) as daw:
        assert daw.connect(20.0) is LinkState.CONNECTED
        simulated.change(lambda reaper: setattr(reaper.tracks[0], "level_db", -9.0))
        report = daw.push([Change("Kick", "fader_db", 0.0, -3.0), Change("Snare", "pan", 0.0, 0.5)])
        assert [c.outcome for c in report.confirmations] == [Outcome.MOVED, Outcome.CONFIRMED]
        assert simulated.reaper.tracks[0].level_db == -9.0


def test_a_reaper_that_is_not_there_is_a_state(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with Daw(ReaperSurface(), lambda: Transport(port), Journal(tmp_path)) as daw:
            assert daw.connect(0.3) is LinkState.WAITING
            assert "REAPER does not answer" in daw.trouble
