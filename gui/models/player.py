"""The player: versions of one song to listen to, filled from the workshop, heard on whatever device there is.

Without a device everything else works: a silent clock moves the position, so that meters and waveform can be seen.
Nothing is rendered before somebody has pressed play for the first time.

Contents: :class:`Player`, ``Fetch``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from assistant.mix import Mix
from assistant.tasks import IsCancelled, Progress
from gui.models.speakers import Speakers
from gui.playback.deck import SHORTEST_LOOP_S, VERSIONS, Deck, Status
from gui.playback.filling import Ask, next_ask
from gui.tasks import Task, Tasks
from gui.workshop.values import Tile

#: Brings a stretch of a mix: (mix, audible tracks, first sample, samples, progress, is_cancelled). On a task's thread.
Fetch = Callable[[Mix, Collection[str] | None, int, int, Progress, IsCancelled], Tile]

#: How often position and meters are told, and after how many of these a pause stops the device.
TICK_MS, _IDLE_TICKS = 33, 10
#: A loop that is switched on before there is one begins at the position and is so long.
NEW_LOOP_S = 8.0


class Player(QObject):
    """Plays the song that was opened; its times are seconds on the song's time line.

    ``tasks`` runs ``fetch``, one tile at a time; ``speakers`` say what is heard with.
    """

    position_changed = pyqtSignal(float)
    #: Playing, waiting, version, loop, gains, volume or device are no longer as they were.
    state_changed = pyqtSignal()
    #: Every channel's level in dBFS (N,) or None where nothing plays, and the output's peaks (left, right), 0..1.
    levels_changed = pyqtSignal(object, object)
    #: A tile could not be rendered: the exception, whose message is meant for the user.
    failed = pyqtSignal(Exception)

    def __init__(
        self, tasks: Tasks, fetch: Fetch, speakers: Speakers | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks, self._fetch = tasks, fetch
        self.speakers = speakers or Speakers(parent=self)
        self.speakers.changed.connect(self.state_changed)
        self._deck = Deck(48_000, 0)
        self._mixes: dict[str, Mix] = {}
        self._gains_db: dict[str, float] = {}
        self._revisions: dict[str, int] = {}
        self._last_revision = 0
        self._audible: frozenset[str] | None = None
        self._region: tuple[float, float] | None = None
        self._volume, self._is_muted = 1.0, False
        self._filling: tuple[Ask, Task] | None = None
        self._is_armed = False
        self._idle_ticks = 0
        self._last: Status = self._deck.status
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    # ------------------------------------------------------------------------------------------------- the song

    def open(self, sample_rate: int, duration_s: float) -> None:
        """Lay a new song on the deck, without any version yet."""
        self.eject()
        self._deck = Deck(sample_rate, round(duration_s * sample_rate))
        self._deck.set_volume(self._volume, self._is_muted)
        self._tell(is_new=True)

    def eject(self) -> None:
        """Stop, and forget the song."""
        self._rest()
        self._stop_filling()
        self._deck = Deck(self._deck.sample_rate, 0)
        self._mixes, self._gains_db, self._revisions = {}, {}, {}
        self._audible, self._region, self._is_armed = None, None, False
        self._tell(is_new=True)

    def set_versions(self, mixes: Mapping[str, Mix], gains_db: Mapping[str, float] | None = None) -> None:
        """What can be listened to, by names out of ``VERSIONS``, and the gains that make them equally loud.

        A mix that is not what it was is rendered anew; what was there plays on until then.
        """
        gains = {name: (gains_db or {}).get(name, 0.0) for name in mixes}
        if dict(mixes) == self._mixes and gains == self._gains_db:
            return
        changed = [name for name, mix in mixes.items() if self._mixes.get(name) != mix]
        self._mixes, self._gains_db = dict(mixes), gains
        self._revisions = {name: self._revisions.get(name, 0) for name in mixes}
        self._bump(changed)
        self._deck.set_gains(gains)
        if mixes and self.version not in mixes:
            self._deck.set_version(next(name for name in VERSIONS if name in mixes))
        self._fill()
        self._tell(is_new=True)

    def set_audible(self, names: Collection[str] | None) -> None:
        """Only these tracks sound; all of them for None."""
        audible = None if names is None else frozenset(names)
        if audible != self._audible:
            self._audible = audible
            self._bump(self._mixes)
            self._fill()

    def _bump(self, names: Collection[str]) -> None:
        if names:
            self._last_revision += 1
            self._revisions.update(dict.fromkeys(names, self._last_revision))

    # ------------------------------------------------------------------------------------------------- transport

    def play(self) -> None:
        """Go on from the position."""
        if not self._mixes or self.duration_s <= 0.0:
            return
        self._is_armed = True
        self._deck.play()
        self.speakers.look()
        self.speakers.start(self._deck.read, self._deck.sample_rate)
        self._timer.start()
        self._fill()
        self._tell()

    def pause(self) -> None:
        """Stay where it is."""
        self._deck.pause()
        self._tell()

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def stop(self) -> None:
        """Pause and go back to the beginning, or to the loop's."""
        self._deck.pause()
        self.seek(self.loop[0] if self.loop else 0.0)

    def seek(self, position_s: float) -> None:
        """Go to ``position_s``, brought into the song."""
        self._deck.seek(round(position_s * self._deck.sample_rate))
        self._fill()
        self._tell()

    def nudge(self, seconds: float) -> None:
        """Go on or back by ``seconds``."""
        self.seek(self._deck.status.position / self._deck.sample_rate + seconds)

    def set_version(self, version: str) -> None:
        """Hear another version from the same place on; one that there is no mix of is passed over."""
        if version in self._mixes and version != self.version:
            self._deck.set_version(version)
            self._fill()
            self._tell()

    def set_loop(self, region: tuple[float, float] | None) -> None:
        """Repeat from one time to another, or nothing. Brought into the song and made long enough."""
        if region is not None:
            region = self._inside(*region)
        self._region = region or self._region
        samples = None if region is None else tuple(round(t * self._deck.sample_rate) for t in region)
        if samples != self._deck.status.loop:
            self._deck.set_loop(samples)  # type: ignore[arg-type]
            self._fill()
            self._tell()

    def _inside(self, first_s: float, last_s: float) -> tuple[float, float] | None:
        shortest_s = 2.0 * SHORTEST_LOOP_S
        if self.duration_s < shortest_s:
            return None
        first_s, last_s = sorted((first_s, last_s))
        first_s = min(max(0.0, first_s), self.duration_s - shortest_s)
        return first_s, min(max(last_s, first_s + shortest_s), self.duration_s)

    def set_looping(self, is_on: bool) -> None:
        """Repeat the last loop, or a few seconds from the position on, or nothing."""
        here_s = self._deck.status.position / self._deck.sample_rate
        self.set_loop((self._region or (here_s, here_s + NEW_LOOP_S)) if is_on else None)

    def set_volume(self, volume: float) -> None:
        """The loudness of listening, an amplitude factor 0..1."""
        self._set_level(min(max(0.0, volume), 1.0), self._is_muted)

    def set_muted(self, is_muted: bool) -> None:
        """Be silent and play on."""
        self._set_level(self._volume, is_muted)

    def _set_level(self, volume: float, is_muted: bool) -> None:
        if (volume, is_muted) != (self._volume, self._is_muted):
            self._volume, self._is_muted = volume, is_muted
            self._deck.set_volume(volume, is_muted)
            self.state_changed.emit()

    # ------------------------------------------------------------------------------------------------- looking

    @property
    def duration_s(self) -> float:
        """The song's length."""
        return self._deck.length / self._deck.sample_rate

    @property
    def position_s(self) -> float:
        """What is heard now."""
        status = self._deck.status
        late_s = self.speakers.latency_s if status.state == "playing" else 0.0
        return max(0.0, status.position / self._deck.sample_rate - late_s)

    @property
    def is_playing(self) -> bool:
        """Whether it plays or would if its tile were there."""
        return self._deck.status.state != "paused"

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a tile to be rendered."""
        return self._deck.status.state == "buffering"

    @property
    def version(self) -> str:
        """What is heard."""
        return self._deck.status.version

    @property
    def versions(self) -> tuple[str, ...]:
        """What could be heard."""
        return tuple(name for name in VERSIONS if name in self._mixes)

    @property
    def loop(self) -> tuple[float, float] | None:
        """What is repeated."""
        loop = self._deck.status.loop
        return None if loop is None else (loop[0] / self._deck.sample_rate, loop[1] / self._deck.sample_rate)

    @property
    def volume(self) -> float:
        """The loudness of listening, 0..1."""
        return self._volume

    @property
    def is_muted(self) -> bool:
        """Whether it plays in silence."""
        return self._is_muted

    @property
    def num_clipped(self) -> int:
        """Samples that were too loud for the device."""
        return self._deck.num_clipped

    @property
    def device_text(self) -> str:
        """What is heard with, in words."""
        return self.speakers.text

    def gain_db(self, version: str) -> float:
        """By how much ``version`` is turned up to be as loud as the others."""
        return self._gains_db.get(version, 0.0)

    # ------------------------------------------------------------------------------------------------- at work

    def _tick(self) -> None:
        self._tell()
        levels = self._deck.levels_db(round(self.position_s * self._deck.sample_rate)) if self.is_playing else None
        self.levels_changed.emit(levels, self._deck.take_peaks())
        self._fill()
        self._idle_ticks = 0 if self.is_playing else self._idle_ticks + 1
        if self._idle_ticks > _IDLE_TICKS:
            self._rest()

    def _rest(self) -> None:
        """Leave the device alone."""
        self.speakers.stop()
        self._timer.stop()
        self._idle_ticks = 0

    def _tell(self, is_new: bool = False) -> None:
        """Say what has changed since last told; ``is_new`` where something else than the deck's doing has."""
        status, last = self._deck.status, self._last
        self._last = status
        if status.position != last.position:
            self.position_changed.emit(self.position_s)
        if is_new or (status.state, status.version, status.loop) != (last.state, last.version, last.loop):
            self.state_changed.emit()

    def _fill(self) -> None:
        """Have the tile rendered that is needed most, unless one is being rendered that is needed, too."""
        if not self._is_armed:
            return
        ask = next_ask(self._deck, self._revisions)
        if ask is None or (self._filling is not None and not self._is_pressing(ask, self._filling[0])):
            return
        self._stop_filling()
        mix, audible, deck = self._mixes[ask.version], self._audible, self._deck

        def work(progress: Progress, is_cancelled: IsCancelled) -> Tile:
            return self._fetch(mix, audible, ask.start, ask.length, progress, is_cancelled)

        task = self._tasks.run_task(work, lambda tile: self._take_tile(deck, ask, tile), self._hear_error)
        self._filling = (ask, task)

    def _is_pressing(self, ask: Ask, being_rendered: Ask) -> bool:
        """Whether nothing of ``ask``, at the position, is there, and something else is being rendered."""
        is_same = (ask.version, ask.number) == (being_rendered.version, being_rendered.number)
        is_here = ask.version == self.version and ask.number == self._deck.status.position // self._deck.tile_samples
        return not is_same and is_here and self._deck.revision(ask.version, ask.number) is None

    def _take_tile(self, deck: Deck, ask: Ask, tile: Any) -> None:
        self._filling = None
        if deck is self._deck and ask.version in self._mixes:
            deck.put(ask.version, ask.number, ask.revision, tile)
            self._fill()

    def _hear_error(self, error: Exception) -> None:
        """Ask for no more until somebody presses play again."""
        self._filling, self._is_armed = None, False
        self.pause()
        self.failed.emit(error)

    def _stop_filling(self) -> None:
        if self._filling is not None:
            self._filling[1].cancel()
            self._filling = None
