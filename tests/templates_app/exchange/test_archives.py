from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.problems import Problem
from templates_app.exchange import archives
from templates_app.exchange.archives import is_archive, unpack
from tests.templates_app.exchange.reading import tried

MEGABYTE = 1024 * 1024


def packed(members: Iterable[tuple[Any, Any]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these members: a name, or what zipfile says of one, and bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return written.getvalue()


def refusal(data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        unpack(data)
    assert caught.value.status == 400
    return [(error["field"], error["code"]) for error in caught.value.errors]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def flagged(data: bytes, flag: int) -> bytes:
    """The archive with a flag set at every member, in both of its lists."""
    made = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(mark)
        while at >= 0:
            [flags] = struct.unpack_from("<H", made, at + offset)
            struct.pack_into("<H", made, at + offset, flags | flag)
            at = made.find(mark, at + 1)
    return bytes(made)


def test_files_in_their_order():
    found = unpack(packed([("b.md", "B"), ("folder/", ""), ("folder/a.prompty", "A")]))

    assert [(source.name, source.text) for source in found.sources] == [("b.md", "B"), ("folder/a.prompty", "A")]
    assert found.notes == []


def test_what_systems_leave_there_is_skipped_with_one_note():
    found = unpack(
        packed(
            [("__MACOSX/._a.md", "x"), (".DS_Store", "x"), ("a/.git/config", "x"), ("Thumbs.db", "x"), ("a.md", "A")]
        )
    )

    assert [source.name for source in found.sources] == ["a.md"]
    assert found.notes == ["Hidden files and those of an operating system are left out: 4."]


def test_pictures_links_and_empty_files_are_left_out_and_told():
    found = unpack(packed([("a.png", b"\x89PNG\r\n"), ("e.md", " \n"), (link("l.md"), "/etc/passwd"), ("a.md", "A")]))

    assert [source.name for source in found.sources] == ["a.md"]
    assert len(found.notes) == 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/etc/passwd.md", "etc/passwd.md"),
        ("../../a.md", "a.md"),
        ("C:\\folder\\a.md", "folder/a.md"),
        ("a//./b.md", "a/b.md"),
        ("größe.md", "größe.md"),
        ("日本.md", "日本.md"),
        ("a\u202eb.md", "ab.md"),
    ],
)
def test_names_lead_nowhere(name, expected):
    assert [source.name for source in unpack(packed([(name, "A")])).sources] == [expected]


def test_a_name_in_utf8_that_does_not_say_so():
    data = packed([("gr\u00f6\u00dfe.md", "A")])
    assert [source.name for source in unpack(unflagged(data)).sources] == ["größe.md"]


def unflagged(data: bytes) -> bytes:
    made = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", made, made.find(mark) + offset, 0)
    return bytes(made)


def test_a_name_in_code_page_437():
    data = unflagged(packed([("gr\u00f6\u00dfe.md", "A")])).replace("größe".encode(), b"gr\x94\xe1e__")
    assert [source.name for source in unpack(data).sources] == ["größe__.md"]


def test_an_archive_within_is_refused_at_its_name():
    assert refusal(packed([("a.md", "A"), ("in/b.zip", packed([("c.md", "C")]))])) == [("in/b.zip", "nested_archive")]
    assert refusal(packed([("b.gz", b"\x1f\x8b\x08\x00")])) == [("b.gz", "nested_archive")]


def test_encrypted_members_are_told():
    assert refusal(flagged(packed([("a.md", "A"), ("b.md", "B")]), 1)) == [("a.md", "encrypted"), ("b.md", "encrypted")]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_a_bound_are_refused(method):
    assert refusal(packed([("a.md", "A")], method=method)) == [("a.md", "compression")]


def test_a_bomb_is_refused_by_its_ratio():
    assert refusal(packed([("a.md", "A"), ("bomb.md", b"0" * (8 * MEGABYTE))])) == [("bomb.md", "bomb")]


def test_a_bomb_whose_headers_say_it_is_small_unpacks_no_further_than_they_say():
    data = bytearray(packed([("bomb.md", b"0" * (4 * MEGABYTE))]))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(mark) + offset, 10)

    assert refusal(bytes(data)) == [("bomb.md", "broken_archive")]


def test_a_bomb_whose_headers_say_it_is_packed_large_is_counted(monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_FILE", 2 * MEGABYTE)
    monkeypatch.setattr(archives, "MOST_TIMES", 10**6)

    assert refusal(packed([("bomb.md", b"0" * (4 * MEGABYTE))])) == [("bomb.md", "too_large")]


def test_all_files_together_have_a_limit(monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_SUM", 3 * MEGABYTE)
    members = [(f"{name}.md", b"0123456789abcdef" * (MEGABYTE // 16)) for name in "abcd"]

    assert refusal(packed(members, method=zipfile.ZIP_STORED)) == [("d.md", "too_large")]


def test_too_many_files(monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    assert refusal(packed([(f"{at}.md", "A") for at in range(4)])) == [("file", "too_many")]
    monkeypatch.setattr(archives, "MOST_ENTRIES", 5)
    assert refusal(packed([(f"{at}/", "") for at in range(6)])) == [("file", "too_many")]


def test_archives_without_a_text():
    assert refusal(packed([])) == [("file", "empty_archive")]
    assert refusal(packed([(".hidden", "x")])) == [("file", "empty_archive")]
    assert is_archive(packed([]))
    assert not is_archive(b"PK")


WHOLE = packed([("a.md", "Some text " * 20), ("b/c.prompt", "x" * 500), ("größe.md", "A")])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    st.integers(0, len(WHOLE)),
    st.booleans(),
)
def test_a_broken_archive_is_read_or_refused(changes, end, is_cut):
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    found = tried(unpack, bytes(data[:end] if is_cut else data))
    assert not isinstance(found, Problem) or found.status == 400


DOCUMENTS = [
    ("word/document.xml", "[Content_Types].xml", "a Word document"),
    ("xl/workbook.xml", "[Content_Types].xml", "an Excel workbook"),
    ("ppt/presentation.xml", "[Content_Types].xml", "a PowerPoint presentation"),
    ("content.xml", "mimetype", "an OpenDocument"),
    ("META-INF/container.xml", "mimetype", "an EPUB book"),
]


@pytest.mark.parametrize(("member", "mark", "title"), DOCUMENTS)
def test_a_programs_own_document_is_told_by_its_name(member, mark, title):
    document = packed([(mark, "x"), (member, "<x/>")])
    refused = tried(unpack, document)
    assert title in refused.errors[0]["message"]
    found = unpack(packed([("a.md", "A"), ("mine.bin", document)]))
    assert [source.name for source in found.sources] == ["a.md"]
    assert found.notes == [f"mine.bin is {title} and is left out."]
