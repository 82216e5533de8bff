"""The window beside a real Ardour: the whole way, from its mixer to its saved session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from ardour_host import find_ardour
from ardour_saved import saved_values
from ardour_song import open_song
from daw_window import DawWindow, decided_values
from pytestqt.qtbot import QtBot

from assistant.decisions import Decisions, TrackDecision
from assistant.params import BY_NAME
from gui.app import Surroundings
from gui.workshop.values import Desk
from protocols.daw import Control
from protocols.desk import fit, mix_of
from protocols.journal import Journal
from render.plugins.build import build_bundles

Show = Callable[[str], None]

pytestmark = [
    pytest.mark.daw,
    pytest.mark.skipif(find_ardour() is None, reason="needs Ardour"),
    pytest.mark.timeout(240),
]
LEAD, KICK, BASS, HALF = "lead_vocal", "kick", "bass", "hi_hat"


def read(window: DawWindow) -> Desk:
    """What Ardour holds, asked anew."""
    desks: list[Desk] = []
    window.link.desk(desks.append, pytest.fail)
    window.wait(lambda: bool(desks), 20.0)
    return desks[0]


def assert_holds(held: Mapping[Control, float], expected: Mapping[Control, float]) -> None:
    near = {c: pytest.approx(value, rel=1e-5, abs=1e-5) for c, value in expected.items()}
    assert {c: (held[c], expected[c]) for c, value in near.items() if held[c] != value} == {}


def accepted(**named: object) -> TrackDecision:
    return TrackDecision(**named).with_parts("accepted")  # type: ignore[arg-type]


def test_the_whole_way(tmp_path: Path, qtbot: QtBot, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_song(tmp_path, build_bundles(tmp_path / "lv2")) as host:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(host.home / ".config"))
        monkeypatch.setenv("LV2_PATH", str(host.home / "lv2"))
        with DawWindow(qtbot, Surroundings(journal=Journal(tmp_path / "journal"))) as window:
            document = window.document
            window.connect("ardour", host.port)
            shown_s = window.wait(lambda: document.desk is not None, 30.0)
            proposed_s = window.wait(lambda: document.proposal is not None, 90.0)
            window.wait(lambda: window.workspace.daw._is_in_step)
            desk, names = document.desk, document.names
            assert desk is not None
            assert document.info is not None
            assert (document.info.path, desk.session) == (str(host.session_file), "song")
            before, first = mix_of(names, desk.held), document.engineers_mix
            assert document.before == before
            assert fit(first, before, desk.tracks, "Ardour") == (first, ())
            assert_holds(read(window).held, desk.held)  # nothing was moved yet

            def expected(decisions: Decisions) -> dict[Control, float]:
                return decided_values(desk.held, desk.tracks, before, document.engineers_mix, decisions)

            window.accept(LEAD)
            assert window.strip(LEAD).link == "sending"
            one_s = window.wait_until_sent()
            decisions = Decisions({LEAD: accepted()})
            assert_holds(read(window).held, expected(decisions))
            window.accept(KICK)
            window.reject(BASS)
            document.set_amount([document.row(HALF)], 0.5)
            window.accept(HALF)
            window.wait_until_sent()
            decided = {LEAD: accepted(), KICK: accepted(), HALF: accepted(amount=0.5)}
            decisions = Decisions({**decided, BASS: TrackDecision().with_parts("rejected")})
            assert document.decisions == decisions
            assert_holds(read(window).held, expected(decisions))

            window.workspace.mixer.role_chosen.emit(document.row(LEAD), "backing vocal")
            window.wait(lambda: window.companion.proposing.is_busy)
            role_s = window.wait(lambda: not window.companion.proposing.is_busy, 60.0)
            window.wait_until_sent()
            assert document.engineers_mix != first
            of_role = decisions.with_track(LEAD, accepted(role="backing vocal"))
            assert_holds(read(window).held, expected(of_role))
            document.undo_stack.undo()
            window.wait(lambda: window.companion.proposing.is_busy)
            window.wait(lambda: not window.companion.proposing.is_busy, 60.0)
            window.wait_until_sent()
            assert_holds(read(window).held, expected(decisions))

            window.trigger("accept_all")
            all_s = window.wait_until_sent()
            tracks = {name: accepted() for name in names} | {HALF: accepted(amount=0.5)}
            decisions = Decisions(tracks, "accepted")
            assert document.decisions == decisions
            wanted = expected(decisions)
            assert_holds(read(window).held, wanted)
            assert window.link.pushes.unconfirmed == ()
            assert {window.strip(name).link for name in names} == {"confirmed"}
            found = saved_values(host.save())
            saved = {c: BY_NAME[c.param].clamp(found[c.track, c.param]) for c in wanted if c.track in names}
            assert_holds(saved, {c: wanted[c] for c in saved})

            count = sum(value != desk.held[c] for c, value in wanted.items())
            show(
                f"the window beside Ardour: session shown after {shown_s:.1f} s, suggestions {proposed_s:.1f} s later, "
                f"after another role in {role_s:.1f} s; accepted to confirmed: one track {one_s:.2f} s, "
                f"all that was left {all_s:.2f} s ({count} values in all)"
            )
            window.trigger("daw_disconnect")
            assert window.link.state.link == "closed"
