"""The deck: several versions of one song, played from tiles, switched at the same place without a click.

Whoever plays calls :meth:`Deck.read`; everybody else may call the other methods at any time. All share one lock, which
nobody holds longer than an assignment takes, so reading does not wait in practice. Every change of what sounds goes
from one *voice* to another: the old one fades out where it was, the new one fades in, over ``FADE_S``, at constant
power: at equal power where they have nothing in common, at equal gain where they are nearly the same.

Positions are samples on the song's time line. A tile is the audio from a multiple of ``TILE_S`` on, longer than that
by ``OVERLAP_S``, over which it is faded to the next.

Contents: :class:`Deck`; ``VERSIONS``, ``TILE_S``, ``OVERLAP_S``, ``LEVEL_STEP_S``, ``FADE_S``.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.playback.voices import Gain, Held, Voice, available
from gui.workshop.values import Tile

Floats = NDArray[np.float32]

#: What can be listened to, in the order of the switch.
VERSIONS: tuple[str, ...] = ("before", "proposed", "accepted")
#: As the workshop renders them (``render/audition.py``): a test compares.
TILE_S, OVERLAP_S, LEVEL_STEP_S = 4.0, 0.010, 0.05
#: A fade is as long as tiles overlap, so that a voice can always fade out, also at the end of what is there.
FADE_S = OVERLAP_S
#: Shortest loop, and how many tiles of one version are kept around the position (1.5 MB each).
SHORTEST_LOOP_S, MOST_TILES = 0.1, 32


@dataclass(frozen=True)
class Status:
    """What the deck does: ``state`` is "paused", "playing" or "buffering" (it waits for a tile)."""

    position: int
    state: str
    version: str
    loop: tuple[int, int] | None


class Deck:
    """Plays a song of ``length`` samples at ``sample_rate`` Hz; paused at its beginning at first."""

    def __init__(self, sample_rate: int, length: int, versions: tuple[str, ...] = VERSIONS) -> None:
        self.sample_rate, self.length, self.versions = sample_rate, length, versions
        self.tile_samples = round(TILE_S * sample_rate)
        self.overlap = round(OVERLAP_S * sample_rate)
        self._fade = round(FADE_S * sample_rate)
        self._level_step = round(LEVEL_STEP_S * sample_rate)
        self._lock = threading.Lock()
        self._tiles: dict[str, Mapping[int, Held]] = {name: {} for name in versions}
        self._gains = {name: Gain(1.0, self._fade) for name in versions}
        self._output = Gain(1.0, self._fade)
        self._version = versions[0]
        self._position, self._is_playing = 0, False
        self._loop: tuple[int, int] | None = None
        self._voice: Voice | None = None
        self._fading: list[Voice] = []
        self._peaks = np.zeros(2, np.float32)
        self._num_clipped = 0

    # ------------------------------------------------------------------------------------------------- playing

    def read(self, frames: int) -> Floats:
        """The next ``frames`` of the output, float32 ``(frames, 2)``, within +-1; silence while nothing is there."""
        out = np.zeros((2, frames), np.float32)
        with self._lock:
            done = 0
            while done < frames:
                done += self._advance(out[:, done:])
            self._output.apply(out)
            return self._guarded(out)

    def _advance(self, out: Floats) -> int:
        """Add what sounds to the beginning of ``out`` (2, n), up to the next event; how many samples that were."""
        if self._voice is None and self._is_playing:
            self._is_playing = self._position < self.length
            self._voice = self._next_voice()
        count = out.shape[1]
        if self._voice is not None:
            count = min(count, self._until_event(self._voice, count))
            self._voice.add_to(out[:, :count], self._gains)
        for voice in self._fading:
            voice.add_to(out[:, :count], self._gains)
        for gain in self._gains.values():
            gain.move(count)
        self._fading = [voice for voice in self._fading if not voice.is_over]
        if self._voice is not None:
            self._position = self._voice.position
            self._meet_event(self._voice)
        return count

    def _until_event(self, voice: Voice, count: int) -> int:
        """Samples until the loop's end, the song's, or a tile that is missing; at most ``count``."""
        count = min(count, self.length - voice.position)
        if self._loop is not None and voice.position < self._loop[1]:
            count = min(count, self._loop[1] - voice.position)
        return min(count, available(voice.tiles, voice.position, count, self.tile_samples))

    def _meet_event(self, voice: Voice) -> None:
        if self._loop is not None and voice.position == self._loop[1]:
            self._move(self._loop[0])
        elif voice.position >= self.length:
            self._is_playing = False
            self._change_voice()
        elif voice.position // self.tile_samples not in voice.tiles:
            self._change_voice()

    def _next_voice(self) -> Voice | None:
        """One that fades in at the position, if it is to play and its tile is there."""
        tiles = self._tiles[self._version]
        is_there = self._position < self.length and self._position // self.tile_samples in tiles
        if not self._is_playing or not is_there:
            return None
        return Voice(self._version, tiles, self._position, (self.tile_samples, self.overlap), self._fade)

    def _change_voice(self) -> None:
        """Go over to what position and version now are, or to nothing; what sounds fades out where it is."""
        successor = self._next_voice()
        if self._voice is not None and self._voice.is_heard:
            self._voice.fade_out(successor)
            self._fading.append(self._voice)
        self._voice = successor

    def _move(self, position: int) -> None:
        self._position = position
        self._change_voice()

    def _guarded(self, out: Floats) -> Floats:
        """``out`` (2, T) as (T, 2), within +-1, its peaks and what had to be clipped counted."""
        if out.shape[1]:
            peaks = np.maximum(out.max(axis=1), -out.min(axis=1))
            np.maximum(self._peaks, peaks, out=self._peaks)
            if peaks.max() > 1.0:
                self._num_clipped += int(np.count_nonzero(np.abs(out) > 1.0))
                np.clip(out, -1.0, 1.0, out=out)
        return np.ascontiguousarray(out.T)

    # ------------------------------------------------------------------------------------------------- commands

    def play(self) -> None:
        """Go on from the position; from the beginning (of the loop) where the song is over."""
        with self._lock:
            if self._position >= self.length:
                self._position = self._loop[0] if self._loop else 0
            self._is_playing = self.length > 0

    def pause(self) -> None:
        """Fade out and stay."""
        with self._lock:
            self._is_playing = False
            self._change_voice()

    def seek(self, position: int) -> None:
        """Go on from ``position``, which is brought into the song."""
        with self._lock:
            self._move(min(max(0, position), self.length))

    def set_version(self, version: str) -> None:
        """Go on with ``version`` at the same place. Raises ``ValueError`` for one that is not on the deck."""
        if version not in self.versions:
            raise ValueError(f"version={version!r}: expected one of {', '.join(self.versions)}")
        with self._lock:
            if version != self._version:
                self._version = version
                self._change_voice()

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Repeat samples [a, b), or nothing. A position behind the loop goes to its beginning.

        Raises ``ValueError`` for a loop outside the song or shorter than ``SHORTEST_LOOP_S``.
        """
        if loop is not None:
            first, last = loop
            if not 0 <= first < last <= self.length or last - first < SHORTEST_LOOP_S * self.sample_rate:
                raise ValueError(f"loop={loop}: expected {SHORTEST_LOOP_S} s or more between 0 and {self.length}")
        with self._lock:
            self._loop = loop
            if loop is not None and self._position >= loop[1]:
                self._move(loop[0])

    def set_gains(self, gains_db: Mapping[str, float]) -> None:
        """The gain in dB of each version named, which makes them equally loud."""
        with self._lock:
            for version, gain_db in gains_db.items():
                self._gains[version].aim(10.0 ** (gain_db / 20.0), glides=self._sounds)

    def set_volume(self, volume: float, is_muted: bool = False) -> None:
        """The output's gain as a factor 0..1."""
        with self._lock:
            self._output.aim(0.0 if is_muted else volume, glides=self._sounds)

    def put(self, version: str, number: int, revision: int, tile: Tile) -> None:
        """Lay tile ``number`` of ``version`` on the deck, in place of an older one of it."""
        held = Held(revision, np.ascontiguousarray(tile.audio, np.float32), tile.levels_db)
        with self._lock:
            tiles = self._kept({**self._tiles[version], number: held})
            self._tiles[version] = tiles
            voice = self._voice
            if voice is None or voice.version != version:
                return
            if voice.sounds_from(number):
                self._change_voice()
            else:
                voice.tiles = tiles

    def _kept(self, tiles: Mapping[int, Held]) -> Mapping[int, Held]:
        """Those of ``tiles`` that lie nearest to the position."""
        here = self._position // self.tile_samples
        nearest = sorted(tiles, key=lambda number: abs(number - here))[:MOST_TILES]
        return {number: tiles[number] for number in nearest}

    # ------------------------------------------------------------------------------------------------- looking

    @property
    def status(self) -> Status:
        """What the deck does now."""
        with self._lock:
            state = "paused" if not self._is_playing else "buffering" if self._is_waiting else "playing"
            return Status(self._position, state, self._version, self._loop)

    @property
    def _is_waiting(self) -> bool:
        return self._voice is None and self._position // self.tile_samples not in self._tiles[self._version]

    @property
    def _sounds(self) -> bool:
        return self._voice is not None or bool(self._fading)

    @property
    def num_clipped(self) -> int:
        """Samples that would have left +-1."""
        return self._num_clipped

    def revision(self, version: str, number: int) -> int | None:
        """That of the tile ``number`` of ``version``; None where there is none."""
        held = self._tiles[version].get(number)
        return None if held is None else held.revision

    def take_peaks(self) -> tuple[float, float]:
        """The largest magnitudes put out on the left and on the right since last asked."""
        with self._lock:
            left, right = self._peaks
            self._peaks[:] = 0.0
        return float(left), float(right)

    def levels_db(self, position: int) -> Floats | None:
        """Every channel's level (N,) in the playing version at ``position``; None where nothing is known."""
        number, offset = divmod(position, self.tile_samples)
        held = self._tiles[self._version].get(number)
        if held is None or not held.levels_db.size:
            return None
        return held.levels_db[:, min(offset // self._level_step, held.levels_db.shape[1] - 1)]
