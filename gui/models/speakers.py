"""The speakers: the device that is listened with, found, chosen, lost and found again; none is a state."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from gui.models.sound import Device, DeviceOutput, Output, Read, SilentOutput, find_devices, load, watch_devices


class Speakers(QObject):
    """Reads a deck for whatever device there is, for a silent clock where there is none.

    ``finds`` looks for audio outputs, the default one first; ``chosen`` is the one to hear with, see :meth:`choose`.
    """

    #: Other devices, or another one in use.
    changed = pyqtSignal()

    def __init__(
        self,
        finds: Callable[[], tuple[Device, ...]] = find_devices,
        parent: QObject | None = None,
        *,
        chosen: str = "",
    ) -> None:
        super().__init__(parent)
        self._finds = finds
        self._devices: tuple[Device, ...] = ()
        self._device: Device | None = None
        self._chosen = chosen
        self._output: Output = SilentOutput(self)
        self._reading: tuple[Read, int] | None = None
        self._trouble = ""
        self._watcher: QObject | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The audio outputs there are, the default one first."""
        return tuple(device.name for device in self._devices)

    @property
    def name(self) -> str:
        """The one in use; "" for none."""
        return "" if self._device is None else self._device.name

    @property
    def text(self) -> str:
        """What is heard with, in words."""
        if self._device is None:
            text = self.tr("No sound device: everything else works")
            return f"{text} ({self._trouble})" if self._trouble else text
        return self.tr("Sound: {name}").format(name=self._device.name)

    @property
    def latency_s(self) -> float:
        """How much has been read and not yet been heard."""
        return self._output.latency_s

    def look(self) -> None:
        """Find out what there is, unless there is something: some 50 ms of the window's thread the first time, to which
        QtMultimedia's objects belong from then on."""
        if self._device is not None:
            return
        try:
            load()
            self._take(self._finds())
        except ImportError as error:
            self._hear_error(error)

    def _hear_error(self, error: Exception) -> None:
        """Without QtMultimedia, or what it needs, there is no device, and this is why."""
        self._trouble = str(error)
        self._take(())

    def choose(self, name: str) -> None:
        """Hear with the device ``name``; with the default one for "", or while it is not there."""
        self._chosen = name
        self._take(self._devices)

    def start(self, read: Read, sample_rate: int) -> None:
        """Begin to read, unless this is being done."""
        if self._reading is None:
            self._reading = read, sample_rate
            self._output.start(read, sample_rate)

    def stop(self) -> None:
        """Read no more."""
        self._reading = None
        self._output.stop()

    def _take(self, devices: tuple[Device, ...]) -> None:
        """Go over to the device that is wanted, if it is not in use."""
        self._devices = devices
        if self._watcher is None and self._finds is find_devices and not self._trouble:
            self._watcher = watch_devices(self, lambda: self._take(self._finds()))
        wanted = next((device for device in devices if device.name == self._chosen), devices[0] if devices else None)
        if wanted != self._device:
            self._use(wanted)
        self.changed.emit()

    def _use(self, device: Device | None) -> None:
        self._output.stop()
        self._output.deleteLater()
        self._device = device
        self._output = self._make_output(device)
        if self._reading is not None:
            self._output.start(*self._reading)

    def _make_output(self, device: Device | None) -> Output:
        if device is None:
            return SilentOutput(self)
        output = DeviceOutput(device, self)
        output.failed.connect(self._lose)
        return output

    def _lose(self) -> None:
        """Go on in silence until another device is there, or another is chosen."""
        self._use(None)
        self.changed.emit()
