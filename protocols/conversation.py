"""A surface and a transport in talk: asking and telling, while it is kept up.

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

from assistant.tasks import IsCancelled
from protocols.acquaintance import Acquaintance
from protocols.daw import Control, DatagramsDropped, DawTrack, Event, HeldChanged, LinkState, Surface
from protocols.dialect import Message
from protocols.errors import ProtocolError
from protocols.events import Events
from protocols.timing import Repeats, Timing
from protocols.transport import BURST, Transport

_logger = logging.getLogger(__name__)
#: How often the thread that keeps the talk looks whether anything is due: while surveying, and then.
_TICK_S = 0.02
_IDLE_TICK_S = 0.1
#: Datagrams told before the DAW has shown that it has read them: a socket of 212,992 bytes, Linux' default, keeps some
#: 270 small ones unread.
MOST_UNREAD = 128


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
        self._surface = surface
        self._open_transport = open_transport
        self._events = Events(listener)
        self._known = Acquaintance(surface, timing, self._events)
        self._transport: Transport | None = None
        self._thread: threading.Thread | None = None
        self._news = threading.Condition()
        self._opening = threading.Lock()
        self._sent_s = 0.0
        self._unread = 0  # datagrams told that the DAW may not have read yet
        self._sign = ""  # where the answer comes that shows that it has

    @property
    def state(self) -> LinkState:
        """How the link stands."""
        return self._known.state

    @property
    def tracks(self) -> tuple[DawTrack, ...]:
        """The DAW's strips, as the last whole survey found them."""
        return self._known.tracks

    @property
    def controls(self) -> frozenset[Control]:
        """Everything that :attr:`tracks` can be told."""
        return self._known.controls

    @property
    def generation(self) -> int:
        """How often the DAW was surveyed to the end; another number says that it came back, or changed its strips."""
        return self._known.generation

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
            with self._news:
                self._known.begin(time.monotonic())
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
                self._known.end()
                self._news.notify_all()
            thread.join()
            self._transport.close()

    def wait_until_ready(self, timeout_s: float, is_over: IsCancelled = lambda: False) -> bool:
        """Whether the DAW answers and all its strips are known; waits for it ``timeout_s``, or until ``is_over``."""
        end_s = time.monotonic() + timeout_s
        while not is_over():
            with self._news:
                rest_s = end_s - time.monotonic()
                if rest_s <= 0.0 or self._known.is_ready or self.state is LinkState.CLOSED:
                    break
                self._news.wait(min(rest_s, _IDLE_TICK_S))
        with self._news:
            return self._known.is_ready

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
                messages = self._surface.ask(due) if due and self._known.is_ready else ()
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
            if not self._known.is_ready or not values.keys() <= self.controls:
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

    def _send(self, messages: Sequence[Message]) -> None:
        if messages and self._transport is not None:
            self._transport.send(messages)
            self._sent_s = time.monotonic()

    def _hear(self, messages: Sequence[Message]) -> None:
        with self._news:
            if self.state is LinkState.CLOSED:
                return
            self._known.note_heard(time.monotonic())
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
                messages = self._known.due(time.monotonic(), self._sent_s, transport.undelivered)
                self._news.notify_all()
            self._events.note(DatagramsDropped(transport.dropped))
            self._send(messages)
            self._events.tell()
            with self._news:
                if self.state is not LinkState.CLOSED:
                    self._news.wait(_IDLE_TICK_S if self._known.is_at_rest else _TICK_S)
        self._events.tell()
