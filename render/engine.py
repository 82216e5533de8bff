"""DawDreamer's one home: a Faust program in an engine of its own, fed arrays, giving arrays.

Measured with DawDreamer 0.9.0 and kept in mind here: a processor that failed to compile, or was added after a render,
poisons its engine, so each program gets a fresh one; ``set_parameter`` neither clamps nor refuses NaN, so values are
checked; ``render(seconds)`` truncates, so a sample is added; every render starts from cleared state; the GIL is
released while rendering, so one program per thread uses every core; compiling the same text again takes under 1 ms
while an engine with the first one lives. JUCE prepares a graph on its message thread, the first that ever used it, and
a render elsewhere waits, for ever if need be, until that is done: so all programs are built on one thread of our own.
Larger blocks are faster up to about 2048 samples (267x real time at 128, 390x at 2048 for a stereo strip).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dawdreamer
import numpy as np
from dawdreamer.faust import FaustContext
from dawdreamer.faust.box import boxFromDSP, boxToSource

from assistant.arrays import FloatArray

DSP_FOLDER = Path(__file__).parent
BLOCK_SAMPLES = 2048
#: ``ma.SR`` of Faust's library never exceeds this; a program would run on as if the rate were this one.
HIGHEST_RATE = 192_000
#: The thread that builds every program of this process, started by the first: it becomes JUCE's message thread.
_BUILDER = ThreadPoolExecutor(1, "faust-builder")


class RenderError(RuntimeError):
    """A render that could not be done, or whose result is not sound; the message says which track or stage."""


@dataclass(frozen=True)
class Control:
    """One control of a compiled Faust program, as the compiler reports it."""

    name: str
    low: float
    high: float
    default: float


class FaustProgram:
    """A compiled Faust program with ``num_inputs`` inputs at ``sample_rate`` Hz.

    ``file`` names a ``.dsp`` file of this folder and ``expression`` what to run of it. Not for use by two threads at
    once. Raises :class:`RenderError` when the program does not compile, ``ValueError`` for a rate above 192 kHz.
    """

    def __init__(self, file: str, expression: str, num_inputs: int, sample_rate: int) -> None:
        if sample_rate > HIGHEST_RATE:
            raise ValueError(f"sample_rate={sample_rate}: expected at most {HIGHEST_RATE} Hz")
        self.sample_rate = sample_rate
        self._name = f"{file}: {expression}"
        self._num_inputs = num_inputs
        _BUILDER.submit(self._build, f'program = library("{file}"); process = program.{expression};').result()
        described = self._faust.get_parameters_description()
        self._index = {str(row["label"]): int(row["index"]) for row in described}
        self.controls = tuple(
            Control(str(row["label"]), float(row["min"]), float(row["max"]), float(row["value"])) for row in described
        )

    def _build(self, source: str) -> None:
        try:
            _keep_compiled(source, self.sample_rate)
        except RuntimeError as error:
            raise RenderError(f"{self._name} does not compile: {error}") from error
        self._engine = dawdreamer.RenderEngine(self.sample_rate, BLOCK_SAMPLES)
        self._playback = self._engine.make_playback_processor("input", np.zeros((self._num_inputs, 1), np.float32))
        self._faust = _compile(self._engine, source)
        self._engine.load_graph([(self._playback, []), (self._faust, ["input"])])

    def set_controls(self, values: Mapping[str, float]) -> None:
        """Set the named controls; names the program has no use for are passed over. ``ValueError`` if not finite."""
        for name, value in values.items():
            if not math.isfinite(value):
                raise ValueError(f"{name}={value!r}: expected a finite number")
            if name in self._index:
                self._faust.set_parameter(self._index[name], value)

    def render(self, audio: FloatArray, num_samples: int) -> FloatArray:
        """The program's outputs ``(O, num_samples)`` to ``audio`` ``(num_inputs, T)`` and silence after it.

        Starts from cleared state. Raises :class:`RenderError` when the engine fails or the output is not finite.
        """
        self._playback.set_data(audio)
        if not self._engine.render((num_samples + 1) / self.sample_rate):
            raise RenderError(f"{self._name}: the engine did not render")
        output: FloatArray = self._engine.get_audio()[:, :num_samples]
        if output.shape[1] < num_samples:
            raise RenderError(f"{self._name}: {output.shape[1]} of {num_samples} samples were rendered")
        # One pass without a mask: the extremes carry any NaN or infinity.
        if output.size and not (np.isfinite(output.min()) and np.isfinite(output.max())):
            raise RenderError(f"{self._name}: the output is not finite")
        return output


def emit_source(file: str, expression: str, language: str, name: str) -> str:
    """What Faust writes in ``language`` ("cpp", "jsfx") for ``expression`` of ``file``, as the class ``name``.

    Raises :class:`RenderError` when the program does not compile.
    """
    text = f'program = library("{file}"); process = program.{expression};'
    try:
        return _BUILDER.submit(_emit, text, language, name).result()
    except (RuntimeError, ValueError) as error:
        raise RenderError(f"{file}: {expression} does not compile: {error}") from error


def _emit(text: str, language: str, name: str) -> str:
    """Faust's compiler has one state for the process: so this, too, belongs on the builder's thread."""
    folders = ["-I", str(DSP_FOLDER)]
    with FaustContext():
        return str(boxToSource(boxFromDSP(text, folders), language, name, folders))


def _compile(engine: dawdreamer.RenderEngine, source: str) -> dawdreamer.FaustProcessor:
    faust = engine.make_faust_processor("program")
    faust.faust_libraries_paths = [str(DSP_FOLDER)]
    faust.set_dsp_string(source)
    faust.compile()
    return faust


@cache
def _keep_compiled(source: str, sample_rate: int) -> tuple[object, object]:
    """A compiled program that never plays, kept for good: while it lives, compiling its text again costs nothing."""
    engine = dawdreamer.RenderEngine(sample_rate, BLOCK_SAMPLES)
    return engine, _compile(engine, source)
