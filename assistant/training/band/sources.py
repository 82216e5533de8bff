"""Where the band's sounds come from, under which licence, and what is said when one is missing."""

from __future__ import annotations

#: Every source of sound, one line each.
SOURCES: tuple[str, ...] = (
    "FluidR3_GM.sf2 by Frank Wen, as in Debian's fluid-soundfont-gm: MIT licence",
    "Sonic Pi's samples, used when their folder is given: CC0",
    "drum machine, synthesiser, effects and singing voice: computed by this package",
)


class TrainingToolError(RuntimeError):
    """A program or file that the band needs is missing or failed; the message says which and how to install it."""
