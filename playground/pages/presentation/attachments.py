"""Pictures and files of a prompt as pages show them: a thumbnail, or a chip with the file's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from playground.models import Attachment
from providers.parts.shapes import LONGEST_NAME, OURS

KINDS: Final = {"application/pdf": "PDF", "text/plain": "Text"}


@dataclass(frozen=True)
class AttachmentView:
    """One picture or file; `address` is its own door, empty for one that is named by an address elsewhere."""

    artifact_id: str
    is_picture: bool
    media_type: str
    name: str
    alt: str
    address: str

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return "Picture" if self.is_picture else KINDS.get(self.media_type, "File")

    @property
    def label(self) -> str:
        """What somebody is told who does not see it."""
        return self.alt or self.name or self.kind


def views_of(parts: Iterable[Mapping[str, Any]]) -> list[AttachmentView]:
    """The pictures and files among these parts."""
    return [_view(part) for part in parts if part.get("type") in OURS]


def _view(part: Mapping[str, Any]) -> AttachmentView:
    artifact_id = _uuid(part.get("artifact_id"))
    return AttachmentView(
        artifact_id=artifact_id,
        is_picture=part["type"] == "image",
        media_type=str(part.get("media_type") or ""),
        name=str(part.get("name") or ""),
        alt=str(part.get("alt") or ""),
        # Nothing is loaded from elsewhere: what only has an address is named, not shown.
        address=reverse("artifact-content", args=[artifact_id]) if artifact_id else "",
    )


def _uuid(value: Any) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        return ""


def part_of(attachment: Attachment) -> dict[str, Any]:
    """The part that sends an uploaded file."""
    name = str(attachment.facts.get("name") or "")[-LONGEST_NAME:]
    kind = "image" if attachment.media_type.startswith("image/") else "file"
    part = {"type": kind, "artifact_id": str(attachment.id), "media_type": attachment.media_type}
    return {**part, "name": name} if name else part
