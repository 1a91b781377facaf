"""The lines to the providers: each one's adapter with its gate, its breakers and its health."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from redis.asyncio import Redis

from foundation.metrics.families import PROVIDER_FAILURES
from foundation.metrics.labels import MOST_PROVIDERS, Children, Names
from providers.errors import Code, ProviderFailure
from providers.line.breaker import Breakers, State
from providers.line.gate import Gate, Share, Told
from providers.line.shared import Limits, Shared
from providers.registry import ProviderEntry, Registry

LONGEST_PAUSE: Final = 60.0

_names = Names(MOST_PROVIDERS)
_failed = Children(lambda slug, code: PROVIDER_FAILURES.labels(_names.of(slug), code))


@dataclass(slots=True)
class Health:
    """What real traffic of this process tells of a provider."""

    latency_ms: float | None = None
    last_error: str = ""
    checked_at: datetime | None = None
    has_news: bool = False

    def worked(self, seconds_to_first: float) -> None:
        """A call began to answer after this time (moving average over about ten calls)."""
        sample = seconds_to_first * 1000
        self.latency_ms = sample if self.latency_ms is None else self.latency_ms * 0.9 + sample * 0.1
        self.last_error = ""
        self._noted()

    def failed(self, code: Code) -> None:
        """A call failed."""
        self.last_error = code.value
        self._noted()

    def _noted(self) -> None:
        self.checked_at, self.has_news = datetime.now(UTC), True


@dataclass(slots=True)
class Line:
    """One provider as the engine uses it."""

    provider: ProviderEntry
    gate: Gate
    breakers: Breakers
    health: Health = field(default_factory=Health)

    async def check(self, model_id: str) -> None:
        """Raises ProviderFailure when a breaker, the provider's or the model's, lets nothing through."""
        if not await self.breakers.admits(self.provider.slug, model_id):
            raise ProviderFailure(Code.PROVIDER_UNAVAILABLE, is_retryable=False)

    def is_resting(self, model_id: str) -> bool:
        """Whether one of these breakers is open."""
        return State.OPEN in (self.breakers.state(self.provider.slug), self.breakers.state(model_id))

    @property
    def state(self) -> State:
        """Where the provider's own breaker stands."""
        return self.breakers.state(self.provider.slug)

    @asynccontextmanager
    async def passed(
        self, model_id: str, *, tokens: int, is_batch: bool, told: Told | None = None
    ) -> AsyncIterator[None]:
        """As `Gate.passed`."""
        async with self.gate.passed(model_id, tokens=tokens, is_batch=is_batch, told=told):
            yield

    async def worked(self, model_id: str, seconds_to_first: float) -> None:
        """A call ended well."""
        self.health.worked(seconds_to_first)
        await self.breakers.worked(self.provider.slug, model_id)

    async def failed(self, model_id: str, failure: ProviderFailure) -> None:
        """A call failed; a model whose provider asks to wait is left alone by everybody for that long."""
        self.health.failed(failure.code)
        _failed.of(self.provider.slug, failure.code.value).inc()
        await self.breakers.failed(failure.code, provider=self.provider.slug, model_id=model_id)
        if failure.code is Code.RATE_LIMITED and failure.retry_after:
            await self.breakers.pause(model_id, min(failure.retry_after, LONGEST_PAUSE))


class Lines:
    """The lines by provider; one whose settings changed gets a new line, with the same gate."""

    def __init__(self, registry: Registry, redis: Redis) -> None:
        self._registry = registry
        self._shared = Shared(redis)
        self._lines: dict[str, Line] = {}
        self._gates: dict[str, Gate] = {}
        self.breakers = Breakers(self._shared)
        self.share = Share()

    def get(self, slug: str) -> Line | None:
        """The line to a provider; None when there is no such provider."""
        provider = self._registry.get(slug)
        if provider is None:
            return None
        line = self._lines.get(slug)
        if line is None or line.provider is not provider:
            line = self._lines[slug] = Line(provider, self._gate(provider), self.breakers)
        return line

    def _gate(self, provider: ProviderEntry) -> Gate:
        limits = Limits(
            places=provider.max_concurrency or 0,
            requests=provider.requests_per_minute or 0,
            tokens=provider.tokens_per_minute or 0,
        )
        gate = self._gates.get(provider.slug)
        if gate is None:
            gate = Gate(provider.slug, limits, shared=self._shared, breakers=self.breakers, share=self.share)
            self._gates[provider.slug] = gate
        gate.limit(limits)
        return gate

    def follow(self) -> None:
        """Takes the providers' present settings, for those who wait at their gates too."""
        for slug in list(self._lines):
            self.get(slug)

    def open_lines(self) -> list[Line]:
        """Every line that is used."""
        return list(self._lines.values())

    async def hold(self) -> None:
        """Renews the places that calls of this process hold. May raise redis.RedisError."""
        for gate in list(self._gates.values()):
            await gate.hold()

    async def emptied(self) -> None:
        """Returns when no place is held for a call that has ended."""
        for gate in list(self._gates.values()):
            await gate.emptied()
