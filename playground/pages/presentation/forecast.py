"""What a run will come to, told beside Run before it starts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from foundation.words import NOT_KNOWN, money, number
from playground.pages.presentation.model import ModelView
from providers.catalogue.info import ModelInfo
from providers.line.fitting import UNKNOWN_ANSWER, estimated_tokens
from providers.parts import counting

MILLION = 1_000_000
COUNT = re.compile(r"[1-9][0-9]{0,6}")


def forecast(
    model: ModelView | None,
    *,
    texts: Iterable[str],
    max_tokens: str,
    parts: Sequence[Mapping[str, Any]] = (),
    info: ModelInfo | None = None,
) -> str:
    """The tokens of `texts` and of looked up `parts`, and the most that they and an answer of `max_tokens` cost.

    Parts count as about what they are in the tokens, and as what they may be billed as in the cost, both as the engine
    has it (providers.parts.counting); so does the dearest way to be billed, where `info` tells all prices. Nothing
    where there is nothing to send.
    """
    words = estimated_tokens(sum(map(len, texts)))
    tokens = words + sum(map(counting.about_part, parts))
    if not tokens:
        return ""
    count = f"about {number(tokens)} {'token' if tokens == 1 else 'tokens'}"
    most = words + sum(map(counting.most, parts))
    return f"{count}, {_cost(model, most, _longest(model, max_tokens), info)}" if model else count


def _cost(model: ModelView, tokens_in: int, tokens_out: int, info: ModelInfo | None) -> str:
    if model.input_price is None or model.output_price is None:
        return NOT_KNOWN
    if model.is_free:
        return model.price
    cost: Decimal
    if info:
        cost = info.dearest(prompt_tokens=tokens_in, completion_tokens=tokens_out)
    else:
        cost = (model.input_price * tokens_in + model.output_price * tokens_out) / MILLION
    told = money(cost)
    return told if told.startswith("<") else f"up to {told}"


def _longest(model: ModelView, max_tokens: str) -> int:
    """The most that an answer can have: what is set, within what the model can write."""
    most = model.longest_answer
    wanted = int(max_tokens) if COUNT.fullmatch(max_tokens) else most or UNKNOWN_ANSWER
    return min(wanted, most or wanted)
