"""From a template's content and values to the prompt that is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from templates_app.content import Content, Engine
from templates_app.rendering import jinja, plain
from templates_app.rendering.placeholders import names_in
from templates_app.variables.validation import checked_values


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent, and the values that it was made with (defaults included)."""

    prompt: str
    system_prompt: str
    values: dict[str, Any]


def used_names(content: Content) -> list[str]:
    """The variables that the texts use; a Problem when the texts are no templates of their engine."""
    texts = (content.prompt, content.system_prompt)
    return jinja.names_in(list(texts)) if content.engine == Engine.JINJA2 else names_in(*texts)


def render(content: Content, given: Mapping[str, Any]) -> Rendered:
    """The rendered texts; a Problem names each variable that does not fit (`variables.tone`)."""
    if content.engine == Engine.JINJA2:
        # What is used and not declared is the sandbox's to refuse: it may stand in a branch that is not taken.
        values = checked_values(content.variables, [], given)
        prompt, system_prompt = jinja.render([content.prompt, content.system_prompt], values)
    else:
        values = checked_values(content.variables, used_names(content), given)
        prompt, system_prompt = (plain.render(text, values) for text in (content.prompt, content.system_prompt))
    return Rendered(prompt, system_prompt, values)
