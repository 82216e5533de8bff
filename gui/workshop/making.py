"""An order becomes files: the finished mix, its stems, its settings and its report, in a folder of their own.

Contents: :func:`stages_of_order`, :func:`made`, :func:`free_folder`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from assistant.audio.writing import BitDepth
from assistant.cli.outputs import OutputError, Outputs, missing_folders
from assistant.cli.rendering import Made, RenderJob
from assistant.cli.summary import missed_target_text, result_rows
from assistant.mandate import Automation
from assistant.mix import Mix
from gui.workshop.opened import Opened, Proven
from gui.workshop.proposing import deepened, proposed, proven_as_is, stages_of
from gui.workshop.telling import Telling, in_window_words
from gui.workshop.values import Finished, Order

_MIX, _STEMS, _SETTINGS, _REPORT = "mix.wav", "stems", "mix.json", "report.html"
_BIT_DEPTHS: dict[str, BitDepth] = {"16": 16, "24": 24, "float": "float"}
#: What comes after the proposal, in seconds for 28 tracks.
_RENDERING = {"Rendering": 20.0, "Mastering": 10.0, "Measuring": 1.0, "Writing": 2.0}
#: So many folders of one name are looked at.
_MOST_FOLDERS = 1000


def stages_of_order(order: Order) -> dict[str, float]:
    """The stages of ``order``, and how long each takes in proportion."""
    return {**stages_of(order.wish, in_depth=order.writes_report), **_RENDERING}


def made(opened: Opened, order: Order, telling: Telling) -> Finished:
    """The finished mix of ``order``; nothing is left behind where it could not be finished.

    Where its folder holds a mix already, a folder beside it takes this one ("Song 2"). Raises :class:`OutputError` for
    a place that cannot be written to, :class:`Cancelled`, and what proposing and rendering raise.
    """
    folder = free_folder(Path(order.folder))
    try:
        with _new_folder(folder):
            return _Making(opened, order, telling, _outputs(folder, order)).finished()
    except OutputError as error:
        raise OutputError(in_window_words(str(error))) from error


def free_folder(folder: Path) -> Path:
    """``folder``, or where it holds a mix already, the first beside it that does not; raises :class:`OutputError`."""
    for number in range(1, _MOST_FOLDERS):
        candidate = folder if number == 1 else folder.with_name(f"{folder.name} {number}")
        try:
            if not any((candidate / name).exists() for name in (_MIX, _STEMS, _SETTINGS, _REPORT)):
                return candidate
        except (OSError, ValueError) as error:
            raise OutputError(f"{folder}: cannot be made ({getattr(error, 'strerror', None) or error})") from error
    raise OutputError(f"{folder}: {_MOST_FOLDERS} mixes lie beside it already; choose another folder")


class _Making:
    """One order of one session, at work."""

    def __init__(self, opened: Opened, order: Order, telling: Telling, outputs: Outputs) -> None:
        self._opened, self._order, self._telling, self._outputs = opened, order, telling, outputs

    def finished(self) -> Finished:
        """Prove what has to be, render, and say how it came out."""
        self._outputs.check(self._opened.source.session)
        mix, proven = self._mix()
        insight = None if proven is None else proven.proof.insight
        sentences = () if proven is None else proven.sentences
        job = RenderJob(self._opened.source, self._outputs, self._telling, insight, sentences)
        with _without_halves(job.written):
            done = job.run(replace(mix, target_lufs=self._order.wish.target_lufs))
        return self._told(done)

    def _mix(self) -> tuple[Mix, Proven | None]:
        """What is to be rendered, and its proof where a report needs it or nothing was proposed yet."""
        order, known = self._order, self._opened.proven
        if order.mix is None:
            return self._proposed()
        if not order.writes_report:
            return order.mix, None
        if known is not None and _sounds_as(order.mix, known.mix):
            return order.mix, self._in_depth(known)
        return order.mix, proven_as_is(self._opened, order.mix, self._telling, in_depth=True)

    def _proposed(self) -> tuple[Mix, Proven]:
        order, known = self._order, self._opened.proven
        if known is None or known.wish != order.wish:
            known = proposed(self._opened, order.wish, self._telling, in_depth=order.writes_report)
        elif order.writes_report:
            known = self._in_depth(known)
        is_read_only = order.wish.mandate.level is Automation.INSIGHTIVE
        return (known.before if is_read_only else known.mix), known

    def _in_depth(self, known: Proven) -> Proven:
        """The last proposal with all that a report says, which the window may want as well."""
        if not known.is_in_depth:
            known = deepened(self._opened, known, self._telling)
            self._opened.proven = known
        return known

    def _told(self, done: Made) -> Finished:
        outputs, notes = self._outputs, list(self._telling.notes)
        if outputs.audio.parent != Path(self._order.folder):
            notes.append(f"there is a mix in {self._order.folder} already; this one is in {outputs.audio.parent}")
        missed = missed_target_text(done.mix, done.measurement)
        rows = result_rows(done.mix, done.measurement)
        return Finished(
            mix=done.mix,
            audio=str(outputs.audio),
            files=tuple((what, str(file)) for what, file in _files(outputs) if file is not None),
            rows=tuple((label, f"{text} ({goal})" if goal else text) for label, text, goal in rows),
            notes=(*notes, *([in_window_words(missed)] if missed else [])),
        )


def _outputs(folder: Path, order: Order) -> Outputs:
    stems = folder / _STEMS if order.writes_stems else None
    report = folder / _REPORT if order.writes_report else None
    return Outputs(folder / _MIX, _BIT_DEPTHS[order.bit_depth], stems, folder / _SETTINGS, report)


def _files(outputs: Outputs) -> Sequence[tuple[str, Path | None]]:
    return (
        ("Mix", outputs.audio),
        ("Stems", outputs.stems_folder),
        ("Settings", outputs.mix_file),
        ("Report", outputs.report),
    )


def _sounds_as(mix: Mix, other: Mix) -> bool:
    """Whether both are the same before the master."""
    settings = [{channel.name: channel.settings for channel in each.channels} for each in (mix, other)]
    return settings[0] == settings[1] and mix.reverb == other.reverb


@contextmanager
def _new_folder(folder: Path) -> Iterator[None]:
    """``folder``, made; where the block fails, what was made of it goes again, if it is empty."""
    try:
        new = missing_folders(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(f"{folder}: is a file; name a folder") from error
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror})") from error
    try:
        yield
    except BaseException:
        for made_folder in new:
            with suppress(OSError):
                made_folder.rmdir()
        raise


@contextmanager
def _without_halves(written: list[str]) -> Iterator[None]:
    """Where the block fails, the files ``written`` so far go again: none of them was there before."""
    try:
        yield
    except BaseException:
        for file in written:
            Path(file).unlink(missing_ok=True)
        raise
