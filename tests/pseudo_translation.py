"""A language of its own for tests: every text that can be translated stands in brackets, so that others show up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from PyQt6.QtCore import QCoreApplication, QTranslator
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QScrollBar,
    QWidget,
)

from gui.views import thumbnails

_WORD = re.compile(r"[^\W\d_]{2,}")
_USED = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QAbstractSlider, QListWidget)
_UNITS = frozenset({"LUFS", "dB", "dBTP", "Hz", "kHz", "ms"})


class Brackets(QTranslator):
    """Puts every text in brackets; ``asked`` are those that were asked for, with their contexts."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[tuple[str, str]] = set()

    def translate(self, context: str | None, text: str | None, disambiguation: str | None = None, n: int = -1) -> str:
        """Qt: the translation."""
        self.asked.add((context or "", text or ""))
        return f"⟦{text}⟧"

    def isEmpty(self) -> bool:
        """Qt: there are translations."""
        return False


@contextmanager
def bracketed() -> Iterator[Brackets]:
    """Within the block, all that is translated comes in brackets."""
    translator = Brackets()
    thumbnails._texts.clear()  # kept, for nobody changes the language of a window that is open
    QCoreApplication.installTranslator(translator)
    try:
        yield translator
    finally:
        QCoreApplication.removeTranslator(translator)
        thumbnails._texts.clear()


def untranslated(page: QWidget, names: Collection[str]) -> set[str]:
    """The texts of ``page`` that say something in words and were not translated, apart from ``names``."""
    return {text for text in _texts(page) if _speaks(text, names)}


def _speaks(text: str, names: Collection[str]) -> bool:
    if "⟦" in text:
        return False
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return any(word not in _UNITS for word in _WORD.findall(text))


def _texts(page: QWidget) -> Iterator[str]:
    for widget in (page, *page.findChildren(QWidget)):
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield widget.text()
        if isinstance(widget, QLineEdit):
            yield widget.placeholderText()
        if isinstance(widget, QComboBox):
            yield from (widget.itemText(place) for place in range(widget.count()))
        yield from (widget.toolTip(), widget.accessibleName(), widget.windowTitle())


def nameless(page: QWidget) -> list[str]:
    """What takes the keyboard's focus on ``page`` and tells a screen reader nothing, or has no tooltip."""
    found = []
    for widget in page.findChildren(QWidget):
        if (
            not isinstance(widget, _USED)
            or isinstance(widget, QScrollBar)
            or widget.objectName().startswith("qt_")
            or isinstance(widget.parent(), (QComboBox, QLineEdit, QAbstractSpinBox))
        ):
            continue
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not (widget.accessibleName() or text) or not widget.toolTip():
            found.append(f"{type(widget).__name__} {text!r} {widget.accessibleName()!r}")
    return found
