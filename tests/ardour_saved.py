"""What a session file of Ardour's holds of the console, read without mixassist's own readers."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree

from assistant.plugins import PLUGINS


def saved_values(text: str) -> dict[tuple[str, str], float]:
    """What the ports of our plug-ins hold, by strip and symbol, and faders, pans and sends, in a session's ``text``."""
    found = {}
    for route in ElementTree.fromstring(text).iter("Route"):
        name = str(route.get("name"))
        of_type = {str(p.get("unique-id") or p.get("type")): p for p in route.findall("Processor")}
        for plugin in PLUGINS:
            ports = of_type[plugin.uri].iter("Port") if plugin.uri in of_type else ()
            found |= {(name, str(port.get("symbol"))): float(str(port.get("value"))) for port in ports}
        found[name, "fader_db"] = _db(of_type["amp"])
        if "intsend" in of_type:
            found[name, "send_db"] = _db(of_type["intsend"])
        pannable = route.find("Pannable")
        if pannable is not None:
            found[name, "pan"] = 2.0 * _control(pannable, "pan-azimuth") - 1.0
    return found


def _db(processor: ElementTree.Element) -> float:
    gain = _control(processor, "gaincontrol")
    return 20.0 * math.log10(gain) if gain > 0.0 else -math.inf


def _control(of: ElementTree.Element, name: str) -> float:
    return next(float(str(c.get("value"))) for c in of.findall("Controllable") if c.get("name") == name)
