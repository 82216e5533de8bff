"""The format's built-in devices and the console's strip: which element holds which parameter.

Only what the console has is taken. A channel's first Equalizer and first Compressor are the strip's, its master's first
Limiter the console's. Gains before the compressor add up to the trim, whether the Equalizer's or the Compressor's own:
all of that is linear.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from assistant.audio.formats import printable
from assistant.params import BUTTERWORTH_Q, BY_NAME
from assistant.wording import frequency_text
from protocols.dawproject.units import FREQUENCY_HZ, GAIN_DB, RATIO, TIME_MS, Q, Scale, flag, is_true, value_of

#: The bands of the console's EQ by the format's band types; "highPass" is the strip's filter.
SLOTS: dict[str, tuple[str, ...]] = {
    "highPass": ("highpass",),
    "lowShelf": ("low_shelf",),
    "bell": ("peak1", "peak2", "peak3"),
    "highShelf": ("high_shelf",),
}
#: The Compressor's elements: parameter, unit as written by us, scale; in the schema's order.
COMPRESSOR: dict[str, tuple[str, str, Scale]] = {
    "Attack": ("comp_attack_ms", "seconds", TIME_MS),
    "OutputGain": ("comp_makeup_db", "decibel", GAIN_DB),
    "Ratio": ("comp_ratio", "percent", RATIO),
    "Release": ("comp_release_ms", "seconds", TIME_MS),
    "Threshold": ("comp_threshold_db", "decibel", GAIN_DB),
}
_OTHER_BANDS = {"lowPass": "low-pass", "bandPass": "band-pass", "notch": "notch"}
_PLUGINS = frozenset({"Vst2Plugin", "Vst3Plugin", "ClapPlugin", "AuPlugin", "BuiltinDevice", "Device"})
_SMALLEST_DB = 1e-6


@dataclass
class Taken:
    """Parameters read, by name, and what could not be taken as it stands, in words."""

    values: dict[str, float] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def take(self, param: str, value: float | None) -> None:
        """Note ``value``, brought into the parameter's range."""
        if value is None:
            return
        row = BY_NAME[param]
        self.values[param] = row.clamp(value)
        if not row.low - _SMALLEST_DB <= value <= row.high + _SMALLEST_DB:
            self.left_out.append(f"{row.label} {value:g} {row.unit} became {self.values[param]:g}".replace("  ", " "))


def devices_of(channel: Element | None) -> list[Element]:
    """The devices of ``channel`` that are heard, in order."""
    found = [] if channel is None else channel.findall("Devices/*")
    return [d for d in found if isinstance(d.tag, str) and is_heard(d)]


def is_heard(device: Element) -> bool:
    """Whether ``device`` is neither bypassed nor unloaded."""
    return flag(device.find("Enabled"), True) and is_true(device.get("loaded"), True)


def has_instrument(channel: Element | None) -> bool:
    """Whether an instrument plays on ``channel``."""
    return any(device.get("deviceRole") == "instrument" for device in devices_of(channel))


def strip_device(channel: Element | None, tag: str) -> Element | None:
    """The device of that kind which is the strip's."""
    return next((device for device in devices_of(channel) if device.tag == tag), None)


def band_slots(equaliser: Element) -> dict[str, Element]:
    """The bands that are the console's, by its names for them, in the order that the file gives them.

    Bypassed bands are left alone, but for a filter or shelf that is the only one of its kind.
    """
    bands = sorted(equaliser.findall("Band"), key=band_order)
    slots: dict[str, Element] = {}
    for kind, names in SLOTS.items():
        own = [band for band in bands if band.get("type") == kind]
        heard = [band for band in own if flag(band.find("Enabled"), True)]
        slots |= zip(names, heard or (own[:1] if len(names) == 1 else []), strict=False)
    return slots


def taken_strip(channel: Element | None) -> Taken:
    """The console's settings in the devices of ``channel``."""
    taken = Taken()
    equaliser, compressor = strip_device(channel, "Equalizer"), strip_device(channel, "Compressor")
    trims = []
    if equaliser is not None:
        _take_bands(equaliser, taken)
        trims += [gain_of(equaliser, "InputGain"), gain_of(equaliser, "OutputGain")]
    if compressor is not None:
        trims.append(gain_of(compressor, "InputGain"))
        for tag, (param, _, scale) in COMPRESSOR.items():
            taken.take(param, value_of(compressor.find(tag), scale))
        if flag(compressor.find("AutoMakeup"), False):
            taken.left_out.append("the compressor's automatic make-up gain")
    if trims:
        taken.take("trim_db", math.fsum(trims))
    taken.left_out += _other_devices(channel, equaliser, compressor)
    return taken


def taken_master(channel: Element | None, volume_db: float) -> Taken:
    """The console's master in ``channel``, whose fader stands at ``volume_db``."""
    taken = Taken()
    limiter = strip_device(channel, "Limiter")
    if limiter is None:
        taken.take("master_gain_db", volume_db)
    else:
        output_db = gain_of(limiter, "OutputGain") + volume_db
        taken.take("master_gain_db", gain_of(limiter, "InputGain") + output_db)
        threshold_db = value_of(limiter.find("Threshold"), GAIN_DB)
        taken.take("limiter_ceiling_dbtp", None if threshold_db is None else threshold_db + output_db)
        taken.take("limiter_release_ms", value_of(limiter.find("Release"), TIME_MS))
    taken.left_out += _other_devices(channel, limiter)
    return taken


def gain_of(device: Element, tag: str) -> float:
    """The gain ``tag`` of ``device`` in dB, 0 where it has none."""
    gain_db = value_of(device.find(tag), GAIN_DB)
    return gain_db if gain_db is not None and math.isfinite(gain_db) else 0.0


def band_order(band: Element) -> int:
    """The band's place among the others."""
    order = band.get("order", "0")
    return int(order) if order.isdecimal() and len(order) < 6 else 0


def _take_bands(equaliser: Element, taken: Taken) -> None:
    slots = band_slots(equaliser)
    for name, band in slots.items():
        is_on = flag(band.find("Enabled"), True)
        taken.take(f"{name}_hz", value_of(band.find("Freq"), FREQUENCY_HZ))
        q = value_of(band.find("Q"), Q)
        if name == "highpass":
            taken.values["highpass_on"] = float(is_on)
            if is_on and q is not None and not math.isclose(q, BUTTERWORTH_Q, rel_tol=0.02):
                taken.left_out.append(f"the high-pass's Q {q:g}")
        else:
            taken.take(f"{name}_gain_db", value_of(band.find("Gain"), GAIN_DB) if is_on else 0.0)
            taken.take(f"{name}_q", q)
    mine = {id(band) for band in slots.values()}
    for band in equaliser.findall("Band"):
        if id(band) not in mine and flag(band.find("Enabled"), True):
            taken.left_out.append(_band_text(band))


def _band_text(band: Element) -> str:
    kind = band.get("type", "")
    words = _OTHER_BANDS.get(kind, f"one more {kind}")
    hertz = value_of(band.find("Freq"), FREQUENCY_HZ)
    return f"EQ band {words}" + (f" at {frequency_text(hertz)}" if hertz is not None and hertz < 1e6 else "")


def _other_devices(channel: Element | None, *mine: Element | None) -> Iterator[str]:
    """What else is heard on ``channel``."""
    for device in devices_of(channel):
        if any(device is one for one in mine) or device.get("deviceRole") in ("analyzer", "noteFX", "instrument"):
            continue
        name = device.get("name") or device.get("deviceName") or device.tag
        yield f"the plug-in {printable(name)!r}" if device.tag in _PLUGINS else f"another {device.tag}"
