"""The one engineer of all made drum kits: fixed rules, most of which look at the whole kit.

Levels. Every track is trimmed to ``REFERENCE_LUFS``; ``LEVEL_LU`` says how loud it stands beside the kick, and the rows
of ``LEVEL_RULES`` correct that for what else is on the desk. All faders then move together until the mix stands at
``MIX_LUFS``.

Places. The audience's view, hi-hat right, unless stereo overheads show the hi-hat on the left: then everything is
mirrored, so that close microphones stand where the overheads hear them.

=================  ====================================================================================
kick, snare        middle, both microphones
hi-hat             right, farther out where a ride stands against it
toms               from right to left by pitch, on the places in ``TOM_PANS`` for their number
ride               left
crash              against the ride if that has a microphone, else left
overheads, stereo  as recorded
overheads, pair    apart; the one that carries more hi-hat goes to the hi-hat's side
overheads, mono    middle
room               middle; narrower beside overheads, which already make the picture
=================  ====================================================================================

Polarity: the microphone under the snare is inverted. Nothing else is used: no EQ, dynamics or reverb (the gain and
panning task of Steinmetz, thesis, 2020, chapter 5). The rules follow common practice (Izhaki, *Mixing
Audio*, 2008); the figures are our choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.engineers.levels import REFERENCE_LUFS, trim_to_reference
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session
from assistant.params import BY_NAME
from assistant.training.drums.desk import ROLE_OF_PART, Desk, look_at, mix_down
from assistant.training.drums.evidence import loudness_lufs
from assistant.wording import gain_text

ENGINEER_NAME = "drum-engineer"
MIX_LUFS = REFERENCE_LUFS

#: Loudness by part, in LU beside the kick.
LEVEL_LU: dict[str, float] = {
    "kick": 0.0,
    "kick out": -7.0,
    "snare": 0.0,
    "snare bottom": -9.0,
    "hihat": -7.0,
    "tom": -1.0,
    "ride": -7.0,
    "crash": -6.0,
    "overheads": 0.0,
    "room": -7.0,
}


@dataclass(frozen=True)
class LevelRule:
    """``parts`` stand ``change_lu(desk)`` louder, because of ``reason``."""

    parts: tuple[str, ...]
    reason: str
    change_lu: Callable[[Desk], float]


LEVEL_RULES: tuple[LevelRule, ...] = (
    LevelRule(("kick",), "two microphones share the kick", lambda desk: -1.0 * desk.count("kick out")),
    LevelRule(("snare",), "two microphones share the snare", lambda desk: -0.5 * desk.count("snare bottom")),
    LevelRule(("snare",), "the overheads carry snare", lambda desk: -1.5 * (desk.count("overheads") > 0)),
    LevelRule(
        ("hihat", "ride", "crash"), "the overheads carry cymbals", lambda desk: -5.0 * (desk.count("overheads") > 0)
    ),
    LevelRule(("hihat",), "a ride takes turns with it", lambda desk: -1.5 * (desk.count("ride") > 0)),
    LevelRule(("tom",), "the toms share one level", lambda desk: 0.5 - 0.8 * max(0, desk.count("tom") - 1)),
    LevelRule(
        ("overheads",),
        "the fewer close microphones, the more the overheads are the kit",
        lambda desk: _between(3.0 - 1.4 * (desk.num_close - 4), -5.0, 3.0),
    ),
    LevelRule(("overheads",), "a pair shares one level", lambda desk: -3.0 * (desk.count("overheads") == 2)),
    LevelRule(("room",), "fast playing leaves no time for the room", lambda desk: _room_change_lu(desk.tempo)),
    LevelRule(("room",), "without overheads the room is the picture", lambda desk: 4.0 * (not desk.count("overheads"))),
)

#: Places of the toms, highest first, by how many there are.
TOM_PANS: dict[int, tuple[float, ...]] = {
    1: (-0.3,),
    2: (0.3, -0.45),
    3: (0.35, -0.05, -0.5),
    4: (0.45, 0.15, -0.2, -0.55),
}
HAT_PAN, HAT_PAN_AGAINST_RIDE = 0.25, 0.45
RIDE_PAN, CRASH_PAN, PAIR_PAN = -0.45, 0.6, 0.9
ROOM_WIDTH_BESIDE_OVERHEADS = 0.7


def mix_drums(session: Session) -> Mix:
    """The engineer's mix of ``session``: a drum kit whose tracks carry float audio ``(C, T)``.

    It depends on each track's own level through ``trim_db`` alone. Raises ``ValueError`` for a track whose name is that
    of no part of a kit, and for more toms than there are places.
    """
    desk = look_at(session)
    if len(desk.toms) > max(TOM_PANS):
        raise ValueError(f"{len(desk.toms)} toms: expected at most {max(TOM_PANS)}")
    settings = {track.name: _settings(track.name, desk) for track in session.tracks}
    shift_db = MIX_LUFS - loudness_lufs(mix_down(session, settings), session.sample_rate)
    fader = BY_NAME["fader_db"]
    channels = []
    for track in session.tracks:
        fader_db = round(fader.clamp(settings[track.name]["fader_db"] + shift_db), 2)
        final = settings[track.name].with_values(fader_db=fader_db)
        channels.append(
            ChannelMix(track.name, final, ROLE_OF_PART[desk.parts[track.name]], 1.0, _why(track.name, desk))
        )
    return Mix(tuple(channels), engineer=ENGINEER_NAME)


def level_lu(part: str, desk: Desk) -> float:
    """How loud ``part`` stands on ``desk``, in LU beside a kick with one microphone."""
    return LEVEL_LU[part] + sum(rule.change_lu(desk) for rule in LEVEL_RULES if part in rule.parts)


def place(name: str, desk: Desk) -> float:
    """The pan -1..1 of the track called ``name``."""
    part = desk.parts[name]
    if part == "tom":
        return desk.hat_side * TOM_PANS[len(desk.toms)][desk.toms.index(name)]
    if part == "overheads":
        return PAIR_PAN * desk.overhead_sides[name] if name in desk.overhead_sides else 0.0
    has_ride = desk.count("ride") > 0
    pans = {
        "hihat": HAT_PAN_AGAINST_RIDE if has_ride else HAT_PAN,
        "ride": RIDE_PAN,
        "crash": CRASH_PAN if has_ride else -CRASH_PAN,
    }
    return desk.hat_side * pans[part] if part in pans else 0.0


def _settings(name: str, desk: Desk) -> ChannelSettings:
    part = desk.parts[name]
    is_narrow = part == "room" and name in desk.is_stereo and desk.count("overheads") > 0
    return ChannelSettings(
        trim_db=trim_to_reference(desk.loudness[name]),
        polarity_inverted=float(part == "snare bottom"),
        fader_db=level_lu(part, desk),
        pan=place(name, desk),
        width=ROOM_WIDTH_BESIDE_OVERHEADS if is_narrow else 1.0,
    )


def _why(name: str, desk: Desk) -> tuple[str, ...]:
    """A sentence on the place, and one for every rule that moved the level."""
    part = desk.parts[name]
    reasons = [f"{part}: {gain_text(level_lu(part, desk))} LU beside the kick, pan {place(name, desk):+.2f}"]
    for rule in LEVEL_RULES:
        change_lu = rule.change_lu(desk) if part in rule.parts else 0.0
        if change_lu:
            reasons.append(f"{gain_text(change_lu)} LU: {rule.reason}")
    return tuple(reasons)


def _room_change_lu(tempo_bpm: float) -> float:
    """+2 LU at 80 BPM and below, down to -4 LU at 160 BPM and above."""
    return _between(2.0 - 6.0 * (tempo_bpm - 80.0) / 80.0, -4.0, 2.0)


def _between(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
