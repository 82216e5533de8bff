"""The stylesheet: buttons, fields, lists and labels by the looks that ``gui.views.theme.mark`` gives.

It stays short: what Fusion draws well out of the palette alone is left to it. Lengths come from ``px``, so that they
grow with the text. Every label, and with them every tooltip, shows its text as it is: names come from files and from
DAWs, and Qt would take "<b>kick</b>" for markup.

Contents: :func:`stylesheet`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from string import Template

from PyQt6.QtGui import QColor

from gui.views.colours import Colours

_SHEET = Template(
    """
QToolTip { background: $raised; color: $text; border: 1px solid $outline; padding: ${p6}px ${p8}px; }
QLabel, QToolTip { qproperty-textFormat: PlainText; }
QLabel, QCheckBox, QRadioButton { background: transparent; }
QLabel[look="display"] { font-size: $display; font-weight: 600; }
QLabel[look="title"] { font-size: $title; font-weight: 600; }
QLabel[look="heading"] { font-size: $heading; font-weight: 600; }
QLabel:disabled { color: $outline; }
QLabel[look="strong"] { font-weight: 600; }
QLabel[look="small"] { font-size: $small; color: $quiet; }
QLabel[look="quiet"] { color: $quiet; }
QLabel[look="warning"] { color: $warning; }
QLabel[look="danger"] { color: $danger; }
QFrame[look="card"] { background: $panel; border: 1px solid $line; border-radius: ${p8}px; }
QFrame[look="line"] { background: $line; border: none; max-height: 1px; }

QPushButton, QToolButton { background: $raised; color: $text; border: 1px solid $outline; border-radius: ${p5}px;
  padding: ${p5}px ${p12}px; outline: none; }
QToolButton { padding: ${p4}px; }
QPushButton:hover, QToolButton:hover { border-color: $text; }
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked { background: $sunken;
  border-color: $accent; }
QPushButton:focus, QToolButton:focus { border: ${p2}px solid $focus; padding: ${p4}px ${p11}px; }
QToolButton:focus { padding: ${p3}px; }
QToolButton[look="choice"]:checked { border-bottom: ${p3}px solid $accent; padding-bottom: ${p2}px; }
QPushButton:disabled, QToolButton:disabled { color: $outline; border-color: $line; }
QPushButton[look="primary"], QPushButton[look="hero"] {
  background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[look="primary"]:hover, QPushButton[look="hero"]:hover { border-color: $text; }
QPushButton[look="primary"]:focus, QPushButton[look="hero"]:focus { border-color: $text; }
QPushButton[look="primary"]:disabled, QPushButton[look="hero"]:disabled { background: $raised;
  color: $outline; border-color: $line; }
QPushButton[look="hero"] { font-size: $heading; }
QPushButton[look="flat"], QToolButton[look="flat"] { background: transparent; border-color: transparent; }
QPushButton[look="flat"]:hover, QToolButton[look="flat"]:hover { background: $raised; border-color: $outline; }
QPushButton[look="flat"]:focus, QToolButton[look="flat"]:focus { border-color: $focus; }
QPushButton[look="card"], QPushButton[look="row"] { background: $panel; border-color: $line; border-radius: ${p8}px;
  padding: 0; }
QPushButton[look="row"] { background: transparent; border-color: transparent; }
QPushButton[look="card"]:hover, QPushButton[look="row"]:hover { background: $raised; border-color: $outline; }
QPushButton[look="card"]:focus, QPushButton[look="row"]:focus { border: ${p2}px solid $focus; padding: 0; }
QPushButton[look="card"]:pressed, QPushButton[look="row"]:pressed { background: $sunken; }
QPushButton[look="link"] { background: transparent; border-color: transparent; color: $accent;
  padding: ${p3}px ${p4}px; text-align: left; }
QPushButton[look="link"]:hover { text-decoration: underline; }
QPushButton[look="link"]:focus { border-color: $focus; padding: ${p2}px ${p3}px; }

QLineEdit, QPlainTextEdit, QTextEdit { background: $raised; color: $text; border: 1px solid $outline;
  border-radius: ${p4}px; padding: ${p4}px ${p6}px; selection-background-color: $accent;
  selection-color: $on_accent; placeholder-text-color: $quiet; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus { border: ${p2}px solid $focus; padding: ${p3}px ${p5}px; }
QLineEdit:disabled { color: $outline; border-color: $line; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $outline; padding: ${p2}px; }
QSlider:horizontal { min-height: ${p24}px; }
QSlider::groove:horizontal { background: $line; height: ${p4}px; border-radius: ${p2}px; }
QSlider::sub-page:horizontal { background: $accent; height: ${p4}px; border-radius: ${p2}px; }
QSlider::handle:horizontal { background: $text; border: 1px solid $outline; width: ${p14}px; height: ${p14}px;
  margin: -${p6}px 0; border-radius: ${p7}px; }
QSlider::handle:horizontal:focus { border: ${p2}px solid $focus; background: $accent; }

QAbstractItemView { background: $panel; alternate-background-color: $raised; border: 1px solid $line;
  selection-background-color: $accent; selection-color: $on_accent; outline: none; }
QListView::item { padding: ${p3}px ${p4}px; }
QListView::item:selected { background: $accent; color: $on_accent; }
QAbstractItemView:focus { border: 1px solid $focus; }
QHeaderView::section { background: $panel; color: $quiet; border: none; border-bottom: 1px solid $line;
  padding: ${p4}px ${p6}px; }

QScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: ${p12}px; }
QScrollBar:horizontal { height: ${p12}px; }
QScrollBar::handle { background: $outline; border: ${p3}px solid $window; border-radius: ${p6}px; }
QScrollBar::handle:vertical { min-height: ${p32}px; }
QScrollBar::handle:horizontal { min-width: ${p32}px; }
QScrollBar::handle:hover { background: $quiet; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTabBar::tab { background: transparent; color: $quiet; border: none; border-bottom: ${p2}px solid transparent;
  padding: ${p8}px ${p14}px; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { border: ${p2}px solid $focus; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }

QMenu { background: $raised; color: $text; border: 1px solid $outline; padding: ${p4}px; }
QMenu::item { padding: ${p5}px ${p24}px ${p5}px ${p12}px; border-radius: ${p4}px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $outline; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: ${p4}px ${p8}px; }
QMenuBar { background: $window; color: $text; }
QMenuBar::item { background: transparent; padding: ${p4}px ${p8}px; }
QMenuBar::item:selected { background: $raised; }
QStatusBar { background: $panel; color: $quiet; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QSplitter::handle { background: $line; }
QProgressBar { background: $sunken; border: 1px solid $line; border-radius: ${p4}px; text-align: center; }
QProgressBar::chunk { background: $accent; border-radius: ${p3}px; }
"""
)


def stylesheet(colours: Colours, px: Callable[[float], int], sizes: Mapping[str, str]) -> str:
    """The text for ``QApplication.setStyleSheet``; ``sizes`` are font sizes by the names of ``theme.TEXT_SIZES``."""
    named = {field.name: getattr(colours, field.name) for field in fields(colours)}
    codes = {name: value.name() for name, value in named.items() if isinstance(value, QColor)}
    lengths = {f"p{length}": str(px(length)) for length in (2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 24, 32)}
    return _SHEET.substitute(codes, **lengths, **sizes)
