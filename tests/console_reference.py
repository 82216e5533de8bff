"""A channel strip in float64, sample by sample, straight from the published recurrences: what all others must match."""

import math
from collections.abc import Mapping

import numpy as np
from numba import njit

SHAPES = ("low_shelf", "peak1", "peak2", "peak3", "high_shelf")


def reference_strip(audio: np.ndarray, settings: Mapping[str, float], sample_rate: int) -> np.ndarray:
    """``audio`` float64 ``(C, T)``, C 1 or 2, through the whole strip with the constant-power law; ``(2, T)``."""
    output = reference_tone(audio, settings, sample_rate)
    output = output * reference_compressor_gain(np.abs(output).max(axis=0), settings, sample_rate)
    output = output * 10.0 ** (settings["fader_db"] / 20.0)
    pan = settings["pan"]
    if len(output) == 1:
        angle = (pan + 1.0) * math.pi / 4.0
        return output * np.array([[math.cos(angle)], [math.sin(angle)]])
    near, far = (1.0 + settings["width"]) / 2.0, (1.0 - settings["width"]) / 2.0
    output = near * output + far * output[::-1]
    return output * np.array([[min(1.0, 1.0 - pan)], [min(1.0, 1.0 + pan)]])


def reference_tone(audio: np.ndarray, settings: Mapping[str, float], sample_rate: int) -> np.ndarray:
    """Trim, polarity, high-pass and EQ of ``audio`` float64 ``(C, T)``."""
    gain = 10.0 ** (settings["trim_db"] / 20.0) * (1.0 - 2.0 * settings["polarity_inverted"])
    sections = []
    if settings["highpass_on"]:
        sections.append(svf_coefficients("highpass", settings["highpass_hz"], 0.0, math.sqrt(0.5), sample_rate))
    for band in SHAPES:
        values = (settings[f"{band}_hz"], settings[f"{band}_gain_db"], settings[f"{band}_q"])
        sections.append(svf_coefficients(band.rstrip("123"), *values, sample_rate))
    return np.stack([_filtered(channel * gain, np.array(sections)) for channel in audio])


def svf_coefficients(shape: str, hz: float, gain_db: float, q: float, sample_rate: int) -> tuple[float, ...]:
    """(g, k, m0, m1, m2) after Simper (2013), figures and formulas of the state-variable filter's responses."""
    a = 10.0 ** (gain_db / 40.0)
    g = math.tan(math.pi * min(hz, 0.49 * sample_rate) / sample_rate)
    if shape == "highpass":
        return g, 1 / q, 1.0, -1 / q, -1.0
    if shape == "peak":
        k = 1 / (q * a)
        return g, k, 1.0, k * (a * a - 1), 0.0
    k = 1 / q
    if shape == "low_shelf":
        return g / math.sqrt(a), k, 1.0, k * (a - 1), a * a - 1
    return g * math.sqrt(a), k, a * a, k * (1 - a) * a, 1 - a * a


@njit(cache=True)
def _filtered(signal: np.ndarray, sections: np.ndarray) -> np.ndarray:
    output = signal.copy()
    for g, k, m0, m1, m2 in sections:
        first = second = 0.0
        for n in range(output.size):
            v0 = output[n]
            v1 = (first + g * (v0 - second)) / (1.0 + g * (g + k))
            v2 = second + g * v1
            first, second = 2.0 * v1 - first, 2.0 * v2 - second
            output[n] = m0 * v0 + m1 * v1 + m2 * v2
    return output


def reference_compressor_gain(peak: np.ndarray, settings: Mapping[str, float], sample_rate: int) -> np.ndarray:
    """Linear gain ``(T,)`` of the compressor for the linked magnitude ``peak`` ``(T,)``."""
    knee = max(settings["comp_knee_db"], 1e-3)
    over = 20.0 * np.log10(np.maximum(peak, 1e-6)) - settings["comp_threshold_db"]
    in_knee = np.clip(over + knee / 2.0, 0.0, knee)
    wanted = (1.0 - 1.0 / settings["comp_ratio"]) * (in_knee**2 / (2.0 * knee) + np.maximum(over - knee / 2.0, 0.0))
    attack = 1.0 - math.exp(-1000.0 / (settings["comp_attack_ms"] * sample_rate))
    release = 1.0 - math.exp(-1000.0 / (settings["comp_release_ms"] * sample_rate))
    return 10.0 ** ((settings["comp_makeup_db"] - _smoothed(wanted, attack, release)) / 20.0)


@njit(cache=True)
def _smoothed(wanted: np.ndarray, attack: float, release: float) -> np.ndarray:
    output = np.empty_like(wanted)
    state = 0.0
    for n in range(wanted.size):
        state += (attack if wanted[n] > state else release) * (wanted[n] - state)
        output[n] = state
    return output
