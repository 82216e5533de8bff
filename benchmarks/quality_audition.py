"""How far are tiles to listen to from the whole render, and how long do they take?

Differences, in dB of the whole mix, of every tile of the demo with the proposal, and of a session made to be hard: loud
hits that turn 30 dB softer half-way, behind filters that ring at 40 Hz, compressors that release for up to two seconds,
and a reverb of up to eight; beside the same tiles with a lead-in of nothing. Times, in seconds per second of music, for
the 28 tracks of the song sodium with the rules' proposal where ../shared/data has it: a tile that nothing is there of,
the one after it, the same again, with one fader moved, with one strip changed, and with one track alone.

    python benchmarks/quality_audition.py
"""

from __future__ import annotations

import os
import time
from dataclasses import replace

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it

import numpy as np
from recording import SONGS, record

import render.audition as audition_module
from assistant.arrays import FloatArray
from assistant.audio.reading import load_track
from assistant.demo_session import demo_folder
from assistant.engineers.interface import make_engineer
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.survey import Survey
from protocols.stems import read_stems_folder
from render.audition import OVERLAP_S, TILE_S, Audition
from render.mixdown import render_premaster

RATE, SECONDS = 44_100, 24
HARD = {"comp_threshold_db": -40.0, "comp_ratio": 8.0, "comp_attack_ms": 5.0, "send_db": -6.0, "highpass_on": 1.0}
RINGING = {"peak1_hz": 40.0, "peak1_q": 8.0, "peak1_gain_db": 12.0}


def hard_session() -> Session:
    """Hits that turn soft, a bed, and a low tone with pauses."""
    rng, time_s = np.random.default_rng(1), np.arange(SECONDS * RATE) / RATE
    hits = 0.5 * rng.standard_normal((2, len(time_s))) * np.exp(-(time_s % 3.1) / 0.05)
    hits[:, 10 * RATE :] *= 0.03
    bed = 0.05 * rng.standard_normal((2, len(time_s))) * (1.0 + 0.8 * np.sin(time_s))
    tone = (0.3 * np.sin(2.0 * np.pi * 55.0 * time_s) * (time_s % 5.0 < 3.0))[None]
    tracks = (
        Track(name, audio=audio.astype(np.float32), channels=len(audio), sample_rate=RATE, num_samples=len(time_s))
        for name, audio in (("hits", hits), ("bed", bed), ("tone", tone))
    )
    return Session(tuple(tracks), RATE)


def hard_mix(release_ms: float, decay_s: float) -> Mix:
    """Every strip hard to start in the middle of a song."""
    settings = ChannelSettings({**HARD, **RINGING}, comp_release_ms=release_ms)
    return Mix(tuple(ChannelMix(n, settings) for n in ("hits", "bed", "tone")), BusSettings(reverb_decay_s=decay_s))


def tile(audition: Audition, rate: int, mix: Mix, number: int, audible: tuple[str, ...] | None = None) -> FloatArray:
    """As a player asks for it."""
    samples = round(TILE_S * rate)
    return audition.tile(mix, audible, number * samples, samples + round(OVERLAP_S * rate))[0]


def differences_db(session: Session, mix: Mix) -> list[float]:
    """Of every tile to the whole render, in dB of the mix; the first has nothing before it and is left out."""
    whole = render_premaster(session, mix, load_track).astype(np.float64)
    audition, found = Audition(session), []
    samples = round(TILE_S * session.sample_rate)
    for number in range(1, whole.shape[1] // samples):
        heard = tile(audition, session.sample_rate, mix, number)
        power = np.square(heard - whole[:, number * samples :][:, : heard.shape[1]]).mean()
        found.append(10.0 * float(np.log10(power / np.square(whole).mean() + 1e-30)))
    return found


def without_lead_in(session: Session, mix: Mix) -> list[float]:
    """The trivial peer: every tile started afresh."""
    kept = audition_module.strip_lead_in, audition_module.reverb_lead_in
    audition_module.strip_lead_in = audition_module.reverb_lead_in = lambda *_: 0
    try:
        return differences_db(session, mix)
    finally:
        audition_module.strip_lead_in, audition_module.reverb_lead_in = kept


def compare() -> dict[str, list[float]]:
    """Print and return the worst difference of each case, with and without lead-ins."""
    demo, _ = read_stems_folder(demo_folder())
    cases = {"demo": (demo, make_engineer("dmc", Survey(load_track)).propose(demo))}
    for release_ms, decay_s in ((120.0, 1.8), (500.0, 4.0), (2_000.0, 8.0)):
        cases[f"hard, {release_ms:.0f} ms, {decay_s:g} s"] = hard_session(), hard_mix(release_ms, decay_s)
    figures = {}
    for name, (session, mix) in cases.items():
        figures[name] = [max(differences_db(session, mix)), max(without_lead_in(session, mix))]
        print(f"{name:22} {figures[name][0]:7.1f} dB of the mix at worst; afresh {figures[name][1]:7.1f} dB")
    return figures


def time_tiles() -> dict[str, float]:
    """Print and return seconds per second of music."""
    session, _ = read_stems_folder(SONGS / "sodium")
    mix = make_engineer("rules", Survey(load_track)).propose(session)
    number = round(session.duration_s / TILE_S / 2.0)
    sending = loudest_sending(session, mix, number + 1)
    moved, filtered = ({"fader_db": sending.settings["fader_db"] - 1.0}, {"highpass_on": 1.0, "highpass_hz": 77.0})
    audition, figures = Audition(session), {}
    for name, mix_now, at, audible in (
        ("cold", mix, number, None),
        ("the next", mix, number + 1, None),
        ("again", mix, number + 1, None),
        ("a fader", with_values(mix, sending, moved), number + 1, None),
        ("a strip", with_values(mix, sending, filtered), number + 1, None),
        ("alone", mix, number + 1, (sending.name,)),
    ):
        began = time.perf_counter()
        tile(audition, session.sample_rate, mix_now, at, audible)
        figures[name] = (time.perf_counter() - began) / TILE_S
        print(f"{len(session.tracks)} tracks, {name:10} {figures[name]:.4f} s for a second of music")
    return figures


def loudest_sending(session: Session, mix: Mix, number: int) -> ChannelMix:
    """The channel that is loudest in a tile, of those that feed the reverb."""
    samples = round(TILE_S * session.sample_rate)
    _, levels_db = Audition(session).tile(mix, None, number * samples, samples)
    feeding = [i for i, channel in enumerate(mix.channels) if channel.settings["send_db"] > -60.0]
    return mix.channels[max(feeding, key=lambda i: float(levels_db[i].max()))]


def with_values(mix: Mix, channel: ChannelMix, values: dict[str, float]) -> Mix:
    """``mix`` with one strip changed."""
    changed = replace(channel, settings=channel.settings.with_values(**values))
    return replace(mix, channels=tuple(changed if c is channel else c for c in mix.channels))


def main() -> None:
    """Print all, keep all."""
    figures = {"difference_db": compare()}
    if (SONGS / "sodium").is_dir():
        figures["seconds_per_second"] = time_tiles()
    record("quality_audition", figures)


if __name__ == "__main__":
    main()
