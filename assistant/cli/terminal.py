"""What the command line prints: progress and remarks to standard error, results to standard output."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

# A file or a pipe has no width of its own; a table of settings needs room.
_WIDTH_WITHOUT_TERMINAL = 160


class Terminal:
    """Prints as much as asked for: only errors (``quiet``), results, or also reasons and timings (``verbose``)."""

    def __init__(self, quiet: bool = False, verbose: bool = False) -> None:
        self.is_quiet = quiet
        self.is_verbose = verbose
        self._out = Console(width=None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL, highlight=False)
        self._err = Console(
            stderr=True, width=None if sys.stderr.isatty() else _WIDTH_WITHOUT_TERMINAL, highlight=False
        )

    def error(self, text: str) -> None:
        """Say what went wrong, always."""
        self._err.print(Text(f"mixassist: {text}"), style="bold red" if self._err.is_terminal else "")

    def note(self, text: str) -> None:
        """A remark, unless quiet."""
        if not self.is_quiet:
            self._err.print(Text(text))

    def detail(self, text: str) -> None:
        """A remark for the curious, only when verbose."""
        if self.is_verbose:
            self._err.print(Text(text))

    def result(self, text: str) -> None:
        """A line of the result, unless quiet."""
        if not self.is_quiet:
            self._out.print(Text(text))

    def raw(self, text: str) -> None:
        """Text for another program, printed as it is."""
        sys.stdout.write(text)

    def table(self, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table of the result, unless quiet."""
        if self.is_quiet:
            return
        table = Table(title=title, title_justify="left", title_style="bold")
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self._out.print(table)

    @contextmanager
    def stage(self, title: str) -> Iterator[Callable[[float, str], None]]:
        """Show the progress of a stage; gives the function that hears the share done (0..1) and what was done."""
        started = time.monotonic()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}", markup=False),
        )
        is_shown = self._err.is_terminal and not self.is_quiet
        with Progress(*columns, console=self._err, disable=not is_shown, transient=True) as progress:
            task = progress.add_task(title, total=1.0, what="")
            yield lambda share, what: progress.update(task, completed=share, what=what)
        self.detail(f"{title}: {time.monotonic() - started:.1f} s")
