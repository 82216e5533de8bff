"""From what the network wants to finished settings: all that follows by calculation rather than by learning.

The network says how loud a track stands (fader), where, and with which tone; the rest is arithmetic on the track's own
measurements, the same as the rules do it. Trim brings the track to the reference loudness behind its filters, width and
balance, so that the fader alone is the balance; the compressor's threshold is relative to that level, its make-up gain
is what it takes away, and it never takes more than a sane amount. Small moves are left out: nothing is set for show.

Contents: :class:`Wish`, :func:`stage`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.engineers.dynamics_rules import Compression, find_threshold, taken_db
from assistant.engineers.filtering import filtered_features, power_change_db, response_db
from assistant.engineers.hearing import Advice, HeardTrack, Scene, joined
from assistant.engineers.image_rules import image_change_db
from assistant.engineers.levels import FADER_RANGE_DB, advise_trim
from assistant.engineers.panning import assign_sides, known_sides
from assistant.engineers.role_names import stem_of
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, EQ_BANDS
from assistant.report.words import compressor_text, equaliser_text
from assistant.wording import frequency_text, gain_text

#: What moves less than this by EQ, pan, ratio, send or width is left out.
LEAST_EQ_DB, LEAST_PAN, LEAST_RATIO, LEAST_SEND_DB, LEAST_WIDENING = 0.5, 0.06, 1.2, -40.0, 0.05
#: Where an EQ band has to do something to be worth its place.
_AUDIBLE_HZ = np.geomspace(30.0, 16_000.0, 110)
#: What a compressor may take off for a tenth of the time, and below which it is not worth its place.
MOST_REDUCTION_DB, LEAST_REDUCTION_DB = 12.0, 0.3
#: Where the faders' median stands in a session without a lead vocal, which else stands at 0 dB.
MEDIAN_FADER_DB = -4.0
#: The median of a Laplace distribution's absolute deviation, in units of its scale.
_HALF_OF_THE_TIME = math.log(2.0)


@dataclass(frozen=True)
class Wish:
    """What the network wants for one track.

    ``settings`` in physical units, of the parameters that it sets; ``spread_db`` the scale of the error it expects of
    its own fader (Laplace).
    """

    heard: HeardTrack
    settings: Mapping[str, float]
    spread_db: float


def stage(wishes: Sequence[Wish], has_sides: bool, tempo: float | None = None) -> dict[str, Advice]:
    """Finished settings and their reasons by track name, for ``wishes`` in any order.

    ``has_sides``: whether the sign of a mono track's pan means anything; where it does not, the tracks are spread so
    that both sides carry the same power.
    """
    wishes = sorted(wishes, key=lambda wish: wish.heard.name)
    scene = Scene(tuple(wish.heard for wish in wishes), tempo)
    fader_db = level_faders(wishes)
    pans = _place(wishes, scene, fader_db, has_sides)
    return {wish.heard.name: _advise(wish, fader_db[wish.heard.name], pans[wish.heard.name]) for wish in wishes}


def level_faders(wishes: Sequence[Wish]) -> dict[str, float]:
    """The wanted faders, shifted by one gain: the loudest lead vocal to 0 dB, or else the median to -4.

    The gain is lower where a fader would otherwise leave the range of the engineers' faders upwards; those that leave
    it downwards stop at its end.
    """
    wanted = {wish.heard.name: wish.settings["fader_db"] for wish in wishes}
    if not wanted:
        return {}
    leads = [wanted[wish.heard.name] for wish in wishes if wish.heard.role == "lead vocal"]
    gain_db = -max(leads) if leads else MEDIAN_FADER_DB - float(np.median(list(wanted.values())))
    gain_db = min(gain_db, FADER_RANGE_DB[1] - max(wanted.values()))
    return {name: round(max(FADER_RANGE_DB[0], value + gain_db), 1) + 0.0 for name, value in wanted.items()}


def _advise(wish: Wish, fader_db: float, pan: float) -> Advice:
    """All settings of one track."""
    polarity, highpass, equaliser, width, send = (part(wish) for part in _PARTS)
    heard = replace(wish.heard, features=filtered_features(wish.heard.features, highpass.settings))
    image_db = image_change_db(heard, width.settings.get("width", 1.0), pan)
    trim = advise_trim(heard, equaliser.settings, image_db)
    gain_db = trim.settings["trim_db"] + power_change_db(equaliser.settings, heard.features.spectrum_db)
    compressor = _advise_compressor(wish, heard.features.trace_db.astype(np.float64) + gain_db)
    expected_db = wish.spread_db * _HALF_OF_THE_TIME
    fader = Advice(
        {"fader_db": fader_db},
        (
            f"fader at {gain_text(fader_db)} dB: half of the time it expects to be within {expected_db:.1f} dB of an "
            "engineer's choice",
        ),
    )
    return joined(trim, polarity, highpass, equaliser, compressor, fader, width, _advise_pan(heard, pan), send)


def _advise_polarity(wish: Wish) -> Advice:
    if wish.settings.get("polarity_inverted", 0.0) < 0.5:
        return Advice()
    return Advice({"polarity_inverted": 1.0}, ("trim with the polarity inverted: it seems to be the wrong way round",))


def _advise_highpass(wish: Wish) -> Advice:
    if wish.settings.get("highpass_on", 0.0) < 0.5:
        return Advice()
    cutoff_hz = round(wish.settings["highpass_hz"], 1)
    reason = f"high-pass at {frequency_text(cutoff_hz)}: 99% of its power lies above "
    reason += frequency_text(wish.heard.features.low_edge_hz)
    return Advice({"highpass_on": 1.0, "highpass_hz": cutoff_hz}, (reason,))


def _advise_equaliser(wish: Wish) -> Advice:
    """The bands that do something where it can be heard."""
    settings: dict[str, float] = {}
    for prefix, _ in EQ_BANDS:
        if f"{prefix}_gain_db" not in wish.settings:
            continue
        band = {f"{prefix}_{part}": _rounded(wish.settings[f"{prefix}_{part}"]) for part in ("hz", "gain_db", "q")}
        if np.abs(response_db(band, _AUDIBLE_HZ)).max() >= LEAST_EQ_DB:
            settings |= band
    return Advice(settings, (f"EQ {equaliser_text(ChannelSettings(settings))}",) if settings else ())


def _advise_compressor(wish: Wish, trace_db: np.ndarray) -> Advice:
    """The compressor, for samples at the levels ``trace_db`` in front of it."""
    if wish.settings.get("comp_ratio", 1.0) < LEAST_RATIO:
        return Advice()
    plan = Compression(
        MOST_REDUCTION_DB,
        round(wish.settings["comp_ratio"], 2),
        *(_rounded(wish.settings[f"comp_{part}"]) for part in ("attack_ms", "release_ms", "knee_db")),
    )
    threshold_db = round(wish.settings["comp_threshold_db"], 1)
    reached_db, lost_db = taken_db(trace_db, plan, threshold_db)
    if max(reached_db, lost_db) < LEAST_REDUCTION_DB:
        return Advice()
    if max(reached_db, lost_db) > MOST_REDUCTION_DB:
        threshold_db, reached_db, lost_db = find_threshold(trace_db, plan, MOST_REDUCTION_DB)
    settings = plan.settings(threshold_db, round(max(0.0, lost_db), 2))
    reason = f"compressor {compressor_text(ChannelSettings(settings))}: {reached_db:.1f} dB of reduction or more for a "
    return Advice(settings, (f"{reason}tenth of the time, and make-up that restores the loudness",))


def _advise_width(wish: Wish) -> Advice:
    """Only of what has a width; what is left is heard as side signal."""
    width = round(wish.settings.get("width", 1.0), 2)
    if not wish.heard.features.is_stereo or abs(width - 1.0) < LEAST_WIDENING:
        return Advice()
    return Advice({"width": width}, (f"width {width:.2f}: {wish.heard.features.width:.0%} of it is side signal",))


def _advise_send(wish: Wish) -> Advice:
    send_db = round(wish.settings.get("send_db", BY_NAME["send_db"].low), 1)
    if send_db < LEAST_SEND_DB:
        return Advice()
    return Advice({"send_db": send_db}, (f"reverb send at {gain_text(send_db)} dB into the common room",))


_PARTS = (_advise_polarity, _advise_highpass, _advise_equaliser, _advise_width, _advise_send)


def _place(wishes: Sequence[Wish], scene: Scene, fader_db: Mapping[str, float], has_sides: bool) -> dict[str, float]:
    """Pan of every track: stereo ones balanced as wanted, mono ones as far from the middle as wanted."""
    wanted = {wish.heard.name: _pan_or_middle(wish.settings["pan"]) for wish in wishes}
    if has_sides:
        return wanted
    reach = {h.name: abs(wanted[h.name]) for h in scene.tracks if not h.features.is_stereo}
    placed = {name: pan for name, pan in wanted.items() if name not in reach}
    placed |= {name: side * _shared_reach(name, reach) for name, side in known_sides(scene).items()}
    waiting = {name: distance for name, distance in reach.items() if name not in placed}
    return placed | assign_sides(scene, waiting, placed, fader_db)


def _shared_reach(name: str, reach: Mapping[str, float]) -> float:
    """The mean reach of the tracks that differ from ``name`` by side or number alone: a pair is symmetric."""
    alike = [distance for other, distance in reach.items() if stem_of(other) == stem_of(name)]
    return _pan_or_middle(sum(alike) / len(alike))


def _pan_or_middle(pan: float) -> float:
    return round(pan, 2) if abs(pan) >= LEAST_PAN else 0.0


def _advise_pan(heard: HeardTrack, pan: float) -> Advice:
    place = f"pan {pan:+.2f}" if pan else "pan 0"
    if heard.features.is_stereo:
        lean_db = heard.features.balance_db
        reason = f"{place}: the balance of a stereo track, recorded {gain_text(lean_db)} dB louder on the right"
    elif pan:
        reason = f"{place}: {abs(pan):.0%} of the way from the middle to the side"
    else:
        reason = f"{place}: in the middle"
    return Advice({"pan": pan}, (reason,))


def _rounded(value: float) -> float:
    """Three significant digits: what a reader of a mix can use."""
    return float(f"{value:.3g}")
