"""What a track is: one guess out of its name, its sound and what the user said.

Confidence runs from 0 (no idea) to 1 (the user said so). The roles are in ``role_table``; names are read in
``role_names``, sounds in ``role_sounds``.

Contents: :class:`RoleGuess`, :func:`guess_role`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.analysis.listening import TrackFeatures
from assistant.engineers.role_names import role_from_name
from assistant.engineers.role_sounds import PROFILES, role_from_sound
from assistant.engineers.role_table import ROLE_BY_NAME, Role
from assistant.mix import Track, unknown_name_text


@dataclass(frozen=True)
class RoleGuess:
    """A role, how sure it is (0..1), and where it comes from: "user", "name", "sound" or "name and sound"."""

    role: Role
    confidence: float
    source: str


def guess_role(track: Track, features: TrackFeatures) -> RoleGuess:
    """The role of ``track``: the user's word if given, else the name's and the sound's evidence together.

    Name and sound are two witnesses whose probabilities multiply (naive Bayes); the name weighs more because the
    sound alone cannot tell, say, a mallet from a pluck. Where the name speaks but the sound contradicts it, the role
    stays the name's and the confidence falls. Raises ``ValueError`` for a user's role that is in no table.
    """
    if track.role:
        return RoleGuess(_user_role(track), 1.0, "user")
    named = role_from_name(track.name)
    heard = {} if features.is_silent else role_from_sound(features)
    if not named:
        return _from_sound(heard)
    best = max(sorted(named), key=lambda role: _joint(role, named, heard))
    agreement = _agreement(best, heard)
    certainty = named[best] / max(1.0, sum(named.values()))
    return RoleGuess(ROLE_BY_NAME[best], _confidence(certainty, agreement), "name and sound" if heard else "name")


def _user_role(track: Track) -> Role:
    role = ROLE_BY_NAME.get(track.role) or ROLE_BY_NAME.get(track.role.strip().lower().replace("_", " "))
    if role is not None:
        return role
    named = role_from_name(track.role)
    if not named:
        raise ValueError(f"track {track.name!r}: {unknown_name_text('role', track.role, set(ROLE_BY_NAME))}")
    return ROLE_BY_NAME[max(sorted(named), key=lambda name: named[name])]


def _from_sound(heard: Mapping[str, float]) -> RoleGuess:
    if not heard:
        return RoleGuess(ROLE_BY_NAME["other"], 0.0, "sound")
    best = max(PROFILES, key=lambda role: heard[role])
    return RoleGuess(ROLE_BY_NAME[best], 0.7 * heard[best], "sound")


def _joint(role: str, named: Mapping[str, float], heard: Mapping[str, float]) -> float:
    return math.log(named[role]) + (0.1 * math.log(max(heard.get(role, 1e-3), 1e-6)) if heard else 0.0)


def _agreement(role: str, heard: Mapping[str, float]) -> float:
    """1 where the sound finds ``role`` as likely as its favourite, towards 0 where it all but excludes it."""
    if not heard or role not in heard:
        return 0.5
    return (heard[role] / max(heard.values())) ** 0.15


def _confidence(certainty: float, agreement: float) -> float:
    return round(certainty * (0.3 + 0.67 * agreement), 3)
