"""What an engine is asked to run: a value that is checked, with everything that the model gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from accounts.models import User
from accounts.noting import asking_token
from playground.models import Origin
from providers.base import Message


@dataclass(frozen=True, slots=True)
class Ask:
    """One execution to be. Its rights are judged at its beginning, nothing else is."""

    user: User
    """Who asks: the session must be one that they may run in."""
    origin: Origin
    model_id: str
    request: Mapping[str, Any]
    """What is kept, sealed, of what was asked: prompt (its words), parts (all of it, where it is more), system_prompt,
    messages, context, tools; template (`{"id", "version"}`), variables and source, where it was made of them."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """The caller's own notes."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the service notes of it, in clear."""
    session_id: UUID | None = None
    """None: the user's default session."""
    template_version_id: UUID | None = None
    parent_id: UUID | None = None
    """The turn before this one, in the same session."""
    execution_id: UUID | None = None
    """The id that it must have: asked for twice, it is begun once."""
    is_cost_confirmed: bool = True
    """Whether it may cost what is not spent without asking; doors say what their caller said."""
    token_id: UUID | None = field(default_factory=asking_token)
    """The API token that asked; None for whoever came in otherwise."""
    patience: float = 0.0
    """Seconds that it waits for a model which is left alone for a moment, where no other can be asked."""

    @property
    def max_cost(self) -> Decimal | None:
        """USD that all attempts together may cost."""
        limit = self.parameters.get("max_cost")
        return None if limit is None else Decimal(str(limit))

    def messages(self) -> list[Message]:
        """The messages that the model gets: system prompt with context, earlier turns, the prompt."""
        asked = self.request
        system = asked.get("system_prompt") or ""
        if context := asked.get("context"):
            facts = orjson.dumps(context, option=orjson.OPT_INDENT_2).decode()
            system = f"{system}\n\nContext:\n{facts}".strip()
        messages: list[Message] = [{"role": "system", "content": system}] if system else []
        messages += [dict(message) for message in asked.get("messages", ())]
        if prompt := asked.get("parts") or asked.get("prompt"):
            messages.append({"role": "user", "content": prompt})
        return messages
