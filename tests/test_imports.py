"""Dependencies point one way: gui -> render, protocols -> assistant; each heavy import has one home."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("assistant", "render", "protocols", "gui")

#: What each package may import of the others; the command line puts the parts together.
ALLOWED = {
    "assistant": set(),
    "assistant/cli": {"render", "protocols", "gui"},
    "render": {"assistant"},
    "protocols": {"assistant"},
    "gui": {"assistant", "render", "protocols"},
}
#: The only places that may import a heavy library.
HOMES = {
    "torch": ("assistant/console/", "assistant/controller/", "assistant/refinement/", "assistant/training/"),
    "safetensors": ("assistant/controller/weights.py",),
    "lightning_fabric": ("assistant/training/trainer.py",),
    "mido": ("assistant/training/band/soundfont.py",),
    "dawdreamer": ("render/engine.py",),
    "socket": ("protocols/transport.py",),
    "pythonosc": ("protocols/transport.py",),
    "PyQt6": ("gui/",),
    "pyqtgraph": ("gui/",),
    "plotly": ("assistant/report/script.py",),
}
#: What a view draws with is given to it: it does not fetch, compute or connect.
NOT_FOR_VIEWS = (
    "gui.app",
    "gui.workshop.process",
    "gui.workshop.remote",
    "gui.workshop.work",
    "numba",
    "protocols",
    "render",
    "scipy",
    "torch",
)
#: What the workshop has and the window must not wait for; the way to it is the window's.
HEAVY = ("assistant.analysis.masking", "assistant.insight", "dawdreamer", "numba", "render", "scipy", "torch")
WAY_TO_THE_WORKSHOP = ("gui/workshop/remote.py", "gui/workshop/values.py")
#: Values that every part shares lean on the standard library alone.
PLAIN = ("assistant/params.py", "assistant/mix.py")


def modules() -> list[str]:
    return sorted(str(p.relative_to(ROOT)) for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def imported(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield str(node.module)


def room(module: str) -> str:
    return "assistant/cli" if module.startswith("assistant/cli/") else module.split("/")[0]


@pytest.mark.parametrize("module", modules())
def test_imports_point_one_way(module: str) -> None:
    own = module.split("/")[0]
    others = {name.split(".")[0] for name in imported(module)} & set(PACKAGES) - {own}
    assert others <= ALLOWED[room(module)]
    if room(module) == "assistant":
        assert not any(name.startswith("assistant.cli") for name in imported(module))


@pytest.mark.parametrize("module", modules())
def test_heavy_imports_have_one_home(module: str) -> None:
    for name in imported(module):
        homes = HOMES.get(name.split(".")[0])
        assert homes is None or module.startswith(homes), f"{module} imports {name}"


@pytest.mark.parametrize("module", PLAIN)
def test_shared_values_need_the_standard_library_alone(module: str) -> None:
    for name in imported(module):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or name in {"assistant.params"}, f"{module} imports {name}"


def is_within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("module", [module for module in modules() if module.startswith("gui/")])
def test_qt_views_and_workshop_keep_apart(module: str) -> None:
    names = set(imported(module))
    if module.startswith("gui/workshop/"):
        assert not any(is_within(name, ("PyQt6", "pyqtgraph", "gui.views", "gui.models", "gui.app")) for name in names)
    elif module.startswith("gui/views/"):
        assert "gui.workshop" not in names, "name the module, gui.workshop.values"
        assert not any(is_within(name, NOT_FOR_VIEWS) for name in names)


def loaded_by(*paths: str) -> set[str]:
    """What a fresh interpreter has loaded after it imported these modules."""
    names = [path.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".") for path in paths]
    statement = f"import sys, {', '.join(names)}; sys.stdout.write(' '.join(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", statement], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_way_to_the_workshop_is_light() -> None:
    assert not {name for name in loaded_by(*WAY_TO_THE_WORKSHOP) if is_within(name, (*HEAVY, "PyQt6"))}


def test_the_window_waits_for_no_heavy_library() -> None:
    inside = [module for module in modules() if module.startswith("gui/") and not module.startswith("gui/workshop/")]
    assert not {name for name in loaded_by(*inside, *WAY_TO_THE_WORKSHOP) if is_within(name, HEAVY)}
