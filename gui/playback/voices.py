"""Voices: one version of a song read from one place on, fading in and out; and gains that glide.

Contents: :class:`Held`, :class:`Voice`, :func:`available`; :class:`Gain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Held:
    """A tile on the deck: ``audio`` (2, T) and ``levels_db`` (N, F) of the mix's state ``revision``."""

    revision: int
    audio: Floats
    levels_db: Floats


class Gain:
    """An amplitude factor that glides to where it is aimed at in ``samples``, leaving and arriving level."""

    def __init__(self, value: float, samples: int) -> None:
        self._from = self._target = value
        self._samples = self._done = samples

    def aim(self, target: float, glides: bool) -> None:
        """Glide to ``target``, or stand there at once where nothing sounds."""
        if glides and target != self._target:
            self._from, self._done = float(self.factors(1)[0]), 0
        elif not glides:
            self._done = self._samples
        self._target = target

    def factors(self, count: int) -> Floats:
        """The factors of the next ``count`` samples; of one, for all, where it stands."""
        if self._done >= self._samples:
            return np.full(1, self._target, np.float32)
        rising = _rise(1.0, self._samples)[self._done : self._done + count]
        factors = np.full(count, self._target, np.float32)
        factors[: len(rising)] -= np.float32(self._target - self._from) * (np.float32(1.0) - rising)
        return factors

    def move(self, count: int) -> None:
        """``count`` samples have gone by."""
        self._done = min(self._done + count, self._samples)

    def apply(self, audio: Floats) -> None:
        """Scale ``audio`` (2, T) in place, and move on."""
        audio *= self.factors(audio.shape[1])
        self.move(audio.shape[1])


class Voice:
    """``version`` read from ``position`` on, fading in over ``fade`` samples.

    ``tiles`` are those that were there when it began; ``size`` is how long one is and by how much they overlap.
    """

    def __init__(
        self, version: str, tiles: Mapping[int, Held], position: int, size: tuple[int, int], fade: int
    ) -> None:
        self.version, self.tiles, self.position = version, tiles, position
        self._tile, self._overlap = size
        self._rising, self._heard = _rise(0.0, fade), 0
        self._falling: Floats | None = None
        self._fallen = 0

    @property
    def is_heard(self) -> bool:
        """Whether any of it has sounded."""
        return self._heard > 0

    @property
    def is_over(self) -> bool:
        """Whether it has faded out."""
        return self._falling is not None and self._fallen >= len(self._falling)

    def fade_out(self, successor: Voice | None) -> None:
        """Begin to fade out, into ``successor`` where there is one: at constant power, however alike they are."""
        alike = 0.0 if successor is None else _likeness(self._ahead(), successor._ahead())
        self._falling = _rise(alike, len(self._rising))[::-1]
        if successor is not None:
            successor._rising = _rise(alike, len(self._rising))

    def sounds_from(self, number: int) -> bool:
        """Whether it reads from the tile ``number`` just now, or would."""
        here, offset = divmod(self.position, self._tile)
        return number == here or (number == here - 1 and offset < self._overlap)

    def add_to(self, out: Floats, gains: Mapping[str, Gain]) -> None:
        """Add the next samples to ``out`` (2, T), which may be more than are left of a fade."""
        count = out.shape[1]
        if self._falling is not None:
            count = min(count, len(self._falling) - self._fallen)
        audio = self._take(count)
        rising = self._rising[self._heard : self._heard + count]
        audio[:, : len(rising)] *= rising
        if self._falling is not None:
            audio *= self._falling[self._fallen : self._fallen + count]
            self._fallen += count
        audio *= gains[self.version].factors(count)
        self._heard += count
        out[:, :count] += audio

    def _ahead(self) -> Floats:
        """What comes over the length of a fade."""
        position = self.position
        audio = self._take(len(self._rising))
        self.position = position
        return audio

    def _take(self, count: int) -> Floats:
        """The next samples (2, count); silence where no tile is."""
        out = np.zeros((2, count), np.float32)
        done = 0
        while done < count:
            number, offset = divmod(self.position, self._tile)
            stretch = min(count - done, (self._overlap if offset < self._overlap else self._tile) - offset)
            self._copy(out[:, done : done + stretch], number, offset)
            self.position += stretch
            done += stretch
        return out

    def _copy(self, out: Floats, number: int, offset: int) -> None:
        """A stretch that lies inside or outside the overlap with the tile before."""
        here, before = self.tiles.get(number), self.tiles.get(number - 1)
        end = offset + out.shape[1]
        if here is not None:
            _lay(out, here.audio[:, offset:end])
        if before is None or offset >= self._overlap:
            return
        tail = np.zeros_like(out)
        _lay(tail, before.audio[:, self._tile + offset : self._tile + end])
        if here is not None:
            rising = _rise(1.0, self._overlap)[offset:end]
            out *= rising
            tail *= np.float32(1.0) - rising
        out += tail


def _lay(out: Floats, audio: Floats) -> None:
    """Put ``audio`` (2, n) into the beginning of ``out``; a tile may be shorter than it should."""
    out[:, : audio.shape[1]] = audio


def available(tiles: Mapping[int, Held], position: int, count: int, tile: int) -> int:
    """How many of the ``count`` samples from ``position`` on lie on tiles that are there."""
    number = position // tile
    while number in tiles and number * tile < position + count:
        number += 1
    return max(0, min(count, number * tile - position))


def _likeness(one: Floats, other: Floats) -> float:
    """The correlation of two stretches, 0..1 in tenths; 0 also where one is the other turned round, or silent."""
    powers = float(np.vdot(one, one)) * float(np.vdot(other, other))
    return round(max(0.0, float(np.vdot(one, other)) / powers**0.5), 1) if powers > 0.0 else 0.0


@cache
def _rise(alike: float, length: int) -> Floats:
    """A fade-in of ``length`` samples that begins and ends level; its reverse is the fade-out that goes with it.

    Together they keep the power of two sounds whose correlation is ``alike``: equal power at 0, equal gain at 1.
    """
    smooth = np.sin(np.pi / 2.0 * (np.arange(length) + 0.5) / length) ** 2
    rising, falling = np.sin(np.pi / 2.0 * smooth), np.cos(np.pi / 2.0 * smooth)
    power = rising**2 + falling**2 + 2.0 * alike * rising * falling
    return (rising / np.sqrt(power)).astype(np.float32)
