"""A ZIP archive of files that templates can come in: unpacked in memory, within limits that its headers cannot lift."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from foundation.problems import FieldError, Problem, invalid
from foundation.text_files import packed_as
from foundation.words import number
from templates_app.exchange.parsing import ARCHIVES
from templates_app.exchange.source import Source

MOST_FILES: Final = 500
LARGEST_FILE: Final = 20 * 1024 * 1024
LARGEST_SUM: Final = 100 * 1024 * 1024
"""Bytes of all files, unpacked."""
MOST_ENTRIES: Final = 5_000
"""Of the archive's list, folders and hidden files included: the list is held in memory whole."""
MOST_TIMES: Final = 200
"""How much larger than packed a file may be; texts are five to twenty times as large."""
SMALL: Final = 1024 * 1024
"""Bytes up to which no ratio is looked at: short texts of one letter exist."""
CHUNK: Final = 64 * 1024
LONGEST_NAME: Final = 200
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1
# The others unpack a piece without a bound (zipfile hands their decompressors no length).
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_LISTED: Final = b"PK\x01\x02"
_OF_SYSTEMS: Final = frozenset({"__MACOSX", "thumbs.db", "desktop.ini"})
_ODD: Final = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_DOCUMENTS: Final = {
    "word/": "a Word document", "xl/": "an Excel workbook", "ppt/": "a PowerPoint presentation",
    "META-INF/container.xml": "an EPUB book", "META-INF/MANIFEST.MF": "a Java archive",
    "content.xml": "an OpenDocument",
}  # fmt: skip
"""What programs pack their own documents in, by what stands in each of them."""
_MARKED: Final = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"})
"""Files of which every such document has one."""
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError)


@dataclass(slots=True)
class Unpacked:
    """The files of an archive, and what is told of those that are left out."""

    sources: list[Source] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def is_archive(data: bytes) -> bool:
    """Whether these bytes begin as a ZIP archive does, an empty one included."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def unpack(data: bytes) -> Unpacked:
    """The files in an archive, in its order; raises Problem (400) at the name of the file that does not hold."""
    if data.count(_LISTED) > MOST_ENTRIES:
        raise _refused("file", "too_many", f"The archive lists more than {number(MOST_ENTRIES)} files.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpacked(archive)
    except _BROKEN as error:
        raise _refused("file", "broken_archive", f"The archive cannot be read: {str(error)[:200]}") from None


def _document(archive: zipfile.ZipFile) -> str:
    """What the archive is where it is a program's own document; else empty."""
    names = archive.namelist()
    if _MARKED.isdisjoint(names):
        return ""
    known = (title for begin, title in _DOCUMENTS.items() if any(name.startswith(begin) for name in names))
    return next(known, "")


def _document_in(content: bytes) -> str:
    """As `_document`, of a file in an archive."""
    if not is_archive(content) or content.count(_LISTED) > MOST_ENTRIES:
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _document(archive)
    except _BROKEN:
        return ""


def _unpacked(archive: zipfile.ZipFile) -> Unpacked:
    if looks := _document(archive):
        raise _refused("file", "not_text", f"This is {looks}, no text. Save what is to come in as text or Markdown.")
    found = Unpacked()
    members = _members(archive, found)
    left = LARGEST_SUM
    for name, info in members:
        content = _content(archive, name, info, left)
        left -= len(content)
        looks = _document_in(content)
        if not looks and (content.startswith(ARCHIVES) or is_archive(content)):
            raise _refused(name, "nested_archive", "This is an archive within the archive: unpack it first.")
        if looks := looks or packed_as(content):
            found.notes.append(f"{name} is {looks} and is left out.")
        elif not content.strip():
            found.notes.append(f"{name} is empty and is left out.")
        else:
            found.sources.append(Source(content, name))
    if not found.sources:
        raise _refused("file", "empty_archive", "There is no file of text in the archive.")
    return found


def _members(archive: zipfile.ZipFile, found: Unpacked) -> list[tuple[str, zipfile.ZipInfo]]:
    """What is to be read, each with its name; the others are counted in a note."""
    members, hidden, links = [], 0, 0
    for info in archive.infolist():
        if info.is_dir():
            continue
        name = _name(info)
        parts = name.split("/")
        if any(part.startswith(".") or part in _OF_SYSTEMS or part.lower() in _OF_SYSTEMS for part in parts):
            hidden += 1
        elif stat.S_ISLNK(info.external_attr >> 16):
            links += 1
        else:
            members.append((name, info))
    if hidden:
        found.notes.append(f"Hidden files and those of an operating system are left out: {hidden}.")
    if links:
        found.notes.append(f"Links to other files are left out: {links}.")
    if len(members) > MOST_FILES:
        raise _refused(
            "file", "too_many", f"The archive holds {number(len(members))} files; up to {MOST_FILES} are taken."
        )
    if errors := [error for name, info in members for error in _unreadable(name, info)]:
        raise invalid(errors[:20])
    return members


def _unreadable(name: str, info: zipfile.ZipInfo) -> Iterator[FieldError]:
    if info.flag_bits & _ENCRYPTED:
        yield FieldError(name, "encrypted", "It is encrypted: pack it without a password.")
    elif info.compress_type not in _METHODS:
        told = f"It is packed by method {info.compress_type}: only deflate (8) and store (0) are unpacked here."
        yield FieldError(name, "compression", told)


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name as people wrote it, without what would lead out of a folder; never a path to write to."""
    name = info.orig_filename.replace("\\", "/")
    if not info.flag_bits & _UTF8_NAME:
        name = _repaired(name)
    parts = [_ODD.sub("", part).strip() for part in re.sub(r"\A[A-Za-z]:", "", name).split("/")]
    return "/".join(part for part in parts if part not in ("", ".", ".."))[-LONGEST_NAME:] or "file"


def _repaired(name: str) -> str:
    """Packers write UTF-8 without saying so, and `zipfile` then reads it as code page 437."""
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return name


def _content(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, left: int) -> bytes:
    """The member's bytes, counted as they come: what the headers say of its size is not believed."""
    most = min(LARGEST_FILE, left)
    parts: list[bytes] = []
    size = 0
    try:
        with archive.open(info) as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise _too_large(name, left)
                if size > SMALL and size > MOST_TIMES * max(info.compress_size, 1):
                    raise _refused(name, "bomb", f"It is more than {MOST_TIMES} times as large as it is packed.")
                parts.append(chunk)
    except (*_BROKEN, RuntimeError) as error:
        raise _refused(name, "broken_archive", f"It cannot be unpacked: {str(error)[:200]}") from None
    return b"".join(parts)


def _too_large(name: str, left: int) -> Problem:
    if left < LARGEST_FILE:
        return _refused(name, "too_large", f"Up to {LARGEST_SUM // 1024**2} MB are unpacked of all files together.")
    return _refused(name, "too_large", f"A file of the archive is taken up to {LARGEST_FILE // 1024**2} MB.")


def _refused(place: str, code: str, message: str) -> Problem:
    return invalid([FieldError(place, code, message)])
