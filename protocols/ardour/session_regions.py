"""Ardour's sources, playlists and regions as clips.

Contents: :func:`read_sources` (all audio of a session), :func:`read_clips` (the regions of a playlist). What cannot be
had raises :class:`RegionError`, whose text goes to the user behind the track's name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from assistant.audio.formats import AudioError, printable
from assistant.audio.reading import probe
from protocols.ardour.session_curves import (
    STYLES,
    Curve,
    Fade,
    LowerFades,
    OwnFades,
    default_fade_points,
    mirrored,
)
from protocols.ardour.session_time import Times
from protocols.arrangement import ArrangedTrack, Clip, GainCurve, NestedChannel, SourceChannel

#: Regions that a track plays, those inside compounds counted each time: what lies beyond is made to choke on.
MOST_REGIONS = 100_000
MOST_POINTS = 1_000_000
MOST_CHANNELS = 64
HIGHEST_GAIN = 1e4
DEEPEST_COMPOUND = 16
_TOP_GAIN = 2.0


def is_yes(text: str) -> bool:
    """Whether Ardour reads ``text`` as true."""
    return text.lower() in ("1", "yes", "true", "y")


def number(text: str) -> float:
    """``text`` as a number; ``ValueError`` for what is none, or not finite."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]!r} is no finite number")
    return value


class RegionError(Exception):
    """A region that cannot be played; the message says why, and what to do."""


@dataclass(frozen=True)
class Material:
    """What regions are made of: the ``<Source>``s by id, the folders of a session's own audio, its times.

    ``notes`` gathers what the user is to know. ``has_fades`` is the session's option to use region fades.
    """

    sources: Mapping[str, Element]
    folders: tuple[Path, ...]
    times: Times
    has_fades: bool
    notes: dict[str, None] = field(default_factory=dict)
    lengths: dict[Path, int | str] = field(default_factory=dict)
    compounds: dict[str, NestedChannel] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)

    def length_of(self, file: Path) -> int:
        """Samples in ``file``; raises :class:`RegionError`."""
        if file not in self.lengths:
            try:
                info = probe(file)
                self.lengths[file] = info.num_samples
            except AudioError as error:
                self.lengths[file] = f"{error}; put it back, or take the region off the track in Ardour and save"
            else:
                if info.sample_rate != self.times.sample_rate:
                    rates = f"{info.sample_rate} Hz in a session of {self.times.sample_rate} Hz"
                    self.notes[f"{printable(file.name)}: {rates}: plays at another pitch, as in Ardour"] = None
        found = self.lengths[file]
        if isinstance(found, str):
            raise RegionError(found)
        return found


def read_material(session: Element, file: Path, times: Times) -> Material:
    """The material of the ``<Session>`` in ``file``."""
    options = {option.get("name"): option.get("value", "") for option in session.iterfind("Config/Option")}
    # Compounds keep theirs in the region that is all of them.
    listed = (*session.iterfind("Sources/Source"), *session.iterfind(".//NestedSource/Source"))
    sources = {source.get("id", ""): source for source in listed}
    named = options.get("raid-path", "").split(":") + options.get("audio-search-path", "").split(":")
    roots = [file.absolute().parent, *(Path(name) for name in named if name and Path(name).is_absolute())]
    folders = dict.fromkeys(folder.resolve() for root in roots for folder in _audio_folders(root))
    return Material(sources, tuple(folders), times, is_yes(options.get("use-region-fades", "1")))


def read_clips(playlist: Element, material: Material) -> tuple[Clip, ...]:
    """The audio regions of a ``<Playlist>``; raises :class:`RegionError`."""
    regions = [region for region in playlist.iterfind("Region") if region.get("type", "audio") == "audio"]
    regions.sort(key=lambda region: int(region.get("layering-index", "0")))
    clips = []
    for layer, region in enumerate(regions):
        try:
            clips.append(_clip(region, layer, material))
        except (ValueError, OverflowError) as error:
            name = printable(region.get("name", ""))
            raise RegionError(f"its region {name} cannot be understood ({error}); save the session again") from error
    if _count(tuple(clips), {}) > MOST_REGIONS:
        raise RegionError(f"it plays more than {MOST_REGIONS} regions; bounce it in Ardour and pull again")
    return tuple(clips)


def _clip(region: Element, layer: int, material: Material) -> Clip:
    times = material.times
    name, is_muted = region.get("name", ""), is_yes(region.get("muted", "0"))
    length, position = _place(region, times)
    offset = times.samples(times.position(region.get("start", "a0")))
    if min(length, position, offset) < 0:
        raise ValueError("a negative time")
    if is_muted:
        return Clip(name, (), position, length, layer=layer, muted=True)
    channels, gain = _channels(region, material)
    if isinstance(channels[0], SourceChannel):
        whole = material.length_of(channels[0].file)
        length = length if length <= whole else max(whole - offset, 0)
    gain *= number(region.get("scale-amplitude", region.get("scale-gain", "1")))
    if abs(gain) > HIGHEST_GAIN:
        raise ValueError(f"a gain of {gain:g}")
    opaque = is_yes(region.get("opaque", "1"))
    fade_in, fade_out = (_fade(region, side, material) for side in ("In", "Out"))
    fades = OwnFades(fade_in, fade_out, length, opaque)
    if any(child.tag.startswith("RegionFX") for child in region):
        material.notes[f"the region effects of {printable(name)} are left out"] = None
    return Clip(
        name,
        channels,
        position,
        length,
        offset,
        gain,
        (*_envelope(region, times), fades),
        layer,
        opaque,
        fade_in.length,
        fade_out.length,
        LowerFades(fade_in, fade_out, length) if opaque else None,
    )


def _place(region: Element, times: Times) -> tuple[int, int]:
    """Length and position, in samples."""
    length, position = times.length(region.get("length", ""))
    if "@" not in region.get("length", ""):  # before Ardour 7
        position = times.position(region.get("position", "0"))
    return times.samples(length), times.samples(position)


def _channels(region: Element, material: Material) -> tuple[tuple[SourceChannel | NestedChannel, ...], float]:
    """The sources of a region's channels, and the gain that they have in common."""
    found, gains = [], []
    for index in range(min(int(region.get("channels", "1")), MOST_CHANNELS)):
        key = region.get(f"source-{index}") or (region.get("source") if index == 0 else None)
        if key is None:
            continue
        source = material.sources.get(key)
        if source is None:
            raise RegionError(f"its region {printable(region.get('name', ''))} is of a source that the session lacks")
        found.append(_nested(source, material) if source.get("playlist") else _file(source, material))
        gains.append(number(source.get("gain", "1")))
    if not found:
        raise ValueError("no source")
    return tuple(found), gains[0]


def _file(source: Element, material: Material) -> SourceChannel:
    channel = int(source.get("channel", "0"))
    origin, name = source.get("origin", ""), source.get("name", "")
    if "\0" in origin + name or not 0 <= channel < MOST_CHANNELS:
        raise ValueError("a source that is no file")
    if Path(origin).is_absolute():
        return SourceChannel(Path(origin), channel)
    if Path(name).is_absolute() or ".." in Path(name).parts or not name:
        raise RegionError(f"its audio file {printable(name)} would lie outside the session, and is not read")
    hits = [folder / name for folder in material.folders if _is_file(folder / name)]
    if len(hits) > 1:
        where = f"taken from {printable(hits[0].parent)}"
        material.notes[f"{printable(name)} lies in {len(hits)} folders of the session; {where}"] = None
    if not hits:
        where = ", ".join(printable(folder) for folder in material.folders) or "the session's folder"
        raise RegionError(f"its audio file {printable(name)} is missing in {where}; put it back and pull again")
    return SourceChannel(hits[0], channel)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def _nested(source: Element, material: Material) -> NestedChannel:
    """A channel of a compound region: a playlist of its own, kept in the source."""
    key = source.get("id", "")
    if key in material.unfinished or len(material.unfinished) >= DEEPEST_COMPOUND:
        raise ValueError("a compound that is part of itself, or nested too deep")
    if key not in material.compounds:
        material.unfinished.append(key)
        try:
            material.compounds[key] = _compound(source, material)
        finally:
            material.unfinished.pop()
    return material.compounds[key]


def _compound(source: Element, material: Material) -> NestedChannel:
    playlist, times = source.find("Playlist"), material.times
    channel = int(source.get("channel", "0"))
    if playlist is None or not 0 <= channel < MOST_CHANNELS:
        raise ValueError("a compound without regions, or of too many channels")
    start = times.samples(times.position(source.get("offset", "a0")))
    length = times.samples(times.length(source.get("length", ""))[0])
    track = ArrangedTrack(source.get("name", ""), channel + 1, read_clips(playlist, material))
    return NestedChannel(track, channel, start, length)


def _count(clips: tuple[Clip, ...], known: dict[int, int]) -> int:
    """How many regions ``clips`` play, those inside compounds each time; ``known`` keeps what was counted."""
    total = len(clips)
    for source in (source for clip in clips for source in clip.channels[:1]):
        if isinstance(source, NestedChannel):
            if id(source.track) not in known:
                known[id(source.track)] = _count(source.track.clips, known)
            total += known[id(source.track)]
    return total


def _fade(region: Element, side: str, material: Material) -> Fade:
    times, is_in = material.times, side == "In"
    points = default_fade_points(is_in, times.superclocks)
    own = _curve(region.find(f"Fade{side}"), times) or Curve(points, "Curved", times.sample_rate, times.per_second)
    inverse = Curve(mirrored(points), "Curved", times.sample_rate, times.per_second)
    below = _curve(region.find(f"InverseFade{side}"), times) or inverse
    node = region.find(f"Fade{side}")
    told = node.get("active", "1") if node is not None else "1"
    active = region.get(f"fade-{side.lower()}-active", told)
    return Fade(own, below, material.has_fades and is_yes(active) and own.length > 0)


def _envelope(region: Element, times: Times) -> Iterator[GainCurve]:
    if is_yes(region.get("envelope-active", "0")):
        curve = _curve(region.find("Envelope"), times)
        if curve is not None:
            yield curve


def _curve(node: Element | None, times: Times) -> Curve | None:
    """The curve in ``node``, None for a default one."""
    if node is None or is_yes(node.get("default", "0")):
        return None
    written = node.find("AutomationList")
    words = (written.findtext("events") or "").split() if written is not None else []
    if written is None or not 2 <= len(words) <= 2 * MOST_POINTS:
        return None
    style = written.get("interpolation-style", "Linear")
    if style not in STYLES:
        raise ValueError(f"a curve of style {style[:40]!r}")
    at = [times.position(word) for word in words[: len(words) // 2 * 2 : 2]]
    gains = [min(max(number(word), 0.0), _TOP_GAIN) for word in words[1::2]]
    points = tuple(sorted(zip(at, gains, strict=True), key=lambda point: point[0]))
    if points[0][0] < 0:
        raise ValueError("a curve that begins before its region")
    return Curve(points, style, times.sample_rate, times.per_second)


def _audio_folders(root: Path) -> Iterator[Path]:
    """Where the session folder ``root`` keeps audio; ``sounds`` is of Ardour 2. Or ``root`` itself holds it."""
    try:
        inside = sorted(folder / "audiofiles" for folder in (root / "interchange").iterdir())
        yield from (folder for folder in (*inside, root / "sounds") if folder.is_dir())
    except OSError:
        yield root
