"""How many tokens a call's input comes to, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from providers.base import Message
from providers.parts.counting import about_part, parts_of
from providers.tokenizing import characters, vocabulary
from providers.tokenizing.counter import CannotCount, counter

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
    Nothing is read where only a glance is wanted (`is_rough`); without a neighbour (`has_neighbour`) the texts of
    models whose tokenizer is not at hand are estimated by their characters.
    """

    def __init__(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Any] = (),
        schema: Mapping[str, Any] | None = None,
        has_neighbour: bool = True,
        is_rough: bool = False,
    ) -> None:
        is_asked_for = schema is not None and schema.get("type") != "text"
        beside = [*tools, *([schema] if is_asked_for else []), *_calls(messages)]
        self._messages = len(messages)
        self._texts = list(_texts(messages))
        self._beside = [orjson.dumps(each, default=str).decode() for each in beside]
        self._pictures = sum(map(about_part, parts_of(messages)))
        self._is_rough = is_rough
        self._neighbour = vocabulary.tokenizer_of("gpt-4o") if has_neighbour and not is_rough else None
        self._known: dict[str | None, tuple[_Count, _Count]] = {}

    def tokens_of(self, model_id: str) -> InputTokens:
        """What it is as input of the model. Blocks while a tokenizer reads the texts."""
        own = None if self._is_rough else vocabulary.tokenizer_of(model_id)
        if own not in self._known:
            self._known[own] = _counted(self._texts, self._beside, own, self._neighbour)
        texts, beside = self._known[own]
        own = texts.tokenizer if texts.is_own else None
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
    tokenizer: str | None = None
    """What they were counted with."""
    is_own: bool = False
    """Whether that is the model's."""


def _counted(
    texts: Sequence[str], beside: Sequence[str], own: str | None, neighbour: str | None
) -> tuple[_Count, _Count]:
    """Those of both, with the model's own tokenizer, its neighbour's, or neither: both with the same."""
    tokenizer = own or neighbour
    each = _each([*texts, *beside], tokenizer) if tokenizer else None
    if tokenizer is None or each is None:
        return _by_characters(texts), _by_characters(beside)
    near = (sum(each[: len(texts)]), sum(each[len(texts) :]))
    if own:
        first, second = (_Count(exact, exact, exact, own, is_own=True) for exact in near)
    else:
        first, second = _by_neighbour(near[0], texts, tokenizer), _by_neighbour(near[1], beside, tokenizer)
    return first, second


def _each(texts: Sequence[str], tokenizer: str) -> list[int] | None:
    """None: there is no program that would count them, so they are estimated."""
    try:
        return counter().count(texts, tokenizer)
    except CannotCount:
        return None


def _by_neighbour(near: int, texts: Sequence[str], neighbour: str) -> _Count:
    low, high = math.floor(near * FEWER), max(math.ceil(near * MORE), -(-_bytes_of(texts) // BYTES_A_TOKEN))
    return _Count(low, round(math.sqrt(low * high)), high, neighbour)


def _by_characters(texts: Sequence[str]) -> _Count:
    size = _bytes_of(texts)
    told = sum(map(characters.estimated, texts))
    return _Count(min(size // BYTES_AT_MOST, told), told, max(-(-size // BYTES_A_TOKEN), told))


def _bytes_of(texts: Sequence[str]) -> int:
    return sum(len(text.encode(errors="replace")) for text in texts)


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
