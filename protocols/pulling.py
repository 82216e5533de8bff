"""Writes an arrangement's tracks as stems, one float WAV each, and tells what could not be had.

Every stem begins where the session does. A track that has not changed since the last pull into the same folder is not
written again: ``pulled.json`` there records what was written and from what. Files that it does not record, or that
changed since, are never touched.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event

from assistant.arrays import FloatArray
from assistant.audio.atomic import open_atomically, write_text_atomically
from assistant.audio.formats import LONGEST_HOURS, AudioError, printable
from assistant.audio.wav_format import wav_header
from assistant.mix import ChannelMix, Mix, Session, Track
from assistant.tasks import Cancelled, IsCancelled, Progress
from protocols.arrangement import ArrangedTrack, Arrangement, NestedChannel
from protocols.naming import distinct
from protocols.playing import Player, end_of
from protocols.stems import SessionError, check_session_rate

RECORD = "pulled.json"
FORMAT = "mixassist-pull/1"
LARGEST_RECORD = 16 << 20
LONGEST_NAME = 80
THREADS = 4
POLL_S = 0.1


@dataclass(frozen=True)
class _Stem:
    """A file that was written: from what (a digest of the clips and their sources), and as it was left."""

    track: str
    made_from: str
    size: int
    mtime_ns: int

    def is_intact(self, file: Path) -> bool:
        """Whether ``file`` is as it was written."""
        try:
            status = file.lstat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns)


def pull(
    arrangement: Arrangement,
    folder: Path,
    progress: Progress = lambda share, text: None,
    is_cancelled: IsCancelled = lambda: False,
) -> tuple[Session, tuple[str, ...]]:
    """Write the tracks of ``arrangement`` that can be heard into ``folder``; the session they make, and notes.

    The folder is made if it is missing. Names, rate and tempo are the DAW's; tracks without audio, muted ones and those
    that cannot be read are left out and said in the notes. Raises :class:`SessionError` where none is left, or the
    folder cannot be written, and :class:`~assistant.tasks.Cancelled`; what is complete by then is kept for the next
    pull.
    """
    check_session_rate(arrangement.sample_rate)
    folder = Path(folder)
    named = tuple(_with_own_names(arrangement.tracks))
    wanted, notes = _chosen(named, arrangement.sample_rate)
    pulling = _Pulling(folder, arrangement.sample_rate, _read_record(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        planned = [pulling.plan(track) for track in wanted]
        failed = _write_all(pulling, planned, progress, is_cancelled)
        pulling.remove_stale()
    except AudioError as error:
        raise SessionError(str(error)) from error
    except OSError as error:
        raise SessionError(f"{printable(folder)}: cannot be written ({error.strerror or error})") from error
    finally:
        pulling.save()
    notes += [f"left out: {printable(plan.track.name)}: {failed[plan]}" for plan in planned if plan in failed]
    tracks = tuple(pulling.stem(plan) for plan in planned if plan not in failed)
    if not tracks:
        raise SessionError(_nothing_text(arrangement, notes))
    progress(1.0, "")
    session = Session(tracks, arrangement.sample_rate, arrangement.tempo, folder, arrangement.pan_law)
    return session, (*arrangement.notes, *notes)


def before_mix(arrangement: Arrangement, session: Session) -> Mix:
    """The mix as it stands in the DAW, of the tracks that ``session`` was pulled with."""
    settings = {track.name: track.settings for track in _with_own_names(arrangement.tracks)}
    channels = tuple(ChannelMix(track.name, settings[track.name]) for track in session.tracks)
    return Mix(channels, arrangement.reverb, arrangement.master, engineer="as in the DAW")


class _UnreadableError(Exception):
    """What a track plays cannot be read, as against a stem that cannot be written."""


@dataclass(frozen=True, eq=False)
class _Plan:
    """That ``track``, made from what ``made_from`` is a digest of, goes into the file ``name``, or lies there."""

    track: ArrangedTrack
    name: str
    made_from: str
    is_there: bool


@dataclass
class _Pulling:
    """One pull: what was in the folder of the last one, and what is there of this."""

    folder: Path
    rate: int
    before: dict[str, _Stem]
    now: dict[str, _Stem] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def plan(self, track: ArrangedTrack) -> _Plan:
        """Where the track is to go, no two into the same file."""
        made_from = _digest(track, self.rate)
        kept = self._kept(track.name, made_from)
        name = kept or self._free_name(track.name)
        self.taken.add(name.casefold())
        return _Plan(track, name, made_from, kept is not None)

    def write(self, plan: _Plan, stop: Event) -> None:
        """Write the planned file; for several threads. Raises :class:`_UnreadableError`, and :class:`AudioError`."""
        file, track = self.folder / plan.name, plan.track
        length = end_of(track)
        header = wav_header(length, track.channels, self.rate, 4, is_float=True)
        with open_atomically(file, len(header) + 4 * length * track.channels) as out:
            out.write(header)
            for block in _read_blocks(track, self.rate, length):
                if stop.is_set():
                    raise Cancelled(f"cancelled while {track.name} was pulled")
                out.write(block.T.astype("<f4").tobytes())
        status = file.lstat()
        self.now[plan.name] = _Stem(track.name, plan.made_from, status.st_size, status.st_mtime_ns)

    def stem(self, plan: _Plan) -> Track:
        """The track of a session that the planned file is."""
        return Track(
            name=plan.track.name,
            audio_path=self.folder / plan.name,
            channels=plan.track.channels,
            sample_rate=self.rate,
            num_samples=end_of(plan.track),
        )

    def remove_stale(self) -> None:
        """Remove what the last pull wrote and this one does not need, if nobody changed it since."""
        for name, stem in self.before.items():
            if name not in self.now and stem.is_intact(self.folder / name):
                (self.folder / name).unlink()

    def save(self) -> None:
        """Record what is there and was written by pulls."""
        left = {n: s for n, s in self.before.items() if n not in self.now and s.is_intact(self.folder / n)}
        files = {name: asdict(stem) for name, stem in (left | self.now).items()}
        if not self.folder.is_dir() or not (files or self.before):
            return
        try:
            write_text_atomically(self.folder / RECORD, json.dumps({"format": FORMAT, "files": files}, indent=1) + "\n")
        except AudioError as error:
            raise SessionError(str(error)) from error

    def _kept(self, track: str, made_from: str) -> str | None:
        for name, stem in self.before.items():
            is_same = (stem.track, stem.made_from) == (track, made_from)
            if is_same and name.casefold() not in self.taken and stem.is_intact(self.folder / name):
                self.now[name] = stem
                return name
        return None

    def _free_name(self, track: str) -> str:
        """A file name like the track's that is free, or whose file the last pull wrote for this very track."""
        stem, number = safe_file_stem(track), 1
        while True:
            name = f"{stem}.wav" if number == 1 else f"{stem} ({number}).wav"
            file, old = self.folder / name, self.before.get(name)
            is_ours = old is not None and old.track == track and old.is_intact(file)
            if name.casefold() not in self.taken and (is_ours or not _exists(file)):
                return name
            number += 1


def safe_file_stem(name: str) -> str:
    """``name`` as a file name without its ending that every system takes, and that leads nowhere else."""
    plain = unicodedata.normalize("NFC", name)
    kept = "".join(c if c.isalnum() or c in " -_()+&#" else "_" for c in plain).strip()[:LONGEST_NAME].strip()
    is_reserved = re.fullmatch(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])", kept) is not None
    return f"track {kept}".strip() if is_reserved or not kept.strip("_ ") else kept


def _write_all(
    pulling: _Pulling, planned: list[_Plan], progress: Progress, is_cancelled: IsCancelled
) -> dict[_Plan, str]:
    """Write what is planned and not there, in several threads; why some could not be read."""
    failed: dict[_Plan, str] = {}
    stop = Event()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            running = {pool.submit(pulling.write, plan, stop): plan for plan in planned if not plan.is_there}
            while running:
                if is_cancelled():
                    raise Cancelled("cancelled while stems were pulled")
                for future in wait(running, POLL_S, FIRST_COMPLETED).done:
                    plan = running.pop(future)
                    try:
                        future.result()
                    except _UnreadableError as error:
                        failed[plan] = str(error)
                    progress(1.0 - len(running) / len(planned), plan.track.name)
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
    return failed


def _read_blocks(track: ArrangedTrack, rate: int, length: int) -> Iterator[FloatArray]:
    try:
        yield from Player(track, rate).blocks(0, length)
    except AudioError as error:
        raise _UnreadableError(str(error)) from error


def _with_own_names(tracks: Sequence[ArrangedTrack]) -> Iterator[ArrangedTrack]:
    """``tracks`` with names that differ."""
    for track, name in zip(tracks, distinct(track.name for track in tracks), strict=True):
        yield replace(track, name=name)


def _chosen(tracks: Iterable[ArrangedTrack], rate: int) -> tuple[list[ArrangedTrack], list[str]]:
    """The tracks to be written, and a sentence on each other one."""
    chosen, notes, muted, empty = [], [], [], []
    for track in tracks:
        if track.unreadable:
            notes.append(f"left out: {printable(track.name)}: {track.unreadable}")
        elif not end_of(track):
            empty.append(printable(track.name))
        elif end_of(track) > LONGEST_HOURS * 3600 * rate:
            notes.append(f"left out: {printable(track.name)}: longer than {LONGEST_HOURS} hours; is a clip far astray?")
        elif track.muted:
            muted.append(printable(track.name))
        else:
            chosen.append(track)
    if muted:
        notes.append(f"left out, muted in the DAW: {', '.join(muted)}")
    if empty:
        notes.append(f"left out, without audio: {', '.join(empty)}")
    return chosen, notes


def _nothing_text(arrangement: Arrangement, notes: list[str]) -> str:
    lines = "".join(f"\n  {note}" for note in (*arrangement.notes, *notes))
    return f"{printable(arrangement.file)}: no track with audio that can be pulled{lines}"


def _digest(track: ArrangedTrack, rate: int) -> str:
    """Of all that makes the track's audio: its clips, and size and time of the files they play."""
    files = sorted(set(_files(track)))
    made_from = [repr((FORMAT, rate, track.channels, track.clips))]
    for file in files:
        try:
            status = file.stat()
        except OSError:
            made_from.append("missing")
        else:
            made_from.append(repr((status.st_size, status.st_mtime_ns)))
    return hashlib.sha256("\n".join(made_from).encode("utf-8", "backslashreplace")).hexdigest()


def _files(track: ArrangedTrack) -> Iterator[Path]:
    for clip in track.clips:
        for source in clip.channels:
            if isinstance(source, NestedChannel):
                yield from _files(source.track)
            else:
                yield source.file


def _read_record(folder: Path) -> dict[str, _Stem]:
    """What the last pull recorded. No name in it leads out of the folder.

    Raises :class:`SessionError` for a file of that name that no pull wrote, and that is not to be lost.
    """
    file = folder / RECORD
    if not _exists(file):
        return {}
    try:
        if file.is_symlink() or file.stat().st_size > LARGEST_RECORD:
            raise ValueError("a link, or too large")
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError("another format")
        stems = {name: _Stem(**row) for name, row in document["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SessionError(f"{printable(file)}: was not written by a pull; choose another folder") from error
    return {name: stem for name, stem in stems.items() if _is_plain(name)}


def _is_plain(name: str) -> bool:
    return name.endswith(".wav") and not set(name) & set("/\\:\0") and not name.startswith(".")


def _exists(file: Path) -> bool:
    return file.exists() or file.is_symlink()
