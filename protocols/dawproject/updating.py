"""Writes a mix back into the ``.dawproject`` it came from, as a new file: levels, pans, sends and the devices that the
console reads are changed where they differ, everything else is left as it was."""

from __future__ import annotations

import math
from itertools import count
from os import PathLike
from pathlib import Path
from xml.etree.ElementTree import Element

from assistant.audio.formats import printable
from assistant.mix import ChannelSettings, Mix
from assistant.params import BY_NAME
from protocols.dawproject.channels import is_reverb_send, master_volume_db, taken_channel, taken_return
from protocols.dawproject.document import project_xml, read_project_xml
from protocols.dawproject.package import PROJECT_FILE, open_package, refused
from protocols.dawproject.packing import write_package
from protocols.dawproject.saying import unsaid
from protocols.dawproject.strips import (
    CHANNEL_ORDER,
    insert_in_order,
    is_same,
    now_standing,
    set_level,
    set_master,
    set_strip,
)
from protocols.dawproject.structure import Strip, Structure, structure_of
from protocols.dawproject.units import pan_scale, set_value
from protocols.dawproject.writing import add_reverb_bus, add_send, audible_db
from protocols.stems import NAMES_SHOWN


def update_dawproject(original: str | PathLike[str], path: str | PathLike[str], mix: Mix) -> tuple[str, ...]:
    """Write the project ``original`` with the settings of ``mix`` as ``path``; notes on what it cannot say.

    Tracks of the project that are not in ``mix`` stay as they are. A project that already says ``mix`` is not changed.
    Raises :class:`~protocols.stems.SessionError` for a project that cannot be read, a channel that is none of its
    tracks, and a file that cannot be written, such as ``original`` itself.
    """
    source, target = Path(original), Path(path)
    with open_package(source) as package:
        root = read_project_xml(package)
        structure = structure_of(root)
        unknown = [printable(c.name) for c in mix.channels if c.name not in structure.tracks]
        if unknown:
            raise refused(source, f"has no tracks called {', '.join(unknown[:NAMES_SHOWN])}; is the mix another's?")
        _Update(root, structure, mix).make()
        with write_package(target, source.stat().st_size, [source]) as packing:
            for name in package.members:
                if name == PROJECT_FILE:
                    packing.add(name, project_xml(root))
                else:
                    packing.copy(package, name)
    reverb = structure_of(root).reverb
    notes = unsaid(mix, "constant_power", "" if reverb is None else reverb.name)
    has_master = structure.master is not None
    return notes if has_master else (*notes, "the project has no master channel: its limiter was not written")


class _Update:
    """One project being changed."""

    def __init__(self, root: Element, structure: Structure, mix: Mix) -> None:
        self.root, self.structure, self.mix = root, structure, mix

    def make(self) -> None:
        """Change what is not as the mix has it."""
        if any(self._is_sending(channel.settings) for channel in self.mix.channels):
            self._ensure_reverb()
        for channel in self.mix.channels:
            strip = self.structure.tracks[channel.name]
            held = strip.channel
            settled = self._new_channel() if held is None else held
            self._set_channel(strip, settled, channel.settings)
            if held is None and len(settled):
                strip.track.insert(0, settled)
        self._set_return()
        if self.structure.master is not None:
            set_master(self.structure.master, self.mix.master, master_volume_db(self.structure.master))

    def _set_return(self) -> None:
        reverb, row = self.structure.reverb, BY_NAME["reverb_return_db"]
        now_db = taken_return(self.structure).values.get(row.name, row.default)
        wanted_db = self.mix.reverb[row.name]
        if reverb is not None and reverb.channel is not None and not is_same(now_db, wanted_db):
            set_level(reverb.channel, "Volume", CHANNEL_ORDER, audible_db(wanted_db, row))

    def _set_channel(self, strip: Strip, channel: Element, settings: ChannelSettings) -> None:
        now = now_standing(taken_channel(self.structure, strip).values, settings)
        group_db = self.structure.group_db(strip)
        if not is_same(now["fader_db"], settings["fader_db"]):
            set_level(channel, "Volume", CHANNEL_ORDER, settings["fader_db"] - group_db)
        if not is_same(now["pan"], settings["pan"]):
            _set_pan(channel, settings["pan"])
        if not is_same(now["send_db"], settings["send_db"]):
            self._set_send(channel, audible_db(settings["send_db"], BY_NAME["send_db"]) + group_db)
        set_strip(channel, settings)

    def _set_send(self, channel: Element, level_db: float) -> None:
        for send in channel.findall("Sends/Send"):
            if is_reverb_send(self.structure, send):
                set_level(send, "Volume", ("Enable", "Pan", "Volume"), level_db)
                enable = send.find("Enable")
                if enable is not None and level_db > -math.inf:
                    enable.set("value", "true")
                return
        add_send(channel, self.structure.reverb_id, level_db)

    def _is_sending(self, settings: ChannelSettings) -> bool:
        return settings["send_db"] > BY_NAME["send_db"].low

    def _new_channel(self) -> Element:
        channel = Element("Channel", role="regular")
        if self.structure.master is not None and self.structure.master.get("id"):
            channel.set("destination", self.structure.master.get("id", ""))
        return channel

    def _ensure_reverb(self) -> None:
        """See to it that there is a return for the sends, with an id to be named by."""
        reverb = self.structure.reverb
        if reverb is not None and reverb.channel is not None:
            if not reverb.channel.get("id"):
                reverb.channel.set("id", self._free_id("mixassist-reverb-channel"))
            return
        container = self.root.find("Structure")
        if container is None:
            return
        track_id, channel_id = self._free_id("mixassist-reverb"), self._free_id("mixassist-reverb-channel")
        master_id = "" if self.structure.master is None else self.structure.master.get("id", "")
        add_reverb_bus(container, self.mix, track_id, channel_id, master_id)
        self.structure = structure_of(self.root)

    def _free_id(self, wanted: str) -> str:
        taken = {element.get("id") for element in self.root.iter()}
        names = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
        return next(name for name in names if name not in taken)


def _set_pan(channel: Element, pan: float) -> None:
    element = channel.find("Pan")
    if element is None:
        element = Element("Pan", max="1.0", min="0.0", unit="normalized")
        insert_in_order(channel, element, CHANNEL_ORDER)
    set_value(element, pan_scale(element), pan)
