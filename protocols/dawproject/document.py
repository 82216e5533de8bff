"""The project's XML as a tree: read without DTD or entities, within bounds, and written back with all that it held.

Names keep their prefixes; comments and processing instructions stay where they were.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from protocols.dawproject.package import PROJECT_FILE, Package, refused
from protocols.plain_xml import parse_plain_xml

LARGEST_XML = 64 << 20

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: What XML 1.0 cannot hold, not even as a reference.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_project_xml(package: Package) -> ET.Element:
    """The ``Project`` element of ``package``; :class:`~protocols.stems.SessionError` for anything else."""
    data = package.read(PROJECT_FILE, LARGEST_XML)
    try:
        root = parse_plain_xml(data, keeps_all=True)
    except ValueError as error:
        raise refused(package.path, f"{PROJECT_FILE}: {error}; export it again") from error
    if root.tag != "Project":
        raise refused(package.path, f"{PROJECT_FILE} holds {root.tag[:40]!r}; expected a Project")
    return root


def project_xml(root: ET.Element) -> bytes:
    """The text of a file whose root is ``root``."""
    return (_DECLARATION + ET.tostring(root, encoding="unicode") + "\n").encode("utf-8")


def writable(text: str) -> str:
    """``text`` with U+FFFD in place of characters that XML cannot hold."""
    return _UNWRITABLE.sub("\ufffd", text)
