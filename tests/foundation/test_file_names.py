"""What files are called that somebody takes away: any script, and no way off the folder."""

# ruff: noqa: RUF001 - letters that look like others are what this is about
from __future__ import annotations

import unicodedata
from datetime import date
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foundation.downloads.naming import content_disposition, file_name, uploaded_name

DAY = date(2026, 3, 1)
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def told(header: str) -> tuple[str, str]:
    """The two names of a header: in ASCII, and as it is."""
    plain, whole = header.removeprefix('attachment; filename="').split("\"; filename*=UTF-8''")
    return plain, unquote(whole)


@pytest.mark.parametrize(
    ("title", "name", "plain"),
    [
        ("日本語の要約", "日本語の要約.json", "export.json"),
        ("Zusammenfassung für Zürich", "Zusammenfassung-für-Zürich.json", "Zusammenfassung-fur-Zurich.json"),
        ("ملخص", "ملخص.json", "export.json"),
        ("हिन्दी", "हिन्दी.json", "export.json"),
        ("می\u200cخواهم", "می\u200cخواهم.json", "export.json"),
        (FAMILY, f"{FAMILY}.json", "export.json"),
        ("a/b\\c:d*e?f", "a-b-c-d-e-f.json", "a-b-c-d-e-f.json"),
        ("\u202egpj.exe", "gpj.exe.json", "gpj.exe.json"),
        ("...", "export.json", "export.json"),
        ("  . -", "export.json", "export.json"),
        ("\x00\r\n\x7f", "export.json", "export.json"),
        ("CON", "CON_.json", "CON_.json"),
        ("com1.backup", "com1_.backup.json", "com1_.backup.json"),
        ("ＣＯＮ", "ＣＯＮ.json", "CON_.json"),
        ("console", "console.json", "console.json"),
        ('a"; filename="evil.exe', "a-filename=-evil.exe.json", "a-filename--evil.exe.json"),
    ],
)
def test_a_name_of_any_script_is_kept(title: str, name: str, plain: str):
    assert file_name(title, suffix=".json") == name
    assert told(content_disposition(name)) == (plain, name)


@given(st.text(max_size=300), st.booleans())
@example("\u0301" * 300, False)
@example(FAMILY * 40, True)
@example("a" * 79 + "e\u0301", False)
def test_any_title_is_a_name_that_every_disk_takes(title: str, is_dated: bool):
    name = file_name(title, suffix=".csv", day=DAY if is_dated else None)
    stem = name.removesuffix(".csv")
    assert stem.strip(". -") == stem != ""
    assert len(name.encode()) <= 240
    assert not set(name) & set('/\\:*?"<>|\r\n\x00;%')
    assert all(unicodedata.category(each)[0] != "C" or each in "\u200c\u200d" for each in name)
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    plain, whole = told(header)
    assert whole == name
    assert plain.endswith(".csv")
    assert len(plain) > len(".csv")


def test_a_cut_name_ends_with_a_whole_letter():
    assert file_name("é" * 200, suffix="") == "é" * 80
    assert file_name("\u0928\u093f" * 60, suffix="") == "\u0928\u093f" * 33  # six bytes each
    assert file_name(f"{'x' * 70}{FAMILY * 5}", suffix="") == "x" * 70 + FAMILY * 2


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("写真.png", "写真.png"),
        ("写真", "写真.jpg"),
        ("../x.jpeg", "x.jpeg"),
        (".png", "export.png"),
        ("a\u202eb.txt", "ab.txt"),
    ],
)
def test_an_uploaded_file_keeps_its_ending(name: str, kept: str):
    assert uploaded_name(name, suffix=".jpg") == kept
