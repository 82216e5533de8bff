"""What Ardour's files say about its OSC: its own settings, and those of a session, which go before them.

Ardour (7.3) keeps them as ``<Protocol name="Open Sound Control (OSC)" ...>`` under ``<ControlProtocols>``, in
``~/.config/ardour7/config`` and in each session file; the port is an option of the former alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from assistant.plugins import PLUGINS, Plugin
from protocols.plain_xml import parse_plain_xml

_PROTOCOL = "Open Sound Control (OSC)"
_LARGEST_MANIFEST = 1 << 20


@dataclass(frozen=True)
class OscSettings:
    """How OSC is set; None where a file does not say.

    ``manual_port`` is the one that all answers go to, None where they go to where a question came from.
    """

    is_on: bool | None = None
    port: int | None = None
    bank_size: int | None = None
    manual_port: int | None = None


def read_osc_settings(data: bytes) -> OscSettings:
    """What a file of settings, or a session file, says of OSC; raises ``ValueError`` for what is no XML."""
    root = parse_plain_xml(data)
    options = (option for option in root.iterfind("Config/Option") if option.get("name") == "osc-port")
    port = next((_number(option, "value") for option in options), None)
    protocols = root.iterfind("ControlProtocols/Protocol")
    osc = next((protocol for protocol in protocols if protocol.get("name") == _PROTOCOL), None)
    if osc is None:
        return OscSettings(port=port)
    is_on = None if osc.get("active") is None else osc.get("active") in ("1", "yes", "true")
    is_manual = osc.get("address-only") in ("1", "yes", "true")
    return OscSettings(is_on, port, _number(osc, "banksize"), _number(osc, "remote-port") if is_manual else None)


def installed_plugins(folders: Sequence[Path]) -> frozenset[Plugin]:
    """Those of our plug-ins that have a bundle in one of the LV2 ``folders``."""
    manifests = [_text(file) for folder in folders for file in sorted(folder.glob("mixassist*/manifest.ttl"))]
    return frozenset(plugin for plugin in PLUGINS if any(f"<{plugin.uri}>" in text for text in manifests))


def _text(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return opened.read(_LARGEST_MANIFEST)
    except OSError:
        return ""


def _number(element: Element, name: str) -> int | None:
    text = element.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 7 else None
