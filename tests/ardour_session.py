"""Ardour's session files for tests: audio put in, and the Lua that makes a mixer of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import quoteattr

import soundfile

from assistant.arrays import FloatArray
from assistant.plugins import REVERB, REVERB_BUS_NAME, strip_for

#: Ardour's time unit: ticks a second ("superclock").
TICKS = 282_240_000
Inserts = Literal["ours", "native", "none"]


#: A source: name, absolute path or "" inside the session, channel of the file.
Source = tuple[str, str, int]


def placed(folder: Path, name: str, stem: Path | FloatArray, sample_rate: int) -> tuple[list[Source], int]:
    """The sources of a stem, written where it is an array, and its length in samples."""
    if isinstance(stem, Path):
        info = soundfile.info(stem)
        return [(stem.name, str(stem.resolve()), c) for c in range(info.channels)], info.frames
    sides = ("",) if len(stem) == 1 else ("%L", "%R")
    files = [f"{name}{side}.wav" for side in sides]
    for file, channel in zip(files, stem, strict=True):
        soundfile.write(folder / file, channel, sample_rate, "FLOAT")
    return [(file, "", 0) for file in files], stem.shape[1]


def with_audio(skeleton: str, placed: Mapping[str, tuple[list[Source], int]], sample_rate: int) -> str:
    """The session ``skeleton`` with a region for each stem that was ``placed``, none of them on a track yet."""
    number, sources, regions, end = 100_000, "", "", 0
    for name, (files, length) in placed.items():
        channels = ""
        for channel, (file, origin, index) in enumerate(files):
            number += 1
            sources += f'<Source name={quoteattr(origin or file)} type="audio" flags="" id="{number}" '
            sources += f'channel="{index}" origin={quoteattr(origin)} gain="1"/>\n'
            channels += f'source-{channel}="{number}" master-source-{channel}="{number}" '
        number, ticks, end = number + 1, length * TICKS // sample_rate, max(end, length * TICKS // sample_rate)
        regions += f'<Region name={quoteattr(name)} id="{number}" type="audio" whole-file="1" start="a0" '
        regions += f'length="a{ticks}@a0" channels="{len(files)}" {channels}/>\n'
    place = f'<Location id="{number + 1}" name="session" start="a0" end="a{end}" flags="IsSessionRange" locked="0"/>'
    text = skeleton.replace("<Sources/>", f"<Sources>\n{sources}</Sources>", 1)
    text = text.replace("<Regions/>", f"<Regions>\n{regions}</Regions>", 1)
    text = text.replace("<Locations/>", f"<Locations>{place}</Locations>", 1)
    # a session's own settings go before those of the host
    text = re.sub(r"<ControlProtocols>.*?</ControlProtocols>", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r'sample-rate="\d+"', f'sample-rate="{sample_rate}"', text, count=1)
    return re.sub(r'id-counter="\d+"', f'id-counter="{number + 1000}"', text, count=1)


def mixer_lua(channels: Mapping[str, int], inserts: Inserts) -> str:
    """Lua that makes a track of so many ``channels`` for each name, with its region, plug-ins and sends."""
    lines = ["local made = ARDOUR.RouteListPtr()"]
    for name, count in channels.items():
        lines.append(f"do local track = new_track({lua_text(name)}, {count})")
        lines.append(f"place_region(track, {lua_text(name)}, 0) made:push_back(track)")
        uris = {"ours": [strip_for(count).uri], "native": ["urn:ardour:a-eq", "urn:ardour:a-comp"], "none": []}
        lines += [f"add_plugin(track, {lua_text(uri)}, {i})" for i, uri in enumerate(uris[inserts])]
        lines.append("end")
    if inserts != "none":
        reverb = REVERB.uri if inserts == "ours" else "urn:ardour:a-reverb"
        lines.append(f"local bus = new_bus({lua_text(REVERB_BUS_NAME)}) add_plugin(bus, {lua_text(reverb)}, 0)")
        lines.append("Session:add_internal_sends(bus, ARDOUR.Placement.PostFader, made)")
    return "\n".join(lines) + "\n"


def lua_text(text: str) -> str:
    """``text`` as a Lua string."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode())
    return f'"{"".join(plain)}"'
