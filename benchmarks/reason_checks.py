"""A second opinion on reasons: every track rendered whole, by other code than the bench's, and measured otherwise.

Strips are rendered from the track's first sample to its last (``render.strips``) instead of passage by passage; bands
are sums of one FFT instead of third octaves of overlapping frames.

Contents: :class:`SecondOpinion`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.signal import sosfilt

from assistant.analysis.facts import Span, Verification
from assistant.analysis.loudness import k_weighting
from assistant.analysis.sections import SECTION_BY_NAME, with_section
from assistant.insight.effects import LEAST_FILTER_DB
from assistant.insight.regions import filter_region
from assistant.insight.values import Reason
from assistant.mix import ChannelSettings, Mix, Session
from assistant.tasks import Load
from render.mixdown import render_reverb
from render.strips import StripRenderer

#: How far the two opinions may differ, in dB: a third octave against an FFT's bins cut at the same edges.
FILTER_DB, LEVEL_DB, BALANCE_DB, SIDE, REVERB_DB = 1.0, 0.3, 0.3, 0.02, 1.5


@dataclass
class SecondOpinion:
    """Checks reasons of one verification of ``session``; ``load`` brings its tracks."""

    session: Session
    load: Load
    verification: Verification
    _renderers: dict[str, StripRenderer] = field(default_factory=dict)
    _outputs: dict[tuple[str, ChannelSettings], np.ndarray] = field(default_factory=dict)

    def contradictions(self, reason: Reason) -> list[str]:
        """What is not so as ``reason`` says: its track, its passage, the sign and the size of its effect."""
        effect, spans = reason.effect, self.verification.spans
        found = []
        if effect.span is not None and effect.span not in spans:
            found.append(f"{effect.span.text} is no passage that was looked at")
        if any(change.track != reason.track for change in reason.changes):
            found.append("changes of another track")
        section = SECTION_BY_NAME[reason.section]
        if any(change.param not in section.params for change in reason.changes):
            found.append("changes of another section")
        if effect.span is not None and not np.any(self._cut(self._audio(reason.track), effect.span)):
            found.append(f"the track is silent at {effect.span.text}")
        return found + self._disagreement(reason)

    def forget(self) -> None:
        """Drop all renders but those of the whole mixes."""
        mixes = (self.verification.before.mix, self.verification.after.mix)
        kept = {(c.name, c.settings) for mix in mixes for c in mix.channels}
        self._outputs = {key: audio for key, audio in self._outputs.items() if key in kept}

    def _disagreement(self, reason: Reason) -> list[str]:
        values = self._remeasured(reason)
        if values is None:
            return []
        effect, tolerance = reason.effect, _TOLERANCE.get(reason.section, FILTER_DB)
        moved, removed = effect.after - effect.before, values[1] - values[0]
        wrong = []
        if math.isfinite(moved) and math.isfinite(removed):
            if abs(moved - removed) > tolerance + 0.1 * abs(removed):
                wrong.append(f"moves by {moved:+.2f} {effect.unit}, the second opinion is {removed:+.2f}")
            if reason.standing == "shown" and moved * removed < 0.0 and abs(removed) > 0.5 * LEAST_FILTER_DB:
                wrong.append(f"moves the other way: {moved:+.2f} against {removed:+.2f} {effect.unit}")
        return wrong

    def _remeasured(self, reason: Reason) -> tuple[float, float] | None:
        """The effect's two values, measured anew; None for what has no second measurement here."""
        name, mix = reason.track, self.verification.after.mix
        old, new = self.verification.before.mix.channel(name).settings, mix.channel(name).settings
        if reason.section == "level":
            return self._over_rest(name, self.verification.before.mix), self._over_rest(name, mix)
        span = reason.effect.span
        section = SECTION_BY_NAME[reason.section]
        if reason.section == "send":
            return self._reverb_db(name, old), self._reverb_db(name, new)
        if span is None or reason.section == "polarity":
            return None
        pair = [self._cut(self._output(name, s), span) for s in (with_section(new, section, old), new)]
        if reason.section == "pan":
            return _balance_db(pair[0]), _balance_db(pair[1])
        if reason.section == "width":
            return _side_share(pair[0]), _side_share(pair[1])
        is_on = new["highpass_on"] if reason.section == "highpass" else new[f"{reason.section}_gain_db"]
        region = filter_region(section, new if is_on else old)
        rate = self.session.sample_rate
        return _band_db(pair[0], rate, region.low_hz, region.high_hz), _band_db(
            pair[1], rate, region.low_hz, region.high_hz
        )

    def _over_rest(self, name: str, mix: Mix) -> float:
        """K-weighted power of the track over the sum of the others', in the 10 ms in which it plays."""
        powers = {
            c.name: np.concatenate([self._steps(c.name, c.settings, s) for s in self.verification.spans])
            for c in mix.channels
        }
        own, rest = powers[name], sum(p for other, p in powers.items() if other != name)
        plays = own > own[own > own.max() * 1e-5].mean() * 0.1
        return 10.0 * math.log10(float(own[plays].sum()) / float(np.sum(np.asarray(rest)[plays])))

    def _steps(self, name: str, settings: ChannelSettings, span: Span) -> np.ndarray:
        rate = self.session.sample_rate
        piece = sosfilt(k_weighting(rate), self._cut(self._output(name, settings), span).astype(np.float64), axis=1)
        step = rate // 100
        whole = piece.shape[1] // step * step
        return np.square(piece[:, :whole]).reshape(2, -1, step).mean(axis=2).sum(axis=0)

    def _reverb_db(self, name: str, settings: ChannelSettings) -> float:
        """Power of the track's reverb over its own, over the whole track and the tail."""
        if settings["send_db"] <= -60.0:
            return -math.inf
        output = self._output(name, settings)
        send = np.pad(
            output * np.float32(10.0 ** (settings["send_db"] / 20.0)), ((0, 0), (0, 4 * self.session.sample_rate))
        )
        wet = render_reverb(send, self.verification.after.mix.reverb, self.session.sample_rate)
        return 10.0 * math.log10(_power(wet) / _power(output))

    def _audio(self, name: str) -> np.ndarray:
        return self.load(self.session.track(name), self.session.sample_rate)

    def _output(self, name: str, settings: ChannelSettings) -> np.ndarray:
        if (name, settings) not in self._outputs:
            renderer = self._renderers.setdefault("", StripRenderer(self.session.sample_rate))
            audio = self._audio(name)
            whole = np.zeros((2, audio.shape[1]), np.float32)
            for segment in renderer.render(audio, settings):
                part = segment.audio[:, : audio.shape[1] - segment.start]
                whole[:, segment.start : segment.start + part.shape[1]] += part
            self._outputs[name, settings] = whole
        return self._outputs[name, settings]

    def _cut(self, audio: np.ndarray, span: Span) -> np.ndarray:
        rate = self.session.sample_rate
        return audio[:, round(span.start_s * rate) : round(span.end_s * rate)]


_TOLERANCE = {"level": LEVEL_DB, "pan": BALANCE_DB, "width": SIDE, "send": REVERB_DB}


def _power(audio: np.ndarray) -> float:
    return float(np.sum(np.square(audio, dtype=np.float64)))


def _balance_db(audio: np.ndarray) -> float:
    left, right = (float(np.sum(np.square(channel, dtype=np.float64))) for channel in audio)
    if not left or not right:
        return 40.0 if right else -40.0
    return max(-40.0, min(40.0, 10.0 * math.log10(right / left)))


def _side_share(audio: np.ndarray) -> float:
    middle, side = audio[0] + audio[1], audio[0] - audio[1]
    return _power(side[None]) / max(_power(side[None]) + _power(middle[None]), 1e-30)


def _band_db(audio: np.ndarray, sample_rate: int, low_hz: float, high_hz: float) -> float:
    """Power between two frequencies, widened to the third octaves whose centres lie between them."""
    centres = 1000.0 * 10.0 ** (np.arange(-16, 14) / 10.0)
    inside = centres[(centres >= low_hz) & (centres <= high_hz)]
    if not inside.size:
        inside = centres[[np.argmin(np.abs(np.log(centres / math.sqrt(low_hz * high_hz))))]]
    frequencies = np.fft.rfftfreq(audio.shape[1], 1.0 / sample_rate)
    chosen = (frequencies >= inside[0] * 10.0**-0.05) & (frequencies < inside[-1] * 10.0**0.05)
    window = np.hanning(audio.shape[1])
    power = float(np.square(np.abs(np.fft.rfft(audio * window, axis=1)[:, chosen])).sum())
    return 10.0 * math.log10(max(power, 1e-30))
