"""Our plug-ins by what they are: which part of the console each holds, and the names that hosts know them by.

In a DAW the fader, the pan, the sends, the reverb's return and the master are the DAW's own, so that the user sees them
move; the strip does the rest of the channel, and the reverb bus its sound. URIs never change: sessions name them.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.params import CHANNEL_PARAMS, REVERB_PARAMS, Param

#: Parameters of a channel that are the DAW's own.
DAW_PARAMS: tuple[str, ...] = ("fader_db", "pan", "send_db")
#: The reverb's return is the fader of its bus.
DAW_REVERB_PARAMS: tuple[str, ...] = ("reverb_return_db",)
#: A mono track has no width.
_STEREO_ONLY = ("width",)


@dataclass(frozen=True)
class Plugin:
    """One of our plug-ins: ``channels`` in and out (1 or 2), and its ``params``, the symbols of its control ports."""

    key: str
    uri: str
    label: str
    channels: int
    params: tuple[Param, ...]


_STEREO_STRIP = tuple(p for p in CHANNEL_PARAMS if p.name not in DAW_PARAMS)
_MONO_STRIP = tuple(p for p in _STEREO_STRIP if p.name not in _STEREO_ONLY)

STRIP_MONO = Plugin("strip-mono", "urn:mixassist:strip-mono", "mixassist strip (mono)", 1, _MONO_STRIP)
STRIP_STEREO = Plugin("strip-stereo", "urn:mixassist:strip-stereo", "mixassist strip (stereo)", 2, _STEREO_STRIP)
REVERB = Plugin(
    "reverb",
    "urn:mixassist:reverb",
    "mixassist reverb",
    2,
    tuple(p for p in REVERB_PARAMS if p.name not in DAW_REVERB_PARAMS),
)
PLUGINS: tuple[Plugin, ...] = (STRIP_MONO, STRIP_STEREO, REVERB)

#: Symbol of the strips' output port that tells the gain reduction, in dB, 0 or above.
GAIN_REDUCTION = "gain_reduction_db"
#: How the bus that holds our reverb is called where we make one.
REVERB_BUS_NAME = "Reverb Bus"


def strip_for(channels: int) -> Plugin:
    """Our strip for tracks of 1 or 2 channels."""
    return STRIP_MONO if channels == 1 else STRIP_STEREO
