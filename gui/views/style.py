"""Boxes, radio buttons, fields and the frame of the focus, drawn so that they are seen on dark ground and at 200 %.

Fusion takes their outlines from the colour of the window, a little darker: near black on near black.

Contents: :class:`StudioStyle`.
"""

from __future__ import annotations

from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QStyleOptionComplex, QWidget

from gui.views.icons import paint_mark
from gui.views.shown import colours, px

_Element = QStyle.PrimitiveElement
_State = QStyle.StateFlag
_Part = QStyle.SubControl


class StudioStyle(QProxyStyle):
    """Fusion with boxes, radio buttons, fields and a focus frame out of the palette of ``theme.colours``."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Boxes and icons grow with the text."""
        if metric in _SIDES:
            return px(_SIDES[metric])
        return super().pixelMetric(metric, option, widget)

    def sizeFromContents(
        self, kind: QStyle.ContentsType, option: QStyleOption | None, size: QSize, widget: QWidget | None = None
    ) -> QSize:
        """Fields to choose from and to count in are as high as the fields to write in."""
        made = super().sizeFromContents(kind, option, size, widget)
        if kind in (QStyle.ContentsType.CT_ComboBox, QStyle.ContentsType.CT_SpinBox):
            return made + QSize(px(14), max(size.height() + px(10) - made.height(), 0))
        return made

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        part: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        """The arrows stand off the edge, and so does the text."""
        place = super().subControlRect(control, option, part, widget)
        left, right = _SHIFTS.get((control, part), (0, 0))
        return place.adjusted(px(left), 0, px(right), 0)

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Draw what Fusion draws too darkly, and leave the rest to it."""
        if element in (_Element.PE_IndicatorCheckBox, _Element.PE_IndicatorItemViewItemCheck):
            _draw_box(painter, option)
        elif element == _Element.PE_IndicatorRadioButton:
            _draw_radio(painter, option)
        elif element == _Element.PE_FrameFocusRect:
            _draw_focus(painter, option)
        elif element in _ARROWS:
            side = px(14)
            box = QRectF(0, 0, side, side)
            box.moveCenter(QRectF(option.rect).center())
            paint_mark(painter, box, _ARROWS[element], _edge(option))
        else:
            super().drawPrimitive(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Fields to choose from and to count in look like the fields to write in."""
        if control == QStyle.ComplexControl.CC_ComboBox:
            _draw_field(painter, option)
            self._draw_arrow(painter, control, option, widget, _Part.SC_ComboBoxArrow, "down")
        elif control == QStyle.ComplexControl.CC_SpinBox:
            _draw_field(painter, option)
            self._draw_arrow(painter, control, option, widget, _Part.SC_SpinBoxUp, "up")
            self._draw_arrow(painter, control, option, widget, _Part.SC_SpinBoxDown, "down")
        else:
            super().drawComplexControl(control, option, painter, widget)

    def _draw_arrow(
        self,
        painter: QPainter,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        widget: QWidget | None,
        part: QStyle.SubControl,
        name: str,
    ) -> None:
        place = QRectF(self.subControlRect(control, option, part, widget))
        side = min(px(14), place.height() * 0.9)
        box = QRectF(0.0, 0.0, side, side)
        box.moveCenter(place.center())
        is_on = option.state & _State.State_Enabled
        paint_mark(painter, box, name, colours().quiet if is_on else colours().line)


_SIDES = {
    QStyle.PixelMetric.PM_IndicatorWidth: 17,
    QStyle.PixelMetric.PM_IndicatorHeight: 17,
    QStyle.PixelMetric.PM_ExclusiveIndicatorWidth: 17,
    QStyle.PixelMetric.PM_ExclusiveIndicatorHeight: 17,
    QStyle.PixelMetric.PM_CheckBoxLabelSpacing: 8,
    QStyle.PixelMetric.PM_RadioButtonLabelSpacing: 8,
    QStyle.PixelMetric.PM_ButtonIconSize: 18,
    QStyle.PixelMetric.PM_SmallIconSize: 18,
    QStyle.PixelMetric.PM_LineEditIconSize: 18,
    QStyle.PixelMetric.PM_ToolBarIconSize: 20,
}
#: How far the left and the right edge of a part are moved. Parts of several controls share one number in Qt.
_SHIFTS = {
    (QStyle.ComplexControl.CC_ComboBox, _Part.SC_ComboBoxEditField): (4, -8),
    (QStyle.ComplexControl.CC_ComboBox, _Part.SC_ComboBoxArrow): (-8, -4),
    (QStyle.ComplexControl.CC_SpinBox, _Part.SC_SpinBoxEditField): (4, -8),
    (QStyle.ComplexControl.CC_SpinBox, _Part.SC_SpinBoxUp): (-8, -4),
    (QStyle.ComplexControl.CC_SpinBox, _Part.SC_SpinBoxDown): (-8, -4),
}
_ARROWS = {
    _Element.PE_IndicatorArrowDown: "down",
    _Element.PE_IndicatorArrowUp: "up",
    _Element.PE_IndicatorArrowLeft: "left",
    _Element.PE_IndicatorArrowRight: "right",
}


def _edge(option: QStyleOption) -> QColor:
    shown = colours()
    if not option.state & _State.State_Enabled:
        return shown.line
    return shown.text if option.state & _State.State_MouseOver else shown.outline


def _draw_field(painter: QPainter, option: QStyleOptionComplex) -> None:
    is_focused = option.state & _State.State_HasFocus
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours().focus, px(2)) if is_focused else QPen(_edge(option), 1.0))
    painter.setBrush(colours().raised)
    inset = px(2) / 2 if is_focused else 0.5
    painter.drawRoundedRect(QRectF(option.rect).adjusted(inset, inset, -inset, -inset), px(4), px(4))
    painter.restore()


def _ground(option: QStyleOption) -> QColor:
    is_full = option.state & (_State.State_On | _State.State_NoChange)
    if not is_full:
        return colours().raised
    return colours().accent if option.state & _State.State_Enabled else colours().outline


def _draw_box(painter: QPainter, option: QStyleOption) -> None:
    rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(_edge(option), 1.0))
    painter.setBrush(_ground(option))
    painter.drawRoundedRect(rect, px(3), px(3))
    painter.restore()
    name = "check" if option.state & _State.State_On else "dash" if option.state & _State.State_NoChange else ""
    if name:
        inset = px(2)
        paint_mark(painter, rect.adjusted(inset, inset, -inset, -inset), name, colours().on_accent)


def _draw_radio(painter: QPainter, option: QStyleOption) -> None:
    rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(_edge(option), 1.0))
    painter.setBrush(_ground(option))
    painter.drawEllipse(rect)
    if option.state & _State.State_On:
        inset = rect.width() * 0.3
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours().on_accent)
        painter.drawEllipse(rect.adjusted(inset, inset, -inset, -inset))
    painter.restore()


def _draw_focus(painter: QPainter, option: QStyleOption) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours().focus, px(2)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(option.rect).adjusted(1.0, 1.0, -1.0, -1.0), px(3), px(3))
    painter.restore()
