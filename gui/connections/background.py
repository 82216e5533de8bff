"""The one long work that the window shows: what it is, how far it is, and how it is called off."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject

from gui.views.notices import BusyStrip


class Background(QObject):
    """Shows in ``strip`` what was begun last."""

    def __init__(self, strip: BusyStrip) -> None:
        super().__init__(strip)
        self._strip = strip
        self._cancel: Callable[[], object] | None = None
        strip.cancel_asked.connect(self._call_off)

    def begin(self, what: str, cancel: Callable[[], object]) -> None:
        """Work has begun that ``cancel`` calls off."""
        self._cancel = cancel
        self._strip.start(what)

    def show_progress(self, share: float, what: str) -> None:
        """The work is at ``share`` 0..1, at the stage ``what``."""
        self._strip.show_progress(share, what)

    def end(self) -> None:
        """The work is over."""
        self._cancel = None
        self._strip.finish()

    def _call_off(self) -> None:
        if self._cancel is not None:
            self._cancel()
