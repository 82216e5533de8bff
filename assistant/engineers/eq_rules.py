"""EQ: corrections towards a role's usual tone, prominent resonances, and room for the kick and the voice.

Each rule returns bands of the console's EQ for one track, or nothing. Cuts stay within 6 dB and boosts within 3, and
both scale with how sure the role is. Where two rules want one band, the first in ``RULES`` has it.

Corrections of tone go by the share of the power in a region: ``g`` dB on a region move its odds, share / (1 - share),
by ``g`` dB, so the gain that would bring a share to its limit is known; six tenths of it are applied.

Sources: masking between tracks answered by cutting the masker where the other track is essential: Hafezi and Reiss,
"Autonomous multitrack equalization based on masking reduction", JAES 63, 2015; Perez Gonzalez and Reiss, "Automatic
equalization of multi-channel audio using cross-adaptive methods", AES 127, 2009. Cuts preferred to boosts and narrower
than them: Pestana, *Automatic mixing systems using adaptive digital audio effects*, thesis, 2013. Regions (mud
200-400 Hz, presence 2-5 kHz, sibilance 5-10 kHz, air above): Owsinski, *The Mixing Engineer's Handbook*, 1999; Izhaki,
*Mixing Audio*, 2008. The limits per role stand in ``eq_tones``; the other figures: practice, our choice.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from assistant.analysis.listening import BAND_CENTRES_HZ
from assistant.arrays import FloatArray
from assistant.engineers.eq_tones import TONES, USUAL_TONE, Tone
from assistant.engineers.filtering import filtered_features
from assistant.engineers.hearing import Advice, HeardTrack, Scene
from assistant.wording import frequency_text

_MOST_CUT_DB, _MOST_BOOST_DB, _LEAST_DB = 6.0, 3.0, 0.7
_PART_OF_THE_WAY = 0.6
#: A resonance stands out by 4.5 dB in a band within 22 dB of the whole; from 0.7 on the sound is held notes.
_STICKS_OUT_DB, _MATTERS_DB, _HELD_NOTES = 4.5, -22.0, 0.7
#: Above this what sticks out of a voice are its consonants.
_HIGHEST_RESONANCE_HZ, _HIGHEST_IN_VOICES_HZ = 8_500.0, 5_000.0
_LOW_SHELF_HZ = {"kick": 80.0, "bass": 100.0}
#: Shares below this are not boosted: there is nothing there, or the file was band-limited.
_NOTHING_THERE = 3e-4
#: A hump in the harsh region is heard from this share on.
_HEARD_SHARE = 0.08
_END_OF_SOUND_DB = 12.0
_FAMILIES_UNDER_THE_VOICE = frozenset(("guitars", "keys", "synths", "orchestra"))
_WITH_RESONANCES = frozenset(("drums", "vocals", "guitars"))


def advise_eq(heard: HeardTrack, scene: Scene) -> Advice:
    """All EQ bands for ``heard`` among the tracks of ``scene``.

    Each rule hears the track behind the bands chosen before it, so that one fault is not mended twice.
    """
    settings: dict[str, float] = {}
    reasons: list[str] = []
    for rule in RULES:
        behind = replace(heard, features=filtered_features(heard.features, settings))
        advice = rule(behind, scene)
        if advice.settings and not settings.keys() & advice.settings.keys():
            reasons += [f"{reason}{', behind the bands before' if settings else ''}" for reason in advice.reasons]
            settings |= advice.settings
    return Advice(settings, tuple(reasons))


def clear_kick(heard: HeardTrack, scene: Scene) -> Advice:
    """A bass gives way where the kick that plays along has its fundamental."""
    if heard.guess.role.family != "bass":
        return Advice()
    kicks = [k for k in scene.with_role("kick") if k.cells & heard.cells]
    if not kicks:
        return Advice()
    kick = min(kicks, key=lambda k: (-len(k.cells & heard.cells), k.name))
    hz = _strongest_low_hz(kick)
    spectrum = np.asarray(heard.features.spectrum_db)
    if spectrum[_band(hz)] < spectrum.max() - 12.0:
        return Advice()
    gain_db = _scaled(-2.5, heard)
    reason = f"{gain_db:+.1f} dB at {frequency_text(hz)}: the kick {kick.name!r} has its fundamental there"
    return _peak("peak1", hz, gain_db, 1.4, reason)


def clear_bass(heard: HeardTrack, scene: Scene) -> Advice:
    """A kick gives way where the bass that plays along is strongest, unless that is its own fundamental."""
    if heard.role != "kick":
        return Advice()
    basses = [b for b in scene.tracks if b.guess.role.family == "bass" and b.cells & heard.cells]
    if not basses:
        return Advice()
    bass = min(basses, key=lambda b: (-len(b.cells & heard.cells), b.name))
    hz, own_hz = _strongest_low_hz(bass), _strongest_low_hz(heard)
    spectrum = np.asarray(heard.features.spectrum_db)
    if abs(math.log2(hz / own_hz)) < 0.5 or spectrum[_band(hz)] < spectrum.max() - 12.0:
        return Advice()
    gain_db = _scaled(-2.0, heard)
    reason = f"{gain_db:+.1f} dB at {frequency_text(hz)}: the bass {bass.name!r} is strongest there"
    return _peak("peak1", hz, gain_db, 1.4, reason)


def fill_low_end(heard: HeardTrack, _scene: Scene) -> Advice:
    """A low shelf up where a kick or bass lacks what it is there for."""
    least, share = _tone(heard).low_min, heard.features.low_share
    gain_db = _scaled(_towards(least, share), heard) if least else 0.0
    if gain_db < _LEAST_DB or share < _NOTHING_THERE:
        return Advice()
    hz = _LOW_SHELF_HZ[heard.role]
    return _shelf(
        "low_shelf", hz, gain_db, f"up to {frequency_text(hz)}: only {share:.0%} of the power lies below 120 Hz"
    )


def cut_boom(heard: HeardTrack, _scene: Scene) -> Advice:
    """A low shelf down where 80-200 Hz holds more than the role's share: proximity, a small room, a resonant body."""
    limit = _tone(heard).boom_max
    share = sum(10.0 ** (db / 10.0) for hz, db in _bands(heard) if 75.0 < hz < 210.0)
    gain_db = _scaled(_towards(limit, share), heard)
    if gain_db > -_LEAST_DB:
        return Advice()
    return _shelf(
        "low_shelf", 200.0, gain_db, f"up to 200 Hz: {share:.0%} of the power lies at 80-200 Hz, {limit:.0%} is much"
    )


def cut_mud(heard: HeardTrack, _scene: Scene) -> Advice:
    """Less of 200-400 Hz where it holds more than the role's share; a note of the track itself is spared."""
    limit, share = _tone(heard).mud_max, heard.features.mud_share
    gain_db = _scaled(_towards(limit, share), heard)
    if gain_db > -_LEAST_DB:
        return Advice()
    hz = _most_prominent_hz(heard, 240.0, 420.0)
    reason = (
        f"{gain_db:+.1f} dB at {frequency_text(hz)}: {share:.0%} of the power lies at 200-400 Hz, {limit:.0%} is much"
    )
    return _peak("peak1", hz, gain_db, 1.0, reason)


def clear_voice(heard: HeardTrack, scene: Scene) -> Advice:
    """An accompanying track gives way at 3 kHz where it would cover the words of a lead vocal that sings meanwhile."""
    share = heard.features.harsh_share
    if heard.guess.role.family not in _FAMILIES_UNDER_THE_VOICE or share < 0.03:
        return Advice()
    sung = {cell for voice in scene.with_role("lead vocal") for cell in voice.cells}
    if len(sung & heard.cells) < 0.2 * len(heard.cells):
        return Advice()
    gain_db = _scaled(-min(2.5, 1.0 + 10.0 * share), heard)
    return _peak("peak3", 3_000.0, gain_db, 0.8, f"{gain_db:+.1f} dB at 3 kHz: room for the words of the lead vocal")


def tame_harshness(heard: HeardTrack, _scene: Scene) -> Advice:
    """Less of 2-5 kHz where it holds more than the role's share, or where a voice has a hump there."""
    limit, share = _tone(heard).harsh_max, heard.features.harsh_share
    hz = _most_prominent_hz(heard, 2_000.0, 5_000.0)
    hump_db = _prominence_db(heard, _band(hz)) if heard.guess.role.family == "vocals" and hz < 4_500.0 else 0.0
    is_hump = hump_db > _STICKS_OUT_DB and share > _HEARD_SHARE
    gain_db = _scaled(min(_towards(limit, share), -0.5 * (hump_db - 1.0) if is_hump else 0.0), heard)
    if gain_db > -_LEAST_DB:
        return Advice()
    reason = f"{gain_db:+.1f} dB at {frequency_text(hz)}: {share:.0%} of the power lies at 2-5 kHz"
    reason += f", a hump of {hump_db:.0f} dB" if is_hump else f", {limit:.0%} is much"
    return _peak("peak3", hz, gain_db, 1.2, reason)


def add_presence(heard: HeardTrack, _scene: Scene) -> Advice:
    """More of 2-5 kHz where the role needs it to be understood or to cut through; not under sharper consonants."""
    least, share = _tone(heard).presence_min, heard.features.harsh_share
    gain_db = _scaled(_towards(least, share), heard) if least else 0.0
    if gain_db < _LEAST_DB or share < max(_NOTHING_THERE, heard.features.sibilance_share):
        return Advice()
    reason = f"{gain_db:+.1f} dB at 3.5 kHz: only {share:.1%} of the power lies at 2-5 kHz"
    return _peak("peak3", 3_500.0, gain_db, 0.8, reason)


def tame_sibilance(heard: HeardTrack, _scene: Scene) -> Advice:
    """A gentle high shelf down where 5-10 kHz holds more than the role's share."""
    limit, share = _tone(heard).sibilance_max, heard.features.sibilance_share
    gain_db = max(-4.0, _scaled(_towards(limit, share), heard))
    if gain_db > -_LEAST_DB:
        return Advice()
    what = f"from 6 kHz: {share:.0%} of the power lies at 5-10 kHz, {limit:.0%} is much"
    return _shelf("high_shelf", 6_000.0, gain_db, what)


def tame_brightness(heard: HeardTrack, _scene: Scene) -> Advice:
    """A high shelf down where more than the role's share lies above 10 kHz."""
    limit, share = _tone(heard).air_max, heard.features.air_share
    gain_db = max(-4.0, _scaled(_towards(limit, share), heard))
    if gain_db > -_LEAST_DB:
        return Advice()
    what = f"from 9 kHz: {share:.0%} of the power lies above 10 kHz, {limit:.0%} is much"
    return _shelf("high_shelf", 9_000.0, gain_db, what)


def add_air(heard: HeardTrack, _scene: Scene) -> Advice:
    """A high shelf up where the role lives from its top and has little of it."""
    least, share = _tone(heard).air_min, heard.features.air_share
    gain_db = min(2.5, _scaled(_towards(least, share), heard)) if least else 0.0
    if gain_db < _LEAST_DB or share < _NOTHING_THERE:
        return Advice()
    return _shelf("high_shelf", 10_000.0, gain_db, f"from 10 kHz: only {share:.1%} of the power lies above")


def cut_resonance(heard: HeardTrack, _scene: Scene) -> Advice:
    """A narrow cut at the third octave that sticks out most from both sides; never at the track's own pitch.

    Held notes have partials, not resonances: nothing is cut where most of the sound is tonal.
    """
    if heard.guess.role.family not in _WITH_RESONANCES or heard.features.harmonicity > _HELD_NOTES:
        return Advice()
    spectrum, centres = np.asarray(heard.features.spectrum_db), np.asarray(BAND_CENTRES_HZ)
    excess = _excess_db(spectrum)
    is_voice = heard.guess.role.family == "vocals"
    highest_hz = _HIGHEST_IN_VOICES_HZ if is_voice else _HIGHEST_RESONANCE_HZ
    allowed = (centres > 400.0) & (centres < highest_hz) & (spectrum > _MATTERS_DB)
    if heard.features.pitch_hz:
        allowed &= (centres < 0.8 * heard.features.pitch_low_hz) | (centres > 2.5 * heard.features.pitch_hz)
    excess[~allowed] = 0.0
    worst = int(np.argmax(excess))
    if excess[worst] < _STICKS_OUT_DB:
        return Advice()
    gain_db, hz = _scaled(-0.5 * (float(excess[worst]) - 1.0), heard), float(centres[worst])
    reason = f"{gain_db:+.1f} dB at {frequency_text(hz)}: it sticks out by {excess[worst]:.0f} dB"
    return _peak("peak2", hz, gain_db, 4.0, reason)


#: In order of precedence.
RULES = (
    clear_kick,
    clear_bass,
    fill_low_end,
    cut_boom,
    cut_mud,
    cut_resonance,
    tame_harshness,
    clear_voice,
    add_presence,
    tame_sibilance,
    tame_brightness,
    add_air,
)


def _tone(heard: HeardTrack) -> Tone:
    return TONES.get(heard.role, USUAL_TONE)


def _towards(limit: float, share: float) -> float:
    """Six tenths of the gain in dB that brings ``share`` to ``limit``: negative above it."""
    wanted, found = (min(0.9999, max(1e-4, s)) for s in (limit, share))
    return _PART_OF_THE_WAY * 10.0 * math.log10(wanted / (1.0 - wanted) * (1.0 - found) / found)


def _scaled(gain_db: float, heard: HeardTrack) -> float:
    """``gain_db`` by the confidence in the role, within the most that is done, in tenths."""
    sure = min(1.0, 0.3 + 0.9 * heard.guess.confidence)
    return round(min(_MOST_BOOST_DB, max(-_MOST_CUT_DB, gain_db * sure)), 1)


def _peak(prefix: str, hz: float, gain_db: float, q: float, reason: str) -> Advice:
    if abs(gain_db) < _LEAST_DB:
        return Advice()
    return Advice({f"{prefix}_hz": round(hz, 1), f"{prefix}_gain_db": gain_db, f"{prefix}_q": q}, (f"EQ {reason}",))


def _shelf(prefix: str, hz: float, gain_db: float, reason: str) -> Advice:
    return Advice({f"{prefix}_hz": hz, f"{prefix}_gain_db": gain_db}, (f"EQ {gain_db:+.1f} dB {reason}",))


def _bands(heard: HeardTrack) -> list[tuple[float, float]]:
    return list(zip(BAND_CENTRES_HZ, heard.features.spectrum_db, strict=True))


def _band(hz: float) -> int:
    return int(np.argmin(np.abs(np.log(np.asarray(BAND_CENTRES_HZ) / hz))))


def _strongest_hz(heard: HeardTrack, low_hz: float, high_hz: float) -> float:
    centres = np.asarray(BAND_CENTRES_HZ)
    inside = (centres >= low_hz) & (centres <= high_hz)
    return float(centres[np.argmax(np.where(inside, heard.features.spectrum_db, -np.inf))])


def _most_prominent_hz(heard: HeardTrack, low_hz: float, high_hz: float) -> float:
    """The band that stands highest over the mean of those four thirds of an octave below and above it."""
    inside = [n for n, hz in enumerate(BAND_CENTRES_HZ) if low_hz <= hz <= high_hz]
    return BAND_CENTRES_HZ[max(inside, key=lambda n: _prominence_db(heard, n))]


def _prominence_db(heard: HeardTrack, band: int) -> float:
    """Height over those two bands; where one lies beyond the end of the sound, it counts as 12 dB below."""
    spectrum = heard.features.spectrum_db
    return sum(min(_END_OF_SOUND_DB, spectrum[band] - spectrum[other]) for other in (band - 4, band + 4)) / 2.0


def _strongest_low_hz(heard: HeardTrack) -> float:
    return _strongest_hz(heard, 38.0, 130.0)


def _excess_db(spectrum_db: FloatArray) -> FloatArray:
    """How far each band stands above its neighbours: the lesser of its distances to the two below and the two above."""
    padded = np.pad(spectrum_db, 2, mode="edge")
    below, above = (padded[:-4] + padded[1:-3]) / 2.0, (padded[3:-1] + padded[4:]) / 2.0
    return np.minimum(spectrum_db - below, spectrum_db - above)
