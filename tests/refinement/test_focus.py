"""A track that is to come forward does, whatever it plays, and what must not move does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from refinement.conftest import PARTS, RATE, MakeMix

from assistant.analysis.loudness import integrated_loudness
from assistant.audio.reading import load_track
from assistant.console.console import mix as console_mix
from assistant.console.parameters import pack_settings
from assistant.mix import Mix, Session
from assistant.params import CHANNEL_PARAMS, REVERB_PARAMS
from assistant.refinement.catalogue import FOCUS_GOALS
from assistant.refinement.refine import Refinement, refine
from assistant.refinement.trust import RADII_DB


def over_rest_lu(session: Session, mix: Mix, name: str) -> float:
    """Loudness of one track over all others together, by the console and the meter, not by the goals' own levels."""
    import torch

    def loudness(names: list[str]) -> float:
        channels = [mix.channel(track).settings for track in names]
        audio = torch.zeros(1, len(names), 2, session.tracks[0].num_samples, dtype=torch.float64)
        for row, track in enumerate(names):
            audio[0, row, : session.track(track).channels] = torch.from_numpy(session.track(track).audio.astype("f8"))
        is_stereo = torch.tensor([[session.track(track).channels == 2 for track in names]])
        settings = pack_settings(channels, CHANNEL_PARAMS, torch.float64)[None]
        bus = pack_settings([mix.reverb], REVERB_PARAMS, torch.float64)
        return integrated_loudness(console_mix(audio, settings, bus, 0.0, RATE, is_stereo=is_stereo)[0].numpy(), RATE)

    return loudness([name]) - loudness([other for other in PARTS if other not in (name, "unused")])


def focused(session: Session, mix: Mix, name: str, **options: object) -> Refinement:
    return refine(session, mix, load_track, FOCUS_GOALS, focus=name, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["low", "pad", "drums", "singer"])
def test_any_track_comes_forward(session: Session, make_mix: MakeMix, name: str) -> None:
    mix = make_mix(pad={"peak2_gain_db": 2.0})
    done = focused(session, mix, name)
    risen_lu = over_rest_lu(session, done.mix, name) - over_rest_lu(session, mix, name)
    assert 1.8 < risen_lu < 4.0
    (goal,) = (g for g in done.goals if g.goal == "focus")
    assert goal.after - goal.before == pytest.approx(risen_lu, abs=0.5)
    for change in done.changes:
        assert abs(change.new - change.old) <= RADII_DB[change.param] + 1e-9
    faders = {c.name: c.settings["fader_db"] for c in done.mix.channels}
    assert faders.pop(name) > 0.5
    assert max(faders.values()) <= 0.0
    assert any("towards focus" in reason for reason in done.mix.channel(name).reasons)


def test_a_deep_track_is_not_dug_out(session: Session, make_mix: MakeMix) -> None:
    mix = make_mix(pad={"fader_db": -30.0})
    done = focused(session, mix, "pad")
    assert 1.5 < over_rest_lu(session, done.mix, "pad") - over_rest_lu(session, mix, "pad") < 4.0


def test_locked_tracks_and_settings_stay(session: Session, make_mix: MakeMix) -> None:
    mix = make_mix(pad={"peak2_gain_db": 2.0})
    done = focused(session, mix, "pad", may_move=lambda track, param: track != "drums" and param != "peak2_gain_db")
    assert done.mix.channel("drums") == mix.channel("drums")
    assert {change.param for change in done.changes} == {"fader_db"}
    assert over_rest_lu(session, done.mix, "pad") - over_rest_lu(session, mix, "pad") > 1.5
    stuck = focused(session, mix, "pad", may_move=lambda track, param: False)
    assert stuck.mix == mix
    assert all(goal.before == goal.after for goal in stuck.goals)


def test_the_others_make_way_for_a_locked_track(session: Session, make_mix: MakeMix) -> None:
    done = focused(session, make_mix(), "pad", may_move=lambda track, param: track != "pad")
    assert {change.track for change in done.changes} <= {"drums", "low", "singer"}
    assert over_rest_lu(session, done.mix, "pad") - over_rest_lu(session, make_mix(), "pad") > 1.5


def test_the_order_of_the_tracks_changes_nothing(session: Session, make_mix: MakeMix) -> None:
    mix = make_mix()
    other = focused(replace(session, tracks=session.tracks[::-1]), replace(mix, channels=mix.channels[::-1]), "low")
    for channel in focused(session, mix, "low").mix.channels:
        assert other.mix.channel(channel.name) == channel


def test_a_focus_adds_its_goals_and_takes_the_vocals_place(session: Session, make_mix: MakeMix) -> None:
    done = refine(session, make_mix(), load_track, ["vocal"], focus="pad", steps=2)
    assert [goal.goal for goal in done.goals] == ["vocal", "masking", "focus"]
    assert np.isnan(done.goals[0].before)
    assert done.goals[0].sentence == "left out: the track that is to come forward is put before the lead vocal"


def test_a_focus_that_is_silent_unknown_or_not_named(session: Session, make_mix: MakeMix) -> None:
    mix = make_mix()
    silent = focused(session, mix, "unused")
    assert silent.mix == mix
    assert {goal.sentence for goal in silent.goals} == {"left out: the track named does not play beside others"}
    nobody = refine(session, mix, load_track, ["focus"])
    assert nobody.goals[0].sentence == "left out: no track was named that is to come forward"
    with pytest.raises(ValueError, match="unknown track 'lo'; did you mean 'low'"):
        focused(session, mix, "lo")
