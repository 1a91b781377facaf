"""`POST /v1/chat/completions`."""

from __future__ import annotations

from django.http.response import HttpResponseBase

from accounts.requests import SignedInRequest
from foundation.problems import answers_problems, only
from playground.gateway import running
from playground.gateway.chat.answer import Chunks, completion_of
from playground.gateway.chat.request import wanted_of

ROUTE = "v1/chat/completions"


@only("POST")
@answers_problems
async def completions(request: SignedInRequest) -> HttpResponseBase:
    """A caller that leaves does not stop the run."""
    wanted = await running.read(request, wanted_of)
    execution_id = await running.begin(request, wanted, route=ROUTE)
    if wanted.is_streamed:
        chunks = Chunks(wants_usage=wanted.options["wants_usage"])
        return await running.streamed(request, execution_id, wanted, tell=chunks.tell)
    execution = await running.ended(execution_id)
    return running.answer(completion_of(execution), execution, wanted)
