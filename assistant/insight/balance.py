"""Observations on the mix before: who covers whom, who is too loud, who has too much bottom.

Thresholds: our own choice, so that four songs at their artists' levels, the demo and two sequenced bands raise nothing
(the most there: 2.5 dB of a lead and 4.2 of another track covered, 4.0 LU over the median, 1.4 dB over a role's usual
bottom).

Contents: :func:`observe_balance`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from assistant.analysis.facts import MixFacts, Span, TrackFacts, Verification
from assistant.analysis.masking import band_edges_hz
from assistant.engineers.eq_tones import TONES, USUAL_TONE
from assistant.engineers.levels import USUAL_LOW_SHARE
from assistant.engineers.role_sounds import PROFILES, SOUNDS_LIKE
from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.insight.regions import Region, region_share
from assistant.insight.remedies import cut, less_bottom
from assistant.insight.values import Observation
from assistant.mix import ChannelMix
from assistant.wording import frequency_text, gain_text

#: How much of a track another may cover before it is worth a word, in dB: of a lead, of any other track.
LEAD_COVERED_DB, COVERED_DB = 2.8, 4.5
#: Below this the model's bands are wider than the ear's, and kick and bass share the room anyway: 3 dB more.
LOW_HZ, LOW_COVERED_DB = 120.0, 3.0
#: Groups of roles that others make room for; a lead is not asked to.
_LEADS = ("lead vocal", "solo")
#: How much further than the other tracks (their median) a track may be taken down by the proposal, in LU.
TOO_LOUD_LU = 6.0
#: How far the odds of the share below ``BOTTOM_HZ`` may lie over the role's usual most, in dB.
BOTTOM_HZ, TOO_LOW_DB = 200.0, 3.0
#: The most of a role's power below ``BOTTOM_HZ`` where ``eq_tones`` says nothing.
_USUAL_BOTTOM = 0.5
#: From this share below 120 Hz a synth, a pad or a key plays the bass; such roles are not asked about.
_PLAYS_BASS, _MAY_PLAY_BASS = 0.5, ("synths", "keys", "fx", "other")
#: A role guessed with less confidence says nothing about the bottom.
_LEAST_CONFIDENCE = 0.4
_CURED = 0.3
_MOST_CUT_DB, _CUT_Q, _MOST_SHELF_DB = 6.0, 1.4, 9.0
_PASSAGE_S = 1.0
BOTTOM = Region(0.0, BOTTOM_HZ, f"below {frequency_text(BOTTOM_HZ)}")
_BASS = Region(0.0, 120.0, "below 120 Hz")


def observe_balance(verification: Verification) -> tuple[Observation, ...]:
    """What is wrong between the tracks of the mix before."""
    before, after = verification.before, verification.after
    return (*_maskings(before, after), *_too_loud(before, after), *_too_low(before, after))


def _maskings(before: MixFacts, after: MixFacts) -> Iterator[Observation]:
    masking = before.masking
    for i, target in enumerate(masking.names):
        for j, masker in enumerate(masking.names):
            band, covered_db = int(masking.worst_band[i, j]), float(masking.covered_db[i, j])
            if band < 0 or _is_lead(after.mix.channel(masker)):
                continue
            least_db = LEAD_COVERED_DB if _is_lead(after.mix.channel(target)) else COVERED_DB
            least_db += LOW_COVERED_DB if masking.bands_hz[band] < LOW_HZ else 0.0
            if covered_db >= least_db:
                yield _masking(before, after, (i, j), least_db)


def _masking(before: MixFacts, after: MixFacts, pair: tuple[int, int], least_db: float) -> Observation:
    masking = before.masking
    target, masker = (masking.names[k] for k in pair)
    covered_db, band = float(masking.covered_db[pair]), int(masking.worst_band[pair])
    hz, start_s = masking.bands_hz[band], math.floor(masking.cells_s[masking.worst_cell[pair]])
    names = after.masking.names
    left_db = float(after.masking.covered_db[names.index(target), names.index(masker)])
    span = Span(start_s, start_s + _PASSAGE_S)
    text = (
        f"{masker} covers {1.0 - 10.0 ** (-covered_db / 10.0):.0%} of {target} ({covered_db:.1f} dB), most of all "
        f"around {frequency_text(hz)} at {span.text}."
    )
    is_cured = left_db < 0.5 * least_db or left_db < 0.5 * covered_db
    if is_cured:
        text += f" In the proposal {left_db:.1f} dB of it are left."
    severity = _severity(covered_db, least_db, 4.0 * least_db, is_cured)
    cut_db = -min(_MOST_CUT_DB, max(2.0, left_db))
    remedy = () if is_cured else cut(after.mix.channel(masker), round(hz), cut_db, _CUT_Q)
    advice = "" if is_cured else f"Give {masker} another octave, another place in the panorama, or another moment."
    return Observation(
        "masking", (target, masker), severity, text, covered_db, "dB", span, band_edges_hz(band), remedy, advice
    )


def _is_lead(channel: ChannelMix) -> bool:
    role = ROLE_BY_NAME.get(channel.role)
    return role is not None and role.group in _LEADS


def _too_loud(before: MixFacts, after: MixFacts) -> Iterator[Observation]:
    """Tracks that the proposal takes down by far more than the others."""
    lowered_lu = {f.name: _loudness(f) - _loudness(after.track(f.name)) for f in before.tracks}
    usual = [lu for lu in lowered_lu.values() if math.isfinite(lu)]
    median_lu = float(np.median(usual)) if usual else 0.0
    for facts in before.tracks:
        excess_lu = lowered_lu[facts.name] - median_lu
        if not TOO_LOUD_LU <= excess_lu < math.inf:
            continue
        given_lu = after.track(facts.name).over_rest_lu
        text = (
            f"{facts.name} looks too loud: {gain_text(facts.over_rest_lu)} LU against all others together. The "
            f"proposal takes it down by {excess_lu:.0f} LU more than the other tracks, to {gain_text(given_lu)} LU."
        )
        severity = _severity(excess_lu, TOO_LOUD_LU, 3.0 * TOO_LOUD_LU, True)
        yield Observation("too loud", (facts.name,), severity, text, excess_lu, "LU", facts.loudest)


def _loudness(facts: TrackFacts) -> float:
    return facts.measurement.integrated_lufs


def _too_low(before: MixFacts, after: MixFacts) -> Iterator[Observation]:
    for facts in before.tracks:
        channel = after.mix.channel(facts.name)
        most = _usual_bottom(facts, channel)
        if most is None:
            continue
        share = region_share(facts.measurement, BOTTOM)
        excess_db = _odds_db(share) - _odds_db(most)
        if excess_db < TOO_LOW_DB:
            continue
        left = region_share(after.track(facts.name).measurement, BOTTOM)
        left_db = _odds_db(left) - _odds_db(most)
        is_cured = left_db < TOO_LOW_DB
        text = (
            f"{facts.name} booms: {share:.0%} of its power lies below {frequency_text(BOTTOM_HZ)}, where a "
            f"{channel.role} usually has {most:.0%} at most."
        )
        text += f" The proposal leaves {left:.0%}." if is_cured else ""
        shelf_db = -min(_MOST_SHELF_DB, left_db)
        remedy = () if is_cured else less_bottom(channel, BOTTOM_HZ, shelf_db)
        severity = _severity(excess_db, TOO_LOW_DB, 5.0 * TOO_LOW_DB, is_cured)
        band_hz = (20.0, BOTTOM_HZ)
        yield Observation("low end", (facts.name,), severity, text, 100.0 * share, "%", facts.loudest, band_hz, remedy)


def _usual_bottom(facts: TrackFacts, channel: ChannelMix) -> float | None:
    """The most of its power that a track of this role usually has below ``BOTTOM_HZ``; None where nothing is usual."""
    role = ROLE_BY_NAME.get(channel.role)
    if role is None or channel.role_confidence < _LEAST_CONFIDENCE or role.name in USUAL_LOW_SHARE:
        return None
    if role.family in _MAY_PLAY_BASS and region_share(facts.measurement, _BASS) >= _PLAYS_BASS:
        return None
    tone = TONES.get(role.name, USUAL_TONE).boom_max
    low = PROFILES[SOUNDS_LIKE.get(role.name, role.name)].low_share[0]
    return (tone if tone < 1.0 else _USUAL_BOTTOM) + low


def _odds_db(share: float) -> float:
    inside = min(1.0 - 1e-6, max(1e-6, share))
    return 10.0 * math.log10(inside / (1.0 - inside))


def _severity(value: float, small: float, bad: float, is_cured: bool) -> float:
    """0.3 at ``small``, 1 at ``bad``; less where the proposal deals with it."""
    return (0.3 + 0.7 * min(1.0, (value - small) / (bad - small))) * (_CURED if is_cured else 1.0)
