"""How an answer is got: attempts, back-off, fallback models, all within the run's deadline.

An attempt is repeated, or another model asked, only while nothing was shown.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from foundation.metrics.elsewhere import waiting
from foundation.words import number
from playground.attachments.loading import filled
from playground.engine.reservation import NOT_BILLED, Reserve, dearest, most_of_input
from playground.engine.run import Run
from playground.engine.store import Store
from playground.models import PromptExecution, Status
from privacy.masking.sending import Asked
from providers.base import ProviderRequest, Usage
from providers.catalogue.info import ModelInfo
from providers.errors import Code, ProviderFailure
from providers.line import fitting as model_parameters
from providers.line.line import Line
from providers.parts import counting
from providers.wires.tools import as_sent

MOST_ATTEMPTS: Final = 3
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 8.0
LOOK_AGAIN: Final = 1.0
"""Seconds until a run that waits for a model which is left alone looks again."""
FINAL: Final = frozenset({Code.PROVIDER_REFUSED, Code.TIMEOUT_TOTAL, Code.OUTPUT_TOO_LARGE, Code.ARTIFACT_UNAVAILABLE})
"""Failures that another model would not mend."""


class Target(NamedTuple):
    """A model, the line to it, and what one attempt at it may need at most."""

    model: ModelInfo
    line: Line
    needed: Reserve

    def reading(self, sent: Asked) -> Target:
        """The same, with what it needs where it reads this: placeholders may be longer than what they stand for."""
        given = most_of_input(sent.messages, sent.parameters, sent.tools)
        more = dearest(self.model, given=given, parameters=sent.parameters)
        return self._replace(needed=max(self.needed, more, key=lambda reserve: reserve.tokens))


class Attempts:
    """The search for an answer of one run."""

    def __init__(self, run: Run, *, deadline: float, store: Store, priced: Callable[[Run], ModelInfo]) -> None:
        """`priced`: the model that the run's last answer is paid as."""
        self._run = run
        self._deadline = deadline
        self._give_up = min(time.monotonic() + run.patience, deadline) - LOOK_AGAIN
        """Until then it waits for a model that is left alone."""
        self._store = store
        self._priced = priced
        self._used = Reserve()
        """What rounds of tools have cost."""
        self._at_hand = Reserve(run.record.reserved_tokens, run.record.reserved_cost)
        """What is set aside, and not kept for an attempt that may be billed."""
        self._waits_for: dict[str, object] = {}
        """What its readers were told last that it waits for; empty while it waits for nothing but its provider."""

    async def answer(self, targets: list[Target]) -> None:
        """Feeds the run from the first target that works; raises ProviderFailure."""
        asked = targets[0].model.id
        for position, target in enumerate(targets):
            self._run.model = target.model
            try:
                await self._with_retries(target, waits=self._run.patience > 0 and target is targets[-1])
            except ProviderFailure as failure:
                if self._run.has_shown or failure.code in FINAL or target is targets[-1]:
                    raise
                self._say_fallback(target.model, targets[position + 1].model, failure, asked)
            else:
                return

    def next_round(self, targets: list[Target]) -> list[Target]:
        """Has the run read what its calls of tools came to; those to ask now: the one that answered, and those that
        may stand in for it, with what they need by now."""
        run = self._run
        if run.finish is not None:
            # What was set aside beyond the last answer's cost is there for the next.
            cost = run.end_round(self._priced(run))
            self._use(cost)
        run.begin_round()
        at = next((place for place, target in enumerate(targets) if target.model is run.model), 0)
        return [target.reading(run.sent) for target in targets[at:]]

    def _use(self, cost: Reserve) -> None:
        self._used = Reserve(self._used.tokens + cost.tokens, self._used.cost + cost.cost)
        reserved = Reserve(self._run.record.reserved_tokens, self._run.record.reserved_cost)
        self._at_hand = reserved.beyond(self._used)

    def _say_fallback(self, model: ModelInfo, next_: ModelInfo, failure: ProviderFailure, asked: str) -> None:
        self._run.record.metadata["fallback_from"] = asked
        self._run.record.model_id = next_.id
        self._run.outlet.say("fallback", {"from": model.id, "to": next_.id, "reason": failure.code.value})

    async def _with_retries(self, target: Target, *, waits: bool) -> None:
        """`waits`: also for a model that is left alone for a moment, where nobody else can be asked."""
        model, line, last = target.model, target.line, None
        for attempt in range(1, MOST_ATTEMPTS + 1):
            if attempt == 1 or waits:
                await self._admitted(target, waits=waits)
            await self._reserve(target, last)
            try:
                await self._once(line, model)
                return
            except ProviderFailure as failure:
                last = failure
                await line.failed(model.id, failure)
                if failure.code not in NOT_BILLED or self._run.tally.is_told:
                    self._used = Reserve(self._run.record.reserved_tokens, self._run.record.reserved_cost)
                    self._at_hand = Reserve()
                pause = self._pause_after(failure, attempt)
                if pause is None or (line.is_resting(model.id) and not waits):
                    raise
                at = datetime.now(UTC) + timedelta(seconds=pause)
                told = {"attempt": attempt + 1, "of": MOST_ATTEMPTS, "reason": failure.code.value, "retry_at": at}
                self._run.outlet.say("retry", told)
                with waiting():
                    await asyncio.sleep(pause)

    async def _admitted(self, target: Target, *, waits: bool) -> None:
        """Past the breakers."""
        while True:
            try:
                await target.line.check(target.model.id)
                return
            except ProviderFailure:
                if not waits or time.monotonic() > self._give_up:
                    raise
            self._say_waiting({"for": "rest"})
            with waiting():
                await asyncio.sleep(random.uniform(LOOK_AGAIN / 2, LOOK_AGAIN))  # noqa: S311 - no secret

    def _say_waiting(self, told: dict[str, object]) -> None:
        """Lets readers know what it waits for, where that has changed."""
        if told != self._waits_for:
            self._waits_for = told
            self._run.outlet.say("waiting", told)

    def _say_place(self, place: int, of: int) -> None:
        self._say_waiting({"for": "queue", "place": place, "of": of})

    async def _reserve(self, target: Target, last: ProviderFailure | None) -> None:
        """Has what the next attempt may cost set aside, where that was not done at the beginning."""
        record, before = self._run.record, f" Before that: {last}" if last else ""
        if record.max_cost is not None and not target.model.price_known:
            raise ProviderFailure(Code.LIMIT_REACHED, f"The price of {target.model.id} is unknown.{before}")
        more = target.needed.beyond(self._at_hand)
        if not more:
            return
        if not await self._store.reserve(self._run.id, more):
            raise ProviderFailure(Code.LIMIT_REACHED, f"It may cost up to {number(target.needed.cost)} USD.{before}")
        record.reserved_cost += more.cost
        record.reserved_tokens += more.tokens
        self._at_hand = Reserve(self._at_hand.tokens + more.tokens, self._at_hand.cost + more.cost)

    def _pause_after(self, failure: ProviderFailure, attempt: int) -> float | None:
        """Seconds until the next attempt; None when there is none."""
        if self._run.has_shown or not failure.is_retryable or attempt == MOST_ATTEMPTS:
            return None
        # Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        pause = failure.retry_after
        if pause is None:
            pause = random.uniform(0, min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE))  # noqa: S311 - no secret
        if time.monotonic() + pause >= self._deadline:
            failure.retry_at = datetime.now(UTC) + timedelta(seconds=pause)
            return None
        return pause

    async def _once(self, line: Line, model: ModelInfo) -> None:
        with waiting():
            await self._called(line, model)

    async def _called(self, line: Line, model: ModelInfo) -> None:
        run = self._run
        request = self._request(line, model)
        tokens = counting.about(run.messages)
        tokens += request.parameters.get("max_tokens") or model_parameters.TYPICAL_ANSWER
        async with line.passed(model.id, tokens=tokens, is_batch=run.origin.is_batch, told=self._say_place):
            await self._leave_queue()
            if self._waits_for:
                self._say_waiting({"for": "provider"})
                self._waits_for = {}
            # Opened when it is sent, and forgotten with the call: whoever waits holds references.
            request = replace(request, messages=await filled(list(request.messages)))
            run.begin_attempt()
            started, first = time.monotonic(), None
            timeouts = replace(line.provider.timeouts, total=max(self._deadline - started, 0.001))
            async with aclosing(line.provider.adapter.stream(request, timeouts=timeouts)) as events:  # type: ignore[type-var]
                try:
                    async for event in events:
                        if first is None and not isinstance(event, Usage):
                            first = time.monotonic()
                        run.take(event)
                finally:
                    run.take_rest()
        await line.worked(model.id, (first or time.monotonic()) - started)

    async def _leave_queue(self) -> None:
        if self._run.record.status == Status.PENDING:
            self._run.record.status = Status.RUNNING
            await self._store.start(self._run.id)

    def _request(self, line: Line, model: ModelInfo) -> ProviderRequest:
        run = self._run
        return request_of(run.record, run.sent, line=line, model=model, is_streamed=run.is_streamed)


def request_of(
    record: PromptExecution, sent: Asked, *, line: Line, model: ModelInfo, is_streamed: bool
) -> ProviderRequest:
    """What the provider is asked for this execution; what it is not sent is noted in the record."""
    messages, tools, given = sent.messages, [as_sent(tool) for tool in sent.tools], sent.parameters
    supported = line.provider.adapter.supported_by(model.id.partition("/")[2])
    fitted = model_parameters.fit(given, supported=supported, model=model, messages=messages, tools=tools)
    record.metadata["dropped_parameters"] = fitted.dropped
    record.metadata["dropped_reasons"] = fitted.reasons
    record.metadata["provider"] = line.provider.slug
    return ProviderRequest(
        model=model.id.partition("/")[2],
        messages=messages,
        parameters=fitted.sent,
        tools=tools,
        is_streamed=is_streamed,
        family=model.family,
        max_output_tokens=model.max_output_tokens,
        context_window=model.context_window,
    )
