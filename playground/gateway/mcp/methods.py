"""The methods of MCP that are answered here, and what each gives."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from django.conf import settings

from accounts.authentication import Caller
from foundation.problems import Problem, as_problem
from foundation.rest.rendering import dumps
from playground.gateway.mcp import prompts
from playground.gateway.mcp.calls import Call
from playground.gateway.mcp.messages import INVALID_PARAMS, METHOD_NOT_FOUND, RpcError, sentence_of
from playground.gateway.mcp.offered import offered, offered_to

logger = logging.getLogger(__name__)

VERSIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26")
"""Revisions with the initialize handshake over streamable HTTP, the newest first; newer clients fall back to them."""
INSTRUCTIONS: Final = (
    "Prompt templates, runs on many models, comparisons and tests with honest statistics. Templates are named by id or "
    "slug. What asks models costs money, and counts against your quotas."
)


async def answered(caller: Caller, method: str, params: dict[str, Any], call: Call) -> Mapping[str, Any]:
    """The result of a request; raises RpcError."""
    if method == "tools/call":
        return await _call(caller, params, call)
    answer = METHODS.get(method)
    if answer is None:
        raise RpcError(METHOD_NOT_FOUND, f"There is no method {method[:60]!r} here.")
    return await answer(caller, params)


async def _initialize(caller: Caller, params: dict[str, Any]) -> Mapping[str, Any]:
    asked = params.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}, "prompts": {"listChanged": False}},
        "serverInfo": {"name": "llm-playground", "title": "LLM Playground", "version": settings.VERSION},
        "instructions": INSTRUCTIONS,
    }


async def _ping(caller: Caller, params: dict[str, Any]) -> Mapping[str, Any]:
    return {}


async def _tools(caller: Caller, params: dict[str, Any]) -> Mapping[str, Any]:
    return {"tools": [tool.as_json() for tool in offered_to(caller)]}


async def _call(caller: Caller, params: dict[str, Any], call: Call) -> Mapping[str, Any]:
    name, arguments = params.get("name"), params.get("arguments")
    tool = offered(name) if isinstance(name, str) else None
    if tool is None:
        raise RpcError(INVALID_PARAMS, f"There is no tool {str(name)[:60]!r}.")
    if not isinstance(arguments, dict | None):
        raise RpcError(INVALID_PARAMS, "The arguments of a tool are an object.")
    try:
        caller.check_scope(*tool.door)
        tool.check(arguments or {})
        given = await tool.run(caller.user, arguments or {}, call)
    except Exception as error:
        problem = as_problem(error)
        if problem is None:
            logger.exception("mcp_tool_broke", extra={"tool": tool.name})
            problem = Problem(500, "internal_error", "The service made a mistake; it is logged.")
        return _failed(problem)
    return _result(dumps(given), is_error=False, text=None)


def _failed(problem: Problem) -> Mapping[str, Any]:
    return _result(dumps(problem.body("/mcp")), is_error=True, text=f"{sentence_of(problem)} ({problem.code})")


def _result(written: bytes, *, is_error: bool, text: str | None) -> Mapping[str, Any]:
    shown = written.decode() if text is None else text
    return {
        "content": [{"type": "text", "text": shown}],
        "structuredContent": orjson.Fragment(written),
        "isError": is_error,
    }


async def _prompts(caller: Caller, params: dict[str, Any]) -> Mapping[str, Any]:
    cursor = params.get("cursor")
    return await prompts.listed(caller, cursor)


async def _prompt(caller: Caller, params: dict[str, Any]) -> Mapping[str, Any]:
    return await prompts.rendered(caller, params.get("name"), params.get("arguments"))


# A call of a tool (`tools/call`) is more than a question.
METHODS: Final[Mapping[str, Callable[[Caller, dict[str, Any]], Awaitable[Mapping[str, Any]]]]] = {
    "initialize": _initialize,
    "ping": _ping,
    "tools/list": _tools,
    "prompts/list": _prompts,
    "prompts/get": _prompt,
}
