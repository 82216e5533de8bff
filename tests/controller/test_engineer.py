"""The engineer ``dmc`` as a whole: invariances, ranges, reasons, odd sessions."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr
import torch
from controller.conftest import SMALL, make_network
from engineers.conftest import RATE, make_track

from assistant.controller.engineer import DmcEngineer
from assistant.controller.staging import LEAST_EQ_DB, LEAST_SEND_DB
from assistant.controller.weights import save_weights
from assistant.engineers.interface import make_engineer
from assistant.engineers.levels import FADER_RANGE_DB
from assistant.mix import BusSettings, ChannelSettings, Mix, Session, Track
from assistant.params import BY_NAME, CHANNEL_PARAMS
from assistant.tasks import Cancelled

GAINS = [p.name for p in CHANNEL_PARAMS if p.name.endswith("gain_db")] + ["fader_db", "send_db"]


@pytest.fixture(scope="module")
def mix(engineer: DmcEngineer, small_session: Session) -> Mix:
    return engineer.propose(small_session)


def furthest(one: Mix, other: Mix, names: set[str]) -> float:
    """The greatest difference of any setting but those left out, in units of its whole range."""
    params = [p for p in CHANNEL_PARAMS if p.name not in names]
    return max(
        abs(p.to_unit(c.settings[p.name]) - p.to_unit(other.channel(c.name).settings[p.name]))
        for c in one.channels
        for p in params
    )


def test_the_order_does_not_matter(engineer: DmcEngineer, small_session: Session, mix: Mix) -> None:
    for order in ([5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 4, 3]):
        turned = engineer.propose(replace(small_session, tracks=tuple(small_session.tracks[i] for i in order)))
        assert [c.name for c in turned.channels] == [small_session.tracks[i].name for i in order]
        assert furthest(mix, turned, set()) < 1e-5
        assert turned.reverb == mix.reverb
    assert engineer.propose(small_session) == mix


def test_silent_tracks_change_nothing(engineer: DmcEngineer, small_session: Session, mix: Mix) -> None:
    silent = small_session.tracks[-1]
    more = tuple(replace(silent, name=f"Spare {i}") for i in range(7))
    crowded = engineer.propose(replace(small_session, tracks=(*more[:3], *small_session.tracks, *more[3:])))
    assert [crowded.channel(c.name) for c in mix.channels] == list(mix.channels)
    for one in more:
        channel = crowded.channel(one.name)
        assert channel.settings == ChannelSettings()
        assert channel.reasons == ("left alone: no sample above -80 dBFS, or softer than -70 LUFS",)


def test_input_gain_changes_the_trim_alone(engineer: DmcEngineer, small_session: Session, mix: Mix) -> None:
    gains_db = {track.name: (-20.0, 20.0, 0.0)[i % 3] for i, track in enumerate(small_session.tracks[:-1])}
    tracks = tuple(
        replace(t, audio=t.audio * np.float32(10 ** (gains_db.get(t.name, 0.0) / 20))) for t in small_session.tracks
    )
    moved = engineer.propose(replace(small_session, tracks=tracks))
    assert furthest(mix, moved, {"trim_db"}) < 6e-3  # a hundredth of the pan's, a tenth of a decibel: they are rounded
    for name, gain_db in gains_db.items():
        trims = (mix.channel(name).settings["trim_db"], moved.channel(name).settings["trim_db"])
        assert trims[0] - trims[1] == pytest.approx(gain_db, abs=0.05)
        assert moved.channel(name).role == mix.channel(name).role


def test_another_sample_rate_gives_the_same_gains(engineer: DmcEngineer, small_session: Session, mix: Mix) -> None:
    def at_96_khz(track: Track) -> Track:
        audio = np.ascontiguousarray(soxr.resample(track.audio.T, RATE, 96_000, quality="VHQ").T, np.float32)
        return replace(track, audio=audio, sample_rate=96_000, num_samples=audio.shape[1])

    tracks = tuple(at_96_khz(t) for t in small_session.tracks)
    other = engineer.propose(Session(tracks, 96_000, tempo=small_session.tempo))
    for channel in mix.channels:
        for name in GAINS:
            gains_db = [_unless_left_out(name, c.settings[name]) for c in (channel, other.channel(channel.name))]
            assert gains_db[0] == pytest.approx(gains_db[1], abs=0.301), (channel.name, name)


def _unless_left_out(name: str, gain_db: float) -> float:
    """What is about to be left out as too small counts as left out: there a hair's breadth decides."""
    if name == "send_db":
        return max(gain_db, LEAST_SEND_DB)
    return gain_db if name == "fader_db" or abs(gain_db) > LEAST_EQ_DB + 0.3 else 0.0


def test_tracks_are_told_apart(mix: Mix) -> None:
    """Else the invariances above would show nothing."""
    audible = [c.settings for c in mix.channels[:-1]]
    assert len({s["fader_db"] for s in audible}) >= 4
    assert np.std([s["fader_db"] for s in audible]) > 0.3


def test_ranges(mix: Mix) -> None:
    for channel in mix.channels:
        assert FADER_RANGE_DB[0] <= channel.settings["fader_db"] <= FADER_RANGE_DB[1]
        for param in CHANNEL_PARAMS:
            value = channel.settings[param.name]
            if value != param.default and param.curve != "toggle":
                assert param.low < value < param.high, (channel.name, param.name)
    assert all(BY_NAME[name].low < value < BY_NAME[name].high for name, value in mix.reverb.items())
    assert mix.reverb["reverb_return_db"] == 0.0


def test_every_changed_section_has_a_reason_with_its_number(mix: Mix) -> None:
    words = {"input": "trim", "highpass": "high-pass", "eq": "EQ", "compressor": "compressor", "fader": "fader"}
    words |= {"pan": ("pan", "width"), "send": "reverb send"}  # type: ignore[dict-item]
    for channel in mix.channels[:-1]:
        assert channel.role in " ".join(channel.reasons[:1])
        assert 0.0 < channel.role_confidence <= 1.0
        assert any(r.startswith("listened from 0:0") for r in channel.reasons)
        expected_db = float(next(r for r in channel.reasons if "half of the time" in r).split("within ")[1].split()[0])
        assert channel.level_spread_db == pytest.approx(expected_db / math.log(2.0), abs=0.08)
        changed = channel.settings.changed()
        for section in {p.section for p in CHANNEL_PARAMS if p.name in changed}:
            about = [r for r in channel.reasons if r.startswith(words[section])]
            assert about, (channel.name, section)
            assert any(any(c.isdigit() for c in r) for r in about)


def test_the_users_role_is_certain(engineer: DmcEngineer, small_session: Session) -> None:
    tracks = tuple(replace(t, role="lead guitar") if t.name == "Gtr" else t for t in small_session.tracks)
    channel = engineer.propose(replace(small_session, tracks=tracks)).channel("Gtr")
    assert (channel.role, channel.role_confidence) == ("lead guitar", 1.0)
    assert channel.reasons[0] == "lead guitar: 100% sure, as you say so"
    with pytest.raises(ValueError, match="unknown role 'xylorimba'"):
        engineer.propose(replace(small_session, tracks=(replace(tracks[0], role="xylorimba"),)))


def test_second_thoughts_are_those_of_the_reasons(engineer: DmcEngineer, small_session: Session) -> None:
    heard = engineer.listen(small_session)
    told = {c.name: c.reasons[0].partition("; or else ")[2] for c in heard.propose().channels}
    assert {name: f"{role}, {share:.0%}" for name, (role, share) in heard.torn.items()} == {
        name: text for name, text in told.items() if text
    }
    for name in heard.torn:
        tracks = tuple(replace(t, role="pad") if t.name == name else t for t in small_session.tracks)
        assert name not in engineer.listen(replace(small_session, tracks=tracks)).torn
    assert engineer.listen(replace(small_session, tracks=small_session.tracks[-1:])).torn == {}


def test_the_users_word_can_be_taken_back(engineer: DmcEngineer, small_session: Session, mix: Mix) -> None:
    tracks = tuple(replace(t, role="lead guitar") if t.name == "Gtr" else t for t in small_session.tracks)
    heard = engineer.listen(replace(small_session, tracks=tracks))
    assert heard.propose(roles={"Gtr": ""}) == mix
    assert heard.propose() == engineer.propose(replace(small_session, tracks=tracks)) != mix


def test_what_was_heard_without_names_is_asked_without_names(engineer: DmcEngineer, small_session: Session) -> None:
    blind = replace(engineer, use_names=False)
    lacking = replace(small_session, tracks=small_session.tracks[1:])
    assert blind.listen(small_session).propose(without={small_session.tracks[0].name}) == blind.propose(lacking)


def test_names_count_unless_they_must_not(engineer: DmcEngineer, small_session: Session) -> None:
    """Without names, any other name of the same place in the alphabet gives the same."""
    renamed = tuple(replace(t, name=f"{t.name[0]} {i}") for i, t in enumerate(small_session.tracks))
    blind = replace(engineer, use_names=False)
    first, second = blind.propose(small_session), blind.propose(replace(small_session, tracks=renamed))
    assert [c.settings for c in first.channels] == [c.settings for c in second.channels]
    seeing = [engineer.propose(s) for s in (small_session, replace(small_session, tracks=renamed))]
    assert [c.settings for c in seeing[0].channels] != [c.settings for c in seeing[1].channels]


def test_the_start_of_a_track_is_heeded(engineer: DmcEngineer, small_session: Session) -> None:
    late = tuple(replace(t, start_s=65.0) for t in small_session.tracks)
    channel = engineer.propose(replace(small_session, tracks=late)).channels[0]
    assert any(r.startswith("listened from 1:05") for r in channel.reasons)


@pytest.mark.parametrize("samples", [1, 100, 4_410])
def test_very_short_tracks(engineer: DmcEngineer, samples: int) -> None:
    tracks = [make_track("Vox", "vocal"), make_track("snare", "snare", channels=2)]
    short = tuple(replace(t, audio=t.audio[:, 300 : 300 + samples], num_samples=samples) for t in tracks)
    mix = engineer.propose(Session(short, RATE))
    assert [c.name for c in mix.channels] == ["Vox", "snare"]


def test_one_track(engineer: DmcEngineer, small_session: Session) -> None:
    mix = engineer.propose(replace(small_session, tracks=small_session.tracks[:1]))
    assert mix.engineer == "dmc"
    assert mix.channels[0].settings["fader_db"] in (0.0, -4.0)


def test_two_hundred_tracks(engineer: DmcEngineer) -> None:
    rng = np.random.default_rng(5)
    names = ("gtr", "bgv", "kick", "syn", "x")
    tracks = tuple(
        Track(f"{names[i % 5]} {i}", None, rng.normal(0, 0.1, (1 + i % 2, 8_000)), 1 + i % 2, 16_000, 8_000)
        for i in range(200)
    )
    shares: list[float] = []
    mix = engineer.propose(Session(tracks, 16_000), lambda share, _what: shares.append(share))
    assert len(mix.channels) == 200
    assert shares == sorted(shares)
    assert (len(shares), shares[-1]) == (200, 1.0)


def test_nothing_to_hear(engineer: DmcEngineer, small_session: Session) -> None:
    assert engineer.propose(Session((), RATE)).channels == ()
    silent = engineer.propose(replace(small_session, tracks=small_session.tracks[-1:]))
    assert silent.channels[0].settings == ChannelSettings()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused_by_name(engineer: DmcEngineer, small_session: Session, value: float) -> None:
    audio = small_session.tracks[2].audio.copy()
    audio[0, 1_000] = value
    tracks = (*small_session.tracks[:2], replace(small_session.tracks[2], audio=audio))
    with pytest.raises(ValueError, match="track 'Lead Vox': audio holds NaN or infinity"):
        engineer.propose(replace(small_session, tracks=tracks))


def test_errors_and_stops_are_not_hidden(engineer: DmcEngineer, small_session: Session) -> None:
    def load(_track: Track, _rate: int) -> np.ndarray:
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        replace(engineer, load=load).propose(small_session)
    with pytest.raises(Cancelled):
        engineer.propose(small_session, is_cancelled=lambda: True)


def test_the_threads_of_torch_are_left_as_they_were(engineer: DmcEngineer, small_session: Session) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        engineer.propose(replace(small_session, tracks=small_session.tracks[:1]))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_table_makes_it(own_weights: Path, small_session: Session) -> None:
    engineer = make_engineer("dmc", weights=own_weights)
    assert engineer.propose(small_session).engineer == engineer.name == "dmc"


def test_gain_and_pan_alone(tmp_path: Path, small_session: Session) -> None:
    """DMC-basic: nothing else is set, and the sides are the network's own."""
    save_weights(tmp_path / "basic.safetensors", make_network(replace(SMALL, task="basic"), seed=3), {})
    engineer = DmcEngineer(lambda track, _rate: track.audio, tmp_path / "basic.safetensors")
    mix = engineer.propose(small_session)
    changed = {name for c in mix.channels for name in c.settings.changed()}
    assert changed == {"trim_db", "fader_db", "pan"}
    assert mix.reverb == BusSettings()
    mirrored = make_network(replace(SMALL, task="basic"), seed=3)
    mirrored.positions.weight[1].neg_()
    mirrored.positions.bias[1].neg_()
    save_weights(tmp_path / "basic.safetensors", mirrored, {})
    for before, after in zip(mix.channels, engineer.propose(small_session).channels, strict=True):
        assert after.settings["pan"] == -before.settings["pan"]
