"""The playground's form: what it sends, as the API's body, and what an execution or a refusal puts back into it.

Values are not judged here: the engine judges every door's body by the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from foundation.problems import FieldError, Problem, invalid
from playground.models import PromptExecution
from playground.presentation.parameters import LABELS, WHOLE_NUMBERS

TEXTS = {"reasoning_effort", "response_format", "stop_sequences"}
FIELDS = ("model_id", "system_prompt", "prompt", *(f"parameters.{name}" for name in LABELS))
"""Every place on the page that can show a refusal."""
CARRIED = ("prompt", "messages", "system_prompt", "context", "tools")
"""What a run is repeated with."""


EXAMPLES = (
    ("Explain in three sentences", "Explain in three short sentences why the sky is blue."),
    ("Draft a reply", "Write a short, friendly e-mail that moves a meeting from Tuesday to Thursday."),
    (
        "List and compare",
        "List three ways to store passwords in an application, with one advantage and one risk of each.",
    ),
)
"""What a newcomer may run with one click: title, prompt."""


@dataclass
class Compose:
    """What stands in the form on the left: as typed, as run before, or empty."""

    model_id: str = ""
    prompt: str = ""
    system_prompt: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    schema: str = ""
    session_id: str = ""


def from_post(data: Mapping[str, str]) -> Compose:
    """The form as it was sent."""
    return Compose(
        model_id=data.get("model_id", ""),
        prompt=(data.get("example") or data.get("prompt", "")).replace("\r\n", "\n"),
        system_prompt=data.get("system_prompt", "").replace("\r\n", "\n"),
        parameters={name: data.get(f"parameters.{name}", "").strip() for name in LABELS},
        schema=data.get("schema", ""),
        session_id=data.get("session_id", ""),
    )


def from_execution(execution: PromptExecution) -> Compose:
    """The form that would start this run again."""
    given = dict(execution.parameters or {})
    response_format = given.pop("response_format", None) or {}
    values = {name: _shown(given[name]) for name in LABELS if given.get(name) is not None}
    kind = response_format.get("type", "")
    if kind and kind != "text":
        values["response_format"] = kind
    schema = response_format.get("json_schema", {}).get("schema")
    request = execution.request or {}
    return Compose(
        model_id=execution.model_id,
        prompt=request.get("prompt") or "",
        system_prompt=request.get("system_prompt") or "",
        parameters=values,
        schema=orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode() if schema else "",
    )


def body_from(compose: Compose) -> dict[str, Any]:
    """The API's body of this form; parameters left empty are not sent."""
    parameters = {name: _value(name, value) for name, value in compose.parameters.items() if value != ""}
    if "response_format" in parameters:
        parameters["response_format"] = _response_format(compose)
    body: dict[str, Any] = {"model_id": compose.model_id, "prompt": compose.prompt, "parameters": parameters}
    if compose.system_prompt:
        body["system_prompt"] = compose.system_prompt
    if compose.session_id:
        body["session_id"] = compose.session_id
    return body


def body_of(execution: PromptExecution, *, model_id: str = "") -> dict[str, Any]:
    """The API's body that repeats this run; with `model_id`, on that model and without asking it twice."""
    request, parameters = execution.request or {}, dict(execution.parameters or {})
    body = {name: request[name] for name in CARRIED if request.get(name)}
    if "fallback_models" in parameters:
        parameters["fallback_models"] = [name for name in parameters["fallback_models"] if name != model_id]
    return {
        **body,
        "model_id": model_id or execution.model_id,
        "parameters": parameters,
        "session_id": str(execution.session_id),
    }


def errors_by_field(problem: Problem) -> dict[str, str]:
    """The refusal's messages by the field that they stand at."""
    found: dict[str, str] = {}
    for error in problem.errors:
        place = next((name for name in FIELDS if error["field"] == name or error["field"].startswith(f"{name}.")), "")
        found[place] = f"{found[place]} {error['message']}" if place in found else error["message"]
    return found


def parameter_errors(errors: Mapping[str, str]) -> dict[str, str]:
    """The ones that stand at a parameter, by its name."""
    prefix = "parameters."
    return {field.removeprefix(prefix): message for field, message in errors.items() if field.startswith(prefix)}


def _shown(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


def _value(name: str, text: str) -> Any:
    """A number where it is one; else the text itself, for the engine to refuse."""
    if name == "stop_sequences":
        return [line for line in text.splitlines() if line]
    if name in TEXTS:
        return text
    try:
        return int(text) if name in WHOLE_NUMBERS else float(text)
    except ValueError:
        return text


def _response_format(compose: Compose) -> dict[str, Any]:
    kind = compose.parameters["response_format"]
    if kind != "json_schema":
        return {"type": kind}
    try:
        schema = orjson.loads(compose.schema)
    except orjson.JSONDecodeError as error:
        message = f"The schema is not JSON: {error}."
        raise invalid([FieldError("parameters.response_format", "invalid_json", message)]) from error
    return {"type": kind, "json_schema": {"name": "answer", "schema": schema}}
