"""Forms whose labels stand at the height of their fields, and whose fields do not take the wheel from the page.

Contents: :func:`align_labels`, :func:`leave_wheel_to_page`.
"""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QFormLayout, QLabel, QScrollBar, QWidget


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


def leave_wheel_to_page(page: QWidget) -> None:
    """Let the wheel scroll ``page`` over its fields, too; a field takes it only while it has the keyboard's focus."""
    guard = _WheelGuard(page)
    for kind in (QComboBox, QAbstractSpinBox, QAbstractSlider):
        for field in page.findChildren(kind):
            if not isinstance(field, QScrollBar):
                field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                field.installEventFilter(guard)


class _WheelGuard(QObject):
    """Turns the wheel away from fields without focus."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Qt: whether the event goes no further."""
        is_wheel = event is not None and event.type() == QEvent.Type.Wheel
        if not (is_wheel and isinstance(watched, QWidget)) or watched.hasFocus():
            return False
        assert event is not None
        event.ignore()  # the page takes it
        return True
