"""The whole way through the command line with REAPER and Ableton Live, against simulators: neither DAW was run."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ableton_simulator import Live, SimDevice, SimLiveTrack, eq_eight, served_live
from reaper_simulator import Reaper, SimPlugin, SimTrack, equaliser, plugin, served

from assistant.cli.mixer import with_headroom
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track, mix_from_json
from assistant.plugins import REVERB, STRIP_STEREO
from protocols.laws import LAWS
from protocols.mixfile import write_mix_file

from .conftest import RATE, Run, Write, tone

#: The tracks of the ``song``; in the DAWs the third stands lower, and one more has no stem.
NAMES = ("kick", "lead vocal", "synth")


@dataclass
class Desk:
    """A simulated DAW: its name, the options that lead to it, how its user moves the kick's fader to -20 dB."""

    name: str
    options: Sequence[str]
    move_kick: Callable[[], None]
    unknown: list[str] = field(default_factory=list)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Simulators are ended with it."""
    with ExitStack() as stack:
        yield stack


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def options(name: str, port: int, reply_port: int) -> list[str]:
    return ["--daw", name, "--port", str(port), "--reply-port", str(reply_port)]


def reaper(stack: ExitStack) -> Desk:
    """Our strip on the first, the user's amplifier and a ReaEQ for us on the second, a track called as the master."""
    kick = SimTrack("kick", plugins=[plugin(STRIP_STEREO)], sends=[["Reverb Bus", -150.0]])
    vocal = SimTrack("lead vocal", plugins=[SimPlugin("VST: Amp", [0.5]), equaliser()], sends=[["Reverb Bus", -21.5]])
    rest = [SimTrack("synth", -6.0, 0.25), SimTrack("Master"), SimTrack("Reverb Bus", plugins=[plugin(REVERB)])]
    simulated, reply_port = Reaper([kick, vocal, *rest]), free_port()
    running = stack.enter_context(served(simulated, reply_port))

    def move_kick() -> None:
        running.change(lambda reaper: setattr(reaper.tracks[0], "level_db", -20.0))

    return Desk("reaper", options("reaper", running.port, reply_port), move_kick, simulated.unknown)


def live(stack: ExitStack) -> Desk:
    """An EQ Eight for us on the second, behind the user's amplifier."""
    vocal = SimLiveTrack("lead vocal", devices=[SimDevice("Amp", "Amp"), eq_eight()], sends=[0.4])
    tracks = [SimLiveTrack("kick"), vocal, SimLiveTrack("synth", 0.7, 0.25), SimLiveTrack("Keys", is_midi=True)]
    simulated, reply_port = Live(tracks), free_port()
    running = stack.enter_context(served_live(simulated, reply_port))

    def move_kick() -> None:
        with running.lock:
            tracks[0].volume = LAWS["live fader"].to_wire(-20.0)

    return Desk("live", options("live", running.port, reply_port), move_kick, simulated.unknown)


DESKS = {make.__name__: make for make in (reaper, live)}


@pytest.fixture(params=DESKS.values(), ids=DESKS.keys())
def desk(request: pytest.FixtureRequest, stack: ExitStack) -> Desk:
    made: Desk = request.param(stack)
    return made


def listed(run: Run, desk: Desk) -> dict[str, Any]:
    ended = run("daw", "list", "--json", *desk.options)
    assert ended.code == 0, ended.err
    document: dict[str, Any] = json.loads(ended.out)
    return document


def suggested(run: Run, desk: Desk, session: Path, mix: Path) -> str:
    """Have ``mix`` written; what was printed."""
    arguments = ("--session", session, "-o", mix, "--engineer", "rules")
    ended = run("daw", "suggest", *arguments, *desk.options)
    assert ended.code == 0, ended.err
    assert "Verified" in ended.out
    return ended.out + ended.err


def test_the_whole_way_and_back(desk: Desk, song: Path, tmp_path: Path, run: Run) -> None:
    mix = tmp_path / "mix.json"
    before = listed(run, desk)
    assert run("daw", "doctor", *desk.options).code == 0
    said = suggested(run, desk, song, mix)
    assert "plug-ins that are not listened through; freeze or bounce the track if they matter: lead vocal (Amp)" in said
    assert f"left alone: {'Master' if desk.name == 'reaper' else 'Keys'}\n" in said
    assert json.loads(mix.read_text())["session"]["pan_law"] == {"reaper": "balance", "live": "live"}[desk.name]
    assert listed(run, desk) == before  # a suggestion moves nothing

    pushed = run("daw", "push", mix, *desk.options)
    assert (pushed.code, "confirmed" in pushed.out) == (0, True), pushed.err
    assert f"undo it with: mixassist daw undo --daw {desk.name}" in pushed.out
    wanted = {channel.name: channel.settings for channel in mix_from_json(mix.read_text()).channels}
    held = {track["name"]: track["settings"] for track in listed(run, desk)["tracks"]}
    for name in NAMES:
        assert held[name]["fader_db"] == pytest.approx(wanted[name]["fader_db"], abs=1e-4)
        assert held[name]["pan"] == pytest.approx(wanted[name]["pan"], abs=1e-6)
    again = run("daw", "push", mix, *desk.options)
    assert again.code == 0
    assert "confirmed" not in again.out
    assert "undo" not in again.out

    undone = run("daw", "undo", *desk.options)
    assert (undone.code, "confirmed" in undone.out) == (0, True), undone.err
    assert listed(run, desk) == before
    assert desk.unknown == []


def saved(path: Path, **settings: float) -> Path:
    """A mix of the song with the same ``settings`` on every track, written to ``path``."""
    session = Session(tuple(Track(name, channels=2, num_samples=RATE) for name in NAMES), RATE)
    write_mix_file(path, Mix(tuple(ChannelMix(name, ChannelSettings(settings)) for name in NAMES)), session)
    return path


@pytest.fixture
def mix(tmp_path: Path) -> Path:
    """A saved mix of the song."""
    return saved(tmp_path / "mix.json", fader_db=-5.0, pan=-0.4)


def test_what_the_user_moved_after_a_push_stays(desk: Desk, mix: Path, run: Run) -> None:
    before = listed(run, desk)["tracks"]
    assert run("daw", "push", mix, *desk.options).code == 0
    desk.move_kick()
    undone = run("daw", "undo", *desk.options)
    assert undone.code == 0  # it is theirs, and no failure
    assert "1 moved by somebody meanwhile, left alone" in undone.out
    assert "kick: Fader left at -20.0 dB, where somebody has moved it" in undone.out
    after = listed(run, desk)["tracks"]
    assert after[0]["settings"].pop("fader_db") == pytest.approx(-20.0)
    assert before[0]["settings"].pop("fader_db") == pytest.approx(0.0, abs=1e-6)
    assert after == before
    assert ", undone but for 1 moved since" in run("daw", "undo", "--list", *desk.options).out


def test_a_part_is_pushed_alone(stack: ExitStack, mix: Path, run: Run) -> None:
    desk = reaper(stack)
    before = listed(run, desk)["tracks"]
    assert run("daw", "push", mix, "--tracks", "synth", "--only", "levels", *desk.options).code == 0
    after = listed(run, desk)["tracks"]
    assert before[2]["settings"].pop("fader_db") == pytest.approx(-6.0)
    assert after[2]["settings"].pop("fader_db") == pytest.approx(-5.0)
    assert after == before


def test_what_live_holds_less_of_is_pushed_as_far_as_it_goes(stack: ExitStack, tmp_path: Path, run: Run) -> None:
    desk = live(stack)
    pushed = run("daw", "push", saved(tmp_path / "mix.json", fader_db=9.0, send_db=3.0), *desk.options)
    assert pushed.code == 0, pushed.err
    assert "as far as Ableton Live goes: kick: Fader 6 instead of 9 dB" in pushed.err
    for track in listed(run, desk)["tracks"][:3]:
        assert (track["settings"]["fader_db"], track["settings"]["send_db"]) == pytest.approx((6.0, 0.0), abs=1e-5)


def test_a_reaper_project_is_the_session(stack: ExitStack, tmp_path: Path, write: Write, run: Run) -> None:
    """Its tracks have the names that REAPER says over OSC: numbered where they are the same, counted without one."""
    names = ("Gtr", "Gtr", " ", "Master")
    for n in range(len(names)):
        write(tmp_path / f"{n}.wav", tone(1.5, channels=1, seed=n))
    item = '<ITEM\n  POSITION 0\n  LENGTH 1.5\n  <SOURCE WAVE\n    FILE "{}.wav"\n  >\n>'
    tracks = "\n".join(f'<TRACK\n  NAME "{name}"\n  {item.format(n)}\n>' for n, name in enumerate(names))
    project, mix = tmp_path / "song.rpp", tmp_path / "mix.json"
    project.write_text(f'<REAPER_PROJECT 0.1 "7.0/linux-x86_64" 0\n  SAMPLERATE {RATE} 1 0\n{tracks}\n>\n')
    simulated, reply_port = Reaper([SimTrack(name, plugins=[plugin(STRIP_STEREO)]) for name in names]), free_port()
    running = stack.enter_context(served(simulated, reply_port))
    desk = Desk("reaper", options("reaper", running.port, reply_port), lambda: None)
    before = listed(run, desk)
    suggested(run, desk, project, mix)
    channels = {channel.name for channel in mix_from_json(mix.read_text()).channels}
    assert channels == {"Gtr", "Gtr (2)", "Master", "Track 3"}
    assert run("daw", "push", mix, *desk.options).code == 0
    assert any(track.level_db != 0.0 for track in simulated.tracks)
    assert run("daw", "undo", *desk.options).code == 0
    assert listed(run, desk) == before


def test_stems_of_another_song_are_refused(desk: Desk, tmp_path: Path, write: Write, run: Run) -> None:
    write(tmp_path / "other" / "kik.wav", np.zeros((RATE, 1), np.float32))
    ended = run("daw", "suggest", "--session", tmp_path / "other", "--engineer", "rules", *desk.options)
    assert ended.code != 0
    assert "is not of the session that is open" in ended.err
    assert "kick" in ended.err  # the name that was meant, perhaps


def test_without_a_session_it_is_asked_for(desk: Desk, run: Run) -> None:
    ended = run("daw", "suggest", "--engineer", "rules", *desk.options)
    assert ended.code != 0
    assert "--session" in ended.err


def test_what_was_moved_since_the_proposal_is_left_alone_with_all_of_its_level(
    desk: Desk, song: Path, tmp_path: Path, run: Run
) -> None:
    mix = tmp_path / "mix.json"
    suggested(run, desk, song, mix)
    desk.move_kick()
    pushed = run("daw", "push", mix, *desk.options)
    assert pushed.code == 0, pushed.err
    assert "kick: Fader left at -20.0 dB, where somebody has moved it" in pushed.out
    held = {track["name"]: track["settings"] for track in listed(run, desk)["tracks"]}
    assert held["kick"]["fader_db"] == pytest.approx(-20.0)
    assert held["kick"].get("trim_db", 0.0) == pytest.approx(0.0, abs=1e-6)
    regardless = run("daw", "push", mix, "--regardless", *desk.options)
    assert regardless.code == 0, regardless.err
    held = {track["name"]: track["settings"] for track in listed(run, desk)["tracks"]}
    wanted = next(c for c in mix_from_json(mix.read_text()).channels if c.name == "kick").settings
    assert held["kick"]["fader_db"] == pytest.approx(wanted["fader_db"], abs=1e-4)


def test_what_a_push_of_ours_has_moved_is_no_move(desk: Desk, song: Path, tmp_path: Path, run: Run) -> None:
    mix = tmp_path / "mix.json"
    suggested(run, desk, song, mix)
    assert run("daw", "push", mix, "--amount", "0.5", *desk.options).code == 0
    rest = run("daw", "push", mix, *desk.options)
    assert rest.code == 0
    assert "moved" not in rest.out
    assert "confirmed" in rest.out


def test_asked_again_after_a_push_nothing_is_left_to_set(
    stack: ExitStack, song: Path, tmp_path: Path, run: Run
) -> None:
    desk, first, second = reaper(stack), tmp_path / "first.json", tmp_path / "second.json"
    suggested(run, desk, song, first)
    assert run("daw", "push", first, *desk.options).code == 0
    suggested(run, desk, song, second)
    pushed = run("daw", "push", second, *desk.options)
    assert (pushed.code, "confirmed" in pushed.out) == (0, False)


def test_the_master_depends_on_the_peaks_and_not_on_where_it_stood() -> None:
    mix = Mix((ChannelMix("kick"),))
    lowered = with_headroom(mix, true_peak_dbtp=2.1)
    assert lowered.master["master_gain_db"] == pytest.approx(-4.1)  # a decibel under the ceiling of -1
    assert with_headroom(lowered, true_peak_dbtp=2.1) == lowered
    assert with_headroom(lowered, true_peak_dbtp=-9.0).master["master_gain_db"] == 0.0
    assert with_headroom(lowered, true_peak_dbtp=-np.inf) == lowered
