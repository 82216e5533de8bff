"""The cards of the insight view: a heading, what is in it, the key to its lines; columns that fold where it is narrow.

Contents: :class:`Panel`, :class:`Key`, :class:`Columns`, :class:`Figures`, :func:`scrolled`, :func:`hold_height`,
:func:`laid_out_once`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.views.icons import FAMILY_MARKS, paint_mark
from gui.views.shown import colours, px, theme_signals
from gui.views.theme import GAP, SNUG, TIGHT, mark, text_font

#: A line of a key: how it is drawn ("line", "dash", "area", "heat", "ring", "family:drums"), its colour, its text.
KeyRow = tuple[str, Callable[[], QColor], str]


class Panel(QFrame):
    """A card with a heading, and beside it what belongs to it."""

    def __init__(self, title: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.heading = QLabel(title, self)
        mark(self.heading, "heading")
        self.heading.setToolTip(hint)
        self.aside = QHBoxLayout()
        self.aside.setSpacing(px(SNUG))
        head = QHBoxLayout()
        head.addWidget(self.heading)
        head.addStretch(1)
        head.addLayout(self.aside)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(px(GAP), px(SNUG), px(GAP), px(GAP))
        self.body.setSpacing(px(SNUG))
        self.body.addLayout(head)

    def add(self, *widgets: QWidget) -> None:
        """Put widgets under what is there."""
        for widget in widgets:
            self.body.addWidget(widget)


class Key(QWidget):
    """What the lines of a plot mean, in rows as wide as there is room."""

    def __init__(self, rows: Sequence[KeyRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = tuple(rows)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Key"))
        self.setAccessibleDescription(", ".join(text for _, _, text in self._rows))
        theme_signals().theme_changed.connect(self._fit)

    def _fit(self) -> None:
        self.updateGeometry()
        self.update()

    def _places(self, width: float) -> list[QPointF]:
        metrics = QFontMetricsF(text_font("small"))
        x, y = 0.0, 0.0
        places: list[QPointF] = []
        for _, _, text in self._rows:
            needed = px(28) + metrics.horizontalAdvance(text)
            if places and x + needed > width:
                x, y = 0.0, y + metrics.height() + px(2)
            places.append(QPointF(x, y))
            x += needed + px(16)
        return places

    def hasHeightForWidth(self) -> bool:
        """Qt: rows wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt: as many rows as it takes."""
        last = self._places(float(width))[-1].y()
        return math.ceil(last + QFontMetricsF(text_font("small")).height()) + px(2)

    def sizeHint(self) -> QSize:
        """Qt: one row at least."""
        return QSize(px(160), self.heightForWidth(px(400)))

    def minimumSizeHint(self) -> QSize:
        """Qt: one row."""
        return QSize(px(80), math.ceil(QFontMetricsF(text_font("small")).height()) + px(2))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: samples and texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font("small"))
        height = QFontMetricsF(painter.font()).height()
        for (kind, colour, text), place in zip(self._rows, self._places(float(self.width())), strict=True):
            sample = QRectF(place.x(), place.y() + height / 2 - px(5), px(20), px(10))
            _paint_sample(painter, sample, kind, colour())
            painter.setPen(colours().quiet)
            painter.drawText(QPointF(place.x() + px(27), place.y() + QFontMetricsF(painter.font()).ascent()), text)


def _paint_sample(painter: QPainter, box: QRectF, kind: str, colour: QColor) -> None:
    if kind == "heat":
        for k in range(8):
            part = QRectF(box.left() + k * box.width() / 8, box.top(), box.width() / 8 + 0.5, box.height())
            painter.fillRect(part, colours().heat_at(k / 7))
    elif kind.startswith("family:"):
        paint_mark(painter, box.adjusted(0.0, -px(1), 0.0, px(1)), FAMILY_MARKS[kind.removeprefix("family:")], colour)
    elif kind == "area":
        faint = QColor(colour)
        faint.setAlphaF(0.35)
        painter.fillRect(box, faint)
        painter.setPen(QPen(colour, px(2)))
        painter.drawLine(box.topLeft(), box.topRight())
    elif kind == "ring":
        painter.setPen(QPen(colour, px(2)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box.center(), px(4), px(4))
    else:
        style = {"dash": Qt.PenStyle.DashLine, "dot": Qt.PenStyle.DotLine}.get(kind, Qt.PenStyle.SolidLine)
        painter.setPen(QPen(QBrush(colour), px(2), style, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))


class Columns(QWidget):
    """Two columns side by side, one under the other where the window is narrower than ``least_px`` at 100 %."""

    def __init__(self, least_px: int, shares: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least_px = least_px
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(GAP))
        self._columns = (_column(), _column())
        for column, share in zip(self._columns, shares, strict=True):
            self._layout.addLayout(column, share)

    def put(self, number: int, *widgets: QWidget) -> None:
        """Put widgets under what is in column 0 or 1."""
        column = self._columns[number]
        for widget in widgets:
            column.insertWidget(column.count() - 1, widget)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: fold or unfold."""
        is_wide = self.width() >= px(self._least_px)
        wanted = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        if self._layout.direction() != wanted:
            self._layout.setDirection(wanted)
        super().resizeEvent(event)


def _column() -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(px(GAP))
    column.addStretch(1)
    return column


def hold_height(widget: QWidget, *, is_held: bool) -> None:
    """Keep a widget from shrinking while it is emptied to be filled again, so that nothing below it jumps."""
    widget.setMinimumHeight(widget.height() if is_held and widget.isVisible() else 0)


@contextmanager
def laid_out_once(page: QWidget) -> Iterator[None]:
    """Lay out nothing on ``page`` until the block has ended: Qt does so with every single widget that is shown."""
    layouts = [layout for widget in page.findChildren(QWidget) if (layout := widget.layout()) is not None]
    for layout in layouts:
        layout.setEnabled(False)
    try:
        yield
    finally:
        for layout in layouts:
            layout.setEnabled(True)


def scrolled(page: QWidget, parent: QWidget | None = None) -> QScrollArea:
    """``page`` in an area that scrolls up and down."""
    area = QScrollArea(parent)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    page.setAutoFillBackground(False)
    port = area.viewport()
    assert port is not None
    port.setAutoFillBackground(False)
    area.setCornerWidget(QWidget(area))
    return area


class Figures(QWidget):
    """A few figures in one row that wraps: what each is, in small, over its value before and after."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[str, str, str], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Figures"))
        theme_signals().theme_changed.connect(self._fit)

    def show_rows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Rows of (label, text before, text after); an empty text before shows the other alone."""
        if tuple(rows) != self._rows:
            has_as_many = len(rows) == len(self._rows)
            self._rows = tuple(rows)
            self.setAccessibleDescription("; ".join(self._spoken(*row) for row in rows))
            if not has_as_many:
                self.updateGeometry()
            self.update()

    def _spoken(self, label: str, was: str, now: str) -> str:
        return self.tr("{} {}, now {}").format(label, was, now) if was and was != now else f"{label} {now}"

    def _widths(self) -> list[float]:
        small, large = QFontMetricsF(text_font("small")), QFontMetricsF(text_font("body", is_bold=True))
        return [
            max(small.horizontalAdvance(label), large.horizontalAdvance(_shown(was, now)), px(96)) + px(18)
            for label, was, now in self._rows
        ]

    def _fit(self) -> None:
        self.updateGeometry()
        self.update()

    def _places(self, width: float) -> list[QPointF]:
        x, y = 0.0, 0.0
        places: list[QPointF] = []
        for needed in self._widths():
            if places and x + needed > width:
                x, y = 0.0, y + self._row_height() + px(SNUG)
            places.append(QPointF(x, y))
            x += needed
        return places

    def _row_height(self) -> float:
        return QFontMetricsF(text_font("small")).height() + QFontMetricsF(text_font("body")).height() + px(TIGHT)

    def hasHeightForWidth(self) -> bool:
        """Qt: figures wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt: as many rows as it takes."""
        places = self._places(float(width))
        return math.ceil((places[-1].y() if places else 0.0) + self._row_height())

    def sizeHint(self) -> QSize:
        """Qt: one row."""
        return QSize(px(300), self.heightForWidth(px(700)))

    def minimumSizeHint(self) -> QSize:
        """Qt: one row."""
        return QSize(px(120), math.ceil(self._row_height()))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: labels over values."""
        painter = QPainter(self)
        small, large = text_font("small"), text_font("body", is_bold=True)
        top, base = QFontMetricsF(small).ascent(), QFontMetricsF(small).height() + px(TIGHT)
        base += QFontMetricsF(large).ascent()
        for (label, was, now), place in zip(self._rows, self._places(float(self.width())), strict=True):
            painter.setFont(small)
            painter.setPen(colours().quiet)
            painter.drawText(place + QPointF(0.0, top), label)
            painter.setFont(large)
            lead = _shown(was, now).removesuffix(now)
            painter.drawText(place + QPointF(0.0, base), lead)
            painter.setPen(colours().text)
            painter.drawText(place + QPointF(QFontMetricsF(large).horizontalAdvance(lead), base), now)


def _shown(was: str, now: str) -> str:
    return f"{was} → {now}" if was and was != now else now
