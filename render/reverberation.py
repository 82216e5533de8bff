"""How much power the reverb bus gives back, by third octave, as its impulse response has it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.spectrum import band_powers
from assistant.mix import BusSettings
from render.engine import FaustProgram


def reverb_response_powers(program: FaustProgram, settings: BusSettings, sample_rate: int) -> NDArray[np.float64]:
    """Power out of both channels over power in, mean of a left and a right input, per third octave (bands,).

    ``program`` is the bus's. The bus is linear and unmodulated, so its impulse responses tell all of it.
    """
    program.set_controls(settings)
    length = math.ceil((settings["reverb_predelay_ms"] / 1000.0 + settings["reverb_decay_s"]) * sample_rate)
    total = None
    for channel in (0, 1):
        impulse = np.zeros((2, length), np.float32)
        impulse[channel, 0] = 1.0
        _, powers = band_powers(program.render(impulse, length), sample_rate)
        _, given = band_powers(impulse, sample_rate)
        total = powers / given if total is None else total + powers / given
    assert total is not None
    return total / 2.0
