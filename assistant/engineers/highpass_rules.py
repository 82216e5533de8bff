"""High-pass: by role, but never into what the track has down there.

Sources: De Man and Reiss 2013 (high-pass on all but the low instruments); Pestana and Reiss 2014; Senior, *Mixing
Secrets for the Small Studio*, 2011 (remove what is below the instrument's range, keep the fundamental). Cutoffs by
role and the margins: practice, our choice.
"""

from __future__ import annotations

import numpy as np

from assistant.analysis.listening import BAND_CENTRES_HZ
from assistant.engineers.hearing import Advice, HeardTrack

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
_EDGE_SHARE, _PITCH_SHARE, _PRESENT_DB, _LOWEST_USEFUL_HZ = 0.7, 0.7, -30.0, 25.0


def advise_highpass(heard: HeardTrack) -> Advice:
    """The cutoff: the role's, or lower where the sound or an unsure role asks for it; none where that leaves nothing.

    Under 0.7 of the edge below which one percent of the power lies, and of the lowest usual fundamental: the
    console's 12 dB per octave then takes less than 1 dB off it.
    """
    role_hz = HIGHPASS_HZ.get(heard.role)
    if role_hz is None:
        return Advice()
    edge_hz, pitch_hz = heard.features.low_edge_hz, _lowest_pitch_hz(heard)
    limits = [role_hz * min(1.0, 0.5 + heard.guess.confidence), _EDGE_SHARE * edge_hz]
    if pitch_hz:
        limits.append(_PITCH_SHARE * pitch_hz)
    cutoff_hz = float(np.floor(min(limits)))
    if cutoff_hz < _LOWEST_USEFUL_HZ:
        return Advice()
    reason = f"high-pass at {cutoff_hz:.0f} Hz: 99% of its power lies above {edge_hz:.0f} Hz"
    if pitch_hz:
        reason += f", its lowest notes at {pitch_hz:.0f} Hz"
    return Advice({"highpass_on": 1.0, "highpass_hz": cutoff_hz}, (reason,))


def _lowest_pitch_hz(heard: HeardTrack) -> float:
    """The track's low fundamentals where the spectrum confirms them; 0 otherwise (a subharmonic, or no pitch)."""
    pitch_hz = heard.features.pitch_low_hz
    if not pitch_hz:
        return 0.0
    band = int(np.argmin(np.abs(np.log(np.asarray(BAND_CENTRES_HZ) / pitch_hz))))
    return pitch_hz if heard.features.spectrum_db[band] > _PRESENT_DB else 0.0
