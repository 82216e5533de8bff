"""Examples out of sessions: the band as the rule engineer would mix it, kits by their engineer, artists' own stems.

Contents: :func:`band_example`, :func:`drum_example`, :func:`stems_example`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.arrays import FloatArray
from assistant.audio.reading import load_track
from assistant.controller.evidence import TrackEvidence, gather_evidence
from assistant.engineers.hearing import HeardTrack, Scene, hear_session
from assistant.engineers.reverb_rules import reverb_for
from assistant.engineers.roles import ROLES
from assistant.engineers.rules import advise_scene
from assistant.mix import ChannelSettings, Session, Settings, Track
from assistant.params import BY_NAME, CHANNEL_PARAMS, EQ_BANDS, REVERB_PARAMS
from assistant.training.band import compose_session
from assistant.training.drums import make_drum_example
from assistant.training.examples import Example

#: Passages kept per track: of long stems more than are heard at once, so that each epoch hears others.
SHORT_PASSAGES, LONG_PASSAGES = 8, 32
#: Two engineers given the same song differ by about this much in level (De Man et al., JAES 2015, report 1 to 3 dB).
LEVEL_SPREAD_DB = 1.0
_EQ_SPREAD, _SEND_SPREAD_DB, _PAN_SPREAD = 0.3, 1.5, 0.15
_NO_REVERB = np.full(len(REVERB_PARAMS), np.nan, np.float32)
_ROLE_INDEX = {role.name: index for index, role in enumerate(ROLES)}


def band_example(seed: int, samples_folder: Path | None = None) -> Example:
    """A procedural session, mixed by the rules with its true roles and a human-like spread."""
    session = compose_session(seed, samples_folder=samples_folder)
    heard = [h for h in _hear(session) if not h.features.is_silent]
    advice = advise_scene(Scene(tuple(sorted(heard, key=lambda h: h.name)), session.tempo))
    rng = np.random.default_rng((seed, 0xBA9D))
    settings = [_with_spread(ChannelSettings(advice[h.name].settings), rng) for h in heard]
    return _example("band", heard, settings, _positions(reverb_for(session.tempo)), SHORT_PASSAGES)


def drum_example(seed: int, samples_folder: Path | None = None) -> Example:
    """A drum kit as its engineer mixes it: gains, pans and polarity."""
    made = make_drum_example(seed, samples_folder=samples_folder)
    heard = [h for h in _hear(made.session) if not h.features.is_silent]
    settings = [made.mix.channel(h.name).settings for h in heard]
    example = _example("drums", heard, settings, _NO_REVERB, SHORT_PASSAGES)
    known = [p.name in ("fader_db", "pan", "width", "polarity_inverted") for p in CHANNEL_PARAMS]
    return replace(example, known=example.known & np.array(known))


def stems_example(session: Session) -> Example:
    """Finished stems, whose plain sum is the artists' mix: how loud each stands in it is known, nothing else."""
    heard = [h for h in _hear(session) if not h.features.is_silent]
    example = _example("stems", heard, [ChannelSettings()] * len(heard), _NO_REVERB, LONG_PASSAGES)
    levels = np.array([h.features.loudness_lufs for h in heard], np.float32)
    return replace(example, level_db=levels - np.median(levels), known=np.zeros_like(example.known))


def _hear(session: Session) -> list[HeardTrack]:
    return hear_session(session, _load, lambda share, what: None, lambda: False)


def _load(track: Track, sample_rate: int) -> FloatArray:
    return load_track(track, sample_rate) if track.audio is None else np.asarray(track.audio, np.float32)


def _example(
    source: str,
    heard: Sequence[HeardTrack],
    settings: Sequence[ChannelSettings],
    reverb: NDArray[np.float32],
    passages: int,
) -> Example:
    return Example(
        source=source,
        tracks=tuple(_evidence(h, passages) for h in heard),
        roles=np.array([_ROLE_INDEX[h.role] for h in heard]),
        positions=np.stack([_positions(s) for s in settings]),
        known=np.stack([_matters(s, h.features.is_stereo) for s, h in zip(settings, heard, strict=True)]),
        level_db=np.array([s["fader_db"] for s in settings], np.float32),
        reverb=reverb,
        balance_db=np.array([h.features.balance_db for h in heard], np.float32),
    )


def _evidence(heard: HeardTrack, passages: int) -> TrackEvidence:
    track = heard.track
    audio = _load(track, track.sample_rate)
    return gather_evidence(audio, track.sample_rate, heard.features, track.name, track.start_s, passages)


def _positions(settings: Settings) -> NDArray[np.float32]:
    return np.array([p.to_unit(settings[p.name]) for p in settings.PARAMS], np.float32)


def _matters(settings: ChannelSettings, is_stereo: bool) -> NDArray[np.bool_]:
    """(P,): where a setting says something; not so the frequency of a band without gain, the width of a mono track."""
    idle = {f"{band}_{part}" for band, _ in EQ_BANDS if settings[f"{band}_gain_db"] == 0.0 for part in ("hz", "q")}
    if not settings["highpass_on"]:
        idle.add("highpass_hz")
    if settings["comp_ratio"] == 1.0:
        idle |= {p.name for p in CHANNEL_PARAMS if p.section == "compressor" and p.name != "comp_ratio"}
    if not is_stereo:
        idle.add("width")
    return np.array([p.name not in idle for p in CHANNEL_PARAMS])


def _with_spread(settings: ChannelSettings, rng: np.random.Generator) -> ChannelSettings:
    """``settings`` as another engineer of the same school would have them."""
    eq = 1.0 + rng.uniform(-_EQ_SPREAD, _EQ_SPREAD)
    moved = {f"{band}_gain_db": settings[f"{band}_gain_db"] * eq for band, _ in EQ_BANDS}
    moved["fader_db"] = settings["fader_db"] + rng.normal(0.0, LEVEL_SPREAD_DB)
    moved["pan"] = settings["pan"] * (1.0 + rng.uniform(-_PAN_SPREAD, _PAN_SPREAD))
    if settings["send_db"] > BY_NAME["send_db"].low:
        moved["send_db"] = settings["send_db"] + rng.normal(0.0, _SEND_SPREAD_DB)
    return settings.with_values(**{name: BY_NAME[name].clamp(value) for name, value in moved.items()})
