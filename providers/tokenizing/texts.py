"""Tokens of texts as they stand, without the marks of messages around them, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from foundation.words import counted
from providers.tokenizing import vocabulary
from providers.tokenizing.characters import estimated
from providers.tokenizing.counter import CannotCount, counter

READ: Final = 300_000
"""Characters that a tokenizer reads, in some 30 ms: longer texts are taken to be all as their beginning."""


@dataclass(frozen=True, slots=True)
class TextTokens:
    """A count, and whether the model's own tokenizer counted all of it."""

    tokens: int
    is_counted: bool = False

    def __str__(self) -> str:
        """Such as `12 tokens, counted` or `about 12 tokens, estimated`."""
        return told(self.tokens, is_counted=self.is_counted)


def told(tokens: int, *, is_counted: bool) -> str:
    """A count in the words of every page."""
    said = counted(tokens, "token")
    return f"{said}, counted" if is_counted else f"about {said}, estimated"


def tokens_of(texts: Iterable[str], model_id: str = "") -> TextTokens:
    """Tokens of the texts together as the model reads them; without a model, or its tokenizer, by their characters.

    Blocks while a tokenizer reads them.
    """
    every = list(texts)
    told_by_characters = TextTokens(sum(map(estimated, every)))
    own = vocabulary.tokenizer_of(model_id) if model_id else None
    if own is None:
        return told_by_characters
    read = list(_beginning(every))
    try:
        found = sum(counter().count(read, own))
    except CannotCount:
        return told_by_characters
    size, whole = sum(map(len, read)), sum(map(len, every))
    return TextTokens(found, is_counted=True) if size == whole else TextTokens(-(-found * whole // size))


def _beginning(texts: Iterable[str]) -> Iterator[str]:
    left = READ
    for text in texts:
        yield text[:left]
        left -= len(text[:left])
