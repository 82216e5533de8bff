"""``mixassist plugins``: our strip and reverb as plug-ins, built, installed, listed and removed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from assistant.audio.formats import printable
from assistant.cli.terminal import TableColumn, Terminal
from assistant.plugins import PLUGINS
from protocols.ardour.action import install_actions, installed_actions, remove_actions
from protocols.ardour.recent import config_folders


def run_plugins(args: Namespace, terminal: Terminal) -> None:
    """One action on our plug-ins."""
    {"build": _build, "install": _install, "uninstall": _uninstall, "list": _list}[args.action](args, terminal)


def _build(args: Namespace, terminal: Terminal) -> None:
    from render.plugins.build import build_bundles
    from render.plugins.jsfx import write_jsfx

    with terminal.stage("Building"):
        written = (*build_bundles(args.output), *write_jsfx(args.output))
    _show("wrote", written, terminal)


def _install(args: Namespace, terminal: Terminal) -> None:
    from render.plugins.install import install
    from render.plugins.jsfx import reaper_folder, write_jsfx

    with terminal.stage("Building"):
        _show("wrote", install(), terminal)
        reaper = reaper_folder()
        if reaper is not None:
            _show("wrote", write_jsfx(reaper), terminal)
    folders = config_folders()
    for folder in folders:
        _show("wrote", install_actions(folder), terminal)
    if not folders:
        terminal.note("Ardour was not started yet on this account; start it once, and run this again for its actions")
    else:
        terminal.result(
            "Start Ardour, choose Edit > Lua Scripts > mixassist: insert strips; then: mixassist daw doctor"
        )


def _uninstall(args: Namespace, terminal: Terminal) -> None:
    from render.plugins.install import uninstall
    from render.plugins.jsfx import reaper_folder, remove_jsfx

    removed = [*uninstall(), *(path for folder in config_folders() for path in remove_actions(folder))]
    reaper = reaper_folder()
    if reaper is not None:
        removed += remove_jsfx(reaper)
    _show("removed", removed, terminal)
    if not removed:
        terminal.result("none of ours is installed")


def _list(args: Namespace, terminal: Terminal) -> None:
    from render.plugins.install import installed

    found = {one.plugin.key: one for one in installed()}
    rows = []
    for plugin in PLUGINS:
        one = found.get(plugin.key)
        state = "not installed" if one is None else "installed" if one.is_current else "of another version"
        rows.append((plugin.label, plugin.uri, state, "" if one is None else printable(one.path)))
    for action in (action for folder in config_folders() for action in installed_actions(folder)):
        name = f"Ardour's action “{action.action.name}”"
        rows.append((name, action.osc_name or "", "installed" if action.slot else "not bound", printable(action.path)))
    terminal.table("Plug-ins", [TableColumn(name) for name in ("what", "known as", "state", "where")], rows)


def _show(done: str, paths: Iterable[Path], terminal: Terminal) -> None:
    for path in paths:
        terminal.result(f"{done} {printable(path)}")
