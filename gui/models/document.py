"""The document: one session, what is proposed for it, what is decided, and what the DAW holds of it.

Whoever decides goes through the undo stack; whoever shows listens to the signals. A mix is in three states: *before*
(as recorded, or as it stood in the DAW), *proposed* (as if all that is pending were accepted) and *made* (what is
accepted or set by hand). What a DAW is told are the changes of the mix that is made, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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
    decided_channel,
    shared_decided,
)
from assistant.mix import Change, ChannelMix, Decision, Mix
from assistant.params import BY_NAME, CHANNEL_NAMES, MASTER_PARAMS, REVERB_NAMES
from gui.models.commands import Decide
from gui.workshop.values import Desk, MixFigures, Proposal, SessionInfo, Wish
from protocols.daw import Confirmation, Control, Outcome

_SHARED_NAMES = (*REVERB_NAMES, *(p.name for p in MASTER_PARAMS))
_SETTLED = (Outcome.CONFIRMED, Outcome.UNCHANGED)
#: Values nearer than this share of the control's travel are the same: DAWs round.
_SAME_SHARE = 1e-3


@dataclass(frozen=True)
class _Channels:
    """One track in the three states."""

    before: ChannelMix
    proposed: ChannelMix
    made: ChannelMix


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
        self.decisions = Decisions()
        self.figures: MixFigures | None = None
        self.held: dict[Control, float] = dict(desk.held) if desk is not None else {}
        self.soloed: frozenset[str] = frozenset()
        self.muted: frozenset[str] = frozenset()
        self.names: tuple[str, ...] = tuple(t.name for t in info.session.tracks) if info is not None else ()
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._in_flight: set[Control] = set()
        self._outcomes: dict[Control, Confirmation] = {}
        neutral = Mix(tuple(ChannelMix(name) for name in self.names))
        self.before: Mix = neutral if info is None or info.before is None else info.before
        self._proposed: Mix = self.before
        self._channels: dict[str, _Channels] = {}
        self._recompute(self.names)

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
            self.before = self._ordered(proposal.before)
        self.show_mix(proposal.mix)

    def show_mix(self, proposed: Mix, decisions: Decisions | None = None) -> None:
        """Take ``proposed`` for the proposal, whose proof may still be coming; ``decisions`` as they were saved."""
        self._proposed = self._ordered(proposed)
        if decisions is not None:
            known = {name: track for name, track in decisions.tracks.items() if name in self._rows}
            self.decisions = replace(decisions, tracks=known)
        self._changed(self.names)
        self.proposal_changed.emit()

    def start_at(self, amount: float) -> None:
        """Begin with ``amount`` 0..1 of everything that will be proposed."""
        if amount != UNDECIDED.amount:
            self.decisions = Decisions({name: replace(UNDECIDED, amount=amount) for name in self.names})
            self._changed(self.names)

    def _ordered(self, mix: Mix) -> Mix:
        return replace(mix, channels=tuple(mix.channel(name) for name in self.names))

    @property
    def has_proposal(self) -> bool:
        """Whether anything is proposed, proven or not."""
        return self._proposed is not self.before

    @property
    def engineers_mix(self) -> Mix:
        """What the engineer proposes, whatever is decided of it."""
        return self._proposed

    def wish(self, base: Wish) -> Wish:
        """``base`` with the roles that the user gave."""
        roles = {name: track.role for name, track in self.decisions.tracks.items() if track.role}
        return replace(base, roles=roles)

    def row(self, name: str) -> int:
        """The row of a track; ``KeyError`` where there is none."""
        return self._rows[name]

    # --- the mix in its states

    def channel_before(self, name: str) -> ChannelMix:
        """A track as it was."""
        return self._channels[name].before

    def channel_proposed(self, name: str) -> ChannelMix:
        """A track as if all that is pending were accepted."""
        return self._channels[name].proposed

    def channel_made(self, name: str) -> ChannelMix:
        """A track as decided."""
        return self._channels[name].made

    def held_value(self, name: str, param: str) -> float:
        """What stands now: in the DAW, where there is one that tells, else in the mix that is made."""
        made = self._channels[name].made.settings[param]
        return BY_NAME[param].clamp(self.held.get(Control(name, param), made))

    def made_mix(self) -> Mix:
        """The mix as decided."""
        return self._mix(lambda c: c.made, takes_pending=False)

    def proposed_mix(self) -> Mix:
        """The mix as if all that is pending were accepted."""
        return self._mix(lambda c: c.proposed, takes_pending=True)

    def _mix(self, pick: Callable[[_Channels], ChannelMix], *, takes_pending: bool) -> Mix:
        channels = tuple(pick(self._channels[name]) for name in self.names)
        return shared_decided(self.before, self._proposed, channels, self.decisions, takes_pending=takes_pending)

    def _recompute(self, names: Iterable[str]) -> None:
        for name in names:
            before, proposal, decision = (
                self.before.channel(name),
                self._proposed.channel(name),
                self.decisions.of(name),
            )
            self._channels[name] = _Channels(
                before,
                decided_channel(before, proposal, decision, takes_pending=True),
                decided_channel(before, proposal, decision),
            )

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
        """Accept, reject or leave open everything, the reverb bus and the master included."""
        news = {}
        for name in self.names:
            old = self.decisions.of(name)
            news[name] = old.with_parts(decision, [part for part in PARTS if part not in old.locked])
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
        label = BY_NAME[next(iter(values))].label
        self._do(f"{label}: {name}", {name: new}, gesture=gesture)

    def reset_values(self, row: int, params: Iterable[str]) -> None:
        """Give up what was set by hand."""
        name, names = self.names[row], tuple(params)
        new = self.decisions.of(name)
        for param in names:
            new = new.with_own(param, None)
        self._do(self.tr("Reset {}: {}").format(BY_NAME[names[0]].label, name), {name: new})

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
        self.undo_stack.push(command)

    def take_decisions(self, tracks: Mapping[str, TrackDecision], shared: Decision) -> None:
        """Take over decisions, without a trace on the undo stack: it is the stack that calls this."""
        names = [name for name in tracks if name in self._rows]
        has_other_roles = any(tracks[name].role != self.decisions.of(name).role for name in names)
        self.decisions = Decisions({**self.decisions.tracks, **tracks}, shared)
        self._changed(names)
        self.decisions_changed.emit()
        if has_other_roles:
            self.roles_changed.emit()

    def _changed(self, names: Sequence[str]) -> None:
        """Work out what became of tracks, show it, and have the DAW told."""
        was = {name: self._channels[name].made.settings for name in names}
        shared_was = self._shared_values()
        self._recompute(names)
        if self.desk is not None:
            self._tell_daw(was, shared_was)  # first: what is shown says that it is being sent
        for name in names:
            self.track_changed.emit(self._rows[name])
        self._later.start()

    # --- the DAW

    def _shared_values(self) -> dict[str, float]:
        if self.desk is None:
            return {}
        mix = self.made_mix()
        return {**mix.reverb, **mix.master}

    def _tell_daw(self, was: Mapping[str, Mapping[str, float]], shared_was: Mapping[str, float]) -> None:
        changes = [
            Change(name, param, old[param], self._channels[name].made.settings[param])
            for name, old in was.items()
            for param in CHANNEL_NAMES
            if old[param] != self._channels[name].made.settings[param]
        ]
        now = self._shared_values()
        changes += [Change(SHARED, p, shared_was[p], now[p]) for p in _SHARED_NAMES if shared_was[p] != now[p]]
        changes = [change for change in changes if self._can_tell(Control(change.track, change.param))]
        if changes:
            self._in_flight |= {Control(c.track, c.param) for c in changes}
            self.changes_made.emit(changes)

    def _can_tell(self, control: Control) -> bool:
        assert self.desk is not None
        if control.track == SHARED:
            return any(control.param in t.params for t in self.desk.tracks if t.kind in ("bus", "master"))
        return any(control.param in t.params for t in self.desk.tracks if t.name == control.track)

    def take_confirmations(self, confirmations: Iterable[Confirmation]) -> None:
        """What became of changes that the DAW was told; what it holds otherwise is shown as it is there."""
        rows = set()
        for confirmation in confirmations:
            control = Control(confirmation.change.track, confirmation.change.param)
            self._in_flight.discard(control)
            if confirmation.held is not None:
                self.held[control] = confirmation.held
            if confirmation.outcome in _SETTLED:
                self._outcomes.pop(control, None)
            else:
                self._outcomes[control] = confirmation
            rows |= {self._rows[control.track]} if control.track in self._rows else set()
        self._show(rows)

    def take_held(self, values: Mapping[Control, float]) -> None:
        """What the DAW holds now. What was moved there is taken over by what is decided; the rest begins from there."""
        moved: dict[str, dict[str, float]] = {}
        rows = set()
        for control, value in values.items():
            self.held[control] = value
            if control.track in self._rows and control.param in PART_OF:
                rows.add(self._rows[control.track])
                made = self._channels[control.track].made.settings[control.param]
                if control not in self._in_flight and not _is_same(control.param, made, value):
                    moved.setdefault(control.track, {})[control.param] = BY_NAME[control.param].clamp(value)
        for name, found in moved.items():
            self._take_moves(name, found)
        self._show(rows)
        if moved:
            self._later.start()
            self.decisions_changed.emit()

    def _take_moves(self, name: str, moves: Mapping[str, float]) -> None:
        decision, channel = self.decisions.of(name), self.before.channel(name)
        for param, value in moves.items():
            if param in decision.own or decision.of(PART_OF[param]) == "accepted":
                decision = decision.with_own(param, value)
            else:
                channel = replace(channel, settings=channel.settings.with_values(**{param: value}))
        self.decisions = self.decisions.with_track(name, decision)
        channels = tuple(channel if c.name == name else c for c in self.before.channels)
        self.before = replace(self.before, channels=channels)
        self._recompute([name])

    def is_in_flight(self, name: str) -> bool:
        """Whether the DAW has been told something of the track that is not confirmed yet."""
        return any(control.track == name for control in self._in_flight)

    def problems(self, name: str) -> tuple[Confirmation, ...]:
        """What the DAW did not take over of a track (``SHARED``: of bus and master)."""
        return tuple(c for control, c in self._outcomes.items() if control.track == name)

    def _show(self, rows: Iterable[int]) -> None:
        for row in sorted(rows):
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
        return changed_parts(self._channels[name].before, self._proposed.channel(name))

    def decision(self, name: str) -> TrackDecision:
        """What is decided of a track."""
        return self.decisions.tracks.get(name, UNDECIDED)


def _is_same(param: str, one: float, other: float) -> bool:
    row = BY_NAME[param]
    return abs(row.to_unit(row.clamp(one)) - row.to_unit(row.clamp(other))) <= _SAME_SHARE
