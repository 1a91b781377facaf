"""Whether a prompt is rendered here or by the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_playground_client.errors import NeedsService, Unreachable
from llm_playground_client.prompt import Prompt, prompt_of
from llm_playground_client.rendering.render import render, why_not_here
from llm_playground_client.rendering.values import only_there
from llm_playground_client.template import Template


def rendered_here(template: Template, values: Mapping[str, Any], *, is_away: bool) -> Prompt | None:
    """The prompt, or None when the service is to be asked: for what it alone renders, and rules that it alone asks."""
    is_away = is_away or template.source == "file"
    if why_not_here(template) or (only_there(template.variables, values) and not is_away):
        return rendered_without(template, values) if is_away else None
    return prompt_of(template, render(template, values), only_there(template.variables, values))


def rendered_without(template: Template, values: Mapping[str, Any], away: Unreachable | None = None) -> Prompt:
    """The prompt while the service is away, with the rules that nobody asked; raises NeedsService."""
    if why := why_not_here(template):
        reason = away or "It is away."
        raise NeedsService(f"The service renders {template.slug} itself, since {why}. {reason}") from away
    return prompt_of(template, render(template, values), only_there(template.variables, values))
