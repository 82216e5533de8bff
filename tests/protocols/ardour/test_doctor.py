"""The usual set-up mistakes are found, each with its remedy, and nothing is found where all is well."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ardour_host import ArdourHost, find_ardour
from ardour_recorded import surveyed

from assistant.params import REVERB_NAMES
from assistant.plugins import PLUGINS, REVERB, STRIP_MONO
from protocols.ardour.doctor import answers_at, examine, lv2_folders, mixer_findings, plugin_findings, settings_findings
from protocols.ardour.settings import OscSettings, installed_plugins, read_osc_settings
from protocols.daw import DawTrack
from protocols.daws import open_daw
from protocols.doctor import Finding

CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour><Config><Option name="osc-port" value="{port}"/><Option name="other" value="1"/></Config>
<ControlProtocols><Protocol name="Mackie" active="1"/>
<Protocol name="Open Sound Control (OSC)" active="{active}"
 address-only="{manual}" remote-port="8000" banksize="{bank}"/>
</ControlProtocols></Ardour>"""
WELL = OscSettings(is_on=True, port=3819, bank_size=0)


def settings(active: int = 1, port: int = 3819, manual: int = 0, bank: int = 0) -> OscSettings:
    return read_osc_settings(CONFIG.format(active=active, port=port, manual=manual, bank=bank).encode())


def problems(findings: tuple[Finding, ...]) -> list[str]:
    assert all(finding.remedy for finding in findings)
    return [finding.problem for finding in findings]


def test_settings_are_read() -> None:
    assert settings() == WELL
    assert settings(active=0, port=4000, manual=1, bank=8) == OscSettings(False, 4000, 8, 8000)
    assert read_osc_settings(b"<Ardour/>") == OscSettings()
    assert read_osc_settings(b"<Session><ControlProtocols/></Session>") == OscSettings()
    with pytest.raises(ValueError, match="not XML"):
        read_osc_settings(b"<Ardour>")
    with pytest.raises(ValueError, match="document type"):
        read_osc_settings(b'<!DOCTYPE a [<!ENTITY b "c">]><Ardour/>')


def test_settings_that_are_well_are_not_complained_of() -> None:
    assert settings_findings(WELL, None) == settings_findings(WELL, WELL) == ()


@pytest.mark.parametrize(
    ("config", "session", "expected", "is_fatal"),
    [
        (None, None, "no Ardour has run", True),
        (OscSettings(), None, "OSC is off in Ardour", True),
        (settings(active=0), None, "OSC is off in Ardour", True),
        (WELL, settings(active=0), "OSC is off in the session", True),
        (settings(port=4000), None, "port 4000", False),
        (settings(manual=1), None, "all answers to port 8000", False),
        (WELL, settings(manual=1), "all answers to port 8000", False),
        (settings(bank=8), None, "8 strips at a time", False),
    ],
)
def test_each_mistake_is_found(
    config: OscSettings | None, session: OscSettings | None, expected: str, is_fatal: bool
) -> None:
    (finding,) = settings_findings(config, session)
    assert expected in finding.problem
    assert finding.is_fatal is is_fatal
    assert finding.remedy


def test_a_session_that_has_osc_on_goes_before_the_settings() -> None:
    assert settings_findings(settings(active=0), WELL) == ()


def test_bundles_are_found_by_what_they_hold(tmp_path: Path) -> None:
    for plugin in (STRIP_MONO, REVERB):
        bundle = tmp_path / f"mixassist-{plugin.key}.lv2"
        bundle.mkdir()
        (bundle / "manifest.ttl").write_text(f"<{plugin.uri}>\n    a lv2:Plugin .\n")
    (tmp_path / "mixassist-broken.lv2").mkdir()
    found = installed_plugins([tmp_path, tmp_path / "nowhere"])
    assert found == {STRIP_MONO, REVERB}
    assert problems(plugin_findings(found)) == ["not installed as LV2 plug-ins: mixassist strip (stereo)"]
    assert plugin_findings(PLUGINS) == ()


def test_lv2_folders_are_those_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LV2_PATH", "/a:/b:")
    assert lv2_folders() == (Path("/a"), Path("/b"))
    monkeypatch.delenv("LV2_PATH")
    assert lv2_folders()[0] == Path("~/.lv2").expanduser()


@pytest.fixture
def tracks() -> tuple[DawTrack, ...]:
    """A mixer where nothing is missing."""
    return tuple(track for track in surveyed()[0].tracks if track.name not in ("room", "Drums"))


def test_a_whole_mixer_is_not_complained_of(tracks: tuple[DawTrack, ...]) -> None:
    assert mixer_findings(tracks) == ()


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("bass", {"has_strip": False, "params": frozenset({"fader_db", "pan", "send_db"})}, "no strip of ours: bass"),
        ("bass", {"has_strip": False, "other_plugins": (STRIP_MONO.label,)}, "our strip is switched off: bass"),
        ("keys", {"params": frozenset({"fader_db", "pan", "send_db"})}, "our strip is of another version"),
        ("Reverb Bus", {"params": frozenset({"reverb_return_db"})}, "our reverb is not at work on the bus Reverb Bus"),
        ("Reverb Bus", {"params": frozenset({"fader_db"})}, "no reverb bus"),
    ],
)
def test_what_a_mixer_lacks_is_found(
    tracks: tuple[DawTrack, ...], name: str, change: dict[str, object], expected: str
) -> None:
    changed = tuple(replace(t, **change) if t.name == name else t for t in tracks)  # type: ignore[arg-type]
    (problem,) = problems(mixer_findings(changed))
    assert expected in problem


@pytest.mark.parametrize(
    ("param", "expected"), [("pan", "no panner of the console's kind"), ("send_db", "no send to the reverb")]
)
def test_a_param_that_a_track_lacks_is_found(tracks: tuple[DawTrack, ...], param: str, expected: str) -> None:
    changed = tuple(replace(t, params=t.params - {param}) if t.name == "bass" else t for t in tracks)
    (problem,) = problems(mixer_findings(changed))
    assert expected in problem
    assert problem.endswith("bass")


def test_what_is_out_of_reach_without_our_strip_is_named() -> None:
    room = next(track for track in surveyed()[0].tracks if track.name == "room")
    bus = DawTrack("Reverb Bus", "bus", 2, frozenset(REVERB_NAMES))
    (finding,) = mixer_findings((replace(room, params=room.params | {"send_db"}), bus))
    assert "no strip of ours: room" in finding.problem
    assert "left alone: High-pass" in finding.remedy


def test_a_session_without_tracks_is_said() -> None:
    assert problems(mixer_findings(())) == ["the session has no tracks"]


def test_where_nobody_listens_nobody_answers() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        assert not answers_at(taken.getsockname()[1])
    assert not answers_at(0)


needs_ardour = pytest.mark.skipif(find_ardour() is None, reason="no Ardour on this machine")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArdourHost]:
    stems = {"voice": np.full((1, 4410), 0.1, np.float32)}
    with ArdourHost(tmp_path_factory.mktemp("doctor"), stems) as host:
        yield host


@needs_ardour
@pytest.mark.daw
def test_a_running_ardour_is_examined(host: ArdourHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LV2_PATH", str(host.home / "lv2"))
    with open_daw("ardour", port=host.port) as daw:
        found = problems(examine(daw, 5.0))
    assert found[0].startswith("not installed as LV2 plug-ins")
    assert found[1:] == ["no strip of ours: voice", "no reverb bus"]


@needs_ardour
@pytest.mark.daw
def test_an_ardour_at_another_port_is_found(host: ArdourHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(host.home / ".config"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with open_daw("ardour", port=taken.getsockname()[1]) as daw:
            (finding,) = examine(daw, 0.3)
    assert f"port {host.port}" in finding.problem
    assert finding.remedy.startswith(f"give --port {host.port}")
    assert finding.is_fatal


@needs_ardour
@pytest.mark.daw
def test_an_ardour_with_osc_off_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stems = {"voice": np.full((1, 4410), 0.1, np.float32)}
    with ArdourHost(tmp_path, stems, osc_options={"active": 0}) as host:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(host.home / ".config"))
        with open_daw("ardour", port=host.port) as daw:
            found = examine(daw, 0.3)
    assert [finding.problem for finding in found if finding.is_fatal] == ["OSC is off in Ardour"]
