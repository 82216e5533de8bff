"""What is shown now: the palette and the scale that ``gui.views.theme.apply`` set, for whoever paints.

Contents: :func:`colours`, :func:`px`, :func:`theme_signals`; :class:`Shown`, :func:`shown` for ``theme`` alone.
"""

from __future__ import annotations

from functools import cache

from PyQt6.QtCore import QObject, pyqtSignal

from gui.views.colours import DARK, Colours


class ThemeSignals(QObject):
    """``theme_changed`` comes after the palette or the scale has changed."""

    theme_changed = pyqtSignal()


class Shown:
    """The palette, the scale 1..2, and the body text's size at 100 %, in points."""

    def __init__(self) -> None:
        self.colours = DARK
        self.scale = 1.0
        self.base_pt = 10.0
        self.signals = ThemeSignals()


@cache
def shown() -> Shown:
    """The one that is shown."""
    return Shown()


def colours() -> Colours:
    """The palette that is shown."""
    return shown().colours


def theme_signals() -> ThemeSignals:
    """The object that tells of changes of the theme."""
    return shown().signals


def px(length: float) -> int:
    """A length that is ``length`` pixels at 100 %, as many as it is now; never 0 for more than 0."""
    grown = round(length * shown().scale)
    return max(grown, 1) if length > 0 else grown
