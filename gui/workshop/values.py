"""What the window and the workshop say to each other: plain values, quick to send and quick to read.

They hold numpy arrays, the values of ``assistant.mix`` and ``protocols.daw``, and nothing that brings meters, torch or
DawDreamer along: the window opens before those are there. Levels of silence are ``-inf``; times are seconds on the
session's time line.

Contents: ``DEMO``, :class:`Desk`, :class:`SessionInfo`; :class:`Wish`, :class:`Proposal`; :class:`TrackFigures`,
:class:`MixFigures`; :class:`Finding`, :class:`ReasonText`, :class:`TrackInsight`, :class:`MixInsight`;
:class:`Overview`, :class:`Tile`; :class:`Order`, :class:`Finished`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.mandate import Mandate
from assistant.mix import Mix, Session
from protocols.daw import Control, DawTrack

Floats = NDArray[np.float32]
#: The path of the session that comes along.
DEMO = "demo:"


@dataclass(frozen=True)
class Desk:
    """A DAW's mixer as it was read: ``held`` is what it stands at; ``daw`` and ``label`` are its dialect's."""

    daw: str
    label: str
    session: str
    pan_law: str
    tracks: tuple[DawTrack, ...]
    held: Mapping[Control, float]


@dataclass(frozen=True)
class SessionInfo:
    """A session that was opened.

    ``before`` is the mix as it stands in its project or on its desk (None: every strip neutral), ``saved`` the mix of
    the mix file that was opened; ``stamps`` are size and time of change of every file it was read from, by path, to
    see when they change. ``notes`` are remarks for the user.
    """

    path: str
    name: str
    session: Session
    before: Mix | None = None
    saved: Mix | None = None
    notes: tuple[str, ...] = ()
    stamps: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """What is asked of the engineer. ``roles`` are the user's own, by track; ``goals`` refine; ``reference`` is the
    path of a finished song whose tone is aimed at, "" for none."""

    engineer: str = "dmc"
    roles: Mapping[str, str] = field(default_factory=dict)
    mandate: Mandate = field(default_factory=Mandate)
    target_lufs: float = -14.0
    goals: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True)
class TrackFigures:
    """One track in a mix, measured on the passages. ``covered_db``: by all others; ``reduction_db``: what its
    compressor takes off on average, 0 without one."""

    loudness_lufs: float
    true_peak_dbtp: float
    over_rest_lu: float
    reverb_db: float
    covered_db: float
    reduction_db: float


@dataclass(frozen=True)
class MixFigures:
    """A mix before its master, measured on the passages; ``rows`` are (label, text with unit) as in a report."""

    integrated_lufs: float
    true_peak_dbtp: float
    mono_lu: float
    rows: tuple[tuple[str, str], ...]
    tracks: Mapping[str, TrackFigures]


@dataclass(frozen=True)
class Finding:
    """A problem found on the way, worst first; ``severity`` 0..1; ``span_s`` where, if anywhere in particular."""

    kind: str
    tracks: tuple[str, ...]
    severity: float
    text: str
    advice: str
    span_s: tuple[float, float] | None = None


@dataclass(frozen=True)
class Proposal:
    """What the engineer proposes, proven: ``mix`` against ``before``; ``passages`` are the stretches (start, end) that
    were looked at; ``held_back`` sentences on changes that were not made because they contradicted themselves."""

    before: Mix
    mix: Mix
    before_figures: MixFigures
    figures: MixFigures
    findings: tuple[Finding, ...]
    passages: tuple[tuple[float, float], ...]
    held_back: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReasonText:
    """Why one section of a strip is changed, in words. ``standing`` is "shown", "weak", "withheld" or "changed" (by the
    user, since), ``why`` says why it is not shown; ``before``, ``after`` in ``unit`` are what was measured of
    ``quantity``; ``confidence`` 0..1, None where nobody knows."""

    section: str
    label: str
    heard: str
    did: str
    effect: str
    quantity: str
    unit: str
    before: float
    after: float
    because: str = ""
    confidence: float | None = None
    confidence_text: str = ""
    alternatives: tuple[str, ...] = ()
    sensitivity: str = ""
    standing: str = "shown"
    why: str = ""


@dataclass(frozen=True)
class Cover:
    """A track that covers the one looked at: how much before and after, where most (Hz, s), None where nowhere."""

    track: str
    before_db: float
    after_db: float
    around_hz: float | None
    at_s: float | None


@dataclass(frozen=True)
class TrackInsight:
    """All that is shown of one track of one mix against the mix before.

    Spectra ``before_db`` and ``after_db`` (K,) per third octave of ``band_hz`` (K,), in dB relative to the track's
    whole level. ``levels_db`` (L,) and ``shares`` (L,): how often the compressor's detector met each level.
    ``reduction_s`` (R,) and ``reduction_db`` (R,): gain reduction over time, NaN between passages; empty without a
    compressor. ``mask_db`` (B, F): how much the others cover of it per band of ``mask_hz`` (B,) and cell that starts
    at ``mask_s`` (F,), NaN where the track is inaudible, ``mask_before_db`` likewise before. ``influence``: how far
    other tracks move this one's settings (name, dB-like), strongest first; empty until the insight is in depth.
    """

    name: str
    reasons: tuple[ReasonText, ...]
    findings: tuple[Finding, ...]
    before: TrackFigures
    after: TrackFigures
    band_hz: Floats
    before_db: Floats
    after_db: Floats
    levels_db: Floats
    shares: Floats
    reduction_s: Floats
    reduction_db: Floats
    mask_hz: Floats
    mask_s: Floats
    mask_before_db: Floats
    mask_db: Floats
    covers: tuple[Cover, ...]
    influence: tuple[tuple[str, float], ...] = ()
    is_in_depth: bool = False


@dataclass(frozen=True)
class Place:
    """Where a track sits: ``pan`` -1..1 as measured (which side its power is on), ``width`` 0 (mono) over 0.5 (left and
    right have nothing in common) to 1 (opposite polarity), ``hz`` the middle of its spectrum and ``low_hz``,
    ``high_hz`` the range that holds 80 % of its power, K-weighted, NaN for silence, ``loudness_lufs``."""

    track: str
    pan: float
    width: float
    hz: float
    low_hz: float
    high_hz: float
    loudness_lufs: float


@dataclass(frozen=True)
class MixInsight:
    """All that is shown of one mix against the mix before.

    ``time_s`` (F,), ``before_lufs``, ``after_lufs``: momentary loudness (0.4 s) over time, NaN between passages. Third
    octaves ``before_db``, ``after_db`` of ``band_hz`` (K,) relative to the whole, ``reference_db`` what is usual or the
    reference song has, moved to fit the mix after, NaN outside what counts. ``covered_before_db``, ``covered_db``
    (N, N): the track in the row (``names``) by the one in the column. ``influence`` (N, N) or None: the column moves
    the row's settings.
    """

    names: tuple[str, ...]
    before: MixFigures
    after: MixFigures
    time_s: Floats
    before_lufs: Floats
    after_lufs: Floats
    band_hz: Floats
    before_db: Floats
    after_db: Floats
    reference_db: Floats
    reference_label: str
    places_before: tuple[Place, ...]
    places: tuple[Place, ...]
    covered_before_db: Floats
    covered_db: Floats
    findings: tuple[Finding, ...]
    influence: Floats | None = None


@dataclass(frozen=True)
class Overview:
    """Every track's envelope, before its strip: ``rms`` (N, F) amplitudes in steps of ``step_s``, by ``names``."""

    names: tuple[str, ...]
    step_s: float
    rms: Floats


@dataclass(frozen=True)
class Tile:
    """A stretch of a mix to listen to: ``audio`` (2, T) before the master, at the session's rate, from sample ``start``
    of the session's time line; ``levels_db`` (N, F) every channel's peak in steps of 50 ms, in the mix's order."""

    start: int
    audio: Floats
    levels_db: Floats


@dataclass(frozen=True)
class Order:
    """A finished mix to be made into ``folder``: ``mix`` as it stands, or, None, what ``wish`` proposes. ``bit_depth``
    is "16", "24" or "float"."""

    folder: str
    wish: Wish
    mix: Mix | None = None
    bit_depth: str = "24"
    writes_stems: bool = True
    writes_report: bool = True


@dataclass(frozen=True)
class Finished:
    """A finished mix on disk: its figures as (label, text), the files written (what, path), and the mix that it is."""

    mix: Mix
    audio: str
    files: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
