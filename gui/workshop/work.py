"""What the workshop does: one method for each request of the window.

The heavy libraries are imported by the request that needs them, so that a session is opened at once.

Contents: :class:`Work`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from assistant.cli.outputs import check_mix_file
from assistant.mix import Mix
from assistant.tasks import IsCancelled, Progress
from gui.workshop.opened import Opened, Proven
from gui.workshop.opening import read_session, session_info
from gui.workshop.telling import Telling
from gui.workshop.values import (
    Desk,
    Finished,
    MixFigures,
    MixInsight,
    Order,
    Overview,
    Proposal,
    SessionInfo,
    Tile,
    TrackInsight,
    Wish,
)
from protocols.daw import Control
from protocols.mixfile import write_mix_file
from protocols.stems import SessionError

_OPENING = {"Pulling the tracks": 1.0, "Checking every file": 1.0}


class Work:
    """The requests, and the session that is open. Requests of one lane come one after another.

    All take ``progress`` and ``is_cancelled``, also those that are done at once and ask neither.
    """

    #: The thread that does each request.
    LANES: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("open", "propose", "prove", "deepen", "overview", "make"), "work"),
        **dict.fromkeys(("measure", "track_insight", "mix_insight"), "bench"),
        "tile": "listen",
        "save": "quick",
    }

    def __init__(self) -> None:
        self._session: Opened | None = None

    def open(
        self,
        path: str,
        desk: Desk | None = None,
        skips_broken: bool = False,
        *,
        progress: Progress,
        is_cancelled: IsCancelled,
    ) -> SessionInfo:
        """The session at ``path`` (``DEMO``: the one that comes along), with a ``desk`` as it stands there.

        Raises :class:`SessionError`, naming every file that is broken; with ``skips_broken`` these are left out.
        """
        telling = Telling(_OPENING, progress, is_cancelled)
        source = read_session(path, desk, telling, skips_broken=skips_broken)
        self._session = Opened(source, desk)
        return session_info(path, source, desk, tuple(telling.notes))

    def propose(self, wish: Wish, *, progress: Progress, is_cancelled: IsCancelled) -> Proposal:
        """What the engineer proposes, proven on the passages. A session is listened to once for each engineer."""
        from gui.workshop.proposing import proposal_of, proposed, stages_of

        opened = self._opened
        telling = Telling(stages_of(wish), progress, is_cancelled)
        opened.proven = proposed(opened, wish, telling)
        return proposal_of(opened.proven, telling)

    def prove(self, mix: Mix, *, progress: Progress, is_cancelled: IsCancelled) -> Proposal:
        """A mix that was saved, proven as it stands; nobody proposes anything."""
        from gui.workshop.proposing import LISTENING, proposal_of, proven_as_is

        opened = self._opened
        telling = Telling({**LISTENING, "Verifying": 7.0}, progress, is_cancelled)
        opened.proven = proven_as_is(opened, mix, telling)
        return proposal_of(opened.proven, telling)

    def deepen(self, *, progress: Progress, is_cancelled: IsCancelled) -> None:
        """Find out all that an explanation of the last proposal says, for the insights that are asked for next."""
        from gui.workshop.proposing import deepened

        opened = self._opened
        if opened.proven is not None and not opened.proven.is_in_depth:
            opened.proven = deepened(opened, opened.proven, Telling({"Verifying": 1.0}, progress, is_cancelled))

    def measure(self, mix: Mix, *, progress: Progress, is_cancelled: IsCancelled) -> MixFigures:
        """The figures of any mix of the session."""
        from gui.workshop.presenting import present_figures

        _, facts = self._opened.measured(mix, _listening(progress, is_cancelled))
        return present_figures(facts)

    def track_insight(self, name: str, mix: Mix, *, progress: Progress, is_cancelled: IsCancelled) -> TrackInsight:
        """All that is shown of the track ``name`` in ``mix``, against the mix before."""
        from gui.workshop.presenting import present_track

        telling = _listening(progress, is_cancelled)
        proven = self._proven(mix, telling)
        bench, facts = self._opened.measured(mix, telling)
        insight = proven.proof.insight
        return present_track(bench, insight, insight.verification.before, facts, name, proven.is_in_depth)

    def mix_insight(self, mix: Mix, *, progress: Progress, is_cancelled: IsCancelled) -> MixInsight:
        """All that is shown of ``mix``, against the mix before."""
        from gui.workshop.presenting import present_mix

        telling = _listening(progress, is_cancelled)
        proven = self._proven(mix, telling)
        bench, facts = self._opened.measured(mix, telling)
        insight = proven.proof.insight
        return present_mix(bench, insight, insight.verification.before, facts, proven.reference)

    def overview(self, *, progress: Progress, is_cancelled: IsCancelled) -> Overview:
        """Every track's envelope, noted while it was listened to; otherwise the tracks are read now."""
        return self._opened.overview(Telling({"Listening": 1.0}, progress, is_cancelled))

    def tile(
        self,
        mix: Mix,
        audible: tuple[str, ...] | None,
        start: int,
        length: int,
        *,
        progress: Progress,
        is_cancelled: IsCancelled,
    ) -> Tile:
        """``length`` samples of ``mix`` from ``start`` on, before the master; only tracks ``audible``, None for all."""
        audio, levels_db = self._opened.audition().tile(mix, audible, start, length, is_cancelled)
        return Tile(start, audio, levels_db)

    def make(self, order: Order, *, progress: Progress, is_cancelled: IsCancelled) -> Finished:
        """The automatic mode: a finished mix in a folder, from the proposal to the report."""
        from gui.workshop.making import made, stages_of_order

        return made(self._opened, order, Telling(stages_of_order(order), progress, is_cancelled))

    def save(
        self,
        path: str,
        mix: Mix,
        held: Mapping[Control, float] | None = None,
        *,
        progress: Progress,
        is_cancelled: IsCancelled,
    ) -> None:
        """Save ``mix``, and what the DAW ``held`` that it is for, as a mix file.

        Raises :class:`OutputError` and :class:`SessionError` for a place where it must not, or cannot, be.
        """
        session = self._opened.source.session
        check_mix_file(Path(path), session)
        write_mix_file(path, mix, session, held)

    def warm_up(self) -> None:
        """Load what a proposal needs."""
        import render.proof  # noqa: F401 - for what importing them costs

    @property
    def _opened(self) -> Opened:
        if self._session is None:
            raise SessionError("no session is open")
        return self._session

    def _proven(self, mix: Mix, telling: Telling) -> Proven:
        """The last proposal; without one, ``mix`` as it stands, explained."""
        opened = self._opened
        if opened.proven is None:
            from gui.workshop.proposing import proven_as_is

            found = proven_as_is(opened, mix, telling)
            if opened.proven is None:  # else somebody has proposed meanwhile
                opened.proven = found
        return opened.proven


def _listening(progress: Progress, is_cancelled: IsCancelled) -> Telling:
    """What hears of work on the bench, which listens first where nobody has."""
    return Telling({"Listening": 18.0, "Reading the passages": 2.0, "Verifying": 7.0}, progress, is_cancelled)
