"""How much of a core does one of our LV2 plug-ins take while it plays, at rest and with every control on its way?

Ten seconds of noise at 48 kHz, in blocks of 64 and 256 samples as a DAW asks for them, beside the offline engine with
the same Faust program in blocks of 2048. Calling from Python costs about 3 microseconds a block (0.4 % of a core at 64
samples) and is in the figures.

    python benchmarks/speed_plugins.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from lv2_host import Hosted
from recording import record, spread, time_in_turns

from assistant.plugins import PLUGINS, Plugin
from render.engine import FaustProgram
from render.plugins.build import build_bundles, bundle_path
from render.plugins.programs import PROGRAMS

SECONDS, SAMPLE_RATE, BLOCKS, REPEATS = 10, 48_000, (64, 256), 5
#: Controls are given new targets this often: before they arrive, so that they never rest.
TURN_SAMPLES = SAMPLE_RATE // 100


def settings(plugin: Plugin, position: float) -> dict[str, float]:
    """Every control at ``position`` of its travel."""
    return {p.name: p.clamp(p.from_unit(position)) for p in plugin.params}


def play_moving(host: Hosted, plugin: Plugin, audio: np.ndarray, block: int) -> None:
    """Play while all controls go to and fro."""
    for turn, start in enumerate(range(0, audio.shape[1], TURN_SAMPLES)):
        host.set(settings(plugin, 0.45 if turn % 2 else 0.55))
        host.run(audio[:, start : start + TURN_SAMPLES], block)


def offline(plugin: Plugin, audio: np.ndarray) -> Callable[[], object]:
    """The same program in the offline engine."""
    row = PROGRAMS[plugin.key]
    program = FaustProgram(row.file, row.expression, plugin.channels, SAMPLE_RATE)
    program.set_controls(settings(plugin, 0.5))
    return lambda: program.render(audio, audio.shape[1])


def cases(plugin: Plugin, bundle: Path, audio: np.ndarray) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    still, moving = Hosted(bundle, SAMPLE_RATE), Hosted(bundle, SAMPLE_RATE)
    still.set(settings(plugin, 0.5))
    rested = {f"at rest, {b}": lambda b=b: still.run(audio, b) for b in BLOCKS}
    moved = {f"moving, {b}": lambda b=b: play_moving(moving, plugin, audio, b) for b in BLOCKS}
    return {**rested, **moved, "offline engine": offline(plugin, audio)}


def main() -> None:
    """Print the share of a core that each case takes, and record it."""
    figures = {}
    with TemporaryDirectory() as folder:
        build_bundles(Path(folder))
        for plugin in PLUGINS:
            audio = np.random.default_rng(0).standard_normal((plugin.channels, SECONDS * SAMPLE_RATE), np.float32) * 0.1
            seconds = time_in_turns(cases(plugin, bundle_path(Path(folder), plugin), audio), REPEATS)
            figures[plugin.key] = {name: spread([100 * s / SECONDS for s in taken]) for name, taken in seconds.items()}
            for name, row in figures[plugin.key].items():
                print(f"{plugin.key:12s} {name:15s} {row['median']:5.2f} %   ({row['min']:.2f} to {row['max']:.2f})")
    record("speed_plugins", figures)


if __name__ == "__main__":
    main()
