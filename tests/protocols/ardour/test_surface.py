"""The conversation with Ardour: recorded, lossy, hostile, and with a real one."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from ardour_host import ArdourHost, find_ardour
from ardour_recorded import answers_to, hear, lossy, surveyed

from assistant.automation import SHARED
from assistant.mix import Change
from assistant.params import BY_NAME, CHANNEL_NAMES, REVERB_NAMES
from protocols.ardour.mixer import MOST_PORTS, MOST_STRIPS
from protocols.ardour.native import inexpressible
from protocols.ardour.surface import ArdourSurface
from protocols.daw import Control, DawTrack, HeldChanged, LinkState, Outcome, TracksChanged
from protocols.daws import open_daw
from protocols.dialect import Argument, Message
from protocols.errors import ProtocolError
from protocols.journal import Journal
from protocols.laws import LAWS
from protocols.link import Daw
from protocols.transport import Transport

OURS = frozenset(CHANNEL_NAMES)
MONO = OURS - {"width"}
SHARED_NAMES = (*REVERB_NAMES, "master_gain_db")


def by_name(tracks: Sequence[DawTrack]) -> dict[str, DawTrack]:
    return {track.name: track for track in tracks}


def reply(*args: Argument) -> Message:
    return Message("/reply", "", args)


def listed(*rows: tuple[str, str]) -> list[Message]:
    """The answer to ``/strip/list`` for strips of kind and name."""
    rows_said = [reply(kind, name, 2, 2, 0, 0, i) for i, (kind, name) in enumerate(rows, start=1)]
    return [*rows_said, reply("end_route_list", 48_000, 48_000, 0)]


def set_up(surface: ArdourSurface) -> None:
    surface.heard(Message("/set_surface", "", (0, 191, 16_384, 0, 0, 0, 0, 1, 0)))


def test_the_recorded_mixer_is_understood() -> None:
    surface, events = surveyed()
    tracks = by_name(surface.tracks)
    assert surface.survey() == ()
    assert surface.session == "song"
    assert [t.name for t in surface.tracks] == ["bass", "keys", "Reverb Bus", "room", "Drums", "Master"]
    assert [(t.kind, t.channels) for t in surface.tracks] == [
        *(("audio", 1), ("audio", 2), ("bus", 2), ("audio", 2), ("bus", 2), ("master", 2))
    ]
    assert (tracks["bass"].params, tracks["keys"].params) == (MONO, OURS)
    assert tracks["Reverb Bus"].params == frozenset(REVERB_NAMES)
    assert tracks["Master"].params == {"master_gain_db"}
    assert tracks["keys"].other_plugins == ("ACE EQ",)
    assert (tracks["keys"].is_muted, tracks["bass"].is_muted) == (True, False)
    assert (tracks["room"].has_strip, tracks["bass"].has_strip) == (False, True)
    assert [e for e in events if isinstance(e, TracksChanged)] == [TracksChanged(surface.tracks)]


def test_the_recorded_values_are_held() -> None:
    held = surveyed()[0].held
    assert held[Control("bass", "fader_db")] == pytest.approx(20.0 * math.log10(0.5), abs=1e-5)
    assert held[Control("bass", "send_db")] == pytest.approx(20.0 * math.log10(0.25), abs=1e-5)
    assert held[Control("keys", "send_db")] == BY_NAME["send_db"].low
    assert held[Control("bass", "pan")] == 0.0
    assert held[Control("keys", "peak1_hz")] == 300.0
    assert held[Control(SHARED, "reverb_decay_s")] == pytest.approx(1.8, rel=1e-6)
    assert held[Control(SHARED, "reverb_return_db")] == held[Control(SHARED, "master_gain_db")] == 0.0
    surface = surveyed()[0]
    told = {Control(SHARED if p in SHARED_NAMES else t.name, p) for t in surface.tracks for p in t.params}
    assert set(surface.held) == told


def test_questions_are_answered_afresh() -> None:
    surface, _ = surveyed()
    before = dict(surface.held)
    surface.held.clear()
    events = hear(surface, answers_to(surface.ask(before.keys())))
    assert surface.held == before
    assert {e.control for e in events if isinstance(e, HeldChanged)} == before.keys()


@pytest.mark.parametrize("seed", range(5))
def test_a_survey_gets_through_where_a_third_is_lost(seed: int) -> None:
    rng = random.Random(seed)
    surface = ArdourSurface()
    rounds = 0
    while surface.survey() and rounds < 300:
        asked = [message for message in surface.survey() if rng.random() >= 0.3]
        hear(surface, lossy(answers_to(asked), rng, 0.3))
        rounds += 1
    whole, _ = surveyed()
    assert (surface.tracks, surface.held) == (whole.tracks, whole.held)


def test_moves_in_ardour_are_told() -> None:
    surface, _ = surveyed()
    assert surface.heard(Message("/strip/gain", "if", (1, -3.5))) == [HeldChanged(Control("bass", "fader_db"), -3.5)]
    assert surface.heard(Message("/strip/gain", "if", (1, -3.5))) == []
    closed = surface.heard(Message("/strip/gain", "if", (3, -200.0)))
    assert closed == [HeldChanged(Control(SHARED, "reverb_return_db"), -60.0)]
    assert surface.heard(Message("/strip/pan_stereo_position", "if", (2, 1.0))) == [
        HeldChanged(Control("keys", "pan"), -1.0)
    ]
    (event,) = surface.heard(Message("/strip/mute", "if", (1, 1.0)))
    assert isinstance(event, TracksChanged)
    assert by_name(event.tracks)["bass"].is_muted


def test_another_list_begins_the_survey_anew() -> None:
    surface, _ = surveyed()
    surface.heard(Message("/strip/list"))
    assert surface.survey() == (Message("/strip/list"),)
    hear(surface, answers_to(surface.survey()))
    assert surface.survey() == ()
    assert Control("bass", "pan") in surface.held
    surface.heard(Message("/strip/list"))
    for message in listed(("AT", "drums"), ("AT", "bass"), ("MA", "Master")):
        surface.heard(message)
    assert surface.held == {}
    assert Message("/strip/plugin/list", "i", (3,)) in surface.survey()


def test_a_strip_of_another_name_begins_the_list_anew() -> None:
    surface, _ = surveyed()
    surface.heard(Message("/strip/name/2", "s", ("keys",)))
    assert surface.survey() == ()
    surface.heard(Message("/strip/name/2", "s", ("organ",)))
    assert surface.survey() == (Message("/strip/list"),)


def test_other_plugins_on_a_strip_void_its_values() -> None:
    surface, _ = surveyed()
    surface.heard(Message("/strip/plugin/list", "iisi", (1, 1, "Amp", 1)))
    assert surface.survey()
    assert Control("bass", "peak1_hz") not in surface.held
    assert Control("bass", "fader_db") in surface.held
    surface.heard(Message("/strip/trimdB/1", "f", (0.0,)))
    surface.heard(Message("/strip/polarity/1", "i", (1,)))
    assert surface.survey() == ()
    bass = by_name(surface.tracks)["bass"]
    assert bass.params == {"fader_db", "pan", "send_db", "trim_db", "polarity_inverted"}
    assert (bass.other_plugins, bass.has_strip) == (("Amp",), False)
    assert surface.held[Control("bass", "polarity_inverted")] == 1.0


def test_a_strip_that_is_off_takes_no_values() -> None:
    surface, _ = surveyed()
    surface.heard(Message("/strip/plugin/list", "iisi", (1, 1, "mixassist strip (mono)", 0)))
    for _ in range(3):
        hear(surface, answers_to(surface.survey()))
    bass = by_name(surface.tracks)["bass"]
    assert bass.params == {"fader_db", "pan", "send_db"}
    assert (bass.has_strip, bass.other_plugins) == (False, ("mixassist strip (mono)",))


def test_an_ardour_that_was_started_anew_is_greeted_again() -> None:
    surface, _ = surveyed()
    surface.heard(Message("/set_surface", "", (0, 159, 0, 0, 0, 0, 0, 1, 0)))
    assert surface.survey() == surface.greeting()
    assert surface.held == {}
    again, _ = surveyed(surface)
    assert again.tracks == surveyed()[0].tracks


def test_lists_without_a_master_are_heard_again_and_again() -> None:
    surface = ArdourSurface()
    set_up(surface)
    first, second, end = listed(("AT", "a"), ("AT", "b"))
    for message in (first, end, end, end, end, end, end):
        surface.heard(message)
    assert surface.survey() == (Message("/strip/list"),)
    for message in (first, second, end) * 5:
        surface.heard(message)
    assert len(surface.mixer.strips) == 2


def test_a_strip_beyond_the_list_begins_it_anew() -> None:
    surface, _ = surveyed()
    surface.heard(Message("/strip/name", "is", (7, " ")))  # Ardour blanks what is not there
    assert surface.survey() == ()
    surface.heard(Message("/strip/name", "is", (7, "late")))
    assert surface.survey() == (Message("/strip/list"),)


def test_gaps_in_a_list_are_noticed() -> None:
    surface = ArdourSurface()
    set_up(surface)
    first, second, master, end = listed(("AT", "a"), ("AT", "b"), ("MA", "Master"))
    for message in (first, master, end, end):
        surface.heard(message)
    assert surface.survey() == (Message("/strip/list"),)
    surface.heard(second)
    assert len(surface.mixer.strips) == 3


def test_names_are_told_apart() -> None:
    surface = ArdourSurface()
    set_up(surface)
    for message in 5 * listed(("V", "Gtr"), ("V", "Gtr"), ("V", "Gtr (2)"), ("V", " ")):
        surface.heard(message)
    assert [t.name for t in surface.tracks] == ["Gtr", "Gtr (2)", "Gtr (2) (2)", "Strip 4"]
    assert {t.kind for t in surface.tracks} == {"other"}


def test_what_a_datagram_says_neither_raises_nor_grows() -> None:
    surface, _ = surveyed()
    tracks = surface.tracks
    words = ("gain", "fader/1", "name", "name/x", "mute", "pan_type", "sends", "list/1", "trimdB/99999", "polarity/٣")
    addresses = [*(f"/strip/{word}" for word in words), "/strip/plugin/list", "/strip/plugin/descriptor", "", "/"]
    addresses += ["/reply", "#reply", "/session_name", "/set_surface", "/strip/plugin/descriptor_end"]
    addresses += ["/strip/gain/" + "9" * 400]
    values: list[Argument] = [0, 1, -1, 2**31 - 1, 0.5, -math.inf, 1e38, "", "x" * 60_000, "AT", "end_route_list", "\0"]
    rng = random.Random(1)
    for _ in range(4000):
        args = tuple(rng.choice(values) for _ in range(rng.choice((0, 1, 2, 3, 7, 8, 11, 40))))
        surface.heard(Message(rng.choice(addresses), "", args))
    assert len(surface.held) <= 200
    assert len(surface.survey()) <= 100
    assert all(len(t.name) <= 210 for t in surface.tracks)
    again, _ = surveyed(surface)
    assert len(again.tracks) >= len(tracks) - 1


def test_a_flood_of_rows_and_ports_is_bounded() -> None:
    surface = ArdourSurface()
    set_up(surface)
    for _ in range(5):
        for number in range(1, 3 * MOST_STRIPS):
            surface.heard(reply("AT", f"track {number}", 1, 2, 0, 0, number))
        surface.heard(reply("end_route_list", 48_000, 48_000, 0))
    assert len(surface.mixer.strips) == MOST_STRIPS
    surface.heard(Message("/strip/plugin/list", "", (1, 1, "ACE EQ", 1)))
    for number in range(1, 3 * MOST_PORTS):
        surface.heard(
            Message("/strip/plugin/descriptor", "", (1, 1, number, f"p{number}", 128, "", 0.0, 1.0, "", 0, 0.5))
        )
    assert len(surface.mixer.strips[1].plugins[0].labels) == MOST_PORTS
    surface.heard(Message("/strip/plugin/list", "", (1, *(1, "p", 1) * 1000)))
    assert len(surface.mixer.strips[1].plugins) <= 50


def test_controls_that_no_strip_has_are_left_out() -> None:
    surface, _ = surveyed()
    nowhere = Control("room", "highpass_hz")
    assert surface.ask([nowhere]) == surface.say({nowhere: 80.0}) == ()
    with pytest.raises(ValueError, match="fader_db=9"):
        surface.say({Control("bass", "fader_db"): 9.0})


def test_what_is_the_same_is_what_32_bits_hold() -> None:
    surface, _ = surveyed()
    for param, wanted, held, is_same in (
        ("fader_db", -3.3, -3.30001, True),
        ("fader_db", -3.3, -3.301, False),
        ("fader_db", -math.inf, -math.inf, True),
        ("send_db", -60.0, -60.0, True),
        ("send_db", -60.0, -59.9, False),
        ("peak1_hz", 440.1, float(np.float32(440.1)), True),
        ("peak1_hz", 440.1, 440.11, False),
        ("pan", 1 / 3, 1.0 - 2.0 * float(np.float32(1 / 3)), True),
        ("highpass_on", 1.0, 0.0, False),
    ):
        assert surface.is_same(Control("bass", param), wanted, held) is is_same, param


needs_ardour = pytest.mark.skipif(find_ardour() is None, reason="no Ardour on this machine")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArdourHost]:
    rng = np.random.default_rng(0)
    stems = {f"track {i}": rng.uniform(-0.1, 0.1, (1 + i % 2, 4410)).astype(np.float32) for i in range(4)}
    with ArdourHost(tmp_path_factory.mktemp("ardour"), stems, inserts="native") as host:
        yield host


@pytest.fixture
def daw(host: ArdourHost, tmp_path: Path) -> Iterator[Daw]:
    with open_daw("ardour", port=host.port, journal=Journal(tmp_path)) as daw:
        assert daw.connect(10.0) is LinkState.CONNECTED, daw.trouble
        yield daw


def elsewhere(control: Control, held: float, rng: random.Random) -> float:
    """Another value that Ardour holds, of its own plug-ins where it is one of theirs."""
    param = BY_NAME[control.param]
    if param.curve == "toggle":
        return 1.0 - held
    low, high = {"comp_attack_ms": (0.1, 100.0), "reverb_decay_s": (0.7, 2.5), "trim_db": (-20.0, 20.0)}.get(
        param.name, (param.low, min(param.high, 6.0) if param.unit == "dB" else param.high)
    )
    return min(max(param.from_unit(rng.random()), low), high)


def wait_until(is_so: Callable[[], bool], timeout_s: float = 12.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        # while strips are being asked about anew, the link has none
        with suppress(ProtocolError, KeyError):
            if is_so():
                return
        time.sleep(0.05)
    pytest.fail("never came to be")


@needs_ardour
@pytest.mark.daw
def test_every_parameter_is_pushed_read_back_and_undone(daw: Daw) -> None:
    rng = random.Random(3)
    before = daw.read()
    assert {c.track for c in before} == {"track 0", "track 1", "track 2", "track 3", SHARED}
    changes = [Change(c.track, c.param, held, elsewhere(c, held, rng)) for c, held in sorted(before.items(), key=str)]
    report = daw.push(changes)
    assert [c for c in report.confirmations if c.outcome is not Outcome.CONFIRMED] == []
    after = daw.read()
    for change in changes:
        held = after[Control(change.track, change.param)]
        assert held == pytest.approx(change.new, rel=1e-5, abs=1e-5), change
    assert not daw.undo().problems
    assert daw.read() == before


@needs_ardour
@pytest.mark.daw
def test_what_changes_in_a_running_session_is_noticed(host: ArdourHost, daw: Daw) -> None:
    def tracks() -> dict[str, DawTrack]:
        return by_name(daw.tracks())

    host.run_lua('local made = new_track("later", 1) place_region(made, "track 0", 0)')
    wait_until(lambda: "later" in tracks())
    assert tracks()["later"].params == {"fader_db", "pan", "trim_db", "polarity_inverted"}
    host.run_lua('add_plugin(route("later"), "urn:ardour:a-eq", 0)')
    daw.read([Control("later", "trim_db")])
    wait_until(lambda: "peak1_hz" in tracks()["later"].params)
    host.run_lua('route("later"):set_name("renamed")')
    wait_until(lambda: "renamed" in tracks())
    number = [track.name for track in daw.tracks()].index("renamed") + 1
    with closing(Transport(host.port)) as transport:
        transport.send([Message("/strip/hide", "ii", (number, 1))])
    wait_until(lambda: tracks().keys() == {"track 0", "track 1", "track 2", "track 3", "Reverb Bus", "Master"})


@needs_ardour
@pytest.mark.daw
def test_a_restart_of_ardour_is_survived(host: ArdourHost, daw: Daw) -> None:
    host.save()
    before = daw.read()
    host.restart()
    assert daw.connect(10.0) is LinkState.CONNECTED
    wait_until(lambda: daw.read() == before)


@needs_ardour
@pytest.mark.daw
def test_values_stand_in_the_saved_session(host: ArdourHost, daw: Daw) -> None:
    report = daw.push(
        [
            Change("track 1", "fader_db", daw.read()[Control("track 1", "fader_db")], -7.3),
            Change("track 1", "peak2_q", daw.read()[Control("track 1", "peak2_q")], 2.5),
        ]
    )
    assert not report.problems
    routes = {route.get("name"): route for route in ElementTree.fromstring(host.save()).iter("Route")}
    ports = {
        port.get("symbol"): float(str(port.get("value"))) for port in routes["track 1"].findall(".//Port[@symbol]")
    }
    assert ports["bw2"] == pytest.approx(LAWS["octaves"].to_wire(2.5), rel=1e-6)
    (fader,) = (p for p in routes["track 1"].findall("Processor") if p.get("type") == "amp")
    gain = next(float(str(c.get("value"))) for c in fader.iter("Controllable") if c.get("name") == "gaincontrol")
    assert gain == pytest.approx(10.0 ** (-7.3 / 20.0), rel=1e-6)


def test_what_is_inexpressible_has_reasons() -> None:
    room = by_name(surveyed()[0].tracks)["room"]
    reasons = inexpressible(room.params)
    assert reasons.keys() == {*OURS, *REVERB_NAMES} - room.params - {"fader_db", "pan", "send_db", "reverb_return_db"}
    assert all(reasons.values())
