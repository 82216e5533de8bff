"""What a proposal costs: what must not cost anything does not, what is wrong does."""

import numpy as np
import pytest
import torch
from scipy import signal
from training.conftest import make_example

from assistant.console.parameters import pack_settings, to_unit
from assistant.controller.network import TASKS, Proposal
from assistant.engineers.filtering import response_db
from assistant.engineers.role_table import ROLES
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, CHANNEL_PARAMS
from assistant.training.batches import collate
from assistant.training.objective import (
    CURVE_HZ,
    Weights,
    curve_db,
    mix_loss,
    proposal_loss,
    whole_loss,
    widen,
    with_levels,
)
from assistant.training.playing import staged_strips

NAMES = TASKS["full"]
COLUMNS = [p.name for p in CHANNEL_PARAMS]


def known(tracks=4, **changed):
    """Targets of one session, and a proposal that says just that; ``changed`` positions of all its tracks."""
    _, targets = collate([make_example(tracks=tracks)])
    fader = BY_NAME["fader_db"]
    faders = targets.positions[..., COLUMNS.index("fader_db")]
    targets = targets._replace(level_db=faders * (fader.high - fader.low) + fader.low)
    positions = targets.positions[..., [COLUMNS.index(name) for name in NAMES]].clone()
    for name, value in changed.items():
        positions[..., NAMES.index(name)] = value
    roles = 50.0 * torch.nn.functional.one_hot(targets.roles, len(ROLES)).float()
    return Proposal(positions, roles, torch.ones(1, tracks), targets.reverb.clone()), targets


def parts(proposal, targets, is_stereo=True):
    shape = proposal.positions.shape[:2]
    return proposal_loss(proposal, NAMES, targets, torch.full(shape, is_stereo))


def test_the_engineers_own_settings_cost_nothing() -> None:
    costs = parts(*known())
    for name in ("positions", "level", "curve", "reverb"):
        assert float(costs[name]) < 1e-3, name
    assert float(costs["doubt"]) == pytest.approx(np.log(2.0), abs=0.01)


def test_levels_ignore_a_common_gain() -> None:
    """All faders 6 dB up cost nothing; one of them, and the median stays with the others."""
    proposal, targets = known(tracks=5)
    column, travel = NAMES.index("fader_db"), BY_NAME["fader_db"].high - BY_NAME["fader_db"].low
    louder = proposal.positions.clone()
    louder[..., column] += 6.0 / travel
    assert float(parts(proposal._replace(positions=louder), targets)["level"]) < 1e-3
    one = proposal.positions.clone()
    one[:, 0, column] += 6.0 / travel
    assert float(parts(proposal._replace(positions=one), targets)["level"]) == pytest.approx((6.0 - 0.5) / 5, abs=0.02)


def test_a_mono_track_may_stand_on_either_side() -> None:
    """As far from the middle; for a stereo track the side is known."""
    proposal, targets = known(pan=0.3)
    column = COLUMNS.index("pan")
    targets.positions[..., column] = 0.7
    assert float(parts(proposal, targets, is_stereo=False)["positions"]) < 1e-4
    assert float(parts(proposal, targets, is_stereo=True)["positions"]) > 0.01
    targets.positions[..., column] = 0.9
    assert float(parts(proposal, targets, is_stereo=False)["positions"]) > 0.005


def test_unknown_settings_cost_nothing() -> None:
    proposal, targets = known(comp_ratio=1.0, peak1_gain_db=1.0)
    targets.known[...] = False
    costs = parts(proposal, targets._replace(has_level=torch.zeros_like(targets.has_level)))
    assert float(costs["positions"]) == float(costs["curve"]) == float(costs["level"]) == float(costs["doubt"]) == 0.0


@pytest.mark.parametrize(
    "settings",
    [
        {"highpass_on": 1.0, "highpass_hz": 120.0},
        {"low_shelf_gain_db": 6.0, "low_shelf_hz": 150.0, "high_shelf_gain_db": -5.0, "high_shelf_hz": 6_000.0},
        {"peak1_gain_db": -8.0, "peak1_hz": 300.0, "peak1_q": 2.0, "peak3_gain_db": 4.0, "peak3_hz": 3_000.0},
    ],
)
def test_curves_are_those_of_the_filters(settings) -> None:
    """Within 0.5 dB of the analogue prototypes below 10 kHz, where they are not 40 dB down."""
    hz = np.array(CURVE_HZ)
    expected = response_db(settings, hz)
    found = curve_db(pack_settings([ChannelSettings(settings)]))[0].numpy()
    inside = (hz < 10_000.0) & (expected > -40.0)
    assert np.abs(found - expected)[inside].max() < 0.5
    assert np.abs(expected).max() > 3.0


def test_curves_have_gradients() -> None:
    rows = pack_settings([ChannelSettings({"highpass_on": 1.0, "peak2_gain_db": 5.0, "high_shelf_gain_db": -3.0})])
    rows.requires_grad_()
    curve_db(rows)[0, 8:20].sum().backward()
    for name in ("peak2_gain_db", "peak2_hz", "peak2_q", "high_shelf_gain_db", "highpass_hz"):
        slope = float(rows.grad[0, COLUMNS.index(name)])
        assert np.isfinite(slope), name
        assert slope != 0.0, name


def scene():
    """Noise (1, N, 2, X) of three colours, all stereo."""
    noise = np.random.default_rng(0).standard_normal((3, 2, 8192))
    coloured = [signal.lfilter([0.1], [1.0, -pole], one) for one, pole in zip(noise, (0.9, 0.0, -0.8), strict=True)]
    return torch.from_numpy(np.stack(coloured)[None]).float(), torch.ones(1, 3).bool()


def test_the_engineers_own_mix_costs_nothing() -> None:
    """Nor does it at another gain; another balance does, and says which way."""
    audio, is_stereo = scene()
    rows = [{"fader_db": -3.0, "pan": -0.4}, {"fader_db": -9.0, "peak1_gain_db": 6.0}, {"fader_db": -6.0, "pan": 0.5}]
    settings = pack_settings([ChannelSettings(row) for row in rows])[None]
    mixes = staged_strips(audio, settings, is_stereo, 44_100).sum(1)
    assert float(mix_loss(settings, audio, mixes, is_stereo, is_stereo)) < 1e-3
    fader = COLUMNS.index("fader_db")
    louder = settings.clone()
    louder[..., fader] += 5.0
    assert float(mix_loss(louder, audio, mixes, is_stereo, is_stereo)) < 1e-3
    wrong = settings.clone()
    wrong[0, 0, fader] -= 8.0
    wrong.requires_grad_()
    loss = mix_loss(wrong, audio, mixes, is_stereo, is_stereo).sum()
    loss.backward()
    assert loss.item() > 0.1
    assert float(wrong.grad[0, 0, fader]) < 0.0


def test_padding_is_not_mixed() -> None:
    audio, is_stereo = scene()
    settings = pack_settings([ChannelSettings()] * 3)[None]
    is_active = torch.tensor([[True, True, False]])
    mixes = staged_strips(audio, settings, is_stereo, 44_100)[:, :2].sum(1)
    assert float(mix_loss(settings, audio, mixes, is_stereo, is_active)) < 1e-3


def test_the_worst_share_is_learnt_from() -> None:
    costs = {"positions": torch.tensor([1.0, 2.0, 3.0, 10.0]), "level": torch.tensor([0.0, 0.0, 5.0, 0.0])}
    weights = Weights(positions=1.0, level=2.0)
    assert float(whole_loss(costs, weights)) == pytest.approx((1 + 2 + 13 + 10) / 4)
    assert float(whole_loss(costs, Weights(positions=1.0, level=2.0, worst_share=0.5))) == pytest.approx(11.5)


def test_a_part_of_the_strip_becomes_a_whole_one() -> None:
    positions = torch.tensor([[[0.1, 0.9], [0.5, 0.5]]])
    whole = widen(positions, TASKS["basic"])
    defaults = to_unit(pack_settings([ChannelSettings()]))[0]
    for index, name in enumerate(COLUMNS):
        expected = (
            positions[..., TASKS["basic"].index(name)] if name in TASKS["basic"] else defaults[index].expand(1, 2)
        )
        assert torch.equal(whole[..., index], expected), name


def test_known_levels_take_the_faders_place() -> None:
    """4 dB below them, where the typical track stands; unknown ones stay as proposed."""
    _, targets = collate([make_example(tracks=3)])
    targets = targets._replace(level_db=torch.tensor([[2.0, -5.0, 0.0]]), has_level=torch.tensor([[True, True, False]]))
    settings = pack_settings([ChannelSettings({"fader_db": -20.0})] * 3)[None]
    levelled = with_levels(settings, targets)
    fader = COLUMNS.index("fader_db")
    assert levelled[0, :, fader].tolist() == [-2.0, -9.0, -20.0]
    others = [i for i in range(len(COLUMNS)) if i != fader]
    assert torch.equal(levelled[..., others], settings[..., others])
