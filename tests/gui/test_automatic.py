"""The automatic mode's page: what is asked for, what is missing, and what becomes of it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pseudo_translation import bracketed, nameless, untranslated
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QDropEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from assistant.mandate import Automation, Mandate
from assistant.mix import ChannelMix, Mix
from gui.models.preferences import Preferences
from gui.views import theme
from gui.views.automatic import AutomaticPage
from gui.workshop.values import Finished, Order, Wish

TRACKS = ("Kick", "Bass", "Lead Vocal", "Backing Vocal")


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "dark", 1.0)
    yield
    theme.apply(qapp, "dark", 1.0)


@pytest.fixture
def preferences(qtbot: QtBot, tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "config")


@pytest.fixture
def page(qtbot: QtBot, preferences: Preferences, tmp_path: Path) -> AutomaticPage:
    made = AutomaticPage(preferences)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.set_tracks(TRACKS, str(tmp_path / "out"))
    return made


def finished_in(folder: Path) -> Finished:
    mix = Mix(channels=tuple(ChannelMix(name) for name in TRACKS))
    report = folder / "song.html"
    return Finished(
        mix=mix,
        audio=str(folder / "song.wav"),
        files=(("Mix", str(folder / "song.wav")), ("Report", str(report))),
        rows=(("Loudness", "-14.0 LUFS"), ("True peak", "-1.0 dBTP")),
        notes=("Kick is silent.",),
    )


def test_by_default_the_whole_mix_is_asked_for(page: AutomaticPage, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.make_asked) as asked:
        page.panel.make.click()
    assert asked.args == [Order(str(tmp_path / "out"), Wish())]
    assert page.panel.is_working
    assert not page.panel.make.isEnabled()


def test_every_choice_is_in_the_order(page: AutomaticPage, tmp_path: Path, preferences: Preferences) -> None:
    song = tmp_path / "song.flac"
    song.touch()
    page.what._boxes["reverb"].click()
    page.what.locks.set_locked(frozenset({"Bass"}))
    page.how.engineer.setCurrentIndex(page.how.engineer.findData("rules"))
    page.how.engineer.activated.emit(1)
    page.how._goals["vocal"].click()
    page.how._goals["focus"].click()
    page.how.focus.setCurrentText("Lead Vocal")
    page.how.target._presets.setCurrentIndex(2)
    page.how.target._presets.activated.emit(2)
    page.how.reference.set_path(str(song))
    page.output._depth.setCurrentIndex(1)
    page.output._depth.activated.emit(1)
    page.output._stems.click()
    mandate = Mandate(
        level=Automation.INDEPENDENT,
        sections=frozenset({"levels", "eq", "dynamics", "image"}),
        locked_tracks=frozenset({"Bass"}),
        focus="Lead Vocal",
    )
    wish = Wish("rules", {}, mandate, -23.0, ("vocal", "focus"), str(song))
    assert page.order() == Order(str(tmp_path / "out"), wish, None, "16", writes_stems=False)
    preferences.flush()
    again = Preferences(tmp_path / "config").choices
    assert (again.engineer, again.target_lufs, again.bit_depth) == ("rules", -23.0, "16")
    assert (again.goals, again.writes_stems) == (("vocal", "focus"), False)
    assert again.delegated == ("levels", "eq", "dynamics", "image")


def test_what_is_missing_is_said_in_place(page: AutomaticPage, qtbot: QtBot) -> None:
    for spoil, mend, said in (
        (lambda: page.output.folder.setText(" "), lambda: page.output.folder.setText("/out"), "folder"),
        (
            lambda: page.what.locks.set_locked(frozenset(TRACKS)),
            lambda: page.what.locks.set_locked(frozenset()),
            "Every track",
        ),
        (lambda: page.how.reference.set_path("/gone.wav"), lambda: page.how.reference.set_path(""), "reference"),
    ):
        spoil()
        with qtbot.assertNotEmitted(page.make_asked):
            page.panel.make.click()
        assert said in page.panel._failure_text.text()
        assert page.panel._failure.isVisible()
        mend()
    for box in page.what._boxes.values():
        box.click()
    assert page.problem() is not None
    assert not page.panel.is_working


def test_another_session_takes_its_own_folder(page: AutomaticPage) -> None:
    page.output.folder.setText("/my own")
    page.output._hear_own()
    page.output.suggest_folder("/suggested", is_new_session=False)
    assert page.order().folder == "/my own"
    page.set_tracks(("Kick",), "/another")
    assert page.order().folder == "/another"


def test_locks_are_found_by_name_and_kept_by_name(page: AutomaticPage) -> None:
    locks = page.what.locks
    locks._search.setText("vocal")
    assert [item.text() for item in locks._items() if not item.isHidden()] == ["Lead Vocal", "Backing Vocal"]
    locks.set_locked(frozenset({"Kick", "Lead Vocal"}))
    assert locks._count.text().startswith("2 of 4")
    page.set_tracks(("Kick", "Organ"))
    assert locks.locked() == {"Kick"}


def test_a_target_of_ones_own_is_custom(page: AutomaticPage) -> None:
    target = page.how.target
    target._value.setValue(-11.5)
    assert target._presets.currentText() == "Custom"
    target._value.setValue(-9.0)
    assert target._presets.currentText() == "Loud"
    target._value.setValue(-99.0)
    assert target.lufs == -60.0


def test_a_song_is_dropped_as_reference(page: AutomaticPage, tmp_path: Path) -> None:
    reference = page.how.reference
    for name, taken in (("cover.png", ""), ("song.flac", str(tmp_path / "song.flac"))):
        (tmp_path / name).touch()
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        reference.dropEvent(QDropEvent(QPointF(3, 3), Qt.DropAction.CopyAction, mime, button, keys))
        assert reference.path == taken
    reference._clear.click()
    assert reference.path == ""


def test_the_wheel_scrolls_the_page_and_changes_nothing(page: AutomaticPage, qapp: QApplication) -> None:
    before = page.order()
    page.panel.make.setFocus()
    for field in (page.how.target._value, page.how.engineer, page.output._depth):
        no_keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
        where, turn = QPointF(3, 3), QPoint(0, -120)
        wheel = QWheelEvent(where, where, QPoint(), turn, Qt.MouseButton.NoButton, no_keys, phase, False)
        qapp.sendEvent(field, wheel)
        assert field.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert page.order() == before


def test_progress_cancel_and_idle(page: AutomaticPage, qtbot: QtBot) -> None:
    page.show_progress(0.4, "Rendering")
    assert page.panel._stage.text() == "Rendering"
    assert page.panel._bar.value() == 400
    assert page.panel._elapsed.text() == "0:00"
    with qtbot.waitSignal(page.cancel_asked):
        page.panel._cancel.click()
    page.show_progress(0.5, "Rendering")
    assert page.panel._stage.text() == "Stopping…"
    page.show_idle()
    assert not page.panel.is_working
    assert page.panel.make.isEnabled()


def test_the_finished_mix_is_shown_played_and_opened(
    page: AutomaticPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = finished_in(tmp_path)
    page.show_finished(finished)
    page.show_finished(finished)
    card = page.panel.finished
    qtbot.waitUntil(card._tables.isVisible)
    texts = [label.text() for label in card.findChildren(QLabel) if label.isVisible()]
    assert all(text in texts for text in ("-14.0 LUFS", "True peak", "song.html", "Kick is silent."))
    with qtbot.waitSignal(page.play_asked) as played:
        card.play.click()
    assert played.args == [finished.audio]
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url.toLocalFile())))
    card.open_report.click()
    assert "not there" in card._trouble.text()
    card.open_folder.click()
    assert opened == [str(tmp_path)]
    assert "knows no program" in card._trouble.text()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_page_fits_a_small_laptop(qapp: QApplication, page: AutomaticPage, tmp_path: Path, scale: float) -> None:
    theme.apply(qapp, "light", scale)
    page.show_finished(finished_in(tmp_path))
    qapp.processEvents()
    assert page.panel.make.visibleRegion().boundingRect().width() == page.panel.make.width()
    for card in (page.what, page.how, page.output):
        assert card.mapTo(page, card.rect().topRight()).x() <= 1280


def test_texts_can_be_translated_and_are_named(qtbot: QtBot, tmp_path: Path) -> None:
    with bracketed():
        page = AutomaticPage(Preferences(tmp_path))
        qtbot.addWidget(page)
        page.set_tracks(TRACKS)
        page.show_finished(finished_in(tmp_path))
        names = {*TRACKS, "dmc", "rules", "equal-loudness", "mono", "random"}
        written = {"Mix", "Report", "song.wav", "song.html", "Loudness", "True peak", "Kick is silent."}
        assert untranslated(page, names | written) == set()
        assert nameless(page) == []


def test_the_pages_bring_nothing_heavy_along() -> None:
    code = (
        "import sys, gui.views.automatic, gui.views.welcome, gui.views.preferences_dialog, gui.views.notices;"
        "heavy = {'torch', 'scipy', 'numba', 'dawdreamer', 'soundfile', 'av', 'pythonosc'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
