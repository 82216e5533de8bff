"""Texts of DAWproject files for the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

#: Makes a ``.dawproject`` of the text of its project.xml, and files by their names inside.
Zipped = Callable[..., Path]

TRACK = (
    '<Track contentType="audio" id="t" name="Gtr"><Channel role="regular" destination="m" id="c">{}</Channel></Track>'
)
MASTER = '<Track contentType="audio" id="tm" name="Master"><Channel role="master" id="m">{}</Channel></Track>'
HEAD = '<Application name="Test" version="1.0"/><Transport><Tempo unit="bpm" value="{}"/></Transport>'


def project(structure: str = "", lanes: str = "", tempo: float = 120.0, more: str = "") -> str:
    """The text of a project.xml."""
    body = f"<Structure>{structure}</Structure><Arrangement>{lanes}</Arrangement>{more}"
    return f'<?xml version="1.0" encoding="UTF-8"?><Project version="1.0">{HEAD.format(tempo)}{body}</Project>'


def one_track(channel: str = "", master: str = "") -> str:
    """A structure of the track "Gtr" and a master, whose channels hold the given XML."""
    return TRACK.format(channel) + MASTER.format(master)
