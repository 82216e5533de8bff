"""Items of REAPER projects, and what of them plays.

An item plays its active take, or all. Items on a track are summed where they overlap, unless the project says otherwise
(:mod:`~protocols.reaper.project_overlaps`); :mod:`~protocols.reaper.project_clips` makes clips of the takes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from protocols.reaper.project_fades import FadeWords, read_fade
from protocols.reaper.project_findings import TrackFindings
from protocols.reaper.project_media import Media, MediaLibrary
from protocols.reaper.project_text import Block, number, whole_number

LONGEST_S = 24 * 3600.0
#: Gains beyond are no mix; REAPER's items reach +24 dB and take volumes as much again.
HIGHEST_GAIN = 1_000.0
_SAME_SPEED = 1e-9
_REVERSED, _WHOLE = 2, 1
_NO_AUDIO = {"MIDI": "midi", "CLICK": "generated", "LTC": "generated", "RPP_PROJECT": "generated"}
_REVERSED_STEREO, _DOWNMIX = 1, 2
_OFFLINE = "_OFFLINE_"


@dataclass(frozen=True)
class Source:
    """What a take plays: ``length_s`` seconds of ``media`` from ``begin_s`` on."""

    media: Media
    begin_s: float
    length_s: float


@dataclass(frozen=True)
class Take:
    """A take on the session's time line, in seconds.

    ``channels`` are the sources of its clips with a gain each. In ``holes``, from and to on the line, it is silent.
    """

    name: str
    source: Source
    channels: tuple[tuple[tuple[int, ...], float], ...]
    start_s: float
    length_s: float
    offset_s: float
    loops: bool
    gain: float
    fade_in: FadeWords
    fade_out: FadeWords
    envelope: Block | None
    holes: tuple[tuple[float, float], ...] = ()

    @property
    def end_s(self) -> float:
        """Where it ends."""
        return self.start_s + self.length_s


def read_item(item: Block, library: MediaLibrary, findings: TrackFindings) -> Iterator[Take]:
    """The takes of ``item`` that play; what cannot be taken goes to ``findings``."""
    start_s, length_s = number(item.line("POSITION"), 0), number(item.line("LENGTH"), 0)
    if not -LONGEST_S <= start_s <= LONGEST_S or not 0.0 <= length_s <= LONGEST_S:
        findings.note("items beyond 24 hours left out")
        return
    if whole_number(item.line("MUTE"), 0):
        return
    first, *_ = takes = _takes(item)
    volume = number(first.line("VOLPAN"), 0, 1.0)
    for take in takes if whole_number(item.line("ALLTAKES"), 0) else [_active(takes)]:
        source = _source(take, library, findings)
        if source is None:
            continue
        _note_unheard(take, findings)
        yield Take(
            name=next(iter(take.line("NAME")), ""),
            source=source,
            channels=_channels(source.media, whole_number(take.line("CHANMODE"), 0), findings),
            start_s=start_s,
            length_s=length_s,
            offset_s=max(-LONGEST_S, min(LONGEST_S, number(take.line("SOFFS"), 0))),
            loops=whole_number(item.line("LOOP"), 0) != 0,
            gain=_gain(take, volume),
            fade_in=_fade(item, "FADEIN", findings),
            fade_out=_fade(item, "FADEOUT", findings),
            envelope=next(take.blocks("VOLENV"), None),
        )


def lane_of(item: Block) -> int:
    """The fixed lane that ``item`` lies in, from 0: lanes share the track's height evenly."""
    top, height = number(item.line("YPOS"), 0), number(item.line("YPOS"), 1, 1.0)
    return round(max(0.0, min(1e4, top / height))) if height > 0.0 else 0


def _takes(item: Block) -> list[Block]:
    """The takes of ``item`` as blocks of their lines; those of the first are the item's own."""
    takes = [Block(("TAKE",))]
    for entry in item.content:
        if isinstance(entry, tuple) and entry[0] == "TAKE":
            takes.append(Block(entry))
        else:
            takes[-1].content.append(entry)
    return takes


def _active(takes: list[Block]) -> Block:
    return next((take for take in takes if "SEL" in take.words[1:]), takes[0])


def _source(take: Block, library: MediaLibrary, findings: TrackFindings) -> Source | None:
    """What ``take`` plays; None where that is nothing, or nothing that can be had."""
    _check_speed(take, findings)
    begin_s, length_s = 0.0, math.inf
    block = next(take.blocks("SOURCE"), None)
    while block is not None and block.words[1:2] == ("SECTION",):
        mode = whole_number(block.line("MODE"), 0)
        if mode & _REVERSED:
            findings.obstacle("reversed")
        if not mode & _WHOLE:
            begin_s += number(block.line("STARTPOS"), 0)
            length_s = min(length_s, number(block.line("LENGTH"), 0) or math.inf)
        block = next(block.blocks("SOURCE"), None)
    media = None if block is None else _media(block, library, findings)
    if media is None or not -LONGEST_S <= begin_s <= LONGEST_S:
        return None
    return Source(media, begin_s, max(0.0, min(length_s, media.length_s - begin_s)))


def _check_speed(take: Block, findings: TrackFindings) -> None:
    rate = take.line("PLAYRATE")
    if abs(number(rate, 0, 1.0) - 1.0) > _SAME_SPEED or number(rate, 2) != 0.0:
        findings.obstacle("speed")
    pitches = (e for e in take.blocks("PITCHENV") if whole_number(e.line("ACT"), 0, 1))
    if take.line("SM") or any(number(words, 1) for e in pitches for words in e.lines("PT")):
        findings.obstacle("stretched")


def _media(source: Block, library: MediaLibrary, findings: TrackFindings) -> Media | None:
    kind = "".join(source.words[1:2]).removeprefix(_OFFLINE)
    if kind in _NO_AUDIO:
        findings.obstacle(_NO_AUDIO[kind])
        return None
    words = source.line("FILE")
    if not words:
        return None  # an empty item
    media = library.find(words[0])
    if isinstance(media, str):
        if kind == "VIDEO":
            findings.obstacle("generated")
        findings.all.note("media that cannot be played, silent here", media)
        return None
    if kind == "MP3" and whole_number(words, 1) == 0:
        findings.note("MP3s may play some 25 to 50 ms earlier here than in this project, made by an older REAPER")
    return media


def _channels(media: Media, mode: int, findings: TrackFindings) -> tuple[tuple[tuple[int, ...], float], ...]:
    """The channels of ``media`` that a take of channel mode ``mode`` plays, and how loud.

    Modes as the community's documentation of REAPER's state chunks has them. A mono sum is half of both, as REAPER's
    sends are measured to do.
    """
    count = media.info.channels
    if count == 1:
        return (((0,), 1.0),)
    if mode == _REVERSED_STEREO:
        return (((1, 0), 1.0),)
    if mode == _DOWNMIX:
        return (((0,), 0.5), ((1,), 0.5))
    first, width = _picked(mode)
    if first + width > count:
        findings.note("items that play channels which their files lack are silent here")
        return ()
    if count > 2 and mode == 0:
        findings.note("only the first two channels taken of files with more")
    return ((tuple(range(first, first + width)), 1.0),)


def _picked(mode: int) -> tuple[int, int]:
    """The first channel (from 0) that channel mode ``mode`` picks, and how many."""
    for low, high, first, width in ((3, 66, 0, 1), (67, 130, 0, 2), (131, 194, 64, 1), (195, 257, 64, 2)):
        if low <= mode <= high:
            return first + mode - low, width
    return 0, 2


def _gain(take: Block, volume: float) -> float:
    """Item volume times take volume, which is negative for inverted polarity."""
    own = take.line("TAKEVOLPAN")
    take_volume = number(own, 1, 1.0) if own else number(take.line("VOLPAN"), 2, 1.0)
    return max(-HIGHEST_GAIN, min(HIGHEST_GAIN, volume * take_volume))


def _fade(item: Block, key: str, findings: TrackFindings) -> FadeWords:
    fade = read_fade(item.line(key), is_in=key == "FADEIN")
    if not fade.is_certain:
        findings.note("fades bent by hand before REAPER 7.81 play unbent here")
    return fade


def _note_unheard(take: Block, findings: TrackFindings) -> None:
    """Note what of a take that plays is not taken."""
    own = take.line("TAKEVOLPAN")
    if number(own, 0) if own else number(take.line("VOLPAN"), 1):
        findings.note("takes panned by themselves play centred here; pan the track, or glue the item")
    if any(True for _ in take.blocks("TAKEFX")):
        findings.note("take FX are not heard by mixassist; glue the items to include them")
    envelopes = list(take.blocks("VOLENV", "PANENV", "MUTEENV"))
    if any(e.tag != "VOLENV" and whole_number(e.line("ACT"), 0, 1) for e in envelopes):
        findings.note("pan and mute envelopes of takes are not taken; glue the items to include them")
    if any(True for e in envelopes for _ in e.lines("POOLEDENVINST")):
        findings.note("automation items are not taken; glue the items, or freeze the track, to include them")
