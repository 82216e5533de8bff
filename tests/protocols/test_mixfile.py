"""Mix files on disk, and finding their audio again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, mix_from_json
from protocols.mixfile import read_mix_file, write_mix_file
from protocols.stems import SessionError, read_stems_folder


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Two stems in a folder "stems"."""
    folder = tmp_path / "stems"
    folder.mkdir()
    for name in ("kick.wav", "vox 🎤.flac"):
        soundfile.write(folder / name, np.full((480, 2), 0.1), 48_000)
    return read_stems_folder(folder)[0]


@pytest.fixture
def mix(session: Session) -> Mix:
    """A mix of them."""
    return Mix(tuple(ChannelMix(t.name, ChannelSettings(pan=0.25), "kick", 0.5, ("why",)) for t in session.tracks))


@pytest.fixture
def file(tmp_path: Path, session: Session, mix: Mix) -> Path:
    """Its mix file, beside the stems folder."""
    write_mix_file(tmp_path / "mix.json", mix, session)
    return tmp_path / "mix.json"


def edit(file: Path, **changes: Any) -> None:
    """Set keys of the JSON in ``file``."""
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")


def test_what_was_written_is_read(file: Path, mix: Mix, session: Session) -> None:
    assert read_mix_file(file) == (mix, session, ())


def test_audio_is_named_relative_to_the_mix_file(file: Path, tmp_path: Path, mix: Mix) -> None:
    document = json.loads(file.read_text("utf-8"))
    assert [row["file"] for row in document["tracks"]] == ["stems/kick.wav", "stems/vox 🎤.flac"]
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.move(str(tmp_path / "stems"), moved)
    shutil.move(str(file), moved)
    read, session, notes = read_mix_file(moved / "mix.json")
    assert (read, notes) == (mix, ())
    assert session.source == moved / "stems"
    assert session.tracks[0].audio_path == moved / "stems/kick.wav"


def test_through_a_linked_folder(file: Path, tmp_path: Path, mix: Mix) -> None:
    deep = tmp_path / "a/b"
    deep.mkdir(parents=True)
    (deep / "link").symlink_to(tmp_path)
    assert read_mix_file(deep / "link/mix.json")[0] == mix


def test_starts_and_tempo_are_kept(file: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    document["tracks"][1]["start_s"] = 1.5
    document["session"]["tempo"] = 120
    edit(file, **document)
    session = read_mix_file(file)[1]
    assert (session.tempo, [t.start_s for t in session.tracks], session.duration_s) == (120.0, [0.0, 1.5], 1.51)


def test_a_file_that_moved_is_found_by_track_name(file: Path, tmp_path: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    document["tracks"][0]["file"] = "old place/kick.wav"
    edit(file, **document)
    _, session, notes = read_mix_file(file)
    assert session.tracks[0].audio_path == tmp_path / "stems/kick.wav"
    assert len(notes) == 1
    assert notes[0].startswith("kick: ")
    assert "old place/kick.wav is missing" in notes[0]


def test_a_mix_without_files_needs_a_source(file: Path, tmp_path: Path, mix: Mix) -> None:
    document = json.loads(file.read_text("utf-8"))
    del document["session"]
    for row in document["tracks"]:
        del row["file"]
    file.write_text(json.dumps(document), "utf-8")
    with pytest.raises(SessionError, match=r"the audio of 2 of 2 tracks is missing; name the folder"):
        read_mix_file(file)
    read, session, _ = read_mix_file(file, tmp_path / "stems")
    assert (read, session.sample_rate, session.source) == (mix, 48_000, tmp_path / "stems")


def test_a_source_comes_first(file: Path, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "stems", tmp_path / "new stems")
    session = read_mix_file(file, tmp_path / "new stems")[1]
    assert {t.audio_path.parent.name for t in session.tracks if t.audio_path} == {"new stems"}


def test_all_missing_files_are_named(file: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "stems")
    with pytest.raises(SessionError, match=r"(?s)mix\.json: the audio of 2 of 2 tracks is missing.*\n  kick\n  vox 🎤"):
        read_mix_file(file)
    with pytest.raises(SessionError, match=r"missing; not in .*gone either"):
        read_mix_file(file, tmp_path / "gone")


def test_broken_audio_is_named(file: Path, tmp_path: Path) -> None:
    (tmp_path / "stems/kick.wav").write_bytes(b"RIFF")
    with pytest.raises(SessionError, match=r"1 file cannot be read:\n  .*kick\.wav: "):
        read_mix_file(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON: .* at line 1, column 1; not a mix file"),
        (b"{", "not JSON"),
        (b"[]", "expected an object, found list"),
        (b"\xff\xfe\x00", "not UTF-8 text; not a mix file"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not a mix file"),
        (b'{"format": "other/1", "tracks": [], "reverb": {}, "master": {}}', "format is 'other/1'; this program reads"),
        (b'{"format": "mixassist-mix/1"}', "the mix: missing master, reverb, tracks"),
    ],
)
def test_files_that_are_no_mix(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "mix.json").write_bytes(content)
    with pytest.raises(SessionError, match=rf"mix\.json: .*{message}"):
        read_mix_file(tmp_path / "mix.json")


def test_missing_folder_and_huge_files(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"mix\.json: no such file"):
        read_mix_file(tmp_path / "mix.json")
    with pytest.raises(SessionError, match="is a folder; expected a mix file"):
        read_mix_file(tmp_path)
    with (tmp_path / "big.json").open("wb") as big:
        big.truncate((64 << 20) + 1)
    with pytest.raises(SessionError, match="67 MB, larger than 64 MB; not a mix file"):
        read_mix_file(tmp_path / "big.json")


@pytest.mark.parametrize(
    ("part", "key", "value", "message"),
    [
        ("session", "sample_rate", 48, "sample_rate=48: expected 44100"),
        ("session", "sample_rate", 384_000, "sample_rate=384000: expected 44100 to 192000"),
        ("session", "sample_rate", "x", "session: sample_rate='x': expected a number"),
        ("session", "sample_rate", True, "sample_rate=True"),
        ("session", "tempo", 0, "tempo=0: expected 1 to 1000"),
        ("session", "source", 3, "source=3: expected text"),
        ("session", "sauce", "x", "unknown key 'sauce'"),
        ("track", "file", 3, "track 'kick': file=3: expected text"),
        ("track", "start_s", -1, "track 'kick': start_s=-1: expected 0 to 86400 seconds"),
        ("track", "start_s", float("nan"), "start_s=nan"),
        ("track", "start_s", 10**400, "start_s=1000"),
        ("track", "file", "a\0b", "1 of 2 tracks is missing"),
        ("track", "file", "../../../../../../etc/passwd", "1 of 2 tracks is missing"),
        ("track", "file", "x" * 10_000, "1 of 2 tracks is missing"),
    ],
)
def test_values_that_are_refused(file: Path, part: str, key: str, value: object, message: str) -> None:
    document = json.loads(file.read_text("utf-8"))
    document["session"]["source"] = None
    (document["session"] if part == "session" else document["tracks"][0])[key] = value
    edit(file, **document)
    with pytest.raises(SessionError, match=message):
        read_mix_file(file)


def test_a_session_that_is_no_object(file: Path) -> None:
    edit(file, session=[1])
    with pytest.raises(SessionError, match="session: expected an object, found list"):
        read_mix_file(file)


def test_writing_where_it_cannot_be(tmp_path: Path, mix: Mix, session: Session) -> None:
    with pytest.raises(SessionError, match=r"gone/mix\.json: cannot be written: the folder does not exist"):
        write_mix_file(tmp_path / "gone/mix.json", mix, session)
    with pytest.raises(SessionError, match=r"the session has no track 'kick'"):
        write_mix_file(tmp_path / "mix.json", mix, Session((), 48_000))
    assert not (tmp_path / "mix.json").exists()


def test_names_that_are_not_unicode(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(100, 0.1), 48_000)
    (tmp_path / "a.wav").rename(tmp_path / "st\udcffem.wav")
    session = read_stems_folder(tmp_path)[0]
    mix = Mix((ChannelMix(session.tracks[0].name),))
    write_mix_file(tmp_path / "mix.json", mix, session)
    assert read_mix_file(tmp_path / "mix.json")[:2] == (mix, session)


def test_broken_and_missing_tracks_can_be_left_out(file: Path, tmp_path: Path) -> None:
    (tmp_path / "stems/kick.wav").write_bytes(b"RIFF")
    mix, session, notes = read_mix_file(file, skip_broken=True)
    assert [c.name for c in mix.channels] == [t.name for t in session.tracks] == ["vox 🎤"]
    assert any("left out" in note and "kick.wav" in note for note in notes)
    (tmp_path / "stems/kick.wav").unlink()
    assert any(note.startswith("left out: kick: ") for note in read_mix_file(file, skip_broken=True)[2])
    shutil.rmtree(tmp_path / "stems")
    with pytest.raises(SessionError, match=r"mix\.json: none of its tracks has audio that can be read"):
        read_mix_file(file, skip_broken=True)


def test_a_mix_without_tracks_is_refused(file: Path) -> None:
    edit(file, tracks=[])
    with pytest.raises(SessionError, match=r"mix\.json: lists no tracks"):
        read_mix_file(file)


def put(file: Path, seconds: float = 0.01, rate: int = 48_000, channels: int = 2) -> None:
    """Write audio to ``file``."""
    file.parent.mkdir(exist_ok=True)
    soundfile.write(file, np.full((round(seconds * rate), channels), 0.1), rate)


def test_extra_stems_are_noted(file: Path, tmp_path: Path) -> None:
    mix, session, _ = read_mix_file(file)
    put(tmp_path / "stems/tambourine.wav")
    assert read_mix_file(file) == (mix, session, ("the mix has no settings for tambourine; left out",))
    for number in range(10):
        put(tmp_path / f"stems/extra {number}.wav")
    assert read_mix_file(file)[2][0].endswith("extra 6, extra 7 and 3 more; left out")
    shutil.copytree(tmp_path / "stems", tmp_path / "other")
    put(tmp_path / "other/a flute.wav")
    assert "a flute" in read_mix_file(file, tmp_path / "other")[2][0]


def test_stems_that_are_links_are_not_extra(file: Path, tmp_path: Path) -> None:
    (tmp_path / "stems").rename(tmp_path / "pool")
    (tmp_path / "stems").mkdir()
    for stem in (tmp_path / "pool").iterdir():
        (tmp_path / "stems" / stem.name).symlink_to(stem)
    session = read_stems_folder(tmp_path / "stems")[0]
    write_mix_file(file, read_mix_file(file)[0], session)
    assert "pool/kick.wav" in file.read_text("utf-8")
    assert read_mix_file(file)[2] == ()


def test_a_renamed_file_is_named(file: Path, tmp_path: Path) -> None:
    (tmp_path / "stems/kick.wav").rename(tmp_path / "stems/Kick_01.wav")
    put(tmp_path / "stems/tambourine.wav", 0.5)
    with pytest.raises(SessionError) as caught:
        read_mix_file(file)
    assert str(caught.value).split("\n") == [
        f"{file}: the audio of 1 of 2 tracks is missing; name the folder that holds them "
        "(mixassist render --source FOLDER):",
        "  kick: probably renamed: kick -> Kick_01, of the same length",
        f"{tmp_path / 'stems'}: the mix has no settings for tambourine",
        'what was renamed: give the file its old name back, or put the new one as "name" in the mix file',
        "or leave out what is missing with --skip-broken",
    ]
    note = "left out: kick: its audio is missing; probably renamed: kick -> Kick_01, of the same length"
    assert read_mix_file(file, skip_broken=True)[2] == (note, "the mix has no settings for tambourine; left out")
    document = json.loads(file.read_text("utf-8"))
    document["tracks"][0]["name"] = "Kick_01"
    edit(file, **document)
    mix, session, notes = read_mix_file(file)
    assert [c.name for c in mix.channels] == [t.name for t in session.tracks] == ["Kick_01", "vox 🎤"]
    assert [note.split(": ")[0] for note in notes] == ["Kick_01", "the mix has no settings for tambourine; left out"]


def test_a_renamed_file_in_another_folder(file: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "stems")
    put(tmp_path / "new/Song kick.wav")
    put(tmp_path / "new/vox 🎤.wav")
    with pytest.raises(SessionError, match=r"(?s)not in .*new either:\n  kick: probably renamed: kick -> Song kick"):
        read_mix_file(file, tmp_path / "new")


def test_all_that_is_missing_or_broken_is_said_at_once(file: Path, tmp_path: Path) -> None:
    (tmp_path / "stems/kick.wav").unlink()
    (tmp_path / "stems/vox 🎤.flac").write_bytes(b"fLaC")
    with pytest.raises(SessionError, match=r"(?s)1 of 2 tracks is missing.*\n  kick\n.*1 file cannot be read:\n.*vox"):
        read_mix_file(file)


@pytest.mark.parametrize(
    ("audio", "difference"),
    [
        ({"seconds": 0.5}, "other length than when the mix was saved: kick (0:00.500, was 0:00.010)"),
        ({"channels": 1}, "other number of channels than when the mix was saved: kick (mono, was stereo)"),
        ({"rate": 96_000}, "other sample rate than when the mix was saved: kick (96000 Hz, was 48000 Hz)"),
    ],
)
def test_audio_that_changed_is_noted(file: Path, tmp_path: Path, audio: dict[str, Any], difference: str) -> None:
    put(tmp_path / "stems/kick.wav", **audio)
    converted = ("converted to 48000 Hz: kick (96000 Hz)",) if "rate" in audio else ()
    assert read_mix_file(file)[2] == (difference, *converted)


def test_files_at_another_rate_than_the_sessions(file: Path, tmp_path: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    del document["session"]["audio"]  # as written before audio was recorded
    edit(file, **document)
    for name in ("kick.wav", "vox 🎤.flac"):
        put(tmp_path / "stems" / name, 0.5, 44_100)
    _, session, notes = read_mix_file(file)
    assert (session.sample_rate, notes) == (48_000, ("converted to 48000 Hz: kick (44100 Hz), vox 🎤 (44100 Hz)",))


def test_a_source_that_lacks_files_is_noted(file: Path, tmp_path: Path) -> None:
    put(tmp_path / "new/kick.wav")
    notes = read_mix_file(file, tmp_path / "new")[2]
    assert notes == (f"vox 🎤: not in {tmp_path / 'new'}; {tmp_path / 'stems/vox 🎤.flac'} was taken",)
    notes = read_mix_file(file, tmp_path / "gone")[2]
    assert notes[0] == f"{tmp_path / 'gone'}: no such folder; was it moved or renamed?"
    assert [note.split(":")[0] for note in notes[1:]] == ["kick", "vox 🎤"]


def test_long_lists_of_files_from_elsewhere_are_cut(tmp_path: Path) -> None:
    for number in range(11):
        put(tmp_path / f"stems/{number}.wav")
    session = read_stems_folder(tmp_path / "stems")[0]
    write_mix_file(tmp_path / "mix.json", Mix(tuple(ChannelMix(t.name) for t in session.tracks)), session)
    notes = read_mix_file(tmp_path / "mix.json", tmp_path / "gone")[2]
    assert (len(notes), notes[-1]) == (10, "and 3 more were taken from elsewhere")


@pytest.mark.parametrize("value", [None, "x", -1, 0, 1.5, True, 10**400])
def test_counts_that_nothing_has_are_as_if_not_recorded(file: Path, tmp_path: Path, value: object) -> None:
    document = json.loads(file.read_text("utf-8"))
    document["session"]["audio"]["kick"] = dict.fromkeys(("sample_rate", "num_samples", "channels"), value)
    document["session"]["audio"]["nobody"] = {}
    edit(file, **document)
    put(tmp_path / "stems/kick.wav", 0.5)
    assert read_mix_file(file)[2] == ()


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        ([], r"session: audio=\[\]: expected an object"),
        ({"kick": 3}, "session: audio of 'kick': expected an object, found int"),
        ({"kick": {"samplerate": 3}}, "session: audio of 'kick': unknown key 'samplerate'; did you mean 'sample_rate'"),
    ],
)
def test_records_that_are_refused(file: Path, audio: object, message: str) -> None:
    document = json.loads(file.read_text("utf-8"))
    document["session"]["audio"] = audio
    edit(file, **document)
    with pytest.raises(SessionError, match=message):
        read_mix_file(file)


def test_a_mix_can_be_read_without_its_audio(file: Path, mix: Mix) -> None:
    assert mix_from_json(file.read_text("utf-8")) == mix
