"""What is wrong with a DAW's set-up, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something about a DAW's set-up: what is wrong, how to mend it, and whether nothing works until it is mended."""

    problem: str
    remedy: str
    is_fatal: bool = False
