"""What the reader of REAPER projects could not take as it stands, gathered into sentences for the user."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.audio.formats import printable
from protocols.fitting import shortened

_AGAIN = "save the project and pull again"
_GLUE = f"select them in REAPER, choose Item > Glue items, {_AGAIN}"
_FREEZE = f"choose Track > Render/freeze tracks > Freeze tracks to stereo in REAPER, {_AGAIN}"
#: Why a track's audio cannot be had, and what to do.
OBSTACLES: dict[str, str] = {
    "midi": f"it plays MIDI; {_FREEZE}",
    "instrument": f"it is played by a software instrument; {_FREEZE}",
    "speed": f"items play at another speed or pitch than recorded; {_GLUE}",
    "stretched": f"items have stretch markers or a pitch envelope; {_GLUE}",
    "reversed": f"items play backwards; {_GLUE}",
    "generated": f"items are made by REAPER (a click, a subproject, a film without a file of sound); {_GLUE}",
    "looped": f"items repeat a very short source thousands of times; {_GLUE}",
}


@dataclass
class Findings:
    """What was found in one project: sentences, each with the tracks (or files) that it is about."""

    _about: dict[str, dict[str, None]] = field(default_factory=dict)

    def note(self, text: str, about: str = "") -> None:
        """Note ``text``, the beginning of a sentence that goes on with all that it is ``about``."""
        names = self._about.setdefault(text, {})
        if about:
            names[printable(about)] = None

    def sentences(self) -> tuple[str, ...]:
        """The notes, in the order in which they were first made."""
        return tuple(f"{text}: {shortened(names)}" if names else text for text, names in self._about.items())


@dataclass
class TrackFindings:
    """The findings on the track called ``name``, and what stands in the way of pulling it."""

    name: str
    all: Findings
    obstacles: dict[str, None] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Note ``text`` about this track."""
        self.all.note(text, self.name)

    def obstacle(self, key: str) -> None:
        """Say that the track's audio cannot be had, for one of ``OBSTACLES``."""
        self.obstacles[key] = None

    @property
    def unreadable(self) -> str:
        """Why the track cannot be pulled and what to do, "" where it can."""
        return "; ".join(OBSTACLES[key] for key in self.obstacles)
