"""Where a command reads: the session, the saved mix that came with it, and what to say of files that break."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.arrays import FloatArray
from assistant.audio.formats import AudioError, printable
from assistant.audio.reading import load_track
from assistant.mix import Mix, Session, Track
from assistant.tasks import Cancelled
from assistant.wording import count_text, duration_text
from protocols.mixfile import read_mix_file
from protocols.projects import is_project, pull_project
from protocols.stems import SessionError, broken_text, read_stems_folder

if TYPE_CHECKING:  # it brings rich along
    from assistant.cli.terminal import Audience

# Whole mixes, as float, that a render holds at its peak: dry, send, return, master, and the meters' share.
_MIXES_IN_MEMORY = 5


class BrokenTrackError(AudioError):
    """A track whose audio turned out to be broken when it was decoded."""


@dataclass(frozen=True)
class Source:
    """A session to work on, where it was read from, and the saved mix that it came with, if any.

    ``before`` is the mix as it stands in a DAW's session; None where there is no desk yet.
    """

    path: Path
    session: Session
    mix: Mix | None
    before: Mix | None = None


@dataclass(frozen=True)
class Reading:
    """How to read: at another rate (Hz), without the broken files, with the audio of a saved mix elsewhere.

    ``audio_folder`` is a folder, or a project whose tracks are pulled.
    """

    sample_rate: int | None = None
    skip_broken: bool = False
    audio_folder: Path | None = None


class TrackLoader:
    """Loads tracks for engineers and renders, and remembers which of them were digital silence."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.sounding: set[str] = set()

    def __call__(self, track: Track, sample_rate: int) -> FloatArray:
        """The track's audio; raises :class:`BrokenTrackError`."""
        try:
            audio = load_track(track, sample_rate)
        except AudioError as error:
            raise BrokenTrackError(str(error)) from error
        (self.sounding if np.any(audio) else self.silent).add(track.name)
        return audio

    @property
    def heard_only_silence(self) -> bool:
        """Whether tracks were loaded and none of them held a sound."""
        return bool(self.silent) and not self.sounding


def read_source(path: Path, reading: Reading, audience: Audience) -> Source:
    """The session at ``path``: a folder of stems, a mix file or a DAW's session; notes about it are printed.

    Raises :class:`SessionError` for a session that cannot be read, or that is longer than memory allows.
    """
    mix = before = None
    if is_mix_file(path):
        folder = _audio_folder(reading.audio_folder, audience)
        mix, session, notes = read_mix_file(path, source=folder, skip_broken=reading.skip_broken)
    elif is_project(path):
        session, before, notes = _pulled(path, audience)
    else:
        session, notes = read_stems_folder(path, skip_broken=reading.skip_broken, sample_rate=reading.sample_rate)
    for note in notes:
        audience.note(note)
    if reading.sample_rate is not None:
        session = replace(session, sample_rate=reading.sample_rate)
    _check_memory(path, session)
    source = Source(path, session, mix, before)
    return _without_broken(source, audience) if reading.skip_broken else source


def is_mix_file(path: Path) -> bool:
    """Whether ``path`` is named as a mix file rather than as a folder of stems."""
    return path.suffix.lower() == ".json" and not path.is_dir()


def _pulled(path: Path, audience: Audience) -> tuple[Session, Mix, tuple[str, ...]]:
    """The session of a DAW's session file, its tracks pulled as stems; the mix as it stands there; notes."""
    with audience.stage("Pulling the tracks") as progress:
        return pull_project(path, progress)


def _audio_folder(path: Path | None, audience: Audience) -> Path | None:
    """The folder at ``path``, or that of the tracks pulled from the project there."""
    if path is None or not is_project(path):
        return path
    session, _, notes = _pulled(path, audience)
    for note in notes:
        audience.note(note)
    return session.source


@contextmanager
def naming_all_broken(source: Source, audience: Audience) -> Iterator[None]:
    """When one track breaks in the block, decode them all, and raise one :class:`SessionError` naming every such."""
    try:
        yield
    except BrokenTrackError as error:
        broken = _broken_tracks(source.session, audience) or {"": str(error)}
        raise SessionError(broken_text(source.path, broken)) from error


def note_silence(source: Source, loader: TrackLoader, audience: Audience) -> None:
    """Say which tracks are silent; raise :class:`SessionError` when all are."""
    if loader.heard_only_silence:
        count = count_text(len(source.session.tracks), "track")
        raise SessionError(
            f"{printable(source.path)}: nothing but digital silence on its {count}; "
            "were the tracks muted, or an empty range selected, when they were exported?"
        )
    silent = [printable(t.name) for t in source.session.tracks if t.name in loader.silent]
    if silent:
        audience.note(f"silent, left as they are: {', '.join(silent)}")


def check_audible(source: Source, mix: Mix) -> None:
    """Raise :class:`SessionError` where an engineer that listened left every track alone."""
    from assistant.engineers.hearing import SILENT_REASON  # brings the meters along

    if mix.channels and all(SILENT_REASON in channel.reasons for channel in mix.channels):
        raise SessionError(
            f"{printable(source.path)}: no audible track; every one was {SILENT_REASON}. "
            "Were the faders down when they were exported?"
        )


def _without_broken(source: Source, audience: Audience) -> Source:
    """``source`` without the tracks whose audio cannot be decoded to its end."""
    broken = _broken_tracks(source.session, audience)
    for text in broken.values():
        audience.note(f"left out: {text}")
    kept = tuple(t for t in source.session.tracks if t.name not in broken)
    if not kept:
        raise SessionError(f"{printable(source.path)}: no track is left: none of the files can be read")
    mix, before = (
        None if found is None else replace(found, channels=tuple(c for c in found.channels if c.name not in broken))
        for found in (source.mix, source.before)
    )
    return replace(source, session=replace(source.session, tracks=kept), mix=mix, before=before)


def _broken_tracks(session: Session, audience: Audience) -> dict[str, str]:
    """What is wrong with each track that cannot be decoded to its end, by name."""

    def fault(track: Track) -> str:
        if audience.is_cancelled():
            raise Cancelled(f"cancelled before {track.name} was read")
        try:
            load_track(track, track.sample_rate)
        except AudioError as error:
            return str(error)
        return ""

    broken = {}
    with audience.stage("Checking every file") as progress, ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, (track, text) in enumerate(zip(session.tracks, pool.map(fault, session.tracks), strict=True), 1):
            if text:
                broken[track.name] = text
            progress(done / len(session.tracks), track.name)
    return broken


def memory_bytes() -> int:
    """The machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _check_memory(path: Path, session: Session) -> None:
    needed = _MIXES_IN_MEMORY * 8.0 * session.duration_s * session.sample_rate
    there = memory_bytes()
    if needed > there:
        last = max(session.tracks, key=lambda t: t.end_s)
        raise SessionError(
            f"{printable(path)}: the session lasts {duration_text(session.duration_s)} (until the end of "
            f"{printable(last.name)}) and would need {needed / 1e9:.0f} GB of memory; {there / 1e9:.0f} GB are there. "
            "Is a track's start wrong? Otherwise mix it in parts"
        )
