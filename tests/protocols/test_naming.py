"""Tracks of the same name get numbers."""

from __future__ import annotations

import pytest

from protocols.naming import distinct


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], []),
        (["Gtr", "Bass", "Gtr", "Gtr"], ["Gtr", "Bass", "Gtr (2)", "Gtr (3)"]),
        (["Gtr (2)", "Gtr", "Gtr"], ["Gtr (2)", "Gtr", "Gtr (3)"]),
        (["Gtr", "Gtr", "Gtr (2)"], ["Gtr", "Gtr (2)", "Gtr (2) (2)"]),
        (["", ""], ["", " (2)"]),
    ],
)
def test_the_first_keeps_its_name(names: list[str], expected: list[str]) -> None:
    assert distinct(names) == expected


def test_names_differ_whatever_they_are() -> None:
    names = ["Gtr", "Gtr (2)", "Gtr (2) (2)"] * 300
    assert len(set(distinct(names))) == len(names)
