"""Human mixes taken apart and put together again: how much of what the artists did does an engineer give back?

Of each song of *Everything is Free* (CC0) the minute is taken in which the mix is loudest while the lead vocal sings.
Every stem is made raw again (``assistant.training.damage``: level, tilt and bells of EQ, dynamics, width, pan or fold
to mono, polarity, at random, seed 0), and an engineer hears only that. Its proposal is rendered without the master and
compared with the artists' own mix at equal loudness. The controller is taught by the other three songs alone
(see ``quality_human``); the rules were written with all four in view.

- level: mean |loudness of our stem in our mix - theirs in theirs| over the stems, median removed, LU, as rendered;
- pan: mean |difference of right over left| over the stems, dB; width: mean |difference of side shares|, hundredths;
- spectrum: mean difference of the mix per third of an octave, smoothed over three, 40 Hz-16 kHz, dB;
- stereo: stereo loss of the mix (Steinmetz 2020) over its middle 20 s.

``raw`` is the damaged stems' plain sum at equal loudness: what it starts from.

Usage: ``python benchmarks/quality_restore.py [FOLDER]``; about ten minutes. Results are appended to
``benchmarks/results/quality_restore.jsonl``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from quality_human import BASE_WEIGHTS, taught_by
from quality_levels import COMMON_LUFS, SAMPLE_RATE, Song, find_songs, load_levelled, read_song
from quality_rules import artists_stems, compare, cut_passage, read_mix
from recording import CACHE, record

from assistant.analysis.loudness import integrated_loudness
from assistant.analysis.stereo import balance_db
from assistant.controller.engineer import DmcEngineer
from assistant.controller.weights import load_weights
from assistant.engineers.interface import make_engineer
from assistant.mix import ChannelMix, ChannelSettings, Mix
from assistant.training.damage import draw_damage
from assistant.training.damaging import damage_audio
from assistant.training.examples import Cache
from assistant.training.losses import stereo_loss
from assistant.training.recipe import stems_jobs
from protocols.stems import read_stems_folder
from render.mixdown import RenderOptions, render_premaster

ENGINEERS = ("raw", "mono", "equal-loudness", "rules", "dmc")
FIGURES = ("level", "pan", "width", "spectrum", "stereo")
STEREO_S = 20
Stems = Mapping[str, np.ndarray]


def make_raw(song: Song) -> Song:
    """``song`` with every stem damaged and at the common loudness again."""
    rng, tracks = np.random.default_rng(0), []
    for track in song.session.tracks:
        audio = load_levelled(track, SAMPLE_RATE)
        loudness_lufs = integrated_loudness(audio, SAMPLE_RATE)
        if np.isfinite(loudness_lufs):
            audio = damage_audio(audio, SAMPLE_RATE, draw_damage(rng, True, 1.0, balance_db(audio)))
            gain_db = COMMON_LUFS - integrated_loudness(audio, SAMPLE_RATE)
            audio = audio * np.float32(10.0 ** (gain_db / 20.0))
        tracks.append(replace(track, audio=audio, channels=len(audio)))
    return replace(song, session=replace(song.session, tracks=tuple(tracks)))


def judge(raw: Song, mix: Mix, artists: Stems) -> dict[str, float]:
    """All figures of ``mix`` on the raw stems against the artists' stems."""
    stems: dict[str, np.ndarray] = {}
    render_premaster(raw.session, mix, load_levelled, RenderOptions(on_stem=stems.__setitem__))
    return judge_stems(stems, artists)


def judge_stems(stems: Stems, artists: Stems) -> dict[str, float]:
    """All figures of rendered ``stems`` (2, T), reverb included, against the artists'."""
    ours, theirs = np.sum(list(stems.values()), axis=0), np.sum(list(artists.values()), axis=0)
    levels, pans, widths = [], [], []
    for name in sorted(stems.keys() & artists.keys()):
        wanted = artists[name]
        loudness = [integrated_loudness(audio, SAMPLE_RATE) for audio in (stems[name], wanted)]
        if np.isfinite(loudness).all():
            levels.append(loudness[0] - loudness[1])
            pans.append(abs(np.clip(balance_db(stems[name]), -12.0, 12.0) - np.clip(balance_db(wanted), -12.0, 12.0)))
            widths.append(100.0 * abs(side_share(stems[name]) - side_share(wanted)))
    return {
        "level": float(np.mean(np.abs(np.array(levels) - np.median(levels)))),
        "pan": float(np.mean(pans)),
        "width": float(np.mean(widths)),
        "spectrum": compare(read_mix(stems), read_mix(artists))["spectrum"],
        "stereo": mix_distance(ours, theirs),
    }


def side_share(audio: np.ndarray) -> float:
    """Side power over total power."""
    return float(np.square(audio[0] - audio[1]).sum() / max(2.0 * float(np.square(audio).sum()), 1e-12))


def mix_distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Stereo loss over the middle at equal power."""
    middle, half = theirs.shape[1] // 2, STEREO_S * SAMPLE_RATE // 2
    pieces = [torch.from_numpy(x[None, :, middle - half : middle + half].astype(np.float32)) for x in (ours, theirs)]
    powers = [piece.square().mean() for piece in pieces]
    return float(stereo_loss(pieces[0] * torch.sqrt(powers[1] / powers[0]), pieces[1]))


def untouched(song: Song) -> Mix:
    """Every raw stem as it is; a mono one in the middle."""
    return Mix(tuple(ChannelMix(track.name, ChannelSettings()) for track in song.session.tracks))


def main() -> int:
    """Print the table, song by song, and the means."""
    folders = find_songs()
    if not folders:
        return 0
    base, _ = load_weights(BASE_WEIGHTS)
    sessions = [read_stems_folder(folder, skip_broken=True)[0] for folder in folders]
    made = Cache(CACHE).load_all(stems_jobs(sessions), processes=2)
    examples = {folder.name: example for folder, example in zip(folders, made, strict=True)}
    print(f"{'song':10} {'engineer':15}" + "".join(f"{name:>10}" for name in FIGURES))
    results: dict[str, dict[str, dict[str, float]]] = {}
    for folder in folders:
        song = cut_passage(read_song(folder))
        artists, raw = artists_stems(song), make_raw(song)
        with tempfile.TemporaryDirectory() as temporary:
            others = [examples[f.name] for f in folders if f != folder]
            dmc = DmcEngineer(load_levelled, taught_by(base, others, Path(temporary))["dmc"])
            mixes = {"raw": untouched(raw), "dmc": dmc.propose(raw.session)}
        mixes |= {n: make_engineer(n, load_levelled).propose(raw.session) for n in ENGINEERS if n not in mixes}
        results[folder.name] = {name: judge(raw, mixes[name], artists) for name in ENGINEERS}
        for name in ENGINEERS:
            print_row(folder.name, name, results[folder.name][name])
    for name in ENGINEERS:
        print_row("mean", name, {f: float(np.mean([r[name][f] for r in results.values()])) for f in FIGURES})
    record("quality_restore", {"results": results})
    return 0


def print_row(song: str, engineer: str, figures: Mapping[str, float]) -> None:
    """One line of the table."""
    print(f"{song:10} {engineer:15}" + "".join(f"{figures[name]:10.2f}" for name in FIGURES), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
