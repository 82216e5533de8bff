"""Plain faults of recordings mended in the proposal itself: an offset, hum, a polarity that cancels.

Only what no engineer would leave is mended unasked; a copy that should go, a collision, a track that is too loud are
matters of taste, and stay observations with a remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.analysis.sections import SECTION_OF
from assistant.insight.values import Observation
from assistant.mix import ChannelMix, Mix

#: Kinds of observations whose remedies are applied unasked.
MENDED: tuple[str, ...] = ("dc", "hum", "polarity")
MayChange = Callable[[str, str], bool]


def mend(
    mix: Mix, observations: Sequence[Observation], may_change: MayChange = lambda track, param: True
) -> tuple[Mix, dict[tuple[str, str], str]]:
    """``mix`` with the remedies of plain faults, and what was found, by (track, section) that mends it.

    A remedy is applied whole or not at all: where ``may_change(track, parameter)`` forbids a part of it, or another has
    changed the same before, it is left out.
    """
    channels: dict[str, ChannelMix] = {channel.name: channel for channel in mix.channels}
    found: dict[tuple[str, str], str] = {}
    for observation in observations:
        changes = observation.remedy
        is_free = all(may_change(c.track, c.param) and channels[c.track].settings[c.param] == c.old for c in changes)
        if observation.kind not in MENDED or not changes or not is_free:
            continue
        for change in changes:
            channel = channels[change.track]
            settings = channel.settings.with_values(**{change.param: change.new})
            channels[change.track] = replace(channel, settings=settings)
            found[change.track, SECTION_OF[change.param].name] = observation.text
        mended = channels[changes[0].track]
        channels[mended.name] = replace(mended, reasons=(*mended.reasons, f"mended: {observation.text}"))
    return replace(mix, channels=tuple(channels[c.name] for c in mix.channels)), found
