"""What a run's provider is asked in place of what was asked (privacy.masking), and its answer as it was meant."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from foundation.problems import FieldError, invalid
from playground.attachments import references
from playground.engine.ask import Ask
from playground.models import PromptExecution
from privacy.masking.looking_up import detector_of
from privacy.masking.placeholders import Placeholders
from privacy.masking.restoring import Restorer, json_text
from privacy.masking.rules import Detector
from privacy.masking.sending import Asked, Masked, masked
from providers.base import (
    Finish,
    Message,
    ProviderEvent,
    ProviderToolUse,
    ReasoningDelta,
    TextDelta,
    TextWasReasoning,
    ToolCall,
    ToolCallPart,
)
from providers.parts import counting

LONG: Final = 50_000
"""Characters from which on a thread looks through them: the loop has others to serve."""


async def masked_for(project_id: str, ask: Ask) -> Masked | None:
    """What is sent of it; None where its project has nothing masked. Raises a Problem where a file cannot be, or where
    the rules cannot be read."""
    detector = await detector_of(project_id)
    if detector is None:
        return None
    _check_files(ask, detector)
    messages = ask.messages()
    asked = Asked(messages, ask.request.get("tools") or (), ask.parameters)
    if counting.characters(messages) > LONG:
        return await asyncio.to_thread(masked, asked, detector)
    return masked(asked, detector)


def _check_files(ask: Ask, detector: Detector) -> None:
    if detector.takes_files:
        return
    reason = "This project masks what it sends, and a picture or file cannot be masked."
    if errors := [FieldError(field, "not_maskable", reason) for field, _ in references.placed(ask.request)]:
        raise invalid(errors)


def facts_of(masking: Masked | None, ask: Ask) -> dict[str, Any]:
    """What metadata tell of it: kinds and counts; nothing where nothing is masked in its project."""
    if masking is None:
        return {}
    files = sum(1 for _ in references.placed(ask.request))
    return {"masked": dict(masking.placeholders.counts), **({"unmasked_files": files} if files else {})}


def sent_of(record: PromptExecution, messages: Sequence[Message], masking: Masked | None, *, round: int = 0) -> Asked:
    """What a provider gets to read of an execution, after `round` rounds of tools."""
    sent = Asked(messages, record.request.get("tools", ()), record.parameters) if masking is None else masking.sent
    if round and sent.parameters.get("tool_choice") not in (None, "auto", "none"):
        # It has called what it had to: forced for ever, it would never answer.
        sent = replace(sent, parameters={**sent.parameters, "tool_choice": "auto"})
    return sent


class Answer:
    """The events of one attempt, with the values in place of their placeholders."""

    def __init__(self, placeholders: Placeholders, parameters: Mapping[str, Any]) -> None:
        self._placeholders = placeholders
        wanted = parameters.get("response_format")
        kind = wanted.get("type") if isinstance(wanted, Mapping) else wanted
        self._text = Restorer(placeholders, is_json=kind in ("json_object", "json_schema"))
        self._reasoning = Restorer(placeholders)
        self._calls: dict[int, tuple[ToolCallPart, Restorer]] = {}

    def take(self, event: ProviderEvent) -> Iterator[ProviderEvent]:
        """What can be told of it by now, and of those before."""
        match event:
            case TextDelta():
                yield from _told(event, self._text.take(event.text))
            case ReasoningDelta():
                yield from _told(event, self._reasoning.take(event.text))
            case TextWasReasoning():
                yield from _told(TextDelta(""), self._text.rest())
                yield event
            case ToolCallPart():
                _, growing = self._calls.get(event.position) or (event, self._restorer())
                self._calls[event.position] = event, growing
                yield replace(event, arguments=growing.take(event.arguments))
            case ToolCall():
                self._calls = {}
                yield replace(event, arguments=json_text(event.arguments, self._placeholders))
            case ProviderToolUse():
                result = event.result and json_text(event.result, self._placeholders)
                arguments = json_text(event.arguments, self._placeholders)
                yield replace(event, arguments=arguments, result=result)
            case Finish():
                yield from self.rest()
                yield event
            case _:
                yield event

    def rest(self) -> Iterator[ProviderEvent]:
        """What was held back, which nothing follows."""
        yield from _told(ReasoningDelta(""), self._reasoning.rest())
        yield from _told(TextDelta(""), self._text.rest())
        for last, growing in self._calls.values():
            if held := growing.rest():
                yield replace(last, arguments=held)
        self._calls = {}

    def _restorer(self) -> Restorer:
        return Restorer(self._placeholders, is_json=True)


def _told(event: TextDelta | ReasoningDelta, text: str) -> Sequence[ProviderEvent]:
    return [replace(event, text=text)] if text else []
