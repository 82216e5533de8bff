"""How long does our engine take for a session, beside a chain of pedalboard's processors doing the same job?

24 stereo tracks of 180 s at 48 kHz, float32, in memory. Each track: high-pass, low shelf, 3 peaks, high shelf,
compressor, gain; then one reverb and one limiter on the sum. Ours does more (polarity, width, pan, per-track sends, a
true-peak limiter). Both as fast as they go on this machine: ours on all cores, pedalboard's chain alone, since threads
do not help it.

    python benchmarks/speed_render.py

Needs ``pip install pedalboard``.
"""

from __future__ import annotations

import numpy as np
import pedalboard
from recording import record, spread, time_in_turns

from assistant.audio.reading import load_track
from assistant.mix import ChannelMix, ChannelSettings, MasterSettings, Mix, Session, Track
from render.master import Master
from render.mixdown import render_premaster
from render.workers import keep_freed_memory

NUM_TRACKS, SECONDS, SAMPLE_RATE, REPEATS, TARGET = 24, 180, 48_000, 3, 1.5
BANDS = {"low_shelf": 100, "peak1": 300, "peak2": 1_000, "peak3": 3_500, "high_shelf": 9_000}


def make_tracks() -> list[np.ndarray]:
    """Noise that swells and fades, never silent: no track gives either side a pause to skip."""
    rng = np.random.default_rng(0)
    swell = 0.55 + 0.45 * np.sin(np.arange(SECONDS * SAMPLE_RATE) * (2 * np.pi * 0.7 / SAMPLE_RATE))
    noise = rng.standard_normal((2, SECONDS * SAMPLE_RATE), np.float32) * (0.1 * swell).astype(np.float32)
    return [np.roll(noise, 7_919 * i, axis=1) for i in range(NUM_TRACKS)]


def make_ours(tracks: list[np.ndarray]) -> tuple[Session, Mix]:
    """The session, and a mix with every processor of every track at work."""
    settings = ChannelSettings(
        {f"{band}_gain_db": 3 for band in BANDS},
        highpass_on=1,
        highpass_hz=80,
        comp_threshold_db=-24,
        comp_ratio=3,
        fader_db=-12,
        send_db=-12,
    )
    session = Session(
        tuple(Track(f"{i:02d}", None, t, 2, SAMPLE_RATE, t.shape[1]) for i, t in enumerate(tracks)), SAMPLE_RATE
    )
    channels = tuple(ChannelMix(t.name, settings) for t in session.tracks)
    return session, Mix(channels, master=MasterSettings(master_gain_db=3.0))


def render_ours(session: Session, mix: Mix) -> np.ndarray:
    """Strips, reverb and master of our engine."""
    return Master(SAMPLE_RATE).render(render_premaster(session, mix, load_track), mix.master)


def render_theirs(tracks: list[np.ndarray]) -> np.ndarray:
    """The same processors of pedalboard."""
    low, *peaks, high = BANDS.items()
    total = np.zeros_like(tracks[0])
    for track in tracks:
        board = pedalboard.Pedalboard(
            [
                pedalboard.HighpassFilter(80),
                pedalboard.LowShelfFilter(low[1], 3),
                *(pedalboard.PeakFilter(hz, 3) for _, hz in peaks),
                pedalboard.HighShelfFilter(high[1], 3),
                pedalboard.Compressor(-24, 3, 10, 120),
                pedalboard.Gain(-12),
            ]
        )
        total += board(track, SAMPLE_RATE)
    return pedalboard.Pedalboard([pedalboard.Reverb(), pedalboard.Gain(3), pedalboard.Limiter(-1)])(total, SAMPLE_RATE)


def main() -> None:
    """Print both medians with their spread, and how many times as fast ours is."""
    keep_freed_memory()  # as the command line does; pedalboard's chain has the same
    tracks = make_tracks()
    session, mix = make_ours(tracks)
    seconds = time_in_turns(
        {"mixassist": lambda: render_ours(session, mix), "pedalboard": lambda: render_theirs(tracks)}, REPEATS
    )
    figures = {name: spread(values) for name, values in seconds.items()}
    for name, row in figures.items():
        print(f"{name:12s} median {row['median']:6.2f} s   min {row['min']:6.2f}   max {row['max']:6.2f}")
    speed_up = figures["pedalboard"]["median"] / figures["mixassist"]["median"]
    print(f"ours is {speed_up:.2f} times as fast (target {TARGET})")
    record("speed_render", {**figures, "speed_up": speed_up})


if __name__ == "__main__":
    main()
