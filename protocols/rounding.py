"""Whether a value that a DAW says is the one that it was told, as exactly as both are written."""

from __future__ import annotations

from protocols.dialect import Row
from protocols.laws import LAWS

# A 32 bit float's last place, and that of the sum of a few.
_LAST_PLACES = 4e-7


def is_told(row: Row, wanted: float, held: float) -> bool:
    """Whether a DAW that says ``held`` under ``row`` was told ``wanted``: a 32 bit float, or the digits of a text."""
    if wanted == held:
        return True
    told, said = LAWS[row.law].to_wire(wanted), LAWS[row.law].to_wire(held)
    return abs(told - said) <= max(row.precision, _LAST_PLACES * max(1.0, abs(told)))
