"""What the change of each section did, measured, beside what was heard before and what was done.

One row per section: the quantity that tells whether it worked, how that is read from a verification, and which way and
how far it should have moved. Nothing here is taken from the engineer's words: a row that finds another direction than
the settings promise, or too little to be heard, says so.

Contents: :class:`Finding`, :func:`find_effect`; the thresholds of what is heard.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.analysis.facts import SectionFacts, Span, TrackFacts, Verification
from assistant.analysis.measure import Measurement
from assistant.analysis.sections import SECTION_BY_NAME, Section, does_something, with_section
from assistant.insight.regions import (
    Region,
    filter_region,
    neighbourhood,
    region_change_db,
    region_level_db,
    region_share,
    weighted_level_db,
)
from assistant.insight.values import Effect
from assistant.mix import ChannelMix, ChannelSettings
from assistant.params import EQ_BANDS
from assistant.report.words import compressor_text, pan_text, send_text
from assistant.wording import frequency_text, gain_text

#: What can just be heard, in the unit of the row: our choice, near the just noticeable differences of level (about
#: 1 dB for a part of a mix, half of that for a whole track) and of place.
LEAST_LEVEL_LU, LEAST_FILTER_DB, LEAST_REDUCTION_DB, LEAST_BALANCE_DB, LEAST_SIDE = 0.5, 0.5, 1.0, 0.5, 0.02
#: A filter that works where less than this share of the track's power lies is hardly heard in it.
LEAST_SHARE = 1e-3
#: From this share on it counts in full when effects are ranked.
_FULL_SHARE = 0.05
#: Reverb further under its own track than this is hardly heard.
LEAST_REVERB_DB = -36.0
#: A balance beyond this is one side alone.
_ONE_SIDE_DB = 40.0
_NAMES = {"trim_db": "trim", "fader_db": "fader"}


@dataclass(frozen=True)
class Finding:
    """What was ``heard``, what the change ``did`` in words, and its measured ``effect``.

    ``is_opposite`` and ``is_faint`` judge the effect, ``why`` says how; ``size`` is it in units of what can just be
    heard.
    """

    heard: str
    did: str
    effect: Effect
    size: float
    is_opposite: bool = False
    is_faint: bool = False
    why: str = ""


@dataclass(frozen=True)
class _Case:
    """One changed section of one track, with all that was measured of it."""

    section: Section
    old: ChannelMix
    new: ChannelMix
    before: TrackFacts
    after: TrackFacts
    facts: SectionFacts | None


def find_effect(verification: Verification, track: str, section: str) -> Finding | None:
    """What the change of ``section`` of ``track`` did; None for a track without sound in the passages.

    Raises ``KeyError`` for an unknown track or section.
    """
    before, after = verification.before, verification.after
    case = _Case(
        SECTION_BY_NAME[section],
        before.mix.channel(track),
        after.mix.channel(track),
        before.track(track),
        after.track(track),
        verification.sections.get((track, section)),
    )
    if case.after.loudest is None:
        return None
    return _ROWS[section](case)


def _judged(heard: str, did: str, effect: Effect, wanted: float, least: float) -> Finding:
    """A finding whose effect should move by ``wanted``, of which the sign counts, and by ``least`` to be heard."""
    moved = effect.after - effect.before if effect.after != effect.before else 0.0
    size = abs(moved) / least if math.isfinite(moved) else math.inf
    if size < 1.0:
        why = f"moves by less than can be heard ({_value_text(least, effect.unit)} {effect.unit})"
        return Finding(heard, did, effect, size, is_faint=True, why=why)
    if wanted * moved < 0.0:
        return Finding(heard, did, effect, size, is_opposite=True, why="measured, it went the other way")
    return Finding(heard, did, effect, size)


def _effect(quantity: str, unit: str, before: float, after: float, span: Span | None) -> Effect:
    where = f", at {span.text}" if span is not None else ""
    texts = [_value_text(value, unit) for value in (before, after)]
    sentence = f"{quantity}: {texts[0]} \u2192 {texts[1]} {unit}{where}"
    return Effect(quantity, unit, before, after, span, sentence)


def _value_text(value: float, unit: str) -> str:
    if value == -math.inf:
        return "none"
    if value == math.inf:
        return "all"
    return f"{100.0 * value:.0f}" if unit == "%" else f"{round(value, 1) + 0.0:.1f}"  # never -0.0


def _level(case: _Case) -> Finding:
    """Loudness against all others together, which move too; trim and fader by themselves must do as they say."""
    old, new, facts = case.old.settings, case.new.settings, _facts(case)
    heard = f"{case.before.measurement.integrated_lufs:.1f} LUFS while it plays"
    if math.isfinite(case.before.over_rest_lu):
        heard += f", {_over_text(case.before.over_rest_lu)}"
    heard += f"; loudest at {facts.span.text}"
    moved = [name for name in case.section.params if old[name] != new[name]]
    did = ", ".join(f"{_NAMES[name]} {gain_text(old[name])} \u2192 {gain_text(new[name])} dB" for name in moved)
    finding = _judged(heard, did, _level_effect(case), 0.0, LEAST_LEVEL_LU)
    promised_db = sum(new[name] - old[name] for name in moved)
    done_lu = facts.done.integrated_lufs - facts.without.integrated_lufs
    if promised_db * done_lu < 0.0 and min(abs(promised_db), abs(done_lu)) >= LEAST_LEVEL_LU:
        why = f"trim and fader go {gain_text(promised_db)} dB, but move the track by {gain_text(done_lu)} LU"
        return replace(finding, is_opposite=True, why=why)
    return finding


def _level_effect(case: _Case) -> Effect:
    """Its place among the others; its own loudness where it has the mix to itself."""
    over_lu = case.before.over_rest_lu, case.after.over_rest_lu
    own_lufs = case.before.measurement.integrated_lufs, case.after.measurement.integrated_lufs
    if not all(map(math.isfinite, over_lu)):
        return _effect("loudness", "LUFS", *own_lufs, None)
    effect = _effect("loudness over all other tracks", "LU", *over_lu, None)
    own = f"by itself {own_lufs[0]:.1f} \u2192 {own_lufs[1]:.1f} LUFS"
    return replace(effect, sentence=f"{effect.sentence}; {own}")


def _over_text(over_lu: float) -> str:
    return f"{abs(over_lu):.1f} LU {'over' if over_lu >= 0.0 else 'under'} all others together"


def _filter(case: _Case) -> Finding:
    """Level where the filter works, in the mix after, with the filter and without."""
    facts = _facts(case)
    is_on = does_something(case.section, case.new.settings)
    settings = case.new.settings if is_on else case.old.settings
    region = filter_region(case.section, settings)
    levels = (region_level_db(facts.without, region), region_level_db(facts.done, region))
    effect = _effect(f"level {region.text}", "dB", *levels, facts.span)
    undone = with_section(case.new.settings, case.section, case.old.settings)
    promised_db = region_change_db(facts.without, region, undone, case.new.settings)
    heard = f"{_heard_there(facts.without, region)}, at {facts.span.text}"
    finding = _judged(heard, _filter_text(case), effect, promised_db, LEAST_FILTER_DB)
    share = max(region_share(measured, region) for measured in (facts.without, facts.done))
    finding = replace(finding, size=finding.size * min(1.0, share / _FULL_SHARE))
    if share < LEAST_SHARE:
        why = f"next to nothing of the track lies {region.text}"
        return replace(finding, is_faint=True, why=why)
    if finding.is_faint and abs(promised_db) >= 2.0 * LEAST_FILTER_DB:
        why = "the compressor behind takes back what it does"
        return replace(finding, is_faint=True, why=why)
    return finding


def _heard_there(measurement: Measurement, region: Region) -> str:
    """What the track holds in the region: its share, and how it stands among the octaves beside it."""
    share = region_share(measurement, region)
    text = f"{_share_text(share)} of its power lies {region.text}"
    if region.text.startswith("around"):
        own = _density_db(measurement, region)
        beside = [_density_db(measurement, other) for other in neighbourhood(region)]
        if math.isfinite(own) and all(map(math.isfinite, beside)):
            over_db = own - sum(beside) / 2.0
            text += f", {abs(over_db):.1f} dB {'over' if over_db >= 0.0 else 'under'} the octaves beside"
    return text


def _density_db(measurement: Measurement, region: Region) -> float:
    """Level per octave."""
    return region_level_db(measurement, region) - 10.0 * math.log10(math.log2(region.high_hz / region.low_hz))


def _share_text(share: float) -> str:
    if share >= 0.095:
        return f"{share:.0%}"
    return f"{100.0 * share:.1f}%" if share >= 0.001 else "less than 0.1%"


def _filter_text(case: _Case) -> str:
    settings, name = case.new.settings, case.section.name
    if not does_something(case.section, settings):
        return f"{case.section.label.lower()} off"
    if name == "highpass":
        return f"high-pass at {frequency_text(settings['highpass_hz'])}, 12 dB per octave"
    gain_db = settings[f"{name}_gain_db"]
    shape = {"peak": "bell around", "low_shelf": "shelf below", "high_shelf": "shelf above"}[dict(EQ_BANDS)[name]]
    verb = "boost" if gain_db > 0.0 else "cut"
    place = f"{frequency_text(settings[f'{name}_hz'])}, Q {settings[f'{name}_q']:.2g}"
    return f"{verb} of {abs(gain_db):.1f} dB, {shape} {place}"


def _compressor(case: _Case) -> Finding:
    """Reduction that is exceeded for a tenth of the time, as the compressor reports it."""
    facts = _facts(case)
    old = case.before.reduction.typical_db if case.before.reduction is not None else 0.0
    new = case.after.reduction.typical_db if case.after.reduction is not None else 0.0
    crests = (facts.without.crest_factor_db, facts.done.crest_factor_db)
    heard = f"peaks {crests[0]:.1f} dB over its mean level, at {facts.span.text}"
    effect = _effect("gain reduction, exceeded a tenth of the time", "dB", old, new, None)
    effect = replace(effect, sentence=f"{effect.sentence}; peaks over mean {crests[0]:.1f} \u2192 {crests[1]:.1f} dB")
    did = compressor_text(case.new.settings) or "compressor off"
    finding = _judged(heard, did, effect, 0.0, LEAST_REDUCTION_DB)
    if max(old, new) < LEAST_REDUCTION_DB:
        return replace(finding, why=f"it takes off less than {LEAST_REDUCTION_DB:g} dB nine tenths of the time")
    return finding


def _width(case: _Case) -> Finding:
    facts = _facts(case)
    effect = _effect("side signal's share", "%", facts.without.width, facts.done.width, facts.span)
    heard = f"{facts.without.width:.0%} of it is side signal, at {facts.span.text}"
    did = f"width {case.old.settings['width']:.2f} \u2192 {case.new.settings['width']:.2f}"
    return _judged(heard, did, effect, case.new.settings["width"] - case.old.settings["width"], LEAST_SIDE)


def _pan(case: _Case) -> Finding:
    facts = _facts(case)
    sides = [max(-_ONE_SIDE_DB, min(_ONE_SIDE_DB, m.balance_db)) for m in (facts.without, facts.done)]
    effect = _effect("right over left", "dB", sides[0], sides[1], facts.span)
    lean_db = sides[0]
    heard = (
        "as loud left as right"
        if abs(lean_db) < LEAST_BALANCE_DB
        else (f"{abs(lean_db):.1f} dB louder on the {'right' if lean_db > 0.0 else 'left'}")
    )
    did = f"pan {pan_text(ChannelSettings(pan=case.old.settings['pan']))} \u2192 "
    did += pan_text(ChannelSettings(pan=case.new.settings["pan"]))
    wanted = case.new.settings["pan"] - case.old.settings["pan"]
    return _judged(f"{heard}, at {facts.span.text}", did, effect, wanted, LEAST_BALANCE_DB)


def _send(case: _Case) -> Finding:
    """Reverb under the track itself, as the bus's impulse response has it."""
    old, new = case.before.reverb_db, case.after.reverb_db
    heard = "dry" if old == -math.inf else f"its reverb {-old:.0f} dB under it"
    did = f"reverb send at {send_text(case.new.settings)} dB" if send_text(case.new.settings) else "reverb send off"
    effect = _effect("its reverb over itself", "dB", old, new, None)
    wanted = case.new.settings["send_db"] - case.old.settings["send_db"]
    finding = _judged(heard, did, effect, wanted, LEAST_LEVEL_LU)
    if max(old, new) < LEAST_REVERB_DB:
        why = f"its reverb lies more than {-LEAST_REVERB_DB:.0f} dB under it"
        return replace(finding, is_faint=True, why=why)
    return replace(finding, size=(max(old, new) - LEAST_REVERB_DB) / LEAST_LEVEL_LU)


def _polarity(case: _Case) -> Finding:
    """The whole mix in the bands where the track lies: it must not lose by it."""
    facts = _facts(case)
    levels = [weighted_level_db(mix, case.after.measurement) for mix in (facts.without, facts.done)]
    effect = _effect("level of the mix where the track lies", "dB", levels[0], levels[1], facts.span)
    is_on = bool(case.new.settings["polarity_inverted"])
    did = "polarity inverted" if is_on else "polarity no longer inverted"
    heard = f"the mix where the track lies at {levels[0]:.1f} dB, at {facts.span.text}"
    return _judged(heard, did, effect, 1.0, LEAST_FILTER_DB)


def _facts(case: _Case) -> SectionFacts:
    assert case.facts is not None, f"{case.new.name}: {case.section.name} was not measured"
    return case.facts


_ROWS: dict[str, Callable[[_Case], Finding]] = {
    "level": _level,
    "polarity": _polarity,
    "highpass": _filter,
    **{prefix: _filter for prefix, _ in EQ_BANDS},
    "compressor": _compressor,
    "width": _width,
    "pan": _pan,
    "send": _send,
}
