"""What is shown of a whole mix, piece by piece: where its tracks sit, loudness over time, the spectrum to compare with.

Contents: :func:`places`, :func:`loudness_lines`, :func:`reference_line`, :func:`influence_matrix`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assistant.analysis.curves import relative_db
from assistant.analysis.facts import MixFacts, TrackFacts
from assistant.analysis.loudness import HOP_STEPS, MOMENTARY_STEPS, STEPS_PER_S, loudness_over_time
from assistant.analysis.measure import Evidence, Measurement
from assistant.analysis.reference import TONE_BANDS_HZ, Reference
from assistant.engineers.filtering import k_weighting_db
from assistant.insight.values import Influence
from gui.workshop.values import Floats, Place
from render.bench import Bench
from render.traces import Trace, line_up, runs

#: A track's range holds this share of its power; a tenth lies below, a tenth above.
_EDGES = (0.1, 0.5, 0.9)
_HALF_BAND = 10.0**0.05


def places(facts: MixFacts) -> tuple[Place, ...]:
    """Where every track sits, as measured behind its strip and pan, in the order of the mix."""
    return tuple(_place(track) for track in facts.tracks)


def _place(track: TrackFacts) -> Place:
    measured = track.measurement
    low_hz, hz, high_hz = _power_edges_hz(measured)
    pan, width = _pan(measured.balance_db), _width(measured)
    return Place(track.name, pan, width, hz, low_hz, high_hz, measured.integrated_lufs)


def _pan(balance_db: float) -> float:
    """Where a mono track with this balance (right over left) stands under the law of constant power, -1..1."""
    return 4.0 / math.pi * math.atan(10.0 ** (min(max(balance_db, -300.0), 300.0) / 20.0)) - 1.0


def _width(measured: Measurement) -> float:
    """The side's share of the power if left and right were equally loud: panning a track does not widen it."""
    is_one_side = not math.isfinite(measured.balance_db)
    return 0.0 if is_one_side else min(max(0.5 * (1.0 - measured.correlation), 0.0), 1.0)


def _power_edges_hz(measured: Measurement) -> tuple[float, float, float]:
    """Below which frequencies a tenth, half and nine tenths of the K-weighted power lie; NaN for silence."""
    weighted_db = np.array(measured.third_octave_db) + k_weighting_db(measured.third_octave_hz)
    powers = 10.0 ** (weighted_db / 10.0)
    total = float(powers.sum())
    if total <= 0.0:
        return math.nan, math.nan, math.nan
    edges = np.log(
        np.append(np.array(measured.third_octave_hz) / _HALF_BAND, measured.third_octave_hz[-1] * _HALF_BAND)
    )
    below = np.concatenate([[0.0], np.cumsum(powers) / total])
    low, middle, high = np.exp(np.interp(_EDGES, below, edges)).tolist()
    return low, middle, high


def loudness_lines(bench: Bench, before: MixFacts, after: MixFacts) -> tuple[Floats, Floats, Floats]:
    """Times, and momentary loudness of the mixes before and after at them, in LUFS; NaN between passages.

    Windows of 0.4 s at their middle, ten a second: the 3 s of short-term loudness would leave one value of a passage.
    """
    # The mix before is asked for last: the bench keeps what was used last when a control is moved further.
    (time_s, after_lufs), (_, before_lufs) = (_loudness_line(bench, facts) for facts in (after, before))
    return time_s, before_lufs, after_lufs


def _loudness_line(bench: Bench, facts: MixFacts) -> tuple[Floats, Floats]:
    heard = bench.heard(facts.mix)
    joined = list(runs(bench.spans))
    traces = [_loudness_trace([heard[number] for number in run]) for run in joined]
    return line_up(traces, [bench.spans[run[0]] for run in joined])


def _loudness_trace(passages: Sequence[Evidence]) -> Trace:
    """Passages that follow on one another."""
    powers = np.concatenate([passage.powers for passage in passages])
    values = loudness_over_time(powers, MOMENTARY_STEPS).astype(np.float32)
    return Trace(0.5 * MOMENTARY_STEPS / STEPS_PER_S, HOP_STEPS / STEPS_PER_S, values)


def reference_line(measured: Measurement, reference: Reference) -> Floats:
    """What the third octaves of ``measured`` relative to its whole are compared with, (K,) in dB.

    Moved so that on average it neither exceeds nor falls short; NaN in bands that do not count.
    """
    bands_hz, own_db = np.array(measured.third_octave_hz), relative_db(measured.third_octave_db)
    levels_db = reference.levels_db
    wanted_db = np.full(len(bands_hz), np.nan)
    wanted_db[: len(levels_db)] = levels_db[: len(bands_hz)]
    counts = (bands_hz >= TONE_BANDS_HZ[0]) & (bands_hz <= TONE_BANDS_HZ[1]) & np.isfinite(wanted_db)
    compared = counts & np.isfinite(own_db)
    shift_db = float((own_db - wanted_db)[compared].mean()) if compared.any() else 0.0
    return np.where(counts, wanted_db + shift_db, np.nan).astype(np.float32)


def influence_matrix(influence: Influence | None, names: Sequence[str]) -> Floats | None:
    """The strength of all influences (N, N) in the order of ``names``; None where it is not known of all."""
    if influence is None or not set(names) <= set(influence.names):
        return None
    order = [influence.names.index(name) for name in names]
    return influence.strength[np.ix_(order, order)].astype(np.float32)
