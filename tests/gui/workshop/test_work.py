"""What the workshop does for the window: the numbers of the command line, kept where that saves listening."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from assistant.audio.reading import read_audio
from assistant.cli.main import main
from assistant.cli.outputs import OutputError
from assistant.engineers.rules import RuleEngineer
from assistant.mandate import Mandate
from assistant.mix import ChannelMix, Mix
from assistant.tasks import Cancelled
from gui.workshop.values import Desk, Order, Proposal, Wish
from gui.workshop.work import Work
from protocols.daw import Control, DawTrack
from protocols.desk import mix_of
from protocols.mixfile import read_mix_file
from protocols.stems import SessionError
from render.bench import Bench

RATE = 44_100
NAMES = ("bass", "drum loop", "lead vocal")
CALL: dict[str, Any] = {"progress": lambda share, what: None, "is_cancelled": lambda: False}
RULES = Wish(engineer="rules")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three short stems."""
    folder = tmp_path_factory.mktemp("songs") / "My Song"
    folder.mkdir()
    rng = np.random.default_rng(1)
    time_s = np.arange(5 * RATE // 2) / RATE
    bass = 0.3 * np.sin(2 * np.pi * 55.0 * time_s) * (0.3 + 0.7 * (time_s % 0.5 < 0.3))
    hits = rng.standard_normal(len(time_s)) * np.exp(-((time_s % 0.25) / 0.04)) * 0.4
    voice = 0.1 * sum(np.sin(2 * np.pi * 220.0 * k * time_s) / k for k in range(1, 9)) * (time_s % 2.0 < 1.5)
    for name, audio in zip(NAMES, (bass, hits, voice), strict=True):
        noise = 0.003 * rng.standard_normal((len(time_s), 2))
        soundfile.write(folder / f"{name}.wav", (audio[:, None] + noise).astype(np.float32), RATE, subtype="FLOAT")
    return folder


@pytest.fixture
def work(song: Path) -> Work:
    found = Work()
    found.open(str(song), None, **CALL)
    return found


@pytest.fixture(scope="module")
def proposed(song: Path) -> tuple[Work, Proposal]:
    """A session with a proposal; tests leave it as it is."""
    found = Work()
    found.open(str(song), None, **CALL)
    return found, found.propose(RULES, **CALL)


def moved(mix: Mix, name: str, **settings: float) -> Mix:
    def one(channel: ChannelMix) -> ChannelMix:
        return replace(channel, settings=channel.settings.with_values(**settings)) if channel.name == name else channel

    return replace(mix, channels=tuple(map(one, mix.channels)))


def test_a_folder_is_opened_from_its_headers(song: Path) -> None:
    info = Work().open(str(song), None, **CALL)
    assert (info.name, info.before, info.saved) == ("My Song", None, None)
    assert tuple(track.name for track in info.session.tracks) == NAMES
    file = song / "bass.wav"
    assert info.stamps[str(file)] == (file.stat().st_size, file.stat().st_mtime_ns)
    assert len(info.stamps) == len(NAMES)


def test_the_demo_comes_along() -> None:
    info = Work().open("demo:", None, **CALL)
    assert info.name == "Demo"
    assert len(info.session.tracks) == 9


def test_broken_files_are_named_and_can_be_left_out(song: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "bass.wav").write_bytes((song / "bass.wav").read_bytes())
    (folder / "noise.wav").write_bytes(b"RIFF and nothing more")
    with pytest.raises(SessionError, match=r"noise\.wav") as raised:
        Work().open(str(folder), None, **CALL)
    assert "--skip-broken" not in str(raised.value)
    info = Work().open(str(folder), None, True, **CALL)
    assert [track.name for track in info.session.tracks] == ["bass"]
    assert any("noise.wav" in note for note in info.notes)


def test_without_a_session_it_says_so() -> None:
    with pytest.raises(SessionError, match="no session is open"):
        Work().propose(RULES, **CALL)


def test_a_proposal_is_the_command_lines(proposed: tuple[Work, Proposal], song: Path, tmp_path: Path) -> None:
    work, proposal = proposed
    work.save(str(tmp_path / "window.json"), proposal.mix, None, **CALL)
    assert main(["suggest", str(song), "--engineer", "rules", "-q", "-o", str(tmp_path / "line.json")]) == 0
    documents = [json.loads((tmp_path / name).read_text()) for name in ("window.json", "line.json")]
    assert documents[0] == documents[1]
    assert proposal.figures.tracks.keys() == set(NAMES)
    assert proposal.before_figures.integrated_lufs != proposal.figures.integrated_lufs
    assert all(end > start for start, end in proposal.passages)


def test_another_wish_costs_no_listening(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    listened = []
    listen = RuleEngineer.listen
    monkeypatch.setattr(RuleEngineer, "listen", lambda *args: listened.append(1) or listen(*args))
    first = work.propose(RULES, **CALL)
    told = replace(RULES, roles={"bass": "kick"}, target_lufs=-9.0)
    again = work.propose(told, **CALL)
    assert listened == [1]
    assert again.mix.channel("bass").role == "kick" != first.mix.channel("bass").role
    assert again.mix.target_lufs == -9.0
    assert work.propose(RULES, **CALL) == first


def test_what_may_not_be_changed_stays(proposed: tuple[Work, Proposal], song: Path, tmp_path: Path) -> None:
    mandate = Mandate(sections=frozenset({"levels"}), locked_tracks=frozenset({"bass"}))
    work = Work()
    work.open(str(song), None, **CALL)
    mix = work.propose(replace(RULES, mandate=mandate), **CALL).mix
    assert not mix.channel("bass").settings.changed()
    assert mix.channel("lead vocal").settings.changed().keys() <= {"trim_db", "fader_db"}
    line = tmp_path / "line.json"
    restrictions = ["--only", "levels", "--lock", "bass"]
    assert main(["suggest", str(song), "--engineer", "rules", *restrictions, "-q", "-o", str(line)]) == 0
    assert read_mix_file(line)[0].channels == mix.channels
    with pytest.raises(SessionError, match="unknown track 'base'"):
        work.propose(replace(RULES, mandate=Mandate(tracks=frozenset({"base"}))), **CALL)


def test_a_reference_is_aimed_at(work: Work, song: Path) -> None:
    plain = work.propose(RULES, **CALL)
    proposal = work.propose(replace(RULES, reference=str(song / "drum loop.wav")), **CALL)
    assert any("tone: the mix's third octaves off drum loop.wav" in note for note in proposal.notes)
    assert work.mix_insight(proposal.mix, **CALL).reference_label == "drum loop.wav"
    loud, quiet = (_top_over_bottom(work, p.mix) for p in (proposal, plain))
    assert loud > quiet  # a drum loop is brighter than this song


def _top_over_bottom(work: Work, mix: Mix) -> float:
    insight = work.mix_insight(mix, **CALL)
    powers = 10.0 ** (insight.after_db / 10.0)
    return float(powers[insight.band_hz > 1_000.0].sum() / powers[insight.band_hz < 200.0].sum())


def test_any_mix_is_measured(proposed: tuple[Work, Proposal]) -> None:
    work, proposal = proposed
    assert work.measure(proposal.mix, **CALL) == proposal.figures
    fader_db = proposal.mix.channel("bass").settings["fader_db"]
    quieter = work.measure(moved(proposal.mix, "bass", fader_db=fader_db - 6.0), **CALL)
    was = proposal.figures.tracks["bass"]
    assert quieter.tracks["bass"].loudness_lufs == pytest.approx(was.loudness_lufs - 6.0, abs=0.05)
    turned = replace(proposal.mix, channels=proposal.mix.channels[::-1])
    assert work.measure(turned, **CALL) == proposal.figures


def test_reasons_say_where_the_user_has_changed_something_since(proposed: tuple[Work, Proposal]) -> None:
    work, proposal = proposed
    name = "lead vocal"
    as_proven = work.track_insight(name, proposal.mix, **CALL)
    assert "level" in {reason.section for reason in as_proven.reasons}
    assert "changed" not in {reason.standing for reason in as_proven.reasons}
    fader_db = proposal.mix.channel(name).settings["fader_db"]
    insight = work.track_insight(name, moved(proposal.mix, name, fader_db=fader_db - 2.0), **CALL)
    standing = {reason.section: (reason.standing, reason.why) for reason in insight.reasons}
    assert standing.pop("level") == ("changed", "you have changed this since")
    assert "changed" not in {of for of, _ in standing.values()}
    assert insight.after.loudness_lufs == pytest.approx(as_proven.after.loudness_lufs - 2.0, abs=0.05)


def test_a_mix_of_the_users_is_explained_without_a_proposal(work: Work) -> None:
    mix = moved(Mix(tuple(ChannelMix(name) for name in NAMES)), "bass", fader_db=-4.0)
    insight = work.track_insight("bass", mix, **CALL)
    assert [(reason.section, reason.standing) for reason in insight.reasons] == [("level", "shown")]


def test_insight_gets_deeper_and_lets_measurements_in_between(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = work.propose(RULES, **CALL)
    assert not work.track_insight("bass", proposal.mix, **CALL).is_in_depth
    has_begun, measured = threading.Event(), []
    measure = Bench.measure

    def slowly(bench: Bench, mix: Mix) -> Any:
        has_begun.set()
        return measure(bench, mix)

    monkeypatch.setattr(Bench, "measure", slowly)
    deepening = threading.Thread(target=lambda: work.deepen(**CALL))
    deepening.start()
    assert has_begun.wait(20.0)
    for step in range(3):
        mix = moved(proposal.mix, "bass", fader_db=-20.0 - step)
        measured.append(work.measure(mix, **CALL).tracks["bass"].loudness_lufs)
    deepening.join()
    assert np.diff(measured) == pytest.approx([-1.0, -1.0], abs=0.05)
    insight = work.track_insight("bass", proposal.mix, **CALL)
    assert insight.is_in_depth
    assert {name for name, _ in insight.influence} <= set(NAMES)
    assert work.mix_insight(proposal.mix, **CALL).influence is not None


def test_the_overview_costs_no_reading_once_somebody_listened(work: Work, song: Path) -> None:
    first = work.overview(**CALL)
    assert first.names == NAMES
    audio, _ = read_audio(song / "bass.wav")
    size = round(first.step_s * RATE)
    expected = np.sqrt(np.square(audio[:, 10 * size : 11 * size]).mean())
    assert first.rms[0, 10] == pytest.approx(expected, rel=1e-4)
    (song / "bass.wav").rename(song / "bass.away")
    try:
        np.testing.assert_array_equal(work.overview(**CALL).rms, first.rms)
    finally:
        (song / "bass.away").rename(song / "bass.wav")


def test_a_tile_is_what_the_mix_sounds_like(proposed: tuple[Work, Proposal]) -> None:
    work, proposal = proposed
    tile = work.tile(proposal.mix, ("bass",), RATE, RATE // 2, **CALL)
    assert (tile.start, tile.audio.shape) == (RATE, (2, RATE // 2))
    loudest = dict(zip((c.name for c in proposal.mix.channels), tile.levels_db.max(axis=1), strict=True))
    assert loudest["bass"] > -60.0
    assert loudest["drum loop"] == loudest["lead vocal"] == -np.inf


def test_an_order_is_made_into_a_folder(proposed: tuple[Work, Proposal], tmp_path: Path) -> None:
    work, proposal = proposed
    order = Order(str(tmp_path / "out" / "Song"), replace(RULES, target_lufs=-16.0), proposal.mix, "16")
    done = work.make(order, **CALL)
    folder = tmp_path / "out" / "Song"
    assert sorted(p.name for p in folder.iterdir()) == ["mix.json", "mix.wav", "report.html", "stems"]
    assert len(list((folder / "stems").iterdir())) == len(NAMES) + 1
    assert soundfile.info(folder / "mix.wav").subtype == "PCM_16"
    assert dict(done.rows)["Integrated loudness"] == "-16.0 LUFS (target -16.0)"
    assert done.mix.channels == proposal.mix.channels
    saved, _, _ = read_mix_file(folder / "mix.json")
    assert saved == done.mix
    again = work.make(replace(order, writes_report=False, writes_stems=False, bit_depth="float"), **CALL)
    assert again.audio == str(tmp_path / "out" / "Song 2" / "mix.wav")
    assert any("Song 2" in note for note in again.notes)
    assert [what for what, _ in again.files] == ["Mix", "Settings"]


def test_an_order_without_a_mix_is_the_command_lines(song: Path, tmp_path: Path) -> None:
    work = Work()
    work.open(str(song), None, **CALL)
    wish = Wish(engineer="equal-loudness")
    done = work.make(Order(str(tmp_path / "window"), wish, writes_report=False, writes_stems=False), **CALL)
    line = ["mix", str(song), "--engineer", wish.engineer, "-q", "-o", str(tmp_path / "line.wav")]
    assert main([*line, "--json", str(tmp_path / "line.json")]) == 0
    assert read_mix_file(tmp_path / "line.json")[0] == done.mix
    assert Path(done.audio).read_bytes() == (tmp_path / "line.wav").read_bytes()


@pytest.mark.parametrize("stage", ["Verifying", "Rendering", "Writing"])
def test_nothing_half_written_is_left_of_an_order_that_was_cancelled(
    proposed: tuple[Work, Proposal], tmp_path: Path, stage: str
) -> None:
    work, _ = proposed
    heard: list[str] = []
    order = Order(str(tmp_path / "new" / "mix"), replace(RULES, target_lufs=-15.0))
    with pytest.raises(Cancelled):
        work.make(
            order,
            progress=lambda share, what: heard.append(what),
            is_cancelled=lambda: any(what.startswith(stage) for what in heard),
        )
    assert list(tmp_path.iterdir()) == []


def test_an_order_among_the_stems_is_refused(work: Work, song: Path) -> None:
    with pytest.raises(OutputError, match="lies among the stems"):
        work.make(Order(str(song), RULES), **CALL)
    assert sorted(p.name for p in song.iterdir()) == [f"{name}.wav" for name in NAMES]


def test_progress_only_grows_and_cancelling_leaves_the_session_usable(work: Work) -> None:
    shares: list[float] = []
    with pytest.raises(Cancelled):
        work.propose(RULES, progress=lambda share, what: shares.append(share), is_cancelled=lambda: len(shares) > 3)
    shares.clear()
    work.propose(RULES, progress=lambda share, what: shares.append(share), is_cancelled=lambda: False)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def desk_of(*names: str, held: dict[Control, float]) -> Desk:
    """A desk of Ardour's with faders and pans, a master fader, and nothing else."""
    strip = frozenset({"fader_db", "pan"})
    tracks = [DawTrack(name, "audio", 2, strip, other_plugins=("Tape",)) for name in names]
    master = DawTrack("Master", "master", 2, frozenset({"master_gain_db"}))
    return Desk("ardour", "Ardour", "Take 5", "ardour", (*tracks, master), held)


def test_a_desk_is_where_its_session_stands(song: Path) -> None:
    held = {Control("bass", "fader_db"): -7.5, Control("lead vocal", "pan"): 0.25}
    work = Work()
    info = work.open(str(song), desk_of(*NAMES, "shaker", held=held), **CALL)
    assert (info.name, info.before, info.session.pan_law) == ("Take 5", mix_of(NAMES, held), "ardour")
    assert any("not listened to, left alone: shaker" in note for note in info.notes)
    assert any("Tape" in note for note in info.notes)
    proposal = work.propose(RULES, **CALL)
    mix = proposal.mix
    assert proposal.before == info.before
    assert mix.target_lufs is None
    for channel in mix.channels:
        assert channel.settings.changed().keys() <= {"fader_db", "pan"}
    over_db = proposal.figures.true_peak_dbtp + mix.master["master_gain_db"] - mix.master["limiter_ceiling_dbtp"]
    assert over_db <= -0.9
    assert any("Ardour" in note for note in proposal.notes)
    assert work.measure(mix, **CALL) == proposal.figures


def test_a_desk_without_the_tracks_is_another_session(song: Path) -> None:
    with pytest.raises(SessionError, match=r"not of the session 'Take 5'.*\n.*did you mean 'basso'"):
        Work().open(str(song), desk_of("basso", "drum loop", "lead vocal", held={}), **CALL)


def test_a_mix_is_not_saved_over_a_stem(work: Work, song: Path, tmp_path: Path) -> None:
    mix, held = Mix(tuple(ChannelMix(name) for name in NAMES)), {Control("bass", "fader_db"): -3.0}
    with pytest.raises(OutputError, match=r"saved as \.json"):
        work.save(str(song / "bass.wav"), mix, held, **CALL)
    work.save(str(tmp_path / "mine.json"), mix, held, **CALL)
    info = work.open(str(tmp_path / "mine.json"), None, **CALL)
    assert (info.name, info.saved) == ("mine", mix)
    assert str(tmp_path / "mine.json") in info.stamps


def test_an_insight_without_a_proposal_does_not_take_the_place_of_one(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a loss both may be asked for at once, on lanes of their own."""
    from gui.workshop import proposing

    proven_as_is = proposing.proven_as_is

    def slowly(*arguments: Any) -> Any:
        found = proven_as_is(*arguments)
        work.propose(RULES, **CALL)
        return found

    monkeypatch.setattr(proposing, "proven_as_is", slowly)
    assert work._session is not None
    work.mix_insight(Mix(tuple(ChannelMix(name) for name in NAMES)), **CALL)
    assert work._session.proven is not None
    assert work._session.proven.wish == RULES
