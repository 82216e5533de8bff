"""Refinement of a proposal: a few gradient steps towards named goals, and every step's reason.

Contents: :class:`GoalChange`, :class:`Refinement`, :func:`refine`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assistant.analysis.reference import USUAL, Reference
from assistant.console.parameters import pack_settings
from assistant.mix import BusSettings, Change, ChannelMix, Mix, Session, Track, unknown_name_text
from assistant.params import CHANNEL_NAMES, REVERB_PARAMS
from assistant.passages import Reader, choose_passages, hear_activity
from assistant.refinement.catalogue import DEFAULT_GOALS, FOCUS_GOALS, check_goals
from assistant.refinement.descent import Point, descend
from assistant.refinement.goals import VOICE, Goal, cast_of, goal_called, is_heard
from assistant.refinement.passages import HIGHEST_RATE, NUM_PASSAGES, Passage, cut_passages, passage_seconds
from assistant.refinement.problem import Problem
from assistant.refinement.rendering import Levels, join, prepare, render
from assistant.refinement.trust import RADII_DB, trust_region
from assistant.refinement.wording import (
    MAKING_UP,
    change_sentence,
    goal_found_sentence,
    goal_sentence,
    left_out_sentence,
)
from assistant.tasks import IsCancelled, Load, Progress

#: Evaluations of the objective at most.
STEPS = 6
#: Moves by less are not made: nobody would hear them, and they would only fill the list.
SMALLEST_DB = 0.2
#: A goal's loss may rise by this much before it is called worse: what rounding does.
WORSE_LOSS = 0.02
#: The share of the work that listening is, and that loading again is, for the progress.
_LISTENED, _LOADED = 0.3, 0.5

Measured = Point[list[Levels]]
#: Asked whether a setting, by track and parameter, may move.
MayMove = Callable[[str, str], bool]


@dataclass(frozen=True)
class GoalChange:
    """What one goal measured before and after, in ``unit``, and a sentence; NaN twice where the goal did not apply."""

    goal: str
    before: float
    after: float
    unit: str
    sentence: str


@dataclass(frozen=True)
class Refinement:
    """The refined mix, what became of the goals, and every setting that moved."""

    mix: Mix
    goals: tuple[GoalChange, ...]
    changes: tuple[Change, ...]


def refine(
    session: Session,
    mix: Mix,
    load: Load,
    goals: Sequence[str] = DEFAULT_GOALS,
    *,
    focus: str | None = None,
    reference: Reference = USUAL,
    may_move: MayMove = lambda track, param: True,
    steps: int = STEPS,
    progress: Progress = lambda share, what: None,
    is_cancelled: IsCancelled = lambda: False,
) -> Refinement:
    """``mix`` moved towards ``goals`` (names of ``GOAL_SUMMARIES``) inside the trust region around it.

    The track called ``focus`` is to come forward, which adds ``FOCUS_GOALS``; the goal "tone" is that of
    ``reference``. Only what ``may_move(track, param)``
    moves. Every track is loaded twice (``load(track, sample_rate)``, at most 48 kHz). Roles are those of the mix's
    channels. Deterministic, and the tracks' order changes nothing. Raises ``ValueError`` for an unknown goal or focus
    and for a channel that the session has no track for, :class:`assistant.tasks.Cancelled`, and whatever ``load``
    raises.
    """
    task = _task(mix, goals, focus, reference, may_move)
    tracks = [_track_of(session, channel) for channel in task.channels]
    rate = min(session.sample_rate, HIGHEST_RATE)
    heard = _listen(tracks, task.is_lead, Reader(load, rate, is_cancelled), progress)
    passages = [replace(passage, pan_law=session.pan_law) for passage in heard]
    if not passages:
        return Refinement(mix, tuple(_left_out(goal, "nothing sounds") for goal in task.goals), ())
    problem, missing = _pose(passages, task, rate, is_cancelled)
    left_out = {goal.name: _left_out(goal, why) for goal, why in missing}
    if not problem.goals:
        return Refinement(mix, tuple(left_out.values()), ())
    start = problem.evaluate(torch.zeros_like(problem.region.low))
    pulls = problem.goal_gradients(start)
    best = _descend(problem, start, pulls, steps, progress)
    settings = _rounded(problem.region.settings(best.place), problem.region.proposal)
    compared = {c.goal: c for c in _compare(problem, start.measured, problem.levels(settings))}
    progress(1.0, "refined")
    movements = _movements(problem, settings, pulls, compared)
    sentences = tuple((left_out | compared)[goal.name] for goal in task.goals)
    return _refined(mix, [channel.name for channel in task.channels], movements, sentences)


@dataclass(frozen=True)
class _Task:
    """What is to be done: the channels by name, the bus, the goals, the focus's position, the tone, what may move."""

    channels: tuple[ChannelMix, ...]
    reverb: BusSettings
    goals: tuple[Goal, ...]
    focus: int | None
    reference: Reference
    may_move: MayMove

    @property
    def is_lead(self) -> NDArray[np.bool_]:
        """The tracks (N,) that have to be in every passage."""
        if self.focus is not None:
            return np.arange(len(self.channels)) == self.focus
        return np.array([channel.role == VOICE for channel in self.channels], np.bool_)

    def movable(self, plays: Sequence[bool]) -> list[set[str]]:
        """The settings of each track that may move; none of a track that does not play."""
        return [
            {name for name in RADII_DB if is_playing and self.may_move(channel.name, name)}
            for channel, is_playing in zip(self.channels, plays, strict=True)
        ]


def _task(mix: Mix, goals: Sequence[str], focus: str | None, reference: Reference, may_move: MayMove) -> _Task:
    channels = tuple(sorted(mix.channels, key=lambda channel: channel.name))
    names = [channel.name for channel in channels]
    if focus is not None and focus not in names:
        raise ValueError(unknown_name_text("track", focus, set(names)))
    wanted = check_goals(goals if focus is None else (*goals, *FOCUS_GOALS))
    place = None if focus is None else names.index(focus)
    found = tuple(goal_called(name, reference) for name in wanted)
    return _Task(channels, mix.reverb, found, place, reference, may_move)


@dataclass(frozen=True)
class _Movement:
    """One setting of the track at position ``track`` that moved, and why."""

    track: int
    param: str
    old: float
    new: float
    reason: str


def _track_of(session: Session, channel: ChannelMix) -> Track:
    try:
        return session.track(channel.name)
    except KeyError:
        raise ValueError(f"the mix has a channel {channel.name!r}, but the session no such track") from None


def _listen(tracks: Sequence[Track], is_lead: NDArray[np.bool_], reader: Reader, progress: Progress) -> list[Passage]:
    """The passages that are judged; none where nothing sounds."""
    total = len(tracks)

    def on_heard(count: int, track: Track) -> None:
        progress(_LISTENED * count / total, f"looked when {track.name} plays")

    def on_cut(count: int, track: Track) -> None:
        progress(_LISTENED + (_LOADED - _LISTENED) * count / total, f"took passages of {track.name}")

    cells = hear_activity(tracks, reader, on_heard)
    playing = np.flatnonzero(cells.any(axis=1)).tolist()
    length_s = passage_seconds(len(playing))
    starts_s = choose_passages(cells, is_lead, length_s, NUM_PASSAGES)
    found = cut_passages([tracks[i] for i in playing], reader, starts_s, length_s, on_cut)
    positions = torch.tensor(playing)
    return [replace(passage, tracks=positions[passage.tracks]) for passage in found]


def _pose(
    passages: list[Passage], task: _Task, rate: int, is_cancelled: IsCancelled
) -> tuple[Problem, list[tuple[Goal, str]]]:
    """The problem with the goals that apply, and why the others do not; ``passages`` is emptied, to hold them once."""
    settings = [channel.settings for channel in task.channels]
    region = trust_region(settings, task.reverb, task.movable([True] * len(settings)))
    prepared = []
    while passages:
        prepared.append(prepare(passages.pop(0), region.proposal, region.moving_strips, rate))
    bus = pack_settings([task.reverb], REVERB_PARAMS, torch.float64)
    with torch.no_grad():
        levels = join([render(passage, region.proposal, bus) for passage in prepared])
    cast = cast_of([channel.role for channel in task.channels], levels, task.focus, task.reference)
    region = trust_region(settings, task.reverb, task.movable((is_heard(levels) | cast.lead).tolist()))
    missing = [(goal, goal.missing(cast)) for goal in task.goals]
    applying = tuple(goal for goal, why in missing if not why)
    problem = Problem(tuple(prepared), region, bus, cast, applying, is_cancelled)
    return problem, [(goal, why) for goal, why in missing if why]


def _descend(problem: Problem, start: Measured, pulls: Tensor, steps: int, progress: Progress) -> Measured:
    if not len(start.place):
        return start
    count = 0

    def evaluate(moves: Tensor) -> Measured:
        nonlocal count
        progress(_LOADED + (1.0 - _LOADED) * count / steps, f"step {count + 1} of at most {steps}")
        count += 1
        return problem.evaluate(moves)

    box = (problem.region.low, problem.region.high)
    return descend(evaluate, problem.gradient, start, pulls.sum(dim=0), box, steps)


def _rounded(settings: Tensor, proposal: Tensor) -> Tensor:
    """``settings`` moved from the ``proposal`` by whole tenths of a decibel; small moves are taken back."""
    moved_db = torch.round(settings - proposal, decimals=1)
    return proposal + torch.where(moved_db.abs() >= SMALLEST_DB - 1e-6, moved_db, 0.0)


def _compare(problem: Problem, before: list[Levels], after: list[Levels]) -> list[GoalChange]:
    found, done = join(before), join(after)
    changes = []
    for goal in problem.goals:
        values = float(goal.measure(found, problem.cast)), float(goal.measure(done, problem.cast))
        is_worse = float(goal.loss(done, problem.cast) - goal.loss(found, problem.cast)) > WORSE_LOSS
        changes.append(GoalChange(goal.name, *values, goal.unit, goal_sentence(goal, *values, is_worse)))
    return changes


def _left_out(goal: Goal, why: str) -> GoalChange:
    return GoalChange(goal.name, math.nan, math.nan, goal.unit, left_out_sentence(why))


def _movements(
    problem: Problem, settings: Tensor, pulls: Tensor, compared: Mapping[str, GoalChange]
) -> list[_Movement]:
    """Every setting that moved; its reason is the goal whose loss at the proposal falls most along the move, if any."""
    region, found = problem.region, []
    for m, (track, index) in enumerate(zip(region.track.tolist(), region.column.tolist(), strict=True)):
        old, new = float(region.proposal[track, index]), float(settings[track, index])
        if old != new:
            name, falls = CHANNEL_NAMES[index], -pulls[:, m] * (new - old)
            goal = problem.goals[int(torch.argmax(falls))]
            is_for_goal = bool(falls.max() > 0.0)
            towards = goal_found_sentence(goal, compared[goal.name].before) if is_for_goal else MAKING_UP
            reason = change_sentence(name, new - old, towards)
            found.append(_Movement(track, name, old, round(new, 6), reason))
    return found


def _refined(
    mix: Mix, names: Sequence[str], movements: Sequence[_Movement], goals: tuple[GoalChange, ...]
) -> Refinement:
    of_track: dict[str, list[_Movement]] = {}
    for movement in movements:
        of_track.setdefault(names[movement.track], []).append(movement)
    channels = tuple(_moved(channel, of_track.get(channel.name, [])) for channel in mix.channels)
    order = {channel.name: position for position, channel in enumerate(mix.channels)}
    changes = [Change(names[m.track], m.param, m.old, m.new) for m in movements]
    changes.sort(key=lambda change: order[change.track])
    return Refinement(replace(mix, channels=channels, engineer=_signature(mix, changes)), goals, tuple(changes))


def _moved(channel: ChannelMix, movements: Sequence[_Movement]) -> ChannelMix:
    settings = channel.settings.with_values(**{m.param: m.new for m in movements})
    return replace(channel, settings=settings, reasons=(*channel.reasons, *(m.reason for m in movements)))


def _signature(mix: Mix, changes: Sequence[Change]) -> str:
    if not changes or mix.engineer.endswith("refined"):
        return mix.engineer
    return f"{mix.engineer}, refined" if mix.engineer else "refined"
