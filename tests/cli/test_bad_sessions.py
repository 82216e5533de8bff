"""Sessions that cannot be mixed, or only in part: a message that names the file and what to do, and no output."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli.conftest import RATE, Run, Write, digests, listing, tone

from assistant.audio.reading import read_audio


def test_folders_without_stems(tmp_path: Path, run: Run) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/notes.pdf").write_text("x")
    (tmp_path / "file").write_text("x")
    before = listing(tmp_path)
    for name, message in (
        ("empty", "the folder is empty; export the stems into it"),
        ("texts", "no audio files directly in this folder; found notes.pdf"),
        ("gone", "no such folder; was it moved or renamed?"),
        ("file", "is a file; expected the folder that holds the stems"),
        ("gone.json", "no such file; was it moved or renamed?"),
    ):
        for command in (["mix", tmp_path / name, "-o", tmp_path / "mix.wav"], ["suggest", tmp_path / name]):
            ended = run(*command)
            assert ended.code == 1
            assert f"{name}: {message}" in ended.err
    assert listing(tmp_path) == before


def test_an_empty_name_is_not_the_current_folder(run: Run) -> None:
    ended = run("mix", "", "-o", "x.wav")
    assert ended.code == 2
    assert "an empty name; is a shell variable unset?" in ended.err


def _break(song: Path) -> None:
    """Add a file of each kind whose header already shows that it is broken."""
    whole = (song / "kick.wav").read_bytes()
    (song / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (song / "junk.wav").write_bytes(b"junk" * 500)
    (song / "zero.wav").touch()
    soundfile.write(song / "nothing.wav", np.zeros((0, 2)), RATE)


def test_broken_headers_are_all_named_or_left_out(tmp_path: Path, song: Path, run: Run) -> None:
    _break(song)
    before = listing(tmp_path)
    ended = run("mix", song, "-o", tmp_path / "mix.wav", "--stems-out", tmp_path / "out")
    assert ended.code == 1
    assert "song: 4 files cannot be read:" in ended.err
    assert all(f"{name}.wav: " in ended.err for name in ("cut", "junk", "zero", "nothing"))
    assert "leave them out with --skip-broken" in ended.err
    assert listing(tmp_path) == before
    ended = run("mix", song, "-o", tmp_path / "mix.wav", "--skip-broken")
    assert ended.code == 0
    assert ended.err.count("left out: ") == 4
    assert "3 tracks" in ended.out


@pytest.mark.parametrize("engineer", ["dmc", "rules", "random"])
def test_what_breaks_only_when_decoded_is_all_named_too(
    tmp_path: Path, song: Path, write: Write, run: Run, engineer: str
) -> None:
    for name, value in (("nan", np.nan), ("inf", -np.inf)):
        audio = tone()
        audio[4410, 1] = value
        write(song / f"{name}.wav", audio)
    soundfile.write(song / "damaged.flac", tone(2.0), RATE)
    damaged = bytearray((song / "damaged.flac").read_bytes())
    damaged[40_000:40_400] = bytes(400)
    (song / "damaged.flac").write_bytes(damaged)
    before = listing(tmp_path)
    command = ["mix", song, "-o", tmp_path / "mix.wav", "--stems-out", tmp_path / "a/b/out", "--engineer", engineer]
    ended = run(*command)
    assert ended.code == 1
    assert "song: 3 files cannot be read:" in ended.err
    assert "nan.wav: 1 samples are not numbers (NaN or infinite), the first at 0:00.100" in ended.err
    assert all(name in ended.err for name in ("inf.wav: ", "damaged.flac: ", "--skip-broken"))
    assert listing(tmp_path) == before
    ended = run(*command, "--skip-broken")
    assert ended.code == 0
    assert ended.err.count("left out: ") == 3
    assert {"kick.wav", "lead vocal.wav", "synth.wav"} <= set(listing(tmp_path / "a/b/out"))


def test_no_file_is_left(tmp_path: Path, write: Write, run: Run) -> None:
    write(tmp_path / "song/a.wav", np.full((100, 2), np.nan, np.float32))
    ended = run("mix", tmp_path / "song", "-o", tmp_path / "mix.wav", "--skip-broken")
    assert ended.code == 1
    assert "no track is left: none of the files can be read" in ended.err


@pytest.mark.parametrize("engineer", ["dmc", "rules", "equal-loudness", "mono", "random"])
def test_a_session_of_silence_is_refused(tmp_path: Path, write: Write, run: Run, engineer: str) -> None:
    for name in ("kick", "bass"):
        write(tmp_path / f"song/{name}.wav", np.zeros((RATE, 2), np.float32))
    before = listing(tmp_path)
    arguments = ("--stems-out", tmp_path / "out", "--engineer", engineer)
    ended = run("mix", tmp_path / "song", "-o", tmp_path / "mix.wav", *arguments)
    assert ended.code == 1
    assert "song: nothing but digital silence on its 2 tracks; were the tracks muted" in ended.err
    assert listing(tmp_path) == before


def test_one_silent_track_is_left_alone(tmp_path: Path, song: Path, write: Write, run: Run) -> None:
    write(song / "aux.wav", np.zeros((RATE, 1), np.float32))
    ended = run("mix", song, "-o", tmp_path / "mix.wav")
    assert ended.code == 0
    assert "silent, left as they are: aux" in ended.err
    assert "nan" not in ended.out


def test_names_used_twice(tmp_path: Path, song: Path, run: Run) -> None:
    soundfile.write(song / "kick.flac", tone(seed=5), RATE)
    ended = run("mix", song, "-o", tmp_path / "mix.wav", "--stems-out", tmp_path / "out")
    assert ended.code == 0
    assert {"kick.wav", "kick (flac).wav"} <= set(listing(tmp_path / "out"))


ODD_NAMES = ["🎸 solo", "line\nbreak", "-dash", "\"both' quotes", "שלום", "[red]hot[red]", "[bold", "\x1b[31mescape"]
ODD_NAMES += ["<script>alert(1)", "a&b", "x" * 230, "🥁" * 60, "reverb", "CON:", os.fsdecode(b"\xff\xfe")]


def test_odd_names(tmp_path: Path, write: Write, run: Run) -> None:
    """They are mixed, printed without obeying them, and written under safe names."""
    for seed, name in enumerate(ODD_NAMES):
        write(tmp_path / "song" / f"{name}.wav", tone(0.5, seed=seed))
    before = digests(tmp_path / "song")
    files = ("--json", tmp_path / "mix.json", "--report", "--verbose", "--engineer", "rules")
    ended = run("mix", tmp_path / "song", "-o", tmp_path / "mix.wav", "--stems-out", tmp_path / "out", *files)
    assert ended.code == 0
    assert "[red]hot[red]" in ended.out
    assert "\x1b" not in ended.out + ended.err
    assert len(listing(tmp_path / "out")) == len(ODD_NAMES) + 1
    assert all(name.endswith(".wav") and len(name.encode()) < 250 for name in listing(tmp_path / "out"))
    page = (tmp_path / "mix.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert run("render", tmp_path / "mix.json", "-o", tmp_path / "again.wav").code == 0
    assert (tmp_path / "again.wav").read_bytes() == (tmp_path / "mix.wav").read_bytes()
    assert run("measure", *(tmp_path / "song").iterdir()).code == 0
    assert digests(tmp_path / "song") == before


def test_a_mixture_of_channels_rates_and_lengths(tmp_path: Path, write: Write, run: Run) -> None:
    for channels in (1, 2, 6):
        write(tmp_path / f"song/channels {channels}.wav", tone(1.0, channels=channels))
    for rate in (8_000, 22_050, 48_000, 192_000):
        write(tmp_path / f"song/rate {rate}.wav", tone(0.5, rate), rate)
    for seconds in (0.05, 20.0):
        write(tmp_path / f"song/lasts {seconds}.wav", tone(seconds))
    ended = run("mix", tmp_path / "song", "-o", tmp_path / "mix.wav")
    assert ended.code == 0
    assert "folded down to stereo: channels 6 (6 channels)" in ended.err
    assert "converted to 44100 Hz: rate 8000 (8000 Hz), rate 22050" in ended.err
    audio, rate = read_audio(tmp_path / "mix.wav")
    assert rate == RATE
    assert audio.shape[1] >= 20 * RATE


def test_a_very_short_session(tmp_path: Path, write: Write, run: Run) -> None:
    write(tmp_path / "song/blip.wav", tone(0.05))
    ended = run("mix", tmp_path / "song", "-o", tmp_path / "mix.wav", "--report")
    assert ended.code == 0
    assert "1 track," in ended.out
    assert "shorter than 0.4 s and has no loudness to meet a target with" in ended.err
    assert "inf LU from" not in ended.err


def test_sixty_tracks(tmp_path: Path, write: Write, run: Run) -> None:
    for i in range(60):
        write(tmp_path / f"song/track {i}.wav", tone(0.2, seed=i))
    ended = run("mix", tmp_path / "song", "-o", tmp_path / "mix.wav", "--stems-out", tmp_path / "out")
    assert ended.code == 0
    assert len(listing(tmp_path / "out")) in (60, 61)
