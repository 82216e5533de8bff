"""The domain's values: what a session is, what a mix is, and how both are written down.

Standard library only. All values are frozen; a change makes a new value. JSON layout: ``mixassist-mix/1``, see
:func:`mix_to_dict`.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar

from assistant.params import CHANNEL_PARAMS, MASTER_PARAMS, PAN_LAWS, REVERB_PARAMS, Param

FORMAT = "mixassist-mix/1"
#: No level can be further off: the travel of a fader.
WIDEST_SPREAD_DB = 72.0

Decision = Literal["pending", "accepted", "rejected"]
S = TypeVar("S", bound="Settings")


class MixFormatError(ValueError):
    """A mix file or value that is not what ``mixassist-mix/1`` allows; the message says where and why."""


class Settings(Mapping[str, float]):
    """Immutable values of one row group of the parameter table: a mapping from parameter name to value.

    Subclasses name their rows in ``PARAMS``. Names left out stand at their defaults. Raises ``ValueError`` for an
    unknown name (with the nearest known one) and for a value out of range.
    """

    PARAMS: ClassVar[tuple[Param, ...]] = ()
    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object] | None = None, /, **named: object) -> None:
        given = {**(values or {}), **named}
        known = {p.name for p in self.PARAMS}
        for name in given:
            if name not in known:
                raise ValueError(unknown_name_text("parameter", name, known))
        checked = {p.name: p.check(given[p.name]) if p.name in given else p.default for p in self.PARAMS}
        self._values: dict[str, float] = checked

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values == other._values

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{k}={v:g}" for k, v in self.changed().items())
        return f"{type(self).__name__}({inside})"

    def with_values(self, **named: object) -> Self:
        """A copy with the named values in place of these."""
        return type(self)({**self._values, **named})

    def changed(self) -> dict[str, float]:
        """The values that differ from the table's defaults."""
        return {p.name: self[p.name] for p in self.PARAMS if self[p.name] != p.default}


class ChannelSettings(Settings):
    """One channel strip."""

    PARAMS = CHANNEL_PARAMS
    __slots__ = ()


class BusSettings(Settings):
    """The stereo reverb bus."""

    PARAMS = REVERB_PARAMS
    __slots__ = ()


class MasterSettings(Settings):
    """The master: gain into a true-peak limiter."""

    PARAMS = MASTER_PARAMS
    __slots__ = ()


def unknown_name_text(kind: str, name: str, known: set[str]) -> str:
    """Say that ``name`` is unknown and which known name it probably meant."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"unknown {kind} {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


@dataclass(frozen=True)
class Track:
    """One recorded track.

    The audio is either a file (``audio_path``) or an array (``audio``, float ``(C, T)`` at ``sample_rate``).
    ``channels`` is 1 or 2 after any surround file was folded down. ``start_s`` places the first sample on the
    session's time line. ``role`` is what the user says the track is; empty when it is to be found out.
    """

    name: str
    audio_path: Path | None = None
    audio: Any = field(default=None, compare=False, repr=False)
    channels: int = 2
    sample_rate: int = 48_000
    num_samples: int = 0
    start_s: float = 0.0
    role: str = ""

    @property
    def end_s(self) -> float:
        """Where the track's last sample ends on the session's time line, in seconds."""
        return self.start_s + self.num_samples / self.sample_rate


@dataclass(frozen=True)
class Session:
    """The tracks of one song, played together at ``sample_rate`` Hz. ``source`` is where they came from.

    ``pan_law`` is that of the desk which the song is mixed on: one of ``assistant.params.PAN_LAWS``.
    """

    tracks: tuple[Track, ...]
    sample_rate: int
    tempo: float | None = None
    source: Path | None = None
    pan_law: str = PAN_LAWS[0]

    def __post_init__(self) -> None:
        names = [t.name for t in self.tracks]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"track names must differ; used twice: {', '.join(twice)}")

    @property
    def duration_s(self) -> float:
        """End of the last track, in seconds."""
        return max((t.end_s for t in self.tracks), default=0.0)

    def track(self, name: str) -> Track:
        """The track called ``name``; ``KeyError`` when there is none."""
        for track in self.tracks:
            if track.name == name:
                return track
        raise KeyError(name)


@dataclass(frozen=True)
class ChannelMix:
    """One track's place in a mix: its settings, and what the engineer took it for (confidence 0..1) and why.

    ``level_spread_db`` is the error that the engineer expects of its fader (scale of a Laplace distribution, dB), None
    where it says nothing of that.
    """

    name: str
    settings: ChannelSettings = field(default_factory=ChannelSettings)
    role: str = ""
    role_confidence: float = 0.0
    reasons: tuple[str, ...] = ()
    level_spread_db: float | None = None


@dataclass(frozen=True)
class Mix:
    """A whole console: one channel per track, the reverb bus and the master.

    ``target_lufs`` asks the renderer to find the master gain for that integrated loudness; ``None`` takes
    ``master_gain_db`` as it stands. ``engineer`` names who proposed the mix.
    """

    channels: tuple[ChannelMix, ...]
    reverb: BusSettings = field(default_factory=BusSettings)
    master: MasterSettings = field(default_factory=MasterSettings)
    target_lufs: float | None = None
    engineer: str = ""

    def channel(self, name: str) -> ChannelMix:
        """The channel of the track called ``name``; ``KeyError`` when there is none."""
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise KeyError(name)

    def with_master(self, **named: object) -> Mix:
        """A copy with the named master values in place of these."""
        return replace(self, master=self.master.with_values(**named))


@dataclass(frozen=True)
class Change:
    """One parameter of one track going from ``old`` to ``new``."""

    track: str
    param: str
    old: float
    new: float


@dataclass(frozen=True)
class Suggestion:
    """Changes to one track that stand or fall together; ``amount`` 0..1 scales them from nothing to all."""

    track: str
    changes: tuple[Change, ...]
    amount: float = 1.0
    reasons: tuple[str, ...] = ()
    decision: Decision = "pending"


def mix_to_dict(mix: Mix, session: Session | None = None, folder: Path | None = None) -> dict[str, Any]:
    """``mix`` as ``mixassist-mix/1``; with ``session`` also where its audio lies, relative to ``folder`` if given."""
    tracks = []
    for channel in mix.channels:
        row: dict[str, Any] = {"name": channel.name}
        if session is not None:
            row |= _track_source(session.track(channel.name), folder)
        row |= {
            "role": channel.role,
            "role_confidence": channel.role_confidence,
            "settings": dict(channel.settings),
            "reasons": list(channel.reasons),
        }
        if channel.level_spread_db is not None:
            row["level_spread_db"] = channel.level_spread_db
        tracks.append(row)
    document: dict[str, Any] = {"format": FORMAT, "engineer": mix.engineer}
    if session is not None:
        source = None if session.source is None else _relative(session.source, folder)
        document["session"] = {"source": source, "sample_rate": session.sample_rate, "tempo": session.tempo}
        if session.pan_law != PAN_LAWS[0]:
            document["session"]["pan_law"] = session.pan_law
    document |= {"tracks": tracks, "reverb": dict(mix.reverb)}
    document["master"] = {**mix.master, "target_lufs": mix.target_lufs}
    return document


def mix_from_dict(document: object) -> Mix:
    """The mix in a parsed ``mixassist-mix/1`` document.

    Raises :class:`MixFormatError` for another format, a missing or unknown key, or a value out of range, naming
    the track and the key.
    """
    top = _object(document, "the mix", {"format", "tracks", "reverb", "master"}, {"engineer", "session"})
    if top["format"] != FORMAT:
        raise MixFormatError(f"format is {top['format']!r}; this program reads {FORMAT!r}")
    if not isinstance(top["tracks"], list):
        raise MixFormatError(f"tracks is {type(top['tracks']).__name__}; expected a list")
    channels = tuple(_channel_from_dict(row, i) for i, row in enumerate(top["tracks"], 1))
    names = [c.name for c in channels]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise MixFormatError(f"tracks listed twice: {', '.join(twice)}")
    master = dict(_object(top["master"], "master", set(), {p.name for p in MASTER_PARAMS} | {"target_lufs"}))
    target = master.pop("target_lufs", None)
    return Mix(
        channels,
        _settings(BusSettings, top["reverb"], "reverb"),
        _settings(MasterSettings, master, "master"),
        None if target is None else check_target_lufs(target),
        _text(top.get("engineer", ""), "engineer"),
    )


def check_target_lufs(value: object) -> float:
    """A target loudness as float; ``MixFormatError`` outside -60 to 0 LUFS."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not -60.0 <= value <= 0.0:  # type: ignore[operator]
        raise MixFormatError(f"target_lufs={value!r}: expected -60 to 0 LUFS; a positive number?")
    return float(value)  # type: ignore[arg-type]


def mix_to_json(mix: Mix, session: Session | None = None, folder: Path | None = None) -> str:
    """``mix`` as the text of a ``mixassist-mix/1`` file."""
    return json.dumps(mix_to_dict(mix, session, folder), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def mix_from_json(text: str) -> Mix:
    """The mix in the text of a ``mixassist-mix/1`` file; raises :class:`MixFormatError`."""
    return mix_from_dict(parse_json(text))


def parse_json(text: str) -> Any:
    """Parsed JSON, or :class:`MixFormatError` with line and column."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise MixFormatError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except ValueError as error:  # an integer of more than 4300 digits
        raise MixFormatError("not a mix: a number of thousands of digits") from error
    except RecursionError as error:
        raise MixFormatError("not a mix: nested too deeply") from error


def _track_source(track: Track, folder: Path | None) -> dict[str, Any]:
    file = None if track.audio_path is None else _relative(track.audio_path, folder)
    return {"file": file, "start_s": track.start_s}


def _relative(path: Path, folder: Path | None) -> str:
    if folder is None:
        return str(path)
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return str(path.resolve())


def _channel_from_dict(row: object, number: int) -> ChannelMix:
    where = f"track {number}"
    optional = {"role", "role_confidence", "reasons", "file", "start_s", "level_spread_db"}
    values = _object(row, where, {"name", "settings"}, optional)
    name = _text(values["name"], f"{where}: name")
    where = f"track {name!r}"
    reasons = values.get("reasons", [])
    if not isinstance(reasons, list):
        raise MixFormatError(f"{where}: reasons: expected a list of texts")
    spread_db = values.get("level_spread_db")
    return ChannelMix(
        name,
        _settings(ChannelSettings, values["settings"], where),
        _text(values.get("role", ""), f"{where}: role"),
        _number(values.get("role_confidence", 0.0), f"{where}: role_confidence", 1.0, ""),
        tuple(_text(r, f"{where}: reasons") for r in reasons),
        None if spread_db is None else _number(spread_db, f"{where}: level_spread_db", WIDEST_SPREAD_DB, " dB"),
    )


def _settings(kind: type[S], values: object, where: str) -> S:
    if not isinstance(values, dict):
        raise MixFormatError(f"{where}: settings: expected an object of parameter values")
    try:
        return kind(values)
    except ValueError as error:
        raise MixFormatError(f"{where}: {error}") from error


def _object(value: object, where: str, required: set[str], optional: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MixFormatError(f"{where}: expected an object, found {type(value).__name__}")
    for key in value:
        if key not in required | optional:
            raise MixFormatError(f"{where}: {unknown_name_text('key', key, required | optional)}")
    missing = sorted(required - value.keys())
    if missing:
        raise MixFormatError(f"{where}: missing {', '.join(missing)}")
    return value


def _number(value: object, where: str, high: float, unit: str) -> float:
    """``value`` as a float where it is a number of 0 to ``high``; NaN is none."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0.0 <= value <= high:  # type: ignore[operator]
        raise MixFormatError(f"{where}={value!r}: expected 0 to {high:g}{unit}")
    return float(value)  # type: ignore[arg-type]


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise MixFormatError(f"{where}: expected text, found {value!r}")
    return value
