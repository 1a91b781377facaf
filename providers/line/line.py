"""The lines to the providers: each one's adapter with its breaker, its gate and its health."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from limits.aio.strategies import MovingWindowRateLimiter

from providers.errors import Code, ProviderFailure
from providers.line.breaker import Breaker, State
from providers.line.gate import Gate
from providers.registry import ProviderEntry, Registry


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
    breaker: Breaker = field(default_factory=Breaker)
    health: Health = field(default_factory=Health)

    def check(self) -> None:
        """Raises ProviderFailure when the breaker lets nothing through."""
        if not self.breaker.admits(time.monotonic()):
            raise ProviderFailure(Code.PROVIDER_UNAVAILABLE, is_retryable=False)

    @property
    def is_resting(self) -> bool:
        """Whether the breaker is open."""
        return self.breaker.state(time.monotonic()) is State.OPEN

    def worked(self, seconds_to_first: float) -> None:
        """A call ended well."""
        self.breaker.succeeded()
        self.health.worked(seconds_to_first)

    def failed(self, failure: ProviderFailure) -> None:
        """A call failed; a provider that asks to wait is left alone by everybody for that long."""
        self.breaker.failed(failure.code, time.monotonic())
        self.health.failed(failure.code)
        if failure.code is Code.RATE_LIMITED and failure.retry_after:
            self.gate.pause(min(failure.retry_after, 60.0))


class Lines:
    """The lines by provider; a provider whose settings changed gets a new one."""

    def __init__(self, registry: Registry, limiter: MovingWindowRateLimiter) -> None:
        self._registry = registry
        self._limiter = limiter
        self._lines: dict[str, Line] = {}

    def get(self, slug: str) -> Line | None:
        """The line to a provider; None when there is no such provider."""
        provider = self._registry.get(slug)
        if provider is None:
            return None
        line = self._lines.get(slug)
        if line is None or line.provider is not provider:
            line = self._lines[slug] = Line(provider, self._gate(provider))
        return line

    def _gate(self, provider: ProviderEntry) -> Gate:
        return Gate(
            provider.slug,
            limiter=self._limiter,
            requests_per_minute=provider.requests_per_minute,
            tokens_per_minute=provider.tokens_per_minute,
            max_concurrency=provider.max_concurrency,
        )

    def open_lines(self) -> list[Line]:
        """Every line that was used."""
        return list(self._lines.values())
