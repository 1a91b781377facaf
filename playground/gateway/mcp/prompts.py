"""Templates as MCP prompts: what clients show as commands that a person picks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import orjson

from accounts.authentication import Caller
from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.gateway.mcp.messages import INVALID_PARAMS, RpcError, sentence_of
from playground.gateway.mcp.templates import template_of
from providers.parts.shapes import text_of
from templates_app.api.versions import rendered_json
from templates_app.content import VariableType
from templates_app.library.filters import Matches
from templates_app.models import PromptTemplate
from templates_app.partials.expanding import expanded

A_PAGE: Final = 100
LIST: Final = ("GET", "/api/templates")
RENDER: Final = ("POST", "/api/templates/-/render")


async def listed(caller: Caller, cursor: Any) -> Mapping[str, Any]:
    """`prompts/list`; raises RpcError."""
    if cursor is not None and not (isinstance(cursor, str) and cursor.isascii() and cursor.isdigit()):
        raise RpcError(INVALID_PARAMS, "This cursor is none that was given out.")
    return await _open(caller, LIST, _listed, caller.user, int(str(cursor or 0)[:9]))


async def rendered(caller: Caller, name: Any, arguments: Any) -> Mapping[str, Any]:
    """`prompts/get`; raises RpcError."""
    if not isinstance(name, str) or not isinstance(arguments, dict | None):
        raise RpcError(INVALID_PARAMS, "The name of a prompt and an object of arguments are expected.")
    return await _open(caller, RENDER, _rendered, caller.user, name, arguments or {})


async def _open(caller: Caller, door: tuple[str, str], work: Any, *given: Any) -> Mapping[str, Any]:
    try:
        caller.check_scope(*door)
        told: Mapping[str, Any] = await in_database_thread(work, *given)
    except Problem as problem:
        raise RpcError(INVALID_PARAMS, sentence_of(problem), data={"code": problem.code}) from None
    return told


def _listed(user: User, start: int) -> dict[str, Any]:
    found = Matches(user, {"ordering": "name"})
    rows = found[slice(start, start + A_PAGE + 1)]
    slugs = [row.slug for row in rows[:A_PAGE]]
    seen = PromptTemplate.objects.visible_to(user).filter(slug__in=slugs)
    counted = Counter(seen.values_list("slug", flat=True))
    told = [_told(row, is_slug_enough=row.owner_id == user.id or counted[row.slug] == 1) for row in rows[:A_PAGE]]
    return {"prompts": told, **({"nextCursor": str(start + A_PAGE)} if len(rows) > A_PAGE else {})}


def _told(template: Any, *, is_slug_enough: bool) -> dict[str, Any]:
    arguments = [
        {"name": each.name, "description": each.description or each.type, "required": each.required}
        for each in template.version.shown_content.variables
    ]
    return {
        "name": template.slug if is_slug_enough else str(template.id),
        "title": template.name,
        "description": template.description,
        "arguments": arguments,
    }


def _rendered(user: User, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    template = template_of(user, name)
    types = {each.name: each.type for each in expanded(template.version).content.variables}
    values = {key: _value(value, types.get(key)) for key, value in arguments.items()}
    sent = rendered_json(template, {"variables": values})
    messages = [
        {
            # A prompt of MCP has no system turn: it is said first, as the person would.
            "role": "assistant" if turn["role"] == "assistant" else "user",
            "content": {"type": "text", "text": text_of(turn.get("content") or "")},
        }
        for turn in sent["messages"]
    ]
    return {"description": template.description, "messages": messages}


def _value(value: Any, kind: str | None) -> Any:
    """Arguments of prompts are texts; what is to be something else is read as JSON."""
    if not isinstance(value, str) or kind in (None, VariableType.STRING):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
