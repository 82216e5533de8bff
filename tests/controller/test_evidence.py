"""What is heard of a track: where it plays, at any gain, rate and length."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from engineers.conftest import RATE, make_audio
from scipy import signal

from assistant.analysis.listening import listen
from assistant.controller.evidence import (
    LEVEL_RANGE_DB,
    PASSAGE_FRAMES,
    PASSAGE_S,
    PASSAGES,
    SCALARS,
    TrackEvidence,
    choose_passages,
    gather_evidence,
    name_evidence,
    overlaps,
)
from assistant.controller.mel import BANDS
from assistant.engineers.role_table import ROLES


def hear(audio: np.ndarray, rate: int = RATE, **options: float) -> TrackEvidence:
    return gather_evidence(audio, rate, listen(audio, rate), "Lead Vox", **options)


def test_shapes_and_ranges() -> None:
    for channels in (1, 2):
        heard = hear(make_audio("vocal", channels=channels))
        count = len(heard.passages_s)
        assert heard.mel_db.shape == (count, PASSAGE_FRAMES, BANDS)
        assert heard.side.shape == (count, BANDS)
        assert (len(heard.scalars), len(heard.named)) == (len(SCALARS), len(ROLES))
        assert LEVEL_RANGE_DB[0] <= heard.mel_db.min() <= heard.mel_db.max() <= LEVEL_RANGE_DB[1]
        assert np.isfinite(heard.scalars).all()
        assert np.abs(heard.scalars).max() < 4.0
        assert heard.side.any() == (channels == 2)


@pytest.mark.parametrize("gain_db", [-20.0, 20.0])
def test_gain_does_not_matter(gain_db: float) -> None:
    audio = make_audio("guitar", -24.0, channels=2)
    before, after = hear(audio), hear(audio * np.float32(10 ** (gain_db / 20)))
    assert np.abs(after.mel_db.astype(float) - before.mel_db).max() < 0.1
    assert after.scalars == pytest.approx(before.scalars, abs=1e-3)
    assert after.passages_s == before.passages_s


@pytest.mark.parametrize("rate", [16_000, 44_190, 48_048, 96_000, 192_000])
def test_any_sample_rate_gives_as_many_frames(rate: int) -> None:
    audio = make_audio("vocal")
    resampled = signal.resample(audio, round(audio.shape[1] * rate / RATE), axis=1).astype(np.float32)
    heard = hear(resampled, rate)
    assert heard.mel_db.shape[1:] == (PASSAGE_FRAMES, BANDS)
    difference_db = heard.mel_db[..., :40].astype(float).mean(axis=1) - hear(audio).mel_db[..., :40].mean(axis=1)
    assert np.abs(difference_db).mean() < 0.5


def test_it_listens_where_the_track_plays() -> None:
    """A minute of silence, then fifty seconds of music in two pieces."""
    rate = 8_000  # quick, and just as long
    audio = np.zeros((1, 180 * rate), np.float32)
    rng = np.random.default_rng(1)
    for first, last in ((60, 80), (120, 150)):
        audio[:, first * rate : last * rate] = 0.1 * rng.standard_normal((last - first) * rate)
    passages = hear(audio, rate).passages_s
    assert len(passages) == PASSAGES
    assert all(59.0 <= start <= 80.5 or 119.0 <= start <= 150.5 for start, _ in passages)
    assert passages[0][0] < 65.0
    assert passages[-1][0] > 140.0
    assert all(after[0] >= before[1] for before, after in pairwise(passages))


def test_short_tracks_have_one_passage() -> None:
    for seconds in (0.02, 0.1, 1.0, PASSAGE_S):
        audio = make_audio("kick")[:, : round(seconds * RATE)]
        heard = hear(audio)
        assert heard.passages_s == ((0.0, pytest.approx(audio.shape[1] / RATE)),)
        assert np.isfinite(heard.mel_db).all()


def test_fewer_passages_on_demand() -> None:
    features = listen(make_audio("vocal"), RATE)
    assert len(choose_passages(features, 1)) == 1


def test_names() -> None:
    kick = [role.name for role in ROLES].index("kick")
    assert name_evidence("Kick In")[kick] > 0.9
    assert not name_evidence("Audio 17").any()


def test_when_tracks_play_together() -> None:
    audio = make_audio("pad")
    first, second = hear(audio).activity, hear(audio, start_s=2.0).activity
    assert second.sum() == first.sum()
    together = overlaps([first, second, hear(audio, start_s=60.0).activity])
    assert np.diag(together) == pytest.approx(np.ones(3))
    assert together[0, 1] == pytest.approx(0.5, abs=0.15)
    assert together[0, 2] == together[2, 1] == 0.0
