"""The document: decisions that can be undone, what the DAW is told, and what it says."""

import pytest

from assistant.automation import SHARED
from assistant.mix import Change, ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.params import CHANNEL_NAMES, MASTER_PARAMS, REVERB_NAMES
from gui.models.document import Document
from gui.models.strips import STRIP_ROLE, StripsModel
from gui.workshop.values import Desk, SessionInfo, Wish
from protocols.daw import Confirmation, Control, DawTrack, Outcome

NAMES = ("kick", "bass", "vox")
INFO = SessionInfo("/songs/one", "one", Session(tuple(Track(name, channels=1) for name in NAMES), 48_000))
PROPOSED = Mix(
    tuple(
        ChannelMix(name, ChannelSettings(fader_db=fader_db, pan=pan, peak1_gain_db=2.0), role, 0.9)
        for name, fader_db, pan, role in (
            ("kick", -3.0, 0.0, "kick"),
            ("bass", -6.0, 0.1, "bass"),
            ("vox", 2.0, -0.1, "lead vocal"),
        )
    )
)
STRIP = frozenset(CHANNEL_NAMES)
SHARED_PARAMS = frozenset((*REVERB_NAMES, *(p.name for p in MASTER_PARAMS)))
DESK = Desk(
    "toy",
    "Toy",
    "one",
    "constant_power",
    (
        *(DawTrack(name, "audio", 1, STRIP) for name in NAMES),
        DawTrack("master", "master", 2, SHARED_PARAMS),
    ),
    {Control(name, "fader_db"): 0.0 for name in NAMES},
)


@pytest.fixture
def document(qapp: object) -> Document:
    document = Document()
    document.load(INFO)
    document.show_mix(PROPOSED)
    return document


@pytest.fixture
def on_desk(qapp: object) -> Document:
    document = Document()
    document.load(INFO, DESK)
    document.show_mix(PROPOSED)
    return document


def made(document: Document, name: str, param: str) -> float:
    return document.channel_made(name).settings[param]


def test_decisions_make_the_mix_and_are_undone_step_by_step(document: Document) -> None:
    document.decide([0, 1], "accepted")
    document.decide([1], "rejected", ["eq"])
    document.set_amount([0], 0.5)
    assert made(document, "kick", "fader_db") == -1.5
    assert made(document, "bass", "peak1_gain_db") == 0.0
    assert made(document, "vox", "fader_db") == 0.0
    document.undo_stack.undo()
    assert made(document, "kick", "fader_db") == -3.0
    document.undo_stack.undo()
    assert made(document, "bass", "peak1_gain_db") == 2.0
    document.undo_stack.undo()
    assert made(document, "kick", "fader_db") == 0.0
    document.undo_stack.redo()
    assert made(document, "bass", "fader_db") == -6.0


def test_what_changes_nothing_leaves_no_trace(document: Document, qtbot: object) -> None:
    document.decide([0], "accepted")
    heard = []
    document.decisions_changed.connect(lambda: heard.append(1))
    document.decide([0], "accepted")
    document.set_amount([0], 1.0)
    assert document.undo_stack.count() == 1
    assert heard == []


def test_one_drag_is_one_step_and_another_is_another(document: Document) -> None:
    first, second = object(), object()
    for value in (-1.0, -2.0, -3.5):
        document.set_values(0, {"fader_db": value}, first)
    document.set_values(0, {"fader_db": -9.0}, second)
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    assert made(document, "kick", "fader_db") == -3.5
    document.undo_stack.undo()
    assert made(document, "kick", "fader_db") == 0.0


def test_accept_all_takes_what_is_not_locked(document: Document) -> None:
    document.set_locked([2], ["levels"], True)
    document.decide_all("accepted")
    assert made(document, "bass", "fader_db") == -6.0
    assert (made(document, "vox", "fader_db"), made(document, "vox", "peak1_gain_db")) == (0.0, 2.0)
    assert document.decisions.shared == "accepted"
    document.set_locked([2], ["levels"], False)
    assert made(document, "vox", "fader_db") == 0.0  # a part that was locked has not been decided on


def test_a_corrected_role_asks_for_a_new_proposal_and_so_does_its_undo(document: Document) -> None:
    asked = []
    document.roles_changed.connect(lambda: asked.append(document.wish(Wish()).roles))
    document.set_role(1, "sub bass")
    document.undo_stack.undo()
    assert asked == [{"bass": "sub bass"}, {}]


def test_decisions_outlive_a_new_proposal(document: Document) -> None:
    document.decide([0], "accepted")
    document.show_mix(Mix(tuple(ChannelMix(name, ChannelSettings(fader_db=-8.0)) for name in reversed(NAMES))))
    assert made(document, "kick", "fader_db") == -8.0
    assert made(document, "vox", "fader_db") == 0.0


def test_solo_and_mute_say_who_is_heard(document: Document) -> None:
    assert document.audible() is None
    document.set_muted(0, True)
    assert document.audible() == ("bass", "vox")
    document.set_soloed(1, True)
    document.set_soloed(0, True)
    assert document.audible() == ("bass",)


def test_strips_show_each_state_and_refresh_alone(document: Document) -> None:
    model = StripsModel(document)
    changed = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    document.decide([1], "accepted", ["levels"])
    assert changed == [(1, 1)]
    strip = model.data(model.index(1), STRIP_ROLE)
    assert (strip.before["fader_db"], strip.made["fader_db"], strip.held["fader_db"]) == (0.0, -6.0, -6.0)
    assert (strip.decision, strip.role, strip.family, strip.is_stereo) == ("partly", "bass", "bass", False)
    document.set_soloed(1, True)
    assert model.strip(1).is_soloed


def test_the_daw_is_told_what_is_accepted_and_what_is_taken_back(on_desk: Document) -> None:
    told: list[list[Change]] = []
    on_desk.changes_made.connect(told.append)
    on_desk.decide([1], "accepted", ["levels"])
    on_desk.undo_stack.undo()
    assert told == [[Change("bass", "fader_db", 0.0, -6.0)], [Change("bass", "fader_db", -6.0, 0.0)]]
    assert on_desk.is_in_flight("bass")
    on_desk.take_confirmations([Confirmation(told[1][0], Outcome.CONFIRMED, 0.0)])
    assert not on_desk.is_in_flight("bass")


def test_without_a_daw_nobody_is_told(document: Document) -> None:
    told: list[list[Change]] = []
    document.changes_made.connect(told.append)
    document.decide_all("accepted")
    assert told == []


def test_a_refused_value_is_shown_where_it_is(on_desk: Document) -> None:
    model = StripsModel(on_desk)
    on_desk.decide([1], "accepted", ["levels"])
    assert model.strip(1).link == "sending"
    change = Change("bass", "fader_db", 0.0, -6.0)
    on_desk.take_confirmations([Confirmation(change, Outcome.REFUSED, -2.0, "the fader is automated")])
    strip = model.strip(1)
    assert (strip.link, strip.problems, strip.held["fader_db"]) == ("problem", ("the fader is automated",), -2.0)


def test_what_the_user_moves_in_the_daw_is_theirs(on_desk: Document) -> None:
    told: list[list[Change]] = []
    on_desk.decide([1], "accepted", ["levels"])
    on_desk.take_confirmations([Confirmation(Change("bass", "fader_db", 0.0, -6.0), Outcome.CONFIRMED, -6.0)])
    on_desk.changes_made.connect(told.append)
    on_desk.take_held({Control("bass", "fader_db"): -9.0, Control("vox", "fader_db"): 1.0})
    assert made(on_desk, "bass", "fader_db") == -9.0  # decided: it holds
    assert (made(on_desk, "vox", "fader_db"), on_desk.channel_before("vox").settings["fader_db"]) == (1.0, 1.0)
    assert on_desk.channel_proposed("vox").settings["fader_db"] == 2.0
    assert told == []


def test_echoes_of_a_push_on_its_way_are_nobodys_move(on_desk: Document) -> None:
    on_desk.decide([1], "accepted", ["levels"])
    on_desk.take_held({Control("bass", "fader_db"): -3.0})
    assert made(on_desk, "bass", "fader_db") == -6.0
    on_desk.take_confirmations([Confirmation(Change("bass", "fader_db", 0.0, -6.0), Outcome.CONFIRMED, -6.00001)])
    on_desk.take_held({Control("bass", "fader_db"): -6.00001})
    assert on_desk.decision("bass").own == {}


def test_the_reverb_bus_is_told_once_a_send_is_accepted(on_desk: Document) -> None:
    channels = (ChannelMix("kick", ChannelSettings(send_db=-12.0)), *PROPOSED.channels[1:])
    on_desk.show_mix(Mix(channels, PROPOSED.reverb.with_values(reverb_decay_s=2.5)))
    told: list[list[Change]] = []
    on_desk.changes_made.connect(told.append)
    on_desk.decide([0], "accepted", ["reverb"])
    assert Change(SHARED, "reverb_decay_s", 1.8, 2.5) in told[0]


def test_a_gesture_that_ends_where_it_began_leaves_nothing_to_undo(document: Document) -> None:
    for amount in (0.6, 0.3, 1.0):
        document.set_amount([0], amount, gesture="drag")
    assert document.undo_stack.count() == 0
    document.set_amount([0], 0.4, gesture="another")
    assert document.undo_stack.count() == 1
