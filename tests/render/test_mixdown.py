"""The sum of the strips and the reverb: independent of order and threads, complete in its stems, cancellable."""

import math
from dataclasses import replace

import numpy as np
import pytest

from assistant.audio.reading import load_track
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.tasks import Cancelled
from render.engine import FaustProgram, RenderError
from render.mixdown import REVERB_STEM, RenderOptions, render_premaster, render_reverb

RATE = 44_100


def track(name: str, num_channels: int, seconds: float, seed: int, start_s: float = 0.0) -> Track:
    audio = np.random.default_rng(seed).standard_normal((num_channels, int(seconds * RATE))).astype(np.float32) * 0.1
    return Track(name, None, audio, num_channels, RATE, audio.shape[1], start_s)


@pytest.fixture(scope="module")
def session() -> Session:
    tracks = (track("a", 1, 1.0, 1), track("b", 2, 1.5, 2), track("c", 2, 0.5, 3, start_s=0.75), track("d", 1, 1.0, 4))
    return Session(tracks, RATE)


@pytest.fixture(scope="module")
def mix(session: Session) -> Mix:
    rng = np.random.default_rng(5)
    settings = [
        ChannelSettings(pan=rng.uniform(-1, 1), fader_db=rng.uniform(-12, 0), peak2_gain_db=4, comp_ratio=2, send_db=-9)
        for _ in session.tracks
    ]
    channels = tuple(ChannelMix(t.name, s) for t, s in zip(session.tracks, settings, strict=True))
    return Mix(channels, BusSettings(reverb_decay_s=0.5))


def test_twice_is_bit_identical_with_any_number_of_threads(session: Session, mix: Mix) -> None:
    once = render_premaster(session, mix, load_track, RenderOptions(num_threads=1))
    np.testing.assert_array_equal(render_premaster(session, mix, load_track, RenderOptions(num_threads=1)), once)
    np.testing.assert_array_equal(render_premaster(session, mix, load_track, RenderOptions(num_threads=3)), once)


def test_order_of_tracks_changes_nothing(session: Session, mix: Mix) -> None:
    once = render_premaster(session, mix, load_track)
    turned = replace(session, tracks=session.tracks[::-1])
    np.testing.assert_array_equal(render_premaster(turned, mix, load_track), once)


def test_stems_add_up_to_the_mix(session: Session, mix: Mix) -> None:
    stems: dict[str, np.ndarray] = {}
    options = RenderOptions(on_stem=lambda name, audio: stems.update({name: audio.copy()}))
    premaster = render_premaster(session, mix, load_track, options)
    assert stems.keys() == {"a", "b", "c", "d", REVERB_STEM}
    total = np.sum(list(stems.values()), axis=0, dtype=np.float64)
    assert 20 * math.log10(np.abs(total - premaster).max() / np.abs(premaster).max()) < -120
    assert not np.any(stems["c"][:, : int(0.75 * RATE)])
    assert np.any(stems["c"][:, int(0.75 * RATE) :])


def test_neutral_channels_are_the_plain_sum() -> None:
    tracks = (track("x", 2, 1.0, 7), track("y", 2, 0.6, 8, start_s=0.2))
    neutral = Mix((ChannelMix("x"), ChannelMix("y")))
    output = render_premaster(Session(tracks, RATE), neutral, load_track)
    expected = tracks[0].audio.copy()
    first = round(0.2 * RATE)
    expected[:, first : first + tracks[1].num_samples] += tracks[1].audio
    np.testing.assert_array_equal(output, expected)


@pytest.mark.parametrize(
    ("num_samples", "rate", "start_s", "expected"),
    [(13, 44_100, 0.0, 13), (10_000, 44_100, 0.1, 14_410), (24_001, 24_000, 0.0, 44_102), (1, 96_000, 3.0, 132_300)],
)
def test_the_mix_ends_with_the_last_sample(num_samples: int, rate: int, start_s: float, expected: int) -> None:
    audio = np.ones((2, num_samples), np.float32)
    last = Track("x", None, audio, 2, rate, num_samples, start_s)
    output = render_premaster(Session((last,), 44_100), Mix((ChannelMix("x"),)), load_track)
    assert output.shape == (2, expected)


def test_the_reverb_rings_past_the_end(session: Session, mix: Mix) -> None:
    output = render_premaster(session, mix, load_track)
    end = int(1.5 * RATE)
    assert output.shape[1] > end + 0.5 * RATE
    tail_db = [20 * math.log10(np.abs(output[:, end + s : end + s + 2_000]).max()) for s in (2_000, 22_000)]
    assert tail_db[0] > -60
    assert tail_db[1] < tail_db[0] - 30
    dry = replace(mix, channels=tuple(replace(c, settings=c.settings.with_values(send_db=-60)) for c in mix.channels))
    assert render_premaster(session, dry, load_track).shape[1] == end


def test_the_reverb_in_stretches_is_the_reverb_in_one() -> None:
    rate = 44_100
    send = np.random.default_rng(9).standard_normal((2, 130 * rate)).astype(np.float32) * 0.1
    send[:, 60 * rate : 120 * rate] = 0.0
    settings = BusSettings(reverb_decay_s=3.0)
    program = FaustProgram("reverb.dsp", "process", 2, rate)
    program.set_controls(settings)
    whole = program.render(send, send.shape[1])
    parts = render_reverb(send, settings, rate, num_threads=2)
    np.testing.assert_array_equal(parts, render_reverb(send, settings, rate, num_threads=1))
    assert 20 * math.log10(np.abs(parts - whole).max() / np.abs(whole).max()) < -110


def test_progress_reaches_one_and_never_falls(session: Session, mix: Mix) -> None:
    heard: list[float] = []
    render_premaster(session, mix, load_track, RenderOptions(progress=lambda share, what: heard.append(share)))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_cancelling_stops_the_work(session: Session, mix: Mix) -> None:
    loaded: list[str] = []

    def load(track: Track, rate: int) -> np.ndarray:
        loaded.append(track.name)
        return load_track(track, rate)

    options = RenderOptions(num_threads=1, is_cancelled=lambda: len(loaded) >= 2)
    with pytest.raises(Cancelled):
        render_premaster(session, mix, load, options)
    assert len(loaded) == 2


def test_a_mix_of_another_session_is_refused(session: Session, mix: Mix) -> None:
    other = replace(mix, channels=(*mix.channels[1:], ChannelMix("z")))
    with pytest.raises(ValueError, match="tracks without settings: a; unknown: z"):
        render_premaster(session, other, load_track)


def test_a_track_that_is_not_finite_is_named(session: Session, mix: Mix) -> None:
    def load(track: Track, rate: int) -> np.ndarray:
        audio = track.audio.copy()
        if track.name == "b":
            audio[0, 100] = np.nan
        return audio

    with pytest.raises(RenderError, match=r"track 'b'.*not finite"):
        render_premaster(session, mix, load)
