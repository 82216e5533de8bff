"""Listening: the mix in its states to the player, equally loud, and the player's to waveform, transport and meters."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from PyQt6.QtCore import QObject, QTimer

from assistant.mix import Mix
from assistant.tasks import IsCancelled, Progress
from gui.models.document import Document
from gui.models.player import Player
from gui.workshop.remote import Workshop
from gui.workshop.values import MixFigures, Tile

#: What the versions keep clear of full scale: the passages were not all.
_HEADROOM_DB = 1.0
#: A fader that is dragged renders anew when it rests for so long.
_SETTLED_MS = 60


class Fetching:
    """Asks the workshop for a stretch of a mix."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def __call__(
        self,
        mix: Mix,
        audible: Collection[str] | None,
        start: int,
        length: int,
        progress: Progress,
        is_cancelled: IsCancelled,
    ) -> Tile:
        """The tile; raises what the workshop raises."""
        names = None if audible is None else tuple(audible)
        tile: Tile = self._workshop.call("tile", mix, names, start, length, is_cancelled=is_cancelled)
        return tile


class Listening(QObject):
    """Keeps the player's versions as the document has them."""

    def __init__(self, document: Document, player: Player) -> None:
        super().__init__(document)
        self._document, self._player = document, player
        self._gains_db: Mapping[str, float] = {}
        self._later = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._later.timeout.connect(self._refresh)
        document.session_changed.connect(self._open)
        document.mix_changed.connect(self._later.start)
        document.audible_changed.connect(lambda: player.set_audible(document.audible()))
        self._has_proposal = False

    def _open(self) -> None:
        info = self._document.info
        self._gains_db, self._has_proposal = {}, False
        if info is None:
            self._player.eject()
            return
        self._player.open(info.session.sample_rate, info.session.duration_s)
        self._refresh()

    def _refresh(self) -> None:
        document = self._document
        if document.info is None:
            return
        before = document.proposal.before if document.proposal is not None else document.before
        mixes = {"before": before}
        if document.has_proposal:
            mixes |= {"proposed": document.proposed_mix(), "accepted": document.made_mix()}
        self._player.set_versions(mixes, self._gains_db)
        if document.has_proposal and not self._has_proposal and not self._player.is_playing:
            self._player.set_version("proposed")  # what is shown is what is heard
        self._has_proposal = document.has_proposal

    def match(self, proposed: MixFigures, made: MixFigures, before: MixFigures) -> None:
        """Make the versions equally loud, as loud as the one with the highest peaks can be."""
        self._gains_db = matched_gains_db({"before": before, "proposed": proposed, "accepted": made})
        self._refresh()


def matched_gains_db(figures: Mapping[str, MixFigures]) -> dict[str, float]:
    """Gains in dB after which all mixes are equally loud and no peak reaches full scale; 0 for silent ones."""
    sounding = {name: f for name, f in figures.items() if math.isfinite(f.integrated_lufs)}
    loudness = min((f.integrated_lufs - f.true_peak_dbtp for f in sounding.values()), default=0.0) - _HEADROOM_DB
    return {name: loudness - sounding[name].integrated_lufs if name in sounding else 0.0 for name in figures}
