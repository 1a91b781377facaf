"""Anthropic's Message Batches (https://docs.anthropic.com/en/api/creating-message-batches)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import quote

import orjson

from providers.base import ProviderRequest, Timeouts
from providers.wires.anthropic.errors import failure_in_stream
from providers.wires.batches import BatchAdapter, Fate, Outcome, Search, Standing, id_in
from providers.wires.failures import malformed
from providers.wires.json_shapes import as_list
from providers.wires.json_shapes import count as counted

PAGES: Final = 20
CLOCKS_APART: Final = timedelta(minutes=10)
"""The provider's clock may go so much behind ours."""
WITHOUT_ANSWER: Final = {"expired": Fate.EXPIRED, "canceled": Fate.CANCELLED}
KINDS: Final = ("processing", "succeeded", "errored", "canceled", "expired")


class AnthropicBatches(BatchAdapter):
    """The part of the adapter that speaks it."""

    most_requests: ClassVar[int] = 100_000
    most_bytes: ClassVar[int] = 256_000_000

    @abstractmethod
    def _root(self) -> str: ...

    def batch_line(self, custom_id: str, request: ProviderRequest) -> bytes:
        return orjson.dumps({"custom_id": custom_id, "params": self._body(replace(request, is_streamed=False))})

    async def send_batch(self, name: str, lines: Sequence[bytes], *, timeouts: Timeouts) -> str:
        body = b'{"requests":[' + b",".join(lines) + b"]}"
        told = await self._get(f"{self._root()}/messages/batches", method="POST", body=body, timeouts=timeouts)
        return id_in(told)

    async def find_batch(
        self, name: str, *, count: int, since: datetime, is_ours: Callable[[str], bool], timeouts: Timeouts
    ) -> Search:
        # It knows no name of ours, and shows custom ids once a batch has ended: until then one that might be it counts.
        after, is_open = "", False
        for _ in range(PAGES):
            page = await self._get(f"{self._root()}/messages/batches?limit=100{after}", timeouts=timeouts)
            rows = [row for row in as_list(page.get("data"), "data") if isinstance(row, dict)]
            for row in rows:
                if _made(row) is not None and _made(row) < since - CLOCKS_APART:  # type: ignore[operator]
                    return Search(is_open=is_open)
                if sum(_counts(row).values()) != count:
                    continue
                if row.get("processing_status") != "ended":
                    is_open = True
                elif await self._is_ours(id_in(row), is_ours, timeouts):
                    return Search(found=id_in(row))
            if page.get("has_more") is not True or not rows:
                return Search(is_open=is_open)
            after = f"&after_id={quote(id_in(rows[-1]), safe='')}"
        return Search(is_open=True)

    async def _is_ours(self, batch_id: str, is_ours: Callable[[str], bool], timeouts: Timeouts) -> bool:
        async with aclosing(self.batch_results(f"{self._address(batch_id)}/results", timeouts=timeouts)) as outcomes:
            async for outcome in outcomes:
                return is_ours(outcome.custom_id)
        return False

    async def batch_standing(self, batch_id: str, *, timeouts: Timeouts) -> Standing:
        told = await self._get(self._address(batch_id), timeouts=timeouts)
        counts = _counts(told)
        is_over = told.get("processing_status") == "ended"
        return Standing(
            is_over=is_over,
            answered=counts["succeeded"],
            failed=counts["errored"],
            # Not the address that it names: a key goes nowhere but where it was saved for.
            results=(f"{self._address(batch_id)}/results",) if is_over else (),
        )

    def _address(self, batch_id: str) -> str:
        return f"{self._root()}/messages/batches/{quote(batch_id, safe='')}"

    def _outcome(self, line: dict[str, Any]) -> Outcome:
        custom_id, result = line["custom_id"], line.get("result")
        if not isinstance(result, Mapping):
            return Outcome(custom_id, Fate.FAILED, [], malformed("A line of the results has no result"))
        kind = result.get("type")
        if kind in WITHOUT_ANSWER:
            return Outcome(custom_id, WITHOUT_ANSWER[kind], [])
        if kind == "errored":
            error = result.get("error")
            inner = error.get("error", error) if isinstance(error, Mapping) else {}
            return Outcome(custom_id, Fate.FAILED, [], failure_in_stream(inner, secrets=self._secrets))
        return self._read(custom_id, result.get("message"))


def _counts(row: Mapping[str, Any]) -> dict[str, int]:
    told = row.get("request_counts")
    told = told if isinstance(told, Mapping) else {}
    return {name: counted(told.get(name)) or 0 for name in KINDS}


def _made(row: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(row.get("created_at")))
    except ValueError:
        return None
