"""A running DAW's mixer as it was read: the recordings that belong to it, and a proposal as far as it can hold it.

Contents: :class:`Mixer`, :func:`check_tracks`, :func:`with_headroom`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.audio.formats import printable
from assistant.cli.sources import Reading, Source, read_source
from assistant.mandate import Mandate
from assistant.mix import Mix, unknown_name_text
from assistant.params import BY_NAME
from protocols.daw import Control, DawTrack
from protocols.desk import fit, mix_of, shared_params
from protocols.projects import is_project
from protocols.running import saved_notes, unheard_notes
from protocols.stems import SessionError

if TYPE_CHECKING:  # they bring rich, and torch and DawDreamer along
    from assistant.cli.terminal import Audience
    from render.proof import Proof

#: What a mixer without a limiter keeps clear of, over what was measured on the passages: those were not all.
_HEADROOM_DB = 1.0


@dataclass(frozen=True)
class Mixer:
    """The mixer of the ``session`` open in the DAW called ``daw``, ``label`` to its user; ``held`` is its state."""

    daw: str
    label: str
    session: str
    pan_law: str
    tracks: Sequence[DawTrack]
    held: Mapping[Control, float]

    def source(self, path: Path, audience: Audience, reading: Reading) -> Source:
        """The recordings at ``path``, and the mixer as the mix before; what is not heard of it is said."""
        note_all(saved_notes(self.daw, path), audience)
        source = read_source(path, reading, audience)
        names = [track.name for track in source.session.tracks]
        check_tracks(names, self.tracks, self.session, self.label, str(path))
        note_all(unheard_notes(names, self.tracks, has_said_why=is_project(path)), audience)
        session = replace(source.session, pan_law=self.pan_law)
        return replace(source, session=session, mix=None, before=mix_of(names, self.held))

    def fitting(self, before: Mix, audience: Audience) -> Callable[[Mix], Mix]:
        """What makes of a proposal what the mixer can hold; what it cannot is said. The master stays as ``before``."""

        def fitted(mix: Mix) -> Mix:
            mix = replace(mix, master=before.master, target_lufs=None)
            mix, notes = fit(mix, before, self.tracks, self.label)
            note_all(notes, audience)
            return mix

        return fitted

    def with_room(self, proof: Proof, before: Mix, mandate: Mandate) -> Mix:
        """The proof's mix with headroom at the master, where the mixer has one to be told and ``mandate`` allows it."""
        mix = proof.mix
        if "master_gain_db" in shared_params(self.tracks) and mandate.allows_shared("master_gain_db"):
            mix = with_headroom(mix, proof.insight.verification.after.measurement.true_peak_dbtp)
            mix, _ = fit(mix, before, self.tracks, self.label)
        return mix


def check_tracks(names: Sequence[str], tracks: Sequence[DawTrack], session: str, label: str, where: str) -> None:
    """Raise :class:`SessionError` where ``names``, which ``where`` has, are not all ``tracks`` of the ``session`` that
    is open in the DAW called ``label``."""
    known = {track.name for track in tracks}
    missing = [unknown_name_text("track", name, known) for name in names if name not in known]
    if missing:
        called = f"the session {printable(session)!r}" if session else "the session"
        lines = "".join(f"\n  {printable(text)}" for text in missing)
        raise SessionError(f"{printable(where)}: is not of {called} that is open in {label}:{lines}")


def note_all(notes: Iterable[str], audience: Audience) -> None:
    """Say all ``notes``."""
    for note in notes:
        audience.note(note)


def with_headroom(mix: Mix, true_peak_dbtp: float) -> Mix:
    """``mix`` with a master fader that keeps its peaks, measured before it, under the ceiling: no limiter comes after.

    A mix that stays under it by itself has the fader at 0 dB.
    """
    if not math.isfinite(true_peak_dbtp):
        return mix
    room_db = mix.master["limiter_ceiling_dbtp"] - _HEADROOM_DB - true_peak_dbtp
    return mix.with_master(master_gain_db=BY_NAME["master_gain_db"].clamp(min(0.0, round(room_db, 1))))
