"""The real window on the demo: suggestions waited for, decided on, heard, explained, saved and made, by mouse and keys.

The window of all these tests is the same; each begins with nothing decided.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyebur128
import pytest
import soundfile
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog
from windows import Window, window_on

from assistant.automation import neutral_mix
from assistant.decisions import Decisions, TrackDecision, decided_mix
from assistant.demo_session import demo_folder
from assistant.mix import Mix, mix_from_dict, mix_to_dict
from gui.views.role_menu import RoleMenu

NAMES = tuple(sorted(file.stem for file in demo_folder().glob("*.flac")))
Key = Qt.Key


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Mix]]:
    """What the command line proposes for the same session, by another process."""
    file = tmp_path_factory.mktemp("line") / "line.json"
    command = [sys.executable, "-m", "assistant.cli.main", "suggest", str(demo_folder()), "-q", "-o", str(file)]
    process = subprocess.Popen(command)

    def proposal() -> Mix:
        assert process.wait(100) == 0
        return mix_from_dict(json.loads(file.read_text()))

    yield proposal
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, line: object, qapp: object) -> Iterator[Window]:
    with window_on(tmp_path_factory.mktemp("window")) as window:
        window.companion.welcome.demo_asked.emit()
        window.wait_proposal()
        yield window


@pytest.fixture
def window(opened: Window) -> Window:
    """The window with suggestions, nothing decided."""
    opened.document.undo_stack.setIndex(0)
    opened.trigger("suggest")
    opened.wait(lambda: not opened.companion.proposing.is_busy, "the proposal")
    opened.document.undo_stack.clear()
    return opened


def decide_as_a_user(window: Window) -> Decisions:
    """Accept two, reject one, take half of another; returns what that should be."""
    window.click(window.strip_of("lead_vocal").accept)
    window.press_on_strip("kick", Key.Key_A)
    window.press_on_strip("bass", Key.Key_R)
    window.press_on_strip("synth", "[" * 10)
    window.press_on_strip("synth", Key.Key_A)
    whole = TrackDecision().with_parts("accepted")
    return Decisions(
        {
            "lead_vocal": whole,
            "kick": whole,
            "bass": TrackDecision().with_parts("rejected"),
            "synth": replace(whole, amount=0.5),
        }
    )


def test_the_demo_opens_with_suggestions(window: Window) -> None:
    document, mixer = window.document, window.companion.workspace.mixer
    assert document.names == NAMES
    assert window.window.windowTitle() == "Demo - mixassist"
    assert not window.is_welcome
    assert mixer.isVisible()
    assert {strip.strip.name for strip in mixer.area.views() if strip.strip is not None} <= set(NAMES)
    window.wait(lambda: window.strip_of("lead_vocal").strip.decision == "pending", "the strips, some at a time")
    assert all(document.made_mix().channel(n).settings == document.before.channel(n).settings for n in NAMES)
    window.wait(lambda: mixer.shared.counts.text().startswith(f"{len(NAMES)} to decide"), "the counts")


def test_decisions_become_the_mix_file(
    window: Window, line: Callable[[], Mix], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = decide_as_a_user(window)
    assert window.document.decisions == wanted
    file = tmp_path / "decided.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    window.trigger("save_mix")
    window.wait(lambda: window.says(f"Saved: {file}"), "the file")

    proposal = line()
    before = neutral_mix(proposal)
    saved = mix_from_dict(json.loads(file.read_text()))
    assert saved == mix_from_dict(mix_to_dict(decided_mix(before, proposal, wanted)))
    for name in ("lead_vocal", "kick"):
        assert saved.channel(name).settings == proposal.channel(name).settings
    for name in ("bass", "vocal_echo"):
        assert saved.channel(name).settings == before.channel(name).settings
    faders = [mix.channel("synth").settings["fader_db"] for mix in (before, proposal, saved)]
    assert faders[2] == pytest.approx(0.5 * (faders[0] + faders[1]), abs=0.1)
    assert saved.reverb == proposal.reverb  # the vocal's send was accepted, and nothing fed the bus before
    assert saved.master == before.master


def test_every_step_is_undone_and_done_again(window: Window) -> None:
    wanted = decide_as_a_user(window)
    stack = window.document.undo_stack
    assert stack.count() == 5  # the ten strokes of [ are one
    undo, redo = (action_with(window, key) for key in ("Ctrl+Z", "Ctrl+Shift+Z"))
    assert undo.text() == "Undo Accept: synth"
    for count in range(5):
        assert stack.index() == 5 - count
        undo.trigger()
    assert all(window.document.decision(name) == TrackDecision() for name in NAMES)
    assert not undo.isEnabled()
    for _ in range(5):
        redo.trigger()
    assert window.document.decisions == wanted
    assert window.strip_of("kick").strip.decision == "accepted"


def action_with(window: Window, key: str):  # type: ignore[no-untyped-def]
    """The window's action that has the key."""
    bar = window.window.menuBar()
    actions = [action for menu in bar.actions() for action in menu.menu().actions()]
    return next(action for action in actions if action.shortcut().toString() == key)


@pytest.mark.qt_log_ignore("This plugin does not support")  # what the offscreen platform says of popups
def test_another_role_proposes_anew_and_keeps_decisions(window: Window, line: Callable[[], Mix]) -> None:
    document, name = window.document, "synth_bleep"
    window.press_on_strip("kick", Key.Key_A)
    old = document.engineers_mix
    window.click(window.strip_of(name).role)
    menu = next(w for w in QApplication.topLevelWidgets() if isinstance(w, RoleMenu) and w.isVisible())
    QTest.keyClicks(menu.search, "lead vocal")
    QTest.keyClick(menu.search, Key.Key_Return)
    assert document.decision(name).role == "lead vocal"
    assert window.companion.proposing.is_busy
    window.wait(lambda: not window.companion.proposing.is_busy, "the new proposal")
    assert document.engineers_mix.channel(name).role == "lead vocal"
    assert document.engineers_mix.channel(name).settings != old.channel(name).settings
    assert window.strip_of("kick").strip.decision == "accepted"
    assert window.strip_of(name).strip.is_role_own
    action_with(window, "Ctrl+Z").trigger()
    window.wait(lambda: not window.companion.proposing.is_busy, "the old proposal")
    assert document.engineers_mix.channel(name).settings == line().channel(name).settings


def test_a_fader_that_is_dragged_is_measured(window: Window) -> None:
    document = window.document
    window.wait(lambda: document.figures is not None, "figures")
    was = document.figures.tracks["lead_vocal"].loudness_lufs
    strip = window.strip_of("lead_vocal")
    fader_was_db = strip.strip.proposed["fader_db"]
    shown_db = strip.fader.shown_value
    window.drag(strip.fader, QPointF(strip.fader.width() / 2, strip.fader.cap_y), QPoint(0, 40))
    by_db = document.channel_made("lead_vocal").settings["fader_db"] - fader_was_db
    assert strip.fader.shown_value < shown_db
    assert document.undo_stack.count() == 1
    window.wait(lambda: document.figures.tracks["lead_vocal"].loudness_lufs != was, "new figures")
    moved_lu = document.figures.tracks["lead_vocal"].loudness_lufs - was
    assert moved_lu == pytest.approx(by_db, abs=0.3)


def test_insight_into_a_track_and_its_curve(window: Window) -> None:
    document, view = window.document, window.companion.workspace.track_view
    strip = window.strip_of("lead_vocal")
    QTest.mouseDClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() // 2, 12))
    assert window.window.mode == "insight"
    window.wait(lambda: view._insight is not None, "the insight")
    insight, page = view._insight, view.page
    assert insight.name == "lead_vocal"
    assert math.isfinite(insight.after.loudness_lufs)
    assert any(card.isVisibleTo(page) for card in page.reasons.cards)
    assert insight.before_db.shape == insight.band_hz.shape
    spectrum = page.eq._after.getData()
    assert len(spectrum[0]) == len(insight.band_hz)

    page.eq.ensurePolished()
    window.wait(lambda: page.eq.isVisible() and page.eq.width() > 100, "the plot")
    handle = next(h for h in page.eq.handles() if h.name == "peak2" and not h.is_ghost)
    window.drag(page.eq.viewport(), page.eq.to_pixel(handle.x, handle.y), QPoint(0, -60))
    gain_db = document.channel_made("lead_vocal").settings["peak2_gain_db"]
    assert gain_db > 3.0
    assert document.undo_stack.count() == 1
    window.wait(lambda: view._insight is not None and view._insight is not insight, "the new insight")
    near_1k = int(abs(insight.band_hz - 1000.0).argmin())
    rest = [k for k in range(len(insight.band_hz)) if abs(math.log2(insight.band_hz[k] / 1000.0)) > 2.5]
    change_db = view._insight.after_db - insight.after_db
    assert change_db[near_1k] - change_db[rest].mean() == pytest.approx(gain_db, abs=1.5)


def test_insight_into_the_mix(window: Window) -> None:
    workspace = window.companion.workspace
    window.trigger("insight")
    workspace.insight.show_mix()
    view = workspace.mix_view
    window.wait(lambda: view._insight is not None, "the insight into the mix")
    assert view._insight.names == NAMES
    assert {place.track for place in view._insight.places} == set(NAMES)
    assert math.isfinite(view._insight.after.integrated_lufs)
    was = view._insight
    window.document.decide([window.document.row("lead_vocal")], "rejected")
    window.wait(lambda: view._insight is not was, "the next one")
    assert view._insight.after.integrated_lufs != was.after.integrated_lufs
    workspace.insight.show_track(0)


def test_versions_are_heard_and_soloed(window: Window) -> None:
    document, player = window.document, window.companion.workspace.player
    player.set_muted(True)  # wherever this runs
    window.trigger("return")
    window.trigger("play")
    window.wait(lambda: player.is_playing and not player.is_waiting and player.position_s > 0.2, "the song")
    assert player.versions == ("before", "proposed", "accepted")
    for name in ("before", "accepted", "proposed"):
        here_s = player.position_s
        window.trigger(f"hear_{name}")
        assert player.version == name
        window.wait(lambda: not player.is_waiting, name)
        assert player.position_s >= here_s - 0.1
    number = player._deck.status.position // player._deck.tile_samples
    was = player._deck.revision("proposed", number)
    window.click(window.strip_of("bass").solo)
    assert document.audible() == ("bass",)
    window.wait(lambda: player._deck.revision("proposed", number) not in (was, None), "the bass alone")
    window.click(window.strip_of("bass").solo)
    assert document.audible() is None
    window.trigger("play")
    window.wait(lambda: not player.is_playing, "silence")
    window.trigger("return")
    assert player.position_s == 0.0


def test_a_mix_is_made(window: Window, line: Callable[[], Mix], tmp_path: Path) -> None:
    page, folder = window.companion.workspace.automatic, tmp_path / "Demo mix"
    window.trigger("automatic")
    page.output.folder.setText("")
    QTest.keyClicks(page.output.folder, str(folder))
    window.click(page.panel.make)
    assert page.panel.is_working
    window.wait(lambda: not page.panel.is_working, "the mix", timeout_s=100.0)
    assert page.panel.finished.isVisible(), page.panel._failure_text.text()
    assert loudness_lufs(folder / "mix.wav") == pytest.approx(-14.0, abs=0.1)
    stems = {file.stem for file in (folder / "stems").glob("*.wav")}
    assert set(NAMES) <= stems
    assert "lead_vocal" in (folder / "report.html").read_text()
    made, proposal = mix_from_dict(json.loads((folder / "mix.json").read_text())), line()
    for name in NAMES:
        assert made.channel(name).settings == proposal.channel(name).settings
    assert made.reverb == proposal.reverb


def loudness_lufs(file: Path) -> float:
    """As another program's meter has it."""
    audio, rate = soundfile.read(file, always_2d=True, dtype="float32")
    meter = pyebur128.R128State(audio.shape[1], rate, pyebur128.MeasurementMode.MODE_I)
    meter.add_frames(audio.reshape(-1), len(audio))
    return float(pyebur128.get_loudness_global(meter))
