"""Values are told at the DAW's own pace: a slow one with little room for what it has not read gets all of them."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from toy_daw import ToyDaw, ToySurface, rounded

from assistant.params import BY_NAME
from protocols.conversation import MOST_UNREAD, Conversation
from protocols.daw import Control
from protocols.dialect import Message
from protocols.timing import Timing
from protocols.transport import Transport

#: Room for some 150 datagrams, of 768 bytes each as Linux counts them.
LITTLE_BYTES = 60_000
#: Patient: a machine with other work to do may keep the toy from answering for a while.
TIMING = Timing(wait_s=2.0, alive_s=60.0, silence_s=60.0)


class SlowToy(ToyDaw):
    """A toy that takes half a millisecond and more for each value that it is told."""

    def __init__(self, answers_pings: bool = True) -> None:
        super().__init__(tracks=24, receive_bytes=LITTLE_BYTES)
        self.answers_pings = answers_pings
        self.pings = 0
        self.on_set = lambda control, value: time.sleep(0.0005)

    def _obey(self, message: Message, source: tuple[str, int]) -> None:
        self.pings += message.address == "/ping"
        if self.answers_pings or message.address != "/ping":
            super()._obey(message, source)


@contextmanager
def talk_to(toy: ToyDaw, timing: Timing = TIMING) -> Iterator[Conversation]:
    talk = Conversation(ToySurface(), lambda: Transport(toy.port), timing, lambda event: None)
    talk.open()
    try:
        assert talk.wait_until_ready(10.0)
        yield talk
    finally:
        talk.close()


def other_values(toy: ToyDaw) -> Mapping[Control, float]:
    """Something else for each control."""
    return {c: rounded(BY_NAME[c.param].clamp(BY_NAME[c.param].from_unit(0.4))) for c in toy.values}


def until(is_so: Callable[[], bool], timeout_s: float = 5.0) -> bool:
    end = time.monotonic() + timeout_s
    while not is_so() and time.monotonic() < end:
        time.sleep(0.005)
    return is_so()


def test_a_slow_daw_gets_everything_at_the_first_telling() -> None:
    with SlowToy() as toy, talk_to(toy) as talk:
        values = other_values(toy)
        assert len(values) > 4 * MOST_UNREAD
        assert talk.tell(values)
        assert until(lambda: toy.set_count == len(values))
        assert toy.values == values


@pytest.mark.skipif(sys.platform != "linux", reason="how much a socket keeps is counted otherwise on other systems")
def test_without_signs_a_slow_daw_would_lose_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the test above tests something."""
    monkeypatch.setattr("protocols.conversation.MOST_UNREAD", 10_000)
    with SlowToy() as toy, talk_to(toy) as talk:
        values = other_values(toy)
        talk.tell(values)
        until(lambda: toy.set_count == len(values), 1.0)
        assert toy.set_count < len(values)


def test_a_little_is_told_without_waiting_for_a_sign() -> None:
    with SlowToy(answers_pings=False) as toy, talk_to(toy) as talk:
        some = dict(list(other_values(toy).items())[:MOST_UNREAD])
        before = toy.pings
        begun_s = time.monotonic()
        assert talk.tell(some)
        assert time.monotonic() - begun_s < 1.0
        assert until(lambda: toy.set_count == len(some))
        assert toy.pings == before


def test_what_was_read_back_is_waited_for_no_more() -> None:
    with ToyDaw(tracks=24) as toy, talk_to(toy, Timing()) as talk:
        some = dict(list(other_values(toy).items())[:MOST_UNREAD])
        for _ in range(2):
            talk.tell(some)
            assert talk.ask(some) == some
            assert talk._unread == 0


def test_a_sign_that_does_not_come_is_not_waited_for_for_long() -> None:
    with SlowToy(answers_pings=False) as toy, talk_to(toy, replace(TIMING, wait_s=0.05)) as talk:
        begun_s = time.monotonic()
        assert talk.tell(other_values(toy))
        assert 0.2 < time.monotonic() - begun_s < 2.0


def test_who_cancels_does_not_wait_for_a_sign() -> None:
    with SlowToy(answers_pings=False) as toy, talk_to(toy) as talk:
        values = other_values(toy)
        begun_s = time.monotonic()
        assert talk.tell(values, lambda: time.monotonic() - begun_s > 0.1)
        assert time.monotonic() - begun_s < 1.0
