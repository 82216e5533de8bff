"""Examples out of sessions: the band as the rule engineer would mix it, kits by their engineer, artists' own stems.

Contents: :func:`band_example`, :func:`drum_example`, :func:`stems_example`; :func:`play_strips`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.analysis.listening import ACTIVITY_CELL_S
from assistant.arrays import FloatArray
from assistant.audio.reading import load_track
from assistant.audio.resampling import resample
from assistant.console.parameters import pack_settings
from assistant.controller.evidence import TrackEvidence, gather_evidence
from assistant.engineers.hearing import HeardTrack, Scene, hear_session
from assistant.engineers.levels import REFERENCE_LUFS
from assistant.engineers.reverb_rules import reverb_for
from assistant.engineers.role_table import ROLES
from assistant.engineers.rules import advise_scene
from assistant.mix import ChannelSettings, Session, Settings, Track
from assistant.params import BY_NAME, CHANNEL_PARAMS, EQ_BANDS, REVERB_PARAMS
from assistant.training.band import compose_session
from assistant.training.drums import make_drum_example
from assistant.training.errors import TrainingError
from assistant.training.examples import EXCERPT_RATE, Example
from assistant.training.linear import TYPICAL_DB
from assistant.training.playing import staged_strips
from assistant.wording import count_text

#: Passages kept per track: of long stems more than are heard at once, so that each epoch hears others.
SHORT_PASSAGES, LONG_PASSAGES = 8, 32
#: How far two engineers of one school stand apart, as standard deviations and shares: our choice.
LEVEL_SPREAD_DB = 1.0
_EQ_SPREAD, _SEND_SPREAD_DB, _PAN_SPREAD = 0.3, 1.5, 0.15
_ROLE_INDEX = {role.name: index for index, role in enumerate(ROLES)}


def band_example(seed: int, samples_folder: Path | None = None, excerpt_s: float = 0.0) -> Example:
    """A procedural session, mixed by the rules with its true roles and a human-like spread.

    ``excerpt_s`` seconds of audio are kept, where most tracks play; likewise below.
    """
    session = compose_session(seed, samples_folder=samples_folder)
    heard = [h for h in _hear(session) if not h.features.is_silent]
    advice = advise_scene(Scene(tuple(sorted(heard, key=lambda h: h.name)), session.tempo))
    rng = np.random.default_rng((seed, 0xBA9D))
    settings = [_with_spread(ChannelSettings(advice[h.name].settings), rng) for h in heard]
    example = _example("band", heard, settings, SHORT_PASSAGES)
    return _with_excerpt(replace(example, reverb=_positions(reverb_for(session.tempo))), heard, settings, excerpt_s)


def drum_example(seed: int, samples_folder: Path | None = None, excerpt_s: float = 0.0) -> Example:
    """A drum kit as its engineer mixes it: gains, pans and polarity."""
    made = make_drum_example(seed, samples_folder=samples_folder)
    heard = [h for h in _hear(made.session) if not h.features.is_silent]
    settings = [made.mix.channel(h.name).settings for h in heard]
    example = _example("drums", heard, settings, SHORT_PASSAGES)
    known = [p.name in ("fader_db", "pan", "width", "polarity_inverted") for p in CHANNEL_PARAMS]
    return _with_excerpt(replace(example, known=example.known & np.array(known)), heard, settings, excerpt_s)


def stems_example(session: Session, excerpt_s: float = 0.0) -> Example:
    """Finished stems, whose plain sum is the artists' mix: how loud each stands in it is known, nothing else.

    Raises :class:`TrainingError` where fewer than two can be heard: levels are known relative to each other alone.
    """
    heard = [h for h in _hear(session) if not h.features.is_silent]
    if len(heard) < 2:
        count = count_text(len(heard), "audible track")
        raise TrainingError(f"{session.source}: {count}; expected two or more stems, whose levels can be compared")
    levels = np.array([h.features.loudness_lufs for h in heard], np.float32)
    levels -= np.median(levels)
    settings = [ChannelSettings(fader_db=BY_NAME["fader_db"].clamp(level + TYPICAL_DB)) for level in levels.tolist()]
    example = _example("stems", heard, settings, LONG_PASSAGES)
    example = replace(example, level_db=levels, known=np.zeros_like(example.known))
    return _with_excerpt(example, heard, settings, excerpt_s)


def _hear(session: Session) -> list[HeardTrack]:
    return hear_session(session, _load, lambda share, what: None, lambda: False)


def _load(track: Track, sample_rate: int) -> FloatArray:
    return load_track(track, sample_rate) if track.audio is None else np.asarray(track.audio, np.float32)


def _example(
    source: str,
    heard: Sequence[HeardTrack],
    settings: Sequence[ChannelSettings],
    passages: int,
) -> Example:
    silence = np.zeros((len(heard), 2, 0), np.float16)
    return Example(
        source=source,
        tracks=tuple(_evidence(h, passages) for h in heard),
        roles=np.array([_ROLE_INDEX[h.role] for h in heard]),
        positions=np.stack([_positions(s) for s in settings]),
        known=np.stack([_matters(s, h.features.is_stereo) for s, h in zip(settings, heard, strict=True)]),
        level_db=np.array([s["fader_db"] for s in settings], np.float32),
        reverb=np.full(len(REVERB_PARAMS), np.nan, np.float32),
        balance_db=np.array([h.features.balance_db for h in heard], np.float32),
        excerpt=silence,
        contribution=silence,
    )


def _with_excerpt(
    example: Example, heard: Sequence[HeardTrack], settings: Sequence[ChannelSettings], seconds: float
) -> Example:
    """``example`` with ``seconds`` of audio from where most tracks play, before and behind the engineer's console."""
    if seconds <= 0.0:
        return example
    start_s, length = _busiest_s(heard, seconds), round(seconds * EXCERPT_RATE)
    excerpt = np.zeros((len(heard), 2, length), np.float32)
    for row, one in enumerate(heard):
        rate = one.track.sample_rate
        audio = _load(one.track, rate)[:, round(max(0.0, start_s - one.track.start_s) * rate) :]
        piece = resample(audio[:, : round(seconds * rate) + 1], rate, EXCERPT_RATE)[:, :length]
        excerpt[row, : len(piece), : piece.shape[1]] = piece * 10.0 ** (
            (REFERENCE_LUFS - one.features.loudness_lufs) / 20.0
        )
    contribution = play_strips(excerpt, settings, [h.features.is_stereo for h in heard], EXCERPT_RATE)
    return replace(example, excerpt=excerpt.astype(np.float16), contribution=contribution.astype(np.float16))


def play_strips(
    audio: FloatArray, settings: Sequence[ChannelSettings], is_stereo: Sequence[bool], sample_rate: int
) -> FloatArray:
    """``audio`` (N, 2, T) behind the strips, dry, (N, 2, T); trim and make-up as if the console kept each loudness.

    Every track leaves its filters and compressor with the power it came with, as gain staging sees to in the end.
    """
    rows = pack_settings([s.with_values(trim_db=0.0, comp_makeup_db=0.0) for s in settings])[None]
    with torch.no_grad():
        played = staged_strips(torch.from_numpy(audio)[None], rows, torch.tensor([list(is_stereo)]), sample_rate)
    return played[0].numpy()


def _busiest_s(heard: Sequence[HeardTrack], seconds: float) -> float:
    """Start of the stretch in which the most tracks play."""
    cells = max(max(h.cells) for h in heard) + 1
    playing = np.zeros(cells)
    for one in heard:
        playing[sorted(one.cells)] += 1.0
    width = max(1, min(cells, round(seconds / ACTIVITY_CELL_S)))
    return float(np.argmax(np.convolve(playing, np.ones(width), "valid"))) * ACTIVITY_CELL_S


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
