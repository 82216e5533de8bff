"""What is taken away from a finished stem to make it raw again, and the console settings that give it back.

Stems of finished songs carry their mixers' decisions. A :class:`Damage` undoes some of them at random, going backwards
through the channel: place (pan, then width, then perhaps a fold to mono), dynamics, and tone (polarity, EQ, trim). The
console's own filters and matrices do it, and each of its bands at minus its gain is exactly its inverse, so that what
a controller has to find is known for as much as was damaged.

Contents: :class:`Damage`, :func:`draw_damage`, :func:`restoring_settings`, :func:`centring_pan`; ``damaging`` applies
a damage to audio and to log-mel frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, EQ_BANDS

#: The settings that a damage may use; the others have no inverse, or none that the console holds.
DAMAGING = {"trim_db", "polarity_inverted", "width", "pan"} | {
    f"{band}_{part}" for band, _ in EQ_BANDS for part in ("hz", "gain_db", "q")
}
#: Dynamics are undone down to this far below the stem's mean level; what is quieter keeps one gain.
REACH_DB = 12.0
LEAST_RATIO, GREATEST_RATIO = 0.5, 3.0
#: Width's inverse has to stay on the control's travel.
LEAST_WIDTH = 1.0 / BY_NAME["width"].high
#: A stem is not balanced by more than 12 dB: on one side alone it has no other to bring up.
FURTHEST_PAN = 0.75

#: Where the bells are drawn, in Hz.
PEAK_REGIONS_HZ = {"peak1": (150.0, 600.0), "peak2": (600.0, 2_500.0), "peak3": (2_500.0, 9_000.0)}
GREATEST_EQ_DB = 12.0


@dataclass(frozen=True)
class Damage:
    """What is done to one stem.

    ``settings``: the tone, width and balance it is given, of the names in ``DAMAGING``; trim includes the random gain.
    ``expand_ratio`` multiplies the stem's level differences in dB: above 1 livelier, below 1 flatter, 0.5 to 3.
    ``collapse`` folds a stereo stem to mono. ``balance_db`` is no damage: the stem's own balance, right over left
    in dB, as :func:`assistant.analysis.stereo.balance_db` measures it. Raises ``ValueError``.
    """

    settings: ChannelSettings = field(default_factory=ChannelSettings)
    expand_ratio: float = 1.0
    collapse: bool = False
    balance_db: float = 0.0

    def __post_init__(self) -> None:
        others = sorted(self.settings.changed().keys() - DAMAGING)
        if others:
            raise ValueError(f"a damage cannot be undone in {', '.join(others)}")
        if not LEAST_RATIO <= self.expand_ratio <= GREATEST_RATIO:
            raise ValueError(f"expand_ratio={self.expand_ratio!r}: expected {LEAST_RATIO:g} to {GREATEST_RATIO:g}")
        if self.settings["width"] < LEAST_WIDTH:
            raise ValueError(f"width={self.settings['width']!r}: expected {LEAST_WIDTH:g} or more; collapse?")
        if abs(self.settings["pan"]) > FURTHEST_PAN:
            raise ValueError(f"pan={self.settings['pan']!r}: expected -{FURTHEST_PAN:g} to {FURTHEST_PAN:g}")
        if self.collapse and (self.settings["width"], self.settings["pan"]) != (1.0, 0.0):
            raise ValueError("collapse: expected no width and no pan beside it; the fold takes both")


def draw_damage(rng: np.random.Generator, is_stereo: bool, amount: float = 1.0, balance_db: float = 0.0) -> Damage:
    """A damage at random: 0 <= ``amount`` <= 2 scales how often and how strongly; at 0 nothing is done.

    A mono stem (not ``is_stereo``) keeps its place. ``balance_db`` is the stem's own balance, right over left: half of
    the time it is brought to the middle, so that the mixer's pan is what gives it back. Raises ``ValueError``.
    """
    if not 0.0 <= amount <= 2.0:
        raise ValueError(f"amount={amount!r}: expected 0 to 2")
    values = {"trim_db": rng.normal(0.0, 6.0), **_draw_tone(rng, amount)}
    values["trim_db"] = float(np.clip(values["trim_db"] * amount, -24.0, 24.0))
    values["polarity_inverted"] = float(rng.random() < 0.05 * amount)
    ratio = math.exp(rng.uniform(-0.2, 0.6) * amount) if rng.random() < 0.6 * amount else 1.0
    ratio = min(max(ratio, LEAST_RATIO), GREATEST_RATIO)
    if not is_stereo:
        return Damage(ChannelSettings(values), ratio)
    if rng.random() < 0.15 * amount:
        return Damage(ChannelSettings(values), ratio, collapse=True, balance_db=balance_db)
    values["width"] = float(np.clip(math.exp(rng.normal(0.0, 0.3) * amount), LEAST_WIDTH, BY_NAME["width"].high))
    values["pan"] = _draw_pan(rng, amount, balance_db)
    return Damage(ChannelSettings(values), ratio, balance_db=balance_db)


def restoring_settings(damage: Damage) -> dict[str, float]:
    """The console settings known to undo ``damage``; what is not named is not known.

    Trim, polarity, EQ, width and pan undo theirs exactly (a band that was left alone is restored by 0 dB anywhere, so
    its frequency and Q are not named). A ratio above 1 is undone by the compressor's, and its make-up gain, where the
    threshold lies ``REACH_DB`` times the ratio below the stem's mean level: in steady parts, for levels above it. Of a
    folded stem, ``pan`` and ``trim_db`` put a source that was panned by level back where it was.
    """
    given = damage.settings
    known = {"trim_db": -given["trim_db"], "polarity_inverted": given["polarity_inverted"], "pan": -given["pan"]}
    for band, _ in EQ_BANDS:
        known |= _restoring_band(given, band)
    if damage.expand_ratio >= 1.0:
        known["comp_ratio"] = damage.expand_ratio
        known["comp_makeup_db"] = REACH_DB * (damage.expand_ratio - 1.0)
    if damage.collapse:
        angle = math.atan(10.0 ** (damage.balance_db / 20.0))
        known["pan"] = 4.0 / math.pi * angle - 1.0
        known["trim_db"] += 20.0 * math.log10(2.0 / (math.cos(angle) + math.sin(angle)))
    else:
        known["width"] = 1.0 / given["width"]
        known["trim_db"] -= 20.0 * math.log10(1.0 - abs(given["pan"]))  # both balances attenuate
    return {name: BY_NAME[name].check(value) for name, value in known.items()}


def centring_pan(balance_db: float) -> float:
    """The console's balance that brings a stereo stem to the middle, given right over left in dB.

    It turns the louder side down; held at ``FURTHEST_PAN``, which leaves a stem of one side alone where it leans.
    """
    pan = 1.0 - 10.0 ** (-abs(balance_db) / 20.0)
    return -math.copysign(min(pan, FURTHEST_PAN), balance_db)


def _restoring_band(given: ChannelSettings, band: str) -> dict[str, float]:
    gain = f"{band}_gain_db"
    if given[gain] == 0.0:
        return {gain: 0.0}
    return {gain: -given[gain], f"{band}_hz": given[f"{band}_hz"], f"{band}_q": given[f"{band}_q"]}


def _draw_tone(rng: np.random.Generator, amount: float) -> dict[str, float]:
    """A tilt by both shelves, and none to two bells."""
    values: dict[str, float] = {}
    if rng.random() < 0.7 * amount:
        tilt_db = rng.normal(0.0, 3.0)
        low_db, high_db = -tilt_db + rng.normal(0.0, 1.5), tilt_db + rng.normal(0.0, 1.5)
        values |= _drawn_band(rng, "low_shelf", (80.0, 350.0), (0.5, 0.9), low_db * amount)
        values |= _drawn_band(rng, "high_shelf", (2_500.0, 10_000.0), (0.5, 0.9), high_db * amount)
    count = int(rng.integers(0, 3)) if rng.random() < amount else 0
    for band in rng.choice(sorted(PEAK_REGIONS_HZ), count, replace=False):
        values |= _drawn_band(rng, band, PEAK_REGIONS_HZ[band], (0.5, 3.0), rng.normal(0.0, 4.0) * amount)
    return values


def _drawn_band(
    rng: np.random.Generator, band: str, region_hz: tuple[float, float], region_q: tuple[float, float], gain_db: float
) -> dict[str, float]:
    hz, q = (float(np.exp(rng.uniform(*np.log(region)))) for region in (region_hz, region_q))
    return {
        f"{band}_hz": hz,
        f"{band}_q": q,
        f"{band}_gain_db": float(np.clip(gain_db, -GREATEST_EQ_DB, GREATEST_EQ_DB)),
    }


def _draw_pan(rng: np.random.Generator, amount: float, balance_db: float) -> float:
    """The middle half of the time, any place a quarter of the time, else where it was."""
    choice, anywhere, often = rng.random(), rng.uniform(-0.6, 0.6), min(1.0, amount)
    if choice < 0.5 * often:
        return centring_pan(balance_db)
    return anywhere if choice < 0.75 * often else 0.0
