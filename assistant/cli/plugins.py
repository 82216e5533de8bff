"""``mixassist plugins``: our strip and reverb as plug-ins, built, installed, listed and removed."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from assistant.audio.formats import printable
from assistant.cli.terminal import TableColumn, Terminal
from assistant.plugins import PLUGINS
from protocols.ardour.action import install_actions, installed_actions
from protocols.ardour.recent import config_folders


def run_plugins(args: Namespace, terminal: Terminal) -> None:
    """One action on our plug-ins."""
    {"build": _build, "install": _install, "uninstall": _uninstall, "list": _list}[args.action](args, terminal)


def _build(args: Namespace, terminal: Terminal) -> None:
    from render.plugins.build import build_bundles
    from render.plugins.jsfx import write_jsfx

    with terminal.stage("Building"):
        written = (*build_bundles(args.output), *write_jsfx(args.output))
    _show_written(written, terminal)


def _install(args: Namespace, terminal: Terminal) -> None:
    from render.plugins.install import install
    from render.plugins.jsfx import reaper_folder, write_jsfx

    with terminal.stage("Building"):
        written = list(install())
        reaper = reaper_folder()
        if reaper is not None:
            written += write_jsfx(reaper)
    for folder in config_folders():
        written += install_actions(folder)
    _show_written(written, terminal)
    if not config_folders():
        terminal.note("Ardour was not started yet on this account; start it once, and run this again for its actions")
    terminal.result("Restart the DAW, or let it scan for plug-ins, then: mixassist daw doctor")


def _uninstall(args: Namespace, terminal: Terminal) -> None:
    from render.plugins.install import uninstall

    removed = uninstall()
    for path in removed:
        terminal.result(f"removed {printable(path)}")
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
    rows += [("Ardour action", "", "installed", printable(path)) for path in installed_actions()]
    columns = [TableColumn(name) for name in ("plug-in", "URI", "state", "where")]
    terminal.table("Plug-ins", columns, rows)


def _show_written(written: list[Path] | tuple[Path, ...], terminal: Terminal) -> None:
    for path in written:
        terminal.result(f"wrote {printable(path)}")
