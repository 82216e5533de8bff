"""From the measuring bench and the insight to the plain values that the window draws.

``before`` and ``after`` may be facts of any two mixes on the bench: a control that was moved is measured and shown at
once, while the reasons stay those of the mix that was proven.

Contents: :func:`present_figures`, :func:`present_findings`, :func:`present_track`, :func:`present_mix`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.analysis.curves import relative_db
from assistant.analysis.facts import MixFacts, TrackFacts
from assistant.analysis.masking import Masking
from assistant.analysis.measure import METRICS
from assistant.analysis.reference import USUAL, Reference
from assistant.insight.values import Insight, Observation
from assistant.wording import gain_text
from gui.workshop.presenting_mix import influence_matrix, loudness_lines, places, reference_line
from gui.workshop.presenting_track import covers, heat_map, influence_row, reason_texts, reduction_line
from gui.workshop.values import Finding, Floats, MixFigures, MixInsight, TrackFigures, TrackInsight
from render.bench import Bench

#: Of passages, their length is no figure of the mix.
_LEFT_OUT = ("duration_s",)


def present_figures(facts: MixFacts) -> MixFigures:
    """A mix and its tracks in figures."""
    measured = facts.measurement
    rows = [(m.label, m.text(getattr(measured, m.name))) for m in METRICS if m.name not in _LEFT_OUT]
    return MixFigures(
        integrated_lufs=measured.integrated_lufs,
        true_peak_dbtp=measured.true_peak_dbtp,
        mono_lu=facts.mono_lu,
        rows=(*rows, ("Heard in mono", f"{gain_text(facts.mono_lu)} LU")),
        tracks={track.name: _track_figures(track, facts.masking) for track in facts.tracks},
    )


def _track_figures(track: TrackFacts, masking: Masking) -> TrackFigures:
    return TrackFigures(
        loudness_lufs=track.measurement.integrated_lufs,
        true_peak_dbtp=track.measurement.true_peak_dbtp,
        over_rest_lu=track.over_rest_lu,
        reverb_db=track.reverb_db,
        covered_db=float(masking.by_all_db[masking.names.index(track.name)]),
        reduction_db=0.0 if track.reduction is None else track.reduction.mean_db,
    )


def present_findings(observations: Sequence[Observation]) -> tuple[Finding, ...]:
    """Problems found on the way, in their order."""
    return tuple(
        Finding(
            kind=o.kind,
            tracks=o.tracks,
            severity=o.severity,
            text=o.text,
            advice=o.advice,
            span_s=None if o.span is None else (o.span.start_s, o.span.end_s),
        )
        for o in observations
    )


def present_track(
    bench: Bench, insight: Insight, before: MixFacts, after: MixFacts, name: str, is_in_depth: bool
) -> TrackInsight:
    """All that is shown of the track ``name`` in the mix ``after`` against the mix ``before``, both on ``bench``.

    Raises ``KeyError`` for a track that is not in the insight.
    """
    old, new = before.track(name), after.track(name)
    levels_db, shares = _histogram(bench, before, after, name)
    reduction_s, reduction_db = reduction_line(bench, after.mix, name)
    mask_hz, mask_s, mask_db = heat_map(bench, after, name)
    mask_before_db = heat_map(bench, before, name)[2]  # last: the bench keeps what was used last
    return TrackInsight(
        name=name,
        reasons=reason_texts(insight, name, after.mix),
        findings=present_findings([o for o in insight.observations if name in o.tracks]),
        before=_track_figures(old, before.masking),
        after=_track_figures(new, after.masking),
        band_hz=_floats(new.measurement.third_octave_hz),
        before_db=_floats(relative_db(old.measurement.third_octave_db)),
        after_db=_floats(relative_db(new.measurement.third_octave_db)),
        levels_db=levels_db,
        shares=shares,
        reduction_s=reduction_s,
        reduction_db=reduction_db,
        mask_hz=mask_hz,
        mask_s=mask_s,
        mask_before_db=mask_before_db,
        mask_db=mask_db,
        covers=covers(before.masking, after.masking, name),
        influence=influence_row(insight, name),
        is_in_depth=is_in_depth,
    )


def _histogram(bench: Bench, before: MixFacts, after: MixFacts, name: str) -> tuple[Floats, Floats]:
    """How often each level came before the compressor, whether it is at work or not; empty for a silent track."""
    for facts in (after, before):
        found = bench.placed(facts.mix)[name].reduction
        if found is not None:
            return _floats(found.levels_db), _floats(found.shares)
    return _floats(()), _floats(())


def present_mix(
    bench: Bench, insight: Insight, before: MixFacts, after: MixFacts, reference: Reference | None = None
) -> MixInsight:
    """All that is shown of the mix ``after`` against the mix ``before``, both on ``bench``.

    ``reference``: a finished song to compare the spectrum with, None for finished music in general.
    """
    names = after.masking.names
    time_s, before_lufs, after_lufs = loudness_lines(bench, before, after)
    reference = reference or USUAL
    return MixInsight(
        names=names,
        before=present_figures(before),
        after=present_figures(after),
        time_s=time_s,
        before_lufs=before_lufs,
        after_lufs=after_lufs,
        band_hz=_floats(after.measurement.third_octave_hz),
        before_db=_floats(relative_db(before.measurement.third_octave_db)),
        after_db=_floats(relative_db(after.measurement.third_octave_db)),
        reference_db=reference_line(after.measurement, reference),
        reference_label=reference.label,
        places_before=places(before),
        places=places(after),
        covered_before_db=_in_order(before.masking, names),
        covered_db=after.masking.covered_db,
        findings=present_findings(insight.observations),
        influence=influence_matrix(insight.influence, names),
    )


def _in_order(masking: Masking, names: Sequence[str]) -> Floats:
    """Who covers whom, rows and columns in the order of ``names``."""
    order = [masking.names.index(name) for name in names]
    return masking.covered_db[np.ix_(order, order)]


def _floats(values: Sequence[float] | np.ndarray) -> Floats:
    return np.asarray(values, np.float32)
