"""A survey notes each track once, in passing, and asks for those that nobody loaded."""

from __future__ import annotations

import numpy as np
import pytest
from bench_session import RATE, make_session

from assistant.arrays import FloatArray
from assistant.mix import Track
from assistant.survey import Survey
from assistant.tasks import Cancelled


def test_what_is_loaded_is_noted_and_the_rest_asked_for() -> None:
    session, loaded = make_session(), []

    def load(track: Track, _rate: int) -> FloatArray:
        loaded.append(track.name)
        return track.audio

    survey = Survey(load)
    assert survey(session.tracks[0], RATE) is session.tracks[0].audio
    with pytest.raises(KeyError):
        survey.cells(session)
    survey.complete(session)
    survey.complete(session)
    assert sorted(loaded) == sorted(track.name for track in session.tracks)
    cells = survey.cells(session)
    assert cells.shape == (3, 18)
    assert cells[0].all()
    assert not cells[2, 8:].any()  # the clicks end at 3.8 s
    assert list(survey.examinations(session)) == [track.name for track in session.tracks]


def test_faults_are_found_on_the_way() -> None:
    session = make_session()
    survey = Survey(lambda track, rate: np.asarray(track.audio + 0.2, np.float32))
    survey.complete(session)
    assert all(examination.offset is not None for examination in survey.examinations(session).values())


def test_cancelling() -> None:
    with pytest.raises(Cancelled):
        Survey(lambda track, rate: track.audio).complete(make_session(), is_cancelled=lambda: True)
