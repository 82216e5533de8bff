"""Every track's envelope, noted in passing when somebody loads it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from assistant.arrays import FloatArray
from assistant.mix import Session, Track
from assistant.tasks import Load
from gui.workshop.values import Floats, Overview

#: Length of one step of an envelope.
STEP_S = 0.05


class Envelopes:
    """A loader that notes the envelope of each track it hands on, once; to be used in several threads."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._envelopes: dict[str, Floats] = {}

    def __call__(self, track: Track, sample_rate: int) -> FloatArray:
        """The track's audio; raises what the loader behind it raises."""
        audio = self._load(track, sample_rate)
        if track.name not in self._envelopes:
            self._envelopes[track.name] = envelope(audio, sample_rate, track.start_s)
        return audio

    def overview(self, session: Session) -> Overview:
        """The envelopes of ``session`` on its time line; ``KeyError`` where a track was never loaded."""
        found = [self._envelopes[track.name] for track in session.tracks]
        rms = np.zeros((len(found), max((len(row) for row in found), default=0)), np.float32)
        for row, of_track in zip(rms, found, strict=True):
            row[: len(of_track)] = of_track
        return Overview(tuple(track.name for track in session.tracks), STEP_S, rms)


def envelope(audio: FloatArray, sample_rate: int, start_s: float = 0.0) -> Floats:
    """RMS amplitude (F,) of ``audio`` (C, T), channels averaged, in steps of ``STEP_S`` from 0 s of the time line."""
    size, first = round(STEP_S * sample_rate), max(0, round(start_s * sample_rate))
    powers = np.zeros(math.ceil((first + audio.shape[1]) / size), np.float32)
    head = min(-first % size, audio.shape[1])  # what fills the step that the track begins in
    whole = (audio.shape[1] - head) // size
    begin = math.ceil(first / size)
    for channel in audio:
        steps = channel[head : head + whole * size].reshape(whole, size)
        powers[begin : begin + whole] += np.einsum("ft,ft->f", steps, steps)
        for part, step in _parts(channel, head, head + whole * size, begin, begin + whole):
            powers[step] += np.dot(part, part)
    return np.sqrt(powers / np.float32(size * len(audio)))


def _parts(channel: FloatArray, head: int, tail: int, begin: int, end: int) -> Sequence[tuple[FloatArray, int]]:
    """The samples before and after the whole steps, and the step that each belongs to."""
    parts = [(channel[:head], begin - 1), (channel[tail:], end)]
    return [(part, step) for part, step in parts if len(part)]
