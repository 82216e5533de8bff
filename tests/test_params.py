"""The parameter table: the ranges engineers use, neutral defaults, controls that travel there and back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.params import BY_NAME, CHANNEL_PARAMS, EQ_BANDS, MASTER_PARAMS, REVERB_PARAMS, Param, db_to_amplitude

ALL = (*CHANNEL_PARAMS, *REVERB_PARAMS, *MASTER_PARAMS)

#: What the table must cover.
REQUIRED = {
    "fader_db": (-60, 12),
    "trim_db": (-48, 48),
    "highpass_hz": (20, 400),
    "comp_threshold_db": (-60, 0),
    "comp_ratio": (1, 20),
    "comp_attack_ms": (0.1, 200),
    "comp_release_ms": (10, 2_000),
    "comp_knee_db": (0, 24),
    "comp_makeup_db": (0, 24),
    "pan": (-1, 1),
    "send_db": (-60, 6),
    "reverb_decay_s": (0.2, 8),
    "reverb_predelay_ms": (0, 150),
    **{f"{band}_gain_db": (-15, 15) for band, _ in EQ_BANDS},
    **{f"{band}_hz": (20, 20_000) for band, _ in EQ_BANDS},
    **{f"{band}_q": (0.3, 8) for band, _ in EQ_BANDS},
}


def test_ranges_cover_what_engineers_use() -> None:
    assert {name: (BY_NAME[name].low, BY_NAME[name].high) for name in REQUIRED} == REQUIRED


def test_every_name_stands_once_and_carries_its_unit() -> None:
    assert len(BY_NAME) == len(ALL)
    suffixes = {"dB": "_db", "dBTP": "_dbtp", "Hz": "_hz", "ms": "_ms", "s": "_s"}
    for param in ALL:
        assert param.unit == "" or param.name.endswith(suffixes[param.unit]), param.name


@pytest.mark.parametrize("param", ALL, ids=lambda p: p.name)
def test_travel_is_even_and_returns(param: Param) -> None:
    assert param.low <= param.default <= param.high
    assert param.from_unit(0.0) == pytest.approx(param.low)
    assert param.from_unit(1.0) == pytest.approx(param.high)
    for position in (0.0, 0.1, 0.5, 0.9, 1.0):
        assert param.to_unit(param.from_unit(position)) == pytest.approx(position, abs=1e-12)
    middle = math.sqrt(param.low * param.high) if param.curve == "log" else (param.low + param.high) / 2
    assert param.from_unit(0.5) == pytest.approx(middle)


@given(st.sampled_from(ALL), st.floats(allow_nan=False, allow_infinity=False))
def test_clamped_values_pass_the_check(param: Param, value: float) -> None:
    assert param.check(param.clamp(value)) == param.clamp(value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("comp_attack_ms", 0.005, r"comp_attack_ms=0.005: expected 0.1 to 200 ms; seconds\?"),
        ("reverb_decay_s", 1800, r"expected 0.2 to 8 s; milliseconds\?"),
        ("peak1_hz", 3.5, r"expected 20 to 20000 Hz; kHz\?"),
        ("fader_db", 40, r"expected -60 to 12 dB; an amplitude factor\?"),
        ("fader_db", 10**400, "expected a finite number in -60 to 12 dB"),
        ("fader_db", math.nan, "expected a finite number in -60 to 12 dB"),
        ("fader_db", "loud", "'loud': expected a number"),
        ("fader_db", True, "True: expected a number"),
        ("pan", -1.5, r"pan=-1.5: expected -1 to 1$"),
        ("highpass_on", 0.5, r"expected 0 \(off\) or 1 \(on\)"),
    ],
)
def test_messages_name_value_range_and_slip(name: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BY_NAME[name].check(value)


def test_a_send_at_its_lowest_is_off_and_a_fader_is_not() -> None:
    assert db_to_amplitude(-60.0, BY_NAME["send_db"]) == 0.0
    assert db_to_amplitude(-60.0, BY_NAME["fader_db"]) == pytest.approx(1e-3)
    assert db_to_amplitude(-59.9, BY_NAME["send_db"]) == pytest.approx(1.0116e-3, rel=1e-4)
    assert db_to_amplitude(6.0206) == pytest.approx(2.0, rel=1e-5)
