"""Forms whose labels stand at the height of their fields, and whose fields do not take the wheel from the page.

Contents: :func:`align_labels`, :func:`fit_on_screen`; :class:`ChoiceField`, :class:`CountField`, :class:`FigureField`,
:class:`TravelField`.
"""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from gui.views.theme import TIGHT, px


def align_labels(form: QFormLayout, least_px: int = 0) -> None:
    """Give each label of ``form`` the height of its field, and at least ``least_px`` of width."""
    for row in range(form.rowCount()):
        item = form.itemAt(row, QFormLayout.ItemRole.LabelRole)
        field = form.itemAt(row, QFormLayout.ItemRole.FieldRole)
        label = item.widget() if item is not None else None
        if isinstance(label, QLabel) and field is not None:
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            label.setFixedHeight(field.sizeHint().height())
            label.setMinimumWidth(least_px)


def fit_on_screen(window: QWidget, wide_px: int, high_px: int) -> None:
    """Give ``window`` a size, or as much of it as the screen has."""
    screen = window.screen()
    wanted = QSize(wide_px, high_px)
    window.resize(wanted if screen is None else wanted.boundedTo(screen.availableSize()))


class _LeavesWheel:
    """Takes the wheel only with the keyboard's focus, which the wheel does not give: else the page scrolls."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Qt: the wheel was turned over it."""
        if self.hasFocus():
            super().wheelEvent(event)
        elif event is not None:
            event.ignore()


class ChoiceField(_LeavesWheel, QComboBox):
    """One of several, on a page that scrolls; a choice that is too long for the field ends in dots."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: draw the field, and of the text what there is room for."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        style = self.style()
        assert style is not None
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = style.subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - px(TIGHT)
        text = option.fontMetrics.elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        option.currentText = text
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()


class CountField(_LeavesWheel, QSpinBox):
    """A whole number, on a page that scrolls."""


class FigureField(_LeavesWheel, QDoubleSpinBox):
    """A number, on a page that scrolls."""


class TravelField(_LeavesWheel, QSlider):
    """A slider, on a page that scrolls."""
