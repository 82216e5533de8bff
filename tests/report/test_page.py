"""The report page: complete in itself, and safe whatever the tracks are called."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest

from assistant.analysis.measure import measure
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.report.page import report_page

VOID = {"meta", "line", "polyline"}
HOSTILE = "<script>alert('x')</script>\"&"


class Reader(HTMLParser):
    """Collects elements, attributes and text, and whether every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It must be the innermost open one."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Remember the text."""
        self.text += data


@pytest.fixture(scope="module", params=[0.05, 1.0, 12.0])
def page(request: pytest.FixtureRequest) -> str:
    """A report on a mix of tracks with hostile names."""
    rate = 44_100
    rng = np.random.default_rng(1)
    audio = 0.1 * rng.standard_normal((2, round(request.param * rate))).astype(np.float32)
    names = (HOSTILE, "plain", "[red]", "x" * 300)
    mix = Mix(
        tuple(ChannelMix(n, ChannelSettings(fader_db=-3.0), HOSTILE, 0.9, (f"because {HOSTILE}",)) for n in names),
        target_lufs=-14.0,
        engineer=HOSTILE,
    )
    session = Session(tuple(Track(n) for n in names), rate)
    return report_page(session, mix, audio, measure(audio, rate))


def test_the_page_is_whole_and_needs_nothing_else(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert page.startswith("<!doctype html>")
    assert "http" not in page
    assert not {"script", "link", "img", "iframe", "object"} & set(reader.tags)
    names = {name for name, _ in reader.attributes}
    assert not {"src", "href", "onload", "onerror"} & names
    assert "url(" not in page
    assert "@import" not in page


def test_hostile_names_are_text(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert reader.text.count(HOSTILE) >= 4
    assert "<script" not in page


def test_figures_are_numbers_or_infinite_in_words(page: str) -> None:
    assert "nan" not in page.split("</style>")[1].replace("finance", "")
    assert "-14.0 LUFS" in page


def test_silence_has_a_page_too() -> None:
    audio = np.zeros((2, 44_100), np.float32)
    page = report_page(Session((), 44_100), Mix(()), audio, measure(audio, 44_100))
    assert "-inf LUFS" in page
    assert "nan" not in page.split("</style>")[1]
    assert "Why" not in page
