"""The catalogue as pages and API show it (api.md, "Models")."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from redis.asyncio import Redis

from foundation.database.threads import in_database_thread
from providers.catalogue.catalogue import Catalogue
from providers.catalogue.info import MILLION, ModelInfo
from providers.line.fitting import DEFAULT_MAX_TOKENS, takes
from providers.line.health import status_of
from providers.registry import HOW_TO_CONFIGURE, ProviderEntry, Registry

RANGES: Final[dict[str, dict[str, Any]]] = {
    "temperature": {"min": 0, "max": 2, "default": None},
    "max_tokens": {"min": 1, "max": None, "default": DEFAULT_MAX_TOKENS},
    "top_p": {"min": 0, "max": 1, "default": None},
    "frequency_penalty": {"min": -2, "max": 2, "default": None},
    "presence_penalty": {"min": -2, "max": 2, "default": None},
    "stop_sequences": {"min": 0, "max": 8, "default": []},
    "seed": {"min": None, "max": None, "default": None},
    "response_format": {"min": None, "max": None, "default": {"type": "text"}},
    "reasoning_effort": {"min": None, "max": None, "default": None},
    "tool_choice": {"min": None, "max": None, "default": "auto"},
}


def all_models() -> list[dict[str, Any]]:
    """Every known model; an ordinary blocking call."""
    registry, catalogue = _loaded()
    providers = {entry.slug: entry for entry in registry.entries()}
    return [_row(info, providers[info.provider]) for info in catalogue.models()]


def models_for(user: object) -> list[dict[str, Any]]:
    """The models that `user` may choose from."""
    return all_models()


def model(model_id: str) -> dict[str, Any] | None:
    """One model, also one that no provider lists; None without such a provider."""
    registry, catalogue = _loaded()
    slug, _, name = model_id.partition("/")
    provider = registry.get(slug)
    return _row(catalogue.info(model_id, provider), provider) if provider and name else None


async def provider_statuses() -> list[dict[str, Any]]:
    """Every provider's status, the built-in ones that are not configured included."""
    registry, _ = await in_database_thread(_loaded)
    entries = registry.entries()
    async with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1) as redis:
        found = [await status_of(redis, entry) for entry in entries]
    known = {entry.slug for entry in entries}
    return found + [_unconfigured(slug) for slug in HOW_TO_CONFIGURE if slug not in known]


def _loaded() -> tuple[Registry, Catalogue]:
    registry, catalogue = Registry(), Catalogue()
    registry.reload()
    catalogue.load(registry.entries())
    return registry, catalogue


def _unconfigured(slug: str) -> dict[str, Any]:
    return {
        "provider": slug,
        "name": slug,
        "status": "unconfigured",
        "latency_ms": None,
        "last_error": HOW_TO_CONFIGURE[slug],
        "breaker": "closed",
        "checked_at": None,
        "models": None,
    }


def _row(info: ModelInfo, provider: ProviderEntry) -> dict[str, Any]:
    return {
        "id": info.id,
        "name": info.name,
        "provider": info.provider,
        "provider_name": provider.name,
        "context_window": info.context_window,
        "max_output_tokens": info.max_output_tokens,
        "capabilities": list(info.capabilities),
        "pricing": _pricing(info),
        "available": not provider.unavailable_reason,
        "unavailable_reason": provider.unavailable_reason or None,
        "is_listed": info.is_listed,
        "is_self_hosted": provider.is_self_hosted,
        "note": info.note,
        "parameters": _parameters(info, provider),
    }


def _pricing(info: ModelInfo) -> dict[str, Any] | None:
    if info.input_price is None or info.output_price is None:
        return None
    return {
        "input_per_million": float(info.input_price * MILLION),
        "output_per_million": float(info.output_price * MILLION),
        "currency": "USD",
    }


def _parameters(info: ModelInfo, provider: ProviderEntry) -> dict[str, dict[str, Any]]:
    supported = provider.adapter.supported_by(info.id.partition("/")[2])
    return {
        name: {
            **limits,
            "max": info.max_output_tokens if name == "max_tokens" else limits["max"],
            "supported": takes(name, supported=supported, model=info),
        }
        for name, limits in RANGES.items()
    }
