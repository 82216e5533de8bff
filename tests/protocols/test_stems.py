"""A folder of stems as a session."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.audio.formats import EXTENSIONS
from assistant.audio.reading import load_track
from assistant.demo_session import demo_folder
from protocols.stems import SessionError, read_stems_folder

RATE = 48_000


def put(folder: Path, *names: str, rate: int = RATE, channels: int = 2, num_samples: int = 480) -> None:
    """Write a short noise to each of ``names``."""
    audio = np.random.default_rng(3).uniform(-0.1, 0.1, (num_samples, channels))
    for name in names:
        kind = "FLAC" if name.lower().endswith(".flac") else "AIFF" if name.lower().endswith(".aif") else "WAV"
        soundfile.write(folder / "new", audio, rate, format=kind)
        (folder / "new").rename(folder / name)  # soundfile takes no names that are not Unicode


def names_in(folder: Path) -> list[str]:
    """The track names of the session in ``folder``."""
    return [track.name for track in read_stems_folder(folder)[0].tracks]


def test_a_folder_is_a_session(tmp_path: Path) -> None:
    put(tmp_path, "vox.wav", "kick.flac")
    put(tmp_path, "bass.aif", channels=1, num_samples=960)
    session, notes = read_stems_folder(tmp_path)
    assert notes == ()
    assert (session.sample_rate, session.source, session.duration_s) == (RATE, tmp_path, 0.02)
    facts = [(t.name, t.audio_path, t.channels, t.num_samples, t.start_s, t.role) for t in session.tracks]
    assert facts == [
        ("bass", tmp_path / "bass.aif", 1, 960, 0.0, ""),
        ("kick", tmp_path / "kick.flac", 2, 480, 0.0, ""),
        ("vox", tmp_path / "vox.wav", 2, 480, 0.0, ""),
    ]


def test_natural_order(tmp_path: Path) -> None:
    put(tmp_path, "gtr 10.wav", "Gtr 9.wav", "gtr 2.wav", "2 toms.wav", "10 toms.wav", "gtr.wav")
    assert names_in(tmp_path) == ["2 toms", "10 toms", "gtr", "gtr 2", "Gtr 9", "gtr 10"]


def test_names_used_twice_get_their_ending(tmp_path: Path) -> None:
    put(tmp_path, "kick.wav", "kick.flac", "kick.WAV", "snare.flac", "snare (flac).wav", "snare.wav")
    files = {t.name: t.audio_path.name for t in read_stems_folder(tmp_path)[0].tracks if t.audio_path}
    assert len(files) == 6
    assert files["kick"] in ("kick.wav", "kick.WAV")
    assert files["kick (flac)"] == "kick.flac"
    assert files["snare"] == "snare.wav"
    assert set(files) == {"kick", "kick (wav)", "kick (flac)", "snare", "snare (flac)", "snare (flac) (wav)"}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("lead vox (double) #2.wav", "lead vox (double) #2"),
        ("Gesang, Käthe 🎤.wav", "Gesang, Käthe 🎤"),
        ('it\'s "the" one.wav', 'it\'s "the" one'),
        ("-rf.wav", "-rf"),
        ("kick.v2.final.wav", "kick.v2.final"),
        ("two\nlines\t.wav", "two lines "),
        ("red\x1b[31m.wav", "red [31m"),
        ("broken\udcff.wav", "broken\ufffd"),
        (" .wav", "unnamed"),
    ],
)
def test_odd_names_are_kept_and_printable(tmp_path: Path, file: str, name: str) -> None:
    put(tmp_path, file)
    (track,) = read_stems_folder(tmp_path)[0].tracks
    assert track.name == name
    assert track.name.encode("utf-8").decode().isprintable()
    assert load_track(track, RATE).shape == (2, 480)


def test_junk_is_ignored_and_the_rest_is_noted(tmp_path: Path) -> None:
    put(tmp_path, "kick.wav")
    junk = [".DS_Store", "._kick.wav", "Thumbs.db", "desktop.ini", "mix.json", "song.mid", "kick.wav.asd", "notes.txt"]
    for name in [*junk, ".hidden.wav", "cover.jpg"]:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "takes.wav").mkdir()
    session, notes = read_stems_folder(tmp_path)
    assert [t.name for t in session.tracks] == ["kick"]
    assert notes == ("ignored, not audio or hidden: .hidden.wav, cover.jpg", "folders inside are not read: takes.wav")


@pytest.mark.parametrize(
    ("rates", "session_rate"),
    [
        ([48_000, 48_000, 44_100], 48_000),
        ([44_100, 44_100, 48_000], 44_100),
        ([44_100, 48_000], 48_000),
        ([96_000], 96_000),
        ([24_000, 24_000], 48_000),
        ([22_050], 44_100),
        ([384_000], 192_000),
        ([352_800], 176_400),
    ],
)
def test_the_commonest_rate_leads(tmp_path: Path, rates: list[int], session_rate: int) -> None:
    for number, rate in enumerate(rates):
        put(tmp_path, f"{number}.wav", rate=rate)
    session, notes = read_stems_folder(tmp_path)
    assert session.sample_rate == session_rate
    assert [t.sample_rate for t in session.tracks] == rates
    odd = [f"{n} ({r} Hz)" for n, r in enumerate(rates) if r != session_rate]
    assert notes == ((f"converted to {session_rate} Hz: {', '.join(odd)}",) if odd else ())


def test_a_given_rate_wins(tmp_path: Path) -> None:
    put(tmp_path, "a.wav")
    assert read_stems_folder(tmp_path, sample_rate=44_100)[0].sample_rate == 44_100
    with pytest.raises(SessionError, match="sample_rate=48: expected 44100 to 192000 Hz; kHz"):
        read_stems_folder(tmp_path, sample_rate=48)


def test_surround_is_noted(tmp_path: Path) -> None:
    put(tmp_path, "room.wav", channels=6)
    session, notes = read_stems_folder(tmp_path)
    assert session.tracks[0].channels == 2
    assert notes == ("folded down to stereo: room (6 channels)",)


def test_broken_files_are_named_all_at_once_or_left_out(tmp_path: Path) -> None:
    put(tmp_path, "kick.wav", "cut.wav")
    (tmp_path / "cut.wav").write_bytes((tmp_path / "cut.wav").read_bytes()[:-100])
    (tmp_path / "text.mp3").write_text("no audio")
    (tmp_path / "empty.flac").touch()
    (tmp_path / "link.wav").symlink_to(tmp_path / "gone.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(
        SessionError, match=r"(?s)5 files cannot be read:.*again, or leave them out with --skip-broken"
    ) as e:
        read_stems_folder(tmp_path)
    for name in ("cut.wav: the file is cut short", "text.mp3: ", "empty.flac: ", "link.wav: no such", "pipe.wav: "):
        assert name in str(e.value)
    session, notes = read_stems_folder(tmp_path, skip_broken=True)
    assert [t.name for t in session.tracks] == ["kick"]
    assert len(notes) == 5
    assert all(note.startswith("left out: ") for note in notes)


def test_all_files_broken(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    with pytest.raises(SessionError, match=r"none of the 1 audio files can be read:\n  .*a\.wav: is an empty file"):
        read_stems_folder(tmp_path, skip_broken=True)


def test_folders_that_are_no_sessions(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="gone: no such folder; was it moved"):
        read_stems_folder(tmp_path / "gone")
    with pytest.raises(SessionError, match="the folder is empty; export the stems into it"):
        read_stems_folder(tmp_path)
    (tmp_path / "cover.jpg").touch()
    (tmp_path / "stems").mkdir()
    with pytest.raises(
        SessionError, match=r"found cover\.jpg, stems/; read are \.wav .*\.mp3.*in a folder inside it\?"
    ):
        read_stems_folder(tmp_path)
    with pytest.raises(SessionError, match=r"cover\.jpg: is a file; expected the folder"):
        read_stems_folder(tmp_path / "cover.jpg")


def test_many_stems(tmp_path: Path) -> None:
    put(tmp_path, *(f"t{n}.wav" for n in range(120)), num_samples=8)
    assert names_in(tmp_path) == [f"t{n}" for n in range(120)]


def test_endings_are_lower_case_with_a_dot() -> None:
    assert all(e == e.lower() and e.startswith(".") for e in EXTENSIONS)


def test_the_demo_is_a_session_of_peaks_at_3_db_below_full_scale() -> None:
    session, notes = read_stems_folder(demo_folder())
    assert notes == ("converted to 48000 Hz: synth (24000 Hz)",)
    assert {"lead_vocal", "backing_vocal", "kick", "hi_hat", "drum_loop", "bass", "synth"} <= {
        t.name for t in session.tracks
    }
    assert session.duration_s == pytest.approx(32 * 60 / 124, abs=1e-4)
    assert sum(t.audio_path.stat().st_size for t in session.tracks if t.audio_path) < 4_000_000
    for track in session.tracks:
        peak = np.abs(load_track(track, track.sample_rate)).max()
        assert 20 * np.log10(peak) == pytest.approx(-3.0, abs=0.01)


@pytest.mark.data
def test_a_song(request: pytest.FixtureRequest) -> None:
    song = Path(__file__).parents[2] / "../shared/data/everything-is-free/sodium"
    if not song.is_dir():
        pytest.skip("needs ../shared/data/everything-is-free")
    session, notes = read_stems_folder(song)
    assert (len(session.tracks), session.sample_rate) == (28, 48_000)
    assert {t.end_s for t in session.tracks} == {14_633_622 / 48_000}
    assert notes == ("converted to 48000 Hz: minilogue_synth (24000 Hz), pluck (24000 Hz)",)
