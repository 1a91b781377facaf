"""Asks an adapter and keeps what came, the failure included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from providers.base import (
    Adapter,
    Finish,
    ProviderEvent,
    ProviderRequest,
    ReasoningDelta,
    TextDelta,
    Timeouts,
    ToolCall,
    Usage,
)
from providers.errors import Code, ProviderFailure

PATIENT = Timeouts(connect=5, first_byte=10, idle=10, total=20)
# One clock is strict, the others are generous: a busy machine must not make another one strike.
STRICT_FIRST_BYTE = Timeouts(connect=10, first_byte=0.25, idle=10, total=20)
STRICT_IDLE = Timeouts(connect=10, first_byte=10, idle=0.4, total=20)
STRICT_TOTAL = Timeouts(connect=10, first_byte=10, idle=10, total=1.0)
CALCULATOR = {
    "name": "calculator",
    "description": "Computes.",
    "parameters": {"type": "object", "properties": {"expression": {"type": "string"}}},
}
CLOCK = {"name": "clock", "description": "Tells the time.", "parameters": {"type": "object", "properties": {}}}


@dataclass
class Outcome:
    """What one call brought."""

    events: list[ProviderEvent] = field(default_factory=list)
    failure: ProviderFailure | None = None

    @property
    def code(self) -> Code | None:
        return self.failure.code if self.failure else None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def tool_calls(self) -> list[ToolCall]:
        return [event for event in self.events if isinstance(event, ToolCall)]

    @property
    def usage(self) -> Usage | None:
        """The last one: a later count replaces an earlier."""
        found = [event for event in self.events if isinstance(event, Usage)]
        return found[-1] if found else None

    @property
    def finish(self) -> Finish | None:
        found = [event for event in self.events if isinstance(event, Finish)]
        assert len(found) <= 1
        return found[0] if found else None


def request_for(
    model: str,
    text: str = "What is six times seven?",
    *,
    is_streamed: bool = True,
    tools: Sequence[Mapping[str, Any]] = (),
    **parameters: Any,
) -> ProviderRequest:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
    return ProviderRequest(model, messages, parameters, tools, is_streamed)


async def ask(
    adapter: Adapter, model: str, text: str = "What is six times seven?", *, timeouts: Timeouts = PATIENT, **rest: Any
) -> Outcome:
    """Every event of one call; any exception but ProviderFailure is the test's."""
    outcome = Outcome()
    try:
        async for event in adapter.stream(request_for(model, text, **rest), timeouts=timeouts):
            outcome.events.append(event)
    except ProviderFailure as failure:
        outcome.failure = failure
    return outcome
