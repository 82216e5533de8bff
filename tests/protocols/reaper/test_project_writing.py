"""A mix written into a copy of a REAPER project comes back as it was; nothing else in the file changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.mix import BusSettings, ChannelMix, ChannelSettings, MasterSettings, Mix, Settings
from assistant.plugins import REVERB, STRIP_STEREO
from protocols.reaper.project import read_reaper_project
from protocols.reaper.project_tracks import OUR_FILES
from protocols.reaper.project_writing import write_reaper_settings
from protocols.stems import SessionError
from render.plugins.jsfx import EFFECTS

STRIP, VERB = OUR_FILES
SLIDERS = " ".join(f"{p.default:.6f}" for p in STRIP_STEREO.params) + " -" * (64 - len(STRIP_STEREO.params))
OTHER = "<JS loser/3BandEQ ''\r\n      0 200 - -\r\n    >\r\n"
CHAIN = f"""  <FXCHAIN\r
    SHOW 0\r
    BYPASS 1 0 0\r
    <JS mixassist/{STRIP} ""\r
      1 1 1\r
    >\r
    BYPASS 0 0 0\r
    {OTHER}    BYPASS 0 0 0\r
    <JS "mixassist/{STRIP}" "my strip"\r
      {SLIDERS} \r
    >\r
    <VST "VST: ReaComp" reacomp.dll 0 ""\r
      QUJDRA==\r
    >\r
  >\r
"""
BUS_CHAIN = f"<FXCHAIN\r\nBYPASS 0 0 0\r\n<JS mixassist/{VERB} ''\r\n1 - -\r\n>\r\n>\r\n"
ITEM = '  <ITEM\r\n    VOLPAN 1 0 1 -1\r\n    <SOURCE WAVE\r\n      FILE "caf\u00e9.wav"\r\n    >\r\n  >\r\n'


def track(name: str, content: str = "", more: str = "") -> str:
    """A track."""
    return f"<TRACK {{A}}\r\n  NAME {name}\r\n  VOLPAN 1 0\t-1 -1 1\r\n{more}{content}>\r\n"


PROJECT = (
    '<REAPER_PROJECT 0.1 "7.82" 1\r\n  MASTER_VOLUME 1 0 -1 -1 1\r\n  <NOTES 0 2\r\n    |VOLPAN 1 0\r\n  >\r\n'
    + track("Gtr", CHAIN + ITEM)
    + track("Bass", CHAIN, "  IPHASE 1\r\n")
    + track("Plain", ITEM)
    + track("Verb", BUS_CHAIN, "  AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''\r\n  AUXRECV 1 0 0.5 0 1 0\r\n")
    + track("Else", "  <VOLENV2\r\n    VOLPAN 1 0\r\n  >\r\n")
    + ">\r\n"
)


def drawn(kind: type[Settings], seed: int) -> dict[str, float]:
    """Random settings."""
    noise = np.random.default_rng(seed)
    return {p.name: p.clamp(p.from_unit(noise.uniform(0.05, 0.95))) for p in kind.PARAMS}


def written(folder: Path, mix: Mix, text: str = PROJECT) -> tuple[Path, tuple[str, ...]]:
    """The project's copy with ``mix`` in it, and the notes."""
    (folder / "a.rpp").write_bytes(text.encode())
    return folder / "b.rpp", write_reaper_settings(folder / "a.rpp", folder / "b.rpp", mix)


def test_every_value_comes_back(tmp_path: Path) -> None:
    gtr, bass = (ChannelSettings(drawn(ChannelSettings, seed)) for seed in (1, 2))
    plain = ChannelSettings(fader_db=-7.5, pan=0.25)
    mix = Mix(
        (ChannelMix("Gtr", gtr), ChannelMix("Bass", bass), ChannelMix("Plain", plain)),
        BusSettings(drawn(BusSettings, 3)),
        MasterSettings(master_gain_db=6.0),
    )
    path, notes = written(tmp_path, mix)
    got = read_reaper_project(path)
    for had, want in zip(got.tracks[:3], (gtr, bass, plain), strict=True):
        assert dict(had.settings) == pytest.approx(dict(want), rel=1e-9, abs=1e-9)
    assert dict(got.reverb) == pytest.approx(dict(mix.reverb), rel=1e-9)
    assert got.tracks[4].settings.changed() == {}
    assert got.master["master_gain_db"] == 0.0
    assert notes == ()


def test_nothing_else_changes(tmp_path: Path) -> None:
    mix = Mix((ChannelMix("Gtr", ChannelSettings(drawn(ChannelSettings, 1))),))
    path, _ = written(tmp_path, mix)
    before, after = PROJECT.encode().split(b"\n"), path.read_bytes().split(b"\n")
    assert len(before) == len(after)
    changed = [old.split()[0] for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [b"VOLPAN", SLIDERS.split()[0].encode(), b"VOLPAN", b"AUXRECV", b"1"]
    assert next(line for line in after if b"VOLPAN" in line and b"\t" in line).endswith(b"\t-1 -1 1\r")
    assert OTHER.encode() in path.read_bytes()


def test_an_empty_mix_leaves_the_tracks(tmp_path: Path) -> None:
    text = PROJECT.replace(BUS_CHAIN, "")
    path, notes = written(tmp_path, Mix(()), text)
    assert path.read_bytes() == text.encode()
    assert notes == ()


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    loud = ChannelSettings(send_db=-3.0, highpass_on=1)
    mix = Mix(tuple(ChannelMix(name, loud) for name in ("Gone", "Plain", "Gtr")))
    _, notes = written(tmp_path, mix)
    assert notes == (
        "not in the project: Gone",
        "no strip of ours there (mixassist plugins install), so only level and pan were set: Plain",
        "no send to a reverb bus there: Plain",
    )


def test_where_no_strip_is_the_fader_takes_the_trim(tmp_path: Path) -> None:
    strips = (ChannelSettings(trim_db=-8.0, fader_db=2.0), ChannelSettings(trim_db=24.0, fader_db=6.0))
    for strip, level_db in zip(strips, (-6.0, 12.0), strict=True):
        path, notes = written(tmp_path, Mix((ChannelMix("Plain", strip),)))
        found = read_reaper_project(path).tracks[2].settings
        assert (found["trim_db"], found["fader_db"]) == (0.0, pytest.approx(level_db))
        assert notes == ()


def test_silent_sends_are_silent(tmp_path: Path) -> None:
    path, _ = written(tmp_path, Mix((ChannelMix("Gtr"), ChannelMix("Bass", ChannelSettings(send_db=-6.0)))))
    lines = [line.split()[1:6] for line in path.read_text().splitlines() if "AUXRECV" in line]
    assert [(float(line[2]), float(line[4])) for line in lines] == [(0.0, 0.0), (pytest.approx(0.501, abs=1e-3), 0.0)]


def test_what_is_refused(tmp_path: Path) -> None:
    original = tmp_path / "a.rpp"
    original.write_text(PROJECT)
    with pytest.raises(SessionError, match="is the original"):
        write_reaper_settings(original, tmp_path / "x" / ".." / "a.rpp", Mix(()))
    with pytest.raises(SessionError, match="cannot be written"):
        write_reaper_settings(original, tmp_path / "none" / "b.rpp", Mix(()))
    original.write_text(PROJECT + PROJECT)
    with pytest.raises(SessionError, match="backup"):
        write_reaper_settings(original, tmp_path / "b.rpp", Mix(()))
    assert not (tmp_path / "b.rpp").exists()


def test_our_files_are_those_that_we_write() -> None:
    assert {effect.file_name: effect.plugin for effect in EFFECTS} == OUR_FILES
    assert list(OUR_FILES.values()) == [STRIP_STEREO, REVERB]
