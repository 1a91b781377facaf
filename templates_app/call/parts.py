"""The shapes of message parts in a version's turns and in values: text, image, file (`providers.parts.shapes`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from foundation.problems import FieldError
from foundation.rest.serializers import LONGEST_TEXT
from foundation.words import number
from providers.parts import shapes


def part_faults(part: Any) -> Iterator[FieldError]:
    """What is wrong with the shape of one part of a message; `field` is relative to it."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text":
        yield from _text_faults(part)
    elif kind in (*shapes.OURS, "image_url"):
        yield from _faults(part)
    else:
        yield FieldError("type", "invalid", "A part is of the type text, image or file.")


def source_faults(source: Any, kind: str) -> Iterator[FieldError]:
    """What is wrong with where an image or a file comes from: `{artifact_id | data_url | url, media_type}`."""
    if not isinstance(source, dict):
        yield FieldError("", "type", f"An object with artifact_id or data_url is expected for the {kind}.")
    elif "type" in source:
        yield FieldError("type", "unknown", "There is no such field.")
    else:
        yield from _faults({**source, "type": kind})


def _faults(part: Mapping[str, Any]) -> Iterator[FieldError]:
    for fault in shapes.faults_of([part], url_hosts=settings.ENV.part_url_hosts):
        yield FieldError(fault.path.partition(".")[2], fault.code, fault.message)


def _text_faults(part: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from unknown_names(part, {"type", "text"})
    text = part.get("text")
    if not isinstance(text, str) or not text:
        yield FieldError("text", "invalid", "Text is expected.")
    elif len(text) > LONGEST_TEXT:
        yield FieldError("text", "max_length", f"Up to {number(LONGEST_TEXT)} characters are taken.")


def unknown_names(shape: Mapping[str, Any], known: set[str]) -> Iterator[FieldError]:
    """An error at every name that is not known."""
    for name in sorted(map(str, shape.keys() - known)):
        yield FieldError(name[:100], "unknown", "There is no such field.")


def as_part(kind: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a message that an image's or a file's value becomes."""
    return {"type": kind, **source}
