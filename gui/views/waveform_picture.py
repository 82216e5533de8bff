"""The waveform's picture: everything but the playhead.

Contents: :class:`Scene`, :func:`painted`; ``RULER``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPixmap, QPolygonF

from gui.playback.envelopes import Floats, in_columns, mix_envelope, ruler_step_s, ruler_text
from gui.views.colours import mixed
from gui.views.shown import colours, px
from gui.views.theme import text_font
from gui.views.time_span import TimeSpan
from gui.workshop.values import Overview

Region = tuple[float, float]

#: The ruler's height, and the least distance of its marks, at 100 %.
RULER, _MARK_ROOM = 20, 76
#: Loudness is drawn as amplitude to this power: soft parts stay visible.
_CURVE = 0.6


@dataclass(frozen=True)
class Scene:
    """What is drawn: see :class:`gui.views.waveform.Waveform`."""

    span: TimeSpan
    overview: Overview | None = None
    gains: Mapping[str, float] = field(default_factory=dict)
    track: str = ""
    passages: tuple[Region, ...] = ()
    loop: Region | None = None


def painted(scene: Scene, size: QSize, pixel_ratio: float) -> QPixmap:
    """``scene`` as large as ``size``, for a screen with so many pixels for one."""
    picture = QPixmap(size * pixel_ratio)
    picture.setDevicePixelRatio(pixel_ratio)
    picture.fill(colours().sunken)
    painter = QPainter(picture)
    area = QRectF(0.0, px(RULER), size.width(), size.height() - px(RULER))
    _paint_grounds(painter, scene, area)
    _paint_waves(painter, scene, area, pixel_ratio)
    _paint_ruler(painter, scene, area)
    _paint_loop(painter, scene, area)
    painter.end()
    return picture


def _paint_grounds(painter: QPainter, scene: Scene, area: QRectF) -> None:
    ground = mixed(colours().sunken, colours().text, 0.1)
    for first_s, last_s in scene.passages:
        first, last = scene.span.x(first_s, area.width()), scene.span.x(last_s, area.width())
        painter.fillRect(QRectF(first, area.top(), last - first, area.height()), ground)


def _paint_waves(painter: QPainter, scene: Scene, area: QRectF, pixel_ratio: float) -> None:
    overview = scene.overview
    if overview is None or not overview.rms.size:
        return
    mix = mix_envelope(overview, scene.gains)
    loudest = max(float(mix.max()), 1e-6)
    has_track = scene.track in overview.names
    waves = [(mix, mixed(colours().sunken, colours().quiet, 0.55 if has_track else 1.0))]
    if has_track:
        own = overview.rms[overview.names.index(scene.track)] * np.float32(scene.gains.get(scene.track, 1.0))
        waves.append((own, colours().accent))
    width, height = (max(1, round(length * pixel_ratio)) for length in (area.width(), area.height()))
    for envelope, colour in waves:
        columns = in_columns(
            envelope / np.float32(loudest), overview.step_s, scene.span.first_s, scene.span.last_s, width
        )
        painter.drawImage(area, _wave(np.minimum(columns, np.float32(1.0)) ** np.float32(_CURVE), height, colour))


def _wave(heights: Floats, num_rows: int, colour: QColor) -> QImage:
    """``heights`` (W,) 0..1 as columns about the middle, soft at their ends, on nothing."""
    rows = np.abs(np.arange(num_rows, dtype=np.float32) + 0.5 - num_rows / 2.0)[:, None]
    cover = np.clip(heights * np.float32(0.48 * num_rows) + np.float32(0.5) - rows, 0.0, 1.0)
    parts = np.array([colour.blue(), colour.green(), colour.red(), 255], np.float32)
    pixels = np.ascontiguousarray((cover[:, :, None] * parts).astype(np.uint8))
    image = QImage(
        pixels.tobytes(), len(heights), num_rows, 4 * len(heights), QImage.Format.Format_ARGB32_Premultiplied
    )
    return image.copy()


def _paint_ruler(painter: QPainter, scene: Scene, area: QRectF) -> None:
    span, font = scene.span, text_font("small")
    painter.fillRect(QRectF(0.0, 0.0, area.width(), area.top()), colours().panel)
    for first_s, last_s in scene.passages:
        first, last = span.x(first_s, area.width()), span.x(last_s, area.width())
        painter.fillRect(QRectF(first, area.top() - px(3), last - first, px(3)), colours().proposed)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    baseline = (area.top() + metrics.ascent()) / 2.0 - px(1)
    step_s = ruler_step_s(span.length_s, area.width() / px(_MARK_ROOM))
    for number in range(int(span.first_s / step_s), int(span.last_s / step_s) + 1):
        x = span.x(number * step_s, area.width())
        painter.setPen(colours().line)
        painter.drawLine(QPointF(x, 0.0), QPointF(x, area.bottom()))
        painter.setPen(colours().quiet)
        text = ruler_text(number * step_s, step_s)
        if x + px(4) + metrics.horizontalAdvance(text) <= area.width():
            painter.drawText(QPointF(x + px(4), baseline), text)


def _paint_loop(painter: QPainter, scene: Scene, area: QRectF) -> None:
    if scene.loop is None:
        return
    first, last = (scene.span.x(edge_s, area.width()) for edge_s in scene.loop)
    veil = QColor(colours().accent)
    veil.setAlphaF(0.16)
    painter.fillRect(QRectF(first, 0.0, last - first, area.bottom()), veil)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours().accent)
    for x, inwards in ((first, 1), (last, -1)):
        painter.fillRect(QRectF(x - px(1), 0.0, px(2), area.bottom()), colours().accent)
        painter.drawPolygon(QPolygonF([QPointF(x, 0.0), QPointF(x + inwards * px(9), 0.0), QPointF(x, px(12))]))
