"""Listening once: asked again, every engineer says to the last digit what it would say of the session told anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.engineers.engineer import Engineer, HeardSession
from assistant.engineers.interface import ENGINEERS, make_engineer
from assistant.mix import Session
from assistant.tasks import Cancelled


@pytest.fixture(scope="module")
def session(band: Session) -> Session:
    """Eight tracks of the band: of most groups one, a pair, a role that the user gave, a silent one."""
    names = ("Kick", "Snare Top", "Bass DI", "Lead Vox", "Gtr L", "Gtr R", "Pad", "Spare")
    tracks = (t for t in band.tracks if t.name in names)
    return replace(band, tracks=tuple(replace(t, role="synth") if t.name == "Pad" else t for t in tracks))


@pytest.fixture(scope="module", params=list(ENGINEERS))
def engineer(request: pytest.FixtureRequest) -> Engineer:
    return make_engineer(request.param)


@pytest.fixture(scope="module")
def heard(engineer: Engineer, session: Session) -> HeardSession:
    return engineer.listen(session)


def test_it_proposes_what_the_engineer_does(engineer: Engineer, session: Session, heard: HeardSession) -> None:
    assert heard.propose() == heard.propose() == engineer.propose(session)


@pytest.mark.parametrize("gone", [{"Lead Vox"}, {"Gtr L"}, {"Spare"}, {"Kick", "Pad"}])
def test_without_tracks(engineer: Engineer, session: Session, heard: HeardSession, gone: set[str]) -> None:
    lacking = replace(session, tracks=tuple(t for t in session.tracks if t.name not in gone))
    assert heard.propose(without=gone) == engineer.propose(lacking)


def test_without_any_track(session: Session, heard: HeardSession) -> None:
    assert heard.propose(without={t.name for t in session.tracks}).channels == ()
    audible = {t.name for t in session.tracks if t.name != "Spare"}
    assert [c.name for c in heard.propose(without=audible).channels] == ["Spare"]


def test_with_other_roles(engineer: Engineer, session: Session, heard: HeardSession) -> None:
    roles = {"Gtr R": "backing vocal", "Pad": "Lead Vocal", "Spare": "kick"}
    told = replace(session, tracks=tuple(replace(t, role=roles.get(t.name, t.role)) for t in session.tracks))
    assert heard.propose(roles=roles) == engineer.propose(told)
    lacking = replace(told, tracks=told.tracks[1:])
    assert heard.propose(without={"Kick"}, roles=roles) == engineer.propose(lacking)
    assert heard.propose() == engineer.propose(session), "asking leaves nothing behind"


def test_tracks_that_are_not_there(heard: HeardSession) -> None:
    with pytest.raises(ValueError, match="unknown track 'Lead Vax'; did you mean 'Lead Vox'"):
        heard.propose(without={"Lead Vax"})
    with pytest.raises(ValueError, match="unknown track 'Drums'"):
        heard.propose(roles={"Drums": "kick"})


@pytest.mark.parametrize("name", ["equal-loudness", "rules", "dmc"])
def test_roles_that_do_not_exist(name: str, session: Session) -> None:
    few = replace(session, tracks=session.tracks[:2])
    with pytest.raises(ValueError, match="unknown role 'xylorimba'"):
        make_engineer(name).listen(few).propose(roles={"Kick": "xylorimba"})


@pytest.mark.parametrize("name", ["mono", "random", "equal-loudness", "rules"])
def test_who_has_no_second_thoughts(name: str, session: Session) -> None:
    assert make_engineer(name).listen(replace(session, tracks=session.tracks[:2])).torn == {}


@pytest.mark.parametrize("name", ["equal-loudness", "rules", "dmc"])
def test_listening_can_be_stopped(name: str, session: Session) -> None:
    with pytest.raises(Cancelled, match="8 tracks"):
        make_engineer(name).listen(session, is_cancelled=lambda: True)
