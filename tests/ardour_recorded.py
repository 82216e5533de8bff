"""What Ardour 7.3 was recorded to answer, and an Ardour that answers so: for tests without one."""

from __future__ import annotations

import random
from base64 import b64decode
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from protocols.ardour.surface import ArdourSurface
from protocols.datagrams import messages_of
from protocols.daw import Event
from protocols.dialect import Message
from protocols.transport import datagram_of

RECORDING = Path(__file__).parent / "protocols" / "ardour" / "conversation.txt"


@cache
def recorded_answers() -> dict[bytes, tuple[bytes, ...]]:
    """The datagrams that came for each that was sent."""
    answers: dict[bytes, tuple[bytes, ...]] = {}
    question = b""
    for line in RECORDING.read_text(encoding="ascii").splitlines():
        if line.startswith("> "):
            question = b64decode(line[2:])
            answers[question] = ()
        elif line.startswith("< "):
            answers[question] += (b64decode(line[2:]),)
    return answers


def answers_to(messages: Iterable[Message]) -> list[bytes]:
    """The recorded answers to ``messages``, in their order."""
    return [data for message in messages for data in recorded_answers().get(datagram_of(message), ())]


def hear(surface: ArdourSurface, datagrams: Iterable[bytes]) -> list[Event]:
    """What ``surface`` makes of ``datagrams``."""
    return [event for data in datagrams for message in messages_of(data) for event in surface.heard(message)]


def surveyed(surface: ArdourSurface | None = None) -> tuple[ArdourSurface, list[Event]]:
    """A surface that has surveyed the recorded Ardour, and the events of it."""
    surface = surface or ArdourSurface()
    events: list[Event] = []
    for _ in range(10):
        events += hear(surface, answers_to(surface.survey()))
    return surface, events


def lossy(datagrams: Sequence[bytes], rng: random.Random, share: float) -> list[bytes]:
    """``datagrams`` with ``share`` of them lost, as many doubled, and all in disorder."""
    kept = [data for data in datagrams if rng.random() >= share]
    doubled = [data for data in kept if rng.random() < share]
    mixed = kept + doubled
    rng.shuffle(mixed)
    return mixed
