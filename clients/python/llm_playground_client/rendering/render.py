"""From a plain template and values to the messages that are sent, without the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from llm_playground_client.errors import cannot_render
from llm_playground_client.rendering.texts import filled, has_partials, names_in
from llm_playground_client.rendering.values import checked
from llm_playground_client.template import Template

NOT_OF_TEXT: Final = frozenset({"image", "file", "messages"})


def why_not_here(template: Template) -> str:
    """What of a template only the service renders; empty when nothing is."""
    if template.engine != "plain":
        return f"it is written for the engine {template.engine}"
    if kinds := sorted({str(each.get("type")) for each in template.variables} & NOT_OF_TEXT):
        return f"it has variables of type {', '.join(kinds)}"
    if any("placeholder" in each or not isinstance(each["content"], str) for each in template.messages):
        return "its messages hold places or parts"
    if template.source == "file" and any(has_partials(text) for _, text in _texts(template)):
        return "it inserts partials, which a file does not hold"
    return ""


def render(template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """As the service's render answers; a ProblemError names each variable that does not fit."""
    texts = _texts(template)
    values = checked(template.variables, names_in(*(text for _, text in texts)), given)
    written = {field: filled(text, values, field=field) for field, text in texts}
    if not template.messages:
        system = [{"role": "system", "content": written["system_prompt"]}] if written["system_prompt"] else []
        messages = [*system, {"role": "user", "content": written["prompt"]}]
        return {**written, "messages": messages}
    messages = [
        _turn(each["role"], f"messages.{position}.content", written) for position, each in enumerate(template.messages)
    ]
    if all(each["role"] == "system" for each in messages):
        raise cannot_render("With these values there is nothing but system turns.", code="required", field="messages")
    asked = [each["content"] for each in messages if each["role"] == "user"]
    said = [each["content"] for each in messages if each["role"] == "system"]
    return {"prompt": asked[-1] if asked else "", "system_prompt": "\n\n".join(said), "messages": messages}


def _texts(template: Template) -> list[tuple[str, str]]:
    """Every text that may hold variables, with the field that it stands in."""
    if not template.messages:
        return [("prompt", template.prompt), ("system_prompt", template.system_prompt)]
    turns = enumerate(template.messages)
    return [(f"messages.{at}.content", each["content"]) for at, each in turns if isinstance(each.get("content"), str)]


def _turn(role: str, field: str, written: Mapping[str, str]) -> dict[str, str]:
    if not written[field].strip():
        raise cannot_render("It renders to nothing with these values.", code="required", field=field)
    return {"role": role, "content": written[field]}
