"""Pan laws, balance and width."""

import math

import pytest
import torch

from assistant import params
from assistant.console.panning import PAN_LAWS, pan_matrix


def matrix(make_settings, is_stereo, law="constant_power", **named):
    return pan_matrix(make_settings(**named)[0], torch.tensor([is_stereo]), law)[0]


@pytest.mark.parametrize(
    ("law", "centre_db", "end"),
    [
        ("constant_power", -3.0103, 1.0),
        ("linear", -6.0206, 1.0),
        ("ardour", -3.0, 1.0),
        ("balance", 0.0, 1.0),
        ("live", 0.0, math.sqrt(2.0)),
    ],
)
def test_mono_laws(make_settings, law, centre_db, end):
    assert 20 * math.log10(matrix(make_settings, False, law)[0, 0]) == pytest.approx(centre_db, abs=1e-3)
    assert matrix(make_settings, False, law, pan=-1.0)[:, 0].tolist() == pytest.approx([end, 0.0], abs=1e-12)
    assert matrix(make_settings, False, law, pan=1.0)[:, 0].tolist() == pytest.approx([0.0, end], abs=1e-12)
    right = matrix(make_settings, False, law, pan=0.4)
    assert torch.allclose(right.flip(0), matrix(make_settings, False, law, pan=-0.4))
    assert right[1, 0] > right[0, 0]
    assert (right[:, 1] == 0).all()


@pytest.mark.parametrize("pan", [-0.9, -0.2, 0.6])
def test_constant_power_keeps_the_power(make_settings, pan):
    assert matrix(make_settings, False, pan=pan).square().sum().item() == pytest.approx(1.0)


@pytest.mark.parametrize("law", [law for law in PAN_LAWS if law != "live"])
def test_balance_is_the_same_under_every_law(make_settings, law):
    assert matrix(make_settings, True, law).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert matrix(make_settings, True, law, pan=0.25).tolist() == [[0.75, 0.0], [0.0, 1.0]]
    assert matrix(make_settings, True, law, pan=-1.0).tolist() == [[1.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("pan", [-1.0, -0.35, 0.0, 0.8])
def test_live_pans_stereo_tracks_like_mono_ones(make_settings, pan):
    mono = matrix(make_settings, False, "live", pan=pan)[:, 0]
    assert torch.allclose(matrix(make_settings, True, "live", pan=pan).diagonal(), mono)
    assert mono.square().sum().item() == pytest.approx(2.0)


def test_width_scales_the_side_and_keeps_the_middle(make_settings):
    audio = torch.tensor([[0.5], [0.1]], dtype=torch.float64)
    for width in (0.0, 0.5, 2.0):
        left, right = (matrix(make_settings, True, width=width) @ audio).flatten().tolist()
        assert left + right == pytest.approx(0.6)
        assert left - right == pytest.approx(0.4 * width)


def test_balance_has_a_gradient_at_the_centre(make_settings):
    settings = make_settings().requires_grad_()
    gains = pan_matrix(settings[0], torch.tensor([True]))[0]
    for side, expected in ((0, -1.0), (1, 1.0)):
        (grad,) = torch.autograd.grad(gains[side, side], settings, retain_graph=True)
        assert grad.sum().item() == pytest.approx(expected + 0.5)  # 0.5 from the width


def test_laws_are_those_of_the_table():
    assert tuple(PAN_LAWS) == params.PAN_LAWS


def test_unknown_law_is_refused_with_the_known_ones(make_settings):
    with pytest.raises(ValueError, match="constant_power, linear, ardour"):
        matrix(make_settings, False, "minus3")
