"""What the controller learns from: a session's evidence, and what is known of how it should be mixed.

Conventions: N tracks, P rows of ``CHANNEL_PARAMS``, positions are those of controls, 0..1. What is not known is masked
or NaN, never guessed.

Contents: :class:`Example`, :func:`save_example`, :func:`load_example`; :class:`Cache`, a folder of examples by name.
"""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.controller.evidence import TrackEvidence

#: Raised whenever what an example holds, or how it is made, changes: older files in a cache are then made anew.
VERSION = 2
#: Sample rate of the excerpts in Hz.
EXCERPT_RATE = 44_100


@dataclass(frozen=True)
class Example:
    """One session to learn from.

    ``tracks`` the audible tracks; ``roles`` (N,) index in ``ROLES``, -1 unknown; ``positions`` (N, P) of the engineer's
    controls where ``known`` (N, P); ``level_db`` (N,) how loud each track stands in the engineer's mix, up to one
    constant for all, NaN unknown; ``reverb`` (5,) positions of the bus's controls, NaN unknown; ``balance_db`` (N,)
    right over left; ``source`` names the kind of example. ``excerpt`` (N, 2, X) are some seconds of every track at the
    reference loudness, at ``EXCERPT_RATE`` (a mono one in the first channel alone), and ``contribution`` (N, 2, X) the
    same behind the engineer's console: their sum is the mix to come close to; X is 0 where no audio was kept. Finished
    stems carry their mixer's tone and place: nothing is left to do to them, and damaging them makes something to do.
    """

    source: str
    tracks: tuple[TrackEvidence, ...]
    roles: NDArray[np.int64]
    positions: NDArray[np.float32]
    known: NDArray[np.bool_]
    level_db: NDArray[np.float32]
    reverb: NDArray[np.float32]
    balance_db: NDArray[np.float32]
    excerpt: NDArray[np.float16]
    contribution: NDArray[np.float16]

    @property
    def is_finished(self) -> bool:
        """Whether the tracks are finished stems rather than raw recordings."""
        return self.source == "stems"

    @property
    def kinds(self) -> frozenset[str]:
        """What it can be asked for as: its source, and ``"heard SOURCE"`` where audio was kept."""
        return frozenset((self.source, f"heard {self.source}") if self.excerpt.shape[-1] else (self.source,))

    def without_audio(self) -> Example:
        """The same without excerpts."""
        silence = self.excerpt[..., :0]
        return replace(self, excerpt=silence, contribution=silence)


_OF_TRACKS = ("mel_db", "side", "scalars", "named", "activity", "passages_s")
_OF_SESSION = tuple(f.name for f in fields(Example) if f.name not in ("source", "tracks"))


def save_example(path: Path, example: Example) -> None:
    """Write ``example`` as a compressed ``.npz`` file, whole or not at all."""
    arrays = {name: getattr(example, name) for name in _OF_SESSION}
    for index, track in enumerate(example.tracks):
        arrays |= {f"{name}.{index}": np.asarray(getattr(track, name)) for name in _OF_TRACKS}
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez_compressed(file, source=np.array(example.source), **arrays)
    unfinished.replace(path)


def load_example(path: Path) -> Example:
    """The example that :func:`save_example` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        session = {name: stored[name] for name in _OF_SESSION}
        tracks = []
        for index in range(len(session["roles"])):
            values = {name: stored[f"{name}.{index}"] for name in _OF_TRACKS}
            values["passages_s"] = tuple(tuple(float(t) for t in pair) for pair in values["passages_s"])
            tracks.append(TrackEvidence(**values))
        return Example(source=str(stored["source"]), tracks=tuple(tracks), **session)


@dataclass(frozen=True)
class Cache:
    """Examples on disk under ``folder``, made once: reading them is a hundred times faster than making them."""

    folder: Path

    def missing(self, jobs: Iterable[tuple[str, Callable[[], Example]]]) -> list[str]:
        """The keys of those ``jobs`` whose examples are not in the folder."""
        return [key for key, _ in jobs if not self._path(key).exists()]

    def load_all(
        self,
        jobs: Iterable[tuple[str, Callable[[], Example]]],
        on_loaded: Callable[[int], None] = lambda _count: None,
        processes: int = 1,
    ) -> list[Example]:
        """The example of every job ``(key, make)``, in order; what is not in the folder is made, ``processes`` at once.

        ``make`` must be picklable. ``on_loaded(count)`` hears how many are there. Raises what ``make`` raises.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        listed = [(self._path(key), make) for key, make in jobs]
        missing = [(path, make) for path, make in listed if not path.exists()]
        done = len(listed) - len(missing)
        on_loaded(done)
        for count, _ in enumerate(_make_all(missing, processes), done + 1):
            on_loaded(count)
        return [load_example(path) for path, _ in listed]

    def _path(self, key: str) -> Path:
        digest = hashlib.sha256(f"{VERSION}/{key}".encode()).hexdigest()[:20]
        return self.folder / f"{digest}.npz"


def _make_all(missing: Sequence[tuple[Path, Callable[[], Example]]], processes: int) -> Iterator[None]:
    """Make and save each; one item per example done."""
    if processes == 1:
        yield from map(_make_and_save, missing)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), _leave_stopping_to_parent) as pool:
        yield from pool.map(_make_and_save, missing, chunksize=1)


def _leave_stopping_to_parent() -> None:
    """Ctrl-C reaches every process of a terminal: here what was begun is finished, and saved."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _make_and_save(job: tuple[Path, Callable[[], Example]]) -> None:
    path, make = job
    save_example(path, make())
