"""Confidence: the models' arithmetic, what is refused, the installed data, and the benchmark's own statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from calibrating import brier, calibration_error, curve, fit_logistic, is_better, predict_left_out
from calibration_cases import agrees, goes_right

from assistant.analysis.sections import SECTIONS
from assistant.insight.confidence import (
    FEATURES,
    Model,
    Move,
    calibrations,
    confidence_of,
    group_of,
    tenths_text,
)
from assistant.mix import ChannelMix, ChannelSettings
from assistant.training.damage import Damage

FLAT = ChannelMix("gtr")
#: A change of every section.
CHANGED = ChannelMix(
    "gtr",
    ChannelSettings(
        polarity_inverted=1.0,
        highpass_on=1.0,
        highpass_hz=80.0,
        low_shelf_gain_db=1.0,
        peak1_gain_db=-0.8,
        peak2_gain_db=0.7,
        peak3_gain_db=0.7,
        high_shelf_gain_db=1.0,
        comp_ratio=2.0,
        comp_threshold_db=-20.0,
        width=1.1,
        pan=0.2,
        send_db=-20.0,
        fader_db=-3.0,
    ),
    role="electric guitar",
    role_confidence=0.9,
    level_spread_db=3.0,
)


def move(section: str, **values: float) -> Move:
    return Move(section, FLAT, ChannelMix("gtr", ChannelSettings(values)))


def test_doubt_is_the_log_odds_of_an_error_within_three_decibels() -> None:
    expected = Move("level", FLAT, ChannelMix("gtr", level_spread_db=3.0 / math.log(2.0)))
    assert FEATURES["doubt"](expected) == pytest.approx(0.0)  # half of a Laplace distribution lies within ln 2 scales
    drawn = np.random.default_rng(0).laplace(0.0, 2.0, 200_000)
    share = 1.0 / (1.0 + math.exp(-FEATURES["doubt"](Move("level", FLAT, ChannelMix("gtr", level_spread_db=2.0)))))
    assert share == pytest.approx(np.mean(np.abs(drawn) <= 3.0), abs=0.005)


SIZES = {
    "a bell is as large as its gain": (move("peak2", peak2_gain_db=-4.0), 4.0),
    "octaves of the cutoff": (move("highpass", highpass_on=1.0, highpass_hz=80.0), 2.0),
    "octaves of the ratio": (move("compressor", comp_ratio=4.0, comp_threshold_db=-20.0), 2.0),
    "width": (move("width", width=0.8), 0.2),
    "pan to either side": (move("pan", pan=-0.3), 0.3),
    "send over off": (move("send", send_db=-20.0), 40.0),
}


@pytest.mark.parametrize("name", SIZES)
def test_size_of_a_move(name: str) -> None:
    made, expected = SIZES[name]
    assert FEATURES["size"](made) == pytest.approx(expected, abs=0.05)


def test_a_band_that_only_travels_moves_too() -> None:
    low, high = (ChannelMix("gtr", ChannelSettings(peak1_gain_db=-6.0, peak1_hz=hz)) for hz in (200.0, 600.0))
    assert FEATURES["size"](Move("peak1", low, high)) > 3.0
    assert FEATURES["size"](Move("peak1", low, low)) == 0.0


def test_a_model_stays_inside_what_it_has_seen() -> None:
    model = Model(-1.0, {"size": 2.0}, {"size": (0.1, 0.5)})
    assert model.share(move("pan", pan=0.5)) == model.share(move("pan", pan=1.0)) == pytest.approx(0.5)
    assert model.share(move("pan", pan=0.2)) == pytest.approx(1.0 / (1.0 + math.exp(0.6)))


@pytest.mark.parametrize("is_stereo", [False, True])
@pytest.mark.parametrize("section", [section.name for section in SECTIONS])
def test_every_section_has_a_share_with_a_sentence_or_none_at_all(section: str, is_stereo: bool) -> None:
    found = confidence_of(section, FLAT, CHANGED, "dmc", is_stereo)
    curves = {curve.name for curve in calibrations()}
    assert (found is None) == (group_of(section, is_stereo) not in curves)
    if found is not None:
        assert 0.0 < found.share < 1.0
        assert tenths_text(found.share) in found.sentence
        assert "never heard" in found.sentence
        is_way = group_of(section, is_stereo) in ("equaliser", "pan", "width")
        assert ("guess" in found.sentence) == (is_way and found.share <= 0.6)


def test_what_was_not_measured_gets_none() -> None:
    assert confidence_of("level", FLAT, CHANGED, "dmc") is not None
    assert confidence_of("level", FLAT, CHANGED, "rules") is None
    assert confidence_of("level", FLAT, ChannelMix("gtr", CHANGED.settings), "dmc") is None  # no spread foretold
    assert confidence_of("polarity", FLAT, CHANGED, "dmc") is None
    assert confidence_of("pan", FLAT, CHANGED, "dmc") is None  # of a mono or of a stereo track?
    assert confidence_of("highpass", FLAT, CHANGED, "dmc") is not None
    assert confidence_of("highpass", CHANGED, FLAT, "dmc") is None  # only switched off
    with pytest.raises(KeyError, match="reverb"):
        confidence_of("reverb", FLAT, CHANGED, "dmc")


def test_shares_in_words_never_claim_certainty() -> None:
    texts = [tenths_text(share) for share in (0.0, 0.04, 0.06, 0.52, 0.94, 0.96, 1.0)]
    assert texts == [*["fewer than 1 of 10"] * 2, "1 of 10", "5 of 10", "9 of 10", *["more than 9 of 10"] * 2]


def test_installed_curves_are_whole() -> None:
    assert {"level", "role"} <= {curve.name for curve in calibrations()}
    for found in calibrations():
        assert len(found.predicted) == len(found.observed) == len(found.counts) >= 1
        assert all(0.0 <= share <= 1.0 for share in (*found.predicted, *found.observed))
        assert list(found.predicted) == sorted(found.predicted)
        assert sum(found.counts) >= 30
        assert "not" in found.source or "left out" in found.source


def test_installed_models_say_what_their_curves_observed() -> None:
    """The mean of a model's claims is near the share that was right: within what so few cases allow."""
    for found in calibrations():
        counts = np.array(found.counts)
        said, seen = (np.average(values, weights=counts) for values in (found.predicted, found.observed))
        if found.name != "role":  # the network's own word, as it is
            assert abs(said - seen) < 0.05, found.name


def coins(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=(count, 2))
    is_right = rng.random(count) < 1.0 / (1.0 + np.exp(-(0.5 + 1.5 * numbers[:, 0])))
    return numbers, is_right, rng.integers(0, 4, count)


def test_logistic_regression_finds_known_weights() -> None:
    numbers, is_right, _ = coins(20_000)
    fitted = fit_logistic(numbers * [10.0, 1.0] + [3.0, 0.0], is_right)  # whatever the unit
    assert fitted.weights == pytest.approx([0.15, 0.0], abs=0.03)
    assert fitted.bias == pytest.approx(0.5 - 0.45, abs=0.1)


def test_without_numbers_it_is_the_share_and_never_certain() -> None:
    is_right = np.array([True] * 7 + [False] * 3)
    assert fit_logistic(np.zeros((10, 0)), is_right).predict(np.zeros((1, 0))) == pytest.approx(7.5 / 11.0)
    assert 0.9 < fit_logistic(np.zeros((10, 0)), np.ones(10, bool)).predict(np.zeros((1, 0)))[0] < 1.0


def test_left_out_predictions_do_not_see_their_own_fold() -> None:
    numbers, is_right, folds = coins(400)
    before = predict_left_out(numbers, is_right, folds)
    turned = np.where(folds == 2, ~is_right, is_right)
    after = predict_left_out(numbers, turned, folds)
    assert after[folds == 2] == pytest.approx(before[folds == 2])
    assert np.abs(after - before)[folds != 2].max() > 0.05


def test_curve_and_scores_of_true_and_of_false_probabilities() -> None:
    numbers, is_right, folds = coins(4_000)
    predicted = predict_left_out(numbers, is_right, folds)
    points = curve(predicted, is_right)
    assert sum(count for *_, count in points) == 4_000
    assert calibration_error(points) < 0.03
    assert brier(predicted, is_right) < 0.2 < brier(np.full(4_000, 0.5), is_right) == 0.25
    assert calibration_error(curve(1.0 - predicted, is_right)) > 0.3
    assert len(curve(predicted[:30], is_right[:30])) == 2  # no bin of a handful
    assert is_better(predicted, np.full(4_000, 0.5), is_right)
    assert not is_better(predicted, predicted, is_right)


#: A stem whose lows were taken away by 6 dB below 200 Hz, which was pulled 0.4 to the left, and narrowed to half.
DAMAGE = Damage(ChannelSettings(low_shelf_gain_db=-6.0, low_shelf_hz=200.0, pan=-0.4, width=0.5))
WAYS = {
    "lows back": ("low_shelf", {"low_shelf_gain_db": 1.0}, True),
    "more lows away": ("low_shelf", {"low_shelf_gain_db": -1.0}, False),
    "by another band": ("peak1", {"peak1_gain_db": 1.0, "peak1_hz": 90.0}, True),
    "where nothing is missing": ("high_shelf", {"high_shelf_gain_db": 1.0}, None),
    "to the right": ("pan", {"pan": 0.1}, True),
    "further to the left": ("pan", {"pan": -0.1}, False),
    "wider": ("width", {"width": 1.2}, True),
    "narrower still": ("width", {"width": 0.8}, False),
}


@pytest.mark.parametrize("name", WAYS)
def test_what_goes_the_way_that_undoes_a_damage(name: str) -> None:
    section, values, expected = WAYS[name]
    assert goes_right(section, ChannelSettings(values), DAMAGE) is expected
    if section in ("pan", "width"):
        assert goes_right(section, ChannelSettings(values), Damage()) is None


def test_agreement_with_the_rules_is_about_size_and_not_about_sides() -> None:
    ours = ChannelSettings(highpass_on=1.0, highpass_hz=100.0, pan=-0.5, send_db=-20.0)
    assert agrees("highpass", ours, ChannelSettings(highpass_on=1.0, highpass_hz=120.0))
    assert not agrees("highpass", ours, ChannelSettings(highpass_hz=120.0))
    assert not agrees("highpass", ours, ChannelSettings(highpass_on=1.0, highpass_hz=140.0))
    assert agrees("pan", ours, ChannelSettings(pan=0.4))
    assert not agrees("pan", ours, ChannelSettings())
    assert agrees("send", ours, ChannelSettings(send_db=-22.0))
    assert not agrees("send", ours, ChannelSettings())
