"""Signs and icons, drawn: what a colour says is said by a shape, too.

Each is a row of strokes on a field of 24 by 24: ``M x y`` moves, ``L x y`` draws a line, ``C`` a curve over two
handles, ``Z`` closes, ``O x y r`` is a circle; a row that begins with ``F`` is filled. Marks such as "check", "cross",
"lock" and "dot" stand beside accepted, rejected, locked and proposed; every family of roles has a shape of its own.

Contents: ``STROKES``, ``FAMILY_MARKS``, :func:`mark_path`, :func:`paint_mark`, :func:`pixmap`, :func:`icon`.
"""

from __future__ import annotations

from functools import cache
from math import ceil

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from gui.views.shown import colours

FIELD = 24.0
_LINE = 2.0  # width of a stroke on the field

STROKES: dict[str, tuple[str, ...]] = {
    "check": ("M 4.5 12.5 L 10 18 L 20 6.5",),
    "cross": ("M 6 6 L 18 18", "M 18 6 L 6 18"),
    "lock": ("F M 5 11 L 19 11 L 19 21 L 5 21 Z", "M 8 11 L 8 8 C 8 2.6 16 2.6 16 8 L 16 11"),
    "unlock": ("M 5 11 L 19 11 L 19 21 L 5 21 Z", "M 8 11 L 8 7 C 8 1.6 16 1.6 16 7"),
    "dot": ("F O 12 12 5",),
    "ring": ("O 12 12 6",),
    "half": ("O 12 12 8", "F M 12 4 C 7.6 4 4 7.6 4 12 C 4 16.4 7.6 20 12 20 Z"),
    "dash": ("M 5 12 L 19 12",),
    "plus": ("M 12 5 L 12 19", "M 5 12 L 19 12"),
    "information": ("O 12 12 9", "M 12 11 L 12 17", "F O 12 7.4 1.3"),
    "warning": ("M 12 3.5 L 21.5 20 L 2.5 20 Z", "M 12 10 L 12 14.5", "F O 12 17.3 1.2"),
    "error": ("M 8 3 L 16 3 L 21 8 L 21 16 L 16 21 L 8 21 L 3 16 L 3 8 Z", "M 9 9 L 15 15", "M 15 9 L 9 15"),
    "question": (
        "O 12 12 9",
        "M 9.3 9.6 C 9.3 6 14.8 6.1 14.7 9.5 C 14.6 11.6 12 11.6 12 14",
        "F O 12 17.2 1.2",
    ),
    "play": ("F M 7 4.5 L 19.5 12 L 7 19.5 Z",),
    "pause": ("F M 6 5 L 10 5 L 10 19 L 6 19 Z", "F M 14 5 L 18 5 L 18 19 L 14 19 Z"),
    "stop": ("F M 6 6 L 18 6 L 18 18 L 6 18 Z",),
    "loop": (
        "M 4 12 C 4 6 9 6 12 6 L 19 6",
        "M 16 3 L 19 6 L 16 9",
        "M 20 12 C 20 18 15 18 12 18 L 5 18",
        "M 8 21 L 5 18 L 8 15",
    ),
    "folder": ("M 3 19 L 3 5.5 L 9.5 5.5 L 12 8.5 L 21 8.5 L 21 19 Z",),
    "file": ("M 6 3 L 14 3 L 19 8 L 19 21 L 6 21 Z", "M 14 3 L 14 8 L 19 8"),
    "song": ("F O 7.5 18 2.8", "M 10.3 18 L 10.3 4.5 L 19 3", "F O 16.2 16 2.8", "M 19 16 L 19 3"),
    "report": ("M 5 3 L 19 3 L 19 21 L 5 21 Z", "M 9 17 L 9 13", "M 12 17 L 12 8", "M 15 17 L 15 11"),
    "link": (
        "M 2.5 12 L 7 12",
        "M 17 12 L 21.5 12",
        "M 7 7 L 7 17 L 10 17 L 10 7 Z",
        "M 17 7 L 17 17 L 14 17 L 14 7 Z",
        "M 10 12 L 14 12",
    ),
    "desk": (
        "M 6 3 L 6 21",
        "M 12 3 L 12 21",
        "M 18 3 L 18 21",
        "F M 3.5 13 L 8.5 13 L 8.5 17 L 3.5 17 Z",
        "F M 9.5 6 L 14.5 6 L 14.5 10 L 9.5 10 Z",
        "F M 15.5 11 L 20.5 11 L 20.5 15 L 15.5 15 Z",
    ),
    "search": ("O 10.5 10.5 6.5", "M 15.5 15.5 L 21 21"),
    "undo": ("M 8 4 L 4 8 L 8 12", "M 4 8 L 14 8 C 21.5 8 21.5 19 14 19 L 9 19"),
    "redo": ("M 16 4 L 20 8 L 16 12", "M 20 8 L 10 8 C 2.5 8 2.5 19 10 19 L 15 19"),
    "down": ("M 6 9 L 12 15 L 18 9",),
    "up": ("M 6 15 L 12 9 L 18 15",),
    "right": ("M 9 6 L 15 12 L 9 18",),
    "left": ("M 15 6 L 9 12 L 15 18",),
    "more": ("F O 5 12 1.8", "F O 12 12 1.8", "F O 19 12 1.8"),
    "clock": ("O 12 12 9", "M 12 6.5 L 12 12 L 16 14.5"),
    "headphones": (
        "M 4 15 C 3 2 21 2 20 15",
        "F M 3 14 L 7.5 14 L 7.5 20.5 L 3 20.5 Z",
        "F M 16.5 14 L 21 14 L 21 20.5 L 16.5 20.5 Z",
    ),
    "eye": ("M 2 12 C 7 4.5 17 4.5 22 12 C 17 19.5 7 19.5 2 12 Z", "F O 12 12 3"),
    "spark": (
        "F M 11 3 L 13.2 9.8 L 20 12 L 13.2 14.2 L 11 21 L 8.8 14.2 L 2 12 L 8.8 9.8 Z",
        "M 19 3 L 19 7",
        "M 17 5 L 21 5",
    ),
    "square": ("F M 6 6 L 18 6 L 18 18 L 6 18 Z",),
    "triangle": ("F M 12 5 L 20 19 L 4 19 Z",),
    "wedge": ("F M 4 5 L 20 5 L 12 19 Z",),
    "diamond": ("F M 12 3.5 L 20.5 12 L 12 20.5 L 3.5 12 Z",),
    "bar": ("F M 3 9 L 21 9 L 21 15 L 3 15 Z",),
    "pillar": ("F M 9 3 L 15 3 L 15 21 L 9 21 Z",),
    "star": ("F M 12 2.5 L 14.6 9 L 21.5 9.4 L 16.2 13.8 L 18 20.6 L 12 16.8 L 6 20.6 L 7.8 13.8 L 2.5 9.4 L 9.4 9 Z",),
    "circle": ("F O 12 12 7",),
}

#: The shape of each family of roles.
FAMILY_MARKS: dict[str, str] = {
    "drums": "circle",
    "bass": "bar",
    "vocals": "star",
    "guitars": "triangle",
    "keys": "pillar",
    "orchestra": "wedge",
    "synths": "square",
    "fx": "diamond",
    "other": "ring",
}
_POINTS = {"M": 1, "L": 1, "C": 3}


@cache
def mark_path(name: str) -> tuple[QPainterPath, QPainterPath]:
    """The lines and the filled areas of the mark ``name``, on the field of 24 by 24; ``KeyError`` for no such mark."""
    lines, areas = QPainterPath(), QPainterPath()
    areas.setFillRule(Qt.FillRule.WindingFill)
    for row in STROKES[name]:
        _add_stroke(areas if row.startswith("F") else lines, row.removeprefix("F").split())
    return lines, areas


def _add_stroke(path: QPainterPath, words: list[str]) -> None:
    place = 0
    while place < len(words):
        letter, place = words[place], place + 1
        if letter == "Z":
            path.closeSubpath()
        elif letter == "O":
            x, y, radius = (float(word) for word in words[place : place + 3])
            path.addEllipse(QPointF(x, y), radius, radius)
            place += 3
        else:
            count = _POINTS[letter]
            values = [float(word) for word in words[place : place + 2 * count]]
            points = [QPointF(*values[k : k + 2]) for k in range(0, 2 * count, 2)]
            {"M": path.moveTo, "L": path.lineTo, "C": path.cubicTo}[letter](*points)
            place += 2 * count


def paint_mark(painter: QPainter, rect: QRectF, name: str, colour: QColor) -> None:
    """Paint the mark ``name`` in the middle of ``rect``, as large as it fits."""
    lines, areas = mark_path(name)
    scale = min(rect.width(), rect.height()) / FIELD
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - FIELD / 2 * scale, rect.center().y() - FIELD / 2 * scale)
    painter.scale(scale, scale)
    painter.fillPath(areas, colour)
    pen = QPen(colour, _LINE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(lines, pen)
    painter.restore()


def pixmap(name: str, side_px: float, colour: QColor | None = None, pixel_ratio: float = 2.0) -> QPixmap:
    """The mark ``name`` as a picture ``side_px`` wide and high, in the colour of text unless another is given."""
    picture = QPixmap(ceil(side_px * pixel_ratio), ceil(side_px * pixel_ratio))
    picture.setDevicePixelRatio(pixel_ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_mark(painter, QRectF(0.0, 0.0, side_px, side_px), name, colour or colours().text)
    painter.end()
    return picture


def icon(name: str, colour: QColor | None = None, side_px: float = 24.0) -> QIcon:
    """The mark ``name`` as an icon, grey where its button is disabled. Make it anew when the theme changes."""
    made = QIcon(pixmap(name, side_px, colour))
    made.addPixmap(pixmap(name, side_px, colours().outline), QIcon.Mode.Disabled)
    return made
