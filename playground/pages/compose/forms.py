"""The playground's form: what it sends, as the API's body, and what an execution or a refusal puts back into it.

Values are not judged here: the engine judges every door's body by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from foundation.presentation.typed_numbers import plainly
from foundation.problems import FieldError, Problem, invalid
from foundation.words import plain_number
from playground import together
from playground.models import PromptExecution
from playground.pages.presentation.parameters import LABELS, WHOLE_NUMBERS
from playground.rewording import only_prompts
from playground.together import MOST_ROWS, Kind
from providers.parts.shapes import OURS
from templates_app.content import Content, Variable, VariableType
from templates_app.models import TemplateVersion
from templates_app.rendering.placeholders import names_in
from templates_app.rendering.plain import as_text

TEXTS = {"reasoning_effort", "response_format", "stop_sequences"}
FIELDS = (
    "model_id",
    "system_prompt",
    "prompt",
    "attachments",
    "tools",
    "times",
    *(f"parameters.{name}" for name in LABELS),
)
"""Every place on the page that can show a refusal."""
PART_OF_PROMPT = re.compile(r"prompt\.\d+(?:\..+)?")
"""A part beside the prompt's text: on the page those are its pictures and files."""
VARIABLE = "variables."
"""What the names of the variables' fields begin with."""
TOOL = "tools."
"""What the names of the tools' fields begin with."""
ROW = "rows."
ROW_FIELD = re.compile(r"rows\.(\d{1,3})\.(.+)", re.DOTALL)
"""A field of one of several rows: its place, and the variable."""


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
    parent_id: str = ""
    """The turn that this one continues."""
    template_id: str = ""
    template_version: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    """Values as they were typed."""
    rows: list[dict[str, str]] = field(default_factory=list)
    """Several sets of them, each for a run of its own; `variables` are then those of the first."""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    """Pictures and files that go with the prompt, as parts."""
    tools: list[str] = field(default_factory=list)
    """Registered tools that the model may call, by name."""
    is_cost_confirmed: bool = False
    """Whether it may cost what is not spent without asking."""
    times: str = "5"
    """How often Repeat would run it, as it was typed."""

    @property
    def attachments_json(self) -> str:
        """They, as the form's hidden field holds them."""
        return orjson.dumps(self.attachments).decode()


def from_post(data: Mapping[str, str]) -> Compose:
    """The form as it was sent."""
    rows = _rows(data)
    return Compose(
        model_id=data.get("model_id", ""),
        prompt=(data.get("example") or data.get("prompt", "")).replace("\r\n", "\n"),
        system_prompt=data.get("system_prompt", "").replace("\r\n", "\n"),
        parameters={name: _typed(name, data.get(f"parameters.{name}", "")) for name in LABELS},
        schema=data.get("schema", ""),
        session_id=data.get("session_id", ""),
        parent_id=data.get("parent_id", ""),
        template_id=data.get("template_id", ""),
        template_version=data.get("template_version", ""),
        attachments=_attachments(data.get("attachments", "")),
        tools=[name.removeprefix(TOOL) for name in data if name.startswith(TOOL)],
        is_cost_confirmed=data.get("confirm_cost") == "true",
        times=data.get("times", "5").strip(),
        variables=rows[0]
        if rows
        else {
            name.removeprefix(VARIABLE): value.replace("\r\n", "\n")
            for name, value in data.items()
            if name.startswith(VARIABLE)
        },
        rows=rows,
    )


def _typed(name: str, text: str) -> str:
    return text.strip() if name in TEXTS else plainly(text.strip())


def _rows(data: Mapping[str, str]) -> list[dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for name, value in data.items():
        if place := ROW_FIELD.fullmatch(name):
            found.setdefault(int(place[1]), {})[place[2]] = value.replace("\r\n", "\n")
    return [found[number] for number in sorted(found)][:MOST_ROWS]


def edited(compose: Compose, data: Mapping[str, str]) -> Compose:
    """The form after `add_row` or `remove_row`, which names a row by its place; one row alone is the plain form."""
    rows = list(compose.rows)
    if "add_row" in data and len(rows) < MOST_ROWS:
        rows = [*(rows or [compose.variables]), {}]
    if (at := data.get("remove_row", "")).isdecimal() and len(at) < 4 and int(at) < len(rows):
        del rows[int(at)]
    return replace(compose, rows=rows if len(rows) > 1 else [], variables=rows[0] if rows else compose.variables)


def _attachments(text: str) -> list[dict[str, Any]]:
    """The parts that the form's script keeps as JSON; none where it is none."""
    try:
        found = orjson.loads(text or "[]")
    except orjson.JSONDecodeError:
        return []
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def begun_with(model_id: str, parameters: Mapping[str, Any]) -> Compose:
    """An empty form of this model, with these parameters as the API has them."""
    return Compose(model_id=model_id, **_parameters(parameters))


def from_template(version: TemplateVersion, *, example: Mapping[str, Any]) -> Compose:
    """The form that would run this version; `example` has values to begin with."""
    content = version.content
    return Compose(
        model_id=content.model_id,
        prompt=content.prompt,
        system_prompt=content.system_prompt,
        **_parameters(content.parameters),
        tools=_registered(content.tools),
        template_id=str(version.template_id),
        template_version=str(version.number),
        variables={name: as_text(value) for name, value in example.items()},
    )


def from_execution(execution: PromptExecution, version: TemplateVersion | None = None) -> Compose:
    """The form that would start this run again; `version` is that of its template, where one may see it."""
    request = execution.request or {}
    compose = Compose(
        model_id=execution.model_id,
        prompt=request.get("prompt") or "",
        system_prompt=request.get("system_prompt") or "",
        **_parameters(execution.parameters or {}),
        parent_id=str(execution.parent_id or ""),
        attachments=[dict(part) for part in request.get("parts") or () if part.get("type") in OURS],
        tools=_registered(request.get("tools", ())),
    )
    told = only_prompts(request.get("messages", ())) if not request.keys() & {"prompt", "parts"} else None
    if told:
        system, compose.prompt, compose.attachments = told
        compose.system_prompt = compose.system_prompt or system
    source = version.content.as_json() if version else request.get("source")
    if source:
        # The text with its variables, and their values beside it.
        compose.prompt, compose.system_prompt = source["prompt"], source["system_prompt"]
        compose.variables = {name: as_text(value) for name, value in request.get("variables", {}).items()}
    if version:
        compose.template_id, compose.template_version = str(version.template_id), str(version.number)
    return compose


def from_repetition(execution: PromptExecution, version: TemplateVersion | None = None) -> Compose:
    """The form that would repeat this run as often as it was."""
    compose = from_execution(execution, version)
    compose.times = str((together.noted(execution, Kind.REPETITION) or {}).get("of", compose.times))
    return compose


def from_rows(executions: Sequence[PromptExecution], version: TemplateVersion | None = None) -> Compose:
    """The form that would run these rows again."""
    compose = from_execution(executions[0], version)
    told = [(execution.request or {}).get("variables", {}) for execution in executions]
    compose.rows = [{name: as_text(value) for name, value in values.items()} for values in told]
    return edited(compose, {})


def _registered(tools: Iterable[Mapping[str, Any]]) -> list[str]:
    """Those that are run here: a caller's own cannot be called from a form."""
    return [tool["name"] for tool in tools if tool.get("registered")]


def _parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """`parameters` and `schema` of a form."""
    given = dict(parameters)
    response_format = given.pop("response_format", None) or {}
    values = {name: _shown(given[name]) for name in LABELS if given.get(name) is not None}
    kind = response_format.get("type", "")
    if kind and kind != "text":
        values["response_format"] = kind
    schema = response_format.get("json_schema", {}).get("schema")
    return {
        "parameters": values,
        "schema": orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode() if schema else "",
    }


def body_from(compose: Compose, content: Content | None = None) -> dict[str, Any]:
    """The API's body of this form; parameters left empty are not sent.

    `content` is that of the template's version in the form: while its text is as it was, the template is run.
    """
    parameters = {name: _value(name, value) for name, value in compose.parameters.items() if value != ""}
    if "response_format" in parameters:
        parameters["response_format"] = _response_format(compose)
    body: dict[str, Any] = {"model_id": compose.model_id, "parameters": parameters}
    body |= {name: getattr(compose, name) for name in ("session_id", "parent_id") if getattr(compose, name)}
    if compose.is_cost_confirmed:
        body["confirm_cost"] = True
    if compose.attachments:
        body["attachments"] = compose.attachments
    offered = content.tools if content else ()
    if set(compose.tools) != set(_registered(offered)):
        body["tools"] = [*(dict(tool) for tool in offered if not tool.get("registered")), *compose.tools]
    if content and is_as_it_was(compose, content):
        if has_its_format(compose, content):
            del parameters["response_format"]  # the version's own, with its name
        body |= {"template_id": compose.template_id, "version": int(compose.template_version)}
        return body | {"variables": values_of(compose, content.variables)}
    if compose.prompt or not compose.attachments:
        body["prompt"] = compose.prompt
    if compose.system_prompt:
        body["system_prompt"] = compose.system_prompt
    if names_in(compose.prompt, compose.system_prompt):
        body["variables"] = values_of(compose, content.variables if content else ())
    return body


def is_as_it_was(compose: Compose, content: Content) -> bool:
    """Whether the form holds the template's own text."""
    return compose.prompt == content.prompt and compose.system_prompt == content.system_prompt


def has_its_format(compose: Compose, content: Content) -> bool:
    """Whether the form's answer format is the one that the template's version asks for itself."""
    if content.response_format is None or not compose.parameters.get("response_format"):
        return False
    own = _parameters({"response_format": content.response_format})
    kind = own["parameters"].get("response_format")
    return bool(kind == compose.parameters["response_format"] and own["schema"] == compose.schema.replace("\r\n", "\n"))


def values_of(compose: Compose, declared: Iterable[Variable]) -> dict[str, Any]:
    """What was typed, by the types that are declared; what was left empty is left out, since it is no value."""
    kinds = {variable.name: variable.type for variable in declared}
    used = {*names_in(compose.prompt, compose.system_prompt), *kinds}
    typed = {name: text for name, text in compose.variables.items() if text != "" and name in used}
    return {name: _value_of(text, kinds.get(name, VariableType.STRING)) for name, text in typed.items()}


def _value_of(text: str, kind: VariableType) -> Any:
    """A JSON value where it is one; else the text itself, for the rules to refuse."""
    if kind == VariableType.STRING:
        return text
    try:
        return orjson.loads(plainly(text) if kind == VariableType.NUMBER else text)
    except orjson.JSONDecodeError:
        return text


def changes_for(execution: PromptExecution, *, model_id: str) -> dict[str, Any]:
    """What is changed in a run that is repeated on another model: that one, and it is not asked twice."""
    parameters = dict(execution.parameters or {})
    if "fallback_models" in parameters:
        parameters["fallback_models"] = [name for name in parameters["fallback_models"] if name != model_id]
    return {"model_id": model_id, "parameters": parameters} if model_id else {}


def errors_by_field(problem: Problem) -> dict[str, str]:
    """The refusal's messages by the field that they stand at."""
    found: dict[str, str] = {}
    for error in problem.errors:
        place = "attachments" if PART_OF_PROMPT.fullmatch(error["field"]) else error["field"]
        if not place.startswith((VARIABLE, ROW)):
            place = next((name for name in FIELDS if _stands_at(place, name)), "")
        found[place] = f"{found[place]} {error['message']}" if place in found else error["message"]
    return found


def _stands_at(field: str, name: str) -> bool:
    return field == name or field.startswith(f"{name}.")


def parameter_errors(errors: Mapping[str, str]) -> dict[str, str]:
    """The ones that stand at a parameter, by its name."""
    prefix = "parameters."
    return {field.removeprefix(prefix): message for field, message in errors.items() if field.startswith(prefix)}


def _shown(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else plain_number(value)


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
