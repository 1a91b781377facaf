"""One execution in flight: what was asked, what came so far, and how it ended."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from foundation.problems import Problem
from playground.attachments.references import ids_in
from playground.engine import lifecycle, structure
from playground.engine.draft import Draft
from playground.engine.lifecycle import Beginning, Ending
from playground.engine.masking import Answer, sent_of
from playground.engine.reservation import Reserve
from playground.engine.tally import Tally
from playground.models import Origin, PromptExecution, Status
from playground.representation import DETAILS, usage_json
from playground.stream.publisher import Outlet
from playground.tools.tool import Progress, Tool
from playground.tools.turns import turns_of
from privacy.masking.sending import Asked, Masked
from providers.base import Finish, Message, ProviderEvent, TextWasReasoning, Usage
from providers.catalogue import bill
from providers.catalogue.info import ModelInfo
from providers.parts import counting

MILLISECOND = Decimal("0.001")
ONE_WORD = re.compile(r"[\w.:/-]{1,50}")
ONE_NAME = re.compile(r"[\w.:/@+-]{1,255}")


class Run:
    """The run's memory. `record` is the row as it will be; nothing here waits for anything."""

    def __init__(
        self,
        record: PromptExecution,
        *,
        model: ModelInfo,
        outlet: Outlet,
        messages: list[Message],
        is_streamed: bool,
    ) -> None:
        self.record = record
        self.model = model
        """The model that is being asked."""
        self.outlet = outlet
        self.messages = messages
        self.masking: Masked | None = None
        """What is sent in place of what was asked, in a project that masks."""
        self.tools: Mapping[str, Tool] = {}
        """The registered tools that it offers, by name."""
        self.rounds = 0
        """Answers that called tools which were run, and that the model has read."""
        self.is_streamed = is_streamed
        self.patience = 0.0
        """Seconds that it may wait for a model which is left alone."""
        self.has_shown = False
        self.is_cancelled = False
        self.attempts = 0
        self.finish: Finish | None = None
        self.stored: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        """The execution in JSON once its end is stored; a Problem when it cannot be for long."""
        self.tally = Tally()
        """What the provider has counted."""
        self._draft = Draft(outlet)
        self._started_at = self._asked_at = time.monotonic()
        self._first_token_at: float | None = None
        self._cached_usage: Usage | None = None
        self._answer: Answer | None = None
        """What puts masked values back."""

    @property
    def id(self) -> UUID:
        """The execution's id."""
        return self.record.id

    @property
    def origin(self) -> Origin:
        """Who or what had it made."""
        return Origin(self.record.origin)

    @property
    def sent(self) -> Asked:
        """What a provider gets to read of it."""
        return sent_of(self.record, self.messages, self.masking, round=self.rounds)

    @property
    def is_whole(self) -> bool:
        """Whether the provider said why it ended, and nothing against it: an answer without a reason may be a stump."""
        finish = self.finish
        return finish is not None and finish.is_said and finish.reason != "error" and finish.error is None

    def beginning(self) -> Beginning:
        """The row to insert."""
        record = self.record
        return Beginning(
            id=record.id,
            session_id=record.session_id,
            user_id=record.user_id,
            model_id=record.model_id,
            request=lifecycle.sealed(record.id, "request", record.request),
            parameters=lifecycle.sealed(record.id, "parameters", record.parameters),
            notes=lifecycle.sealed(record.id, "notes", record.notes),
            status=Status(record.status),
            metadata=record.metadata,
            created_at=record.created_at,
            runner_id=record.runner_id,  # type: ignore[arg-type]
            parent_id=record.parent_id,
            template_version_id=record.template_version_id,
            comparison_id=record.comparison_id,
            comparison_position=record.comparison_position,
            origin=self.origin,
            max_cost=record.max_cost,
            reserved_cost=record.reserved_cost,
            reserved_tokens=record.reserved_tokens,
            attachment_ids=tuple(ids_in(record.request)),
        )

    def say_started(self) -> None:
        """The first event."""
        record = self.record
        self.outlet.say(
            "started",
            {
                "execution_id": record.id,
                "session_id": record.session_id,
                "model_id": record.model_id,
                "timestamp": record.created_at,
            },
            can_wait=not self.is_streamed,
        )

    def take(self, event: ProviderEvent) -> None:
        """Keeps what the provider sent, and says what readers may see of it."""
        for each in self._answer.take(event) if self._answer else (event,):
            self._take(each)

    def take_rest(self) -> None:
        """Nothing more comes of this attempt: what may have been the beginning of a placeholder is none."""
        for each in self._answer.rest() if self._answer else ():
            self._take(each)

    def _take(self, event: ProviderEvent) -> None:
        if isinstance(event, Usage):
            self.tally.take(event, written=self._draft.written)
            self.outlet.tally = self.tally.as_json
        elif isinstance(event, Finish):
            self.finish = _printable(event)
        else:
            if not isinstance(event, TextWasReasoning):
                self._showing()
            self._draft.take(event)

    def begin_attempt(self) -> None:
        """The model is being called: what was counted of an earlier call is that one's."""
        self.attempts += 1
        self._asked_at = time.monotonic()
        self.tally.begin(self.model)
        if self.masking is not None:
            self._answer = Answer(self.masking.placeholders, self.record.parameters)

    def _showing(self) -> None:
        if not self.has_shown:
            self.has_shown = True
            # Of an answer that comes whole, its end would be called its first token.
            if self.is_streamed and self._first_token_at is None:
                self._first_token_at = time.monotonic()

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls of this round that have come whole, as entries of `tool_executions`."""
        return self._draft.calls

    def take_outcome(self, entry: dict[str, Any], outcome: dict[str, Any]) -> None:
        """Keeps what a call of a tool came to, and lets readers know."""
        self._draft.take_outcome(entry, outcome)

    def tell_progress(self, entry: dict[str, Any], progress: Progress) -> None:
        """Lets readers know how far a call of a tool has come; it is not kept."""
        told = {"id": entry["id"], "tool_name": entry["tool_name"], **asdict(progress)}
        self.outlet.say("tool_progress", told)

    def take_round(self, said: Mapping[str, Any]) -> None:
        """Goes on where an earlier execution stopped: with this round of it, whose calls were allowed."""
        self._draft.take_round(said)

    def end_round(self, model: ModelInfo) -> Reserve:
        """The model has answered with calls, and is paid as `model`; what that cost."""
        self.outlet.tally = self.tally.as_json
        return self.tally.end_round(
            asked=counting.about(self.messages), written=self._draft.written, at=datetime.now(UTC), model=model
        )

    def begin_round(self) -> None:
        """The model reads what its calls came to, and answers again."""
        self.messages += turns_of(self._draft.text, self.calls)
        if self.masking is not None:
            self.masking = self.masking.again(
                Asked(self.messages, self.record.request.get("tools", ()), self.record.parameters)
            )
        self._draft.begin_round()
        self.rounds += 1
        self.has_shown, self.finish = False, None

    def take_cached(self, answer: dict[str, Any], usage: Usage, finish_reason: str) -> None:
        """Takes an earlier equal answer as this run's own, which costs nothing."""
        self._showing()
        self._draft.take_whole(answer)
        self._cached_usage = usage
        self.finish = Finish(finish_reason)
        self.record.metadata["cached"] = True

    def end(self, status: Status, *, code: str, message: str, model: ModelInfo) -> None:
        """Writes the end into the record, priced as `model`, and says the usage."""
        record, now = self.record, time.monotonic()
        record.status = status
        record.error_code, record.error_message = code, message
        record.ended_at = datetime.now(UTC)
        record.execution_time = _milliseconds(now - self._started_at)
        record.answer = self._draft.as_json()
        reason = self.finish.reason if self.finish and status == Status.COMPLETED else None
        structure.judge(record.parameters, record.answer, record.metadata, finish_reason=reason)
        self._count(model)
        record.metadata |= {
            "time_to_first_token": None
            if self._first_token_at is None
            # Rounded as `execution_time` is: a part of a time must never look longer than the whole.
            else float(_milliseconds(self._first_token_at - self._started_at)),
            "attempts": self.attempts,
            # Without what came before its last attempt: a queue, a rest, attempts in vain.
            "answer_time": float(_milliseconds(now - self._asked_at)),
            "finish_reason": self.finish.reason if self.finish else None,
        }
        if self.rounds:
            record.metadata["tool_rounds"] = self.rounds
        if self.finish and self.finish.provider_reason:
            record.metadata["provider_finish_reason"] = self.finish.provider_reason
        if self.finish and (error := self.finish.error):
            # Its words may quote: they are sealed with the answer.
            record.answer["late_error"] = {"code": error.code.value, "message": error.detail}
        self.outlet.say("usage", usage_json(record))

    def _count(self, model: ModelInfo) -> None:
        record = self.record
        # An answer out of the cache costs nothing, whatever its model does.
        record.metadata["price_known"] = model.price_known or self._cached_usage is not None
        if (cached := self._cached_usage) is not None:
            record.prompt_tokens, record.completion_tokens = cached.prompt_tokens or 0, cached.completion_tokens or 0
            details = {name: told for name in DETAILS if (told := getattr(cached, name)) is not None}
            record.billing = {"details": details, "lines": []}
            record.metadata["usage_source"] = "provider"
            return
        if self.tally.model is None:
            return
        counted = self.tally.counted(
            # A call that showed nothing before it failed is taken as not billed.
            asked=counting.about(self.messages) if self.has_shown else 0,
            written=self._draft.written,
            is_whole=self.finish is not None,
            at=record.ended_at or datetime.now(UTC),
            model=model,
        )
        record.prompt_tokens = counted.usage.prompt_tokens or 0
        record.completion_tokens = counted.usage.completion_tokens or 0
        record.estimated_cost = bill.total_of(counted.parts)
        record.billing = counted.billing()
        record.metadata |= counted.notes()

    def give_up_storing(self, problem: Problem) -> None:
        """Tells a waiting caller that the end is not stored, unless it was told something already."""
        if not self.stored.done():
            self.stored.set_exception(problem)
            # Nobody may be waiting: that is no forgotten error.
            self.stored.exception()

    def ending(self, last_event: int) -> Ending:
        """The row's end, to store."""
        record = self.record
        return Ending(
            id=record.id,
            model_id=record.model_id,
            status=Status(record.status),
            answer=lifecycle.sealed(record.id, "answer", record.answer),
            error_code=record.error_code,
            error_message=lifecycle.sealed(record.id, "error_message", record.error_message),
            prompt_tokens=record.prompt_tokens,
            completion_tokens=record.completion_tokens,
            estimated_cost=record.estimated_cost,
            billing=record.billing,
            execution_time=record.execution_time,
            metadata=record.metadata,
            ended_at=record.ended_at or datetime.now(UTC),
            last_event=last_event,
        )

    def outcome(self) -> bytes:
        """What the reaper needs to end the row when this process cannot: everything but the text, which the log has."""
        record = self.record
        return orjson.dumps(
            {
                "model_id": record.model_id,
                "status": record.status,
                "error_code": record.error_code,
                "error_message": record.error_message,
                "prompt_tokens": record.prompt_tokens,
                "completion_tokens": record.completion_tokens,
                "estimated_cost": str(record.estimated_cost),
                "billing": record.billing,
                "execution_time": str(record.execution_time),
                "metadata": record.metadata,
                "late_error": record.answer.get("late_error"),
            }
        )


def _milliseconds(seconds: float) -> Decimal:
    return Decimal(seconds).quantize(MILLISECOND)


def _printable(finish: Finish) -> Finish:
    """What a provider calls things, where it is a word: it stands in clear, so a sentence, which may quote, is none."""
    reason = finish.reason if ONE_WORD.fullmatch(finish.reason) else "unknown"
    model = finish.model if finish.model and ONE_NAME.fullmatch(finish.model) else None
    raw = finish.provider_reason
    return replace(finish, reason=reason, model=model, provider_reason=raw if raw and ONE_WORD.fullmatch(raw) else None)
