"""The project's XML: hostile ones are refused, sound ones come back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from dawproject_texts import Zipped

from protocols import plain_xml
from protocols.dawproject.document import project_xml, read_project_xml, writable
from protocols.dawproject.package import open_package
from protocols.plain_xml import parse_plain_xml
from protocols.stems import SessionError

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


def refusal(path: Path) -> str:
    with open_package(path) as package, pytest.raises(SessionError) as caught:
        read_project_xml(package)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE Project [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Project SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE Project [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        "<!DOCTYPE Project>",
    ],
)
def test_document_types_and_entities(zipped: Zipped, doctype: str) -> None:
    xml = f'<?xml version="1.0"?>{doctype}<Project version="1.0"><Application name="&l9;&x;"/></Project>'
    assert "declares a document type" in refusal(zipped(xml))


def test_entities_that_nobody_declared(zipped: Zipped) -> None:
    assert "not XML" in refusal(zipped('<Project version="&x;"/>'))


def test_too_deep(zipped: Zipped) -> None:
    deep = "<Lanes>" * 100_000
    assert "nested more than 100 deep" in refusal(zipped(f"<Project>{deep}"))


def test_too_many_elements(zipped: Zipped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_xml, "MOST_ELEMENTS", 1000)
    assert "more than 1,000 elements" in refusal(zipped(f"<Project>{'<a/>' * 2001}</Project>"))


def test_an_element_that_would_fill_the_memory(zipped: Zipped) -> None:
    attributes = f"a='{'x' * (2 * plain_xml.LONGEST_GAP)}'"
    assert "more than 1 MB" in refusal(zipped(f"<Project {attributes}/>"))


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b"", "not XML"),
        (b"\x00\x01\x02", "not XML"),
        (b"<Project", "not XML"),
        (b"<Project></Projec>", "not XML"),
        (b"<Project/><Project/>", "not XML"),
        (b'<?xml version="1.0" encoding="UTF-8"?><Project name="\xff"/>', "not XML"),
        (b'<?xml version="1.0" encoding="cp500"?><Project/>', "encoded as 'cp500'"),
        (b'<?xml version="1.0" encoding="utf-7"?><Project/>', "encoded as 'utf-7'"),
        (b'<?xml version="1.0" encoding="latin-1"?><Project name="\xe9"/>', "encoded as 'latin-1'"),
        ("<Project/>".encode("utf-32"), "not XML"),
        (b"<html/>", "holds 'html'; expected a Project"),
    ],
)
def test_what_is_no_project(zipped: Zipped, xml: bytes, said: str) -> None:
    assert said in refusal(zipped(xml))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_daws_write(zipped: Zipped, encoding: str) -> None:
    with open_package(zipped('<Project name="Gtr é 🎸"/>'.encode(encoding))) as package:
        assert read_project_xml(package).get("name") == "Gtr é 🎸"


def test_all_that_a_tree_holds_comes_back() -> None:
    inner = '<!-- why --><x:Own xmlns:x="urn:x" x:a="1">te&lt;xt</x:Own><?ours do?><Unknown a="&#10;b&quot;" />'
    root = parse_plain_xml(f'<Project version="1.0">{inner}</Project>'.encode(), keeps_all=True)
    written = project_xml(root)
    assert inner.replace("&quot;", "&quot;") in written.decode()
    assert project_xml(parse_plain_xml(written, keeps_all=True)) == written


def test_characters_that_xml_cannot_hold() -> None:
    assert writable("a\x00b\x1b\ud800\uffff🎸\t") == "a\ufffdb\ufffd\ufffd\ufffd🎸\t"
