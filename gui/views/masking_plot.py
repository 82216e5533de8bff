"""When and where others cover a track: a heat map, bands upwards as the ear divides them, time to the right.

Contents: :class:`MaskingPlot`, :class:`MaskingPanel`.
"""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QCoreApplication, QRectF, pyqtSignal
from PyQt6.QtWidgets import QPushButton, QWidget

from assistant.wording import frequency_text, time_text
from gui.views.bars import Bar, Bars
from gui.views.insight_panel import Columns, Key, Panel, hold_height
from gui.views.plots import heat_picture, heat_table, short_hz_text
from gui.views.shown import colours, px, theme_signals
from gui.views.time_plot import TimeLine, TimePlot
from gui.workshop.values import Cover, Floats, TrackInsight

translate = QCoreApplication.translate
_NAMED_HZ = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
#: Covered by so much, a cell is at its hottest; more than this is not told apart.
MOST_COVERED_DB = 30.0
_MOST_COLUMNS = 600
_LOW_HZ, _HIGH_HZ = 40.0, 16_000.0


def erb_place(hz: float) -> float:
    """The number of equivalent rectangular bandwidths below ``hz`` (Glasberg and Moore 1990, equation 4)."""
    return 21.4 * math.log10(1.0 + 0.00437 * hz)


def erb_marks(low: float, high: float, length_px: float) -> list[tuple[float, str]]:
    """Frequencies in Hz where the ear's bands put them."""
    marks: list[tuple[float, str]] = []
    for hz in _NAMED_HZ:
        place, fewest = erb_place(hz), (high - low) * px(17) / max(length_px, 1.0)
        if low <= place <= high and (not marks or place - marks[-1][0] >= fewest):
            marks.append((place, short_hz_text(hz)))
    return marks


class MaskingPlot(TimePlot):
    """The heat map of one track, before or after."""

    unit = "Hz"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(erb_marks, parent)
        self._insight: TrackInsight | None = None
        self._is_before = False
        self._table = heat_table()
        self._image = pg.ImageItem(axisOrder="row-major")
        self.plotItem.addItem(self._image)
        self.set_ranges((0.0, 1.0), (erb_place(_LOW_HZ), erb_place(_HIGH_HZ)))
        self.setAccessibleName(self.tr("Masking over time"))
        self.setToolTip(
            self.tr(
                "Where the other tracks cover this one: low at the foot, high at the top, the brighter the more is "
                "lost. Nothing is drawn where the track itself is silent. A click goes to that moment in the song."
            )
        )
        self.recolour()

    def show_masking(self, insight: TrackInsight | None, is_before: bool) -> None:
        """Draw the mask before or after; None takes it away."""
        self._insight, self._is_before = insight, is_before
        has_any = insight is not None and insight.mask_db.size > 0
        self._image.setVisible(has_any)
        if insight is not None and has_any:
            self._draw(insight)
        self.refresh()

    def _mask(self, insight: TrackInsight) -> Floats:
        return insight.mask_before_db if self._is_before else insight.mask_db

    def _draw(self, insight: TrackInsight) -> None:
        low, high = erb_place(float(insight.mask_hz[0])), erb_place(float(insight.mask_hz[-1]))
        half = (high - low) / max(len(insight.mask_hz) - 1, 1) / 2.0
        self.set_line(TimeLine.of(insight.mask_s), (low - half, high + half))
        columns = _columns(self.line, insight.mask_s)
        picture = heat_picture(self._mask(insight), MOST_COVERED_DB, self._table)[:, columns]
        picture[:, columns < 0] = 0
        self._image.setImage(picture, levels=None, autoLevels=False)
        self._image.setRect(QRectF(0.0, low - half, self.line.length, high - low + 2.0 * half))
        self.setAccessibleDescription(self._spoken(insight))

    def _spoken(self, insight: TrackInsight) -> str:
        was, now = (float(np.nanmean(m)) if np.isfinite(m).any() else 0.0 for m in _masks(insight))
        return self.tr("The others cover {:.1f} dB of it on average; before {:.1f} dB").format(now, was)

    def reading(self, time_s: float, level: float | None) -> str:
        """How much is covered there."""
        if self._insight is None or not self._insight.mask_db.size or level is None:
            return ""
        places = [erb_place(float(hz)) for hz in self._insight.mask_hz]
        band = int(np.argmin(np.abs(np.array(places) - level)))
        cell = max(int(np.searchsorted(self._insight.mask_s, time_s, side="right")) - 1, 0)
        value = float(self._mask(self._insight)[band, cell])
        where = frequency_text(float(self._insight.mask_hz[band]))
        return f"{where}   " + (self.tr("silent") if math.isnan(value) else self.tr("{:.1f} dB covered").format(value))

    def recolour(self) -> None:
        """Take the theme's colours."""
        super().recolour()
        self._table = heat_table()
        if self._insight is not None and self._insight.mask_db.size:
            self._draw(self._insight)


def _masks(insight: TrackInsight) -> tuple[Floats, Floats]:
    return insight.mask_before_db, insight.mask_db


def _columns(line: TimeLine, starts_s: Floats) -> np.ndarray:
    """The cell for each column of the picture, -1 between passages."""
    places = (np.arange(_MOST_COLUMNS) + 0.5) / _MOST_COLUMNS * line.length
    seconds = line.seconds(places)
    found = np.searchsorted(starts_s, np.nan_to_num(seconds), side="right") - 1
    found = np.clip(found, 0, len(starts_s) - 1)
    found[np.isnan(seconds)] = -1
    return found


class MaskingPanel(Panel):
    """The heat map with its switch between before and after, and the tracks that cover this one."""

    track_asked = pyqtSignal(str)
    time_asked = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        hint = translate("MaskingPanel", "A track is masked where others are so loud near it that the ear loses it.")
        super().__init__(translate("MaskingPanel", "Masking"), hint, parent)
        self._insight: TrackInsight | None = None
        self.plot = MaskingPlot(self)
        self.before = self._button(self.tr("Before"), self.tr("How much was covered before anything was changed"))
        self.after = self._button(self.tr("Now"), self.tr("How much is covered in the mix that is shown"))
        self.after.setChecked(True)
        self.after.toggled.connect(self._show_mask)
        self.bars = Bars(
            self.tr("Tracks that cover this one"),
            self.tr("How much the other track covers, before (the mark) and now (the bar). A click shows that track."),
        )
        columns = Columns(560, (3, 2), self)
        key = Key((("heat", lambda: colours().text, self.tr("covered, 0 to {:g} dB").format(MOST_COVERED_DB)),), self)
        columns.put(0, self.plot, key)
        columns.put(1, self.bars)
        self.add(columns)
        self.bars.track_asked.connect(self.track_asked)
        self.plot.time_asked.connect(self.time_asked)
        theme_signals().theme_changed.connect(self._resize)
        self._resize()

    def _button(self, text: str, hint: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setToolTip(hint)
        self.aside.addWidget(button)
        return button

    def _resize(self) -> None:
        self.plot.setFixedHeight(px(230))

    def show_insight(self, insight: TrackInsight | None) -> None:
        """Draw what was measured; None says that it is being measured."""
        self._insight = insight
        self._show_mask()
        hold_height(self.bars, is_held=insight is None)
        if insight is None:
            self.plot.set_note(self.tr("Measuring …"))
            self.bars.show_bars((), self.tr("Measuring …"))
            return
        self.plot.set_note("" if insight.mask_db.size else self.tr("It cannot be heard in these passages."))
        most = max((max(c.before_db, c.after_db) for c in insight.covers), default=1.0)
        self.bars.show_bars([self._bar(cover, most) for cover in insight.covers], self.tr("No other track covers it."))

    def _show_mask(self) -> None:
        self.plot.show_masking(self._insight, self.before.isChecked())

    def _bar(self, cover: Cover, most: float) -> Bar:
        around = "" if cover.around_hz is None else self.tr("around {}").format(frequency_text(cover.around_hz))
        when = "" if cover.at_s is None else self.tr("most at {}").format(time_text(cover.at_s))
        figure = f"{cover.before_db:.1f} → {cover.after_db:.1f} dB"
        detail = ", ".join(text for text in (around, when) if text)
        return Bar(cover.track, cover.after_db / most, figure, detail, cover.before_db / most)
