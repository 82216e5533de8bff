"""What finished music measures: the figures that mixes are compared with.

Source: ``musdb18_statistics.npz`` of FxNorm-automix (MIT licence; Martinez Ramirez, Liao, Fabbro, Uhlich, Nagashima,
Mitsufuji, "Automatic music mixing with deep learning and out-of-domain data", ISMIR 2022): means over the stems of
the MUSDB18 training songs of loudness (LUFS) and of the magnitude spectrum (65536-point FFT at 44.1 kHz). They are
means over songs of many kinds, so whoever judges by them keeps wide windows around them. Where the user names a
finished song, its third octaves take the place of the mean spectrum (:class:`Reference`).

Contents: ``STEM_LUFS``, ``VOCAL_OVER_REST_LU``; ``BANDS_HZ``, ``MIX_SPECTRUM_DB``, ``TONE_BANDS_HZ``;
:class:`Reference`, ``USUAL``, :func:`reference_of`; :func:`tone_deviations_db`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assistant.analysis.measure import Measurement
from assistant.analysis.spectrum import third_octave_levels
from assistant.arrays import FloatArray

#: Mean loudness of the four stems in LUFS, on one common scale.
STEM_LUFS: dict[str, float] = {"vocals": -30.73, "drums": -34.18, "bass": -29.73, "other": -31.17}


def _power_sum_db(levels_db: list[float]) -> float:
    return 10.0 * math.log10(sum(10.0 ** (level / 10.0) for level in levels_db))


#: Vocals over the sum of the rest in LU: -4.2.
VOCAL_OVER_REST_LU = STEM_LUFS["vocals"] - _power_sum_db([v for k, v in STEM_LUFS.items() if k != "vocals"])

#: Mid-band frequencies of the third octaves that all goals speak of: 25 Hz to 20 kHz (IEC 61260-1, base 10).
BANDS_HZ: tuple[float, ...] = tuple(1000.0 * 10.0 ** (n / 10.0) for n in range(-16, 14))

#: Level of the whole mix per third octave in dB relative to all of it. The stems' mean magnitude spectra squared,
#: each scaled to its mean loudness (K-weighted sum of the bins), added as powers, summed over the bands. A mean of
#: magnitudes weighs loud moments less than a mean of powers, so what drums add stands some dB low.
MIX_SPECTRUM_DB: tuple[float, ...] = (
    *(-22.2, -20.1, -17.9, -15.4, -13.1, -11.0, -9.7, -9.5, -10.3, -11.6),
    *(-12.9, -13.3, -13.4, -13.3, -13.5, -14.3, -15.0, -15.9, -16.4, -17.3),
    *(-17.2, -18.5, -20.3, -23.4, -24.3, -25.0, -26.3, -29.2, -34.1, -40.6),
)

#: Beyond these, finished mixes differ by 10 dB and more.
TONE_BANDS_HZ = (60.0, 10_500.0)

#: How far a third octave may be off the mean. Our choice, wide enough that three songs' own mixes (lithium, sodium,
#: potassium of *Everything is Free*, CC0) lie inside or little outside.
TONE_WINDOW_DB = 6.0


@dataclass(frozen=True)
class Reference:
    """A tone to compare with: third octaves of ``BANDS_HZ`` in dB relative to the whole, ``-inf`` where nothing sounds.

    ``label`` is what it is called in a sentence; a mix may be ``window_db`` off in each third octave.
    """

    label: str
    levels_db: tuple[float, ...]
    window_db: float


USUAL = Reference("the mean spectrum of finished music", MIX_SPECTRUM_DB, TONE_WINDOW_DB)
#: A song that was named is meant: twice as close.
_SONG_WINDOW_DB = 3.0
#: Third octaves of a song that far under the whole are what a codec or a recorder left.
_NOTHING_DB = -80.0


def reference_of(label: str, audio: FloatArray, sample_rate: int) -> Reference:
    """The tone of the finished song ``audio`` (C, T); ``ValueError`` where most third octaves that count are silent."""
    frequencies, found_db = third_octave_levels(audio, sample_rate)
    powers = np.zeros(len(BANDS_HZ))
    powers[: len(frequencies)] = 10.0 ** (found_db / 10.0)
    levels_db = np.full(len(BANDS_HZ), -np.inf)
    sounds = powers > powers.sum() * 10.0 ** (_NOTHING_DB / 10.0)
    levels_db[sounds] = 10.0 * np.log10(powers[sounds] / powers.sum())
    counts = [low <= hz <= high for hz in BANDS_HZ for low, high in [TONE_BANDS_HZ]]
    if 2 * (sounds & counts).sum() < np.sum(counts):
        raise ValueError(f"{label}: has hardly a sound to take a tone from; is it a finished song?")
    return Reference(label, tuple(levels_db.tolist()), _SONG_WINDOW_DB)


def tone_deviations_db(measurement: Measurement) -> tuple[float, ...]:
    """Third octaves over those of ``MIX_SPECTRUM_DB``, less the mean of that over the bands of ``TONE_BANDS_HZ``.

    One per ``measurement.third_octave_hz``; NaN in other bands and where nothing sounds.
    """
    frequencies, levels_db = np.array(measurement.third_octave_hz), np.array(measurement.third_octave_db)
    counts = (frequencies >= TONE_BANDS_HZ[0]) & (frequencies <= TONE_BANDS_HZ[1]) & np.isfinite(levels_db)
    deviations = np.full(len(frequencies), np.nan)
    if counts.any():
        over = levels_db[counts] - np.array(MIX_SPECTRUM_DB)[: len(counts)][counts]
        deviations[counts] = over - over.mean()
    return tuple(deviations.tolist())
