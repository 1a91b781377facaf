"""The pictures and files that exported executions were sent, as a bundle carries them: with their bytes."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef

from foundation.context import looking
from foundation.media.facts import LARGEST
from foundation.problems import Problem
from foundation.sealing.files.opening import contents
from history.export.format import Row
from playground.attachments.references import ids_in
from playground.models import Attachment, AttachmentUse

LARGEST_BUNDLE: Final = LARGEST
"""Bytes of a bundle up to which it carries files: as much as an import takes."""
BESIDE_THE_DATA: Final = 1_024
"""Bytes that an entry may have besides."""


def named_in(row: Row) -> list[UUID]:
    """The artifacts that an execution names, each once."""
    prompt = row.get("prompt")
    return ids_in({"messages": row.get("messages"), "parts": prompt if isinstance(prompt, list) else ()})


def entries(session_id: UUID, named: Iterable[UUID], *, room: int) -> Iterator[dict[str, Any]]:
    """One object a file, in as many bytes of JSON as there is `room` for; what is not carried says why in `missing`.

    Only files that executions of the session were sent: that an execution names one, gives nobody a right to it.
    """
    for key in named:
        was_sent = AttachmentUse.objects.filter(attachment_id=OuterRef("pk"), execution__session_id=session_id)
        found = Attachment.objects.filter(Exists(was_sent), id=key).first()
        if found is None:
            yield {"artifact_id": key, "missing": "The session has no such file any more."}
            continue
        entry = _entry(found, room)
        room -= len(entry.get("data", "")) + BESIDE_THE_DATA
        yield entry


def _entry(found: Attachment, room: int) -> dict[str, Any]:
    with looking():
        facts = {name: found.facts[name] for name in ("sha256", "name") if name in found.facts}
    told = {"artifact_id": found.id, "media_type": found.media_type, "bytes": found.size, **facts}
    if found.size * 4 // 3 + BESIDE_THE_DATA > room:
        return {**told, "missing": f"A bundle carries files up to {LARGEST_BUNDLE // 2**20} MB in all."}
    try:
        return {**told, "data": base64.b64encode(b"".join(contents(found))).decode()}
    except Problem as problem:
        return {**told, "missing": problem.detail}
