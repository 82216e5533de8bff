"""What the command line prints: progress and remarks to standard error, results to standard output.

Names come from files and may hold anything: nothing printed here is read as markup, and control characters are shown
as escapes. A reader that goes away (``| head``) does not stop the work; anything else that keeps a result from being
printed raises :class:`PrintError`.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from assistant.audio.formats import printable

# A file or a pipe has no width of its own; a table of settings needs room.
_WIDTH_WITHOUT_TERMINAL = 160
_INDENT = 2


class PrintError(Exception):
    """Standard output takes no more; the message says why."""


@dataclass(frozen=True)
class TableColumn:
    """A column of a printed table: heading and alignment."""

    heading: str = ""
    is_number: bool = False


class Audience(Protocol):
    """Whoever hears of the work while it is done, and may have it stopped: the terminal, or a window."""

    def note(self, text: str) -> None:
        """A remark for the user."""

    def result(self, text: str) -> None:
        """A line of what came of it."""

    def paragraph(self, text: str) -> None:
        """A line that belongs to the result above it."""

    def stage(self, title: str) -> AbstractContextManager[Callable[[float, str], None]]:
        """A stage of the work; gives the function that hears the share done (0..1) and what was done."""

    def is_cancelled(self) -> bool:
        """Whether to stop, by raising :class:`assistant.tasks.Cancelled`."""


class _Console(Console):
    """A console that leaves a reader gone away to its caller."""

    def on_broken_pipe(self) -> None:
        """Called by rich while it handles the error: pass it on."""
        raise BrokenPipeError


class Terminal:
    """Prints as much as asked for: only errors (``quiet``), results, or also reasons and timings (``verbose``)."""

    def __init__(self, quiet: bool = False, verbose: bool = False) -> None:
        self.is_quiet = quiet
        self.is_verbose = verbose
        self._out = _console(sys.stdout)
        self._err = _console(sys.stderr)

    @property
    def is_unheard(self) -> bool:
        """Whether whoever read the results has gone away."""
        return self._out.quiet

    def error(self, text: str) -> None:
        """Say what went wrong, always."""
        with suppress(OSError):  # nowhere left to say it
            style = "bold red" if self._err.is_terminal else ""
            self._err.print(_plain(f"mixassist: {text}"), style=style, soft_wrap=True)

    def note(self, text: str) -> None:
        """A remark, unless quiet."""
        if not self.is_quiet:
            with suppress(OSError):
                self._err.print(_plain(text), soft_wrap=True)

    def detail(self, text: str) -> None:
        """A remark for the curious, only when verbose."""
        if self.is_verbose:
            self.note(text)

    def result(self, text: str) -> None:
        """A line of the result, unless quiet."""
        if not self.is_quiet:
            self._print(_plain(text), soft_wrap=True)

    def paragraph(self, text: str) -> None:
        """An indented line of the result, unless quiet; on a terminal its continuation is indented too."""
        if self._out.is_terminal and not self.is_quiet:
            self._print(Padding(_plain(text), (0, 0, 0, _INDENT), expand=False))
        else:
            self.result(" " * _INDENT + text)

    def raw(self, text: str) -> None:
        """Text for another program, printed as it is, even when quiet."""
        with self._printing():
            self._out.file.write(text)
            self._out.file.flush()

    def table(self, title: str, columns: Sequence[TableColumn], rows: Iterable[Sequence[str]]) -> None:
        """A table of the result, unless quiet; without a heading in any column it has none."""
        if not self.is_quiet:
            self._print(_table(title, columns, rows))

    def fits(self, columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]) -> bool:
        """Whether the table is no wider than the terminal."""
        wanted = self._out.measure(_table("", columns, rows), options=self._out.options.update(width=10_000))
        return wanted.maximum <= self._out.width

    def is_cancelled(self) -> bool:
        """Never: Ctrl-C ends the program by itself."""
        return False

    @contextmanager
    def stage(self, title: str) -> Iterator[Callable[[float, str], None]]:
        """Show the progress of a stage; gives the function that hears the share done (0..1) and what was done.

        Until a share above 0 is heard the bar only shows that work goes on.
        """
        started = time.monotonic()
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        )
        is_shown = self._err.is_terminal and not self.is_quiet
        with Progress(*columns, console=self._err, disable=not is_shown, transient=True) as progress:
            task = progress.add_task(title, total=None, what="")

            def tell(share: float, what: str) -> None:
                total = 1.0 if share > 0.0 else None
                progress.update(task, total=total, completed=share, what=printable(what))

            yield tell
        self.detail(f"{title}: {time.monotonic() - started:.1f} s")

    def _print(self, what: Any, soft_wrap: bool = False) -> None:
        with self._printing():
            self._out.print(what, soft_wrap=soft_wrap)

    @contextmanager
    def _printing(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            _discard(self._out)
        except OSError as error:
            _discard(self._out)
            raise PrintError(f"the result cannot be printed: {error.strerror}") from error


def _console(stream: TextIO | None) -> Console:
    """A console on ``stream``; on nothing where the caller has closed it."""
    file = stream if stream is not None else open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - lives as long
    if isinstance(file, io.TextIOWrapper) and file.errors == "strict":
        file.reconfigure(errors="backslashreplace")  # a terminal that knows few characters is no reason to fail
    is_fixed = not file.isatty() and not os.environ.get("COLUMNS", "").isdecimal()
    return _Console(file=file, width=_WIDTH_WITHOUT_TERMINAL if is_fixed else None, highlight=False)


def _discard(console: Console) -> None:
    """Print no more to ``console``, nor what waits in its buffer, which would fail again at the end of the program."""
    console.quiet = True
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, console.file.fileno())
        os.close(null)


def _plain(text: str) -> Text:
    return Text("\n".join(printable(line) for line in text.split("\n")))


def _table(title: str, columns: Sequence[TableColumn], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(
        title=_plain(title) if title else None,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        show_header=any(c.heading for c in columns),
        show_edge=False,
    )
    for column in columns:
        justify = "right" if column.is_number else "left"
        table.add_column(_plain(column.heading), overflow="fold", justify=justify)  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    return table
