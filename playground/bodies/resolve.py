"""What a body means before it is sent: its template rendered, its earlier turns put in front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, Problem, invalid, not_found
from playground.bodies.conversation import faults_of
from playground.bodies.parts import taken_apart
from playground.engine.ask import Ask
from playground.models import Origin, PromptExecution, Status
from playground.tools.turns import turns_of_answer
from templates_app.content import Content, Variable
from templates_app.lookup import chosen, runnable
from templates_app.models import TemplateVersion
from templates_app.partials.expanding import Expanded, expanded
from templates_app.rendering.placeholders import names_in
from templates_app.rendering.render import Rendered, render_soon
from templates_app.splits.routing import routed
from templates_app.variables.validation import type_of

MOST_MESSAGES: Final = 500


SPLIT: Final = frozenset({Origin.PERSON, Origin.SERVICE})
"""Whose calls take part in a split; a comparison is an experiment of its own."""
KEPT: Final = ("prompt", "parts", "system_prompt", "messages", "context", "tools", "template", "variables", "source")
"""What of a body is kept as what was asked."""


async def resolve(user: User, body: Mapping[str, Any], *, origin: Origin, is_template_first: bool = False) -> Ask:
    """What a checked body asks for, with template and parent resolved; a Problem names what does not hold.

    The body's messages stand before a template's turns, or in the place of those of a whole call; behind all of them
    where the template comes first.
    """
    whole, session_id, version_id = taken_apart(body), body.get("session_id"), None
    facts: dict[str, Any] = {}
    if "template_id" in body:
        version, made_of, exposure = await in_database_thread(_version, user, body, origin)
        version_id = version.id
        if exposure:
            facts["traffic_split"] = exposure
        whole |= await _rendered(version, made_of, body, is_first=is_template_first)
        if "parts" in whole and "prompt" in whole:
            whole["parts"] = [*whole["parts"], {"type": "text", "text": whole["prompt"]}]
    elif "variables" in body and "prompt" in body:
        whole |= await _filled(whole)
    if "parent_id" in body:
        parent = await in_database_thread(parent_of, user, body["parent_id"], session_id=body.get("session_id"))
        session_id = parent.session_id
        whole = _continued(parent, whole)
    if faults := faults_of(whole):
        raise invalid(faults)
    return Ask(
        user=user,
        origin=origin,
        model_id=whole["model_id"],
        request={name: whole[name] for name in KEPT if name in whole},
        parameters=whole.get("parameters", {}),
        metadata=whole.get("metadata", {}),
        session_id=session_id,
        template_version_id=version_id,
        parent_id=body.get("parent_id"),
        facts=facts,
        is_cost_confirmed=body.get("confirm_cost", False),
    )


def _version(
    user: User, body: Mapping[str, Any], origin: Origin
) -> tuple[TemplateVersion, Expanded, dict[str, Any] | None]:
    """The version with all that it is made of, and its exposure where a split of the label chose it."""
    template = runnable(user, body["template_id"])
    if "label" in body and origin in SPLIT:
        made = routed(template, body["label"], key=_sticky_key(user, body, origin))
        return made.version, expanded(made.version), made.exposure
    version = chosen(template, number=body.get("version"), label=body.get("label"))
    return version, expanded(version), None


def _sticky_key(user: User, body: Mapping[str, Any], origin: Origin) -> str | None:
    """What gets the same version: the caller's key, else the session, else the person; other calls have none."""
    if "sticky_key" in body:
        return f"key:{body['sticky_key']}"
    if "session_id" in body:
        return f"session:{body['session_id']}"
    return f"user:{user.id}" if origin == Origin.PERSON else None


async def _rendered(
    version: TemplateVersion, made_of: Expanded, body: Mapping[str, Any], *, is_first: bool
) -> dict[str, Any]:
    content = made_of.content
    rendered = await render_soon(content, body.get("variables", {}))
    has_more = is_first and body.get("messages")
    if not has_more and not any(
        message["role"] != "system" and _is_said(message["content"]) for message in rendered.messages
    ):
        raise invalid([FieldError("template_id", "required", "The template renders to nothing with these values.")])
    made = {
        **(_said_first(rendered, body) if is_first else _said(content, rendered, body)),
        "parameters": {**content.parameters, **body.get("parameters", {})},
        "template": {
            "id": str(version.template_id),
            "version": version.number,
            **({"partials": made_of.as_json()} if made_of.versions else {}),
            **({"own_messages": True} if content.messages and "messages" in body and not is_first else {}),
        },
        "variables": rendered.values,
    }
    if content.tools and "tools" not in body:
        made["tools"] = [dict(tool) for tool in content.tools]
    if "model_id" not in body:
        made["model_id"] = _model_of(content)
    return made


def _said(content: Content, rendered: Rendered, body: Mapping[str, Any]) -> dict[str, Any]:
    """The template's turns as a request keeps them: what the system says, earlier turns, and a last one of the user's
    as its prompt. The body wins: its messages stand in the place of those of a whole call.
    """
    made: dict[str, Any] = {}
    if rendered.system_prompt and "system_prompt" not in body and not (content.messages and "messages" in body):
        made["system_prompt"] = rendered.system_prompt
    turns = [message for message in rendered.messages if message["role"] != "system"]
    last = turns[-1]
    has_prompt = last["role"] == "user" and isinstance(last["content"], str)
    if content.messages and "messages" in body:
        return made
    if has_prompt:
        made["prompt"] = turns.pop()["content"]
    if turns:
        made["messages"] = [*body.get("messages", ()), *turns]
    return made


def _said_first(rendered: Rendered, body: Mapping[str, Any]) -> dict[str, Any]:
    """The template's turns, and the body's messages behind them; a last one of the user's is the prompt."""
    turns = [message for message in rendered.messages if message["role"] != "system"]
    turns += body.get("messages", ())
    made: dict[str, Any] = {"messages": turns}
    if rendered.system_prompt:
        made["system_prompt"] = rendered.system_prompt
    if turns[-1]["role"] == "user" and isinstance(turns[-1]["content"], str):
        made["prompt"] = turns.pop()["content"]
    return made


def _is_said(content: str | list[dict[str, Any]]) -> bool:
    return bool(content.strip() if isinstance(content, str) else content)


def _model_of(content: Content) -> str:
    if not content.model_id:
        message = "This version of the template names no model: name one."
        raise invalid([FieldError("model_id", "required", message)])
    return content.model_id


async def _filled(body: Mapping[str, Any]) -> dict[str, Any]:
    """A prompt of one's own with variables in it: each has the type of its value."""
    values = body["variables"]
    declared = tuple(Variable(name, type_of(value)) for name, value in values.items())
    source = {"prompt": body["prompt"], "system_prompt": body.get("system_prompt", "")}
    rendered = await render_soon(Content(**source, variables=declared), values)
    made: dict[str, Any] = {"prompt": rendered.prompt, "variables": rendered.values, "source": source}
    if "parts" in body:
        made["parts"] = [await _filled_part(part, declared, values) for part in body["parts"]]
    return made | ({"system_prompt": rendered.system_prompt} if "system_prompt" in body else {})


async def _filled_part(part: dict[str, Any], declared: tuple[Variable, ...], values: Any) -> dict[str, Any]:
    if part["type"] != "text":
        return part
    names = names_in(part["text"], "")
    used = tuple(variable for variable in declared if variable.name in names)
    rendered = await render_soon(
        Content(prompt=part["text"], variables=used), {variable.name: values[variable.name] for variable in used}
    )
    return {**part, "text": rendered.prompt}


def parent_of(user: User, parent_id: UUID | str, *, session_id: UUID | None = None) -> PromptExecution:
    """The turn that another is to follow, in `session_id` where one is named; a Problem says why it cannot."""
    found = PromptExecution.objects.visible_to(user).filter(id=parent_id).first()
    if found is None:
        raise not_found("The execution of parent_id")
    if session_id not in (None, found.session_id):
        message = "A conversation stays in its session: this turn belongs to another one."
        raise invalid([FieldError("parent_id", "other_session", message)])
    if not Status(found.status).is_final:
        raise Problem(409, "parent_running", "The turn before this one has not ended yet.")
    return found


def _continued(parent: PromptExecution, body: dict[str, Any]) -> dict[str, Any]:
    earlier = turns_up_to(parent)
    if len(earlier) > MOST_MESSAGES:
        message = f"The conversation has more than {MOST_MESSAGES} messages: branch from an earlier turn."
        raise invalid([FieldError("parent_id", "too_long", message)])
    system = body.get("system_prompt", parent.request.get("system_prompt"))
    return {**body, "messages": [*earlier, *body.get("messages", ())], **({"system_prompt": system} if system else {})}


def turns_up_to(execution: PromptExecution) -> list[dict[str, Any]]:
    """The conversation up to and with this execution's answer."""
    asked, answer = execution.request, execution.answer or {}
    turns = list(asked.get("messages", []))
    if prompt := asked.get("parts") or asked.get("prompt"):
        turns.append({"role": "user", "content": prompt})
    return turns + turns_of_answer(answer)
