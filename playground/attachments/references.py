"""Parts of a request by reference: looked up for their user, limited in all, and kept where they came with their data.

A request as it is stored names artifacts; `facts` stand in its parts only on the way to the engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.media.facts import LARGEST, Media, NotTaken
from foundation.media.recognise import recognise
from foundation.problems import FieldError, invalid
from playground.attachments.storing import facts_of, take
from playground.models import Attachment
from providers.parts import shapes

MOST_BYTES: Final = LARGEST
"""Of all pictures and files of one request: what the smallest of the providers' own limits leaves for them."""

Request = Mapping[str, Any]
Part = dict[str, Any]


def placed(request: Request) -> Iterator[tuple[str, Part]]:
    """Every part that is not text, with the field it stands in."""
    for number, message in enumerate(request.get("messages") or ()):
        content = message.get("content")
        for place, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("type") != "text":
                yield f"messages.{number}.content.{place}", part
    for place, part in enumerate(request.get("parts") or ()):
        if part.get("type") != "text":
            yield f"prompt.{place}", part


def ids_in(request: Request) -> list[UUID]:
    """The artifacts that a request names, each once."""
    found = (_id(part) for _, part in placed(request))
    return list(dict.fromkeys(each for each in found if each))


def _id(part: Mapping[str, Any]) -> UUID | None:
    return as_uuid(part["artifact_id"]) if part.get("type") in shapes.OURS and "artifact_id" in part else None


def as_uuid(value: Any) -> UUID | None:
    """The id; None where it is none, as it may be in what was imported."""
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


async def looked_up(user: User, request: Request) -> Request:
    """The request with `facts` in each of our parts; a Problem (400) names a part that does not hold for `user`."""
    if not any(part.get("type") in shapes.OURS for _, part in placed(request)):
        return request
    known = await in_database_thread(_known, user, ids_in(request))
    errors, total = list[FieldError](), 0

    def with_facts(field: str, part: Part) -> Part:
        nonlocal total
        if "url" in part:
            return part
        try:
            facts = _facts_of_data(part) if "data_url" in part else known.get(_id(part))
        except NotTaken as error:  # of a version, or a run, that was kept before this was judged
            errors.append(FieldError(f"{field}.data_url", error.code, error.message))
            return part
        if facts is None:
            errors.append(FieldError(f"{field}.artifact_id", "unknown", "There is no such artifact of yours."))
            return part
        media = Media(facts["media_type"])
        if message := shapes.misfit(part, media):
            errors.append(FieldError(f"{field}.type", "other_type", message))
        total += facts["bytes"]
        if total > MOST_BYTES:
            told = f"Pictures and files of one call are taken up to {MOST_BYTES // 2**20} MB together."
            errors.append(FieldError(field, "too_large", told))
        return {**part, "media_type": facts["media_type"], "facts": facts}

    made = _changed(request, with_facts)
    if errors:
        raise invalid(errors)
    return made


def _known(user: User, ids: list[UUID]) -> dict[UUID | None, dict[str, Any]]:
    found = Attachment.objects.visible_to(user).filter(id__in=ids)
    return {each.id: {**each.facts, "media_type": each.media_type, "bytes": each.size} for each in found}


def _facts_of_data(part: Part) -> dict[str, Any]:
    data = shapes.data_of(part["data_url"])
    media = recognise(data)
    told = facts_of(media, sha256=hashlib.sha256(data).hexdigest(), name=str(part.get("name") or ""))
    return {**told, "media_type": media.media_type, "bytes": len(data)}


async def kept(user: User, request: Request) -> Request:
    """The request with what came as data kept as artifacts of `user`; raises Problem (429, 503)."""
    sent = {
        part["data_url"]: part for _, part in placed(request) if part.get("type") in shapes.OURS and "data_url" in part
    }
    ids = {url: await in_database_thread(_keep, user, part) for url, part in sent.items()}
    if not ids:
        return request

    def by_reference(field: str, part: Part) -> Part:
        if part.get("data_url") not in ids:
            return part
        rest = {name: value for name, value in part.items() if name != "data_url"}
        return {**rest, "artifact_id": str(ids[part["data_url"]])}

    return _changed(request, by_reference)


def _keep(user: User, part: Part) -> UUID:
    data = shapes.data_of(part["data_url"])
    return take(user=user, data=data, name=str(part.get("name") or ""), now=timezone.now()).id


def bare(request: Request) -> dict[str, Any]:
    """The request as it is stored: without the facts that were looked up."""
    return _changed(request, lambda _, part: {name: value for name, value in part.items() if name != "facts"})


def _changed(request: Request, change: Callable[[str, Part], Part]) -> dict[str, Any]:
    """The request with each part that is not text changed; the given one stays as it is."""
    new = {field: change(field, part) for field, part in placed(request)}

    def renewed(prefix: str, content: Any) -> Any:
        if not isinstance(content, list):
            return content
        return [new.get(f"{prefix}.{place}", part) for place, part in enumerate(content)]

    made = dict(request)
    if new and request.get("messages"):
        made["messages"] = [
            {**message, "content": renewed(f"messages.{number}.content", message["content"])}
            if isinstance(message.get("content"), list)
            else message
            for number, message in enumerate(request["messages"])
        ]
    if new and request.get("parts"):
        made["parts"] = renewed("prompt", request["parts"])
    return made
