"""The bundled demo as an Ardour session for tests: nine stems of ten seconds, four of them mono, all ours on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from ardour_host import ArdourHost

from assistant.arrays import FloatArray
from assistant.audio.reading import load_track
from assistant.demo_session import demo_folder
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix, Session
from assistant.params import CHANNEL_PARAMS, Param
from protocols.ardour.session_file import read_ardour_session
from protocols.pulling import pull
from protocols.stems import read_stems_folder

RATE = 48_000
SECONDS = 10
MONO = ("bass", "hi_hat", "kick", "lead_vocal")
#: Narrower than the table: what leaves something to compare, and what Ardour's fader reaches.
RANGES = {
    "trim_db": (-6.0, 6.0),
    "fader_db": (-15.0, 6.0),
    "send_db": (-20.0, 0.0),
    "comp_threshold_db": (-40.0, -10.0),
    "comp_makeup_db": (0.0, 6.0),
}
REVERB = BusSettings(
    reverb_predelay_ms=30.0,
    reverb_decay_s=1.2,
    reverb_damping_hz=5_000.0,
    reverb_low_cut_hz=200.0,
    reverb_return_db=-3.0,
)


def demo_stems() -> dict[str, FloatArray]:
    """Float32 ``(C, T)`` at ``RATE`` by name."""
    session, _ = read_stems_folder(demo_folder())
    stems = {}
    for track in session.tracks:
        audio = load_track(track, RATE)[:, : SECONDS * RATE]
        stems[track.name] = audio.mean(axis=0, keepdims=True) if track.name in MONO else audio
    return {name: np.ascontiguousarray(audio, np.float32) for name, audio in stems.items()}


@contextmanager
def open_song(folder: Path, bundles: tuple[Path, ...]) -> Iterator[ArdourHost]:
    """Ardour with the demo, our strip on every track and our reverb on a bus that all of them send to."""
    with ArdourHost(folder, demo_stems(), inserts="ours", bundles=bundles, sample_rate=RATE) as host:
        yield host


def pulled(host: ArdourHost, folder: Path) -> Session:
    """The session's tracks as stems, as last saved."""
    return pull(read_ardour_session(host.session_file), folder)[0]


def random_mix(session: Session, seed: int, master_gain_db: float = -3.0) -> Mix:
    """Every parameter of every track somewhere else, all processors at work."""
    rng = np.random.default_rng(seed)
    channels = []
    for track in session.tracks:
        values = {p.name: _drawn(p, rng) for p in CHANNEL_PARAMS}
        if track.channels == 1:
            values["width"] = 1.0
        channels.append(ChannelMix(track.name, ChannelSettings(values)))
    return Mix(tuple(channels), REVERB).with_master(master_gain_db=master_gain_db)


def dry(mix: Mix) -> Mix:
    """``mix`` with nothing sent to the reverb."""
    channels = (ChannelMix(c.name, c.settings.with_values(send_db=-60.0)) for c in mix.channels)
    return Mix(tuple(channels), mix.reverb, mix.master)


def residual_db(of: FloatArray, reference: FloatArray) -> float:
    """Level of the difference over that of ``reference``, where both last; RMS, in dB."""
    length = min(of.shape[-1], reference.shape[-1])
    difference = of[..., :length].astype(np.float64) - reference[..., :length]
    powers = (float(np.mean(np.square(a, dtype=np.float64))) for a in (difference, reference[..., :length]))
    error, level = powers
    return 10.0 * float(np.log10(max(error, 1e-40) / level))


def _drawn(param: Param, rng: np.random.Generator) -> float:
    if param.curve == "toggle":
        return float(rng.integers(2))
    if param.name in RANGES:
        return round(float(rng.uniform(*RANGES[param.name])), 2)
    return round(param.from_unit(float(rng.uniform(0.05, 0.95))), 3)
