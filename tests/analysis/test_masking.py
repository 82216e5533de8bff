"""Masking laws: the auditory scale, what filters pass and spread, what is covered by how much, where and when."""

import math

import numpy as np
import pytest

from assistant.analysis import masking
from assistant.analysis.masking import (
    BANDS_HZ,
    FULL_SCALE_SPL_DB,
    MOST_DB,
    band_edges_hz,
    erb_hz,
    erb_number,
    erb_width_hz,
    excitation,
    mask,
)

RATE = 48_000


def tone(hz, level_db=-20.0, seconds=2.0, rate=RATE):
    """A sine (1, T) with a mean square of ``level_db``."""
    return (math.sqrt(2.0) * 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate))[
        None
    ].astype(np.float32)


def noise(seed, low_hz=20.0, high_hz=20_000.0, level_db=-20.0, seconds=2.0, rate=RATE):
    """Noise (1, T) with sharp edges and a mean square of ``level_db``."""
    size = round(seconds * rate)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    draws = np.random.default_rng(seed).standard_normal((2, round(seconds * 24_000)))  # the same noise at any rate
    spectrum = np.zeros(len(frequencies), complex)
    count = min(len(frequencies), draws.shape[1])
    spectrum[:count] = draws[0, :count] + 1j * draws[1, :count]
    spectrum[(frequencies < low_hz) | (frequencies > high_hz)] = 0.0
    audio = np.fft.irfft(spectrum, size)
    return (audio * 10 ** (level_db / 20) / np.sqrt(np.mean(audio**2)))[None].astype(np.float32)


def panned(audio, left, right):
    """Mono ``audio`` in two channels with these gains."""
    return np.concatenate([left * audio, right * audio]).astype(np.float32)


def masked(*tracks, gain_db=0.0):
    """The masking between pieces of audio of one length, called 0, 1, 2 ..."""
    patterns = np.stack([excitation(track, RATE) for track in tracks])
    return mask([str(n) for n in range(len(tracks))], patterns, np.arange(patterns.shape[1]) * 0.1, gain_db)


def test_bandwidths_and_numbers_are_the_published_ones():
    for hz, width_hz in ((100.0, 35.5), (500.0, 78.7), (1_000.0, 132.6), (4_000.0, 456.5), (10_000.0, 1104.1)):
        assert erb_width_hz(hz) == pytest.approx(width_hz, abs=0.1)
    assert erb_number(1_000.0) == pytest.approx(15.62, abs=0.02)
    assert erb_number(erb_hz(27.3)) == pytest.approx(27.3)


def test_bands_are_one_bandwidth_wide_and_in_the_audible_range():
    assert BANDS_HZ[0] == pytest.approx(55, abs=1)
    assert BANDS_HZ[-1] == pytest.approx(15_000, rel=0.01)
    for band, hz in enumerate(BANDS_HZ):
        low_hz, high_hz = band_edges_hz(band)
        assert low_hz < hz < high_hz
        assert high_hz - low_hz == pytest.approx(erb_width_hz(hz), rel=0.02)


def test_the_threshold_in_quiet_is_that_of_the_hearing_standard():
    """ISO 226:2003, table 1: found by lowering a tone until nothing of it is heard, 5 dB for field and resolution."""
    for hz, threshold_db in ((63, 37.5), (125, 22.1), (250, 11.4), (500, 4.4), (1000, 2.4), (2000, -1.3), (4000, -5.4)):
        pattern = excitation(tone(hz, 0.0, 0.5), RATE)[2, 0]
        _, quiet = masking._thresholds(0.0)
        audible_from_db = FULL_SCALE_SPL_DB - 10 * np.log10(np.max(pattern / quiet))
        assert audible_from_db == pytest.approx(threshold_db, abs=5.0), hz


def test_a_tone_excites_the_band_it_lies_in_as_its_power_weighted_by_the_ear():
    for band in (20, 30, 50, 60):
        pattern = excitation(tone(BANDS_HZ[band]), RATE)[5, 0]
        assert np.argmax(pattern) == band
        ear_db = np.interp(BANDS_HZ[band], masking._EAR_HZ, masking._EAR_DB)
        assert 10 * np.log10(pattern[band]) == pytest.approx(-20.0 + ear_db, abs=0.8)


def test_noise_of_one_filters_width_excites_as_a_tone_of_its_power():
    """The noise in one equivalent rectangular bandwidth of white noise is what the filter passes of it."""
    density_db = -20.0 - 10 * math.log10(19_980.0)
    pattern = excitation(noise(1, seconds=8.0), RATE).mean(axis=(0, 1))
    for band in (10, 24, 40, 60):
        ear_db = np.interp(BANDS_HZ[band], masking._EAR_HZ, masking._EAR_DB)
        passed_db = 10 * np.log10(pattern[band]) - density_db - ear_db
        assert passed_db == pytest.approx(10 * math.log10(erb_width_hz(BANDS_HZ[band])), abs=0.6)


def test_the_bands_share_out_all_power_alike():
    """Two bands to the ERB: all bands together hold twice the power, wherever between the centres a tone lies."""
    totals = [excitation(tone(hz), RATE)[5, 0].sum() for hz in np.linspace(990.0, 1130.0, 15)]
    assert np.ptp(10 * np.log10(totals)) < 0.2
    assert np.mean(totals) == pytest.approx(2 * 10 ** (-20 / 10) * 10 ** (1.0 / 10), rel=0.15)


def test_where_a_sound_lies_in_its_frames_does_not_matter():
    """Squared windows sum to one: a click has the same energy at any sample."""
    energies = []
    for at in range(9_600, 10_600, 137):
        click = np.zeros((1, 24_000), np.float32)
        click[0, at] = 1.0
        energies.append(excitation(click, RATE).sum())
    assert np.ptp(energies) < 1e-3 * np.mean(energies)


def test_scaling_the_audio_scales_the_excitation_by_the_power():
    audio = panned(noise(3), 1.0, 0.3)
    pattern = excitation(audio, RATE)
    np.testing.assert_allclose(excitation(audio * np.float32(0.1), RATE), 0.01 * pattern, rtol=1e-5)
    np.testing.assert_allclose(pattern[:, 1], 0.09 * pattern[:, 0], rtol=1e-4)


def test_mono_is_stereo_with_equal_channels():
    audio = noise(4)
    np.testing.assert_array_equal(excitation(audio, RATE), excitation(panned(audio, 1, 1), RATE))


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_other_rates_agree(rate):
    for make in (lambda r: noise(5, 30, 18_000, rate=r), lambda r: tone(73.0, rate=r), lambda r: tone(3_456.0, rate=r)):
        here, there = excitation(make(RATE), RATE), excitation(make(rate), rate)
        assert here.shape == there.shape
        loud = here > here.max() * 1e-4
        assert np.abs(10 * np.log10(there[loud] / here[loud])).max() < 0.5


def test_bands_above_nyquist_hold_nothing():
    pattern = excitation(noise(6, 20, 7_900, rate=16_000), 16_000)
    above = np.array(BANDS_HZ) >= 8_000
    assert not pattern[..., above].any()
    assert pattern[..., ~above].all()


def test_cells_begin_with_the_audio():
    audio = np.zeros((1, round(2.31 * RATE)), np.float32)
    audio[:, RATE:] = 0.1
    audio[:, RATE:] *= np.random.default_rng(7).standard_normal(audio[:, RATE:].shape).astype(np.float32)
    level = excitation(audio, RATE).sum(axis=(1, 2))
    assert len(level) == 24
    assert level[9] < 0.1 * level[10]
    assert level[8] == 0.0
    assert 0.02 * level[15] < level[23] < 0.2 * level[15]


def test_silence_excites_and_covers_nothing():
    silent = np.zeros((2, RATE), np.float32)
    assert excitation(silent, RATE).shape == (10, 2, len(BANDS_HZ))
    found = masked(silent, noise(8, seconds=1.0), silent)
    assert not found.covered_db.any()
    assert not found.by_all_db.any()
    assert not found.by_band_db.any()
    assert np.isnan(found.over_time_db[[0, 2]]).all()
    assert (found.over_time_db[1] == 0.0).all()
    assert (found.worst_band == -1).all()
    assert (found.worst_cell == -1).all()


def test_no_tracks_and_no_cells_are_no_masking():
    assert mask((), np.zeros((0, 3, 2, len(BANDS_HZ)), np.float32), np.arange(3)).covered_db.shape == (0, 0)
    assert mask(("a",), np.zeros((1, 0, 2, len(BANDS_HZ)), np.float32), np.zeros(0)).over_time_db.shape == (1, 0)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"excitations of shape \(2, 3, 2, 40\): expected \(2, 3, 2, 75\)"):
        mask(("a", "b"), np.zeros((2, 3, 2, 40), np.float32), np.arange(3))
    with pytest.raises(ValueError, match="transposed"):
        excitation(np.zeros((100, 2), np.float32), RATE)


@pytest.mark.parametrize("over_db", [-12.0, -6.0, 0.0, 2.0])
def test_two_patterns_of_one_shape_cover_each_other_as_the_formula_says(over_db):
    """From 1 kHz on K is a half: a masker of ratio r to the target leaves 1 - r / 2 of it."""
    pattern = np.zeros((1, 4, 2, len(BANDS_HZ)), np.float32)
    pattern[..., np.array(BANDS_HZ) > 1_000.0] = 1e-3
    found = mask(("a", "b"), np.concatenate([pattern, pattern * 10 ** (over_db / 10)]), np.arange(4) * 0.1)
    expected_db = -10 * math.log10(1 - 10 ** (over_db / 10) * 10**-0.3)
    assert found.covered_db[0, 1] == pytest.approx(expected_db, abs=0.01)
    assert found.by_all_db[0] == pytest.approx(expected_db, abs=0.01)
    np.testing.assert_allclose(found.over_time_db[0], expected_db, atol=0.01)
    np.testing.assert_allclose(found.by_band_db[0, -20:], expected_db, atol=0.01)
    assert found.covered_db[0, 0] == 0.0


def test_sums_are_those_of_the_formula_written_out():
    rng = np.random.default_rng(11)
    patterns = (10.0 ** rng.uniform(-8, -2, (3, 5, 2, len(BANDS_HZ)))).astype(np.float32)
    found = mask("abc", patterns, np.arange(5) * 0.1)
    efficiency, quiet = masking._thresholds(0.0)
    alone = np.maximum(patterns[0] - quiet, 0.0)
    for others, covered_db in (
        ((1,), found.covered_db[0, 1]),
        ((2,), found.covered_db[0, 2]),
        ((1, 2), found.by_all_db[0]),
    ):
        threshold = efficiency * sum(patterns[n] for n in others) + quiet
        share = np.maximum(0.0, 1.0 - threshold / patterns[0])
        assert covered_db == pytest.approx(10 * np.log10(alone.sum() / (patterns[0] * share).sum()), abs=1e-3)
    covered = np.minimum(alone, efficiency * patterns[1])
    assert found.worst_band[0, 1] == covered.sum(axis=(0, 1)).argmax()
    assert found.worst_cell[0, 1] == covered.sum(axis=(1, 2)).argmax()


def test_equal_noises_cover_half_of_each_other():
    found = masked(noise(1, 1_000, 12_000), noise(2, 1_000, 12_000))
    assert found.covered_db[0, 1] == pytest.approx(3.0, abs=0.2)
    assert found.covered_db[1, 0] == pytest.approx(3.0, abs=0.2)


def test_low_sounds_cover_each_other_more():
    """Around 60 Hz K is +10 dB: equal neighbours in the bass hide each other altogether."""
    low = masked(noise(1, 50, 75, seconds=4.0), noise(2, 50, 75, seconds=4.0))
    assert low.covered_db[0, 1] > 10.0


def test_every_decibel_of_a_masker_counts():
    target, masker = noise(1, 300, 5_000), noise(2, 300, 5_000)
    covered_db = [masked(target, masker * np.float32(10 ** (g / 20))).covered_db for g in range(-30, 31)]
    forth, back = np.array([c[0, 1] for c in covered_db]), np.array([c[1, 0] for c in covered_db])
    assert (np.diff(forth[:36]) > 0.0).all()  # to 5 dB over the target: beyond, all of it is covered
    assert (np.diff(forth) >= 0.0).all()
    assert forth[-1] == pytest.approx(MOST_DB)
    assert forth[0] < 0.02
    np.testing.assert_allclose(forth[1:-1], back[::-1][1:-1], atol=1.0)


def test_all_others_cover_at_least_as_much_as_any():
    found = masked(*(noise(n, 200 * n, 900 * n) for n in range(1, 6)))
    assert (found.by_all_db >= found.covered_db.max(axis=1) - 1e-3).all()
    assert (found.by_all_db > found.covered_db.max(axis=1) + 0.1).any()


@pytest.mark.parametrize(("band", "k_db"), [(27, -3.0), (12, -0.4)])
def test_a_tone_in_noise_disappears_where_tones_in_noise_do(band, k_db):
    """At K under the noise that one auditory filter passes, at 1 kHz and 250 Hz.

    What is left 3 and 10 dB above, by hand: the tone's bands hold 1, 2 * 0.41, 2 * 0.09 and so on of its power, 2.04
    in all; the threshold in each is at 0.5 or at 0.1.
    """
    hz = BANDS_HZ[band]
    masker = noise(9, hz / 2, hz * 2, -20.0, 4.0)
    threshold_db = -20.0 + 10 * math.log10(erb_width_hz(hz) / (1.5 * hz)) + k_db
    under, over, well_over = (masked(tone(hz, threshold_db + g, 4.0), masker).covered_db[0, 1] for g in (-5, 3, 10))
    assert under > 15.0
    assert over == pytest.approx(10 * math.log10(2.04 / 0.5), abs=0.9)
    assert well_over == pytest.approx(10 * math.log10(2.04 / (0.9 + 2 * 0.31)), abs=0.4)


def test_tracks_panned_apart_do_not_cover_each_other():
    left, right = panned(noise(1), 1, 0), panned(noise(2), 0, 1)
    assert not masked(left, right).covered_db.any()
    middle = panned(noise(2), 1, 1)
    assert masked(left, middle).covered_db[0, 1] > 2.0
    assert masked(middle, left).covered_db[0, 1] == pytest.approx(1.3, abs=0.3)


def test_a_masker_octaves_away_covers_nothing():
    target = noise(1, 900, 1_100)
    assert masked(target, noise(2, 3_000, 4_000, 0.0)).covered_db[0, 1] < 0.01
    assert masked(target, noise(2, 200, 300)).covered_db[0, 1] < 0.01


def test_masking_spreads_upwards_more_than_downwards():
    """Heard from bands two ERBs to either side of the masker."""
    masker = tone(BANDS_HZ[30], 0.0)
    pattern = excitation(masker, RATE)[5, 0] / 10 ** (np.interp(BANDS_HZ, masking._EAR_HZ, masking._EAR_DB) / 10)
    assert pattern[36] > 1.5 * pattern[24]
    above, below = noise(1, *band_edges_hz(35), -20.0), noise(1, *band_edges_hz(25), -20.0)
    assert masked(above, masker).covered_db[0, 1] > 1.5 * masked(below, masker).covered_db[0, 1] > 0.0


def test_the_assumed_playback_decides_what_is_heard():
    faint = noise(1, 300, 5_000, -95.0)
    assert np.isnan(masked(faint, faint).over_time_db).all()
    loud = masked(faint, faint, gain_db=60.0)
    assert loud.covered_db[0, 1] > 2.5
    assert not np.isnan(loud.over_time_db).any()


def test_playing_louder_changes_little_for_what_is_heard_anyway():
    tracks = noise(1, 300, 5_000), noise(2, 500, 9_000)
    quiet, loud = masked(*tracks), masked(*tracks, gain_db=10.0)
    np.testing.assert_allclose(quiet.covered_db, loud.covered_db, atol=0.05)


def test_cells_far_under_the_loudest_do_not_count():
    target = noise(1, level_db=-10.0)
    target[:, RATE:] *= 10 ** (-65 / 20)
    found = masked(target, noise(2, level_db=-60.0), gain_db=40.0)
    assert (found.over_time_db[0, :10] < 0.1).all()
    assert np.isnan(found.over_time_db[0, 12:]).all()
    assert found.covered_db[0, 1] < 0.1


def test_the_order_of_the_tracks_does_not_matter():
    tracks = [panned(noise(n, 150 * n, 700 * n), 1.0, n / 5) for n in range(1, 6)]
    order = np.array([3, 0, 4, 2, 1])
    here, there = masked(*tracks), masked(*(tracks[n] for n in order))
    np.testing.assert_allclose(there.covered_db, here.covered_db[np.ix_(order, order)], atol=1e-4)
    np.testing.assert_allclose(there.by_all_db, here.by_all_db[order], atol=1e-3)
    np.testing.assert_allclose(there.by_band_db, here.by_band_db[order], atol=1e-3)
    np.testing.assert_allclose(there.over_time_db, here.over_time_db[order], atol=1e-3)
    np.testing.assert_array_equal(there.worst_band, here.worst_band[np.ix_(order, order)])
    np.testing.assert_array_equal(there.worst_cell, here.worst_cell[np.ix_(order, order)])


def test_a_planted_collision_is_named_with_its_band_and_time():
    """Two noises that meet from 250 to 500 Hz alone, and there only in the second half."""
    seconds = 4.0
    shared = np.arange(round(seconds * RATE)) >= seconds * RATE / 2
    first = noise(1, 2_000, 4_000, -36.0, seconds) + noise(2, 250, 500, -20.0, seconds)
    second = noise(3, 7_000, 12_000, -36.0, seconds) + noise(4, 250, 500, -20.0, seconds) * shared
    found = masked(first, second.astype(np.float32))
    for pair in ((0, 1), (1, 0)):
        low_hz, high_hz = band_edges_hz(int(found.worst_band[pair]))
        assert 200 < low_hz < high_hz < 600
        assert found.cells_s[found.worst_cell[pair]] >= seconds / 2
    assert (found.over_time_db[0, :19] < 0.1).all()
    assert (found.over_time_db[0, 20:] > 1.0).all()
    assert 150 < BANDS_HZ[np.argmax(found.by_band_db[0])] < 600
    assert found.by_band_db[0, np.argmin(np.abs(np.array(BANDS_HZ) - 3_000))] < 0.1


def test_the_inputs_are_left_as_they_are():
    audio = panned(noise(1, seconds=0.5), 1, 0.5)
    kept = audio.copy()
    pattern = excitation(audio, RATE)
    np.testing.assert_array_equal(audio, kept)
    patterns = np.stack([pattern, pattern])
    before = patterns.copy()
    mask(("a", "b"), patterns, np.arange(5) * 0.1)
    np.testing.assert_array_equal(patterns, before)


def test_filters_have_the_published_shape():
    """Against (1 + p g) exp(-p g) written out on a grid of 1 Hz."""
    for band in (15, 40, 65):
        hz = BANDS_HZ[band]
        f = np.arange(1.0, 20_000.0)
        p = 4 * hz / erb_width_hz(hz)
        p_low = p - 0.35 * p / (4_000 / erb_width_hz(1_000.0)) * (masking.SKIRT_LEVEL_DB - 51)
        g = np.abs(f - hz) / hz
        shape = (1 + np.where(f < hz, p_low, p) * g) * np.exp(-np.where(f < hz, p_low, p) * g)
        bins = np.arange(1, 800) * 25.0
        got = masking._filters(bins, 25.0, np.array([hz]))[:, 0]
        averages = [shape[np.abs(f - center) < 12.5].mean() for center in bins]
        np.testing.assert_allclose(got, averages, atol=2e-3)
