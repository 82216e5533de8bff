"""Faults planted in the demo's stems are found in the right tracks, and in the clean stems there are none."""

import functools

import pytest
from planted import PLANTS, Cast, Fault, casts

from assistant.analysis.faults import Examination, compare, examine
from assistant.mix import Session

#: Faults of the recordings, which can be found without a mix.
RECORDED = [name for name in PLANTS if name not in ("masking", "12 dB too loud", "boomy")]


@functools.cache
def demo() -> Cast:
    return next(casts())


@functools.cache
def clean() -> dict[str, Examination]:
    return {track.name: examine(track.audio, track.sample_rate) for track in demo().session.tracks}


def faults(session: Session) -> set[tuple[str, frozenset[str]]]:
    examinations = {}
    for track in session.tracks:
        known = track.name in clean() and track.audio is demo().session.track(track.name).audio
        examinations[track.name] = clean()[track.name] if known else examine(track.audio, track.sample_rate)
    found = {(pair.kind, frozenset(pair.tracks)) for pair in compare(examinations)}
    for name, examination in examinations.items():
        kinds = {"clipping": examination.clipping, "dc": examination.offset, "hum": examination.hum}
        kinds |= {"noise": examination.noise, "near silent": examination.is_near_silent or None}
        found |= {(kind, frozenset((name,))) for kind, fault in kinds.items() if fault is not None}
    return found


def test_the_clean_demo_has_no_fault():
    assert faults(demo().session) == set()


@pytest.mark.parametrize("plant", RECORDED)
def test_the_planted_fault_and_no_other_is_found(plant):
    session, fault = PLANTS[plant](demo())
    assert isinstance(fault, Fault)
    assert faults(session) == {(fault.kind, fault.tracks)}
