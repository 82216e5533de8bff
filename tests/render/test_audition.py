"""Stretches to listen to: equal to the whole render, cheap where only levels change, bounded in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from bench_session import RATE, SECONDS, make_mix, make_session

from assistant.arrays import FloatArray
from assistant.audio.excerpts import load_excerpts
from assistant.audio.reading import load_track
from assistant.mix import BusSettings, ChannelSettings, Mix, Session, Track
from assistant.tasks import Cancelled
from render import audition as audition_module
from render.audition import LEVEL_STEP_S, OVERLAP_S, TILE_S, Audition, strip_lead_in
from render.mixdown import render_premaster

TILE = round(TILE_S * RATE)
LENGTH = TILE + round(OVERLAP_S * RATE)
SLOW = ChannelSettings(
    comp_threshold_db=-40.0, comp_ratio=8.0, comp_release_ms=1_000.0, highpass_on=1.0, peak1_hz=60.0, peak1_q=6.0,
    peak1_gain_db=9.0, send_db=-6.0, fader_db=-3.0,
)  # fmt: skip
WET = replace(
    make_mix(
        drone=ChannelSettings(fader_db=-4.0, pan=0.3),
        noise=SLOW,
        clicks=ChannelSettings(comp_threshold_db=-30.0, comp_ratio=4.0, send_db=0.0),
    ),
    reverb=BusSettings(reverb_decay_s=4.0),
)


class Reading:
    """Brings pieces, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, track: Track, rate: int, spans: Sequence[tuple[int, int]]) -> list[FloatArray]:
        self.count += len(spans)
        return load_excerpts(track, rate, spans)


@pytest.fixture(scope="module")
def session() -> Session:
    return make_session()


@pytest.fixture
def reading() -> Reading:
    return Reading()


@pytest.fixture
def audition(session: Session, reading: Reading) -> Audition:
    return Audition(session, reading)


@pytest.fixture(scope="module")
def whole(session: Session) -> FloatArray:
    return render_premaster(session, WET, load_track)


def difference_db(heard: FloatArray, whole: FloatArray, start: int) -> float:
    """Of a stretch to the whole render, relative to all of that."""
    wanted = np.zeros_like(heard)
    piece = whole[:, start : start + heard.shape[1]]
    wanted[:, : piece.shape[1]] = piece
    power = np.square(heard.astype(np.float64) - wanted).mean() / np.square(whole.astype(np.float64)).mean()
    return 10.0 * float(np.log10(power + 1e-30))


@pytest.mark.parametrize("number", range(4))
def test_tiles_are_the_whole_render(
    number: int, audition: Audition, whole: FloatArray, show: Callable[[str], None]
) -> None:
    heard, _ = audition.tile(WET, None, number * TILE, LENGTH)
    assert heard.shape == (2, LENGTH)
    assert heard.dtype == np.float32
    found_db = difference_db(heard, whole, number * TILE)
    show(f"audition: tile {number} against the whole render {found_db:.1f} dB of the mix")
    assert found_db < -75.0


@pytest.mark.parametrize("threads", [1, 2])
def test_a_stretch_may_lie_anywhere(threads: int, session: Session, reading: Reading, whole: FloatArray) -> None:
    start, length = TILE - 12_345, 2 * TILE - 1_000
    heard, levels_db = Audition(session, reading, threads).tile(WET, None, start, length)
    assert difference_db(heard, whole, start) < -75.0
    assert levels_db.shape == (3, -(-length // round(LEVEL_STEP_S * RATE)))


def test_neighbours_share_their_overlap(audition: Audition) -> None:
    first, _ = audition.tile(WET, None, TILE, LENGTH)
    second, _ = audition.tile(WET, None, 2 * TILE, LENGTH)
    assert np.abs(first[:, TILE:] - second[:, : LENGTH - TILE]).max() < 1e-4 * np.abs(first).max()


def test_only_the_audible_sound(audition: Audition, session: Session) -> None:
    alone, levels_db = audition.tile(WET, {"clicks"}, 0, LENGTH)
    silenced = replace(session, tracks=tuple(replace(t, audio=t.audio * (t.name == "clicks")) for t in session.tracks))
    assert difference_db(alone, render_premaster(silenced, WET, load_track), 0) < -75.0
    assert np.isneginf(levels_db[:2]).all()
    assert np.isfinite(levels_db[2, 0])
    nothing, levels_db = audition.tile(WET, (), 0, LENGTH)
    assert not nothing.any()
    assert np.isneginf(levels_db).all()


def test_levels_are_the_peaks_behind_the_fader(audition: Audition, session: Session) -> None:
    mix = make_mix(noise=ChannelSettings(fader_db=-6.0))
    _, levels_db = audition.tile(mix, None, TILE, LENGTH)
    step = round(LEVEL_STEP_S * RATE)
    noise = np.abs(session.track("noise").audio[:, TILE : TILE + LENGTH]).max(axis=0)
    peaks = [noise[i : i + step].max() for i in range(0, LENGTH, step)]
    np.testing.assert_allclose(levels_db[1], 20.0 * np.log10(peaks) - 6.0, atol=1e-3)


def test_moving_a_fader_reads_and_renders_no_strip(
    audition: Audition, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    audition.tile(WET, None, TILE, LENGTH)
    count, rendered = reading.count, []
    behind_strip = Audition._behind_strip

    def counting(self: Audition, strips: object, name: str, *rest: object) -> FloatArray | None:
        rendered.append(name)
        return behind_strip(self, strips, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Audition, "_behind_strip", counting)
    moved = make_mix(**{c.name: c.settings.with_values(fader_db=-9.0) for c in WET.channels})
    audition.tile(moved, {"noise", "drone"}, TILE, LENGTH)
    assert (reading.count, rendered) == (count, [])
    audition.tile(make_mix(**{**_settings(WET), "drone": ChannelSettings(trim_db=3.0)}), None, TILE, LENGTH)
    assert set(rendered) == {"drone"}
    assert reading.count == count


def _settings(mix: Mix) -> dict[str, ChannelSettings]:
    return {c.name: c.settings for c in mix.channels}


def test_the_tracks_order_does_not_count(audition: Audition, reading: Reading) -> None:
    turned = replace(WET, channels=tuple(reversed(WET.channels)))
    other = Audition(make_session((2, 0, 1)), reading)
    heard, levels_db = audition.tile(WET, None, TILE, LENGTH)
    heard_turned, levels_turned = other.tile(turned, None, TILE, LENGTH)
    assert np.array_equal(heard, heard_turned)
    assert np.array_equal(levels_db, levels_turned[::-1])


def test_behind_the_end_the_reverb_rings_and_then_nothing_does(audition: Audition, whole: FloatArray) -> None:
    tail, _ = audition.tile(WET, None, SECONDS * RATE + RATE // 2, RATE)
    assert difference_db(tail, whole, SECONDS * RATE + RATE // 2) < -75.0
    assert np.abs(tail).max() > 1e-4
    assert not audition.tile(WET, None, 100 * RATE, RATE)[0].any()


def test_a_tracks_place_on_the_time_line(session: Session, reading: Reading) -> None:
    late = replace(session, tracks=tuple(replace(t, start_s=1.5) for t in session.tracks))
    heard, _ = Audition(late, reading).tile(WET, None, TILE, LENGTH)
    assert difference_db(heard, render_premaster(late, WET, load_track), TILE) < -75.0


def test_memory_is_bounded(session: Session, reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audition_module, "_STRIP_BYTES", 3_000_000)
    audition = Audition(session, reading)
    for number in range(3):
        audition.tile(WET, None, number * TILE, LENGTH)
    kept = [sound.nbytes for sound in audition._placed._sounds.values() if sound is not None]
    assert sum(kept) == audition._placed._num_bytes <= 3_000_000


def test_several_threads_may_ask_at_once(audition: Audition, session: Session) -> None:
    longer = replace(WET, reverb=BusSettings(reverb_decay_s=1.0))
    wanted = [(mix, number) for mix in (WET, longer) for number in (0, 1, 1)]
    alone = [Audition(session).tile(mix, None, number * TILE, LENGTH)[0] for mix, number in wanted]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda row: audition.tile(row[0], None, row[1] * TILE, LENGTH)[0], wanted))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)
    kept = [sound.nbytes for sound in audition._placed._sounds.values() if sound is not None]
    assert sum(kept) == audition._placed._num_bytes


def test_a_lead_in_is_as_long_as_the_strip_needs() -> None:
    assert strip_lead_in(ChannelSettings(), RATE) == 0
    assert strip_lead_in(ChannelSettings(comp_ratio=2.0, comp_release_ms=100.0), RATE) == pytest.approx(
        0.6 * RATE, abs=1
    )
    assert strip_lead_in(SLOW, RATE) > 6.0 * RATE


def test_other_tracks_and_places_are_refused(audition: Audition) -> None:
    with pytest.raises(ValueError, match="tracks differ"):
        audition.tile(Mix(WET.channels[1:]), None, 0, 10)
    with pytest.raises(ValueError, match="start=-1"):
        audition.tile(WET, None, -1, 10)


def test_cancelling(audition: Audition) -> None:
    with pytest.raises(Cancelled):
        audition.tile(WET, None, 0, LENGTH, is_cancelled=lambda: True)


def test_the_deck_asks_for_the_tiles_that_are_kept() -> None:
    from gui.playback import deck

    assert (deck.TILE_S, deck.OVERLAP_S, deck.LEVEL_STEP_S) == (TILE_S, OVERLAP_S, LEVEL_STEP_S)
