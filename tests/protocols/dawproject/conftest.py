"""Projects made for the tests: a ``.dawproject`` out of XML and files."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dawproject_texts import Zipped


@pytest.fixture
def zipped(tmp_path: Path) -> Zipped:
    """Makes projects in a folder of the test's own."""

    def make(xml: str | bytes, files: Mapping[str, Path | bytes] | None = None, name: str = "song.dawproject") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("project.xml", xml)
            for member, content in (files or {}).items():
                archive.writestr(member, content if isinstance(content, bytes) else content.read_bytes())
        return path

    return make


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Four seconds of stereo noise at 44.1 kHz."""
    file = tmp_path / "tone.wav"
    audio = np.random.default_rng(5).uniform(-0.5, 0.5, (4 * 44_100, 2))
    soundfile.write(file, audio, 44_100, subtype="FLOAT")
    return file
