"""Stems written from arrangements: exact, reused, and nothing of anybody else's touched."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from ardour_host import ArdourHost, find_ardour

from assistant.arrays import FloatArray
from assistant.audio.reading import load_track
from assistant.mix import BusSettings, ChannelSettings, MasterSettings
from assistant.tasks import Cancelled
from protocols.ardour.session_file import read_ardour_session
from protocols.arrangement import ArrangedTrack, Arrangement, Clip, SourceChannel
from protocols.playing import Player, play
from protocols.pulling import RECORD, before_mix, pull, safe_file_stem
from protocols.stems import SessionError

RATE = 48_000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    audio = 0.1 * np.random.default_rng(5).standard_normal((20_000, 2))
    soundfile.write(tmp_path / "source.wav", audio, RATE, "FLOAT")
    return tmp_path / "source.wav"


def track(name: str, source: Path, position: int = 100, **more: object) -> ArrangedTrack:
    clip = Clip("c", (SourceChannel(source, 0),), position, 15_000)
    return ArrangedTrack(name, 1, (clip,), **more)  # type: ignore[arg-type]


def arranged(*tracks: ArrangedTrack) -> Arrangement:
    return Arrangement("song", Path("song.ardour"), RATE, tracks, tempo=97.0, notes=("as read",))


def times(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}


def test_pulled_stems_are_what_the_tracks_play(source: Path, tmp_path: Path) -> None:
    tracks = (track("Kick", source), track("Gtr", source, 5000))
    heard: list[tuple[float, str]] = []
    session, notes = pull(arranged(*tracks), tmp_path / "out", lambda share, text: heard.append((share, text)))
    assert [t.name for t in session.tracks] == ["Kick", "Gtr"]
    assert (session.sample_rate, session.tempo, session.source) == (RATE, 97.0, tmp_path / "out")
    assert notes == ("as read",)
    assert [share for share, _ in heard] == [0.5, 1.0, 1.0]
    assert {text for _, text in heard} == {"Kick", "Gtr", ""}
    for made, wanted in zip(session.tracks, tracks, strict=True):
        np.testing.assert_array_equal(load_track(made, RATE), play(wanted, RATE, 0, made.num_samples))


def test_what_is_left_out_is_said(source: Path, tmp_path: Path) -> None:
    kept = track("Kick", source)
    others = (
        track("Vox", source, muted=True),
        ArrangedTrack("Empty", 1),
        ArrangedTrack("Synth", 2, unreadable="is a MIDI track; freeze it"),
        track("Gone", tmp_path / "gone.wav"),
        track("Astray", source, 25 * 3600 * RATE),
    )
    session, notes = pull(arranged(kept, *others), tmp_path / "out")
    assert [t.name for t in session.tracks] == ["Kick"]
    text = "\n".join(notes)
    assert "Synth: is a MIDI track; freeze it" in text
    assert "muted in the DAW: Vox" in text
    assert "without audio: Empty" in text
    assert "Gone: " in text
    assert "Astray: longer than 24 hours" in text
    with pytest.raises(SessionError, match=r"(?s)no track with audio.*freeze it"):
        pull(arranged(*others), tmp_path / "none")


def test_only_what_changed_is_written_again(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pull(arranged(track("A", source), track("B", source)), out)
    before = times(out)
    pull(arranged(track("A", source), track("B", source, 200)), out)
    after = times(out)
    assert before["A.wav"] == after["A.wav"]
    assert before["B.wav"] != after["B.wav"]
    os.utime(source, ns=(1, 1))  # the recording itself changed
    session, _ = pull(arranged(track("A", source), track("B", source, 200)), out)
    assert times(out)["A.wav"] != after["A.wav"]
    assert [t.audio_path for t in session.tracks] == [out / "A.wav", out / "B.wav"]


def test_stale_stems_go_and_nothing_else_does(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.wav").write_bytes(b"mine")
    (out / "C.wav").write_bytes(b"mine too")
    session, _ = pull(arranged(*(track(name, source) for name in "ABC")), out)
    assert session.track("C").audio_path == out / "C (2).wav"
    (out / "B.wav").write_bytes(b"edited by the user")
    pull(arranged(track("D", source)), out)
    assert sorted(times(out)) == ["B.wav", "C.wav", "D.wav", "mine.wav", RECORD]
    assert (out / "B.wav").read_bytes() == b"edited by the user"


def test_a_stem_that_was_edited_is_kept_and_written_anew_beside_it(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pull(arranged(track("A", source)), out)
    (out / "A.wav").write_bytes(b"edited by the user")
    session, _ = pull(arranged(track("A", source)), out)
    assert session.tracks[0].audio_path == out / "A (2).wav"
    assert (out / "A.wav").read_bytes() == b"edited by the user"


def test_names_never_lead_out_of_the_folder(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    names = ["../../evil", "/etc/passwd", "..", "C:\\x", "nul", "\0", "a" * 300, "Ünï/côde", "", "KICK", "kick"]
    session, _ = pull(arranged(*(track(name, source) for name in names)), out)
    assert [t.name for t in session.tracks] == names
    assert {t.audio_path.parent for t in session.tracks if t.audio_path} == {out}
    assert len({t.audio_path.name.casefold() for t in session.tracks if t.audio_path}) == len(names)
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["b"]
    assert safe_file_stem("NUL") == "track NUL"


def test_a_record_that_leads_elsewhere_removes_nothing(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pull(arranged(track("A", source)), out)
    status = source.stat()
    row = {"track": "X", "made_from": "", "size": status.st_size, "mtime_ns": status.st_mtime_ns}
    record = json.loads((out / RECORD).read_text())
    record["files"] |= {"../source.wav": row, str(source): row}
    (out / RECORD).write_text(json.dumps(record))
    pull(arranged(track("B", source)), out)
    assert source.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"format": "mixassist-pull/1"}', '{"format": "mine"}', "[" * 100_000])
def test_a_record_of_somebody_elses_is_not_overwritten(source: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(SessionError, match="not written by a pull"):
        pull(arranged(track("A", source)), tmp_path)
    assert (tmp_path / RECORD).read_text() == text


def test_tracks_of_the_same_name_get_numbers(source: Path, tmp_path: Path) -> None:
    session, _ = pull(arranged(track("Gtr", source), track("Gtr", source), track("Gtr (2)", source)), tmp_path / "out")
    assert [t.name for t in session.tracks] == ["Gtr", "Gtr (2)", "Gtr (2) (2)"]


def test_cancelling_keeps_what_is_complete(source: Path, tmp_path: Path) -> None:
    out, long = tmp_path / "out", track("B", source, 300 * RATE)
    done: list[str] = []
    with pytest.raises(Cancelled):
        pull(arranged(track("A", source), long), out, lambda _, name: done.append(name), lambda: bool(done))
    assert sorted(times(out)) == ["A.wav", RECORD]
    before = times(out)["A.wav"]
    pull(arranged(track("A", source), track("B", source)), out)
    assert times(out)["A.wav"] == before


def test_cancelling_begins_no_other_track(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that can only be decoded whole take seconds each."""
    begun: list[Player] = []
    read = Player.blocks

    def slowly(player: Player, start: int, stop: int) -> Iterator[FloatArray]:
        begun.append(player)
        time.sleep(0.1)
        yield from read(player, start, stop)

    monkeypatch.setattr(Player, "blocks", slowly)
    tracks = [track(str(number), source) for number in range(40)]
    with pytest.raises(Cancelled):
        pull(arranged(*tracks), tmp_path / "out", is_cancelled=lambda: bool(begun))
    assert len(begun) <= 8


def test_a_full_disk_ends_it(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(SessionError, match="the disk is full"):
        pull(arranged(track("A", source)), tmp_path / "out")


def test_a_folder_that_cannot_be_had_is_said(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SessionError, match="cannot be written"):
        pull(arranged(track("A", source)), tmp_path / "file" / "out")


def test_the_mix_before_is_that_of_the_daw(source: Path, tmp_path: Path) -> None:
    settings = ChannelSettings(fader_db=-7.5, pan=-0.5)
    tracks = (ArrangedTrack("Synth", 2, unreadable="frozen?"), track("Kick", source, settings=settings))
    arrangement = Arrangement(
        "song",
        Path("song.ardour"),
        RATE,
        tracks,
        BusSettings(reverb_return_db=-3.0),
        MasterSettings(master_gain_db=1.0),
    )
    session, _ = pull(arrangement, tmp_path / "out")
    mix = before_mix(arrangement, session)
    assert [(c.name, c.settings) for c in mix.channels] == [("Kick", settings)]
    assert (mix.reverb, mix.master) == (arrangement.reverb, arrangement.master)


@pytest.mark.daw
def test_pulling_a_session_of_ardours_nulls_against_its_bounce(tmp_path: Path) -> None:
    if find_ardour() is None:
        pytest.skip("Ardour is not installed")
    rng = np.random.default_rng(7)
    stems = {f"t{i}": (0.1 * rng.standard_normal((1 + i % 2, RATE * 5))).astype(np.float32) for i in range(8)}
    with ArdourHost(tmp_path, stems, sample_rate=RATE) as host:
        host.save()
        session, _ = pull(read_ardour_session(host.session_file), tmp_path / "out")
        assert [t.name for t in session.tracks] == list(stems)
        for made in session.tracks:
            wanted = host.bounce(made.name, made.num_samples)
            difference = load_track(made, RATE) - wanted
            depth = 20 * np.log10(max(np.sqrt(np.mean(difference**2)) / np.sqrt(np.mean(wanted**2)), 1e-20))
            print(f"{made.name}: {depth:.0f} dB")  # noqa: T201
            assert depth < -140.0
