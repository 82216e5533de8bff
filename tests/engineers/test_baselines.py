"""The baselines: what each does to every track, and the table they are asked for by."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.analysis.loudness import integrated_loudness
from assistant.engineers.interface import ENGINEERS, make_engineer
from assistant.engineers.levels import REFERENCE_LUFS
from assistant.mix import ChannelSettings, Session, Track, mix_from_json, mix_to_json
from assistant.tasks import Cancelled

NAMELESS = Session(tuple(Track(f"Audio {i}") for i in range(200)), 48_000)


def test_unknown_engineers_are_named():
    with pytest.raises(ValueError, match=r"did you mean 'rules'.*known: mono, random, equal-loudness, rules"):
        make_engineer("rule")


@pytest.mark.parametrize("name", list(ENGINEERS))
def test_every_engineer_keeps_the_contract(name, band):
    shares = []
    mix = make_engineer(name).propose(band, lambda share, _what: shares.append(share))
    assert mix.engineer == name == make_engineer(name).name
    assert [c.name for c in mix.channels] == [t.name for t in band.tracks]
    assert all(c.reasons and any(ch.isdigit() for ch in c.reasons[0]) for c in mix.channels)
    assert mix.master["master_gain_db"] == 0.0
    assert shares == sorted(shares)
    assert mix_from_json(mix_to_json(mix)) == mix


@pytest.mark.parametrize("name", list(ENGINEERS))
def test_neither_order_nor_repetition_changes_a_setting(name, band):
    mix = make_engineer(name).propose(band)
    turned = make_engineer(name).propose(replace(band, tracks=band.tracks[::-1]))
    assert {c.name: c for c in turned.channels} == {c.name: c for c in mix.channels}
    assert make_engineer(name).propose(band) == mix


@pytest.mark.parametrize("name", list(ENGINEERS))
def test_sessions_of_nothing(name):
    empty = Session((), 48_000)
    assert make_engineer(name).propose(empty).channels == ()
    silent = Session(tuple(Track(f"t{i}", audio=np.zeros((1, 999), np.float32), channels=1) for i in range(3)), 48_000)
    mix = make_engineer(name).propose(silent)
    assert len(mix.channels) == 3
    if name in ("equal-loudness", "rules"):
        assert all(c.settings == ChannelSettings() and "left alone" in c.reasons[0] for c in mix.channels)


@pytest.mark.parametrize("name", ["equal-loudness", "rules"])
def test_cancelling(name, band):
    with pytest.raises(Cancelled, match="13 tracks"):
        make_engineer(name).propose(band, is_cancelled=lambda: True)


def test_mono_is_the_monophonic_sum(band):
    for channel in make_engineer("mono").propose(band).channels:
        assert channel.settings.changed() == {"width": 0.0}


def test_random_is_uniform_and_seeded():
    mixes = [make_engineer("random", seed=seed).propose(NAMELESS) for seed in range(5)]
    gains = np.array([c.settings["fader_db"] for mix in mixes for c in mix.channels])
    pans = np.array([c.settings["pan"] for mix in mixes for c in mix.channels])
    for values, reach in ((gains, 12.0), (pans, 1.0)):
        assert np.abs(values).max() <= reach
        assert np.histogram(values, bins=4, range=(-reach, reach))[0] == pytest.approx([250] * 4, abs=50)
    assert abs(np.corrcoef(gains, pans)[0, 1]) < 0.1
    assert mixes[0] == make_engineer("random").propose(NAMELESS)
    assert len({c.settings["pan"] for mix in mixes for c in mix.channels}) == 1_000


def test_random_draws_by_name_alone():
    some = Session(NAMELESS.tracks[50:60], 48_000)
    whole = make_engineer("random", seed=3).propose(NAMELESS)
    for channel in make_engineer("random", seed=3).propose(some).channels:
        assert channel == whole.channel(channel.name)


def test_equal_loudness_is_equal(band):
    mix = make_engineer("equal-loudness").propose(band)
    for track in band.tracks[:-1]:
        settings = mix.channel(track.name).settings
        assert set(settings.changed()) <= {"trim_db"}
        loudness = integrated_loudness(track.audio, band.sample_rate) + settings["trim_db"]
        assert loudness == pytest.approx(REFERENCE_LUFS, abs=0.1)
