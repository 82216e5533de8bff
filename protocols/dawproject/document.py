"""The project's XML as a tree: read without DTD or entities, within bounds, and written back with all that it held.

Names keep their prefixes; comments and processing instructions stay where they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET
from xml.parsers import expat

from protocols.dawproject.package import PROJECT_FILE, Package, refused

LARGEST_XML = 64 << 20
MOST_ELEMENTS = 1_000_000
DEEPEST = 100
#: Bytes without an element's beginning, up to twice as many: more attributes than any element has.
LONGEST_GAP = 1 << 20
ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii"})

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: What XML 1.0 cannot hold, not even as a reference.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Refused(Exception):
    """XML that is not read, for the reason given."""


def read_project_xml(package: Package) -> ET.Element:
    """The ``Project`` element of ``package``; :class:`~protocols.stems.SessionError` for anything else."""
    data = package.read(PROJECT_FILE, LARGEST_XML)
    try:
        root = parse_xml(data)
    except _Refused as error:
        raise refused(package.path, f"{PROJECT_FILE} {error}") from error
    except (expat.ExpatError, ValueError) as error:
        raise refused(package.path, f"{PROJECT_FILE} is no sound XML ({error}); export it again") from error
    if root.tag != "Project":
        raise refused(package.path, f"{PROJECT_FILE} holds {root.tag[:40]!r}; expected a Project")
    return root


def parse_xml(data: bytes) -> ET.Element:
    """The root of the XML in ``data``; raises ``_Refused`` or what :mod:`xml.parsers.expat` does."""
    _check_bounds(data)
    builder = ET.TreeBuilder(insert_comments=True, insert_pis=True)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = _bounded(builder)
    parser.CharacterDataHandler = builder.data
    parser.CommentHandler = builder.comment
    parser.ProcessingInstructionHandler = builder.pi
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _check_declaration
    parser.Parse(data, True)
    return builder.close()


def project_xml(root: ET.Element) -> bytes:
    """The text of a file whose root is ``root``."""
    return (_DECLARATION + ET.tostring(root, encoding="unicode") + "\n").encode("utf-8")


def writable(text: str) -> str:
    """``text`` with U+FFFD in place of characters that XML cannot hold."""
    return _UNWRITABLE.sub("\ufffd", text)


def _check_bounds(data: bytes) -> None:
    if data.count(b"<") > 2 * MOST_ELEMENTS:
        raise _Refused(f"has more than {MOST_ELEMENTS:,} elements")
    for start in range(0, len(data), LONGEST_GAP):
        if len(data) - start > LONGEST_GAP and data.find(b"<", start, start + LONGEST_GAP) < 0:
            raise _Refused(f"has an element or a text of more than {LONGEST_GAP >> 20} MB")


def _bounded(builder: ET.TreeBuilder) -> tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]]:
    """What ``builder`` is to be told of elements, up to ``DEEPEST``."""
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise _Refused(f"is nested more than {DEEPEST} deep")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    return start, end


def _refuse_doctype(*_: object) -> None:
    raise _Refused("declares a document type or entities, as no DAW's does; not read")


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise _Refused(f"is encoded as {encoding[:40]!r}; DAWproject files are UTF-8")
