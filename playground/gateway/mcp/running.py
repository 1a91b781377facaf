"""Runs as MCP tools: a template or a prompt on a model, and a prompt on several at once."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.rest.serializers import checked_json
from playground import comparing, executing
from playground.api.comparisons import comparison_json
from playground.api.executions import EXECUTE, failure_of
from playground.bodies.comparison import ComparisonSerializer, asks_of
from playground.bodies.resolve import resolve
from playground.gateway.mcp.calls import Call
from playground.gateway.mcp.following import all_ended, ended
from playground.gateway.mcp.offered import Offered, arguments_schema, offer
from playground.gateway.mcp.templates import LABEL, TEMPLATE, VARIABLES, VERSION
from playground.gateway.targets import template_id_of
from playground.models import Origin, Status
from playground.representation import execution_json

COMPARISON: Final = ComparisonSerializer()
MODEL: Final = {"type": "string", "description": "provider/model, such as openai/gpt-4o-mini"}
PROMPT: Final = {"type": "string", "minLength": 1}
SYSTEM: Final = {"type": "string"}
PARAMETERS: Final = {"type": "object", "description": "temperature, max_tokens and so on; max_cost in USD"}
SESSION: Final = {"type": "string", "description": "The id of the session that keeps it; your own when left out."}
CONFIRM: Final = {"type": "boolean", "description": "Yes to a cost that the service has asked about."}


async def _run(user: User, asked: dict[str, Any], call: Call) -> dict[str, Any]:
    """The execution once it has ended; it goes on where the client leaves."""
    checked = checked_json(EXECUTE, {**await _by_id(user, asked), "metadata": call.metadata})
    ask = await resolve(user, checked, origin=Origin.SERVICE)
    execution = await ended(await executing.begin(ask, is_streamed=call.is_followed), call)
    if execution.status == Status.FAILED:
        raise failure_of(execution)
    return await in_database_thread(execution_json, execution)


async def _compare(user: User, asked: dict[str, Any], call: Call) -> dict[str, Any]:
    """The comparison once all of its executions have ended; one that failed says why."""
    body = {**await _by_id(user, asked), "metadata": call.metadata}
    comparison_id = await comparing.compare(await asks_of(user, checked_json(COMPARISON, body)))

    def ids() -> list[UUID]:
        return [each.id for each in comparing.executions_of(comparing.seen(user, comparison_id))]

    await all_ended(await in_database_thread(ids), call)
    return await in_database_thread(lambda: comparison_json(comparing.seen(user, comparison_id), user))


async def _by_id(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    """Our API's field for a template, which knows it by its id only."""
    rest = {name: value for name, value in asked.items() if name != "template"}
    if "template" not in asked:
        return rest
    return {**rest, "template_id": await in_database_thread(_template_id, user, asked["template"])}


def _template_id(user: User, name: str) -> str:
    return template_id_of(user, name, field="template")


def declare() -> None:
    """To be called when the app is ready."""
    shared = {"parameters": PARAMETERS, "session_id": SESSION, "confirm_cost": CONFIRM}
    of_a_template = {"template": TEMPLATE, "version": VERSION, "label": LABEL, "variables": VARIABLES}
    said = {"prompt": PROMPT, "system_prompt": SYSTEM}
    variant = arguments_schema(("model_id",), model_id=MODEL, parameters=PARAMETERS, **said)
    offer(
        Offered(
            name="run_template",
            description="Runs a prompt template on a model (the template's own when none is named); gives the answer.",
            parameters=arguments_schema(("template",), **of_a_template, model_id=MODEL, **shared),
            door=("POST", "/api/prompts/execute"),
            run=_run,
            asks_models=True,
        ),
        Offered(
            name="run_prompt",
            description="Runs a prompt on a model and gives its answer, usage and cost.",
            parameters=arguments_schema(("prompt", "model_id"), **said, model_id=MODEL, **shared),
            door=("POST", "/api/prompts/execute"),
            run=_run,
            asks_models=True,
        ),
        Offered(
            name="compare",
            description="Runs one prompt or template on two to six models or settings side by side; gives all answers.",
            parameters=arguments_schema(
                ("variants",),
                variants={"type": "array", "minItems": 2, "maxItems": 6, "items": variant},
                **said,
                **of_a_template,
                **shared,
            ),
            door=("POST", "/api/comparisons"),
            run=_compare,
            asks_models=True,
        ),
    )
