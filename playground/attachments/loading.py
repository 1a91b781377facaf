"""The bytes of a run's parts, opened at the moment of sending: a run that waits holds references only."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, Final
from uuid import UUID

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from foundation.sealing.files.opening import contents
from playground.models import Attachment
from providers.base import Message
from providers.errors import Code, ProviderFailure
from providers.parts import shapes

NAMES: Final = {"application/pdf": "document.pdf", "text/plain": "file.txt"}


async def filled(messages: list[Message]) -> list[Message]:
    """Messages in the wires' own shape (providers.base.Message); raises ProviderFailure where a file is gone."""
    if not any(part.get("type") in shapes.OURS for part in _parts(messages)):
        return messages
    ids = {UUID(part["artifact_id"]) for part in _parts(messages) if "artifact_id" in part}
    rows = await in_database_thread(Attachment.objects.in_bulk, list(ids))
    encoded = {str(key): await asyncio.to_thread(_encoded, row) for key, row in rows.items()}
    return [_filled(message, encoded) for message in messages]


def _parts(messages: list[Message]) -> list[dict[str, Any]]:
    contents_ = (message.get("content") for message in messages)
    return [part for content in contents_ if isinstance(content, list) for part in content]


def _encoded(attachment: Attachment) -> str:
    try:
        data = base64.b64encode(b"".join(contents(attachment))).decode()
    except Problem as problem:
        raise ProviderFailure(Code.ARTIFACT_UNAVAILABLE, problem.detail) from None
    return f"data:{attachment.media_type};base64,{data}"


def _filled(message: Message, encoded: dict[str, str]) -> Message:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_part(part, encoded) for part in content]}


def _part(part: dict[str, Any], encoded: dict[str, str]) -> dict[str, Any]:
    if part.get("type") not in shapes.OURS:
        return part
    url = part.get("url") or part.get("data_url") or encoded.get(str(part.get("artifact_id")).lower())
    if url is None:
        raise ProviderFailure(Code.ARTIFACT_UNAVAILABLE)
    if part["type"] == "image":
        return {"type": "image_url", "image_url": {"url": url}}
    facts = part.get("facts") or {}
    name = part.get("name") or facts.get("name") or NAMES.get(facts.get("media_type", ""), NAMES["application/pdf"])
    return {"type": "file", "file": {"filename": name, "file_data": url}}
