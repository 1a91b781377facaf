"""What parts come to in tokens: about, for gates and estimates; and at most, for what is set aside.

A part that was looked up carries `facts` (bytes, width, height, pages). Sources: Anthropic, "Vision" (width x height /
750, about 1,600 at most) and "PDF support" (1,500 to 3,000 tokens of text a page, and a picture of it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from providers.line.fitting import count_characters, estimated_tokens

PIXELS_A_TOKEN: Final = 750
USUAL_PICTURE: Final = 800
LARGEST_PICTURE: Final = 1_600
A_PAGE: Final = 2_500
MOST_A_PICTURE: Final = 20_000
"""No provider bills more for one, however large its data is."""
MOST_A_PAGE: Final = 8_000
PDF_BY_URL_PAGES: Final = 100


def parts_of(messages: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every part that is not text."""
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            yield from (part for part in content if part.get("type") != "text")


def about(messages: list[dict[str, Any]]) -> int:
    """Tokens that all messages come to, as a rule of thumb."""
    return estimated_tokens(count_characters(messages)) + sum(map(about_part, parts_of(messages)))


def characters(messages: list[dict[str, Any]]) -> int:
    """Characters of text, those of text files included."""
    files = (part.get("facts") or {} for part in parts_of(messages))
    texts = (int(each["bytes"]) for each in files if each.get("media_type") == "text/plain")
    return count_characters(messages) + sum(texts)


def most(part: Mapping[str, Any]) -> int:
    """Tokens that a part may be billed as."""
    facts = part.get("facts") or {}
    if part.get("type") != "file":
        return MOST_A_PICTURE
    if facts.get("media_type") == "text/plain":
        return int(facts["bytes"])
    return int(facts.get("pages") or PDF_BY_URL_PAGES) * MOST_A_PAGE


def about_part(part: Mapping[str, Any]) -> int:
    """Tokens that a part comes to, as a rule of thumb."""
    facts = part.get("facts") or {}
    if part.get("type") != "file":
        pixels: int = facts.get("width", 0) * facts.get("height", 0)
        return min(LARGEST_PICTURE, -(-pixels // PIXELS_A_TOKEN)) if pixels else USUAL_PICTURE
    if facts.get("media_type") == "text/plain":
        return estimated_tokens(int(facts["bytes"]))
    return int(facts.get("pages") or 1) * A_PAGE
