"""The document: one session, what is proposed for it, what is decided, and what the DAW holds of it.

Whoever decides goes through the undo stack; whoever shows listens to the signals. A mix is in three states: *before*
(as recorded, or as it stood in the DAW), *proposed* (as if all that is pending were accepted) and *made* (what is
accepted or set by hand). What a DAW is told are the changes of the mix that is made, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QUndoStack

from assistant.automation import SHARED
from assistant.decisions import (
    PART_OF,
    PARTS,
    UNDECIDED,
    Decisions,
    TrackDecision,
    changed_parts,
)
from assistant.mix import ChannelMix, Decision, Mix
from assistant.params import BY_NAME
from gui.models.commands import Decide
from gui.models.mixes import Mixes
from gui.models.moves import carried, is_same
from gui.models.told import Told, standing_elsewhere
from gui.translating import table_text
from gui.workshop.values import Desk, MixFigures, Proposal, SessionInfo, Wish
from protocols.daw import Confirmation, Control


class Document(QObject):
    """See the module. Rows are those of ``names``, the session's tracks in their order."""

    session_changed = pyqtSignal()
    proposal_changed = pyqtSignal()
    #: Anything that is shown of the track in that row.
    track_changed = pyqtSignal(int)
    #: The mix that is made, or the one that is proposed, is another; once however many tracks changed.
    mix_changed = pyqtSignal()
    decisions_changed = pyqtSignal()
    #: The user said what a track is: propose anew.
    roles_changed = pyqtSignal()
    figures_changed = pyqtSignal()
    audible_changed = pyqtSignal()
    #: What the DAW is to be told: a list of :class:`assistant.mix.Change`.
    changes_made = pyqtSignal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.mix_changed)
        self._reset(None, None)

    def _reset(self, info: SessionInfo | None, desk: Desk | None) -> None:
        self.info, self.desk = info, desk
        self.proposal: Proposal | None = None
        self.figures: MixFigures | None = None
        self._told = Told(desk)
        self.soloed: frozenset[str] = frozenset()
        self.muted: frozenset[str] = frozenset()
        self.names: tuple[str, ...] = tuple(t.name for t in info.session.tracks) if info is not None else ()
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._is_asked = False
        self._mixes = Mixes(self.names, info.before if info is not None else None)
        self._shared = self._mixes.shared()  # what bus and master are at in the mix that is made

    # --- the session and its proposal

    def load(self, info: SessionInfo, desk: Desk | None = None) -> None:
        """Show another session; ``desk`` is the mixer of a running DAW. A saved mix counts as proposed."""
        self.undo_stack.clear()
        self._reset(info, desk)
        self.session_changed.emit()
        if info.saved is not None:
            self.show_mix(info.saved)

    def clear(self) -> None:
        """Show none."""
        self.undo_stack.clear()
        self._reset(None, None)
        self.session_changed.emit()

    def set_proposal(self, proposal: Proposal) -> None:
        """Show what is proposed; decisions made already hold for it too."""
        self.proposal, self.figures = proposal, proposal.figures
        if self.desk is None:
            self._mixes.before = self._mixes.ordered(proposal.before)
            self.show_mix(proposal.mix)
        else:  # somebody may have moved something while it was made
            self.show_mix(carried(proposal.mix, proposal.before, self.before))

    def show_mix(self, proposed: Mix) -> None:
        """Take ``proposed`` for the proposal, whose proof may still be coming."""
        self._mixes.engineers = self._mixes.ordered(proposed)
        self._changed(self.names)
        self.proposal_changed.emit()

    def restore(self, proposed: Mix | None, decisions: Decisions) -> None:
        """Take over what was kept of the session: the proposal, if any, and ``decisions``. The DAW is told nothing."""
        self._mixes.engineers = self.before if proposed is None else self._mixes.ordered(proposed)
        self._mixes.decisions = decisions  # those on tracks that are gone, too: they may come back
        self._work_out(self.names)
        self._later.start()
        self.proposal_changed.emit()

    def start_at(self, amount: float) -> None:
        """Begin with ``amount`` 0..1 of everything that will be proposed."""
        if amount != UNDECIDED.amount:
            self._mixes.decisions = Decisions({name: replace(UNDECIDED, amount=amount) for name in self.names})
            self._changed(self.names)

    @property
    def has_proposal(self) -> bool:
        """Whether anything is proposed, proven or not."""
        return self._mixes.has_proposal

    @property
    def engineers_mix(self) -> Mix:
        """What the engineer proposes, whatever is decided of it."""
        return self._mixes.engineers

    @property
    def before(self) -> Mix:
        """The mix as it was."""
        return self._mixes.before

    @property
    def decisions(self) -> Decisions:
        """What is decided."""
        return self._mixes.decisions

    def wish(self, base: Wish) -> Wish:
        """``base`` with the roles that the user gave."""
        roles = {name: role for name in self.names if (role := self.decisions.of(name).role)}
        return replace(base, roles=roles)

    def row(self, name: str) -> int:
        """The row of a track; ``KeyError`` where there is none."""
        return self._rows[name]

    # --- the mix in its states

    def channel_before(self, name: str) -> ChannelMix:
        """A track as it was."""
        return self._mixes.of(name).before

    def channel_proposed(self, name: str) -> ChannelMix:
        """A track as if all that is pending were accepted."""
        return self._mixes.of(name).proposed

    def channel_made(self, name: str) -> ChannelMix:
        """A track as decided."""
        return self._mixes.of(name).made

    def held_value(self, name: str, param: str) -> float:
        """What stands now: in the DAW, where there is one that tells, else in the mix that is made."""
        made = self._mixes.of(name).made.settings[param]
        return BY_NAME[param].clamp(self._told.held.get(Control(name, param), made))

    def made_mix(self) -> Mix:
        """The mix as decided."""
        return self._mixes.made()

    def proposed_mix(self) -> Mix:
        """The mix as if all that is pending were accepted."""
        return self._mixes.proposed()

    def start_accepted(self) -> None:
        """Begin with everything accepted, as with a mix that was saved: it is what somebody had decided."""
        accepted = UNDECIDED.with_parts("accepted")
        self._mixes.decisions = Decisions(dict.fromkeys(self.names, accepted), "accepted")
        self._changed(self.names)

    def _work_out(self, names: Iterable[str]) -> None:
        self._mixes.work_out(names)
        self._shared = self._mixes.shared()

    # --- deciding: all of it can be undone

    def decide(self, rows: Iterable[int], decision: Decision, parts: Sequence[str] = tuple(PARTS)) -> None:
        """Accept, reject or leave open ``parts`` of the tracks in ``rows``. Locked parts stay as they are."""
        verbs = {"accepted": self.tr("Accept"), "rejected": self.tr("Reject"), "pending": self.tr("Leave open")}
        news = {}
        for name in self._named(rows):
            old = self.decisions.of(name)
            news[name] = old.with_parts(decision, [part for part in parts if part not in old.locked])
        what = PARTS[parts[0]][0] if len(parts) == 1 else self._what(news)
        self._do(f"{verbs[decision]}: {what}", news)

    def decide_all(self, decision: Decision) -> None:
        """Accept, reject or leave open everything, the reverb bus and the master included.

        What is decided so already stays as it is, with what was set by hand since.
        """
        news = {}
        for name in self.names:
            old = self.decisions.of(name)
            parts = [part for part in PARTS if part not in old.locked and old.of(part) != decision]
            news[name] = old.with_parts(decision, parts)
        texts = {"accepted": self.tr("Accept all"), "rejected": self.tr("Reject all"), "pending": self.tr("Reset all")}
        self._do(texts[decision], news, shared=decision)

    def decide_shared(self, decision: Decision) -> None:
        """Decide on the reverb bus and the master."""
        self._do(self.tr("Reverb and master"), {}, shared=decision)

    def set_amount(self, rows: Iterable[int], amount: float, gesture: object = None) -> None:
        """How much of what is proposed is to be done, 0..1; moves of one ``gesture`` are undone together."""
        news = {name: replace(self.decisions.of(name), amount=min(max(amount, 0.0), 1.0)) for name in self._named(rows)}
        self._do(self.tr("Amount: {}").format(self._what(news)), news, gesture=gesture)

    def set_locked(self, rows: Iterable[int], parts: Iterable[str], is_locked: bool) -> None:
        """Lock parts, so that they stay as they were, or unlock them."""
        names = tuple(parts)
        news = {name: self.decisions.of(name).with_lock(names, is_locked) for name in self._named(rows)}
        text = self.tr("Lock: {}") if is_locked else self.tr("Unlock: {}")
        self._do(text.format(self._what(news)), news)

    def set_values(self, row: int, values: Mapping[str, float], gesture: object = None) -> None:
        """Set parameters of a track by hand."""
        name = self.names[row]
        new = self.decisions.of(name)
        for param, value in values.items():
            new = new.with_own(param, value)
        label = table_text(BY_NAME[next(iter(values))].label)
        self._do(f"{label}: {name}", {name: new}, gesture=gesture)

    def reset_values(self, row: int, params: Iterable[str]) -> None:
        """Give up what was set by hand."""
        name, names = self.names[row], tuple(params)
        new = self.decisions.of(name)
        for param in names:
            new = new.with_own(param, None)
        self._do(self.tr("Reset {}: {}").format(table_text(BY_NAME[names[0]].label), name), {name: new})

    def set_role(self, row: int, role: str) -> None:
        """Say what a track is; "" leaves it to the engineer."""
        name = self.names[row]
        self._do(self.tr("Role: {}").format(name), {name: replace(self.decisions.of(name), role=role)})

    def _named(self, rows: Iterable[int]) -> list[str]:
        return [self.names[row] for row in rows]

    def _what(self, news: Mapping[str, TrackDecision]) -> str:
        return next(iter(news)) if len(news) == 1 else self.tr("{} tracks").format(len(news))

    def _do(
        self,
        text: str,
        news: Mapping[str, TrackDecision],
        shared: Decision | None = None,
        gesture: object = None,
    ) -> None:
        """Put onto the undo stack what differs; nothing where nothing does."""
        changed = {name: new for name, new in news.items() if new != self.decisions.of(name)}
        shared_new = self.decisions.shared if shared is None else shared
        if not changed and shared_new == self.decisions.shared:
            return
        olds = {name: self.decisions.of(name) for name in changed}
        command = Decide(text, self.take_decisions, (olds, self.decisions.shared), (changed, shared_new), gesture)
        self._is_asked = True
        self.undo_stack.push(command)
        self._is_asked = False

    def take_decisions(self, tracks: Mapping[str, TrackDecision], shared: Decision) -> None:
        """Take over decisions, without a trace on the undo stack: it is the stack that calls this."""
        names = [name for name in tracks if name in self._rows]
        has_other_roles = any(tracks[name].role != self.decisions.of(name).role for name in names)
        self._mixes.decisions = Decisions({**self.decisions.tracks, **tracks}, shared)
        self._changed(names)
        self.decisions_changed.emit()
        if has_other_roles:
            self.roles_changed.emit()

    def _changed(self, names: Sequence[str]) -> None:
        """Work out what became of tracks, show it, and have the DAW told."""
        was: dict[str, Mapping[str, float]] = {name: self._mixes.of(name).made.settings for name in names}
        was[SHARED] = self._shared
        self._work_out(names)
        if self.desk is not None:  # first: what is shown says that it is being sent
            self._tell_daw(was)
        for name in names:
            self.track_changed.emit(self._rows[name])
        self._later.start()

    # --- the DAW

    def _tell_daw(self, was: Mapping[str, Mapping[str, float]]) -> None:
        moves = []
        for track, olds in was.items():
            now = self._shared if track == SHARED else self._mixes.of(track).made.settings
            moves += [(Control(track, param), old, now[param]) for param, old in olds.items() if old != now[param]]
        changes = self._told.changes(moves, is_asked=self._is_asked)
        if changes:
            self.changes_made.emit(changes)

    @property
    def held(self) -> Mapping[Control, float]:
        """What the DAW was last heard to hold."""
        return self._told.held

    def take_confirmations(self, confirmations: Iterable[Confirmation]) -> None:
        """What became of changes that the DAW was told; what it holds otherwise is shown as it is there."""
        self._show(self._told.take(confirmations))

    def give_up_sending(self, why: str) -> None:
        """The link was closed: ``why`` what is on its way will not be confirmed."""
        self.take_confirmations(self._told.give_up(why))

    def take_held(self, values: Mapping[Control, float]) -> None:
        """What the DAW holds now. What was moved there is taken over by what is decided; the rest begins from there."""
        self._told.held.update(values)
        self._take_moves(self._moved(values))
        self._show({control.track for control in values})

    def take_standing(self, values: Mapping[Control, float]) -> tuple[Confirmation, ...]:
        """What the DAW holds after it was away, or when the session is opened again; what it lacks of what is decided.

        Nothing of that is told by itself, for somebody may have wanted it so; the rest begins from what is there.
        """
        self._told.held.update(values)
        moved = self._moved(values)
        before, made = self._mixes.values(moved, "before"), self._mixes.values(moved, "made")
        lacking = [c for c in moved if not is_same(c.param, before[c], made[c])]
        self._take_moves({c: value for c, value in moved.items() if c not in lacking})
        found = tuple(standing_elsewhere(c, before[c], made[c], values[c]) for c in lacking)
        self._told.take(found)
        self._show({control.track for control in values})
        return found

    def take_undone(self, confirmations: Iterable[Confirmation]) -> None:
        """The DAW was brought back: what stands there as it was before is open again, for none of it is done now."""
        confirmations = tuple(confirmations)
        self._told.take(confirmations)
        touched = {(c.change.track, PART_OF[c.change.param]) for c in confirmations if c.change.param in PART_OF}
        for track, part in touched:
            if track in self._rows and self._stands_as_before(track, part):
                open_again = self.decisions.of(track).with_parts("pending", [part])
                self._mixes.decisions = self.decisions.with_track(track, open_again)
        self._work_out({track for track, _ in touched if track in self._rows})
        self._show({track for track, _ in touched})
        self._later.start()
        self.decisions_changed.emit()

    def _stands_as_before(self, track: str, part: str) -> bool:
        before = self.channel_before(track).settings
        params = [param for param, of in PART_OF.items() if of == part]
        return all(is_same(param, before[param], self.held_value(track, param)) for param in params)

    def leave(self, controls: Iterable[Control]) -> None:
        """Leave what the DAW did not take over of ``controls`` as it stands there: it is what the user wants."""
        left = {Control(c.change.track, c.change.param) for c in self._told.settle(controls)}
        self._take_moves(self._moved({c: self._told.held[c] for c in left if c in self._told.held}))
        self._show({control.track for control in left})

    def _moved(self, values: Mapping[Control, float]) -> dict[Control, float]:
        """Those of ``values`` that are not what is decided, nor on their way."""
        made = self._mixes.values(values, "made")
        return {
            control: values[control]
            for control in made
            if not self._told.is_in_flight(control)
            and self._told.can_tell(control)
            and not is_same(control.param, made[control], values[control])
        }

    def _take_moves(self, moves: Mapping[Control, float]) -> None:
        if moves:
            self._mixes.take_moves(moves)
            self._shared = self._mixes.shared()
            self._later.start()
            self.decisions_changed.emit()

    def is_in_flight(self, name: str) -> bool:
        """Whether the DAW has been told something of the track that is not confirmed yet."""
        return self._told.is_sending(name)

    def problems(self, name: str) -> tuple[Confirmation, ...]:
        """What the DAW did not take over of a track (``SHARED``: of bus and master)."""
        return self._told.problems(name)

    def _show(self, tracks: Iterable[str]) -> None:
        for row in sorted(self._rows[track] for track in tracks if track in self._rows):
            self.track_changed.emit(row)

    # --- what is shown beside

    def set_figures(self, figures: MixFigures) -> None:
        """What the mix that is shown measures."""
        self.figures = figures
        self.figures_changed.emit()

    def set_soloed(self, row: int, is_on: bool) -> None:
        """Hear the track alone, with others that are soloed."""
        name = self.names[row]
        self._set_audible(self.soloed | {name} if is_on else self.soloed - {name}, self.muted, row)

    def set_muted(self, row: int, is_on: bool) -> None:
        """Do not hear the track."""
        name = self.names[row]
        self._set_audible(self.soloed, self.muted | {name} if is_on else self.muted - {name}, row)

    def _set_audible(self, soloed: frozenset[str], muted: frozenset[str], row: int) -> None:
        if (soloed, muted) != (self.soloed, self.muted):
            self.soloed, self.muted = soloed, muted
            self.track_changed.emit(row)
            self.audible_changed.emit()

    def audible(self) -> tuple[str, ...] | None:
        """The tracks that are heard; None for all."""
        if not self.soloed and not self.muted:
            return None
        heard = self.soloed or frozenset(self.names)
        return tuple(name for name in self.names if name in heard and name not in self.muted)

    def parts_changed(self, name: str) -> tuple[str, ...]:
        """The parts of a track that the proposal changes."""
        return changed_parts(self._mixes.of(name).before, self.engineers_mix.channel(name))

    def decision(self, name: str) -> TrackDecision:
        """What is decided of a track."""
        return self.decisions.tracks.get(name, UNDECIDED)
