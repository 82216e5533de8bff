"""What is usually wrong when Ardour is to be talked to, and how to mend each of it.

Greeting sets banks and the port of answers for us (:mod:`protocols.ardour.questions`); what the user's settings say of
them matters only where there is no answer at all.

Contents: :func:`examine`, :func:`settings_findings`, :func:`plugin_findings`, :func:`mixer_findings`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Sequence
from pathlib import Path

from assistant.audio.formats import printable
from assistant.params import BY_NAME
from assistant.plugins import PLUGINS, REVERB, REVERB_BUS_NAME, STRIP_MONO, STRIP_STEREO, Plugin, strip_for
from protocols.ardour.dialect import ARDOUR
from protocols.ardour.native import PLAIN_REVERB, inexpressible
from protocols.ardour.questions import greeting
from protocols.ardour.recent import config_folders, last_session
from protocols.ardour.settings import OscSettings, installed_plugins, read_osc_settings
from protocols.daw import DawTrack, LinkState
from protocols.doctor import Finding
from protocols.errors import ProtocolError
from protocols.fitting import shortened
from protocols.link import Daw
from protocols.transport import Transport

_OSC_SETTINGS = "Edit > Preferences > Control Surfaces"
_INSERT = "Edit > Lua Scripts > mixassist: insert strips"
_INSTALL = "run: mixassist plugins install"
_AGAIN = f"{_INSTALL}, start Ardour again, take the strip off and choose {_INSERT}"
#: Ardour takes the next port when one is taken, up to the twentieth; who runs more than a few Ardours at once?
_PORTS_TRIED = 4
_PROBE_S = 0.4
_STRIP_LABELS = (STRIP_MONO.label, STRIP_STEREO.label)


def examine(daw: Daw, timeout_s: float) -> tuple[Finding, ...]:
    """What is wrong with the set-up of the link ``daw``; empty where all is well. Takes some seconds where Ardour is
    silent."""
    if daw.connect(timeout_s) is LinkState.CONNECTED:
        return *plugin_findings(installed_plugins(lv2_folders())), *mixer_findings(daw.tracks())
    config, session = _settings()
    found = settings_findings(config, session)
    first = (config.port if config else None) or ARDOUR.port
    elsewhere = [port for port in range(first, first + _PORTS_TRIED) if answers_at(port)]
    if elsewhere:
        return (_elsewhere(elsewhere),)
    return found if any(finding.is_fatal for finding in found) else (*found, _SILENT)


def settings_findings(config: OscSettings | None, session: OscSettings | None) -> tuple[Finding, ...]:
    """What the settings, and those of the session opened last, have against a link that is silent; None for what is not
    there or cannot be read."""
    if config is None:
        return (_NEVER_STARTED,)
    found = []
    is_on = config.is_on if session is None or session.is_on is None else session.is_on
    if not is_on:
        found.append(_OFF_IN_SESSION if config.is_on else _OFF)
    if config.port not in (None, ARDOUR.port):
        found.append(_other_port(config.port or 0))
    for settings in (config, session):
        if settings is not None and settings.manual_port is not None:
            found.append(_pinned(settings.manual_port))
        if settings is not None and settings.bank_size:
            found.append(_banked(settings.bank_size))
    return tuple(dict.fromkeys(found))


def plugin_findings(installed: Collection[Plugin]) -> tuple[Finding, ...]:
    """What our plug-ins that are ``installed`` lack."""
    missing = [plugin.label for plugin in PLUGINS if plugin not in installed]
    if not missing:
        return ()
    return (Finding(f"not installed as LV2 plug-ins: {', '.join(missing)}", f"{_INSTALL}, and start Ardour again"),)


def mixer_findings(tracks: Sequence[DawTrack]) -> tuple[Finding, ...]:
    """What the mixer of a session lacks for all of a mix to reach it."""
    audible = [track for track in tracks if track.kind in ("audio", "midi")]
    if not audible:
        return (Finding("the session has no tracks", "open a session that has"),)
    off = [track for track in audible if not track.has_strip and {*_STRIP_LABELS} & {*track.other_plugins}]
    bare = [track for track in audible if not track.has_strip and track not in off]
    strange = [track for track in audible if track.has_strip and _missing(track, strip_for(track.channels))]
    unpanned = [track for track in audible if "pan" not in track.params]
    found = [
        (bare, "no strip of ours", f"in Ardour, choose {_INSERT} ({_INSTALL}, before); until then {_beyond(bare)}"),
        (off, "our strip is switched off", "switch it on in Ardour's mixer; it takes no values until then"),
        (strange, "our strip is of another version, or for another number of channels", _AGAIN),
        (
            unpanned,
            "no panner of the console's kind, so that pan is out of reach",
            "click right on the panner in Ardour's mixer and choose Mono Panner or Stereo Balance; the track needs two "
            "outputs",
        ),
    ]
    listed = [Finding(f"{problem}: {_names(where)}", remedy) for where, problem, remedy in found if where]
    return *listed, *_reverb_findings(tracks, audible)


def answers_at(port: int, host: str = "127.0.0.1") -> bool:
    """Whether an Ardour answers to OSC at ``port``, within half a second."""
    has_answered = threading.Event()
    try:
        transport = Transport(port, host)
    except ProtocolError:
        return False
    try:
        transport.listen(lambda messages: has_answered.set())
        transport.send(greeting())
        return has_answered.wait(_PROBE_S)
    finally:
        transport.close()


def lv2_folders() -> tuple[Path, ...]:
    """Where LV2 hosts of this user look for plug-ins."""
    named = os.environ.get("LV2_PATH")
    texts = named.split(os.pathsep) if named else ["~/.lv2", "/usr/local/lib/lv2", "/usr/lib/lv2"]
    return tuple(Path(text).expanduser() for text in texts if text)


def _settings() -> tuple[OscSettings | None, OscSettings | None]:
    """Those of the latest Ardour that has run here, and of the session that it opened last."""
    folders = config_folders()
    if not folders:
        return None, None
    session = last_session(folders[0])
    return _read(folders[0] / "config"), None if session is None else _read(session)


def _read(file: Path) -> OscSettings | None:
    try:
        return read_osc_settings(file.read_bytes())
    except (OSError, ValueError):
        return None


def _reverb_findings(tracks: Sequence[DawTrack], audible: Sequence[DawTrack]) -> list[Finding]:
    buses = [track for track in tracks if "reverb_return_db" in track.params]
    if not buses:
        return [
            Finding("no reverb bus", f"in Ardour, choose {_INSERT}: it makes the bus “{REVERB_BUS_NAME}” and sends")
        ]
    bus = buses[0]
    found = []
    if any(param.name not in bus.params for param in REVERB.params):
        text = f"our reverb is not at work on the bus {printable(bus.name)}"
        found.append(Finding(text, f"in Ardour, choose {_INSERT}; {PLAIN_REVERB} has but a room size"))
    unsent = [track for track in audible if "send_db" not in track.params]
    if unsent:
        text = f"no send to the reverb that is switched on: {_names(unsent)}"
        found.append(Finding(text, f"in Ardour, choose {_INSERT}, or switch the send on"))
    return found


def _missing(track: DawTrack, plugin: Plugin) -> bool:
    return any(param.name not in track.params for param in plugin.params)


def _beyond(tracks: Sequence[DawTrack]) -> str:
    """What the first of ``tracks`` cannot be told, in words; they are mostly alike."""
    params = tracks[0].params if tracks else frozenset[str]()
    labels = [BY_NAME[name].label for name in inexpressible(params) if not name.startswith("reverb_")]
    return f"left alone: {shortened(labels)}"


def _names(tracks: Sequence[DawTrack]) -> str:
    return shortened([printable(track.name) for track in tracks])


def _elsewhere(ports: Sequence[int]) -> Finding:
    text = ", ".join(map(str, ports))
    return Finding(
        f"Ardour listens at port {text}, not where it was asked; it takes the next when its own is taken",
        f"give --port {ports[0]}, or end the other Ardour and start this one again",
        True,
    )


def _other_port(port: int) -> Finding:
    return Finding(f"Ardour is set to listen at port {port}", f"give --port {port}")


def _pinned(port: int) -> Finding:
    return Finding(
        f"Ardour sends all answers to port {port} (Port Mode: Manual)",
        f"{_OSC_SETTINGS} > Open Sound Control (OSC) > Show Protocol Settings: set Port Mode to Auto",
    )


def _banked(size: int) -> Finding:
    return Finding(
        f"Ardour shows {size} strips at a time to OSC surfaces",
        f"{_OSC_SETTINGS} > Open Sound Control (OSC) > Show Protocol Settings: set Bank Size to 0",
    )


_NEVER_STARTED = Finding("no Ardour has run on this account", "install Ardour, start it once, and open a session", True)
_OFF = Finding("OSC is off in Ardour", f"{_OSC_SETTINGS}: tick Open Sound Control (OSC)", True)
_OFF_IN_SESSION = Finding(
    "OSC is off in the session that was opened last, which goes before Ardour's own settings",
    f"with that session open, {_OSC_SETTINGS}: tick Open Sound Control (OSC), and save",
    True,
)
_SILENT = Finding(
    "Ardour does not answer",
    "start it and open a session; if both are done, end Ardour and start it again, and see that no firewall is between",
    True,
)
