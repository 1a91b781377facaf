"""`POST /mcp`: one message, answered at once in JSON; no session is kept, so any process answers any call."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from accounts.authentication import Caller
from accounts.requests import SignedInRequest
from foundation.http.same_origin import is_allowed
from foundation.problems import Problem, answers_problems, only
from playground.gateway.mcp.messages import UNSUPPORTED_VERSION, RpcError, method_of, response_of
from playground.gateway.mcp.methods import VERSIONS, answered
from playground.gateway.running import check_bearer

ANY_VERSION: Final = frozenset({"initialize", ""})
"""What may come before a version is agreed on."""


@only("POST")
@answers_problems
async def mcp(request: SignedInRequest) -> HttpResponseBase:
    """A caller that leaves does not stop the run that it began."""
    check_bearer(request)
    _check_origin(request)
    caller: Caller = request.caller  # type: ignore[attr-defined]
    id = None
    try:
        method, params, id = method_of(getattr(request, "json_body", None))
        _check_version(request, method)
        if id is None:
            # Notifications change nothing here, and no response is waited for.
            return HttpResponse(status=202)
        return response_of({"jsonrpc": "2.0", "id": id, "result": await answered(caller, method, params)})
    except RpcError as error:
        return response_of(error.body(id), status=error.status)


def _check_origin(request: SignedInRequest) -> None:
    """Against DNS rebinding: a page of another site is no client (specification, "Security Warning")."""
    told = {name.lower().encode(): value.encode("latin-1", "replace") for name, value in request.headers.items()}
    if not is_allowed({name: value.decode("latin-1") for name, value in told.items()}):
        raise Problem(403, "foreign_origin", "Pages of other sites are not let in: see CORS_ORIGINS.")


def _check_version(request: SignedInRequest, method: str) -> None:
    asked = request.headers.get("MCP-Protocol-Version")
    if asked and asked not in VERSIONS and method not in ANY_VERSION:
        data = {"supported": list(VERSIONS), "requested": asked[:40]}
        raise RpcError(UNSUPPORTED_VERSION, "This version of MCP is not spoken here.", status=400, data=data)
