"""What an amount makes of a change: its ends are exact, and what lies between is a musician's half."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.amounts import between, value_between
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, CHANNEL_NAMES, CHANNEL_PARAMS, REVERB_PARAMS

#: Where and how a section works, not how much.
PLACES = ("_hz", "_q", "_threshold_db", "_attack_ms", "_release_ms", "_knee_db")


def value_of(name: str) -> st.SearchStrategy[float]:
    param = BY_NAME[name]
    if param.curve == "toggle":
        return st.sampled_from([0.0, 1.0])
    return st.sampled_from([param.default, param.low, param.high]) | st.floats(param.low, param.high)


strips = st.fixed_dictionaries({name: value_of(name) for name in CHANNEL_NAMES}).map(ChannelSettings)
amounts = st.floats(0.0, 1.0)


@settings(max_examples=60)
@given(strips, strips, amounts)
def test_the_ends_are_exact_and_nothing_leaves_its_range(
    old: ChannelSettings, new: ChannelSettings, amount: float
) -> None:
    assert between(old, new, 0.0) is old
    assert between(old, new, 1.0) is new
    assert between(old, old, amount) == old
    between(old, new, amount)  # raises where a value is out of range


@settings(max_examples=60)
@given(strips, strips, amounts, amounts)
def test_more_is_further_on_the_way(old: ChannelSettings, new: ChannelSettings, one: float, other: float) -> None:
    less, more = (between(old, new, amount) for amount in sorted((one, other)))
    for name in CHANNEL_NAMES:
        if name != "comp_threshold_db":  # which follows the trim
            steps = (old[name], less[name], more[name], new[name])
            order = sorted(steps, reverse=new[name] < old[name])
            assert steps == pytest.approx(order, rel=1e-9, abs=1e-9)
        if not name.endswith(PLACES):
            assert min(old[name], new[name]) <= more[name] <= max(old[name], new[name])


def test_a_new_band_is_scaled_where_it_is_and_a_removed_one_where_it_was() -> None:
    flat = ChannelSettings()
    cut = ChannelSettings(peak2_hz=3_000.0, peak2_gain_db=-6.0, peak2_q=4.0)
    for half in (between(flat, cut, 0.5), between(cut, flat, 0.5)):
        assert half == ChannelSettings(peak2_hz=3_000.0, peak2_gain_db=-3.0, peak2_q=4.0)
    moved = between(cut, cut.with_values(peak2_hz=12_000.0), 0.5)
    assert moved["peak2_hz"] == pytest.approx(6_000.0)


def test_half_a_compressor() -> None:
    values = {"comp_threshold_db": -30.0, "comp_ratio": 4.0, "comp_attack_ms": 3.0, "comp_makeup_db": 5.0}
    half = between(ChannelSettings(), ChannelSettings(values), 0.5)
    assert half["comp_ratio"] == pytest.approx(2.0)
    assert half["comp_makeup_db"] == 2.5
    assert (half["comp_threshold_db"], half["comp_attack_ms"]) == (-30.0, 3.0)


def test_a_threshold_keeps_its_place_over_the_trim() -> None:
    """At half the trim the compressor hears the track 6 dB quieter than at the whole."""
    new = ChannelSettings(trim_db=12.0, comp_threshold_db=-20.0, comp_ratio=4.0)
    half = between(ChannelSettings(), new, 0.5)
    assert half["trim_db"] == 6.0
    assert half["comp_threshold_db"] == -26.0
    going = between(new, ChannelSettings(), 0.5)
    assert going["comp_threshold_db"] == -26.0


def test_half_the_reverb_is_six_decibels_less() -> None:
    send = BY_NAME["send_db"]
    assert value_between(send, -60.0, -12.0, 0.5) == pytest.approx(-18.02, abs=0.01)
    assert value_between(send, -12.0, -60.0, 0.5) == pytest.approx(-18.02, abs=0.01)
    assert value_between(send, -60.0, -12.0, 1e-4) == -60.0
    assert value_between(send, -20.0, -10.0, 0.5) == -15.0


@pytest.mark.parametrize("param", [p for p in (*CHANNEL_PARAMS, *REVERB_PARAMS) if p.curve == "toggle"])
def test_switches_turn_at_the_half(param: object) -> None:
    from assistant.params import Param

    assert isinstance(param, Param)
    assert value_between(param, 0.0, 1.0, 0.49) == 0.0
    assert value_between(param, 0.0, 1.0, 0.5) == 1.0
