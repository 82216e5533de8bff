"""The player: on a silent clock, as where no sound device is, and with a device that stands for one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from PyQt6.QtCore import QtMsgType, qInstallMessageHandler
from pytestqt.qtbot import QtBot

from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix
from gui.models import speakers as speakers_module
from gui.models.player import NEW_LOOP_S, Player
from gui.models.sound import (
    _WAKING_LOOKS,
    Device,
    DeviceOutput,
    SilentOutput,
    _converted,
    _Source,
    encoded,
    find_devices,
)
from gui.models.speakers import Speakers
from gui.tasks import Tasks
from gui.workshop.errors import WorkshopError
from gui.workshop.values import Tile

RATE, SECONDS = 8_000, 20.0


def mix(fader_db: float = 0.0) -> Mix:
    return Mix((ChannelMix("drums", ChannelSettings(fader_db=fader_db)), ChannelMix("voice")), BusSettings())


class Workshop:
    """Renders constants: ten to the fader's level; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, Collection[str] | None, int]] = []
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def fetch(self, mix: Mix, audible: Collection[str] | None, start: int, length: int, *_: Any) -> Tile:
        self.gate.wait(5.0)
        fader_db = mix.channels[0].settings["fader_db"]
        self.asked.append((fader_db, audible, start))
        if self.error is not None:
            raise self.error
        audio = np.full((2, length), 10.0 ** (fader_db / 20.0), np.float32)
        return Tile(start, audio, np.full((2, 81), fader_db, np.float32))


class FakeOutput(SilentOutput):
    """A device that plays when it is told to, and keeps what was played."""

    made: ClassVar[list[FakeOutput]] = []

    def __init__(self, device: Device, parent: Any) -> None:
        super().__init__(parent)
        self.device, self.played, self.is_running = device, np.zeros((0, 2), np.float32), False
        FakeOutput.made.append(self)

    def start(self, read: Callable[[int], Any], sample_rate: int) -> None:
        self._read, self.is_running = read, True

    def stop(self) -> None:
        self.is_running = False

    def pull(self, frames: int) -> np.ndarray:
        assert self._read is not None
        heard = self._read(frames)
        self.played = np.concatenate([self.played, heard])
        return heard


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    heard: list[str] = []

    def hear(kind: QtMsgType, context: Any, message: str | None) -> None:
        if kind != QtMsgType.QtInfoMsg:
            heard.append(f"{context.category}: {message}")

    before = qInstallMessageHandler(hear)
    yield
    qInstallMessageHandler(before)
    assert heard == []


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    threads = set(threading.enumerate())
    tasks = Tasks(2)
    yield tasks
    assert tasks.close()
    assert set(threading.enumerate()) == threads


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


def make_player(tasks: Tasks, workshop: Workshop, devices: tuple[Device, ...] = ()) -> Player:
    player = Player(tasks, workshop.fetch, Speakers(lambda: devices))
    player.open(RATE, SECONDS)
    player.set_versions({"before": mix(), "proposed": mix(-6.0)}, {"proposed": 6.0})
    return player


@pytest.fixture
def player(qtbot: QtBot, tasks: Tasks, workshop: Workshop) -> Iterator[Player]:
    player = make_player(tasks, workshop)
    yield player
    player.eject()


@pytest.fixture
def with_device(
    qtbot: QtBot, tasks: Tasks, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Player, FakeOutput]]:
    """A player on a fake device, all tiles of the beginning there, playing."""
    monkeypatch.setattr(FakeOutput, "made", [])
    monkeypatch.setattr(speakers_module, "DeviceOutput", _FakeDeviceOutput)
    player = make_player(tasks, workshop, (Device("Monitors", None), Device("Headphones", None)))
    player.play()
    qtbot.waitUntil(lambda: bool(FakeOutput.made) and len(workshop.asked) == 10)
    qtbot.waitUntil(lambda: player._filling is None)
    yield player, FakeOutput.made[0]
    player.eject()


class _FakeDeviceOutput(FakeOutput):
    from PyQt6.QtCore import pyqtSignal

    failed = pyqtSignal(str)


def test_nothing_is_rendered_before_somebody_listens(player: Player, workshop: Workshop) -> None:
    player.seek(3.0)
    assert workshop.asked == []
    assert player.position_s == 3.0
    assert not player.is_playing


def test_without_a_device_the_position_moves_and_the_meters_show(qtbot: QtBot, player: Player) -> None:
    positions: list[float] = []
    levels: list[Any] = []
    player.position_changed.connect(positions.append)
    player.levels_changed.connect(lambda found, peaks: levels.append((found, peaks)))
    player.play()
    qtbot.waitUntil(lambda: bool(positions) and positions[-1] > 0.2)
    assert player.device_text == "No sound device: everything else works"
    found, peaks = next(level for level in reversed(levels) if level[0] is not None)
    assert found.tolist() == [0.0, 0.0]
    assert max(peaks) == pytest.approx(1.0, abs=0.01)
    assert positions == sorted(positions)
    player.pause()
    qtbot.waitUntil(lambda: not player._timer.isActive())
    here = player.position_s
    qtbot.wait(60)
    assert player.position_s == here


def test_real_devices_are_looked_for_without_a_warning(qtbot: QtBot, tasks: Tasks, workshop: Workshop) -> None:
    player = Player(tasks, workshop.fetch)
    changed: list[bool] = []
    player.speakers.changed.connect(lambda: changed.append(True))
    player.speakers.look()
    qtbot.waitUntil(lambda: bool(changed))
    assert player.speakers.names == tuple(device.name for device in find_devices())


def test_the_versions_switch_at_once_and_equally_loud(with_device: tuple[Player, FakeOutput]) -> None:
    player, output = with_device
    assert player.device_text == "Sound: Monitors"
    output.pull(RATE)
    assert output.pull(10)[-1] == pytest.approx(1.0)
    player.set_version("proposed")
    before = player.position_s
    heard = output.pull(800)
    assert heard[-1] == pytest.approx(1.0, abs=0.01)
    assert np.abs(heard - 1.0).max() < 0.003  # 6 dB are not quite a half
    assert player.position_s == pytest.approx(before + 0.1)
    player.set_version("accepted")
    assert player.version == "proposed"


def test_a_changed_mix_takes_over_where_it_plays(
    qtbot: QtBot, workshop: Workshop, with_device: tuple[Player, FakeOutput]
) -> None:
    player, output = with_device
    output.pull(RATE)
    count = len(workshop.asked)
    player.set_versions({"before": mix(-20.0), "proposed": mix(-6.0)}, {"proposed": 6.0})
    assert output.pull(400)[-1] == pytest.approx(1.0)
    qtbot.waitUntil(lambda: len(workshop.asked) == count + 5 and player._filling is None)
    assert workshop.asked[count] == (-20.0, None, 0)
    heard = output.pull(RATE)[:, 0]
    assert heard[-1] == pytest.approx(0.1, abs=1e-6)
    assert np.abs(np.diff(heard)).max() < 0.05
    player.set_versions({"before": mix(-20.0), "proposed": mix(-6.0)}, {"proposed": 6.0})
    assert len(workshop.asked) == count + 5


def test_soloing_renders_anew(qtbot: QtBot, workshop: Workshop, with_device: tuple[Player, FakeOutput]) -> None:
    player, _ = with_device
    player.set_audible(["voice"])
    qtbot.waitUntil(lambda: len(workshop.asked) == 20)
    assert {asked[1] for asked in workshop.asked[10:]} == {frozenset({"voice"})}
    player.set_audible(["voice"])
    assert player._filling is None


def test_while_a_fader_is_dragged_tiles_still_arrive(
    qtbot: QtBot, workshop: Workshop, with_device: tuple[Player, FakeOutput]
) -> None:
    player, _ = with_device
    workshop.gate.clear()
    for step in range(1, 30):
        player.set_versions({"before": mix(-0.1 * step), "proposed": mix(-6.0)}, {"proposed": 6.0})
    workshop.gate.set()
    qtbot.waitUntil(lambda: player._filling is None)
    heard = [fader_db for fader_db, _, start in workshop.asked[10:] if start == 0]
    assert heard[0] == pytest.approx(-0.1)
    assert heard[-1] == pytest.approx(-2.9)
    assert len(heard) == 2


def test_seeking_to_where_nothing_is_calls_off_what_is_not_needed(
    qtbot: QtBot, player: Player, workshop: Workshop
) -> None:
    workshop.gate.clear()
    player.play()
    player.seek(13.0)
    workshop.gate.set()
    qtbot.waitUntil(lambda: len(workshop.asked) >= 3)
    assert next(start for _, _, start in workshop.asked if start) == 3 * 4 * RATE
    assert player._deck.revision("before", 0) is None


def test_waiting_is_said_and_an_error_stops(qtbot: QtBot, player: Player, workshop: Workshop) -> None:
    workshop.error = WorkshopError("drums.wav is gone")
    failed: list[Exception] = []
    player.failed.connect(failed.append)
    player.play()
    assert player.is_playing
    assert player.is_waiting
    qtbot.waitUntil(lambda: bool(failed))
    assert str(failed[0]) == "drums.wav is gone"
    assert not player.is_playing
    assert len(workshop.asked) == 1
    workshop.error = None
    player.play()
    qtbot.waitUntil(lambda: not player.is_waiting)


def test_equal_values_emit_nothing(player: Player) -> None:
    heard: list[Any] = []
    player.state_changed.connect(lambda: heard.append("state"))
    player.position_changed.connect(heard.append)
    player.set_volume(1.0)
    player.set_muted(False)
    player.set_version("before")
    player.set_loop(None)
    player.seek(0.0)
    player.pause()
    player.set_versions({"before": mix(), "proposed": mix(-6.0)}, {"proposed": 6.0})
    assert heard == []
    player.set_loop((1.0, 3.0))
    player.seek(2.0)
    assert heard == ["state", 2.0]


def test_loops_are_brought_into_the_song(player: Player) -> None:
    player.seek(5.0)
    player.set_looping(True)
    assert player.loop == (5.0, 5.0 + NEW_LOOP_S)
    player.set_loop((19.99, 40.0))
    assert player.loop == (19.8, 20.0)
    player.set_loop((3.0, 1.0))
    assert player.loop == (1.0, 3.0)
    assert player.position_s == 1.0
    player.set_looping(False)
    assert player.loop is None
    player.set_looping(True)
    assert player.loop == (1.0, 3.0)
    player.seek(2.0)
    player.stop()
    assert player.position_s == 1.0
    player.nudge(-5.0)
    assert player.position_s == 0.0


def test_a_version_that_vanishes_is_left(player: Player) -> None:
    player.set_version("proposed")
    assert player.gain_db("proposed") == 6.0
    player.set_versions({"before": mix()})
    assert (player.version, player.versions) == ("before", ("before",))


def test_another_device_goes_on_at_the_same_place(qtbot: QtBot, with_device: tuple[Player, FakeOutput]) -> None:
    player, output = with_device
    output.pull(RATE)
    player.speakers.choose("Headphones")
    other = FakeOutput.made[1]
    assert (output.is_running, other.is_running, other.device.name) == (False, True, "Headphones")
    other.pull(RATE)
    assert player.position_s == pytest.approx(2.0)
    player.speakers.choose("Headphones")
    assert len(FakeOutput.made) == 2
    other.failed.emit("IOError")  # pulled out
    assert player.device_text == "No sound device: everything else works"
    assert player.is_playing
    qtbot.waitUntil(lambda: player.position_s > 2.1)


def test_a_device_that_asks_for_nothing_any_more_is_gone(qtbot: QtBot) -> None:
    output, failed = DeviceOutput(Device("Monitors", None)), []
    output.failed.connect(failed.append)
    output._source = _Source(lambda frames: np.zeros((frames, 2), np.float32), "Float", 2, output)
    for _ in range(5):
        output._source.readData(800)
        output._look_whether_it_reads()
    output._look_whether_it_reads()
    assert failed == []
    output._look_whether_it_reads()
    assert failed == ["it asks for nothing any more"]


def test_a_device_that_wakes_slowly_is_not_gone(qtbot: QtBot) -> None:
    output, failed = DeviceOutput(Device("Monitors", None)), []
    output.failed.connect(failed.append)
    output._source = _Source(lambda frames: np.zeros((frames, 2), np.float32), "Float", 2, output)
    output._missed_looks = -_WAKING_LOOKS  # as it is when it has just begun
    output._source.readData(800)
    for _ in range(_WAKING_LOOKS):
        output._look_whether_it_reads()
    assert failed == []
    for _ in range(3):
        output._look_whether_it_reads()
    assert failed == ["it asks for nothing any more"]


def test_what_keeps_sound_away_is_said(qtbot: QtBot, tasks: Tasks, workshop: Workshop) -> None:
    def finds() -> tuple[Device, ...]:
        raise ImportError("libpulse.so.0 is missing")

    speakers = Speakers(finds)
    with qtbot.waitSignal(speakers.changed):
        speakers.look()
    assert speakers.text.startswith("No sound device: everything else works")
    assert "libpulse.so.0 is missing" in speakers.text


def test_a_source_gives_whole_frames(qtbot: QtBot) -> None:
    parent = SilentOutput()
    source = _Source(lambda frames: np.full((frames, 2), 0.5, np.float32), "Int16", 2, parent)
    assert np.frombuffer(source.readData(4 * 10 + 3), "<i2").tolist() == [16384] * 20
    assert np.frombuffer(bytes(source.read(40)), "<i2").tolist() == [16384] * 20
    assert source.isSequential()


def test_the_demo_is_heard_as_it_is_rendered(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, show: Callable[[str], None]
) -> None:
    from assistant.audio.reading import load_track
    from assistant.demo_session import demo_folder
    from protocols.stems import read_stems_folder
    from render.audition import Audition
    from render.mixdown import render_premaster

    session, _ = read_stems_folder(demo_folder())
    strip = ChannelSettings(comp_threshold_db=-24.0, comp_ratio=3.0, send_db=-12.0, highpass_on=1.0, highpass_hz=60.0)
    wet = Mix(tuple(ChannelMix(t.name, strip.with_values(fader_db=-12.0)) for t in session.tracks))
    audition, tasks = Audition(session), Tasks(1)

    def fetch(mix: Mix, audible: Any, start: int, length: int, progress: Any, is_cancelled: Any) -> Tile:
        return Tile(start, *audition.tile(mix, audible, start, length, is_cancelled))

    monkeypatch.setattr(FakeOutput, "made", [])
    monkeypatch.setattr(speakers_module, "DeviceOutput", _FakeDeviceOutput)
    player = Player(tasks, fetch, Speakers(lambda: (Device("Monitors", None),)))
    player.open(session.sample_rate, 9.0)
    player.set_versions({"before": wet})
    player.play()
    qtbot.waitUntil(lambda: bool(FakeOutput.made) and player._filling is None, timeout=20_000)
    heard = FakeOutput.made[0].pull(9 * session.sample_rate - 480).T[:, 480:]
    player.eject()
    assert tasks.close()
    whole = render_premaster(session, wet, load_track)[:, 480 : 9 * session.sample_rate - 480]
    difference_db = 20.0 * np.log10(np.abs(heard - whole).std() / whole.std())
    show(f"player: what a device gets of the demo against the whole render: {difference_db:.1f} dB of the mix")
    assert difference_db < -75.0


def test_encoding_for_devices() -> None:
    audio = np.array([[0.0, 1.0], [-1.0, 0.5]], np.float32)
    assert np.frombuffer(encoded(audio, "Float", 2), "<f4").tolist() == [0.0, 1.0, -1.0, 0.5]
    assert np.frombuffer(encoded(audio, "Int16", 2), "<i2").tolist() == [0, 32767, -32767, 16384]
    assert np.frombuffer(encoded(audio, "Int16", 1), "<i2").tolist() == [16384, -8192]
    assert np.frombuffer(encoded(audio, "Float", 4), "<f4").tolist() == [0.0, 1.0, 0.0, 0.0, -1.0, 0.5, 0.0, 0.0]
    assert np.frombuffer(encoded(audio, "Int32", 2), "<i4")[1] > 2_147_483_000


def test_a_device_at_another_rate_hears_the_same_pitch() -> None:
    position = 0

    def read(frames: int) -> np.ndarray:
        nonlocal position
        phase = 2.0 * np.pi * 1_000.0 * np.arange(position, position + frames) / 44_100
        position += frames
        return np.repeat(0.5 * np.sin(phase)[:, None], 2, axis=1).astype(np.float32)

    converted = _converted(read, 44_100, 48_000)
    heard = np.concatenate([converted(512) for _ in range(94)])[:, 0][4_800:]
    spectrum = np.abs(np.fft.rfft(heard[:43_200] * np.hanning(43_200)))
    assert np.argmax(spectrum) * 48_000 / 43_200 == pytest.approx(1_000.0, abs=1.2)
    assert np.abs(heard).max() == pytest.approx(0.5, abs=1e-3)
    assert position == pytest.approx(94 * 512 * 44_100 / 48_000, abs=4_096)
