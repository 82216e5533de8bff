"""Numbers in words, the same wherever they are shown: gains, frequencies, times, counts."""

from __future__ import annotations


def gain_text(gain_db: float) -> str:
    """A gain with its sign, ``+3.2`` or ``-4.0``; ``0.0`` has none."""
    rounded = round(gain_db, 1) + 0.0  # never -0.0
    return f"{rounded:+.1f}" if rounded else "0.0"


def frequency_text(frequency_hz: float) -> str:
    """``95 Hz``, ``3.4 kHz``."""
    if round(frequency_hz) < 1_000:
        return f"{frequency_hz:.0f} Hz"
    return f"{frequency_hz / 1_000.0:.3g} kHz"


def time_text(seconds: float) -> str:
    """``m:ss``."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def exact_time_text(seconds: float) -> str:
    """``seconds`` as m:ss.sss."""
    thousandths = round(seconds * 1000)
    return f"{thousandths // 60_000}:{thousandths // 1000 % 60:02d}.{thousandths % 1000:03d}"


def duration_text(seconds: float) -> str:
    """``m:ss``; what is shorter than ten seconds to the hundredth, ``0.05 s``."""
    return f"{seconds:.2f} s" if seconds < 9.995 else time_text(seconds)


def count_text(count: int, noun: str) -> str:
    """``1 track``, ``9 tracks``."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
