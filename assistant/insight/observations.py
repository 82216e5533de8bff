"""Problems found on the way, in an engineer's words, whether or not anything is changed.

What is wrong with the recordings is in ``recorded``, what is wrong between tracks in the mix before in ``balance``.
Remedies are changes on top of the proposal (``remedies``); what the proposal deals with already has none, says so, and
counts less. What merely follows from another problem is not said besides.

Contents: :func:`observe`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.analysis.facts import Verification
from assistant.analysis.faults import Examination, PairFinding
from assistant.insight.balance import observe_balance
from assistant.insight.recorded import observe_pair, observe_track
from assistant.insight.values import Observation


def observe(
    verification: Verification, examinations: Mapping[str, Examination], pairs: Sequence[PairFinding]
) -> tuple[Observation, ...]:
    """All problems of the tracks in ``verification`` with their raw recordings' ``examinations``, worst first.

    ``pairs`` are those of :func:`assistant.analysis.faults.compare`. Raises ``KeyError`` for an examined track that is
    not in the mix.
    """
    channels = {channel.name: channel for channel in verification.after.mix.channels}
    found = [o for name, examination in examinations.items() for o in observe_track(examination, channels[name])]
    found += [observe_pair(pair, examinations, channels) for pair in pairs]
    found += [o for o in observe_balance(verification) if not _follows(o, examinations, pairs)]
    return tuple(sorted(found, key=lambda observation: -observation.severity))


def _follows(observation: Observation, examinations: Mapping[str, Examination], pairs: Sequence[PairFinding]) -> bool:
    """Whether something is covered only because it is next to silent, or because both are one sound."""
    if observation.kind != "masking":
        return False
    target = examinations.get(observation.tracks[0])
    is_one_sound = any(set(pair.tracks) == set(observation.tracks) for pair in pairs)
    return is_one_sound or (target is not None and target.is_near_silent)
