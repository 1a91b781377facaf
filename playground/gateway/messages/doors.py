"""`POST /v1/messages`."""

from __future__ import annotations

from django.http.response import HttpResponseBase

from accounts.requests import SignedInRequest
from foundation.database.threads import in_database_thread
from foundation.problems import answers_problems, only
from playground.gateway import running
from playground.gateway.messages.answer import PING, Events, message_of
from playground.gateway.messages.request import wanted_of

ROUTE = "v1/messages"


@only("POST")
@answers_problems
async def messages(request: SignedInRequest) -> HttpResponseBase:
    """A caller that leaves does not stop the run."""
    wanted = await in_database_thread(wanted_of, request.principal, running.json_of(request))
    execution_id = await running.begin(request, wanted, route=ROUTE)
    if wanted.is_streamed:
        return await running.streamed(request, execution_id, wanted, tell=Events().tell, ping=PING)
    execution = await running.ended(execution_id)
    return running.answer(message_of(execution), execution, wanted)
