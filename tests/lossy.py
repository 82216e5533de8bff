"""A bad network between a companion and a DAW on this computer: datagrams lost, doubled and overtaken, both ways."""

from __future__ import annotations

import heapq
import random
import selectors
import socket
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Weather:
    """Shares 0..1 of the datagrams of each direction that are lost, doubled and delayed; each delay up to
    ``delay_s``."""

    lost: float = 0.2
    doubled: float = 0.2
    delayed: float = 0.2
    delay_s: float = 0.03


class LossyProxy:
    """Listens on :attr:`port` in place of the DAW at ``daw_port``; a context manager that ends its thread."""

    def __init__(self, daw_port: int, seed: int, weather: Weather = Weather()) -> None:
        self._dice = random.Random(seed)
        self.weather = weather
        self._daw = ("127.0.0.1", daw_port)
        self._companion: tuple[str, int] | None = None
        self._front, self._back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for side in (self._front, self._back):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            side.bind(("127.0.0.1", 0))
            side.setblocking(False)
        self.port = self._front.getsockname()[1]
        self._waiting: list[tuple[float, int, bool, bytes]] = []
        self._count = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> LossyProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()
        self._front.close()
        self._back.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._front, selectors.EVENT_READ)
            selector.register(self._back, selectors.EVENT_READ)
            while not self._closing.is_set():
                wait_s = self._waiting[0][0] - time.monotonic() if self._waiting else 0.05
                for key, _ in selector.select(min(max(wait_s, 0.0), 0.05)):
                    self._take_all(key.fileobj)  # type: ignore[arg-type]
                self._pass_on(time.monotonic())

    def _take_all(self, side: socket.socket) -> None:
        while True:
            try:
                data, source = side.recvfrom(65_536)
            except OSError:  # nothing there, or the DAW is not
                return
            if side is self._front:
                self._companion = source
            if self._dice.random() >= self.weather.lost:
                for _ in range(1 + (self._dice.random() < self.weather.doubled)):
                    self._delay(side is self._front, data)

    def _delay(self, is_to_daw: bool, data: bytes) -> None:
        late_s = self._dice.uniform(0.0, self.weather.delay_s) if self._dice.random() < self.weather.delayed else 0.0
        self._count += 1
        heapq.heappush(self._waiting, (time.monotonic() + late_s, self._count, is_to_daw, data))

    def _pass_on(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            _, _, is_to_daw, data = heapq.heappop(self._waiting)
            try:
                if is_to_daw:
                    self._back.sendto(data, self._daw)
                elif self._companion:
                    self._front.sendto(data, self._companion)
            except OSError:  # the DAW is not there
                continue
