"""What the closed door has the audit log know: who asks, what was refused, and what was carried out of the house."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from accounts.models import User
from audit.acts import API_TOKEN, Act
from audit.recording import record
from foundation import context
from foundation.database.threads import in_database_thread

logger = logging.getLogger(__name__)

DOOR = "door"
"""The kind of object that a refusal is about; its id is method and route, without what stands in the address."""


@contextmanager
def asking(user: User, *, by: str) -> Iterator[None]:
    """Within it, this user asks, and what is written is written in their name."""
    before = context.asker.set(context.Asker(user.id, user.organisation, by))
    try:
        yield
    finally:
        context.asker.reset(before)


def asking_token() -> UUID | None:
    """The API token by which whoever asks came in."""
    kind, _, token_id = context.asker.get().by.partition(API_TOKEN)
    return UUID(token_id) if token_id and not kind else None


def worth_an_entry(response: HttpResponseBase) -> Act | None:
    """The act that an answer alone shows: a refusal, or a file that was handed out."""
    if response.status_code == 403:
        return Act.REFUSED
    if response.status_code == 200 and response.headers.get("Content-Disposition", "").startswith("attachment"):
        return Act.EXPORTED
    return None


async def note(request: HttpRequest, act: Act) -> None:
    """Records it in a transaction of its own. A refusal stands although it cannot be kept; that is said in the log."""
    await _keep(act, *_object_of(request, act))


async def note_refusal(door: str) -> None:
    """Records one at a door that answers no request of HTTP: a socket."""
    await _keep(Act.REFUSED, DOOR, door)


async def _keep(act: Act, kind: str, identifier: str) -> None:
    try:
        await in_database_thread(_record, act, kind, identifier)
    except DatabaseError as error:
        logger.warning("audit_entry_lost", extra={"act": str(act), "reason": type(error).__name__})


def _record(act: Act, kind: str, identifier: str) -> None:
    record(act=act, kind=kind, object_id=identifier)


def _object_of(request: HttpRequest, act: Act) -> tuple[str, str]:
    """What it is about: the door; of an export, the thing whose id stands first in the address, by its id's name."""
    try:
        match = request.resolver_match or resolve(request.path)
    except Resolver404:
        return DOOR, str(request.method)
    for name, value in match.kwargs.items():
        if act == Act.EXPORTED and isinstance(value, UUID):
            return name.removesuffix("_id")[:40], str(value)
    return DOOR, f"{request.method} /{match.route}"
