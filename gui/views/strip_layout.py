"""Where the widgets of a strip stand, by the room that it has.

A tall strip has everything one under the other; a short one has thumbnails, and trim and send, side by side; a low one
leaves the thumbnails to the insight; and on a flat one, as with large text on a small screen, the fader stands beside
what is decided, so that both are seen at once.

Contents: :func:`arrange`, :func:`is_flat`, ``LEAST_HIGH``, ``NARROW``, ``PLATE``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from gui.views.theme import px

if TYPE_CHECKING:
    from gui.views.strip import StripView

#: Strips under this width, at 100 %, leave out what is not a number or a sign.
NARROW = 92
#: Heights at 100 % from which a strip is tall, short, low; under the last it is flat, and under the least it scrolls.
TALL, SHORT, LOW, LEAST_HIGH = 520, 410, 326, 178
#: Height of the name's plate with the family's colour over it, at 100 %.
PLATE = 30
_FOOT, _GAP = 24, 5
_PAN_HIGH, _BAR_HIGH = 58, 26


def is_flat(height_px: int) -> bool:
    """Whether a strip of that height has its fader at the side."""
    return height_px < px(LOW)


def arrange(view: StripView) -> None:
    """Place the widgets of ``view`` for its size."""
    margin = px(7) if view.width() >= px(NARROW) else px(3)
    left, wide = margin, view.width() - 2 * margin - 1
    has_thumbnails = view.height() >= px(SHORT)
    view.equaliser.setVisible(has_thumbnails)
    view.compressor.setVisible(has_thumbnails)
    if is_flat(view.height()):
        _arrange_flat(view, left, wide)
        return
    top = _place_decision(view, left, wide)
    top = _place_tall(view, left, top, wide) if view.height() >= px(TALL) else _place_short(view, left, top, wide)
    bottom = view.height() - px(_GAP)
    _place_fader(view, left, top, wide, bottom - px(_FOOT) - px(_GAP))
    _place_foot(view, left, wide)


def _arrange_flat(view: StripView, left: int, wide: int) -> None:
    """Two columns; where even they are too low, pan, trim and send are left to the insight too."""
    beside = max(px(58), round(0.4 * wide))
    column = wide - beside - px(_GAP)
    top = _place_decision(view, left, column)
    _place_fader(view, left + column + px(_GAP), px(PLATE + 4), beside, view.height() - px(_GAP))
    _place_foot(view, left, column)
    room = view.height() - px(_FOOT + 2 * _GAP) - top
    if room >= px(_PAN_HIGH):
        _place_sound(view, left, top, column)
    for widget in (view.pan, view.trim, view.send):
        widget.setVisible(room >= px(_PAN_HIGH))


def _place_decision(view: StripView, left: int, wide: int) -> int:
    """What the track is and what is decided; returns where it ends."""
    top = px(PLATE + 4)
    top = _row([view.role], left, top, wide, px(22), 0) + px(_GAP)
    top = _row([view.accept, view.reject, view.lock], left, top, wide, px(26), px(3)) + px(3)
    top = _row(list(view.lamps.values()), left, top, wide, px(28), 0) + px(3)
    return _row([view.amount], left, top, wide, px(_BAR_HIGH), 0) + px(6)


def _place_tall(view: StripView, left: int, top: int, wide: int) -> int:
    """What processes the sound, one under the other; returns where it ends."""
    for widget, high, after in (
        (view.equaliser, 44, 4),
        (view.compressor, 36, 4),
        (view.trim, _BAR_HIGH, 1),
        (view.send, _BAR_HIGH, 3),
        (view.pan, _PAN_HIGH, 2),
    ):
        widget.setVisible(True)
        top = _row([widget], left, top, wide, px(high), 0) + px(after)
    return top


def _place_short(view: StripView, left: int, top: int, wide: int) -> int:
    """The same in two columns, without thumbnails where there is no room for them."""
    if view.height() >= px(SHORT):
        top = _row([view.equaliser, view.compressor], left, top, wide, px(38), px(_GAP)) + px(3)
    for widget in (view.pan, view.trim, view.send):
        widget.setVisible(True)
    return _place_sound(view, left, top, wide)


def _place_sound(view: StripView, left: int, top: int, wide: int) -> int:
    """Pan beside trim and send; returns where they end."""
    pan = round(0.4 * wide)
    _row([view.pan], left, top, pan, px(_PAN_HIGH), 0)
    at, rest = left + pan + px(3), wide - pan - px(3)
    _row([view.trim], at, top, rest, px(_BAR_HIGH), 0)
    return _row([view.send], at, top + px(_BAR_HIGH + 3), rest, px(_BAR_HIGH), 0) + px(_GAP)


def _place_fader(view: StripView, left: int, top: int, wide: int, bottom: int) -> None:
    """The fader, and the meter beside its rail."""
    meter = px(9)
    view.fader.setGeometry(left, top, wide - meter - px(3), max(bottom - top, 1))
    high = max(bottom - top - view.fader.text_height() - px(2), 1)
    view.meter.setGeometry(left + wide - meter, top + px(2), meter, high)


def _place_foot(view: StripView, left: int, wide: int) -> None:
    """What is heard of the track, and how it stands with the DAW."""
    top = view.height() - px(_GAP) - px(_FOOT)
    third = px(22) if view.width() >= px(NARROW) else px(16)
    _row([view.solo, view.mute], left, top, wide - third - px(3), px(_FOOT), px(3))
    view.link.setGeometry(left + wide - third, top, third, px(_FOOT))


def _row(widgets: list[QWidget], left: int, top: int, wide: int, high: int, gap: int) -> int:
    """Place ``widgets`` side by side; returns where the row ends."""
    count = len(widgets)
    each = (wide - (count - 1) * gap) / count
    for k, widget in enumerate(widgets):
        start, end = round(left + k * (each + gap)), round(left + k * (each + gap) + each)
        widget.setGeometry(start, top, end - start, high)
    return top + high
