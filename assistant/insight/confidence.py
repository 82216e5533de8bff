"""How sure a change is: the share of such changes that were right where the engineer had never heard the song.

What is right depends on the section of the strip, and on what is known:

- level: the fader stands within 3 dB of the mixer's own level, as finished stems carry it, one offset for all removed;
- equaliser, width, pan: finished stems were damaged at random; of the changes made where an audible damage was to be
  undone, those that go the way which undoes it;
- high-pass, compressor, send, and the pan of a mono track: no mixer's choice is known; right is what the rules, which
  taught the engineer, do in a synthetic session with its true roles: a cutoff within a third of an octave, a compressor
  too, a send within 3 dB, a place within 0.15 of theirs, on either side.

Polarity is hardly ever turned, so that nothing is known of it, and no confidence is given. All shares are those of the
engineer ``dmc``, from flat strips. They come out of a logistic regression on one or two numbers, or are the plain share
where such numbers foretell nothing (``benchmarks/quality_calibration.py`` fits, tests and writes them).

Contents: :class:`Move`, ``FEATURES``, :func:`group_of`, :class:`Model`; :func:`confidence_of`, :func:`calibrations`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from assistant.analysis.sections import SECTION_BY_NAME, does_something
from assistant.engineers.filtering import response_db
from assistant.insight.values import Calibration, Confidence
from assistant.mix import ChannelMix, ChannelSettings
from assistant.params import EQ_BANDS

#: How near to the mixer's own a level counts as right, and to the rules' a send, in dB; and a mono track's pan.
NEAR_DB, NEAR_PAN = 3.0, 0.15
#: Sections that are judged alike share one model.
_GROUPS: dict[str, str] = {
    "level": "level",
    **{band: "equaliser" for band, _ in EQ_BANDS},
    **{name: name for name in ("width", "pan", "highpass", "compressor", "send")},
}
#: The groups whose truth is the teacher's: only what is done there was compared, not what is left out.
TAUGHT = frozenset(("highpass", "compressor", "send", "mono pan"))

_LEVEL_TEXT = "{share} such levels lay within 3 dB of the mixer's own, on songs it had never heard"
_WAY_TEXT = "where something was to be undone, {share} such changes went the right way, on songs it had never heard"
_TAUGHT_TEXT = "in sessions it had never heard, {share} such settings were what the rules that taught it would choose"
#: Changes that went the right way no more often than this: so few cases cannot tell it from one half.
_GUESS = 0.6
HEARD_HZ = np.geomspace(30.0, 16_000.0, 110)


def group_of(section: str, is_stereo: bool) -> str | None:
    """Which model judges ``section``, None where none does; a mono track's pan is another matter than a balance."""
    return "mono pan" if section == "pan" and not is_stereo else _GROUPS.get(section)


@dataclass(frozen=True)
class Move:
    """The change of one section of a strip: its channel before and after."""

    section: str
    old: ChannelMix
    new: ChannelMix


def band_response_db(section: str, settings: ChannelSettings) -> np.ndarray:
    """What the equaliser's band alone does, in dB, (110,) from 30 Hz to 16 kHz, evenly per octave."""
    return response_db({name: settings[name] for name in SECTION_BY_NAME[section].params}, HEARD_HZ)


def _doubt(move: Move) -> float:
    """Log odds of an error within ``NEAR_DB`` if errors are Laplace distributed with the scale that was foretold."""
    spread_db = max(move.new.level_spread_db or 0.0, 0.1)
    return math.log(math.expm1(NEAR_DB / spread_db))


def _size(move: Move) -> float:
    """How far the section moves: dB of a band where it moves most, octaves of a cutoff or ratio, else its own unit."""
    old, new = move.old.settings, move.new.settings
    group = _GROUPS[move.section]
    if group == "equaliser":
        return float(np.abs(band_response_db(move.section, new) - band_response_db(move.section, old)).max())
    if group in ("highpass", "compressor"):
        name = "highpass_hz" if group == "highpass" else "comp_ratio"
        return abs(math.log2(new[name] / old[name]))
    name = SECTION_BY_NAME[move.section].params[-1]
    return abs(new[name] - old[name])


#: The numbers that a model may go by.
FEATURES: dict[str, Callable[[Move], float]] = {
    "doubt": _doubt,
    "size": _size,
    "role": lambda move: move.new.role_confidence,
}


@dataclass(frozen=True)
class Model:
    """Log odds of being right: ``bias`` and ``weights`` on ``FEATURES``; without weights it is a plain share.

    Each number is held inside the ``ranges`` it was seen in: what lies outside was never tested.
    """

    bias: float
    weights: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]

    def share(self, move: Move) -> float:
        """The share of changes such as ``move`` that were right, 0..1."""
        odds = self.bias
        for name, weight in self.weights.items():
            low, high = self.ranges[name]
            odds += weight * min(max(FEATURES[name](move), low), high)
        return 1.0 / (1.0 + math.exp(-odds))


def confidence_of(
    section: str, old: ChannelMix, new: ChannelMix, engineer: str, is_stereo: bool | None = None
) -> Confidence | None:
    """How sure the change of ``section`` from ``old`` to ``new`` is that ``engineer`` (a mix's signature) proposed.

    ``is_stereo``: whether the track has two channels, without which nothing is said of its pan. None where nothing was
    measured: of another engineer, of a section without a truth, of what is only switched off, and of a level whose
    engineer does not say how far off it may be. Raises ``KeyError`` for an unknown section.
    """
    group = group_of(SECTION_BY_NAME[section].name, is_stereo is not False)
    measured = _measured()
    if engineer != measured["engineer"] or group not in measured["models"]:
        return None
    if (section == "pan" and is_stereo is None) or (group == "level" and new.level_spread_db is None):
        return None
    if group in TAUGHT and not does_something(SECTION_BY_NAME[section], new.settings):
        return None
    share = Model(**measured["models"][group]).share(Move(section, old, new))
    return Confidence(round(share, 3), _sentence(group, share))


@cache
def calibrations() -> tuple[Calibration, ...]:
    """The calibration curves of the models, and of the roles told by sound alone."""
    return tuple(
        Calibration(
            row["name"], tuple(row["predicted"]), tuple(row["observed"]), tuple(row["counts"]), source=row["source"]
        )
        for row in _measured()["curves"]
    )


def _sentence(group: str | None, share: float) -> str:
    text = _LEVEL_TEXT if group == "level" else _TAUGHT_TEXT if group in TAUGHT else _WAY_TEXT
    said = text.format(share=tenths_text(share))
    return f"{said}: hardly more than a guess" if text is _WAY_TEXT and share <= _GUESS else said


def tenths_text(share: float) -> str:
    """``7 of 10``; ``more than 9 of 10`` and ``fewer than 1 of 10`` at the ends, where no share is certain."""
    tenths = round(10.0 * share)
    if tenths >= 10:
        return "more than 9 of 10"
    return f"{tenths} of 10" if tenths else "fewer than 1 of 10"


@cache
def _measured() -> dict[str, Any]:
    """What the benchmark wrote: ``engineer``, a model per group, and the curves."""
    text = files("assistant").joinpath("insight", "calibration.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
