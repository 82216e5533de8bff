"""The goals: pure functions from band levels to one figure in a musician's unit and to one loss.

A loss is 0 inside the goal's window and grows with the square of what is missing, 1 at one LU or dB, so that the
goals can be added. Who is the lead, which frames and bands count, is settled once at the proposal (:class:`Cast`) and
then held, so that a goal cannot be met by turning the lead's bands away. A track that is to come forward, the focus, is
the lead, whatever it plays; what it gains is counted from the proposal.

Contents: :func:`is_heard`, :class:`Cast` and :func:`cast_of`, :class:`Goal`, ``GOALS`` and :func:`goal_called`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from assistant.analysis.reference import (
    BANDS_HZ,
    STEM_LUFS,
    TONE_BANDS_HZ,
    USUAL,
    VOCAL_OVER_REST_LU,
    Reference,
)
from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.refinement.rendering import Levels

VOICE = "lead vocal"
#: Who is the lead of a song without a lead vocal.
_SOLO_GROUP = "solo"
_STEM_OF_FAMILY = {"vocals": "vocals", "drums": "drums", "bass": "bass"}
#: Powers up to this are nothing.
_FLOOR = 1e-12
#: A track further under the mix in all passages plays no part there: it is a tail or a noise floor.
_HEARD_LU = 25.0

#: Half widths of the windows around the targets. Our choice, wide enough that three songs' own mixes (lithium, sodium,
#: potassium of *Everything is Free*, CC0) lie inside or little outside: a target is a mean over many kinds of music.
VOCAL_WINDOW_LU, BALANCE_WINDOW_LU = 3.0, 4.0
#: How far the mix's true peak may stand over its loudness: what -14 LUFS and -1 dBTP leave room for, and 3 dB for a
#: limiter at work. The same songs have 15.7 to 16.7.
MOST_HEADROOM_DB = 16.0
#: How far the others may stand over the lead in a third octave before they count as masking it.
MASKING_WINDOW_DB = 8.0
#: By how much a focus must come forward, in LU over the rest, and what is aimed at: rounding takes a little away.
FOCUS_RISE_LU, _FOCUS_AIM_LU = 2.0, 2.5
#: A focus is the user's wish, the other goals are general: it outweighs them and the price of moving.
_FOCUS_WEIGHT = 4.0
#: Where a lead's words and its brightness are, and how far under its strongest band it still carries information.
_LEAD_BANDS_HZ, _LEAD_RANGE_DB = (200.0, 8_000.0), 20.0


@dataclass(frozen=True)
class Cast:
    """Who plays which part, and when and where it counts; N tracks, F frames, K third octaves.

    ``lead`` (N,) bool; ``has_voice`` whether it is a vocal; ``stems`` (N,) bool per kind of ``STEM_LUFS`` that plays;
    ``lead_frames`` and ``stem_frames`` (F,) bool when they play; ``lead_weights`` (K,) sums to 1 (0 without a lead).
    ``has_focus`` whether the lead is a track that is to come forward, ``lead_aim_lu`` where to, over the rest;
    ``masking_windows_db`` (K,) how far the others may stand over the lead. ``tone_bands`` (K,) bool, ``tone_db`` (K,)
    what is aimed at there, ``tone_window_db`` how closely.
    """

    lead: Tensor
    has_voice: bool
    has_focus: bool
    lead_frames: Tensor
    lead_weights: Tensor
    lead_aim_lu: float
    masking_windows_db: Tensor
    stems: dict[str, Tensor]
    stem_frames: dict[str, Tensor]
    tone_bands: Tensor
    tone_db: Tensor
    tone_window_db: float


@dataclass(frozen=True)
class Goal:
    """One goal: what it measures in words, its unit, its weight, and its functions of levels and cast.

    ``measure`` gives the figure shown, ``loss`` what is made small, ``missing`` why the goal does not apply, empty
    where it does. ``wanted`` is the window in words.
    """

    name: str
    subject: str
    unit: str
    weight: float
    measure: Callable[[Levels, Cast], Tensor]
    loss: Callable[[Levels, Cast], Tensor]
    missing: Callable[[Cast], str]
    wanted: str


def is_heard(levels: Levels) -> Tensor:
    """Tracks (N,) that in their loudest frame are not more than ``_HEARD_LU`` under the mix's mean loudness."""
    loudest = levels.tracks[..., -1].amax(dim=1)
    return loudest > max(_FLOOR, float(levels.mix[:, -1].mean()) * 10.0 ** (-_HEARD_LU / 10.0))


def cast_of(roles: Sequence[str], levels: Levels, focus: int | None = None, reference: Reference = USUAL) -> Cast:
    """The cast of tracks with ``roles`` (names of ``ROLES``, or anything) at the proposal's ``levels``.

    ``focus`` is the position of the track that is to come forward, ``reference`` has the tone that is aimed at.
    """
    plays = is_heard(levels)
    known = [ROLE_BY_NAME.get(role) for role in roles]
    voice = torch.tensor([r is not None and r.name == VOICE for r in known]) & plays
    solo = torch.tensor([r is not None and r.group == _SOLO_GROUP for r in known]) & plays
    lead = voice if bool(voice.any()) else solo
    if focus is not None:
        lead = torch.zeros_like(plays)
        lead[focus] = bool((levels.tracks[focus, :, -1] > _FLOOR).any())
    stem_of = [_STEM_OF_FAMILY.get(r.family, "other") if r is not None else "" for r in known]
    stems = {kind: torch.tensor([s == kind for s in stem_of]) & plays for kind in STEM_LUFS}
    stems = {kind: tracks for kind, tracks in stems.items() if bool(tracks.any())}
    lead_frames = _active_frames(levels, lead)
    heard = levels.mix[:, :-1].sum(dim=0) > _FLOOR
    tone_db = torch.tensor(reference.levels_db, dtype=levels.mix.dtype)
    return Cast(
        lead=lead,
        has_voice=bool(voice.any()),
        has_focus=focus is not None,
        lead_frames=lead_frames,
        lead_weights=_lead_weights(levels, lead, lead_frames),
        lead_aim_lu=float(_over_rest_db(levels, lead, lead_frames)[-1]) + _FOCUS_AIM_LU,
        masking_windows_db=_masking_windows_db(levels, lead, lead_frames, has_focus=focus is not None),
        stems=stems,
        stem_frames={kind: _active_frames(levels, tracks) for kind, tracks in stems.items()},
        tone_bands=_between(TONE_BANDS_HZ) & heard & tone_db.isfinite(),
        tone_db=tone_db,
        tone_window_db=reference.window_db,
    )


def _active_frames(levels: Levels, tracks: Tensor) -> Tensor:
    """Frames (F,) in which ``tracks`` (N,) together are not more than 10 LU under their mean."""
    power = levels.tracks[tracks, :, -1].sum(dim=0)
    return power > torch.clamp(0.1 * power.mean(), min=_FLOOR)


def _lead_weights(levels: Levels, lead: Tensor, frames: Tensor) -> Tensor:
    """Weight of each third octave (K,): by how far the lead's level there is above the end of its range, in dB."""
    power = levels.tracks[lead][:, frames, :-1].sum(dim=(0, 1)).detach()
    inside = _between(_LEAD_BANDS_HZ) & (power > _FLOOR)
    level_db = torch.where(inside, _db(power), -torch.inf)
    weights = (level_db - level_db.max() + _LEAD_RANGE_DB).clamp(min=0.0) if bool(inside.any()) else inside.double()
    return weights / weights.sum().clamp(min=_FLOOR)


def _masking_windows_db(levels: Levels, lead: Tensor, frames: Tensor, has_focus: bool) -> Tensor:
    """(K,) in dB: a focus that lies deep need not be dug out, only come forward in each of its bands."""
    found = -_over_rest_db(levels, lead, frames)[:-1].detach()
    usual = torch.full_like(found, MASKING_WINDOW_DB)
    return torch.maximum(usual, found - _FOCUS_AIM_LU) if has_focus else usual


def _over_rest_db(levels: Levels, lead: Tensor, frames: Tensor) -> Tensor:
    """The lead (N,) over all other tracks together while it plays, per third octave and K-weighted, (K + 1,) in dB."""
    power = levels.tracks[:, frames].sum(dim=1)
    return _db(power[lead].sum(dim=0)) - _db(power[~lead].sum(dim=0))


def _between(range_hz: tuple[float, float]) -> Tensor:
    return torch.tensor([range_hz[0] <= hz <= range_hz[1] for hz in BANDS_HZ])


def _db(power: Tensor) -> Tensor:
    return 10.0 * torch.log10(power.clamp(min=_FLOOR))


def _outside(value: Tensor, half_width: float) -> Tensor:
    """How far ``value`` lies outside -half_width .. half_width, squared."""
    return (value.abs() - half_width).clamp(min=0.0).square()


def lead_over_rest(levels: Levels, cast: Cast) -> Tensor:
    """Loudness of the lead over all other tracks together, in LU, over the frames in which it plays."""
    return _over_rest_db(levels, cast.lead, cast.lead_frames)[-1]


def _vocal_loss(levels: Levels, cast: Cast) -> Tensor:
    return _outside(lead_over_rest(levels, cast) - VOCAL_OVER_REST_LU, VOCAL_WINDOW_LU)


def _focus_loss(levels: Levels, cast: Cast) -> Tensor:
    return (cast.lead_aim_lu - lead_over_rest(levels, cast)).clamp(min=0.0).square()


def stem_deviations(levels: Levels, cast: Cast) -> Tensor:
    """Loudness of each kind of track while it plays, less its target and less the mean of these, in LU."""
    loudness = [
        _db(levels.tracks[tracks][:, cast.stem_frames[kind], -1].sum(dim=0).mean()) - STEM_LUFS[kind]
        for kind, tracks in cast.stems.items()
    ]
    deviations = torch.stack(loudness)
    return deviations - deviations.mean()


def _balance(levels: Levels, cast: Cast) -> Tensor:
    return stem_deviations(levels, cast).abs().mean()


def _balance_loss(levels: Levels, cast: Cast) -> Tensor:
    return _outside(stem_deviations(levels, cast), BALANCE_WINDOW_LU).mean()


def masked_db(levels: Levels, cast: Cast) -> Tensor:
    """How far the others stand over the lead in each third octave (K,), in dB, over the frames in which it plays."""
    return -_over_rest_db(levels, cast.lead, cast.lead_frames)[:-1]


def _masking(levels: Levels, cast: Cast) -> Tensor:
    return (masked_db(levels, cast).clamp(min=0.0) * cast.lead_weights).sum()


def _masking_loss(levels: Levels, cast: Cast) -> Tensor:
    over = (masked_db(levels, cast) - cast.masking_windows_db).clamp(min=0.0)
    return (over.square() * cast.lead_weights).sum()


def tone_deviations(levels: Levels, cast: Cast) -> Tensor:
    """Level of the mix per third octave of ``cast.tone_bands`` over the target's, less the mean of these, in dB."""
    deviations = (_db(levels.mix[:, :-1].sum(dim=0)) - cast.tone_db)[cast.tone_bands]
    return deviations - deviations.mean()


def _tone(levels: Levels, cast: Cast) -> Tensor:
    return tone_deviations(levels, cast).abs().mean()


def _tone_loss(levels: Levels, cast: Cast) -> Tensor:
    return _outside(tone_deviations(levels, cast), cast.tone_window_db).mean()


def headroom_db(levels: Levels, _cast: Cast) -> Tensor:
    """True peak of the mix over its loudness, in dB."""
    power = levels.mix[:, -1]
    heard = power > 0.1 * power.mean()
    return 20.0 * torch.log10(levels.peaks.max().clamp(min=_FLOOR)) - _db(power[heard].mean())


def _headroom_loss(levels: Levels, cast: Cast) -> Tensor:
    return (headroom_db(levels, cast) - MOST_HEADROOM_DB).clamp(min=0.0).square()


def _no_voice(cast: Cast) -> str:
    if cast.has_focus:
        return "the track that is to come forward is put before the lead vocal"
    return "" if cast.has_voice and not bool(cast.lead.all()) else "no lead vocal beside other tracks"


def _no_lead(cast: Cast) -> str:
    if cast.has_focus:
        return _no_focus(cast)
    return "" if bool(cast.lead.any()) and not bool(cast.lead.all()) else "no lead vocal or solo beside other tracks"


def _no_focus(cast: Cast) -> str:
    if not cast.has_focus:
        return "no track was named that is to come forward"
    return "" if bool(cast.lead.any()) and not bool(cast.lead.all()) else "the track named does not play beside others"


def _no_stems(cast: Cast) -> str:
    return "" if len(cast.stems) > 1 else "fewer than two of vocals, drums, bass and others are known to play"


def _no_bands(cast: Cast) -> str:
    return "" if bool(cast.tone_bands.any()) else "nothing sounds"


def _tone_subject(reference: Reference) -> str:
    return f"the mix's third octaves off {reference.label}, on average"


def _tone_wanted(reference: Reference) -> str:
    return f"each at most {reference.window_db:g}"


_VOCAL_ENDS = tuple(VOCAL_OVER_REST_LU + sign * VOCAL_WINDOW_LU for sign in (-1.0, 1.0))

GOALS: dict[str, Goal] = {
    goal.name: goal
    for goal in (
        Goal(
            "vocal",
            "the lead vocal over the rest while it sings",
            "LU",
            1.0,
            lead_over_rest,
            _vocal_loss,
            _no_voice,
            f"{_VOCAL_ENDS[0]:.1f} to {_VOCAL_ENDS[1]:.1f}",
        ),
        Goal(
            "balance",
            "vocals, drums, bass and the rest off their usual distances, on average",
            "LU",
            1.0,
            _balance,
            _balance_loss,
            _no_stems,
            f"each at most {BALANCE_WINDOW_LU:g}",
        ),
        Goal(
            "masking",
            "the others over the lead in the third octaves where it sounds, on average",
            "dB",
            1.0,
            _masking,
            _masking_loss,
            _no_lead,
            f"at most {MASKING_WINDOW_DB:g} in each, of a focus {FOCUS_RISE_LU:g} less",
        ),
        Goal(
            "tone",
            _tone_subject(USUAL),
            "dB",
            1.0,
            _tone,
            _tone_loss,
            _no_bands,
            _tone_wanted(USUAL),
        ),
        Goal(
            "headroom",
            "the true peak over the loudness, before the master",
            "dB",
            1.0,
            headroom_db,
            _headroom_loss,
            _no_bands,
            f"at most {MOST_HEADROOM_DB:g}",
        ),
        Goal(
            "focus",
            "the track that is to come forward over the rest while it plays",
            "LU",
            _FOCUS_WEIGHT,
            lead_over_rest,
            _focus_loss,
            _no_focus,
            f"at least {FOCUS_RISE_LU:g} more",
        ),
    )
}


def goal_called(name: str, reference: Reference) -> Goal:
    """The goal of that name, with the tone of ``reference`` in its words."""
    goal = GOALS[name]
    if name != "tone":
        return goal
    return replace(goal, subject=_tone_subject(reference), wanted=_tone_wanted(reference))
