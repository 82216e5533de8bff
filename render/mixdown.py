"""The mix before the master: every strip rendered and summed, the reverb bus behind the sends.

Tracks are loaded, rendered and added one by one on as many threads as there are cores, so memory does not grow with
their number; they are added in the order of their names, so the sum does not depend on theirs.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.arrays import FloatArray
from assistant.audio.resampling import resampled_length
from assistant.mix import BusSettings, ChannelSettings, Mix, Session, Track
from assistant.params import BY_NAME, db_to_amplitude
from assistant.tasks import Cancelled, IsCancelled, Load, Progress
from render.engine import FaustProgram, RenderError
from render.strips import Segment, StripRenderer
from render.workers import Crew

StemSink = Callable[[str, FloatArray], None]

REVERB_STEM = "reverb"
# The mix ends when the reverb's tail has fallen by 90 dB.
_TAIL_DECAYS = 1.5
_STRETCH_S = 30
_STRETCH_TAIL_DECAYS = 140.0 / 60.0


@dataclass(frozen=True)
class RenderOptions:
    """How to render: on how many threads, and who is told what.

    ``on_stem`` receives each track's post-fader output ``(2, T)`` under its name, silence included, and the reverb
    return under ``REVERB_STEM``; together they are the mix before the master. ``progress`` hears the share done
    (0..1) and what was just done, ``is_cancelled`` is asked between tracks.
    """

    num_threads: int = os.cpu_count() or 1
    on_stem: StemSink | None = None
    progress: Progress = lambda share, what: None
    is_cancelled: IsCancelled = lambda: False


def render_premaster(session: Session, mix: Mix, load: Load, options: RenderOptions | None = None) -> FloatArray:
    """The mix before the master, float32 ``(2, T)`` at the session's rate, the reverb's tail included.

    ``load`` gives a track's audio, float32 ``(C, T)``, at a sample rate. Raises ``ValueError`` when the mix is not
    of this session, :class:`RenderError` when a strip or the bus gives no sound result, :class:`Cancelled`.
    """
    return render_premasters(session, [mix], load, options)[0]


def render_premasters(
    session: Session, mixes: Sequence[Mix], load: Load, options: RenderOptions | None = None
) -> list[FloatArray]:
    """As :func:`render_premaster` for several mixes, every track loaded once; stems are those of the first."""
    options = options or RenderOptions()
    for mix in mixes:
        _check_tracks(session, mix)
    buses = [_Buses(session, mix) for mix in mixes]
    for track, rendered in _rendered_strips(session, mixes, load, options):
        start = _start(track, session.sample_rate)
        if options.on_stem:
            stem = np.zeros_like(buses[0].dry)
            _add(stem, rendered[0], start)
            options.on_stem(track.name, stem)
        for bus, segments in zip(buses, rendered, strict=True):
            bus.add(track, segments, start)
    for number, bus in enumerate(buses):
        wet = bus.wet(session.sample_rate, options.num_threads)
        if wet is not None:
            if options.on_stem and number == 0:
                options.on_stem(REVERB_STEM, wet)
            bus.dry += wet
    options.progress(1.0, REVERB_STEM)
    return [bus.dry for bus in buses]


class _Buses:
    """The sums of one mix: dry, and what is sent to the reverb."""

    def __init__(self, session: Session, mix: Mix) -> None:
        self._mix = mix
        self.dry: FloatArray = np.zeros((2, _num_samples(session, mix)), np.float32)
        self._send = np.zeros_like(self.dry) if _uses_reverb(mix) else None

    def add(self, track: Track, segments: list[Segment], start: int) -> None:
        """Add a track's output; ``segments`` are spoilt."""
        _add(self.dry, segments, start)
        send_gain = _send_gain(self._mix.channel(track.name).settings)
        if self._send is not None and send_gain:
            for segment in segments:
                np.multiply(segment.audio, np.float32(send_gain), out=segment.audio)
            _add(self._send, segments, start)

    def wet(self, sample_rate: int, num_threads: int) -> FloatArray | None:
        """The reverb's return; None where nothing was sent."""
        if self._send is None or not np.any(self._send):
            return None
        return render_reverb(self._send, self._mix.reverb, sample_rate, num_threads)


def render_reverb(send: FloatArray, settings: BusSettings, sample_rate: int, num_threads: int = 1) -> FloatArray:
    """The reverb's return ``(2, T)``, float32, to ``send`` ``(2, T)``.

    The bus is linear, so the return is the sum of the returns to the send's stretches of half a minute, each rendered
    on its own until its tail has fallen by 140 dB; stretches of silence cost nothing.
    """
    decay_s = settings["reverb_predelay_ms"] / 1000.0 + settings["reverb_decay_s"] * _STRETCH_TAIL_DECAYS
    tail = math.ceil(decay_s * sample_rate)
    stretch = _STRETCH_S * sample_rate
    starts = [s for s in range(0, send.shape[1], stretch) if np.any(send[:, s : s + stretch])]

    def render(program: FaustProgram, start: int) -> Segment:
        program.set_controls(settings)
        audio = np.ascontiguousarray(send[:, start : start + stretch])
        return Segment(start, program.render(audio, min(audio.shape[1] + tail, send.shape[1] - start)))

    wet = np.zeros_like(send)
    crew = Crew([FaustProgram("reverb.dsp", "process", 2, sample_rate) for _ in range(num_threads)])
    for segment in crew.run(render, starts):
        _add(wet, [segment], 0)
    return wet


def _check_tracks(session: Session, mix: Mix) -> None:
    tracks = {t.name for t in session.tracks}
    channels = {c.name for c in mix.channels}
    if tracks != channels:
        without = ", ".join(sorted(tracks - channels)) or "none"
        extra = ", ".join(sorted(channels - tracks)) or "none"
        raise ValueError(f"the mix is not of this session: tracks without settings: {without}; unknown: {extra}")


def _send_gain(settings: ChannelSettings) -> float:
    return db_to_amplitude(settings["send_db"], BY_NAME["send_db"])


def _uses_reverb(mix: Mix) -> bool:
    is_heard = db_to_amplitude(mix.reverb["reverb_return_db"], BY_NAME["reverb_return_db"]) > 0.0
    return is_heard and any(_send_gain(c.settings) > 0.0 for c in mix.channels)


def _num_samples(session: Session, mix: Mix) -> int:
    """Where the last track ends, counted in samples (seconds would round up to one too many), and the reverb's tail."""
    rate = session.sample_rate
    ends = (
        _start(track, rate) + resampled_length(track.num_samples, track.sample_rate, rate) for track in session.tracks
    )
    tail_s = 0.0
    if _uses_reverb(mix):
        tail_s = mix.reverb["reverb_predelay_ms"] / 1000.0 + _TAIL_DECAYS * mix.reverb["reverb_decay_s"]
    return max(ends, default=0) + math.ceil(tail_s * rate)


def _start(track: Track, sample_rate: int) -> int:
    return round(track.start_s * sample_rate)


def _rendered_strips(
    session: Session, mixes: Sequence[Mix], load: Load, options: RenderOptions
) -> Iterator[tuple[Track, list[list[Segment]]]]:
    """The tracks in the order of their names, each with its strip's output in every mix, rendered a little ahead."""

    def render(renderer: StripRenderer, track: Track) -> list[list[Segment]]:
        if options.is_cancelled():
            raise Cancelled
        audio = load(track, session.sample_rate)
        try:
            return [renderer.render(audio, mix.channel(track.name).settings) for mix in mixes]
        except RenderError as error:
            raise RenderError(f"track {track.name!r}: {error}") from error

    tracks = sorted(session.tracks, key=lambda t: t.name)
    crew = Crew([StripRenderer(session.sample_rate, session.pan_law) for _ in range(options.num_threads)])
    for done, (track, rendered) in enumerate(zip(tracks, crew.run(render, tracks), strict=True), 1):
        options.progress(done / (len(tracks) + 1), track.name)
        yield track, rendered


def _add(target: FloatArray, segments: list[Segment], start: int) -> None:
    """Add the segments to ``target`` ``(2, T)``, ``start`` samples in; what lies past T is dropped."""
    for segment in segments:
        first = start + segment.start
        room = target[:, first : first + segment.audio.shape[1]]
        room += segment.audio[:, : room.shape[1]]
