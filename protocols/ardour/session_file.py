"""Ardour's session files: what each track plays, and how its strip stands.

Written against Ardour 7.3; files of Ardour 6 and later are read (7 and 8 differ in nothing that is read here). The
audio is that of the active playlists. What Ardour makes of it is in :mod:`protocols.ardour.session_regions` and
:mod:`protocols.ardour.session_curves`; automation, plug-ins and buses are not rendered.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from assistant.audio.formats import printable
from assistant.mix import BusSettings, ChannelSettings, MasterSettings
from assistant.params import BY_NAME
from assistant.plugins import REVERB, REVERB_BUS_NAME, STRIP_MONO, STRIP_STEREO, Plugin
from protocols.ardour.session_regions import Material, RegionError, is_yes, number, read_clips, read_material
from protocols.ardour.session_time import read_times
from protocols.arrangement import ArrangedTrack, Arrangement
from protocols.plain_xml import read_plain_xml
from protocols.stems import SessionError, check_session_rate

OLDEST_VERSION = 6000
_MIDI_ADVICE = (
    "is a MIDI track, whose instrument is not played here; in Ardour record its output to an audio track, "
    "or export it with Session > Export > Stem Export and add the file as a track"
)


def read_ardour_session(path: Path) -> Arrangement:
    """The tracks of the Ardour session in the ``.ardour`` file ``path``, in the mixer's order.

    Tracks whose audio cannot be had say why. Raises :class:`SessionError` for a file that is no Ardour session, or that
    a version before 6 saved.
    """
    file = Path(path)
    session = read_plain_xml(file, "Session")
    try:
        return _arrangement(session, file)
    except (ValueError, OverflowError) as error:
        raise SessionError(f"{printable(file)}: cannot be understood ({error}); was it edited by hand?") from error


def _arrangement(session: Element, file: Path) -> Arrangement:
    version = int(session.get("version", "0"))
    if version < OLDEST_VERSION:
        raise SessionError(f"{printable(file)}: saved by an Ardour before 6; open it in a newer one and save it there")
    rate = check_session_rate(int(session.get("sample-rate", "0")))
    times = read_times(session, rate)
    material = read_material(session, file, times)
    routes = sorted(session.iterfind("Routes/Route"), key=_order)
    playlists = {p.get("id", ""): p for p in session.iterfind("Playlists/Playlist")}
    bus = _reverb_bus(routes)
    tracks = tuple(_track(route, playlists, material, bus) for route in routes if _is_track(route))
    if not tracks:
        raise SessionError(f"{printable(file)}: the session has no tracks")
    return Arrangement(
        name=session.get("name", file.stem),
        file=file,
        sample_rate=rate,
        tracks=tracks,
        reverb=BusSettings() if bus is None else _reverb_settings(bus),
        master=_master_settings(routes),
        tempo=times.tempo,
        pan_law="ardour",
        notes=(*material.notes, *_route_notes([route for route in routes if _is_track(route)])),
    )


def _order(route: Element) -> int:
    info = route.find("PresentationInfo")
    return int(info.get("order", "0")) if info is not None else 0


def _flags(route: Element) -> list[str]:
    info = route.find("PresentationInfo")
    return info.get("flags", "").split(",") if info is not None else []


def _is_track(route: Element) -> bool:
    return bool(route.get("audio-playlist") or route.get("midi-playlist"))


def _track(route: Element, playlists: Mapping[str, Element], material: Material, bus: Element | None) -> ArrangedTrack:
    name = route.get("name", "")
    channels = min(max(len(route.findall("IO[@direction='Input']/Port[@type='audio']")), 1), 2)
    is_muted = _control(route, "mute") == 1.0 or not is_yes(route.get("active", "1"))
    settings = _channel_settings(route, bus)
    playlist = playlists.get(route.get("audio-playlist", ""))
    if playlist is None:
        midi = playlists.get(route.get("midi-playlist", ""))
        has_notes = midi is not None and midi.find("Region") is not None
        return ArrangedTrack(name, 2, (), settings, is_muted, _MIDI_ADVICE if has_notes else "")
    try:
        return ArrangedTrack(name, channels, read_clips(playlist, material), settings, is_muted)
    except RegionError as error:
        return ArrangedTrack(name, channels, (), settings, is_muted, str(error))


def _channel_settings(route: Element, bus: Element | None) -> ChannelSettings:
    """The strip as far as the console knows it: our plug-in's values, and what is Ardour's own."""
    values = {**_plugin_values(route, STRIP_MONO), **_plugin_values(route, STRIP_STEREO)}
    values["fader_db"] = _gain_db(route, "amp", "gaincontrol")
    values["trim_db"] = values.get("trim_db", 0.0) + _gain_db(route, "trim", "trimcontrol")
    inverted = _phase_bits(route)
    if inverted and set(inverted) == {"1"}:
        values["polarity_inverted"] = 1.0 - values.get("polarity_inverted", 0.0)
    values["pan"] = 2.0 * _control(route, "Pannable/pan-azimuth", 0.5) - 1.0
    send = None if bus is None else _send_to(route, bus.get("id", ""))
    if send is not None:
        values["send_db"] = _decibels(_control(send, "gaincontrol", 1.0))
    return ChannelSettings({name: BY_NAME[name].clamp(value) for name, value in values.items()})


def _reverb_settings(bus: Element) -> BusSettings:
    values = {**_plugin_values(bus, REVERB), "reverb_return_db": _gain_db(bus, "amp", "gaincontrol")}
    return BusSettings({name: BY_NAME[name].clamp(value) for name, value in values.items()})


def _master_settings(routes: Iterable[Element]) -> MasterSettings:
    for route in routes:
        if "MasterOut" in _flags(route):
            gain_db = _gain_db(route, "amp", "gaincontrol")
            return MasterSettings(master_gain_db=BY_NAME["master_gain_db"].clamp(gain_db))
    return MasterSettings()


def _reverb_bus(routes: Iterable[Element]) -> Element | None:
    """The bus that holds our reverb, or is called as ours."""
    buses = [route for route in routes if not _is_track(route) and "MasterOut" not in _flags(route)]
    ours = (bus for bus in buses if _plugin(bus, REVERB) is not None)
    return next(ours, next((bus for bus in buses if bus.get("name") == REVERB_BUS_NAME), None))


def _processors(route: Element, kind: str) -> Iterator[Element]:
    return (found for found in route.iterfind("Processor") if found.get("type") == kind)


def _plugin(route: Element, plugin: Plugin) -> Element | None:
    """Our plug-in on ``route``, unless it is switched off."""
    for processor in _processors(route, "lv2"):
        if processor.get("unique-id") == plugin.uri and is_yes(processor.get("active", "1")):
            return processor
    return None


def _plugin_values(route: Element, plugin: Plugin) -> dict[str, float]:
    found, names = _plugin(route, plugin), {param.name for param in plugin.params}
    ports = found.iterfind("lv2/Port") if found is not None else ()
    return {port.get("symbol", ""): number(port.get("value", "0")) for port in ports if port.get("symbol", "") in names}


def _send_to(route: Element, target: str) -> Element | None:
    sends = (s for s in _processors(route, "intsend") if s.get("role") == "Aux" and s.get("target") == target)
    return next((send for send in sends if is_yes(send.get("active", "1"))), None)


def _gain_db(route: Element, kind: str, control: str) -> float:
    for processor in _processors(route, kind):
        return _decibels(_control(processor, control, 1.0))
    return 0.0


def _decibels(gain: float) -> float:
    return 20.0 * math.log10(gain) if gain > 1e-7 else -200.0


def _control(element: Element, path: str, default: float = 0.0) -> float:
    """The value of the ``<Controllable>`` that is named by the end of ``path``."""
    above, _, name = path.rpartition("/")
    for control in element.iterfind(f"{above}/Controllable" if above else "Controllable"):
        if control.get("name") == name:
            return number(control.get("value", str(default)))
    return default


def _phase_bits(route: Element) -> str:
    """A digit per channel, 1 where its polarity is inverted."""
    found = (c.get("phase-invert", "") for c in route.iterfind("Controllable") if c.get("name") == "phase")
    return next(found, "")


def _route_notes(tracks: list[Element]) -> Iterator[str]:
    """What else the user is to know of the ``tracks``."""
    wide = [t for t in tracks if len(t.findall("IO[@direction='Input']/Port[@type='audio']")) > 2]
    soloed = [t for t in tracks if _control(t, "solo") == 1.0]
    moving = [t for t in tracks if any(_is_moving(a) for a in t.iter("AutomationList"))]
    if wide:
        yield f"more than two channels, of which the first two are taken: {_names(wide)}"
    if soloed:
        yield f"soloed in Ardour, which is not minded here: {_names(soloed)}"
    if moving:
        yield f"automation is not played, controls stand as they were last: {_names(moving)}"


def _is_moving(automation: Element) -> bool:
    return automation.get("state") in ("Play", "Touch", "Latch") and bool((automation.findtext("events") or "").strip())


def _names(routes: Iterable[Element]) -> str:
    return ", ".join(printable(route.get("name", "")) for route in routes)
