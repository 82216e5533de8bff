"""The syntax of REAPER's project files: lines of words, in blocks that open with ``<TAG words`` and close with ``>``.

A word that is empty or holds blanks stands in double quotes, one with double quotes in single ones, one with both in
backticks. We read it ourselves: the ``rpp`` package (0.5) stops with an error at empty lines, a byte order mark, a
quote that is not closed, a backup of several versions, extensions' free text and a file that was cut short; it
overflows the stack at 3000 nested blocks, splits names at vertical tabs, takes quadratic time (32,000 lines: 1.4 s) and
keeps every plug-in's data. Here lines are read one by one, and only those kept that say something about a mix.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from assistant.audio.formats import printable
from protocols.stems import SessionError

LARGEST_FILE = 512 << 20
MOST_LINES = 5_000_000
#: All words that are kept; a project of 40,000 items has about as many.
MOST_WORDS = 3_000_000
LONGEST_LINE = 1 << 16
DEEPEST = 100
#: The settings of a plug-in written in JSFX are the first lines of its block.
PLUGIN_LINES = 8

_ENVELOPE = "ACT PT VOLTYPE POOLEDENVINST"
_ENVELOPES = (
    *("VOLENV", "VOLENV2", "VOLENV3", "PANENV", "PANENV2", "MUTEENV", "PITCHENV", "WIDTHENV", "WIDTHENV2"),
    *("MASTERVOLENV", "MASTERVOLENV2"),
)
_LINES: dict[str, str] = {
    "REAPER_PROJECT": "SAMPLERATE TEMPO PANLAW PANMODE PLAYRATE ITEMMIX MASTER_VOLUME RECORD_PATH",
    "TRACK": "NAME VOLPAN MUTESOLO IPHASE PLAYOFFS ISBUS NCHAN FX PANMODE AUXRECV FREEMODE FIXEDLANES LANESOLO",
    "ITEM": "POSITION LENGTH LOOP ALLTAKES FADEIN FADEOUT MUTE YPOS "
    "TAKE NAME VOLPAN TAKEVOLPAN SOFFS PLAYRATE CHANMODE SM",
    "SOURCE": "FILE LENGTH STARTPOS MODE",
    **dict.fromkeys(("FXCHAIN", "MASTERFXLIST", "TAKEFX", "CONTAINER"), "BYPASS"),
    **dict.fromkeys(_ENVELOPES, _ENVELOPE),
}
#: Blocks that are kept, by tag, and the lines in them that are, by their first word.
KEPT: dict[str, frozenset[bytes]] = {tag: frozenset(keys.encode().split()) for tag, keys in _LINES.items()}
_BLANKS = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WORD = re.compile(r"\"([^\"]*)\"?|'([^']*)'?|`([^`]*)`?|([^ \t]+)")

Words = tuple[str, ...]


@dataclass(eq=False)
class Block:
    """A block: the words after its ``<``, the first of which is its tag, and in order what is kept of its content."""

    words: Words
    content: list[Words | Block] = field(default_factory=list)

    @property
    def tag(self) -> str:
        """The block's tag, "" where it has none."""
        return self.words[0] if self.words else ""

    def line(self, key: str) -> Words:
        """The words after ``key`` in the first line that begins with it; empty where there is none."""
        return next(self.lines(key), ())

    def lines(self, key: str) -> Iterator[Words]:
        """The words after ``key`` in every line that begins with it."""
        return (entry[1:] for entry in self.content if isinstance(entry, tuple) and entry[0] == key)

    def blocks(self, *tags: str) -> Iterator[Block]:
        """The blocks directly inside that have one of ``tags``."""
        return (entry for entry in self.content if isinstance(entry, Block) and entry.tag in tags)


@dataclass(frozen=True)
class ProjectText:
    """What is kept of a project file. A backup holds several ``versions``; ``project`` is the last of them."""

    project: Block
    versions: int
    is_whole: bool


def read_project_text(path: Path) -> ProjectText:
    """What the project file at ``path`` says about a mix.

    Raises :class:`SessionError` for a file that is missing, is no REAPER project, or is beyond the bounds above.
    """
    try:
        if not path.is_file():
            raise SessionError(f"{printable(path)}: no such file; was it moved or renamed?")
        if path.stat().st_size > LARGEST_FILE:
            raise SessionError(f"{printable(path)}: more than {LARGEST_FILE >> 20} MB; a damaged project?")
        with path.open("rb") as file:
            return _parsed(path, file)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise SessionError(f"{printable(path)}: cannot be read ({error})") from error


def words_of(text: str) -> Words:
    """The words of a line, without their quotes."""
    return tuple(match[match.lastindex or 0] for match in _WORD.finditer(text))


def number(words: Words, index: int, default: float = 0.0) -> float:
    """The word at ``index`` as a number; ``default`` where there is none, or none that is finite."""
    try:
        value = float(words[index])
    except (IndexError, ValueError):
        return default
    return value if math.isfinite(value) else default


def whole_number(words: Words, index: int, default: int = 0) -> int:
    """The word at ``index`` as a whole number, cut to 32 bits; ``default`` where there is none."""
    return int(max(-(2.0**31), min(2.0**32, number(words, index, default))))


def raw_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of ``file`` with their ends, each in pieces of at most ``LONGEST_LINE`` bytes."""
    while line := file.readline(LONGEST_LINE):
        yield line


def stripped(line: bytes) -> bytes:
    """A line without the blanks around it."""
    return line.removeprefix(_BYTE_ORDER_MARK).strip(_BLANKS)


def words_in(line: bytes) -> Words:
    """The words of a line of a file: UTF-8, or as Windows wrote it before REAPER 4."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode("cp1252", "replace")
    return words_of(text.replace("\0", ""))


def _lines(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """The lines that are not empty, cut at ``LONGEST_LINE`` bytes: only plug-ins' data is longer."""
    goes_on = False
    for count, piece in enumerate(raw_lines(file)):
        if count > MOST_LINES:
            raise SessionError(f"{printable(path)}: more than {MOST_LINES:,} lines; a damaged project?")
        is_begin, goes_on = not goes_on, not piece.endswith(b"\n")
        if is_begin and (line := stripped(piece)):
            yield line


def _parsed(path: Path, file: BinaryIO) -> ProjectText:
    root = Block(("",))
    stack, versions, words = [root], 0, 0
    for line in _lines(path, file):
        if line.startswith(b">"):
            del stack[max(1, len(stack) - 1) :]
            continue
        entry = _entry(line, stack)
        if entry is not None:
            words += len(entry.words) if isinstance(entry, Block) else len(entry)
        if words > MOST_WORDS or len(stack) > DEEPEST:
            raise SessionError(f"{printable(path)}: more items or deeper blocks than any project has; damaged?")
        if isinstance(entry, Block) and entry.tag == "REAPER_PROJECT" and len(stack) == 2:
            root.content, versions, words = [entry], versions + 1, 0
        if versions == 0:
            break
    if versions == 0:
        raise SessionError(f"{printable(path)}: is no REAPER project; expected a file that begins <REAPER_PROJECT")
    return ProjectText(next(root.blocks("REAPER_PROJECT")), versions, len(stack) == 1)


def _entry(line: bytes, stack: list[Block]) -> Words | Block | None:
    """What ``line`` adds to the innermost block, kept there if it is of use; a block opens on ``stack``."""
    inside = stack[-1]
    if line.startswith(b"<"):
        block = Block(words_in(line[1:]))
        if inside.tag in KEPT:
            inside.content.append(block)
        stack.append(block)
        return block
    if inside.tag == "JS":
        is_kept = len(inside.content) < PLUGIN_LINES
    else:
        key = line.replace(b"\t", b" ").split(b" ", 1)[0]
        is_kept = key in KEPT.get(inside.tag, ())
    if not is_kept:
        return None
    words = words_in(line)
    if words:
        inside.content.append(words)
    return words
