"""Tracks and channels of a project: which are recorded tracks, which groups, returns and the master, and what they
are called and routed to.

What a group's fader does to a track is part of how loud the track is; ``group_db`` says it, so that a mix holds what
is heard and is written back without counting it twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from assistant.audio.formats import printable
from assistant.plugins import REVERB_BUS_NAME
from protocols.dawproject.units import LEVEL_DB, flag, pan_scale, value_of
from protocols.naming import distinct

_REVERB_WORDS = re.compile(r"(?i)reverb|\bverb|verb\b|\b(?:hall|plate|room|chamber)\b")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Strip:
    """A track with its channel, if it has one, and the channels of the groups it sits in, innermost first."""

    name: str
    track: Element
    channel: Element | None
    folders: tuple[Element, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """What the track holds: "audio", "notes" and so on."""
        return frozenset(self.track.get("contentType", "").split())


@dataclass
class Structure:
    """The strips of a project; ``tracks`` by names that differ."""

    tracks: dict[str, Strip] = field(default_factory=dict)
    returns: list[Strip] = field(default_factory=list)
    groups: list[Strip] = field(default_factory=list)
    master: Element | None = None
    channels: dict[str, Element] = field(default_factory=dict)

    @property
    def reverb(self) -> Strip | None:
        """The return that is taken for the reverb: ours, else one called so, else one with a device called so."""
        ours = [strip for strip in self.returns if strip.name == REVERB_BUS_NAME]
        called_so = [strip for strip in self.returns if _REVERB_WORDS.search(strip.name)]
        holding = [strip for strip in self.returns if _REVERB_WORDS.search(_device_names(strip))]
        return next(iter(ours or called_so or holding), None)

    @property
    def reverb_id(self) -> str:
        """The id that a send to the reverb names, "" where there is no reverb."""
        return "" if self.reverb is None or self.reverb.channel is None else self.reverb.channel.get("id", "")

    def groups_of(self, strip: Strip) -> Iterator[Element]:
        """The channels that ``strip`` passes on its way to the master: where its output goes, or its folders."""
        if strip.channel is None:
            return
        seen = {id(strip.channel)}
        folders = list(strip.folders)
        current: Element | None = strip.channel
        while current is not None:
            target = current.get("destination")
            following = self.channels.get(target) if target else (folders.pop(0) if folders else None)
            if following is None or id(following) in seen or self.is_end(following):
                return
            seen.add(id(following))
            yield following
            current = following

    def is_end(self, channel: Element) -> bool:
        """Whether ``channel`` is none of a group: what a track does on its way ends there."""
        tracks = (strip.channel for strip in self.tracks.values())
        return channel.get("role") in ("master", "effect") or any(channel is held for held in tracks)

    def group_db(self, strip: Strip) -> float:
        """Gain of all groups of ``strip``; those at silence count as muted and not here."""
        levels = (value_of(channel.find("Volume"), LEVEL_DB) or 0.0 for channel in self.groups_of(strip))
        return math.fsum(level for level in levels if math.isfinite(level))

    def is_muted(self, strip: Strip) -> bool:
        """Whether ``strip``, or a group it sits in, is muted or at silence."""
        channels = [strip.channel, *self.groups_of(strip)] if strip.channel is not None else []
        return any(
            flag(channel.find("Mute"), False) or value_of(channel.find("Volume"), LEVEL_DB) == -math.inf
            for channel in channels
            if channel is not None
        )


def structure_of(root: Element) -> Structure:
    """The strips of the project ``root``, nested tracks flattened."""
    structure = Structure()
    container = root.find("Structure")
    if container is None:
        return structure
    for channel in container.iter("Channel"):
        structure.channels.setdefault(channel.get("id", ""), channel)
        if channel.get("role") == "master" and structure.master is None:
            structure.master = channel
    _add(structure, container, ())
    return structure


def _add(structure: Structure, parent: Element, folders: tuple[Element, ...]) -> None:
    for track in parent.findall("Track"):
        channel = track.find("Channel")
        is_folder = track.find("Track") is not None
        strip = Strip(track_name(track), track, channel, folders)
        role = "" if channel is None else channel.get("role", "")
        if role == "effect":
            structure.returns.append(strip)
        elif is_folder or role == "submix":
            structure.groups.append(strip)
        elif role not in ("master", "vca") and (channel is not None or strip.kinds & {"audio", "notes"}):
            name = distinct((*structure.tracks, strip.name))[-1]
            structure.tracks[name] = Strip(name, track, channel, folders)
        if is_folder:
            _add(structure, track, folders if channel is None else (channel, *folders))


def _device_names(strip: Strip) -> str:
    devices = [] if strip.channel is None else strip.channel.findall("Devices/*")
    return "\n".join(device.get(key, "") for device in devices for key in ("name", "deviceName"))


def track_name(track: Element) -> str:
    """What ``track`` is called, on one line."""
    name = _CONTROL.sub(" ", track.get("name", ""))
    return name if name.strip() else "unnamed"


def group_notes(structure: Structure) -> list[str]:
    """What groups do to their tracks beside their level, and is not part of any track's settings."""
    notes = []
    for strip in structure.tracks.values():
        target = structure.channels.get("" if strip.channel is None else strip.channel.get("destination", ""))
        into = next((s for s in (*structure.tracks.values(), *structure.returns) if s.channel is target), None)
        if target is not None and into is not None:
            notes.append(f"{printable(strip.name)} plays into {printable(into.name)}; it was taken as on its own")
    for strip in structure.groups:
        channel = strip.channel
        what = [] if channel is None else _doings(channel)
        if what:
            notes.append(f"the group {printable(strip.name)}: its {' and '.join(what)} were not taken")
    return notes


def _doings(channel: Element) -> list[str]:
    doings = []
    if channel.find("Devices/*") is not None:
        doings.append("devices")
    if channel.find("Sends/Send") is not None:
        doings.append("sends")
    pan = channel.find("Pan")
    if pan is not None and value_of(pan, pan_scale(pan)) not in (None, 0.0):
        doings.append("pan")
    return doings
