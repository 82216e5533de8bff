"""Makes channels of a project say the settings of a mix: what stands there is changed in place, what is missing added.

A value that a reader would take as it is to be keeps its very digits, and so does everything that the console does not
have.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from assistant.mix import ChannelSettings, MasterSettings
from assistant.params import BUTTERWORTH_Q, BY_NAME
from protocols.dawproject.devices import (
    COMPRESSOR,
    SLOTS,
    band_order,
    band_slots,
    gain_of,
    strip_device,
    taken_master,
    taken_strip,
)
from protocols.dawproject.units import FREQUENCY_HZ, GAIN_DB, LEVEL_DB, TIME_MS, Q, Scale, add_parameter, set_value

#: Children in the order that the schema asks for.
CHANNEL_ORDER = ("Devices", "Mute", "Pan", "Sends", "Volume")
_DEVICE_ORDER = ("Parameters", "Enabled", "State")
_EQUALISER_ORDER = (*_DEVICE_ORDER, "Band", "InputGain", "OutputGain")
_COMPRESSOR_ORDER = (
    *_DEVICE_ORDER,
    "Attack",
    "AutoMakeup",
    "InputGain",
    "OutputGain",
    "Ratio",
    "Release",
    "Threshold",
)
_LIMITER_ORDER = (*_DEVICE_ORDER, "Attack", "InputGain", "OutputGain", "Release", "Threshold")
_BAND_ORDER = ("Freq", "Gain", "Q", "Enabled")
_KINDS = {name: kind for kind, names in SLOTS.items() for name in names}
_SAME_WITHIN = 1e-7


def set_strip(channel: Element, settings: ChannelSettings) -> None:
    """Make the devices of ``channel`` do trim, high-pass, EQ and compressor of ``settings``."""
    now = now_standing(taken_strip(channel).values, settings)
    _set_compressor(channel, settings, now)
    _set_equaliser(channel, settings, now)


def set_master(channel: Element, settings: MasterSettings, volume_db: float) -> None:
    """Make a limiter of ``channel``, the master, whose fader stands at ``volume_db``, do ``settings``."""
    limiter = strip_device(channel, "Limiter")
    if limiter is None:
        limiter = _new_device(channel, "Limiter")
    output_db = gain_of(limiter, "OutputGain") + volume_db
    now = taken_master(channel, volume_db).values
    wanted: tuple[tuple[str, str, float, str, Scale], ...] = (
        ("InputGain", "master_gain_db", settings["master_gain_db"] - output_db, "decibel", GAIN_DB),
        ("Release", "limiter_release_ms", settings["limiter_release_ms"], "seconds", TIME_MS),
        ("Threshold", "limiter_ceiling_dbtp", settings["limiter_ceiling_dbtp"] - output_db, "decibel", GAIN_DB),
    )
    for tag, param, value, unit, scale in wanted:
        if not is_same(now.get(param, math.nan), settings[param]):
            set_child(limiter, tag, _LIMITER_ORDER, unit, scale, value)


def now_standing(taken: Mapping[str, float], settings: ChannelSettings) -> dict[str, float]:
    """What a reader takes each parameter of ``settings`` for."""
    return {name: taken.get(name, BY_NAME[name].default) for name in settings}


def is_same(held: float, value: float) -> bool:
    """Whether two values are one but for rounding."""
    return math.isclose(held, value, rel_tol=1e-9, abs_tol=_SAME_WITHIN)


def set_child(parent: Element, tag: str, order: tuple[str, ...], unit: str, scale: Scale, value: float) -> None:
    """Make the parameter ``tag`` of ``parent`` stand at ``value``; one that is missing is made, in ``unit``."""
    child = parent.find(tag)
    if child is None:
        child = add_parameter(Element("new"), tag, unit, scale, value)
        insert_in_order(parent, child, order)
    else:
        set_value(child, scale, value)


def insert_in_order(parent: Element, child: Element, order: tuple[str, ...]) -> None:
    """Put ``child`` where the schema wants it among the children of ``parent``."""
    later = order[order.index(child.tag) + 1 :]
    for index, other in enumerate(parent):
        if other.tag in later:
            parent.insert(index, child)
            return
    parent.append(child)


def _new_device(channel: Element, tag: str, before: Element | None = None) -> Element:
    """A device of that kind at the end of the chain, or ahead of the device ``before``."""
    devices = channel.find("Devices")
    if devices is None:
        devices = Element("Devices")
        insert_in_order(channel, devices, CHANNEL_ORDER)
    device = Element(tag, deviceName=tag, deviceRole="audioFX", loaded="true", name=f"mixassist {tag}")
    SubElement(device, "Enabled", value="true")
    devices.insert(len(devices) if before is None else list(devices).index(before), device)
    return device


def _set_compressor(channel: Element, settings: ChannelSettings, now: Mapping[str, float]) -> None:
    changed = [row for row in COMPRESSOR.items() if not is_same(now[row[1][0]], settings[row[1][0]])]
    if not changed:
        return
    compressor = strip_device(channel, "Compressor")
    if compressor is None:
        compressor, changed = _new_device(channel, "Compressor"), list(COMPRESSOR.items())
    for tag, (param, unit, scale) in changed:
        set_child(compressor, tag, _COMPRESSOR_ORDER, unit, scale, settings[param])
    automatic = compressor.find("AutoMakeup")
    if automatic is None:
        insert_in_order(compressor, Element("AutoMakeup", value="false"), _COMPRESSOR_ORDER)
    else:
        automatic.set("value", "false")


def _set_equaliser(channel: Element, settings: ChannelSettings, now: Mapping[str, float]) -> None:
    params = ["trim_db", "highpass_on", *(f"{name}{end}" for name in _KINDS for end in _ends(name))]
    if all(is_same(now[param], settings[param]) for param in params):
        return
    compressor = strip_device(channel, "Compressor")
    equaliser = strip_device(channel, "Equalizer")
    is_new = equaliser is None
    if equaliser is None:
        equaliser = _new_device(channel, "Equalizer", compressor)
    slots = band_slots(equaliser)
    # A bell is known by its place among the others, so none is left out before one that is needed.
    last_bell = max((i for i, name in enumerate(SLOTS["bell"]) if _is_at_work(name, settings)), default=-1)
    needed = set(_KINDS) if is_new else {*slots, *SLOTS["bell"][: last_bell + 1]}
    needed |= {name for name in _KINDS if name not in SLOTS["bell"] and _is_at_work(name, settings)}
    for name in _KINDS:
        if name in needed:
            _set_band(equaliser, slots.get(name), name, settings, now)
    if not is_same(now["trim_db"], settings["trim_db"]):
        others_db = gain_of(equaliser, "OutputGain")
        others_db += 0.0 if compressor is None else gain_of(compressor, "InputGain")
        input_db = settings["trim_db"] - others_db
        set_child(equaliser, "InputGain", _EQUALISER_ORDER, "decibel", GAIN_DB, input_db)


def _ends(name: str) -> tuple[str, ...]:
    return ("_hz",) if name == "highpass" else ("_hz", "_gain_db", "_q")


def _is_at_work(name: str, settings: ChannelSettings) -> bool:
    return abs(settings["highpass_on" if name == "highpass" else f"{name}_gain_db"]) > _SAME_WITHIN


def _set_band(
    equaliser: Element, band: Element | None, name: str, settings: ChannelSettings, now: Mapping[str, float]
) -> None:
    is_new = band is None
    if band is None:
        place = max((band_order(other) + 1 for other in equaliser.findall("Band")), default=0)
        band = Element("Band", type=_KINDS[name], order=str(place))
        insert_in_order(equaliser, band, _EQUALISER_ORDER)
    rows: dict[str, tuple[str, str, Scale]] = {
        "Freq": ("_hz", "semitones", FREQUENCY_HZ),
        "Gain": ("_gain_db", "decibel", GAIN_DB),
        "Q": ("_q", "linear", Q),
    }
    for tag, (end, unit, scale) in rows.items():
        if end in _ends(name) and (is_new or not is_same(now[name + end], settings[name + end])):
            set_child(band, tag, _BAND_ORDER, unit, scale, settings[name + end])
    if is_new and name == "highpass":
        set_child(band, "Q", _BAND_ORDER, "linear", Q, BUTTERWORTH_Q)
    _set_enabled(band, is_new, name, settings)


def _set_enabled(band: Element, is_new: bool, name: str, settings: ChannelSettings) -> None:
    """Switch ``band`` on where it is at work; a filter that is not off; a gain of 0 dB needs no switch."""
    enabled = band.find("Enabled")
    is_on = _is_at_work(name, settings)
    if enabled is None and (is_new or not (is_on or name != "highpass")):
        enabled = SubElement(band, "Enabled", value="true")
    if enabled is not None and (is_on or is_new or name == "highpass"):
        enabled.set("value", "true" if is_on or name != "highpass" else "false")


def set_level(parent: Element, tag: str, order: tuple[str, ...], level_db: float) -> None:
    """Make the level ``tag`` of ``parent`` stand at ``level_db``; a new one is linear, as all DAWs write it."""
    set_child(parent, tag, order, "linear", LEVEL_DB, level_db)
