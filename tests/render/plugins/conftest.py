"""The LV2 bundles, built once for all tests here."""

import shutil
from pathlib import Path

import pytest

from render.plugins.build import build_bundles


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("g++"):
        pytest.skip("g++ is not installed")
    folder = tmp_path_factory.mktemp("lv2")
    build_bundles(folder)
    return folder
