"""The look of the window: which palette is shown, how large everything is, and that both can change at any time.

Views take every colour from :func:`colours` while they paint and every length and font from :func:`px` and
:func:`text_font`; they repaint on ``theme_signals().theme_changed``. Lengths are given as they are at 100 % and grow
with the text. Text in a size or weight of its own is marked for the stylesheet: ``mark(label, "title")``.

Contents: :class:`Colours` (from ``gui.views.colours``), :func:`apply`, :func:`colours`, :func:`theme_signals`,
:func:`px`, :func:`text_font`, :func:`mark`, the spacing constants and ``TEXT_SIZES``.
"""

from __future__ import annotations

from typing import Literal, cast

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PyQt6.QtWidgets import QApplication, QWidget

from gui.views.colours import DARK, LIGHT, Colours
from gui.views.shown import colours, px, shown, theme_signals
from gui.views.style import StudioStyle
from gui.views.stylesheet import stylesheet

__all__ = ["Colours", "ThemeName", "apply", "colours", "mark", "px", "text_font", "theme_signals"]

ThemeName = Literal["dark", "light", "system"]
THEME_NAMES: tuple[ThemeName, ...] = ("dark", "light", "system")

#: Distances at 100 %, in pixels; pass them through :func:`px`.
TIGHT = 4
SNUG = 8
GAP = 12
ROOMY = 20
WIDE = 32
PAGE = 48

#: Sizes of text, in shares of the body's.
TEXT_SIZES: dict[str, float] = {
    "small": 0.9,
    "body": 1.0,
    "heading": 1.2,
    "title": 1.6,
    "display": 2.2,
}
#: A system whose font is none of its own choosing gets the first of these that is there.
_PREFERRED = ("Inter", "Noto Sans", "Lato", "Liberation Sans")
_GENERIC = ("Sans Serif", "Sans", "DejaVu Sans", "Helvetica", "MS Shell Dlg 2")
_FONT, _ASKED = "mixassist_font", "mixassist_theme"  # what the application itself remembers
_SMALLEST_PT = 10.0  # a strip's numbers must be read at arm's length


def text_font(size: str = "body", *, is_bold: bool = False) -> QFont:
    """The application's font in a size of ``TEXT_SIZES``, its figures all of one width so that numbers stand still."""
    font = QFont(QApplication.font())
    font.setPointSizeF(shown().base_pt * shown().scale * TEXT_SIZES[size])
    font.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
    return font


def mark(widget: QWidget, kind: str) -> None:
    """Give ``widget`` a look of the stylesheet: "title", "heading", "small", "quiet", "card", "primary", "flat" ..."""
    if widget.property("look") == kind:
        return
    widget.setProperty("look", kind)
    style = widget.style()
    if style is not None and widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        style.unpolish(widget)
        style.polish(widget)


def apply(app: QApplication, name: ThemeName = "dark", scale: float = 1.0) -> None:
    """Show the palette ``name`` with everything ``scale`` (1..2) times as large; where it is so already, do nothing.

    "system" follows the desktop, now and later, and is dark where it does not say. Raises ``ValueError`` for another
    name or scale.
    """
    if name not in THEME_NAMES:
        raise ValueError(f"theme {name!r}: expected {', '.join(THEME_NAMES)}")
    if not 1.0 <= scale <= 2.0:
        raise ValueError(f"scale={scale:g}: expected 1 to 2; per cent?")
    _prepare(app)
    app.setProperty(_ASKED, name)
    palette = _palette_called(name)
    if app.styleSheet() and (shown().scale, shown().colours) == (scale, palette):
        return
    shown().scale, shown().colours = scale, palette
    _dress(app)
    theme_signals().theme_changed.emit()


def _prepare(app: QApplication) -> None:
    """Once for each application: the style, and the font that everything is derived from."""
    if app.property(_FONT) is not None:
        return
    app.setStyle(StudioStyle())
    app.setProperty(_FONT, _base_font())
    hints = app.styleHints()
    if hints is not None:
        hints.colorSchemeChanged.connect(_follow)


def _follow() -> None:
    """Take the system's palette when it changes, where that was asked for."""
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.property(_ASKED) == "system":
        apply(app, "system", shown().scale)


def _base_font() -> QFont:
    font = QFont(QApplication.font())
    if font.family() in _GENERIC or QFontInfo(font).family() in _GENERIC:
        there = set(QFontDatabase.families())
        font.setFamily(next((name for name in _PREFERRED if name in there), font.family()))
    font.setPointSizeF(max(font.pointSizeF(), _SMALLEST_PT))
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _palette_called(name: ThemeName) -> Colours:
    hints = QGuiApplication.styleHints()
    schemes = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light, "system": Qt.ColorScheme.Unknown}
    if hints is not None:
        hints.setColorScheme(schemes[name])  # title bars and the system's file dialogs follow
    is_light = hints is not None and name == "system" and hints.colorScheme() == Qt.ColorScheme.Light
    return LIGHT if name == "light" or is_light else DARK


def _dress(app: QApplication) -> None:
    font = QFont(cast(QFont, app.property(_FONT)))
    shown().base_pt = font.pointSizeF()
    font.setPointSizeF(shown().base_pt * shown().scale)
    app.setFont(font)
    app.setPalette(_qt_palette(colours()))
    sizes = {look: f"{shown().base_pt * shown().scale * share:.2f}pt" for look, share in TEXT_SIZES.items()}
    app.setStyleSheet(stylesheet(colours(), px, sizes))


def _qt_palette(now: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette(now.raised, now.window)
    for ground, colour in (
        (role.Base, now.raised),
        (role.AlternateBase, now.panel),
        (role.ToolTipBase, now.raised),
        (role.Highlight, now.accent),
        (role.HighlightedText, now.on_accent),
        (role.Link, now.accent),
        (role.LinkVisited, now.accent),
        (role.PlaceholderText, now.quiet),
        (role.BrightText, now.danger),
        (role.Mid, now.line),
        (role.Dark, now.outline),
        (role.Light, now.raised),
        (role.Shadow, now.sunken),
        *((text, now.text) for text in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText)),
    ):
        palette.setColor(ground, colour)
    for text in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, text, now.outline)
    return palette
