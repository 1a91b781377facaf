"""Thinking that is asked for in tokens, and the room that it takes from an answer's limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from providers.families.family import Family

BUDGETS: Final = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384}
"""Tokens of thought for models that take a budget."""
LEAST_BUDGET: Final = 1024
"""https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking: no less is allowed."""
UNKNOWN_LIMIT: Final = 4096
"""What is sent where a limit must be and none is known: every model since Claude 3 can write this much."""


class Plan(NamedTuple):
    """The limit to send, and the thoughts' part of it; None where the model is given no budget."""

    max_tokens: int | None
    budget: int | None


def plan(family: Family, parameters: Mapping[str, Any], *, most: int | None) -> Plan:
    """What is sent as limit and budget to a model that writes `most` tokens, where that is known.

    Thoughts come on top of the answer's tokens, up to what the model can write.
    """
    limit = most or family.max_output_tokens
    asked = parameters.get("max_tokens")
    effort = parameters.get("reasoning_effort")
    if asked is None and family.needs_limit:
        asked = limit or UNKNOWN_LIMIT
    budget = BUDGETS[effort] if effort and family.thinking == "budget" else None
    if budget and family.thinking_counts and asked is not None:
        is_asked = parameters.get("max_tokens") is not None
        asked = asked + budget if is_asked or limit is None else asked
        asked = min(asked, limit) if limit else asked
        budget = max(LEAST_BUDGET, min(budget, asked // 2))
    elif limit and asked is not None:
        asked = min(asked, limit)
    return Plan(asked, budget)


def has_room(family: Family, *, most: int | None) -> bool:
    """Whether a budget, the smallest, leaves anything to answer with."""
    limit = most or family.max_output_tokens
    return family.thinking != "budget" or limit is None or limit > LEAST_BUDGET
