"""XML files that DAWs wrote, read without trust: no document types, no entities, bounded in size and depth.

Without a document type there are no entities but XML's own five, and nothing that a parser could be made to fetch or
blow up.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from assistant.audio.formats import printable
from protocols.stems import SessionError

LARGEST_BYTES = 256 << 20
DEEPEST = 100
MOST_ELEMENTS = 4_000_000
#: Bytes without an element's beginning, up to twice as many: more attributes than any element has.
LONGEST_GAP = 1 << 20
ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii"})


def read_plain_xml(file: Path, root: str) -> Element:
    """The element ``root`` that is all of the XML ``file``.

    Raises :class:`SessionError` for a file that is missing, cannot be read, is larger than 256 MB, is not XML, declares
    a document type, is nested more than 100 deep, or is about something else than ``root``.
    """
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise SessionError(f"{printable(file)}: larger than {LARGEST_BYTES >> 20} MB; not a session file")
        element = parse_plain_xml(file.read_bytes())
    except FileNotFoundError as error:
        raise SessionError(f"{printable(file)}: no such file; was it moved or renamed?") from error
    except IsADirectoryError as error:
        raise SessionError(f"{printable(file)}: is a folder; expected the session file in it") from error
    except OSError as error:
        raise SessionError(f"{printable(file)}: cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise SessionError(f"{printable(file)}: {error}; was it saved whole?") from error
    if element.tag != root:
        raise SessionError(f"{printable(file)}: holds <{printable(element.tag)[:40]}>, expected <{root}>")
    return element


def parse_plain_xml(data: bytes, *, keeps_all: bool = False) -> Element:
    """The element that is all of ``data``, with ``keeps_all`` its comments and processing instructions as well.

    Raises ``ValueError`` for what :func:`read_plain_xml` refuses.
    """
    _check_bounds(data)
    builder = TreeBuilder(insert_comments=keeps_all, insert_pis=keeps_all)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = _bounded(builder)
    parser.CharacterDataHandler = builder.data
    if keeps_all:
        parser.CommentHandler, parser.ProcessingInstructionHandler = builder.comment, builder.pi
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _check_declaration
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"not XML ({error})") from error
    return builder.close()


def _check_bounds(data: bytes) -> None:
    if data.count(b"<") > 2 * MOST_ELEMENTS:
        raise ValueError(f"more than {MOST_ELEMENTS:,} elements")
    for start in range(0, len(data), LONGEST_GAP):
        if len(data) - start > LONGEST_GAP and data.find(b"<", start, start + LONGEST_GAP) < 0:
            raise ValueError(f"an element or a text of more than {LONGEST_GAP >> 20} MB")


def _bounded(builder: TreeBuilder) -> tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]]:
    """What ``builder`` is to be told of elements, up to ``DEEPEST``."""
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ValueError(f"nested more than {DEEPEST} deep")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    return start, end


def _refuse_doctype(*_: object) -> None:
    raise ValueError("declares a document type or entities, which no DAW writes")


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise ValueError(f"encoded as {encoding[:40]!r}; expected UTF-8")
