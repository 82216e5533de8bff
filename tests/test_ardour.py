"""The whole way with real Ardour: listed, pulled, proposed, pushed, confirmed, saved, undone; and what was verified is
what Ardour plays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from ardour_host import ArdourHost, find_ardour
from ardour_saved import saved_values
from ardour_song import RATE, dry, open_song, pulled, random_mix, residual_db

from assistant.arrays import FloatArray
from assistant.audio.reading import load_track
from assistant.cli.main import main
from assistant.mix import Change, Mix, Session
from assistant.params import CHANNEL_NAMES
from assistant.plugins import REVERB, REVERB_BUS_NAME
from protocols.daw import Control, LinkState, Outcome
from protocols.daws import open_daw
from protocols.desk import changes_to
from protocols.journal import Journal
from protocols.link import Daw
from protocols.mixfile import write_mix_file
from render.mixdown import render_premaster
from render.plugins.build import build_bundles

Show = Callable[[str], None]

pytestmark = [
    pytest.mark.daw,
    pytest.mark.skipif(find_ardour() is None, reason="needs Ardour"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArdourHost]:
    folder = tmp_path_factory.mktemp("ardour")
    with open_song(folder, build_bundles(folder / "lv2")) as host:
        yield host


@pytest.fixture(scope="module")
def session(host: ArdourHost, tmp_path_factory: pytest.TempPathFactory) -> Session:
    return pulled(host, tmp_path_factory.mktemp("pulled"))


@pytest.fixture
def daw(host: ArdourHost, tmp_path: Path) -> Iterator[Daw]:
    with open_daw("ardour", port=host.port, journal=Journal(tmp_path / "journal")) as daw:
        assert daw.connect(20.0) is LinkState.CONNECTED, daw.trouble
        yield daw


def push_all(daw: Daw, mix: Mix, show: Show = lambda line: None) -> int:
    """Push ``mix`` and see that all of it is confirmed; how many values were told."""
    report = daw.push(changes_to(mix, daw.tracks(), daw.read()))
    assert [c for c in report.confirmations if c.outcome is not Outcome.CONFIRMED] == []
    show(f"{len(report.confirmations)} values pushed and confirmed in {report.duration_s:.2f} s")
    return len(report.confirmations)


def test_the_mixer_is_listed(daw: Daw, session: Session) -> None:
    tracks = {track.name: track for track in daw.tracks()}
    assert {t.name for t in session.tracks} <= tracks.keys()
    for track in session.tracks:
        found = tracks[track.name]
        assert (found.kind, found.channels, found.has_strip) == ("audio", track.channels, True)
        assert found.params == set(CHANNEL_NAMES) - ({"width"} if track.channels == 1 else set())
    assert daw.session == "song"


def test_what_is_pulled_is_what_ardour_bounces(host: ArdourHost, session: Session, show: Show) -> None:
    for track in session.tracks:
        found = load_track(track, RATE)
        bounced = host.bounce(track.name, found.shape[1])
        depth = residual_db(found, bounced)
        show(f"pulled {track.name}: {depth:.1f} dB")
        assert depth <= -120.0


@contextmanager
def copied_alone(host: ArdourHost, name: str, names: Sequence[str]) -> Iterator[Path]:
    """A copy of the session with the faders of all tracks but one down."""
    others = ", ".join(f'"{other}"' for other in names if other != name)
    fader = "route(name):gain_control()"
    host.run_lua(f"""kept = {{}} for _, name in ipairs({{{others}}}) do
        kept[name] = {fader}:get_value() {fader}:set_value(0, PBD.GroupControlDisposition.NoGroup) end""")
    with host.saved_copy() as copy:
        host.run_lua(
            f"for name, value in pairs(kept) do {fader}:set_value(value, PBD.GroupControlDisposition.NoGroup) end"
        )
        yield copy


def rendered(session: Session, mix: Mix) -> FloatArray:
    gain = 10.0 ** (mix.master["master_gain_db"] / 20.0)
    return render_premaster(session, mix, load_track) * np.float32(gain)


def test_what_was_verified_is_what_ardour_plays(host: ArdourHost, daw: Daw, session: Session, show: Show) -> None:
    mix = random_mix(session, 1)
    names = [track.name for track in session.tracks]
    with ExitStack() as copies, ThreadPoolExecutor(2) as pool:
        assert push_all(daw, mix, show) > 200
        wet = copies.enter_context(host.saved_copy())
        push_all(daw, dry(mix))
        bare = copies.enter_context(host.saved_copy())
        alone = [copies.enter_context(copied_alone(host, name, names)) for name in names]
        played_wet, played_bare, *played_alone = pool.map(host.export_of, (wet, bare, *alone))
    wet_db = residual_db(played_wet, rendered(session, mix))
    bare_db = residual_db(played_bare, rendered(session, dry(mix)))
    show(f"mix against Ardour's export: dry {bare_db:.1f} dB, with reverb {wet_db:.1f} dB")
    assert max(wet_db, bare_db) <= -110.0
    for name, played in zip(names, played_alone, strict=True):
        only = dry(Mix((mix.channel(name),), mix.reverb, mix.master))
        depth_db = residual_db(played, rendered(Session((session.track(name),), RATE, pan_law=session.pan_law), only))
        show(f"{name} against Ardour's export: {depth_db:.1f} dB")
        assert depth_db <= -100.0


def test_every_value_stands_in_the_saved_session(host: ArdourHost, daw: Daw, session: Session) -> None:
    mix = random_mix(session, 2)
    push_all(daw, mix)
    found = saved_values(host.save())
    for channel, track in zip(mix.channels, session.tracks, strict=True):
        for name in channel.settings.keys() - ({"width"} if track.channels == 1 else set()):
            assert found[channel.name, name] == pytest.approx(channel.settings[name], rel=1e-6, abs=1e-6), name
    for param in REVERB.params:
        assert found[REVERB_BUS_NAME, param.name] == pytest.approx(mix.reverb[param.name], rel=1e-6)
    assert found[REVERB_BUS_NAME, "fader_db"] == pytest.approx(mix.reverb["reverb_return_db"], rel=1e-6)
    assert found["Master", "fader_db"] == pytest.approx(mix.master["master_gain_db"], rel=1e-6)


def test_undo_restores_what_was_exactly(daw: Daw, session: Session) -> None:
    push_all(daw, random_mix(session, 3))
    before = daw.snapshot()
    push_all(daw, random_mix(session, 4))
    report = daw.undo()
    assert not report.problems
    assert daw.snapshot().values == before.values


def test_somebody_at_the_fader_wins(host: ArdourHost, daw: Daw, session: Session) -> None:
    name = session.tracks[0].name
    held = daw.read()[Control(name, "fader_db")]
    change = Change(name, "fader_db", held, held - 5.0)
    host.run_lua(f'route("{name}"):gain_control():set_value(0.25, PBD.GroupControlDisposition.NoGroup)')
    report = daw.push([change])
    assert [c.outcome for c in report.confirmations] == [Outcome.MOVED]
    assert daw.read()[Control(name, "fader_db")] == pytest.approx(20.0 * np.log10(0.25), abs=1e-5)


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.1])
def test_killed_in_mid_push_and_undone_by_the_next(
    host: ArdourHost, daw: Daw, session: Session, tmp_path: Path, after_s: float
) -> None:
    before = daw.snapshot()
    daw.disconnect()
    file = tmp_path / "mix.json"
    write_mix_file(file, random_mix(session, 5 + round(1000 * after_s)), session)
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "assistant.cli.main", "daw", "push", str(file)]
    with subprocess.Popen(
        [*command, "--daw", "ardour", "--port", str(host.port)], env=environment, stdout=subprocess.DEVNULL
    ) as companion:
        try:
            wait_for(lambda: any((tmp_path / "state").rglob("journal.jsonl")) or companion.poll() is not None)
            assert companion.poll() is None
            time.sleep(after_s)
        finally:
            companion.send_signal(signal.SIGKILL)
        companion.wait(20)
    with open_daw("ardour", port=host.port, journal=Journal(tmp_path / "state" / "mixassist")) as later:
        assert later.connect(20.0) is LinkState.CONNECTED
        assert not later.undo().problems
        assert later.snapshot().values == before.values


def wait_for(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.001)


def test_from_the_command_line(
    host: ArdourHost,
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(host.home / ".config"))
    monkeypatch.setenv("LV2_PATH", str(host.home / "lv2"))
    link = ["--daw", "ardour", "--port", str(host.port)]

    def run(*arguments: str) -> str:
        code = main([*arguments, *link])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return captured.out

    listed = json.loads(run("daw", "list", "--json"))
    assert {t.name for t in session.tracks} <= {row["name"] for row in listed["tracks"]}
    assert "lead_vocal" in run("daw", "list")
    mix_file = tmp_path / "mix.json"
    assert "Verified" in run("daw", "suggest", "-o", str(mix_file))
    assert json.loads(mix_file.read_text())["session"]["pan_law"] == "ardour"
    assert "confirmed" in run("daw", "push", str(mix_file))
    assert "nothing to change" in run("daw", "push", str(mix_file))
    assert "confirmed" in run("daw", "undo")
    after = json.loads(run("daw", "list", "--json"))
    assert after == listed
    assert "ready" in run("daw", "doctor")
