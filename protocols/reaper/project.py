"""Reads REAPER's project files (.rpp) as arrangements, without REAPER.

Sources: the community's documentation of REAPER's state chunks, and what others measured in REAPER 7.82 as said in the
modules beside this one; nothing here was compared with REAPER itself. A track's items are read in
:mod:`~protocols.reaper.project_items`, its settings in :mod:`~protocols.reaper.project_tracks`.

Tracks are stereo in REAPER: a mono file plays on both sides as loud as it is, and pan is a balance. A track that plays
mono files only is a mono recording all the same; under the pan law "balance" our console plays it as REAPER does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from assistant.audio.formats import printable
from assistant.mix import BusSettings
from assistant.params import BY_NAME
from protocols.arrangement import ArrangedTrack, Arrangement, Clip
from protocols.naming import distinct, plain
from protocols.reaper.project_clips import clips_of
from protocols.reaper.project_findings import Findings, TrackFindings
from protocols.reaper.project_items import Take, lane_of, read_item
from protocols.reaper.project_media import MediaLibrary
from protocols.reaper.project_overlaps import with_holes
from protocols.reaper.project_text import Block, ProjectText, number, read_project_text, whole_number
from protocols.reaper.project_tracks import (
    has_instrument,
    is_reverb_bus,
    note_unheard,
    read_master,
    read_reverb,
    read_sends,
    read_settings,
)
from protocols.stems import HIGHEST_SESSION_RATE, LOWEST_SESSION_RATE, SessionError, common_rate

MOST_TRACKS, MOST_CLIPS = 4_096, 200_000
LONGEST_NAME = 200
#: The console's law for mono tracks that is REAPER's.
PAN_LAW = "balance"
_FIXED_LANES = 2
_OFFSET_OFF, _OFFSET_IN_SAMPLES = 1, 2
_USED_RATE = 48_000


@dataclass(frozen=True)
class _Folders:
    """Which folder track each track lies in (its number, -1 for none), and which tracks are folders."""

    parents: tuple[int, ...]
    folders: frozenset[int]


def read_reaper_project(path: Path) -> Arrangement:
    """The tracks of the REAPER project at ``path``: their clips and settings, and notes on what was not taken.

    All tracks are there in REAPER's order, folders and buses as tracks without clips. Tracks that play MIDI, time
    stretching or what else only REAPER can play say so in ``unreadable``. Raises :class:`SessionError` for a file that
    is missing, no REAPER project, or damaged beyond reading.
    """
    path = Path(path)
    text = read_project_text(path)
    project = text.project
    blocks = list(islice(project.blocks("TRACK"), MOST_TRACKS + 1))
    if len(blocks) > MOST_TRACKS:
        raise SessionError(f"{printable(path)}: more than {MOST_TRACKS} tracks; a damaged project?")
    findings = Findings()
    _note_file(text, findings)
    tracks = [TrackFindings(name, findings) for name in track_names(blocks)]
    library = MediaLibrary(path.parent, "".join(project.line("RECORD_PATH")[:1]))
    takes = [
        with_holes(_takes(block, library, found), project, block, found)
        for block, found in zip(blocks, tracks, strict=True)
    ]
    rate = _sample_rate(project, takes)
    clips = _clips(path, blocks, takes, rate, tracks)
    bus = next((n for n, block in enumerate(blocks) if is_reverb_bus(block)), None)
    read = _with_settings(blocks, clips, bus, tracks)
    return Arrangement(
        name=path.stem,
        file=path,
        sample_rate=rate,
        tracks=tuple(read),
        reverb=BusSettings() if bus is None else read_reverb(blocks[bus], tracks[bus]),
        master=read_master(project, findings),
        tempo=_tempo(project),
        pan_law=PAN_LAW,
        notes=findings.sentences(),
    )


def track_names(blocks: Iterable[Block]) -> list[str]:
    """The names of REAPER's tracks, each once: a second "Gtr" is "Gtr (2)", one without a name "Track 3"."""
    written = ("".join(block.line("NAME")[:1])[:LONGEST_NAME] for block in blocks)
    return distinct(plain(name) or f"Track {place}" for place, name in enumerate(written, 1))


def _note_file(text: ProjectText, findings: Findings) -> None:
    project = text.project
    if text.versions > 1:
        findings.note(f"the file holds {text.versions} versions of the project; the last one taken")
    if not text.is_whole:
        findings.note("the file ends before the project does; what is there was taken")
    if number(project.line("PLAYRATE"), 0, 1.0) != 1.0:
        findings.note("the project's play rate is not taken; tracks are as at rate 1")
    law, mode = number(project.line("PANLAW"), 0, 1.0), whole_number(project.line("PANMODE"), 0, 3)
    if law != 1.0:
        findings.note("the project's pan law is not 0 dB: REAPER plays its tracks at another level than mixassist")
    if mode not in (0, 3):
        findings.note("the project's stereo or dual pan is taken as its balance")


def _takes(track: Block, library: MediaLibrary, findings: TrackFindings) -> list[Take]:
    """What plays on ``track``, in seconds."""
    playing = _playing_lanes(track)
    if playing is not None and whole_number(track.line("FIXEDLANES"), 3):
        findings.note("lanes that mask each other play together here")
    items = (item for item in track.blocks("ITEM") if playing is None or lane_of(item) in playing)
    takes = [take for item in items for take in read_item(item, library, findings)]
    if not takes and has_instrument(track):
        findings.obstacle("instrument")
    return takes


def _playing_lanes(track: Block) -> frozenset[int] | None:
    """The fixed lanes of ``track`` that play, of REAPER 7; None where all do."""
    words = track.line("LANESOLO")
    if whole_number(track.line("FREEMODE"), 0) != _FIXED_LANES or not words:
        return None
    masks = [int(number(words, place)) for place in range(min(len(words), 8))]
    return frozenset(32 * place + bit for place, mask in enumerate(masks) for bit in range(32) if mask >> bit & 1)


def _clips(
    path: Path, blocks: Sequence[Block], takes: Sequence[list[Take]], rate: int, tracks: Sequence[TrackFindings]
) -> list[tuple[Clip, ...]]:
    """The clips of every track; raises :class:`SessionError` for more than any project has."""
    clips: list[tuple[Clip, ...]] = []
    left = MOST_CLIPS
    for block, own, found in zip(blocks, takes, tracks, strict=True):
        offset_s = _media_offset_s(block, rate)
        late = (clip for take in own for clip in clips_of(take, offset_s, rate, found))
        clips.append(tuple(islice(late, left + 1)))
        left -= len(clips[-1])
        if left < 0:
            raise SessionError(f"{printable(path)}: more than {MOST_CLIPS:,} clips; glue the loops, or a damaged file?")
    return clips


def _media_offset_s(track: Block, rate: int) -> float:
    """How much later than drawn a track's items play, as its media playback offset says."""
    words = track.line("PLAYOFFS")
    flags, offset = whole_number(words, 1, _OFFSET_OFF), number(words, 0)
    if flags & _OFFSET_OFF:
        return 0.0
    seconds = offset / rate if flags & _OFFSET_IN_SAMPLES else offset
    return max(-60.0, min(60.0, seconds))


def _with_settings(
    blocks: Sequence[Block], clips: Sequence[tuple[Clip, ...]], bus: int | None, tracks: Sequence[TrackFindings]
) -> list[ArrangedTrack]:
    folders = _folders(blocks)
    sends = {} if bus is None else read_sends(blocks[bus], tracks[bus])
    read = []
    for place, (block, own, found) in enumerate(zip(blocks, clips, tracks, strict=True)):
        _note_routing(place, block, bus, folders, found)
        note_unheard(block, found)
        read.append(
            ArrangedTrack(
                name=found.name,
                channels=_channels(own),
                clips=own,
                settings=read_settings(block, sends.get(place, BY_NAME["send_db"].low), found),
                muted=_is_muted(place, blocks, folders),
                unreadable=found.unreadable,
            )
        )
    return read


def _note_routing(place: int, block: Block, bus: int | None, folders: _Folders, found: TrackFindings) -> None:
    """Note what a folder or a bus does to others, and solo."""
    volume = block.line("VOLPAN")
    is_neutral = number(volume, 0, 1.0) == 1.0 and number(volume, 1) == 0.0
    if place in folders.folders and not is_neutral:
        found.note("folders whose fader or pan is not taken; REAPER adds them to those of the tracks inside")
    if place != bus and any(True for _ in block.lines("AUXRECV")):
        found.note("what is sent to these tracks is not heard by mixassist")
    if whole_number(block.line("MUTESOLO"), 1):
        found.note("solo is not taken")


def _channels(clips: Sequence[Clip]) -> int:
    """1 for a track that plays mono files only, else 2."""
    return 1 if clips and all(len(clip.channels) == 1 for clip in clips) else 2


def _folders(blocks: Sequence[Block]) -> _Folders:
    """The tree of folders. A folder begins with an ISBUS of 1 1; a track of 2 -n is the last in n of them."""
    parents, inside = [], [-1]
    folders = set()
    for place, block in enumerate(blocks):
        parents.append(inside[-1])
        kind, step = whole_number(block.line("ISBUS"), 0), whole_number(block.line("ISBUS"), 1)
        if kind == 1 and step > 0:
            folders.add(place)
            inside.append(place)
        elif step < 0:
            del inside[max(1, len(inside) + step) :]
    return _Folders(tuple(parents), frozenset(folders))


def _is_muted(place: int, blocks: Sequence[Block], folders: _Folders) -> bool:
    """Whether a track, or a folder that it lies in, is muted."""
    while place >= 0:
        if whole_number(blocks[place].line("MUTESOLO"), 0):
            return True
        place = folders.parents[place]
    return False


def _sample_rate(project: Block, takes: Sequence[list[Take]]) -> int:
    """The project's rate where it insists on one, else the commonest of its files': REAPER takes the sound card's."""
    words = project.line("SAMPLERATE")
    rate, insists = whole_number(words, 0), whole_number(words, 1)
    is_possible = LOWEST_SESSION_RATE <= rate <= HIGHEST_SESSION_RATE
    if insists and is_possible:
        return rate
    files = {take.source.media.file: take.source.media.info.sample_rate for own in takes for take in own}
    if files:
        return common_rate(files.values())
    return rate if is_possible else _USED_RATE


def _tempo(project: Block) -> float | None:
    tempo = number(project.line("TEMPO"), 0)
    return tempo if 1.0 <= tempo <= 960.0 else None
