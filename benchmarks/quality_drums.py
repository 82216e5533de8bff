"""DMC-basic on drum kits, the first task of Steinmetz 2020: how close does a learned controller come to one engineer?

Kits are synthetic (``assistant.training.drums``), mixed by one consistent engineer; 160 teach, 40 others judge. Tracks
come at one loudness. The figure is the stereo loss between the proposal's mix and the engineer's over three seconds,
at equal power, dry; mean, deviation and worst kit, and the ratio to ``random`` (gain within 12 dB, any pan). The
thesis reports 1.825 against 3.403 for random, a ratio of 0.54, on other drums, and asks no context of its engineer.

- mono, equal loudness, random, rules: the simple engineers;
- none, mean, attention: the controller by what it knows of the other tracks, taught by settings, then through the
  console by the stereo loss;
- attention, settings only: without the second phase; attention, mixes only: without the first;
- attention, no names: heard without the tracks' names.

Usage: ``python benchmarks/quality_drums.py [SAMPLES]``, SAMPLES the folder of Sonic Pi's samples; about twenty minutes
on two cores, and as long again to make the kits the first time. ``--quick`` trains a tenth as long, to see that it
runs. Results are appended to ``benchmarks/results/quality_drums.jsonl``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from recording import CACHE, SAMPLES, record
from torch import Tensor

from assistant.console.parameters import from_unit, pack_settings
from assistant.controller.network import TASKS, ControllerNetwork
from assistant.engineers.rules import RuleEngineer
from assistant.mix import Track
from assistant.params import BY_NAME, CHANNEL_NAMES
from assistant.training.batches import collate, collate_audio
from assistant.training.drums import make_drum_example
from assistant.training.examples import Cache, Example
from assistant.training.objective import mix_loss, widen
from assistant.training.recipe import EXCERPT_S, Job, Recipe, drum_recipe, synthetic_jobs, train_network
from assistant.training.sessions import drum_example
from assistant.training.trainer import stereo_mask

NAMES = TASKS["basic"]
TEST_SEEDS = range(5_000, 5_040)
#: Level of the tracks that the simple engineers leave where they are, far enough from the fader's ends to be moved.
MIDDLE_DB = -12.0
#: A proposal: settings (1, N, P) in physical units for one test kit, by its number.
Propose = Callable[[int, Example], Tensor]


def random_settings(index: int, example: Example) -> Tensor:
    """Gain uniform in +-12 dB, pan anywhere."""
    rng, count = np.random.default_rng(index), len(example.tracks)
    return basic_settings(MIDDLE_DB + rng.uniform(-12.0, 12.0, count), rng.uniform(-1.0, 1.0, count))


def equal_settings(_index: int, example: Example) -> Tensor:
    """Every track equally loud, where it was recorded."""
    count = len(example.tracks)
    return basic_settings(np.full(count, MIDDLE_DB), np.zeros(count))


def mono_settings(index: int, example: Example) -> Tensor:
    """The same folded to mono."""
    settings = equal_settings(index, example)
    settings[..., CHANNEL_NAMES.index("width")] = 0.0
    return settings


def basic_settings(fader_db: np.ndarray, pan: np.ndarray) -> Tensor:
    """Settings (1, N, P) with these faders and pans."""
    values = {"fader_db": fader_db, "pan": pan}
    positions = np.stack([BY_NAME[name].to_unit(values[name]) for name in NAMES], axis=-1)
    return from_unit(widen(torch.from_numpy(positions.astype(np.float32))[None], NAMES))


def rules_settings(index: int, example: Example, folder: Path | None) -> Tensor:
    """What the rules say of the kit, trim and make-up left to the staging."""
    made = make_drum_example(TEST_SEEDS[index], samples_folder=folder if TEST_SEEDS[index] % 2 else None)
    mix = RuleEngineer(_audio).propose(made.session)
    return pack_settings([channel.settings for channel in mix.channels])[None]


def _audio(track: Track, _sample_rate: int) -> np.ndarray:
    return np.asarray(track.audio)


def learned_settings(_index: int, example: Example, network: ControllerNetwork, *, nameless: bool = False) -> Tensor:
    """What the network says of the kit."""
    hearing, _ = collate([example])
    if nameless:
        hearing = hearing._replace(named=torch.zeros_like(hearing.named))
    return from_unit(widen(network(hearing).positions, NAMES))


def judge(propose: Propose, kits: list[Example]) -> np.ndarray:
    """Stereo loss of each kit."""
    losses = []
    for index, kit in enumerate(kits):
        hearing, _ = collate([kit])
        audio, mixes = collate_audio([kit])
        with torch.no_grad():
            loss = mix_loss(propose(index, kit), audio, mixes, stereo_mask(hearing), hearing.is_active)
        losses.append(float(loss))
    return np.array(losses)


def recipes(share: float) -> dict[str, Recipe]:
    """What is trained, and how: ``share`` of the usual steps."""
    steps = max(10, round(400 * share))
    full = {context: drum_recipe(context, steps=steps) for context in ("none", "mean", "attention")}
    usual = full["attention"]
    return {
        **full,
        "attention, settings only": replace(usual, phases=usual.phases[:1]),
        "attention, mixes only": replace(usual, phases=usual.phases[1:]),
    }


def test_job(seed: int, samples: Path | None) -> Job:
    """The kit of ``seed`` as an example by name, for the cache."""
    which = "without samples" if samples is None else "with samples"
    return f"test drums {seed}, {which}", partial(drum_example, seed, samples if seed % 2 else None, EXCERPT_S)


def main() -> int:
    """Train, judge, print."""
    arguments = [a for a in sys.argv[1:] if a != "--quick"]
    folder = Path(arguments[0]) if arguments else SAMPLES
    samples = folder if folder.is_dir() else None
    cache, usual = Cache(CACHE), recipes(0.1 if "--quick" in sys.argv else 1.0)
    kits = cache.load_all(synthetic_jobs(usual["attention"], samples), processes=2)
    judged = cache.load_all([test_job(seed, samples) for seed in TEST_SEEDS], processes=2)
    proposals: dict[str, Propose] = {"random": random_settings, "mono": mono_settings, "equal loudness": equal_settings}
    proposals["rules"] = partial(rules_settings, folder=samples)
    losses: dict[str, np.ndarray] = {}
    print(f"{'':26} {'loss':>7} {'dev.':>6} {'worst':>7} {'of random':>10} {'seconds':>8}")
    for name, propose in proposals.items():
        losses[name] = judge(propose, judged)
        print_row(name, losses, 0.0)
    for name, recipe in usual.items():
        start = time.perf_counter()
        network, _ = train_network(recipe, kits, devices=1)
        losses[name] = judge(partial(learned_settings, network=network), judged)
        print_row(name, losses, time.perf_counter() - start)
        if name == "attention":
            losses["attention, no names"] = judge(partial(learned_settings, network=network, nameless=True), judged)
            print_row("attention, no names", losses, 0.0)
    record("quality_drums", {"losses": {name: row.round(4).tolist() for name, row in losses.items()}})
    return 0


def print_row(name: str, losses: dict[str, np.ndarray], seconds: float) -> None:
    """One line of the table."""
    row, ratio = losses[name], losses[name].mean() / losses["random"].mean()
    print(f"{name:26} {row.mean():7.3f} {row.std():6.3f} {row.max():7.2f} {ratio:10.3f} {seconds:8.0f}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
