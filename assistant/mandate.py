"""What is delegated to the assistant: which level of automation, what may be changed, by how much. Standard library
only.

The four levels are those of Steinmetz et al., "Audio Signal Processing in the Artificial Intelligence Era", J. Audio
Eng. Soc. 73 (2025), section 1.3. ``assistant.automation`` makes of a proposal what a mandate allows.

Contents: :class:`Automation`, ``AUTOMATION_SUMMARIES``, ``GROUPS``, :func:`params_called`, :func:`check_sections`,
:func:`check_limit`, :class:`Mandate`, :func:`mandate_sentences`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from assistant.analysis.sections import SECTION_BY_NAME
from assistant.mix import unknown_name_text
from assistant.params import BY_NAME, EQ_BANDS, REVERB_NAMES

#: A setting by name, of all tracks or of one: ``"pan"``, ``("bass", "pan")``.
Locked = str | tuple[str, str]


class Automation(StrEnum):
    """How much the machine decides."""

    AUTOMATIC = "automatic"
    INDEPENDENT = "independent"
    SUGGESTIVE = "suggestive"
    INSIGHTIVE = "insightive"


AUTOMATION_SUMMARIES: dict[Automation, str] = {
    Automation.AUTOMATIC: "the whole mix is made",
    Automation.INDEPENDENT: "the delegated part is made, the rest stays as it is",
    Automation.SUGGESTIVE: "changes are proposed, you decide which of them are made",
    Automation.INSIGHTIVE: "nothing is changed, you only read what would be",
}

#: Sections of the strip under one name. "reverb" is also the reverb bus.
GROUPS: dict[str, tuple[str, ...]] = {
    "levels": ("level",),
    "eq": ("highpass", *(prefix for prefix, _ in EQ_BANDS)),
    "dynamics": ("compressor",),
    "image": ("width", "pan"),
    "reverb": ("send",),
}

#: What has an amount that a limit can hold back; frequencies and times have none.
LIMITABLE: frozenset[str] = frozenset(
    (
        *("trim_db", "fader_db", "comp_ratio", "comp_makeup_db", "width", "pan", "send_db"),
        *(f"{prefix}_gain_db" for prefix, _ in EQ_BANDS),
    )
)


def params_called(name: str) -> tuple[str, ...]:
    """The parameters that a group, section or parameter called ``name`` stands for; ``ValueError`` where none is."""
    if name in GROUPS:
        of_bus = REVERB_NAMES if name == "reverb" else ()
        return tuple(param for section in GROUPS[name] for param in SECTION_BY_NAME[section].params) + of_bus
    if name in SECTION_BY_NAME:
        return SECTION_BY_NAME[name].params
    if name not in BY_NAME:
        raise ValueError(unknown_name_text("setting", name, {*GROUPS, *SECTION_BY_NAME, *BY_NAME}))
    return (name,)


def check_sections(names: Iterable[str]) -> None:
    """Raise ``ValueError`` for a name that is neither a group nor a section of the strip."""
    for name in names:
        if name not in GROUPS and name not in SECTION_BY_NAME:
            text = unknown_name_text("part of the strip", name, {*GROUPS, *SECTION_BY_NAME})
            raise ValueError(f"{text}; known: {', '.join(GROUPS)}, and of these: {', '.join(SECTION_BY_NAME)}")


def check_limit(name: str, limit: float) -> None:
    """Raise ``ValueError`` for what cannot be limited, and for a limit that is no number from 0 up."""
    limited = [param for param in params_called(name) if param in LIMITABLE]
    if not limited:
        raise ValueError(f"{name} has no amount to limit; lock it instead")
    if len({BY_NAME[param].unit for param in limited}) > 1:
        raise ValueError(f"{name} has parts in different units; limit one of them: {', '.join(limited)}")
    if not (math.isfinite(limit) and limit >= 0.0):
        raise ValueError(f"limit {name}={limit:g}: expected 0 or more")


@dataclass(frozen=True)
class Mandate:
    """What is delegated, and who decides.

    ``sections`` and ``tracks`` name what may be changed, None everything; ``locked_tracks`` and ``locked_params`` what
    may not, whatever else is said. ``limits`` holds the largest change by group, section or parameter, in its unit; of
    a track's level for trim and fader, each and together. ``amounts`` scales what is proposed for a track, ``amount``
    for the others, 0..1. ``focus`` is the track that must come forward. Raises ``ValueError`` for settings that do not
    exist; of tracks see :meth:`check_tracks`.
    """

    level: Automation = Automation.AUTOMATIC
    sections: frozenset[str] | None = None
    tracks: frozenset[str] | None = None
    locked_tracks: frozenset[str] = frozenset()
    locked_params: frozenset[Locked] = frozenset()
    limits: Mapping[str, float] = field(default_factory=dict)
    amounts: Mapping[str, float] = field(default_factory=dict)
    amount: float = 1.0
    focus: str | None = None

    def __post_init__(self) -> None:
        check_sections(self.sections or ())
        for locked in self.locked_params:
            params_called(locked if isinstance(locked, str) else locked[1])
        for name, limit in self.limits.items():
            check_limit(name, limit)
        for amount in (self.amount, *self.amounts.values()):
            if not 0.0 <= amount <= 1.0:
                raise ValueError(f"amount {amount:g}: expected 0 (nothing) to 1 (all); per cent?")

    def check_tracks(self, names: Iterable[str]) -> None:
        """Raise ``ValueError`` where a track is named that is not among ``names``."""
        known = set(names)
        focus = () if self.focus is None else (self.focus,)
        of_params = (locked[0] for locked in self.locked_params if not isinstance(locked, str))
        for name in (*(self.tracks or ()), *self.locked_tracks, *of_params, *self.amounts, *focus):
            if name not in known:
                raise ValueError(unknown_name_text("track", name, known))

    def touches(self, track: str) -> bool:
        """Whether anything of the track may be changed."""
        return track not in self.locked_tracks and (self.tracks is None or track in self.tracks)

    def allows(self, track: str, param: str) -> bool:
        """Whether that parameter of that track may be changed."""
        return self.touches(track) and self._is_free(param) and (track, param) not in self._locked

    def allows_shared(self, param: str) -> bool:
        """Whether a parameter of the reverb bus or the master may be; the master's only with the whole job."""
        is_whole = self.sections is None and self.tracks is None
        return self._is_free(param) and (is_whole or BY_NAME[param].section == "reverb")

    def limit(self, param: str) -> float:
        """The largest change of that parameter, in its unit; infinite without a limit."""
        if param not in LIMITABLE:
            return math.inf
        return min((limit for name, limit in self.limits.items() if param in params_called(name)), default=math.inf)

    @property
    def level_limit_db(self) -> float:
        """The largest change of trim and fader together; infinite without a limit."""
        return min(self.limits.get("level", math.inf), self.limits.get("levels", math.inf))

    def amount_of(self, track: str) -> float:
        """How much of what is proposed for the track is to be done, 0..1."""
        return self.amounts.get(track, self.amount)

    def in_full(self) -> Mandate:
        """The same part of the mix, all of it done: no limits, no amounts, nobody else to decide."""
        return replace(self, level=Automation.INDEPENDENT, limits={}, amounts={}, amount=1.0)

    def _is_free(self, param: str) -> bool:
        return (self._delegated is None or param in self._delegated) and param not in self._locked

    @cached_property
    def _delegated(self) -> frozenset[str] | None:
        if self.sections is None:
            return None
        return frozenset(param for name in self.sections for param in params_called(name))

    @cached_property
    def _locked(self) -> frozenset[Locked]:
        found: set[Locked] = set()
        for locked in self.locked_params:
            if isinstance(locked, str):
                found.update(params_called(locked))
            else:
                found.update((locked[0], param) for param in params_called(locked[1]))
        return frozenset(found)


def mandate_sentences(mandate: Mandate) -> tuple[str, ...]:
    """What is delegated, in words: the level first, then every restriction."""
    return (
        f"{mandate.level}: {AUTOMATION_SUMMARIES[mandate.level]}",
        *(f"{what}: {', '.join(names)}" for what, names in _restrictions(mandate) if names),
    )


def _restrictions(mandate: Mandate) -> Iterable[tuple[str, list[str]]]:
    yield "only", [name for name in (*GROUPS, *SECTION_BY_NAME) if name in (mandate.sections or ())]
    yield "only the tracks", sorted(mandate.tracks or ())
    yield "locked tracks", sorted(mandate.locked_tracks)
    params = [p if isinstance(p, str) else f"{p[1]} of {p[0]}" for p in mandate.locked_params]
    yield "locked", sorted(params)
    yield "changed at most by", [f"{name} {_limit_text(name, limit)}" for name, limit in sorted(mandate.limits.items())]
    amounts = [f"{track} {amount:.0%}" for track, amount in sorted(mandate.amounts.items())]
    yield "amount", [*([f"{mandate.amount:.0%}"] if mandate.amount < 1.0 else []), *amounts]
    yield "to come forward", [mandate.focus] if mandate.focus is not None else []


def _limit_text(name: str, limit: float) -> str:
    unit = next(BY_NAME[param].unit for param in params_called(name) if param in LIMITABLE)
    return f"{limit:g}{' ' + unit if unit else ''}"
