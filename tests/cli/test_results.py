"""What the commands write and print is what was asked for, measured by other means."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile
from cli.conftest import RATE, Run, Write, tone

from assistant.analysis.measure import measure
from assistant.audio.reading import read_audio
from assistant.cli.terminal import TableColumn, Terminal


@pytest.mark.parametrize(
    ("name", "options", "subtype"),
    [
        ("mix.wav", ["--bit-depth", "16"], "PCM_16"),
        ("mix.wav", [], "PCM_24"),
        ("mix.wav", ["--bit-depth", "float"], "FLOAT"),
        ("mix.flac", [], "PCM_24"),
    ],
)
@pytest.mark.parametrize(("lufs", "peak"), [(-14.0, -1.0), (-23.0, -6.0)])
def test_the_target_is_met(
    tmp_path: Path, song: Path, run: Run, name: str, options: list[str], subtype: str, lufs: float, peak: float
) -> None:
    levels = ("--target-lufs", lufs, "--true-peak", peak)
    ended = run("mix", song, "-o", tmp_path / name, *options, *levels)
    assert ended.code == 0
    assert soundfile.info(tmp_path / name).subtype == subtype
    measured = measure(*read_audio(tmp_path / name))
    assert measured.integrated_lufs == pytest.approx(lufs, abs=0.2)
    assert measured.true_peak_dbtp <= peak + 0.05
    assert f"{lufs:.1f} LUFS" in ended.out
    assert f"target {lufs:.1f}" in ended.out


def test_a_target_that_cannot_be_met_is_said(tmp_path: Path, song: Path, run: Run) -> None:
    options = ("--bit-depth", "16", "--target-lufs", "0", "--true-peak", "-6")
    ended = run("mix", song, "-o", tmp_path / "mix.wav", *options)
    assert ended.code == 0
    assert "LU from the target: its peaks leave no more room under the ceiling; try a lower --target-lufs" in ended.err
    assert measure(*read_audio(tmp_path / "mix.wav")).true_peak_dbtp <= -5.9


@pytest.mark.parametrize("value", ["x", "nan", "1", "-61", "", "1e9"])
def test_senseless_loudness(run: Run, value: str) -> None:
    ended = run("mix", "song", "-o", "mix.wav", f"--target-lufs={value}")
    assert ended.code == 2
    assert f"{value!r}: expected -60 to 0 LUFS" in ended.err


def _neutral_master(path: Path) -> None:
    """Take the target out of a saved mix, and 20 dB off its master, so that the limiter rests."""
    document = json.loads(path.read_text("utf-8"))
    document["master"] |= {"target_lufs": None, "master_gain_db": -20.0, "limiter_ceiling_dbtp": 0.0}
    path.write_text(json.dumps(document), "utf-8")


def test_the_stems_sum_to_the_mix_before_the_master(tmp_path: Path, song: Path, write: Write, run: Run) -> None:
    """Also where a track is called like the return."""
    write(song / "reverb.wav", tone(1.0, seed=7))
    assert run("suggest", song, "-o", tmp_path / "mix.json", "-q").code == 0
    _neutral_master(tmp_path / "mix.json")
    files = ("-o", tmp_path / "mix.wav", "--bit-depth", "float", "--stems-out", tmp_path / "out")
    assert run("render", tmp_path / "mix.json", *files).code == 0
    stems = {path.name: read_audio(path)[0].astype(np.float64) for path in (tmp_path / "out").iterdir()}
    assert set(stems) == {"kick.wav", "lead vocal.wav", "synth.wav", "reverb (2).wav", "reverb.wav"}
    mix = read_audio(tmp_path / "mix.wav")[0] * 10.0 ** (20.0 / 20.0)
    error = np.sum((sum(stems.values()) - mix) ** 2) / np.sum(mix**2)
    assert 10.0 * np.log10(error) <= -120.0


def test_suggest_then_render_is_mix_bit_for_bit(tmp_path: Path, song: Path, run: Run) -> None:
    assert run("mix", song, "-o", tmp_path / "mix.wav", "--json", tmp_path / "saved.json").code == 0
    assert run("suggest", song, "-o", tmp_path / "mix.json").code == 0
    for settings in ("mix.json", "saved.json"):
        assert run("render", tmp_path / settings, "-o", tmp_path / "again.wav").code == 0
        assert (tmp_path / "again.wav").read_bytes() == (tmp_path / "mix.wav").read_bytes()
    assert run("mix", tmp_path / "saved.json", "-o", tmp_path / "again.flac").code == 0
    assert np.array_equal(read_audio(tmp_path / "again.flac")[0], read_audio(tmp_path / "mix.wav")[0])


def test_another_rate(tmp_path: Path, song: Path, run: Run) -> None:
    assert run("mix", song, "-o", tmp_path / "mix.wav", "--sample-rate", "48000").code == 0
    assert soundfile.info(tmp_path / "mix.wav").samplerate == 48_000
    for value in ("x", "48", "22050", "-1"):
        assert run("mix", song, "-o", tmp_path / "mix.wav", f"--sample-rate={value}").code == 2


def test_measure_agrees_with_libebur128(tmp_path: Path, write: Write, run: Run) -> None:
    audio = tone(5.0)
    ended = run("measure", "--json", "--quiet", write(tmp_path / "a.wav", audio))
    (measured,) = json.loads(ended.out).values()
    modes = pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_TRUE_PEAK
    state = pyebur128.R128State(2, RATE, modes)
    state.add_frames(audio.reshape(-1), len(audio))
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(2))
    assert measured["integrated_lufs"] == pytest.approx(pyebur128.get_loudness_global(state), abs=0.05)
    assert measured["true_peak_dbtp"] == pytest.approx(20 * np.log10(peak), abs=0.3)  # it reads low


def test_measure_goes_on_after_what_it_cannot_read(tmp_path: Path, song: Path, run: Run) -> None:
    (tmp_path / "[bold]junk.wav").write_bytes(b"junk" * 99)
    ended = run("measure", song / "kick.wav", tmp_path / "[bold]junk.wav", song, tmp_path / "gone.wav")
    assert ended.code == 1
    assert "LUFS" in ended.out
    assert all(
        text in ended.err for text in ("[bold]junk.wav: not audio", "song: is a folder", "gone.wav: no such file")
    )


def test_many_files_have_a_row_each(song: Path, run: Run, monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    write(song.parent / "other/kick.wav")
    ended = run("measure", *sorted(song.iterdir()), song.parent / "other/kick.wav")
    lines = [line for line in ended.out.splitlines() if ".wav" in line]
    assert len(lines) == 4
    assert "other/kick.wav" in ended.out or "…" in ended.out


def test_quiet_and_verbose(tmp_path: Path, song: Path, run: Run) -> None:
    quiet = run("mix", song, "-o", tmp_path / "mix.wav", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    verbose = run("mix", song, "-o", tmp_path / "mix.wav", "--verbose")
    assert "Rendering: " in verbose.err
    assert "\n  trim " in verbose.out
    assert run("mix", song, "-o", tmp_path / "mix.wav", "-q", "-v").code == 2


@pytest.mark.parametrize("columns", [80, 120, 160])
def test_tables_fit_the_terminal(song: Path, run: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ended = run("suggest", song)
    table = ended.out.split("\nReverb")[0]
    assert max(map(len, table.splitlines())) <= columns
    assert all(name in table for name in ("kick", "lead vocal", "synth", "Fader", "EQ"))


def test_the_demo(tmp_path: Path, run: Run) -> None:
    ended = run("demo", "-o", tmp_path / "new/demo")
    assert ended.code == 0
    names = {path.name for path in (tmp_path / "new/demo").iterdir()}
    assert names == {"mix.wav", "mix.json", "report.html", "stems"}
    assert "Listen to" in ended.out


def test_a_defect_is_one_sentence(song: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("the moon is full")

    monkeypatch.setattr("assistant.cli.proving.make_engineer", fail)
    ended = run("suggest", song)
    assert ended.code == 70
    assert ended.err == (
        "mixassist: a defect of mixassist, not of your files: RuntimeError: the moon is full; "
        "the same command with --verbose shows where\n"
    )


def test_verbose_shows_where_a_defect_is(
    song: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.cli.main import main

    monkeypatch.setattr("assistant.cli.proving.make_engineer", None)
    assert main(["suggest", str(song), "--verbose"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_out_of_memory_and_ctrl_c(song: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for error, code, text in ((MemoryError, 1, "out of memory"), (KeyboardInterrupt, 130, "stopped; nothing half-")):

        def fail(*_args: object, error: type[BaseException] = error) -> None:
            raise error

        monkeypatch.setattr("assistant.cli.proving.make_engineer", fail)
        ended = run("suggest", song)
        assert ended.code == code
        assert text in ended.err


def _all_of(master: int) -> str:
    """Everything that was written to a terminal whose other side is closed; one read gives but a part of it."""
    pieces = []
    with suppress(OSError):  # how Linux says that it was all
        while piece := os.read(master, 1 << 16):
            pieces.append(piece)
    return b"".join(pieces).decode()


def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar is drawn on a terminal, obeys no markup in names, and is gone in the end."""
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        terminal = Terminal()
        with terminal.stage("Rendering") as progress:
            progress(0.0, "")
            progress(0.5, "[/red] {task} \x1b[2J")
        terminal.table("[/x]", [TableColumn("[/y]")], [["[/z]"]])
    drawn = _all_of(master)
    os.close(master)
    assert "Rendering" in drawn
    assert "[/red] {task} \\x1b[2J" in drawn
    assert drawn.rstrip().endswith("\x1b[2K")
