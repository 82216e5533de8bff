"""What a host reads about a plug-in before it loads it: LV2's Turtle files, written from the parameter table.

Terms are those of the LV2 specification's core and its extensions units, port-props and port-groups.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.params import Param
from assistant.plugins import GAIN_REDUCTION, REVERB, Plugin
from render.plugins.programs import PROGRAMS

#: Hosts that find a plug-in twice take the higher version; even ones are releases.
MINOR_VERSION = 2
MICRO_VERSION = 0

_PREFIXES = """\
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix pg: <http://lv2plug.in/ns/ext/port-groups#> .
@prefix pprops: <http://lv2plug.in/ns/ext/port-props#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix units: <http://lv2plug.in/ns/extensions/units#> .
"""
_UNITS = {"dB": "units:db", "Hz": "units:hz", "ms": "units:ms", "s": "units:s"}
_CURVES = {"log": "pprops:logarithmic", "toggle": "lv2:toggled"}


def manifest(plugin: Plugin, build: str) -> str:
    """``manifest.ttl``: that the plug-in is there. ``build`` is what :func:`render.plugins.build.build_of` reads."""
    return f"""\
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

# build {build}
<{plugin.uri}>
    a lv2:Plugin ;
    lv2:binary <{plugin.key}.so> ;
    lv2:minorVersion {MINOR_VERSION} ;
    lv2:microVersion {MICRO_VERSION} ;
    rdfs:seeAlso <{plugin.key}.ttl> .
"""


def description(plugin: Plugin) -> str:
    """``<key>.ttl``: the plug-in's class, name and ports, in the order in which ``wrapper.cpp`` connects them."""
    kind = "lv2:ReverbPlugin" if plugin == REVERB else "lv2:MixerPlugin"
    ports = " ,".join(f" [\n        lv2:index {i} ;\n{text}    ]" for i, text in enumerate(_ports(plugin)))
    return f"""\
{_PREFIXES}
<{plugin.uri}>
    a lv2:Plugin , {kind} ;
    doap:name "{plugin.label}" ;
    doap:license <http://usefulinc.com/doap/licenses/gpl> ;
    lv2:project [ a doap:Project ; doap:name "mixassist" ; doap:maintainer [ a foaf:Agent ; foaf:name "mixassist" ] ] ;
    lv2:minorVersion {MINOR_VERSION} ;
    lv2:microVersion {MICRO_VERSION} ;
    lv2:optionalFeature lv2:hardRTCapable ;
    lv2:port{ports} .
"""


def _ports(plugin: Plugin) -> Iterator[str]:
    for direction in ("Input", "Output"):
        yield from (_audio_port(direction, channel, plugin.channels) for channel in range(plugin.channels))
    yield from (_control_port(p) for p in plugin.params)
    if PROGRAMS[plugin.key].is_metered:
        yield _lines(
            a="lv2:OutputPort , lv2:ControlPort",
            symbol=f'"{GAIN_REDUCTION}"',
            name='"Gain reduction"',
            default="0.0",
            minimum="0.0",
            maximum="60.0",
        ) + _line("units:unit", "units:db")
    yield _lines(
        a="lv2:InputPort , lv2:ControlPort",
        symbol='"enabled"',
        name='"Enabled"',
        default="1",
        minimum="0",
        maximum="1",
        designation="lv2:enabled",
        portProperty="lv2:toggled",
    )


def _audio_port(direction: str, channel: int, num_channels: int) -> str:
    side = ("left", "right")[channel]
    short, named = ("in", "Input") if direction == "Input" else ("out", "Output")
    if num_channels == 1:
        return _lines(a=f"lv2:{direction}Port , lv2:AudioPort", symbol=f'"{short}"', name=f'"{named}"')
    return _lines(
        a=f"lv2:{direction}Port , lv2:AudioPort",
        symbol=f'"{short}_{side}"',
        name=f'"{named} {side}"',
        designation=f"pg:{side}",
    )


def _control_port(param: Param) -> str:
    text = _lines(
        a="lv2:InputPort , lv2:ControlPort",
        symbol=f'"{param.name}"',
        name=f'"{param.label}"',
        default=_number(param.default),
        minimum=_number(param.low),
        maximum=_number(param.high),
    )
    if param.curve in _CURVES:
        text += _line("lv2:portProperty", _CURVES[param.curve])
    return text + (_line("units:unit", _UNITS[param.unit]) if param.unit else "")


def _lines(a: str, **terms: str) -> str:
    return _line("a", a) + "".join(_line(f"lv2:{name}", value) for name, value in terms.items())


def _line(term: str, value: str) -> str:
    return f"        {term} {value} ;\n"


def _number(value: float) -> str:
    """Nine digits give a float32 back exactly; a point makes it a decimal, which Turtle knows."""
    return f"{value:.9f}".rstrip("0") + ("0" if value == int(value) else "")
