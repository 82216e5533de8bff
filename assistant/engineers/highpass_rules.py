"""High-pass: by role, but never into what the track has down there.

Sources: De Man and Reiss 2013 (high-pass on all but the low instruments); Pestana and Reiss 2014; Senior, *Mixing
Secrets for the Small Studio*, 2011 (remove what is below the instrument's range, keep the fundamental). Cutoffs by
role and the margins: practice, our choice.
"""

from __future__ import annotations

import numpy as np

from assistant.analysis.listening import BAND_CENTRES_HZ
from assistant.engineers.hearing import Advice, HeardTrack
from assistant.wording import frequency_text

#: Highest cutoff in Hz by role; roles left out keep their lows.
HIGHPASS_HZ: dict[str, float] = {
    "kick": 25.0,
    "snare": 90.0,
    "clap": 150.0,
    "hihat": 250.0,
    "cymbal": 200.0,
    "toms": 50.0,
    "percussion": 120.0,
    "drum loop": 30.0,
    "overheads": 110.0,
    "drum room": 60.0,
    "bass": 30.0,
    "lead vocal": 90.0,
    "backing vocal": 120.0,
    "acoustic guitar": 90.0,
    "electric guitar": 85.0,
    "lead guitar": 100.0,
    "piano": 50.0,
    "keys": 70.0,
    "organ": 60.0,
    "mallets": 90.0,
    "strings": 80.0,
    "brass": 90.0,
    "woodwind": 90.0,
    "pad": 100.0,
    "lead synth": 100.0,
    "pluck": 110.0,
    "arp": 110.0,
    "stab": 80.0,
    "synth": 60.0,
    "fx": 60.0,
    "riser": 100.0,
    "other": 40.0,
}
#: A kick whose strongest third of an octave lies from here on loses less than 0.5 dB of it.
_KICK_HZ = 45.0
_VALLEY_DB, _AUDIBLE_RUMBLE_DB, _MOST_SUBSONIC, _LOWEST_HZ = 6.0, -30.0, 0.02, 20.0
_EDGE_SHARE, _PITCH_SHARE, _PRESENT_DB, _LOWEST_USEFUL_HZ = 0.7, 0.7, -30.0, 25.0


def advise_highpass(heard: HeardTrack) -> Advice:
    """The cutoff: the role's, or lower where the sound or an unsure role asks for it; none where that leaves nothing.

    Under 0.7 of the edge below which one percent of the power lies, and of the lowest usual fundamental: the
    console's 12 dB per octave then takes less than 1 dB off it. Rumble that stands apart under the sound does not
    count towards the edge, nor does what a kick has below 25 Hz; an offset is taken away from any track.
    """
    role_hz, subsonic = HIGHPASS_HZ.get(heard.role), heard.features.subsonic_share
    offset = Advice()
    if subsonic > _MOST_SUBSONIC:
        reason = f"high-pass at {_LOWEST_HZ:.0f} Hz: {subsonic:.0%} of the power is offset or lies below 15 Hz"
        offset = Advice({"highpass_on": 1.0, "highpass_hz": _LOWEST_HZ}, (reason,))
    if role_hz is None:
        return offset
    rumble_hz, edge_hz = _rumble_and_edge_hz(heard, role_hz)
    pitch_hz = _lowest_pitch_hz(heard)
    limits = [role_hz * min(1.0, 0.5 + heard.guess.confidence)]
    if heard.role != "kick" or _strongest_hz(heard) < _KICK_HZ:
        limits.append(_EDGE_SHARE * edge_hz)
    if pitch_hz:
        limits.append(_PITCH_SHARE * pitch_hz)
    cutoff_hz = float(np.floor(min(limits)))
    if cutoff_hz < _LOWEST_USEFUL_HZ:
        return offset
    reason = f"high-pass at {frequency_text(cutoff_hz)}: 99% of its power lies above {frequency_text(edge_hz)}"
    if rumble_hz:
        reason += f" but for rumble at {frequency_text(rumble_hz)}"
    if pitch_hz:
        reason += f", its lowest notes at {frequency_text(pitch_hz)}"
    return Advice({"highpass_on": 1.0, "highpass_hz": cutoff_hz}, (reason,))


def _rumble_and_edge_hz(heard: HeardTrack, role_hz: float) -> tuple[float, float]:
    """(frequency of the rumble, edge of the sound above it); (0, the track's edge) where nothing stands apart.

    Rumble is a hump below the role's cutoff, less than 30 dB under the whole, with a valley of 6 dB between it and
    the sound.
    """
    spectrum, centres = np.asarray(heard.features.spectrum_db), np.asarray(BAND_CENTRES_HZ)
    deepest = np.where((centres > 25.0) & (centres < 1.3 * role_hz), spectrum, np.inf)
    valley = int(np.argmin(deepest))
    has_valley = bool(np.isfinite(deepest[valley]))
    if not has_valley or spectrum[:valley].max() < max(spectrum[valley] + _VALLEY_DB, _AUDIBLE_RUMBLE_DB):
        return 0.0, heard.features.low_edge_hz
    power = 10.0 ** (spectrum[valley:] / 10.0)
    first = valley + int(np.argmax(np.cumsum(power) > 0.01 * power.sum()))
    return float(centres[np.argmax(spectrum[:valley])]), float(centres[first] * 10.0**-0.05)


def _strongest_hz(heard: HeardTrack) -> float:
    return BAND_CENTRES_HZ[int(np.argmax(heard.features.spectrum_db))]


def _lowest_pitch_hz(heard: HeardTrack) -> float:
    """The track's low fundamentals where the spectrum confirms them; 0 otherwise (a subharmonic, or no pitch)."""
    pitch_hz = heard.features.pitch_low_hz
    if not pitch_hz:
        return 0.0
    band = int(np.argmin(np.abs(np.log(np.asarray(BAND_CENTRES_HZ) / pitch_hz))))
    return pitch_hz if heard.features.spectrum_db[band] > _PRESENT_DB else 0.0
