"""How close does the controller's balance come to human mixes of songs it has never heard?

The stems of *Everything is Free* (CC0) carry the artists' levels: their plain sum is the mix. Every stem is brought to
one loudness before an engineer hears it. Leave one song out: for each song the controller is taught by the other
three, starting from weights that know synthetic sessions alone (``benchmarks/weights/synthetic.safetensors``), and the
ridge, a linear model on 84 numbers per stem, is fitted to the same three.

Figures per song and engineer: the level error, mean over the audible stems of |proposed - artists' relative level| in
LU with the median offset removed, its standard deviation over the stems and the worst stem; the lead vocal over the
backing against the artists' (see ``quality_levels``). ``dmc, no names`` hears the tracks without their names;
``dmc, deep`` is the network without its linear experts; ``random`` the mean of ten seeds. The rules were written with
all four songs in view and are no held-out result; so were the experts' strengths and shares.

Usage: ``python benchmarks/quality_human.py [FOLDER]``; about ten minutes. Results are appended to
``benchmarks/results/quality_human.jsonl``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from quality_levels import COMMON_LUFS, Song, find_songs, load_levelled, read_song, vocal_over_backing
from recording import CACHE, ROOT, record

from assistant.controller.engineer import DmcEngineer
from assistant.controller.evidence import SCALARS
from assistant.controller.network import ControllerNetwork
from assistant.controller.weights import load_weights, save_weights
from assistant.engineers.engineer import Engineer
from assistant.engineers.interface import make_engineer
from assistant.training.examples import Cache, Example
from assistant.training.linear import fit_line
from assistant.training.recipe import learn_from_stems, stems_jobs
from protocols.stems import read_stems_folder

BASE_WEIGHTS = ROOT / "benchmarks" / "weights" / "synthetic.safetensors"
_SIMPLE = ("mono", "equal-loudness", "rules")
SEEDS = range(10)
ENGINEERS = ("mono", "random", "equal-loudness", "rules", "ridge", "dmc", "dmc, no names", "dmc, deep")
RIDGE_BANDS = 40


@dataclass(frozen=True)
class Verdict:
    """Level errors in LU: mean, deviation and the worst stem with its name; and the vocal over the backing."""

    error: float
    deviation: float
    worst: float
    worst_stem: str
    vocal: float


def judge(song: Song, gains_db: Mapping[str, float]) -> Verdict:
    """The proposal that brings each stem to ``gains_db``, against the artists'."""
    names = sorted(song.levels)
    gains = np.array([gains_db[name] + COMMON_LUFS - song.levels[name] for name in names])
    errors = gains - np.median(gains)
    worst = int(np.argmax(np.abs(errors)))
    vocal = vocal_over_backing(song, dict(zip(names, gains.tolist(), strict=True))) - vocal_over_backing(song, {})
    return Verdict(float(np.abs(errors).mean()), float(errors.std()), float(errors[worst]), names[worst], vocal)


def faders(engineer: Engineer, song: Song) -> dict[str, float]:
    """What an engineer's faders ask of each audible stem, in dB over the common loudness."""
    mix = engineer.propose(song.session)
    return {name: mix.channel(name).settings["fader_db"] for name in song.levels}


def ridge_numbers(example: Example) -> np.ndarray:
    """84 level-invariant numbers per stem (N, 84).

    Mean and deviation of 40 mel bands over the frames that sound; share of active time, deviation of the active level,
    crest factor, width.
    """
    rows = []
    for track in example.tracks:
        power = 10.0 ** (track.mel_db.astype(np.float64).reshape(-1, track.mel_db.shape[-1]) / 10.0)
        sounding = power[power.sum(axis=1) > 1e-4 * power.sum(axis=1).max()]
        edges = np.linspace(0, power.shape[1], RIDGE_BANDS + 1).astype(int)[:-1]
        bands = 10.0 * np.log10(np.add.reduceat(sounding, edges, axis=1) / sounding.sum(axis=1).mean() + 1e-9)
        scalars = [track.scalars[list(SCALARS).index(name)] for name in ("active_ratio", "dynamics", "crest", "width")]
        rows.append([*(bands.mean(axis=0) / 20.0), *(bands.std(axis=0) / 10.0), *scalars])
    return np.array(rows)


def ridge_faders(left_out: Example, others: list[Example]) -> list[float]:
    """The ridge's levels for the stems of ``left_out``, fitted to ``others``."""
    levels = [example.level_db.astype(np.float64) for example in others]
    line = fit_line([ridge_numbers(example) for example in others], levels)
    return (ridge_numbers(left_out) @ line.weight + line.bias).tolist()


def taught_by(base: ControllerNetwork, others: list[Example], folder: Path) -> dict[str, Path]:
    """Weight files of the controller taught by ``others``, and of its deep part alone."""
    taught, _, _ = learn_from_stems(base, others, devices=1)
    deep = ControllerNetwork(replace(taught.config, shares=(1.0, 0.0, 0.0)))
    deep.load_state_dict(taught.state_dict())
    paths = {"dmc": folder / "taught.safetensors", "dmc, deep": folder / "deep.safetensors"}
    save_weights(paths["dmc"], taught, {})
    save_weights(paths["dmc, deep"], deep, {})
    return paths


def judge_song(song: Song, example: Example, others: list[Example], base: ControllerNetwork) -> dict[str, Verdict]:
    """Every engineer's verdict on one song; ``others`` teach the learned ones."""
    verdicts = {name: judge(song, faders(make_engineer(name, load_levelled), song)) for name in _SIMPLE}
    draws = [judge(song, faders(make_engineer("random", load_levelled, seed), song)) for seed in SEEDS]
    verdicts["random"] = _mean(draws)
    names = [track.name for track in song.session.tracks if track.name in song.levels]
    verdicts["ridge"] = judge(song, dict(zip(names, ridge_faders(example, others), strict=True)))
    with tempfile.TemporaryDirectory() as folder:
        for name, path in taught_by(base, others, Path(folder)).items():
            verdicts[name] = judge(song, faders(DmcEngineer(load_levelled, path), song))
            if name == "dmc":
                nameless = DmcEngineer(load_levelled, path, use_names=False)
                verdicts["dmc, no names"] = judge(song, faders(nameless, song))
    return verdicts


def _mean(verdicts: list[Verdict]) -> Verdict:
    worst = max(verdicts, key=lambda v: abs(v.worst))
    means = (float(np.mean([getattr(v, name) for v in verdicts])) for name in ("error", "deviation"))
    vocal = float(np.mean([v.vocal for v in verdicts]))
    return Verdict(*means, worst.worst, worst.worst_stem, vocal)


def print_song(name: str, verdicts: Mapping[str, Verdict]) -> None:
    """One line per engineer."""
    equal = verdicts["equal-loudness"].error
    for engineer in ENGINEERS:
        v = verdicts[engineer]
        print(
            f"{name:10} {engineer:15} {v.error:6.2f} {v.error / equal:6.2f} {v.deviation:6.2f} "
            f"{v.worst:+7.1f} {v.worst_stem:22} {v.vocal:+6.2f}",
            flush=True,
        )


def main() -> int:
    """Print the table, song by song, and the means."""
    folders = find_songs()
    if not folders:
        return 0
    if not BASE_WEIGHTS.exists():
        print(f"skipped: no {BASE_WEIGHTS.name}; train it with: mixassist train -o {BASE_WEIGHTS}")
        return 0
    base, _ = load_weights(BASE_WEIGHTS)
    sessions = [read_stems_folder(folder, skip_broken=True)[0] for folder in folders]
    made = Cache(CACHE).load_all(stems_jobs(sessions), processes=2)
    examples = {folder.name: example for folder, example in zip(folders, made, strict=True)}
    print(f"{'song':10} {'engineer':15} {'error':>6} {'of eq.':>6} {'dev.':>6} {'worst':>7} {'':22} {'vocal':>6}")
    results: dict[str, dict[str, Verdict]] = {}
    for folder in folders:
        others = [examples[f.name] for f in folders if f != folder]
        results[folder.name] = judge_song(read_song(folder), examples[folder.name], others, base)
        print_song(folder.name, results[folder.name])
    print_song("mean", {name: _mean([verdicts[name] for verdicts in results.values()]) for name in ENGINEERS})
    record("quality_human", {"results": {s: {e: asdict(v) for e, v in r.items()} for s, r in results.items()}})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
