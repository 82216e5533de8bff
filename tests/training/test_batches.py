"""Varying an example keeps what belongs to a track together; batches are padded and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from training.conftest import IS_STEREO, make_example

from assistant.mix import ChannelSettings
from assistant.params import CHANNEL_PARAMS
from assistant.training import batches
from assistant.training.batches import Variation, collate, collate_audio, vary
from assistant.training.damage import Damage, restoring_settings

STILL = Variation(passages=4, least_tracks=0.4, nameless=0.0, damage=0.0, noise=0.0)


def numbered(source="band", tracks=6, num_samples=2048):
    """An example in which everything of track n says n."""
    example = make_example(source, tracks=tracks, num_samples=num_samples)
    count = np.arange(tracks)
    marks = [
        replace(t, scalars=np.where(np.arange(len(t.scalars)) == IS_STEREO, t.scalars, n).astype(np.float32))
        for n, t in enumerate(example.tracks)
    ]
    return replace(
        example,
        tracks=tuple(marks),
        roles=count,
        positions=np.broadcast_to(count[:, None] / 10.0, example.positions.shape).astype(np.float32),
        level_db=count.astype(np.float32),
        balance_db=count.astype(np.float32),
        excerpt=np.broadcast_to(count[:, None, None], example.excerpt.shape).astype(np.float16),
        contribution=np.broadcast_to(count[:, None, None], example.contribution.shape).astype(np.float16),
    )


@pytest.mark.parametrize("seed", range(5))
def test_rows_stay_with_their_track(seed) -> None:
    varied = vary(numbered(), np.random.default_rng(seed), STILL)
    of_track = [round(float(t.scalars[0])) for t in varied.tracks]
    assert of_track == sorted(set(of_track))
    assert 3 <= len(of_track) <= 6
    for part in (varied.roles, varied.level_db, varied.balance_db):
        assert part.tolist() == of_track
    assert varied.positions[:, 5].tolist() == pytest.approx([n / 10 for n in of_track])
    for audio in (varied.excerpt, varied.contribution):
        assert audio[:, 0, 7].tolist() == of_track
    assert len(varied.known) == len(of_track)


def test_the_example_itself_stays() -> None:
    example = make_example("stems", num_samples=2048)
    before = [part.copy() for part in (example.positions, example.known, example.excerpt, example.tracks[1].mel_db)]
    vary(example, np.random.default_rng(0), Variation(damage=2.0, damaged=1.0))
    for was, now in zip(
        before, (example.positions, example.known, example.excerpt, example.tracks[1].mel_db), strict=True
    ):
        np.testing.assert_array_equal(was, now)


def test_passages_and_names_are_drawn() -> None:
    example = make_example(tracks=3)
    varied = vary(example, np.random.default_rng(2), replace(STILL, passages=2, nameless=1.0, least_tracks=1.0))
    for before, after in zip(example.tracks, varied.tracks, strict=True):
        assert after.mel_db.shape == (2, 128, 64)
        assert after.side.shape == (2, 64)
        there = [any(np.array_equal(passage, other) for other in before.mel_db) for passage in after.mel_db]
        assert all(there)
        assert not after.named.any()


def test_the_same_draw_twice() -> None:
    """Everything random comes out of the generator that is handed in."""
    example = make_example("stems", num_samples=2048)
    first, second = (vary(example, np.random.default_rng(7), Variation()) for _ in range(2))
    other = vary(example, np.random.default_rng(8), Variation())
    for name in ("positions", "known", "excerpt", "level_db"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert not np.array_equal(first.tracks[0].scalars, other.tracks[0].scalars)


DAMAGE = Damage(
    ChannelSettings(
        {"trim_db": 3.0, "peak2_gain_db": 6.0, "peak2_hz": 900.0, "peak2_q": 1.0, "width": 0.8, "pan": 0.2}
    ),
    expand_ratio=1.4,
)


def test_what_a_damaged_track_knows_is_what_restores_it(monkeypatch) -> None:
    """Tone and place of :func:`restoring_settings`; levels are known elsewhere, and nothing else is."""
    monkeypatch.setattr(batches, "draw_damage", lambda rng, is_stereo, amount, balance_db: DAMAGE)
    example = make_example("stems", tracks=4)
    varied = vary(example, np.random.default_rng(0), replace(STILL, damaged=1.0, least_tracks=1.0))
    restoring = restoring_settings(DAMAGE)
    for index, param in enumerate(CHANNEL_PARAMS):
        is_told = param.name in restoring and param.section in ("eq", "pan")
        assert varied.known[:, index].tolist() == [is_told] * 4, param.name
        if is_told:
            assert param.from_unit(float(varied.positions[0, index])) == pytest.approx(restoring[param.name], rel=1e-4)
    np.testing.assert_array_equal(varied.level_db, example.level_db)


def test_damaged_frames_stay_at_the_reference_loudness(monkeypatch) -> None:
    """A gain is no news to the controller; a treble cut lifts the rest by what keeps the loudness."""
    example = make_example("stems", tracks=2)

    def damaged(**settings):
        damage = Damage(ChannelSettings(settings))
        monkeypatch.setattr(batches, "draw_damage", lambda *_: damage)
        varied = vary(example, np.random.default_rng(0), replace(STILL, damaged=1.0, least_tracks=1.0))
        return varied.tracks[0].mel_db.astype(np.float32) - example.tracks[0].mel_db.astype(np.float32)

    assert np.abs(damaged(trim_db=-9.0)).max() < 0.1
    change = damaged(high_shelf_gain_db=-12.0, high_shelf_hz=2_500.0).mean((0, 1))
    assert change[-5:].mean() < -8.0
    assert change[:20].mean() > 0.2


def test_finished_stems_alone_are_damaged(monkeypatch) -> None:
    monkeypatch.setattr(batches, "draw_damage", lambda *_: pytest.fail("a raw track was damaged"))
    vary(make_example("band"), np.random.default_rng(0), Variation(damaged=1.0))


def test_collate_pads() -> None:
    """Two sessions as one batch: each as it would be alone, and nothing beyond its tracks."""
    small = make_example("band", seed=1, tracks=2)
    large = make_example("stems", seed=2, tracks=5)
    large = replace(large, level_db=np.array([1, np.nan, 2, 3, 4], np.float32), roles=np.array([0, 1, -1, 2, 3]))
    hearing, targets = collate([small, large])
    assert hearing.is_active.tolist() == [[True] * 2 + [False] * 3, [True] * 5]
    alone, alone_targets = collate([small])
    for name, part in alone._asdict().items():
        both = getattr(hearing, name)[:1]
        inside = both[:, :2, :2] if name == "overlap" else both[:, :2]
        assert torch.equal(inside, part), name
    for name in ("positions", "known", "level_db", "has_level", "roles"):
        assert torch.equal(getattr(targets, name)[:1, :2], getattr(alone_targets, name)), name
    assert not targets.known[0, 2:].any()
    assert targets.roles[0].tolist()[2:] == [-1] * 3
    assert targets.has_level.tolist() == [[True] * 2 + [False] * 3, [True, False, True, True, True]]
    assert targets.has_reverb.tolist() == [True, False]
    assert all(bool(torch.isfinite(part).all()) for part in targets)


def test_collate_audio_sums_the_engineers_mix() -> None:
    examples = [make_example(tracks=n, num_samples=2048) for n in (2, 3)]
    audio, mixes = collate_audio(examples)
    assert audio.shape == (2, 3, 2, 2048)
    assert not audio[0, 2].any()
    expected = np.asarray(examples[1].contribution, np.float32).sum(0)
    np.testing.assert_allclose(mixes[1].numpy(), expected, atol=1e-6)


def test_a_coloured_track_sounds_different_and_is_mixed_the_same() -> None:
    example = make_example("band", tracks=4)
    varied = vary(example, np.random.default_rng(0), replace(STILL, coloured=1.0, least_tracks=1.0))
    changes = [
        np.abs(after.mel_db.astype(float).mean((0, 1)) - before.mel_db.astype(float).mean((0, 1))).max()
        for after, before in zip(varied.tracks, example.tracks, strict=True)
    ]
    assert max(changes) > 0.5
    np.testing.assert_array_equal(varied.positions, example.positions)
    np.testing.assert_array_equal(varied.known, example.known)


def test_a_misheard_track_keeps_its_name_and_its_mixing() -> None:
    """The sound is another track's; name, role and settings stay, and nameless tracks are heard right."""
    example = make_example("band", tracks=4)
    names = np.eye(len(example.tracks[0].named), dtype=np.float32)
    named = [replace(track, named=names[i] if i else 0.0 * names[0]) for i, track in enumerate(example.tracks)]
    example = replace(example, tracks=tuple(named))
    varied = vary(example, np.random.default_rng(1), replace(STILL, misheard=1.0, least_tracks=1.0))
    sounds = [float(track.scalars.sum()) for track in example.tracks]
    assert any(
        not np.array_equal(after.scalars, before.scalars)
        for after, before in zip(varied.tracks, example.tracks, strict=True)
    )
    assert all(min(abs(float(track.scalars.sum()) - s) for s in sounds) < 1e-4 for track in varied.tracks)
    np.testing.assert_array_equal(varied.tracks[0].scalars, example.tracks[0].scalars)
    for after, before in zip(varied.tracks, example.tracks, strict=True):
        np.testing.assert_array_equal(after.named, before.named)
    np.testing.assert_array_equal(varied.roles, example.roles)
    np.testing.assert_array_equal(varied.positions, example.positions)
