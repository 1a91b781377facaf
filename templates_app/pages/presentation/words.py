"""Lengths of texts as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foundation.words import counted
from providers.tokenizing.characters import estimated
from providers.tokenizing.input_tokens import Input


def tokens(*texts: str) -> str:
    """About how many tokens the texts have, by their characters: no page waits for a tokenizer."""
    return f"about {counted(sum(map(estimated, texts)), 'token')}, estimated"


def tokens_for(model_id: str, messages: Sequence[Mapping[str, Any]]) -> str:
    """How many tokens these are as input of the model. Blocks while its tokenizer, where one is at hand, reads them."""
    found = Input([dict(each) for each in messages], has_neighbour=False).tokens_of(model_id)
    said = counted(found.tokens, "token")
    return f"{said}, counted" if found.method == "tokenizer" else f"about {said}, estimated"
