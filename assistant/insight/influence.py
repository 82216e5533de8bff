"""Which other tracks drove a setting: the session is decided again without each of them, from what was heard of it.

A claim is about the setting itself: without that track it would stand there, to the last digit. Faders are set against
each other (a lead vocal to 0 dB, or their median), so one track less may move all of them by one gain. That gain says
nothing of any single track: it counts neither for the strength nor for the choice of drivers, but where it is large
the fader has one driver that tells of it.

Contents: :func:`find_influence`, :func:`driver_sentence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from assistant.engineers.engineer import HeardSession
from assistant.insight.moves import STEP_DB, count_steps, find_moves, instead_text, is_audible, lowered
from assistant.insight.values import Driver, Influence
from assistant.mix import Mix
from assistant.params import BY_NAME
from assistant.report.words import value_text
from assistant.tasks import Cancelled, IsCancelled, Progress

MOST_DRIVERS = 3
#: From this common gain on, whoever causes it is named at the faders it moves.
LEAST_SHARED_DB = 1.0
_FADER_STEP_DB = STEP_DB["fader"]


def find_influence(
    heard: HeardSession,
    mix: Mix,
    progress: Progress = lambda share, what: None,
    is_cancelled: IsCancelled = lambda: False,
) -> Influence:
    """What each track of ``mix``, a mix of the session ``heard``, does to the settings of the others.

    A parameter has drivers where one track alone moves it by an audible step (see ``moves``), at most three, and only
    where it stands in ``mix`` as it was proposed: elsewhere something else than the engineer decided. The strength sums
    up the moves of all parameters of a track, audible or not; one step counts as 0.3 dB, as it does of a fader. Raises
    :class:`Cancelled`, and ``ValueError`` for a channel that is not in the session.
    """
    names = tuple(channel.name for channel in mix.channels)
    whole = heard.propose()
    strength = np.zeros((len(names), len(names)))
    found: dict[tuple[str, str], list[Driver]] = {}
    for column, name in enumerate(names):
        if is_cancelled():
            raise Cancelled(f"cancelled after {column} of {len(names)} tracks")
        for other, drivers in _pulls(name, whole, heard.propose(without={name})).items():
            strength[names.index(other), column] = _FADER_STEP_DB * sum(_own_steps(driver) for driver in drivers)
            for driver in drivers:
                found.setdefault((other, driver.param), []).append(driver)
        progress((column + 1) / len(names), f"decided without {name}")
    chosen = {place: _strongest(drivers) for place, drivers in found.items() if _is_as_proposed(*place, mix, whole)}
    return Influence(names, strength, {place: drivers for place, drivers in chosen.items() if drivers})


def _is_as_proposed(track: str, param: str, mix: Mix, whole: Mix) -> bool:
    return mix.channel(track).settings[param] == whole.channel(track).settings[param]


def _pulls(name: str, whole: Mix, lacking: Mix) -> dict[str, list[Driver]]:
    """Everything that the track ``name`` moves, however little, by the track it is moved of.

    The fader is always among it. Tracks that are left alone in both mixes are left out: a silent one has no fader.
    """
    pairs = {c.name: (c.settings, whole.channel(c.name).settings) for c in lacking.channels}
    pairs = {other: pair for other, pair in pairs.items() if any(settings.changed() for settings in pair)}
    shared_db = median(new["fader_db"] - old["fader_db"] for old, new in pairs.values()) if pairs else 0.0
    pulls = {}
    for other, (old, new) in pairs.items():
        fader = Driver(name, "fader_db", old["fader_db"], new["fader_db"] - old["fader_db"], shared_db)
        rest = (param for param in find_moves(old, new) if param != "fader_db")
        pulls[other] = [fader, *(Driver(name, param, old[param], new[param] - old[param]) for param in rest)]
    return pulls


def _steps(driver: Driver) -> float:
    """How far the setting really moves, in audible steps."""
    return count_steps(BY_NAME[driver.param], driver.value, driver.value + driver.moved)


def _own_steps(driver: Driver) -> float:
    """How far it moves apart from what all faders share."""
    return abs(driver.moved - driver.shared) / _FADER_STEP_DB if driver.param == "fader_db" else _steps(driver)


def _strongest(drivers: Sequence[Driver]) -> tuple[Driver, ...]:
    """At most three that are audible, strongest first; behind them, if there is room, one that moves all faders."""
    heard = sorted((d for d in drivers if is_audible(_steps(d))), key=lambda d: (-_own_steps(d), d.track))
    own = [d for d in heard if is_audible(_own_steps(d))]
    carried = [d for d in heard if d not in own and abs(d.shared) >= LEAST_SHARED_DB]
    carried.sort(key=lambda d: (-abs(d.shared), d.track))
    return tuple([*own, *carried[:1]][:MOST_DRIVERS])


def driver_sentence(drivers: Sequence[Driver]) -> str:
    """``because of vox_lead: without it the fader would stand at -3.1 dB instead of -5.0``; empty without drivers.

    All that one track drives is said together, in the order of ``drivers``.
    """
    names = dict.fromkeys(driver.track for driver in drivers)
    parts = (_track_text(name, [driver for driver in drivers if driver.track == name]) for name in names)
    return "; ".join(f"because of {part}" if count == 0 else f"of {part}" for count, part in enumerate(parts))


def _track_text(name: str, drivers: Sequence[Driver]) -> str:
    return f"{name}: without it {' and '.join(_would_text(driver) for driver in drivers)}"


def _would_text(driver: Driver) -> str:
    param = BY_NAME[driver.param]
    proposed = value_text(param, driver.value + driver.moved)
    value = value_text(param, driver.value)
    would = "would be" if param.curve == "toggle" or value == "off" else "would stand at"
    text = f"the {lowered(param.label)} {would} {instead_text(value, proposed)}"
    if abs(driver.shared) < _FADER_STEP_DB:
        return text
    direction = "lower" if driver.shared > 0.0 else "higher"
    return f"{text} (and most faders {abs(driver.shared):.1f} dB {direction})"
