"""Forms whose labels stand at the height of their fields.

Contents: :func:`align_labels`.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFormLayout, QLabel


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
