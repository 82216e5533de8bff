"""Problems that were found on the way, worst first: what, on which tracks, how bad, and what to do at the source.

Contents: :class:`Findings`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assistant.wording import time_text
from gui.views.icons import pixmap
from gui.views.shown import colours, px, theme_signals
from gui.views.theme import SNUG, TIGHT, mark
from gui.workshop.values import Finding

_BAD, _NOTABLE = 0.66, 0.33
#: So many are shown at first: a row that wraps takes its time to be laid out.
_MOST = 8


class Findings(QWidget):
    """A row for each finding; times and tracks can be clicked."""

    track_asked = pyqtSignal(str)
    time_asked = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Problems found"))
        self._none = QLabel(self)
        self._none.setWordWrap(True)
        mark(self._none, "quiet")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(SNUG))
        self._layout.addWidget(self._none)
        self._rows: list[_Row] = []
        self._more = QPushButton(self)
        self._more.setToolTip(self.tr("Show those as well that matter less"))
        self._more.clicked.connect(self._show_all)
        self._more.hide()
        mark(self._more, "link")
        self._layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self._findings: tuple[Finding, ...] = ()

    def show_findings(self, findings: Sequence[Finding], none_text: str) -> None:
        """Show ``findings``; ``none_text`` where there are none."""
        if tuple(findings) == self._findings and none_text == self._none.text():
            return
        self._none.setText(none_text)
        self._findings = tuple(findings)
        self._fill(self._findings[:_MOST])

    def _show_all(self) -> None:
        self._fill(self._findings)

    def _fill(self, shown: Sequence[Finding]) -> None:
        self.hide()  # so that it is laid out once, and not with every row
        self._none.setVisible(not shown)
        for _ in range(len(self._rows), len(shown)):
            self._rows.append(self._made_row())
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(shown))
            if number < len(shown):
                row.show_finding(shown[number])
        more = len(self._findings) - len(shown)
        self._more.setVisible(more > 0)
        self._more.setText(self.tr("{} more").format(more))
        self.show()

    def _made_row(self) -> _Row:
        row = _Row(self)
        row.track_asked.connect(self.track_asked)
        row.time_asked.connect(self.time_asked)
        self._layout.insertWidget(self._layout.count() - 1, row)
        return row


class _Row(QFrame):
    track_asked = pyqtSignal(str)
    time_asked = pyqtSignal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self._sign, self._text, self._advice = QLabel(self), QLabel(self), QLabel(self)
        self._track, self._time = QPushButton(self), QPushButton(self)
        self._text.setWordWrap(True)
        self._advice.setWordWrap(True)
        mark(self._advice, "small")
        for button in (self._track, self._time):
            mark(button, "link")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._time.setToolTip(self.tr("Go there in the song"))
        self._track.setToolTip(self.tr("Show this track"))
        self._track.clicked.connect(self._ask_track)
        self._time.clicked.connect(self._ask_time)
        self._place()
        theme_signals().theme_changed.connect(self._draw_sign)

    def _place(self) -> None:
        links = QHBoxLayout()
        links.setSpacing(0)
        links.addWidget(self._track)
        links.addWidget(self._time)
        links.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(px(2))
        for part in (self._text, self._advice):
            words.addWidget(part)
        words.addLayout(links)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, px(TIGHT), 0, 0)
        row.setSpacing(px(SNUG))
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_finding(self, finding: Finding) -> None:
        if finding == self._finding:
            return
        self._finding = finding
        self._text.setText(finding.text)
        self._advice.setText(finding.advice)
        self._advice.setVisible(bool(finding.advice))
        names = ", ".join(finding.tracks[:3]) + (" …" if len(finding.tracks) > 3 else "")
        self._track.setText(names.replace("&", "&&"))  # one would be the mark of a key
        self._track.setVisible(bool(finding.tracks))
        self._time.setVisible(finding.span_s is not None)
        if finding.span_s is not None:
            self._time.setText(f"{time_text(finding.span_s[0])} - {time_text(finding.span_s[1])}")
        self._draw_sign()

    def _draw_sign(self) -> None:
        if self._finding is None:
            return
        severity = self._finding.severity
        name = "error" if severity >= _BAD else "warning" if severity >= _NOTABLE else "information"
        now = colours()
        colour = {"error": now.danger, "warning": now.warning, "information": now.quiet}[name]
        words = {"error": self.tr("serious"), "warning": self.tr("notable"), "information": self.tr("small")}
        self._sign.setPixmap(pixmap(name, px(20), colour))
        self._sign.setToolTip(words[name])
        self._sign.setAccessibleName(words[name])

    def _ask_track(self) -> None:
        if self._finding is not None and self._finding.tracks:
            self.track_asked.emit(self._finding.tracks[0])

    def _ask_time(self) -> None:
        if self._finding is not None and self._finding.span_s is not None:
            self.time_asked.emit(self._finding.span_s[0])
