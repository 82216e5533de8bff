"""``mixassist train``: plan, make examples, train, and leave weights, a loss plot and a record.

What is heavy is imported by the step that needs it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from assistant import __version__
from assistant.audio.atomic import write_text_atomically
from assistant.audio.formats import printable
from assistant.cli.outputs import OutputError, check_writable_file
from assistant.cli.songs import find_songs
from assistant.cli.terminal import Terminal
from assistant.tasks import Cancelled, IsCancelled
from assistant.training.errors import TrainingError
from assistant.training.lossplot import loss_picture, phase_summaries
from assistant.wording import count_text, duration_text

if TYPE_CHECKING:
    from assistant.controller.network import ControllerNetwork
    from assistant.training.course import Course, Order
    from assistant.training.examples import Cache, Example
    from assistant.training.linear import Line
    from assistant.training.trainer import Record

#: Installed by ``mixassist[train]``, by their import names.
EXTRA = ("lightning_fabric", "mido")
#: Steps between checkpoints, one to a few minutes of a CPU's work.
_SAVE_EVERY = 50
_MOST_PROCESSES = 8


@dataclass(frozen=True)
class TrainingFiles:
    """The weights to be written, and what stands beside them; the checkpoint goes once they are there."""

    weights: Path

    @property
    def plot(self) -> Path:
        """The loss over the steps."""
        return self.weights.with_suffix(".svg")

    @property
    def record(self) -> Path:
        """What the weights were trained on, and how it went."""
        return self.weights.with_suffix(".json")

    @property
    def checkpoint(self) -> Path:
        """Where a run stands that was interrupted."""
        return self.weights.with_suffix(".checkpoint")

    def check(self, start: Path | None) -> None:
        """Raise :class:`OutputError` where they cannot be written, or would take the place of ``start``."""
        if self.weights.suffix.lower() != ".safetensors":
            name = self.weights.stem or "own"
            raise OutputError(f"{self.weights}: weights are written as .safetensors; try {name}.safetensors")
        for file in (self.weights, self.plot, self.record, self.checkpoint):
            check_writable_file(file)
        if start is not None and start.resolve() == self.weights.resolve():
            raise OutputError(f"{self.weights}: is what --from names; choose another name")


def run_train(args: Namespace, terminal: Terminal) -> None:
    """``mixassist train``. Raises what its parts raise, :class:`TrainingError` above all."""
    _check_extra()
    files = TrainingFiles(args.output)
    files.check(args.start)
    if _is_follower():
        terminal = Terminal(quiet=True)
    songs = find_songs(args.data, terminal)
    from assistant.training.course import plan_course
    from assistant.training.examples import Cache

    course = plan_course(_order(args, songs))
    cache = Cache(args.cache or default_cache())
    if args.fresh:
        files.checkpoint.unlink(missing_ok=True)
    course.check_tools(cache)
    _note_resumption(course, files, terminal)
    examples = _make_examples(course, cache, args.processes or _processes(), terminal)
    network, lines, records = _learn(course, examples, args, files, terminal)
    if not _is_follower():
        _write(course, network, lines, records, files, terminal)


def default_cache() -> Path:
    """Where examples are kept unless told otherwise."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "mixassist" / "training"


def _check_extra() -> None:
    missing = [name.replace("_", "-") for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        raise TrainingError(f"training needs {' and '.join(missing)}; run: pip install 'mixassist[train]'")


def _is_follower() -> bool:
    """Whether this process was started by Lightning for one more device: another one prints and writes."""
    return os.environ.get("LOCAL_RANK", "0") != "0"


def _processes() -> int:
    return min(_MOST_PROCESSES, os.cpu_count() or 1)


def _order(args: Namespace, songs: Sequence[Any]) -> Order:
    """What the arguments ask for; what they leave open is the order's own default."""
    from assistant.training.course import Order

    is_taught = args.start is not None or args.sessions == 0
    wishes = {name: getattr(args, name) for name in ("sessions", "kits", "steps", "stems_steps", "context", "samples")}
    if is_taught:
        wishes |= {"sessions": 0, "kits": 0}
    elif args.sessions is not None and args.kits is None:
        wishes["kits"] = max(1, args.sessions // 4)
    given = {name: value for name, value in wishes.items() if value is not None}
    return Order(songs=tuple(songs), seed=args.seed, is_taught=is_taught, start=args.start, **given)


def _note_resumption(course: Course, files: TrainingFiles, terminal: Terminal) -> None:
    """Say where the run goes on; raises :class:`TrainingError` where the checkpoint is of another one."""
    if not files.checkpoint.exists():
        return
    from assistant.training.trainer import Checkpoint

    state = Checkpoint.load(files.checkpoint)
    state.check(course.identity, files.checkpoint)
    where = "after the last phase"
    if state.phase < len(course.phases):
        phase = course.phases[state.phase]
        where = f"phase {phase.name}, after step {state.step} of {phase.steps}"
    terminal.note(f"going on from {printable(files.checkpoint)}: {where} (--fresh starts over)")


def _make_examples(course: Course, cache: Cache, processes: int, terminal: Terminal) -> list[Example]:
    from assistant.training.band import TrainingToolError

    count = len(course.jobs)
    try:
        with terminal.stage("Making examples") as progress:
            return cache.load_all(course.jobs, lambda done: progress(done / count, f"{done} of {count}"), processes)
    except TrainingToolError as error:
        raise TrainingError(str(error)) from error


def _learn(
    course: Course, examples: list[Example], args: Namespace, files: TrainingFiles, terminal: Terminal
) -> tuple[ControllerNetwork, dict[str, Line], list[Record]]:
    """The network after all phases, the linear experts' lines where there are songs, and the record."""
    from assistant.training.linear import fit_experts
    from assistant.training.trainer import train_phases

    with _saving_when_stopped(files, terminal) as is_stopped, terminal.stage("Training") as progress:
        told = _PhaseTeller(terminal)

        def tell(share: float, record: Record) -> None:
            told(record)
            progress(share, f"{record['phase']}: loss {float(record['loss']):.3f}")

        records = train_phases(
            course.network,
            course.phases,
            examples,
            seed=course.order.seed,
            checkpoint=files.checkpoint,
            identity=course.identity,
            save_every=_SAVE_EVERY,
            on_step=tell,
            is_cancelled=is_stopped,
            devices=args.devices,
        )
    songs = [example for example in examples if example.is_finished]
    if not songs:
        return course.network.eval(), {}, records
    with terminal.stage("Fitting levels"):
        network, lines = fit_experts(course.network.cpu(), songs)
    return network.eval(), lines, records


class _PhaseTeller:
    """Says, when a phase begins, which; a run without a terminal shows no more of its progress than that."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._phase = ""

    def __call__(self, record: Record) -> None:
        if record["phase"] != self._phase:
            self._phase = str(record["phase"])
            self._terminal.note(f"{time.strftime('%H:%M')} phase {self._phase}")


@contextmanager
def _saving_when_stopped(files: TrainingFiles, terminal: Terminal) -> Iterator[IsCancelled]:
    """Let Ctrl-C and SIGTERM end the step in hand, and save, before they end the program; a second one ends at once."""
    received: list[int] = []
    before: dict[int, Any] = {}

    def remember(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        for other, handler in before.items():
            signal.signal(other, handler)

    for answered in (signal.SIGINT, signal.SIGTERM):
        before[answered] = signal.signal(answered, remember)
    try:
        yield lambda: bool(received)
    except Cancelled:
        terminal.note(f"saved {printable(files.checkpoint)}; the same command goes on from there")
        signal.raise_signal(received[0])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write(
    course: Course,
    network: ControllerNetwork,
    lines: dict[str, Line],
    records: list[Record],
    files: TrainingFiles,
    terminal: Terminal,
) -> None:
    """Write weights, plot and record, and show what came out; the checkpoint has served."""
    from assistant.controller.weights import save_weights

    record = _record(course, lines, records)
    metadata = {name: json.dumps(record[name]) for name in ("sources", "songs", "trained_s")}
    save_weights(files.weights, network, metadata)
    write_text_atomically(files.record, json.dumps(record, indent=2) + "\n")
    written = [files.weights, files.record]
    if records:
        write_text_atomically(files.plot, loss_picture(records))
        written.append(files.plot)
    files.checkpoint.unlink(missing_ok=True)
    for phase in phase_summaries(records):
        steps, losses = count_text(phase.steps, "step"), f"{phase.first_loss:.3f} to {phase.last_loss:.3f}"
        terminal.result(f"{phase.name}: {steps} in {duration_text(phase.seconds)}, loss from {losses}")
    for name, line in lines.items():
        if line.error_db == line.error_db:  # a single song leaves none to be predicted
            terminal.result(f"levels by {name}: {line.error_db:.1f} dB off on songs left out of the fit")
    terminal.result(f"wrote {', '.join(str(path) for path in written)}")
    terminal.result(f"mix with them: mixassist mix FOLDER -o mix.wav --weights {files.weights}")


def _record(course: Course, lines: dict[str, Line], records: list[Record]) -> dict[str, Any]:
    """What the weights were trained on and how it went, for JSON."""
    phases, order = phase_summaries(records), course.order
    began = ("installed weights" if order.start is None else str(order.start)) if order.is_taught else None
    return {
        "program": __version__,
        "began_with": began,
        "learnt_before": {name: course.learnt_before.get(name) for name in ("sources", "songs", "trained_s")}
        if course.order.is_taught
        else None,
        "seed": order.seed,
        "context": course.network.config.context,
        "sources": list(course.sources),
        "songs": [song.source.name for song in order.songs if song.source],
        "sessions": order.sessions,
        "kits": order.kits,
        "trained_s": round(sum(phase.seconds for phase in phases), 1),
        "phases": [phase.to_dict() for phase in phases],
        "levels_left_out_error_db": {
            name: line.error_db if line.error_db == line.error_db else None for name, line in lines.items()
        },
    }
