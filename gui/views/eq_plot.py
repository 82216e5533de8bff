"""The equaliser of a track: its curve over the spectrum before and after, and the curve is the control.

Gains stand at the left, the spectrum's levels at the right. The ribbon at the foot shows where others cover the track.

Contents: :class:`EqPlot`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtWidgets import QMenu, QWidget

from assistant.analysis.curves import BANDS, band_response_db, eq_response_db
from assistant.arrays import FloatArray
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME
from assistant.report.words import equaliser_text, value_text
from gui.views.handles import Handle, HandlePlot
from gui.views.plots import (
    HIGH_HZ,
    LOW_HZ,
    curve,
    faded,
    frequency_marks,
    gain_marks,
    heat_picture,
    heat_table,
    level_marks,
    pen,
)
from gui.views.shown import colours
from gui.workshop.values import Floats, TrackInsight

_REACH_DB = 18.0
_RIBBON_DB = 1.6  # height of the ribbon, on the axis of gains
_SPECTRUM_DB = 60.0
#: Covered by so much on average, the ribbon is at its hottest.
MOST_COVERED_DB = 30.0
_SHORT = {"highpass": "HP", "low_shelf": "LS", "peak1": "1", "peak2": "2", "peak3": "3", "high_shelf": "HS"}
_WHEEL_RATIO = 2.0**0.25
_X = np.linspace(math.log10(LOW_HZ), math.log10(HIGH_HZ), 200)
_HZ = 10.0**_X


def _params(band: str) -> list[str]:
    return (
        ["highpass_on", "highpass_hz"] if band == "highpass" else [f"{band}_{part}" for part in ("hz", "gain_db", "q")]
    )


_OWN = tuple(param for band in BANDS for param in _params(band))


class EqPlot(HandlePlot):
    """See the module. ``show_settings`` draws the curves, ``show_spectra`` what was measured."""

    key_step = (math.log10(2.0) / 12.0, 0.5)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(frequency_marks, gain_marks, _spectrum_marks, parent)
        self._sample_rate = 48_000
        self._ribbon: Floats | None = None
        self._table = heat_table()
        self._ribbon_item = pg.ImageItem(axisOrder="row-major")
        self._before, self._after = curve(), curve()
        self._ghost, self._band, self._curve = curve(), curve(), curve()
        for item in (self._before, self._after, self._ribbon_item, self._band, self._ghost, self._curve):
            self.plotItem.addItem(item)
        self.set_ranges((_X[0], _X[-1]), (-_REACH_DB, _REACH_DB))
        self.setAccessibleName(self.tr("Equaliser"))
        self.setToolTip(
            self.tr(
                "The curve is the control: drag a handle sideways for its frequency, up and down for its gain; turn "
                "the wheel on it for its Q (how narrow it is). Double-click resets it, a right click offers more, "
                "Shift moves finely. A high-pass (HP) takes away what lies under it; shelves (LS, HS) turn up or down "
                "everything below or above. With the keyboard: Tab, arrows, Page up and down, Delete."
            )
        )
        self.recolour()

    # --- what is shown

    def show_settings(
        self, made: Mapping[str, float], proposed: Mapping[str, float], sample_rate: int, is_locked: bool
    ) -> None:
        """Draw the curve as it stands, and what is proposed as a ghost."""
        self._sample_rate, self.is_locked = sample_rate, is_locked
        if self.take_settings(made, proposed, _OWN):
            self.redraw()

    def show_spectra(self, insight: TrackInsight | None) -> None:
        """Draw what was measured; None takes it away."""
        nothing = np.zeros(0, np.float32)
        hz = nothing if insight is None else np.log10(insight.band_hz)
        for item, levels in ((self._before, "before_db"), (self._after, "after_db")):
            values = nothing if insight is None else _to_gain_axis(getattr(insight, levels))
            item.setData(hz, values, connect="finite")
        self._ribbon = None if insight is None else _ribbon(insight)
        self._draw_ribbon()

    def redraw(self) -> None:
        """Draw the curves anew, and the band in hand by itself."""
        if not self.settings:
            return
        self._curve.setData(_X, eq_response_db(self.settings, _HZ, self._sample_rate), connect="finite")
        is_same = all(self.settings[p] == self.proposed[p] for band in BANDS for p in _params(band))
        self._ghost.setVisible(not is_same)
        if not is_same:
            self._ghost.setData(_X, eq_response_db(self.proposed, _HZ, self._sample_rate), connect="finite")
        name = self.hovered_name()
        self._band.setVisible(bool(name))
        if name:
            self._band.setData(_X, band_response_db(name, self.settings, _HZ, self._sample_rate), connect="finite")
        self.describe()
        self.refresh()

    def describe(self) -> None:
        """Say in words what is drawn."""
        if not self.settings:
            return
        now, wanted = (equaliser_text(ChannelSettings(s)) or self.tr("flat") for s in (self.settings, self.proposed))
        self.say(self.tr("EQ"), now, wanted)

    def recolour(self) -> None:
        """Take the theme's colours."""
        super().recolour()
        now = colours()
        self._table = heat_table()
        self._before.setPen(pen(now.before, 1.2))
        self._after.setPen(pen(faded(now.after, 0.85), 1.2))
        self._after.setFillLevel(-_REACH_DB)
        self._after.setBrush(faded(now.after, 0.13))
        self._ghost.setPen(pen(now.proposed, 1.6, Qt.PenStyle.DashLine))
        self._band.setPen(pen(faded(now.text, 0.45), 1.0))
        self._band.setFillLevel(0.0)
        self._band.setBrush(faded(now.text, 0.08))
        self._curve.setPen(pen(now.text, 2.4))
        self._draw_ribbon()

    def _draw_ribbon(self) -> None:
        self._ribbon_item.setVisible(self._ribbon is not None)
        if self._ribbon is not None:
            self._ribbon_item.setImage(heat_picture(self._ribbon[None], MOST_COVERED_DB, self._table), levels=None)
            self._ribbon_item.setRect(QRectF(_X[0], -_REACH_DB, _X[-1] - _X[0], _RIBBON_DB))

    # --- the handles

    def handles(self) -> Sequence[Handle]:
        """High-pass and bands as they stand, then those that are proposed elsewhere."""
        if not self.settings:
            return ()
        now = [_handle(band, self.settings) for band in BANDS]
        ghosts = [
            _handle(band, self.proposed, is_ghost=True)
            for band in BANDS
            if not self.is_locked and any(self.settings[p] != self.proposed[p] for p in _params(band))
        ]
        return (*now, *ghosts)

    def values_at(self, handle: Handle, x: float, y: float) -> dict[str, float]:
        """Frequency and gain; the high-pass has no gain, and is on when it is moved."""
        if handle.name == "highpass":
            return {"highpass_on": 1.0, "highpass_hz": 10.0**x}
        values = {f"{handle.name}_hz": 10.0**x, f"{handle.name}_gain_db": y}
        q = f"{handle.name}_q"
        return {**values, q: self.proposed[q]} if handle.is_ghost else values

    def values_wheeled(self, handle: Handle, steps: float) -> dict[str, float]:
        """The Q of a band."""
        q = f"{handle.name}_q"
        return {q: self.settings[q] * _WHEEL_RATIO**steps} if q in self.settings else {}

    def params_of(self, handle: Handle) -> list[str]:
        """All of a band."""
        return _params(handle.name)

    def add_actions(self, menu: QMenu, handle: Handle) -> None:
        """On or off, and what is proposed."""
        if handle.name == "highpass":
            switch = menu.addAction(self.tr("On"))
            assert switch is not None
            switch.setCheckable(True)
            switch.setChecked(bool(self.settings["highpass_on"]))
            switch.triggered.connect(lambda is_on: self._change_at_once({"highpass_on": float(is_on)}))
        else:
            flat = menu.addAction(self.tr("Off (0 dB)"))
            assert flat is not None
            flat.setEnabled(handle.is_on)
            flat.triggered.connect(lambda: self._change_at_once({f"{handle.name}_gain_db": 0.0}))
        take = menu.addAction(self.tr("Take what is proposed"))
        assert take is not None
        wanted = {param: self.proposed[param] for param in _params(handle.name)}
        take.setEnabled(any(self.settings[param] != value for param, value in wanted.items()))
        take.triggered.connect(lambda: self._change_at_once(wanted))

    def _change_at_once(self, values: Mapping[str, float]) -> None:
        self._end_gesture()
        self.change(values)
        self._end_gesture()


def _handle(band: str, settings: Mapping[str, float], is_ghost: bool = False) -> Handle:
    label = BY_NAME[f"{band}_hz"].label.removesuffix(" frequency").removesuffix(" cutoff")
    x = math.log10(settings[f"{band}_hz"])
    hz_text = value_text(BY_NAME[f"{band}_hz"], settings[f"{band}_hz"])
    if band == "highpass":
        is_on = bool(settings["highpass_on"])
        text = hz_text if is_on else "off"
        return Handle(band, label, _SHORT[band], x, 0.0, text, is_on, is_ghost)
    gain_db = settings[f"{band}_gain_db"]
    text = f"{hz_text}   {value_text(BY_NAME[f'{band}_gain_db'], gain_db)}   Q {settings[f'{band}_q']:.2g}"
    return Handle(band, label, _SHORT[band], x, gain_db, text, gain_db != 0.0, is_ghost)


def _to_gain_axis(levels_db: Floats) -> FloatArray:
    """Levels 0 .. -60 dB over the whole height of the axis of gains."""
    return np.maximum(levels_db, -_SPECTRUM_DB) / _SPECTRUM_DB * 2.0 * _REACH_DB + _REACH_DB


def _spectrum_marks(low: float, high: float, length_px: float) -> list[tuple[float, str]]:
    """The levels of the spectrum on the axis of gains."""
    marks = level_marks(-_SPECTRUM_DB, 0.0, length_px)
    return [(value / _SPECTRUM_DB * (high - low) + high, text) for value, text in marks]


def _ribbon(insight: TrackInsight) -> Floats | None:
    """How much of the track is covered at the curve's frequencies, on average over time; None where nobody knows."""
    heard = np.isfinite(insight.mask_db)
    counts = heard.sum(axis=1) if insight.mask_db.size else np.zeros(0)
    if not np.any(counts):
        return None
    means = np.where(heard, insight.mask_db, 0.0).sum(axis=1)[counts > 0] / counts[counts > 0]
    hz = insight.mask_hz[counts > 0]
    covered = np.interp(_X, np.log10(hz), means, left=np.nan, right=np.nan)
    return covered.astype(np.float32)
