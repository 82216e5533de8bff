"""The strips side by side, scrolled: only those that are seen are widgets, and each is used again for another row.

A strip that has the keyboard or is under a dragging hand keeps its row wherever it is scrolled.

Contents: :class:`StripArea`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from PyQt6.QtCore import QAbstractItemModel, QModelIndex, QPointF, Qt, QTimer
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QAbstractScrollArea, QApplication, QScrollBar, QWidget

from gui.models.strips import STRIP_ROLE, Strip
from gui.views.painting import paint_font
from gui.views.strip import StripView
from gui.views.strip_layout import LEAST_HIGH, is_flat
from gui.views.theme import colours, px
from gui.views.value_control import ScrollClock, is_dragging

#: Widths of a strip at 100 %: it grows up to the widest while all fit, and down to the least before it scrolls.
LEAST, USUAL, WIDEST = 74, 108, 132
_FLAT_LEAST, _FLAT_USUAL, _FLAT_WIDEST = 142, 150, 190  # with the fader at the side
#: Full scale, dB: above it the lamp lights.
CLIP_DB = 0.0
_SILENT_DB = -200.0
#: Strips that are painted in one go: some 2 ms each.
_AT_ONCE = 3
_ZOOM = 1.1


class StripArea(QAbstractScrollArea):
    """Shows the rows of a strips model. ``made`` is called with each strip widget once, to be connected."""

    def __init__(self, model: QAbstractItemModel, made: Callable[[StripView], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._made = model, made
        self.clock = ScrollClock()
        self._shown: dict[int, StripView] = {}
        self._free: list[StripView] = []
        self._selected: frozenset[int] = frozenset()
        self._clipped: set[str] = set()
        self._wanted_width: float | None = None
        self._pan_from: QPointF | None = None
        self._due: dict[int, None] = {}  # rows whose strips are to be shown anew, in the order of their changes
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._show_due)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._prepare_viewport()
        model.modelReset.connect(self._forget)
        model.dataChanged.connect(self._refresh)

    def _prepare_viewport(self) -> None:
        port = self.viewport()
        assert port is not None
        port.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        port.setBackgroundRole(QPalette.ColorRole.Window)

    @property
    def _port(self) -> QWidget:
        port = self.viewport()
        assert port is not None
        return port

    # --- geometry

    def count(self) -> int:
        """How many tracks there are."""
        return self._model.rowCount()

    def strip_width(self) -> int:
        """Width of every strip, px."""
        if self._wanted_width is not None:
            return px(self._wanted_width)
        is_low = is_flat(self._strip_height())
        least, usual, widest = (_FLAT_LEAST, _FLAT_USUAL, _FLAT_WIDEST) if is_low else (LEAST, USUAL, WIDEST)
        fitting = self._port.width() // max(self.count(), 1)
        return min(fitting, px(widest)) if fitting >= px(least) else px(usual)

    def set_strip_width(self, width: float | None) -> None:
        """Width at 100 %, px; None for what suits the number of tracks."""
        if width is not None:
            width = min(max(width, LEAST), 2 * WIDEST)
        if width != self._wanted_width:
            first = self.across.value() / self.strip_width()
            self._wanted_width = width
            self.settle()
            self.across.setValue(round(first * self.strip_width()))

    @property
    def across(self) -> QScrollBar:
        """The bar that scrolls from track to track."""
        bar = self.horizontalScrollBar()
        assert bar is not None
        return bar

    @property
    def down(self) -> QScrollBar:
        """The bar that scrolls strips that are higher than the window."""
        bar = self.verticalScrollBar()
        assert bar is not None
        return bar

    def _strip_height(self) -> int:
        return max(self._port.height(), px(LEAST_HIGH))

    def settle(self) -> None:
        """Work out the scroll bars, and show what is seen."""
        port, across, down = self._port, self.across, self.down
        wide = self.strip_width()
        across.setRange(0, max(self.count() * wide - port.width(), 0))
        across.setPageStep(port.width())
        across.setSingleStep(wide)
        down.setRange(0, max(self._strip_height() - port.height(), 0))
        down.setPageStep(port.height())
        down.setSingleStep(px(40))
        self._show_seen()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: another size."""
        self.settle()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Qt: move what is there, then fill what has come into view."""
        for view in self._shown.values():
            for control in view.controls():
                control.close_editor()  # it would stay behind
        self._port.scroll(dx, dy)
        self._show_seen()

    def seen_rows(self) -> range:
        """The rows that are seen, even in part."""
        wide, left = self.strip_width(), self.across.value()
        return range(left // wide, min((left + self._port.width() - 1) // wide + 1, self.count()))

    def _show_seen(self) -> None:
        seen = self.seen_rows()
        wanted = range(max(seen.start - 1, 0), min(seen.stop + 1, self.count()))
        for row in [row for row in self._shown if row not in wanted and not _is_held(self._shown[row])]:
            self._free.append(self._shown.pop(row))
        wide, high = self.strip_width(), self._strip_height()
        left = -self.across.value()
        top = -self.down.value()
        for row in seen:
            if row not in self._shown:
                self._shown[row] = self._take()
                self._shown[row].show_strip(self._strip(row), row in self._selected)
        for row, view in self._shown.items():
            view.setGeometry(left + row * wide, top, wide, high)
            view.setVisible(True)
        for view in self._free:
            view.setVisible(False)

    def _take(self) -> StripView:
        if self._free:
            return self._free.pop()
        view = StripView(self.clock, self._port)
        self._made(view)
        return view

    def _strip(self, row: int) -> Strip:
        strip: Strip = self._model.data(self._model.index(row, 0), STRIP_ROLE)
        return strip

    # --- the model

    def _forget(self) -> None:
        """Other tracks altogether."""
        self._free += self._shown.values()
        self._shown.clear()
        self._clipped.clear()
        self._due.clear()
        for view in self._free:
            view.strip = None
            view.meter.clear()
        self.settle()
        self._port.update()

    def _refresh(self, first: QModelIndex, last: QModelIndex) -> None:
        """A strip that changes is shown at once; of many some at a time, or painting them would hold up the window."""
        rows = [row for row in self._shown if first.row() <= row <= last.row()]
        self._due.update(dict.fromkeys(rows))
        if not self._later.isActive():
            self._show_due()

    def _show_due(self) -> None:
        rows = list(self._due)[:_AT_ONCE]
        for row in rows:
            del self._due[row]
            if row in self._shown:
                self._shown[row].show_strip(self._strip(row), row in self._selected)
        if rows:
            self._later.start()  # what else changes now waits for it

    def view_of(self, row: int) -> StripView | None:
        """The widget that shows ``row``, if it is shown."""
        return self._shown.get(row)

    def views(self) -> list[StripView]:
        """All that show a row."""
        return list(self._shown.values())

    def show_selected(self, rows: frozenset[int]) -> None:
        """Mark the strips in ``rows``."""
        changed = self._selected ^ rows
        self._selected = rows
        for row in changed & self._shown.keys():
            self._shown[row].show_strip(self._strip(row), row in rows)

    def reveal(self, row: int) -> None:
        """Scroll until ``row`` is seen as a whole."""
        across, wide = self.across, self.strip_width()
        left, port = across.value(), self._port.width()
        if row * wide < left:
            across.setValue(row * wide)
        elif (row + 1) * wide > left + port:
            across.setValue((row + 1) * wide - port)

    def reveal_down(self, top: int, high: int) -> None:
        """Scroll until what lies at ``top`` of the seen part, ``high`` px high, is seen."""
        down = self.down
        if top < 0:
            down.setValue(down.value() + top)
        elif top + high > self._port.height():
            down.setValue(down.value() + top + high - self._port.height())

    # --- levels

    def set_levels(self, levels_db: Mapping[str, float]) -> None:
        """Peak levels by track, dB full scale, 30 times a second; nothing at all for silence."""
        now_s = time.monotonic()
        self._clipped |= {name for name, level_db in levels_db.items() if level_db > CLIP_DB}
        for view in self._shown.values():
            if view.strip is not None:
                name = view.strip.name
                if not levels_db:
                    view.meter.clear()
                else:
                    view.meter.set_level(levels_db.get(name, _SILENT_DB), now_s, name in self._clipped)

    def clear_clip(self, name: str) -> None:
        """Put out the lamp of a track."""
        self._clipped.discard(name)

    # --- scrolled by hand

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Qt: the wheel scrolls across; with Ctrl strips grow and shrink."""
        if event is None:
            return
        across, down = self.across, self.down
        delta, pixels = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_strip_width(self.strip_width() / px(100) * 100 * (_ZOOM if delta.y() > 0 else 1 / _ZOOM))
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            down.setValue(down.value() - delta.x() - delta.y())
        else:
            self.clock.note()
            turned = pixels.x() + pixels.y() if not pixels.isNull() else (delta.x() + delta.y()) * self._notch() / 120
            across.setValue(across.value() - round(turned))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt: arrows go to other strips, and that is the mixer's."""
        if event is not None:
            event.ignore()

    def _notch(self) -> float:
        return max(self.strip_width() * 0.75, px(60))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Qt: the ground is dragged."""
        if event is not None:
            self._pan_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Qt: scroll with the hand."""
        if event is not None and self._pan_from is not None:
            self.across.setValue(self.across.value() - round(event.position().x() - self._pan_from.x()))
            self._pan_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Qt: the hand is off."""
        self._pan_from = None

    # --- drawn

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: the ground beside the strips."""
        if event is None:
            return
        painter = QPainter(self._port)
        painter.fillRect(event.rect(), colours().window)
        if not self.count():
            painter.setFont(paint_font("body"))
            painter.setPen(colours().quiet)
            painter.drawText(self._port.rect(), int(Qt.AlignmentFlag.AlignCenter), self.tr("No tracks yet"))
        painter.end()

    def restyle(self) -> None:
        """The theme has changed."""
        self.settle()
        for view in (*self._shown.values(), *self._free):
            view.place()
            view.update()
        self._port.update()


def _is_held(view: StripView) -> bool:
    """Whether the keyboard or a hand is on the strip."""
    focus = QApplication.focusWidget()
    has_focus = focus is not None and (focus is view or view.isAncestorOf(focus))
    has_editor = any(control.editor is not None for control in view.controls())
    return has_focus or has_editor or (is_dragging() and view.underMouse())
