"""What the command line's work tells whoever watches it, told to a window instead: one share of all that is to do.

Contents: :class:`Telling`, :func:`in_window_words`, ``WITHOUT``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from assistant.tasks import Cancelled, IsCancelled, Progress

#: What a message says where a session can be opened without what is broken of it.
WITHOUT = "open the session without"
#: Words of the command line in messages, and what a window says instead.
_WORDS = (
    ("leave them out with --skip-broken", f"{WITHOUT} them"),
    ("leave out what is missing with --skip-broken", f"{WITHOUT} what is missing"),
    ("try a lower --target-lufs", "try a lower target loudness"),
    ("try a higher --target-lufs", "try a higher target loudness"),
    ("choose another folder for --stems-out", "choose another folder"),
    ("choose --bit-depth 24, or a .wav file", "choose 24 bit"),
)


def in_window_words(text: str) -> str:
    """``text`` of the command line without its options."""
    for option, words in _WORDS:
        text = text.replace(option, words)
    return text


class Telling:
    """An :class:`assistant.cli.terminal.Audience` for one piece of work made of stages.

    ``stages`` are the titles expected, in order, with how long each takes in proportion; one that does not come is
    passed over, one that is not expected takes no share. ``progress`` hears of the whole, never less than before;
    remarks gather in ``notes``. Whatever tells it anything raises :class:`Cancelled` once ``is_cancelled()`` is true.
    """

    def __init__(self, stages: Mapping[str, float], progress: Progress, is_cancelled: IsCancelled) -> None:
        self.notes: list[str] = []
        self.is_cancelled = is_cancelled
        self._progress = progress
        self._spans = _spans(stages)
        self._reached = 0.0

    def note(self, text: str) -> None:
        """A remark for the user."""
        self.notes.append(in_window_words(text))

    def result(self, text: str) -> None:
        """Nothing: a window shows results itself."""

    def paragraph(self, text: str) -> None:
        """A line of what came of it, such as what became of a goal."""
        self.note(text)

    @contextmanager
    def stage(self, title: str) -> Iterator[Callable[[float, str], None]]:
        """Tell of the stage called ``title``."""
        start, end = self._spans.get(title, (self._reached, self._reached))

        def tell(share: float, what: str) -> None:
            if self.is_cancelled():
                raise Cancelled(f"cancelled while {title[:1].lower()}{title[1:]}")
            self._reached = max(self._reached, start + (end - start) * min(max(share, 0.0), 1.0))
            self._progress(self._reached, f"{title}: {what}" if what else title)

        tell(0.0, "")
        yield tell
        tell(1.0, "")


def _spans(stages: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Where each stage begins and ends, 0..1 of all."""
    total, done, spans = sum(stages.values()), 0.0, {}
    for title, weight in stages.items():
        spans[title] = (done / total, (done + weight) / total)
        done += weight
    return spans
