"""The actions, run inside a real Ardour, and their way into Ardour's script slots."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from ardour_host import ArdourHost, find_ardour

from assistant.plugins import PLUGINS, REVERB, REVERB_BUS_NAME, STRIP_MONO, STRIP_STEREO
from protocols.ardour import action, slots
from protocols.ardour.action import ACTIONS, BUS_COMMENT, INSERT, REMOVE, action_body, action_text
from protocols.errors import ProtocolError
from render.plugins.build import build_bundles

needs_ardour = pytest.mark.skipif(find_ardour() is None, reason="no Ardour on this machine")

#: Ardour's own plug-ins that stand in for ours: what the actions do with them is the same, and nothing is compiled.
STAND_INS = {
    "STRIP_MONO": replace(STRIP_MONO, uri="urn:ardour:a-comp"),
    "STRIP_STEREO": replace(STRIP_STEREO, uri="urn:ardour:a-comp#stereo"),
    "REVERB": replace(REVERB, uri="urn:ardour:a-reverb"),
}

MIXER = """
local lines = {}
for r in Session:get_routes():iter() do
  local shown, i, p = {}, 0, r:nth_processor(0)
  while not p:isnil() do
    if p:display_to_user() then
      local text = p:display_name()
      local send = p:to_internalsend()
      if not send:isnil() then
        text = "-> " .. send:target_route():name() .. " " .. p:to_send():gain_control():get_value()
      end
      shown[#shown + 1] = text
    end
    i = i + 1
    p = r:nth_processor(i)
  end
  lines[#lines + 1] = r:name() .. (r:active() and "" or " (off)") .. ": " .. table.concat(shown, ", ")
end
table.sort(lines)
return table.concat(lines, "\\n")
"""

#: What that says of the mixer below.
USERS_STRIPS = {
    "voice": ["ACE EQ", "-> Cue 0.0", "Fader", "ACE Delay"],
    "piano": ["Fader"],
    "surround": ["Fader"],
    "notes": ["Fader"],
    "synth": ["ACE Reasonable Synth", "Fader"],
    "Cue": ["Fader"],
    "Reverb Bus": ["ACE Delay", "Fader"],
    "Master": ["Fader"],
}
SEND = "-> Reverb Bus 1 0.0"

#: A mixer that somebody has worked on: plug-ins on both sides of the fader, buses, a cue send, MIDI, surround.
USERS_MIXER = """
add_plugin(route("voice"), "urn:ardour:a-eq", 0)
add_plugin(route("voice"), "urn:ardour:a-delay", -1)
local cue = new_bus("Cue")
local senders = ARDOUR.RouteListPtr()
senders:push_back(route("voice"))
Session:add_internal_sends(cue, ARDOUR.Placement.PreFader, senders)
add_plugin(new_bus("Reverb Bus"), "urn:ardour:a-delay", 0)
new_track("surround", 3)
new_midi_track("notes")
new_midi_track("synth")
-- An instrument is what makes a MIDI track sound.
add_plugin(route("synth"), "https://community.ardour.org/node/7596", 0)
save()
"""

#: Back to that mixer, as far as Ardour 7.3's Lua can: what cannot be removed stays under a name that tests skip.
TIDY = """
for r in Session:get_routes():iter() do
  local is_added = r:comment() ~= "" or r:name() == "late"
  local found, i, p = {}, 0, r:nth_processor(0)
  while not p:isnil() do
    local send = p:to_internalsend()
    local is_ours = p:display_name():find("Compressor") or p:display_name():find("ACE Reverb")
    local is_sent = not send:isnil() and not (r:name() == "voice" and send:target_route():name() == "Cue")
    if is_ours or is_sent then found[#found + 1] = p end
    i = i + 1
    p = r:nth_processor(i)
  end
  for _, each in ipairs(found) do r:remove_processor(each, nil, true) end
  if is_added then
    r:set_comment("", nil)
    r:set_name("old")
  end
end
local cue = route("voice"):nth_send(0):to_send():gain_control()
cue:set_value(0, PBD.GroupControlDisposition.NoGroup)
collectgarbage()
"""


@pytest.fixture(scope="module")
def ardour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArdourHost]:
    stems = {"voice": np.zeros((1, 4410), np.float32), "piano": np.zeros((2, 4410), np.float32)}
    folder = tmp_path_factory.mktemp("ardour")
    instrument = (Path("/usr/lib/lv2/reasonablesynth.lv2"),)
    with ArdourHost(folder, stems, bundles=instrument) as host:
        host.run_lua(USERS_MIXER)
        yield host


@pytest.fixture
def mixer(ardour: ArdourHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArdourHost]:
    """The user's mixer as it was saved, and actions that insert the stand-ins."""
    for name, plugin in STAND_INS.items():
        monkeypatch.setattr(action, name, plugin)
    monkeypatch.setattr(action, "PLUGINS", tuple(STAND_INS.values()))
    if strips_of(ardour) != USERS_STRIPS:
        ardour.restart()
    assert strips_of(ardour) == USERS_STRIPS
    yield ardour
    ardour.run_lua(TIDY)


def strips_of(mixer: ArdourHost) -> dict[str, list[str]]:
    """What stands in every strip of the mixer, in order, sends with their buses and levels."""
    strips = dict(line.split(": ", 1) for line in mixer.run_lua(MIXER).splitlines())
    return {name: held.split(", ") for name, held in strips.items() if not name.startswith("old")}


@needs_ardour
class TestInserting:
    def test_strip_is_last_before_the_fader_and_send_last_behind_it(self, mixer: ArdourHost) -> None:
        mixer.run_lua(action_body(INSERT))
        assert strips_of(mixer) == USERS_STRIPS | {
            "voice": ["ACE EQ", "-> Cue 0.0", "ACE Compressor", "Fader", "ACE Delay", SEND],
            "piano": ["ACE Compressor (stereo)", "Fader", SEND],
            "synth": ["ACE Reasonable Synth", "ACE Compressor (stereo)", "Fader", SEND],
            "Reverb Bus 1": ["ACE Reverb", "Fader"],
        }

    def test_twice_doubles_nothing_whatever_the_bus_is_called(self, mixer: ArdourHost) -> None:
        mixer.run_lua(action_body(INSERT))
        once = strips_of(mixer)
        mixer.run_lua(action_body(INSERT))
        assert strips_of(mixer) == once
        mixer.run_lua('route("Reverb Bus 1"):set_name("Hall")')
        renamed = strips_of(mixer)
        mixer.run_lua(action_body(INSERT))
        assert strips_of(mixer) == renamed
        assert renamed["Hall"] == once["Reverb Bus 1"]

    def test_adds_what_is_missing(self, mixer: ArdourHost) -> None:
        mixer.run_lua(action_body(INSERT))
        mixer.run_lua(
            'new_track("late", 1) local bus = route("Reverb Bus 1") bus:remove_processor(bus:nth_plugin(0), nil, true)'
        )
        mixer.run_lua(action_body(INSERT))
        after = strips_of(mixer)
        assert after["late"] == ["ACE Compressor", "Fader", SEND]
        assert after["Reverb Bus 1"] == ["ACE Reverb", "Fader"]

    def test_without_our_plugins_nothing_changes(self, mixer: ArdourHost, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(action, "REVERB", REVERB)
        before = strips_of(mixer)
        mixer.run_lua(action_body(INSERT))
        assert strips_of(mixer) == before


@needs_ardour
class TestRemoving:
    def test_takes_off_what_was_inserted_and_no_more(self, mixer: ArdourHost) -> None:
        before = strips_of(mixer)
        mixer.run_lua(action_body(INSERT))
        mixer.run_lua('route("Reverb Bus 1"):set_name("Hall")')
        mixer.run_lua(action_body(REMOVE))
        after = strips_of(mixer)
        # Ardour 7.3's Lua can remove no bus.
        assert after.pop("Hall (off)", ["Fader"]) == ["Fader"]
        assert after == before

    def test_insert_again_uses_the_bus_that_was_left(self, mixer: ArdourHost) -> None:
        mixer.run_lua(action_body(INSERT))
        once = strips_of(mixer)
        for each in (REMOVE, REMOVE, INSERT):
            mixer.run_lua(action_body(each))
        assert strips_of(mixer) == once

    def test_a_users_own_bus_keeps_our_reverb_and_open_sends(self, mixer: ArdourHost) -> None:
        mixer.run_lua(f'add_plugin(route("Cue"), "{STAND_INS["REVERB"].uri}", 0)')
        mixer.run_lua(
            'local gain = route("voice"):nth_send(0):to_send():gain_control() '
            "gain:set_value(0.5, PBD.GroupControlDisposition.NoGroup)"
        )
        before = strips_of(mixer)
        mixer.run_lua(action_body(INSERT))
        assert strips_of(mixer)["piano"][-1] == "-> Cue 0.0"
        assert "Reverb Bus 1" not in strips_of(mixer)
        mixer.run_lua(action_body(REMOVE))
        assert strips_of(mixer) == before

    def test_removes_nothing_where_nothing_was_inserted(self, mixer: ArdourHost) -> None:
        before = strips_of(mixer)
        mixer.run_lua(action_body(REMOVE))
        assert strips_of(mixer) == before


@needs_ardour
@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
def test_our_own_plugins_by_the_number_of_channels_also_when_saved(tmp_path: Path) -> None:
    stems = {"voice": np.zeros((1, 4410), np.float32), "piano": np.zeros((2, 4410), np.float32)}
    with ArdourHost(tmp_path / "host", stems, bundles=build_bundles(tmp_path / "lv2")) as host:
        before = strips_of(host)
        inserted = before | {
            "voice": [STRIP_MONO.label, "Fader", "-> Reverb Bus 0.0"],
            "piano": [STRIP_STEREO.label, "Fader", "-> Reverb Bus 0.0"],
            "Reverb Bus": [REVERB.label, "Fader"],
        }
        host.run_lua(action_body(INSERT))
        assert strips_of(host) == inserted
        host.save()
        host.restart()
        host.run_lua(action_body(INSERT))
        assert strips_of(host) == inserted
        host.run_lua(action_body(REMOVE))
        after = strips_of(host)
        # Ardour 7.3's Lua can remove no bus.
        assert after.pop("Reverb Bus (off)", ["Fader"]) == ["Fader"]
        assert after == before


class TestText:
    @pytest.mark.parametrize("each", ACTIONS, ids=lambda a: a.body)
    def test_says_what_the_table_says(self, each: action.Action) -> None:
        text = action_text(each)
        assert text.startswith('ardour {\n\t["type"] = "EditorAction",\n')
        for plugin in PLUGINS:
            assert f'["{plugin.uri}"] = "{plugin.label}"' in text
        assert f'bus_name = "{REVERB_BUS_NAME}"' in text
        assert f'bus_comment = "{BUS_COMMENT}"' in text

    def test_needs_nothing_outside_the_factory(self) -> None:
        """Ardour keeps the factory alone, as bytecode without what is around it."""
        for each in ACTIONS:
            before, _ = action_text(each).split("function factory ()")
            assert "local" not in before


#: As Ardour 7.3 wrote it for a slot bound by hand, shortened: bytecode, decimal escapes, bytes that are no UTF-8.
THEIRS = (
    b'scripts = {} scripts[2] = {} scripts[2]["s"] = "ardour { [\\"name\\"] = \\"Loop [x] scripts[9] = {}\\" }\\\n" '
    b'scripts[2]["a"] = {} scripts[2]["a"]["x-script-origin"] = "/a b/c.lua" scripts[2]["c"] = true '
    b'scripts[2]["n"] = "Tom\'s Loop" scripts[2]["f"] = "\\27LuaS\\0\\25\x93\\13\\\n\\26" '
)
HOOKS = '<ActionHooks><LuaCallback name="mine" lua="Lua 5.3">Zg==</LuaCallback></ActionHooks>'


def write_theirs(folder: Path, state: bytes = THEIRS) -> None:
    content = base64.b64encode(state).decode()
    (folder / "ui_scripts").write_text(
        f'<UIScripts><ActionScript lua="Lua 5.3">{content}</ActionScript>{HOOKS}</UIScripts>'
    )


def state_of(folder: Path) -> bytes:
    tree = ElementTree.fromstring((folder / "ui_scripts").read_bytes())
    return base64.b64decode(tree.findtext("ActionScript") or "")


class TestInstalling:
    def test_writes_both_scripts_and_binds_them(self, tmp_path: Path) -> None:
        assert action.installed_actions(tmp_path) == ()
        written = action.install_actions(tmp_path)
        assert [p.read_text() for p in written] == [action_text(a) for a in ACTIONS]
        installed = action.installed_actions(tmp_path)
        assert [(i.action, i.path, i.osc_name) for i in installed] == [
            (INSERT, written[0], "LuaAction/script-1"),
            (REMOVE, written[1], "LuaAction/script-2"),
        ]

    def test_what_the_user_bound_stays_byte_for_byte(self, tmp_path: Path) -> None:
        write_theirs(tmp_path)
        action.install_actions(tmp_path)
        assert slots.bound_slots(tmp_path) == {"Tom's Loop": 2, INSERT.name: 1, REMOVE.name: 3}
        assert state_of(tmp_path).startswith(THEIRS)
        hooks = ElementTree.fromstring((tmp_path / "ui_scripts").read_bytes()).find("ActionHooks")
        assert ElementTree.tostring(hooks if hooks is not None else ElementTree.Element("none")).decode() == HOOKS

    def test_again_binds_nothing_twice_and_keeps_the_slots(self, tmp_path: Path) -> None:
        write_theirs(tmp_path)
        action.install_actions(tmp_path)
        once = (tmp_path / "ui_scripts").read_bytes()
        action.install_actions(tmp_path)
        assert slots.bound_slots(tmp_path) == {"Tom's Loop": 2, INSERT.name: 1, REMOVE.name: 3}
        assert len((tmp_path / "ui_scripts").read_bytes()) == len(once)

    def test_an_older_script_of_ours_is_replaced(self, tmp_path: Path) -> None:
        write_theirs(tmp_path, b'scripts = {} scripts[7] = {} scripts[7]["n"] = "%b" ' % INSERT.name.encode())
        action.install_actions(tmp_path)
        assert slots.bound_slots(tmp_path)[INSERT.name] == 7
        assert state_of(tmp_path).count(b"scripts[7] = {}") == 1

    def test_ardour_that_runs_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(slots, "is_ardour_running", lambda folder: True)
        with pytest.raises(ProtocolError, match=r"Ardour is running .* Script Manager"):
            action.install_actions(tmp_path)
        assert [i.osc_name for i in action.installed_actions(tmp_path)] == [None, None]

    @pytest.mark.parametrize(
        "text", ["<UIScripts", "<UIScripts><ActionScript>b3MuZXhlY3V0ZSgp</ActionScript></UIScripts>"]
    )
    def test_a_list_not_understood_is_not_touched(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "ui_scripts").write_text(text)
        with pytest.raises(ProtocolError, match="Bind the scripts by hand"):
            action.install_actions(tmp_path)
        assert (tmp_path / "ui_scripts").read_text() == text

    def test_no_free_slot_is_said(self, tmp_path: Path) -> None:
        write_theirs(tmp_path, b"scripts = {} " + b"".join(b"scripts[%d] = {} " % s for s in range(1, 33)))
        with pytest.raises(ProtocolError, match="all 32"):
            action.install_actions(tmp_path)

    def test_what_ardour_has_taken_over_is_left_to_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ardour writes what it has loaded with bytecode, and every tab as a number."""
        action.install_actions(tmp_path)
        taken = state_of(tmp_path).replace(b"\t", b"\\9")
        for body in (action_body(a).encode() for a in ACTIONS):
            quoted = slots.lua_string(f"return function ()\n{body.decode()}end\n").encode()
            taken = taken.replace(quoted.replace(b"\t", b"\\9"), b'"\\27LuaS\\0"')
        assert taken.count(b"LuaS") == 2
        write_theirs(tmp_path, taken)
        monkeypatch.setattr(slots, "is_ardour_running", lambda folder: True)
        action.install_actions(tmp_path)
        assert state_of(tmp_path) == taken

    def test_removing_leaves_the_users_scripts(self, tmp_path: Path) -> None:
        write_theirs(tmp_path)
        written = action.install_actions(tmp_path)
        assert action.remove_actions(tmp_path) == written
        assert state_of(tmp_path) == THEIRS
        assert not any(path.exists() for path in written)
        assert action.remove_actions(tmp_path) == ()

    def test_every_ardour_here_gets_them(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        assert action.install_actions() == ()
        for name in ("ardour7", "ardour8", "ardour6"):
            (tmp_path / name).mkdir()
        assert len(action.install_actions()) == 4
        assert not list((tmp_path / "ardour6").iterdir())


@needs_ardour
@pytest.mark.parametrize("each", ACTIONS, ids=lambda a: a.body)
def test_the_file_makes_the_action_for_ardours_lua(mixer: ArdourHost, each: action.Action) -> None:
    """As Ardour's script manager does: the factory as bytecode, loaded elsewhere, gives the function to run."""
    mixer.run_lua(
        f"function ardour () end\n{action_text(each)}\n"
        "local made = load(string.dump(factory, true), nil, nil, _ENV)({}) made() factory, ardour = nil, nil"
    )
    assert ("ACE Reverb" in str(strips_of(mixer))) is (each is INSERT)


@needs_ardour
def test_what_is_bound_is_what_ardour_runs(mixer: ArdourHost, tmp_path: Path) -> None:
    """Ardour loads the list as Lua, and what stands under "f" as a chunk that returns the action."""
    action.install_actions(tmp_path)
    (tmp_path / "list.lua").write_bytes(state_of(tmp_path))
    mixer.run_lua(
        f'dofile("{tmp_path}/list.lua") '
        'local made = load(string.dump(load(scripts[1]["f"]), true), nil, nil, _ENV)(scripts[1]["a"]) '
        "made() scripts = nil"
    )
    assert strips_of(mixer)["piano"][0] == "ACE Compressor (stereo)"
