"""Counts executions as they end, for whoever watches the service: once each, by whoever's word on their end stands."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from foundation.metrics import families
from foundation.metrics.labels import MOST_MODELS, MOST_PROVIDERS, OTHER, Children, Names
from playground.engine.lifecycle import Ending
from playground.models import Origin, Status

_models = Names(MOST_MODELS)
_providers = Names(MOST_PROVIDERS)
_ended = Children(families.EXECUTIONS.labels)
_cost = Children(families.COST.labels)
_prompt = Children(lambda provider, model: families.TOKENS.labels(provider, model, "prompt"))
_completion = Children(lambda provider, model: families.TOKENS.labels(provider, model, "completion"))
_lasted = Children(families.EXECUTION_SECONDS.labels)
_first = Children(families.FIRST_TOKEN_SECONDS.labels)
_hits = Children(families.CACHE_HITS.labels)


def count(ending: Ending, *, origin: Origin, is_known: bool) -> None:
    """One that ended so. `is_known`: the catalogue has its model, so that its name is no text of somebody's."""
    provider, model = _labels(ending.model_id, is_known or ending.status == Status.COMPLETED)
    metadata: dict[str, Any] = ending.metadata
    _ended.of(provider, model, origin.value, ending.status.value).inc()
    if ending.prompt_tokens:
        _prompt.of(provider, model).inc(ending.prompt_tokens)
    if ending.completion_tokens:
        _completion.of(provider, model).inc(ending.completion_tokens)
    if ending.estimated_cost:
        _cost.of(provider, model).inc(float(ending.estimated_cost))
    if metadata.get("cached"):
        _hits.of(provider).inc()
    elif ending.execution_time is not None and ending.status == Status.COMPLETED:
        _lasted.of(provider).observe(float(ending.execution_time))
        if (first := metadata.get("time_to_first_token")) is not None:
            _first.of(provider).observe(first)


def _labels(model_id: str, is_known: bool) -> tuple[str, str]:
    return _known(model_id) if is_known else (_providers.of(model_id.partition("/")[0]), OTHER)


@lru_cache(maxsize=2_000)
def _known(model_id: str) -> tuple[str, str]:
    return _providers.of(model_id.partition("/")[0]), _models.of(model_id)
