"""Projects made for the tests: a ``.dawproject`` out of XML and files."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from dawproject_texts import Zipped


@pytest.fixture
def zipped(tmp_path: Path) -> Zipped:
    """Makes projects in a folder of the test's own."""

    def make(xml: str | bytes, files: Mapping[str, Path | bytes] | None = None, name: str = "song.dawproject") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("project.xml", xml)
            for member, content in (files or {}).items():
                archive.writestr(member, content if isinstance(content, bytes) else content.read_bytes())
        return path

    return make


@pytest.fixture(scope="session")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of stereo noise at 44.1 kHz, "tone.wav"."""
    file = tmp_path_factory.mktemp("audio") / "tone.wav"
    audio = np.random.default_rng(5).uniform(-0.5, 0.5, (4 * 44_100, 2))
    soundfile.write(file, audio, 44_100, subtype="FLOAT")
    return file


@pytest.fixture(scope="session")
def schemas() -> dict[str, Any]:
    """The format's schemas by the file that they are of."""
    xmlschema = pytest.importorskip("xmlschema", reason="the schema cannot be checked without xmlschema")
    folder = Path(__file__).parent / "schema"
    names = {"project.xml": "Project.xsd", "metadata.xml": "MetaData.xsd"}
    return {file: xmlschema.XMLSchema(str(folder / name)) for file, name in names.items()}
