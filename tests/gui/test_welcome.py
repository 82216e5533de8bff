"""The first page: what is dropped, opened, remembered and connected; and the strips with messages."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pseudo_translation import bracketed, nameless, untranslated
from PyQt6.QtCore import QDateTime, QLocale, QMimeData, QPointF, Qt, QTranslator, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.models.dropping import song_verdict, verdict_on
from gui.models.preferences import Preferences
from gui.translating import install_translator, table_text
from gui.views import theme
from gui.views.notices import BusyStrip, Notice, Notices, NoticeStrip
from gui.views.preferences_dialog import PreferencesDialog
from gui.views.recent_list import when_text
from gui.views.welcome import WelcomePage

ENDINGS = (".ardour", ".rpp", ".dawproject")
DAWS = (("ardour", "Ardour"), ("reaper", "REAPER"))


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "dark", 1.0)
    yield
    theme.apply(qapp, "dark", 1.0)


@pytest.fixture
def preferences(qtbot: QtBot, tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "config")


@pytest.fixture
def page(qtbot: QtBot, preferences: Preferences) -> WelcomePage:
    made = WelcomePage(preferences, DAWS, ENDINGS)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    return made


def dragged(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(page: QWidget, mime: QMimeData) -> None:
    actions, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dragEnterEvent(QDragEnterEvent(QPointF(5, 5).toPoint(), actions, mime, button, keys))
    page.dropEvent(QDropEvent(QPointF(5, 5), actions, mime, button, keys))


def button(page: QWidget, name: str) -> QPushButton:
    return next(b for b in page.findChildren(QPushButton) if name in (b.text(), b.accessibleName()))


@pytest.fixture
def places(tmp_path: Path) -> Path:
    for name in ("stems", "empty", "session", "Set Project"):
        (tmp_path / name).mkdir()
    for name in (
        "stems/kick.wav",
        "stems/bass.FLAC",
        "session/song.ardour",
        "session/kick.wav",
        "cover.png",
        "mix.json",
        "song.RPP",
        "set.als",
    ):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("dropped", "opened", "kind"),
    [
        (["stems"], "stems", "folder"),
        (["stems/kick.wav", "stems/bass.FLAC"], "stems", "folder"),
        (["session"], "session/song.ardour", "project"),
        (["song.RPP"], "song.RPP", "project"),
        (["mix.json"], "mix.json", "mix"),
    ],
)
def test_what_is_dropped_is_recognised(places: Path, dropped: list[str], opened: str, kind: str) -> None:
    verdict = verdict_on([str(places / name) for name in dropped], ENDINGS)
    assert (verdict.path, verdict.kind) == (str(places / opened), kind)


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (["empty"], "no audio"),
        (["cover.png"], "no session"),
        (["set.als"], "Ableton Live.*export"),
        (["gone.rpp"], "not there"),
        (["stems", "session"], "several"),
        ([], "of this computer"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_a_reason(
    page: WelcomePage, qtbot: QtBot, places: Path, dropped: list[str], reason: str
) -> None:
    opened: list[str] = []
    page.open_asked.connect(opened.append)
    with qtbot.waitSignal(page.refused) as refused:
        drop(page, dragged(*(places / name for name in dropped)))
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(refused.args[0])
    assert not opened
    assert page._sheet.isHidden()


def test_the_sheet_says_what_dropping_does(page: WelcomePage, qtbot: QtBot, places: Path) -> None:
    mime = dragged(places / "stems")
    actions, mouse, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dragEnterEvent(QDragEnterEvent(QPointF(5, 5).toPoint(), actions, mime, mouse, keys))
    assert page._sheet.isVisible()
    assert "stems" in page._sheet.text
    assert page._sheet.size() == page.size()
    page.dragLeaveEvent(None)
    assert not page._sheet.isVisible()
    with qtbot.waitSignal(page.open_asked) as opened:
        drop(page, mime)
    assert opened.args == [str(places / "stems")]


def test_a_reference_is_one_song(places: Path) -> None:
    assert song_verdict([str(places / "stems/kick.wav")]).is_open
    for wrong in ([], [str(places / "cover.png")], [str(places / "stems")], [str(places / "gone.wav")]):
        assert not song_verdict(wrong).is_open


def test_the_cards_ask_for_what_they_say(
    page: WelcomePage, qtbot: QtBot, places: Path, monkeypatch: pytest.MonkeyPatch, preferences: Preferences
) -> None:
    with qtbot.waitSignal(page.demo_asked):
        qtbot.keyClick(button(page, "Try the demo"), Qt.Key.Key_Return)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(places / "stems"))
    with qtbot.waitSignal(page.open_asked) as opened:
        button(page, "Open a folder of stems").click()
    assert opened.args == [str(places / "stems")]
    assert preferences.choices.last_folder == str(places)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    with qtbot.assertNotEmitted(page.open_asked):
        button(page, "Open a project or a mix").click()


def test_recent_sessions_can_be_opened_and_forgotten(
    page: WelcomePage, qtbot: QtBot, places: Path, preferences: Preferences
) -> None:
    preferences.remember_session(str(places / "gone"), "folder")
    preferences.remember_session(str(places / "stems"), "folder")
    with qtbot.waitSignal(page.open_asked) as opened:
        button(page, "stems").click()
    assert opened.args == [str(places / "stems")]
    gone = button(page, "gone")
    assert not gone.isEnabled()
    assert any("Not there any more" in label.text() for label in gone.findChildren(QLabel))
    preferences.forget_session(str(places / "gone"))
    assert [row._card.accessibleName() for row in page.recents._rows] == ["stems"]


def test_times_are_said_as_people_say_them() -> None:
    now = QDateTime.currentDateTime()
    assert when_text(now.toSecsSinceEpoch(), now).startswith("today")
    assert when_text(now.addDays(-1).toSecsSinceEpoch(), now) == "yesterday"
    assert when_text(now.addDays(-40).toSecsSinceEpoch(), now) not in ("", "yesterday")


def test_a_daw_is_asked_for_with_its_options(page: WelcomePage, qtbot: QtBot, preferences: Preferences) -> None:
    form = page.daw.form
    form.kind.setCurrentIndex(1)
    form.kind.activated.emit(1)
    form._port.setValue(8000)
    with qtbot.waitSignal(page.daw_asked) as asked:
        button(page, "Connect").click()
    assert asked.args == ["reaper", {"host": "127.0.0.1", "port": 8000, "reply_port": None}]
    assert (preferences.choices.daw, preferences.choices.daw_port) == ("reaper", 8000)
    with qtbot.waitSignal(page.doctor_asked) as doctor:
        button(page, "What is wrong?").click()
    assert doctor.args == asked.args
    page.set_daw_state("connected", "REAPER: 12 tracks")
    assert not form.isEnabled()
    with qtbot.waitSignal(page.daw_left):
        button(page, "Disconnect").click()
    with pytest.raises(KeyError):
        page.set_daw_state("asleep")


def test_every_lamp_has_a_sign_of_its_own(page: WelcomePage) -> None:
    seen = []
    for state in ("closed", "waiting", "connected", "lost"):
        page.set_daw_state(state)
        seen.append(page.daw._lamp.pixmap().toImage().convertToFormat(page.grab().toImage().format()))
    assert all(first != other for place, first in enumerate(seen) for other in seen[:place])


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_page_fits_a_small_laptop(qapp: QApplication, page: WelcomePage, scale: float) -> None:
    theme.apply(qapp, "light", scale)
    qapp.processEvents()
    assert page.size().width() == 1280
    assert page._content.width() <= 1280
    for child in page._content.findChildren(QPushButton):
        if child.isVisible():
            right = child.mapTo(page, child.rect().topRight()).x()
            assert right <= 1280, child.accessibleName()


def test_texts_can_be_translated_and_are_named(qtbot: QtBot, tmp_path: Path) -> None:
    kept = [
        {"path": "/x/Kites", "kind": "folder", "opened_s": time.time()},
        {"path": "/d", "kind": "demo", "opened_s": 9},
    ]
    (tmp_path / "preferences.json").write_text(json.dumps({"recents": kept}), encoding="utf-8")
    with bracketed():
        preferences = Preferences(tmp_path)
        pages = (WelcomePage(preferences, DAWS, ENDINGS), PreferencesDialog(preferences, DAWS), Notices())
        pages[2].busy.start("⟦work⟧")
        pages[2].messages.tell(Notice("⟦text⟧", "error", "⟦act⟧"))
        pages[2].tell("⟦other⟧")
        for page in pages:
            qtbot.addWidget(page)
            names = {"mixassist", "Ardour", "REAPER", "Kites", "/x/", "127.0.0.1", "dmc", "rules", "mono"}
            assert untranslated(page, names | set(ENDINGS)) == set()
            assert nameless(page) == []


def test_without_a_translation_nothing_is_installed(qapp: QApplication, tmp_path: Path) -> None:
    assert install_translator(qapp, QLocale("de_DE"), tmp_path / "none") == ()
    assert table_text("every track equally loud") == "every track equally loud"


def test_a_translation_that_is_there_is_installed(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "mixassist_de.qm").write_bytes(bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd"))
    found = install_translator(qapp, QLocale("de_DE"), tmp_path)
    assert found
    assert all(isinstance(translator, QTranslator) for translator in found)
    for translator in found:
        qapp.removeTranslator(translator)
    assert install_translator(qapp, QLocale("fr_FR"), tmp_path) == ()


def test_messages_queue_up_gravest_first(qtbot: QtBot) -> None:
    strip = NoticeStrip()
    qtbot.addWidget(strip)
    done: list[str] = []
    strip.tell(Notice("saved"))
    strip.tell(Notice("saved"))
    strip.tell(Notice("lost", "error", "Find it", lambda: done.append("found")))
    assert strip.shown is not None
    assert strip.shown.text == "lost"
    assert "lost" in strip.accessibleName()
    assert strip._more.text() == "1 more"
    strip._action.click()
    assert done == ["found"]
    assert strip.shown is not None
    assert strip.shown.text == "saved"
    qtbot.keyClick(strip, Qt.Key.Key_Escape)
    assert strip.shown is None
    assert strip.isHidden()


def test_a_message_with_a_key_is_replaced_and_withdrawn(qtbot: QtBot) -> None:
    strip = NoticeStrip()
    qtbot.addWidget(strip)
    strip.tell(Notice("3 unsent", "warning", key="daw"))
    strip.tell(Notice("4 unsent", "warning", key="daw"))
    assert strip.shown == Notice("4 unsent", "warning", key="daw")
    strip.withdraw("daw")
    assert strip.shown is None


def test_information_goes_by_itself_and_warnings_stay(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    strip = NoticeStrip(window)
    strip._timer.setInterval(10)
    strip.tell(Notice("saved"))
    qtbot.waitUntil(lambda: strip.shown is None, timeout=2000)
    strip.tell(Notice("careful", "warning"))
    assert not strip._timer.isActive()


def test_short_work_shows_nothing_and_long_work_can_be_cancelled(qtbot: QtBot) -> None:
    strip = BusyStrip()
    qtbot.addWidget(strip)
    strip.start("Listening")
    strip.finish()
    assert not strip._delay.isActive()
    strip.start("Listening")
    qtbot.waitUntil(strip.isVisible, timeout=2000)
    strip.show_progress(1.7, "Proposing")
    assert strip._bar.value() == strip._bar.maximum()
    with qtbot.waitSignal(strip.cancel_asked):
        strip._cancel.click()
    assert not strip._cancel.isEnabled()
    strip.finish()
    assert not strip.is_busy
    assert strip.isHidden()
