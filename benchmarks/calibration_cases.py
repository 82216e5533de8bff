"""Changes of which it is known whether they were right: for ``quality_calibration``, which says where they come from.

A case is a change that the engineer ``dmc`` proposes for a flat strip, with the numbers that its confidence may go by.
A fold is what is left out together: a song, or a quarter of the synthetic sessions.

Contents: :class:`Case`; :func:`song_cases`, :func:`taught_cases`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from quality_levels import COMMON_LUFS, SAMPLE_RATE, Song, load_levelled

from assistant.analysis.loudness import integrated_loudness
from assistant.analysis.sections import changed_sections
from assistant.analysis.stereo import balance_db
from assistant.controller.engineer import DmcEngineer
from assistant.controller.staging import LEAST_EQ_DB, LEAST_PAN, LEAST_WIDENING
from assistant.engineers.filtering import response_db
from assistant.engineers.hearing import Scene, hear_session
from assistant.engineers.role_names import role_from_name
from assistant.engineers.rules import advise_scene
from assistant.insight.confidence import FEATURES, HEARD_HZ, NEAR_DB, NEAR_PAN, TAUGHT, Move, band_response_db, group_of
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session
from assistant.training.damage import Damage, draw_damage, restoring_settings
from assistant.training.damaging import damage_audio

MINUTE = 60 * SAMPLE_RATE
#: How often every minute is damaged.
REPEATS = 3


@dataclass(frozen=True)
class Case:
    """One change of one track: its group, the fold it belongs to, what is to go by, and whether it was right."""

    group: str
    fold: str
    numbers: Mapping[str, float]
    is_right: bool


def case_of(section: str, channel: ChannelMix, fold: str, is_right: bool, *, is_stereo: bool = True) -> Case:
    """The case of ``channel``'s change of ``section`` from a flat strip."""
    move = Move(section, ChannelMix(channel.name), channel)
    numbers = {name: feature(move) for name, feature in FEATURES.items()}
    return Case(group_of(section, is_stereo) or "", fold, numbers, bool(is_right))


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
    return None if abs(missing_db) < LEAST_EQ_DB else missing_db * float(does_db.sum()) > 0.0


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
