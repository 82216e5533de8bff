"""Hostile and damaged zips are refused, in words; nothing is written outside the work folder."""

from __future__ import annotations

import random
import stat
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocols.dawproject import package
from protocols.dawproject.package import open_package
from protocols.dawproject.reading import read_dawproject
from protocols.stems import SessionError

SOUND = '<Project version="1.0"><Application name="x" version="1"/></Project>'


def zip_of(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", SOUND)
        for member, data in members:
            archive.writestr(member, data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SessionError) as caught:
        read_dawproject(path, path.parent / "work")
    assert not (path.parent / "work").exists()
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.dawproject"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil.wav", "leads out"),
        ("audio/../../evil.wav", "leads out"),
        ("audio\\..\\..\\evil.wav", "leads out"),
        ("/etc/evil.wav", "absolute"),
        ("\\\\server\\share\\evil.wav", "absolute"),
        ("C:\\evil.wav", "absolute"),
    ],
)
def test_names_that_lead_elsewhere(path: Path, name: str, said: str) -> None:
    assert said in refusal(zip_of(path, (name, b"x")))


def test_harmless_names_are_taken(path: Path) -> None:
    zip_of(path, ("audio/..hidden..wav", b"x"), ("audio/Take: 1.wav", b"x"), ("empty/", b""))
    with open_package(path) as opened:
        assert list(opened.members) == ["project.xml", "audio/..hidden..wav", "audio/Take: 1.wav"]


def test_links(path: Path) -> None:
    link = zipfile.ZipInfo("audio/a.wav")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "is a link" in refusal(zip_of(path, (link, b"/etc/passwd")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name(path: Path) -> None:
    assert "is there twice" in refusal(zip_of(path, ("a.wav", b"1"), ("a.wav", b"2")))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_without_bounds(path: Path, method: int) -> None:
    member = zipfile.ZipInfo("a.wav")
    member.compress_type = method
    assert "is packed by method" in refusal(zip_of(path, (member, b"x" * 100)))


def test_encrypted(path: Path) -> None:
    zip_of(path, ("a.wav", b"x"))
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refusal(path)


def test_too_many_files(path: Path) -> None:
    zip_of(path, *((f"{i}", b"") for i in range(package.MOST_MEMBERS)))
    assert "holds 10001 files" in refusal(path)


def test_a_listing_that_would_fill_the_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "LARGEST_LISTING", 4096)
    assert "listing" in refusal(zip_of(path, *((f"audio/{i}.wav", b"") for i in range(100))))


def test_a_bomb(path: Path) -> None:
    assert "would unpack to" in refusal(zip_of(path, ("a.wav", bytes(package.ALWAYS_ALLOWED + 1))))


def test_overlapping_files_count_as_often_as_they_unpack(path: Path) -> None:
    """Fifield's bomb: many entries of the listing lead to the same data."""
    zip_of(path, ("a.wav", bytes(1 << 20)))
    data = path.read_bytes()
    start, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entry = data[start:end]
    copies = b"".join(entry.replace(b"a.wav", f"{i:05d}".encode()) for i in range(200))
    listing = data[data.index(b"PK\x01\x02") : start] + copies
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 201, 201, len(listing))
    path.write_bytes(data[: data.index(b"PK\x01\x02")] + listing + tail)
    assert "would unpack to" in refusal(path)


def test_sizes_that_are_announced_falsely(path: Path) -> None:
    zip_of(path, ("a.wav", b"x" * 10_000))
    data = bytearray(path.read_bytes())
    for size in (100, 1_000_000):
        struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, size)
        path.write_bytes(data)
        with open_package(path) as opened, pytest.raises(SessionError, match=r"damaged|not as long"):
            list(opened.blocks("a.wav"))


def test_a_huge_project_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protocols.dawproject.document.LARGEST_XML", 1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", b" " * (1 << 21))
    assert "project.xml is larger than 1 MB" in refusal(path)


def test_what_is_no_project(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.dawproject")
    (tmp_path / "folder.dawproject").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.dawproject")
    (tmp_path / "text.dawproject").write_text("hello")
    assert "damaged or no .dawproject" in refusal(tmp_path / "text.dawproject")
    (tmp_path / "empty.dawproject").touch()
    assert "damaged or no .dawproject" in refusal(tmp_path / "empty.dawproject")
    with zipfile.ZipFile(tmp_path / "other.dawproject", "w") as archive:
        archive.writestr("hello.txt", "x")
    assert "holds no project.xml" in refusal(tmp_path / "other.dawproject")


def test_every_truncation_is_refused(path: Path) -> None:
    whole = zip_of(path, ("a.wav", random.Random(1).randbytes(300))).read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        refusal(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_damage_anywhere_is_refused_or_harmless(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    path = zip_of(tmp_path / "a.dawproject", ("a.wav", b"some audio" * 10))
    data = bytearray(path.read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    path.write_bytes(data)
    with suppress(SessionError), open_package(path) as opened:
        for name in opened.members:
            list(opened.blocks(name))
