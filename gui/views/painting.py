"""What the strip's painters share: fonts made once, text cut to its room, and the frame of the focus.

Contents: :func:`paint_font`, :func:`forget_fonts`, :func:`elided`, :func:`paint_focus`.
"""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from gui.views.theme import colours, px, text_font

_fonts: dict[tuple[str, bool, int], QFont] = {}


def paint_font(size: str = "small", *, is_bold: bool = False) -> QFont:
    """``theme.text_font``, made once for each scale: painters ask for it thousands of times a second."""
    key = (size, is_bold, px(1000))
    if key not in _fonts:
        _fonts[key] = text_font(size, is_bold=is_bold)
    return _fonts[key]


def forget_fonts() -> None:
    """The theme has changed."""
    _fonts.clear()


def paint_focus(painter: QPainter, rect: QRectF) -> None:
    """The frame of what the keyboard moves."""
    inset = px(2) / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours().focus, px(2)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), px(3), px(3))


def elided(text: str, width: float, size: str = "small", *, is_bold: bool = False) -> str:
    """``text`` as much of it as fits into ``width`` px."""
    metrics = QFontMetricsF(paint_font(size, is_bold=is_bold))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
