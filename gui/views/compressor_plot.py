"""The compressor of a track: its curve over the levels that it meets, which is the control, and what it takes off.

Contents: :class:`TransferPlot`, :class:`ReductionPlot`, :func:`reduction_figures`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QMenu, QWidget

from assistant.analysis.curves import static_curve_db
from assistant.arrays import FloatArray
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, CHANNEL_PARAMS
from assistant.report.words import compressor_text, value_text
from gui.translating import table_text
from gui.views.handles import Handle, HandlePlot
from gui.views.plots import curve, faded, gain_marks, level_marks, pen
from gui.views.shown import colours
from gui.views.time_plot import TimeLine, TimePlot
from gui.workshop.values import Floats, TrackInsight

_LOW_DB = -60.0
_TOP_DB, _RIGHT_DB = 6.0, 4.0  # room for the handles at 0 dB
_LEVELS = np.linspace(_LOW_DB, 0.0, 241)
#: How much of the plot's height the most frequent level takes.
_TALLEST = 0.45
_MOST_POINTS = 360
_PARAMS = tuple(p.name for p in CHANNEL_PARAMS if p.section == "compressor")
_DRAWN = ("comp_threshold_db", "comp_ratio", "comp_knee_db", "comp_makeup_db")
_SHORT = {"comp_threshold_db": "T", "comp_ratio": "R", "comp_knee_db": "K", "comp_makeup_db": "G"}
_WHEEL = {"comp_threshold_db": 1.0, "comp_knee_db": 1.0, "comp_makeup_db": 0.5}
#: Where the make-up's handle stands: at the quiet end, where nothing is compressed.
_MAKEUP_AT_DB = -54.0


class TransferPlot(HandlePlot):
    """What comes out (upwards) for what goes in (to the right), in dB."""

    key_step = (1.0, 1.0)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(level_marks, level_marks, None, parent)
        self._levels, self._unity = curve(), curve()
        self._ghost, self._curve = curve(), curve()
        for item in (self._levels, self._unity, self._ghost, self._curve):
            self.plotItem.addItem(item)
        self._unity.setData(_LEVELS, _LEVELS)
        self.set_ranges((_LOW_DB, _RIGHT_DB), (_LOW_DB, _TOP_DB))
        self.setAccessibleName(self.tr("Compressor"))
        self.setToolTip(
            self.tr(
                "What comes out of the compressor for every level that goes in. Drag T for the threshold, R for the "
                "ratio, K for the knee (how softly it sets in) and G for the make-up gain; the wheel does the same "
                "finely, a double-click resets. The shaded hills are the levels this track really has: where they "
                "stand under the bend, it works. With the keyboard: Tab, arrows, Delete."
            )
        )
        self.recolour()

    def show_settings(self, made: Mapping[str, float], proposed: Mapping[str, float], is_locked: bool) -> None:
        """Draw the curve as it stands, and what is proposed as a ghost."""
        self.is_locked = is_locked
        if self.take_settings(made, proposed, _PARAMS):
            self.redraw()

    def show_levels(self, insight: TrackInsight | None) -> None:
        """Draw how often each level was met; None takes it away."""
        if insight is None or len(insight.levels_db) < 2 or not np.any(insight.shares > 0):
            self._levels.setVisible(False)
            return
        centres, shares = insight.levels_db, insight.shares / float(np.max(insight.shares))
        half = float(np.median(np.diff(centres))) / 2.0
        edges = np.append(centres - half, centres[-1] + half)
        self._levels.setData(edges, _LOW_DB + shares * _TALLEST * (_TOP_DB - _LOW_DB), stepMode="center")
        self._levels.setVisible(True)

    def redraw(self) -> None:
        """Draw the curves anew."""
        if not self.settings:
            return
        self._curve.setData(_LEVELS, static_curve_db(self.settings, _LEVELS))
        is_same = all(self.settings[name] == self.proposed[name] for name in _DRAWN)
        self._ghost.setVisible(not is_same)
        if not is_same:
            self._ghost.setData(_LEVELS, static_curve_db(self.proposed, _LEVELS))
        self.describe()
        self.refresh()

    def describe(self) -> None:
        """Say in words what is drawn."""
        if not self.settings:
            return
        now, wanted = (compressor_text(ChannelSettings(s)) or self.tr("off") for s in (self.settings, self.proposed))
        self.say(self.tr("Compressor"), now, wanted)

    def recolour(self) -> None:
        """Take the theme's colours."""
        super().recolour()
        now = colours()
        self._levels.setPen(pen(faded(now.after, 0.6), 1.0))
        self._levels.setFillLevel(_LOW_DB)
        self._levels.setBrush(faded(now.after, 0.18))
        self._unity.setPen(pen(now.before, 1.0, Qt.PenStyle.DotLine))
        self._ghost.setPen(pen(now.proposed, 1.6, Qt.PenStyle.DashLine))
        self._curve.setPen(pen(now.text, 2.4))

    # --- the handles

    def handles(self) -> Sequence[Handle]:
        """Make-up, threshold, knee and ratio as they stand; ghosts of the first two that are proposed elsewhere."""
        if not self.settings:
            return ()
        now = [self._handle(name, self.settings) for name in _places(self.settings)]
        ghosts = [
            self._handle(name, self.proposed, is_ghost=True)
            for name in ("comp_threshold_db", "comp_ratio")
            if not self.is_locked and self.settings[name] != self.proposed[name]
        ]
        return (*now, *ghosts)

    def _handle(self, name: str, settings: Mapping[str, float], is_ghost: bool = False) -> Handle:
        x, y = _places(settings)[name]
        param = BY_NAME[name]
        is_on = settings["comp_ratio"] > 1.0 if name != "comp_makeup_db" else settings[name] > 0.0
        return Handle(
            name, table_text(param.label), _SHORT[name], x, y, value_text(param, settings[name]), is_on, is_ghost
        )

    def values_at(self, handle: Handle, x: float, y: float) -> dict[str, float]:
        """Threshold and knee sideways, make-up and ratio up and down."""
        now, name = self.settings, handle.name
        if name == "comp_ratio":
            values = {name: _ratio_at(now, y)}
        elif name == "comp_knee_db":
            values = {name: 2.0 * (x - now["comp_threshold_db"])}
        elif name == "comp_makeup_db":
            values = {name: y - float(static_curve_db({**now, name: 0.0}, np.array([_MAKEUP_AT_DB]))[0])}
        else:
            values = {name: x}
        return {**{param: self.proposed[param] for param in _PARAMS}, **values} if handle.is_ghost else values

    def values_wheeled(self, handle: Handle, steps: float) -> dict[str, float]:
        """The handle's own value."""
        was = self.settings[handle.name]
        if handle.name == "comp_ratio":
            return {handle.name: was * 2.0 ** (steps / 4.0)}
        return {handle.name: was + steps * _WHEEL[handle.name]}

    def params_of(self, handle: Handle) -> list[str]:
        """Its one parameter."""
        return [handle.name]

    def add_actions(self, menu: QMenu, handle: Handle) -> None:
        """Off, and what is proposed."""
        off = menu.addAction(self.tr("Compressor off (1:1)"))
        take = menu.addAction(self.tr("Take what is proposed"))
        assert off is not None
        assert take is not None
        off.setEnabled(self.settings["comp_ratio"] > 1.0)
        off.triggered.connect(lambda: self.change({"comp_ratio": 1.0, "comp_makeup_db": 0.0}))
        wanted = {name: self.proposed[name] for name in _PARAMS}
        take.setEnabled(any(self.settings[name] != value for name, value in wanted.items()))
        take.triggered.connect(lambda: self.change(wanted))


class ReductionPlot(TimePlot):
    """Gain reduction in dB over time, downwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(gain_marks, parent)
        self._times, self._reduction = np.zeros(0, np.float32), np.zeros(0, np.float32)
        self._curve = curve()
        self.plotItem.addItem(self._curve)
        self.setAccessibleName(self.tr("Gain reduction over time"))
        self.setToolTip(
            self.tr(
                "How far the compressor turns the track down at each moment. A click goes there in the song. A dotted "
                "line parts passages that do not follow on one another."
            )
        )
        self.recolour()

    def show_reduction(self, insight: TrackInsight | None) -> None:
        """Draw it; None, or a compressor that is off, takes it away."""
        has_any = insight is not None and np.any(np.isfinite(insight.reduction_db))
        self._times = insight.reduction_s if insight is not None and has_any else np.zeros(0, np.float32)
        self._reduction = insight.reduction_db if insight is not None and has_any else np.zeros(0, np.float32)
        if has_any:
            most = max(3.0, 3.0 * math.ceil(float(np.nanmax(self._reduction)) / 3.0 + 0.01))
            self.set_line(TimeLine.of(self._times[np.isfinite(self._reduction)]), (-most, 0.5))
        self._curve.setData(*_thinned(self.line.places(self._times), -self._reduction), connect="finite")
        average, typical, most_db = reduction_figures(self._reduction)
        self.setAccessibleDescription(
            self.tr("On average {:.1f} dB, typically {:.1f} dB, at most {:.1f} dB").format(average, typical, most_db)
        )
        self.refresh()

    def reading(self, time_s: float, level: float | None) -> str:
        """The reduction at that time."""
        if not len(self._times):
            return ""
        value = float(self._reduction[min(int(np.searchsorted(self._times, time_s)), len(self._times) - 1)])
        return "" if math.isnan(value) else f"{-value + 0.0:.1f} dB"

    def recolour(self) -> None:
        """Take the theme's colours."""
        super().recolour()
        self._curve.setPen(None)  # an edge all along a trace as ragged as this takes three times as long
        self._curve.setFillLevel(0.0)
        self._curve.setBrush(faded(colours().after, 0.8))


def _thinned(places: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """At most ``_MOST_POINTS`` points, of several the lowest; NaN stays, so that passages stay parted."""
    if len(values) <= _MOST_POINTS:
        return places, values
    firsts = np.arange(0, len(values), math.ceil(len(values) / _MOST_POINTS))
    return places[firsts], np.minimum.reduceat(values, firsts)


def reduction_figures(reduction_db: Floats) -> tuple[float, float, float]:
    """On average, typically while it works (the median of what is above 0.1 dB), and at most, in dB."""
    values = reduction_db[np.isfinite(reduction_db)]
    if not len(values):
        return 0.0, 0.0, 0.0
    at_work = values[values > 0.1]
    typical = float(np.median(at_work)) if len(at_work) else 0.0
    return float(np.mean(values)), typical, float(np.max(values))


def _places(settings: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Where the handles stand, in the order of the Tab key: on the curve."""
    threshold, knee = settings["comp_threshold_db"], settings["comp_knee_db"]
    levels = {
        "comp_makeup_db": _MAKEUP_AT_DB,
        "comp_threshold_db": threshold,
        "comp_knee_db": min(threshold + knee / 2.0, 0.0),
        "comp_ratio": 0.0,
    }
    outs = static_curve_db(settings, np.array(list(levels.values())))
    return {name: (level, float(out)) for (name, level), out in zip(levels.items(), outs, strict=True)}


def _ratio_at(settings: Mapping[str, float], out_db: float) -> float:
    """The ratio with which 0 dB comes out at ``out_db``."""
    hard = {**settings, "comp_ratio": BY_NAME["comp_ratio"].high}
    full = (static_curve_db(hard, np.zeros(1))[0] - settings["comp_makeup_db"]) / (1.0 / hard["comp_ratio"] - 1.0)
    if full <= 0.0:  # the threshold is at 0 dB: every ratio is the same
        return settings["comp_ratio"]
    taken = min(max(settings["comp_makeup_db"] - out_db, 0.0) / float(full), 1.0 - 1.0 / hard["comp_ratio"])
    return 1.0 / (1.0 - taken)
