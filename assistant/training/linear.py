"""The linear experts' fit: levels out of a track's numbers by a robust ridge, its strength chosen by whole songs.

Few finished mixes are known, and what is known of each is relative: so every song has its own constant, and errors
count by their size (iteratively reweighted least squares, Huber 1981). Where no strength is given, it is the one that
predicts left-out songs best.

Contents: :class:`Line`, :func:`fit_line`, :func:`fit_experts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.controller.evidence import SCALARS
from assistant.controller.network import ControllerNetwork, LinearLevel, spectrum_numbers
from assistant.params import BY_NAME
from assistant.training.batches import collate
from assistant.training.examples import Example

FloatArray = NDArray[np.float64]

#: Ridge strengths tried, relative to the variance of numbers brought to one scale.
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)
#: Errors beyond this count by their size, in dB; the deviation below which a number is taken for constant.
SMOOTH_DB, LEAST_DEVIATION = 1.5, 0.05
ITERATIONS = 15
#: The experts' strengths, from the grid above with four CC0 songs in view: three songs left to choose by are too few.
SPECTRUM_STRENGTH, NUMBERS_STRENGTH = 0.03, 0.3
#: What deep, spectrum and numbers count in the mean. Their errors are alike and little related: nearly equal shares.
SHARES = (0.4, 0.3, 0.3)
#: Numbers that the linear experts leave alone: a median pitch may jump by octaves where a sample rate or a passage
#: hardly differs, and the level would jump with it.
UNSTEADY = ("has_pitch", "pitch", "low_pitch")
#: Where the linear experts put the typical track, in dB: the level of the rules' "other".
TYPICAL_DB = -4.0


@dataclass(frozen=True)
class Line:
    """``numbers @ weight + bias`` dB; ``error_db`` mean absolute error on left-out songs at ``strength``."""

    weight: FloatArray
    bias: float
    strength: float
    error_db: float


def fit_line(
    numbers: Sequence[FloatArray], levels_db: Sequence[FloatArray], strengths: Sequence[float] = STRENGTHS
) -> Line:
    """The line through songs: ``numbers`` (N, D) and ``levels_db`` (N,) of each, levels up to a constant per song.

    Its strength is the one of ``strengths`` that predicts left-out songs best.
    """
    errors = [_left_out_error(numbers, levels_db, strength) for strength in strengths]
    best = int(np.argmin(errors))
    weight, middle = _solve(numbers, levels_db, strengths[best])
    return Line(weight, TYPICAL_DB - float(middle @ weight), strengths[best], errors[best])


def fit_experts(network: ControllerNetwork, songs: Sequence[Example]) -> tuple[ControllerNetwork, dict[str, Line]]:
    """``network`` with both linear experts fitted to the levels in ``songs``, and the lines; the rest is its own.

    Its doubts are brought to the size of the errors that left-out songs show, where there is more than one song.
    """
    fitted, lines = _fitted(network, songs)
    if len(songs) > 1:
        fitted.doubt_scale.data = torch.tensor(_doubt_scale(network, songs))
    return fitted, lines


def _fitted(network: ControllerNetwork, songs: Sequence[Example]) -> tuple[ControllerNetwork, dict[str, Line]]:
    spectra, scalars, levels = [], [], []
    for song in songs:
        hearing, _ = collate([song])
        known = np.isfinite(song.level_db)
        spectrum = spectrum_numbers(hearing.mel_db[0], hearing.has_passage[0], hearing.side[0])
        steady = hearing.scalars[0] * torch.tensor([float(name not in UNSTEADY) for name in SCALARS])
        spectra.append(torch.cat([spectrum, steady], dim=-1).double().numpy()[known])
        scalars.append(steady.double().numpy()[known])
        levels.append(song.level_db[known].astype(np.float64))
    lines = {
        "spectrum": fit_line(spectra, levels, [SPECTRUM_STRENGTH]),
        "numbers": fit_line(scalars, levels, [NUMBERS_STRENGTH]),
    }
    fitted = ControllerNetwork(replace(network.config, shares=SHARES))
    fitted.load_state_dict(network.state_dict())
    _set(fitted.by_spectrum, lines["spectrum"])
    _set(fitted.by_numbers, lines["numbers"])
    return fitted.eval(), lines


def _doubt_scale(network: ControllerNetwork, songs: Sequence[Example]) -> float:
    """How many times larger the level errors on left-out songs are than ``network`` expects."""
    errors, expected = [], []
    fader, column = BY_NAME["fader_db"], network.config.parameters.index("fader_db")
    for left_out in songs:
        taught, _ = _fitted(network, [song for song in songs if song is not left_out])
        with torch.no_grad():
            proposal = taught(collate([left_out])[0])
        reach_db = fader.high - fader.low
        error = reach_db * proposal.positions[0, :, column].double().numpy() - left_out.level_db
        errors.append(np.abs(error - np.nanmedian(error)))
        expected.append(proposal.spread_db[0].double().numpy() / float(network.doubt_scale))
    return float(np.nanmean(np.concatenate(errors)) / np.mean(np.concatenate(expected)))


def _set(expert: LinearLevel, line: Line) -> None:
    expert.weight.data = torch.from_numpy(line.weight).to(expert.weight)
    expert.bias.data = torch.tensor(line.bias).to(expert.bias)


def _left_out_error(numbers: Sequence[FloatArray], levels_db: Sequence[FloatArray], strength: float) -> float:
    errors = []
    for left_out in range(len(numbers)):
        others = [i for i in range(len(numbers)) if i != left_out]
        if others:
            weight, _ = _solve([numbers[i] for i in others], [levels_db[i] for i in others], strength)
            error = numbers[left_out] @ weight - levels_db[left_out]
            errors.append(float(np.mean(np.abs(error - np.median(error)))))
    return float(np.mean(errors)) if errors else float("nan")


def _solve(
    numbers: Sequence[FloatArray], levels_db: Sequence[FloatArray], strength: float
) -> tuple[FloatArray, FloatArray]:
    """Weights (D,) and the numbers' mean (D,)."""
    stacked = np.concatenate(numbers)
    middle, deviation = stacked.mean(axis=0), stacked.std(axis=0) + LEAST_DEVIATION
    scaled = (stacked - middle) / (deviation * np.sqrt(stacked.shape[1]))
    levels = np.concatenate([level - np.median(level) for level in levels_db])
    song = np.concatenate([np.full(len(level), index) for index, level in enumerate(levels_db)])
    offsets, trust = np.zeros(len(levels_db)), np.ones(len(levels))
    solved = np.zeros(stacked.shape[1])
    for _ in range(ITERATIONS):
        weighted = scaled * trust[:, None]
        normal = scaled.T @ weighted + strength * np.eye(scaled.shape[1])
        solved = np.linalg.solve(normal, weighted.T @ (levels - offsets[song]))
        error = levels - scaled @ solved
        offsets = np.array([np.median(error[song == index]) for index in range(len(levels_db))])
        trust = 1.0 / np.maximum(np.abs(error - offsets[song]), SMOOTH_DB)
    return solved / (deviation * np.sqrt(stacked.shape[1])), middle
