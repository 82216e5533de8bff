"""The proof of a mix: plain faults mended, contradictions held back, everything else as it was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bench_session import RATE, make_mix, make_session

from assistant.audio.reading import load_track
from assistant.engineers.rules import RuleEngineer
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session
from assistant.survey import Survey
from render.proof import Conduct, Knowledge, Proof, prove

FLAT = make_mix()


def known(session: Session) -> Knowledge:
    survey = Survey(load_track)
    survey.complete(session)
    return Knowledge(session, survey)


def with_track(name: str, audio: np.ndarray) -> tuple[Session, Mix]:
    """The small session with one more track, and its flat mix."""
    session = make_session()
    track = replace(session.tracks[1], name=name, audio=audio.astype(np.float32), channels=len(audio))
    return replace(session, tracks=(*session.tracks, track)), Mix((*FLAT.channels, ChannelMix(name)))


def sections_of(proof: Proof, name: str) -> dict[str, str]:
    return {reason.section: reason.standing for reason in proof.insight.card(name).reasons}


@pytest.fixture(scope="module")
def offset() -> tuple[Session, Mix]:
    noise = make_session().tracks[1].audio
    return with_track("offset", noise + 0.2)


def test_an_offset_is_mended_where_the_proof_decides(offset: tuple[Session, Mix]) -> None:
    session, flat = offset
    proof = prove(known(session), flat, flat, Conduct(decides=True, in_depth=False))
    channel = proof.mix.channel("offset")
    assert channel.settings["highpass_on"] == 1.0
    assert any(reason.startswith("mended: offset has a DC offset") for reason in channel.reasons)
    (reason,) = proof.insight.card("offset").reasons
    assert "DC offset" in reason.heard
    assert abs(proof.insight.card("offset").after.measurement.dc_offset) < 0.01
    (observation,) = [o for o in proof.insight.observations if o.kind == "dc"]
    assert observation.remedy == ()
    assert all(proof.mix.channel(c.name).settings == c.settings for c in FLAT.channels)


def test_nothing_is_touched_that_may_not_be(offset: tuple[Session, Mix]) -> None:
    session, flat = offset
    locked = Conduct(decides=True, may_change=lambda track, param: param != "highpass_on", in_depth=False)
    for conduct in (locked, Conduct(in_depth=False)):
        proof = prove(known(session), flat, flat, conduct)
        assert proof.mix.channel("offset").settings == ChannelSettings()
        (observation,) = [o for o in proof.insight.observations if o.kind == "dc"]
        assert [c.param for c in observation.remedy] == ["highpass_on", "highpass_hz"] or observation.remedy


def test_a_copy_upside_down_is_turned_over() -> None:
    session, flat = with_track("copy", -0.7 * make_session().tracks[1].audio)
    proof = prove(known(session), flat, flat, Conduct(decides=True, in_depth=False))
    assert proof.mix.channel("copy").settings["polarity_inverted"] == 1.0
    assert sections_of(proof, "copy") == {"polarity": "shown"}
    effect = proof.insight.card("copy").reasons[0].effect
    assert effect.after > effect.before + 3.0


def test_a_polarity_that_only_takes_away_is_held_back() -> None:
    session, flat = with_track("twin", 0.9 * make_session().tracks[1].audio)
    wrong = replace(flat.channels[3], settings=ChannelSettings(polarity_inverted=1.0, fader_db=-3.0))
    proposal = Mix((*flat.channels[:3], wrong))
    proof = prove(known(session), flat, proposal, Conduct(decides=True, in_depth=False))
    assert proof.mix.channel("twin").settings == ChannelSettings(fader_db=-3.0)
    assert sections_of(proof, "twin")["polarity"] == "withheld"
    assert any(reason.startswith("held back: polarity") for reason in proof.mix.channel("twin").reasons)
    assert proof.insight.verification.after.mix.channel("twin").settings == ChannelSettings(fader_db=-3.0)
    as_saved = prove(known(session), flat, proposal, Conduct(in_depth=False))
    assert as_saved.mix == proposal


def test_in_depth_adds_who_drove_what_and_what_small_moves_do() -> None:
    session = make_session()
    survey = Survey(load_track)
    heard = RuleEngineer(survey).listen(session)
    survey.complete(session)
    mix, shares = heard.propose(), []
    conduct = Conduct(progress=lambda share, what: shares.append(share))
    proof = prove(Knowledge(session, survey, heard), FLAT, mix, conduct)
    assert proof.mix == mix
    assert proof.insight.influence is not None
    assert proof.insight.influence.names == tuple(c.name for c in mix.channels)
    assert proof.insight.verification.alone.keys() == {c.name for c in mix.channels if c.settings != ChannelSettings()}
    assert any(reason.sensitivity for card in proof.insight.cards for reason in card.reasons)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert session.sample_rate == RATE


def test_throughout_looks_at_all_of_the_session(offset: tuple[Session, Mix]) -> None:
    session, flat = offset
    quieter = Mix(tuple(replace(c, settings=ChannelSettings(fader_db=-6.0)) for c in flat.channels))
    proof = prove(known(session), flat, quieter, Conduct(in_depth=False, throughout=True))
    facts = proof.insight.verification
    assert sum(span.end_s - span.start_s for span in facts.spans) == pytest.approx(session.duration_s)
    assert facts.after.measurement.duration_s == pytest.approx(session.duration_s)
