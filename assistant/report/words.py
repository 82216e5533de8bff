"""Channel settings in an engineer's words: one short text per section of the strip, empty where nothing is done."""

from __future__ import annotations

import math

from assistant.mix import BusSettings, ChannelMix, ChannelSettings
from assistant.params import BY_NAME, EQ_BANDS

_AUDIBLE_GAIN_DB = 0.05


def level_text(settings: ChannelSettings) -> str:
    """Trim and fader together, and the fader alone: ``+3.2 dB (fader -4.0)``."""
    total_db = settings["trim_db"] + settings["fader_db"]
    polarity = " inverted" if settings["polarity_inverted"] else ""
    return f"{total_db:+.1f} dB (fader {settings['fader_db']:+.1f}){polarity}"


def pan_text(settings: ChannelSettings) -> str:
    """Pan in percent, ``C``, ``L35`` or ``R20``, and the width of a stereo track where it is changed."""
    percent = round(settings["pan"] * 100.0)
    place = "C" if percent == 0 else f"{'R' if percent > 0 else 'L'}{abs(percent)}"
    width = settings["width"]
    return place if math.isclose(width, 1.0) else f"{place}, width {width:.2f}"


def equaliser_text(settings: ChannelSettings) -> str:
    """High-pass and the bands that do something: ``HP 95 Hz, +2.0 dB @ 3.4 kHz``."""
    parts = [f"HP {frequency_text(settings['highpass_hz'])}"] if settings["highpass_on"] else []
    for band, shape in EQ_BANDS:
        gain_db = settings[f"{band}_gain_db"]
        if abs(gain_db) >= _AUDIBLE_GAIN_DB:
            reach = {"low_shelf": "below", "peak": "@", "high_shelf": "above"}[shape]
            parts.append(f"{gain_db:+.1f} dB {reach} {frequency_text(settings[f'{band}_hz'])}")
    return ", ".join(parts)


def compressor_text(settings: ChannelSettings) -> str:
    """Ratio, threshold and make-up: ``3.0:1 over -24 dB, make-up +2.5``; empty at 1:1 without make-up."""
    parts = []
    if settings["comp_ratio"] > 1.0:
        parts.append(f"{settings['comp_ratio']:.1f}:1 over {settings['comp_threshold_db']:.0f} dB")
        parts.append(f"{settings['comp_attack_ms']:.3g}/{settings['comp_release_ms']:.0f} ms")
    if settings["comp_makeup_db"] >= _AUDIBLE_GAIN_DB:
        parts.append(f"make-up {settings['comp_makeup_db']:+.1f}")
    return ", ".join(parts)


def send_text(settings: ChannelSettings) -> str:
    """Level of the reverb send; empty where it is off."""
    if settings["send_db"] <= BY_NAME["send_db"].low:
        return ""
    return f"{settings['send_db']:+.1f} dB"


def reverb_text(settings: BusSettings) -> str:
    """The reverb bus in one line."""
    return (
        f"decay {settings['reverb_decay_s']:.1f} s, pre-delay {settings['reverb_predelay_ms']:.0f} ms, "
        f"damping {frequency_text(settings['reverb_damping_hz'])}, "
        f"low cut {frequency_text(settings['reverb_low_cut_hz'])}, return {settings['reverb_return_db']:+.1f} dB"
    )


def role_text(channel: ChannelMix) -> str:
    """The track's role, with a question mark where the engineer was less sure than not."""
    if not channel.role:
        return ""
    return channel.role + ("?" if channel.role_confidence < 0.5 else "")


def frequency_text(frequency_hz: float) -> str:
    """``95 Hz``, ``3.4 kHz``."""
    if frequency_hz < 1_000.0:
        return f"{frequency_hz:.0f} Hz"
    return f"{frequency_hz / 1_000.0:.3g} kHz"


def time_text(seconds: float) -> str:
    """``m:ss``."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


#: The columns of a mix's table: (heading, text of a channel).
COLUMNS = (
    ("Role", role_text),
    ("Level", lambda c: level_text(c.settings)),
    ("Pan", lambda c: pan_text(c.settings)),
    ("EQ", lambda c: equaliser_text(c.settings)),
    ("Compressor", lambda c: compressor_text(c.settings)),
    ("Reverb", lambda c: send_text(c.settings)),
)
