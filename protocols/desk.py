"""A DAW's mixer as a mix, and a mix as changes to a DAW's mixer.

Contents: :func:`mix_of` (what the DAW holds), :func:`fit` (a mix as far as the DAW can hold it), :func:`changes_to`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from assistant.audio.formats import printable
from assistant.automation import SHARED
from assistant.mix import BusSettings, Change, ChannelMix, ChannelSettings, MasterSettings, Mix, Settings
from assistant.params import BY_NAME, CHANNEL_NAMES, REVERB_NAMES
from protocols.daw import Control, DawTrack
from protocols.dialect import Dialect
from protocols.fitting import shortened
from protocols.laws import LAWS

#: Nothing is audible in a step this small, nor worth moving a fader for; DAWs round to about as much.
_SAME = 1e-5

S = TypeVar("S", bound=Settings)


def mix_of(names: Iterable[str], held: Mapping[Control, float]) -> Mix:
    """What a DAW holds, as a mix of the tracks called ``names``.

    What is not known of it stands neutral, what lies beyond the table's range at its end (a fader at -inf at -60 dB).
    """
    channels = tuple(ChannelMix(name, _settings(ChannelSettings, name, held)) for name in names)
    return Mix(channels, _settings(BusSettings, SHARED, held), _settings(MasterSettings, SHARED, held))


def fit(mix: Mix, before: Mix, tracks: Sequence[DawTrack], dialect: Dialect) -> tuple[Mix, tuple[str, ...]]:
    """``mix`` as far as the DAW's ``tracks`` can hold it, and sentences on what they cannot.

    What a track cannot be told stays as ``before``. A fader beyond the DAW's reach is made up for behind the
    compressor, which is the same; other values stop at the end of the DAW's range.
    """
    by_name = {track.name: track for track in tracks}
    missing: dict[str, list[str]] = {}
    clipped: list[str] = []
    channels = []
    for channel in mix.channels:
        track, old = by_name.get(channel.name), before.channel(channel.name).settings
        params = frozenset[str]() if track is None else track.params
        wanted = _within_reach(channel.settings, params, dialect)
        settings, lost, stopped = _told(wanted, old, params, dialect)
        for param in lost:
            missing.setdefault(param, []).append(channel.name)
        clipped += [f"{channel.name}: {text}" for text in stopped]
        channels.append(replace(channel, settings=settings))
    shared = shared_params(tracks)
    reverb, lost_reverb, stopped_reverb = _told(mix.reverb, before.reverb, shared, dialect)
    master, lost_master, stopped_master = _told(mix.master, before.master, shared, dialect)
    for param in (*lost_reverb, *lost_master):
        missing.setdefault(param, [])
    clipped += [*stopped_reverb, *stopped_master]
    fitted = replace(mix, channels=tuple(channels), reverb=reverb, master=master)
    return fitted, (*_missing_texts(missing, len(channels), dialect), *_clipped_texts(clipped, dialect))


def changes_to(mix: Mix, tracks: Sequence[DawTrack], held: Mapping[Control, float]) -> list[Change]:
    """What has to be told the DAW, which holds ``held``, to make its mixer ``mix``; what it cannot be told is left out.

    A value that the DAW did not say counts as the table's default.
    """
    params = {track.name: track.params for track in tracks}
    shared = shared_params(tracks)
    wanted = [
        *((Control(c.name, p), c.settings[p]) for c in mix.channels for p in CHANNEL_NAMES if p in params[c.name]),
        *((Control(SHARED, p), value) for p, value in {**mix.reverb, **mix.master}.items() if p in shared),
    ]
    changes = []
    for control, value in wanted:
        old = held.get(control, BY_NAME[control.param].default)
        if not _is_same(control.param, old, value):
            changes.append(Change(control.track, control.param, old, value))
    return changes


def shared_params(tracks: Iterable[DawTrack]) -> frozenset[str]:
    """The parameters of the reverb bus and the master that the DAW can be told."""
    told = frozenset[str]().union(*(track.params for track in tracks if track.kind in ("bus", "master")))
    return told & {*REVERB_NAMES, *MasterSettings()}


def _settings(kind: type[S], track: str, held: Mapping[Control, float]) -> S:
    known = {p.name: held[Control(track, p.name)] for p in kind.PARAMS if Control(track, p.name) in held}
    return kind({name: BY_NAME[name].clamp(value) for name, value in known.items()})


def _is_same(param: str, old: float, new: float) -> bool:
    """Whether both sound the same: both silent, or as near as a 32 bit float comes."""
    row = BY_NAME[param]
    if row.off_at_low and new <= row.low:
        return old <= row.low
    return math.isfinite(old) and abs(new - old) <= _SAME * max(1.0, abs(new))


def _within_reach(settings: ChannelSettings, params: frozenset[str], dialect: Dialect) -> ChannelSettings:
    """``settings`` with what the fader cannot reach as make-up gain, as far as that reaches in turn."""
    high = _range(dialect, "fader_db")[1]
    excess = settings["fader_db"] - high
    if excess <= 0.0 or "comp_makeup_db" not in params:
        return settings
    taken = min(excess, BY_NAME["comp_makeup_db"].high - settings["comp_makeup_db"])
    return settings.with_values(
        fader_db=settings["fader_db"] - taken, comp_makeup_db=settings["comp_makeup_db"] + taken
    )


def _told(wanted: S, old: S, params: frozenset[str], dialect: Dialect) -> tuple[S, list[str], list[str]]:
    """``wanted`` where it can be told, ``old`` elsewhere; the parameters that are lost, and texts of those clipped."""
    values, lost, clipped = dict(old), [], []
    for name, value in wanted.items():
        if name not in params:
            if not _is_same(name, old[name], value):
                lost.append(name)
            continue
        low, high = _range(dialect, name)
        values[name] = value if BY_NAME[name].off_at_low and value < low else min(max(value, low), high)
        if not _is_same(name, values[name], value):
            clipped.append(f"{BY_NAME[name].label} {values[name]:g} instead of {value:g} {BY_NAME[name].unit}")
    return type(wanted)(values), lost, clipped


def _range(dialect: Dialect, param: str) -> tuple[float, float]:
    """What the DAW can hold of ``param``, in the table's unit."""
    row, param_row = dialect.row(param), BY_NAME[param]
    law = None if row is None else LAWS[row.law]
    low = param_row.low if law is None or law.low is None else max(param_row.low, law.low)
    high = param_row.high if law is None or law.high is None else min(param_row.high, law.high)
    return low, high


def _missing_texts(missing: Mapping[str, Sequence[str]], num_tracks: int, dialect: Dialect) -> list[str]:
    """A sentence for each set of tracks that lack the same parameters."""
    by_tracks: dict[tuple[str, ...], list[str]] = {}
    for param, names in missing.items():
        by_tracks.setdefault(tuple(names), []).append(BY_NAME[param].label)
    texts = []
    for names, labels in by_tracks.items():
        where = " on all tracks" if len(names) == num_tracks > 0 else f" on {shortened(map(printable, names))}"
        texts.append(f"left as they are, out of {dialect.label}'s reach{where if names else ''}: {shortened(labels)}")
    return texts


def _clipped_texts(clipped: Sequence[str], dialect: Dialect) -> list[str]:
    return [f"as far as {dialect.label} goes: {shortened(map(printable, clipped))}"] if clipped else []
