"""From what was heard to a mix: the network is asked, and what it wants is staged.

Every track is encoded once, by itself; to ask for the session without a track, or with another role, costs one pass of
the set context. Tracks are judged in the order of their names: neither their order nor the number of silent ones can
change a setting.

Contents: :class:`Known`, :class:`EncodedSession`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from assistant.console.parameters import from_unit, unpack_settings
from assistant.controller.evidence import PASSAGE_S, TrackEvidence, name_evidence, overlaps
from assistant.controller.hearing import to_hearing
from assistant.controller.network import ControllerNetwork, NetworkConfig, Proposal
from assistant.controller.staging import Wish, stage
from assistant.engineers.hearing import NOTHING_SAID, SILENT_REASON, HeardTrack, as_told, retold
from assistant.engineers.role_table import ROLES
from assistant.engineers.roles import RoleGuess
from assistant.mix import WIDEST_SPREAD_DB, BusSettings, ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.params import BY_NAME, REVERB_PARAMS
from assistant.wording import time_text

#: No control is put to the very end of its travel: what stands there is off, neutral, or a defect.
_TRAVEL = (0.005, 0.995)
#: A second role is named from this probability on.
_RUNNER_UP = 0.15


@dataclass(frozen=True)
class Known:
    """One track, and what the network hears of it but for its name; ``evidence`` is None for a silent one."""

    heard: HeardTrack
    evidence: TrackEvidence | None


@dataclass(frozen=True)
class _Audible:
    """One audible track, what was heard of it, and that encoded, (1, 1, width + 2)."""

    heard: HeardTrack
    evidence: TrackEvidence
    encoded: Tensor


@dataclass(frozen=True)
class EncodedSession:
    """A session of which every track is ``known`` by name; see :class:`assistant.engineers.engineer.HeardSession`.

    ``use_names``: whether a track's name may say what it is. ``engineer`` signs the mixes.
    """

    session: Session
    known: Mapping[str, Known]
    network: ControllerNetwork
    use_names: bool
    engineer: str
    _encoded: dict[tuple[str, str], Tensor] = field(default_factory=dict, init=False, repr=False, compare=False)

    def propose(self, without: Collection[str] = (), roles: Mapping[str, str] = NOTHING_SAID) -> Mix:
        """See :class:`assistant.engineers.engineer.HeardSession`."""
        session = retold(self.session, without, roles)
        heard = [as_told(self.known[track.name].heard, track) for track in session.tracks]
        audible = self._audible(heard)
        channels = {one.name: _silent_channel(one) for one in heard if one.features.is_silent}
        if not audible:
            return Mix(tuple(channels.values()), engineer=self.engineer)
        proposal = _decide(self.network, audible)
        channels |= _channels(self.network.config, proposal, audible, session.tempo)
        mixed = tuple(channels[track.name] for track in session.tracks)
        return Mix(mixed, _reverb(self.network.config, proposal), engineer=self.engineer)

    @cached_property
    def torn(self) -> Mapping[str, tuple[str, float]]:
        """See :class:`assistant.engineers.engineer.HeardSession`."""
        audible = self._audible([one.heard for one in self.known.values()])
        if not audible:
            return {}
        rows = zip(audible, _role_shares(_decide(self.network, audible)), strict=True)
        seconds = {one.heard.name: _second_role(row) for one, row in rows if one.heard.guess.source != "user"}
        return {name: second for name, second in seconds.items() if second[1] >= _RUNNER_UP}

    def _audible(self, tracks: Sequence[HeardTrack]) -> list[_Audible]:
        """Those of ``tracks`` that can be heard, by name, with what the user says of them among the evidence."""
        found = []
        for heard in sorted(tracks, key=lambda one: one.name):
            evidence = self.known[heard.name].evidence
            if evidence is not None:
                told = replace(evidence, named=self._named(heard))
                found.append(_Audible(heard, told, self._encode(heard.track, told)))
        return found

    def _named(self, heard: HeardTrack) -> np.ndarray:
        """What is said of the track for each of ``ROLES``, (R,) 0..1: the user's word counts more than its name."""
        if heard.guess.source == "user":
            return np.array([role == heard.guess.role for role in ROLES], np.float32)
        return name_evidence(heard.name if self.use_names else "")

    def _encode(self, track: Track, evidence: TrackEvidence) -> Tensor:
        """Encoded alone, so that memory does not grow with the tracks' number, and kept."""
        key = (track.name, track.role)
        if key not in self._encoded:
            with torch.inference_mode(), _one_thread():
                self._encoded[key] = self.network.encode(to_hearing([[evidence]]))
        return self._encoded[key]


def _decide(network: ControllerNetwork, audible: Sequence[_Audible]) -> Proposal:
    """The network's proposal for one session of the ``audible`` tracks, in their order."""
    overlap = torch.from_numpy(overlaps([one.evidence.activity for one in audible]))[None]
    with torch.inference_mode(), _one_thread():
        encoded = torch.cat([one.encoded for one in audible], dim=1)
        return network.decide(encoded, overlap, torch.ones(1, len(audible), dtype=torch.bool))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch on one thread, and as before again: one track takes 6 ms so, but 180 ms on two threads of busy cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _channels(
    config: NetworkConfig, proposal: Proposal, audible: Sequence[_Audible], tempo: float | None
) -> dict[str, ChannelMix]:
    """The channel of every audible track, by name: positions to physical units, staged, with their reasons."""
    table = tuple(BY_NAME[name] for name in config.parameters)
    wanted = unpack_settings(from_unit(proposal.positions[0].clamp(*_TRAVEL), table), table)
    shares = _role_shares(proposal)
    spreads_db = proposal.spread_db[0].tolist()
    heard = [replace(one.heard, guess=_judged(one.heard.guess, row)) for one, row in zip(audible, shares, strict=True)]
    wishes = [Wish(*wish) for wish in zip(heard, wanted, spreads_db, strict=True)]
    advice = stage(wishes, has_sides=config.task == "basic", tempo=tempo)
    channels = {}
    for track, one, row, spread_db in zip(heard, audible, shares, spreads_db, strict=True):
        staged = advice[track.name]
        reasons = (_taken_for(track.guess, row), _listened_at(one), *staged.reasons)
        channels[track.name] = ChannelMix(
            track.name,
            ChannelSettings(staged.settings),
            track.role,
            track.guess.confidence,
            reasons,
            round(min(spread_db, WIDEST_SPREAD_DB), 2),
        )
    return channels


def _role_shares(proposal: Proposal) -> list[list[float]]:
    """The probability of each of ``ROLES``, a row per track."""
    shares: list[list[float]] = torch.softmax(proposal.roles[0].double(), dim=-1).tolist()
    return shares


def _second_role(shares: Sequence[float]) -> tuple[str, float]:
    second = sorted(range(len(ROLES)), key=lambda index: -shares[index])[1]
    return ROLES[second].name, shares[second]


def _judged(guess: RoleGuess, shares: Sequence[float]) -> RoleGuess:
    """The network's role, whose probability is ``shares``' largest, unless the user said what the track is."""
    if guess.source == "user":
        return guess
    likeliest = max(range(len(ROLES)), key=lambda index: shares[index])
    return RoleGuess(ROLES[likeliest], round(min(1.0, shares[likeliest]), 3), "name and sound")


def _taken_for(guess: RoleGuess, shares: Sequence[float]) -> str:
    if guess.source == "user":
        return f"{guess.role.name}: 100% sure, as you say so"
    text = f"taken for {guess.role.name}, {guess.confidence:.0%} sure"
    name, share = _second_role(shares)
    return f"{text}; or else {name}, {share:.0%}" if share >= _RUNNER_UP else text


def _listened_at(one: _Audible) -> str:
    start_s = one.heard.track.start_s
    times = ", ".join(time_text(start_s + passage) for passage, _ in one.evidence.passages_s)
    return f"listened from {times}, for {PASSAGE_S:.1f} s each"


def _silent_channel(heard: HeardTrack) -> ChannelMix:
    return ChannelMix(heard.name, ChannelSettings(), heard.role, heard.guess.confidence, (SILENT_REASON,))


def _reverb(config: NetworkConfig, proposal: Proposal) -> BusSettings:
    """The bus, its return left at 0 dB: how much of it is heard is up to the sends. DMC-basic has none."""
    if config.task == "basic":
        return BusSettings()
    values = unpack_settings(from_unit(proposal.reverb.clamp(*_TRAVEL), REVERB_PARAMS), REVERB_PARAMS)[0]
    rounded = {name: float(f"{value:.3g}") for name, value in values.items()}
    return BusSettings({**rounded, "reverb_return_db": BY_NAME["reverb_return_db"].default})
