"""Reasons: consistent with what a second measurement finds, whatever the mix; what contradicts itself is held back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bench_session import PLAN, make_mix, make_session, pieces_of
from reason_checks import SecondOpinion

from assistant.analysis.facts import SectionFacts, Verification
from assistant.analysis.sections import SECTIONS, changed_sections
from assistant.insight.reasons import Background, find_reasons, hold_back
from assistant.insight.values import Driver, Influence, Reason
from assistant.mix import ChannelSettings, Mix
from assistant.params import CHANNEL_PARAMS
from render.bench import Bench
from render.material import read_material
from render.verify import verify

FLAT = make_mix()


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(read_material(make_session(), PLAN, pieces_of))


def reasons_of(verification: Verification, track: str) -> dict[str, Reason]:
    return {reason.section: reason for reason in find_reasons(verification, track, Background())}


def random_settings(rng: np.random.Generator) -> ChannelSettings:
    """Anything a strip can be set to, but levels that keep the track audible."""
    values = {p.name: p.from_unit(rng.uniform(0.05, 0.95)) for p in CHANNEL_PARAMS if p.curve != "toggle"}
    values |= {"trim_db": rng.uniform(-12.0, 12.0), "fader_db": rng.uniform(-12.0, 6.0)}
    values |= {p.name: float(rng.random() < 0.5) for p in CHANNEL_PARAMS if p.curve == "toggle"}
    chosen = rng.choice([s.name for s in SECTIONS], size=4, replace=False)
    return ChannelSettings({name: values[name] for s in SECTIONS if s.name in chosen for name in s.params})


@pytest.mark.parametrize("seed", range(8))
def test_every_reason_is_what_a_second_measurement_finds(bench: Bench, seed: int) -> None:
    rng, session = np.random.default_rng(seed), make_session()
    mixes = [make_mix(**{c.name: random_settings(rng) for c in FLAT.channels}) for _ in range(2)]
    before, after = (FLAT, mixes[1]) if seed % 2 else mixes
    verification = verify(bench, before, after)
    opinion = SecondOpinion(session, lambda track, _rate: track.audio, verification)
    for channel in after.channels:
        old = before.channel(channel.name).settings
        reasons = find_reasons(verification, channel.name, Background())
        assert {r.section for r in reasons} == {s.name for s in changed_sections(old, channel.settings)}
        for reason in reasons:
            assert opinion.contradictions(reason) == [], (channel.name, reason.section, reason.effect.sentence)


def test_what_an_equaliser_does_is_shown_with_its_passage(bench: Bench) -> None:
    cut = ChannelSettings(peak1_gain_db=-6.0, peak1_hz=110.0, peak1_q=2.0)
    reason = reasons_of(verify(bench, FLAT, make_mix(drone=cut)), "drone")["peak1"]
    assert reason.standing == "shown"
    assert reason.effect.after - reason.effect.before == pytest.approx(-6.0, abs=0.5)
    assert reason.effect.span in PLAN.spans
    assert reason.did == "cut of 6.0 dB, bell around 110 Hz, Q 2"
    assert "around 110 Hz" in reason.heard
    assert [c.param for c in reason.changes] == ["peak1_hz", "peak1_gain_db", "peak1_q"]


def test_a_filter_where_nothing_is_is_weak(bench: Bench) -> None:
    highpass = ChannelSettings(highpass_on=1.0, highpass_hz=25.0)
    reason = reasons_of(verify(bench, FLAT, make_mix(drone=highpass)), "drone")["highpass"]
    assert reason.standing == "weak"
    assert reason.why == "next to nothing of the track lies below 25 Hz"


def test_what_a_compressor_takes_back_is_said(bench: Bench) -> None:
    squashed = {"comp_ratio": 20.0, "comp_threshold_db": -60.0, "comp_attack_ms": 5.0}
    boost = ChannelSettings(peak1_gain_db=3.0, peak1_hz=110.0, peak1_q=0.5, **squashed)
    before = make_mix(drone=ChannelSettings(**squashed))
    reason = reasons_of(verify(bench, before, make_mix(drone=boost)), "drone")["peak1"]
    assert reason.standing == "weak"
    assert reason.why == "the compressor behind takes back what it does"


def test_a_compressor_that_hardly_works_is_weak(bench: Bench) -> None:
    idle = ChannelSettings(comp_ratio=2.0, comp_threshold_db=-8.0)
    reason = reasons_of(verify(bench, FLAT, make_mix(drone=idle)), "drone")["compressor"]
    assert reason.standing == "weak"
    assert "less than 1 dB" in reason.why


def test_a_hardly_audible_send_is_weak(bench: Bench) -> None:
    sends = make_mix(noise=ChannelSettings(send_db=-55.0), clicks=ChannelSettings(send_db=-8.0))
    verification = verify(bench, FLAT, sends)
    assert reasons_of(verification, "noise")["send"].standing == "weak"
    assert reasons_of(verification, "clicks")["send"].standing == "shown"


def turned_round(verification: Verification, track: str, section: str) -> Verification:
    """As if the section had done the opposite."""
    facts = verification.sections[track, section]
    swapped = SectionFacts(facts.span, without=facts.done, done=facts.without)
    return replace(verification, sections={**verification.sections, (track, section): swapped})


@pytest.mark.parametrize(
    ("section", "settings"),
    [
        ("peak1", {"peak1_gain_db": 6.0, "peak1_hz": 110.0}),
        ("high_shelf", {"high_shelf_gain_db": -6.0}),
        ("highpass", {"highpass_on": 1.0, "highpass_hz": 300.0}),
        ("pan", {"pan": 0.6}),
    ],
)
def test_an_effect_against_the_words_is_withheld_and_undone(
    bench: Bench, section: str, settings: dict[str, float]
) -> None:
    after = make_mix(drone=ChannelSettings(fader_db=-3.0, **settings))
    verification = turned_round(verify(bench, FLAT, after), "drone", section)
    reasons = reasons_of(verification, "drone")
    assert reasons[section].standing == "withheld"
    assert reasons["level"].standing == "shown"
    kept = hold_back(FLAT, after, list(reasons.values()))
    assert kept == make_mix(drone=ChannelSettings(fader_db=-3.0))


def test_inverting_what_stood_right_is_withheld(bench: Bench) -> None:
    session = make_session()
    twin = replace(session.tracks[0], name="twin")
    session = replace(session, tracks=(*session.tracks, twin))
    both = Bench(read_material(session, PLAN, pieces_of))
    flat = Mix((*FLAT.channels, replace(FLAT.channels[0], name="twin")))
    inverted = replace(flat.channels[3], settings=ChannelSettings(polarity_inverted=1.0))
    wrong = Mix((*flat.channels[:3], inverted))
    assert reasons_of(verify(both, flat, wrong), "twin")["polarity"].standing == "withheld"
    assert reasons_of(verify(both, wrong, flat), "twin")["polarity"].standing == "shown"


def test_drivers_of_the_section_are_named(bench: Bench) -> None:
    verification = verify(bench, FLAT, make_mix(drone=ChannelSettings(fader_db=-3.0, pan=0.5)))
    driver = Driver("noise", "fader_db", 0.0, -3.0)
    influence = Influence(("drone", "noise", "clicks"), np.zeros((3, 3)), {("drone", "fader_db"): (driver,)})
    reasons = {r.section: r for r in find_reasons(verification, "drone", Background(influence))}
    assert reasons["level"].because == (driver,)
    assert "because of noise" in reasons["level"].because_text
    assert reasons["pan"].because == ()
    assert reasons["pan"].because_text == "no other track alone moves it by what can be heard"


def test_a_silent_track_has_no_reasons(bench: Bench) -> None:
    session = make_session()
    empty = replace(session.tracks[0], name="empty", audio=np.zeros_like(session.tracks[0].audio))
    both = Bench(read_material(replace(session, tracks=(*session.tracks, empty)), PLAN, pieces_of))
    flat = Mix((*FLAT.channels, replace(FLAT.channels[0], name="empty")))
    moved = replace(flat.channels[3], settings=ChannelSettings(fader_db=-6.0))
    verification = verify(both, flat, Mix((*flat.channels[:3], moved)))
    assert find_reasons(verification, "empty", Background()) == ()
