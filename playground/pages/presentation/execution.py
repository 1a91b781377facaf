"""An execution as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from foundation.presentation.rating import Choice, thumbs
from foundation.words import NOT_KNOWN, money, number, seconds
from playground.models import Origin, PromptExecution, Status
from playground.pages import markdown
from playground.pages.presentation.attachments import AttachmentView, views_of
from playground.pages.presentation.bill import BillLine, bill_of
from playground.pages.presentation.failure import FailureView
from playground.pages.presentation.model import ModelView
from playground.pages.presentation.parameters import LABELS
from playground.pages.presentation.tools import RoundView, ToolCallView, calls_before, readable, rounds_of
from playground.together import Kind, noted
from providers.errors import Code

SHORT = 400
"""Characters of a prompt that is shown whole above its answer."""
FEW_LINES = 6
NOT_THE_MODEL = {Code.INTERRUPTED, Code.STORAGE_UNAVAILABLE, Code.ARTIFACT_UNAVAILABLE}
"""Failures for which another model is no remedy."""


@dataclass(frozen=True)
class Fact:
    """One figure under an answer."""

    name: str
    value: str
    lines: Sequence[BillLine] = ()
    """What it opens into."""


@dataclass(frozen=True)
class ProviderToolView:
    """A tool that the provider ran: what it was given and what it brought, as readable JSON."""

    name: str
    arguments: str
    result: str

    @classmethod
    def of(cls, use: Mapping[str, Any]) -> ProviderToolView:
        """One of the answer's `provider_tools`."""
        call = ToolCallView.of(use)
        result = use.get("result")
        return cls(call.name, call.arguments, "" if result is None else readable(result))


class ExecutionView:
    """An execution as the page shows it."""

    def __init__(self, execution: PromptExecution, *, thread: Any = None) -> None:
        self.execution = execution
        self.thread = thread  # a `thread.Thread`, which is made of such views
        """The turns before it, where the page shows them."""
        self.thumb = ""
        """What the reader thought of it: up, down, or nothing yet."""
        self.others: Sequence[ModelView] = ()
        """Of a failed run: models that the reader may have it run with instead."""
        self.id = execution.id
        self.model_id = execution.model_id
        self.created_at: datetime = execution.created_at
        self.status = Status(execution.status)
        self.request: Mapping[str, Any] = execution.request or {}
        self.answer: Mapping[str, Any] = execution.answer or {}
        self.metadata: Mapping[str, Any] = execution.whole_metadata

    @property
    def thumbs(self) -> list[Choice]:
        """What may be said of it, with what the reader has said."""
        return thumbs(self.thumb)

    @property
    def is_live(self) -> bool:
        """Whether more is to come."""
        return not self.status.is_final

    @property
    def prompt(self) -> str:
        """The prompt as it was written."""
        return str(self.request.get("prompt") or "")

    @property
    def may_edit_answer(self) -> bool:
        """Whether a conversation may go on with another answer in the place of this one."""
        return self.status == Status.COMPLETED and bool(self.response) and not self.is_too_long_to_render

    @property
    def is_prompt_long(self) -> bool:
        """Whether it would take more of the page than its answer."""
        return len(self.prompt) > SHORT or self.prompt.count("\n") >= FEW_LINES

    @property
    def prompt_beginning(self) -> str:
        """Its first words, on one line."""
        return " ".join(self.prompt[:SHORT].split())

    @property
    def attachments(self) -> list[AttachmentView]:
        """The pictures and files that went with the prompt."""
        return views_of(self.request.get("parts") or ())

    @property
    def all_parts(self) -> list[Mapping[str, Any]]:
        """The parts of its prompt and of the turns before it."""
        contents = [self.request.get("parts"), *(turn.get("content") for turn in self.request.get("messages") or ())]
        return [part for content in contents if isinstance(content, list) for part in content]

    @property
    def messages(self) -> Sequence[Any]:
        """Earlier turns that a caller of the API sent along; those of a conversation here stand in `thread`."""
        return () if self.execution.parent_id else self.request.get("messages") or ()

    @property
    def template(self) -> Mapping[str, Any] | None:
        """The version that was run: its template's id, and its number."""
        return self.request.get("template")

    @property
    def repetition(self) -> Mapping[str, Any] | None:
        """Where it was asked for several times at once: that repetition's id, its own number, and of how many."""
        return noted(self.execution, Kind.REPETITION)

    @property
    def row(self) -> Mapping[str, Any] | None:
        """The same where it was asked for with one of several rows of values."""
        return noted(self.execution, Kind.ROWS)

    @property
    def elsewhere(self) -> Mapping[str, Any] | None:
        """Where it was made, if not here: `service`, `trace_id`, `span_id`."""
        return self.metadata.get("otel_trace") if self.execution.origin == Origin.TRACE else None

    @property
    def not_sent(self) -> str:
        """Which of its texts whoever told of it has kept to themselves."""
        return " and ".join(map(str, self.metadata.get("texts_not_sent") or ())) if self.elsewhere else ""

    @property
    def odd_time(self) -> str:
        """What of the times that were told could not be."""
        return str(self.metadata.get("odd_time") or "") if self.elsewhere else ""

    @property
    def response(self) -> str:
        """The words that came."""
        return str(self.answer.get("response") or "")

    @property
    def reasoning(self) -> str:
        """What the model thought aloud."""
        return str(self.answer.get("reasoning") or "")

    @cached_property
    def rendered(self) -> SafeString | None:
        """The answer as safe HTML; None while it comes, or when it is too long."""
        return markdown.rendered(self.response) if self.response and not self.is_live else None

    @property
    def is_too_long_to_render(self) -> bool:
        """Whether the answer is shown as it came because of its length."""
        return len(self.response) > markdown.MAX_CHARACTERS

    @cached_property
    def failure(self) -> FailureView | None:
        """Why it failed; None where it did not."""
        return FailureView(self.execution) if self.status == Status.FAILED else None

    @property
    def sentence(self) -> str:
        """Why it failed, for a person, in one sentence."""
        return self.failure.cause if self.failure else ""

    @property
    def can_another_model_help(self) -> bool:
        """Whether the same prompt may work elsewhere."""
        return self.status == Status.FAILED and self.execution.error_code not in NOT_THE_MODEL

    @property
    def fallbacks_left(self) -> Sequence[str]:
        """Models that were named as fallbacks and not asked: once an answer has begun, no other model is."""
        has_begun = bool(self.response or self.reasoning)
        return (self.execution.parameters or {}).get("fallback_models") or () if has_begun else ()

    @property
    def tool_calls(self) -> list[ToolCallView]:
        """The tools that the model called, and did not go on after."""
        calls = self.answer.get("tool_executions") or ()
        return [ToolCallView.of(call) for call in calls if "round" not in call]

    @property
    def rounds(self) -> list[RoundView]:
        """What it said and called before its answer."""
        return rounds_of(self.answer)

    @property
    def gone_on_after(self) -> list[ToolCallView]:
        """Calls of the run before it that this one goes on after, with their results as they were given."""
        return calls_before(self.request.get("messages") or ()) if self.metadata.get("resumes") else []

    @property
    def awaiting(self) -> list[ToolCallView]:
        """Calls that wait to be allowed by a person."""
        return [call for call in self.tool_calls if call.is_awaiting]

    @property
    def provider_tools(self) -> list[ProviderToolView]:
        """The tools that the provider ran itself."""
        return [ProviderToolView.of(use) for use in self.answer.get("provider_tools") or ()]

    @property
    def age(self) -> str:
        """How long ago it was started."""
        return "just now" if self.elapsed_ms < 60_000 else f"{timesince(self.created_at, depth=1)} ago"

    @property
    def elapsed_ms(self) -> int:
        """How long it has been running, by the server's clock."""
        return max(0, int((timezone.now() - self.created_at).total_seconds() * 1000))

    @property
    def cost(self) -> str:
        """What it cost, or that nobody knows the price."""
        cost, is_known = self.execution.estimated_cost, self.metadata.get("price_known")
        return NOT_KNOWN if is_known is False or (is_known is None and not cost) else money(cost)

    @property
    def duration(self) -> str:
        """Wall-clock time of the run."""
        taken = self.execution.execution_time
        return "" if taken is None else seconds(taken)

    @property
    def facts(self) -> list[Fact]:
        """The line under the answer; what is not known is left out."""
        shown = (
            ("First token", self._first_token()),
            ("Duration", self.duration),
            ("Tokens in / out", self._tokens()),
            ("Speed", self._speed()),
            ("Cost", self.cost),
            ("Finish", str(self.metadata.get("finish_reason") or "")),
        )
        return [Fact(name, value, self.bill if name == "Cost" else ()) for name, value in shown if value]

    @property
    def bill(self) -> list[BillLine]:
        """What the cost opens into."""
        return bill_of(self.execution)

    @property
    def technical(self) -> list[Fact]:
        """Details for whoever has to find the cause."""
        shown = (
            ("Code", self.execution.error_code),
            ("Provider", str(self.metadata.get("provider") or "")),
            ("Attempts", str(self.metadata.get("attempts") or "")),
            ("Request id", str(self.metadata.get("request_id") or "")),
            ("Execution id", str(self.id)),
            ("Trace", str((self.elsewhere or {}).get("trace_id") or "")),
            ("Span", str((self.elsewhere or {}).get("span_id") or "")),
        )
        return [Fact(name, value) for name, value in shown if value]

    @property
    def fits_schema(self) -> bool | None:
        """Whether the answer is what its response_format asked for; None where nothing can be said, or was asked."""
        return self.metadata.get("schema_valid")

    @property
    def misfit(self) -> str:
        """What of the answer does not fit, or why it could not be checked."""
        error = self.metadata.get("schema_error") or {}
        return ": ".join(filter(None, (str(error.get("pointer") or ""), str(error.get("message") or ""))))

    @property
    def dropped_parameters(self) -> str:
        """Parameters that the model did not get."""
        return ", ".join(LABELS.get(name, name) for name in self.metadata.get("dropped_parameters") or ())

    @property
    def not_sent_as_set(self) -> list[Fact]:
        """Why the model got a parameter not, or otherwise than it was set."""
        reasons = self.metadata.get("dropped_reasons")
        told = reasons.items() if isinstance(reasons, dict) else ()
        return [Fact(LABELS.get(str(name), str(name)), str(why)) for name, why in sorted(told)]

    def _first_token(self) -> str:
        value = self.metadata.get("time_to_first_token")
        return "" if value is None else seconds(value)

    def _tokens(self) -> str:
        tokens_in, tokens_out = self.execution.prompt_tokens, self.execution.completion_tokens
        return f"{number(tokens_in)} / {number(tokens_out)}" if tokens_in or tokens_out else ""

    def _speed(self) -> str:
        taken, first = self.execution.execution_time, self.metadata.get("time_to_first_token")
        if taken is None or first is None or self.execution.completion_tokens < 2:
            return ""
        writing = float(taken) - float(first)
        return f"{number(round((self.execution.completion_tokens - 1) / writing))} tokens/s" if writing > 0.01 else ""
