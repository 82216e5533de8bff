"""All that is known of a mix, put together: a card per track with its reasons, observations, influence, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.analysis.facts import Verification
from assistant.insight.confidence import calibrations
from assistant.insight.reasons import Background
from assistant.insight.values import Card, Insight, Observation, Reason


def explain(
    verification: Verification,
    reasons: Mapping[str, Sequence[Reason]],
    background: Background,
    observations: Sequence[Observation],
) -> Insight:
    """The insight into the mix after of ``verification``.

    ``reasons`` by track, also of what was held back of the mix since; ``observations`` worst first.
    """
    before, after = verification.before, verification.after
    cards = tuple(
        Card(
            old=before.mix.channel(new.name),
            new=new,
            before=before.track(new.name),
            after=after.track(new.name),
            alone=verification.alone.get(new.name),
            reasons=tuple(reasons.get(new.name, ())),
            alternative=background.alternatives.get(new.name),
        )
        for new in after.mix.channels
    )
    return Insight(verification, cards, tuple(observations), background.influence, calibrations())
