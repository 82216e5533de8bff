"""XML files that DAWs wrote, read without trust: no document types, no entities, bounded in size and depth.

Without a document type there are no entities but XML's own five, and nothing that a parser could be made to fetch or
blow up.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from assistant.audio.formats import printable
from protocols.stems import SessionError

LARGEST_BYTES = 256 << 20
DEEPEST = 200


def read_plain_xml(file: Path, root: str) -> Element:
    """The element ``root`` that is all of the XML ``file``.

    Raises :class:`SessionError` for a file that is missing, cannot be read, is larger than 256 MB, is not XML, declares
    a document type, is nested more than 200 deep, or is about something else than ``root``.
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


def parse_plain_xml(data: bytes) -> Element:
    """The element that is all of ``data``; ``ValueError`` for what :func:`read_plain_xml` refuses."""
    builder, depth = TreeBuilder(), 0

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

    def refuse(*_: object) -> None:
        raise ValueError("declares a document type, which no DAW writes")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"not XML ({error})") from error
    return builder.close()
