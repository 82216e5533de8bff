"""What Live's own EQ Eight can be told of the console, on tracks where the user has put one for us.

For us is an EQ Eight whose name begins with "mixassist": others are the user's. Its gains are in dB; the scales of its
frequencies and Qs are not published, so that each value is read back as the text that Live shows. What Q is to its
shelves is not documented: theirs are left alone. So are Compressor and Reverb, whose scales are not published; a Reverb
stands on a return, which AbletonOSC does not reach.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from protocols.ableton.dialect import LIVE
from protocols.dialect import VALUE, Row

#: How Live calls the device's class, and how the user's name for ours begins.
EQ_CLASS, OUR_NAME = "Eq8", "mixassist"

_SET, _HELD = "/live/device/set/parameter/value", "/live/device/get/parameter/value"
_SHOWN = f"{_HELD}_string"
_PORT = ("{strip}", "{plugin}", "{port}", VALUE)


@dataclass(frozen=True)
class Band:
    """One of the device's eight bands, its ``number`` from 1, and which of its filters it has to be."""

    number: int
    filter_type: int

    def parameter(self, what: str) -> str:
        """What Live calls ``what`` of this band."""
        return f"{self.number} {what} A"


# The filters count as they stand in the device's menu (Live's reference manual, "EQ Eight"): low cut of 48 and of 12 dB
# per octave, low shelf, bell, notch, high shelf.
BANDS: dict[str, Band] = {
    "highpass": Band(1, 1),
    "low_shelf": Band(2, 2),
    "peak1": Band(3, 3),
    "peak2": Band(4, 3),
    "peak3": Band(5, 3),
    "high_shelf": Band(6, 5),
}
_WORDS = {"hz": "Frequency", "gain_db": "Gain", "q": "Resonance", "on": "Filter On"}
_LAWS = {"hz": "eq eight frequency", "gain_db": "identity", "q": "eq eight q", "on": "identity"}
# Three digits or two decimals are shown.
_PRECISION = {"hz": 0.6, "gain_db": 0.06, "q": 0.006, "on": 0.0}


def band_of(param: str) -> tuple[Band, str]:
    """The band that holds ``param``, and the name of its parameter in Live."""
    name = next(name for name in BANDS if param.startswith(f"{name}_"))
    return BANDS[name], BANDS[name].parameter(_WORDS[param.removeprefix(f"{name}_")])


def _suffixes(band: str) -> tuple[str, ...]:
    if band == "highpass":
        return "on", "hz"
    return ("hz", "gain_db") if band.endswith("shelf") else ("hz", "gain_db", "q")


def _rows() -> tuple[Row, ...]:
    rows = []
    for band in BANDS:
        for suffix in _suffixes(band):
            param = f"{band}_{suffix}"
            address, types = (_HELD, "iiif") if suffix == "on" else (_SHOWN, "iiis")
            rows.append(Row(param, "send", _SET, "iiif", _PORT, _LAWS[suffix]))
            rows.append(Row(param, "receive", address, types, _PORT, precision=_PRECISION[suffix]))
    return tuple(rows)


NATIVE = replace(LIVE, name="live-native", label="Ableton Live with EQ Eight", rows=_rows())
