"""From a proposal to files: render, master, measure, write, and say how it came out.

Contents: :class:`Made`, :class:`RenderJob`, :func:`render_and_show`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.analysis.measure import Measurement, measure
from assistant.arrays import FloatArray
from assistant.audio.writing import write_audio, write_text_atomically
from assistant.cli.outputs import REVERB_FILE, Outputs, staged_folder, stem_file_names
from assistant.cli.sources import Source, TrackLoader, naming_all_broken, note_silence
from assistant.cli.summary import show_mix, show_result
from assistant.insight.values import Insight
from assistant.mix import Mix
from protocols.mixfile import write_mix_file

if TYPE_CHECKING:  # it brings rich along
    from assistant.cli.terminal import Audience, Terminal


@dataclass(frozen=True)
class Made:
    """A finished mix: ``mix`` with the master's settings as found, and what its audio measures."""

    mix: Mix
    measurement: Measurement


@dataclass(frozen=True)
class RenderJob:
    """One mix of one session to be rendered; ``written`` lists complete files.

    ``insight``, and in sentences what was ``delegated``, go into the report.
    """

    source: Source
    outputs: Outputs
    audience: Audience
    insight: Insight | None = None
    delegated: tuple[str, ...] = ()
    written: list[str] = field(default_factory=list)

    def run(self, mix: Mix) -> Made:
        """Render ``mix`` and write all outputs. Stems appear once everything else is written."""
        try:
            with ExitStack() as stack:
                on_stem = self._stem_writer(stack)
                premaster, *others = self._premasters(mix, on_stem)
                mix, audio = self._master(mix, premaster)
                measurement = self._write(mix, audio, others)
            if self.outputs.stems_folder is not None:
                self.written.append(f"{self.outputs.stems_folder}{os.sep}")
        except Exception:
            for file in self.written:
                self.audience.note(f"wrote {file}, but not all that was asked for")
            raise
        return Made(mix, measurement)

    def _stem_writer(self, stack: ExitStack) -> Callable[[str, FloatArray], None] | None:
        """What writes each stem into a folder that ``stack`` moves into place, or removes, when it closes."""
        if self.outputs.stems_folder is None:
            return None
        session = self.source.session
        files = stem_file_names(t.name for t in session.tracks)
        folder = stack.enter_context(staged_folder(self.outputs.stems_folder))

        def write(name: str, audio: FloatArray) -> None:
            # Each track comes once and the reverb return last, so a track of the return's name is told from it.
            file = folder / files.pop(name, REVERB_FILE)
            write_audio(file, audio, session.sample_rate, bit_depth="float")

        return write

    def _premasters(self, mix: Mix, on_stem: Callable[[str, FloatArray], None] | None) -> list[FloatArray]:
        """The mix before the master; then, for the report, the mix as it was."""
        from render.mixdown import RenderOptions, render_premasters
        from render.workers import release_freed_memory

        release_freed_memory()  # of what listening and verifying took
        mixes = [mix, *([self._before] if self._before is not None else [])]
        loader = TrackLoader()
        with naming_all_broken(self.source, self.audience), self.audience.stage("Rendering") as progress:
            options = RenderOptions(progress=progress, on_stem=on_stem, is_cancelled=self.audience.is_cancelled)
            premasters = render_premasters(self.source.session, mixes, loader, options)
        if loader.heard_only_silence:
            note_silence(self.source, loader, self.audience)
        return premasters

    @property
    def _before(self) -> Mix | None:
        """The mix that the report compares with."""
        if self.insight is None or self.outputs.report is None:
            return None
        return self.insight.verification.before.mix

    def _master(self, mix: Mix, premaster: FloatArray) -> tuple[Mix, FloatArray]:
        """``mix`` with the master's settings as found, and the finished audio."""
        from render.master import Master

        with self.audience.stage("Mastering") as progress:
            master = Master(self.source.session.sample_rate)
            mastered = master.master(premaster, mix, tell=lambda what: progress(0.0, what))
        return replace(mix, master=mastered.settings), mastered.audio

    def _write(self, mix: Mix, audio: FloatArray, before: list[FloatArray]) -> Measurement:
        """Write the finished ``audio``, the settings and the report, as far as asked for; what ``audio`` measures."""
        session, outputs = self.source.session, self.outputs
        with self.audience.stage("Measuring"):
            measurement = measure(audio, session.sample_rate)
        with self.audience.stage("Writing"):
            write_audio(outputs.audio, audio, session.sample_rate, bit_depth=outputs.bit_depth)
            self.written.append(str(outputs.audio))
            if outputs.mix_file is not None:
                write_mix_file(outputs.mix_file, mix, session)
                self.written.append(str(outputs.mix_file))
            if outputs.report is not None:
                self._write_report(outputs.report, mix, audio, measurement, before)
                self.written.append(str(outputs.report))
        return measurement

    def _write_report(
        self, file: Path, mix: Mix, audio: FloatArray, measurement: Measurement, before: list[FloatArray]
    ) -> None:
        from assistant.report.document import report_page
        from assistant.report.finished import finished_mix

        session = self.source.session
        was = [finished_mix(self._before, premaster, session.sample_rate) for premaster in before if self._before]
        finished = finished_mix(mix, audio, session.sample_rate, measurement, was[0] if was else None)
        finished = replace(finished, delegated=self.delegated)
        write_text_atomically(file, report_page(session, finished, self.insight))


def render_and_show(job: RenderJob, mix: Mix, terminal: Terminal) -> None:
    """Do the ``job`` with ``mix``, and show the result."""
    made = job.run(mix)
    show_mix(made.mix, terminal)
    show_result(made.mix, made.measurement, terminal)
    for file in job.written:
        terminal.result(f"wrote {file}")
