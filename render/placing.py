"""One track behind its strip, in every passage, with all that is measured of it.

Contents: :class:`Placed`, :func:`place`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.facts import Reduction
from assistant.analysis.loudness import weighted_powers
from assistant.analysis.masking import BANDS_HZ, excitation
from assistant.analysis.measure import Evidence, gather
from assistant.arrays import FloatArray
from assistant.mix import ChannelSettings
from render.material import Material
from render.metering import MeteredStrip, StripMeter, meter_through, read_reduction, trace_reduction
from render.strips import passes_through
from render.traces import Trace


@dataclass(frozen=True)
class Placed:
    """One track behind its strip, fader at 0 dB, by passage; None where it has no sound.

    ``audio`` ``(2, T)`` with the lead-in; ``evidence`` of the passage itself; ``powers`` (S,) K-weighted per 10 ms and
    ``excitation`` (F, 2, B) over all passages; ``reduction`` what its compressor did, and ``reduction_over_time``.
    """

    audio: tuple[FloatArray | None, ...]
    evidence: tuple[Evidence | None, ...]
    powers: NDArray[np.float64]
    excitation: NDArray[np.float32]
    reduction: Reduction | None
    reduction_over_time: tuple[Trace | None, ...]

    @property
    def heard(self) -> list[Evidence]:
        """The evidence of the passages in which there is sound."""
        return [evidence for evidence in self.evidence if evidence is not None]

    @property
    def loudest(self) -> int | None:
        """The passage in which the track is loudest; None where it is silent in all."""
        powers = [0.0 if evidence is None else float(evidence.powers.mean()) for evidence in self.evidence]
        return int(np.argmax(powers)) if any(powers) else None


def place(strip: MeteredStrip, material: Material, name: str, settings: ChannelSettings) -> Placed:
    """The track ``name`` behind a strip at ``settings`` but for the fader, which stands at 0 dB."""
    settings, rate = settings.with_values(fader_db=0.0), material.sample_rate
    audio: list[FloatArray | None] = []
    evidence: list[Evidence | None] = []
    patterns, powers = [np.zeros((0, 2, len(BANDS_HZ)), np.float32)], [np.zeros(0)]
    meters: list[StripMeter | None] = []
    for piece, length in zip(material.pieces[name], material.lengths, strict=True):
        inside = np.zeros((1, length), np.float32)
        meter = None
        if piece is not None:
            output, meter = _through(strip, piece, settings, material.lead_in)
            inside = output[:, material.lead_in :]
        meters.append(meter)
        found = gather(inside, rate, is_excerpt=True) if piece is not None else None
        audio.append(None if piece is None else output)
        evidence.append(found)
        powers.append(weighted_powers(inside, rate) if found is None else found.powers)
        patterns.append(excitation(inside, rate))
    return Placed(
        tuple(audio),
        tuple(evidence),
        np.concatenate(powers),
        np.concatenate(patterns),
        read_reduction([meter for meter in meters if meter is not None]),
        tuple(None if meter is None else trace_reduction(meter, rate) for meter in meters),
    )


def _through(
    strip: MeteredStrip, piece: FloatArray, settings: ChannelSettings, lead_in: int
) -> tuple[FloatArray, StripMeter]:
    """One piece behind the strip, and the meters' readings; not rendered where the strip passes it bit for bit."""
    if passes_through(len(piece), settings):
        return piece, meter_through(piece, lead_in)
    return strip.render(piece, settings, lead_in)
