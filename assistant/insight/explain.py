"""All that is known of a mix, put together: a card per track with its reasons, observations, influence, calibration."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.analysis.facts import Verification
from assistant.insight.confidence import calibrations
from assistant.insight.reasons import Background, find_reasons
from assistant.insight.values import Card, Insight, Observation


def explain(verification: Verification, background: Background, observations: Sequence[Observation] = ()) -> Insight:
    """The insight into the mix after of ``verification``; ``observations`` worst first."""
    before, after = verification.before, verification.after
    cards = tuple(
        Card(
            old=before.mix.channel(new.name),
            new=new,
            before=before.track(new.name),
            after=after.track(new.name),
            alone=verification.alone.get(new.name),
            reasons=find_reasons(verification, new.name, background),
        )
        for new in after.mix.channels
    )
    return Insight(verification, cards, tuple(observations), background.influence, calibrations())
