"""Group commit: whatever waits shares one round trip, and each waits for its own durable result.

The cost of a commit is divided among all that arrived while the last one was under way; nothing is
delayed on purpose. See docs/decisions/002-group-commit.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Runs `run_batch` on everything that waits, one batch at a time.

    `run_batch` gives a result an item, in order. When a batch fails, its items are run one by one, so
    that only the guilty one fails; `is_whole` names the errors that concern no item but the server (a lost
    connection) and fail the batch; `is_lasting` those that would meet the next batch too, and fail all that wait.
    """

    def __init__(
        self,
        run_batch: Callable[[list[Item]], Awaitable[list[Result]]],
        *,
        largest: int = 200,
        is_whole: tuple[type[Exception], ...] = (),
        is_lasting: tuple[type[Exception], ...] = (),
    ) -> None:
        self._run_batch = run_batch
        self._largest = largest
        self._is_whole = is_whole
        self._is_lasting = is_lasting
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """The item's own result, once its batch is done. A caller that stops waiting does not withdraw the item."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await asyncio.shield(future)

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
            await self._settle(batch)

    async def _settle(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._run_batch([item for item, _ in batch])
        except Exception as error:
            if isinstance(error, self._is_lasting):
                batch, self._waiting = [*batch, *self._waiting], []
            elif len(batch) > 1 and not isinstance(error, self._is_whole):
                for single in batch:
                    await self._settle([single])
                return
            for _, future in batch:
                _fail(future, error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _fail(future: asyncio.Future[Result], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
        # A caller that has gone does not ask for it: that is no forgotten error.
        future.exception()
