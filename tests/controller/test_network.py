"""The network: neither order nor padding nor company in a batch matters; every input and weight does."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from controller.conftest import SMALL, make_network

from assistant.controller.evidence import TrackEvidence
from assistant.controller.hearing import to_hearing
from assistant.controller.network import Context, ControllerNetwork, NetworkConfig, Proposal
from assistant.engineers.role_table import ROLES
from assistant.params import BY_NAME

CONTEXTS: tuple[Context, ...] = ("none", "mean", "attention")


def widest(one: Proposal, other: Proposal) -> float:
    """The greatest difference, in units of a control's travel."""
    return max(float((a - b).abs().max()) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("context", CONTEXTS)
def test_the_order_does_not_matter(heard_tracks: list[TrackEvidence], context: Context) -> None:
    network = make_network(replace(SMALL, context=context, shares=(0.4, 0.3, 0.3)))
    order = [3, 0, 4, 2, 1]
    straight = network(to_hearing([heard_tracks]))
    turned = network(to_hearing([[heard_tracks[index] for index in order]]))
    for name in ("positions", "roles", "spread_db"):
        assert float((getattr(straight, name)[:, order] - getattr(turned, name)).abs().max()) < 1e-5
    assert float((straight.reverb - turned.reverb).abs().max()) < 1e-5
    assert float(straight.positions.std(dim=1).max()) > 0.02  # else nothing was shown


@pytest.mark.parametrize("context", CONTEXTS)
def test_padding_and_company_do_not_matter(heard_tracks: list[TrackEvidence], context: Context) -> None:
    """A batch of sessions of one, three and five tracks gives what each gives alone."""
    network = make_network(replace(SMALL, context=context))
    sessions = [heard_tracks[:1], heard_tracks, heard_tracks[2:]]
    batch = network(to_hearing(sessions))
    for row, session in enumerate(sessions):
        alone, count = network(to_hearing([session])), len(session)
        cut = Proposal(*(part[row : row + 1, :count] for part in batch[:3]), batch.reverb[row : row + 1])
        assert widest(alone, cut) < 1e-5


def test_tracks_encoded_one_by_one(heard_tracks: list[TrackEvidence]) -> None:
    network, hearing = make_network(), to_hearing([heard_tracks])
    encoded = torch.cat([network.encode(to_hearing([[track]])) for track in heard_tracks], dim=1)
    assert widest(network(hearing), network.decide(encoded, hearing.overlap, hearing.is_active)) < 1e-5


def test_company_matters_only_with_a_context(heard_tracks: list[TrackEvidence]) -> None:
    for context in CONTEXTS:
        network = make_network(replace(SMALL, context=context))
        alone, together = network(to_hearing([heard_tracks[:1]])), network(to_hearing([heard_tracks]))
        moved = float((alone.positions - together.positions[:, :1]).abs().max())
        assert (moved > 1e-4) == (context != "none")


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("task", ["basic", "full"])
def test_every_weight_has_a_gradient(heard_tracks: list[TrackEvidence], context: Context, task: str) -> None:
    network = make_network(replace(SMALL, context=context, task=task)).requires_grad_(True)
    proposal = network(to_hearing([heard_tracks, heard_tracks[:2]]))
    torch.manual_seed(2)
    sum((part * torch.randn_like(part)).sum() for part in proposal).backward()
    for name, parameter in network.named_parameters():
        if not name.startswith("by_"):  # fitted, not trained
            assert parameter.grad is not None, name
            assert float(parameter.grad.abs().max()) > 0.0, name


def test_shapes_and_ranges(heard_tracks: list[TrackEvidence]) -> None:
    network = make_network()
    proposal = network(to_hearing([heard_tracks]))
    assert proposal.positions.shape == (1, 5, len(SMALL.parameters))
    assert proposal.roles.shape == (1, 5, len(ROLES))
    assert proposal.reverb.shape == (1, 5)
    assert 0.0 <= float(proposal.positions.min()) <= float(proposal.positions.max()) <= 1.0
    assert float(proposal.spread_db.min()) >= 0.5


def test_untrained_it_stands_near_the_defaults(heard_tracks: list[TrackEvidence]) -> None:
    torch.manual_seed(0)
    network = ControllerNetwork(NetworkConfig()).eval()
    assert sum(p.numel() for p in network.parameters()) <= 5_000_000
    positions = network(to_hearing([heard_tracks])).positions[0].mean(0)
    for name, position in zip(network.config.parameters, positions.tolist(), strict=True):
        default = min(0.95, max(0.05, BY_NAME[name].to_unit(BY_NAME[name].default)))
        assert position == pytest.approx(default, abs=0.1), name


def test_the_experts_are_averaged(heard_tracks: list[TrackEvidence]) -> None:
    deep, mixed = make_network(), make_network(replace(SMALL, shares=(0.5, 0.25, 0.25)))
    hearing, fader = to_hearing([heard_tracks]), SMALL.parameters.index("fader_db")
    low, high = BY_NAME["fader_db"].low, BY_NAME["fader_db"].high
    linear_db = deep.encode(hearing)[..., -2:].mean(-1)
    expected = 0.5 * deep(hearing).positions[..., fader] + 0.5 * (linear_db - low) / (high - low)
    assert mixed(hearing).positions[..., fader] == pytest.approx(expected.clamp(0.0, 1.0), abs=1e-5)
