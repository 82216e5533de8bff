"""The goals' laws, and their gradients through the console against finite differences."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from refinement.conftest import RATE, part
from torch import Tensor

from assistant.analysis.loudness import integrated_loudness
from assistant.analysis.peaks import true_peak_dbtp
from assistant.analysis.reference import BANDS_HZ, MIX_SPECTRUM_DB, USUAL, VOCAL_OVER_REST_LU, Reference
from assistant.analysis.spectrum import third_octave_levels
from assistant.console.console import mix as console_mix
from assistant.console.parameters import pack_settings
from assistant.mix import BusSettings, ChannelSettings
from assistant.params import CHANNEL_NAMES, REVERB_PARAMS
from assistant.refinement.goals import GOALS, Cast, cast_of, goal_called, lead_over_rest, masked_db, tone_deviations
from assistant.refinement.passages import Passage
from assistant.refinement.rendering import LEAD_IN_S, Levels, join, prepare, render

NAMES = ("drums", "low", "pad", "singer")
ROLES = ("drum loop", "bass", "pad", "lead vocal")
#: Everything works: EQ, compressors, sends; the vocal is buried, so that no goal rests.
SETTINGS = {
    "drums": {"peak1_gain_db": 2.0, "send_db": -20.0, "fader_db": 6.0},
    "low": {"low_shelf_gain_db": -2.0, "fader_db": 9.0},
    "pad": {"peak2_gain_db": 3.0, "comp_ratio": 3.0, "comp_threshold_db": -24.0, "pan": 0.3, "fader_db": 6.0},
    "singer": {"peak3_gain_db": -2.0, "comp_ratio": 2.0, "comp_threshold_db": -30.0, "send_db": -10.0, "pan": -0.2},
}
STEP_DB = 1e-4
BUS = pack_settings([BusSettings(reverb_decay_s=0.5)], REVERB_PARAMS, torch.float64)


def passage(seconds: float = 1.6) -> Passage:
    """The start of the toy song in double precision."""
    rows = [part(name)[:, : round(seconds * RATE)].astype(np.float64) for name in NAMES]
    starts = torch.from_numpy(np.cumsum([0, *(len(row) for row in rows)]))
    return Passage(0.0, torch.arange(len(NAMES)), torch.from_numpy(np.concatenate(rows)), starts)


def values() -> Tensor:
    settings = [ChannelSettings(SETTINGS[name]) for name in NAMES]
    return torch.tensor([[s[name] for name in CHANNEL_NAMES] for s in settings], dtype=torch.float64)


def levels_of(settings: Tensor, moving: tuple[bool, ...] = (True, True, True, True)) -> Levels:
    return render(prepare(passage(), settings.detach(), torch.tensor(moving), RATE), settings, BUS)


@pytest.fixture(scope="module")
def heard() -> tuple[Levels, Cast]:
    levels = levels_of(values())
    return levels, cast_of(ROLES, levels)


@pytest.fixture(scope="module")
def nudged() -> dict[tuple[int, int], tuple[Levels, Levels]]:
    """The levels with one setting a little higher and a little lower, by its place among the settings."""
    found = {}
    for track, name in ((3, "fader_db"), (0, "fader_db"), (2, "peak2_gain_db"), (3, "peak3_gain_db"), (3, "send_db")):
        place = (track, CHANNEL_NAMES.index(name))
        ends = []
        for sign in (1.0, -1.0):
            moved = values()
            moved[place] += sign * STEP_DB
            with torch.no_grad():
                ends.append(levels_of(moved))
        found[place] = (ends[0], ends[1])
    return found


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("kind", ["measure", "loss"])
def test_gradients_agree_with_finite_differences(
    goal: str, kind: str, heard: tuple[Levels, Cast], nudged: dict[tuple[int, int], tuple[Levels, Levels]]
) -> None:
    function, cast = getattr(GOALS[goal], kind), heard[1]
    if goal == "focus":
        cast = cast_of(ROLES, heard[0], focus=2)
    start = values().requires_grad_()
    function(levels_of(start), cast).backward()
    assert start.grad is not None
    for place, (higher, lower) in nudged.items():
        slope = float(function(higher, cast) - function(lower, cast)) / (2.0 * STEP_DB)
        assert float(start.grad[place]) == pytest.approx(slope, rel=2e-3, abs=2e-5)


def test_every_goal_presses_on_the_toy(heard: tuple[Levels, Cast]) -> None:
    losses = {name: float(goal.loss(*heard)) for name, goal in GOALS.items()}
    assert losses["vocal"] > 1.0
    assert losses["masking"] > 0.1
    assert losses["tone"] > 0.1
    assert all(goal.missing(heard[1]) == "" for name, goal in GOALS.items() if name != "focus")
    assert GOALS["focus"].missing(heard[1]) == "no track was named that is to come forward"


def test_levels_are_those_of_the_console_and_the_meters(heard: tuple[Levels, Cast]) -> None:
    """True peak within 0.1 dB; loudness and bands as near as two ways to weigh the ends of a swelling second can be."""
    piece, settings = passage(), values()
    audio = torch.zeros(1, len(NAMES), 2, piece.signals.shape[-1], dtype=torch.float64)
    for row, (first, last) in enumerate(zip(piece.row_starts[:-1], piece.row_starts[1:], strict=True)):
        audio[0, row, : last - first] = piece.signals[first:last]
    stereo = piece.is_stereo[None]
    whole = console_mix(audio, settings[None], BUS, 0.0, RATE, is_stereo=stereo)[0].numpy()
    mixed = whole[:, round(LEAD_IN_S * RATE) :]
    levels = heard[0]
    loudness = 10.0 * np.log10(float(levels.mix[:, -1].mean()))
    assert loudness == pytest.approx(integrated_loudness(mixed, RATE), abs=0.3)
    bands = 10.0 * np.log10(levels.mix[:, :-1].mean(dim=0).clamp(min=1e-20).numpy())
    hz, expected = third_octave_levels(mixed, RATE)
    inside = (hz > 150.0) & (hz < 8_000.0)
    # the meter averages the channels, the goals add them
    difference = bands[: len(hz)][inside] - 10.0 * np.log10(2.0) - expected[inside]
    assert abs(difference.mean()) < 0.8
    assert np.abs(difference - difference.mean()).max() < 0.5
    assert 20.0 * np.log10(float(levels.peaks.max())) == pytest.approx(true_peak_dbtp(mixed, RATE), abs=0.1)


@pytest.mark.parametrize("sample_rate", [22_050, 44_100, 48_000])
def test_a_steady_noise_reads_as_on_the_meters(sample_rate: int) -> None:
    noise = 0.1 * torch.randn(2, 6 * sample_rate, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    piece = Passage(0.0, torch.tensor([0]), noise, torch.tensor([0, 2]))
    settings = torch.tensor([[ChannelSettings()[name] for name in CHANNEL_NAMES]], dtype=torch.float64)
    levels = render(prepare(piece, settings, torch.tensor([False]), sample_rate), settings, BUS)
    mixed = noise[:, round(LEAD_IN_S * sample_rate) :].numpy()
    read = 10.0 * torch.log10(levels.mix.mean(dim=0))
    assert float(read[-1]) == pytest.approx(integrated_loudness(mixed, sample_rate), abs=0.02)
    hz, expected = third_octave_levels(mixed, sample_rate)
    difference = read[: len(hz)].numpy() - 10.0 * np.log10(2.0) - expected
    assert np.abs(difference[(hz > 150.0) & (hz < sample_rate / 2.5)]).max() < 0.1


def test_kept_strips_give_the_same_levels(heard: tuple[Levels, Cast]) -> None:
    settings = values()
    settings[3, CHANNEL_NAMES.index("fader_db")] += 2.0
    prepared = prepare(passage(), values(), torch.tensor([False] * 4), RATE)
    for kept, fresh in zip(render(prepared, settings, BUS).parts(), levels_of(settings).parts(), strict=True):
        torch.testing.assert_close(kept, fresh, rtol=1e-8, atol=1e-12)


def test_a_decibel_of_fader_is_a_decibel_of_the_vocal_goal(heard: tuple[Levels, Cast]) -> None:
    levels, cast = heard
    settings = values()
    settings[3, CHANNEL_NAMES.index("fader_db")] += 1.0
    change = lead_over_rest(levels_of(settings), cast) - lead_over_rest(levels, cast)
    assert float(change) == pytest.approx(1.0, abs=1e-6)
    fallen = masked_db(levels, cast) - masked_db(levels_of(settings), cast)
    torch.testing.assert_close(fallen[cast.lead_weights > 0], torch.ones_like(fallen[cast.lead_weights > 0]))


def test_a_mix_with_the_targets_spectrum_has_no_tone_to_mend(heard: tuple[Levels, Cast]) -> None:
    levels, cast = heard
    target = torch.tensor([*MIX_SPECTRUM_DB, 0.0], dtype=torch.float64)
    like = replace(levels, mix=(10.0 ** (target / 10.0)).repeat(3, 1))
    assert float(tone_deviations(like, cast).abs().max()) < 1e-9
    assert float(GOALS["tone"].loss(like, cast)) == 0.0


def test_a_reference_takes_the_place_of_finished_music(heard: tuple[Levels, Cast]) -> None:
    levels, _ = heard
    own_db = (10.0 * levels.mix[:, :-1].sum(dim=0).log10()).tolist()
    song = Reference("a song", tuple(own_db), 3.0)
    cast = cast_of(ROLES, levels, reference=song)
    assert float(tone_deviations(levels, cast).abs().max()) < 1e-9
    gap = Reference("half a song", (*own_db[:15], *[-math.inf] * 15), 3.0)
    assert not bool(cast_of(ROLES, levels, reference=gap).tone_bands[15:].any())
    tilted = Reference("a bright song", tuple(level + 0.8 * k for k, level in enumerate(own_db)), 3.0)
    losses = [
        GOALS["tone"].loss(levels, cast_of(ROLES, levels, reference=r))
        for r in (tilted, replace(tilted, window_db=1.0))
    ]
    assert 0.0 < float(losses[0]) < float(losses[1])


def test_only_the_tone_speaks_of_the_reference() -> None:
    song = Reference("a song", USUAL.levels_db, 3.0)
    assert goal_called("vocal", song) is GOALS["vocal"]
    tone = goal_called("tone", song)
    assert (tone.subject, tone.wanted) == ("the mix's third octaves off a song, on average", "each at most 3")
    assert goal_called("tone", USUAL) == GOALS["tone"]


def test_goals_do_not_hear_the_level(heard: tuple[Levels, Cast]) -> None:
    levels, cast = heard
    louder = Levels(levels.tracks * 100.0, levels.mix * 100.0, levels.peaks * 10.0)
    for goal in GOALS.values():
        assert float(goal.measure(louder, cast)) == pytest.approx(float(goal.measure(levels, cast)), abs=1e-6)


def test_joined_passages_weigh_by_their_frames(heard: tuple[Levels, Cast]) -> None:
    levels, _ = heard
    twice = join([levels, levels])
    assert twice.tracks.shape[1] == 2 * levels.tracks.shape[1]
    again = cast_of(ROLES, twice)
    assert float(lead_over_rest(twice, again)) == pytest.approx(float(lead_over_rest(*heard)), abs=1e-9)


def test_a_solo_leads_where_nobody_sings(heard: tuple[Levels, Cast]) -> None:
    cast = cast_of(("drum loop", "bass", "lead synth", ""), heard[0])
    assert cast.lead.tolist() == [False, False, True, False]
    assert not cast.has_voice
    assert set(cast.stems) == {"drums", "bass", "other"}


def test_a_focus_leads_whatever_it_plays(heard: tuple[Levels, Cast]) -> None:
    levels = heard[0]
    cast = cast_of(ROLES, levels, focus=1)
    assert cast.lead.tolist() == [False, True, False, False]
    assert GOALS["vocal"].missing(cast).startswith("the track that is to come forward")
    assert GOALS["focus"].missing(cast) == ""
    assert float(GOALS["focus"].loss(levels, cast)) == pytest.approx(2.5**2)
    assert float(GOALS["masking"].loss(levels, cast)) > 0.0
    settings = values()
    settings[1, CHANNEL_NAMES.index("fader_db")] += 2.5
    forward = levels_of(settings)
    assert float(lead_over_rest(forward, cast) - lead_over_rest(levels, cast)) == pytest.approx(2.5, abs=1e-6)
    assert float(GOALS["focus"].loss(forward, cast)) == pytest.approx(0.0, abs=1e-9)
    assert float(GOALS["masking"].loss(forward, cast)) == pytest.approx(0.0, abs=1e-9)


def test_the_constants_are_those_of_the_statistics() -> None:
    from pathlib import Path

    file = Path(__file__).parents[3] / "shared" / "data" / "musdb18-statistics" / "musdb18_statistics.npz"
    if not file.exists():
        pytest.skip(f"{file.name} is not there")
    from scipy.signal import freqz_sos

    from assistant.analysis.loudness import k_weighting

    statistics = np.load(file)
    hz = np.arange(32_769) * 44_100 / 65_536
    weights = np.square(np.abs(freqz_sos(k_weighting(44_100), worN=hz, fs=44_100)[1]))
    total = np.zeros(len(hz))
    for stem in ("vocals", "drums", "bass", "other"):
        power = np.square(statistics[f"eq_{stem}"].astype(np.float64))
        total += power / (weights * power).sum() * 10.0 ** (statistics[f"loudness_{stem}"][0] / 10.0)
    centres = np.array(BANDS_HZ)
    inside = [total[(hz >= f * 10.0**-0.05) & (hz < f * 10.0**0.05)].sum() for f in centres]
    np.testing.assert_allclose(10.0 * np.log10(inside / np.sum(inside)), MIX_SPECTRUM_DB, atol=0.4)
    assert pytest.approx(-4.2, abs=0.05) == VOCAL_OVER_REST_LU
