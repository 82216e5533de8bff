"""Which Faust program each plug-in holds; see the inserts in ``strip.dsp`` and ``reverb.dsp``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assistant.plugins import REVERB, STRIP_MONO, STRIP_STEREO


@dataclass(frozen=True)
class Program:
    """``expression`` of the Faust ``file``; where ``is_metered``, its last output is the gain reduction in dB.

    ``crossed`` names parameters that cannot glide: the old value fades out while the new one fades in, by two more
    controls of the program, which hold the next value and the blend (0 to 1).
    """

    file: str
    expression: str
    is_metered: bool
    crossed: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))


#: By the key of the plug-in.
PROGRAMS: Mapping[str, Program] = MappingProxyType(
    {
        STRIP_MONO.key: Program("strip.dsp", "insert_mono", True),
        STRIP_STEREO.key: Program("strip.dsp", "insert_stereo", True),
        REVERB.key: Program(
            "reverb.dsp",
            "insert_reverb_crossed",
            False,
            MappingProxyType({"reverb_predelay_ms": ("predelay_next_ms", "predelay_crossing")}),
        ),
    }
)
