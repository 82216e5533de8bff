"""Tracks of REAPER projects: their settings as our console has them, sends to the reverb, what else is on them.

The fader is REAPER's, its pan in the usual mode with a pan law of 0 dB is the console's balance (measured by others in
REAPER 7.82: left as it is, right down by 1 - |pan| at a negative pan). Our strip and reverb are found by the name of
their JSFX file, whose sliders stand in the order of :mod:`assistant.plugins`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TypeVar

from assistant.mix import BusSettings, ChannelSettings, MasterSettings, Settings
from assistant.params import BY_NAME
from assistant.plugins import REVERB, REVERB_BUS_NAME, STRIP_STEREO, Plugin
from protocols.reaper.project_findings import Findings, TrackFindings
from protocols.reaper.project_text import Block, Words, number, whole_number

#: Our plug-ins by the files that their JSFX are in.
OUR_FILES: dict[str, Plugin] = {"mixassist-strip.jsfx": STRIP_STEREO, "mixassist-reverb.jsfx": REVERB}
#: Places in lines: the fader and the pan of a track, the fader of a send.
VOLUME, PAN, SEND_VOLUME = 0, 1, 2
_SENDER, _SEND_MODE, _SEND_PAN, _SEND_MUTE = 0, 1, 3, 4
_POST_FADER = 0
_BALANCE_MODES = (-1, 0, 3)
_PROJECTS_OWN = -1
_FX_TAGS = frozenset({"VST", "AU", "DX", "CLAP", "LV2", "JS", "VIDEO_EFFECT", "CONTAINER"})
_ENVELOPES = (
    *("VOLENV", "VOLENV2", "VOLENV3", "PANENV", "PANENV2", "MUTEENV", "WIDTHENV", "WIDTHENV2"),
    *("MASTERVOLENV", "MASTERVOLENV2"),
)

S = TypeVar("S", bound=Settings)


def read_settings(track: Block, sends_db: float, findings: TrackFindings) -> ChannelSettings:
    """The settings of a track's strip, fader, pan and send; what they do not hold goes to ``findings``."""
    volume = track.line("VOLPAN")
    values = _plugin_values(track, STRIP_STEREO)
    if whole_number(track.line("IPHASE"), 0):
        values["polarity_inverted"] = 1.0 - values.get("polarity_inverted", 0.0)
    values |= {
        "fader_db": level_db(number(volume, VOLUME, 1.0)),
        "pan": number(volume, PAN),
        "send_db": sends_db,
    }
    _note_pan(track, findings)
    return _within(ChannelSettings, values, findings)


def read_reverb(track: Block, findings: TrackFindings) -> BusSettings:
    """The settings of the reverb bus."""
    level = level_db(number(track.line("VOLPAN"), VOLUME, 1.0))
    return _within(BusSettings, {**_plugin_values(track, REVERB), "reverb_return_db": level}, findings)


def read_master(project: Block, findings: Findings) -> MasterSettings:
    """The master's fader."""
    master = TrackFindings("master", findings)
    if any(is_on for _, is_on in _fx(project)):
        findings.note("the master's FX are not heard by mixassist")
    return _within(
        MasterSettings, {"master_gain_db": level_db(number(project.line("MASTER_VOLUME"), VOLUME, 1.0))}, master
    )


def is_reverb_bus(track: Block) -> bool:
    """Whether ``track`` is the bus of our reverb, by its plug-in or its name."""
    return track.line("NAME")[:1] == (REVERB_BUS_NAME,) or our_block(track, REVERB) is not None


def our_block(track: Block, plugin: Plugin) -> Block | None:
    """The block of our ``plugin`` among the track's FX, if it is there and switched on."""
    blocks = (block for block, is_on in _fx(track) if is_on and our_plugin(block.words) is plugin)
    return next(blocks, None)


def our_plugin(words: Words) -> Plugin | None:
    """Which of ours the plug-in is whose block begins with ``words``."""
    file = words[1].replace("\\", "/") if len(words) > 1 and words[0] == "JS" else ""
    return OUR_FILES.get(file.rsplit("/", 1)[-1])


def read_sends(receiver: Block, findings: TrackFindings) -> Mapping[int, float]:
    """How loud (dB) the tracks send to ``receiver``, the reverb bus, by their number from 0."""
    levels: dict[int, float] = {}
    for words in receiver.lines("AUXRECV"):
        sender = whole_number(words, _SENDER, -1)
        if whole_number(words, _SEND_MUTE) or sender < 0:
            continue
        if whole_number(words, _SEND_MODE) != _POST_FADER or number(words, _SEND_PAN):
            findings.note("sends before the fader, or panned, are taken as plain sends behind it, to")
        levels[sender] = level_db(number(words, SEND_VOLUME, 1.0))
    return levels


def note_unheard(track: Block, findings: TrackFindings) -> None:
    """Note FX, automation and channels of ``track`` that are not taken; an instrument is an obstacle."""
    for block, is_on in _fx(track):
        if is_on and our_plugin(block.words) is None:
            findings.note("FX not heard by mixassist; freeze the tracks (Track > Render/freeze tracks) to include them")
    envelopes = [e for e in track.blocks(*_ENVELOPES) if whole_number(e.line("ACT"), 0, 1)]
    if any(len(list(e.lines("PT"))) > 1 for e in envelopes):
        findings.note("automation of fader, pan, width or mute is not taken; the controls' own values are")
    if any(True for e in envelopes for _ in e.lines("POOLEDENVINST")):
        findings.note("automation items are not taken; glue the items, or freeze the track, to include them")
    if whole_number(track.line("NCHAN"), 0, 2) > 2:
        findings.note("more than two channels; only the first two taken")


def has_instrument(track: Block) -> bool:
    """Whether an instrument is switched on among the track's FX (``VSTi``, ``CLAPi`` ...)."""
    names = (block.words[1] for block, is_on in _fx(track) if is_on and len(block.words) > 1)
    return any(name.split(":", 1)[0] in ("VSTi", "VST3i", "AUi", "CLAPi", "LV2i", "DXi") for name in names)


def level_db(gain: float) -> float:
    """A gain of REAPER's in dB, -inf for silence."""
    return 20.0 * math.log10(gain) if gain > 0.0 else -math.inf


def _fx(track: Block) -> Iterator[tuple[Block, bool]]:
    """The plug-ins of a track's (or the master's) chain, and whether each is switched on."""
    is_chain_on = whole_number(track.line("FX"), 0, 1) != 0
    for chain in track.blocks("FXCHAIN", "MASTERFXLIST"):
        is_on = True
        for entry in chain.content:
            if isinstance(entry, tuple):
                is_on = not (whole_number(entry, 1) or whole_number(entry, 2))
            elif entry.tag in _FX_TAGS:
                yield entry, is_chain_on and is_on


def _plugin_values(track: Block, plugin: Plugin) -> dict[str, float]:
    """The sliders of our ``plugin`` on ``track`` by parameter; those that do not stand there are left out."""
    block = our_block(track, plugin)
    lines = [] if block is None else [entry for entry in block.content if isinstance(entry, tuple)]
    words = lines[0] if lines else ()
    return {
        param.name: number(words, place, param.default)
        for place, param in enumerate(plugin.params)
        if words[place : place + 1] not in ((), ("-",))
    }


def _note_pan(track: Block, findings: TrackFindings) -> None:
    """Note where a track's pan is not the console's."""
    if whole_number(track.line("PANMODE"), 0, _PROJECTS_OWN) not in _BALANCE_MODES:
        findings.note("REAPER's stereo or dual pan is taken as its balance")
    law = number(track.line("VOLPAN"), 2, _PROJECTS_OWN)
    if law >= 0.0 and law != 1.0:
        findings.note("a pan law other than 0 dB is not taken: REAPER plays these tracks at another level")


def _within(kind: type[S], values: Mapping[str, float], findings: TrackFindings) -> S:
    """``values`` as settings, those beyond the console's range at its end."""
    settings = {name: BY_NAME[name].clamp(value) for name, value in values.items()}
    beyond = [name for name, value in settings.items() if value != values[name] and not _is_silent(name, values[name])]
    if beyond:
        findings.note("settings beyond the console's range, taken at its end")
    return kind(settings)


def _is_silent(name: str, value: float) -> bool:
    return BY_NAME[name].off_at_low and value < BY_NAME[name].low
