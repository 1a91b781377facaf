"""How many tokens a message would be as input, asked beforehand (Anthropic's API reference, "Count tokens").

The count is the one by which answers are fitted into a model's window (`providers.tokens`): three bytes a token and
16 a message, rather too many than too few. Pictures and files count as the forecasts of the product have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.attachments.references import looked_up
from playground.engine.ask import Ask
from playground.gateway import running
from playground.gateway.messages.request import wanted_of
from playground.models import Origin
from playground.tools import registry
from providers.base import Message
from providers.catalogue.listing import model
from providers.parts.counting import about_part, parts_of
from providers.tokens import TOKENS_A_PICTURE, tokens_of_input


async def counted(user: User, body: Mapping[str, Any]) -> int:
    """Tokens of what `POST /v1/messages` with this body would send, its template, tools and schema too; raises Problem.

    Nothing is written and no model is asked.
    """
    wanted = await running.read_body(user, {"max_tokens": 1, **body}, wanted_of)
    _, ask = await running.asked(user, wanted)
    if await in_database_thread(model, ask.model_id) is None:
        raise Problem(404, "model_not_found", f"There is no model {ask.model_id[:100]!r} here.")
    async with running.named(ask, wanted):
        request = await looked_up(user, ask.request)
    messages = Ask(user, Origin.SERVICE, ask.model_id, request).messages()
    schema = ask.parameters.get("response_format")
    beside = tokens_of_input([{"role": "system", "content": orjson.dumps(schema).decode()}]) if schema else 0
    return (
        tokens_of_input(messages, await registry.defined(ask.request.get("tools", ())))
        + _more_of_parts(messages)
        + beside
    )


def _more_of_parts(messages: list[Message]) -> int:
    # Each counts as a picture already; long files are more.
    return sum(max(about_part(part) - TOKENS_A_PICTURE, 0) for part in parts_of(messages))
