"""How many tokens a call's input comes to, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from analytics.estimation import vocabulary
from providers.base import Message
from providers.parts.counting import about_part, parts_of

MARKS: Final = 3
"""Tokens around a message, and again before the answer (OpenAI cookbook, "How to count tokens with tiktoken")."""
MOST_MARKS: Final = 10
"""Of models whose marks nobody tells."""
NEIGHBOUR: Final = "o200k_base"
"""What stands in where a model's own tokenizer is not at hand."""
FEWER, MORE = 0.9, 1.35
"""Tokens of other vocabularies by NEIGHBOUR's. Measured on English, code and JSON: 0.93 to 1.09 (Claude 2), 1.0 to 1.01
(GPT-4); in other scripts an older vocabulary needs up to a token for each three bytes, and in Hindi more."""
BYTES_A_TOKEN: Final = 3
"""The most tokens that a text is taken for, where that is more."""
BYTES_AT_MOST: Final = 5
"""The fewest, where there is no vocabulary at all."""
TOOLS_FEWER, TOOLS_MORE = 0.6, 1.5
"""Providers write definitions of tools anew before a model reads them."""
PICTURES_FEWER, PICTURES_MORE = 0.5, 2.0


@dataclass(frozen=True, slots=True)
class InputTokens:
    """The count with the range that it lies in; the three are one where it is the model's own."""

    tokens: int
    low: int
    high: int
    method: str
    """tokenizer or estimated"""
    tokenizer: str | None
    """What the texts were counted with; None: by their bytes."""
    reason: str
    """How it was counted, in a sentence."""


class Input:
    """Messages with the tools and the answer's schema that are sent along, to be counted as input of models.

    Each tokenizer reads them once, for however many models. Pictures and files as `providers.parts.counting` has them.
    """

    def __init__(
        self, messages: Sequence[Message], *, tools: Sequence[Any] = (), schema: Mapping[str, Any] | None = None
    ) -> None:
        is_asked_for = schema is not None and schema.get("type") != "text"
        beside = [*tools, *([schema] if is_asked_for else []), *_calls(messages)]
        self._messages = len(messages)
        self._texts = list(_texts(messages))
        self._beside = [orjson.dumps(each, default=str).decode() for each in beside]
        self._pictures = sum(map(about_part, parts_of(messages)))
        self._known: dict[str | None, tuple[_Count, _Count]] = {}

    def tokens_of(self, model_id: str) -> InputTokens:
        """What it is as input of the model."""
        own = vocabulary.tokenizer_of(model_id)
        if own not in self._known:
            self._known[own] = (_of_texts(self._texts, own), _of_texts(self._beside, own))
        texts, beside = self._known[own]
        marks = (self._messages + 1) * MARKS
        most_marks = marks if own else (self._messages + 1) * MOST_MARKS
        fewer = math.floor(beside.tokens * TOOLS_FEWER) + math.floor(self._pictures * PICTURES_FEWER)
        more = math.ceil(beside.tokens * TOOLS_MORE) + math.ceil(self._pictures * PICTURES_MORE)
        return InputTokens(
            tokens=texts.tokens + marks + beside.tokens + self._pictures,
            low=texts.low + marks + fewer,
            high=texts.high + most_marks + more,
            method="tokenizer" if own and not self._beside and not self._pictures else "estimated",
            tokenizer=texts.tokenizer,
            reason=_reason(own, texts.tokenizer, model_id, bool(self._beside), bool(self._pictures)),
        )


class _Count(NamedTuple):
    low: int
    tokens: int
    high: int
    tokenizer: str | None
    """What they were counted with."""


def _of_texts(texts: Sequence[str], own: str | None) -> _Count:
    if own:
        exact = sum(vocabulary.count(text, own) for text in texts)
        return _Count(exact, exact, exact, own)
    size = sum(len(text.encode(errors="replace")) for text in texts)
    neighbour = vocabulary.tokenizer_of("gpt-4o")
    if neighbour is None:
        low, high = size // BYTES_AT_MOST, -(-size // BYTES_A_TOKEN)
    else:
        near = sum(vocabulary.count(text, NEIGHBOUR) for text in texts)
        low, high = math.floor(near * FEWER), max(math.ceil(near * MORE), -(-size // BYTES_A_TOKEN))
    return _Count(low, round(math.sqrt(low * high)), high, neighbour)


def _calls(messages: Sequence[Message]) -> Iterator[Any]:
    yield from (message["tool_calls"] for message in messages if message.get("tool_calls"))


def _texts(messages: Sequence[Message]) -> Iterator[str]:
    for message in messages:
        yield str(message.get("role") or "")
        if name := message.get("name"):
            yield str(name)
        content = message.get("content") or ""
        parts = [{"text": content}] if isinstance(content, str) else content
        yield from (part["text"] for part in parts if isinstance(part.get("text"), str))


def _reason(own: str | None, tokenizer: str | None, name: str, has_tools: bool, has_pictures: bool) -> str:
    if own:
        said = f"Counted with {own}, the tokenizer of {name}."
    elif tokenizer:
        said = (
            f"Estimated with {tokenizer}, the tokenizer of other models: that of {name} is not at hand. The range has "
            f"{FEWER:g} to {MORE:g} times as many tokens, or one for each {BYTES_A_TOKEN} bytes where that is more."
        )
    else:
        said = f"Estimated from the text's bytes: no tokenizer of {name} is at hand."
    if has_tools:
        said += (
            " How a provider writes tools, their calls and schemas for its model is not known: they are an estimate."
        )
    if has_pictures:
        said += " Pictures and files are an estimate, at half to twice as many tokens."
    return said
