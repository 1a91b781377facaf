"""`POST /v1/messages`, `POST /v1/messages/count_tokens`."""

from __future__ import annotations

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from accounts.requests import SignedInRequest
from foundation.problems import answers_problems, only
from playground.gateway import running
from playground.gateway.messages.answer import PING, Events, message_of
from playground.gateway.messages.counting import counted
from playground.gateway.messages.request import wanted_of

ROUTE = "v1/messages"


@only("POST")
@answers_problems
async def messages(request: SignedInRequest) -> HttpResponseBase:
    """A caller that leaves does not stop the run."""
    wanted = await running.read(request, wanted_of)
    execution_id = await running.begin(request, wanted, route=ROUTE)
    if wanted.is_streamed:
        return await running.streamed(request, execution_id, wanted, tell=Events().tell, ping=PING)
    execution = await running.ended(execution_id)
    return running.answer(message_of(execution), execution, wanted)


@only("POST")
@answers_problems
async def count_tokens(request: SignedInRequest) -> HttpResponse:
    """About how many tokens the message would be as input; no model is asked."""
    tokens = await counted(request.principal, running.json_of(request))
    return HttpResponse(orjson.dumps({"input_tokens": tokens}), content_type="application/json")
