"""Lengths of texts as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.tokenizing.input_tokens import Input
from providers.tokenizing.texts import tokens_of, told


def tokens(*texts: str, model_id: str = "") -> str:
    """How many tokens the texts have. With a model it blocks while its tokenizer, where one is at hand, reads them: a
    whole page names none, and has them estimated by their characters.
    """
    return str(tokens_of(texts, model_id))


def tokens_for(model_id: str, messages: Sequence[Mapping[str, Any]]) -> str:
    """How many tokens these are as input of the model. Blocks while its tokenizer, where one is at hand, reads them."""
    found = Input([dict(each) for each in messages], has_neighbour=False).tokens_of(model_id)
    return told(found.tokens, is_counted=found.method == "tokenizer")
