"""A long log is linked and checked in memory that does not grow with it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.chain import chaining, verifying
from audit.chain.chaining import link_waiting
from audit.chain.verifying import verify
from audit.models import AuditEntry

FEW, MANY, BATCH = 400, 4_000, 100
WRITE = """
INSERT INTO audit_entries (at, organisation, act, kind, object_id, fields, by)
SELECT now(), %s, 'template_changed', 'template', number, '{tags}', 'session' FROM generate_series(1, %s) AS number
"""


def write(count: int, *, organisation: str) -> None:
    """So many entries."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [organisation, count])


def most_memory(work: Callable[[], Any]) -> int:
    """Bytes, at the worst moment."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.django_db
def test_ten_times_as_many_rows_take_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (chaining, verifying):
        monkeypatch.setattr(module, "BATCH", BATCH)
    linking, checking = [], []
    for count, organisation in ((BATCH, "Warm"), (FEW, "Few"), (MANY, "Many")):
        write(count, organisation=organisation)
        linking.append(most_memory(link_waiting))
        checking.append(most_memory(lambda name=organisation: verify(name, now=timezone.now())))  # type: ignore[misc]
    assert linking[2] < 2 * linking[1]
    assert checking[2] < 2 * checking[1]
    assert verify("Many", now=timezone.now()).length == MANY


@pytest.mark.django_db
def test_the_last_of_many_is_named_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "BATCH", BATCH)
    write(FEW, organisation="Few")
    link_waiting()
    last = AuditEntry.objects.latest("id").id
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_entries SET kind = 'x' WHERE id = %s", [last])
    fault = verify("Few", now=timezone.now()).fault
    assert fault is not None
    assert (fault.number, fault.entry_id) == (FEW, last)
