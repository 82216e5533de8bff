"""Ardour's script slots: which Lua actions answer to ``LuaAction/script-1`` to ``-32``, read and added to.

Ardour (7.3, ``gtk2_ardour/luainstance.cc``) keeps them in ``ui_scripts`` of its configuration folder: XML around the
base64 of Lua assignments, ``scripts[3]["n"] = "NAME"``, with the keys ``n`` name, ``s`` the file's text, ``f`` the
factory, ``c`` the icon, ``a`` arguments. Ardour writes ``f`` as bytecode, and loads source as well, which is what we
write. It reads the file when it opens a session, and writes it when a script is bound or unbound.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from protocols.errors import ProtocolError

FILE_NAME = "ui_scripts"
#: Ardour has slots 1 to this.
LAST_SLOT = 32
#: How the process of Ardour's window names itself (7.3); its command line tools know no slots.
_PROCESS_NAME = "ArdourGUI"
_LUA_VERSION = "Lua 5.3"
_STRING = rb'"(?:[^"\\]|\\.)*"'
_STATEMENT = re.compile(
    rb"scripts(?:\[(?P<slot>\d+)\](?P<key>(?:\[(?:\d+|" + _STRING + rb")\])*))?"
    rb" = (?P<value>" + _STRING + rb'|\{\}|[^\s"{}]+)\s*',
    re.DOTALL,
)
_BY_HAND = "Bind the scripts by hand: Edit > Lua Scripts > Script Manager, Action Scripts"


@dataclass(frozen=True)
class Script:
    """A script to be bound: its name, its file's text, and the Lua that it runs."""

    name: str
    text: str
    body: str


def bound_slots(config_folder: Path) -> dict[str, int]:
    """The slots of ``config_folder`` that are taken, by the names of their scripts; empty where it has no list.

    Raises :class:`ProtocolError` for a list that cannot be read.
    """
    _, state = _read(config_folder / FILE_NAME)
    return {name: slot for slot, name in _values(state, "n").items()}


def bind_scripts(config_folder: Path, scripts: Sequence[Script]) -> None:
    """Bind each script to the slot it had, else to the first free one; all others stay as they are.

    A list that is as wanted is not written. Raises :class:`ProtocolError` where Ardour runs, no slot is free, or the
    list cannot be read.
    """
    tree, before = _read(config_folder / FILE_NAME)
    state = before
    for script in scripts:
        state = _bound(state, script)
    if state != before:
        _write(config_folder, tree, state)


def unbind_scripts(config_folder: Path, names: Sequence[str]) -> None:
    """Free the slots of the scripts of these names; raises as :func:`bind_scripts` does."""
    tree, before = _read(config_folder / FILE_NAME)
    slots = {slot for slot, name in _values(before, "n").items() if name in names}
    if slots:
        _write(config_folder, tree, _without(before, slots))


def _write(config_folder: Path, tree: ElementTree.Element, state: bytes) -> None:
    if is_ardour_running(config_folder):
        raise ProtocolError(
            f"Ardour is running and keeps its own list of scripts. Quit it and try again, or: {_BY_HAND}"
        )
    path = config_folder / FILE_NAME
    node = tree.find("ActionScript")
    if node is None:
        node = ElementTree.SubElement(tree, "ActionScript", {"lua": _LUA_VERSION})
    node.text = base64.b64encode(state).decode("ascii")
    # Never half a file: the user's own scripts stand in it.
    new = path.with_name(path.name + ".new")
    new.write_bytes(ElementTree.tostring(tree, encoding="UTF-8", xml_declaration=True))
    new.replace(path)


def is_ardour_running(config_folder: Path) -> bool:
    """Whether an Ardour runs that uses ``config_folder``, as far as Linux lets us see it."""
    return any(_uses(process, config_folder) for process in Path("/proc").glob("[0-9]*"))


def _uses(process: Path, config_folder: Path) -> bool:
    try:
        if (process / "comm").read_text() != _PROCESS_NAME + "\n":
            return False
        variables = dict(v.split(b"=", 1) for v in (process / "environ").read_bytes().split(b"\0") if b"=" in v)
    except OSError:  # it has ended, or is another user's
        return False
    home = variables.get(b"XDG_CONFIG_HOME") or variables.get(b"HOME", b"") + b"/.config"
    return Path(os.fsdecode(home)).resolve() == config_folder.parent.resolve()


def _read(path: Path) -> tuple[ElementTree.Element, bytes]:
    """The list's XML, and the Lua assignments in it."""
    if not path.exists():
        return ElementTree.Element("UIScripts"), b"scripts = {} "
    try:
        tree = ElementTree.fromstring(path.read_bytes())
        state = base64.b64decode(tree.findtext("ActionScript") or "", validate=False)
    except (OSError, ElementTree.ParseError, binascii.Error) as error:
        raise ProtocolError(f"{path} cannot be read: {error}. {_BY_HAND}") from error
    _statements(state, path)
    return tree, state or b"scripts = {} "


def _statements(state: bytes, path: Path | str = FILE_NAME) -> list[re.Match[bytes]]:
    found, position = [], 0
    while position < len(state):
        match = _STATEMENT.match(state, position)
        if match is None:
            raise ProtocolError(f"{path} is not as Ardour 7 writes it. {_BY_HAND}")
        found.append(match)
        position = match.end()
    return found


def _values(state: bytes, key: str) -> dict[int, str]:
    """What every slot that is taken has under ``key``, "" where nothing."""
    values: dict[int, str] = {}
    for statement in _statements(state):
        if statement["slot"]:
            values.setdefault(int(statement["slot"]), "")
        if statement["key"] == f'["{key}"]'.encode():
            values[int(statement["slot"])] = _unquoted(statement["value"])
    return values


def _bound(state: bytes, script: Script) -> bytes:
    taken = _values(state, "n")
    slot = next((s for s, name in taken.items() if name == script.name), None)
    if slot is not None and _values(state, "s")[slot] == script.text:
        return state  # as Ardour keeps it, its factory made bytecode
    if slot is None:
        slot = next((s for s in range(1, LAST_SLOT + 1) if s not in taken), None)
    if slot is None:
        raise ProtocolError(f"all {LAST_SLOT} of Ardour's script slots are taken; free one in the Script Manager")
    factory = f"return function ()\n{script.body}end\n"
    fields = (("n", script.name), ("s", script.text), ("f", factory))
    ours = "".join(f'scripts[{slot}]["{key}"] = {lua_string(value)} ' for key, value in fields)
    return _without(state, {slot}) + f'scripts[{slot}] = {{}} {ours}scripts[{slot}]["a"] = {{}} '.encode()


def _without(state: bytes, slots: Collection[int]) -> bytes:
    return b"".join(s[0] for s in _statements(state) if not s["slot"] or int(s["slot"]) not in slots)


def lua_string(text: str) -> str:
    """``text`` as Lua writes it, in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\\n")
    return f'"{escaped}"'


def _unquoted(value: bytes) -> str:
    """The text of a Lua string: behind a backslash stands a byte's number, or a character that means itself."""

    def byte(match: re.Match[bytes]) -> bytes:
        return bytes([int(match[1]) & 0xFF]) if match[1].isdigit() else match[1]

    return re.sub(rb"\\([0-9]{1,3}|.)", byte, value[1:-1], flags=re.DOTALL).decode("utf-8", "replace")
