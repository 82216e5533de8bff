"""What a bit more of a section would do, in words, from its sensitivities.

A bit more is a small move of the section's main parameter further in the direction in which it works: a deeper cut, a
lower threshold, further to the side. Told are one figure of the track and one of the mix: those that move most, but of
a filter at either end of the spectrum the figure of that end.

Contents: :func:`sensitivity_sentence`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from assistant.analysis.sections import SECTION_BY_NAME, does_something
from assistant.analysis.sensitivities import (
    BRIGHT_HZ,
    LOW_HZ,
    MIX_QUANTITIES,
    QUANTITIES,
    TRACK_QUANTITIES,
    Sensitivities,
    small_step,
)
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, EQ_BANDS

#: Below this, in LU or dB, nothing is said.
LEAST_CHANGE = 0.05
#: The main parameter of each section that has one.
MAIN_PARAMS: dict[str, str] = {
    "level": "fader_db",
    "highpass": "highpass_hz",
    **{prefix: f"{prefix}_gain_db" for prefix, _ in EQ_BANDS},
    "compressor": "comp_threshold_db",
    "width": "width",
    "pan": "pan",
    "send": "send_db",
}
#: A move upwards and one downwards.
_MOVES: dict[str, tuple[str, str]] = {
    "level": ("one dB more of it", ""),
    "highpass": ("a cutoff a third of an octave higher", ""),
    **{prefix: ("one dB more boost", "one dB more cut") for prefix, _ in EQ_BANDS},
    "compressor": ("", "a threshold one dB lower"),
    "width": ("0.1 more width", "0.1 less width"),
    "pan": ("10% further right", "10% further left"),
    "send": ("one dB more of it", ""),
}
#: What a rising figure is, and a falling one.
_CHANGES: dict[str, tuple[str, str]] = {
    "loudness": ("makes the track {} louder", "makes the track {} quieter"),
    "brightness": ("makes the track {} brighter", "makes the track {} duller"),
    "low_end": ("makes the track {} fuller", "makes the track {} thinner"),
    "balance": ("moves the track {} to the right", "moves the track {} to the left"),
    "lead": ("brings the lead {} forward", "pushes the lead {} back"),
    "masking": ("leaves the lead {} more covered", "leaves the lead {} less covered"),
    "tone": (
        "takes the mix {} away from the tone of finished music",
        "brings the mix {} nearer to the tone of finished music",
    ),
    "mix_brightness": ("makes the mix {} brighter", "makes the mix {} duller"),
}
#: A decibel of fader is one of loudness: that need not be said.
_PLAIN: dict[str, str] = {"level": "loudness"}


def sensitivity_sentence(found: Sensitivities, track: str, section: str) -> str:
    """``one dB more cut makes the track 0.4 LU quieter and the mix 0.1 dB brighter``.

    Empty where the section is off, has no room left in its direction or no main parameter, or moves nothing that can be
    heard. Raises ``KeyError`` for an unknown track or section.
    """
    settings = found.settings[track]
    param = MAIN_PARAMS.get(SECTION_BY_NAME[section].name)
    if param is None or not _is_working(section, settings):
        return ""
    sign = _direction(section, settings)
    step = sign * small_step(BY_NAME[param], settings[param])
    if not BY_NAME[param].low <= settings[param] + step <= BY_NAME[param].high:
        return ""
    changes = {name: sign * change for name, change in found.of(track, param).items() if name != _PLAIN.get(section)}
    told = [_foremost(changes, group, _purpose(section, settings)) for group in (TRACK_QUANTITIES, MIX_QUANTITIES)]
    texts = [_change_text(name, changes[name]) for name in told if name]
    return f"{_MOVES[section][0 if sign > 0.0 else 1]} {_joined(texts)}" if texts else ""


def _is_working(section: str, settings: ChannelSettings) -> bool:
    return section == "level" or does_something(SECTION_BY_NAME[section], settings)


def _direction(section: str, settings: ChannelSettings) -> float:
    """+1 where more of the section is a higher value, else -1."""
    if section == "compressor":
        return -1.0
    value = settings[MAIN_PARAMS[section]]
    neutral = {"width": 1.0, "pan": 0.0, **{prefix: 0.0 for prefix, _ in EQ_BANDS}}
    return -1.0 if value < neutral.get(section, value) else 1.0


def _purpose(section: str, settings: ChannelSettings) -> str:
    """The figure that a filter is for, if it works at one end of the spectrum; else empty."""
    cutoff_hz = settings.get(f"{section}_hz", math.nan)
    return "low_end" if cutoff_hz <= LOW_HZ else "brightness" if cutoff_hz >= BRIGHT_HZ else ""


def _foremost(changes: Mapping[str, float], group: Collection[str], purpose: str) -> str:
    """The figure of ``group`` to tell: ``purpose``, else what moves most; empty where none moves enough."""
    heard = [name for name in group if abs(changes.get(name, 0.0)) >= LEAST_CHANGE]
    return max(heard, key=lambda name: (name == purpose, abs(changes[name])), default="")


def _change_text(name: str, change: float) -> str:
    rising, falling = _CHANGES[name]
    return (rising if change > 0.0 else falling).format(f"{abs(change):.1f} {QUANTITIES[name]}")


def _joined(texts: list[str]) -> str:
    """With one ``makes`` for both."""
    first, *rest = texts
    return " and ".join([first, *(t.removeprefix("makes ") if first.startswith("makes ") else t for t in rest)])
