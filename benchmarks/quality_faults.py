"""Are planted faults found, are clean sessions left in peace, and does what is proposed help?

Sessions: ``planted``. Each is proposed a mix by the engineer ``rules``; before is the sum of the tracks as they are,
and the whole of it is verified. Found: an observation of the planted kind that names the planted tracks, for masking
in a band inside the planted one. False alarm: any other, in a planted session or a clean one, unless the plant says
that it follows; the same alarm in several plants of one session counts once.

Helped: measured again with the observation's remedy on top of the proposal, the fault is smaller: the pair is less
covered, the track is nearer to its place, has less bottom, offset or hum, the copy is silent, the pair no longer
cancels. Nothing in a console helps against clipping, noise and a track that is next to silent.

Usage: ``python benchmarks/quality_faults.py``; about ten minutes. Results are appended to
``benchmarks/results/quality_faults.jsonl``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from planted import Cast, Fault, casts, plants
from recording import record

from assistant.analysis.facts import MixFacts, Span, Verification
from assistant.analysis.faults import KINDS, compare, examine
from assistant.audio.reading import load_track
from assistant.automation import neutral_mix
from assistant.engineers.interface import make_engineer
from assistant.insight.balance import BOTTOM
from assistant.insight.observations import observe
from assistant.insight.regions import region_share
from assistant.insight.values import Observation
from assistant.mix import Change, Mix, Session
from render.bench import Bench
from render.material import Material, Plan

ENGINEER = "rules"
#: What no console helps against.
BEYOND_HELP = ("clipping", "noise", "near silent")


class Case:
    """One session on the bench: its mix before, the proposal, and what is observed."""

    def __init__(self, session: Session) -> None:
        pieces = {track.name: (load_track(track, session.sample_rate),) for track in session.tracks}
        self.bench = Bench(Material(Plan((Span(0.0, session.duration_s),), 0.0), session.sample_rate, pieces))
        self.proposal = make_engineer(ENGINEER).propose(session)
        self.before = self.bench.measure(neutral_mix(self.proposal))
        self.after = self.bench.measure(self.proposal)
        examinations = {name: examine(audio, session.sample_rate) for name, (audio,) in pieces.items()}
        facts = Verification(self.bench.spans, self.before, self.after, {}, {})
        self.observations = observe(facts, examinations, compare(examinations))

    def rendered(self, mix: Mix, name: str) -> np.ndarray:
        """One track behind its strip, ``(2, T)``."""
        return self.bench.piece(name, mix.channel(name).settings, 0)


def is_found(observation: Observation, fault: Fault) -> bool:
    """Whether ``observation`` is the planted ``fault``."""
    if observation.kind != fault.kind or set(observation.tracks) != fault.tracks:
        return False
    if fault.band_hz is None or observation.band_hz is None:
        return True
    return fault.band_hz[0] <= sum(observation.band_hz) / 2.0 <= fault.band_hz[1]


def is_false(observation: Observation, fault: Fault) -> bool:
    """Whether ``observation`` is neither the planted ``fault`` nor follows from it."""
    return not is_found(observation, fault) and not (
        observation.kind in fault.also and fault.tracks & set(observation.tracks)
    )


def with_changes(mix: Mix, changes: Sequence[Change]) -> Mix:
    """``mix`` with ``changes`` on top."""
    channels = {channel.name: channel for channel in mix.channels}
    for change in changes:
        channel = channels[change.track]
        channels[change.track] = replace(channel, settings=channel.settings.with_values(**{change.param: change.new}))
    return replace(mix, channels=tuple(channels.values()))


def size(case: Case, mix: Mix, facts: MixFacts, observation: Observation) -> float:
    """How large the observed fault is in ``mix``, measured as ``facts``; smaller is better."""
    return SIZES[observation.kind](case, mix, facts, observation.tracks)


def _covered(case: Case, mix: Mix, facts: MixFacts, tracks: Sequence[str]) -> float:
    names = facts.masking.names
    return float(facts.masking.covered_db[names.index(tracks[0]), names.index(tracks[1])])


def _over_others(case: Case, mix: Mix, facts: MixFacts, tracks: Sequence[str]) -> float:
    own = facts.track(tracks[0]).measurement.integrated_lufs
    return own - float(np.median([track.measurement.integrated_lufs for track in facts.tracks]))


def _bottom(case: Case, mix: Mix, facts: MixFacts, tracks: Sequence[str]) -> float:
    return region_share(facts.track(tracks[0]).measurement, BOTTOM)


def _offset(case: Case, mix: Mix, facts: MixFacts, tracks: Sequence[str]) -> float:
    audio = case.rendered(mix, tracks[0])
    return float(np.abs(audio.mean(axis=1)).max() / np.sqrt(np.square(audio).mean()))


def _hum(case: Case, mix: Mix, facts: MixFacts, tracks: Sequence[str]) -> float:
    hum = examine(case.rendered(mix, tracks[0]), case.bench.material.sample_rate).hum
    return -200.0 if hum is None else hum.over_loud_db


def _copy(case: Case, mix: Mix, facts: MixFacts, tracks: Sequence[str]) -> float:
    return facts.track(tracks[1]).measurement.integrated_lufs


def _cancelling(case: Case, mix: Mix, facts: MixFacts, tracks: Sequence[str]) -> float:
    rate = case.bench.material.sample_rate
    found = compare({name: examine(case.rendered(mix, name), rate) for name in tracks})
    return max((-f.correlation for f in found if f.kind == "polarity"), default=0.0)


SIZES: dict[str, Callable[[Case, Mix, MixFacts, Sequence[str]], float]] = {
    "masking": _covered,
    "too loud": _over_others,
    "low end": _bottom,
    "dc": _offset,
    "hum": _hum,
    "duplicate": _copy,
    "polarity": _cancelling,
}


def is_helped(case: Case, observation: Observation) -> bool:
    """Whether the proposal with the remedy on top makes the fault smaller."""
    remedied = with_changes(case.proposal, observation.remedy)
    facts = case.bench.measure(remedied) if observation.remedy else case.after
    neutral = neutral_mix(case.proposal)
    return size(case, remedied, facts, observation) < size(case, neutral, case.before, observation)


class Tally:
    """What was planted, found, falsely found, and helped, by kind."""

    def __init__(self) -> None:
        self.planted: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.helped: Counter[str] = Counter()
        self.false: set[tuple[str, str, tuple[str, ...]]] = set()

    def alarm(self, session: str, observation: Observation) -> None:
        """Count and say a false alarm."""
        key = (session, observation.kind, tuple(sorted(observation.tracks)))
        if key not in self.false:
            print(f"    false: {observation.text}", flush=True)
        self.false.add(key)

    def judge(self, session: str, name: str, case: Case, fault: Fault) -> None:
        """Count one planted session."""
        self.planted[fault.kind] += 1
        found = [o for o in case.observations if is_found(o, fault)]
        print(f"  {name:17} {found[0].text if found else 'MISSED'}", flush=True)
        for observation in case.observations:
            if is_false(observation, fault):
                self.alarm(session, observation)
        if found:
            self.found[fault.kind] += 1
            if fault.kind not in BEYOND_HELP:
                self.helped[fault.kind] += is_helped(case, found[0])

    def rows(self) -> dict[str, dict[str, float | None]]:
        """Figures by kind, and of all together."""
        rows = {kind: self._row((kind,)) for kind in KINDS if self.planted[kind]}
        return {**rows, "all": self._row(KINDS)}

    def _row(self, kinds: Sequence[str]) -> dict[str, float | None]:
        planted, found = (sum(counter[kind] for kind in kinds) for counter in (self.planted, self.found))
        false = sum(kind in kinds for _, kind, _ in self.false)
        helpable = sum(self.found[kind] for kind in kinds if kind not in BEYOND_HELP)
        return {
            "planted": planted,
            "found": found,
            "false": false,
            "precision": found / max(1, found + false),
            "recall": found / planted,
            "helped": sum(self.helped[kind] for kind in kinds) / helpable if helpable else None,
        }


def judge_cast(tally: Tally, cast: Cast) -> None:
    """One clean session, and every fault in it."""
    print(cast.name, flush=True)
    for observation in Case(cast.session).observations:
        tally.alarm(cast.name, observation)
    for name, session, fault in plants(cast):
        tally.judge(cast.name, name, Case(session), fault)


def main() -> None:
    """Judge all sessions and print a table."""
    tally, count = Tally(), 0
    for cast in casts():
        judge_cast(tally, cast)
        count += 1
    rows = tally.rows()
    print(f"\n{'kind':12}{'planted':>9}{'found':>7}{'false':>7}{'precision':>11}{'recall':>8}{'helped':>8}")
    for kind, row in rows.items():
        helped = "-" if row["helped"] is None else f"{row['helped']:.0%}"
        figures = f"{row['planted']:9}{row['found']:7}{row['false']:7}{row['precision']:11.2f}{row['recall']:8.2f}"
        print(f"{kind:12}{figures}{helped:>8}")
    record("quality_faults", {"engineer": ENGINEER, "sessions": count, "kinds": rows})


if __name__ == "__main__":
    main()
