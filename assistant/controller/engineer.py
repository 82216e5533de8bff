"""The engineer ``dmc``: it listens to every track once, asks the network, and stages what the network wants.

Tracks are visited in the session's order, two at a time, and judged in the order of their names: neither the order nor
the number of silent tracks can change a setting. Of each track only its evidence and its measurements are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from assistant.analysis.listening import listen
from assistant.console.parameters import from_unit, unpack_settings
from assistant.controller.evidence import PASSAGE_S, TrackEvidence, gather_evidence, overlaps
from assistant.controller.hearing import to_hearing
from assistant.controller.network import ControllerNetwork, NetworkConfig, Proposal
from assistant.controller.staging import Wish, stage
from assistant.controller.weights import load_weights
from assistant.engineers.hearing import SILENT_REASON, HeardTrack
from assistant.engineers.roles import ROLES, RoleGuess, guess_role
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.params import BY_NAME, REVERB_PARAMS
from assistant.tasks import Cancelled, IsCancelled, Load, Progress
from assistant.wording import time_text

_THREADS = 2
#: No control is put to the very end of its travel: what stands there is off, neutral, or a defect.
_TRAVEL = (0.005, 0.995)
#: A second role is named from this probability on.
_RUNNER_UP = 0.15


@dataclass(frozen=True)
class _Audible:
    """One audible track, and what was heard of it."""

    heard: HeardTrack
    evidence: TrackEvidence


@dataclass(frozen=True)
class DmcEngineer:
    """Proposes by a trained network; ``load`` brings the tracks' audio, ``weights`` are a file (None: the installed).

    ``use_names``: whether a track's name may say what it is. A role that the user gave always counts.
    """

    load: Load
    weights: Path | None = None
    use_names: bool = True
    name: str = "dmc"

    def propose(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Mix:
        """See :class:`assistant.engineers.interface.Engineer`. The master stays at 0 dB.

        Raises :class:`assistant.controller.errors.WeightsError`, before it listens.
        """
        network, _ = load_weights(self.weights)
        channels: dict[str, ChannelMix] = {}
        audible: list[_Audible] = []
        for count, (heard, evidence) in enumerate(self._visit(session, is_cancelled), 1):
            if evidence is None:
                channels[heard.name] = _silent_channel(heard)
            else:
                audible.append(_Audible(heard, evidence))
            progress(count / len(session.tracks), f"listened to {heard.name}")
        if is_cancelled():
            raise Cancelled(f"cancelled after listening to {len(session.tracks)} tracks")
        if not audible:
            return Mix(tuple(channels.values()), engineer=self.name)
        audible.sort(key=lambda one: one.heard.name)
        proposal = _decide(network, audible)
        channels |= _channels(network.config, proposal, audible, session.tempo)
        mixed = tuple(channels[track.name] for track in session.tracks)
        return Mix(mixed, _reverb(network.config, proposal), engineer=self.name)

    def _visit(self, session: Session, is_cancelled: IsCancelled) -> Iterator[tuple[HeardTrack, TrackEvidence | None]]:
        """Every track, in the session's order; a few tracks' audio is in memory at a time."""

        def visit(track: Track) -> tuple[HeardTrack, TrackEvidence | None]:
            if is_cancelled():
                raise Cancelled(f"cancelled while listening to {len(session.tracks)} tracks")
            return self._hear(track, session.sample_rate)

        with ThreadPoolExecutor(_THREADS) as pool:
            yield from pool.map(visit, session.tracks)

    def _hear(self, track: Track, sample_rate: int) -> tuple[HeardTrack, TrackEvidence | None]:
        """Load ``track``, measure it, and gather what the network hears of it; nothing of a silent one."""
        audio = self.load(track, sample_rate)
        try:
            features = listen(audio, sample_rate)
        except ValueError as error:
            raise ValueError(f"track {track.name!r}: {error}") from error
        heard = HeardTrack(track, features, guess_role(track, features))
        if features.is_silent:
            return heard, None
        evidence = gather_evidence(audio, sample_rate, features, track.name if self.use_names else "", track.start_s)
        if heard.guess.source == "user":
            certain = np.array([role == heard.guess.role for role in ROLES], np.float32)
            evidence = replace(evidence, named=certain)
        return heard, evidence


def _decide(network: ControllerNetwork, audible: Sequence[_Audible]) -> Proposal:
    """The network's proposal for one session of the ``audible`` tracks, in their order.

    They are encoded one by one, so that memory does not grow with their number.
    """
    overlap = torch.from_numpy(overlaps([one.evidence.activity for one in audible]))[None]
    with torch.inference_mode(), _one_thread():
        encoded = torch.cat([network.encode(to_hearing([[one.evidence]])) for one in audible], dim=1)
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
    shares = torch.softmax(proposal.roles[0].double(), dim=-1).tolist()
    spreads_db = proposal.spread_db[0].tolist()
    heard = [replace(one.heard, guess=_judged(one.heard.guess, row)) for one, row in zip(audible, shares, strict=True)]
    wishes = [Wish(*wish) for wish in zip(heard, wanted, spreads_db, strict=True)]
    advice = stage(wishes, has_sides=config.task == "basic", tempo=tempo)
    channels = {}
    for track, one, row in zip(heard, audible, shares, strict=True):
        staged = advice[track.name]
        reasons = (_taken_for(track.guess, row), _listened_at(one), *staged.reasons)
        settings = ChannelSettings(staged.settings)
        channels[track.name] = ChannelMix(track.name, settings, track.role, track.guess.confidence, reasons)
    return channels


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
    second = sorted(range(len(ROLES)), key=lambda index: -shares[index])[1]
    return f"{text}; or else {ROLES[second].name}, {shares[second]:.0%}" if shares[second] >= _RUNNER_UP else text


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
