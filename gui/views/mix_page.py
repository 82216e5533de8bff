"""What the insight into a mix shows, on four leaves: overview, stereo field, masking, influence.

Only the leaf that is looked at is drawn; the others follow when they are opened.

Contents: :class:`MixPage`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PyQt6.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from gui.views.bars import Bar, Bars
from gui.views.figures_table import FiguresTable
from gui.views.findings import Findings
from gui.views.insight_panel import Columns, Key, KeyRow, Panel, laid_out_once, scrolled
from gui.views.matrix_plot import MatrixPlot
from gui.views.mix_plots import BalancePlot, LoudnessPlot
from gui.views.shown import colours, px, theme_signals
from gui.views.stereo_field import StereoField
from gui.views.theme import GAP, SNUG, mark
from gui.workshop.values import Floats, MixInsight

_WIDE_PX = 900
_MOST_ARROWS = 12
#: Covered by so much, a cell is at its hottest.
_MOST_COVERED_DB = 3.0
_OVERVIEW, _FIELD, _MASKING, _INFLUENCE = range(4)


class MixPage(QWidget):
    """See the module; its signals are those of ``MixInsightView``."""

    track_asked = pyqtSignal(str)
    time_asked = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._insight: MixInsight | None = None
        self._families: Mapping[str, str] = {}
        self._stale: set[int] = set()
        self.loudness, self.balance = LoudnessPlot(self), BalancePlot(self)
        self.field = StereoField(self)
        self.findings, self.figures = Findings(self), FiguresTable(self)
        self.masking = MatrixPlot(_covers_text, self)
        self.influence = MatrixPlot(_moves_text, self)
        self.arrows = Bars(self.tr("Strongest influences"), self.tr("A click shows the track that is moved."), self)
        self.pairs = Bars(self.tr("Covered most"), self.tr("A click shows the track that is covered."), self)
        self._note = QLabel(self.tr("Measuring the mix …"), self)
        mark(self._note, "quiet")
        self.tabs = QTabWidget(self)
        self._make_leaves()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(px(GAP), px(SNUG), px(GAP), px(GAP))
        whole.addWidget(self._note)
        whole.addWidget(self.tabs, 1)
        self._connect()
        self._resize()

    # --- making it

    def _make_leaves(self) -> None:
        leaves = (
            (self.tr("Overview"), self.tr("Loudness, tone, figures and problems"), scrolled(self._overview(), self)),
            (self.tr("Stereo field"), self.tr("Where every track sits"), self._field_leaf()),
            (self.tr("Masking"), self.tr("Which track covers which"), self._masking_leaf()),
            (self.tr("Influence"), self.tr("Whose settings depend on whom"), self._influence_leaf()),
        )
        for number, (title, hint, leaf) in enumerate(leaves):
            self.tabs.addTab(leaf, title)
            self.tabs.setTabToolTip(number, hint)

    def _overview(self) -> QWidget:
        loud = Panel(self.tr("Loudness over time"), self.tr("Short-term loudness; a click goes there."), self)
        loud.add(self.loudness, Key(_two_lines(self.tr("before"), self.tr("now")), self))
        tone = Panel(self.tr("Tonal balance"), self.tr("Low to high against what is usual."), self)
        usual: KeyRow = ("area", lambda: colours().accepted, self.tr("usual, within 3 dB"))
        tone.add(self.balance, Key((*_two_lines(self.tr("before"), self.tr("now")), usual), self))
        figures = Panel(self.tr("Figures"), self.tr("The whole mix before its master, measured."), self)
        figures.add(self.figures)
        problems = Panel(self.tr("Problems found"), self.tr("Worst first."), self)
        problems.add(self.findings)
        columns = Columns(_WIDE_PX, (3, 2), self)
        columns.put(0, loud, tone)
        columns.put(1, figures, problems)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, px(GAP), px(SNUG), 0)
        column.addWidget(columns)
        column.addStretch(1)
        return page

    def _field_leaf(self) -> QWidget:
        rows: tuple[KeyRow, ...] = (
            ("ring", lambda: colours().before, self.tr("where it was before")),
            ("area", lambda: colours().quiet, self.tr("how wide it is")),
            *_family_rows(),
        )
        return _leaf(self.field, Key(rows, self))

    def _masking_leaf(self) -> QWidget:
        self.masking.setAccessibleName(self.tr("Masking matrix"))
        self.masking.setToolTip(
            self.tr("How much the track in the column covers the one in the row, in dB. Arrows and Enter work too.")
        )
        self.before, self.after = self._switch(self.tr("Before")), self._switch(self.tr("Now"))
        self.after.setChecked(True)
        self.after.toggled.connect(self._draw_masking)
        panel = Panel(self.tr("Row covered by column"), self.tr("The brighter, the more is lost."), self)
        panel.aside.addWidget(self.before)
        panel.aside.addWidget(self.after)
        panel.body.addWidget(_panned(self.masking), 1)
        panel.add(Key((("heat", _plain, self.tr("0 to {:g} dB").format(_MOST_COVERED_DB)),), self))
        pairs = Panel(self.tr("Covered most"), self.tr("Pairs of tracks, the worst first."), self)
        pairs.add(self.pairs)
        pairs.body.addStretch(1)
        return _side_by_side(panel, pairs)

    def _influence_leaf(self) -> QWidget:
        self.influence.setAccessibleName(self.tr("Influence matrix"))
        self.influence.setToolTip(
            self.tr("How far the settings of the track in the row would move without the one in the column.")
        )
        panel = Panel(self.tr("Row moved by column"), self.tr("What depends on what."), self)
        panel.body.addWidget(_panned(self.influence), 1)
        self._in_depth = QLabel(self.tr("Worked out in depth, which takes a little longer …"), self)
        mark(self._in_depth, "quiet")
        panel.add(self._in_depth)
        arrows = Panel(self.tr("Strongest"), self.tr("Who moves whom most."), self)
        arrows.add(self.arrows)
        arrows.body.addStretch(1)
        return _side_by_side(panel, arrows)

    def _switch(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setToolTip(self.tr("What the matrix shows"))
        return button

    def _connect(self) -> None:
        for asker in (self.field, self.masking, self.influence, self.findings):
            asker.track_asked.connect(self.track_asked)
        for bars in (self.pairs, self.arrows):
            bars.track_asked.connect(lambda text: self.track_asked.emit(text.split(_ARROW)[0]))
        for asker in (self.loudness, self.findings):
            asker.time_asked.connect(self.time_asked)
        self.tabs.currentChanged.connect(self._draw_leaf)
        theme_signals().theme_changed.connect(self._resize)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: the plots of the overview share a tall window."""
        super().resizeEvent(event)
        self._resize()

    def _resize(self) -> None:
        room = self.height() - px(250)
        self.loudness.setFixedHeight(min(max(round(0.45 * room), px(200)), px(400)))
        self.balance.setFixedHeight(min(max(round(0.55 * room), px(220)), px(480)))

    # --- what is shown

    def show_insight(self, insight: MixInsight | None, families: Mapping[str, str]) -> None:
        """Show what was measured; None: it is being measured, and what was drawn stays under the note."""
        self._note.setVisible(insight is None)
        if insight is None:
            return
        self._insight, self._families = insight, families
        self._stale = {_OVERVIEW, _FIELD, _MASKING, _INFLUENCE}
        self._draw_leaf()

    def show_selected(self, name: str) -> None:
        """Mark a track wherever it is drawn."""
        for plot in (self.field, self.masking, self.influence):
            plot.show_selected(name)

    def _draw_leaf(self) -> None:
        number = self.tabs.currentIndex()
        if self._insight is None or number not in self._stale:
            return
        self._stale.discard(number)
        with laid_out_once(self):
            (self._draw_overview, self._draw_field, self._draw_masking, self._draw_influence)[number]()

    def _draw_overview(self) -> None:
        assert self._insight is not None
        self.loudness.show_insight(self._insight)
        self.balance.show_insight(self._insight)
        self.figures.show_rows(self._insight.before.rows, self._insight.after.rows)
        self.findings.show_findings(self._insight.findings, self.tr("Nothing was found wrong."))

    def _draw_field(self) -> None:
        assert self._insight is not None
        self.field.show_insight(self._insight, self._families)

    def _draw_masking(self) -> None:
        if self._insight is None:
            return
        insight, is_before = self._insight, self.before.isChecked()
        values = insight.covered_before_db if is_before else insight.covered_db
        self.masking.show_values(insight.names, values, _MOST_COVERED_DB)
        found = _strongest(insight.names, insight.covered_db)
        before = insight.covered_before_db
        bars = [
            Bar(
                f"{insight.names[row]}{_ARROW}{insight.names[column]}",
                by / found[0][2],
                f"{before[row, column]:.1f} → {by:.1f} dB",
                before=float(before[row, column]) / found[0][2],
            )
            for row, column, by in found
        ]
        self.pairs.show_bars(bars, self.tr("No track covers another."))

    def _draw_influence(self) -> None:
        assert self._insight is not None
        names, influence = self._insight.names, self._insight.influence
        self._in_depth.setVisible(influence is None)
        if influence is None:
            return
        self.influence.show_values(names, influence, float(np.nanmax(influence, initial=0.0)))
        found = _strongest(names, influence)
        bars = [
            Bar(f"{names[row]}{_ARROW}{names[column]}", by / found[0][2], f"{by:.1f} dB") for row, column, by in found
        ]
        self.arrows.show_bars(bars, self.tr("No track moves another to speak of."))


#: Between the track that is covered or moved and the one that does it.
_ARROW = " ← "


def _strongest(names: tuple[str, ...], values: Floats) -> list[tuple[int, int, float]]:
    """Rows, columns and values of the largest cells off the diagonal, strongest first."""
    off = np.where(np.isfinite(values) & ~np.eye(len(names), dtype=bool), values, 0.0)
    order = np.argsort(off, axis=None)[::-1][:_MOST_ARROWS]
    cells = [(int(k) // len(names), int(k) % len(names)) for k in order]
    return [(row, column, float(off[row, column])) for row, column in cells if off[row, column] > 0.0]


def _covers_text(row: str, column: str, value: float) -> str:
    return QCoreApplication.translate("MixPage", "{} covers {} by {:.1f} dB").format(column, row, value)


def _moves_text(row: str, column: str, value: float) -> str:
    return QCoreApplication.translate("MixPage", "{} moves {} by {:.1f} dB").format(column, row, value)


def _plain() -> QColor:
    return colours().text


def _two_lines(before: str, now: str) -> tuple[KeyRow, ...]:
    return ("line", lambda: colours().before, before), ("line", lambda: colours().after, now)


def _family_rows() -> list[KeyRow]:
    def colour(family: str) -> Callable[[], QColor]:
        return lambda: colours().family(family)

    return [(f"family:{family}", colour(family), family) for family in colours().families]


def _leaf(*widgets: QWidget) -> QWidget:
    leaf = QWidget()
    column = QVBoxLayout(leaf)
    column.setContentsMargins(0, px(GAP), 0, 0)
    for number, widget in enumerate(widgets):
        column.addWidget(widget, int(number == 0))
    return leaf


def _panned(matrix: MatrixPlot) -> QScrollArea:
    """A matrix in an area that scrolls where its names would not be read; the marked cell stays in sight."""
    area = scrolled(matrix)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    matrix.cell_marked.connect(lambda at: area.ensureVisible(round(at.x()), round(at.y()), px(40), px(40)))
    return area


def _side_by_side(large: QWidget, small: QWidget) -> QWidget:
    leaf = QWidget()
    row = QHBoxLayout(leaf)
    row.setContentsMargins(0, px(GAP), 0, 0)
    row.setSpacing(px(GAP))
    row.addWidget(large, 5)
    row.addWidget(scrolled(small), 3)
    return leaf
