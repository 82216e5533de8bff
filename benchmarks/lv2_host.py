"""A tiny LV2 host: loads a bundle's shared object and runs it on arrays, with the controls by their symbols."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import numpy as np

_HANDLE = ctypes.c_void_p


class _Descriptor(ctypes.Structure):
    _fields_ = [
        ("uri", ctypes.c_char_p),
        (
            "instantiate",
            ctypes.CFUNCTYPE(_HANDLE, ctypes.c_void_p, ctypes.c_double, ctypes.c_char_p, ctypes.POINTER(_HANDLE)),
        ),
        ("connect_port", ctypes.CFUNCTYPE(None, _HANDLE, ctypes.c_uint32, ctypes.c_void_p)),
        ("activate", ctypes.CFUNCTYPE(None, _HANDLE)),
        ("run", ctypes.CFUNCTYPE(None, _HANDLE, ctypes.c_uint32)),
        ("deactivate", ctypes.CFUNCTYPE(None, _HANDLE)),
        ("cleanup", ctypes.CFUNCTYPE(None, _HANDLE)),
        ("extension_data", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)),
    ]


class Hosted:
    """The plug-in of ``bundle`` at ``sample_rate`` Hz, its controls at their defaults; a context, closed when left."""

    def __init__(self, bundle: Path, sample_rate: float) -> None:
        self._library = ctypes.CDLL(str(next(bundle.glob("*.so"))))
        self._library.lv2_descriptor.restype = ctypes.POINTER(_Descriptor)
        self._library.lv2_descriptor.argtypes = [ctypes.c_uint32]
        self._calls = self._library.lv2_descriptor(0).contents
        self.uri = self._calls.uri.decode()
        self._ports = ports_of(bundle)
        self._audio_in = [i for i, p in enumerate(self._ports) if p["kind"] == "AudioPort" and p["way"] == "Input"]
        self._audio_out = [i for i, p in enumerate(self._ports) if p["kind"] == "AudioPort" and p["way"] == "Output"]
        self._handle = self._calls.instantiate(
            ctypes.addressof(self._calls), sample_rate, str(bundle).encode(), (_HANDLE * 1)(None)
        )
        if not self._handle:
            raise ValueError(f"sample_rate={sample_rate}: the plug-in was not made")
        self.values = np.zeros(len(self._ports), np.float32)
        self._index = {p["symbol"]: i for i, p in enumerate(self._ports)}
        for i, port in enumerate(self._ports):
            if port["kind"] == "ControlPort":
                self.values[i] = port["default"]
                self._calls.connect_port(self._handle, i, self.values[i:].ctypes.data)
        self._calls.activate(self._handle)

    def __enter__(self) -> Hosted:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._calls.deactivate(self._handle)
        self._calls.cleanup(self._handle)

    def set(self, values: Mapping[str, float]) -> None:
        """Write controls; symbols the plug-in lacks are passed over."""
        for symbol, value in values.items():
            if symbol in self._index:
                self.values[self._index[symbol]] = value

    def get(self, symbol: str) -> float:
        """What stands in a control port."""
        return float(self.values[self._index[symbol]])

    def reset(self) -> None:
        """Deactivate and activate again."""
        self._calls.deactivate(self._handle)
        self._calls.activate(self._handle)

    def disconnect(self, symbol: str) -> None:
        """Connect a port to nothing."""
        self._calls.connect_port(self._handle, self._index[symbol], None)

    def run(self, audio: np.ndarray, block: int = 1024, in_place: bool = False) -> np.ndarray:
        """The outputs ``(C, T)`` to ``audio`` ``(C, T)``, in blocks of so many samples."""
        source = np.array(audio, np.float32, order="C")
        output = source if in_place else np.empty((len(self._audio_out), audio.shape[1]), np.float32)
        for start in range(0, audio.shape[1], block):
            for ports, array in ((self._audio_in, source), (self._audio_out, output)):
                for channel, port in enumerate(ports):
                    self._calls.connect_port(self._handle, port, array[channel, start:].ctypes.data)
            self._calls.run(self._handle, min(block, audio.shape[1] - start))
        return output


def ports_of(bundle: Path) -> list[dict[str, object]]:
    """Every port of the bundle's description, in order: its way, kind, symbol and default."""
    text = next(p for p in bundle.glob("*.ttl") if p.name != "manifest.ttl").read_text()
    ports = []
    for number, block in enumerate(re.findall(r"\[\s+lv2:index (.*?)\n    \]", text, re.DOTALL)):
        assert int(block.split()[0]) == number
        way, kind = re.findall(r"lv2:(Input|Output)Port , lv2:(\w+)", block)[0]
        default = re.search(r"lv2:default (\S+)", block)
        ports.append(
            {
                "way": way,
                "kind": kind,
                "symbol": re.findall(r'lv2:symbol "(\w+)"', block)[0],
                "default": float(default[1]) if default else 0.0,
            }
        )
    return ports
