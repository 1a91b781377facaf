"""Files of text that people have: in UTF-8, in UTF-16, or in an encoding of before that."""

from __future__ import annotations

import codecs
from typing import Final, NamedTuple

from charset_normalizer import from_bytes

from foundation.problems import FieldError, Problem, invalid
from foundation.words import number

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""How a file says which encoding it is in; UTF-32's little mark begins with that of UTF-16."""
OLDER: Final = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r",
    "cp932", "gb18030", "big5", "cp949", "euc_jp",
]  # fmt: skip
EASTERN: Final = frozenset({"Polish", "Czech", "Slovak", "Hungarian", "Croatian", "Slovene", "Romanian"})
"""Languages of Windows-1250, which a few letters of a Western one pass for, too."""
LOOKED_AT: Final = 256 * 1024
"""Bytes that an encoding is guessed by."""
PACKED: Final = {
    b"PK\x03\x04": "a ZIP archive", b"\x1f\x8b": "a gzip archive", b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive", b"7z\xbc\xaf": "a 7z archive", b"(\xb5/\xfd": "a Zstandard archive",
    b"%PDF": "a PDF", b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"GIF8": "a GIF picture",
    b"PAR1": "a Parquet file", b"SQLite format 3": "an SQLite database", b"\xd0\xcf\x11\xe0": "an old Office document",
}  # fmt: skip
TITLES: Final = {"cp1252": "Windows-1252 (Latin-1)", "gb18030": "GB 18030", "cp932": "Shift JIS", "cp949": "EUC-KR"}


class Text(NamedTuple):
    """A file's text, and the encoding it was in."""

    text: str
    encoding: str
    is_guessed: bool = False

    @property
    def note(self) -> str:
        """What to tell of the encoding; empty where the file leaves no doubt."""
        if not self.is_guessed:
            return ""
        return f"The file is not in UTF-8: it was read as {self.title}."

    @property
    def title(self) -> str:
        """The encoding as people know it."""
        return TITLES.get(self.encoding, self.encoding.upper())


def read_certain(data: bytes, *, field: str = "file") -> str:
    """As `read`, where a guess is not good enough: its Problem says what the file looks like it is in."""
    text = read(data, field=field)
    if text.is_guessed:
        message = f"The file is not in UTF-8; it looks like {text.title}. Save it as UTF-8."
        raise _refused(field, "encoding", message)
    return text.text


def read(data: bytes, *, field: str = "file") -> Text:
    """The text of a file, without a mark of its encoding; a Problem (400) at `field` says what it is instead."""
    if looks := packed_as(data):
        raise _refused(field, "not_text", f"This is {looks}, no text.")
    text = _decoded(data)
    if text is None:
        raise _refused(field, "encoding", "The file is no text in any encoding that is known here: save it as UTF-8.")
    if not text.text.strip():
        raise _refused(field, "empty", "The file is empty.")
    if "\0" in text.text:
        line = text.text.count("\n", 0, text.text.index("\0")) + 1
        raise _refused(field, "nul_character", f"Line {number(line)}: a NUL character cannot be stored.")
    return text


def packed_as(data: bytes) -> str:
    """What a file that is no text looks like by its first bytes; empty where they say nothing."""
    return next((title for begin, title in PACKED.items() if data.startswith(begin)), "")


def _decoded(data: bytes) -> Text | None:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _tried(data[len(mark) :], encoding)
    return _wide(data) or _tried(data, "utf-8") or _guessed(data)


def _tried(data: bytes, encoding: str, *, is_guessed: bool = False) -> Text | None:
    try:
        return Text(data.decode(encoding), encoding, is_guessed)
    except UnicodeDecodeError:
        return None


def _wide(data: bytes) -> Text | None:
    """UTF-16 without a mark: its spaces and line ends have a NUL on one side, and texts hold none."""
    evens, odds = data[0:LOOKED_AT:2], data[1:LOOKED_AT:2]
    if len(data) % 2 or (0 in evens) == (0 in odds):
        return None
    text = _tried(data, "utf-16-le" if 0 in odds else "utf-16-be")
    return text if text and _is_plausible(text.text) else None


def _guessed(data: bytes) -> Text | None:
    if 0 in data[:LOOKED_AT]:
        return None
    best = from_bytes(data[:LOOKED_AT], cp_isolation=OLDER, preemptive_behaviour=False).best()
    names = [best.encoding] if best else []
    if best and best.encoding == "cp1250" and best.language not in EASTERN:
        names = []
    # Few letters tell little: a text of Western Europe is by far the likeliest.
    for name in [*names, "cp1252", "latin_1"]:
        if (text := _tried(data, name, is_guessed=True)) and _is_plausible(text.text):
            return text
    return None


def _is_plausible(text: str) -> bool:
    odd = sum(not letter.isprintable() and letter not in "\t\n\r\f" for letter in text[:LOOKED_AT])
    return odd * 100 <= len(text[:LOOKED_AT])


def _refused(field: str, code: str, message: str) -> Problem:
    return invalid([FieldError(field, code, message)])
