"""One push: what is to be told is looked at first, told, and read back until each change has an outcome.

Whoever mixes in the DAW wins: what stands neither where the change was proposed from nor where it leads was moved by
somebody, and is not told, or not told again. Only what was read back after everything sent has landed is confirmed.

Contents: :class:`Wish`, :class:`Push`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.automation import SHARED
from assistant.mix import Change
from assistant.tasks import IsCancelled, Progress
from protocols.conversation import Conversation
from protocols.daw import Confirmation, Control, LinkState, Outcome
from protocols.journal import Row

#: What makes a track's level, together: who moves one of them has set the level.
LEVEL_PARAMS = frozenset({"trim_db", "fader_db", "comp_makeup_db"})
#: Controls told between two looks at whether somebody moved them or the push was cancelled.
TOLD_TOGETHER = 32
#: How long a push that was cancelled waits to read back what it told.
LAST_LOOK_S = 0.15

_LOOKING, _SENDING, _READING_BACK = "reading what the DAW holds", "sending", "reading back"
#: Where in the whole of a push its steps begin and end.
_SHARES = {_LOOKING: (0.0, 0.3), _SENDING: (0.3, 0.5), _READING_BACK: (0.5, 0.98)}


@dataclass(frozen=True)
class Wish:
    """A change to be made; where it ``is_regardless``, whatever the DAW holds before.

    ``left_at`` is where a push of ours has left the control: there it was moved by nobody else.
    """

    change: Change
    is_regardless: bool = False
    left_at: float | None = None

    @property
    def control(self) -> Control:
        """What it changes."""
        return Control(self.change.track, self.change.param)


class Push:
    """The course of one push over ``talk``: :meth:`look`, then :meth:`carry_out`, then :meth:`close`."""

    def __init__(
        self, talk: Conversation, wishes: Sequence[Wish], is_cancelled: IsCancelled, progress: Progress
    ) -> None:
        self._talk = talk
        self._wishes = {wish.control: wish for wish in wishes}
        self._wants_cancelled = is_cancelled
        self._cancelled_s: float | None = None
        self._progress = progress
        self._share = 0.0
        self._session = talk.session
        self._before: dict[Control, float] = {}  # what the DAW held, of those that are to be told
        self._told: set[Control] = set()
        self._moved: set[Control] = set()
        self._found: dict[Control, Confirmation] = {}

    def look(self) -> tuple[Row, ...]:
        """Read what the DAW holds and settle what needs no telling; what is to be told, for the journal."""
        known = [control for control in self._wishes if control in self._talk.controls]
        for control in self._wishes.keys() - set(known):
            self._settle(control, Outcome.UNSUPPORTED, None, self._unsupported_text(control))
        held = self._talk.ask(known, self._is_cancelled, self._stage(_LOOKING))
        if self._is_cancelled():
            return ()
        for control in known:
            self._judge_before(control, held.get(control))
        self._keep_levels_whole()
        rows = [(self._wishes[control].change, old) for control, old in self._before.items()]
        return tuple(Row(change.track, change.param, old, change.new) for change, old in rows)

    def carry_out(self) -> None:
        """Tell what :meth:`look` left to be told, and read it back until all of it has an outcome."""
        for attempt in range(self._talk.timing.tells):
            generation = self._talk.generation
            self._tell(self._to_tell())
            if not self._told:
                break
            told = self._told if self._is_cancelled() else self._before
            self._read_back([control for control in told if not self._is_fine(control)])
            if self._to_tell() and not self._is_over():
                continue
            if attempt > 0 or self._moved or generation != self._talk.generation:
                # what was confirmed a while ago, seen anew: the DAW was restarted, somebody is at the faders
                self._read_back([*self._before, *(c for c in self._found.keys() - self._before if self._is_fine(c))])
            if not self._to_tell() or self._is_over():
                break

    def close(self) -> tuple[Confirmation, ...]:
        """What became of the changes, in the order they were wished; cancelled, where they were not carried out."""
        self._settle_rest()
        self._progress(1.0, "read back")
        return tuple(self._found[control] for control in self._wishes)

    def _settle(self, control: Control, outcome: Outcome, held: float | None, text: str = "") -> None:
        self._found[control] = Confirmation(self._wishes[control].change, outcome, held, text)

    def _judge_before(self, control: Control, held: float | None) -> None:
        wish = self._wishes[control]
        if held is None:
            self._settle(control, Outcome.UNANSWERED, None, "the DAW did not say what it holds; nothing was sent")
        elif self._is_at(control, wish.change.new, held):
            self._settle(control, Outcome.UNCHANGED, held)
        elif not wish.is_regardless and not self._is_where_it_was(control, held):
            text = f"stood at {wish.change.old:g} and stands at {held:g} now; kept"
            self._settle(control, Outcome.MOVED, held, text)
        elif why := self._talk.why_not(control, wish.change.new):
            self._settle(control, Outcome.REFUSED, held, why)
        elif why := self._talk.why_not(control, held):
            self._settle(control, Outcome.REFUSED, held, f"left as it is, for this could not be undone: {why}")
        else:
            self._before[control] = held

    def _is_where_it_was(self, control: Control, held: float) -> bool:
        """Whether it stands where the change was proposed from, or where a push of ours has left it."""
        wish = self._wishes[control]
        return any(v is not None and self._is_at(control, v, held) for v in (wish.change.old, wish.left_at))

    def _keep_levels_whole(self) -> None:
        """Where one of the settings that make a track's level was moved, the others stay with it."""
        moved = {c.track for c, f in self._found.items() if f.outcome is Outcome.MOVED and c.param in LEVEL_PARAMS}
        for control in [c for c in self._before if c.param in LEVEL_PARAMS and c.track in moved]:
            self._settle(control, Outcome.MOVED, self._before.pop(control), "the track's level was moved; kept")

    def _tell(self, controls: Sequence[Control]) -> None:
        note = self._stage(_SENDING)
        for i in range(0, len(controls), TOLD_TOGETHER):
            note(i / len(controls))
            if self._is_over():
                return
            some = controls[i : i + TOLD_TOGETHER]
            held = self._talk.heard(some)
            values = {c: self._wishes[c].change.new for c in some if not self._is_theirs(c, held.get(c))}
            if values and not self._talk.tell(values, self._is_cancelled):
                return
            self._told |= values.keys()

    def _read_back(self, controls: Sequence[Control]) -> None:
        """Judge by what the DAW holds now; what did not land has no outcome then and is told again."""
        held = self._talk.ask(controls, self._is_out_of_patience, self._stage(_READING_BACK))
        for control in controls:
            self._judge(control, held.get(control))

    def _judge(self, control: Control, held: float | None) -> None:
        new = self._wishes[control].change.new
        if held is None:
            self._settle(control, Outcome.UNANSWERED, None, "the DAW does not say what it holds now; look there")
        elif self._is_at(control, new, held):
            self._settle(control, Outcome.CONFIRMED if control in self._told else Outcome.UNCHANGED, held)
        elif control in self._moved or control not in self._before or self._is_theirs(control, held):
            self._moved.add(control)
            text = f"stands at {held:g}: somebody moved it meanwhile, or the DAW takes no other value; kept"
            self._settle(control, Outcome.MOVED, held, text)
        else:
            self._found.pop(control, None)

    def _is_at(self, control: Control, wanted: float, held: float) -> bool:
        return self._talk.is_same(control, wanted, held)

    def _is_theirs(self, control: Control, held: float | None) -> bool:
        """Whether ``held`` says that somebody has moved it since it was looked at."""
        if held is None or self._is_at(control, self._wishes[control].change.new, held):
            return False
        return not self._is_at(control, self._before[control], held)

    def _is_fine(self, control: Control) -> bool:
        found = self._found.get(control)
        return found is not None and found.outcome in (Outcome.CONFIRMED, Outcome.UNCHANGED)

    def _is_cancelled(self) -> bool:
        if self._cancelled_s is None and self._wants_cancelled():
            self._cancelled_s = time.monotonic()
        return self._cancelled_s is not None

    def _is_out_of_patience(self) -> bool:
        """Whether it was cancelled too long ago to wait for answers yet."""
        return self._is_cancelled() and time.monotonic() - (self._cancelled_s or 0.0) >= LAST_LOOK_S

    def _is_over(self) -> bool:
        """Whether nothing more is to be told."""
        return self._is_cancelled() or self._is_elsewhere() or self._talk.state is LinkState.CLOSED

    def _is_elsewhere(self) -> bool:
        return bool(self._session and self._talk.session) and self._talk.session != self._session

    def _to_tell(self) -> list[Control]:
        """What was not told, or did not land."""
        return [control for control in self._wishes if control not in self._found]

    def _settle_rest(self) -> None:
        """Give an outcome to what has none, and take it from what cannot be known any more."""
        held = self._talk.heard(self._wishes)
        for control in self._to_tell():
            value = held.get(control)
            if self._is_cancelled():
                self._settle(control, Outcome.CANCELLED, value, "stopped before the DAW took it")
            elif control in self._told and value is not None:
                text = f"told {self._talk.timing.tells} times, and it stays at {value:g}"
                self._settle(control, Outcome.REFUSED, value, text)
            else:
                self._settle(control, Outcome.UNANSWERED, value, "not sent: the DAW went away")
        if self._is_elsewhere() or self._talk.state is not LinkState.CONNECTED:
            what = "another session was opened" if self._is_elsewhere() else "the DAW went away"
            for control in (c for c in tuple(self._found) if c in self._told or self._is_fine(c)):
                self._settle(control, Outcome.UNANSWERED, None, f"{what} before this could be read back")

    def _stage(self, text: str) -> Callable[[float], None]:
        """Begin a step; what hears how much of it is done. All in all it only rises, though steps are gone through
        again."""
        begin, end = _SHARES[text]

        def note(share: float) -> None:
            self._share = max(self._share, begin + (end - begin) * share)
            self._progress(self._share, text)

        note(0.0)
        return note

    def _unsupported_text(self, control: Control) -> str:
        if all(track.name != control.track for track in self._talk.tracks) and control.track != SHARED:
            return f"the DAW has no track {control.track!r}; was it renamed?"
        return f"there is nothing on this track that can be told {control.param}; is our strip on it?"
