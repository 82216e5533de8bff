"""Plug-ins for LV2 hosts: Faust's C++ and our wrapper through the system's compiler, one bundle for each.

Only a C++ compiler is needed. Files are put in place one by one and whole, the manifest last, and never written over:
a DAW that has a bundle loaded keeps what it loaded. A bundle that is up to date is left alone.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from assistant.params import Param
from assistant.plugins import PLUGINS, Plugin
from render.engine import DSP_FOLDER, RenderError, emit_source
from render.plugins.programs import PROGRAMS
from render.plugins.turtle import description, manifest

MANIFEST = "manifest.ttl"
_WRAPPER = Path(__file__).with_name("wrapper.cpp")
_COMPILER = "g++"
#: No unsafe arithmetic, and no instructions that only this machine has (``wrapper.cpp`` asks before it fuses a product
#: and a sum). Whole numbers may wrap: the counter of a delay line does after half a day of playing.
_FLAGS = (
    *("-std=c++17", "-O3", "-ffp-contract=fast", "-fno-math-errno", "-fwrapv"),
    *("-fPIC", "-shared", "-fvisibility=hidden", "-fno-exceptions", "-fno-rtti", "-s", "-Wl,-z,now"),
)
_COMPILE_TIMEOUT_S = 120
_GLIDES = {"linear": "linear", "log": "logarithmic", "toggle": "toggle"}


def build_bundles(folder: Path, keys: Iterable[str] | None = None) -> tuple[Path, ...]:
    """The bundles of the plug-ins ``keys`` (all without) in ``folder``, in the order of ``PLUGINS``.

    Raises :class:`RenderError` where there is no C++ compiler or it fails, ``ValueError`` for an unknown key,
    ``OSError`` where ``folder`` cannot be written.
    """
    wanted = {p.key for p in PLUGINS} if keys is None else set(keys)
    unknown = wanted - {p.key for p in PLUGINS}
    if unknown:
        raise ValueError(f"key={sorted(unknown)[0]!r}: expected one of {', '.join(p.key for p in PLUGINS)}")
    plugins = [p for p in PLUGINS if p.key in wanted]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return tuple(pool.map(lambda p: _build(p, bundle_path(folder, p)), plugins))


def bundle_path(folder: Path, plugin: Plugin) -> Path:
    """Where the plug-in's bundle lies in a folder of bundles."""
    return folder / f"mixassist-{plugin.key}.lv2"


def expected_build(plugin: Plugin) -> str:
    """A hash of everything that a build of the plug-in is made from, but for the compiler itself."""
    parts = [
        (DSP_FOLDER / PROGRAMS[plugin.key].file).read_text(encoding="utf-8"),
        _WRAPPER.read_text(encoding="utf-8"),
        _table(plugin),
        manifest(plugin, ""),
        description(plugin),
        " ".join(_FLAGS),
        version("dawdreamer"),
        platform.machine(),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def build_of(bundle: Path) -> str | None:
    """The hash that a bundle was built with; None where there is no bundle of ours."""
    try:
        text = (bundle / MANIFEST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    found = re.search(r"^# build ([0-9a-f]+)$", text, re.MULTILINE)
    return found[1] if found else None


def is_current(plugin: Plugin, bundle: Path) -> bool:
    """Whether the bundle is what a build would make, and whole."""
    complete = all((bundle / f"{plugin.key}{suffix}").is_file() for suffix in (".so", ".ttl"))
    return complete and build_of(bundle) == expected_build(plugin)


def _build(plugin: Plugin, bundle: Path) -> Path:
    if is_current(plugin, bundle):
        return bundle
    with tempfile.TemporaryDirectory(prefix="mixassist-") as workplace:
        made = _compile(plugin, Path(workplace))
        bundle.mkdir(parents=True, exist_ok=True)
        _put(made, bundle / f"{plugin.key}.so")
    _put(description(plugin), bundle / f"{plugin.key}.ttl")
    _put(manifest(plugin, expected_build(plugin)), bundle / MANIFEST)
    return bundle


def _compile(plugin: Plugin, workplace: Path) -> bytes:
    """The shared object."""
    made = workplace / "plugin.so"
    command = [_compiler(), *_FLAGS, "-I", str(workplace), "-o", str(made), str(_WRAPPER)]
    program = PROGRAMS[plugin.key]
    (workplace / "program.h").write_text(
        emit_source(program.file, program.expression, "cpp", "Program"), encoding="utf-8"
    )
    (workplace / "table.h").write_text(_table(plugin), encoding="utf-8")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMPILE_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RenderError(f"{plugin.label}: the C++ compiler did not finish: {error}") from error
    if done.returncode != 0:
        raise RenderError(f"{plugin.label}: the C++ compiler failed: {done.stderr.strip()[-2000:]}")
    return made.read_bytes()


def _compiler() -> str:
    found = shutil.which(_COMPILER)
    if found is None:
        raise RenderError(f"plug-ins are built with {_COMPILER}, which is missing. On Debian: apt install g++")
    return found


def _put(content: bytes | str, path: Path) -> None:
    """A file made whole beside its place and moved there."""
    data = content.encode() if isinstance(content, str) else content
    descriptor, made = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.chmod(made, 0o644)
    os.replace(made, path)


def _table(plugin: Plugin) -> str:
    """What ``wrapper.cpp`` knows of the plug-in, as C++."""
    program = PROGRAMS[plugin.key]
    rows = ",\n".join(_row(p, program.crossed.get(p.name)) for p in plugin.params)
    return f"""\
constexpr const char* uri = "{plugin.uri}";
constexpr int num_channels = {plugin.channels};
constexpr int is_metered = {int(program.is_metered)};
constexpr Row rows[] = {{
{rows}
}};
"""


def _row(param: Param, crossed: tuple[str, str] | None) -> str:
    values = ", ".join(f"float({value!r})" for value in (param.low, param.high, param.default))
    if crossed:
        return f'    {{"{param.name}", {values}, Glide::crossed, "{crossed[0]}", "{crossed[1]}"}}'
    return f'    {{"{param.name}", {values}, Glide::{_GLIDES[param.curve]}}}'
