"""Where the passages lie, and what is read of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from bench_session import PLAN, RATE, make_session, pieces_of

from assistant.audio.excerpts import load_excerpts
from assistant.tasks import Cancelled
from render.material import (
    LEAD_IN_S,
    MOST_TRACK_S,
    PASSAGE_S,
    material_bytes,
    plan_passages,
    plan_throughout,
    read_material,
)


def test_every_track_is_heard_in_a_passage() -> None:
    cells = np.zeros((12, 600), np.bool_)
    cells[:10] = True
    cells[10, 17:20] = cells[11, 580:590] = True
    spans = plan_passages(cells).spans
    assert 2 <= len(spans) <= 10
    for row in cells:
        assert any(row[round(2 * s.start_s) : round(2 * s.end_s)].any() for s in spans)


@pytest.mark.parametrize("tracks", [100, 400])
def test_many_tracks_get_fewer_passages(tracks: int) -> None:
    spans = plan_passages(np.ones((tracks, 600), np.bool_)).spans
    seconds = tracks * len(spans) * (PASSAGE_S + LEAD_IN_S)
    assert len(spans) == 1 or seconds <= MOST_TRACK_S


def test_nothing_plays() -> None:
    assert plan_passages(np.zeros((3, 40), np.bool_)).spans == ()


def test_pieces_are_the_passages_and_their_lead_in() -> None:
    session = make_session()
    material = read_material(session, PLAN, pieces_of)
    assert material.lengths == tuple(round((s.end_s - s.start_s) * RATE) for s in PLAN.spans)
    for track in session.tracks:
        for span, piece in zip(PLAN.spans, material.pieces[track.name], strict=True):
            first = round((span.start_s - LEAD_IN_S) * RATE)
            wanted = track.audio[:, first : round(span.end_s * RATE)]
            if piece is None:
                assert not wanted.any()
            else:
                np.testing.assert_array_equal(piece, wanted)
    assert material.pieces["clicks"][1] is None


def test_excerpts_of_arrays_are_read_alike() -> None:
    session = make_session()
    ours, theirs = (read_material(session, PLAN, load) for load in (pieces_of, load_excerpts))
    for name, pieces in ours.pieces.items():
        for piece, other in zip(pieces, theirs.pieces[name], strict=True):
            assert (piece is None) == (other is None)
            if piece is not None:
                np.testing.assert_array_equal(piece, other)


def test_throughout_leaves_nothing_out() -> None:
    session = make_session()
    spans = plan_throughout(session).spans
    assert spans[0].start_s == 0.0
    assert spans[-1].end_s == session.duration_s
    assert all(a.end_s == b.start_s for a, b in pairwise(spans))
    long = replace(session, tracks=(replace(session.tracks[0], num_samples=65 * RATE),))
    assert len(plan_throughout(long).spans) == 6
    cells = np.ones((10, 130), np.bool_)
    cells[5:] = False
    assert material_bytes(cells, plan_throughout(long), RATE) == pytest.approx(3 * 8 * 5 * 71 * RATE)


def test_cancelling() -> None:
    with pytest.raises(Cancelled):
        read_material(make_session(), PLAN, pieces_of, is_cancelled=lambda: True)
