"""Actions for Ardour that put our plug-ins on its mixer and take them off again, written and installed.

OSC can add no plug-in, so this is Lua that runs inside Ardour: "mixassist: insert strips" gives every track our strip
as the last thing before its fader (what a user has put there is part of the sound, and is heard by the strip), and a
closed send, behind the fader, to a bus with our reverb. Run again it adds only what is missing. Ardour keeps no undo
history of plug-ins, sends and buses, so "mixassist: remove strips" takes them off; before Ardour 7.5 its Lua can
remove no bus, and the bus stays, empty and switched off.

The Lua stands in the files beside this one; the values of :mod:`assistant.plugins` are put in when it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.plugins import PLUGINS, REVERB, REVERB_BUS_NAME, STRIP_MONO, STRIP_STEREO
from protocols.ardour.recent import config_folders
from protocols.ardour.slots import Script, bind_scripts, bound_slots, lua_string, unbind_scripts

#: The oldest Ardour whose Lua has all that the actions use.
OLDEST_VERSION = 7
#: How Ardour remembers that a bus was made by the action, however the user calls it.
BUS_COMMENT = "Made by mixassist."
_LUA_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Action:
    """One action: its name in Ardour, the file it is installed as and that of its Lua here, and what it does."""

    name: str
    file_name: str
    body: str
    description: str


INSERT = Action(
    "mixassist: insert strips",
    "mixassist-insert-strips.lua",
    "insert.lua",
    "Put the mixassist strip on every track, and a bus with its reverb that every track can send to. Adds only what is "
    "missing; changes nothing else.",
)
REMOVE = Action(
    "mixassist: remove strips",
    "mixassist-remove-strips.lua",
    "remove.lua",
    "Take the mixassist strips off all tracks, and the sends and the bus that were made with them.",
)
ACTIONS: tuple[Action, ...] = (INSERT, REMOVE)


@dataclass(frozen=True)
class InstalledAction:
    """An action found installed: ``slot`` is the number of the script slot it is bound to, None where to none."""

    action: Action
    path: Path
    slot: int | None

    @property
    def osc_name(self) -> str | None:
        """What ``/access_action`` calls it by; None where it is bound to no slot."""
        return None if self.slot is None else f"LuaAction/script-{self.slot}"


def action_body(action: Action) -> str:
    """The Lua that the action runs: it needs Ardour's ``Session``, and takes and returns nothing."""
    parts = (_values(), _lua("mixer.lua"), _lua(action.body))
    return "\n".join(parts)


def action_text(action: Action) -> str:
    """The script file as Ardour's script manager reads it."""
    header = {
        "type": "EditorAction",
        "name": action.name,
        "license": "GPL-3.0-or-later",
        "author": "mixassist",
        "description": action.description,
    }
    fields = "".join(f"\t[{lua_string(key)}] = {lua_string(value)},\n" for key, value in header.items())
    return f"ardour {{\n{fields}}}\n\nfunction factory () return function ()\n{action_body(action)}end end\n"


def install_actions(config_folder: Path | None = None) -> tuple[Path, ...]:
    """Write the actions into Ardour's user scripts and bind each to a free script slot; the files written.

    ``config_folder``: one configuration folder of Ardour; without, those of every Ardour that was started on this
    account. Scripts bound by the user stay
    where they are, and so do ours that are bound already. Raises :class:`protocols.errors.ProtocolError` where an
    Ardour that runs would overwrite the binding, or its list of scripts cannot be read: the files are written then,
    and can be bound by hand.
    """
    folders = _folders(config_folder)
    written = []
    for folder in folders:
        for action in ACTIONS:
            path = folder / "scripts" / action.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(action_text(action), encoding="utf-8")
            written.append(path)
    for folder in folders:
        bind_scripts(folder, [Script(a.name, action_text(a), action_body(a)) for a in ACTIONS])
    return tuple(written)


def installed_actions(config_folder: Path | None = None) -> tuple[InstalledAction, ...]:
    """The actions that stand in Ardour's user scripts, with the slots they are bound to."""
    folders = _folders(config_folder)
    found = []
    for folder in folders:
        slots = bound_slots(folder)
        for action in ACTIONS:
            path = folder / "scripts" / action.file_name
            if path.is_file():
                found.append(InstalledAction(action, path, slots.get(action.name)))
    return tuple(found)


def remove_actions(config_folder: Path | None = None) -> tuple[Path, ...]:
    """Unbind the actions and delete their scripts; the files deleted. Raises as :func:`install_actions` does."""
    removed = []
    for folder in _folders(config_folder):
        unbind_scripts(folder, [action.name for action in ACTIONS])
        for path in (folder / "scripts" / action.file_name for action in ACTIONS):
            if path.is_file():
                path.unlink()
                removed.append(path)
    return tuple(removed)


def _folders(config_folder: Path | None) -> tuple[Path, ...]:
    if config_folder is not None:
        return (config_folder,)
    return tuple(f for f in config_folders() if int(f.name.removeprefix("ardour")) >= OLDEST_VERSION)


def _values() -> str:
    """The table's values as Lua, under the names that the Lua files use."""
    labels = {plugin.uri: plugin.label for plugin in PLUGINS}
    strips = {plugin.uri: labels[plugin.uri] for plugin in (STRIP_MONO, STRIP_STEREO)}
    lines = (
        f"strip_uris = {{ {lua_string(STRIP_MONO.uri)}, {lua_string(STRIP_STEREO.uri)} }} -- by the number of channels",
        f"strips = {_table(strips)}",
        f"reverbs = {_table({REVERB.uri: REVERB.label})}",
        f"reverb_uri = {lua_string(REVERB.uri)}",
        f"bus_name = {lua_string(REVERB_BUS_NAME)}",
        f"bus_comment = {lua_string(BUS_COMMENT)}",
    )
    return "".join(f"\tlocal {line}\n" for line in lines)


def _table(values: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"[{lua_string(key)}] = {lua_string(value)}" for key, value in values.items()) + " }"


def _lua(name: str) -> str:
    return (_LUA_FOLDER / name).read_text(encoding="utf-8")
