"""Fades and envelopes, against formulas written out here as they were measured, and published values of the fader."""

from __future__ import annotations

import numpy as np
import pytest

from protocols.reaper.project_fades import (
    SHAPES,
    Envelope,
    FadeShape,
    Point,
    fader_gain,
    fader_height,
    fades_along,
    read_envelope,
    read_fade,
)
from protocols.reaper.project_text import Block, words_of

RATE = 48_000
X = np.linspace(0.0, 1.0, 101)

#: AAADAW's notes on item fades: REAPER 7.82, rendered and compared sample by sample.
MEASURED = {
    "0": X,
    "1": X * (2 - X),
    "2": X**2,
    "3": 1 - (1 - X) ** 4,
    "4": X**4,
    "5": 3 * X**2 - 2 * X**3,
    "6": np.where(X < 0.5, 8 * X**4, 1 - 8 * (1 - X) ** 4),
    "5.1": np.where(X < 0.5, 8 * X**4, 1 - 8 * (1 - X) ** 4),
}
#: What DB2SLIDER answers, as two others published it: dB, thousandths of the fader's way.
FADER = (
    *((-72.0, 50.156251), (-60.0, 79.482343), (-24.0, 313.298690), (-6.0, 592.848336), (-3.0, 652.8388356)),
    *((0.0, 716.21785031), (3.0, 782.75892368), (6.0, 852.286980), (12.0, 1000.0)),
)


@pytest.mark.parametrize("shape", MEASURED)
def test_the_seven_shapes(shape: str) -> None:
    fade = read_fade(words_of(f"{shape} 0.5 0 {shape} 0 0 0"), is_in=True)
    np.testing.assert_allclose(fade.shape.at(X), MEASURED[shape], atol=1e-12)
    assert fade.is_certain


def test_curvature_and_bend_of_7_81() -> None:
    fade = read_fade(words_of("5 0.01 0 5 0 -0.5 -0.5 0 0.25 0.5 1 0 0"), is_in=True)
    bent = 1 - ((1 - X) + 0.5 * ((1 - X) ** 2 - (1 - X)))
    want = np.where(bent < 0.5, 2 * bent**2, 1 - 2 * (1 - bent) ** 2)
    np.testing.assert_allclose(fade.shape.at(X), want, atol=1e-12)
    # The new S of one half differs from the old smooth shape of the same name.
    assert FadeShape(bend=0.5).at(np.array([0.25])) == pytest.approx(0.125)
    assert SHAPES[5.0].at(np.array([0.25])) == pytest.approx(0.15625)


@pytest.mark.parametrize("curvature", [-1.0, -0.6, -0.2, 0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("bend", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_shapes_rise_from_silence_to_all(curvature: float, bend: float) -> None:
    gains = FadeShape(curvature, bend).at(X)
    assert gains[[0, -1]] == pytest.approx([0.0, 1.0], abs=1e-12)
    assert np.all(np.diff(gains) >= -1e-12)


@pytest.mark.parametrize(
    ("line", "is_in", "is_certain"),
    [
        ("2 0.01 0 2 0 1 1 1 0 0 1 0 0", True, True),
        ("2 0.01 0 2 0 -1 -1 1 0 0 1 0 0", False, True),
        ("3 0.01 0 3 0 -1 -1", True, True),
        ("1 0.01 0 1 0 0.4 0.4", True, False),
        ("1 0 0 1 0 0.4 0.4", True, True),
        ("1.1 0.01 0 1 0 0 0", True, False),
        ("42 0.01", True, False),
    ],
)
def test_old_fades_bent_by_hand_are_uncertain(line: str, is_in: bool, is_certain: bool) -> None:
    assert read_fade(words_of(line), is_in).is_certain == is_certain


def test_the_automatic_crossfade_counts_where_there_is_one() -> None:
    assert read_fade(words_of("1 0.001 0.093 1 1 0 0"), is_in=True).length_s == 0.093
    assert read_fade(words_of("1 0.25 0 1 0 0 0"), is_in=True).length_s == 0.25
    assert read_fade(words_of("1 -3 -1"), is_in=True).length_s == 0.0
    assert read_fade((), is_in=True).length_s == 0.0


@pytest.mark.parametrize(
    ("wanted", "had"), [((0.75, 0.75), (0.75, 0.25)), ((2.0, 1.0), (1.0, 0.0)), ((0.0, 9.0), (0, 1))]
)
def test_a_fade_in_comes_first_and_both_fit_the_item(wanted: tuple[float, float], had: tuple[float, float]) -> None:
    lines = [read_fade(words_of(f"0 {seconds} 0"), is_in=True) for seconds in wanted]
    gains = np.ones(RATE, np.float32)
    for fade in fades_along(*lines, RATE, RATE, 0):
        gains *= fade.gains(0, RATE)
    n = np.arange(RATE)
    want = np.ones(RATE)
    if had[0]:
        want *= np.minimum(n / (had[0] * RATE), 1.0)
    if had[1]:
        want *= np.minimum((RATE - n) / (had[1] * RATE), 1.0)
    np.testing.assert_allclose(gains, want, atol=1e-7)
    if had[1] == 0.25:  # as measured: the last frame of a fade-out of 0.25 s
        assert gains[-1] == pytest.approx(1 / 12_000)


def test_a_fade_goes_on_in_a_clip_that_begins_later() -> None:
    lines = read_fade(words_of("1 0.5 0"), True), read_fade(words_of("4 0.25 0"), False)
    whole = [fade.gains(0, RATE) for fade in fades_along(*lines, RATE, RATE, 0)]
    later = [fade.gains(0, 800) for fade in fades_along(*lines, RATE, RATE, 40_000)]
    for one, other in zip(whole, later, strict=True):
        np.testing.assert_allclose(other, one[40_000:40_800], atol=1e-6)


@pytest.mark.parametrize(("level_db", "thousandths"), FADER)
def test_the_faders_scale(level_db: float, thousandths: float) -> None:
    gain = np.array(10 ** (level_db / 20))
    assert 1000 * fader_height(gain) == pytest.approx(thousandths, abs=1e-6)
    assert fader_gain(fader_height(gain)) == pytest.approx(gain)


def envelope(*points: str, kind: int = 0) -> Envelope:
    """An envelope through ``points``."""
    lines = [words_of(f"PT {point}") for point in points]
    read = read_envelope(Block(("VOLENV",), [("ACT", "1", "-1"), ("VOLTYPE", str(kind)), *lines]), 1000)
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("shape", "at_a_quarter"),
    [(0, 0.25), (1, 0.0), (2, 0.15625), (3, 1 - 0.75**3), (4, 0.25**3), (5, 0.25), (77, 0.25)],
)
def test_shapes_between_points(shape: int, at_a_quarter: float) -> None:
    curve = envelope(f"0.1 0.5 {shape}", "0.5 1.5 0")
    assert curve.gains(200, 201)[0] == pytest.approx(0.5 + at_a_quarter, abs=1e-6)
    assert curve.gains(0, 100) == pytest.approx(np.full(100, 0.5))
    assert curve.gains(500, 600) == pytest.approx(np.full(100, 1.5))


def test_bezier_curves_bend_as_their_tension_says() -> None:
    early, late = (envelope(f"0 0 5 0 0 0 {tension}", "1 1 0").gains(0, 1001) for tension in (-0.5, 0.5))
    assert np.all(early[1:-1] > np.arange(1, 1000) / 1000)
    np.testing.assert_allclose(late, 1 - early[::-1], atol=1e-6)
    # The point of a curve with controls (0.125, 0.625) and (0.375, 0.875) at half its parameter.
    assert np.interp(0.3125, np.arange(1001) / 1000, early) == pytest.approx(0.6875, abs=1e-4)
    extreme = envelope("0 0 5 0 0 0 -1", "1 1 0").gains(0, 1001)
    assert np.all(np.diff(extreme) >= 0.0)


def test_on_the_fader_a_ramp_is_straight_there() -> None:
    curve = envelope("0 1 0", "1 0.25 0", kind=1)
    middle = 0.5 * (fader_height(np.array(1.0)) + fader_height(np.array(0.25)))
    assert curve.gains(500, 501)[0] == pytest.approx(float(fader_gain(middle)), rel=1e-6)


def test_parts_of_an_envelope_are_as_the_whole() -> None:
    noise = np.random.default_rng(2)
    points = [f"{t} {g} {s} 0 0 0 {b}" for t, g, s, b in noise.uniform([0, 0, 0, -1], [1, 2, 6, 1], (40, 4)).round(3)]
    curve = envelope(*points, kind=1)
    whole = curve.gains(0, 1200)
    parts = np.concatenate([curve.gains(n, n + 7) for n in range(0, 1197, 7)])
    np.testing.assert_array_equal(whole[: len(parts)], parts)
    assert np.isfinite(whole).all()


def test_points_at_one_time_jump() -> None:
    curve = envelope("0.5 2 0", "0.5 1 0", "0.2 2 0")
    assert curve.points[0] == Point(0.2, 2.0)
    assert curve.gains(499, 501) == pytest.approx([2.0, 1.0])


def test_an_envelope_that_is_off_is_none() -> None:
    assert read_envelope(Block(("VOLENV",), [("ACT", "0"), ("PT", "0", "0.5", "0")]), RATE) is None
    assert read_envelope(Block(("VOLENV",), [("ACT", "1")]), RATE) is None
