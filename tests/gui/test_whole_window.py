"""The whole window as others meet it: in another language, and by a screen reader."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pseudo_translation import bracketed, nameless, untranslated
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog, QMenu, QWidget
from windows import Window, window_on, write_song

import gui
from assistant.engineers.catalogue import ENGINEER_SUMMARIES
from gui.translation_source import write_source
from gui.views.value_control import ValueControl
from protocols.dialects import DIALECTS

_MODES = ("suggest", "automatic", "insight")
_OPEN = "⟦"
_WORD = re.compile(r"[^\W\d_]{2,}")


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, qapp: object) -> Iterator[Window]:
    """A song with suggestions, every page and every dialog of it opened, in brackets."""
    folder = tmp_path_factory.mktemp("whole")
    song = write_song(folder / "song")
    with bracketed() as brackets, window_on(folder, str(song), "song_work:SongWork") as window:
        window.asked = brackets.asked  # type: ignore[attr-defined]
        window.wait_proposal()
        workspace = window.companion.workspace
        for mode in _MODES:
            workspace.show_mode(mode)
        workspace.insight.show_mix()
        workspace.show_mode("suggest")
        window.trigger("preferences")
        window.trigger("keys")
        yield window


def test_every_text_can_be_translated(window: Window) -> None:
    names = {*window.document.names, "mixassist", "Ctrl", "rules", *ENGINEER_SUMMARIES}
    names |= {dialect.label for dialect in DIALECTS.values()} | {str(window.window.windowTitle()).split(" - ")[0]}
    names |= {str(Path(window.document.info.path)) if window.document.info else ""} - {""}
    found = untranslated(window.window, names)
    for top in QApplication.topLevelWidgets():
        if isinstance(top, QDialog):
            found |= untranslated(top, names)
    assert found == set()


def test_every_text_that_is_asked_for_is_in_the_source(window: Window, tmp_path: Path) -> None:
    file = write_source("de", tmp_path)
    contexts = ElementTree.parse(file).getroot().findall("context")
    source = {(c.findtext("name"), m.findtext("source")) for c in contexts for m in c.findall("message")}
    ours = {node.name for code in Path(gui.__file__).parent.rglob("*.py") for node in _classes(code)}
    ours |= {name for name, _ in source if name}
    asked = {(context, text) for context, text in window.asked if context in ours and _WORD.search(text)}  # type: ignore[attr-defined]
    assert len(asked) > 200
    assert {("Catalogue", "lead vocal"), ("Catalogue", "Fader"), ("Actions", "&Accept all")} <= source
    assert asked - source == set(), "tr with a text that is no literal, or inherited: its context is another one"


def _classes(code: Path) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(ast.parse(code.read_text())) if isinstance(node, ast.ClassDef))


def test_every_menu_can_be_translated(window: Window) -> None:
    bar = window.window.menuBar()
    assert bar is not None
    menus = [action.menu() for action in bar.actions()]
    assert len(menus) == 7
    for menu in menus:
        assert isinstance(menu, QMenu)
        texts = [menu.title(), *(action.text() for action in menu.actions() if not action.isSeparator())]
        assert [text for text in texts if _OPEN not in text] == []


def test_everything_that_can_be_used_has_a_name_and_teaches(window: Window) -> None:
    for mode in _MODES:
        window.companion.workspace.show_mode(mode)
        assert [text for text in nameless(window.window) if not _is_quiet(text)] == []


def _is_quiet(text: str) -> bool:
    """Qt's own arrows of a row of tabs; what is hidden because it has nothing to say."""
    return "Scroll" in text or text == "QPushButton '' ''" or (text.startswith("LinkLamp") and "no DAW" in text)


def test_controls_tell_their_values_in_engineers_units(window: Window) -> None:
    strip = window.strip_of("bass")
    unit = re.compile(r"[-+]?\d+\.\d dB|off|C|[LR]\d+|\d+ %")
    for control in strip.controls():
        assert isinstance(control, ValueControl)
        name = control.accessibleName()
        assert name.startswith((f"bass: {_OPEN}", _OPEN)), name
        assert unit.search(name.partition(", ")[2]), name


@pytest.mark.parametrize("mode", _MODES)
def test_tab_goes_round_through_all_that_is_seen(window: Window, mode: str) -> None:
    workspace = window.companion.workspace
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, QDialog):
            dialog.hide()
    window.window.activateWindow()
    window.wait(window.window.isActiveWindow, "the window in front")
    workspace.show_mode(mode)
    start = workspace.waveform
    start.setFocus()
    seen: list[QWidget] = []
    for _ in range(400):
        focus = QApplication.focusWidget()
        assert focus is not None
        assert focus.isVisible(), "the keyboard is on something that is not seen"
        seen.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is start:
            break
    assert QApplication.focusWidget() is start, "Tab never comes back"
    page = {"suggest": workspace.mixer, "automatic": workspace.automatic, "insight": workspace.insight}[mode]
    for part, least in ((page, 5), (workspace.transport, 4)):
        assert len({w for w in seen if part.isAncestorOf(w)}) >= least, type(part).__name__
