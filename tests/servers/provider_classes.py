"""Python classes as an installation might name them in PROVIDER_CLASSES: one that works, and the ways to go wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from providers.base import (
    Finish,
    ListedModel,
    ProviderEvent,
    ProviderRequest,
    ReasoningDelta,
    TextDelta,
    Timeouts,
    Usage,
)
from providers.errors import Code, ProviderFailure

KEY_IN_A_MESSAGE = "zq-canary-key-in-a-message"


class Works:
    """Echoes the last message."""

    supported_parameters: Any = frozenset({"max_tokens"})

    def __init__(self, transport: object, *, base_url: str, api_key: str | None) -> None:
        self.api_key = api_key

    def supported_by(self, model: str) -> Any:
        return self.supported_parameters

    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncIterator[ProviderEvent]:
        yield TextDelta(str(request.messages[-1]["content"]))
        yield Finish("stop")

    async def list_models(self, *, timeouts: Timeouts) -> Any:
        return [ListedModel("works")]


class PlaysCalls(Works):
    """Does what the prompt says: `{"key": any, "calls": [[[step, value], ...], ...]}`, one list of steps a call.

    Steps: text, reasoning, usage, finish, fail (with a code; the call may be repeated), hang.
    """

    played: ClassVar[dict[str, int]] = {}

    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncIterator[ProviderEvent]:
        script = json.loads(str(request.messages[-1]["content"]))
        call = self.played.get(script["key"], 0)
        self.played[script["key"]] = call + 1
        for step, value in script["calls"][call]:
            if step == "hang":
                await asyncio.Event().wait()
            elif step == "fail":
                raise ProviderFailure(Code(value), is_retryable=True, retry_after=0)
            else:
                yield self._event(step, value)

    @staticmethod
    def _event(step: str, value: Any) -> ProviderEvent:
        match step:
            case "text":
                return TextDelta(value)
            case "reasoning":
                return ReasoningDelta(value)
            case "usage":
                return Usage(**value)
        return Finish(value)


class RaisesWhenMade(Works):
    def __init__(self, transport: object, **given: Any) -> None:
        raise RuntimeError(f"{KEY_IN_A_MESSAGE} {given}")


class ExitsWhenMade(Works):
    def __init__(self, transport: object, **given: Any) -> None:
        raise SystemExit(3)


class CannotTell(Works):
    def supported_by(self, model: str) -> Any:
        raise ValueError(KEY_IN_A_MESSAGE)


class CannotTellOfOne(Works):
    def supported_by(self, model: str) -> Any:
        if model == "odd":
            raise KeyError(KEY_IN_A_MESSAGE)
        return self.supported_parameters


class TakesNothing(Works):
    supported_parameters = None


class NoProvider:
    supported_parameters: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, transport: object, **given: Any) -> None:
        pass


class BreaksInAnswer(Works):
    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncIterator[ProviderEvent]:
        yield TextDelta("so far")
        raise KeyError(KEY_IN_A_MESSAGE)


class QuotesThePrompt(Works):
    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncIterator[ProviderEvent]:
        raise ProviderFailure(Code.PROVIDER_REFUSED, f"No: {request.messages[-1]['content']}")
        yield  # type: ignore[unreachable]


class EndsInASentence(Works):
    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncIterator[ProviderEvent]:
        said = str(request.messages[-1]["content"])
        yield TextDelta(said)
        yield Finish(f"stopped at {said}", f"the model {said}")


class AnswersNonsense(Works):
    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> Any:
        yield "text"


class ListingRaises(Works):
    async def list_models(self, *, timeouts: Timeouts) -> Any:
        raise AssertionError(KEY_IN_A_MESSAGE)


class ListingExits(Works):
    async def list_models(self, *, timeouts: Timeouts) -> Any:
        raise SystemExit(1)


class ListingIsNone(Works):
    async def list_models(self, *, timeouts: Timeouts) -> Any:
        return None


class ListingHangs(Works):
    async def list_models(self, *, timeouts: Timeouts) -> Any:
        await asyncio.Event().wait()


class ListsOddly(Works):
    """Every entry but `good` and `twice` is wrong in a way of its own."""

    async def list_models(self, *, timeouts: Timeouts) -> Any:
        nan: dict[str, Any] = {"context_window": float("nan"), "input_per_million": float("inf"), "note": "kept"}
        odd = {"capabilities": [["tools"]], "max_output_tokens": -1, "name": "\ud800", "output_per_million": 10**400}
        return [
            None,
            "a text",
            ListedModel(None),  # type: ignore[arg-type]
            ListedModel(["a", "list"]),  # type: ignore[arg-type]
            ListedModel(""),
            ListedModel("nul\x00"),
            ListedModel("surrogate\ud800"),
            ListedModel("l" * 300 + "a"),
            ListedModel("l" * 300 + "b"),
            ListedModel("twice", {"name": "First"}),
            ListedModel("twice", {"name": "Second"}),
            ListedModel("good", {**nan, **odd}),
            ListedModel("no-details", 7),  # type: ignore[arg-type]
        ]


class ListsTenThousand(Works):
    async def list_models(self, *, timeouts: Timeouts) -> Any:
        return [ListedModel(f"model-{number}", {"context_window": 4096}) for number in range(10_000)]
