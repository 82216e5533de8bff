"""What goes wrong in the workshop, as the window hears it; the message is meant for the user."""

from __future__ import annotations


class WorkshopError(Exception):
    """What was asked could not be done, and the message says why; ``detail`` is for whoever mends the program."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class WorkshopDefect(WorkshopError):
    """A defect of mixassist, not of the user's files; ``detail`` is the traceback."""


class WorkshopLost(WorkshopError):
    """The workshop's process ended by itself; the next call starts another."""
