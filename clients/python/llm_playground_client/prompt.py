"""A rendered prompt: what is sent to a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_playground_client.template import Source, Template


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent, in OpenAI's words (`messages`), and what the version says of the rest of the call."""

    prompt: str
    system_prompt: str
    messages: Sequence[Mapping[str, Any]] = field(repr=False)
    slug: str
    template_id: str
    version: int
    source: Source
    model_id: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tools: Sequence[Mapping[str, Any]] = ()
    response_format: Mapping[str, Any] | None = None
    unchecked: Sequence[str] = ()
    """Rules that only the service can ask, and did not since it is away: `pattern of code`."""

    def __str__(self) -> str:
        return self.prompt


def prompt_of(template: Template, rendered: Mapping[str, Any], unchecked: Sequence[str] = ()) -> Prompt:
    """The prompt that a template came to; `rendered` is as the service's render answers."""
    return Prompt(
        prompt=rendered["prompt"],
        system_prompt=rendered.get("system_prompt") or "",
        messages=rendered["messages"],
        slug=template.slug,
        template_id=template.id,
        version=template.version,
        source=template.source,
        model_id=template.shape.get("model_id") or None,
        parameters=template.shape.get("default_parameters") or {},
        tools=template.shape.get("tools") or (),
        response_format=template.shape.get("response_format"),
        unchecked=tuple(unchecked),
    )
