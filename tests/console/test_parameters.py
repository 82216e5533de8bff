"""Settings <-> tensors <-> control positions agree with the table's own scalar functions."""

import math

import pytest
import torch

from assistant.console.parameters import (
    clamp_settings,
    column,
    db_to_gain,
    default_settings,
    from_unit,
    pack_settings,
    to_unit,
    unpack_settings,
)
from assistant.mix import BusSettings, ChannelSettings
from assistant.params import BY_NAME, CHANNEL_PARAMS, MASTER_PARAMS, REVERB_PARAMS

TABLES = [CHANNEL_PARAMS, REVERB_PARAMS, MASTER_PARAMS]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("position", [0.0, 0.25, 0.7, 1.0])
def test_from_unit_matches_the_table(table, position):
    values = from_unit(torch.full((2, len(table)), position, dtype=torch.float64), table)
    for index, param in enumerate(table):
        assert values[1, index].item() == pytest.approx(param.from_unit(position), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("table", TABLES)
def test_to_unit_inverts_from_unit(table):
    positions = torch.rand(50, len(table), dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(to_unit(from_unit(positions, table), table), positions, atol=1e-12)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("position", [0.0, 0.37, 1.0])
def test_travel_is_differentiable_both_ways(table, position):
    positions = torch.full((len(table),), position, dtype=torch.float64, requires_grad=True)
    values = from_unit(positions, table)
    (there,) = torch.autograd.grad(values.sum(), positions, retain_graph=True)
    (round_trip,) = torch.autograd.grad(to_unit(values, table).sum(), positions)
    assert (there > 0).all()
    assert torch.allclose(round_trip, torch.ones_like(round_trip))


def test_positions_and_values_out_of_range_are_clamped_without_gradient():
    positions = torch.tensor([[-3.0] * len(CHANNEL_PARAMS), [7.0] * len(CHANNEL_PARAMS)], requires_grad=True)
    values = from_unit(positions)
    assert values[0].tolist() == pytest.approx([p.low for p in CHANNEL_PARAMS])
    assert values[1].tolist() == pytest.approx([p.high for p in CHANNEL_PARAMS])
    values.sum().backward()
    assert (positions.grad == 0).all()
    assert torch.equal(clamp_settings(values.detach() + 1e6)[0], values[1].detach())
    assert torch.equal(to_unit(values.detach()[1] + 1e6), torch.ones(len(CHANNEL_PARAMS)))


def test_pack_and_unpack_round_trip():
    settings = [ChannelSettings(pan=-0.5, peak2_hz=777.0, highpass_on=1.0), ChannelSettings()]
    packed = pack_settings(settings, dtype=torch.float64)
    assert column(packed, "pan").tolist() == [-0.5, 0.0]
    assert [ChannelSettings(row) for row in unpack_settings(packed)] == settings
    bus = pack_settings([BusSettings(reverb_decay_s=3.0)], REVERB_PARAMS)
    assert column(bus, "reverb_decay_s", REVERB_PARAMS).item() == 3.0


def test_unpacked_float32_ends_of_travel_are_valid_settings():
    for position in (0.0, 0.49, 1.0):
        row = unpack_settings(from_unit(torch.full((1, len(CHANNEL_PARAMS)), position)))[0]
        assert ChannelSettings(row)["highpass_on"] == round(position)


def test_defaults_are_the_tables():
    assert default_settings(3)[2].tolist() == pytest.approx([p.default for p in CHANNEL_PARAMS])


def test_gain_is_off_only_where_the_table_says_so():
    gain_db = torch.tensor([-60.0, -59.0, 0.0, 6.0], dtype=torch.float64, requires_grad=True)
    send = db_to_gain(gain_db, BY_NAME["send_db"])
    assert send.tolist() == pytest.approx([0.0, 10 ** (-59 / 20), 1.0, 10 ** (6 / 20)])
    (grad,) = torch.autograd.grad(send.sum(), gain_db)
    assert grad[0] == 0
    assert grad[2].item() == pytest.approx(math.log(10) / 20)
    assert db_to_gain(gain_db, BY_NAME["fader_db"])[0].item() == pytest.approx(1e-3)


def test_errors_name_the_slip():
    with pytest.raises(ValueError, match=rf"positions has shape \(2, 3\); expected {len(CHANNEL_PARAMS)} columns"):
        from_unit(torch.zeros(2, 3))
    with pytest.raises(KeyError, match="pam"):
        column(default_settings(1), "pam")
    with pytest.raises(ValueError, match="NaN"):
        unpack_settings(torch.full((1, len(CHANNEL_PARAMS)), math.nan))
    with pytest.raises(ValueError, match=rf"expected \(N, {len(CHANNEL_PARAMS)}\)"):
        unpack_settings(default_settings(1)[0])
