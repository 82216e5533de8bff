"""The deck: what is played is what was laid on it, to the sample, and nothing on the way clicks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from gui.playback.deck import FADE_S, LEVEL_STEP_S, MOST_TILES, OVERLAP_S, TILE_S, VERSIONS, Deck, Floats
from gui.playback.filling import AHEAD_PAUSED_S, AHEAD_S, next_ask, turns
from gui.workshop.values import Tile

RATE = 48_000
LENGTH = 20 * RATE
FADE = round(FADE_S * RATE)
#: Far above what fades of 10 ms add to a sine of 100 Hz, far under any jump that is heard.
CLICK = 1e-3


def sine(frequency_hz: float = 100.0, amplitude: float = 0.5) -> Floats:
    """Stereo ``(2, T)``, a little longer than the song."""
    phase = 2.0 * np.pi * frequency_hz / RATE * np.arange(LENGTH + 5 * RATE)
    return np.stack([amplitude * np.sin(phase), amplitude * np.cos(phase)]).astype(np.float32)


def lay(deck: Deck, version: str, audio: Floats, numbers: Iterable[int] = range(5), revision: int = 0) -> None:
    """Put tiles of ``audio`` on the deck; channel levels count the steps of 50 ms."""
    for number in numbers:
        start = number * deck.tile_samples
        levels = np.arange(81, dtype=np.float32)[None] + 100.0 * number
        piece = audio[:, start : start + deck.tile_samples + deck.overlap]
        deck.put(version, number, revision, Tile(start, piece, levels))


def make_deck(audio: Floats | None = None, versions: tuple[str, ...] = VERSIONS) -> Deck:
    """All versions laid with the same sine, playing from the beginning."""
    deck = Deck(RATE, LENGTH, versions)
    for version in versions:
        lay(deck, version, sine() if audio is None else audio)
    deck.play()
    return deck


def play(deck: Deck, frames: int, block: int = 960) -> Floats:
    """What is read in blocks, ``(2, frames)``."""
    blocks = [deck.read(min(block, frames - done)) for done in range(0, frames, block)]
    return np.concatenate(blocks).T


def clicks(audio: Floats) -> int:
    """Samples whose second difference is far above the signal's own."""
    return int(np.count_nonzero(np.abs(np.diff(audio.astype(np.float64), n=2, axis=1)) > CLICK))


def test_a_jump_would_be_counted() -> None:
    audio = sine()[:, :1000]
    assert clicks(audio) == 0
    audio[:, 500:] *= 0.99
    assert clicks(audio) > 0


def test_tiles_are_played_to_the_sample_across_their_edges() -> None:
    deck, audio = make_deck(), sine()
    heard = play(deck, 9 * RATE, block=1_013)
    np.testing.assert_allclose(heard[:, FADE:], audio[:, FADE : 9 * RATE], atol=1e-6)
    assert clicks(heard) == 0
    assert deck.status.position == 9 * RATE


def test_tiles_that_differ_a_little_join_without_a_click() -> None:
    deck = Deck(RATE, LENGTH, ("before",))
    lay(deck, "before", sine(), [0, 2])
    lay(deck, "before", 0.8 * sine(), [1])
    deck.play()
    assert clicks(play(deck, 11 * RATE)) == 0


@pytest.mark.parametrize("block", [64, 960, 4_800])
def test_versions_switch_at_the_same_place(block: int, show: Callable[[str], None]) -> None:
    deck, audio = make_deck(), sine()
    lay(deck, "proposed", -audio)
    play(deck, RATE, block)
    deck.set_version("proposed")
    after = play(deck, RATE, block)
    np.testing.assert_allclose(after[:, FADE:], -audio[:, RATE + FADE : 2 * RATE], atol=1e-6)
    deck.seek(0)
    deck.set_version("before")
    heard = [play(deck, RATE // 3, block)]
    for version in ("proposed", "accepted", "before", "proposed"):
        deck.set_version(version)
        heard.append(play(deck, 100, block))
    heard.append(play(deck, RATE // 3, block))
    assert clicks(np.concatenate(heard, axis=1)) == 0
    largest = np.abs(np.diff(np.concatenate(heard, axis=1).astype(np.float64), n=2)).max()
    show(f"deck: largest second difference over four switches within 10 ms, blocks of {block}: {largest:.1e}")


def test_a_switch_back_before_anything_was_read_is_none() -> None:
    deck, audio = make_deck(), sine()
    play(deck, RATE)
    deck.set_version("proposed")
    deck.set_version("before")
    heard = play(deck, RATE)
    assert clicks(heard) == 0
    np.testing.assert_allclose(heard[:, FADE:], audio[:, RATE + FADE : 2 * RATE], atol=1e-6)


def test_equal_power_where_versions_have_nothing_in_common() -> None:
    rng = np.random.default_rng(0)
    deck = Deck(RATE, LENGTH, ("before", "proposed"))
    for version in deck.versions:
        lay(deck, version, (0.1 * rng.standard_normal((2, LENGTH + RATE))).astype(np.float32))
    deck.play()
    powers = []
    for turn in range(200):
        deck.set_version(deck.versions[turn % 2])
        powers.append(np.square(play(deck, 960, 960)[:, :FADE]).mean(axis=0))
    steady = 0.01
    parts = np.mean(powers[1:], axis=0).reshape(8, -1).mean(axis=1)
    np.testing.assert_allclose(10.0 * np.log10(parts / steady), 0.0, atol=0.3)


def test_equal_gain_where_versions_are_alike() -> None:
    deck, audio = make_deck(sine(1_000.0)), sine(1_000.0)
    lay(deck, "proposed", np.float32(0.9) * audio)
    play(deck, RATE)
    for turn in range(20):
        deck.set_version(deck.versions[turn % 3])
        heard = play(deck, 960)
        peak = float(np.abs(heard).max())
        assert 0.44 < peak < 0.5001  # at equal power it would be 0.7 half-way


def test_versions_are_matched_by_their_gains() -> None:
    deck, audio = make_deck(), sine()
    lay(deck, "proposed", 0.5 * audio)
    deck.set_gains({"proposed": 20.0 * np.log10(2.0)})
    play(deck, RATE)
    deck.set_version("proposed")
    heard = play(deck, RATE)
    np.testing.assert_allclose(heard[:, FADE:], audio[:, RATE + FADE : 2 * RATE], atol=1e-5)
    deck.set_gains({"proposed": 0.0})
    heard = np.concatenate([heard, play(deck, RATE)], axis=1)
    assert clicks(heard) == 0
    np.testing.assert_allclose(heard[:, -100:], 0.5 * audio[:, 3 * RATE - 100 : 3 * RATE], atol=1e-5)


def test_a_loop_returns_to_the_sample() -> None:
    deck, audio = make_deck(), sine(101.0)
    for version in VERSIONS:
        lay(deck, version, audio)
    first, last = 2 * RATE + 17, 4 * RATE  # ends where a tile does
    deck.seek(first)
    deck.set_loop((first, last))
    heard = play(deck, 3 * (last - first), 777)
    assert clicks(heard) == 0
    assert deck.status.position == first
    for turn in range(3):
        from_a = heard[:, turn * (last - first) :][:, FADE : last - first]
        np.testing.assert_allclose(from_a, audio[:, first + FADE : last], atol=1e-6)


def test_a_loop_before_the_position_is_entered_and_one_cleared_is_left() -> None:
    deck = make_deck()
    deck.seek(5 * RATE)
    deck.set_loop((RATE, 2 * RATE))
    assert deck.status.position == RATE
    play(deck, 3 * RATE // 2)
    assert deck.status.position == 3 * RATE // 2
    deck.set_loop(None)
    play(deck, 2 * RATE)
    assert deck.status.position == 7 * RATE // 2


@pytest.mark.parametrize("loop", [(-1, RATE), (RATE, RATE), (RATE, RATE + 100), (0, LENGTH + 1)])
def test_a_loop_that_is_none_is_refused(loop: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="loop="):
        make_deck().set_loop(loop)


def test_seeking_pausing_muting_and_volume_do_not_click() -> None:
    deck = make_deck()
    heard = [play(deck, RATE)]
    for command in (
        lambda: deck.seek(7 * RATE + 123),
        lambda: deck.set_volume(0.3),
        lambda: deck.set_volume(0.3, is_muted=True),
        lambda: deck.set_volume(1.0),
        deck.pause,
        deck.play,
        lambda: deck.seek(11 * RATE + 7),
        lambda: deck.seek(1),
        deck.pause,
    ):
        command()
        heard.append(play(deck, 2_000, 333))
    assert clicks(np.concatenate(heard, axis=1)) == 0
    assert not heard[-1][:, FADE:].any()
    assert deck.status.position == 1 + 2_000


def test_pausing_keeps_the_position() -> None:
    deck, audio = make_deck(), sine()
    play(deck, 12_345)
    deck.pause()
    play(deck, RATE)
    assert (deck.status.position, deck.status.state) == (12_345, "paused")
    deck.play()
    heard = play(deck, RATE)
    np.testing.assert_allclose(heard[:, FADE:], audio[:, 12_345 + FADE : 12_345 + RATE], atol=1e-6)


def test_a_missing_tile_is_waited_for() -> None:
    deck, audio = Deck(RATE, LENGTH, ("before",)), sine()
    lay(deck, "before", audio, [0])
    deck.play()
    heard = [play(deck, 5 * RATE)]
    assert (deck.status.position, deck.status.state) == (4 * RATE, "buffering")
    assert not heard[0][:, 4 * RATE + FADE :].any()
    lay(deck, "before", audio, [1])
    heard.append(play(deck, RATE))
    assert (deck.status.position, deck.status.state) == (5 * RATE, "playing")
    assert clicks(np.concatenate(heard, axis=1)) == 0
    np.testing.assert_allclose(heard[1][:, FADE:], audio[:, 4 * RATE + FADE : 5 * RATE], atol=1e-6)


def test_a_version_without_tiles_is_waited_for() -> None:
    deck = Deck(RATE, LENGTH)
    lay(deck, "before", sine())
    deck.play()
    heard = [play(deck, RATE)]
    deck.set_version("accepted")
    heard.append(play(deck, RATE))
    assert (deck.status.position, deck.status.state) == (RATE, "buffering")
    deck.set_version("before")
    heard.append(play(deck, RATE))
    assert clicks(np.concatenate(heard, axis=1)) == 0
    assert deck.status.position == 2 * RATE


@pytest.mark.parametrize("at", [RATE, 4 * RATE + 100, 4 * RATE - 100])
def test_a_replaced_tile_is_gone_over_to(at: int) -> None:
    deck, audio = make_deck(), sine()
    heard = [play(deck, at)]
    lay(deck, "before", 0.25 * audio, revision=1)
    heard.append(play(deck, RATE))
    assert clicks(np.concatenate(heard, axis=1)) == 0
    np.testing.assert_allclose(heard[1][:, 1_000:], 0.25 * audio[:, at + 1_000 : at + RATE], atol=1e-6)
    assert deck.revision("before", 0) == 1


def test_the_song_ends() -> None:
    deck = make_deck()
    deck.seek(LENGTH - RATE)
    heard = play(deck, 2 * RATE)
    assert clicks(heard) == 0
    assert not heard[:, RATE + FADE :].any()
    assert (deck.status.position, deck.status.state) == (LENGTH, "paused")
    deck.play()
    play(deck, 480)
    assert deck.status.position == 480


def test_nothing_leaves_the_scale() -> None:
    deck = make_deck(sine(amplitude=1.5))
    heard = play(deck, RATE)
    assert np.abs(heard).max() == 1.0
    assert deck.num_clipped > 1_000
    left, right = deck.take_peaks()
    assert left == pytest.approx(1.5, abs=0.01)
    assert right == pytest.approx(1.5, abs=0.01)
    assert deck.take_peaks() == (0.0, 0.0)


def test_levels_are_those_at_the_position() -> None:
    deck = make_deck()
    found = deck.levels_db(5 * RATE + round(2.5 * LEVEL_STEP_S * RATE))
    assert found is not None
    assert found.tolist() == [100.0 + 22.0]
    assert Deck(RATE, LENGTH).levels_db(0) is None


def test_what_lies_far_away_is_dropped() -> None:
    deck = Deck(RATE, 100 * 4 * RATE, ("before",))
    silence = np.zeros((2, 10), np.float32)
    for number in range(100):
        deck.put("before", number, 0, Tile(0, silence, silence))
    assert [n for n in range(100) if deck.revision("before", n) == 0] == list(range(MOST_TILES))


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_anybody_does_clicks(seed: int) -> None:
    rng, audio = np.random.default_rng(seed), sine(60.0, 0.3)
    deck, heard = Deck(RATE, LENGTH), []
    commands: list[Callable[[], None]] = [
        deck.play,
        deck.play,
        deck.pause,
        lambda: deck.seek(int(rng.integers(0, LENGTH + 1))),
        lambda: deck.seek(int(rng.integers(0, 5)) * deck.tile_samples + int(rng.integers(-600, 600))),
        lambda: deck.set_version(VERSIONS[rng.integers(3)]),
        lambda: deck.set_gains({VERSIONS[rng.integers(3)]: float(rng.uniform(-6.0, 3.0))}),
        lambda: deck.set_volume(float(rng.uniform(0.0, 1.0)), bool(rng.random() < 0.2)),
        lambda: deck.set_loop(None),
        lambda: deck.set_loop((first := int(rng.integers(0, LENGTH - 5_000)), first + int(rng.integers(4_800, 5_000)))),
        lambda: lay(deck, VERSIONS[rng.integers(3)], audio * np.float32(rng.uniform(0.5, 1.0)), [rng.integers(5)]),
        lambda: lay(deck, VERSIONS[rng.integers(3)], audio * np.float32(rng.uniform(0.5, 1.0)), [rng.integers(5)]),
    ]
    for _ in range(600):
        commands[rng.integers(len(commands))]()
        heard.append(deck.read(int(rng.integers(1, 2_000))).T)
    found = np.concatenate(heard, axis=1)
    assert np.abs(found).max() > 0.1
    assert np.abs(np.diff(found.astype(np.float64), n=2)).max() < 5e-4


def test_reading_on_a_thread_of_its_own() -> None:
    deck, audio, blocks, is_over = make_deck(), sine(60.0, 0.3), [], threading.Event()

    def read() -> None:
        while not is_over.is_set():
            blocks.append(deck.read(128))

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(300):
        deck.set_version(VERSIONS[turn % 3])
        deck.seek(turn * 2_000)
        lay(deck, VERSIONS[turn % 3], audio, [turn % 5], revision=turn)
    is_over.set()
    reader.join(5.0)
    assert not reader.is_alive()
    assert np.abs(np.diff(np.concatenate(blocks).astype(np.float64), n=2, axis=0)).max() < 5e-4


def test_reading_takes_a_small_share_of_the_time(show: Callable[[str], None]) -> None:
    deck = make_deck()
    times = []
    for _ in range(300):
        began = time.perf_counter()
        deck.read(960)
        times.append(time.perf_counter() - began)
    show(f"deck: {1e6 * float(np.median(times)):.0f} us (median) for 20 ms of sound")
    assert np.median(times) < 0.002


def test_what_is_asked_for_first() -> None:
    deck = Deck(RATE, LENGTH)
    revisions = dict.fromkeys(VERSIONS, 0)
    deck.play()
    asked = []
    while (ask := next_ask(deck, revisions)) is not None:
        assert (ask.start, ask.length) == (ask.number * 4 * RATE, 4 * RATE + round(OVERLAP_S * RATE))
        asked.append((ask.version, ask.number))
        lay(deck, ask.version, sine(), [ask.number])
    assert asked[:4] == [("before", 0), ("proposed", 0), ("accepted", 0), ("before", 1)]
    assert sorted(asked) == sorted((v, n) for v in VERSIONS for n in range(5))


def test_a_changed_mix_is_asked_for_again_from_the_position_on() -> None:
    deck = make_deck()
    deck.seek(9 * RATE)
    ask = next_ask(deck, {"before": 1, "proposed": 0, "accepted": 0})
    assert ask is not None
    assert (ask.version, ask.number, ask.revision) == ("before", 2, 1)
    assert next_ask(deck, {"proposed": 0}) is None


def test_the_next_tile_comes_before_the_other_versions_where_it_is_near() -> None:
    deck = Deck(RATE, LENGTH)
    deck.seek(3 * RATE)
    lay(deck, "before", sine(), [0])
    ask = next_ask(deck, dict.fromkeys(VERSIONS, 0))
    assert ask is not None
    assert (ask.version, ask.number) == ("before", 1)


def test_turns_go_round_a_loop_and_no_further_than_they_should() -> None:
    deck = Deck(RATE, 100 * RATE)
    assert list(turns(deck, deck.status, AHEAD_PAUSED_S)) == [(0, 0.0), (1, TILE_S)]
    assert [n for n, _ in turns(deck, deck.status, AHEAD_S)] == list(range(6))
    deck.set_loop((6 * RATE, 14 * RATE))
    deck.seek(13 * RATE)
    assert list(turns(deck, deck.status, AHEAD_S)) == [(3, 0.0), (1, 1.0), (2, 3.0)]
    deck.seek(20 * RATE)
    assert [n for n, _ in turns(deck, deck.status, 5.0)] == [5, 6]
