"""Writes a mix back into a copy of a REAPER project, for users without REAPER's OSC.

Only numbers change, in place: faders and pans of tracks, levels of their sends to the reverb, the sliders of our strip
and reverb where they are. All other bytes stay. REAPER's master stays too: it has no limiter of ours to play into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from assistant.audio.atomic import open_atomically
from assistant.audio.formats import AudioError, printable
from assistant.mix import ChannelSettings, Mix, Settings
from assistant.params import BY_NAME, db_to_amplitude
from assistant.plugins import REVERB, STRIP_STEREO, Plugin
from protocols.fitting import shortened
from protocols.reaper.project import track_names
from protocols.reaper.project_text import (
    Block,
    Words,
    raw_lines,
    read_project_text,
    stripped,
    whole_number,
    words_in,
)
from protocols.reaper.project_tracks import is_reverb_bus, our_block
from protocols.stems import SessionError

#: The words of a line that are set, by their place behind its first word.
Edit = Mapping[int, float]
_VOLUME, _PAN, _SEND_VOLUME, _SEND_MUTE = 0, 1, 2, 4
_WORD = re.compile(rb"[^ \t\r\n]+")
#: Parameters that a track has without our strip.
_WITHOUT_STRIP = frozenset({"trim_db", "fader_db", "pan", "send_db"})
_TRACK = ["REAPER_PROJECT", "TRACK"]
_SCRIPT = [*_TRACK, "FXCHAIN", "JS"]


@dataclass(frozen=True)
class _TrackEdits:
    """What is set on a track: fader and pan, the sliders of its plug-in (counted among its JSFX from 0, -1 for none),
    and sends that it receives by sender."""

    volume: Edit
    plugin: int
    sliders: Edit
    receives: Mapping[int, Edit]


def write_reaper_settings(original: Path, path: Path, mix: Mix) -> tuple[str, ...]:
    """Write the project at ``original`` with the settings of ``mix`` to ``path``; notes on what it could not take.

    Raises :class:`SessionError` where ``original`` cannot be read, is a backup of several versions, has none of the
    mix's tracks, or is ``path`` itself, and where ``path`` cannot be written.
    """
    original, path = Path(original), Path(path)
    text = read_project_text(original)
    if text.versions > 1 or not text.is_whole:
        raise SessionError(f"{printable(original)}: a backup or cut short; open it in REAPER and save it first")
    if path.resolve() == original.resolve():
        raise SessionError(f"{printable(path)}: is the original project; choose another name")
    blocks = list(text.project.blocks("TRACK"))
    names = [printable(channel.name) for channel in mix.channels]
    if names and not {channel.name for channel in mix.channels} & set(track_names(blocks)):
        raise SessionError(f"{printable(original)}: has no tracks called {shortened(names)}; is the mix another's?")
    edits, notes = _edits(blocks, mix)
    try:
        with original.open("rb") as file, open_atomically(path, original.stat().st_size) as out:
            out.writelines(_edited(file, edits))
    except (OSError, AudioError) as error:
        raise SessionError(str(error)) from error
    return notes


def _edits(blocks: Sequence[Block], mix: Mix) -> tuple[list[_TrackEdits], tuple[str, ...]]:
    """What is set on each track, and notes on what cannot be."""
    settings = {channel.name: channel.settings for channel in mix.channels}
    bus = next((n for n, block in enumerate(blocks) if is_reverb_bus(block)), None)
    named = list(zip(track_names(blocks), blocks, strict=True))
    sends = {n: settings[name]["send_db"] for n, (name, _) in enumerate(named) if name in settings}
    edits = [
        _bus_edits(block, mix, sends) if n == bus else _channel_edits(block, settings.get(name))
        for n, (name, block) in enumerate(named)
    ]
    receives = frozenset() if bus is None else frozenset(edits[bus].receives)
    return edits, _notes(named, settings, receives)


def _channel_edits(block: Block, settings: ChannelSettings | None) -> _TrackEdits:
    if settings is None:
        return _TrackEdits({}, -1, {}, {})
    fader_db, pan = settings["fader_db"], settings["pan"]
    place = _place(block, STRIP_STEREO)
    if place < 0:  # nothing but the fader is there to take the trim
        level_db = BY_NAME["fader_db"].clamp(settings["trim_db"] + fader_db)
        return _TrackEdits({_VOLUME: db_to_amplitude(level_db), _PAN: pan}, -1, {}, {})
    volume = {_VOLUME: db_to_amplitude(fader_db), _PAN: pan}
    sliders = _sliders(STRIP_STEREO, settings)
    if whole_number(block.line("IPHASE"), 0):  # inverted by REAPER: our strip does the opposite
        polarity = [p.name for p in STRIP_STEREO.params].index("polarity_inverted")
        sliders[polarity] = 1.0 - sliders[polarity]
    return _TrackEdits(volume, place, sliders, {})


def _bus_edits(block: Block, mix: Mix, sends: Mapping[int, float]) -> _TrackEdits:
    level = db_to_amplitude(mix.reverb["reverb_return_db"], BY_NAME["reverb_return_db"])
    senders = {whole_number(words, 0, -1) for words in block.lines("AUXRECV")}
    gains = {n: db_to_amplitude(send_db, BY_NAME["send_db"]) for n, send_db in sends.items()}
    receives = {n: {_SEND_VOLUME: gain, _SEND_MUTE: 0.0} for n, gain in gains.items() if n in senders}
    return _TrackEdits({_VOLUME: level}, _place(block, REVERB), _sliders(REVERB, mix.reverb), receives)


def _place(track: Block, plugin: Plugin) -> int:
    """Which of the JSFX in the track's chain our ``plugin`` is, from 0; -1 where it is not there."""
    ours = our_block(track, plugin)
    scripts = [block for chain in track.blocks("FXCHAIN") for block in chain.blocks("JS")]
    return next((place for place, block in enumerate(scripts) if block is ours), -1)


def _sliders(plugin: Plugin, settings: Settings) -> dict[int, float]:
    return {place: settings[param.name] for place, param in enumerate(plugin.params)}


def _notes(
    named: Sequence[tuple[str, Block]], settings: Mapping[str, ChannelSettings], receives: frozenset[int]
) -> tuple[str, ...]:
    """Sentences on tracks of the mix that the project lacks, and on what tracks without our strip or send miss."""
    places = {name: (n, block) for n, (name, block) in enumerate(named)}
    found = {name: places[name] for name in settings if name in places}
    bare = [name for name, (_, block) in found.items() if our_block(block, STRIP_STEREO) is None]
    missing = {
        "not in the project": [name for name in settings if name not in places],
        "no strip of ours there (mixassist plugins install), so only level and pan were set": [
            name for name in bare if settings[name].changed().keys() - _WITHOUT_STRIP
        ],
        "no send to a reverb bus there": [
            name
            for name, (place, _) in found.items()
            if place not in receives and settings[name]["send_db"] > BY_NAME["send_db"].low
        ],
    }
    return tuple(f"{text}: {shortened(map(printable, names))}" for text, names in missing.items() if names)


def _edited(file: BinaryIO, edits: Sequence[_TrackEdits]) -> Iterator[bytes]:
    """The lines of a project, those edited that are to be."""
    place, goes_on = _Place(), False
    for line in raw_lines(file):
        is_begin, goes_on = not goes_on, not line.endswith(b"\n")
        plain = stripped(line) if is_begin else b""
        if plain:
            place.go_on(plain)
        if plain and not goes_on and 0 <= place.track < len(edits):
            yield _replaced(line, _edit_of(place, words_in(plain), edits[place.track]))
        else:
            yield line


@dataclass
class _Place:
    """Where in a project a line lies: in which blocks (by their tags), track, JSFX of its chain, and line of that."""

    tags: list[str] = field(default_factory=list)
    track: int = -1
    script: int = -1
    line: int = -1

    def go_on(self, line: bytes) -> None:
        """Go on to ``line``."""
        self.line += 1
        if line.startswith(b">"):
            del self.tags[-1:]
        elif line.startswith(b"<"):
            self.tags.append("".join(words_in(line[1:])[:1]))
            if self.tags == _TRACK:
                self.track, self.script = self.track + 1, -1
            elif self.tags == _SCRIPT:
                self.script, self.line = self.script + 1, -1


def _edit_of(place: _Place, words: Words, track: _TrackEdits) -> Edit:
    """What is set in the line of ``words``, by the place among all its words."""
    if place.tags == _TRACK and words[:1] == ("VOLPAN",):
        return _behind_key(track.volume)
    if place.tags == _TRACK and words[:1] == ("AUXRECV",):
        return _behind_key(track.receives.get(whole_number(words, 1, -1), {}))
    is_sliders = place.tags == _SCRIPT and place.script == track.plugin and place.line == 0
    return track.sliders if is_sliders else {}


def _behind_key(edit: Edit) -> Edit:
    return {place + 1: value for place, value in edit.items()}


def _replaced(line: bytes, edit: Edit) -> bytes:
    """``line`` with the words of ``edit`` in the place of its own, the blanks between them as they were."""
    words = list(_WORD.finditer(line))
    out, done = [], 0
    for place, word in enumerate(words):
        if place in edit:
            out += [line[done : word.start()], repr(edit[place]).encode()]
            done = word.end()
    end = words[-1].end() if words else 0
    more = "".join(f" {edit[place]!r}" for place in sorted(edit) if place >= len(words))
    return b"".join([*out, line[done:end], more.encode(), line[end:]])
