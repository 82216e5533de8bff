"""The mix's loudness over time, and its tone against the reference balance.

Contents: :class:`LoudnessPlot`, :class:`BalancePlot`.
"""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QPainter
from PyQt6.QtWidgets import QWidget

from assistant.arrays import FloatArray
from assistant.wording import frequency_text, gain_text
from gui.views.plots import HIGH_HZ, LOW_HZ, Plot, curve, faded, frequency_marks, level_marks, paint_chip, pen
from gui.views.shown import colours, px
from gui.views.time_plot import TimeLine, TimePlot
from gui.workshop.values import MixInsight

#: Within this much of the reference, a third octave is as usual.
TOLERANCE_DB = 3.0
_ROOM_DB = 3.0


class LoudnessPlot(TimePlot):
    """Short-term loudness in LUFS over the passages, before and now."""

    unit = "LUFS"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(level_marks, parent)
        self._insight: MixInsight | None = None
        self._before, self._after = curve(), curve()
        for item in (self._before, self._after):
            self.plotItem.addItem(item)
        self.setAccessibleName(self.tr("Loudness over time"))
        self.setToolTip(
            self.tr(
                "How loud the mix is from moment to moment (short-term loudness over 3 s, in LUFS). A click goes there "
                "in the song. A dotted line parts passages that do not follow on one another."
            )
        )
        self.recolour()

    def show_insight(self, insight: MixInsight) -> None:
        """Draw it."""
        self._insight = insight
        levels = np.concatenate([insight.before_lufs, insight.after_lufs])
        levels = levels[np.isfinite(levels)]
        self.set_note("" if len(levels) else self.tr("Nothing sounds in these passages."))
        if not len(levels):
            return
        low, high = (float(v) for v in np.percentile(levels, (2.0, 100.0)))
        bounds = 3.0 * math.floor((low - _ROOM_DB) / 3.0), 3.0 * math.ceil((high + 1.0) / 3.0)
        self.set_line(TimeLine.of(insight.time_s), bounds)
        places = self.line.places(insight.time_s)
        for item, values in ((self._before, insight.before_lufs), (self._after, insight.after_lufs)):
            item.setData(places, np.where(np.isfinite(values), values, np.nan), connect="finite")
        was, now = insight.before.integrated_lufs, insight.after.integrated_lufs
        self.setAccessibleDescription(self.tr("{:.1f} LUFS before, {:.1f} LUFS now").format(was, now))

    def reading(self, time_s: float, level: float | None) -> str:
        """The loudness there, before and now."""
        if self._insight is None or not len(self._insight.time_s):
            return ""
        cell = min(int(np.searchsorted(self._insight.time_s, time_s)), len(self._insight.time_s) - 1)
        was, now = float(self._insight.before_lufs[cell]), float(self._insight.after_lufs[cell])
        return f"{was:.1f} → {now:.1f} LUFS" if math.isfinite(was) and math.isfinite(now) else ""

    def recolour(self) -> None:
        """Take the theme's colours."""
        super().recolour()
        self._before.setPen(pen(colours().before, 1.3))
        self._after.setPen(pen(colours().after, 2.0))


class BalancePlot(Plot):
    """Third octaves relative to the whole, before and now, over the band that is usual."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(frequency_marks, level_marks, None, parent)
        self._insight: MixInsight | None = None
        self._pointed: float | None = None
        self._low, self._high = curve(), curve()
        self._band = pg.FillBetweenItem(self._low, self._high)
        self._reference, self._before, self._after = (curve() for _ in range(3))
        for item in (self._low, self._high, self._band, self._reference, self._before, self._after):
            self.plotItem.addItem(item)
        self.set_ranges((math.log10(LOW_HZ), math.log10(HIGH_HZ)), (-48.0, 0.0))
        self.setAccessibleName(self.tr("Tonal balance"))
        self.setToolTip(
            self.tr(
                "How the mix's energy is spread from low to high, against what is usual or against your reference. "
                "Inside the band nobody would call it boomy, nasal or sharp for this alone."
            )
        )
        self.recolour()

    def show_insight(self, insight: MixInsight) -> None:
        """Draw it."""
        self._insight = insight
        x = np.log10(insight.band_hz)
        everything = np.concatenate([insight.before_db, insight.after_db, insight.reference_db])
        everything = everything[np.isfinite(everything)]
        self.set_note("" if len(everything) else self.tr("Nothing sounds in these passages."))
        if not len(everything):
            return
        high = 6.0 * math.ceil((float(np.max(everything)) + _ROOM_DB) / 6.0)
        self.set_ranges((math.log10(LOW_HZ), math.log10(HIGH_HZ)), (high - 48.0, high))
        counts = np.isfinite(insight.reference_db)
        for item, off in ((self._low, -TOLERANCE_DB), (self._high, TOLERANCE_DB), (self._reference, 0.0)):
            item.setData(x[counts], insight.reference_db[counts] + off)
        for item, values in ((self._before, insight.before_db), (self._after, insight.after_db)):
            item.setData(x, values, connect="finite")
        self.setAccessibleDescription(self._spoken(insight))

    def _spoken(self, insight: MixInsight) -> str:
        off = insight.after_db - insight.reference_db
        out = [k for k in np.flatnonzero(np.isfinite(off)) if abs(off[k]) > TOLERANCE_DB]
        places = ", ".join(f"{gain_text(float(off[k]))} dB {frequency_text(float(insight.band_hz[k]))}" for k in out)
        if not places:
            return self.tr("Against {}: everywhere within {:g} dB").format(insight.reference_label, TOLERANCE_DB)
        return self.tr("Against {}: {}").format(insight.reference_label, places)

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Qt: read what is under the pointer."""
        self._pointed = self.from_pixel(ev.position())[0] if self.box().contains(ev.position()) else None
        self.refresh()

    def leaveEvent(self, event: object) -> None:
        """Qt: nothing is pointed at."""
        self._pointed = None
        self.refresh()

    def paint_over(self, painter: QPainter) -> None:
        """The third octave under the pointer."""
        if self._pointed is None or self._insight is None:
            return
        insight = self._insight
        band = int(np.argmin(np.abs(np.log10(insight.band_hz) - self._pointed)))
        off = float(insight.after_db[band] - insight.reference_db[band])
        text = f"{frequency_text(float(insight.band_hz[band]))}   {_levels_text(insight.before_db, band)} → "
        text += f"{_levels_text(insight.after_db, band)} dB"
        if math.isfinite(off):
            text += self.tr("   {} dB against {}").format(gain_text(off), insight.reference_label)
        paint_chip(painter, self.box().topLeft() + QPointF(px(8), px(6)), text)

    def recolour(self) -> None:
        """Take the theme's colours."""
        super().recolour()
        now = colours()
        for item in (self._low, self._high):
            item.setPen(pen(faded(now.accepted, 0.45), 1.0))
        self._band.setBrush(faded(now.accepted, 0.16))
        self._reference.setPen(pen(now.accepted, 1.2, Qt.PenStyle.DotLine))
        self._before.setPen(pen(now.before, 1.3))
        self._after.setPen(pen(now.after, 2.2))


def _levels_text(levels_db: FloatArray, band: int) -> str:
    value = float(levels_db[band])
    return f"{value:.1f}" if math.isfinite(value) else "-"
