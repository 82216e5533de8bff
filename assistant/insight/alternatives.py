"""What else would be set where the engineer is torn between two roles: the session is decided again with the other.

Contents: :func:`find_alternatives`.
"""

from __future__ import annotations

from statistics import median

from assistant.analysis.sections import SECTION_OF, does_something
from assistant.engineers.engineer import HeardSession
from assistant.insight.moves import (
    STEP_DB,
    SWITCHES,
    find_moves,
    instead_text,
    is_audible,
    lowered,
    switched_text,
)
from assistant.insight.values import Alternative
from assistant.mix import Change, ChannelSettings, Mix
from assistant.params import BY_NAME
from assistant.report.words import value_text
from assistant.wording import gain_text


def find_alternatives(heard: HeardSession, mix: Mix) -> dict[str, Alternative]:
    """By name, every track of ``mix``, a mix of the session ``heard``, that may well have another role.

    It is as if the user had said so: a role that is said is certain. Only parameters that stand in ``mix`` as they were
    proposed are compared: elsewhere something else than the engineer decided.
    """
    whole = heard.propose()
    places = {channel.name: channel.settings for channel in mix.channels}
    return {
        name: _alternative(name, role, share, places[name], whole, heard.propose(roles={name: role}))
        for name, (role, share) in heard.torn.items()
        if name in places
    }


def _alternative(name: str, role: str, share: float, now: ChannelSettings, whole: Mix, other: Mix) -> Alternative:
    old, new = whole.channel(name).settings, other.channel(name).settings
    moved = [param for param, steps in find_moves(old, new).items() if is_audible(steps) and old[param] == now[param]]
    changes = tuple(Change(name, param, old[param], new[param]) for param in moved)
    shared_db = _shared_db(name, whole, other)
    sentence = f"if taken for {role} ({share:.0%}): {_changes_text(changes, shared_db, old, new)}"
    return Alternative(name, role, share, changes, shared_db, sentence)


def _shared_db(name: str, whole: Mix, other: Mix) -> float:
    """How far the faders of the tracks beside ``name`` move, the median of those that are not left alone."""
    pairs = [(c.settings, other.channel(c.name).settings) for c in whole.channels if c.name != name]
    moved_db = [new["fader_db"] - old["fader_db"] for old, new in pairs if old.changed() or new.changed()]
    return median(moved_db) if moved_db else 0.0


def _changes_text(changes: tuple[Change, ...], shared_db: float, old: ChannelSettings, new: ChannelSettings) -> str:
    parts = [_change_text(change, old, new) for change in changes]
    if abs(shared_db) >= STEP_DB["fader"]:
        parts.append(f"most other faders {gain_text(shared_db)} dB")
    return ", ".join(parts) or "nothing would sound different"


def _change_text(change: Change, old: ChannelSettings, new: ChannelSettings) -> str:
    """One parameter, or the whole section where it is switched."""
    section, param = SECTION_OF[change.param], BY_NAME[change.param]
    if SWITCHES.get(section.name) == param.name and does_something(section, old) != does_something(section, new):
        return f"{lowered(section.label)} {instead_text(switched_text(section, new), switched_text(section, old))}"
    return f"{lowered(param.label)} {instead_text(value_text(param, change.new), value_text(param, change.old))}"
