"""Preferences survive broken files, other versions, other windows and full disks."""

import json
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.models.choices import Choices
from gui.models.preferences import Preferences, configuration_folder
from gui.models.recents import MOST, Recent, recents_from, with_recent
from gui.views.preferences_dialog import PreferencesDialog


def file_in(folder: Path) -> Path:
    return folder / "preferences.json"


def stored(folder: Path) -> dict[str, object]:
    data: dict[str, object] = json.loads(file_in(folder).read_text(encoding="utf-8"))
    return data


@pytest.fixture
def preferences(qtbot: QtBot, tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "mixassist")


def test_choices_come_back(qtbot: QtBot, tmp_path: Path) -> None:
    first = Preferences(tmp_path)
    first.change(theme="light", text_scale=1.5, goals=("vocal", "tone"), daw_port=3819, geometry="AAA=")
    first.flush()
    again = Preferences(tmp_path)
    assert again.choices == first.choices
    assert again.choices != Choices()
    assert not again.trouble


def test_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MIXASSIST_CONFIG", str(tmp_path / "here"))
    assert configuration_folder() == tmp_path / "here"
    monkeypatch.delenv("MIXASSIST_CONFIG")
    assert configuration_folder().name == "mixassist"


def test_equal_choices_tell_nothing_and_write_nothing(qtbot: QtBot, tmp_path: Path, preferences: Preferences) -> None:
    told: list[frozenset[str]] = []
    preferences.changed.connect(told.append)
    preferences.change(theme="dark", target_lufs=-14.0)
    preferences.change(theme="light", target_lufs=-14.0)
    assert told == [frozenset({"theme"})]
    with qtbot.waitSignal(preferences._timer.timeout, timeout=2000):
        pass
    assert stored(tmp_path / "mixassist") == {"theme": "light"}


@pytest.mark.parametrize(
    "wrong", [{"theme": "dusk"}, {"text_scale": 3.0}, {"engineer": "nobody"}, {"goals": ("loud",)}, {"autosaves": 1}]
)
def test_wrong_choices_are_refused(preferences: Preferences, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        preferences.change(**wrong)
    assert preferences.choices == Choices()


@pytest.mark.parametrize("text", ["{", "[1, 2]", "\x00\xff", '{"theme": ', "[" * 100_000], ids=range(5))
def test_a_broken_file_is_kept_aside_and_said(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    file_in(tmp_path).write_bytes(text.encode("latin-1"))
    found = Preferences(tmp_path)
    assert found.choices == Choices()
    aside = tmp_path / "preferences.broken.json"
    assert aside.read_bytes() == text.encode("latin-1")
    assert str(aside) in found.trouble
    found.change(theme="light")
    found.flush()
    assert not Preferences(tmp_path).trouble


def test_a_folder_in_the_files_place_is_no_end(qtbot: QtBot, tmp_path: Path) -> None:
    file_in(tmp_path).mkdir()
    found = Preferences(tmp_path)
    assert found.choices == Choices()
    assert found.trouble


def test_single_wrong_values_leave_the_others(qtbot: QtBot, tmp_path: Path) -> None:
    data = {"theme": "dusk", "text_scale": 2, "daw_port": "3819", "amount": float("nan"), "daw_host": "studio.local"}
    file_in(tmp_path).write_text(json.dumps(data), encoding="utf-8")
    found = Preferences(tmp_path)
    assert found.choices == Choices(text_scale=2.0, daw_host="studio.local")
    assert all(name in found.trouble for name in ("theme", "daw_port", "amount"))


def test_unknown_keys_are_kept(qtbot: QtBot, tmp_path: Path) -> None:
    file_in(tmp_path).write_text('{"of a later version": [1, 2], "theme": "light"}', encoding="utf-8")
    found = Preferences(tmp_path)
    found.change(amount=0.5)
    found.flush()
    assert stored(tmp_path) == {"of a later version": [1, 2], "theme": "light", "amount": 0.5}


def test_of_two_windows_the_last_wins_key_by_key(qtbot: QtBot, tmp_path: Path) -> None:
    one, other = Preferences(tmp_path), Preferences(tmp_path)
    one.change(theme="light", amount=0.25)
    other.change(amount=0.75, autosaves=False)
    one.flush()
    other.flush()
    assert stored(tmp_path) == {"theme": "light", "amount": 0.75, "autosaves": False}
    one.remember_session(str(tmp_path / "a"), "folder")
    other.remember_session(str(tmp_path / "b"), "folder")
    assert {recent.name for recent in Preferences(tmp_path).recents} == {"a", "b"}


def test_a_folder_that_cannot_be_written_is_said_once(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder would be", encoding="utf-8")
    found = Preferences(tmp_path / "taken")
    told: list[str] = []
    found.writing_failed.connect(told.append)
    for amount in (0.1, 0.2):
        found.change(amount=amount)
        found.flush()
    assert len(told) == 1
    assert found.choices.amount == 0.2


def test_recent_sessions_are_few_and_newest_first(preferences: Preferences, tmp_path: Path) -> None:
    for number in range(MOST + 3):
        preferences.remember_session(str(tmp_path / f"song {number}"), "folder")
        time.sleep(0.002)
    preferences.remember_session(str(tmp_path / "song 5"), "folder")
    names = [recent.name for recent in preferences.recents]
    assert len(names) == MOST
    assert names[:2] == ["song 5", "song 14"]
    assert names.count("song 5") == 1
    preferences.forget_session(str(tmp_path / "song 5"))
    assert "song 5" not in [recent.name for recent in Preferences(tmp_path / "mixassist").recents]


def test_recent_rows_that_are_none_are_left_out() -> None:
    good = {"path": "/music/a.rpp", "kind": "project", "opened_s": 5}
    bad = [{"path": "", "kind": "folder", "opened_s": 1}, {"path": "/b", "kind": "?", "opened_s": 1}, 7, {"kind": []}]
    found = recents_from([good, *bad, {"path": "/c", "kind": "mix", "opened_s": float("nan")}])
    assert found == (Recent("/music/a.rpp", "project", 5.0),)
    assert found[0].name == "a"
    assert recents_from("nonsense") == ()
    assert not Recent("/b\x00", "folder", 1.0).is_there
    assert with_recent(found, Recent("/music/a.rpp", "project", 3.0)) == found


def test_writing_takes_less_than_a_frame(preferences: Preferences, show: object) -> None:
    for number in range(MOST):
        preferences.remember_session(f"/music/a long way down/song {number}", "folder")
    times_s = []
    for step in range(9):
        preferences.change(amount=step / 10)
        start = time.perf_counter()
        preferences.flush()
        times_s.append(time.perf_counter() - start)
    assert callable(show)
    show(f"writing the preferences: {1e3 * sorted(times_s)[4]:.1f} ms (median)")
    assert sorted(times_s)[4] < 0.016


def test_the_dialog_changes_preferences_at_once(qtbot: QtBot, preferences: Preferences) -> None:
    dialog = PreferencesDialog(preferences, [("ardour", "Ardour"), ("reaper", "REAPER")], [("usb", "USB")])
    qtbot.addWidget(dialog)
    dialog.show()
    dialog._scale.setValue(6)
    dialog._amount.setValue(40)
    dialog._autosaves.click()
    dialog._theme.setCurrentIndex(1)
    dialog._theme.activated.emit(1)
    dialog._target.set_lufs(-9.0)
    dialog._target._value.setValue(-23.0)
    wanted = Choices(text_scale=1.5, amount=0.4, autosaves=False, theme="light", target_lufs=-23.0)
    assert preferences.choices == wanted
    assert not dialog.isModal()
    preferences.change(geometry="AAA=")
    preferences.restore_defaults()
    assert preferences.choices == Choices(geometry="AAA=")
    assert dialog._scale.value() == 4
    assert dialog._scale_text.text() == "100 %"


def test_a_device_that_is_gone_stays_chosen(qtbot: QtBot, preferences: Preferences) -> None:
    preferences.change(audio_device="Babyface")
    dialog = PreferencesDialog(preferences, [], [("usb", "USB")])
    qtbot.addWidget(dialog)
    assert "not there" in dialog._device.currentText()
    dialog.set_devices([("Babyface", "Babyface Pro")])
    assert dialog._device.currentText() == "Babyface Pro"
