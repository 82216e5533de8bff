"""The demo: a short excerpt of a real song as stems, installed with the program (``assistant/demo/README.md``)."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def demo_folder() -> Path:
    """The installed folder of demo stems; ``FileNotFoundError`` when the installation lacks it."""
    folder = Path(str(files("assistant"))) / "demo"
    if not any(folder.glob("*.flac")):
        raise FileNotFoundError(f"{folder}: the demo stems are missing; install the program again")
    return folder
