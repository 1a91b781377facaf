"""Pictures and files of a prompt as pages show them: a thumbnail, or a chip with the file's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from playground.models import Attachment
from playground.pages.presentation.model import ModelView
from providers.parts.shapes import LONGEST_NAME, OURS
from providers.parts.taking import kind_of

SHOWN: Final = (*OURS, "image_url")
KINDS: Final = {"application/pdf": "PDF", "text/plain": "Text"}


@dataclass(frozen=True)
class AttachmentView:
    """One picture or file; `address` is its own door, empty for one that is at an address elsewhere, its `url`."""

    artifact_id: str
    is_picture: bool
    media_type: str
    name: str
    alt: str
    address: str
    url: str = ""
    reason: str = ""
    """Why the chosen model, or one of several, is not sent it."""

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return "Picture" if self.is_picture else KINDS.get(self.media_type, "File")

    @property
    def label(self) -> str:
        """What somebody is told who does not see it."""
        return self.alt or self.name or self.url or self.kind


def views_of(parts: Iterable[Mapping[str, Any]], models: Iterable[ModelView | None] = ()) -> list[AttachmentView]:
    """The pictures and files among these parts; each says which of `models` is not sent it."""
    asked = [model for model in models if model]
    return [_view(part, asked) for part in parts if part.get("type") in SHOWN]


def reasons(parts: Iterable[Mapping[str, Any]], model: ModelView | None) -> list[str]:
    """Why this model is not sent some of these parts, each once."""
    found = [_refusal(part, model) for part in parts if part.get("type") in SHOWN] if model else []
    return [reason for reason in dict.fromkeys(found) if reason]


def _refusal(part: Mapping[str, Any], model: ModelView) -> str:
    # What an artifact is, its part says; that it is true is checked when it is sent.
    kind = kind_of({**part, "facts": {"media_type": part.get("media_type")}})
    return model.refused_parts.get(kind, "")


def _view(part: Mapping[str, Any], models: Iterable[ModelView]) -> AttachmentView:
    artifact_id = _uuid(part.get("artifact_id"))
    return AttachmentView(
        artifact_id=artifact_id,
        is_picture=part["type"] != "file",
        media_type=str(part.get("media_type") or ""),
        name=str(part.get("name") or ""),
        alt=str(part.get("alt") or ""),
        # Nothing is loaded from elsewhere: what only has an address is named, not shown.
        address=reverse("artifact-content", args=[artifact_id]) if artifact_id else "",
        url=_url(part),
        reason=" ".join(filter(None, dict.fromkeys(_refusal(part, model) for model in models))),
    )


def _url(part: Mapping[str, Any]) -> str:
    """Where it lies elsewhere; empty for one whose data came along."""
    of_openai = part.get("image_url")
    url = str(part.get("url") or (of_openai.get("url") if isinstance(of_openai, Mapping) else "") or "")
    return "" if url.lstrip()[:5].lower() == "data:" else url


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
