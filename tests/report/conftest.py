"""A made-up insight of any number of tracks, with everything a real one holds, for the report's pages and figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from assistant.analysis.facts import Alone, MixFacts, Reduction, SectionFacts, Span, TrackFacts, Verification
from assistant.analysis.masking import Masking
from assistant.analysis.measure import Measurement
from assistant.analysis.reference import BANDS_HZ, MIX_SPECTRUM_DB
from assistant.engineers.role_table import ROLES
from assistant.insight.values import (
    Calibration,
    Card,
    Confidence,
    Driver,
    Effect,
    Influence,
    Insight,
    Observation,
    Reason,
)
from assistant.mix import Change, ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.report.finished import Finished

#: Names that must stay text wherever they are shown.
HOSTILE = (
    "</script><script>alert('x')</script>\"&",
    '<a href="http://example.org">kick</a> %{y} $x$',
    "\u202ereversed \U0001f941\u0000\ud800",
    "x" * 300,
)
_ROLES = ("kick", "snare", "hihat", "overheads", "toms", "bass", "lead vocal", "backing vocal", "electric guitar",
          "acoustic guitar", "piano", "pad", "lead synth", "strings", "percussion", "riser")  # fmt: skip
_SPANS = (Span(12.0, 24.0), Span(61.0, 75.0), Span(128.0, 140.0), Span(201.0, 213.0))
_BARK_HZ = tuple(float(f) for f in np.geomspace(50.0, 15_000.0, 24).round())


@dataclass(frozen=True)
class Story:
    """What a report is made of."""

    session: Session
    finished: Finished
    insight: Insight


@pytest.fixture(scope="session")
def story() -> Callable[..., Story]:
    """A factory: ``story(count, names)`` with the first tracks called ``names``."""
    return make_story


@pytest.fixture(scope="session")
def hostile_names() -> tuple[str, ...]:
    """:data:`HOSTILE`."""
    return HOSTILE


def make_story(count: int = 28, names: tuple[str, ...] = ()) -> Story:
    """A session of ``count`` tracks and all that is known of its mix; the same for the same arguments."""
    rng = np.random.default_rng(7)
    roles = [_ROLES[n % len(_ROLES)] for n in range(count)]
    called = [names[n] if n < len(names) else f"{role} {n + 1:02d}" for n, role in enumerate(roles)]
    known = {role.name for role in ROLES}
    assert set(roles) <= known
    old = tuple(ChannelMix(name) for name in called)
    new = tuple(_channel(rng, name, role) for name, role in zip(called, roles, strict=True))
    before, after = _facts(rng, Mix(old), 0.0), _facts(rng, Mix(new, target_lufs=-14.0, engineer="rules"), 1.0)
    alone = {name: Alone(after.tracks[n], before.measurement, (1.0,) * count) for n, name in enumerate(called)}
    sections = {(name, "compressor"): _section(rng) for name in called}
    cards = tuple(_card(rng, n, before, after, alone[name]) for n, name in enumerate(called))
    insight = Insight(
        Verification(_SPANS, before, after, alone, sections),
        cards,
        _observations(called),
        _influence(rng, called),
        _calibrations(),
    )
    session = Session(tuple(Track(name) for name in called), 48_000)
    return Story(session, _finished(rng, before.mix, after.mix), insight)


def _channel(rng: np.random.Generator, name: str, role: str) -> ChannelMix:
    settings = ChannelSettings(
        trim_db=round(rng.uniform(-6, 6), 1),
        highpass_on=float(rng.random() < 0.7),
        highpass_hz=round(rng.uniform(30, 160)),
        low_shelf_gain_db=round(rng.uniform(-3, 2), 1),
        peak1_gain_db=round(rng.uniform(-5, 1), 1),
        peak1_hz=round(rng.uniform(200, 500)),
        peak3_gain_db=round(rng.uniform(-1, 4), 1),
        high_shelf_gain_db=round(rng.uniform(0, 3), 1),
        comp_threshold_db=round(rng.uniform(-36, -14)),
        comp_ratio=round(rng.choice([1.0, 2.0, 3.0, 4.0]), 1),
        comp_makeup_db=round(rng.uniform(0, 4), 1),
        fader_db=round(rng.uniform(-14, 2), 1),
        pan=round(rng.choice([0.0, 0.0, rng.uniform(-0.8, 0.8)]), 2),
        send_db=round(rng.choice([-60.0, rng.uniform(-24, -8)]), 1),
    )
    confidence = round(rng.choice([0.35, 0.8, 0.95]), 2)
    return ChannelMix(name, settings, role, confidence, (f"the name says {role}", "it lies below the others"))


def _measurement(rng: np.random.Generator, lufs: float, tilt_db: float = 0.0) -> Measurement:
    """Of some music: the mean spectrum of finished mixes with a bump somewhere."""
    bands = np.asarray(MIX_SPECTRUM_DB) + 12.0 * np.exp(-((np.arange(30) - rng.uniform(4, 24)) ** 2) / 30.0)
    levels = lufs + 3.0 + bands + tilt_db * np.linspace(-1.0, 1.0, 30) + rng.normal(0.0, 1.0, 30)
    return Measurement(
        integrated_lufs=lufs,
        max_momentary_lufs=lufs + 5.0,
        max_short_term_lufs=lufs + 3.0,
        loudness_range_lu=float(rng.uniform(3, 9)),
        true_peak_dbtp=min(lufs + 14.0, -1.0),
        sample_peak_db=min(lufs + 13.5, -1.2),
        crest_factor_db=float(rng.uniform(9, 18)),
        width=float(rng.uniform(0, 0.4)),
        correlation=float(rng.uniform(0.3, 1)),
        balance_db=float(rng.normal(0, 1.5)),
        dc_offset=0.00001,
        duration_s=223.0,
        third_octave_hz=BANDS_HZ,
        third_octave_db=tuple(float(v) for v in levels),
    )


def _facts(rng: np.random.Generator, mix: Mix, progress: float) -> MixFacts:
    tracks = tuple(_track(rng, c, progress) for c in mix.channels)
    tone = (np.nan, np.nan, *rng.normal(0.0, 4.0 - 2.0 * progress, 28))
    measurement = _measurement(rng, -23.0 + progress, progress)
    return MixFacts(mix, measurement, tone, -1.6 + 0.7 * progress, tracks, _masking(rng, mix, progress))


def _track(rng: np.random.Generator, channel: ChannelMix, progress: float) -> TrackFacts:
    lufs = float(rng.uniform(-40, -24))
    levels = np.arange(-59.0, 0.0, 2.0)
    shares = np.exp(-((levels - rng.uniform(-34, -14)) ** 2) / 120.0)
    is_working = channel.settings["comp_ratio"] > 1.0
    reduction = Reduction(2.1, 4.4, 7.9, 0.63, tuple(levels.tolist()), tuple((shares / shares.sum()).tolist()))
    own = _measurement(rng, lufs, progress)
    return TrackFacts(channel.name, own, lufs + 18.0, -14.0, reduction if is_working else None, _SPANS[1])


def _masking(rng: np.random.Generator, mix: Mix, progress: float) -> Masking:
    names = tuple(c.name for c in mix.channels)
    count = len(names)
    cells = np.concatenate([np.arange(s.start_s, s.end_s, 0.2) for s in _SPANS])
    pairs = rng.gamma(0.5, 2.4 - progress, (count, count)).clip(0.0, 20.0)
    np.fill_diagonal(pairs, 0.0)
    base = pairs.max(axis=1, initial=0.0) + 1.0
    waves = 1.0 + 0.8 * np.sin(cells / 3.0 + np.arange(count)[:, None])
    over_time = base[:, None] * waves * rng.uniform(0.6, 1.2, (count, len(cells)))
    over_time[rng.random((count, 12)).repeat(len(cells) // 12 + 1, axis=1)[:, : len(cells)] < 0.15] = np.nan
    by_band = base[:, None] * rng.uniform(0.0, 2.0, (count, len(_BARK_HZ)))
    return Masking(
        names,
        pairs.astype(np.float32),
        base.astype(np.float32),
        over_time.astype(np.float32),
        by_band.astype(np.float32),
        cells.astype(np.float32),
        _BARK_HZ,
        rng.integers(0, len(_BARK_HZ), (count, count)),
        rng.integers(0, len(cells), (count, count)),
    )


def _section(rng: np.random.Generator) -> SectionFacts:
    return SectionFacts(_SPANS[0], _measurement(rng, -30.0), _measurement(rng, -31.0))


def _card(rng: np.random.Generator, n: int, before: MixFacts, after: MixFacts, alone: Alone) -> Card:
    old, new = before.mix.channels[n], after.mix.channels[n]
    other = after.mix.channels[(n + 1) % len(after.mix.channels)].name
    reasons = (
        _level_reason(old, new, other),
        _equaliser_reason(old, new, other),
        _compressor_reason(old, new),
    )
    return Card(old, new, before.tracks[n], after.tracks[n], alone, reasons[: int(rng.integers(1, 4))])


def _changes(old: ChannelMix, new: ChannelMix, *params: str) -> tuple[Change, ...]:
    return tuple(Change(new.name, p, old.settings[p], new.settings[p]) for p in params)


def _level_reason(old: ChannelMix, new: ChannelMix, other: str) -> Reason:
    fader = new.settings["fader_db"]
    return Reason(
        new.name,
        "level",
        _changes(old, new, "fader_db"),
        "It stands 3.4 LU over where a track of its kind stands in finished music, most at 1:01-1:15.",
        f"Fader {fader:+.1f} dB.",
        Effect("over the rest", "LU", -6.2, -9.1, _SPANS[1], "It now stands 9.1 LU under the rest instead of 6.2."),
        (Driver(other, "fader_db", fader + 2.1, -2.1),),
        f"Without {other} its fader would stand 2.1 dB higher.",
        Confidence(0.82, "Four of five changes like this were right on songs that were kept back."),
        ("with the vocal in focus, 1.5 dB lower still",),
        "1 dB more on the fader covers the lead vocal by 0.4 dB more.",
    )


def _equaliser_reason(old: ChannelMix, new: ChannelMix, other: str) -> Reason:
    names = ("peak1_hz", "peak1_gain_db")
    heard = f"Around 320 Hz it covers {other} by 5.1 dB at 1:02-1:08."
    effect = Effect("covered", "dB", 5.1, 4.9, _SPANS[1], "The other is covered by 4.9 dB instead of 5.1.")
    why = "It changes less than 0.3 dB, which is hardly to be heard."
    return Reason(new.name, "peak1", _changes(old, new, *names), heard, "A dip.", effect, standing="weak", why=why)


def _compressor_reason(old: ChannelMix, new: ChannelMix) -> Reason:
    names = ("comp_threshold_db", "comp_ratio")
    effect = Effect("loudness range", "LU", 6.0, 6.8, None, "Its loudness range grew from 6.0 to 6.8 LU.")
    heard, why = "Its level varies by 14 dB.", "It was to even out the level, and did the opposite."
    did = "Compression at a gentle ratio."
    return Reason(new.name, "compressor", _changes(old, new, *names), heard, did, effect, standing="withheld", why=why)


def _observations(names: list[str]) -> tuple[Observation, ...]:
    if not names:
        return ()
    pair = (names[0], names[-1])
    remedy = (Change(pair[1], "polarity_inverted", 0.0, 1.0),)
    flipped = f"{pair[0]} and {pair[1]} cancel each other: together they are 4.2 dB quieter than apart."
    return (
        Observation("polarity", pair, 0.9, flipped, -4.2, "dB", _SPANS[0], (60.0, 180.0), remedy),
        Observation("clipping", pair[:1], 0.6, f"{pair[0]} is clipped 212 times.", 212.0, "times", _SPANS[2],
                    advice="Take it from the recording again, 6 dB lower."),
        Observation("hum", pair[1:], 0.2, f"{pair[1]} hums at 50 Hz, -52 dBFS.", -52.0, "dBFS", None, (49.0, 51.0)),
    )  # fmt: skip


def _influence(rng: np.random.Generator, names: list[str]) -> Influence:
    strength = rng.gamma(0.4, 1.2, (len(names), len(names)))
    np.fill_diagonal(strength, 0.0)
    # Each track moves each other's fader and, hardly, its pan.
    drivers = {
        (row, param): tuple(Driver(column, param, value, moved) for column in names if column != row)
        for row in names
        for param, value, moved in (("fader_db", -3.0, 1.4), ("pan", 0.1, 0.01))
    }
    return Influence(tuple(names), strength, drivers)


def _calibrations() -> tuple[Calibration, ...]:
    said = (0.1, 0.3, 0.5, 0.7, 0.9)
    return (Calibration("fader", said, (0.14, 0.27, 0.55, 0.68, 0.93), (40, 120, 300, 410, 220), "18 songs kept back"),)


def _finished(rng: np.random.Generator, old: Mix, new: Mix) -> Finished:
    shape = np.interp(
        np.arange(221), [0, 12, 60, 64, 120, 130, 180, 214, 220], [-34, -20, -18, -13, -14, -22, -12, -12, -40]
    )
    wobble = rng.normal(0.0, 0.5, (2, 221))
    was = Finished(old, _measurement(rng, -21.3), tuple((shape - 6.0 + 2.0 * wobble[0]).tolist()))
    now = Finished(new.with_master(master_gain_db=6.5), _measurement(rng, -14.0), tuple((shape + wobble[1]).tolist()))
    return replace(now, before=was)
