"""The song as a waveform: what is heard where, the passages that were looked at, the loop, and the place that plays.

All but the playhead is painted once into a picture, so that a moving playhead costs next to nothing.

Pointer: a click goes there; a drag along the ruler makes a loop, its ends and itself can be dragged, a double click
takes it away; the wheel zooms where the pointer is, with Shift it moves along. Keys: left and right go by a second
(with Shift by a tenth), Home and End to the ends, + and - zoom, 0 shows all, [ and ] put the loop's ends.

Contents: :class:`Waveform`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gui.views.shown import colours, px, theme_signals
from gui.views.time_span import TimeSpan
from gui.views.waveform_picture import RULER, Region, Scene, painted
from gui.workshop.values import Overview

_HEIGHT, _LOW_HEIGHT, _GRIP = 96, 56, 6
_NUDGE_S, _FINE_NUDGE_S, _ZOOM = 1.0, 0.1, 0.8


class Waveform(QWidget):
    """See the module. It shows what it is told, and tells what is asked for."""

    #: Go to this time, in seconds.
    seek_asked = pyqtSignal(float)
    #: Repeat (start, end) in seconds; None: nothing.
    loop_asked = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Waveform"))
        self.setToolTip(
            self.tr(
                "The song as it is mixed. Click to go there, drag along the ruler to repeat a part of it, "
                "turn the wheel to zoom. Bright ground: the passages that were listened to."
            )
        )
        self.setAccessibleDescription(
            self.tr(
                "Left and right go by a second, with Shift by a tenth; Home and End to the ends; "
                "plus and minus zoom, 0 shows all; brackets put the loop's start and end"
            )
        )
        self._scene = Scene(TimeSpan.whole(0.0))
        self._position_s, self._is_low = 0.0, False
        self._picture: QPixmap | None = None
        self._drag: tuple[str, float, Region] | None = None
        theme_signals().theme_changed.connect(self._dress)

    # ------------------------------------------------------------------------------------------------- shown

    def show_song(self, duration_s: float) -> None:
        """Another song, of which nothing is known yet."""
        self._position_s = 0.0
        self._show(Scene(TimeSpan.whole(duration_s)))

    def show_overview(self, overview: Overview) -> None:
        """The tracks' envelopes."""
        if overview is not self._scene.overview:
            self._show(replace(self._scene, overview=overview))

    def show_gains(self, gains: Mapping[str, float]) -> None:
        """How loud each track is in the mix, as a factor on its envelope; 1 where it is not named, 0 for silent."""
        if dict(gains) != self._scene.gains:
            self._show(replace(self._scene, gains=dict(gains)))

    def show_track(self, name: str) -> None:
        """Draw one track's own waveform over the mix's; "" for none."""
        if name != self._scene.track:
            self._show(replace(self._scene, track=name))

    def show_passages(self, passages: Sequence[Region]) -> None:
        """Mark the stretches (start, end) that were listened to."""
        if tuple(passages) != self._scene.passages:
            self._show(replace(self._scene, passages=tuple(passages)))

    def show_loop(self, loop: Region | None) -> None:
        """What is repeated."""
        if loop != self._scene.loop:
            self._show(replace(self._scene, loop=loop))

    def show_position(self, position_s: float) -> None:
        """Move the playhead; zoomed in, the picture follows where it was seen before."""
        if position_s == self._position_s:
            return
        span = self._span if self._drag else self._span.following(position_s, self._position_s)
        self.update(self._playhead_rect())
        self._position_s = position_s
        self._show_span(span)
        self.update(self._playhead_rect())

    def set_low(self, is_low: bool) -> None:
        """Be lower where the window is low."""
        if is_low != self._is_low:
            self._is_low = is_low
            self.updateGeometry()

    @property
    def span(self) -> Region:
        """What of the song is in view."""
        return self._span.first_s, self._span.last_s

    def sizeHint(self) -> QSize:
        """Qt: as high as it needs to be."""
        return QSize(px(400), px(_LOW_HEIGHT if self._is_low else _HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Qt: no less high."""
        return QSize(px(120), self.sizeHint().height())

    @property
    def _span(self) -> TimeSpan:
        return self._scene.span

    @property
    def _loop(self) -> Region | None:
        return self._scene.loop

    def _show_span(self, span: TimeSpan) -> None:
        if span != self._span:
            self._show(replace(self._scene, span=span))

    def _show(self, scene: Scene) -> None:
        self._scene, self._picture = scene, None
        self.update()

    def _dress(self) -> None:
        self.updateGeometry()
        self._show(self._scene)

    # ------------------------------------------------------------------------------------------------- painted

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: paint anew."""
        self._picture = None

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: the picture, and the playhead over it."""
        painter = QPainter(self)
        area = self.rect() if event is None else event.rect()
        if self._picture is None:
            self._picture = painted(self._scene, self.size(), self.devicePixelRatioF())
        picture = self._picture
        ratio = picture.devicePixelRatio()
        source = QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio)
        painter.drawPixmap(QRectF(area), picture, source)
        x = self._x(self._position_s)
        painter.setPen(QPen(colours().text, px(2)))
        painter.drawLine(QPointF(x, 0.0), QPointF(x, self.height()))
        if self.hasFocus():
            painter.setPen(QPen(colours().focus, px(2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _x(self, time_s: float) -> float:
        return self._span.x(time_s, self.width())

    def _playhead_rect(self) -> QRect:
        return QRect(QPoint(int(self._x(self._position_s)) - px(2), 0), QSize(2 * px(2) + 2, self.height()))

    # ------------------------------------------------------------------------------------------------- asked

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Qt: go there, or take hold of the loop."""
        if event is None or event.button() != Qt.MouseButton.LeftButton or self._span.duration_s <= 0.0:
            return
        what, here_s = self._under(event.position()), self._time_s(event.position())
        self._drag = (what, here_s, self._loop or (here_s, here_s))
        if what == "song":
            self.seek_asked.emit(here_s)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Qt: drag what is held, or show what could be."""
        if event is None:
            return
        if self._drag is None:
            self._show_cursor(self._under(event.position()))
            return
        what, here_s = self._drag[0], self._time_s(event.position())
        if what == "song":
            self.seek_asked.emit(here_s)
        else:
            region = self._dragged(here_s)
            if region[1] > region[0]:
                self.loop_asked.emit(region)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Qt: let go; a click on the ruler goes there."""
        if event is not None and self._drag is not None:
            what, from_s, _ = self._drag
            if what in ("ruler", "loop") and self._time_s(event.position()) == from_s:
                self.seek_asked.emit(from_s)
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Qt: take the loop away."""
        if event is not None and self._under(event.position()) in ("loop", "start", "end"):
            self.loop_asked.emit(None)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Qt: zoom, or move along."""
        if event is None or self._span.duration_s <= 0.0:
            return
        steps = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        is_along = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) or not event.angleDelta().y()
        if is_along:
            self._show_span(self._span.moved(-0.1 * steps * self._span.length_s))
        else:
            self._show_span(self._span.zoomed(_ZOOM**steps, self._time_s(event.position())))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt: see the module."""
        if event is None:
            return
        key, has_shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step_s = _FINE_NUDGE_S if has_shift else _NUDGE_S
        places_s = {
            Qt.Key.Key_Left: self._position_s - step_s,
            Qt.Key.Key_Right: self._position_s + step_s,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: self._span.duration_s,
        }
        zooms = {Qt.Key.Key_Plus: _ZOOM, Qt.Key.Key_Equal: _ZOOM, Qt.Key.Key_Minus: 1.0 / _ZOOM, Qt.Key.Key_0: 1e9}
        if key in places_s:
            self.seek_asked.emit(min(max(0.0, places_s[Qt.Key(key)]), self._span.duration_s))
        elif key in zooms:
            self._show_span(self._span.zoomed(zooms[Qt.Key(key)], self._position_s))
        elif key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self._put_loop_end(is_start=key == Qt.Key.Key_BracketLeft)
        else:
            super().keyPressEvent(event)

    def _put_loop_end(self, is_start: bool) -> None:
        first_s, last_s = self._loop or (0.0, self._span.duration_s)
        region = (self._position_s, last_s) if is_start else (first_s, self._position_s)
        if region[0] < region[1]:
            self.loop_asked.emit(region)

    def _time_s(self, point: QPointF) -> float:
        return self._span.time_s(point.x(), self.width())

    def _under(self, point: QPointF) -> str:
        """What a drag from ``point`` would take hold of: "start", "end" or "loop", "ruler", or the "song"."""
        is_ruler = point.y() < px(RULER)
        if self._loop is not None:
            for what, edge_s in zip(("start", "end"), self._loop, strict=True):
                if abs(point.x() - self._x(edge_s)) <= px(_GRIP):
                    return what
            if is_ruler and self._loop[0] < self._time_s(point) < self._loop[1]:
                return "loop"
        return "ruler" if is_ruler else "song"

    def _dragged(self, here_s: float) -> Region:
        """The loop that is asked for with the pointer at ``here_s``."""
        assert self._drag is not None
        what, from_s, (first_s, last_s) = self._drag
        if what == "loop":
            shift_s = min(max(here_s - from_s, -first_s), self._span.duration_s - last_s)
            return first_s + shift_s, last_s + shift_s
        fixed_s = {"start": last_s, "end": first_s}.get(what, from_s)
        return min(fixed_s, here_s), max(fixed_s, here_s)

    def _show_cursor(self, what: str) -> None:
        shapes = {"start": Qt.CursorShape.SizeHorCursor, "end": Qt.CursorShape.SizeHorCursor}
        shapes |= {"loop": Qt.CursorShape.OpenHandCursor, "ruler": Qt.CursorShape.IBeamCursor}
        self.setCursor(shapes.get(what, Qt.CursorShape.ArrowCursor))
