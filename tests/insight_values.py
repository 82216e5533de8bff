"""Plausible insights into a song of 28 tracks, made up: what the workshop would send."""

from __future__ import annotations

import math

import numpy as np

from assistant.decisions import PARTS
from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.mix import ChannelSettings, Decision
from gui.models.strips import PartState, Strip
from gui.workshop.values import (
    Cover,
    Finding,
    Floats,
    MixFigures,
    MixInsight,
    Place,
    ReasonText,
    TrackFigures,
    TrackInsight,
)

SAMPLE_RATE = 48_000
#: Name, role, centre of the spectrum in Hz, pan, loudness in LUFS.
TRACKS: tuple[tuple[str, str, float, float, float], ...] = (
    ("Kick In", "kick", 75.0, 0.0, -20.5),
    ("Kick Out", "kick", 62.0, 0.0, -24.0),
    ("Snare Top", "snare", 430.0, 0.02, -21.5),
    ("Snare Bottom", "snare", 2_400.0, 0.0, -31.0),
    ("Hi-Hat", "hihat", 7_800.0, 0.32, -33.0),
    ("Tom 1", "toms", 160.0, -0.25, -30.0),
    ("Tom 2", "toms", 110.0, 0.28, -31.0),
    ("Overheads", "overheads", 4_600.0, 0.0, -27.0),
    ("Room", "drum room", 900.0, 0.0, -30.5),
    ("Shaker", "percussion", 9_200.0, -0.55, -36.0),
    ("Tambourine", "percussion", 8_600.0, 0.6, -36.5),
    ("Bass DI", "bass", 95.0, 0.0, -21.0),
    ("Bass Amp", "bass", 140.0, 0.0, -23.5),
    ("Acoustic L", "acoustic guitar", 1_300.0, -0.8, -27.5),
    ("Acoustic R", "acoustic guitar", 1_350.0, 0.8, -27.5),
    ("Electric L", "electric guitar", 1_050.0, -0.7, -26.0),
    ("Electric R", "electric guitar", 980.0, 0.7, -26.2),
    ("Lead Guitar", "lead guitar", 1_700.0, 0.22, -27.0),
    ("Piano", "piano", 620.0, -0.3, -27.0),
    ("Organ", "organ", 540.0, 0.35, -30.0),
    ("Strings", "strings", 1_150.0, 0.05, -31.0),
    ("Pad", "pad", 480.0, 0.0, -33.0),
    ("Lead Vocal", "lead vocal", 1_250.0, 0.0, -19.0),
    ("Vocal Double", "backing vocal", 1_400.0, 0.0, -29.0),
    ("BV High", "backing vocal", 2_100.0, -0.45, -29.5),
    ("BV Mid", "backing vocal", 1_500.0, 0.45, -29.8),
    ("BV Low", "backing vocal", 700.0, 0.12, -31.5),
    ("Riser", "riser", 3_300.0, 0.0, -38.0),
)
NAMES = tuple(name for name, *_ in TRACKS)
FAMILIES = {name: ROLE_BY_NAME[role].family for name, role, *_ in TRACKS}
PASSAGES = ((31.0, 46.0), (74.5, 94.5), (151.0, 171.0))
VOCAL = NAMES.index("Lead Vocal")

PROPOSED = ChannelSettings(
    highpass_on=1.0,
    highpass_hz=92.0,
    peak1_hz=260.0,
    peak1_gain_db=-2.6,
    peak1_q=1.2,
    peak3_hz=3_400.0,
    peak3_gain_db=2.0,
    peak3_q=0.9,
    high_shelf_hz=11_000.0,
    high_shelf_gain_db=1.5,
    comp_threshold_db=-26.0,
    comp_ratio=3.0,
    comp_attack_ms=8.0,
    comp_release_ms=110.0,
    comp_makeup_db=3.5,
    fader_db=2.5,
    send_db=-17.0,
)


def make_strip(made: ChannelSettings | None = None, decision: Decision = "pending", locked: str = "") -> Strip:
    """The lead vocal's strip: as recorded unless ``made`` says otherwise."""
    neutral = ChannelSettings()
    own = neutral if made is None else made
    changed = ("levels", "eq", "dynamics", "reverb")
    parts = tuple(
        PartState(part, label, part in changed, decision, part == locked) for part, (label, _) in PARTS.items()
    )
    return Strip(
        row=VOCAL,
        name=NAMES[VOCAL],
        is_stereo=False,
        role="lead vocal",
        role_confidence=0.97,
        is_role_own=False,
        family="vocals",
        has_proposal=True,
        held=dict(own),
        before=neutral,
        proposed=PROPOSED,
        made=own,
        parts=parts,
        amount=1.0,
    )


def _reason(section: str, label: str, did: str, heard: str, measured: tuple[str, str, float, float], **more: object):
    quantity, unit, was, now = measured
    effect = f"{quantity}: {was:.1f} → {now:.1f} {unit}, at 1:22.5-1:25.5"
    return ReasonText(section, label, heard, did, effect, quantity, unit, was, now, **more)  # type: ignore[arg-type]


REASONS: tuple[ReasonText, ...] = (
    _reason(
        "level",
        "Level",
        "fader 0.0 → +2.5 dB",
        "-21.4 LUFS while it plays, 3.1 LU under all other tracks together; loudest at 1:22.5",
        ("loudness over all other tracks", "LU", -3.1, -0.9),
        because="because of Electric L, Electric R and Overheads: without them it would stand 1.8 dB lower",
        confidence=0.86,
        confidence_text="right in 86 of 100 such changes on songs it had not heard",
        alternatives=("if it were a backing vocal (7 %), its fader would stand at -4.0 dB",),
        sensitivity="1 dB more lifts it by 0.9 LU over the others and covers Vocal Double by 0.4 dB more",
    ),
    _reason(
        "compressor",
        "Compressor",
        "3:1 over -26 dB, 8/110 ms, make-up 3.5 dB",
        "single words stand out: loudness range 11.2 LU",
        ("loudness range", "LU", 11.2, 7.4),
        confidence=0.74,
        confidence_text="right in 74 of 100 such changes on songs it had not heard",
        sensitivity="a threshold 2 dB lower takes off 0.9 dB more on average",
    ),
    _reason(
        "peak3",
        "High-mid",
        "+2.0 dB @ 3.4 kHz, Q 0.9",
        "between 2.6 and 4.4 kHz it is covered by 4.8 dB",
        ("covered between 2.6 and 4.4 kHz", "dB", 4.8, 2.9),
        because="because of Electric L: without it the gain would be +0.6 dB",
        confidence=0.62,
        confidence_text="right in 62 of 100 such changes on songs it had not heard",
        alternatives=("Electric L could give way instead: -1.5 dB @ 3.2 kHz does as much for the vocal",),
    ),
    _reason(
        "highpass",
        "High-pass",
        "on at 92 Hz",
        "1.3 % of its power lies under 80 Hz, where it has no tone",
        ("level under 92 Hz", "dB", -19.0, -36.5),
        confidence=0.91,
        confidence_text="right in 91 of 100 such changes on songs it had not heard",
    ),
    _reason(
        "send",
        "Reverb send",
        "off → -17.0 dB",
        "dry: no reverb under it",
        ("reverb under the track", "dB", -math.inf, -18.2),
        standing="changed",
        why="you have changed this since",
    ),
    _reason(
        "peak1",
        "Low-mid",
        "-2.6 dB @ 260 Hz, Q 1.2",
        "boomy around 260 Hz",
        ("level around 260 Hz", "dB", -8.0, -8.2),
        standing="withheld",
        why="measured, it went the other way",
    ),
    _reason(
        "high_shelf",
        "High shelf",
        "+1.5 dB above 11 kHz",
        "a little dull",
        ("level above 11 kHz", "dB", -31.0, -30.7),
        standing="weak",
        why="moves by less than can be heard (0.5 dB)",
    ),
)
FINDINGS: tuple[Finding, ...] = (
    Finding(
        "masking",
        ("Lead Vocal", "Electric L"),
        0.8,
        "Lead Vocal is covered by Electric L by 3.4 dB around 2.4 kHz.",
        "Turn Electric L down where both play, or pan it further out.",
        (82.0, 88.5),
    ),
    Finding(
        "sibilance", ("Lead Vocal",), 0.5, "Sharp s sounds: 6.1 dB over its usual level at 7.2 kHz.", "A de-esser."
    ),
    Finding("noise", ("Lead Vocal",), 0.2, "Hum at 50 Hz, 48 dB under the voice.", "The high-pass takes most of it."),
)


def _figures(loudness_lufs: float, covered_db: float, reduction_db: float) -> TrackFigures:
    return TrackFigures(loudness_lufs, loudness_lufs + 12.8, loudness_lufs + 18.0, -18.2, covered_db, reduction_db)


def _bands() -> Floats:
    return (1_000.0 * 2.0 ** (np.arange(-16, 14) / 3.0)).astype(np.float32)


def _spectrum(centre_hz: float, octaves: float, seed: int) -> Floats:
    noise = np.random.default_rng(seed).normal(0.0, 1.2, 30)
    off = np.log2(_bands() / centre_hz) / octaves
    return np.maximum(-8.0 - 6.0 * off**2 + noise, -70.0).astype(np.float32)


def make_track_insight(name: str = "Lead Vocal", moved_db: float = 0.0) -> TrackInsight:
    """One track; ``moved_db`` shifts what is measured, as a moved control does."""
    number = NAMES.index(name)
    rng = np.random.default_rng(number)
    _, _, hz, _, lufs = TRACKS[number]
    times = np.concatenate([np.append(np.arange(a, b, 0.05), b + 0.01) for a, b in PASSAGES])
    phrase = 0.5 + 0.5 * np.sin(times * 1.3)
    reduction = np.clip(3.5 * phrase + rng.normal(0.0, 0.8, len(times)) + moved_db, 0.0, None)
    reduction[np.isin(times, [b + 0.01 for _, b in PASSAGES])] = np.nan
    levels = np.arange(-60.0, 0.5, 1.0)
    shares = np.exp(-(((levels + 24.0) / 7.0) ** 2)) + 0.4 * np.exp(-(((levels + 44.0) / 6.0) ** 2))
    mask_hz = np.geomspace(50.0, 15_000.0, 44)
    mask_s = np.concatenate([np.arange(a, b, 0.15) for a, b in PASSAGES])
    near = np.exp(-(((np.log2(mask_hz) - math.log2(2_400.0)) / 1.2) ** 2))[:, None]
    mask = 13.0 * near * (0.5 + 0.5 * np.sin(mask_s * 0.9))[None] + rng.gamma(1.0, 1.5, (44, len(mask_s)))
    mask[:, np.sin(mask_s * 0.8) < -0.75] = np.nan
    spectrum = _spectrum(hz, 1.6, number)
    return TrackInsight(
        name=name,
        reasons=REASONS,
        findings=FINDINGS,
        before=_figures(lufs - 2.4, 4.1, 0.0),
        after=_figures(lufs + moved_db, 2.6, 2.1),
        band_hz=_bands(),
        before_db=spectrum,
        after_db=spectrum + 2.0 * np.exp(-((np.log2(_bands() / 3_400.0)) ** 2)).astype(np.float32),
        levels_db=levels.astype(np.float32),
        shares=(shares / shares.sum()).astype(np.float32),
        reduction_s=times.astype(np.float32),
        reduction_db=reduction.astype(np.float32),
        mask_hz=mask_hz.astype(np.float32),
        mask_s=mask_s.astype(np.float32),
        mask_before_db=(mask * 1.5).astype(np.float32),
        mask_db=(mask + moved_db).astype(np.float32),
        covers=(
            Cover("Electric L", 3.4, 2.1, 2_400.0, 84.2),
            Cover("Electric R", 3.1, 1.9, 2_300.0, 84.2),
            Cover("Overheads", 1.6, 1.2, 5_400.0, 162.0),
            Cover("Lead Guitar", 0.9, 0.7, 2_900.0, 36.5),
            Cover("Piano", 0.6, 0.4, 900.0, 90.1),
        ),
        influence=(("Electric L", 2.6), ("Electric R", 2.2), ("Overheads", 1.1), ("Bass DI", 0.4)),
        is_in_depth=True,
    )


def _place(number: int, is_before: bool) -> Place:
    name, _, hz, pan, lufs = TRACKS[number]
    rng = np.random.default_rng(100 + number)
    wide = 0.75 if name in ("Overheads", "Room", "Pad", "Strings", "Piano") else 0.08
    if is_before:
        return Place(name, pan * 0.3, wide, hz * 0.93, hz / 2.5, hz * 2.2, lufs + float(rng.normal(0.0, 4.0)))
    return Place(name, pan, wide, hz, hz / 2.5, hz * 2.2, lufs)


def _mix_figures(lufs: float) -> MixFigures:
    rows = (
        ("Loudness", f"{lufs:.1f} LUFS"),
        ("True peak", "-4.2 dBTP"),
        ("Loudness range", "6.3 LU"),
        ("Crest factor", "13.1 dB"),
        ("Lost in mono", "0.7 LU"),
        ("Balance left and right", "R 0.2 dB"),
        ("Covered, on average", "2.1 dB"),
    )
    tracks = {name: _figures(level, 2.0, 1.0) for name, _, _, _, level in TRACKS}
    return MixFigures(lufs, lufs + 12.0, -0.7, rows, tracks)


def make_mix_insight(moved_db: float = 0.0) -> MixInsight:
    """The mix of all tracks."""
    rng = np.random.default_rng(5)
    times = np.concatenate([np.append(np.arange(a, b, 0.1), b + 0.01) for a, b in PASSAGES])
    after = -15.0 + 2.0 * np.sin(times / 3.0) + rng.normal(0.0, 0.2, len(times)) + moved_db
    after[np.isin(times, [b + 0.01 for _, b in PASSAGES])] = np.nan
    usual = -12.0 - 4.0 * np.abs(np.log2(_bands() / 120.0)) ** 0.9
    covered = rng.gamma(0.4, 1.2, (28, 28)).astype(np.float32)
    np.fill_diagonal(covered, 0.0)
    influence = (covered * rng.random((28, 28))).astype(np.float32)
    reference = np.where((_bands() > 40.0) & (_bands() < 14_000.0), usual, np.nan)
    return MixInsight(
        names=NAMES,
        before=_mix_figures(-19.4),
        after=_mix_figures(-15.2 + moved_db),
        time_s=times.astype(np.float32),
        before_lufs=(after - 3.5 - np.cos(times)).astype(np.float32),
        after_lufs=after.astype(np.float32),
        band_hz=_bands(),
        before_db=(usual + rng.normal(0.0, 3.0, 30)).astype(np.float32),
        after_db=(usual + rng.normal(0.0, 1.1, 30)).astype(np.float32),
        reference_db=reference.astype(np.float32),
        reference_label="usual balance",
        places_before=tuple(_place(k, is_before=True) for k in range(28)),
        places=tuple(_place(k, is_before=False) for k in range(28)),
        covered_before_db=covered * 1.4,
        covered_db=covered,
        findings=FINDINGS,
        influence=influence,
    )
