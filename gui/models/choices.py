"""What the user prefers: one value per preference, and which values each may have.

Contents: :class:`Choices`, :func:`choices_from`, :func:`choice_to_json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from assistant.engineers.catalogue import DEFAULT_ENGINEER, ENGINEER_SUMMARIES
from assistant.mandate import GROUPS
from assistant.refinement.catalogue import GOAL_SUMMARIES

Allowed = Callable[[Any], bool]


def _among(*known: str) -> Allowed:
    return lambda value: value in known


def _between(low: float, high: float) -> Allowed:
    return lambda value: low <= value <= high


def _all_among(known: Mapping[str, Any]) -> Allowed:
    return lambda value: all(name in known for name in value)


def _choice(default: Any, allowed: Allowed | None = None) -> Any:
    return field(default=default, metadata={} if allowed is None else {"allowed": allowed})


@dataclass(frozen=True)
class Choices:
    """Everything that is preferred.

    ``text_scale`` 1..2, ``amount`` 0..1; a port of 0 is the DAW's usual one; an empty ``audio_device`` is the system's.
    ``geometry`` is the window's as Qt writes it, in base 64. ``delegated`` to ``folder`` are those of the automatic
    mode; ``folder`` is where finished mixes' folders were last put. Raises ``ValueError`` for what is not allowed.
    """

    theme: str = _choice("dark", _among("dark", "light", "system"))
    text_scale: float = _choice(1.0, _between(1.0, 2.0))
    engineer: str = _choice(DEFAULT_ENGINEER, _among(*ENGINEER_SUMMARIES))
    target_lufs: float = _choice(-14.0, _between(-60.0, 0.0))
    amount: float = _choice(1.0, _between(0.0, 1.0))
    audio_device: str = ""
    daw: str = ""
    daw_host: str = _choice("127.0.0.1", bool)
    daw_port: int = _choice(0, _between(0, 65_535))
    daw_reply_port: int = _choice(0, _between(0, 65_535))
    autosaves: bool = True
    last_folder: str = ""
    geometry: str = ""
    delegated: tuple[str, ...] = _choice(tuple(GROUPS), _all_among(GROUPS))
    goals: tuple[str, ...] = _choice((), _all_among(GOAL_SUMMARIES))
    bit_depth: str = _choice("24", _among("16", "24", "float"))
    writes_stems: bool = True
    writes_report: bool = True
    folder: str = ""

    def __post_init__(self) -> None:
        for row in fields(self):
            value = getattr(self, row.name)
            if not _is_like(value, row.default) or not row.metadata.get("allowed", _anything)(value):
                raise ValueError(f"preference {row.name}={value!r} is not allowed")


def choices_from(data: Mapping[str, Any]) -> tuple[Choices, tuple[str, ...]]:
    """The choices of a preferences file, and the names of those that were not usable and stand at their defaults."""
    taken: dict[str, Any] = {}
    refused = []
    for row in fields(Choices):
        if row.name not in data:
            continue
        value = _from_json(data[row.name], row.default)
        try:
            Choices(**{row.name: value})
        except ValueError:
            refused.append(row.name)
        else:
            taken[row.name] = value
    return Choices(**taken), tuple(refused)


def choice_to_json(value: Any) -> Any:
    """A choice as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def _from_json(value: Any, default: Any) -> Any:
    if isinstance(default, tuple) and isinstance(value, list):
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e9:
        return float(value)
    return value


def _is_like(value: Any, default: Any) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, tuple) and all(isinstance(name, str) for name in value)
    return type(value) is type(default)


def _anything(value: Any) -> bool:
    return True
