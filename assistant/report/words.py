"""Channel settings in an engineer's words: one short text per section of the strip, empty where nothing is done.

Contents: :func:`value_text`, a text per section, and :data:`COLUMNS`, the table of a mix.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from assistant.mix import BusSettings, ChannelMix, ChannelSettings
from assistant.params import BY_NAME, EQ_BANDS, Param
from assistant.wording import frequency_text, gain_text

_AUDIBLE_GAIN_DB = 0.05


@dataclass(frozen=True)
class TextColumn:
    """A column of a mix's table: its heading, the text of a channel, and whether that is a number."""

    heading: str
    text: Callable[[ChannelMix], str]
    is_number: bool = False


def value_text(param: Param, value: float) -> str:
    """A parameter's value in words: ``-3.1 dB``, ``95 Hz``, ``L35``, ``2.5:1``, ``off``."""
    if param.name == "polarity_inverted":
        return "inverted" if value else "as recorded"
    if param.curve == "toggle":
        return "on" if value else "off"
    if param.unit == "dB" and param.section == "compressor":
        return f"{value:.1f} dB"
    if param.unit == "dB":
        return "off" if param.off_at_low and value <= param.low else f"{gain_text(value)} dB"
    if param.unit == "Hz":
        return frequency_text(value)
    if param.name == "pan":
        return pan_text(ChannelSettings(pan=value))
    return f"{value:.3g}:1" if param.name == "comp_ratio" else f"{value:.3g} {param.unit}".rstrip()


def trim_text(settings: ChannelSettings) -> str:
    """The input trim in dB, and a turned polarity: ``+3.2, inverted``."""
    return gain_text(settings["trim_db"]) + (", inverted" if settings["polarity_inverted"] else "")


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
            parts.append(f"{gain_text(gain_db)} dB {reach} {frequency_text(settings[f'{band}_hz'])}")
    return ", ".join(parts)


def compressor_text(settings: ChannelSettings) -> str:
    """Ratio, threshold, attack/release and make-up: ``3:1 over -24 dB, 8/130 ms, make-up 2.5 dB``; empty at 1:1."""
    parts = []
    if settings["comp_ratio"] > 1.0:
        parts.append(f"{settings['comp_ratio']:.3g}:1 over {settings['comp_threshold_db'] + 0.0:.0f} dB")
        parts.append(f"{settings['comp_attack_ms']:.3g}/{settings['comp_release_ms']:.0f} ms")
    if settings["comp_makeup_db"] >= _AUDIBLE_GAIN_DB:
        parts.append(f"make-up {settings['comp_makeup_db']:.1f} dB")
    return ", ".join(parts)


def send_text(settings: ChannelSettings) -> str:
    """Level of the reverb send in dB; empty where it is off."""
    if settings["send_db"] <= BY_NAME["send_db"].low:
        return ""
    return gain_text(settings["send_db"])


def reverb_text(settings: BusSettings) -> str:
    """The reverb bus in one line."""
    return (
        f"decay {settings['reverb_decay_s']:.1f} s, pre-delay {settings['reverb_predelay_ms']:.0f} ms, "
        f"damping {frequency_text(settings['reverb_damping_hz'])}, "
        f"low cut {frequency_text(settings['reverb_low_cut_hz'])}, return {gain_text(settings['reverb_return_db'])} dB"
    )


def role_text(channel: ChannelMix) -> str:
    """The track's role, with a question mark where the engineer was less sure than not."""
    if not channel.role:
        return ""
    return channel.role + ("?" if channel.role_confidence < 0.5 else "")


#: The columns of a mix's table, after the track's name.
COLUMNS: tuple[TextColumn, ...] = (
    TextColumn("Role", role_text),
    TextColumn("Trim dB", lambda c: trim_text(c.settings), is_number=True),
    TextColumn("Fader dB", lambda c: gain_text(c.settings["fader_db"]), is_number=True),
    TextColumn("Pan", lambda c: pan_text(c.settings)),
    TextColumn("EQ", lambda c: equaliser_text(c.settings)),
    TextColumn("Compressor", lambda c: compressor_text(c.settings)),
    TextColumn("Reverb dB", lambda c: send_text(c.settings), is_number=True),
)
