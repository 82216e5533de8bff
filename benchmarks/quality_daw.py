"""Is what was verified what a real Ardour plays?

The demo's nine stems, four of them mono, at three sample rates, in Ardour with our strip on every track and our reverb
on a bus: mixes with every parameter of every track drawn at random, dry and with sends, are pushed and confirmed, and
Ardour's own export is held against our render of the same mix of the pulled stems. Each stem plays with the others
first, and then alone in a place of its own, so that one export gives the residual of the mix and those of all tracks.

Then a real song where ../shared/data is there: a minute of lithium, the controller's own proposal by
``mixassist daw suggest``, pushed by ``mixassist daw push`` and exported. Residuals are RMS of the difference over RMS
of the render, in dB. Pulled: the stems against Ardour's own bounce.

Beside it: the same mixes rendered with a constant-power pan in place of Ardour's law, and from the stems as they were
imported, without the fades that Ardour gives every region; for the song, which has no mono stems, without the push in
place of the pan.

    python benchmarks/quality_daw.py

Some five minutes. Results are appended to ``benchmarks/results/quality_daw.jsonl``.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it

from recording import ROOT, SONGS, record

sys.path += [str(ROOT), str(ROOT / "tests")]  # the tests' Ardour

import numpy as np
import soundfile
from ardour_host import ArdourHost, find_ardour
from ardour_song import MONO, dry, pulled, random_mix, residual_db

from assistant.arrays import FloatArray
from assistant.audio.reading import load_track, read_audio
from assistant.cli.main import main as mixassist
from assistant.demo_session import demo_folder
from assistant.mix import ChannelMix, Mix, Session, Track, mix_from_json
from protocols.daws import open_daw
from protocols.desk import changes_to
from protocols.journal import Journal
from protocols.link import Daw
from protocols.stems import read_stems_folder
from render.mixdown import render_premaster
from render.plugins.build import build_bundles

RATES, SEEDS = (44_100, 48_000, 96_000), (1, 2, 3, 4)
MOST_DB = {"mix": -110.0, "track": -100.0, "pulled": -120.0}
#: Seconds: where the demo is entered, what plays together and alone, and the silence behind each.
ENTERED_S, TOGETHER_S, ALONE_S, SILENCE_S = 3.0, 6.0, 2.0, 1.0
SONG, SONG_START_S, SONG_S = "lithium", 100.0, 60.0


@dataclass(frozen=True)
class Song:
    """Stems float32 ``(C, T)`` by name, and where everything is heard: "mix" and every track alone, in samples."""

    stems: Mapping[str, FloatArray]
    places: Mapping[str, slice]


@dataclass(frozen=True)
class Case:
    """What was measured of one mix at one rate: residuals in dB by place; those of the baselines only where dry."""

    rate: int
    kind: str
    ours: Mapping[str, float]
    other_pan: Mapping[str, float]
    no_fades: Mapping[str, float]


def demo_song(rate: int) -> Song:
    """The demo's stems with a part of each, where it is loudest, alone behind what all play together."""
    session, _ = read_stems_folder(demo_folder())
    together, alone = round(TOGETHER_S * rate), round(ALONE_S * rate)
    step = alone + round(SILENCE_S * rate)
    start = together + round(SILENCE_S * rate)
    length = start + step * len(session.tracks)
    stems, places = {}, {"mix": slice(0, together)}
    for number, track in enumerate(session.tracks):
        audio = load_track(track, rate)
        audio = audio.mean(axis=0, keepdims=True) if track.name in MONO else audio
        place = slice(start + number * step, start + number * step + alone)
        stem = np.zeros((len(audio), length), np.float32)
        stem[:, :together] = audio[:, round(ENTERED_S * rate) :][:, :together]
        stem[:, place] = audio[:, loudest(audio, alone)]
        stems[track.name], places[track.name] = stem, place
    return Song(stems, places)


def loudest(audio: FloatArray, length: int) -> slice:
    """Where ``length`` samples of ``audio`` have most energy, in steps of a quarter of it."""
    starts = range(0, audio.shape[1] - length, length // 4)
    start = max(starts, key=lambda at: float(np.square(audio[:, at : at + length]).sum()))
    return slice(start, start + length)


def push(daw: Daw, mix: Mix) -> None:
    """Make Ardour's mixer ``mix``; raises where not all of it is confirmed."""
    report = daw.push(changes_to(mix, daw.tracks(), daw.read()))
    if report.problems:
        raise RuntimeError(f"not confirmed: {report.problems}")


def rendered(session: Session, mix: Mix) -> FloatArray:
    """What Ardour's master gives, as we render it."""
    gain = 10.0 ** (mix.master["master_gain_db"] / 20.0)
    return render_premaster(session, mix, load_track) * np.float32(gain)


def residuals(played: FloatArray, render: FloatArray, places: Mapping[str, slice]) -> dict[str, float]:
    """By place, in dB."""
    return {name: residual_db(played[:, place], render[:, place]) for name, place in places.items()}


def imported(stems: Mapping[str, FloatArray], session: Session) -> Session:
    """``session`` with the audio that was imported into Ardour, region fades unheard."""
    tracks = (replace(track, audio=stems[track.name], audio_path=None) for track in session.tracks)
    return replace(session, tracks=tuple(tracks))


def measure_rate(rate: int, folder: Path, bundles: Sequence[Path]) -> tuple[list[Case], dict[str, float]]:
    """The cases of one sample rate, and how the pulled stems differ from Ardour's bounce."""
    song = demo_song(rate)
    cases = []
    with ExitStack() as stack:
        host = stack.enter_context(
            ArdourHost(folder / str(rate), song.stems, inserts="ours", bundles=bundles, sample_rate=rate)
        )
        session = pulled(host, folder / f"pulled {rate}")
        daw = stack.enter_context(open_daw("ardour", port=host.port, journal=Journal(folder / "journal")))
        daw.connect(20.0)
        for seed in SEEDS:
            wet = random_mix(session, seed)
            mixes = {"with reverb": wet, "dry": dry(wet)}
            for kind, played in zip(mixes, exports(host, daw, mixes.values()), strict=True):
                cases.append(judged(kind, mixes[kind], session, song, played))
                show_case(seed, cases[-1])
        pulls = {track.name: pull_db(host, track) for track in session.tracks}
    return cases, pulls


def exports(host: ArdourHost, daw: Daw, mixes: Iterable[Mix]) -> list[FloatArray]:
    """What Ardour plays of each of ``mixes``, pushed one after the other."""
    with ExitStack() as copies, ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = []
        for mix in mixes:
            push(daw, mix)
            waiting.append(pool.submit(host.export_of, copies.enter_context(host.saved_copy())))
        return [export.result() for export in waiting]


def judged(kind: str, mix: Mix, session: Session, song: Song, played: FloatArray) -> Case:
    """Residuals of what Ardour ``played``."""
    ours = residuals(played, rendered(session, mix), song.places)
    if kind != "dry":
        return Case(session.sample_rate, kind, ours, {}, {})
    others = (replace(session, pan_law="constant_power"), imported(song.stems, session))
    baselines = (residuals(played, rendered(other, mix), song.places) for other in others)
    return Case(session.sample_rate, kind, ours, *baselines)


def show_case(seed: int, case: Case) -> None:
    """Print the mix and the worst track."""
    worst = max((place for place in case.ours if place != "mix"), key=lambda place: case.ours[place])
    figures = f"{case.ours['mix']:.1f} dB, worst track {worst}: {case.ours[worst]:.1f} dB"
    print(f"  {case.rate} Hz, mix {seed} {case.kind}: {figures}", flush=True)


def pull_db(host: ArdourHost, track: Track) -> float:
    """How a pulled stem differs from Ardour's bounce, in dB."""
    found = load_track(track, track.sample_rate)
    return residual_db(found, host.bounce(track.name, found.shape[1]))


def write_minute(folder: Path) -> dict[str, Path]:
    """A minute of the song's stems that sound in it, as files, by name."""
    files = {}
    for source in sorted((SONGS / SONG).glob("*.m4a")):
        audio, rate = read_audio(source)
        part = audio[:, round(SONG_START_S * rate) : round((SONG_START_S + SONG_S) * rate)]
        if part.any():
            files[source.stem] = folder / f"{source.stem}.wav"
            soundfile.write(files[source.stem], part.T, rate, "FLOAT")
    return files


def measure_song(folder: Path, bundles: Sequence[Path]) -> dict[str, float]:
    """Residuals of the mix that the controller proposes for the song, from the command line."""
    folder.mkdir()
    files = write_minute(folder)
    rate = soundfile.info(next(iter(files.values()))).samplerate
    with ArdourHost(folder, files, inserts="ours", bundles=bundles, sample_rate=rate) as host:
        os.environ |= {"XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(host.home / ".config")}
        file, link = str(folder / "mix.json"), ["--daw", "ardour", "--port", str(host.port)]
        for command in (["daw", "suggest", "-o", file], ["daw", "push", file]):
            with contextlib.redirect_stdout(io.StringIO()):
                if mixassist([*command, *link, "--quiet"]):
                    raise RuntimeError(f"mixassist {' '.join(command)} failed")
        played, session = host.export(), pulled(host, folder / "pulled")
    mix = mix_from_json(Path(file).read_text(encoding="utf-8"))
    stems = {name: soundfile.read(path, dtype="float32", always_2d=True)[0].T for name, path in files.items()}
    unpushed = Mix(tuple(ChannelMix(track.name) for track in session.tracks))
    mixes = {
        "ours": (session, mix),
        "no_fades": (imported(stems, session), mix),
        "unpushed": (session, unpushed),
    }
    found = {name: residual_db(played, rendered(*of)) for name, of in mixes.items()}
    return {"tracks": len(files), **found}


def row(residuals_db: Iterable[float]) -> dict[str, float]:
    """As it is printed and recorded."""
    found = tuple(residuals_db)
    return {"worst": max(found), "median": statistics.median(found), "count": len(found)}


def table(cases: Sequence[Case]) -> dict[str, dict[str, float]]:
    """Figures by line of the table."""
    rows = {}
    for what in ("mix", "track"):
        for kind in ("dry", "with reverb"):
            for rate in RATES:
                ours = [case.ours for case in cases if (case.rate, case.kind) == (rate, kind)]
                found = (db for of in ours for place, db in of.items() if (place == "mix") == (what == "mix"))
                rows[f"{what} {kind} {rate} Hz"] = row(found)
    bare = [case for case in cases if case.kind == "dry"]
    rows["mix, constant-power pan"] = row(case.other_pan["mix"] for case in bare)
    rows["mono track, constant-power pan"] = row(case.other_pan[name] for case in bare for name in MONO)
    rows["mix, no region fades"] = row(case.no_fades["mix"] for case in bare)
    return rows


def show(rows: Mapping[str, Mapping[str, float]]) -> None:
    """Print the table."""
    print(f"\n{'residual, dB':30}{'worst':>9}{'median':>9}{'of':>5}{'at most':>9}")
    for name, of in rows.items():
        bound = "" if "," in name else f"{MOST_DB[name.split()[0]]:9.0f}"
        print(f"{name:31}{of['worst']:8.1f}{of['median']:9.1f}{of['count']:5.0f}{bound}")


def main() -> None:
    """Measure all rates and the song, and print the tables."""
    if find_ardour() is None:
        print("needs Ardour: left out")
        return
    cases, pulls = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundles = build_bundles(folder / "lv2")
        for rate in RATES:
            found, pulls_of_rate = measure_rate(rate, folder, bundles)
            cases += found
            pulls += pulls_of_rate.values()
        song = measure_song(folder / "song", bundles) if (SONGS / SONG).is_dir() else {}
    rows = {**table(cases), "pulled against bounced": row(pulls)}
    show(rows)
    if song:
        print(f"\n{SONG}, {song['tracks']:.0f} tracks, proposed and pushed: {song['ours']:.1f} dB (at most -110)")
        print(f"  no region fades {song['no_fades']:.1f} dB, as if nothing had been pushed {song['unpushed']:.1f} dB")
    record("quality_daw", {"residual_db": rows, "song": song})


if __name__ == "__main__":
    main()
