"""Channel strips: one track in, its post-fader stereo output, without rendering its silences.

A strip whose input is digital silence puts out silence once its filters have rung out and its compressor has
let go; the pause may then be skipped and the strip started afresh, with the same result to -140 dB.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np

from assistant.arrays import FloatArray
from assistant.mix import ChannelSettings
from assistant.params import BUTTERWORTH_Q, EQ_BANDS, PAN_LAWS
from render.engine import FaustProgram

#: How far a filter has decayed when it counts as silent.
_SILENT_DB = 140.0
_BLOCK = 1024
#: Samples by which a strip with delays for its links is late: ``strip_links`` in ``strip.dsp``.
STRIP_LINKS = 5


@dataclass(frozen=True)
class Segment:
    """A stretch of a strip's output: ``audio`` ``(2, n)`` float32, from ``start`` in samples of the track."""

    start: int
    audio: FloatArray


class StripPrograms:
    """The programs ``KIND_mono`` and ``KIND_stereo`` of ``strip.dsp``, built when first needed; one thread at a time.

    ``kind`` is "strip" or "metered". Raises ``ValueError`` for an unknown ``pan_law``.
    """

    def __init__(self, kind: str, sample_rate: int, pan_law: str) -> None:
        if pan_law not in PAN_LAWS:
            raise ValueError(f"pan_law={pan_law!r}: expected one of {', '.join(PAN_LAWS)}")
        self._kind = kind
        self._sample_rate = sample_rate
        self._pan_law = float(PAN_LAWS.index(pan_law))
        self._programs: dict[int, FaustProgram] = {}

    def set_up(self, num_channels: int, settings: ChannelSettings) -> FaustProgram:
        """The program for tracks of 1 or 2 channels, its controls at ``settings``."""
        if num_channels not in self._programs:
            expression = f"{self._kind}_{'mono' if num_channels == 1 else 'stereo'}(mem)"
            self._programs[num_channels] = FaustProgram("strip.dsp", expression, num_channels, self._sample_rate)
        program = self._programs[num_channels]
        program.set_controls({**settings, "pan_law": self._pan_law})
        return program


def passes_through(num_channels: int, settings: ChannelSettings) -> bool:
    """Whether the strip passes its input bit for bit, as a neutral one does with a stereo track; sends come behind."""
    return num_channels == 2 and not settings.changed().keys() - {"send_db"}


class StripRenderer:
    """The strip at one sample rate and pan law; one thread at a time."""

    def __init__(self, sample_rate: int, pan_law: str = "constant_power") -> None:
        self.sample_rate = sample_rate
        self._programs = StripPrograms("strip", sample_rate, pan_law)

    def render(self, audio: FloatArray, settings: ChannelSettings) -> list[Segment]:
        """The strip's output to ``audio`` (float32 ``(C, T)``, C 1 or 2), without its silences.

        The last segment may ring past T. Raises :class:`render.engine.RenderError` for a result that is not finite.
        """
        if passes_through(len(audio), settings):
            return [Segment(start, audio[:, start:stop].copy()) for start, stop in sounding_stretches(audio, 0)]
        program = self._programs.set_up(len(audio), settings)
        ring = ring_out_samples(settings, self.sample_rate)
        pause = ring + math.ceil(recovery_s(settings) * self.sample_rate)
        segments = []
        for start, stop in sounding_stretches(audio, pause):
            stretch = np.ascontiguousarray(audio[:, start:stop])
            output = program.render(stretch, STRIP_LINKS + stop - start + ring)
            segments.append(Segment(start, output[:, STRIP_LINKS:]))
        return segments


def ring_out_samples(settings: ChannelSettings, sample_rate: int) -> int:
    """Samples until the strip's filters have decayed by 140 dB at ``sample_rate`` Hz."""
    decays = [0.0]
    if settings["highpass_on"]:
        decays.append(_decay_samples(settings["highpass_hz"], 1.0 / BUTTERWORTH_Q, 1.0, sample_rate))
    for band, shape in EQ_BANDS:
        gain_db = settings[f"{band}_gain_db"]
        if gain_db != 0.0:
            amplitude = 10.0 ** (gain_db / 40.0)
            damping = 1.0 / settings[f"{band}_q"] / (amplitude if shape == "peak" else 1.0)
            shift = {"low_shelf": amplitude**-0.5, "peak": 1.0, "high_shelf": amplitude**0.5}[shape]
            decays.append(_decay_samples(settings[f"{band}_hz"], damping, shift, sample_rate))
    # Filters in series decay like the slowest of them, a little later.
    return math.ceil(1.25 * max(decays) * _SILENT_DB * math.log(10.0) / 20.0)


def _decay_samples(frequency_hz: float, damping: float, shift: float, sample_rate: int) -> float:
    """Samples in which the slowest pole of ``svf`` in ``strip.dsp`` (its k is ``damping``) decays by 1/e.

    Of two real poles, as a low Q or a deep cut makes them, one is far slower than the cutoff and Q suggest.
    """
    g = shift * math.tan(math.pi * min(frequency_hz, 0.49 * sample_rate) / sample_rate)
    root = cmath.sqrt(damping * damping / 4.0 - 1.0)
    poles = (g * (root - damping / 2.0), g * (-root - damping / 2.0))
    radius = max(abs((1.0 + pole) / (1.0 - pole)) for pole in poles)
    return -1.0 / math.log(max(radius, 1e-6))


def recovery_s(settings: ChannelSettings) -> float:
    """Seconds until the compressor has let go from 60 dB to a millionth of a decibel."""
    if settings["comp_ratio"] == 1.0:
        return 0.0
    return settings["comp_release_ms"] / 1000.0 * math.log(60.0 / 1e-6)


def sounding_stretches(audio: FloatArray, pause: int) -> list[tuple[int, int]]:
    """``(start, stop)`` of the stretches of ``audio`` ``(C, T)`` that are not digital silence.

    Found in steps of 1024 samples; stretches less than ``pause`` samples apart are one.
    """
    num_samples = audio.shape[1]
    whole = num_samples // _BLOCK * _BLOCK
    sounding = np.any(audio[:, :whole].reshape(audio.shape[0], -1, _BLOCK), axis=(0, 2))
    sounding = np.append(sounding, bool(np.any(audio[:, whole:])))
    blocks = np.flatnonzero(sounding)
    if not blocks.size:
        return []
    breaks = np.flatnonzero((np.diff(blocks) - 1) * _BLOCK > pause)
    starts = blocks[np.concatenate(([0], breaks + 1))] * _BLOCK
    stops = (blocks[np.concatenate((breaks, [blocks.size - 1]))] + 1) * _BLOCK
    return [(int(a), min(int(b), num_samples)) for a, b in zip(starts, stops, strict=True)]
