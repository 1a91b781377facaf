"""The check on a schedule finds what `verify` finds, a stretch at a time, and what it found is kept (T20)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.chain.chaining import link_waiting
from audit.chain.checking import broken, check_on
from audit.chain.heads import Head
from audit.models import AuditCheck, AuditEntry
from audit.retention import prune
from foundation.database.threads import in_database_thread
from tests.audit.test_chain import ORGANISATION, as_owner, write
from tests.cast import Person
from tests.servers.service import Service
from tests.waiting import until

NOW = timezone.now()


@pytest.fixture
def chain(db: None) -> list[AuditEntry]:
    """Ten entries, linked."""
    write(10)
    link_waiting()
    return list(AuditEntry.objects.order_by("id"))


def check(*published: Head) -> AuditCheck:
    """One look at four rows."""
    check_on(published=lambda: published, now=timezone.now(), stretch=4)
    return AuditCheck.objects.get(organisation=ORGANISATION)


def test_a_round_takes_several_looks_and_begins_anew(chain: list[AuditEntry]) -> None:
    assert [check().number for _ in range(2)] == [4, 8]
    third = check()
    assert (third.number, third.length, third.fault) == (0, 10, "")
    assert third.ended_at is not None
    assert check().number == 4


def test_t20_what_is_changed_behind_its_back_is_found_in_the_next_round(chain: list[AuditEntry]) -> None:
    check()
    as_owner("UPDATE audit_entries SET act = 'x' WHERE id = %s", chain[1].id)
    check()
    assert check().fault == "", "this round had seen the row"
    found = check()
    assert found.fault.startswith(f"{ORGANISATION}: number 2, entry {chain[1].id}: ")
    assert broken() == [found.fault]


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_t20_a_tail_cut_off_is_found_by_what_was_published(chain: list[AuditEntry], looks: int) -> None:
    head = Head("2026-01-01T00:00:00", ORGANISATION, 10, "00")
    for _ in range(looks):
        check(head)
    for table, column in (("audit_links", "entry_id"), ("audit_entries", "id")):
        as_owner(f"DELETE FROM {table} WHERE {column} > %s", chain[6].id)
    for _ in range(3 - looks):
        found = check(head)
    assert "number 8: the rows from 8 on are missing" in found.fault


def test_t20_a_tail_cut_off_below_where_the_round_stands_is_found(chain: list[AuditEntry]) -> None:
    for _ in range(2):
        check()
    for table, column in (("audit_links", "entry_id"), ("audit_entries", "id")):
        as_owner(f"DELETE FROM {table} WHERE {column} > %s", chain[6].id)
    assert "number 8: the rows from 8 on are missing: number 8 was there" in check().fault


def test_t20_a_whole_chain_that_is_gone_is_found(chain: list[AuditEntry]) -> None:
    for table in ("audit_links", "audit_entries"):
        as_owner(f"DELETE FROM {table}")
    assert "number 1: the rows from 1 on are missing" in check(Head("x", ORGANISATION, 10, "00")).fault


def test_a_chain_that_is_cut_within_a_round_is_whole(chain: list[AuditEntry]) -> None:
    check()
    prune(before=NOW + timedelta(days=1))
    link_waiting()
    found = check()
    assert (found.fault, found.number) == ("", 0)


async def test_health_tells_of_it_beside(service: Service):
    async def state() -> str:
        return str((await Person(service.url, None).get("/health")).body["audit"])

    assert await state() == "healthy"
    await in_database_thread(lambda: AuditCheck.objects.create(organisation="X", fault="X: number 1: gone"))

    async def is_told() -> bool:
        return await state() == "unhealthy"

    await until(is_told)
