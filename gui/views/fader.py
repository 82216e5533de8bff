"""The fader with its scale, its current cap and the proposed one as a ghost; and the level meter beside it.

Contents: :class:`Fader`, :class:`Meter`.
"""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QWidget

from assistant.wording import gain_text
from gui.views.controls import value_colour
from gui.views.painting import paint_focus, paint_font
from gui.views.pictures import kept_picture
from gui.views.theme import colours, px
from gui.views.travel import TRAVELS
from gui.views.value_control import ScrollClock, ValueControl

_Flag = Qt.AlignmentFlag
_MARKS_DB = (12, 6, 0, -5, -10, -20, -30, -40, -60)


class Fader(ValueControl):
    """The fader of one track. ``cap_y`` and ``ghost_y`` say where the caps stand."""

    def __init__(self, clock: ScrollClock, parent: QWidget | None = None) -> None:
        super().__init__(TRAVELS["fader_db"], clock, parent)
        self._rail, self._rail_at = QRectF(), (0, 0, 0)

    def rail(self) -> QRectF:
        """From the highest to the lowest place of the cap's middle."""
        at = (self.width(), self.height(), px(1000))
        if at != self._rail_at:
            margin = px(9)
            left = round(self.scale_width() + (self.width() - self.scale_width()) / 2.0 - px(2))
            self._rail_at = at
            self._rail = QRectF(left, margin, px(4), max(self.height() - self.text_height() - 2 * margin, 1))
        return self._rail

    def scale_width(self) -> int:
        """Room for the numbers; none on a narrow strip."""
        return px(22) if self.width() >= px(52) else 0

    def text_height(self) -> int:
        """Room for the values below: one line of each on a narrow strip."""
        return px(34)

    def drag_px(self) -> tuple[float, float]:
        """The cap stays under the hand."""
        return 0.0, self.rail().height()

    def y_of(self, value_db: float) -> float:
        """Where ``value_db`` stands, px from the top."""
        rail = self.rail()
        return rail.bottom() - self.travel.place(value_db) * rail.height()

    @property
    def cap_y(self) -> float:
        """Middle of the cap, px from the top."""
        return self.y_of(self._value)

    @property
    def ghost_y(self) -> float | None:
        """Middle of the proposed cap, px from the top; None where nothing else is proposed."""
        return None if self.ghost is None else self.y_of(self.ghost)

    def ground(self) -> QPixmap:
        """Rail and scale, the same on every strip of a size; caps are drawn anew: pictures of all were too many."""
        return kept_picture(self, "fader", self._paint_scale)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: draw it."""
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self.ground())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()))
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """Draw caps and values."""
        if self.ghost is not None:
            self._paint_ghost(painter, self.ghost)
        self._paint_cap(painter)
        self._paint_values(painter)

    def _paint_scale(self, painter: QPainter) -> None:
        now, rail = colours(), self.rail()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(paint_font())
        wide, high, last = self.scale_width(), painter.fontMetrics().height(), -1e9
        for mark_db in _MARKS_DB:
            y = round(self.y_of(mark_db))
            painter.setPen(QPen(now.outline if mark_db == 0 else now.line, 1))
            painter.drawLine(QPointF(wide + px(1), y), QPointF(rail.left() - px(2), y))
            painter.drawLine(QPointF(rail.right() + px(2), y), QPointF(self.width() - px(2), y))
            if wide and y - last >= high * 0.92:
                last = y
                painter.setPen(now.quiet)
                box = QRectF(0, y - high / 2, wide - px(2), high)
                painter.drawText(box, int(_Flag.AlignRight | _Flag.AlignVCenter), f"{abs(mark_db)}")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(now.line, 1))
        painter.setBrush(now.sunken)
        painter.drawRoundedRect(rail.adjusted(0, -px(3), 0, px(3)), px(2), px(2))

    def _cap(self, value_db: float) -> QRectF:
        wide, high = min(self.width() - self.scale_width() - px(4), px(28)), px(16)
        centre = self.rail().center().x()
        return QRectF(centre - wide // 2, round(self.y_of(value_db)) - high // 2, wide, high)

    def _paint_ghost(self, painter: QPainter, ghost_db: float) -> None:
        """Where the cap would stand, and the way there."""
        now, rail = colours(), self.rail()
        painter.setPen(QPen(now.proposed, px(2)))
        x = rail.center().x()
        painter.drawLine(QPointF(x, self.cap_y), QPointF(x, self.y_of(ghost_db)))
        painter.setBrush(now.panel)
        painter.drawRoundedRect(self._cap(ghost_db).adjusted(1, 1, -1, -1), px(3), px(3))
        cap = self._cap(ghost_db)
        y = cap.top() + cap.height() // 2
        painter.drawLine(QPointF(cap.left() + px(4), y), QPointF(cap.right() - px(4), y))

    def _paint_cap(self, painter: QPainter) -> None:
        now, cap = colours(), self._cap(self._value)
        painter.setPen(QPen(now.warning if self.is_off_course else now.outline, px(2) if self.is_off_course else 1))
        painter.setBrush(now.raised)
        painter.drawRoundedRect(cap, px(3), px(3))
        painter.setPen(QPen(now.text, px(2)))
        y = cap.top() + cap.height() // 2
        painter.drawLine(QPointF(cap.left() + px(3), y), QPointF(cap.right() - px(3), y))

    def _paint_values(self, painter: QPainter) -> None:
        """``-3.2`` and under it ``→ -5.0``."""
        now, high = colours(), self.text_height() / 2
        top = self.height() - self.text_height()
        font = QFont(paint_font("body", is_bold=True))
        font.setUnderline(self.is_own)
        painter.setFont(font)
        painter.setPen(now.warning if self.is_off_course else now.text)
        text = self.travel.short_text(self._value)
        painter.drawText(QRectF(0, top, self.width(), high), int(_Flag.AlignCenter), text)
        if self.ghost is not None:
            painter.setFont(paint_font("small", is_bold=True))
            painter.setPen(value_colour(self))
            box = QRectF(0, top + high, self.width(), high)
            painter.drawText(box, int(_Flag.AlignCenter), self.last_text())


_LOWEST_DB = -60.0
_BEND = 1.6  # the upper levels, where music is, get more room
_MID_DB, _HIGH_DB = -18.0, -6.0
_HOLD_S = 1.5
_FALL_DB_PER_S = 20.0


class Meter(QWidget):
    """A track's peak level, with peak hold and a lamp that stays lit once it was over full scale."""

    clip_cleared = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setToolTip(self.tr("Peak level as it is heard. The lamp stays lit after full scale: click to clear it."))
        self.level_db = self.hold_db = _LOWEST_DB
        self.has_clipped = False
        self._held_s = self._now_s = 0.0
        self._owner = ""

    def show_owner(self, name: str) -> None:
        """Say whose level it is."""
        if name != self._owner:
            self._owner = name
            self._tell()

    def _tell(self) -> None:
        clip = self.tr(", has clipped") if self.has_clipped else ""
        self.setAccessibleName(self.tr("{}: level meter{}").format(self._owner, clip))

    def set_level(self, level_db: float, now_s: float, has_clipped: bool = False) -> None:
        """Show ``level_db`` at the moment ``now_s``; the hold falls after a while. Equal pictures are not painted."""
        level_db = max(level_db, _LOWEST_DB)
        was = self._tops()
        if level_db >= self.hold_db:
            self.hold_db, self._held_s = level_db, now_s
        elif now_s - self._held_s > _HOLD_S:
            self.hold_db = max(self.hold_db - _FALL_DB_PER_S * max(now_s - self._now_s, 0.0), level_db)
        self.level_db, self._now_s = level_db, now_s
        self._repaint_between(was, self._tops())
        if has_clipped != self.has_clipped:
            self.has_clipped = has_clipped
            self._tell()
            self.update(0, 0, self.width(), self._lamp_height())

    def clear(self) -> None:
        """Nothing is heard."""
        if (self.level_db, self.hold_db) != (_LOWEST_DB, _LOWEST_DB):
            self.level_db = self.hold_db = _LOWEST_DB
            self.update()

    def _lamp_height(self) -> int:
        return px(8)

    def y_of(self, level_db: float) -> int:
        """Where ``level_db`` stands, px from the top."""
        top = self._lamp_height() + px(2)
        share = min(max((level_db - _LOWEST_DB) / -_LOWEST_DB, 0.0), 1.0) ** _BEND
        return round(self.height() - share * (self.height() - top))

    def _tops(self) -> tuple[int, int]:
        return self.y_of(self.level_db), self.y_of(self.hold_db)

    def _repaint_between(self, was: tuple[int, int], now: tuple[int, int]) -> None:
        if was != now:
            changed = [y for pair in zip(was, now, strict=True) if pair[0] != pair[1] for y in pair]
            low, high = min(changed) - px(2), max(changed) + px(2)
            self.update(QRect(0, low, self.width(), high - low))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: draw what has changed."""
        painter, now = QPainter(self), colours()
        wide, level, hold = self.width(), *self._tops()
        top = self._lamp_height() + px(2)
        painter.fillRect(0, 0, wide, top, now.panel)
        painter.fillRect(0, top, wide, self.height() - top, now.sunken)
        painter.fillRect(0, 0, wide, self._lamp_height(), now.danger if self.has_clipped else now.line)
        high, mid = self.y_of(_HIGH_DB), self.y_of(_MID_DB)
        for upper, lower, colour in (
            (top, high, now.meter_high),
            (high, mid, now.meter_mid),
            (mid, self.height(), now.meter_low),
        ):
            if level < lower:
                painter.fillRect(0, max(level, upper), wide, lower - max(level, upper), colour)
        if self.hold_db > _LOWEST_DB:
            painter.fillRect(0, hold, wide, px(2), now.text)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Qt: put out the lamp."""
        if event is not None and self.has_clipped:
            self.clip_cleared.emit()
        elif event is not None:
            event.ignore()

    def value_text(self) -> str:
        """The level in words."""
        return f"{gain_text(self.level_db)} dB" if self.level_db > _LOWEST_DB else self.tr("silent")
