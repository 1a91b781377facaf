"""A Python class of this installation as a provider (PROVIDER_CLASSES): its mistakes are its own and nobody else's."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from traceback import extract_tb
from typing import Any

from django.utils.module_loading import import_string

from providers.base import ListedModel, ProviderEvent, ProviderRequest, Timeouts
from providers.errors import Code, ProviderFailure
from providers.http.transport import Transport
from providers.parts.taking import taken_by
from providers.wires.failures import malformed

logger = logging.getLogger(__name__)

ANYTHING = (Exception, SystemExit)
"""What a class may raise that somebody else wrote; its text may hold the key, so only its kind is told."""
NEEDED = ("supported_by", "stream", "list_models")


class NotUsable(Exception):
    """The class cannot be a provider; the message says why, for people."""


def imported(path: str) -> Any:
    """The class that `path` names; raises NotUsable."""
    try:
        return import_string(path)
    except ANYTHING as error:
        raise NotUsable(f"The Python class cannot be imported ({type(error).__name__}).") from None


class InstalledAdapter:
    """The adapter that `path` names, made as `path(transport, base_url=…, api_key=…)` (base.Adapter).

    Raises NotUsable when it cannot be imported or made, or lacks what an adapter has. Later, whatever it raises
    beside ProviderFailure becomes one.
    """

    def __init__(self, path: str, transport: Transport, *, base_url: str, api_key: str | None) -> None:
        self._path = path
        make = imported(path)
        try:
            self._adapter: Any = make(transport, base_url=base_url, api_key=api_key)
            self.supported_parameters = frozenset(self._adapter.supported_parameters)
            self.parts = taken_by(self._adapter)
        except ANYTHING as error:
            raise NotUsable(f"The Python class cannot be made ({type(error).__name__}).") from None
        if missing := [name for name in NEEDED if not callable(getattr(self._adapter, name, None))]:
            raise NotUsable(f"The Python class has no {', '.join(missing)}.")
        try:
            self.supported_by("a-model")
        except ProviderFailure as failure:
            raise NotUsable(failure.detail) from None

    def __repr__(self) -> str:
        return f"<InstalledAdapter {self._path}>"

    def supported_by(self, model: str) -> frozenset[str]:
        """Those that this model takes; raises ProviderFailure where the class cannot tell."""
        try:
            return frozenset(self._adapter.supported_by(model))
        except ANYTHING as error:
            raise self._broke("supported_by", error) from None

    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncGenerator[ProviderEvent, None]:
        """The answer's events."""
        try:
            async with aclosing(self._adapter.stream(request, timeouts=timeouts)) as events:
                async for event in events:
                    if not isinstance(event, ProviderEvent):
                        raise malformed(f"The Python class gave a {type(event).__name__} for an event.")
                    yield event
        except ProviderFailure:
            raise
        except ANYTHING as error:
            at = extract_tb(error.__traceback__)[-1]
            told = {"reason": type(error).__name__, "at": f"{at.filename}:{at.lineno}"}
            logger.warning("provider_class_broke", extra={"provider_class": self._path, **told})
            raise self._broke("stream", error) from None

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        """Its listing."""
        try:
            return list(await self._adapter.list_models(timeouts=timeouts))
        except ProviderFailure:
            raise
        except ANYTHING as error:
            raise self._broke("list_models", error) from None

    @staticmethod
    def _broke(where: str, error: BaseException) -> ProviderFailure:
        detail = f"The Python class failed in {where} ({type(error).__name__})."
        return ProviderFailure(Code.PROVIDER_ERROR, detail)
