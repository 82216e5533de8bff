"""Does the engineer know how sure it can be? Of its changes, how many were right, and could that be foretold?

What is right, per section, stands in ``assistant.insight.confidence``. Three sources, none of them ever heard by the
network that is judged:

- stems: the songs of *Everything is Free* (CC0), each left out of the teaching in turn (see ``quality_human``): levels
  against the artists', and roles told by sound alone against what the names say;
- damaged stems: every minute of these songs, each stem of it damaged at random (``assistant.training.damage``) and
  brought to one loudness, so that what undoes it is known. Bands, pan and width count where the damage left at least
  as much to undo as the engineer takes for worth a setting; how often it does is our choice, and no fact about music;
- band: synthetic sessions by seeds that no network was trained on, against the rules with the true roles.

For each group a logistic regression is fitted on three songs (or three quarters of the sessions) and predicts the
fourth; all predictions together make the curve. It starts from no numbers at all, the plain share: the trivial baseline
beside it. Numbers are taken in where the Brier score gains by more than its standard error. A group of fewer than 30
cases gets no model.

Usage: ``python benchmarks/quality_calibration.py [FOLDER] [--write]``; about fifteen minutes. Results are appended to
``benchmarks/results/quality_calibration.jsonl``; ``--write`` renews ``assistant/insight/calibration.json``.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from calibrating import BINS, brier, calibration_error, curve, fit_logistic, is_better, predict_left_out
from calibration_cases import Case, song_cases, taught_cases
from quality_human import BASE_WEIGHTS, taught_by
from quality_levels import find_songs, read_song
from recording import CACHE, ROOT, SAMPLES, record

from assistant.controller.weights import load_weights
from assistant.insight.confidence import TAUGHT
from assistant.training.band import compose_session
from assistant.training.examples import Cache
from assistant.training.recipe import stems_jobs
from protocols.stems import read_stems_folder

DATA_FILE = ROOT / "assistant" / "insight" / "calibration.json"
#: Seeds of the synthetic sessions: training takes those from 0 on.
SEEDS = range(100_000, 100_024)
LEAST_CASES = 30
#: What each group's model may go by.
CHOICES: dict[str, tuple[tuple[str, ...], ...]] = {
    "level": ((), ("doubt",), ("doubt", "role")),
    **dict.fromkeys(("equaliser", "width", "pan"), ((), ("size",), ("size", "role"))),
    **dict.fromkeys(sorted(TAUGHT), ((), ("size",))),  # there every role is known for sure
}
#: Groups whose claims the network itself makes, taken as they are, and the log odds of being right that it claims.
CLAIMS: dict[str, Callable[[Mapping[str, float]], float]] = {
    "level as told": lambda numbers: numbers["doubt"],
    "role": lambda numbers: math.log(numbers["role"] / max(1.0 - numbers["role"], 1e-9)),
}
SOURCES = {
    **dict.fromkeys(("level", "level as told"), "stems of four songs, each left out of the teaching in turn"),
    "role": "stems of four songs, each left out of the teaching in turn, heard without their names",
    **dict.fromkeys(
        ("equaliser", "width", "pan"), "damaged stems of four songs, each left out of the teaching in turn"
    ),
    **dict.fromkeys(TAUGHT, "synthetic sessions that were not trained on, against the rules that taught it"),
}


def gather_cases(folders: list[Path]) -> list[Case]:
    """The cases of all songs, each by weights taught by the others, and of the synthetic sessions."""
    base, _ = load_weights(BASE_WEIGHTS)
    sessions = [read_stems_folder(folder, skip_broken=True)[0] for folder in folders]
    made = Cache(CACHE).load_all(stems_jobs(sessions), processes=2)
    cases: list[Case] = []
    for folder in folders:
        others = [example for f, example in zip(folders, made, strict=True) if f != folder]
        with tempfile.TemporaryDirectory() as temporary:
            weights = taught_by(base, others, Path(temporary))["dmc"]
            cases += song_cases(read_song(folder), weights, folder.name)
        print(f"{folder.name}: {len(cases)} cases so far", flush=True)
    for seed in SEEDS:
        session = compose_session(seed, samples_folder=SAMPLES if seed % 2 else None)
        cases += taught_cases(session, f"quarter {seed % 4}")
    return cases


def judge(group: str, cases: list[Case]) -> dict[str, Any]:
    """The best model of ``group``, its scores on what was left out, and its curve."""
    is_right, folds = np.array([c.is_right for c in cases]), np.array([c.fold for c in cases])
    tables = {names: np.array([[c.numbers[n] for n in names] for c in cases]) for names in CHOICES[group]}
    predictions = {names: predict_left_out(table, is_right, folds) for names, table in tables.items()}
    best: tuple[str, ...] = ()
    for names in CHOICES[group]:
        if is_better(predictions[names], predictions[best], is_right):
            best = names
    row = figures(predictions[best], is_right, predictions[()], BINS if best else 1)
    fitted = fit_logistic(tables[best], is_right)
    weights, ranges = (dict(zip(best, a.round(4).tolist(), strict=True)) for a in (fitted.weights, fitted.ranges))
    return row | {"model": {"bias": round(fitted.bias, 4), "weights": weights, "ranges": ranges}}


def judge_claims(group: str, cases: list[Case]) -> dict[str, Any]:
    """What the network itself says of how sure it is."""
    is_right, folds = np.array([c.is_right for c in cases]), np.array([c.fold for c in cases])
    claimed = 1.0 / (1.0 + np.exp(-np.array([CLAIMS[group](c.numbers) for c in cases])))
    return figures(claimed, is_right, predict_left_out(np.zeros((len(cases), 0)), is_right, folds), BINS)


def figures(predicted: np.ndarray, is_right: np.ndarray, constant: np.ndarray, bins: int) -> dict[str, Any]:
    """Scores and curve of the ``predicted`` probabilities beside those of the ``constant`` ones."""
    points = curve(predicted, is_right, bins)
    row = {"cases": len(predicted), "right": float(is_right.mean()), "error": calibration_error(points)}
    return row | {"brier": brier(predicted, is_right), "constant": brier(constant, is_right), "curve": points}


def print_group(group: str, row: Mapping[str, Any]) -> None:
    """A line of figures, and the curve."""
    goes_by = ", ".join(row["model"]["weights"]) or "constant" if "model" in row else "as told"
    print(
        f"{group:13} {row['cases']:5} {row['right']:6.2f} {row['error']:7.3f} {row['brier']:7.3f} "
        f"{row['constant']:9.3f}  {goes_by:12}" + "".join(f"  {p:.2f}>{o:.2f} ({n})" for p, o, n in row["curve"]),
        flush=True,
    )


def write_data(rows: Mapping[str, Mapping[str, Any]]) -> None:
    """The models and curves, for :mod:`assistant.insight.confidence`."""
    curves = []
    for group, row in rows.items():
        predicted, observed, counts = zip(*row["curve"], strict=True)
        curves.append(
            {
                "name": group,
                "predicted": [round(value, 3) for value in predicted],
                "observed": [round(value, 3) for value in observed],
                "counts": list(counts),
                "source": SOURCES[group],
            }
        )
    models = {group: row["model"] for group, row in rows.items() if "model" in row}
    document = {"engineer": "dmc", "models": models, "curves": curves}
    DATA_FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Print figures and curve of every group; see the usage."""
    is_written = "--write" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--write"]
    folders = find_songs()
    if not folders:
        return 0
    cases = gather_cases(folders)
    print(f"{'group':13} {'cases':>5} {'right':>6} {'error':>7} {'Brier':>7} {'constant':>9}  {'goes by':12}  curve")
    rows: dict[str, dict[str, Any]] = {}
    for group in (*CHOICES, *CLAIMS):
        own = [case for case in cases if case.group == group.removesuffix(" as told")]
        if len(own) < LEAST_CASES:
            print(f"{group:13} {len(own):5}  too few: no confidence is given")
            continue
        rows[group] = judge_claims(group, own) if group in CLAIMS else judge(group, own)
        print_group(group, rows[group])
    record("quality_calibration", {"results": rows})
    if is_written:
        write_data(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
