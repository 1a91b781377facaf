"""A call as the row of an execution."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

import orjson

from accounts.models import User
from playground.gateway.traces.call import Call, Said
from playground.gateway.traces.conventions.values import as_text
from playground.gateway.traces.places import LONGEST, PROJECT, SERVICE
from playground.gateway.traces.span import Span
from playground.models import Origin, PromptExecution, Status
from playground.representation import DETAILS
from playground.tools.calling import COMPLETED, REQUESTED
from providers.catalogue import bill, listing
from providers.errors import Code

SLUGS: Final = {
    "aws.bedrock": "bedrock",
    "aws_bedrock": "bedrock",
    "az.ai.inference": "azure_ai",
    "az.ai.openai": "azure",
    "azure.ai.inference": "azure_ai",
    "azure.ai.openai": "azure",
    "gcp.gemini": "gemini",
    "gcp.gen_ai": "gemini",
    "gcp.vertex_ai": "vertex_ai",
    "google": "gemini",
    "ibm.watsonx.ai": "watsonx",
    "mistral_ai": "mistral",
    "mistralai": "mistral",
    "vertexai": "vertex_ai",
    "x_ai": "xai",
}
"""The conventions' words for providers that we, and the price table, call otherwise."""
REASONS: Final = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_call": "tool_calls",
                  "tool_use": "tool_calls", "function_call": "tool_calls"}  # fmt: skip
ERRORS: Final = (
    (r"429|rate.?limit", Code.RATE_LIMITED),
    (r"401|403|auth|permission", Code.PROVIDER_AUTHENTICATION),
    (r"404|not.?found", Code.MODEL_NOT_FOUND),
    (r"time.?out|deadline", Code.TIMEOUT_TOTAL),
    (r"connect", Code.PROVIDER_UNREACHABLE),
    (r"400|422|invalid|bad.?request", Code.PROVIDER_REFUSED),
)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(minutes=5)
"""By which clocks differ."""
LONGEST_RUN: Final = timedelta(days=365)
LONGEST_MESSAGE: Final = 10_000
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Times:
    """When a call began and ended; `odd` says what of its times could not be."""

    began: datetime
    ended: datetime
    seconds: Decimal | None
    odd: str = ""


def id_of(user: User, span: Span) -> UUID:
    """The same however often the span is sent; of another person's, another one."""
    return uuid5(user.id, f"{span.trace_id}/{span.span_id}")


def service_of(span: Span) -> str:
    """`service.name`; the SDKs' own word for a service that nobody named says nothing."""
    name = as_text(span.resource.get(SERVICE))[:LONGEST]
    return "" if name.startswith("unknown_service") else name


def project_of(span: Span) -> str:
    """The project that the resource names."""
    return as_text(span.resource.get(PROJECT))[:LONGEST]


def times_of(span: Span, *, now: datetime) -> Times:
    """Times that can be: a call neither begins in the future nor ends before it began."""
    began, ended = _moment(span.started), _moment(span.ended)
    if began is None or began > now + AHEAD:
        return Times(now, now, None, "The time at which it began is none that can be: it is that of its arrival.")
    if ended is None or ended < began or ended > now + AHEAD or ended - began > LONGEST_RUN:
        return Times(began, began, None, "The time at which it ended is none that can be: how long it took is unknown.")
    return Times(began, ended, Decimal((ended - began) // timedelta(milliseconds=1)) / 1000)


def execution_of(user: User, session_id: UUID, span: Span, call: Call, *, now: datetime) -> PromptExecution:
    """The row, not yet written."""
    times = times_of(span, now=now)
    model_id = model_of(call)
    failed = span.is_error
    return PromptExecution(
        id=id_of(user, span),
        session_id=session_id,
        user=user,
        origin=Origin.TRACE,
        model_id=model_id,
        request=request_of(call),
        answer=answer_of(call.answers),
        parameters=call.parameters,
        status=Status.FAILED if failed else Status.COMPLETED,
        error_code=error_code(call.error) if failed else "",
        error_message=(span.message or call.error)[:LONGEST_MESSAGE] if failed else "",
        prompt_tokens=call.usage.prompt_tokens or 0,
        completion_tokens=call.usage.completion_tokens or 0,
        execution_time=times.seconds,
        notes=_notes(span, call, times),
        created_at=times.began,
        ended_at=times.ended,
        **_billed(model_id, span, call, times),
    )


def model_of(call: Call) -> str:
    """`provider/model`."""
    given = call.provider.strip().lower()
    slug = re.sub(r"[^a-z0-9_-]+", "-", SLUGS.get(given, given)).strip("-")[:50] or "unknown"
    name = re.sub(r"\s+", "-", call.model.strip())[:LONGEST_NAME] or "unknown"
    return f"{slug}/{name.removeprefix(f'{slug}/') or 'unknown'}"


def request_of(call: Call) -> dict[str, Any]:
    """What was asked, as our own executions keep it: the last message of a user is the prompt."""
    system = "\n\n".join(said.text for said in call.asked if said.role == "system" and said.text)
    rest = [said for said in call.asked if said.role != "system"]
    prompt = ""
    if rest and rest[-1].role == "user":
        prompt = rest.pop().text
    made: dict[str, Any] = {"prompt": prompt}
    if system:
        made["system_prompt"] = system
    if turns := [turn for said in rest if (turn := turn_of(said))]:
        made["messages"] = turns
    if call.tools:
        made["tools"] = call.tools
    return made


def turn_of(said: Said) -> dict[str, Any]:
    """A message in OpenAI's shape; nothing where it says nothing."""
    turn: dict[str, Any] = {"role": said.role, "content": said.text}
    if said.role == "tool":
        return {**turn, "tool_call_id": said.call_id}
    if said.calls and said.role == "assistant":
        calls = [
            {"id": each["id"], "type": "function", "function": {"name": each["name"], "arguments": _written(each)}}
            for each in said.calls
        ]
        return {"role": said.role, "content": said.text or None, "tool_calls": calls}
    return turn if said.text else {}


def answer_of(answers: Sequence[Said]) -> dict[str, Any]:
    """The first choice; `notes` tell how many there were."""
    made: dict[str, Any] = {"response": "\n\n".join(said.text for said in answers[:1] if said.text)}
    if reasoning := "\n\n".join(said.reasoning for said in answers[:1] if said.reasoning):
        made["reasoning"] = reasoning
    if calls := [_entry(each, answers) for said in answers[:1] for each in said.calls]:
        made["tool_executions"] = calls
    return made


def error_code(error: str) -> str:
    """Our word for a failure, where the class of its exception tells."""
    word = error.lower()
    return next((code.value for pattern, code in ERRORS if re.search(pattern, word)), Code.PROVIDER_ERROR.value)


def _entry(call: Mapping[str, Any], answers: Sequence[Said]) -> dict[str, Any]:
    result = next((said for said in answers if said.role == "tool" and said.call_id == call["id"] and call["id"]), None)
    told = {"id": call["id"], "tool_name": call["name"], "arguments": call["arguments"]}
    return {**told, "status": REQUESTED} if result is None else {**told, "status": COMPLETED, "result": result.text}


def _billed(model_id: str, span: Span, call: Call, times: Times) -> dict[str, Any]:
    """Cost by our own prices, where tokens and price are known; else it is told that it is not."""
    info, usage = listing.asked(model_id).info, call.usage
    is_counted = usage.prompt_tokens is not None and usage.completion_tokens is not None
    is_known = is_counted and info.prices_at(times.ended).is_known
    metadata = {**_metadata(span, call), "price_known": is_known}
    details = {name: told for name in DETAILS if (told := getattr(usage, name)) is not None}
    if not is_known:
        return {"metadata": metadata, "billing": {"details": details, "lines": []} if details else None}
    parts = info.billed(usage, at=times.ended).parts
    billing = {"details": details, "lines": [line.as_json() for line in bill.lines_of(parts)]}
    return {"metadata": metadata, "billing": billing, "estimated_cost": bill.total_of(parts)}


def _metadata(span: Span, call: Call) -> dict[str, Any]:
    """What is found in SQL: ids, the service's name and figures."""
    made: dict[str, Any] = {
        "otel_trace": {"trace_id": span.trace_id, "span_id": span.span_id, "service": service_of(span)},
    }
    if call.usage.prompt_tokens is not None or call.usage.completion_tokens is not None:
        made["usage_source"] = "provider"
    if call.first_token is not None:
        made["time_to_first_token"] = round(call.first_token, 6)
    # Whoever sent it chose not to send texts: that is no empty prompt.
    missing = [name for name, is_there in (("prompt", call.has_prompt), ("answer", call.has_answer)) if not is_there]
    return {**made, "texts_not_sent": missing} if missing else made


def _notes(span: Span, call: Call, times: Times) -> dict[str, Any]:
    """What else the span tells, sealed: whoever sent it may have written anything there."""
    reason = call.finish_reason.lower()[:100]
    made = {
        "provider": call.provider[:100],
        "finish_reason": REASONS.get(reason, reason),
        "answered_model": call.answered_model[:LONGEST_NAME] if call.answered_model != call.model else "",
        "span_name": span.name[:LONGEST],
        "response_id": call.response_id[:LONGEST],
        "conversation_id": call.conversation[:LONGEST],
        "odd_time": times.odd,
        "parts_left_out": sum(said.left_out for said in call.asked),
        "choices": len(call.answers) if len(call.answers) > 1 else 0,
    }
    return {name: value for name, value in made.items() if value}


def _moment(nanoseconds: int) -> datetime | None:
    try:
        found = datetime.fromtimestamp(nanoseconds // 1000 / 1_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found >= EARLIEST else None


def _written(call: Mapping[str, Any]) -> str:
    arguments = call["arguments"]
    return arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
