"""Settings in an engineer's words."""

from __future__ import annotations

import pytest

from assistant.mix import BusSettings, ChannelMix, ChannelSettings
from assistant.report.words import (
    COLUMNS,
    compressor_text,
    equaliser_text,
    pan_text,
    reverb_text,
    role_text,
    send_text,
    trim_text,
)
from assistant.wording import count_text, duration_text, frequency_text, gain_text, time_text


def test_neutral_settings_say_nothing() -> None:
    channel = ChannelMix("kick")
    assert [column.text(channel) for column in COLUMNS] == ["", "0.0", "0.0", "C", "", "", ""]


@pytest.mark.parametrize(
    ("function", "values", "text"),
    [
        (trim_text, {"trim_db": 3.25}, "+3.2"),
        (trim_text, {"trim_db": -0.04, "polarity_inverted": 1}, "0.0, inverted"),
        (pan_text, {"pan": -0.354}, "L35"),
        (pan_text, {"pan": 1.0}, "R100"),
        (pan_text, {"pan": 0.004}, "C"),
        (pan_text, {"pan": 0.2, "width": 0.5}, "R20, width 0.50"),
        (equaliser_text, {"highpass_on": 1, "highpass_hz": 95}, "HP 95 Hz"),
        (equaliser_text, {"highpass_hz": 95, "peak1_gain_db": 0.04}, ""),
        (
            equaliser_text,
            {"low_shelf_gain_db": -2, "peak3_gain_db": 2, "peak3_hz": 3_400, "high_shelf_gain_db": 1.5},
            "-2.0 dB below 100 Hz, +2.0 dB @ 3.4 kHz, +1.5 dB above 9 kHz",
        ),
        (compressor_text, {"comp_threshold_db": -24}, ""),
        (compressor_text, {"comp_makeup_db": 2}, "make-up 2.0 dB"),
        (
            compressor_text,
            {"comp_ratio": 2.5, "comp_threshold_db": -24, "comp_attack_ms": 0.5, "comp_makeup_db": 2.5},
            "2.5:1 over -24 dB, 0.5/120 ms, make-up 2.5 dB",
        ),
        (send_text, {"send_db": -60}, ""),
        (send_text, {"send_db": -15}, "-15.0"),
    ],
)
def test_sections(function: object, values: dict[str, float], text: str) -> None:
    assert callable(function)
    assert function(ChannelSettings(values)) == text


def test_the_reverb_in_one_line() -> None:
    expected = "decay 2.2 s, pre-delay 20 ms, damping 6 kHz, low cut 150 Hz, return 0.0 dB"
    assert reverb_text(BusSettings(reverb_decay_s=2.2)) == expected


def test_a_doubtful_role_has_a_question_mark() -> None:
    assert role_text(ChannelMix("a", role="kick", role_confidence=0.4)) == "kick?"
    assert role_text(ChannelMix("a", role="kick", role_confidence=0.5)) == "kick"


def test_numbers() -> None:
    assert [gain_text(v) for v in (-0.04, 0.0, 0.06, -12.0)] == ["0.0", "0.0", "+0.1", "-12.0"]
    assert [frequency_text(v) for v in (20, 999.4, 999.6, 1_585, 12_500)] == [
        "20 Hz", "999 Hz", "1 kHz", "1.58 kHz", "12.5 kHz"
    ]  # fmt: skip
    assert [time_text(v) for v in (0, 59.6, 3_600)] == ["0:00", "1:00", "60:00"]
    assert [duration_text(v) for v in (0.05, 9.99, 9.999, 279.08)] == ["0.05 s", "9.99 s", "0:10", "4:39"]
    assert [count_text(n, "track") for n in (0, 1, 2)] == ["0 tracks", "1 track", "2 tracks"]
