"""Mandates: what does not exist is refused in words, and what is delegated is said in words."""

from __future__ import annotations

import math

import pytest

from assistant.mandate import AUTOMATION_SUMMARIES, GROUPS, Automation, Mandate, mandate_sentences, params_called
from assistant.params import CHANNEL_NAMES


def test_the_groups_are_the_strip_but_for_the_polarity() -> None:
    together = [param for group in GROUPS for param in params_called(group) if param in CHANNEL_NAMES]
    assert sorted(together) == sorted(set(CHANNEL_NAMES) - {"polarity_inverted"})
    assert params_called("width") == ("width",)
    assert "reverb_decay_s" in params_called("reverb")
    assert params_called("send") == ("send_db",)
    assert set(AUTOMATION_SUMMARIES) == set(Automation)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sections": frozenset({"level", "eqs"})}, "unknown part of the strip 'eqs'; did you mean 'eq'"),
        ({"sections": frozenset({"fader_db"})}, "known: levels, eq, dynamics, image, reverb"),
        ({"locked_params": frozenset({"fadr_db"})}, "unknown setting 'fadr_db'; did you mean 'fader_db'"),
        ({"locked_params": frozenset({("vox", "pam")})}, "unknown setting 'pam'"),
        ({"limits": {"levls": 3.0}}, "unknown setting 'levls'; did you mean 'levels'"),
        ({"limits": {"dynamics": 3.0}}, "different units; limit one of them: comp_ratio, comp_makeup_db"),
        ({"limits": {"peak1_hz": 30.0}}, "peak1_hz has no amount to limit; lock it instead"),
        ({"limits": {"polarity": 1.0}}, "polarity has no amount to limit"),
        ({"limits": {"levels": -1.0}}, "limit levels=-1: expected 0 or more"),
        ({"limits": {"levels": math.nan}}, "expected 0 or more"),
        ({"amount": 50.0}, "amount 50: expected 0 .nothing. to 1 .all.; per cent"),
        ({"amounts": {"vox": -0.1}}, "amount -0.1"),
    ],
)
def test_what_does_not_exist(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Mandate(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "arguments",
    [
        {"tracks": frozenset({"vxo"})},
        {"locked_tracks": frozenset({"vxo"})},
        {"locked_params": frozenset({("vxo", "pan")})},
        {"amounts": {"vxo": 0.5}},
        {"focus": "vxo"},
    ],
)
def test_unknown_tracks(arguments: dict[str, object]) -> None:
    mandate = Mandate(**arguments)  # type: ignore[arg-type]
    mandate.check_tracks(["vxo", "bass"])
    with pytest.raises(ValueError, match="unknown track 'vxo'; did you mean 'vox'"):
        mandate.check_tracks(["vox", "bass"])


def test_limits_hold_for_what_they_name_and_the_tightest_counts() -> None:
    mandate = Mandate(limits={"levels": 3.0, "fader_db": 1.0, "eq": 2.0})
    assert (mandate.limit("trim_db"), mandate.limit("fader_db"), mandate.level_limit_db) == (3.0, 1.0, 3.0)
    assert mandate.limit("peak2_gain_db") == 2.0
    assert math.isinf(mandate.limit("peak2_hz"))
    assert math.isinf(mandate.limit("pan"))


def test_a_mandate_in_words() -> None:
    assert mandate_sentences(Mandate()) == ("automatic: the whole mix is made",)
    mandate = Mandate(
        Automation.INDEPENDENT,
        sections=frozenset({"eq", "levels"}),
        locked_tracks=frozenset({"kick", "bass"}),
        locked_params=frozenset({"pan", ("vox", "eq")}),
        limits={"levels": 3.0},
        amounts={"vox": 0.25},
        amount=0.5,
        focus="gtr",
    )
    assert mandate_sentences(mandate)[1:] == (
        "only: levels, eq",
        "locked tracks: bass, kick",
        "locked: eq of vox, pan",
        "changed at most by: levels 3 dB",
        "amount: 50%, vox 25%",
        "to come forward: gtr",
    )
