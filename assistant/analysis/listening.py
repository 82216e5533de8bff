"""What one track sounds like, in a few dozen numbers: the evidence an engineer works from.

Conventions: audio is float ``(C, T)`` with C 1 or 2; times are seconds from the array's first sample. Everything but
``loudness_lufs``, ``peak_db`` and ``trace_db`` is independent of the track's level. *Active* means inside the
loudness gate below, so a track that plays for ten seconds of a song is judged by these ten seconds.

Contents: :class:`TrackFeatures`, :func:`listen`, :func:`listen_to_tracks`; ``BAND_CENTRES_HZ`` are the third-octave
bands of ``TrackFeatures.spectrum_db``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from assistant.analysis.loudness import momentary_loudness
from assistant.arrays import FloatArray
from assistant.mix import Track
from assistant.tasks import Load

#: Exact base-ten third-octave centres, 20 Hz to 20 kHz (IEC 61260-1).
BAND_CENTRES_HZ: tuple[float, ...] = tuple(1000.0 * 10.0 ** (n / 10.0) for n in range(-17, 14))
#: A track whose loudest sample lies below this has nothing to mix; 13 bits under full scale, below any noise floor.
SILENCE_DBFS = -80.0
#: So has a track softer than this where it plays: residue or noise floor (the absolute gate of ITU-R BS.1770-5). Not
#: asked of sounds shorter than a loudness window.
SILENCE_LUFS = -70.0
#: Rate of ``TrackFeatures.trace_db``; the distribution of sample levels survives such thinning, see :func:`listen`.
TRACE_RATE_HZ = 6_000

#: Length of one cell of ``TrackFeatures.activity``.
ACTIVITY_CELL_S = 0.5

_BLOCK_S = 0.01
_WINDOW_S, _HOP_S = 0.4, 0.1
_MAX_FRAMES = 320
_TRACE_PIECES, _TRACE_PIECE_S = 16, 0.75
_FLOOR_DB = -120.0


@dataclass(frozen=True)
class TrackFeatures:
    """One track as heard. Shares are of the active power and lie in 0..1.

    ``loudness_lufs`` gated loudness of the active parts; ``peak_db`` sample peak (dBFS); ``crest_db`` peak over active
    RMS; ``spectrum_db`` level per band of ``BAND_CENTRES_HZ`` relative to the whole; ``low_edge_hz`` the frequency
    below which only one percent of the power lies; ``subsonic_share`` what lies below 15 Hz, offset included, of the
    power with it (all other shares are without); ``pitch_hz``/``pitch_low_hz`` median and tenth percentile of the
    fundamental (0 where there is none); ``harmonicity``, ``percussiveness`` 0..1; ``onset_rate_hz`` attacks per active
    second; ``width`` side power over total power (0 mono, 0.5 unrelated channels, 1 opposite), ``low_width`` the same
    below 120 Hz; ``balance_db`` right over left; ``dynamics_db`` standard deviation of the active momentary loudness;
    ``trace_db`` levels of single samples (louder channel, dBFS, offset removed) at ``TRACE_RATE_HZ`` from up to sixteen
    active passages, for compressor rules; ``activity`` one truth value per ``ACTIVITY_CELL_S``: whether the track plays
    then.
    """

    duration_s: float = 0.0
    loudness_lufs: float = -math.inf
    peak_db: float = -math.inf
    crest_db: float = 0.0
    active_ratio: float = 0.0
    first_active_s: float = 0.0
    last_active_s: float = 0.0
    spectrum_db: tuple[float, ...] = ()
    centroid_hz: float = 0.0
    low_edge_hz: float = 0.0
    subsonic_share: float = 0.0
    low_share: float = 0.0
    mud_share: float = 0.0
    harsh_share: float = 0.0
    sibilance_share: float = 0.0
    air_share: float = 0.0
    onset_rate_hz: float = 0.0
    percussiveness: float = 0.0
    harmonicity: float = 0.0
    pitch_hz: float = 0.0
    pitch_low_hz: float = 0.0
    is_stereo: bool = False
    width: float = 0.0
    low_width: float = 0.0
    correlation: float = 1.0
    balance_db: float = 0.0
    dynamics_db: float = 0.0
    trace_db: NDArray[np.float16] = field(default_factory=lambda: np.zeros(0, np.float16), repr=False, compare=False)
    activity: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_), repr=False, compare=False)

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing audible on the track."""
        return not self.spectrum_db


def listen(audio: FloatArray, sample_rate: int) -> TrackFeatures:
    """Describe ``audio`` (C, T), C 1 or 2, at ``sample_rate`` Hz.

    Loudness, peak, stereo and onsets are measured over everything; the spectral features from at most
    320 windows of about 0.17 s (some 55 s), spread evenly over the active parts. A track without a sample above
    -80 dBFS, or softer than -70 LUFS where it plays, gives the silent features. Raises ``ValueError`` for another
    shape or for samples that are not finite.

    The gate is the two-stage one of ITU-R BS.1770-5 with its absolute threshold replaced by one 50 LU under the
    loudest window, which makes the result follow the track's gain exactly.
    """
    audio = _checked(audio)
    duration_s = audio.shape[1] / sample_rate
    block = max(1, round(_BLOCK_S * sample_rate))
    peaks, left, right, cross = _block_statistics(audio[0], audio[-1], block)
    peak = float(peaks.max(initial=0.0))
    if not math.isfinite(float(left.sum() + right.sum())):
        raise ValueError("audio holds NaN or infinity: expected finite samples")
    if _peak_beside_offset(audio, peak, sample_rate) < 10.0 ** (SILENCE_DBFS / 20.0):
        return TrackFeatures(duration_s=duration_s, is_stereo=len(audio) == 2)
    start, stop = _audible_span(peaks, peak, block, audio.shape[1])
    audio, first = audio[:, start:stop], start // block
    last = -(-stop // block)
    peaks, left, right, cross = (a[first:last] for a in (peaks, left, right, cross))
    momentary, starts_s, gate, loudness_lufs = _gated(audio, sample_rate)
    if loudness_lufs < SILENCE_LUFS and last - first >= _WINDOW_S / _BLOCK_S:
        return TrackFeatures(duration_s=duration_s, is_stereo=len(audio) == 2)
    envelope = (left + right) / (2 * block)
    active = _active_blocks(starts_s[gate], len(envelope))
    times_s = (start + np.flatnonzero(active) * block) / sample_rate
    return TrackFeatures(
        duration_s=duration_s,
        loudness_lufs=loudness_lufs,
        peak_db=_db(peak * peak),
        crest_db=_db(peak * peak) - _db(float(envelope[active].mean())),
        active_ratio=min(1.0, float(active.sum()) * block / sample_rate / duration_s),
        first_active_s=float(times_s[0]),
        last_active_s=min(duration_s, float(times_s[-1]) + block / sample_rate),
        **_spectral(audio, sample_rate, starts_s[gate]),
        **_temporal(envelope, active, sample_rate / block),
        **_stereo(float(left.sum()), float(right.sum()), float(cross.sum()), len(audio)),
        dynamics_db=float(np.std(momentary[gate])),
        trace_db=_trace(audio, sample_rate, starts_s[gate]),
        activity=_activity(times_s),
    )


def listen_to_tracks(
    tracks: Sequence[Track],
    sample_rate: int,
    load: Load,
    on_heard: Callable[[int, Track], None] = lambda _count, _track: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    threads: int = 2,
) -> list[TrackFeatures]:
    """Features of every track, in the order of ``tracks``; ``load(track, sample_rate)`` brings the audio.

    At most ``threads`` tracks are in memory at a time. ``on_heard(count, track)`` is called in the caller's thread as
    tracks are done. Once ``is_cancelled()`` turns true no further track is begun and the missing ones come back as
    silent. Whatever ``load`` raises is raised here.
    """

    def hear(track: Track) -> TrackFeatures:
        return TrackFeatures() if is_cancelled() else listen(load(track, sample_rate), sample_rate)

    heard = []
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for track, features in zip(tracks, pool.map(hear, tracks), strict=True):
            heard.append(features)
            on_heard(len(heard), track)
    return heard


def _checked(audio: FloatArray) -> NDArray[np.float32]:
    if audio.ndim != 2 or audio.shape[0] not in (1, 2):
        raise ValueError(f"audio of shape {audio.shape}: expected (1, T) or (2, T); transposed?")
    return np.ascontiguousarray(audio, np.float32)


@numba.njit(nogil=True, cache=True)
def _block_statistics(
    left: NDArray[np.float32], right: NDArray[np.float32], block: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Per block of samples: peak of both channels, energies left and right, their cross energy."""
    count = -(-len(left) // block)
    peaks, ll, rr, lr = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count)
    for b in range(count):
        peak = 0.0
        for t in range(b * block, min((b + 1) * block, len(left))):
            x, y = float(left[t]), float(right[t])
            ll[b] += x * x
            rr[b] += y * y
            lr[b] += x * y
            peak = max(peak, abs(x), abs(y))
        peaks[b] = peak
    return peaks, ll, rr, lr


def _peak_beside_offset(audio: NDArray[np.float32], peak: float, sample_rate: int) -> float:
    """``peak``, or that of the audio without its mean where the mean is most of it: a dead input with an offset."""
    if audio.shape[1] < _WINDOW_S * sample_rate:
        return peak
    means = audio.mean(axis=1, dtype=np.float64, keepdims=True)
    if np.abs(means).max() < 0.5 * peak:
        return peak
    return float(np.abs(audio - means.astype(np.float32)).max(initial=0.0))


def _audible_span(peaks: FloatArray, peak: float, block: int, length: int) -> tuple[int, int]:
    """First and past-the-last sample of the part that is not more than 70 dB under ``peak``."""
    loud = np.flatnonzero(peaks > peak * 10.0 ** (-70.0 / 20.0))
    return int(loud[0]) * block, min(length, (int(loud[-1]) + 1) * block)


def _gated(audio: FloatArray, sample_rate: int) -> tuple[FloatArray, FloatArray, NDArray[np.bool_], float]:
    """Momentary loudness (LUFS), the windows' starts (s), which of them are active, and their mean loudness."""
    missing = math.ceil(_WINDOW_S * sample_rate) - audio.shape[1]
    if missing > 0:
        audio = np.pad(audio, ((0, 0), (0, missing)))
    momentary = np.asarray(momentary_loudness(audio, sample_rate), np.float64)
    momentary = np.maximum(momentary, max(float(np.max(momentary)), -100.0) + _FLOOR_DB)
    power = 10.0 ** (momentary / 10.0)
    heard = momentary > momentary.max() - 50.0
    gate = momentary > _db(float(power[heard].mean())) - 10.0
    return momentary, np.arange(len(momentary)) * _HOP_S, gate, _db(float(power[gate].mean()))


def _active_blocks(starts_s: FloatArray, count: int) -> NDArray[np.bool_]:
    """Which of ``count`` blocks lie inside an active window."""
    active = np.zeros(count, bool)
    width = round(_WINDOW_S / _BLOCK_S)
    for start in np.rint(starts_s / _BLOCK_S).astype(int):
        active[start : start + width] = True
    return active


def _spectral(audio: FloatArray, sample_rate: int, starts_s: FloatArray) -> dict[str, Any]:
    size = 2 ** round(math.log2(0.17 * sample_rate))
    window = np.hanning(size).astype(np.float32)
    power, pitches, tonal = np.zeros(size // 2 + 1), [], []
    low, side = slice(math.ceil(15.0 * size / sample_rate), math.ceil(120.0 * size / sample_rate)), 0.0
    for frames in _frame_groups(audio, sample_rate, starts_s, size):
        spectra = fft.rfft(frames * window, axis=-1)
        each = np.square(np.abs(spectra)).sum(axis=0)
        power += each.sum(axis=0)
        side += float(np.square(np.abs(spectra[0, :, low] - spectra[-1, :, low])).sum()) / 2.0
        pitch_hz, peak = _pitches(each, sample_rate, window)
        pitches.append(pitch_hz)
        tonal.append(peak)
    frequencies = np.arange(len(power)) * sample_rate / size
    power[0] /= 2.0  # the other bins stand for their negative frequencies too
    numbers = {
        "subsonic_share": float(power[: low.start].sum() / max(float(power.sum()), 1e-30)),
        "low_width": side / max(float(power[low].sum()), 1e-30),
    }
    power[: low.start] = 0.0
    power += max(float(power.max()) * 1e-12, 1e-30)
    numbers |= _pitch_numbers(np.concatenate(pitches), np.concatenate(tonal))
    return numbers | _spectrum_numbers(frequencies, power)


def _frame_groups(audio: FloatArray, sample_rate: int, starts_s: FloatArray, size: int) -> list[FloatArray]:
    """Groups of at most 64 windows (C, 64, size) over the active parts; a golden-ratio offset avoids the beat."""
    chosen = starts_s[np.unique(np.linspace(0, len(starts_s) - 1, _MAX_FRAMES).round().astype(int))]
    offsets = (np.arange(len(chosen)) * 0.6180339887) % 1.0 * max(0.0, _WINDOW_S - size / sample_rate)
    firsts = np.rint((chosen + offsets) * sample_rate).astype(int)
    if audio.shape[1] < size:
        before = (size - audio.shape[1]) // 2
        audio = np.pad(audio, ((0, 0), (before, size - audio.shape[1] - before)))
    firsts = np.minimum(firsts, audio.shape[1] - size)
    windows = np.lib.stride_tricks.sliding_window_view(audio, size, axis=1)
    return [windows[:, firsts[i : i + 64]] for i in range(0, len(firsts), 64)]


def _spectrum_numbers(frequencies: FloatArray, power: FloatArray) -> dict[str, Any]:
    cumulative = np.concatenate([[0.0], np.cumsum(power)]) / power.sum()
    edges = np.concatenate([[0.0], frequencies + frequencies[1] / 2])

    def below(hz: float) -> float:
        return float(np.interp(hz, edges, cumulative))

    half = 10.0**0.05
    bands = np.array([below(f * half) - below(f / half) for f in BAND_CENTRES_HZ])
    return {
        "spectrum_db": tuple(float(v) for v in 10.0 * np.log10(np.maximum(bands, 1e-12))),
        "centroid_hz": float(np.exp(np.average(np.log(np.maximum(frequencies, 15.0)), weights=power))),
        "low_edge_hz": float(np.interp(0.01, cumulative, edges)),
        "low_share": below(120.0),
        "mud_share": below(400.0) - below(200.0),
        "harsh_share": below(5_000.0) - below(2_000.0),
        "sibilance_share": below(10_000.0) - below(5_000.0),
        "air_share": 1.0 - below(10_000.0),
    }


def _pitches(power: FloatArray, sample_rate: int, window: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fundamental (Hz) and height 0..1 of the autocorrelation's peak for each frame of ``power`` (frames, bins)."""
    shortest, longest = round(sample_rate / 1_500.0), round(sample_rate / 35.0)
    own = fft.irfft(np.square(np.abs(fft.rfft(window))))
    lags = fft.irfft(power, axis=-1)
    lags = lags[:, shortest - 1 : longest + 2] / np.maximum(lags[:, :1], 1e-30)
    lags /= own[shortest - 1 : longest + 2] / own[0]
    middle = lags[:, 1:-1]
    crests = np.where((middle > lags[:, :-2]) & (middle >= lags[:, 2:]), middle, 0.0)
    height = crests.max(axis=1)
    first = np.argmax(crests >= 0.9 * height[:, None], axis=1)
    return sample_rate / (first + shortest), np.clip(height, 0.0, 1.0)


def _pitch_numbers(pitch_hz: FloatArray, height: FloatArray) -> dict[str, Any]:
    clear = pitch_hz[height > 0.6]
    has_pitch = len(clear) >= max(1, len(pitch_hz) // 10)
    return {
        "harmonicity": float(np.median(height)),
        "pitch_hz": float(np.median(clear)) if has_pitch else 0.0,
        "pitch_low_hz": float(np.percentile(clear, 10)) if has_pitch else 0.0,
    }


def _temporal(envelope: FloatArray, active: NDArray[np.bool_], rate_hz: float) -> dict[str, Any]:
    """Onsets and percussiveness from the power envelope.

    Percussiveness is the gap between arithmetic and geometric mean of the envelope inside 0.4 s windows: a steady
    tone has none, a click nearly 20 dB; 1 to 9 dB are spread over 0 to 1.
    """
    level_db = 10.0 * np.log10(np.maximum(envelope, envelope.max() * 1e-6))
    width = round(_WINDOW_S * rate_hz)
    mean = 10.0 * np.log10(ndimage.uniform_filter1d(np.maximum(envelope, envelope.max() * 1e-6), width, mode="nearest"))
    gap_db = float(np.median((mean - ndimage.uniform_filter1d(level_db, width, mode="nearest"))[active]))
    before = ndimage.minimum_filter1d(level_db, 5, origin=2, mode="constant", cval=float(level_db.min()))
    rise = level_db - before
    floor_db = _db(float(envelope[active].mean())) - 12.0
    onset = (rise > 6.0) & (rise >= ndimage.maximum_filter1d(rise, 9, mode="constant")) & (level_db > floor_db)
    seconds = max(float(active.sum()) / rate_hz, _WINDOW_S)
    return {
        "percussiveness": min(1.0, max(0.0, (gap_db - 1.0) / 8.0)),
        "onset_rate_hz": float((onset & active).sum()) / seconds,
    }


def _stereo(left: float, right: float, cross: float, channels: int) -> dict[str, Any]:
    if channels == 1:
        return {"is_stereo": False}
    both, product = left + right, math.sqrt(left * right)
    return {
        "is_stereo": True,
        "width": max(0.0, (both - 2.0 * cross) / (2.0 * both)),
        "correlation": cross / product if product > 0.0 else 0.0,
        "balance_db": min(60.0, max(-60.0, _db(right) - _db(left))),
    }


def _trace(audio: FloatArray, sample_rate: int, starts_s: FloatArray) -> NDArray[np.float16]:
    """Levels of single samples from the active passages; without the offset, which the high-pass takes away."""
    step = max(1, round(sample_rate / TRACE_RATE_HZ))
    length = round(_TRACE_PIECE_S * sample_rate)
    if audio.shape[1] <= _TRACE_PIECES * length:
        firsts = [0]
        length = audio.shape[1]
    else:
        places = starts_s[(np.linspace(0.03, 0.97, _TRACE_PIECES) * (len(starts_s) - 1)).round().astype(int)]
        firsts = np.unique(np.minimum(np.rint(places * sample_rate).astype(int), audio.shape[1] - length)).tolist()
    samples = [audio[:, f : f + length : step] for f in firsts]
    offsets = np.mean([s.mean(axis=1) for s in samples], axis=0)[:, None] if length > step else 0.0
    pieces = [np.abs(s - offsets).max(axis=0) for s in samples]
    return (20.0 * np.log10(np.maximum(np.concatenate(pieces), 1e-6))).astype(np.float16)


def _activity(times_s: FloatArray) -> NDArray[np.bool_]:
    cells = (times_s / ACTIVITY_CELL_S).astype(int)
    activity = np.zeros(int(cells[-1]) + 1, np.bool_)
    activity[cells] = True
    return activity


def _db(power: float) -> float:
    return 10.0 * math.log10(max(power, 1e-20))
