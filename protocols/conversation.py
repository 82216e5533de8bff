"""A surface and a transport in talk: greeting, surveying, asking and telling, and noticing that the DAW went or came.

Datagrams get lost, doubled and overtaken. Hence: what is asked is asked again until it is answered; and a reading
begins only when everything sent before is older than ``Timing.quiet_s``, twice the longest way of a datagram, so that
no late answer to an earlier question can be taken for one to this, and no late telling can land behind it. What is
heard later overrides.

A DAW that is told more than its socket keeps unread loses the rest. Hence values are told at its own pace: after
``MOST_UNREAD`` datagrams it is asked for a sign of life, and the next are sent when that has come.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from assistant.tasks import IsCancelled
from protocols.daw import (
    Control,
    DatagramsDropped,
    DawTrack,
    Event,
    HeldChanged,
    LinkChanged,
    LinkState,
    Surface,
    TracksChanged,
)
from protocols.dialect import Message
from protocols.errors import ProtocolError
from protocols.events import Events, controls_of
from protocols.timing import Repeats, Timing
from protocols.transport import BURST, Transport

_logger = logging.getLogger(__name__)
#: How often the thread that keeps the talk looks whether anything is due: while surveying, and then.
_TICK_S = 0.02
_IDLE_TICK_S = 0.1
#: How often a DAW that does not answer is greeted.
_GREET_S = 0.5
#: Datagrams told before the DAW has shown that it has read them: a socket of 212,992 bytes, Linux' default, keeps some
#: 270 small ones unread.
MOST_UNREAD = 128
#: Without an answer to the sign of life asked for last, it is asked for so much more often.
_HURRY = 4

_Phase = Literal["greeting", "surveying", "ready"]


class Conversation:
    """The talk with one DAW, from :meth:`open` to :meth:`close`; any thread may call, one at a time may ask and tell.

    ``listener`` hears events (:class:`Events`) on a thread of the conversation, and must neither open nor close it.
    Values are told of strips that were told before.
    """

    def __init__(
        self,
        surface: Surface,
        open_transport: Callable[[], Transport],
        timing: Timing,
        listener: Callable[[Event], None],
    ) -> None:
        self.timing = timing
        self.state = LinkState.CLOSED
        self.tracks: tuple[DawTrack, ...] = ()  # as the last whole survey found them
        self.controls: frozenset[Control] = frozenset()  # everything that those can be told
        #: How often the DAW was surveyed to the end; another number says that it was restarted or changed its strips.
        self.generation = 0
        self._surface = surface
        self._open_transport = open_transport
        self._events = Events(listener)
        self._transport: Transport | None = None
        self._thread: threading.Thread | None = None
        self._news = threading.Condition()
        self._opening = threading.Lock()
        self._phase: _Phase = "greeting"
        self._survey = Repeats[Message](timing)
        self._complete_since_s: float | None = None
        self._complete_tracks: tuple[DawTrack, ...] = ()
        self._has_greeted = False
        self._given_up: frozenset[Message] = frozenset()
        self._greet_s = self._sent_s = self._heard_s = 0.0
        self._undelivered = 0
        self._unread = 0  # datagrams told that the DAW may not have read yet
        self._sign = ""  # where the answer comes that shows that it has

    @property
    def trouble(self) -> str:
        """Why there is no answer, as far as the system says; "" otherwise."""
        return "" if self._transport is None else self._transport.trouble

    @property
    def session(self) -> str:
        """The name of the session that is open, "" where the DAW does not tell."""
        return self._surface.session

    @property
    def dropped(self) -> Mapping[str, int]:
        """Datagrams dropped since the conversation was opened, by reason."""
        return {} if self._transport is None else self._transport.dropped

    def open(self) -> None:
        """Begin to greet; nothing where it is open. Raises :class:`ProtocolError` as :class:`Transport` does."""
        with self._opening:
            if self._thread is not None:
                return
            self._transport = self._open_transport()
            self._undelivered = 0
            with self._news:
                self._begin_greeting(LinkState.WAITING, time.monotonic() - self.timing.quiet_s)
            self._transport.listen(self._hear)
            self._thread = threading.Thread(target=self._keep, args=(self._transport,), name="daw-keeping", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the talk and its threads; again is nothing."""
        with self._opening:
            thread, self._thread = self._thread, None
            if thread is None or self._transport is None:
                return
            with self._news:
                self._set_state(LinkState.CLOSED)
            thread.join()
            self._transport.close()

    def wait_until_ready(self, timeout_s: float, is_over: IsCancelled = lambda: False) -> bool:
        """Whether the DAW answers and all its strips are known; waits for it ``timeout_s``, or until ``is_over``."""
        end_s = time.monotonic() + timeout_s
        while not is_over():
            with self._news:
                rest_s = end_s - time.monotonic()
                if rest_s <= 0.0 or self._is_ready() or self.state is LinkState.CLOSED:
                    break
                self._news.wait(min(rest_s, _IDLE_TICK_S))
        with self._news:
            return self._is_ready()

    def is_same(self, control: Control, wanted: float, held: float) -> bool:
        """See :meth:`Surface.is_same`."""
        with self._news:
            return wanted == held or self._surface.is_same(control, wanted, held)

    def why_not(self, control: Control, value: float) -> str:
        """Why the DAW cannot be told ``value``; "" where it can."""
        with self._news:
            try:
                self._surface.say({control: value})
            except (ValueError, ProtocolError) as error:
                return str(error)
        return ""

    def ask(
        self,
        controls: Iterable[Control],
        is_over: IsCancelled = lambda: False,
        on_share: Callable[[float], None] = lambda share: None,
    ) -> dict[Control, float]:
        """What the DAW holds of ``controls`` now; without those that it did not tell until ``is_over``, or does not
        have. ``on_share`` hears how much of them it told.
        """
        self._be_quiet()
        wanted = frozenset(controls)
        repeats = Repeats[Control](self.timing)
        with self._news:
            for control in wanted:
                self._surface.held.pop(control, None)
        while self.wait_until_ready(self.timing.return_s, is_over) and not is_over():
            with self._news:
                missing = [c for c in wanted & self.controls if c not in self._surface.held]
                if not missing or repeats.is_hopeless:
                    break
                due = repeats.due(missing, time.monotonic())
                messages = self._surface.ask(due) if due and self._is_ready() else ()
                if not messages:
                    self._news.wait(_TICK_S)
            self._send(messages)
            on_share(1.0 - len(missing) / len(wanted))
        return self.heard(wanted)

    def heard(self, controls: Iterable[Control]) -> dict[Control, float]:
        """What the DAW was heard to hold of ``controls`` since they were asked for; nothing is asked."""
        with self._news:
            held = self._surface.held
            return {control: held[control] for control in controls if control in held}

    def tell(self, values: Mapping[Control, float], is_over: IsCancelled = lambda: False) -> bool:
        """Tell the DAW ``values``; False, and nothing told, where it does not have all of the controls now."""
        self.wait_until_ready(self.timing.return_s, is_over)
        with self._news:
            if not self._is_ready() or not values.keys() <= self.controls:
                return False
            messages = self._surface.say(values)
        for i in range(0, len(messages), BURST):
            self._tell_paced(messages[i : i + BURST], is_over)
        return True

    def _tell_paced(self, messages: Sequence[Message], is_over: IsCancelled) -> None:
        if self._unread + len(messages) > MOST_UNREAD:
            self._await_sign(is_over)
        self._send(messages)
        self._unread += len(messages)

    def _await_sign(self, is_over: IsCancelled) -> None:
        """Wait until the DAW has read what it was told; at most ``Timing.wait_s``, for the sign may get lost."""
        with self._news:
            questions = self._surface.alive()
            self._sign = questions[0].address
        self._send(questions)
        end_s = time.monotonic() + self.timing.wait_s
        while not is_over():
            with self._news:
                rest_s = end_s - time.monotonic()
                if not self._sign or rest_s <= 0.0 or self.state is not LinkState.CONNECTED:
                    break
                self._news.wait(min(rest_s, _TICK_S))
        self._unread = 0

    def _be_quiet(self) -> None:
        """Wait until everything sent has landed and been answered, or was lost."""
        while (rest_s := self._sent_s + self.timing.quiet_s - time.monotonic()) > 0.0:
            time.sleep(rest_s)
        self._unread = 0

    def _is_ready(self) -> bool:
        is_known = self._phase == "ready" and self._surface.tracks == self.tracks
        return is_known and self.state is LinkState.CONNECTED and not self._unknown()

    def _unknown(self) -> list[Message]:
        """What asks for what is not known of the strips, but for what the DAW never answered."""
        return [message for message in self._surface.survey() if message not in self._given_up]

    def _send(self, messages: Sequence[Message]) -> None:
        if messages and self._transport is not None:
            self._transport.send(messages)
            self._sent_s = time.monotonic()

    def _hear(self, messages: Sequence[Message]) -> None:
        with self._news:
            if self.state is LinkState.CLOSED:
                return
            self._heard_s = time.monotonic()
            for message in messages:
                if message.address == self._sign:
                    self._sign = ""
                for event in self._understood(message):
                    if isinstance(event, HeldChanged) and event.control in self.controls:
                        self._events.note(event)
            self._news.notify_all()

    def _understood(self, message: Message) -> Sequence[Event]:
        try:
            return self._surface.heard(message)
        except Exception:  # a fault of the surface, which must not raise: the talk goes on
            _logger.exception("%s: not understood: %.200r", self._surface.dialect.label, message)
            return ()

    def _keep(self, transport: Transport) -> None:
        """The thread that keeps the talk going and tells events."""
        while True:
            with self._news:
                if self.state is LinkState.CLOSED:
                    break
                messages = self._due(time.monotonic(), transport.undelivered)
            self._events.note(DatagramsDropped(transport.dropped))
            self._send(messages)
            self._events.tell()
            with self._news:
                if self.state is not LinkState.CLOSED:
                    self._news.wait(_IDLE_TICK_S if self._phase == "ready" else _TICK_S)
        self._events.tell()

    def _due(self, now_s: float, undelivered: int) -> Sequence[Message]:
        """What is to be sent now to keep the talk going."""
        refused, self._undelivered = undelivered != self._undelivered, undelivered
        if self._phase == "greeting":
            return self._greeting_due(now_s)
        if refused or now_s - self._heard_s > self.timing.silence_s:
            self._lose(now_s)
            return ()
        return self._survey_due(now_s) or self._alive_due(now_s)

    def _lose(self, now_s: float) -> None:
        self._begin_greeting(LinkState.LOST if self.state is LinkState.CONNECTED else self.state, now_s)

    def _begin_greeting(self, state: LinkState, now_s: float) -> None:
        """What the DAW said until now counts no more; what is on its way from it yet is waited for."""
        self._phase = "greeting"
        self._has_greeted = False
        self._greet_s = now_s + self.timing.quiet_s
        self._set_state(state)

    def _greeting_due(self, now_s: float) -> Sequence[Message]:
        if self._has_greeted and self._heard_s:
            self._phase = "surveying"
            self._survey, self._complete_since_s = Repeats(self.timing), None
            return ()
        if now_s < self._greet_s:
            return ()
        if not self._has_greeted:
            self._surface.forget()
            self._given_up = frozenset()
            self._has_greeted, self._heard_s = True, 0.0
        self._greet_s = now_s + _GREET_S
        return (*self._surface.greeting(), *self._surface.alive())

    def _survey_due(self, now_s: float) -> Sequence[Message]:
        wanted = self._unknown()
        if wanted and self._survey.is_hopeless and not self._surface.tracks:
            self._lose(now_s)  # somebody answers, who is not the DAW
        elif wanted and self._survey.is_hopeless:
            _logger.warning("%s never answered %s", self._surface.dialect.label, wanted[:8])
            self._given_up |= frozenset(wanted)
        elif wanted:
            self._phase, self._complete_since_s = "surveying", None
            return self._survey.due(wanted, now_s)
        if self._phase == "surveying" or self._surface.tracks != self.tracks:
            self._phase = "surveying"
            if self._complete_since_s is None or self._surface.tracks != self._complete_tracks:
                self._complete_since_s, self._complete_tracks = now_s, self._surface.tracks
            elif now_s - self._complete_since_s >= self.timing.quiet_s:
                self._become_ready()
        return ()

    def _become_ready(self) -> None:
        self._phase = "ready"
        self.generation += 1
        self.tracks = self._complete_tracks
        self.controls = frozenset(controls_of(self.tracks))
        self._events.note(TracksChanged(self.tracks, self.session))
        for control in self.controls & self._surface.held.keys():
            self._events.note(HeldChanged(control, self._surface.held[control]))
        self._survey, self._complete_since_s = Repeats(self.timing), None
        self._set_state(LinkState.CONNECTED)

    def _alive_due(self, now_s: float) -> Sequence[Message]:
        alive_s = self.timing.alive_s
        every_s = alive_s if now_s - self._heard_s < 1.5 * alive_s else alive_s / _HURRY
        return self._surface.alive() if now_s - self._sent_s >= every_s else ()

    def _set_state(self, state: LinkState) -> None:
        if state is not self.state:
            self.state = state
            self._events.note(LinkChanged(state))
        self._news.notify_all()
