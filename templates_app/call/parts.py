"""The shapes of message parts: text, image, file. Whether bytes are what they say, and whose an artifact is, is judged
where they are kept."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from foundation.problems import FieldError
from foundation.rest.serializers import LONGEST_TEXT

LARGEST_DATA: Final = 20 * 1024 * 1024
"""Bytes of one picture or file."""
MEDIA_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "image": frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"}),
    "file": frozenset({"application/pdf", "text/plain"}),
}
SOURCES: Final = ("artifact_id", "data_url", "url")
_DATA_URL: Final = re.compile(r"data:([\w.+-]{1,60}/[\w.+-]{1,60})(?:;[\w-]{1,40}=[^;,]{0,80})?;base64,", re.IGNORECASE)


def part_faults(part: Any) -> Iterator[FieldError]:
    """What is wrong with the shape of one part of a message; `field` is relative to it."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text":
        yield from _text_faults(part)
    elif isinstance(kind, str) and kind in MEDIA_TYPES:
        yield from source_faults({name: value for name, value in part.items() if name != "type"}, kind)
    elif kind == "image_url":
        yield from _image_url_faults(part)
    else:
        yield FieldError("type", "invalid", "A part is of the type text, image or file.")


def source_faults(source: Any, kind: str) -> Iterator[FieldError]:
    """What is wrong with where an image or a file comes from: `{artifact_id | data_url, media_type}`."""
    if not isinstance(source, dict):
        yield FieldError("", "type", f"An object with artifact_id or data_url is expected for the {kind}.")
        return
    yield from unknown_names(source, {*SOURCES, "media_type"})
    if sum(name in source for name in SOURCES) != 1:
        yield FieldError("", "invalid", "Either artifact_id or data_url is expected.")
        return
    given = source.get("media_type")
    if given is not None and given not in sorted(MEDIA_TYPES[kind]):
        yield FieldError("media_type", "invalid", f"One of {', '.join(sorted(MEDIA_TYPES[kind]))} is expected.")
    elif "url" in source:
        yield FieldError("url", "refused", "Addresses are not fetched: upload it, and name its artifact_id.")
    elif "artifact_id" in source:
        yield from _artifact_faults(source["artifact_id"])
    else:
        yield from _data_faults(source["data_url"], kind, given)


def _artifact_faults(artifact_id: Any) -> Iterator[FieldError]:
    try:
        UUID(artifact_id)
    except (ValueError, TypeError, AttributeError):
        yield FieldError("artifact_id", "invalid", "The id of an artifact is expected.")


def _data_faults(url: Any, kind: str, given: str | None) -> Iterator[FieldError]:
    found = _DATA_URL.match(url) if isinstance(url, str) else None
    if found is None:
        yield FieldError("data_url", "invalid", "An address of the form data:<media type>;base64,… is expected.")
        return
    media_type = found[1].lower()
    if media_type not in MEDIA_TYPES[kind]:
        listed = ", ".join(sorted(MEDIA_TYPES[kind]))
        yield FieldError("data_url", "invalid", f"{media_type} is not taken here: {listed} are.")
    elif given is not None and given != media_type:
        yield FieldError("media_type", "contradiction", f"The data says that it is {media_type}.")
    elif len(url) > LARGEST_DATA * 4 // 3 + 200:
        yield FieldError("data_url", "too_large", f"Up to {LARGEST_DATA} bytes are taken.")
    else:
        try:
            is_empty = not base64.b64decode(url[found.end() :], validate=True)
        except (binascii.Error, ValueError):
            is_empty = True
        if is_empty:
            yield FieldError("data_url", "invalid", "It holds no base64.")


def _text_faults(part: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_names(part, {"type", "text"})
    text = part.get("text")
    if not isinstance(text, str) or not text:
        yield FieldError("text", "invalid", "Text is expected.")
    elif len(text) > LONGEST_TEXT:
        yield FieldError("text", "max_length", f"Up to {LONGEST_TEXT} characters are taken.")


def _image_url_faults(part: Mapping[str, Any]) -> Iterator[FieldError]:
    match part:
        case {"type": "image_url", "image_url": {"url": str(url)}} if url.startswith(("data:image/", "https://")):
            return
    yield FieldError("image_url", "invalid", 'An object {"url": "data:image/…"} is expected.')


def unknown_names(shape: Mapping[str, Any], known: set[str]) -> Iterator[FieldError]:
    """An error at every name that is not known."""
    for name in sorted(map(str, shape.keys() - known)):
        yield FieldError(name[:100], "unknown", "There is no such field.")


def as_part(kind: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a message that an image's or a file's value becomes."""
    if kind == "image" and "data_url" in source:
        return {"type": "image_url", "image_url": {"url": source["data_url"]}}
    return {"type": kind, **source}
