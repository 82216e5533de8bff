"""Under the mixer, in a line or two: why the track that is selected is proposed as it is, and the way to all of it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from gui.views.theme import GAP, SNUG, TIGHT, mark, px, theme_signals

#: What engineers write in front of what was measured.
_MEASURED = "measured: "
_LINES, _LOW_LINES = 2, 1


class WhyBar(QFrame):
    """The measured reasons of one track."""

    insight_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._why = QLabel(self), _Lines(self)
        mark(self._name, "strong")
        mark(self._why, "small")
        self._more = QPushButton(self.tr("Insight"), self)
        self._more.setToolTip(self.tr("Everything that was heard, done and measured on this track (Enter)"))
        self._more.clicked.connect(self.insight_asked)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._name)
        self._layout.addWidget(self._why, 1)
        self._layout.addWidget(self._more)
        self._space()
        theme_signals().theme_changed.connect(self._space)
        self.show_track("", ())

    def show_track(self, name: str, reasons: Sequence[str]) -> None:
        """The reasons of the track called ``name``; "" for none selected."""
        measured = [reason.removeprefix(_MEASURED) for reason in reasons if reason.startswith(_MEASURED)]
        self._name.setText(name)
        self._name.setVisible(bool(name))
        self._why.setText(_text(measured or reasons) if name else self.tr("Select a strip to see why."))
        self._why.setToolTip("\n".join(reasons))
        self._more.setEnabled(bool(name))
        self.setAccessibleName(f"{name}: {self._why.text()}" if name else self._why.text())

    def set_low(self, is_low: bool) -> None:
        """One line where the window is low."""
        self._why.set_lines(_LOW_LINES if is_low else _LINES)

    def _space(self) -> None:
        self._layout.setContentsMargins(px(GAP), px(TIGHT), px(GAP), px(TIGHT))
        self._layout.setSpacing(px(SNUG))
        self._why.updateGeometry()


class _Lines(QLabel):
    """Text that wraps, always of the same height: the mixer above must not move from track to track."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines = _LINES
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_lines(self, lines: int) -> None:
        """Have room for so many lines; the one that is alone is not wrapped."""
        if lines != self._lines:
            self._lines = lines
            self.setWordWrap(lines > 1)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Qt: so many lines."""
        return QSize(super().sizeHint().width(), self._lines * self.fontMetrics().lineSpacing())

    def heightForWidth(self, width: int) -> int:
        """Qt: so many lines, however narrow."""
        return self.sizeHint().height()

    def minimumSizeHint(self) -> QSize:
        """Qt: so many lines of anything."""
        return QSize(0, self.sizeHint().height())


def _text(reasons: Sequence[str]) -> str:
    """Reasons in one text, each with a capital."""
    return "   \u2022   ".join(f"{reason[:1].upper()}{reason[1:]}" for reason in reasons)
