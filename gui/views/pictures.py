"""Pictures that are painted once and shown often: what looks the same on many strips, or again when it comes back.

A picture is kept by what it shows; its size, the palette and the scale are added here. The longest unused are given up
when all together take too much memory. Used by the window's thread alone.

Contents: :func:`kept_picture`, :func:`kept_count`, ``MOST_BYTES``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PyQt6.QtGui import QPainter, QPixmap
from PyQt6.QtWidgets import QWidget

from gui.views.theme import colours, px

#: All pictures together.
MOST_BYTES = 32_000_000
_BYTES_PER_PIXEL = 4
_kept: OrderedDict[Hashable, QPixmap] = OrderedDict()
_taken = [0]  # bytes


def kept_picture(widget: QWidget, shows: Hashable, draw: Callable[[QPainter], None]) -> QPixmap:
    """A picture as large as ``widget``, on a strip's ground: by ``draw``, or the kept one that ``shows`` the same."""
    ratio = widget.devicePixelRatioF()
    key = (shows, widget.width(), widget.height(), ratio, colours().name, px(1000))
    picture = _kept.get(key)
    if picture is None:
        picture = _drawn(widget, ratio, draw)
        _kept[key] = picture
        _taken[0] += _size(picture)
        _give_up()
    else:
        _kept.move_to_end(key)
    return picture


def kept_count() -> int:
    """How many pictures are kept."""
    return len(_kept)


def _drawn(widget: QWidget, ratio: float, draw: Callable[[QPainter], None]) -> QPixmap:
    picture = QPixmap(max(round(widget.width() * ratio), 1), max(round(widget.height() * ratio), 1))
    picture.setDevicePixelRatio(ratio)
    picture.fill(colours().panel)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter)
    painter.end()
    return picture


def _size(picture: QPixmap) -> int:
    return picture.width() * picture.height() * _BYTES_PER_PIXEL


def _give_up() -> None:
    while _taken[0] > MOST_BYTES and len(_kept) > 1:
        _, old = _kept.popitem(last=False)
        _taken[0] -= _size(old)
