"""How long until 24 tracks of a running Ardour stand as the mix says, every value read back?

A real Ardour, headless, with 12 mono and 12 stereo tracks, our strip on each, all sending to a bus with our reverb.
Each repeat opens a link, reads everything, pushes a random mix that differs from what stands there in every value,
pushes it again, and undoes it. Then the same through a proxy that loses, doubles and delays a fifth of the datagrams
of each direction (delayed ones are overtaken). Wrong: changes reported as confirmed that do not stand in the session
that Ardour saves, and values that the undo did not bring back.

Beside it: the same values told once and not read back; unlanded are then the values that do not stand in the session.

    python benchmarks/speed_push.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from recording import ROOT, record, spread

sys.path += [str(ROOT), str(ROOT / "tests")]  # the tests' Ardour and their bad network

import numpy as np
from ardour_host import ArdourHost, find_ardour
from ardour_song import random_mix
from lossy import LossyProxy

from assistant.mix import Change, Mix, Session, Track
from protocols.ardour.session_file import read_ardour_session
from protocols.ardour.surface import ArdourSurface
from protocols.conversation import Conversation
from protocols.daw import Control, LinkState, Outcome, PushReport
from protocols.daws import open_daw
from protocols.desk import changes_to, mix_of
from protocols.journal import Journal
from protocols.timing import Timing
from protocols.transport import Transport
from render.plugins.build import build_bundles

NUM_MONO, NUM_STEREO, RATE = 12, 12, 48_000
REPEATS, LOSSY_REPEATS, WARM_UPS = 7, 5, 1
MOST_S = 2.0
#: What a value may differ by that went through Ardour's 32 bit floats and its file.
CLOSE = 1e-5

T = TypeVar("T")


def make_session() -> Session:
    """A second of noise on every track."""
    rng = np.random.default_rng(0)
    tracks = []
    for index in range(NUM_MONO + NUM_STEREO):
        channels = 1 if index < NUM_MONO else 2
        audio = 0.1 * rng.standard_normal((channels, RATE), np.float32)
        tracks.append(Track(f"track {index + 1:02d}", audio=audio, channels=channels, num_samples=RATE))
    return Session(tuple(tracks), RATE)


def saved_mix(host: ArdourHost) -> Mix:
    """What stands in the session that Ardour saves."""
    host.save()
    saved = read_ardour_session(host.session_file)
    held = {Control(track.name, param): value for track in saved.tracks for param, value in track.settings.items()}
    held |= {Control("", param): value for param, value in {**saved.reverb, **saved.master}.items()}
    return mix_of([track.name for track in saved.tracks], held)


def unlanded(host: ArdourHost, changes: Sequence[Change]) -> int:
    """How many of ``changes`` do not stand in the session that Ardour saves."""
    mix = saved_mix(host)
    shared = {**mix.reverb, **mix.master}
    found = {c.name: c.settings for c in mix.channels}
    held = ((c, found[c.track][c.param] if c.track in found else shared[c.param]) for c in changes)
    return sum(abs(value - change.new) > CLOSE * max(1.0, abs(change.new)) for change, value in held)


def timed(action: Callable[[], T]) -> tuple[float, T]:
    """Seconds that ``action`` took, and what it gave."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


class Course:
    """What was measured of the repeats on one network."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.outcomes: Counter[str] = Counter()
        self.wrong = self.told_unlanded = self.told = 0

    def time(self, name: str, action: Callable[[], T]) -> T:
        """Do ``action`` and keep how long it took."""
        seconds, result = timed(action)
        self.seconds.setdefault(name, []).append(seconds)
        return result

    def run(self, host: ArdourHost, port: int, mix: Mix, folder: Path) -> None:
        """One repeat over the link at ``port``; the journal in ``folder``."""
        with open_daw("ardour", port=port, journal=Journal(folder)) as daw:
            if self.time("connect", lambda: daw.connect(60.0)) is not LinkState.CONNECTED:
                raise RuntimeError(daw.trouble)
            before = self.time("read everything", daw.read)
            changes = changes_to(mix, daw.tracks(), before)
            report = self.time("push, all confirmed", lambda: daw.push(changes))
            self._judge(host, report)
            self.time("push again, nothing to do", lambda: daw.push(changes))
            self.time("undo, all confirmed", daw.undo)
            self.wrong += held_otherwise(host, before)
        self._tell_only(host, port, changes)

    def _judge(self, host: ArdourHost, report: PushReport) -> None:
        self.outcomes += Counter(c.outcome.value for c in report.confirmations)
        confirmed = [c.change for c in report.confirmations if c.outcome is Outcome.CONFIRMED]
        self.wrong += unlanded(host, confirmed)

    def _tell_only(self, host: ArdourHost, port: int, changes: Sequence[Change]) -> None:
        """The baseline: everything told once over ``port``, then put back over a link that loses nothing."""
        values = {Control(change.track, change.param): change.new for change in changes}
        talk = Conversation(ArdourSurface(), lambda: Transport(port), Timing(), lambda event: None)
        talk.open()
        try:
            talk.wait_until_ready(60.0)
            self.time("told once, not confirmed", lambda: talk.tell(values))
        finally:
            talk.close()
        time.sleep(0.5)  # all has landed by then
        self.told += len(values)
        self.told_unlanded += unlanded(host, changes)
        put_back(host, changes)


def held_otherwise(host: ArdourHost, before: Mapping[Control, float]) -> int:
    """How many values Ardour holds otherwise than ``before``, asked over a link that loses nothing."""
    with open_daw("ardour", port=host.port) as daw:
        daw.connect(20.0)
        held = daw.read()
    return sum(held.get(control) != value for control, value in before.items())


def put_back(host: ArdourHost, changes: Sequence[Change]) -> None:
    """Bring back what stood before ``changes``."""
    with tempfile.TemporaryDirectory() as name, open_daw("ardour", port=host.port, journal=Journal(Path(name))) as daw:
        daw.connect(20.0)
        held = daw.read()
        back = [Change(c.track, c.param, held[Control(c.track, c.param)], c.old) for c in changes]
        if daw.push(back).problems:
            raise RuntimeError("the session could not be put back")


def show(title: str, course: Course, has_bound: bool) -> dict[str, object]:
    """Print the figures of ``course``; as they are recorded."""
    print(f"\n{title}")
    figures = {name: spread(values) for name, values in course.seconds.items()}
    for name, of in figures.items():
        bound = f" (at most {MOST_S:.0f})" if has_bound and name.startswith("push, all") else ""
        print(f"  {name:26} {of['median']:6.3f} s{bound}, {of['min']:.3f} to {of['max']:.3f}")
    print(f"  changes: {', '.join(f'{count} {outcome}' for outcome, count in course.outcomes.items())}")
    print(f"  confirmed or undone, and wrong: {course.wrong}")
    print(f"  told once, and not landed: {course.told_unlanded} of {course.told}")
    wrong = {"wrong": course.wrong, "told_once": course.told, "told_once_unlanded": course.told_unlanded}
    return {"seconds": figures, "outcomes": dict(course.outcomes), **wrong}


def measure(host: ArdourHost, session: Session, folder: Path, repeats: int, is_lossy: bool) -> Course:
    """Repeats with another mix each, a proxy with other luck each."""
    course = Course()
    for seed in range(repeats):
        mix = random_mix(session, seed)
        if is_lossy:
            with LossyProxy(host.port, seed) as proxy:
                course.run(host, proxy.port, mix, folder / f"lossy {seed}")
        else:
            course.run(host, host.port, mix, folder / f"plain {seed}")
    return course


def main() -> None:
    """Print how long everything took on both networks."""
    if find_ardour() is None:
        print("needs Ardour: left out")
        return
    session = make_session()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stems = {track.name: track.audio for track in session.tracks}
        bundles = build_bundles(folder / "lv2")
        with ArdourHost(folder / "ardour", stems, inserts="ours", bundles=bundles, sample_rate=RATE) as host:
            measure(host, session, folder / "warm-up", WARM_UPS, False)
            plain = measure(host, session, folder, REPEATS, False)
            lossy = measure(host, session, folder, LOSSY_REPEATS, True)
    count = plain.told // REPEATS
    print(f"Ardour with {NUM_MONO} mono and {NUM_STEREO} stereo tracks, {count} values each time")
    figures = {
        "loopback": show(f"loopback, {REPEATS} times", plain, True),
        "lossy": show(f"a fifth lost, doubled, delayed by up to 30 ms, {LOSSY_REPEATS} times", lossy, False),
    }
    record("speed_push", {"values": count, **figures})


if __name__ == "__main__":
    main()
