"""T20: whoever owns the database and edits the log is found, and the row is named; linkers at once link once (F17)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from audit.acts import Act
from audit.chain import heads
from audit.chain.chaining import GENESIS, hash_of, link_waiting
from audit.models import AuditEntry, AuditLink, WaitingEntry
from audit.recording import record

ORGANISATION = "DADMS"


def write(count: int, *, organisation: str = ORGANISATION) -> None:
    """So many entries."""
    for number in range(count):
        record(act=Act.SIGNED_IN, kind="user", object_id=number, organisation=organisation)


@pytest.fixture
def chain(db: None) -> list[AuditEntry]:
    """Ten entries, linked, and two of somebody else's."""
    write(10)
    write(2, organisation="Other")
    link_waiting()
    return list(AuditEntry.objects.filter(organisation=ORGANISATION).order_by("id"))


def as_owner(statement: str, *parameters: Any) -> None:
    """What the owner of the database can do, past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def verified(*arguments: str) -> tuple[int, str]:
    """Exit code and words of `manage.py audit verify`."""
    out, err = StringIO(), StringIO()
    try:
        call_command("audit", "verify", "--organisation", ORGANISATION, *arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        return int(stop.code or 0), err.getvalue()
    return 0, out.getvalue()


def test_a_whole_chain_is_whole(chain: list[AuditEntry]) -> None:
    assert verified() == (0, f"{ORGANISATION}: 10 rows, whole\n")
    assert list(AuditLink.objects.filter(organisation="Other").values_list("number", flat=True)) == [1, 2]
    assert not WaitingEntry.objects.exists()


@pytest.mark.parametrize(
    "edit",
    [
        "act = 'signed_ouT'", "actor = gen_random_uuid()", "at = at + interval '1 microsecond'", "by = 'x'",
        "kind = 'x'", "object_id = 'x'", "concerns = 'x'", "fields = '{x}'", "address = 'x'", "request_id = 'x'",
        "organisation = 'Other'",
    ],
)  # fmt: skip
def test_t20_an_edited_row_is_named(chain: list[AuditEntry], edit: str) -> None:
    as_owner(f"UPDATE audit_entries SET {edit} WHERE id = %s", chain[4].id)
    code, words = verified()
    assert code == 1
    assert words.startswith(f"{ORGANISATION}: number 5, entry {chain[4].id}: "), words


REMOVALS: dict[str, Callable[[AuditEntry], None]] = {
    "the row": lambda entry: as_owner("DELETE FROM audit_entries WHERE id = %s", entry.id),
    "its link": lambda entry: as_owner("DELETE FROM audit_links WHERE entry_id = %s", entry.id),
}


@pytest.mark.parametrize("what", REMOVALS)
def test_t20_a_missing_row_is_named(chain: list[AuditEntry], what: str) -> None:
    REMOVALS[what](chain[4])
    code, words = verified()
    assert code == 1
    assert words.startswith(f"{ORGANISATION}: number 5"), words
    assert "missing" in words


def test_t20_swapped_rows_are_named(chain: list[AuditEntry]) -> None:
    third, sixth = chain[2].id, chain[5].id
    as_owner(
        "UPDATE audit_links SET entry_id = CASE entry_id WHEN %s THEN -1 ELSE %s END WHERE entry_id IN (%s, %s)",
        third, third, third, sixth,
    )  # fmt: skip
    as_owner("UPDATE audit_links SET entry_id = %s WHERE entry_id = -1", sixth)
    code, words = verified()
    assert code == 1
    assert words.startswith(f"{ORGANISATION}: number 3, entry {sixth}: "), words
    assert "not in its place" in words


def test_t20_a_link_taken_from_the_end_is_named(chain: list[AuditEntry]) -> None:
    as_owner("DELETE FROM audit_links WHERE entry_id = %s", chain[9].id)
    assert verified()[0] == 1
    assert f"entry {chain[9].id}: the row stands in no chain" in verified()[1]


def test_t20_a_tail_cut_off_is_found_by_what_was_published(chain: list[AuditEntry], tmp_path: Path) -> None:
    file = tmp_path / "heads"
    heads.publish(file, now=timezone.now())
    for table, column in (("audit_links", "entry_id"), ("audit_entries", "id")):
        as_owner(f"DELETE FROM {table} WHERE {column} >= %s AND organisation = %s", chain[7].id, ORGANISATION)
    assert verified()[0] == 0
    code, words = verified("--head", str(file))
    assert code == 1
    assert words.startswith(f"{ORGANISATION}: number 8: the rows from 8 on are missing"), words


def test_t20_a_chain_made_anew_is_found_by_what_was_published(chain: list[AuditEntry], tmp_path: Path) -> None:
    file = tmp_path / "heads"
    heads.publish(file, now=timezone.now())
    write(3)
    link_waiting()
    heads.publish(file, now=timezone.now())
    as_owner("UPDATE audit_entries SET object_id = 'nobody' WHERE id = %s", chain[4].id)
    previous = GENESIS
    for link in AuditLink.objects.filter(organisation=ORGANISATION).order_by("number"):
        previous = hash_of(previous, link.number, AuditEntry.objects.get(id=link.entry_id))
        as_owner("UPDATE audit_links SET hash = %s WHERE entry_id = %s", previous, link.entry_id)
    assert verified()[0] == 0
    code, words = verified("--head", str(file))
    assert code == 1
    assert words.startswith(f"{ORGANISATION}: number 10, entry {chain[9].id}: this is not what was published"), words
    assert "a row of 1 to 10" in words


def test_a_row_that_waits_is_whole_for_a_while(chain: list[AuditEntry]) -> None:
    write(1)
    assert verified()[0] == 0
    as_owner("UPDATE audit_entries SET at = %s WHERE id = (SELECT max(id) FROM audit_entries)", _long_ago())
    assert "has waited for its link" in verified()[1]


def test_a_row_removed_while_it_waits_is_named(chain: list[AuditEntry]) -> None:
    write(1)
    last = AuditEntry.objects.latest("id").id
    as_owner("DELETE FROM audit_entries WHERE id = %s", last)
    assert verified() == (1, f"entry {last}: the row is missing: it was removed before it was linked\n")


def test_heads_are_published_when_they_have_moved(chain: list[AuditEntry], tmp_path: Path) -> None:
    file = tmp_path / "heads"
    assert [(head.organisation, head.number) for head in heads.publish(file, now=timezone.now())] == [
        (ORGANISATION, 10), ("Other", 2),
    ]  # fmt: skip
    assert heads.publish(file, now=timezone.now()) == []
    assert len(list(heads.read(file))) == 2
    assert verified("--head", str(file))[0] == 0


def test_f17_a_second_look_links_nothing(chain: list[AuditEntry]) -> None:
    assert link_waiting() == 0
    assert AuditLink.objects.filter(organisation=ORGANISATION).count() == 10


@pytest.mark.django_db(transaction=True)
def test_f17_linkers_at_once_link_each_row_once() -> None:
    write(300)
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            link_waiting()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    link_waiting()
    numbers = AuditLink.objects.filter(organisation=ORGANISATION).order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 301))
    assert verified()[0] == 0


def _long_ago() -> object:
    return timezone.now() - timedelta(hours=1)
