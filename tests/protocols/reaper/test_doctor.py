"""What is found wrong with REAPER's set-up, against the simulator."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
from reaper_simulator import Reaper, SimTrack, plugin, served

from assistant.plugins import REVERB, STRIP_STEREO
from protocols.doctor import Finding
from protocols.journal import Journal
from protocols.link import Daw
from protocols.reaper.doctor import examine
from protocols.reaper.surface import ReaperSurface
from protocols.transport import Transport


@pytest.fixture
def reply_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def examined(tracks: list[SimTrack], reply_port: int, folder: Path) -> Sequence[Finding]:
    with served(Reaper(tracks), reply_port) as simulated:
        transport = Transport(simulated.port, reply_port=reply_port)
        with Daw(ReaperSurface(), lambda: transport, Journal(folder)) as daw:
            return examine(daw, 20.0)


def ready(name: str) -> SimTrack:
    return SimTrack(name, plugins=[plugin(STRIP_STEREO)], sends=[["Verb", -150.0]])


def test_a_good_set_up_has_no_findings(reply_port: int, tmp_path: Path) -> None:
    assert examined([ready("Kick"), SimTrack("Verb", plugins=[plugin(REVERB)])], reply_port, tmp_path) == ()


def test_what_is_missing_is_found(reply_port: int, tmp_path: Path) -> None:
    plain = [SimTrack(f"T{n}", pan_mode="Dual pan") for n in range(6)]
    found = examined([ready("Kick"), *plain, SimTrack("Verb", plugins=[plugin(REVERB)])], reply_port, tmp_path)
    assert not any(finding.is_fatal for finding in found)
    problems = [finding.problem for finding in found]
    assert "exactly eight tracks" in problems[0]
    assert problems[1].startswith("our strip is not on T0, T1")
    assert problems[2].startswith("left and right are placed separately on T0")
    assert problems[3].startswith("no send to the reverb's track from T0")
    assert "Kick" not in "".join(problems)


def test_a_reverb_that_is_missing_is_found(reply_port: int, tmp_path: Path) -> None:
    assert [f.problem for f in examined([ready("Kick")], reply_port, tmp_path)] == ["no track has our reverb"]


def test_a_project_without_tracks_is_fatal(reply_port: int, tmp_path: Path) -> None:
    (finding,) = examined([], reply_port, tmp_path)
    assert finding.is_fatal


def test_no_answer_tells_the_whole_set_up(reply_port: int, tmp_path: Path) -> None:
    with Daw(ReaperSurface(), lambda: Transport(reply_port), Journal(tmp_path)) as daw:
        (finding,) = examine(daw, 0.3)
    assert finding.is_fatal
    assert "local listen port 8000" in finding.remedy
    assert "device port 9000" in finding.remedy


def test_a_taken_port_is_found(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        with Daw(ReaperSurface(), lambda: Transport(8_000, reply_port=taken), Journal(tmp_path)) as daw:
            (finding,) = examine(daw, 0.3)
    assert finding.is_fatal
    assert str(taken) in finding.problem
