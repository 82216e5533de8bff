"""A DAW's mixer as a mix, and a mix as changes to a DAW's mixer.

Contents: :func:`mix_of` (what the DAW holds), :func:`fit` (a mix as far as the DAW can hold it), :func:`changes_to`;
:func:`held_to_dict` and :func:`held_from_dict`, what a DAW held as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from assistant.audio.formats import printable
from assistant.automation import SHARED
from assistant.mix import BusSettings, Change, ChannelMix, ChannelSettings, MasterSettings, Mix, Settings
from assistant.params import BY_NAME, CHANNEL_NAMES, REVERB_NAMES
from protocols.daw import Control, DawTrack
from protocols.fitting import shortened

#: Nothing is audible in a step this small, nor worth moving a fader for; DAWs round to about as much.
_SAME = 1e-5

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class _Reach:
    """What a strip can be told, and the ends of what it can hold where that is less than the table's."""

    params: frozenset[str]
    limits: Mapping[str, tuple[float, float]]

    def range(self, param: str) -> tuple[float, float]:
        """The lowest and the highest value, in the table's unit."""
        return self.limits.get(param, (BY_NAME[param].low, BY_NAME[param].high))


@dataclass(frozen=True)
class _Told(Generic[S]):
    """Settings as a strip can hold them, the parameters that it lacks, and texts of what it holds less of."""

    settings: S
    missing: list[str]
    clipped: list[str]


def mix_of(names: Iterable[str], held: Mapping[Control, float]) -> Mix:
    """What a DAW holds, as a mix of the tracks called ``names``.

    What is not known of it stands neutral, what lies beyond the table's range at its end (a fader at -inf at -60 dB).
    """
    channels = tuple(ChannelMix(name, _settings(ChannelSettings, name, held)) for name in names)
    return Mix(channels, _settings(BusSettings, SHARED, held), _settings(MasterSettings, SHARED, held))


def fit(mix: Mix, before: Mix, tracks: Sequence[DawTrack], label: str) -> tuple[Mix, tuple[str, ...]]:
    """``mix`` as far as the ``tracks`` of the DAW called ``label`` can hold it, and sentences on what they cannot.

    What a track cannot be told stays as ``before``. A fader beyond the DAW's reach is made up for behind the
    compressor, which is the same; other values stop at the end of the DAW's range.
    """
    by_name = {track.name: _Reach(track.params, track.limits) for track in tracks}
    missing: dict[str, list[str]] = {}
    clipped: list[str] = []
    channels = []
    for channel in mix.channels:
        reach = by_name.get(channel.name, _Reach(frozenset(), {}))
        old = before.channel(channel.name).settings
        told = _told(_made_up(_at_the_fader(channel.settings, old, reach), reach), old, reach)
        for param in told.missing:
            missing.setdefault(param, []).append(channel.name)
        clipped += [f"{channel.name}: {text}" for text in told.clipped]
        channels.append(replace(channel, settings=told.settings))
    shared = _shared_reach(tracks)
    reverb, master = _told(mix.reverb, before.reverb, shared), _told(mix.master, before.master, shared)
    missing |= {param: [] for param in (*reverb.missing, *master.missing)}
    clipped += [*reverb.clipped, *master.clipped]
    fitted = replace(mix, channels=tuple(channels), reverb=reverb.settings, master=master.settings)
    return fitted, (*_missing_texts(missing, len(channels), label), *_clipped_texts(clipped, label))


def changes_to(
    mix: Mix,
    tracks: Sequence[DawTrack],
    held: Mapping[Control, float],
    proposed_from: Mapping[Control, float] | None = None,
) -> list[Change]:
    """What has to be told the DAW, which holds ``held``, to make its mixer ``mix``; what it cannot be told is left out.

    ``proposed_from`` is what it held when the mix was proposed: each change leads from there, so that the link sees
    what somebody has moved since. A value that the DAW did not say counts as the table's default, one beyond the
    table's range as its end, which is how :func:`mix_of` has it: what nobody touched is not moved.
    """
    params = {track.name: track.params for track in tracks}
    shared = shared_params(tracks)
    wanted = [
        *((Control(c.name, p), c.settings[p]) for c in mix.channels for p in CHANNEL_NAMES if p in params[c.name]),
        *((Control(SHARED, p), value) for p, value in {**mix.reverb, **mix.master}.items() if p in shared),
    ]
    changes = []
    for control, value in wanted:
        param = BY_NAME[control.param]
        old = held.get(control, param.default)
        if not _is_same(param.name, param.clamp(old), value):
            changes.append(Change(control.track, control.param, (proposed_from or {}).get(control, old), value))
    return changes


def held_to_dict(held: Mapping[Control, float]) -> dict[str, dict[str, float]]:
    """What a DAW held, by track and parameter, for a JSON file; silence, which JSON cannot say, is left out."""
    document: dict[str, dict[str, float]] = {}
    for control, value in held.items():
        if math.isfinite(value):
            document.setdefault(control.track, {})[control.param] = value
    return document


def held_from_dict(document: object) -> dict[Control, float]:
    """The inverse of :func:`held_to_dict`; raises ``ValueError`` for anything else."""
    held = {}
    for track, values in (document if isinstance(document, dict) else {"": document}).items():
        if not isinstance(values, dict):
            raise ValueError(f"{track!r}: expected what the DAW held of it, an object of parameter values")
        for param, value in values.items():
            if param not in BY_NAME or isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ValueError(f"{track!r}: {param}={value!r}: expected a parameter and a number")
            held[Control(track, param)] = float(value)
    return held


def shared_params(tracks: Iterable[DawTrack]) -> frozenset[str]:
    """The parameters of the reverb bus and the master that the DAW can be told."""
    told = frozenset[str]().union(*(track.params for track in tracks if track.kind in ("bus", "master")))
    return told & {*REVERB_NAMES, *MasterSettings()}


def _shared_reach(tracks: Sequence[DawTrack]) -> _Reach:
    limits = {
        param: limit for track in tracks if track.kind in ("bus", "master") for param, limit in track.limits.items()
    }
    return _Reach(shared_params(tracks), limits)


def _settings(kind: type[S], track: str, held: Mapping[Control, float]) -> S:
    known = {p.name: held[Control(track, p.name)] for p in kind.PARAMS if Control(track, p.name) in held}
    return kind({name: BY_NAME[name].clamp(value) for name, value in known.items()})


def _is_same(param: str, old: float, new: float) -> bool:
    """Whether both sound the same: both silent, or as near as a 32 bit float comes."""
    row = BY_NAME[param]
    if row.off_at_low and new <= row.low:
        return old <= row.low
    return abs(new - old) <= _SAME * max(1.0, abs(new))


def _at_the_fader(settings: ChannelSettings, old: ChannelSettings, reach: _Reach) -> ChannelSettings:
    """``settings`` with a trim that cannot be told added to the fader: the same, where no compressor is told either."""
    if {"trim_db", "comp_threshold_db"} & reach.params or "fader_db" not in reach.params:
        return settings
    fader_db = settings["fader_db"] + settings["trim_db"] - old["trim_db"]
    return settings.with_values(trim_db=old["trim_db"], fader_db=BY_NAME["fader_db"].clamp(fader_db))


def _made_up(settings: ChannelSettings, reach: _Reach) -> ChannelSettings:
    """``settings`` with what the fader cannot reach as make-up gain, as far as that reaches in turn."""
    excess = settings["fader_db"] - reach.range("fader_db")[1]
    if excess <= 0.0 or "comp_makeup_db" not in reach.params:
        return settings
    taken = max(0.0, min(excess, reach.range("comp_makeup_db")[1] - settings["comp_makeup_db"]))
    return settings.with_values(
        fader_db=settings["fader_db"] - taken, comp_makeup_db=settings["comp_makeup_db"] + taken
    )


def _told(wanted: S, old: S, reach: _Reach) -> _Told[S]:
    """``wanted`` where it can be told, ``old`` elsewhere."""
    values, missing, clipped = dict(old), [], []
    for name, value in wanted.items():
        if name not in reach.params:
            if not _is_same(name, old[name], value):
                missing.append(name)
            continue
        low, high = reach.range(name)
        values[name] = value if BY_NAME[name].off_at_low and value < low else min(max(value, low), high)
        if _is_same(name, old[name], values[name]):
            values[name] = old[name]  # as the DAW rounds it: no change
        if not _is_same(name, values[name], value):
            clipped.append(f"{BY_NAME[name].label} {values[name]:g} instead of {value:g} {BY_NAME[name].unit}".rstrip())
    return _Told(type(wanted)(values), missing, clipped)


def _missing_texts(missing: Mapping[str, Sequence[str]], num_tracks: int, label: str) -> list[str]:
    """A sentence for each set of tracks that lack the same parameters."""
    by_tracks: dict[tuple[str, ...], list[str]] = {}
    for param, names in missing.items():
        by_tracks.setdefault(tuple(names), []).append(BY_NAME[param].label)
    texts = []
    for names, labels in by_tracks.items():
        where = " on all tracks" if len(names) == num_tracks > 0 else f" on {shortened(map(printable, names))}"
        texts.append(f"left as they are, out of {label}'s reach{where if names else ''}: {shortened(labels)}")
    return texts


def _clipped_texts(clipped: Sequence[str], label: str) -> list[str]:
    return [f"as far as {label} goes: {shortened(map(printable, clipped))}"] if clipped else []
