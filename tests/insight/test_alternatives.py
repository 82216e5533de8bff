"""Alternatives are what is really proposed once the user says that the track is something else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import pytest

from assistant.demo_session import demo_folder
from assistant.engineers.hearing import NOTHING_SAID
from assistant.engineers.interface import make_engineer
from assistant.insight.alternatives import find_alternatives
from assistant.insight.moves import find_moves, is_audible
from assistant.mix import Change, ChannelMix, ChannelSettings, Mix
from protocols.stems import read_stems_folder


def test_the_second_role_is_what_the_user_would_get_by_saying_so():
    session, _ = read_stems_folder(demo_folder())
    engineer = make_engineer("dmc")
    heard = engineer.listen(session)
    mix = heard.propose()
    found = find_alternatives(heard, mix)
    assert set(found) == set(heard.torn) != set(), "else nothing is shown"
    name, alternative = next((n, a) for n, a in found.items() if a.changes)
    said = tuple(replace(t, role=alternative.role) if t.name == name else t for t in session.tracks)
    other = engineer.propose(replace(session, tracks=said)).channel(name)
    assert (other.role, other.role_confidence) == (alternative.role, 1.0)
    assert alternative.role != mix.channel(name).role
    old = mix.channel(name).settings
    moved = [param for param, steps in find_moves(old, other.settings).items() if is_audible(steps)]
    assert [change.param for change in alternative.changes] == moved
    for change in alternative.changes:
        assert (change.old, change.new) == (old[change.param], other.settings[change.param])
    assert f"if taken for {alternative.role} ({alternative.share:.0%}): " in alternative.sentence


@dataclass(frozen=True)
class Torn:
    """Three tracks at -5 dB; ``settings`` of them once "x" is a synth."""

    settings: Mapping[str, ChannelSettings]
    torn: Mapping[str, tuple[str, float]]

    def propose(self, without: Collection[str] = (), roles: Mapping[str, str] = NOTHING_SAID) -> Mix:
        plain = ChannelSettings(fader_db=-5.0, highpass_on=1.0, highpass_hz=95.0, comp_attack_ms=20.0)
        told = self.settings if roles else {}
        return Mix(tuple(ChannelMix(name, told.get(name, plain)) for name in "xyz" if name not in without))


OTHER = ChannelSettings(fader_db=-2.0, comp_ratio=3.0, comp_threshold_db=-24.0, comp_attack_ms=20.0, peak1_gain_db=0.2)


def test_words():
    heard = Torn({"x": OTHER}, {"x": ("synth", 0.31)})
    [alternative] = find_alternatives(heard, heard.propose()).values()
    assert alternative.sentence == (
        "if taken for synth (31%): fader -2.0 dB instead of -5.0, high-pass off instead of at 95 Hz, "
        "compressor 3:1 over -24 dB, 20/120 ms instead of off"
    )
    assert alternative.changes[0] == Change("x", "fader_db", -5.0, -2.0)


def test_what_would_not_be_heard_is_not_told():
    heard = Torn({}, {"x": ("synth", 0.2)})
    [alternative] = find_alternatives(heard, heard.propose()).values()
    assert alternative.changes == ()
    assert alternative.sentence == "if taken for synth (20%): nothing would sound different"


def test_the_others_are_told_of_where_they_move_together():
    quieter = ChannelSettings(fader_db=-6.5)
    heard = Torn({"y": quieter, "z": quieter}, {"x": ("lead vocal", 0.4)})
    [alternative] = find_alternatives(heard, heard.propose()).values()
    assert alternative.shared == pytest.approx(-1.5)
    assert alternative.sentence == "if taken for lead vocal (40%): most other faders -1.5 dB"


def test_what_the_engineer_did_not_decide_is_left_out():
    heard = Torn({"x": OTHER}, {"x": ("synth", 0.31)})
    mix = heard.propose()
    moved = replace(mix.channels[0], settings=mix.channels[0].settings.with_values(fader_db=0.0))
    [alternative] = find_alternatives(heard, replace(mix, channels=(moved, *mix.channels[1:]))).values()
    assert "fader" not in alternative.sentence
