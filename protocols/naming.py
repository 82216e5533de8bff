"""Names of a DAW's tracks on one line, and different: the program tells tracks apart by theirs."""

from __future__ import annotations

from collections.abc import Iterable


def plain(name: str) -> str:
    """``name`` on one line, without what cannot be printed and space around it."""
    return "".join(c if c.isprintable() else " " for c in name).strip()


def distinct(names: Iterable[str]) -> list[str]:
    """``names``, with a number behind each that one before it has already: a second "Gtr" is "Gtr (2)"."""
    found: dict[str, None] = {}
    counts: dict[str, int] = {}
    for name in names:
        other, count = name, counts.get(name, 1)
        while other in found:
            count += 1
            other = f"{name} ({count})"
        counts[name] = count
        found[other] = None
    return list(found)
