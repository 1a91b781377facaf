"""`POST /mcp`: one message, answered in JSON, or as a stream where a call's progress is asked for. Of a session there
is its name alone, by which a call can be ended: nothing is kept of it, so any process answers any call.
"""

from __future__ import annotations

import re
import uuid
from typing import Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from accounts.authentication import Caller
from accounts.requests import SignedInRequest
from foundation.http.same_origin import is_allowed
from foundation.problems import Problem, answers_problems, only
from playground.gateway.mcp.calls import Call, cancel, name_of
from playground.gateway.mcp.messages import UNSUPPORTED_VERSION, RpcError, method_of, response_of
from playground.gateway.mcp.methods import VERSIONS, answered
from playground.gateway.mcp.streaming import streamed, token_of
from playground.gateway.running import check_bearer

SESSION: Final = "Mcp-Session-Id"
SESSION_NAME: Final = re.compile(r"[!-~]{1,128}")
CANCEL: Final = ("POST", "/api/executions/-/cancel")
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
        session = _session_of(request)
        if id is None:
            if method == "notifications/cancelled":
                await _cancel(caller, session, params.get("requestId"))
            # Others change nothing here, and no response is waited for.
            return HttpResponse(status=202)
        if method == "tools/call" and (token := token_of(request, params)) is not None:
            return streamed(caller, params, id=id, token=token, name=name_of(session, id))
        result = await answered(caller, method, params, Call(name_of(session, id)))
        response = response_of({"jsonrpc": "2.0", "id": id, "result": result})
        if method == "initialize":
            response.headers[SESSION] = uuid.uuid4().hex
        return response
    except RpcError as error:
        return response_of(error.body(id), status=error.status)


def _session_of(request: SignedInRequest) -> str:
    """The name that was given out, or any other that can be one; empty without."""
    told = request.headers.get(SESSION, "")
    return told if SESSION_NAME.fullmatch(told) else ""


async def _cancel(caller: Caller, session: str, id: object) -> None:
    """Ends what the request of this id began; one that is over, or was none, is let pass (MCP, "Cancellation")."""
    caller.check_scope(*CANCEL)
    if isinstance(id, str | int) and not isinstance(id, bool) and (name := name_of(session, id)):
        await cancel(caller.user, name)


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
