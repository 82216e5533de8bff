"""The engineer's rules as laws: raw level does not matter, the rest of the kit does, and the console agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from assistant.analysis.loudness import integrated_loudness
from assistant.console.console import mix as console_mix
from assistant.console.parameters import default_settings, pack_settings
from assistant.mix import ChannelSettings, Mix, Session
from assistant.params import BY_NAME, REVERB_PARAMS
from assistant.training.drums.desk import look_at, mix_down, part_of
from assistant.training.drums.engineer import LEVEL_LU, LEVEL_RULES, MIX_LUFS, level_lu, mix_drums
from assistant.training.drums.example import DrumExample

Without = Callable[[Session, str], Session]


def settings_of(mix: Mix) -> dict[str, ChannelSettings]:
    return {channel.name: channel.settings for channel in mix.channels}


def balance(mix: Mix, part: str, session: Session) -> float:
    """Fader of the first track of ``part`` over the kick's."""
    parts = {t.name: part_of(t) for t in session.tracks}
    faders = {parts[c.name]: c.settings["fader_db"] for c in reversed(mix.channels)}
    return faders[part] - faders["kick"]


def through_console(session: Session, mix: Mix) -> np.ndarray:
    length = session.tracks[0].audio.shape[1]
    audio = torch.zeros(1, len(session.tracks), 2, length)
    for index, track in enumerate(session.tracks):
        audio[0, index, : track.channels] = torch.from_numpy(track.audio)
    stereo = torch.tensor([[track.channels == 2 for track in session.tracks]])
    channels = pack_settings([channel.settings for channel in mix.channels]).unsqueeze(0)
    reverb = default_settings(1, REVERB_PARAMS)
    return console_mix(audio, channels, reverb, 0.0, session.sample_rate, is_stereo=stereo)[0].numpy()


def bands(audio: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    hz = np.fft.rfftfreq(audio.shape[1], 1.0 / 44_100)
    spectrum = np.fft.rfft(audio)
    spectrum[:, (hz < low_hz) | (hz > high_hz)] = 0.0
    return np.fft.irfft(spectrum)


def side_share(audio: np.ndarray) -> float:
    middle, side = audio[0] + audio[1], audio[0] - audio[1]
    return float(np.square(side).mean() / np.square(middle).mean())


def test_a_raw_gain_changes_the_trim_alone(examples: list[DrumExample]) -> None:
    for example in examples[:3]:
        for index, track in enumerate(example.session.tracks):
            tracks = list(example.session.tracks)
            tracks[index] = replace(track, audio=track.audio * np.float32(10.0 ** (6.0 / 20.0)))
            louder = settings_of(mix_drums(replace(example.session, tracks=tuple(tracks))))
            for name, before in settings_of(example.mix).items():
                change = -6.0 if name == track.name else 0.0
                assert louder[name]["trim_db"] == pytest.approx(before["trim_db"] + change, abs=0.011)
                assert louder[name]["fader_db"] == pytest.approx(before["fader_db"], abs=0.011)
                assert louder[name]["pan"] == before["pan"]


def test_the_order_of_tracks_does_not_matter(examples: list[DrumExample]) -> None:
    for example in examples[:6]:
        turned = replace(example.session, tracks=example.session.tracks[::-1])
        after = settings_of(mix_drums(turned))
        for name, before in settings_of(example.mix).items():
            assert after[name]["fader_db"] == pytest.approx(before["fader_db"], abs=0.011)
            assert after[name]["pan"] == before["pan"]


def test_settings_stay_well_inside_the_console(examples: list[DrumExample]) -> None:
    for example in examples:
        for channel in example.mix.channels:
            assert abs(channel.settings["trim_db"]) < 40.0
            assert -30.0 < channel.settings["fader_db"] < 6.0
            assert abs(channel.settings["pan"]) <= 0.9
            untouched = set(BY_NAME) - {"trim_db", "fader_db", "pan", "width", "polarity_inverted"}
            assert not untouched & set(channel.settings.changed())


def test_without_overheads_the_cymbals_come_up(examples: list[DrumExample], without: Without) -> None:
    with_overheads = [e for e in examples if any(t.role == "overheads" for t in e.session.tracks)]
    for example in with_overheads[:5]:
        bare = without(example.session, "Overhead")
        mix = mix_drums(bare)
        change = balance(mix, "hihat", bare) - balance(example.mix, "hihat", example.session)
        assert change == pytest.approx(5.0, abs=0.02)
        change = balance(mix, "snare", bare) - balance(example.mix, "snare", example.session)
        assert change == pytest.approx(1.5, abs=0.02)


def test_fewer_close_microphones_leave_more_to_the_overheads(examples: list[DrumExample], without: Without) -> None:
    example = next(e for e in examples if look_at(e.session).num_close >= 6 and look_at(e.session).count("overheads"))
    fewer = without(example.session, "Tom")
    assert balance(mix_drums(fewer), "overheads", fewer) > balance(example.mix, "overheads", example.session) + 1.0


def test_a_ride_moves_the_hi_hat_out(examples: list[DrumExample], without: Without) -> None:
    example = next(e for e in examples if any(t.name == "Ride" for t in e.session.tracks))
    pans = {name: s["pan"] for name, s in settings_of(example.mix).items()}
    alone = settings_of(mix_drums(without(example.session, "Ride")))
    assert pans["Ride"] * pans["Hi-Hat"] < 0.0
    assert abs(alone["Hi-Hat"]["pan"]) < abs(pans["Hi-Hat"])


def test_a_fast_song_has_less_room(examples: list[DrumExample]) -> None:
    example = next(e for e in examples if any(t.name == "Room" for t in e.session.tracks))
    slow, fast = (replace(example.session, tempo=tempo) for tempo in (80.0, 160.0))
    change = balance(mix_drums(fast), "room", fast) - balance(mix_drums(slow), "room", slow)
    assert change == pytest.approx(-6.0, abs=0.02)


def test_toms_stand_in_the_order_of_their_pitch(examples: list[DrumExample]) -> None:
    """Toms are numbered from high to low when they are made; the engineer hears it without the numbers."""
    for example in examples:
        desk = look_at(example.session)
        assert list(desk.toms) == sorted(desk.toms)
        pans = [desk.hat_side * example.mix.channel(name).settings["pan"] for name in desk.toms]
        assert pans == sorted(pans, reverse=True)
        shuffled = tuple(
            replace(t, name=f"Tom {9 - int(t.name[-1])}") if t.name.startswith("Tom") else t
            for t in example.session.tracks
        )
        renamed = mix_drums(replace(example.session, tracks=shuffled))
        assert [c.settings["pan"] for c in renamed.channels] == [c.settings["pan"] for c in example.mix.channels]


def test_mirrored_overheads_mirror_the_close_microphones(examples: list[DrumExample]) -> None:
    example = next(e for e in examples if any(t.name == "Overheads" for t in e.session.tracks))
    tracks = tuple(replace(t, audio=t.audio[::-1]) for t in example.session.tracks)
    mirrored = settings_of(mix_drums(replace(example.session, tracks=tracks)))
    for name, before in settings_of(example.mix).items():
        assert mirrored[name]["pan"] == -before["pan"]


def test_a_pair_of_overheads_is_told_apart_by_its_hi_hat(examples: list[DrumExample]) -> None:
    example = next(e for e in examples if any(t.name == "Overhead 2" for t in e.session.tracks))
    sides = {c.name: c.settings["pan"] for c in example.mix.channels if c.name.startswith("Overhead")}
    swapped = {"Overhead 1": "Overhead 2", "Overhead 2": "Overhead 1"}
    tracks = tuple(replace(t, name=swapped.get(t.name, t.name)) for t in example.session.tracks)
    after = settings_of(mix_drums(replace(example.session, tracks=tracks)))
    assert sides["Overhead 1"] == -sides["Overhead 2"]
    assert after["Overhead 1"]["pan"] == sides["Overhead 2"]


def test_the_microphone_under_the_snare_is_turned_around(examples: list[DrumExample]) -> None:
    for example in examples:
        inverted = {c.name for c in example.mix.channels if c.settings["polarity_inverted"]}
        assert inverted == {t.name for t in example.session.tracks if t.name == "Snare Bottom"}


def test_every_rule_is_about_known_parts_and_matters_somewhere(examples: list[DrumExample], without: Without) -> None:
    desks = [look_at(e.session) for e in examples]
    desks.append(look_at(without(examples[0].session, "Overhead")))
    for rule in LEVEL_RULES:
        assert set(rule.parts) <= set(LEVEL_LU)
        assert len({rule.change_lu(desk) for desk in desks}) > 1, rule.reason
    assert len({level_lu("overheads", desk) for desk in desks}) > 3


def test_the_console_renders_what_the_engineer_heard(examples: list[DrumExample]) -> None:
    for example in examples[:6]:
        rendered = through_console(example.session, example.mix)
        assert np.isfinite(rendered).all()
        assert np.abs(rendered - mix_down(example.session, settings_of(example.mix))).max() < 1e-4
        assert integrated_loudness(rendered, 44_100) == pytest.approx(MIX_LUFS, abs=0.1)


def test_mixes_are_wide_at_the_top_and_narrow_at_the_bottom(examples: list[DrumExample]) -> None:
    for example in examples:
        if not any(t.channels == 2 or t.name == "Overhead 2" for t in example.session.tracks):
            continue
        mixed = mix_down(example.session, settings_of(example.mix))
        top, bottom = side_share(bands(mixed, 5_000.0, 15_000.0)), side_share(bands(mixed, 30.0, 70.0))
        assert bottom < 0.05
        assert top > 2.0 * bottom


def test_an_unknown_name_is_refused(examples: list[DrumExample]) -> None:
    first, *others = examples[0].session.tracks
    with pytest.raises(ValueError, match="track 'Trumpet': expected a name with one of"):
        mix_drums(replace(examples[0].session, tracks=(replace(first, name="Trumpet"), *others)))
