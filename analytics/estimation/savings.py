"""What last month's real calls would have cost on other models, or with a shorter prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from accounts.models import User
from providers.base import Usage
from providers.catalogue.bill import billed
from providers.catalogue.info import ModelInfo
from sessions_app.models import PlaygroundSession
from templates_app.models import TemplateVersion

DAYS: Final = 30
GOAL: Final = 0.3
"""The part of the cost that is to be saved."""
PATIENCE: Final = 3_000
"""Milliseconds that adding up may take."""
DOLLAR: Final = 100_000_000
"""Of what costs are kept in (`ExecutionUsage`)."""
_TRAFFIC: Final = """
SELECT model_id, width_bucket(prompt_tokens::numeric, %s::numeric[]), count(*),
    sum(prompt_tokens), sum(completion_tokens), sum(cost),
    sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens), count(*) FILTER (WHERE is_unpriced)
FROM execution_usage
WHERE began_at >= %s AND began_at < %s
    AND prompt_tokens + completion_tokens > 0 AND origin <> 'trace' AND NOT is_copy AND NOT is_cached
"""
_OF_TEMPLATE: Final = """
    AND template_version_id = ANY(%s) AND session_id = ANY(%s)
GROUP BY 1, 2
"""
_OF_PERSON: Final = """
    AND user_id = %s AND model_id = ANY(%s)
GROUP BY 1, 2
"""
_SESSIONS: Final = """
SELECT DISTINCT session_id FROM execution_usage
WHERE began_at >= %s AND began_at < %s AND template_version_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Sums of a model's calls whose input lies between two lengths at which prices change."""

    model_id: str
    calls: int
    prompt: int
    completion: int
    cost: Decimal
    """USD, as it was billed here."""
    cache_read: int
    cache_write: int
    reasoning: int
    unpriced: int
    """Calls whose price was not known."""

    def with_shorter_prompts(self) -> Traffic:
        """The same calls with GOAL less of input, of what was cached too."""
        less = {name: round(getattr(self, name) * (1 - GOAL)) for name in ("prompt", "cache_read", "cache_write")}
        return replace(self, **less)


@dataclass(frozen=True, slots=True)
class OtherCost:
    """What the same calls would have cost; None where a price is unknown."""

    name: str
    """A model's id."""
    cost: float | None
    difference: float | None
    """USD less what they did cost: below 0, it is saved."""
    share: float | None
    """Of what they did cost."""

    @property
    def reaches_goal(self) -> bool:
        """Whether GOAL of the cost would have been saved."""
        return self.share is not None and self.share <= -GOAL


@dataclass(frozen=True, slots=True)
class Savings:
    """Last month's calls as they were, and as they might have been."""

    basis: str
    """template: its calls in sessions that the user may read; own_models: the user's own calls of the models asked."""
    first: datetime
    last: datetime
    calls: int
    actual_cost: float | None
    """USD; None where there were none, or some call's price was not known."""
    if_model: tuple[OtherCost, ...]
    if_prompt_shorter: OtherCost
    too_slow: bool = False
    """Whether the calls were too many to be added up in time: then nothing is told."""


def savings_of(
    user: User,
    models: Sequence[ModelInfo],
    *,
    template_id: UUID | None,
    at: datetime,
    info_of: Callable[[str], ModelInfo],
) -> Savings:
    """Real counts of tokens at today's prices in the standard tier; the part read from a cache stays what it was."""
    basis, first = "own_models" if template_id is None else "template", at - timedelta(days=DAYS)
    lengths = sorted({place.above + 1 for model in models for place in model.prices_at(at).places if place.above})
    try:
        traffic = _traffic(user, [model.id for model in models], template_id, first, at, lengths or [1])
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        nothing = OtherCost("", None, None, None)
        return Savings(basis, first, at, 0, None, (), nothing, too_slow=True)
    own_models = [info_of(each.model_id) for each in traffic]
    is_known = bool(traffic) and not any(each.unpriced for each in traffic)
    actual = sum((each.cost for each in traffic), Decimal(0)) if is_known else None
    others = tuple(_other(model.id, _cost(traffic, [model] * len(traffic), at), actual) for model in models)
    shorter = [each.with_shorter_prompts() for each in traffic]
    return Savings(
        basis=basis,
        first=first,
        last=at,
        calls=sum(each.calls for each in traffic),
        actual_cost=None if actual is None else float(actual),
        if_model=others,
        if_prompt_shorter=_other("", _cost(shorter, own_models, at), actual),
    )


def _traffic(
    user: User, model_ids: list[str], template_id: UUID | None, first: datetime, last: datetime, lengths: list[int]
) -> list[Traffic]:
    counts: list[Any] = [lengths, first, last]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
        if template_id is None:
            cursor.execute(_TRAFFIC + _OF_PERSON, [*counts, user.id, model_ids])
        else:
            versions = list(TemplateVersion.objects.filter(template_id=template_id).values_list("id", flat=True))
            cursor.execute(_SESSIONS, [first, last, versions])
            named = [row[0] for row in cursor.fetchall()]
            visible = PlaygroundSession.objects.visible_to(user).filter(id__in=named).values_list("id", flat=True)
            cursor.execute(_TRAFFIC + _OF_TEMPLATE, [*counts, versions, list(visible)])
        return [
            Traffic(row[0], row[2], int(row[3]), int(row[4]), row[5] / DOLLAR, *map(int, row[6:]))
            for row in cursor.fetchall()
        ]


def _cost(traffic: Sequence[Traffic], models: Sequence[ModelInfo], at: datetime) -> Decimal | None:
    """Each on its model, at today's prices; None where one is unknown, or there is no traffic."""
    if not traffic:
        return None
    total = Decimal(0)
    for each, model in zip(traffic, models, strict=True):
        prices = model.prices_at(at)
        if not prices.is_known:
            return None
        mean = each.prompt // each.calls
        # Prices of a length hold for a whole call: those of the average call of the group, for all its tokens.
        held = replace(prices, standard=prices.of(prompt_tokens=mean).rates, places={}, off_peak=None)
        usage = Usage(
            prompt_tokens=each.prompt,
            completion_tokens=each.completion,
            cache_read_tokens=each.cache_read,
            cache_write_tokens=each.cache_write,
            reasoning_tokens=each.reasoning,
        )
        total += sum((part.cost for part in billed(held, usage).parts), Decimal(0))
    return total


def _other(name: str, cost: Decimal | None, actual: Decimal | None) -> OtherCost:
    if cost is None or actual is None:
        return OtherCost(name, None if cost is None else float(cost), None, None)
    difference = cost - actual
    return OtherCost(name, float(cost), float(difference), float(difference / actual) if actual else None)
