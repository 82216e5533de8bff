"""Writes a mix as a new ``.dawproject``: tracks with their audio inside, faders, pans, sends, EQ, compressors, limiter.

Units are those that DAWs write themselves and so surely read: levels linear, pan 0 to 1, frequencies in semitones,
ratios in percent. The format has no reverb: the return is there, empty, its settings as a comment. True to the format's
schema; not tried in the DAWs themselves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from os import PathLike
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent

import soundfile

from assistant import __version__
from assistant.audio.formats import AudioError, printable
from assistant.audio.reading import load_track, probe
from assistant.audio.writing import write_audio
from assistant.mix import ChannelMix, Mix, Session, Track
from assistant.params import BY_NAME, Param
from assistant.plugins import REVERB_BUS_NAME
from protocols.arrangement import Arrangement
from protocols.dawproject.document import project_xml, writable
from protocols.dawproject.package import METADATA_FILE, PROJECT_FILE
from protocols.dawproject.packing import Packing, write_package
from protocols.dawproject.saying import reverb_text, unsaid
from protocols.dawproject.strips import CHANNEL_ORDER, set_level, set_master, set_strip
from protocols.dawproject.units import BPM, LEVEL_DB, add_parameter, text_of
from protocols.pulling import safe_file_stem
from protocols.stems import SessionError

#: What is copied as it is: formats by ending, and encodings, that every DAW reads.
_COPIED = {".wav": ("WAV", "WAVEX"), ".flac": ("FLAC",)}
_ENCODINGS = frozenset({"PCM_16", "PCM_24", "PCM_32", "FLOAT"})
#: What gets an id for others to name it by, as DAWs give it.
_NUMBERED = frozenset(
    {"Mute", "Pan", "Volume", "Enable", "Tempo", "Lanes", "Clips", "Audio", "Equalizer", "Compressor", "Limiter"}
)


@dataclass(frozen=True)
class _Part:
    """A channel of the mix with its track, the file of its audio, and what that is called inside."""

    channel: ChannelMix
    track: Track
    file: Path
    member: str
    num_samples: int


def write_dawproject(
    path: str | PathLike[str], mix: Mix, session: Session, arrangement: Arrangement | None = None
) -> tuple[str, ...]:
    """Write ``mix`` of ``session`` as the project ``path``, whole or not at all; notes on what it cannot say.

    WAV and FLAC files go in as they are, all else as float WAV. With the ``arrangement`` that the session was pulled
    from, the project has its name and tempo, and the notes its pan law and what could not be pulled. Raises
    :class:`SessionError` for a channel without a track, audio that cannot be read, and a file that cannot be written.
    """
    target = Path(path)
    sources = [track.audio_path for track in session.tracks if track.audio_path is not None]
    sources += [session.source] if session.source is not None else []
    sources += [arrangement.file] if arrangement is not None else []
    with tempfile.TemporaryDirectory() as folder:
        parts = list(_parts(target, mix, session, Path(folder)))
        root = _project(mix, parts, _tempo(session, arrangement))
        size = sum(part.file.stat().st_size for part in parts)
        with write_package(target, size, sources) as package:
            _pack(package, root, target.stem if arrangement is None else arrangement.name, parts)
    law = session.pan_law if arrangement is None else arrangement.pan_law
    mono = [part.channel.name for part in parts if part.track.channels == 1]
    left_out = () if arrangement is None else arrangement.tracks
    return (
        *unsaid(mix, law, REVERB_BUS_NAME, mono),
        *(f"not in the project: {printable(t.name)}: {t.unreadable}" for t in left_out if t.unreadable),
    )


def add_reverb_bus(structure: Element, mix: Mix, track_id: str, channel_id: str, master_id: str) -> Element:
    """The effect track that takes the sends, at the end of ``structure``; its channel."""
    track = SubElement(structure, "Track", contentType="audio", loaded="true", id=track_id, name=REVERB_BUS_NAME)
    track.set("comment", f"A reverb goes here, all wet: {reverb_text(mix)}")
    channel = SubElement(track, "Channel", audioChannels="2", role="effect", solo="false", id=channel_id)
    if master_id:
        channel.set("destination", master_id)
    SubElement(channel, "Mute", value="false", name="Mute")
    _add_pan(channel, 0.0)
    row = BY_NAME["reverb_return_db"]
    set_level(channel, "Volume", CHANNEL_ORDER, audible_db(mix.reverb[row.name], row))
    return channel


def add_send(channel: Element, destination: str, level_db: float) -> None:
    """A post-fader send of ``channel`` to the channel ``destination``."""
    sends = channel.find("Sends")
    if sends is None:
        sends = Element("Sends")
        later = [index for index, child in enumerate(channel) if child.tag == "Volume"]
        channel.insert(later[0] if later else len(channel), sends)
    send = SubElement(sends, "Send", destination=destination, type="post")
    SubElement(send, "Enable", value="true", name="Enable")
    add_parameter(send, "Volume", "linear", LEVEL_DB, level_db, "Send")


def audible_db(level_db: float, row: Param) -> float:
    """``level_db``, or -inf where ``row`` is off there."""
    return float("-inf") if row.off_at_low and level_db <= row.low else level_db


def _parts(target: Path, mix: Mix, session: Session, folder: Path) -> Iterator[_Part]:
    taken: set[str] = set()
    for number, channel in enumerate(mix.channels):
        try:
            track = session.track(channel.name)
            file, num_samples = _audio_file(track, folder / f"{number}.wav")
        except KeyError as error:
            raise SessionError(f"{printable(target)}: the session has no track {channel.name!r}") from error
        except (AudioError, OSError) as error:
            raise SessionError(f"{printable(target)} was not written: {error}") from error
        member = _free(f"audio/{safe_file_stem(channel.name)}", file.suffix.lower(), taken)
        yield _Part(channel, track, file, member, num_samples)


def _audio_file(track: Track, spare: Path) -> tuple[Path, int]:
    """The file of the track's audio, its own or written to ``spare``, and its length in samples."""
    path = track.audio_path
    if track.audio is None and path is not None:
        info = probe(path)
        is_same = (info.channels, info.sample_rate) == (track.channels, track.sample_rate)
        if is_same and _is_read_by_all(path):
            return path, info.num_samples
    audio = load_track(track, track.sample_rate)
    write_audio(spare, audio, track.sample_rate, bit_depth="float")
    return spare, audio.shape[1]


def _is_read_by_all(path: Path) -> bool:
    formats = _COPIED.get(path.suffix.lower())
    if formats is None:
        return False
    try:
        info = soundfile.info(str(path))
    except soundfile.SoundFileError:
        return False
    return info.format in formats and info.subtype in _ENCODINGS


def _free(stem: str, ending: str, taken: set[str]) -> str:
    for number in count(1):
        name = f"{stem}{ending}" if number == 1 else f"{stem} ({number}){ending}"
        if name.casefold() not in taken:
            break
    taken.add(name.casefold())
    return name


def _tempo(session: Session, arrangement: Arrangement | None) -> float | None:
    return arrangement.tempo if session.tempo is None and arrangement is not None else session.tempo


def _pack(package: Packing, root: Element, title: str, parts: Iterable[_Part]) -> None:
    metadata = Element("MetaData")
    SubElement(metadata, "Title").text = writable(title)
    package.add(METADATA_FILE, project_xml(metadata))
    package.add(PROJECT_FILE, project_xml(root))
    for part in parts:
        package.add_file(part.member, part.file)


def _project(mix: Mix, parts: list[_Part], tempo: float | None) -> Element:
    root = Element("Project", version="1.0")
    SubElement(root, "Application", name="mixassist", version=__version__)
    if tempo is not None:
        add_parameter(SubElement(root, "Transport"), "Tempo", "bpm", BPM, tempo, "Tempo")
    structure = SubElement(root, "Structure")
    for number, part in enumerate(parts):
        _add_track(structure, part, number)
    lowest = BY_NAME["send_db"].low
    if any(part.channel.settings["send_db"] > lowest for part in parts):
        add_reverb_bus(structure, mix, "reverb", "reverb-channel", "master-channel")
    _add_master(structure, mix)
    lanes = SubElement(SubElement(root, "Arrangement", id="arrangement"), "Lanes", timeUnit="seconds")
    for number, part in enumerate(parts):
        _add_clip(lanes, part, f"track{number}")
    SubElement(root, "Scenes")
    for number, element in enumerate(e for e in root.iter() if e.tag in _NUMBERED and "id" not in e.attrib):
        element.set("id", f"id{number}")
    indent(root)
    return root


def _add_track(structure: Element, part: _Part, number: int) -> None:
    settings = part.channel.settings
    track = SubElement(structure, "Track", contentType="audio", loaded="true", id=f"track{number}")
    track.set("name", writable(part.channel.name))
    channel = SubElement(track, "Channel", audioChannels=str(part.track.channels), destination="master-channel")
    channel.attrib |= {"role": "regular", "solo": "false", "id": f"channel{number}"}
    SubElement(channel, "Mute", value="false", name="Mute")
    _add_pan(channel, settings["pan"])
    if settings["send_db"] > BY_NAME["send_db"].low:
        add_send(channel, "reverb-channel", settings["send_db"])
    set_level(channel, "Volume", CHANNEL_ORDER, settings["fader_db"])
    set_strip(channel, settings)


def _add_master(structure: Element, mix: Mix) -> None:
    track = SubElement(structure, "Track", contentType="audio notes", loaded="true", id="master", name="Master")
    channel = SubElement(track, "Channel", audioChannels="2", role="master", solo="false", id="master-channel")
    SubElement(channel, "Mute", value="false", name="Mute")
    _add_pan(channel, 0.0)
    set_level(channel, "Volume", CHANNEL_ORDER, 0.0)
    set_master(channel, mix.master, 0.0)


def _add_pan(channel: Element, pan: float) -> None:
    attributes = {"max": "1.0", "min": "0.0", "unit": "normalized", "value": text_of((pan + 1.0) / 2.0), "name": "Pan"}
    SubElement(channel, "Pan", attributes)


def _add_clip(lanes: Element, part: _Part, track_id: str) -> None:
    rate = part.track.sample_rate
    duration = text_of(part.num_samples / rate)
    clips = SubElement(SubElement(lanes, "Lanes", track=track_id), "Clips")
    clip = SubElement(clips, "Clip", time=text_of(part.track.start_s), duration=duration, contentTimeUnit="seconds")
    clip.attrib |= {"playStart": "0.0", "name": writable(part.channel.name)}
    audio = SubElement(clip, "Audio", channels=str(part.track.channels), sampleRate=str(rate), duration=duration)
    audio.set("timeUnit", "seconds")
    SubElement(audio, "File", path=writable(part.member), external="false")
