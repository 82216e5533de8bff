"""Observations on the recordings themselves: each track's, and those between two, whatever the mix does.

Contents: :func:`observe_track`, :func:`observe_pair`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from assistant.analysis.facts import Span
from assistant.analysis.faults import Examination, PairFinding
from assistant.analysis.faults.coarse import LOW_BAND_HZ
from assistant.analysis.faults.hum import LEAST_OVER_LOUD_DB
from assistant.analysis.faults.noise import LEAST_SNR_DB, MOST_SNR_DB
from assistant.analysis.faults.offset import LEAST_OVER_RMS_DB
from assistant.analysis.levels import amplitude_to_db
from assistant.insight.remedies import attenuation_db, changes, cut, highpass, invert
from assistant.insight.values import Observation
from assistant.mix import ChannelMix
from assistant.params import BY_NAME
from assistant.wording import count_text, frequency_text, time_text

#: Hum this far down by the proposal is dealt with.
_ENOUGH_DB = 12.0
#: What a problem that the proposal deals with is still worth.
_CURED = 0.3
_HUM_Q, _HUM_CUT_DB, _OFFSET_HZ = 8.0, -15.0, 20.0
_PROBLEM_S = 1.0


def observe_track(examination: Examination, channel: ChannelMix) -> tuple[Observation, ...]:
    """What is wrong with the recording of one track; ``channel`` is its place in the proposal."""
    found = (
        _near_silent(examination, channel),
        _clipping(examination, channel),
        _offset(examination, channel),
        _hum(examination, channel),
        _noise(examination, channel),
    )
    return tuple(observation for observation in found if observation is not None)


def observe_pair(
    finding: PairFinding, examinations: Mapping[str, Examination], channels: Mapping[str, ChannelMix]
) -> Observation:
    """What is wrong between two tracks; the softer of them is named second and is the one to be changed."""
    louder, softer = sorted(finding.tracks, key=lambda name: -examinations[name].loudness_lufs)
    if finding.kind == "duplicate":
        return _duplicate(finding, louder, channels[softer])
    return _polarity(finding, channels[louder], channels[softer])


def _near_silent(examination: Examination, channel: ChannelMix) -> Observation | None:
    if not examination.is_near_silent:
        return None
    if examination.peak_db == -math.inf:
        text = f"{channel.name} is empty: not one sample differs from zero."
    else:
        text = f"{channel.name} is next to silent: its highest peak is {examination.peak_db:.1f} dBFS."
    advice = "See whether the right file was exported, and whether its fader was up; else leave it out."
    return Observation("near silent", (channel.name,), 0.5, text, examination.peak_db, "dBFS", advice=advice)


def _clipping(examination: Examination, channel: ChannelMix) -> Observation | None:
    clipping = examination.clipping
    if clipping is None:
        return None
    text = (
        f"{channel.name} is clipped: {count_text(clipping.runs, 'flat top')} at {clipping.ceiling_db:.1f} dBFS, up to "
        f"{count_text(clipping.longest, 'sample')} long, first at {_times_text(clipping.times_s)}."
    )
    advice = (
        "Nothing in a console brings back what was cut off: record or export it again with its peaks below 0 dBFS, "
        "or repair it with a declipper."
    )
    severity = min(1.0, 0.3 + 0.2 * math.log10(clipping.runs))
    span = _from(clipping.times_s[0])
    runs = float(clipping.runs)
    return Observation("clipping", (channel.name,), severity, text, runs, "flat tops", span, advice=advice)


def _offset(examination: Examination, channel: ChannelMix) -> Observation | None:
    offset = examination.offset
    if offset is None:
        return None
    level_db = amplitude_to_db(abs(offset.level))
    text = (
        f"{channel.name} has a DC offset of {offset.level:+.3f} ({level_db:.1f} dBFS), "
        f"{-offset.over_rms_db:.0f} dB under its own level: it costs headroom and clicks at every cut."
    )
    remedy = highpass(channel, _OFFSET_HZ)
    if not remedy:
        text += f" {_taken_away(channel)}"
    severity = _between(offset.over_rms_db, LEAST_OVER_RMS_DB, 0.0) * (1.0 if remedy else _CURED)
    advice = "Remove it in the audio editor before anything else is done to the file."
    return Observation("dc", (channel.name,), severity, text, level_db, "dBFS", remedy=remedy, advice=advice)


def _hum(examination: Examination, channel: ChannelMix) -> Observation | None:
    hum = examination.hum
    if hum is None:
        return None
    line_hz = hum.strongest * hum.frequency_hz
    lines = ", ".join(f"{multiple * hum.frequency_hz:.0f}" for multiple in hum.harmonics[:4])
    text = (
        f"{channel.name} hums at {hum.frequency_hz:.0f} Hz, the mains, all the time: {hum.level_db:.1f} dBFS in lines "
        f"at {lines} Hz, {-hum.over_loud_db:.0f} dB under its loud parts below 1 kHz."
    )
    is_cured = attenuation_db(channel, line_hz) >= _ENOUGH_DB
    if is_cured:
        text += f" The proposal lowers the strongest line by {attenuation_db(channel, line_hz):.0f} dB."
    remedy = () if is_cured else cut(channel, round(line_hz, 1), _HUM_CUT_DB, _HUM_Q)
    severity = _between(hum.over_loud_db, LEAST_OVER_LOUD_DB, -10.0) * (_CURED if is_cured else 1.0)
    return Observation(
        "hum",
        (channel.name,),
        severity,
        text,
        hum.level_db,
        "dBFS",
        band_hz=(line_hz / 2.0 ** (1.0 / 6.0), line_hz * 2.0 ** (1.0 / 6.0)),
        remedy=remedy,
        advice="Look for a ground loop or a lamp's dimmer; a hum remover takes all lines at once.",
    )


def _noise(examination: Examination, channel: ChannelMix) -> Observation | None:
    noise = examination.noise
    if noise is None:
        return None
    text = (
        f"{channel.name} is noisy: where it rests, as at {time_text(noise.time_s)}, {noise.level_db:.1f} dBFS of hiss "
        f"remain, only {noise.snr_db:.0f} dB under its loud parts."
    )
    advice = "Fade out or gate the rests, or use a noise reduction that learns from them; compression brings it up."
    severity = _between(-noise.snr_db, -MOST_SNR_DB, -LEAST_SNR_DB)
    span = _from(noise.time_s)
    return Observation("noise", (channel.name,), severity, text, noise.snr_db, "dB", span, advice=advice)


def _duplicate(finding: PairFinding, louder: str, softer: ChannelMix) -> Observation:
    late = "" if abs(finding.lag_ms) < 0.05 else f", {abs(finding.lag_ms):.1f} ms apart"
    span = Span(finding.start_s, finding.end_s)
    text = (
        f"{softer.name} is the same recording as {louder} ({span.text}; correlation {finding.correlation:.2f}{late}): "
        f"{'together they only get louder' if not late else 'together they sound like a comb'}."
    )
    return Observation(
        "duplicate",
        (louder, softer.name),
        0.7,
        text,
        finding.correlation,
        "",
        span,
        remedy=changes(softer, fader_db=BY_NAME["fader_db"].low),
        advice=f"Leave {softer.name} out, unless it was doubled on purpose.",
    )


def _polarity(finding: PairFinding, louder: ChannelMix, softer: ChannelMix) -> Observation:
    what = (
        f"{softer.name} is {louder.name} upside down: together they cancel"
        if finding.is_copy
        else f"{softer.name} and {louder.name} work against each other below {frequency_text(LOW_BAND_HZ[1])}"
    )
    span = Span(finding.start_s, finding.end_s)
    where = "" if finding.is_copy else ", most"
    text = f"{what} (correlation {finding.correlation:.2f}, {abs(finding.lag_ms):.1f} ms apart{where} at {span.text})."
    is_cured = louder.settings["polarity_inverted"] != softer.settings["polarity_inverted"]
    if is_cured:
        text += " The proposal already turns one of them over."
    return Observation(
        "polarity",
        (louder.name, softer.name),
        -finding.correlation * (_CURED if is_cured else 1.0),
        text,
        finding.correlation,
        "",
        span,
        None if finding.is_copy else LOW_BAND_HZ,
        () if is_cured else invert(softer),
        "" if not finding.is_copy else f"See whether {softer.name} is there on purpose at all.",
    )


def _taken_away(channel: ChannelMix) -> str:
    return f"The proposal's high-pass at {frequency_text(channel.settings['highpass_hz'])} takes it away."


def _times_text(times_s: tuple[float, ...]) -> str:
    texts = list(dict.fromkeys(time_text(time_s) for time_s in times_s))
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _from(start_s: float) -> Span:
    return Span(math.floor(start_s), math.floor(start_s) + _PROBLEM_S)


def _between(value: float, small: float, bad: float) -> float:
    """0.2 at ``small``, 1 at ``bad``, kept inside."""
    return 0.2 + 0.8 * min(1.0, max(0.0, (value - small) / (bad - small)))
