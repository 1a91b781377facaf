"""The kinds of files that are taken, and which of them some bytes are."""

from __future__ import annotations

import codecs
import unicodedata
from typing import Final

from foundation.media.facts import Media, NotTaken
from foundation.media.pdf import pdf_of
from foundation.media.pictures import picture_of

TAKEN: Final = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf", "text/plain")
WORDS: Final = "PNG, JPEG, WebP, GIF, PDF and plain text"
PDF_NEAR_THE_START: Final = 1024
"""Bytes within which readers look for a PDF's head."""
ELSEWHERE: Final = (
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"BM", "a bitmap"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
)
MARKUP: Final = ("<svg", "<?xml", "<!doctype", "<html", "<script")


def recognise(data: bytes) -> Media:
    """What these bytes are; raises NotTaken with a sentence for a person."""
    if not data:
        raise NotTaken("empty_file", "The file is empty.")
    known = picture_of(data)
    if known is not None:
        if b"%PDF-" in data[:PDF_NEAR_THE_START]:
            raise NotTaken("more_than_one_file", "This picture is a PDF, too.")
        return known
    known = pdf_of(data)
    if known is not None:
        return known
    return _text(data)


def _text(data: bytes) -> Media:
    for head, name in ELSEWHERE:
        if data.startswith(head) and (b"\0" in data[:4096] or len(head) > 2):
            raise _unknown(f"This is {name}.")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        raise _unknown("This is none of them, and no text in UTF-8.") from None
    beginning = text[:4096].lstrip("\ufeff \t\r\n").lower()
    if "<svg" in beginning:
        raise _unknown("This is an SVG, which can hold programs: save it as PNG.")
    if beginning.startswith(MARKUP):
        raise _unknown("This is HTML or XML.")
    if "%pdf-" in text[:PDF_NEAR_THE_START].lower():
        raise NotTaken("more_than_one_file", "This text is a PDF, too.")
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\r\t\f" for letter in set(text)):
        raise _unknown("This is none of them: it holds control characters.")
    if not text.strip():
        raise NotTaken("empty_file", "The file holds no text.")
    return Media("text/plain")


def _unknown(what: str) -> NotTaken:
    return NotTaken("unsupported_media_type", f"{WORDS} are taken. {what}")
