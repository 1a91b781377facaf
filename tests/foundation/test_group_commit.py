"""Group commit: everybody gets the own result, in order, and only the guilty one fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.database.group_commit import GroupCommit


class Guilty(Exception):
    """This item cannot be done."""


class Away(Exception):
    """The whole batch could not be done."""


@dataclass
class Ledger:
    """Does batches as a transaction would: a batch with a guilty item leaves nothing behind."""

    guilty: set[int] = field(default_factory=set)
    away_for: int = 0
    batches: list[list[int]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0

    async def run(self, batch: list[int]) -> list[str]:
        """A result an item."""
        self.running += 1
        assert self.running == 1, "one batch at a time"
        self.batches.append(batch)
        await self.opened.wait()
        self.running -= 1
        if self.away_for:
            self.away_for -= 1
            raise Away
        if found := self.guilty & set(batch):
            raise Guilty(sorted(found))
        self.done += batch
        return [f"result {item}" for item in batch]


async def outcomes(group: GroupCommit[int, str], items: list[int]) -> list[str | BaseException]:
    """What each caller gets."""
    return await asyncio.gather(*(group.submit(item) for item in items), return_exceptions=True)


@given(
    items=st.lists(st.integers(0, 50), min_size=1, max_size=30, unique=True),
    guilty=st.sets(st.integers(0, 50), max_size=10),
    largest=st.integers(1, 12),
)
@settings(max_examples=60, deadline=None)
def test_only_the_guilty_fail_and_order_is_kept(items: list[int], guilty: set[int], largest: int) -> None:
    async def scenario() -> None:
        ledger = Ledger(guilty=guilty)
        ledger.opened.set()
        told = await outcomes(GroupCommit(ledger.run, largest=largest, is_whole=(Away,)), items)
        innocent = [item for item in items if item not in guilty]
        assert ledger.done == innocent
        for item, said in zip(items, told, strict=True):
            assert isinstance(said, Guilty) if item in guilty else said == f"result {item}"
        assert max(map(len, ledger.batches)) <= largest

    asyncio.run(scenario())


async def test_what_waits_shares_one_batch() -> None:
    ledger = Ledger()
    group: GroupCommit[int, str] = GroupCommit(ledger.run)
    first = asyncio.create_task(group.submit(0))
    await asyncio.sleep(0)
    rest = asyncio.gather(*(group.submit(item) for item in range(1, 40)))
    await asyncio.sleep(0)
    ledger.opened.set()
    await first
    assert await rest == [f"result {item}" for item in range(1, 40)]
    assert ledger.batches == [[0], list(range(1, 40))]


async def test_a_lost_connection_fails_the_batch_and_nothing_is_tried_one_by_one() -> None:
    ledger = Ledger(away_for=1)
    ledger.opened.set()
    group: GroupCommit[int, str] = GroupCommit(ledger.run, is_whole=(Away,))
    told = await outcomes(group, [1, 2, 3])
    assert [type(said) for said in told] == [Away] * 3
    assert len(ledger.batches) == 1
    # The next ones find it working again.
    assert await outcomes(group, [4, 5]) == ["result 4", "result 5"]


async def test_a_connection_lost_while_going_one_by_one_fails_only_what_was_under_way() -> None:
    ledger = Ledger(guilty={2})
    ledger.opened.set()

    async def flaky(batch: list[int]) -> list[str]:
        if batch == [3]:
            raise Away
        return await ledger.run(batch)

    told = await outcomes(GroupCommit(flaky, is_whole=(Away,)), [1, 2, 3, 4])
    assert told[0] == "result 1"
    assert isinstance(told[1], Guilty)
    assert isinstance(told[2], Away)
    assert told[3] == "result 4"
    assert ledger.done == [1, 4]


async def test_a_caller_that_leaves_does_not_withdraw_its_item() -> None:
    ledger = Ledger()
    group: GroupCommit[int, str] = GroupCommit(ledger.run)
    callers = [asyncio.create_task(group.submit(item)) for item in range(3)]
    await asyncio.sleep(0)
    callers[0].cancel()
    callers[2].cancel()
    ledger.opened.set()
    assert await callers[1] == "result 1"
    for left in (callers[0], callers[2]):
        with pytest.raises(asyncio.CancelledError):
            await left
    assert ledger.done == [0, 1, 2]


async def test_a_caller_with_a_time_out_stops_waiting_only() -> None:
    ledger = Ledger()
    group: GroupCommit[int, str] = GroupCommit(ledger.run)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(group.submit(1), 0.01)
    ledger.opened.set()
    assert await group.submit(2) == "result 2"
    assert ledger.done == [1, 2]


async def test_a_failure_that_nobody_waits_for_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger(guilty={1})
    group: GroupCommit[int, str] = GroupCommit(ledger.run)
    caller = asyncio.create_task(group.submit(1))
    await asyncio.sleep(0)
    caller.cancel()
    ledger.opened.set()
    assert await group.submit(2) == "result 2"
    import gc

    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_it_goes_on_after_a_rest() -> None:
    ledger = Ledger()
    ledger.opened.set()
    group: GroupCommit[int, str] = GroupCommit(ledger.run)
    for item in range(3):
        assert await group.submit(item) == f"result {item}"
        await asyncio.sleep(0)
    assert ledger.batches == [[0], [1], [2]]
