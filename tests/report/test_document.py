"""The report page: complete in itself, in order, and safe whatever the tracks are called."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from assistant.insight.values import Alternative
from assistant.mix import Mix, Session
from assistant.report.document import report_page
from assistant.report.finished import finished_mix
from assistant.report.markup import quantity

VOID = {"meta", "br"}
MOST_BYTES = 10_000_000


class Reader(HTMLParser):
    """Elements in order with their attributes, text outside scripts, and the contents of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element; no attribute twice."""
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It must be the innermost open one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Remember what is read, and what is run."""
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        elif self.open and self.open[-1] != "style":
            self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of all elements called ``tag``."""
        return [attributes for name, attributes in self.elements if name == tag]


def read(page: str) -> Reader:
    """``page`` read to its end, every element closed."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module", params=["insight", "no insight", "100 tracks"])
def page(request: pytest.FixtureRequest, story: Callable[..., Any], hostile_names: tuple[str, ...]) -> str:
    """A report of tracks with hostile names."""
    told = story(100 if request.param == "100 tracks" else 28, hostile_names)
    return report_page(told.session, told.finished, None if request.param == "no insight" else told.insight)


def test_the_page_is_whole_and_fetches_nothing(page: str) -> None:
    reader = read(page)
    assert page.startswith("<!doctype html>")
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in reader.elements}
    for _, attributes in reader.elements:
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
        assert not any(name.startswith("on") for name in attributes)
        assert "url(" not in (attributes.get("style") or "")
    style = page.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    policy = next(m["content"] or "" for m in reader.named("meta") if "http-equiv" in m)
    assert "default-src 'none'" in policy


def test_size(page: str) -> None:
    assert len(page.encode("utf-8", "backslashreplace")) <= MOST_BYTES


def test_hostile_names_are_text(page: str, hostile_names: tuple[str, ...]) -> None:
    reader = read(page)
    kinds = [attributes.get("type") for attributes in reader.named("script")]
    assert kinds.count(None) == 2, "Plotly and our own script, and nothing that a name brought"
    assert hostile_names[0] in reader.text
    assert hostile_names[1] in reader.text
    assert "\u202e" not in "".join(re.findall(r"<h3>.*?</h3>", page))


def test_every_figure_on_the_page_is_one_for_plotly(page: str) -> None:
    reader = read(page)
    charts = [a for a in reader.named("div") if a.get("class") == "chart"]
    scripts = [
        text for text, a in zip(reader.scripts, reader.named("script"), strict=True) if a.get("type") is not None
    ]
    assert len(charts) == len(scripts) > 0
    assert all(attributes["aria-label"] for attributes in charts)
    for text in scripts[:12]:
        go.Figure(json.loads(text, parse_constant=pytest.fail))


def test_links_lead_somewhere_and_ids_differ(page: str) -> None:
    reader = read(page)
    ids = [a["id"] for _, a in reader.elements if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {(a["href"] or "")[1:] for a in reader.named("a")}
    assert targets <= set(ids)


def test_headings_go_down_one_by_one_and_tables_say_what_their_heads_head(page: str) -> None:
    reader = read(page)
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all("scope" in attributes for attributes in reader.named("th"))


def test_sections_come_in_order(story: Callable[..., Any]) -> None:
    told = story(5)
    reader = read(report_page(told.session, told.finished, told.insight))
    anchors = [a["id"] for a in reader.named("section") if "id" in a]
    assert anchors == ["mix", "first", "tracks", "masking", "influence", "sure", "cards"]


def test_worst_comes_first(story: Callable[..., Any]) -> None:
    told = story(9)
    page = report_page(told.session, told.finished, told.insight)
    first = re.findall(r'<article class="card" id="(.*?)">', page)
    assert len(first) == 9
    # The first and the last track are those of the observations.
    assert set(first[:2]) == {"track-1", "track-9"}
    assert page.index("cancel each other") < page.index("The finished mix</h2>")


def test_where_nothing_is_wrong_the_page_says_so(story: Callable[..., Any]) -> None:
    told = story(3)
    after = told.insight.verification.after
    quiet = replace(after.masking, by_all_db=np.full(3, 0.4, np.float32))
    verification = replace(told.insight.verification, after=replace(after, masking=quiet))
    insight = replace(told.insight, verification=verification, observations=())
    text = read(report_page(told.session, told.finished, insight)).text
    assert "Nothing stands out" in text
    assert "is covered by the others, most by" not in text


def test_the_most_covered_come_first_where_there_are_no_problems(story: Callable[..., Any]) -> None:
    told = story(9)
    page = report_page(told.session, told.finished, replace(told.insight, observations=()))
    masking = told.insight.verification.after.masking
    worst = masking.names[int(masking.by_all_db.argmax())]
    first = page.split('<ul class="first">')[1].split("</li>")[0]
    assert worst in first
    assert f"{float(masking.by_all_db.max()):.1f} dB" in first


def test_weak_and_withheld_reasons_are_marked(story: Callable[..., Any]) -> None:
    told = story(28)
    page = report_page(told.session, told.finished, told.insight)
    standings = [reason.standing for card in told.insight.cards for reason in card.reasons]
    for standing in ("shown", "weak", "withheld"):
        assert page.count(f'<section class="reason {standing}">') == standings.count(standing) > 0
    folded = "".join(re.findall(r"<details>.*?</details>", page))
    assert folded.count('class="reason withheld"') == standings.count("withheld")


def test_figures_before_and_after_stand_beside_each_other(story: Callable[..., Any]) -> None:
    told = story(3)
    text = read(report_page(told.session, told.finished, told.insight)).text
    assert "-14.0 LUFSbefore -21.3 LUFS" in text
    assert "3 tracks" in text
    assert "\u201crules\u201d" in text


@pytest.mark.parametrize("seconds", [0.05, 1.0, 12.0])
def test_audio_becomes_a_page(seconds: float) -> None:
    audio = 0.1 * np.random.default_rng(1).standard_normal((2, round(seconds * 44_100))).astype(np.float32)
    finished = finished_mix(Mix(()), audio, 44_100)
    assert len(finished.short_term_lufs) == max(0, int(seconds) - 2)
    page = read(report_page(Session((), 44_100), finished, None))
    assert "nan" not in page.text
    assert ("Shorter than 3 s" in page.text) == (seconds < 3.0)


def test_silence_has_a_page_too() -> None:
    finished = finished_mix(Mix(()), np.zeros((2, 4 * 44_100), np.float32), 44_100)
    text = read(report_page(Session((), 44_100), finished, None)).text
    assert "-inf LUFS" in text
    assert "nan" not in text
    assert "Why" not in text


def test_a_silent_track_and_missing_parts_have_a_card(story: Callable[..., Any]) -> None:
    told = story(2)
    card = told.insight.cards[0]
    silence = (-math.inf,) * 30
    measured = replace(card.after.measurement, integrated_lufs=-math.inf, third_octave_db=silence)
    facts = replace(card.after, measurement=measured, over_rest_lu=-math.inf, reduction=None, loudest=None)
    bare = replace(card, before=facts, after=facts, alone=None, reasons=())
    insight = replace(
        told.insight, cards=(bare, told.insight.cards[1]), observations=(), influence=None, calibrations=()
    )
    text = read(report_page(told.session, told.finished, insight)).text
    assert "silent" in text
    assert "nan" not in text
    assert "Nothing wrong was found" in text
    assert "Who moves whom" not in text


def test_figures_stay_beside_their_units_and_times_in_one_piece() -> None:
    assert quantity("-3.0 dB at 1:20-1:25, 95 Hz") == "-3.0\u00a0dB at 1:20\u2060-\u20601:25, 95\u00a0Hz"
    assert quantity("take 2 drums <b>") == "take 2 drums &lt;b&gt;"


def test_a_torn_engineer_and_a_delegation_are_said(story: Callable[..., Any]) -> None:
    told = story(3)
    other = Alternative(told.insight.cards[0].name, "arp", 0.31, (), 0.0, "if taken for arp (31%): fader -2.0 dB")
    cards = (replace(told.insight.cards[0], alternative=other), *told.insight.cards[1:])
    finished = replace(told.finished, delegated=("independent: a part is made", "only: <b>levels</b>"))
    reader = read(report_page(told.session, finished, replace(told.insight, cards=cards)))
    assert "If taken for arp (31%): fader -2.0 dB." in reader.text
    assert "Delegated: independent: a part is made; only: <b>levels</b>." in reader.text
