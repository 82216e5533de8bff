"""Verification: each change alone, each section with and without."""

from __future__ import annotations

import pytest
from bench_session import PLAN, make_mix

from assistant.analysis.facts import Verification
from assistant.analysis.measure import measure
from assistant.mix import ChannelSettings
from assistant.tasks import Cancelled
from render.bench import Bench
from render.verify import verify

AFTER = make_mix(
    drone=ChannelSettings(fader_db=-6.0, polarity_inverted=1.0),
    noise=ChannelSettings(trim_db=3.0, high_shelf_gain_db=-6.0, high_shelf_hz=5_000.0, width=0.2, send_db=-10.0),
)


@pytest.fixture(scope="module")
def verification(bench: Bench) -> Verification:
    return verify(bench, make_mix(), AFTER)


def test_only_what_changed_is_shown_alone(verification: Verification) -> None:
    assert verification.alone.keys() == {"drone", "noise"}
    assert verification.sections.keys() == {
        *(("drone", name) for name in ("level", "polarity")),
        *(("noise", name) for name in ("level", "high_shelf", "width")),
    }


def test_a_change_alone_is_the_mix_before_with_it(verification: Verification, bench: Bench) -> None:
    alone = bench.measure(make_mix(drone=AFTER.channel("drone").settings))
    assert verification.alone["drone"].measurement == alone.measurement
    assert verification.alone["drone"].track == alone.track("drone")
    assert verification.alone["drone"].covered_db == tuple(alone.masking.by_all_db.tolist())


def test_a_section_is_measured_with_and_without(verification: Verification, bench: Bench) -> None:
    facts = verification.sections["noise", "width"]
    assert facts.span in PLAN.spans
    passage = PLAN.spans.index(facts.span)
    settings = AFTER.channel("noise").settings
    assert facts.done == measure(bench.piece("noise", settings, passage), bench.material.sample_rate, is_excerpt=True)
    without = bench.piece("noise", settings.with_values(width=1.0), passage)
    assert facts.without == measure(without, bench.material.sample_rate, is_excerpt=True)
    assert facts.done.width < 0.1 < facts.without.width


def test_facts_follow_the_order_of_the_mix_after(bench: Bench) -> None:
    before = make_mix()
    turned = type(before)(tuple(reversed(before.channels)))
    verification = verify(bench, turned, AFTER)
    assert [facts.name for facts in verification.before.tracks] == [c.name for c in AFTER.channels]


def test_cancelling(bench: Bench) -> None:
    with pytest.raises(Cancelled):
        verify(bench, make_mix(), AFTER, is_cancelled=lambda: True)
