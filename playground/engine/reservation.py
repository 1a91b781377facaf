"""What an attempt may cost at most: set aside before the provider is called, so that no limit is ever passed.

Every attempt that may be billed keeps what was set aside for it; what a provider surely did not bill is used for the
next one. The dearest path counts: a byte of input as a token, an answer as long as it is allowed to be, input that is
written to a cache, output that is reasoning, and the rates of the length that may be reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from foundation.problems import FieldError, Problem, invalid
from foundation.words import number
from providers.base import Message
from providers.catalogue import bill
from providers.catalogue.info import ModelInfo
from providers.errors import Code
from providers.line.fitting import longest_answer
from providers.parts import counting

NOT_BILLED: Final = frozenset(
    {
        Code.RATE_LIMITED,
        Code.PROVIDER_QUOTA,
        Code.PROVIDER_BUSY,
        Code.PROVIDER_UNAVAILABLE,
        Code.PROVIDER_UNREACHABLE,
        Code.PROVIDER_AUTHENTICATION,
        Code.PROVIDER_REFUSED,
        Code.MODEL_NOT_FOUND,
        Code.CONTEXT_WINDOW_EXCEEDED,
        Code.TIMEOUT_CONNECT,
    }
)
"""Failures of which nobody sends a bill."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """An amount that is set aside; the cost in USD, 0 where the model's price is unknown."""

    tokens: int = 0
    cost: Decimal = Decimal(0)

    def beyond(self, other: Reserve) -> Reserve:
        """What of this `other` does not cover."""
        return Reserve(max(0, self.tokens - other.tokens), max(Decimal(0), self.cost - other.cost))

    def __bool__(self) -> bool:
        return bool(self.tokens or self.cost)


def dearest(model: ModelInfo, *, given: int, parameters: Mapping[str, Any]) -> Reserve:
    """What one attempt at this model may need at most; `given` as `most_of_input` tells."""
    taken = most_of_output(model, parameters)
    return Reserve(given + taken, model.dearest(prompt_tokens=given, completion_tokens=taken))


def most_of_output(model: ModelInfo, parameters: Mapping[str, Any]) -> int:
    """Tokens that an answer may have, thoughts included."""
    return longest_answer(model, parameters)


def most_of_input(messages: Sequence[Message], parameters: Mapping[str, Any], tools: Sequence[Any]) -> int:
    """Tokens that the input may be billed as."""
    size = sum(map(counting.most, counting.parts_of(messages)))
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            content = [part for part in content if part.get("type") == "text"]
            size += len(orjson.dumps({**message, "content": content}))
        else:
            # The role and the marks around a message are a few tokens; its quotes and names here are more.
            size += len(orjson.dumps(message))
    if tools:
        size += len(orjson.dumps(tools))
    if schema := parameters.get("response_format"):
        size += len(orjson.dumps(schema))
    return size


def check_max_cost(max_cost: Decimal, *, model: ModelInfo, needed: Reserve, parameters: Mapping[str, Any]) -> None:
    """A Problem where the call could cost more than its caller allows, before anything is paid."""
    output = most_of_output(model, parameters)
    if not model.price_known:
        message = f"The price of {model.id} is unknown: its cost cannot be kept below a limit."
        raise invalid([FieldError("parameters.max_cost", "price_unknown", message)])
    if needed.cost <= max_cost:
        return
    message = f"One call of {model.id} may cost up to {number(needed.cost)} USD, more than max_cost."
    given = needed.tokens - output
    rate = bill.dearest_output(model.prices_now, given)
    if rate and (fitting := output - int((needed.cost - max_cost) / rate) - 1) >= 1:
        message += f" With max_tokens of at most {fitting} it fits."
    raise invalid([FieldError("parameters.max_cost", "too_small", message)])


def refused(limit: str) -> Problem:
    """A limit of the installation, by its name, does not take this call now."""
    return Problem(429, limit, f"The limit {limit!r} is reached.", headers={"Retry-After": "60"})
