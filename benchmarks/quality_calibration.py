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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from calibrating import BINS, brier, calibration_error, curve, fit_logistic, is_better, predict_left_out
from quality_human import BASE_WEIGHTS, taught_by
from quality_levels import COMMON_LUFS, SAMPLE_RATE, Song, find_songs, load_levelled, read_song
from recording import CACHE, ROOT, SAMPLES, record

from assistant.analysis.loudness import integrated_loudness
from assistant.analysis.sections import changed_sections
from assistant.analysis.stereo import balance_db
from assistant.controller.engineer import DmcEngineer
from assistant.controller.staging import LEAST_EQ_DB, LEAST_PAN, LEAST_WIDENING
from assistant.controller.weights import load_weights
from assistant.engineers.filtering import response_db
from assistant.engineers.hearing import Scene, hear_session
from assistant.engineers.role_names import role_from_name
from assistant.engineers.rules import advise_scene
from assistant.insight.confidence import FEATURES, HEARD_HZ, NEAR_DB, NEAR_PAN, TAUGHT, Move, band_response_db, group_of
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session
from assistant.training.band import compose_session
from assistant.training.damage import Damage, draw_damage, restoring_settings
from assistant.training.damaging import damage_audio
from assistant.training.examples import Cache
from assistant.training.recipe import stems_jobs
from protocols.stems import read_stems_folder

DATA_FILE = ROOT / "assistant" / "insight" / "calibration.json"
MINUTE = 60 * SAMPLE_RATE
REPEATS = 3
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


@dataclass(frozen=True)
class Case:
    """One change of one track: its group, the fold it belongs to, what is to go by, and whether it was right."""

    group: str
    fold: str
    numbers: Mapping[str, float]
    is_right: bool


def case_of(section: str, channel: ChannelMix, fold: str, is_right: bool, *, is_stereo: bool = True) -> Case:
    """The case of ``channel``'s change of ``section`` from a flat strip."""
    group = group_of(section, is_stereo)
    move = Move(section, ChannelMix(channel.name), channel)
    names = {name for choice in CHOICES[group] for name in choice}
    return Case(group, fold, {name: FEATURES[name](move) for name in sorted(names)}, bool(is_right))


def level_cases(song: Song, mix: Mix, fold: str) -> list[Case]:
    """Every audible stem's fader against the artists' level, the median offset removed."""
    names = sorted(song.levels)
    errors = np.array([mix.channel(name).settings["fader_db"] - song.levels[name] for name in names])
    near = np.abs(errors - np.median(errors)) <= NEAR_DB
    return [case_of("level", mix.channel(name), fold, right) for name, right in zip(names, near, strict=True)]


def role_cases(mix: Mix, fold: str) -> list[Case]:
    """Roles told by sound alone, of the tracks whose names tell them."""
    cases = []
    for channel in mix.channels:
        said = role_from_name(channel.name)
        if said and channel.role_confidence > 0.0:
            is_right = channel.role == max(said, key=said.__getitem__)
            cases.append(Case("role", fold, {"role": channel.role_confidence}, is_right))
    return cases


def minutes(song: Song) -> Iterator[Session]:
    """The song's whole minutes, one after the other."""
    for first in range(0, song.session.tracks[0].num_samples - MINUTE + 1, MINUTE):
        tracks = [replace(t, audio=t.audio[:, first : first + MINUTE], num_samples=MINUTE) for t in song.session.tracks]
        yield replace(song.session, tracks=tuple(tracks))


def damaged(session: Session, rng: np.random.Generator) -> tuple[Session, dict[str, Damage]]:
    """The audible tracks of ``session``, damaged and at the common loudness, and what was done to each, by name."""
    tracks, damages = [], {}
    for track in session.tracks:
        audio = load_levelled(track, SAMPLE_RATE)
        if np.isfinite(integrated_loudness(audio, SAMPLE_RATE)):
            damage = damages[track.name] = draw_damage(rng, True, 1.0, balance_db(audio))
            audio = damage_audio(audio, SAMPLE_RATE, damage)
            audio = audio * np.float32(10.0 ** ((COMMON_LUFS - integrated_loudness(audio, SAMPLE_RATE)) / 20.0))
            tracks.append(replace(track, audio=audio, channels=len(audio)))
    return replace(session, tracks=tuple(tracks)), damages


def restoring_cases(mix: Mix, damages: Mapping[str, Damage], fold: str) -> Iterator[Case]:
    """Every changed band, pan and width for which there was something to undo."""
    for name, damage in damages.items():
        channel, image = mix.channel(name), not damage.collapse
        for section in changed_sections(ChannelSettings(), channel.settings):
            if group_of(section.name, image) in ("equaliser", "pan", "width"):
                is_right = goes_right(section.name, channel.settings, damage)
                if is_right is not None:
                    yield case_of(section.name, channel, fold, is_right)


def goes_right(section: str, settings: ChannelSettings, damage: Damage) -> bool | None:
    """Whether the section goes the way that undoes ``damage``; None where nothing is to be undone there.

    A band is held against the gain that is missing where it works: the mean over its own response.
    """
    known = restoring_settings(damage)
    if section == "pan":
        return None if abs(known["pan"]) < LEAST_PAN else known["pan"] * settings["pan"] > 0.0
    if section == "width":
        missing = known.get("width", 1.0) - 1.0
        return None if abs(missing) < LEAST_WIDENING else missing * (settings["width"] - 1.0) > 0.0
    does_db = band_response_db(section, settings)
    missing_db = float(np.average(response_db(known, HEARD_HZ), weights=np.abs(does_db)))
    return None if abs(missing_db) < LEAST_EQ_DB else missing_db * does_db.sum() > 0.0


def taught_cases(session: Session, fold: str) -> Iterator[Case]:
    """What the rules alone can judge of a synthetic session, by the installed weights, against the rules'."""
    mix = DmcEngineer(load_levelled).propose(session)
    heard = hear_session(session, load_levelled, lambda share, what: None, lambda: False)
    audible = sorted((h for h in heard if not h.features.is_silent), key=lambda h: h.name)
    advice = advise_scene(Scene(tuple(audible), session.tempo))
    for track in audible:
        channel, rules = mix.channel(track.name), ChannelSettings(advice[track.name].settings)
        image = track.features.is_stereo
        for section in changed_sections(ChannelSettings(), channel.settings):
            if group_of(section.name, image) in TAUGHT:
                is_right = agrees(section.name, channel.settings, rules)
                yield case_of(section.name, channel, fold, is_right, is_stereo=image)


def agrees(section: str, ours: ChannelSettings, rules: ChannelSettings) -> bool:
    """Whether ``rules`` do much the same in this section."""
    if section == "highpass":
        return bool(rules["highpass_on"]) and abs(np.log2(ours["highpass_hz"] / rules["highpass_hz"])) <= 1.0 / 3.0
    if section == "compressor":
        return rules["comp_ratio"] > 1.0
    if section == "pan":
        return abs(abs(ours["pan"]) - abs(rules["pan"])) <= NEAR_PAN
    return abs(ours["send_db"] - rules["send_db"]) <= NEAR_DB


def song_cases(song: Song, weights: Path, fold: str) -> list[Case]:
    """All cases of one song, by the ``weights`` of the others."""
    dmc = DmcEngineer(load_levelled, weights)
    heard = dmc.listen(song.session)
    cases = level_cases(song, heard.propose(), fold)
    cases += role_cases(replace(heard, use_names=False).propose(), fold)
    for number, minute in enumerate(minutes(song)):
        for repeat in range(REPEATS):
            raw, damages = damaged(minute, np.random.default_rng((number, repeat)))
            if damages:
                cases += restoring_cases(dmc.propose(raw), damages, fold)
    return cases


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
