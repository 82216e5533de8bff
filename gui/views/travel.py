"""How the strip's controls run over their parameters, and what is typed into them.

Contents: :class:`Travel`, ``TRAVELS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from assistant.params import BY_NAME, Param
from assistant.report.words import value_text


@dataclass(frozen=True)
class Travel:
    """How a control runs over its parameter: ``step`` of a key or a notch, ``fine`` the finest one; ``bend`` 2 gives
    the upper end more room, as faders have it; ``per_unit`` whole steps of assistive technology per unit."""

    param: Param
    step: float
    fine: float
    bend: float = 1.0
    per_unit: float = 1.0

    def place(self, value: float) -> float:
        """Where ``value`` stands, 0..1."""
        share = (value - self.param.low) / (self.param.high - self.param.low)
        return float(min(max(share, 0.0), 1.0) ** self.bend)

    def value_at(self, place: float) -> float:
        """The value at ``place``; the inverse of :meth:`place`."""
        share = min(max(place, 0.0), 1.0) ** (1.0 / self.bend)
        return self.param.low + share * (self.param.high - self.param.low)

    def rounded(self, value: float, unit: float) -> float:
        """The nearest multiple of ``unit`` inside the range."""
        return self.param.clamp(round(round(value / unit) * unit, 6))

    def text(self, value: float) -> str:
        """With its unit, as it is read aloud."""
        return _text(self.param.name, value) if self.param.name in BY_NAME else f"{value:.0f} %"

    def short_text(self, value: float) -> str:
        """Without dB, as it is read on a desk."""
        return self.text(value).removesuffix(" dB")

    def parsed(self, text: str) -> float | None:
        """What was typed: ``-3.5``, ``L20``, ``off``, ``C``; None for anything else."""
        word = text.strip().lower().replace("\N{MINUS SIGN}", "-").replace(",", ".")
        word = word.removesuffix("db").removesuffix("%").strip()
        if self.param.name == "pan":
            return _parsed_pan(word)
        if word in ("off", "-inf") and self.param.off_at_low:
            return self.param.low
        number = _number(word)
        return None if number is None else self.param.clamp(number)


@lru_cache(maxsize=4096)
def _text(param: str, value: float) -> str:
    return value_text(BY_NAME[param], value)


def _number(word: str) -> float | None:
    try:
        number = float(word)
    except ValueError:
        return None
    return number if number == number and abs(number) < 1e9 else None


def _parsed_pan(word: str) -> float | None:
    if word in ("c", "centre", "center"):
        return 0.0
    letter = next((side for side in "lr" if word.startswith(side) or word.endswith(side)), "")
    percent = _number(word.strip(letter or " "))
    if percent is None:
        return None
    signed = -abs(percent) if letter == "l" else abs(percent) if letter == "r" else percent
    return min(max(signed / 100.0, -1.0), 1.0)


_AMOUNT = Param("amount", "Amount", "", "%", 0.0, 100.0, 100.0)
TRAVELS: dict[str, Travel] = {
    "fader_db": Travel(BY_NAME["fader_db"], 0.5, 0.1, bend=2.0),
    "trim_db": Travel(BY_NAME["trim_db"], 0.5, 0.1),
    "send_db": Travel(BY_NAME["send_db"], 0.5, 0.1, bend=2.0),
    "pan": Travel(BY_NAME["pan"], 0.05, 0.01, per_unit=100.0),
    "amount": Travel(_AMOUNT, 5.0, 1.0),
}
