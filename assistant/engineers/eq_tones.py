"""The tone each role usually has: which share of its power lies where, and from which share on something is wrong.

The limits: practice, our choice; those of vocals after the mean spectrum of the MUSDB18 vocal stems (60-200 Hz 4%,
200-400 Hz 19%, 2-5 kHz 10%, 5-10 kHz 2%, above 0.5% of the power; statistics of FxNorm-automix, MIT licence) and four
CC0 songs in view.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tone:
    """Shares of the power a role should not exceed (``_max``) or fall short of (``_min``; 0 asks for nothing).

    low: below 120 Hz; boom: 80-200 Hz; mud: 200-400 Hz; harsh and presence: 2-5 kHz; sibilance: 5-10 kHz; air: above.
    """

    low_min: float = 0.0
    boom_max: float = 1.0
    mud_max: float = 0.40
    harsh_max: float = 0.30
    sibilance_max: float = 0.35
    presence_min: float = 0.0
    air_min: float = 0.0
    air_max: float = 1.0


TONES: dict[str, Tone] = {
    "kick": Tone(low_min=0.60, mud_max=0.08, presence_min=0.003),
    "snare": Tone(boom_max=0.60, mud_max=0.30, harsh_max=0.35, presence_min=0.08, air_min=0.01),
    "clap": Tone(harsh_max=0.50),
    "hihat": Tone(harsh_max=0.45, sibilance_max=0.65, air_max=0.55),
    "cymbal": Tone(harsh_max=0.45, sibilance_max=0.60, air_max=0.50),
    "toms": Tone(mud_max=0.25, presence_min=0.01),
    "percussion": Tone(harsh_max=0.50, sibilance_max=0.60, air_max=0.60),
    "drum loop": Tone(mud_max=0.25, harsh_max=0.25),
    "overheads": Tone(boom_max=0.40, mud_max=0.20, harsh_max=0.40, sibilance_max=0.50, air_min=0.03, air_max=0.50),
    "drum room": Tone(mud_max=0.25, harsh_max=0.30),
    "bass": Tone(low_min=0.50, mud_max=0.20),
    "lead vocal": Tone(
        boom_max=0.25, mud_max=0.36, harsh_max=0.15, sibilance_max=0.10, presence_min=0.04, air_min=0.002
    ),
    "backing vocal": Tone(boom_max=0.20, mud_max=0.36, harsh_max=0.15, sibilance_max=0.10),
    "acoustic guitar": Tone(boom_max=0.35, mud_max=0.35, harsh_max=0.25, presence_min=0.03, air_min=0.005),
    "electric guitar": Tone(boom_max=0.40, mud_max=0.50, harsh_max=0.30),
    "lead guitar": Tone(boom_max=0.35, mud_max=0.50, harsh_max=0.30, presence_min=0.04),
    "piano": Tone(boom_max=0.45, mud_max=0.50, harsh_max=0.20, presence_min=0.01),
    "keys": Tone(boom_max=0.50, mud_max=0.50),
    "organ": Tone(boom_max=0.50, mud_max=0.50),
    "pad": Tone(boom_max=0.50, mud_max=0.55, harsh_max=0.15),
    "strings": Tone(boom_max=0.40, mud_max=0.50, harsh_max=0.25),
    "brass": Tone(harsh_max=0.30),
    "fx": Tone(mud_max=1.0, harsh_max=1.0, sibilance_max=1.0),
    "riser": Tone(mud_max=1.0, harsh_max=1.0, sibilance_max=1.0),
    "other": Tone(mud_max=1.0, harsh_max=1.0, sibilance_max=1.0),
}
USUAL_TONE = Tone()
