"""The page in a real browser: every chart is drawn, and the console stays silent."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from assistant.audio.writing import write_text_atomically
from assistant.report.document import report_page

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--hide-scrollbars", "--virtual-time-budget=20000", "--enable-logging=stderr", "--v=0"),
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome")


@dataclass(frozen=True)
class Look:
    """What the browser made of a page: its elements once all charts are drawn, the console, a picture, paper."""

    document: str
    console: str
    picture: bytes
    paper: bytes


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory, story: Callable[..., Any], hostile_names: tuple[str, ...]) -> Look:
    """A look at a report of six tracks, four with hostile names."""
    told = story(6, hostile_names)
    folder = tmp_path_factory.mktemp("page")
    page, picture, paper = (folder / f"page.{ending}" for ending in ("html", "png", "pdf"))
    write_text_atomically(page, report_page(told.session, told.finished, told.insight))
    outputs = ("--dump-dom", f"--screenshot={picture}", "--window-size=900,1600", f"--print-to-pdf={paper}")
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={folder / 'profile'}", *outputs, f"{page.as_uri()}#all"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=True, errors="replace")
    console = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return Look(done.stdout, console, picture.read_bytes(), paper.read_bytes())


def test_every_chart_is_drawn(look: Look) -> None:
    charts = look.document.count('role="img"')
    assert charts >= 8 + 6
    assert len(re.findall(r'class="chart js-plotly-plot"', look.document)) == charts
    assert 'class="chart failed' not in look.document
    assert "&lt;/script&gt;" in look.document


def test_the_console_stays_silent(look: Look) -> None:
    assert look.console == ""


def test_the_picture_shows_something(look: Look) -> None:
    width, height, values = pixels(look.picture)
    assert (width, height) == (900, 1600)
    assert len(set(values)) > 30, "text and charts in several colours"


def test_paper_takes_all_of_it(look: Look) -> None:
    pages = len(re.findall(rb"/Type\s*/Page\b", look.paper))
    assert 5 <= pages <= 30


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and the still filtered bytes of a PNG picture."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    data, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += length + 12
    return width, height, zlib.decompress(data)
