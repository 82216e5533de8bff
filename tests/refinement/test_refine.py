"""What refinement does to a proposal: helps, explains itself, and stays inside the trust region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from refinement.conftest import MakeMix

from assistant.audio.reading import load_track
from assistant.mix import Mix, Session
from assistant.params import CHANNEL_NAMES
from assistant.refinement.catalogue import DEFAULT_GOALS, GOAL_SUMMARIES, check_goals
from assistant.refinement.goals import GOALS
from assistant.refinement.refine import SMALLEST_DB, Refinement, refine
from assistant.refinement.trust import RADII_DB
from assistant.tasks import Cancelled

BURIED = {
    "singer": {"fader_db": -8.0, "peak2_gain_db": -3.0, "send_db": -12.0},
    "pad": {"peak2_gain_db": 2.0, "comp_ratio": 3.0, "comp_threshold_db": -30.0},
}


@pytest.fixture(scope="module")
def refined(session: Session) -> Refinement:
    from refinement.conftest import make_mix

    return refine(session, make_mix.__wrapped__()(**BURIED), load_track)


def of(refinement: Refinement, goal: str) -> tuple[float, float]:
    return next((g.before, g.after) for g in refinement.goals if g.goal == goal)


def test_a_buried_vocal_is_raised(session: Session, make_mix: MakeMix) -> None:
    done = refine(session, make_mix(**BURIED), load_track, ["vocal"])
    before, after = of(done, "vocal")
    assert before < -9.0
    assert before + 2.0 < after < -6.5
    raised = done.mix.channel("singer")
    assert raised.settings["fader_db"] > -8.0
    assert raised.reasons[0] == "heard"
    assert any(r.startswith("refined: fader +") and "towards vocal" in r for r in raised.reasons)
    assert done.mix.engineer == "toy, refined"
    assert [g.goal for g in done.goals] == ["vocal"]


def test_no_box_is_left(session: Session, make_mix: MakeMix) -> None:
    """Not even by a vocal that is far too low."""
    mix = make_mix(singer={"fader_db": -16.0, "peak1_gain_db": -1.0}, low={"peak1_gain_db": 14.5})
    done = refine(session, mix, load_track)
    assert done.mix.channel("singer").settings["fader_db"] == -13.0
    for channel in done.mix.channels:
        old = mix.channel(channel.name).settings
        for name in CHANNEL_NAMES:
            moved = abs(channel.settings[name] - old[name])
            assert moved <= RADII_DB.get(name, 0.0) + 1e-9
            assert moved == 0.0 or moved >= SMALLEST_DB - 1e-9
    assert done.mix.channel("singer").settings["peak1_gain_db"] <= 0.0


def test_what_is_silent_or_off_stays(refined: Refinement, make_mix: MakeMix) -> None:
    before = make_mix(**BURIED)
    assert refined.mix.channel("unused") == before.channel("unused")
    assert refined.changes
    movable_eq = {("singer", "peak2_gain_db"), ("pad", "peak2_gain_db"), ("singer", "send_db")}
    for change in refined.changes:
        assert change.param == "fader_db" or (change.track, change.param) in movable_eq
        assert refined.mix.channel(change.track).settings[change.param] == change.new
        assert before.channel(change.track).settings[change.param] == change.old
    reasons = sum(len(c.reasons) - 1 for c in refined.mix.channels)
    assert reasons == len(refined.changes)
    assert refined.mix.reverb == before.reverb
    assert refined.mix.master == before.master


def test_every_goal_is_measured_and_the_losses_fall(refined: Refinement) -> None:
    assert tuple(g.goal for g in refined.goals) == DEFAULT_GOALS
    for goal in refined.goals:
        assert np.isfinite([goal.before, goal.after]).all()
        assert goal.sentence.startswith(GOALS[goal.goal].subject)
    assert of(refined, "vocal")[1] > of(refined, "vocal")[0]
    assert of(refined, "masking")[1] < of(refined, "masking")[0]


def test_the_order_of_the_tracks_changes_nothing(session: Session, make_mix: MakeMix, refined: Refinement) -> None:
    mix = make_mix(**BURIED)
    other = replace(mix, channels=mix.channels[::-1])
    again = refine(replace(session, tracks=session.tracks[::-1]), other, load_track)
    assert [c.name for c in again.mix.channels] == [c.name for c in other.channels]
    for channel in again.mix.channels:
        assert channel == refined.mix.channel(channel.name)


def test_it_is_deterministic_and_mutates_nothing(session: Session, make_mix: MakeMix, refined: Refinement) -> None:
    copies = [np.array(track.audio) for track in session.tracks]
    assert refine(session, make_mix(**BURIED), load_track) == refined
    for track, copy in zip(session.tracks, copies, strict=True):
        np.testing.assert_array_equal(track.audio, copy)


def test_the_input_level_changes_nothing(session: Session, make_mix: MakeMix, refined: Refinement) -> None:
    """As long as the trim makes up for it."""
    louder = tuple(replace(t, audio=t.audio * np.float32(4.0)) for t in session.tracks)
    trim = -20.0 * np.log10(4.0)
    mix = make_mix(**{name: BURIED.get(name, {}) | {"trim_db": trim} for name in ("drums", "low", "pad", "singer")})
    again = refine(replace(session, tracks=louder), mix, load_track)
    for channel in again.mix.channels:
        for name in RADII_DB:
            expected = refined.mix.channel(channel.name).settings[name]
            assert channel.settings[name] == pytest.approx(expected, abs=0.11)


@pytest.mark.parametrize("asked", [1, 6, 12, 40])
def test_cancelling(session: Session, make_mix: MakeMix, asked: int) -> None:
    count = 0

    def is_cancelled() -> bool:
        nonlocal count
        count += 1
        return count >= asked

    if asked == 40:
        refine(session, make_mix(), load_track, ["tone"], steps=1, is_cancelled=is_cancelled)
        assert count < asked
    else:
        with pytest.raises(Cancelled):
            refine(session, make_mix(), load_track, ["tone"], steps=1, is_cancelled=is_cancelled)


def test_progress_rises_to_one(session: Session, make_mix: MakeMix) -> None:
    heard: list[float] = []
    refine(session, make_mix(), load_track, ["vocal"], steps=2, progress=lambda share, _what: heard.append(share))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_goals_that_do_not_apply_say_so(session: Session, make_mix: MakeMix) -> None:
    mix = make_mix()
    nameless = replace(mix, channels=tuple(replace(c, role="") for c in mix.channels))
    done = refine(session, nameless, load_track, ["vocal", "balance", "masking"])
    assert done.mix == nameless
    assert [g.sentence for g in done.goals] == [
        "left out: no lead vocal beside other tracks",
        "left out: fewer than two of vocals, drums, bass and others are known to play",
        "left out: no lead vocal or solo beside other tracks",
    ]
    assert np.isnan([g.before for g in done.goals]).all()


def test_a_silent_session(session: Session, make_mix: MakeMix) -> None:
    quiet = replace(session, tracks=tuple(replace(t, audio=np.zeros((1, 4000), np.float32)) for t in session.tracks))
    done = refine(quiet, make_mix(), load_track)
    assert done.mix == make_mix()
    assert {g.sentence for g in done.goals} == {"left out: nothing sounds"}


def test_a_track_alone_is_no_error(session: Session) -> None:
    alone = Session((session.track("singer"),), session.sample_rate)
    from assistant.mix import ChannelMix

    done = refine(alone, Mix((ChannelMix("singer", role="lead vocal"),)), load_track)
    assert len(done.goals) == len(DEFAULT_GOALS)
    assert done.mix.engineer in ("", "refined")


def test_unknown_names(session: Session, make_mix: MakeMix) -> None:
    with pytest.raises(ValueError, match="unknown goal 'vocals'; did you mean 'vocal'"):
        refine(session, make_mix(), load_track, ["vocals"])
    with pytest.raises(ValueError, match="no goal named"):
        check_goals([])
    with pytest.raises(ValueError, match="channel 'low', but the session no such track"):
        refine(Session(session.tracks[:1], session.sample_rate), make_mix(), load_track)
    assert check_goals(["tone", "vocal", "tone"]) == ("vocal", "tone")
    assert tuple(GOAL_SUMMARIES) == tuple(GOALS)
