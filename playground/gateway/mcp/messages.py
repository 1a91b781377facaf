"""JSON-RPC 2.0 as MCP has it: one request, one notification or one response a call, no batches."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse

from foundation.problems import Problem
from foundation.rest.rendering import dumps

INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
UNSUPPORTED_VERSION: Final = -32022

Id = str | int


class RpcError(Exception):
    """An answer that is an error of the protocol's; those of a tool are its result."""

    def __init__(self, code: int, message: str, *, status: int = 200, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data = code, message, status, data

    def body(self, id: Id | None) -> dict[str, Any]:
        """As it is sent; a request whose id could not be read is answered with null."""
        more = {} if self.data is None else {"data": self.data}
        return {"jsonrpc": "2.0", "id": id, "error": {"code": self.code, "message": self.message, **more}}


def method_of(message: Any) -> tuple[str, dict[str, Any], Id | None]:
    """Method, parameters and id; no method for a response, no id for a notification. Raises RpcError."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, "One JSON-RPC 2.0 message is expected.", status=400)
    if "method" not in message and ("result" in message or "error" in message):
        return "", {}, None
    method, params, id = message.get("method"), message.get("params"), message.get("id")
    is_id = isinstance(id, str | int) and not isinstance(id, bool)
    if not isinstance(method, str) or not isinstance(params, dict | None) or ("id" in message and not is_id):
        raise RpcError(INVALID_REQUEST, "This is no request of JSON-RPC 2.0.", status=400)
    return method, params or {}, id


def as_rpc(problem: Problem) -> dict[str, Any]:
    """A problem before any message was read, such as a refused token."""
    return RpcError(INVALID_REQUEST, sentence_of(problem), data={"code": problem.code}).body(None)


def sentence_of(problem: Problem) -> str:
    """All that a problem says, field by field."""
    told = [f"{error['field']}: {error['message']}".removeprefix(": ") for error in problem.errors]
    return " ".join(told) or problem.detail or problem.title


def response_of(body: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """One message."""
    return HttpResponse(dumps(body), content_type="application/json", status=status)
