"""What the OpenAPI document says of all of these doors alike: who may come in, headers, errors, fields of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from foundation.rest.json_shapes import NUMBER, OBJECT, TEXT, TRUTH, Schema, Shape, listed, maybe, shaped, word
from foundation.rest.openapi import IDEMPOTENCY_KEY, StandIn

JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
BEARER: Final[list[Any]] = [{"bearer": []}]
"""No browser's session comes in."""
KEY: Final[list[Any]] = [*BEARER, {"api_key": []}]


class OpenAIError(Shape):
    """What is refused, as OpenAI's clients read it; `code` is our own and stable."""

    schema = shaped("error", error=shaped("*", message=TEXT, type=TEXT, param=maybe(TEXT), code=TEXT))


class AnthropicError(Shape):
    """What is refused, as Anthropic's clients read it; `code` is our own and stable."""

    schema = shaped("*", type=word("error"), error=shaped("*", type=TEXT, message=TEXT, code=TEXT))


class ForeignDoor(StandIn):
    """A door for programs, whose refusals are in another's shape."""

    problem_type = JSON
    refusals: Mapping[int, str] = {
        400: "What was sent does not hold; the message names each field.",
        403: "You may see this, not do it; or the token's scopes do not open it.",
    }


class OpenAIDoor(ForeignDoor):
    """A door whose refusals are OpenAI's."""

    problem = OpenAIError


class AnthropicDoor(ForeignDoor):
    """A door whose refusals are Anthropic's."""

    problem = AnthropicError


def refusals(shape: type[Shape], *statuses: int) -> dict[Any, Any]:
    """Responses of an operation that these refusals belong to, beside those that every door has."""
    return {(status, JSON): shape for status in statuses}


OF_RUNS: Final = (402, 404, 410, 429, 502, 504)
"""What a run that fails, or does not begin, is answered with."""
RAN: Final = [
    IDEMPOTENCY_KEY,
    OpenApiParameter(
        "X-Execution-Id",
        {"type": "string", "format": "uuid"},
        OpenApiParameter.HEADER,
        required=True,
        response=[200],
        description="The run, as GET /api/executions/{id} has it.",
    ),
    OpenApiParameter(
        "X-Ignored-Parameters",
        str,
        OpenApiParameter.HEADER,
        response=[200],
        description="Fields that were sent and change nothing here.",
    ),
    OpenApiParameter(
        "X-Dropped-Parameters",
        str,
        OpenApiParameter.HEADER,
        response=[200],
        description="Parameters that the model does not take; a stream says them in `dropped_parameters`.",
    ),
]
PROMPT: Final = shaped(
    "id",
    id={**TEXT, "description": "A template's id or slug."},
    version={"type": ["string", "integer", "null"], "description": "`v` and a number, a number, or a label."},
    variables=maybe({**OBJECT, "description": "Values of the template's variables, by name."}),
)
OURS: Final[dict[str, Schema]] = {
    "session_id": maybe({**TEXT, "format": "uuid", "description": "The session that keeps the run."}),
    "confirm_cost": maybe({**TRUTH, "description": "Yes to a cost that the service has asked about (402)."}),
    "context": maybe({**OBJECT, "description": "Facts given to the model with the system prompt."}),
    "sticky_key": maybe({**TEXT, "description": "With a label whose traffic is split: who gets the same version."}),
    "max_cost": maybe({**NUMBER, "description": "USD that the run may cost."}),
    "timeout": maybe({**NUMBER, "description": "Seconds that the run may take."}),
    "fallback_models": maybe(listed(TEXT)),
    "cache": {"description": "As in the parameters of POST /api/prompts/execute."},
}
"""Fields of our own API that a client may add to a request."""


def asked(required: str, ignored: tuple[str, ...], /, **fields: Any) -> Schema:
    """A request's body: what stands in no field is refused by name, unless it is null, which is as good as left out."""
    nothing = {"description": "Taken, and changes nothing here."}
    properties = {
        **fields,
        "prompt": maybe(PROMPT),
        "variables": maybe({**OBJECT, "description": "Values of a template's variables, where `model` names it."}),
        **OURS,
        **{name: nothing for name in ignored if name not in fields},
    }
    return {**shaped(required, **properties), "additionalProperties": {"type": "null"}}
