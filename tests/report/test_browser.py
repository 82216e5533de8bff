"""The page in a real browser: every chart is drawn, and the console stays silent."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
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


def look(page: Path, *flags: str) -> tuple[str, str]:
    """What the browser prints of ``page`` with all charts drawn, and what its console says."""
    profile = f"--user-data-dir={page.parent / 'profile'}"
    command = [str(BROWSER), *FLAGS, profile, *flags, f"{page.as_uri()}#all"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, errors="replace")
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, story: Callable[..., Any], hostile_names: tuple[str, ...]) -> Path:
    """A report of six tracks, four with hostile names."""
    told = story(6, hostile_names)
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_text_atomically(path, report_page(told.session, told.finished, told.insight))
    return path


def test_every_chart_is_drawn_without_a_word_from_the_console(page: Path) -> None:
    document, console = look(page, "--dump-dom")
    assert console == ""
    charts = document.count('role="img"')
    assert charts >= 8 + 6
    assert len(re.findall(r'class="chart js-plotly-plot"', document)) == charts
    assert 'class="chart failed' not in document
    assert "&lt;/script&gt;" in document


def test_the_picture_shows_something(page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    _, console = look(page, f"--screenshot={picture}", "--window-size=900,1600")
    assert console == ""
    width, height, values = pixels(picture.read_bytes())
    assert (width, height) == (900, 1600)
    assert len(set(values)) > 30, "text and charts in several colours"


def test_paper_takes_all_of_it(page: Path, tmp_path: Path) -> None:
    paper = tmp_path / "page.pdf"
    _, console = look(page, f"--print-to-pdf={paper}")
    assert console == ""
    pages = len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes()))
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
