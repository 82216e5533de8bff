"""Where sound goes: an audio device through QtMultimedia, or nowhere, at the pace of a clock.

QtMultimedia is imported before devices are first looked for, on the window's thread: while another imports a part of
PyQt, the window may meet half of it and crash. What its libraries print about sound systems that are not there is left
out; that no device is there is said in the window.

Contents: :class:`Output`, :class:`SilentOutput`, :class:`DeviceOutput`; :class:`Device`, :func:`load`,
:func:`find_devices`, :func:`watch_devices`; :func:`encoded`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QElapsedTimer, QIODevice, QLoggingCategory, QObject, QTimer, pyqtSignal

Floats = NDArray[np.float32]
#: Brings the next so many frames, float32 ``(frames, 2)``.
Read = Callable[[int], Floats]

_QUIET = "qt.multimedia.*=false"
#: Sample formats by their names in ``QAudioFormat.SampleFormat``, the best first: full scale and type.
_FORMATS: dict[str, tuple[float, str]] = {
    "Float": (1.0, "<f4"),
    "Int16": (32767.0, "<i2"),
    "Int32": (2147483392.0, "<i4"),
}
_BUFFER_S, _CLOCK_MS = 0.1, 20
#: A device that asks for nothing at so many looks in turn is gone: where a sound server ends, Qt 6.11 tells nobody.
_WATCH_MS, _MISSED_LOOKS = 400, 2
#: A device that sleeps may take seconds before it asks for more than its first buffers: so many looks are let go by.
_WAKING_LOOKS, _AWAKE_READS = 8, 20


@dataclass(frozen=True)
class Device:
    """An audio output: its name for people, and what QtMultimedia knows it by."""

    name: str
    handle: Any = field(compare=False, repr=False)


class Output(Protocol):
    """Something that reads a deck."""

    @property
    def latency_s(self) -> float:
        """How much has been read and not yet been heard."""

    def start(self, read: Read, sample_rate: int) -> None:
        """Begin to read, or go on."""

    def stop(self) -> None:
        """Read no more."""

    def deleteLater(self) -> None:
        """Qt's."""


class SilentOutput(QObject):
    """Reads at the pace of a clock and lets nothing be heard."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read: Read | None = None
        self._sample_rate, self._done = 0, 0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_CLOCK_MS)
        self._timer.timeout.connect(self._catch_up)

    @property
    def latency_s(self) -> float:
        """Nothing is on its way."""
        return 0.0

    def start(self, read: Read, sample_rate: int) -> None:
        """Begin to read."""
        self._read, self._sample_rate, self._done = read, sample_rate, 0
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        """Read no more."""
        self._timer.stop()

    def _catch_up(self) -> None:
        due = self._clock.elapsed() * self._sample_rate // 1000
        if due > self._done and self._read is not None:
            self._read(min(due - self._done, self._sample_rate))
        self._done = due


class DeviceOutput(QObject):
    """Plays on ``device``, in whatever format it takes, its rate converted where it does not take the song's.

    ``failed`` comes with a reason when the device stops by itself.
    """

    failed = pyqtSignal(str)

    def __init__(self, device: Device, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._device = device
        self._sink: Any = None
        self._source: _Source | None = None
        self._seen_reads, self._missed_looks = 0, 0
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self._look_whether_it_reads)

    @property
    def latency_s(self) -> float:
        """How much has been read and not yet been heard."""
        if self._sink is None:
            return 0.0
        waiting = self._sink.bufferSize() - self._sink.bytesFree()
        return max(0.0, self._sink.format().durationForBytes(waiting) / 1e6)

    def start(self, read: Read, sample_rate: int) -> None:
        """Begin to play."""
        from PyQt6.QtMultimedia import QAudioSink

        self.stop()
        format_ = _choose_format(self._device.handle, sample_rate)
        frames = _converted(read, sample_rate, format_.sampleRate())
        self._source = _Source(frames, format_.sampleFormat().name, format_.channelCount(), self)
        self._sink = QAudioSink(self._device.handle, format_, self)
        self._sink.setBufferSize(format_.bytesForDuration(round(_BUFFER_S * 1e6)))
        self._sink.stateChanged.connect(self._hear_state)
        self._sink.start(self._source)
        self._seen_reads, self._missed_looks = 0, -_WAKING_LOOKS
        self._watch.start()

    def stop(self) -> None:
        """Play no more."""
        self._watch.stop()
        if self._sink is not None:
            sink, self._sink = self._sink, None
            sink.stop()
            sink.deleteLater()
        if self._source is not None:
            self._source.close()
            self._source.deleteLater()
            self._source = None

    def _hear_state(self) -> None:
        error = self._sink.error().name if self._sink is not None else "NoError"
        if error not in ("NoError", "UnderrunError"):
            self.failed.emit(error)

    def _look_whether_it_reads(self) -> None:
        reads = 0 if self._source is None else self._source.num_reads
        still = 0 if reads > _AWAKE_READS else min(self._missed_looks, 0)
        self._missed_looks = self._missed_looks + 1 if reads == self._seen_reads else still
        self._seen_reads = reads
        if self._missed_looks >= _MISSED_LOOKS:
            self.failed.emit("it asks for nothing any more")


class _Source(QIODevice):
    """What a sink pulls from."""

    def __init__(self, read: Read, sample_format: str, channels: int, parent: QObject) -> None:
        super().__init__(parent)
        self._read, self._format, self._channels = read, sample_format, channels
        self.num_reads = 0
        self._frame_bytes = np.dtype(_FORMATS[sample_format][1]).itemsize * channels
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    def isSequential(self) -> bool:
        """It cannot be wound back."""
        return True

    def bytesAvailable(self) -> int:
        """It never ends."""
        return 1 << 30

    def readData(self, maxlen: int) -> bytes:
        """The next frames, as many as fit."""
        self.num_reads += 1
        return encoded(self._read(max(0, maxlen) // self._frame_bytes), self._format, self._channels)


def find_devices() -> tuple[Device, ...]:
    """The audio outputs there are, the default one first."""
    QLoggingCategory.setFilterRules(f"{_QUIET}\ndefault.warning=false")  # "pa_context_connect() failed" has no category
    try:
        from PyQt6.QtMultimedia import QMediaDevices

        default = QMediaDevices.defaultAudioOutput()
        found = sorted(QMediaDevices.audioOutputs(), key=lambda device: device != default)
    finally:
        QLoggingCategory.setFilterRules(_QUIET)
    return tuple(Device(device.description(), device) for device in found)


def load() -> None:
    """Import QtMultimedia: 10 ms of the window's thread, once. Raises ``ImportError`` where a library is missing."""
    QLoggingCategory.setFilterRules(_QUIET)
    import PyQt6.QtMultimedia  # noqa: F401 - to have it imported


def watch_devices(parent: QObject, on_change: Callable[[], object]) -> QObject:
    """Call ``on_change`` whenever a device comes or goes, while what is returned lives."""
    from PyQt6.QtMultimedia import QMediaDevices

    watcher = QMediaDevices(parent)
    watcher.audioOutputsChanged.connect(on_change)
    return cast(QObject, watcher)


def encoded(audio: Floats, sample_format: str, channels: int) -> bytes:
    """Frames ``(T, 2)`` within +-1 as a device takes them: one channel is the mean, further ones stay silent."""
    if channels == 1:
        audio = audio.mean(axis=1, keepdims=True)
    elif channels > 2:
        audio = np.pad(audio, ((0, 0), (0, channels - 2)))
    full_scale, kind = _FORMATS[sample_format]
    if sample_format == "Float":
        return audio.astype(kind).tobytes()
    return np.rint(audio.astype(np.float64) * full_scale).astype(kind).tobytes()


def _choose_format(handle: Any, sample_rate: int) -> Any:
    """Stereo at the song's rate where the device takes it, else at its own."""
    from PyQt6.QtMultimedia import QAudioFormat

    preferred = handle.preferredFormat()
    own_rate = preferred.sampleRate()
    for rate, channels in ((sample_rate, 2), (own_rate, 2), (own_rate, preferred.channelCount())):
        for name in _FORMATS:
            format_ = QAudioFormat()
            format_.setSampleRate(rate)
            format_.setChannelCount(channels)
            format_.setSampleFormat(QAudioFormat.SampleFormat[name])
            if handle.isFormatSupported(format_):
                return format_
    return preferred


def _converted(read: Read, sample_rate: int, device_rate: int) -> Read:
    """``read`` at another rate."""
    if sample_rate == device_rate:
        return read
    import soxr

    stream = soxr.ResampleStream(sample_rate, device_rate, 2, dtype="float32")
    waiting = np.zeros((0, 2), np.float32)

    def converted(frames: int) -> Floats:
        nonlocal waiting
        while len(waiting) < frames:
            missing = (frames - len(waiting)) * sample_rate // device_rate + 1
            waiting = np.concatenate([waiting, stream.resample_chunk(read(missing))])
        now, waiting = waiting[:frames], waiting[frames:]
        return np.clip(now, -1.0, 1.0)

    return converted
