"""Names are shown as they are: nobody's track becomes markup, in labels, in tooltips or in menus."""

from __future__ import annotations

from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QLabel, QPushButton, QToolTip, QWidget

from assistant.mix import Session, Track
from gui.models.document import Document
from gui.views import theme
from gui.views.findings import Findings
from gui.workshop.values import Finding, SessionInfo

MARKUP = ("<b>kick</b>", "<img src='file:///etc/hostname'>", "<?xml version='1.0'?><h1>x</h1>", "a &lt; b")


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    theme.apply(qapp)


@pytest.mark.parametrize("name", MARKUP)
@pytest.mark.parametrize("is_late", [False, True])
def test_a_label_shows_markup_as_text(qtbot: Any, name: str, is_late: bool) -> None:
    label = QLabel("" if is_late else name)
    qtbot.addWidget(label)
    label.show()
    label.setText(name)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.sizeHint().width() >= label.fontMetrics().horizontalAdvance(name)


@pytest.mark.qt_log_ignore("does not support raise")  # the offscreen platform has no stack of windows
def test_a_tooltip_shows_markup_as_text(qtbot: Any) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    QToolTip.showText(QPoint(5, 5), MARKUP[0], parent)
    tips = [w for w in QApplication.topLevelWidgets() if isinstance(w, QLabel) and w.inherits("QTipLabel")]
    assert [tip.textFormat() for tip in tips] == [Qt.TextFormat.PlainText]
    QToolTip.hideText()


def test_what_can_be_undone_names_a_track_with_an_ampersand(qtbot: Any) -> None:
    document = Document()
    track = Track("Drums & Bass", channels=2)
    document.load(SessionInfo("song", "song", Session((track,), 48_000, 1.0)))
    document.set_amount([0], 0.5)
    undo = document.undo_stack.createUndoAction(document)
    assert undo is not None
    assert "Drums && Bass" in undo.text()  # one would be the mark of a key


def test_a_finding_names_its_tracks_on_a_button(qtbot: Any) -> None:
    findings = Findings()
    qtbot.addWidget(findings)
    findings.show_findings([Finding("masking", ("Drums & Bass",), 0.5, "covered", "")], "none")
    assert "Drums && Bass" in [button.text() for button in findings.findChildren(QPushButton)]
