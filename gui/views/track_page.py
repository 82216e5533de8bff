"""What the insight into one track shows: plots at the left, why and what else at the right, one column where narrow.

Contents: :class:`TrackPage`.
"""

from __future__ import annotations

import math

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.models.strips import Strip
from gui.views.bars import Bar, Bars
from gui.views.compressor_plot import ReductionPlot, TransferPlot, reduction_figures
from gui.views.eq_plot import EqPlot
from gui.views.findings import Findings
from gui.views.icons import FAMILY_MARKS, pixmap
from gui.views.insight_panel import Columns, Figures, Key, Panel, hold_height, laid_out_once, scrolled
from gui.views.masking_plot import MaskingPanel
from gui.views.reasons import Reasons
from gui.views.shown import colours, px, theme_signals
from gui.views.theme import GAP, SNUG, mark
from gui.workshop.values import TrackInsight

_MOST_INFLUENCES = 8
_NONE = "-"
#: From this width on, plots and reasons stand side by side.
_WIDE_PX = 960


class TrackPage(QWidget):
    """See the module; its signals are those of ``TrackInsightView``."""

    values_changed = pyqtSignal(int, dict, object)
    values_reset = pyqtSignal(int, list)
    decided = pyqtSignal(list, str, list)
    track_asked = pyqtSignal(str)
    time_asked = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strip: Strip | None = None
        self.header = _Header(self)
        self.eq, self.transfer, self.reduction = EqPlot(self), TransferPlot(self), ReductionPlot(self)
        self.reduction_figures = Figures(self)
        self.masking = MaskingPanel(self)
        self.reasons, self.findings = Reasons(self), Findings(self)
        self.influence = Bars(
            self.tr("Influence of other tracks"),
            self.tr("How far this track's settings would move without the other one. A click shows that one."),
        )
        self._place()
        self._connect()
        self._resize()

    # --- making it

    def _place(self) -> None:
        columns = Columns(_WIDE_PX, (3, 2), self)
        columns.put(0, self._eq_panel(), self._compressor_panel(), self.masking)
        columns.put(1, self._why_panel(), self._findings_panel(), self._influence_panel())
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(px(GAP), px(GAP), px(GAP), px(GAP))
        column.setSpacing(px(GAP))
        column.addWidget(self.header)
        column.addWidget(columns)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(page, self))

    def _eq_panel(self) -> Panel:
        panel = Panel(self.tr("Equaliser"), self.tr("The curve is the control: drag its handles."), self)
        rows = (
            ("line", lambda: colours().text, self.tr("as it stands")),
            ("dash", lambda: colours().proposed, self.tr("proposed")),
            ("line", lambda: colours().before, self.tr("spectrum before")),
            ("area", lambda: colours().after, self.tr("spectrum now")),
            ("heat", lambda: colours().text, self.tr("covered by others")),
        )
        panel.add(self.eq, Key(rows, panel))
        return panel

    def _compressor_panel(self) -> Panel:
        panel = Panel(self.tr("Compressor"), self.tr("What it does at each level, and what it did over time."), self)
        rows = (
            ("line", lambda: colours().text, self.tr("as it stands")),
            ("dash", lambda: colours().proposed, self.tr("proposed")),
            ("area", lambda: colours().after, self.tr("levels that come in, gain reduction")),
        )
        columns = Columns(520, (2, 3), panel)
        columns.put(0, self.transfer)
        columns.put(1, self.reduction, self.reduction_figures)
        panel.add(columns, Key(rows, panel))
        return panel

    def _why_panel(self) -> Panel:
        panel = Panel(self.tr("Why"), self.tr("Each change with what was heard, done and measured; strongest first."))
        panel.add(self.reasons)
        return panel

    def _findings_panel(self) -> Panel:
        panel = Panel(self.tr("Problems found"), self.tr("What is the matter with the recording, worst first."))
        panel.add(self.findings)
        return panel

    def _influence_panel(self) -> Panel:
        panel = Panel(self.tr("Moved by"), self.tr("Settings depend on what else plays: the tracks that matter here."))
        panel.add(self.influence)
        return panel

    def _connect(self) -> None:
        for plot in (self.eq, self.transfer):
            plot.values_changed.connect(self._tell_values)
            plot.values_reset.connect(self._tell_reset)
        self.reasons.decided.connect(self._tell_decision)
        for asker in (self.masking, self.influence, self.findings):
            asker.track_asked.connect(self.track_asked)
        for asker in (self.masking, self.reduction, self.findings):
            asker.time_asked.connect(self.time_asked)
        theme_signals().theme_changed.connect(self._resize)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: the equaliser takes its share of a tall window."""
        super().resizeEvent(event)
        self._resize()

    def _resize(self) -> None:
        self.eq.setFixedHeight(min(max(round(0.42 * self.height()), px(270)), px(460)))
        self.transfer.setFixedHeight(px(250))
        self.reduction.setFixedHeight(px(190))

    def _tell_values(self, values: dict, gesture: object) -> None:
        if self._strip is not None:
            self.values_changed.emit(self._strip.row, values, gesture)

    def _tell_reset(self, params: list) -> None:
        if self._strip is not None:
            self.values_reset.emit(self._strip.row, params)

    def _tell_decision(self, decision: str, part: str) -> None:
        if self._strip is not None:
            self.decided.emit([self._strip.row], decision, [part])

    # --- what is shown

    def show_track(self, strip: Strip, sample_rate: int) -> None:
        """Show a strip's settings and decisions, ``sample_rate`` in Hz."""
        self._strip = strip
        locked = {part.name for part in strip.parts if part.is_locked}
        self.header.show_strip(strip)
        self.eq.show_settings(strip.made, strip.proposed, sample_rate, "eq" in locked)
        self.transfer.show_settings(strip.made, strip.proposed, "dynamics" in locked)
        self.reasons.show_strip(strip)

    def show_insight(self, insight: TrackInsight | None) -> None:
        """Show what was measured; None: it is being measured, and everything keeps its place."""
        with laid_out_once(self):
            self._show_measured(insight)

    def _show_measured(self, insight: TrackInsight | None) -> None:
        self.header.show_figures(insight)
        self.eq.show_spectra(insight)
        self.transfer.show_levels(insight)
        self._show_reduction(insight)
        self.masking.show_insight(insight)
        self.reasons.show_reasons(None if insight is None else insight.reasons)
        for lists in (self.findings, self.influence):
            hold_height(lists, is_held=insight is None)
        if insight is None:
            self.findings.show_findings((), self.tr("Measuring …"))
            self.influence.show_bars((), self.tr("Measuring …"))
            return
        self.findings.show_findings(insight.findings, self.tr("Nothing was found wrong with this track."))
        self._show_influence(insight)

    def _show_reduction(self, insight: TrackInsight | None) -> None:
        self.reduction.show_reduction(insight)
        if insight is None:
            self.reduction.set_note(self.tr("Measuring …"))
            return
        self.reduction.set_note("" if len(insight.reduction_db) else self.tr("Its compressor is off."))
        labels = (self.tr("Average"), self.tr("Typical at work"), self.tr("Most"))
        values = reduction_figures(insight.reduction_db)
        self.reduction_figures.show_rows([(n, "", f"{-v + 0.0:.1f} dB") for n, v in zip(labels, values, strict=True)])

    def _show_influence(self, insight: TrackInsight) -> None:
        strongest = insight.influence[:_MOST_INFLUENCES]
        most = max((by for _, by in strongest), default=1.0)
        none_text = self.tr("No other track moves its settings to speak of.")
        if not insight.is_in_depth:
            none_text = self.tr("Worked out in depth, which takes a little longer …")
        self.influence.show_bars([Bar(name, by / most, f"{by:.1f} dB") for name, by in strongest], none_text)


class _Header(QWidget):
    """The track's name, what it is, and its figures."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._strip: Strip | None = None
        self._mark, self._name, self._role = QLabel(self), QLabel(self), QLabel(self)
        mark(self._name, "title")
        mark(self._role, "quiet")
        self.figures = Figures(self)
        row = QHBoxLayout()
        row.setSpacing(px(SNUG))
        for widget in (self._mark, self._name, self._role):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(SNUG))
        column.addLayout(row)
        column.addWidget(self.figures)
        self.show_figures(None)
        theme_signals().theme_changed.connect(self._draw_mark)

    def show_strip(self, strip: Strip) -> None:
        is_same = self._strip is not None and (strip.name, strip.role) == (self._strip.name, self._strip.role)
        self._strip = strip
        if is_same:
            return
        doubt = self.tr(" (a guess)") if strip.role_confidence < 0.5 and strip.role else ""
        self._name.setText(strip.name)
        self._role.setText(strip.role + doubt)
        self._draw_mark()

    def _draw_mark(self) -> None:
        if self._strip is not None:
            family = self._strip.family
            shape = FAMILY_MARKS.get(family, "ring")
            self._mark.setPixmap(pixmap(shape, px(22), colours().family(family)))
            self._mark.setAccessibleName(family)

    def show_figures(self, insight: TrackInsight | None) -> None:
        rows = []
        figures = (
            (self.tr("Loudness"), "LUFS", "loudness_lufs"),
            (self.tr("Over all others"), "LU", "over_rest_lu"),
            (self.tr("Covered by others"), "dB", "covered_db"),
            (self.tr("Mean reduction"), "dB", "reduction_db"),
            (self.tr("Reverb"), "dB", "reverb_db"),
            (self.tr("True peak"), "dBTP", "true_peak_dbtp"),
        )
        for label, unit, name in figures:
            was = "" if insight is None else _number(getattr(insight.before, name))
            now = _NONE if insight is None else _number(getattr(insight.after, name))
            is_silent = insight is not None and now == _NONE
            rows.append((label, "" if was == now else was, self.tr("none") if is_silent else f"{now} {unit}"))
        self.figures.show_rows(rows)


def _number(value: float) -> str:
    return f"{value + 0.0:.1f}" if math.isfinite(value) else _NONE
