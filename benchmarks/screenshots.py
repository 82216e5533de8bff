"""Pictures of the window as it really is: every view, on the demo and on a song of 28 tracks where that is there.

``python benchmarks/screenshots.py FOLDER [--song FOLDER] [--every]`` writes them as PNG. Without ``--every`` those that
the README shows; with it all views in both themes, and at 200 %, to be looked at. Drawn under Xvfb where that is
installed and there is no screen.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SONG = Path(__file__).parents[2] / "shared" / "data" / "everything-is-free" / "sodium"
SIZE = (1440, 900)
#: What the README shows.
SHOWN = {
    "companion-welcome",
    "companion-song-suggestions",
    "companion-song-insight",
    "companion-song-mix",
    "companion-automatic",
    "companion-light-100-suggestions",
}
#: The strip that is selected in the mixer: among those that something is decided of.
_STRIP = 3
_PATIENCE_S = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--song", type=Path, default=SONG, help="a folder of stems for the larger pictures")
    parser.add_argument("--every", action="store_true", help="every view in both themes and at 200 %%")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    with screen(), tempfile.TemporaryDirectory() as own:
        os.environ["MIXASSIST_DATA"] = os.environ["MIXASSIST_CONFIG"] = own
        song = args.song if args.song.is_dir() else None
        Photographer(args.folder, Path(own), None if args.every else SHOWN).take(song)


@contextmanager
def screen() -> Iterator[None]:
    """A screen to draw on: the one there is, else one of our own, else none but the drawing."""
    if os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM"):
        yield
        return
    if shutil.which("Xvfb") is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        yield
        return
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "3200x2000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            os.environ["DISPLAY"] = f":{pipe.readline().strip()}"
        yield
    finally:
        server.terminate()
        server.wait(10.0)


class Photographer:
    """Opens one window after the other and writes pictures of it into ``folder``: those ``wanted``, None for all."""

    def __init__(self, folder: Path, own: Path, wanted: set[str] | None) -> None:
        from PyQt6.QtWidgets import QApplication

        from gui.models.preferences import Preferences
        from gui.views import theme

        self.app = QApplication.instance() or QApplication(sys.argv[:1])
        self.folder, self.own, self.wanted = folder, own, wanted
        self.preferences = Preferences()
        theme.apply(self.app, "dark", 1.0)  # type: ignore[arg-type]

    def take(self, song: Path | None) -> None:
        """The pictures of the demo and of ``song``."""
        self._views("demo:", "companion", is_first=True)
        if song is not None:
            self._views(str(song), "companion-song", is_first=False)

    def _views(self, path: str, prefix: str, *, is_first: bool) -> None:
        from gui.app import Companion, Surroundings

        companion = Companion(Surroundings(preferences=self.preferences))
        companion.window.resize(*SIZE)
        companion.window.show()
        try:
            companion.begin(None)
            if is_first:
                self._settle(0.5)
                self._save(companion, f"{prefix}-welcome")
            companion.opening.open(path)
            self._wait(lambda: companion.document.proposal is not None)
            self._wait(lambda: not companion.proposing.is_busy)
            self._settle(0.5)  # until what is proposed can be listened to
            self._decide(companion)
            self._each_view(companion, prefix, makes=is_first)
            for theme, scale in (("light", 1.0), ("dark", 2.0)):
                name = f"{prefix}-{theme}-{scale * 100:.0f}"
                if self._is_wanted(name):
                    self.preferences.change(theme=theme, text_scale=scale)
                    self._settle(1.0)
                    self._each_view(companion, name, makes=False)
            self.preferences.change(theme="dark", text_scale=1.0)
        finally:
            companion.window.close()

    def _decide(self, companion: object) -> None:
        """As somebody does in the middle of the work."""
        document = companion.document  # type: ignore[attr-defined]
        count = len(document.names)
        document.decide([0, 1], "accepted")
        document.decide([2], "rejected", ["eq"])
        document.decide([2], "accepted", ["levels"])
        document.set_amount([3], 0.5)
        document.set_locked([count - 1], ["image", "reverb"], True)
        companion.workspace.player.set_version("proposed")  # type: ignore[attr-defined]
        companion.workspace.player.seek(0.5 * companion.workspace.player.duration_s)  # type: ignore[attr-defined]
        companion.workspace.player.play()  # type: ignore[attr-defined]
        self._settle(4.0)

    def _each_view(self, companion: object, prefix: str, *, makes: bool) -> None:
        workspace = companion.workspace  # type: ignore[attr-defined]
        row = self._vocal(companion)
        workspace.show_mode("suggest")
        workspace.choose(_STRIP)
        self._settle(1.0)
        self._save(companion, f"{prefix}-suggestions")
        workspace.show_mode("insight")
        workspace.insight.show_track(row)
        self._settle(2.0)
        self._save(companion, f"{prefix}-insight")
        workspace.insight.show_mix()
        self._settle(2.0)
        self._save(companion, f"{prefix}-mix")
        workspace.show_mode("automatic")
        if makes:
            self._make(companion)
        self._settle(0.5)
        self._save(companion, f"{prefix}-automatic")

    def _vocal(self, companion: object) -> int:
        """The row of a lead vocal, else of the first track."""
        document = companion.document  # type: ignore[attr-defined]
        roles = [document.engineers_mix.channel(name).role for name in document.names]
        return roles.index("lead vocal") if "lead vocal" in roles else 0

    def _make(self, companion: object) -> None:
        """A finished mix, so that the page shows one."""
        page = companion.workspace.automatic  # type: ignore[attr-defined]
        page.output.suggest_folder(str(self.own / "My mix"), is_new_session=True)
        page.make()
        self._wait(lambda: not page.panel.is_working)

    def _is_wanted(self, prefix: str) -> bool:
        """Whether any picture of that name, or that begins with it, is wanted."""
        return self.wanted is None or any(name.startswith(prefix) for name in self.wanted)

    def _wait(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + _PATIENCE_S
        while not is_so():
            if time.monotonic() > until:
                raise TimeoutError("the window is not where it should be")
            self._turn()

    def _settle(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._turn()

    def _turn(self) -> None:
        self.app.processEvents()
        time.sleep(0.005)

    def _save(self, companion: object, name: str) -> None:
        if self.wanted is not None and name not in self.wanted:
            return
        file = self.folder / f"{name}.png"
        companion.window.grab().save(str(file))  # type: ignore[attr-defined]
        print(f"wrote {file}")


if __name__ == "__main__":
    main()
