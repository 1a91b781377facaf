"""The bytes of a file to the JSON value that they hold: JSON, JSON Lines, or a zip with one of them in it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final

import orjson

from foundation import json_values, text_files
from foundation.problems import FieldError, Problem, invalid

LARGEST: Final = 200 * 2**20
"""Bytes that a file has, packed or not."""
MEMBERS_LOOKED_AT: Final = 10_000
NOTHING: Final = object()
"""Where null is a value."""
CONVERSATIONS: Final = re.compile(r"conversations(-\d+)?\.json")
UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)
"""What Python's zipfile raises over archives that are damaged, encrypted or packed in an odd way."""


def value_of(data: bytes) -> Any:
    """The value, of JSON Lines the list of their values; raises a 400 or 413 problem."""
    if not data.startswith(b"PK\x03\x04"):
        return _value(data)
    values = [_value(each) for each in _unpacked(data)]
    # Large exports come in several numbered files.
    return values[0] if len(values) == 1 else [each for value in values if isinstance(value, list) for each in value]


def _value(data: bytes) -> Any:
    # JSON in UTF-8 is read as it is: as text of Python's it may be four times as large.
    value = _json(data)
    if value is NOTHING:
        text = text_files.read_certain(data).strip()
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            value = _lines(text, error)
    json_values.check(value)
    return value


def _json(data: bytes | str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return NOTHING


def _lines(text: str, error: orjson.JSONDecodeError) -> list[Any]:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) < 2 or _json(lines[0][1]) is NOTHING:
        raise Problem(400, "malformed_json", f"The file is not JSON: {error}.")
    values = []
    for number, line in lines:
        try:
            values.append(orjson.loads(line))
        except orjson.JSONDecodeError as fault:
            message = f"Line {number} is not JSON: {fault}."
            raise invalid([FieldError(f"line {number}", "malformed_json", message)]) from None
    return values


def _unpacked(data: bytes) -> list[bytes]:
    """What is in the archive: conversations.json, in however many parts, where it is there, else its only JSON file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return list(_read(archive, _members(archive)))
    except UNREADABLE as error:
        message = f"The zip archive cannot be read: {str(error)[:200] or type(error).__name__}."
        raise invalid([FieldError("file", "bad_zip", message)]) from None


def _read(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[bytes]:
    """Each unpacked; what an archive says of sizes is not believed."""
    room = LARGEST
    for member in members:
        with archive.open(member) as file:
            unpacked = file.read(room + 1)
        room -= len(unpacked)
        if room < 0:
            message = f"{member.filename[:100]} is larger unpacked than {LARGEST // 2**20} MB, which is what is taken."
            raise Problem(413, "too_large", message, errors=[FieldError("file", "too_large", message)])
        yield unpacked


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    listed = [each for each in archive.infolist()[:MEMBERS_LOOKED_AT] if not each.is_dir()]
    named = [each for each in listed if CONVERSATIONS.fullmatch(each.filename.rpartition("/")[2])]
    found = named or [each for each in listed if each.filename.lower().endswith((".json", ".jsonl"))]
    if not found or (len(found) > 1 and not named):
        what = "no JSON file" if not found else f"{len(found)} JSON files"
        message = f"The archive holds {what}: conversations.json, or a single JSON file, is looked for in it."
        raise invalid([FieldError("file", "no_file", message)])
    return sorted(found, key=lambda member: member.filename)
