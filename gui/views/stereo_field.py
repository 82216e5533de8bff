"""The stereo field: every track where it sits, left to right and low to high, as large as it is loud.

A bar through a track shows how wide it is, a grey ring with a line to it where it was before. Names are laid so that
none covers another; what has to stand further off has a line to its track.

Contents: :class:`StereoField`, :func:`lay_labels`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PyQt6.QtWidgets import QWidget

from assistant.mix import ChannelSettings
from assistant.report.words import pan_text
from assistant.wording import frequency_text
from gui.views.icons import FAMILY_MARKS, paint_mark
from gui.views.plots import HIGH_HZ, LOW_HZ, Plot, faded, paint_chip, pan_marks, short_hz_text
from gui.views.shown import colours, px
from gui.views.theme import text_font
from gui.workshop.values import MixInsight, Place

_LOW_HZ, _HIGH_HZ = 30.0, 16_000.0
_SMALLEST_PX, _LARGEST_PX = 5.0, 19.0
#: Tracks this far under the loudest are drawn smallest.
_RANGE_DB = 24.0
_TURNS = np.array([0.0, 180.0, 90.0, 270.0, 30.0, 150.0, 210.0, 330.0, 60.0, 120.0, 240.0, 300.0]) * math.pi / 180.0
_RINGS_PX = (3.0, 9.0, 18.0, 30.0, 46.0, 66.0, 90.0, 120.0)
Boxes = NDArray[np.float64]


def _frequency_marks(low: float, high: float, length_px: float) -> list[tuple[float, str]]:
    named = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
    return [(math.log10(hz), short_hz_text(hz)) for hz in named if low <= math.log10(hz) <= high]


class StereoField(Plot):
    """See the module. Arrows go from track to track, Enter asks for the one that is marked."""

    track_asked = pyqtSignal(str)
    unit = "Hz"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(pan_marks, _frequency_marks, None, parent)
        self._places: tuple[Place, ...] = ()
        self._before: dict[str, Place] = {}
        self._families: Mapping[str, str] = {}
        self._selected, self._hovered = "", ""
        self._labels: dict[str, QRectF] = {}
        self.set_ranges((-1.12, 1.12), (math.log10(_LOW_HZ), math.log10(_HIGH_HZ)))
        self.setAccessibleName(self.tr("Stereo field"))
        self.setToolTip(
            self.tr(
                "Left and right as on the speakers, low frequencies at the foot. A track's circle is larger the louder "
                "it is, its bar wider the more of both sides it fills. Where circles crowd, tracks get in each other's "
                "way. A click shows the track; with the keyboard: arrows, Enter."
            )
        )
        self.recolour()

    # --- what is shown

    def show_insight(self, insight: MixInsight, families: Mapping[str, str]) -> None:
        """Place every track that sounds."""
        heard = [p for p in insight.places if math.isfinite(p.loudness_lufs) and p.hz > 0.0]
        self._places = tuple(sorted(heard, key=lambda p: -p.loudness_lufs))
        self._before = {p.track: p for p in insight.places_before if math.isfinite(p.loudness_lufs) and p.hz > 0.0}
        self._families = families
        self.set_note("" if heard else self.tr("Nothing sounds in these passages."))
        self._lay()
        self._describe()
        self.refresh()

    def show_selected(self, name: str) -> None:
        """Mark a track."""
        if name != self._selected:
            self._selected = name
            self._describe()
            self.refresh()

    def label_box(self, name: str) -> QRectF:
        """Where the name of a track is written, in pixels of the viewport."""
        return self._labels[name]

    def dot(self, place: Place) -> QPointF:
        """The middle of a track's circle."""
        hz = min(max(place.hz, LOW_HZ), HIGH_HZ)
        low, high = math.log10(_LOW_HZ), math.log10(_HIGH_HZ)
        return self.to_pixel(min(max(place.pan, -1.0), 1.0), min(max(math.log10(hz), low), high))

    def radius(self, place: Place) -> float:
        """How large it is, in pixels; its area grows with the loudness in dB."""
        loudest = self._places[0].loudness_lufs if self._places else 0.0
        share = min(max(1.0 + (place.loudness_lufs - loudest) / _RANGE_DB, 0.0), 1.0)
        return math.sqrt(px(100) / 100.0) * math.sqrt(_SMALLEST_PX**2 + share * (_LARGEST_PX**2 - _SMALLEST_PX**2))

    def _describe(self) -> None:
        words = [self.reading(p.track) for p in self._places]
        place = next((p for p in self._places if p.track == self._selected), None)
        lead = "" if place is None else self.tr("Marked: {}. ").format(self.reading(place.track))
        self.setAccessibleDescription(lead + "; ".join(words))

    def reading(self, name: str) -> str:
        """Where a track sits, in words."""
        place = next((p for p in self._places if p.track == name), None)
        if place is None:
            return name
        side = pan_text(ChannelSettings(pan=min(max(place.pan, -1.0), 1.0)))
        width = self.tr("mono") if place.width < 0.05 else self.tr("width {:.0f} %").format(100.0 * place.width)
        span = f"{frequency_text(place.low_hz)} - {frequency_text(place.high_hz)}"
        return f"{name}: {side}, {width}, {span}, {place.loudness_lufs:.1f} LUFS"

    # --- the pointer and the keyboard

    def _track_at(self, point: QPointF) -> str:
        def off(place: Place) -> float:
            return QLineF(self.dot(place), point).length() - self.radius(place)

        nearest = min(self._places, key=off, default=None)
        if nearest is not None and off(nearest) <= px(3):
            return nearest.track
        return next((name for name, box in self._labels.items() if box.contains(point)), "")

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Qt: show what is under the pointer."""
        self._hover(self._track_at(ev.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Qt: nothing is under the pointer."""
        self._hover("")

    def _hover(self, name: str) -> None:
        if name != self._hovered:
            self._hovered = name
            self.setCursor(Qt.CursorShape.PointingHandCursor if name else Qt.CursorShape.ArrowCursor)
            self.refresh()

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Qt: ask for the track."""
        name = self._track_at(ev.position())
        if name and ev.button() == Qt.MouseButton.LeftButton:
            self.track_asked.emit(name)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Qt: arrows mark the next track that way, Enter asks for it."""
        way = _WAYS.get(Qt.Key(ev.key()))
        if way is not None and self._places:
            self.show_selected(self._next(*way))
        elif ev.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._selected:
            self.track_asked.emit(self._selected)
        else:
            ev.ignore()

    def _next(self, across: int, up: int) -> str:
        """The nearest track in a direction from the one that is marked."""
        here = next((p for p in self._places if p.track == self._selected), None)
        if here is None:
            return self._places[0].track

        def cost(place: Place) -> float:
            off = self.dot(place) - self.dot(here)
            along, aside = off.x() * across - off.y() * up, abs(off.x() * up) + abs(off.y() * across)
            return along + 2.0 * aside if along > 0.5 else math.inf

        best = min((p for p in self._places if p is not here), key=cost, default=here)
        return best.track if best is not here and math.isfinite(cost(best)) else here.track

    # --- painting

    def resizeEvent(self, ev: QResizeEvent) -> None:
        """Qt: names are laid anew."""
        super().resizeEvent(ev)
        if hasattr(self, "_labels"):  # pyqtgraph resizes itself while it is made
            self._lay()

    def recolour(self) -> None:
        """Take the theme's colours; fonts may have grown."""
        super().recolour()
        self._lay()

    def _lay(self) -> None:
        if not self._places or self.box().width() < px(60):
            return
        metrics = QFontMetricsF(text_font("small"))
        sizes = [(metrics.horizontalAdvance(p.track) + px(4), metrics.height()) for p in self._places]
        dots = [(self.dot(p).x(), self.dot(p).y(), self.radius(p)) for p in self._places]
        boxes = lay_labels(np.array(dots), np.array(sizes), self.box(), px(1_000) / 1_000.0)
        self._labels = {p.track: QRectF(*box) for p, box in zip(self._places, boxes, strict=True)}

    def paint_over(self, painter: QPainter) -> None:
        """Ghosts, then bars, circles and names."""
        self._paint_middle(painter)
        for place in self._places:
            self._paint_ghost(painter, place)
        for place in self._places:
            self._paint_width(painter, place)
        for place in sorted(self._places, key=lambda p: p.track in (self._selected, self._hovered)):
            self._paint_dot(painter, place)
        for place in self._places:
            self._paint_name(painter, place)
        if self._hovered:
            paint_chip(painter, self.box().topLeft() + QPointF(px(8), px(6)), self.reading(self._hovered))

    def _paint_middle(self, painter: QPainter) -> None:
        painter.setPen(QPen(colours().outline, 1.0))
        x = self.to_pixel(0.0, 0.0).x()
        painter.drawLine(QPointF(x, self.box().top()), QPointF(x, self.box().bottom()))

    def _paint_ghost(self, painter: QPainter, place: Place) -> None:
        was = self._before.get(place.track)
        if was is None:
            return
        here, there = self.dot(place), self.dot(was)
        if QLineF(here, there).length() < px(6):
            return
        is_marked = place.track in (self._selected, self._hovered)
        painter.setPen(QPen(faded(colours().before, 0.9 if is_marked else 0.38), px(2) if is_marked else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(there, here)
        painter.drawEllipse(there, px(3), px(3))

    def _paint_width(self, painter: QPainter, place: Place) -> None:
        here, colour = self.dot(place), colours().family(self._families.get(place.track, "other"))
        box, reach = self.box(), place.width / 2.24 * self.box().width()
        left, right = max(here.x() - reach, box.left()), min(here.x() + reach, box.right())
        bar = QRectF(left, here.y() - px(4), right - left, 2.0 * px(4))
        painter.setPen(QPen(faded(colour, 0.55), 1.0))
        painter.setBrush(faded(colour, 0.16))
        painter.drawRoundedRect(bar, px(4), px(4))
        if place.track in (self._selected, self._hovered):
            ends = [self.to_pixel(place.pan, math.log10(max(hz, _LOW_HZ))).y() for hz in (place.low_hz, place.high_hz)]
            painter.setPen(QPen(colour, px(2)))
            painter.drawLine(QPointF(here.x(), ends[0]), QPointF(here.x(), max(ends[1], box.top())))

    def _paint_dot(self, painter: QPainter, place: Place) -> None:
        family = self._families.get(place.track, "other")
        here, radius, colour = self.dot(place), self.radius(place), colours().family(family)
        is_marked = place.track in (self._selected, self._hovered)
        painter.setPen(QPen(colours().focus if is_marked else colours().sunken, px(3) if is_marked else px(1)))
        painter.setBrush(faded(colour, 0.85))
        painter.drawEllipse(here, radius, radius)
        side = 1.15 * radius
        if radius >= px(7):
            mark = QRectF(here.x() - side / 2, here.y() - side / 2, side, side)
            paint_mark(painter, mark, FAMILY_MARKS.get(family, "ring"), faded(colours().sunken, 0.75))

    def _paint_name(self, painter: QPainter, place: Place) -> None:
        box = self._labels.get(place.track)
        if box is None:
            return
        here, is_marked = self.dot(place), place.track in (self._selected, self._hovered)
        near = QPointF(min(max(here.x(), box.left()), box.right()), min(max(here.y(), box.top()), box.bottom()))
        if QLineF(here, near).length() > self.radius(place) + px(7):
            painter.setPen(QPen(faded(colours().quiet, 0.6), 1.0))
            painter.drawLine(here, near)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(colours().sunken, 0.7))
        painter.drawRoundedRect(box.adjusted(0.0, px(2), 0.0, -px(2)), px(3), px(3))
        painter.setFont(text_font("small", is_bold=is_marked))
        painter.setPen(colours().text)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
        painter.drawText(box, flags, place.track)


_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


def lay_labels(dots: Boxes, sizes: Boxes, room: QRectF, scale: float = 1.0) -> list[tuple[float, float, float, float]]:
    """Boxes (left, top, width, height) for names of ``sizes`` (N, 2) beside ``dots`` (N, 3: x, y, radius), in pixels.

    Each takes the first place inside ``room`` where it covers neither a name nor a dot, nearest first; where there is
    none, the place where it covers least of names.
    """
    circles = np.stack([dots[:, 0] - dots[:, 2], dots[:, 1] - dots[:, 2], 2.0 * dots[:, 2], 2.0 * dots[:, 2]], axis=1)
    tries = _tries(dots, sizes, scale)
    costs = _overlaps(tries.reshape(-1, 4), circles).reshape(tries.shape[:2]) + 0.02 * np.arange(tries.shape[1])
    ends = tries[..., :2] + tries[..., 2:]
    is_outside = (tries[..., :2] < (room.left(), room.top())) | (ends > (room.right(), room.bottom()))
    costs += 1e6 * is_outside.any(axis=2)
    laid = np.zeros((0, 4))
    for own, cost in zip(tries, costs, strict=True):
        best = own[int(np.argmin(cost + 1e3 * _overlaps(own, laid)))]
        laid = np.vstack([laid, best])
    return [(float(x), float(y), float(width), float(height)) for x, y, width, height in laid]


def _tries(dots: Boxes, sizes: Boxes, scale: float) -> NDArray[np.float64]:
    """Places (N, M, 4) for a name around each dot: rings, each to the right, to the left, under, over, and between."""
    reach = dots[:, 2:] + scale * np.repeat(_RINGS_PX, len(_TURNS))
    turns = np.tile(_TURNS, len(_RINGS_PX))
    widths, heights = np.broadcast_to(sizes.T[:, :, None], (2, *reach.shape))
    middle_x = dots[:, :1] + np.cos(turns) * (reach + widths / 2.0)
    middle_y = dots[:, 1:2] + np.sin(turns) * (reach + heights / 2.0)
    return np.stack([middle_x - widths / 2.0, middle_y - heights / 2.0, widths, heights], axis=2)


def _overlaps(tries: Boxes, boxes: Boxes) -> NDArray[np.float64]:
    """How much (px²) each of ``tries`` (M, 4) covers of ``boxes`` (K, 4) together."""
    (x, y, width, height), (x0, y0, width0, height0) = tries.T[:, :, None], boxes.T[:, None, :]
    across = np.minimum(x + width, x0 + width0) - np.maximum(x, x0)
    down = np.minimum(y + height, y0 + height0) - np.maximum(y, y0)
    return (np.maximum(across, 0.0) * np.maximum(down, 0.0)).sum(axis=1)
