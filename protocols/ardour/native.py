"""What Ardour's own plug-ins and controls can be told of the console, on strips that have them and not ours.

The sources (Ardour 7.3, ``libs/plugins``) say what is the same: a-EQ's peaks are those of the console (Q as bandwidth
in octaves), a-Compressor is the same detector and curve (its knee in units of 6 dB), Ardour's trim and polarity stand
before all plug-ins. a-EQ stops gliding within 0.05 dB of a gain that it was told. Other plug-ins are no part of this.

Contents: :data:`NATIVE`, :data:`PORTS`, :func:`plugin_labels`, :func:`expressible`, :func:`inexpressible`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from assistant.plugins import REVERB, STRIP_STEREO
from protocols.ardour.dialect import ARDOUR, port_row
from protocols.dialect import VALUE, Row

EQ = "ACE EQ"
COMPRESSOR = "ACE Compressor"
STEREO_COMPRESSOR = "ACE Compressor (stereo)"
PLAIN_REVERB = "ACE Reverb"


@dataclass(frozen=True)
class Port:
    """A parameter as the port ``label`` of the plug-ins named; ``switches`` are ports that must stand as given, or the
    plug-in does something else."""

    plugins: tuple[str, ...]
    label: str
    row: Row
    switches: tuple[tuple[str, float], ...] = ()


def _peak(number: int) -> tuple[Port, ...]:
    rows = (
        ("Frequency", port_row(f"peak{number}_hz")),
        ("Gain", port_row(f"peak{number}_gain_db")),
        ("Bandwidth", port_row(f"peak{number}_q", "octaves")),
    )
    switches = (("Enable", 1.0), (f"Filter {number}", 1.0))
    return tuple(Port((EQ,), f"{label} {number}", row, switches) for label, row in rows)


def _compressor(label: str, row: Row) -> Port:
    return Port((STEREO_COMPRESSOR, COMPRESSOR), label, row, (("Enable", 1.0), ("Sidechain", 0.0)))


PORTS: tuple[Port, ...] = (
    *_peak(1),
    *_peak(2),
    *_peak(3),
    _compressor("Threshold", port_row("comp_threshold_db")),
    _compressor("Ratio", port_row("comp_ratio")),
    _compressor("Attack", port_row("comp_attack_ms", "a-comp attack")),
    _compressor("Release", port_row("comp_release_ms")),
    _compressor("Knee", port_row("comp_knee_db", "a-comp knee")),
    _compressor("Makeup", port_row("comp_makeup_db")),
    Port((PLAIN_REVERB,), "Room Size", port_row("reverb_decay_s", "a-reverb size"), (("Enable", 1.0), ("Blend", 1.0))),
)

#: Controls of Ardour's own strips, told in real units; the answers to questions come through a rough logarithm.
CONTROL_ROWS: tuple[Row, ...] = (
    Row("trim_db", "both", "/strip/trimdB", "if", ("{strip}", VALUE), "ardour trim"),
    Row("trim_db", "receive", "/strip/trimdB/{strip}", "f", (VALUE,), "ardour quick level"),
    Row("polarity_inverted", "send", "/strip/polarity", "ii", ("{strip}", VALUE)),
    Row("polarity_inverted", "receive", "/strip/polarity/{strip}", "i", (VALUE,)),
)
CONTROLS: tuple[str, ...] = tuple(dict.fromkeys(row.param for row in CONTROL_ROWS))

NATIVE = replace(
    ARDOUR,
    name="ardour-native",
    label="Ardour with its own plug-ins",
    rows=(*CONTROL_ROWS, *(port.row for port in PORTS)),
)

#: The labels of ports that must stand as given for others to be what they are taken for.
SWITCHES: frozenset[str] = frozenset(label for port in PORTS for label, _ in port.switches)

_REASONS = {
    "highpass": "a-EQ has no high-pass",
    "low_shelf": "a-EQ's shelves turn at another frequency for every gain",
    "high_shelf": "a-EQ's shelves turn at another frequency for every gain",
    "width": "Ardour has no control of stereo width",
    "peak": f"no {EQ} that is switched on",
    "comp": f"no {COMPRESSOR} that is switched on; on stereo tracks the stereo one, which links their channels",
    "reverb_decay": f"no bus with an {PLAIN_REVERB} that is switched on and at full blend",
    "trim": "this strip has no trim",
    "polarity": "this strip has no polarity switch",
    "reverb": f"{PLAIN_REVERB} knows a room size and nothing else",
}


def plugin_labels(name: str) -> frozenset[str]:
    """The labels of the ports that have to be known of one of Ardour's own plug-ins; empty for all others."""
    ports = [port for port in PORTS if name in port.plugins]
    return frozenset(port.label for port in ports) | {label for port in ports for label, _ in port.switches}


def expressible(name: str, channels: int, values: Mapping[str, float]) -> tuple[Port, ...]:
    """The ports by which a plug-in on a strip of ``channels`` takes console parameters; ``values`` by label."""
    if name == COMPRESSOR and channels != 1:
        return ()
    is_set = [(port, all(values.get(label) == value for label, value in port.switches)) for port in PORTS]
    return tuple(port for port, is_ready in is_set if is_ready and name in port.plugins and port.label in values)


def inexpressible(params: Collection[str]) -> Mapping[str, str]:
    """Why those of our strip's and our reverb's parameters that are not among ``params``, which a strip can be told,
    cannot be expressed without our plug-ins."""
    wanted = [p.name for p in (*STRIP_STEREO.params, *REVERB.params) if p.name not in params]
    return {name: next(text for start, text in _REASONS.items() if name.startswith(start)) for name in wanted}
