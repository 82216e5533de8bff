"""Reads a ``.dawproject``: its tracks, what their faders, sends and built-in devices say, and the clips they play."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from assistant.arrays import FloatArray
from assistant.audio.formats import printable
from assistant.mix import BusSettings, ChannelSettings, MasterSettings
from protocols.arrangement import ArrangedTrack, Arrangement, Clip, GainCurve, SourceChannel
from protocols.dawproject.channels import taken_channel, taken_master_channel, taken_return
from protocols.dawproject.devices import Taken, has_instrument
from protocols.dawproject.document import read_project_xml
from protocols.dawproject.media import Media, MediaFiles
from protocols.dawproject.package import open_package, refused
from protocols.dawproject.structure import Strip, Structure, group_notes, structure_of
from protocols.dawproject.tempo import Tempo, tempo_of
from protocols.dawproject.timeline import Content, Piece, Ramp, contents_of
from protocols.dawproject.units import is_true
from protocols.stems import NAMES_SHOWN, common_rate

_DEFAULT_RATE = 48_000
_BOUNCE = "(Bitwig: Bounce in Place; Studio One: Transform to Audio Track; Cubase: Render in Place)"


@dataclass(frozen=True)
class LinearFade:
    """A fade between two samples of a clip; the format does not say of what shape, this one is linear in amplitude."""

    begin: float
    end: float
    is_rising: bool

    def gains(self, start: int, stop: int) -> FloatArray:
        """Factors (stop - start,) of the clip's samples, float32."""
        risen = np.clip((np.arange(start, stop) - self.begin) / max(self.end - self.begin, 1.0), 0.0, 1.0)
        return (risen if self.is_rising else 1.0 - risen).astype(np.float32)


def read_dawproject(path: Path, work_folder: Path) -> Arrangement:
    """The tracks and clips of the project at ``path``; audio inside of it is unpacked into ``work_folder``.

    Settings are those of faders, pans, the sends to the reverb's return, groups' faders, and the built-in Equalizer,
    Compressor and, on the master, Limiter; what else is there is said in the notes. Raises
    :class:`~protocols.stems.SessionError` for a file that is missing, damaged, hostile or no project.
    """
    path = Path(path)
    with open_package(path) as package:
        root = read_project_xml(package)
        if not root.get("version", "").startswith("1"):
            raise refused(path, f"DAWproject version {root.get('version', '')[:20]!r}; this program reads version 1")
        return _Reading(root, path, MediaFiles(package, Path(work_folder))).arrangement()


class _Reading:
    """One project being read."""

    def __init__(self, root: Element, path: Path, media: MediaFiles) -> None:
        self.root, self.path, self.media = root, path, media
        self.structure: Structure = structure_of(root)
        self.tempo: Tempo = tempo_of(root)
        self.contents = contents_of(root, self.tempo, path)
        self.notes: list[str] = []

    def arrangement(self) -> Arrangement:
        """All of it."""
        strips = self.structure.tracks.values()
        found = [self._found(strip) for strip in strips]
        rates = [m.info.sample_rate for media in found for _, m in media if isinstance(m, Media)]
        rate = common_rate(rates) if rates else _DEFAULT_RATE
        tracks = tuple(self._track(strip, media, rate) for strip, media in zip(strips, found, strict=True))
        master, reverb = self._master(), self._reverb()
        self._note_the_rest()
        return Arrangement(
            name=self.path.stem,
            file=self.path,
            sample_rate=rate,
            tracks=tracks,
            reverb=reverb,
            master=master,
            tempo=self.tempo.constant_bpm if self.tempo.is_stated else None,
            notes=tuple(self.notes),
        )

    def _content(self, strip: Strip) -> Content:
        return self.contents.get(strip.track.get("id", ""), Content())

    def _found(self, strip: Strip) -> list[tuple[Piece, Media | str]]:
        return [(piece, self.media.find(piece.audio)) for piece in self._content(strip).pieces]

    def _track(self, strip: Strip, found: list[tuple[Piece, Media | str]], rate: int) -> ArrangedTrack:
        content = self._content(strip)
        playable = [(piece, media) for piece, media in found if isinstance(media, Media)]
        missing = [media for piece, media in found if isinstance(media, str) and not piece.is_muted]
        channels = min(2, max((media.info.channels for _, media in playable), default=2))
        clips = tuple(clip for piece, media in playable if (clip := _clip(piece, media, rate)).length > 0)
        surround = [media for _, media in playable if media.info.channels > 2]
        if surround:
            self.notes.append(f"{printable(strip.name)}: only the first two channels of surround files are played")
        if content.has_envelopes:
            self.notes.append(f"{printable(strip.name)}: its automation and clip envelopes were not taken")
        return ArrangedTrack(
            name=strip.name,
            channels=channels,
            clips=clips,
            settings=self._settings(strip),
            muted=self.structure.is_muted(strip) or not is_true(strip.track.get("loaded"), True),
            unreadable=_unreadable_text(strip, content, missing),
        )

    def _settings(self, strip: Strip) -> ChannelSettings:
        return ChannelSettings(self._noted(strip.name, taken_channel(self.structure, strip)))

    def _reverb(self) -> BusSettings:
        reverb = self.structure.reverb
        others = [printable(s.name) for s in self.structure.returns if s is not reverb]
        if others:
            self.notes.append(f"effect tracks that were not taken: {_listing(others)}")
        if reverb is not None:
            name = printable(reverb.name)
            self.notes.append(f"{name} was taken for the reverb; what its plug-in does is not in the file")
        return BusSettings(self._noted("reverb", taken_return(self.structure)))

    def _master(self) -> MasterSettings:
        return MasterSettings(self._noted("master", taken_master_channel(self.structure)))

    def _noted(self, name: str, taken: Taken) -> dict[str, float]:
        """The values of ``taken``; what is not the console's goes to the notes."""
        if taken.left_out:
            self.notes.append(f"{printable(name)}: not taken as it stands: {', '.join(taken.left_out)}")
        return taken.values

    def _note_the_rest(self) -> None:
        self.notes += group_notes(self.structure)
        if self.tempo.constant_bpm is None:
            self.notes.append("the tempo changes; the session has none")
        soloed = [name for name, s in self.structure.tracks.items() if _is_solo(s)]
        if soloed:
            self.notes.append(f"solo was not taken: {_listing([printable(name) for name in soloed])}")
        if any(clip.tag == "Clip" for scenes in self.root.findall("Scenes") for clip in scenes.iter()):
            self.notes.append("clips of the clip launcher are not in the arrangement and were not taken")
        known = {s.track.get("id", "") for s in self.structure.tracks.values()}
        if any(content.pieces for track, content in self.contents.items() if track not in known):
            self.notes.append("audio on groups, effect tracks or the master was not taken")


def _is_solo(strip: Strip) -> bool:
    return strip.channel is not None and is_true(strip.channel.get("solo"), False)


def _clip(piece: Piece, media: Media, rate: int) -> Clip:
    """``piece`` in samples at ``rate`` Hz, without what lies before 0 or after the file's end."""
    begin = max(round(piece.begin_s * rate), 0)
    offset = max(round(max(piece.begin_s, 0.0) * rate) - round(piece.origin_s * rate), 0)
    last = round(piece.origin_s * rate) + math.ceil(media.info.num_samples * rate / media.info.sample_rate)
    end = last if math.isinf(piece.end_s) else min(round(piece.end_s * rate), last)
    return Clip(
        name=piece.name,
        channels=tuple(SourceChannel(media.file, channel) for channel in range(min(media.info.channels, 2))),
        position=begin,
        length=max(end - begin, 0),
        offset=offset,
        curves=tuple(_fade(ramp, begin, rate) for ramp in piece.ramps),
        muted=piece.is_muted,
        file_rate=None if media.info.sample_rate == rate else media.info.sample_rate,
    )


def _fade(ramp: Ramp, position: int, rate: int) -> GainCurve:
    return LinearFade(round(ramp.begin_s * rate, 3) - position, round(ramp.end_s * rate, 3) - position, ramp.is_rising)


def _unreadable_text(strip: Strip, content: Content, missing: list[str]) -> str:
    """Why the audio of ``strip`` cannot be had, "" where it can."""
    if content.num_stretched:
        return f"its audio is stretched in time by the DAW; bounce it {_BOUNCE} and export again"
    if missing:
        return f"{_listing(sorted(set(missing)))}; export the project with its audio in it"
    is_played = content.has_notes or has_instrument(strip.channel) or strip.kinds == {"notes"}
    if is_played and (content.has_notes or not content.pieces):
        return f"an instrument plays it; bounce it {_BOUNCE} and export again"
    return ""


def _listing(items: list[str]) -> str:
    counted = list(Counter(items))
    more = len(counted) - NAMES_SHOWN
    return ", ".join(counted[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
