"""The domain's values and their JSON form: what is written comes back, and what is wrong is refused in words."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.mix import (
    FORMAT,
    BusSettings,
    ChannelMix,
    ChannelSettings,
    MasterSettings,
    Mix,
    MixFormatError,
    Session,
    Settings,
    Track,
    mix_from_dict,
    mix_from_json,
    mix_to_dict,
    mix_to_json,
)
from assistant.params import Param


def settings_of(kind: type[Settings]) -> st.SearchStrategy[Settings]:
    def value(param: Param) -> st.SearchStrategy[float]:
        if param.curve == "toggle":
            return st.sampled_from([0.0, 1.0])
        return st.floats(param.low, param.high, allow_nan=False)

    return st.fixed_dictionaries({}, optional={p.name: value(p) for p in kind.PARAMS}).map(kind)


channels = st.builds(
    ChannelMix,
    name=st.text(min_size=1, max_size=20),
    settings=settings_of(ChannelSettings),
    role=st.text(max_size=10),
    role_confidence=st.floats(0, 1),
    reasons=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    level_spread_db=st.none() | st.floats(0, 72),
)
mixes = st.builds(
    Mix,
    channels=st.lists(channels, max_size=4, unique_by=lambda c: c.name).map(tuple),
    reverb=settings_of(BusSettings),
    master=settings_of(MasterSettings),
    target_lufs=st.none() | st.floats(-60, 0),
    engineer=st.text(max_size=10),
)


@given(mixes)
def test_json_returns_the_same_mix(mix: Mix) -> None:
    assert mix_from_json(mix_to_json(mix)) == mix


def document() -> dict[str, Any]:
    return copy.deepcopy(mix_to_dict(Mix((ChannelMix("kick"), ChannelMix("vox")))))


def test_document_has_the_published_shape() -> None:
    top = document()
    assert top["format"] == FORMAT == "mixassist-mix/1"
    assert set(top["tracks"][0]) == {"name", "role", "role_confidence", "settings", "reasons"}
    assert top["tracks"][0]["settings"]["fader_db"] == 0.0
    assert top["master"]["target_lufs"] is None


def test_audio_is_named_relative_to_the_file(tmp_path: Path) -> None:
    track = Track("kick", tmp_path / "stems" / "kick.wav", start_s=1.5)
    session = Session((track,), 48_000, source=tmp_path / "stems")
    top = mix_to_dict(Mix((ChannelMix("kick"),)), session, tmp_path / "mixes")
    assert top["tracks"][0]["file"] == "../stems/kick.wav"
    assert top["tracks"][0]["start_s"] == 1.5
    assert top["session"] == {"source": "../stems", "sample_rate": 48_000, "tempo": None}
    json.dumps(top)


BREAKS = {
    "another format": (lambda d: d.update(format="mixassist-mix/9"), "format is 'mixassist-mix/9'; this program reads"),
    "missing part": (lambda d: d.pop("reverb"), "the mix: missing reverb"),
    "unknown key": (lambda d: d.update(trakcs=[]), "unknown key 'trakcs'; did you mean 'tracks'"),
    "tracks no list": (lambda d: d.update(tracks={}), "tracks is dict; expected a list"),
    "twice": (lambda d: d["tracks"][1].update(name="kick"), "tracks listed twice: kick"),
    "no name": (lambda d: d["tracks"][0].pop("name"), "track 1: missing name"),
    "name no text": (lambda d: d["tracks"][0].update(name=7), "track 1: name: expected text, found 7"),
    "unknown parameter": (
        lambda d: d["tracks"][0]["settings"].update(fader=0),
        "track 'kick': unknown parameter 'fader'; did you mean 'fader_db'",
    ),
    "out of range": (lambda d: d["tracks"][1]["settings"].update(pan=30), "track 'vox': pan=30: expected -1 to 1"),
    "text for number": (lambda d: d["reverb"].update(reverb_decay_s="long"), "reverb: reverb_decay_s='long'"),
    "null": (lambda d: d["master"].update(master_gain_db=None), "master: master_gain_db=None: expected a number"),
    "target": (lambda d: d["master"].update(target_lufs=14), "target_lufs=14: expected -60 to 0 LUFS; a positive"),
    "confidence": (lambda d: d["tracks"][0].update(role_confidence=2), "role_confidence=2: expected 0 to 1"),
    "confidence NaN": (lambda d: d["tracks"][0].update(role_confidence=float("nan")), "role_confidence=nan"),
    "confidence huge": (lambda d: d["tracks"][0].update(role_confidence=10**400), "role_confidence=1000"),
    "spread": (lambda d: d["tracks"][1].update(level_spread_db=-1), "level_spread_db=-1: expected 0 to 72 dB"),
    "spread no number": (lambda d: d["tracks"][1].update(level_spread_db="2"), "level_spread_db='2': expected 0 to 72"),
    "reasons": (lambda d: d["tracks"][0].update(reasons="loud"), "reasons: expected a list of texts"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_wrong_is_refused_in_words(name: str) -> None:
    top = document()
    breaks, message = BREAKS[name]
    breaks(top)
    with pytest.raises(MixFormatError, match=message):
        mix_from_dict(top)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON: .* at line 1, column 2"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "the mix: expected an object, found list"),
        ('{"format": NaN}', "missing"),
        ('{"format": ' + "1" * 5_000 + "}", "a number of thousands of digits"),
    ],
)
def test_text_that_is_no_mix(text: str, message: str) -> None:
    with pytest.raises(MixFormatError, match=message):
        mix_from_json(text)


def test_settings_are_values() -> None:
    plain = ChannelSettings()
    louder = plain.with_values(fader_db=3)
    assert plain["fader_db"] == 0.0
    assert louder.changed() == {"fader_db": 3.0}
    assert louder == ChannelSettings({"fader_db": 3.0})
    assert hash(louder) == hash(ChannelSettings(fader_db=3))
    assert louder != BusSettings()
    with pytest.raises(ValueError, match="unknown parameter 'faderdb'; did you mean 'fader_db'"):
        ChannelSettings(faderdb=3)


def test_session_names_must_differ_and_its_end_is_its_last_tracks() -> None:
    kick = Track("kick", sample_rate=48_000, num_samples=48_000, start_s=2.0)
    assert Session((kick, Track("vox", num_samples=96_000)), 48_000).duration_s == 3.0
    assert Session((kick,), 48_000).track("kick") is kick
    with pytest.raises(KeyError, match="vox"):
        Session((kick,), 48_000).track("vox")
    with pytest.raises(ValueError, match="used twice: kick"):
        Session((kick, kick), 48_000)
