"""Is every reason what a second measurement finds, and every named driver what really drove it?

The loudest sung minute of each song of *Everything is Free* (CC0), the stems at one common loudness, proposed a mix by
``dmc``, ``rules`` and ``random``.

- reasons: each is compared with a second opinion (``reason_checks``: whole tracks rendered by other code, other
  meters): sign, size, track and passage of its effect;
- drivers: the track that is named is really taken out of the session and the engineer listens anew; claimed and found
  setting must be equal. At most ``MOST_CLAIMS`` per song and engineer, strongest first.

Usage: ``python benchmarks/quality_reasons.py [FOLDER]``; about ten minutes. Results are appended to
``benchmarks/results/quality_reasons.jsonl``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from quality_levels import find_songs, load_levelled, read_song
from quality_rules import cut_passage
from reason_checks import SecondOpinion
from recording import record

from assistant.audio.excerpts import load_excerpts
from assistant.automation import neutral_mix
from assistant.engineers.engineer import Engineer, HeardSession
from assistant.engineers.interface import make_engineer
from assistant.insight.influence import find_influence
from assistant.insight.reasons import Background, find_reasons
from assistant.insight.values import Driver
from assistant.mix import Mix, Session
from assistant.survey import Survey
from render.bench import Bench
from render.material import plan_passages, read_material
from render.verify import verify

ENGINEERS = ("dmc", "rules", "random")
MOST_CLAIMS = 6
SHOWN_LINES = 5


def read_minute(folder: Path) -> Session:
    """The loudest sung minute of a song, its stems at one loudness."""
    session = cut_passage(read_song(folder)).session
    return replace(session, tracks=tuple(replace(t, audio=load_levelled(t, t.sample_rate)) for t in session.tracks))


def check_reasons(session: Session, survey: Survey, mix: Mix) -> tuple[Counter[str], list[str]]:
    """How many reasons stand how, and every contradiction."""
    bench = Bench(read_material(session, plan_passages(survey.cells(session)), load_excerpts))
    verification = verify(bench, neutral_mix(mix), mix, in_depth=False)
    opinion = SecondOpinion(session, load_levelled, verification)
    standings: Counter[str] = Counter()
    wrong = []
    for channel in mix.channels:
        for reason in find_reasons(verification, channel.name, Background()):
            standings[reason.standing] += 1
            if reason.standing == "shown":
                faults = opinion.contradictions(reason)
                wrong += [f"{channel.name}, {reason.section}: {fault} ({reason.effect.sentence})" for fault in faults]
        opinion.forget()
    return standings, wrong


def check_drivers(engineer: Engineer, session: Session, heard: HeardSession, mix: Mix) -> tuple[int, int, float]:
    """(drivers claimed, drivers checked, the largest difference between claim and what a new listening gives)."""
    claims = [(place, d) for place, drivers in find_influence(heard, mix).drivers.items() for d in drivers]
    claims.sort(key=lambda claim: -abs(claim[1].moved - claim[1].shared))
    by_track: dict[str, list[tuple[tuple[str, str], Driver]]] = {}
    for place, driver in claims[:MOST_CLAIMS]:
        by_track.setdefault(driver.track, []).append((place, driver))
    worst = 0.0
    for name, of_track in by_track.items():
        without = replace(session, tracks=tuple(t for t in session.tracks if t.name != name))
        anew = engineer.propose(without)
        for (track, param), driver in of_track:
            worst = max(worst, abs(anew.channel(track).settings[param] - driver.value))
    return len(claims), sum(map(len, by_track.values())), worst


def main() -> int:
    """Print one line per song and engineer, and the contradictions."""
    results = []
    for folder in find_songs():
        session = read_minute(folder)
        for name in ENGINEERS:
            survey = Survey(load_levelled)
            engineer = make_engineer(name, survey)
            heard = engineer.listen(session)
            survey.complete(session)
            mix = heard.propose()
            standings, wrong = check_reasons(session, survey, mix)
            claimed, checked, worst = check_drivers(engineer, session, heard, mix)
            print(
                f"{folder.name:10} {name:8} reasons shown {standings['shown']:4}, weak {standings['weak']:4}, withheld "
                f"{standings['withheld']:3}, contradicted {len(wrong):3}; drivers {claimed:3}, checked {checked:2}, "
                f"off by {worst:g} at most",
                flush=True,
            )
            for line in wrong[:SHOWN_LINES]:
                print(f"    {line}")
            results.append(
                {"song": folder.name, "engineer": name, **standings, "contradicted": wrong, "drivers": claimed,
                 "checked": checked, "off_by": worst}
            )  # fmt: skip
    record("quality_reasons", {"results": results})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
