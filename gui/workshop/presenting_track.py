"""What is shown of one track, piece by piece: reasons in words, the heat map of masking, reduction over time.

Contents: :func:`reason_texts`, :func:`covers`, :func:`heat_map`, :func:`reduction_line`, :func:`influence_row`.
"""

from __future__ import annotations

import math

import numpy as np

from assistant.analysis.facts import MixFacts
from assistant.analysis.masking import (
    BAND_NUMBERS,
    BANDS_HZ,
    MOST_DB,
    Masking,
    cover,
    covered_db,
    erb_hz,
    playback_gain_db,
)
from assistant.analysis.sections import SECTION_BY_NAME, changed_sections
from assistant.insight.values import Insight, Reason
from assistant.mix import Mix
from gui.workshop.values import Cover, Floats, ReasonText
from render.bench import Bench
from render.summing import fader_gain
from render.traces import line_up

#: The heat map's bands and moments, at most.
MOST_BANDS, MOST_CELLS = 60, 400
MOST_COVERS = 6
#: A track that covers less than this is not named.
_LEAST_COVERED_DB = 0.05
_CHANGED = "you have changed this since"


def reason_texts(insight: Insight, name: str, mix: Mix) -> tuple[ReasonText, ...]:
    """The reasons of the track ``name``; those that speak of settings it no longer has in ``mix`` say so."""
    card = insight.card(name)
    moved = {section.name for section in changed_sections(card.new.settings, mix.channel(name).settings)}
    return tuple(_reason_text(reason, reason.section in moved) for reason in card.reasons)


def _reason_text(reason: Reason, is_changed: bool) -> ReasonText:
    sure = reason.confidence
    return ReasonText(
        section=reason.section,
        label=SECTION_BY_NAME[reason.section].label,
        heard=reason.heard,
        did=reason.did,
        effect=reason.effect.sentence,
        quantity=reason.effect.quantity,
        unit=reason.effect.unit,
        before=reason.effect.before,
        after=reason.effect.after,
        because=reason.because_text,
        confidence=None if sure is None else sure.share,
        confidence_text="" if sure is None else sure.sentence,
        alternatives=reason.alternatives,
        sensitivity=reason.sensitivity,
        standing="changed" if is_changed else reason.standing,
        why=_CHANGED if is_changed else reason.why,
    )


def covers(before: Masking, after: Masking, name: str) -> tuple[Cover, ...]:
    """The tracks that cover ``name``, before or after, those that cover it most after first."""
    row, was = after.names.index(name), before.names.index(name)
    found = []
    for column, other in enumerate(after.names):
        before_db = float(before.covered_db[was, before.names.index(other)])
        after_db = float(after.covered_db[row, column])
        if max(before_db, after_db) >= _LEAST_COVERED_DB:
            around_hz, at_s = _worst(after, row, column)
            found.append(Cover(other, before_db, after_db, around_hz, at_s))
    found.sort(key=lambda pair: (-pair.after_db, -pair.before_db))
    return tuple(found[:MOST_COVERS])


def _worst(masking: Masking, row: int, column: int) -> tuple[float | None, float | None]:
    band, cell = int(masking.worst_band[row, column]), int(masking.worst_cell[row, column])
    around_hz = masking.bands_hz[band] if band >= 0 else None
    return around_hz, float(masking.cells_s[cell]) if cell >= 0 else None


def heat_map(bench: Bench, facts: MixFacts, name: str) -> tuple[Floats, Floats, Floats]:
    """Bands (B,) in Hz, cells (F,) in seconds, and how much all others cover of the track in them (B, F) in dB.

    Neighbouring bands and cells are taken together, by energy, until there are few enough. NaN where the track cannot
    be heard even alone, and in bands 30 dB under its strongest at that moment.
    """
    powers = cover(*_patterns(bench, facts.mix, name), playback_gain_db(facts.measurement.integrated_lufs))
    count = len(facts.masking.cells_s)
    bands = np.arange(0, len(BANDS_HZ), math.ceil(len(BANDS_HZ) / MOST_BANDS))
    cells = np.arange(0, count, max(1, math.ceil(count / MOST_CELLS)))
    heard, left = (_pooled(energies, cells, bands) for energies in powers)
    levels_db = covered_db(heard, left)
    strongest = heard.max(axis=1, keepdims=True, initial=0.0)
    levels_db[heard <= strongest * 10.0 ** (-MOST_DB / 10.0)] = np.nan
    centres = [erb_hz(float(part.mean())) for part in np.split(np.array(BAND_NUMBERS), bands[1:])]
    cells_s = facts.masking.cells_s[cells].astype(np.float32)
    return np.array(centres, np.float32), cells_s, np.ascontiguousarray(levels_db.T)


def _patterns(bench: Bench, mix: Mix, name: str) -> tuple[Floats, Floats]:
    """Excitation (F, E, B) of the track ``name``, and of all others together."""
    placed = bench.placed(mix)
    own = others = np.zeros_like(placed[name].excitation)
    for channel in mix.channels:
        pattern = placed[channel.name].excitation * np.float32(fader_gain(channel) ** 2)
        if channel.name == name:
            own = pattern
        else:
            others = others + pattern
    return own, others


def _pooled(energies: Floats, cells: np.ndarray, bands: np.ndarray) -> Floats:
    """Energies (F, B) summed from each of ``cells`` and ``bands`` to the next."""
    if not len(cells):
        return np.zeros((0, len(bands)), np.float32)
    return np.add.reduceat(np.add.reduceat(energies, cells, axis=0), bands, axis=1)


def reduction_line(bench: Bench, mix: Mix, name: str) -> tuple[Floats, Floats]:
    """Times and gain reduction of the track's compressor, its peaks kept; empty without a compressor."""
    if mix.channel(name).settings["comp_ratio"] <= 1.0:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    return line_up(bench.placed(mix)[name].reduction_over_time, bench.spans)


def influence_row(insight: Insight, name: str) -> tuple[tuple[str, float], ...]:
    """How far each other track moves the settings of ``name``, strongest first."""
    if insight.influence is None or name not in insight.influence.names:
        return ()
    names = insight.influence.names
    row = zip(names, insight.influence.strength[names.index(name)].tolist(), strict=True)
    return tuple(sorted(((other, by) for other, by in row if other != name and by > 0.0), key=lambda pair: -pair[1]))
