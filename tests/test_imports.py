"""Dependencies point one way: gui -> render, protocols -> assistant; each heavy import has one home."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("assistant", "render", "protocols", "gui")

#: What each package may import of the others; the command line puts the parts together.
ALLOWED = {
    "assistant": set(),
    "assistant/cli": {"render", "protocols"},
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
    "plotly": ("assistant/report/script.py",),
}
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
    import sys

    for name in imported(module):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or name in {"assistant.params"}, f"{module} imports {name}"
