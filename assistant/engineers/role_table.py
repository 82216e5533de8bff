"""The table of roles: what a track can be. Standard library only.

A role is a row of ``ROLES``, its ``name`` the word shown to people and written to mix files. ``family`` is what
engineers would group it under; tracks of one ``group`` share one place in the balance.

Contents: :class:`Role`, ``ROLES``, ``ROLE_BY_NAME``, ``FAMILIES``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """One kind of track: its name, its family, and the group whose level it shares."""

    name: str
    family: str
    group: str


ROLES: tuple[Role, ...] = (
    Role("kick", "drums", "kick"),
    Role("snare", "drums", "snare"),
    Role("clap", "drums", "snare"),
    Role("hihat", "drums", "hihat"),
    Role("cymbal", "drums", "cymbals"),
    Role("toms", "drums", "toms"),
    Role("percussion", "drums", "percussion"),
    Role("drum loop", "drums", "drum loop"),
    Role("overheads", "drums", "cymbals"),
    Role("drum room", "drums", "drum room"),
    Role("bass", "bass", "bass"),
    Role("sub bass", "bass", "bass"),
    Role("lead vocal", "vocals", "lead vocal"),
    Role("backing vocal", "vocals", "backing vocal"),
    Role("acoustic guitar", "guitars", "guitars"),
    Role("electric guitar", "guitars", "guitars"),
    Role("lead guitar", "guitars", "solo"),
    Role("piano", "keys", "keys"),
    Role("keys", "keys", "keys"),
    Role("organ", "keys", "keys"),
    Role("mallets", "keys", "mallets"),
    Role("strings", "orchestra", "strings"),
    Role("brass", "orchestra", "brass"),
    Role("woodwind", "orchestra", "woodwind"),
    Role("pad", "synths", "pad"),
    Role("lead synth", "synths", "solo"),
    Role("pluck", "synths", "pluck"),
    Role("arp", "synths", "arp"),
    Role("stab", "synths", "stab"),
    Role("synth", "synths", "synth"),
    Role("fx", "fx", "fx"),
    Role("riser", "fx", "riser"),
    Role("other", "other", "other"),
)
ROLE_BY_NAME: dict[str, Role] = {role.name: role for role in ROLES}

#: The families, in the table's order.
FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(role.family for role in ROLES))
