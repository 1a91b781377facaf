"""The catalogue as pages and API show it (api.md, "Models")."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.db import connection
from redis.exceptions import RedisError

from foundation.cache.client import client_of
from foundation.database.threads import in_database_thread
from providers.catalogue.catalogue import Catalogue
from providers.catalogue.info import ModelInfo, describe
from providers.errors import ProviderFailure
from providers.line.fitting import refused_beside, why_not
from providers.line.health import Standing, standing_of
from providers.line.shared import Shared
from providers.parts import taking
from providers.registry import HOW_TO_CONFIGURE, NAMES, ProviderEntry, Registry
from providers.retiring.replacing import replacement_of

RANGES: Final[dict[str, dict[str, Any]]] = {
    "temperature": {"min": 0, "max": 2, "default": None},
    "max_tokens": {"min": 1, "max": None, "default": None},
    "top_p": {"min": 0, "max": 1, "default": None},
    "frequency_penalty": {"min": -2, "max": 2, "default": None},
    "presence_penalty": {"min": -2, "max": 2, "default": None},
    "stop_sequences": {"min": 0, "max": 8, "default": []},
    "seed": {"min": None, "max": None, "default": None},
    "response_format": {"min": None, "max": None, "default": {"type": "text"}},
    "reasoning_effort": {"min": None, "max": None, "default": None},
    "tool_choice": {"min": None, "max": None, "default": "auto"},
}
DOWN: Final = "down"
RESTING: Final = "resting"
TROUBLED: Final = "troubled"
PATIENCE: Final = 2.0
"""Seconds that a choice waits to hear of it: a page can do without."""
# ctid and xmin name one version of one row: what is inserted, updated or deleted changes the sum.
MARK: Final = """
SELECT
    (SELECT sum(hashtextextended(ctid::text || '/' || xmin::text, 0)) FROM providers),
    (SELECT sum(hashtextextended(ctid::text || '/' || xmin::text, 0)) FROM catalogue_models)
"""


@dataclass(frozen=True)
class Listing:
    """Providers and models as they stand in the database at one moment; no two requests change it."""

    mark: object
    providers: Mapping[str, ProviderEntry]
    catalogue: Catalogue

    @cached_property
    def rows(self) -> Sequence[dict[str, Any]]:
        """Every known model."""
        return [self.row_of(info, self.providers[info.provider]) for info in self.known]

    @cached_property
    def known(self) -> Sequence[ModelInfo]:
        """What is known of each."""
        return list(self.catalogue.models())

    def row_of(self, info: ModelInfo, provider: ProviderEntry) -> dict[str, Any]:
        """A model as the API tells it; of one that retires, with the one to move to."""
        replacement = replacement_of(info, self.known) if info.deprecation_date or info.replacement else ""
        return _row(info, provider, replacement=replacement or None)


class Kept:
    """This process's listing, made anew when the database's tables have changed: one small statement tells."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._registry: Registry | None = None
        self._listing: Listing | None = None

    def now(self) -> Listing:
        """The listing as the database has it now; an ordinary blocking call."""
        mark = _mark()
        if (kept := self._listing) is not None and kept.mark == mark:
            return kept
        with self._lock:
            if (kept := self._listing) is not None and kept.mark == mark:
                return kept  # read while this thread waited
            # The mark was read first: what is written meanwhile makes the next request read again.
            if self._registry is None:
                self._registry = Registry()
            self._registry.reload()
            entries = self._registry.entries()
            catalogue = Catalogue()
            catalogue.load(entries)
            self._listing = Listing(mark, {entry.slug: entry for entry in entries}, catalogue)
            return self._listing


_kept: Final = Kept()


def _mark() -> object:
    """A value that differs once any row of the two tables was written, by whatever means, or on a new day."""
    with connection.cursor() as cursor:
        cursor.execute(MARK)
        return cursor.fetchone(), datetime.now(UTC).date()


def all_models() -> list[dict[str, Any]]:
    """Every known model; an ordinary blocking call. Callers change none of the rows."""
    return list(_kept.now().rows)


def models_for(user: object) -> list[dict[str, Any]]:
    """The models that `user` may choose from."""
    return all_models()


def model(model_id: str) -> dict[str, Any] | None:
    """One model, also one that no provider lists; None without such a provider."""
    listing = _kept.now()
    slug, _, name = model_id.partition("/")
    provider = listing.providers.get(slug)
    return listing.row_of(listing.catalogue.info(model_id, provider), provider) if provider and name else None


def info_of(model_id: str) -> ModelInfo:
    """What is known of a model, also of one whose provider has gone; an ordinary blocking call."""
    return infos_of([model_id])[model_id]


def infos_of(model_ids: Iterable[str]) -> dict[str, ModelInfo]:
    """The same of several, read at once."""
    now = _kept.now()
    return {model_id: _info(now, model_id) for model_id in model_ids}


def _info(listing: Listing, model_id: str) -> ModelInfo:
    slug, _, name = model_id.partition("/")
    if (provider := listing.providers.get(slug)) is not None:
        return listing.catalogue.info(model_id, provider)
    return ModelInfo(model_id, name, slug)


def no_batches(model_id: str) -> str:
    """Why this model takes no batches; empty where it does. An ordinary blocking call."""
    slug = model_id.partition("/")[0]
    provider = _kept.now().providers.get(slug)
    if provider is not None and provider.has_batches:
        return ""
    return f"The provider “{provider.name if provider else slug}” has no batch interface."


@dataclass(frozen=True, slots=True)
class Asked:
    """How a model is asked here; without such a provider, as its name tells."""

    info: ModelInfo
    wire: str
    """One of the wires; empty where nobody tells."""
    prefix: str
    """LiteLLM's name of the provider."""


def asked(model_id: str) -> Asked:
    """The model with its wire; an ordinary blocking call."""
    listing = _kept.now()
    provider = listing.providers.get(model_id.partition("/")[0])
    if provider is None:
        return asked_by_name(model_id)
    return Asked(listing.catalogue.info(model_id, provider), provider.wire, provider.price_prefix)


def asked_by_name(model_id: str) -> Asked:
    """The same of what only the table of families and the price table know."""
    slug = model_id.partition("/")[0] if "/" in model_id else ""
    wire = slug if slug in HOW_TO_CONFIGURE else ""
    named = model_id if slug else f"/{model_id}"
    return Asked(describe(named, price_prefix=slug, wire=wire), wire, slug)


def providers() -> Mapping[str, ProviderEntry]:
    """Those that are set up, by their slugs."""
    return _kept.now().providers


async def places_in_use(slugs: Sequence[str]) -> Mapping[str, int]:
    """Calls under way of all processes, of providers whose places are limited; nothing while Redis is away."""
    try:
        async with client_of(settings.REDIS_URL, seconds=2, seconds_to_connect=1) as redis:
            return await Shared(redis).held(slugs)
    except RedisError:
        return {}


async def provider_statuses() -> list[dict[str, Any]]:
    """Every provider's status, the built-in ones that are not configured included."""
    providers, standing = await _standing()
    return standing.statuses + [_unconfigured(slug) for slug in HOW_TO_CONFIGURE if slug not in providers]


async def _standing() -> tuple[Mapping[str, ProviderEntry], Standing]:
    providers = (await in_database_thread(_kept.now)).providers
    async with client_of(settings.REDIS_URL, seconds=2, seconds_to_connect=1) as redis:
        return providers, await standing_of(redis, providers.values())


async def unwell() -> Mapping[str, str]:
    """What had better not be chosen now, by its id or, for a whole provider, its slug: DOWN, RESTING, or TROUBLED.

    Nothing is known while Redis is away: then nothing is told of anybody.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await _unwell()
    except TimeoutError:
        return {}


async def _unwell() -> dict[str, str]:
    _, standing = await _standing()
    down = [status["provider"] for status in standing.statuses if status["status"] == DOWN]
    return (
        dict.fromkeys(standing.troubled, TROUBLED)
        | dict.fromkeys(down, DOWN)
        | dict.fromkeys(standing.resting, RESTING)
    )


def _unconfigured(slug: str) -> dict[str, Any]:
    return {
        "provider": slug,
        "name": NAMES[slug],
        "status": "unconfigured",
        "latency_ms": None,
        "last_error": HOW_TO_CONFIGURE[slug],
        "breaker": "closed",
        "resting_models": [],
        "checked_at": None,
        "models": None,
    }


def _row(info: ModelInfo, provider: ProviderEntry, *, replacement: str | None) -> dict[str, Any]:
    supported, reason = _supported(info, provider)
    reason = provider.unavailable_reason or info.unavailable_reason or reason
    return {
        "id": info.id,
        "name": info.name,
        "provider": info.provider,
        "provider_name": provider.name,
        "context_window": info.context_window,
        "max_output_tokens": info.max_output_tokens,
        "capabilities": list(info.capabilities),
        "pricing": _pricing(info),
        "retires_on": info.deprecation_date,
        "replacement": replacement,
        "available": not reason,
        "unavailable_reason": reason or None,
        "is_listed": info.is_listed,
        "is_self_hosted": provider.is_self_hosted,
        "note": info.note,
        "parameters": _parameters(info, supported),
        "refused_beside": [each.as_json() for each in refused_beside(info, supported=supported)],
        "refused_parts": taking.refusals(info, taken=taking.taken_by(provider.adapter)),
    }


def _supported(info: ModelInfo, provider: ProviderEntry) -> tuple[frozenset[str], str]:
    """The parameters that the wire carries to this model; none, and why, where its provider cannot tell."""
    try:
        return provider.adapter.supported_by(info.id.partition("/")[2]), ""
    except ProviderFailure as failure:
        return frozenset(), failure.detail


def _pricing(info: ModelInfo) -> dict[str, Any] | None:
    prices = info.prices_now
    return {**prices.as_json(), "currency": "USD"} if prices.is_known else None


def _parameters(info: ModelInfo, supported: frozenset[str]) -> dict[str, dict[str, Any]]:
    return {name: _parameter(name, info, supported) for name in RANGES}


def _parameter(name: str, info: ModelInfo, supported: frozenset[str]) -> dict[str, Any]:
    family, limits = info.family, dict(RANGES[name])
    reason = why_not(name, supported=supported, model=info)
    if name == "max_tokens":
        limits["max"] = info.max_output_tokens or family.max_output_tokens
        limits["default"] = limits["max"] if family.needs_limit else None
    elif name == "stop_sequences" and family.most_stops:
        limits["max"] = min(limits["max"], family.most_stops)
    elif name in family.ranges:
        lowest, highest = family.ranges[name]
        limits |= {"min": max(limits["min"], lowest), "max": min(limits["max"], highest)}
    return {**limits, "supported": not reason, "reason": reason or None}
