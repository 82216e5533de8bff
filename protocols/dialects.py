"""The dialects that are spoken, by name."""

from __future__ import annotations

from protocols.ableton.dialect import LIVE
from protocols.ardour.dialect import ARDOUR
from protocols.dialect import Dialect
from protocols.reaper.dialect import REAPER

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (ARDOUR, REAPER, LIVE)}
