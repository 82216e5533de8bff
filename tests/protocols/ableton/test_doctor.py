"""What is found wrong with Live's set-up, against the simulator."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
from ableton_simulator import Live, SimLiveTrack, eq_eight, served_live

from protocols.ableton.doctor import examine
from protocols.ableton.surface import LiveSurface
from protocols.doctor import Finding
from protocols.journal import Journal
from protocols.link import Daw
from protocols.transport import Transport


@pytest.fixture
def reply_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def examined(tracks: list[SimLiveTrack], reply_port: int, folder: Path) -> Sequence[Finding]:
    with served_live(Live(tracks), reply_port, tick_s=0.02) as simulated:
        transport = Transport(simulated.port, reply_port=reply_port)
        with Daw(LiveSurface(), lambda: transport, Journal(folder)) as daw:
            return examine(daw, 20.0)


def test_a_good_set_up_has_no_findings(reply_port: int, tmp_path: Path) -> None:
    assert examined([SimLiveTrack("Kick", devices=[eq_eight()])], reply_port, tmp_path) == ()


def test_what_is_missing_is_found(reply_port: int, tmp_path: Path) -> None:
    found = examined([SimLiveTrack("Kick", sends=[]), SimLiveTrack("Bass", sends=[])], reply_port, tmp_path)
    assert [finding.problem for finding in found] == [
        "there is no return track",
        "no track has an EQ Eight named 'mixassist'",
    ]
    assert not any(finding.is_fatal for finding in found)


def test_no_answer_tells_how_to_install(reply_port: int, tmp_path: Path) -> None:
    with Daw(LiveSurface(), lambda: Transport(reply_port), Journal(tmp_path)) as daw:
        (finding,) = examine(daw, 0.3)
    assert finding.is_fatal
    assert "choose AbletonOSC as a control surface" in finding.remedy


def test_a_taken_port_is_found(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        with Daw(LiveSurface(), lambda: Transport(11_000, reply_port=taken), Journal(tmp_path)) as daw:
            (finding,) = examine(daw, 0.3)
    assert finding.is_fatal
    assert "11001" in finding.remedy
