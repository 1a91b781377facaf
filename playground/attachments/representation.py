"""An uploaded file in JSON (api.md, "Parts")."""

from __future__ import annotations

from typing import Any

from playground.models import Attachment


def attachment_json(attachment: Attachment, *, is_used: bool) -> dict[str, Any]:
    """Its facts; one that an execution was sent stays as long as that does."""
    facts = attachment.facts
    return {
        "artifact_id": attachment.id,
        "media_type": attachment.media_type,
        "bytes": attachment.size,
        "sha256": facts["sha256"],
        "name": facts.get("name"),
        "width": facts.get("width"),
        "height": facts.get("height"),
        "pages": facts.get("pages"),
        "created_at": attachment.created_at,
        "expires_at": None if is_used else attachment.expires_at,
    }
