"""What every reader and writer of audio files shares: the error, the description of a file, the endings read.

Conventions: audio is float32 ``(C, T)``, full scale 1.0; ``sample_rate`` is integer Hz. Messages to the user begin
with the file they are about.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

LOWEST_RATE, HIGHEST_RATE = 4_000, 768_000
LONGEST_HOURS = 24
# Longest file name, in bytes of UTF-8, that every common file system takes, less room for a number and an ending.
_LONGEST_NAME = 200

# File endings that a folder of stems is searched for, best first where one stem exists in several formats.
EXTENSIONS: dict[str, str] = {
    ".wav": "WAV, Broadcast Wave, RF64",
    ".wave": "WAV",
    ".bwf": "Broadcast Wave",
    ".rf64": "RF64",
    ".w64": "Sony Wave64",
    ".aif": "AIFF",
    ".aiff": "AIFF",
    ".aifc": "AIFF-C",
    ".caf": "Core Audio Format",
    ".flac": "FLAC",
    ".wv": "WavPack",
    ".m4a": "AAC or Apple Lossless",
    ".mp4": "AAC or Apple Lossless",
    ".mov": "sound of a QuickTime film",
    ".ogg": "Ogg Vorbis, Opus or FLAC",
    ".oga": "Ogg",
    ".opus": "Opus",
    ".aac": "AAC stream",
    ".mp3": "MP3",
    ".au": "Sun audio",
    ".snd": "Sun audio",
}


class AudioError(Exception):
    """An audio file that cannot be read or written; the message names the file, what is wrong and what to do."""


@dataclass(frozen=True)
class AudioInfo:
    """What a file's header says: ``channels`` as in the file (before any fold-down), Hz, samples per channel."""

    channels: int
    sample_rate: int
    num_samples: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.num_samples / self.sample_rate


def printable(text: object) -> str:
    """``text`` on one line that any terminal can show: control characters and invalid Unicode as escapes."""
    encoded = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in encoded)


def file_name(text: str, otherwise: str) -> str:
    """A name for a file or a folder close to ``text``, which any system takes and which leads nowhere else.

    ``otherwise`` where nothing of it is left.
    """
    legible = text.encode("utf-8", "replace").decode()
    plain = re.sub(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]', "_", unicodedata.normalize("NFC", legible)).strip(" .")
    return (plain or otherwise).encode()[:_LONGEST_NAME].decode(errors="ignore")


def error_about(path: Path, text: str) -> AudioError:
    """The :class:`AudioError` that says ``text`` about the file at ``path``."""
    return AudioError(f"{printable(path)}: {text}")


def check_info(path: Path, info: AudioInfo) -> AudioInfo:
    """``info`` itself; :class:`AudioError` when it is of a file without audio or beyond what can be handled."""
    if info.num_samples <= 0:
        raise error_about(path, "holds no audio (zero samples); leave it out or export it again")
    if not LOWEST_RATE <= info.sample_rate <= HIGHEST_RATE:
        allowed = f"expected {LOWEST_RATE} to {HIGHEST_RATE}"
        raise error_about(path, f"sample rate {info.sample_rate} Hz: {allowed}; a damaged header?")
    if info.duration_s > LONGEST_HOURS * 3600:
        hours = f"{info.duration_s / 3600:.0f} hours"
        raise error_about(path, f"its header announces {hours}, longer than {LONGEST_HOURS}; a damaged header?")
    return info
