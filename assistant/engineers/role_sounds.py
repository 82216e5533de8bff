"""A track's role out of its sound alone: a transparent score, for tracks whose names say nothing.

Each row of ``PROFILES`` says what a role usually measures: mean and spread of six numbers of ``TrackFeatures``. The
score of a role is the Gaussian log-likelihood of the track's numbers under its row, numbers taken as independent
(naive Bayes), halved because they are not. Rows: practice, our choice, after the instruments' usual registers
(Owsinski, *The Mixing Engineer's Handbook*, 1999) and with the 94 stems of four CC0 songs in view, so how well they do
on these proves little. Roles that sound alike share a row through ``SOUNDS_LIKE``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assistant.analysis.listening import TrackFeatures


@dataclass(frozen=True)
class Profile:
    """(mean, spread) of what one role measures; the centroid in Hz with its spread in octaves."""

    centroid: tuple[float, float]
    low_share: tuple[float, float]
    harmonicity: tuple[float, float]
    percussiveness: tuple[float, float]
    onset_rate_hz: tuple[float, float]
    width: tuple[float, float]


PROFILES: dict[str, Profile] = {
    "kick": Profile((70, 0.7), (0.85, 0.13), (0.50, 0.25), (0.95, 0.20), (2.5, 1.5), (0.01, 0.05)),
    "snare": Profile((1300, 0.8), (0.02, 0.06), (0.25, 0.13), (0.95, 0.20), (2.5, 2.0), (0.05, 0.10)),
    "clap": Profile((1900, 0.6), (0.00, 0.03), (0.30, 0.10), (1.00, 0.15), (2.5, 2.0), (0.25, 0.20)),
    "hihat": Profile((7500, 0.9), (0.00, 0.03), (0.14, 0.10), (0.80, 0.30), (6.0, 3.0), (0.35, 0.30)),
    "cymbal": Profile((6000, 0.9), (0.00, 0.03), (0.17, 0.10), (0.10, 0.25), (0.6, 1.0), (0.40, 0.25)),
    "toms": Profile((200, 0.7), (0.15, 0.15), (0.45, 0.15), (0.75, 0.30), (2.5, 1.5), (0.15, 0.20)),
    "percussion": Profile((2800, 1.3), (0.02, 0.10), (0.30, 0.20), (0.90, 0.25), (6.0, 3.0), (0.15, 0.20)),
    "drum loop": Profile((250, 1.4), (0.40, 0.30), (0.30, 0.12), (0.65, 0.30), (4.0, 1.5), (0.04, 0.08)),
    "overheads": Profile((3000, 1.0), (0.05, 0.10), (0.18, 0.10), (0.60, 0.30), (5.0, 2.0), (0.30, 0.20)),
    "sub bass": Profile((50, 0.4), (0.95, 0.06), (0.90, 0.12), (0.10, 0.30), (1.5, 1.5), (0.00, 0.04)),
    "bass": Profile((90, 0.8), (0.60, 0.25), (0.90, 0.12), (0.15, 0.25), (2.0, 1.5), (0.02, 0.06)),
    "lead vocal": Profile((500, 0.6), (0.00, 0.03), (0.72, 0.13), (0.45, 0.20), (3.2, 1.2), (0.02, 0.06)),
    "backing vocal": Profile((700, 0.7), (0.00, 0.04), (0.78, 0.15), (0.25, 0.35), (1.5, 1.5), (0.35, 0.20)),
    "acoustic guitar": Profile((900, 0.9), (0.03, 0.06), (0.75, 0.15), (0.35, 0.25), (5.0, 2.5), (0.15, 0.20)),
    "electric guitar": Profile((800, 0.8), (0.03, 0.08), (0.70, 0.18), (0.20, 0.25), (3.0, 2.5), (0.10, 0.20)),
    "piano": Profile((420, 0.8), (0.05, 0.10), (0.85, 0.15), (0.20, 0.25), (2.5, 2.0), (0.25, 0.20)),
    "strings": Profile((800, 0.8), (0.02, 0.06), (0.85, 0.12), (0.05, 0.12), (0.6, 0.8), (0.30, 0.20)),
    "pad": Profile((420, 0.9), (0.03, 0.08), (0.85, 0.15), (0.05, 0.15), (0.5, 0.8), (0.50, 0.20)),
    "pluck": Profile((800, 1.2), (0.01, 0.05), (0.70, 0.25), (0.90, 0.25), (5.0, 3.0), (0.35, 0.25)),
    "synth": Profile((450, 1.5), (0.10, 0.25), (0.80, 0.25), (0.35, 0.40), (2.5, 2.0), (0.25, 0.25)),
    "fx": Profile((1500, 1.8), (0.15, 0.25), (0.40, 0.35), (0.45, 0.40), (3.0, 3.0), (0.30, 0.25)),
    "riser": Profile((2500, 1.4), (0.02, 0.10), (0.20, 0.15), (0.05, 0.15), (1.0, 2.0), (0.55, 0.20)),
}
SOUNDS_LIKE: dict[str, str] = {
    "drum room": "overheads",
    "lead guitar": "electric guitar",
    "keys": "piano",
    "organ": "pad",
    "mallets": "pluck",
    "brass": "strings",
    "woodwind": "lead vocal",
    "lead synth": "synth",
    "arp": "pluck",
    "stab": "synth",
    "other": "fx",
}


def role_from_sound(features: TrackFeatures) -> dict[str, float]:
    """Probability of every role's sound, given ``features`` of a track that is not silent.

    The rows of ``PROFILES`` sum to 1; a role in ``SOUNDS_LIKE`` carries its row's value.
    """
    scores = {role: 0.5 * _log_likelihood(profile, features) for role, profile in PROFILES.items()}
    top = max(scores.values())
    total = sum(math.exp(score - top) for score in scores.values())
    found = {role: math.exp(score - top) / total for role, score in scores.items()}
    return found | {role: found[like] for role, like in SOUNDS_LIKE.items()}


def _log_likelihood(profile: Profile, features: TrackFeatures) -> float:
    octaves = math.log2(max(features.centroid_hz, 15.0) / profile.centroid[0])
    deviations = (
        (octaves, profile.centroid[1]),
        _deviation(features.low_share, profile.low_share),
        _deviation(features.harmonicity, profile.harmonicity),
        _deviation(features.percussiveness, profile.percussiveness),
        _deviation(features.onset_rate_hz, profile.onset_rate_hz),
        _deviation(features.width if features.is_stereo else profile.width[0], profile.width),
    )
    return -sum(min(4.0, abs(d) / spread) ** 2 / 2.0 + math.log(spread) for d, spread in deviations)


def _deviation(value: float, expected: tuple[float, float]) -> tuple[float, float]:
    return value - expected[0], expected[1]
