"""Our plug-ins in the folder that every LV2 host looks into, ``~/.lv2``."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.plugins import PLUGINS, Plugin
from render.plugins.build import MANIFEST, build_bundles, build_of, bundle_path, is_current


@dataclass(frozen=True)
class Installed:
    """A bundle of ours: what it was built with, and whether a build of today would be the same."""

    plugin: Plugin
    path: Path
    build: str
    is_current: bool


def lv2_folder() -> Path:
    """Where a user's own LV2 plug-ins live."""
    return Path.home() / ".lv2"


def install(folder: Path | None = None, keys: Iterable[str] | None = None) -> tuple[Path, ...]:
    """Build what is missing or out of date in ``folder``; raises as :func:`build_bundles` does."""
    return build_bundles(folder or lv2_folder(), keys)


def installed(folder: Path | None = None) -> tuple[Installed, ...]:
    """Our bundles in ``folder``, in the order of ``PLUGINS``."""
    places = ((p, bundle_path(folder or lv2_folder(), p)) for p in PLUGINS)
    found = ((plugin, path, build_of(path)) for plugin, path in places)
    return tuple(Installed(plugin, path, build, is_current(plugin, path)) for plugin, path, build in found if build)


def uninstall(folder: Path | None = None) -> tuple[Path, ...]:
    """Remove our bundles, and nothing else; what was removed."""
    bundles = tuple(found.path for found in installed(folder))
    for bundle in bundles:
        (bundle / MANIFEST).unlink()  # from here on hosts pass over it
        shutil.rmtree(bundle)
    return bundles
