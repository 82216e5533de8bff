"""The audio files that a REAPER project plays: where they lie, and what their headers say.

Only files with the ending of audio are opened, and none on another computer (``//server/share``), which a stranger's
project could name to have Windows send passwords there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from assistant.audio.formats import EXTENSIONS, AudioError, AudioInfo, printable
from assistant.audio.reading import probe

#: Where REAPER puts recordings and copies of media, under the project's folder, unless told otherwise.
MEDIA_FOLDERS = ("Media", "Audio", "")
#: More are not looked for; no project plays so many.
MOST_FILES = 20_000


@dataclass(frozen=True)
class Media:
    """An audio file that can be played."""

    file: Path
    info: AudioInfo

    @property
    def length_s(self) -> float:
        """Its length in seconds."""
        return self.info.duration_s


@dataclass
class MediaLibrary:
    """Finds and describes the files of one project, each once; ``record_path`` is the project's own media folder."""

    folder: Path
    record_path: str = ""
    _known: dict[str, Media | str] = field(default_factory=dict)

    def find(self, written: str) -> Media | str:
        """The file that the project calls ``written``, or what is wrong with it."""
        if written not in self._known:
            if len(self._known) >= MOST_FILES:
                return f"more than {MOST_FILES:,} files; the rest was not looked for"
            self._known[written] = self._found(written)
        return self._known[written]

    def _found(self, written: str) -> Media | str:
        name = PureWindowsPath(written).name
        if Path(name).suffix.lower() not in EXTENSIONS:
            return f"{printable(name) or 'no file'}: not a kind of audio that is read"
        file = next((place for place in self._places(written) if _is_file(place)), None)
        if file is None:
            return f"{printable(written)}: not found; put it beside the project or into its folder Media"
        try:
            return Media(file, probe(file))
        except AudioError as error:
            return str(error)

    def _places(self, written: str) -> list[Path]:
        """Where the file may be: as written, taken from the project's folder, else in a folder for media there."""
        plain = written.replace("\\", "/")
        name = plain.rsplit("/", 1)[-1]
        folders = [folder for folder in (self.record_path.replace("\\", "/"), *MEDIA_FOLDERS) if _is_local(folder)]
        places = [self.folder / folder / name for folder in folders]
        return [*([self.folder / written, self.folder / plain] if _is_local(plain) else []), *places]


def _is_local(path: str) -> bool:
    return not path.startswith("//")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long; a NUL
        return False
