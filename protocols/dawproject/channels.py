"""What a project's channels say of the console: faders, pans and the send to the reverb, with the devices' settings.

Both readers and writers ask here, so that what is written is what is read.
"""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

from assistant.audio.formats import printable
from assistant.params import BY_NAME
from protocols.dawproject.devices import Taken, taken_master, taken_strip
from protocols.dawproject.structure import Strip, Structure
from protocols.dawproject.units import LEVEL_DB, flag, pan_scale, value_of


def taken_channel(structure: Structure, strip: Strip) -> Taken:
    """The console's settings of ``strip``; its fader is what is heard, with those of its groups."""
    taken = taken_strip(strip.channel)
    if strip.channel is None:
        return taken
    group_db = structure.group_db(strip)
    volume_db = value_of(strip.channel.find("Volume"), LEVEL_DB)
    if volume_db == -math.inf:
        taken.take("fader_db", BY_NAME["fader_db"].low)
    elif volume_db is not None or group_db:
        taken.take("fader_db", (volume_db or 0.0) + group_db)
    pan = strip.channel.find("Pan")
    taken.take("pan", None if pan is None else value_of(pan, pan_scale(pan)))
    for send in strip.channel.findall("Sends/Send"):
        level_db = value_of(send.find("Volume"), LEVEL_DB)
        # The console's send follows its fader, of which the groups' are part.
        send_db = -math.inf if level_db is None else level_db - group_db
        if send_db <= BY_NAME["send_db"].low or not flag(send.find("Enable"), True):
            continue
        if is_reverb_send(structure, send):
            taken.take("send_db", send_db)
        else:
            taken.left_out.append(f"the {send.get('type', 'post')}-fader send to {_target_name(structure, send)}")
    return taken


def taken_return(structure: Structure) -> Taken:
    """The console's reverb in the return that was taken for it."""
    taken = Taken()
    reverb = structure.reverb
    level_db = None if reverb is None or reverb.channel is None else value_of(reverb.channel.find("Volume"), LEVEL_DB)
    if level_db is not None:
        taken.take("reverb_return_db", max(level_db, BY_NAME["reverb_return_db"].low))
    return taken


def taken_master_channel(structure: Structure) -> Taken:
    """The console's master in the project's."""
    return taken_master(structure.master, master_volume_db(structure.master))


def master_volume_db(master: Element | None) -> float:
    """Where the fader of ``master`` stands, in dB; 0 where it says nothing, or is down."""
    volume_db = None if master is None else value_of(master.find("Volume"), LEVEL_DB)
    return volume_db if volume_db is not None and math.isfinite(volume_db) else 0.0


def is_reverb_send(structure: Structure, send: Element) -> bool:
    """Whether ``send`` is the console's: after the fader, to the reverb."""
    target = structure.reverb_id
    return bool(target) and send.get("destination") == target and send.get("type", "post") == "post"


def _target_name(structure: Structure, send: Element) -> str:
    target = structure.channels.get(send.get("destination", ""))
    return next((printable(s.name) for s in structure.returns if s.channel is target), "elsewhere")
