"""T20, T39: the oldest entries go by one way only, and what is left verifies and tells where it begins."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit import retention
from audit.chain import heads
from audit.chain.chaining import link_waiting
from audit.models import AuditCut, AuditEntry, AuditLink
from audit.retention import prune
from tests.audit.test_chain import ORGANISATION, as_owner, verified, write

NOW = timezone.now()


def old(count: int, *, days: int = 100, organisation: str = ORGANISATION) -> None:
    """So many entries of long ago."""
    write(count, organisation=organisation)
    ids = list(AuditEntry.objects.order_by("-id").values_list("id", flat=True)[:count])
    as_owner("UPDATE audit_entries SET at = %s WHERE id = ANY(%s)", NOW - timedelta(days=days), ids)
    link_waiting()


@pytest.fixture
def chain(db: None) -> None:
    """Six old entries and four new ones; and two old ones of somebody else, which are all that there is."""
    old(6)
    write(4)
    old(2, organisation="Other")


def month_ago() -> datetime:
    """What is older goes."""
    return NOW - timedelta(days=30)


def numbers(organisation: str = ORGANISATION) -> list[int]:
    """Of the rows that are there."""
    return list(AuditLink.objects.filter(organisation=organisation).order_by("number").values_list("number", flat=True))


def test_what_is_old_goes_and_the_rest_verifies(chain: None) -> None:
    told = prune(before=month_ago(), dry_run=True)
    assert [(each.organisation, each.entries, each.number) for each in told] == [(ORGANISATION, 6, 6), ("Other", 1, 1)]
    assert numbers() == list(range(1, 11)), "a dry run removes nothing"
    assert not AuditCut.objects.exists()
    assert prune(before=month_ago()) == told
    link_waiting()
    assert numbers() == [7, 8, 9, 10, 11]
    assert numbers("Other")[0] == 2, "the last entry stays: the next one is linked to it"
    entry = AuditEntry.objects.get(act="audit_pruned", organisation=ORGANISATION)
    assert (entry.kind, entry.object_id, entry.by) == ("audit_log", "6", "service")
    assert verified() == (0, f"{ORGANISATION}: 5 rows from number 7 on, whole\n")
    assert ORGANISATION not in [each.organisation for each in prune(before=month_ago())], "twice is harmless"
    assert AuditEntry.objects.filter(organisation=ORGANISATION).count() == 5


def test_it_goes_on_and_is_cut_again(chain: None) -> None:
    prune(before=month_ago())
    write(3)
    link_waiting()
    prune(before=timezone.now() + timedelta(days=1))
    link_waiting()
    assert numbers() == [14, 15], "all but the last, and the entry of the cut"
    assert verified()[0] == 0


def test_t20_what_a_kill_left_is_removed_later(chain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(retention, "_remove", lambda organisation, number: 0)
        prune(before=month_ago())
    assert verified()[0] == 0
    assert prune(before=month_ago())[0].entries == 6
    assert numbers()[0] == 7


def test_t20_a_broken_row_stays_with_all_after_it(chain: None) -> None:
    third = AuditEntry.objects.filter(organisation=ORGANISATION).order_by("id")[2]
    as_owner("UPDATE audit_entries SET act = 'x' WHERE id = %s", third.id)
    (pruned, _) = prune(before=month_ago())
    assert (pruned.number, pruned.fault and pruned.fault.number) == (2, 3)
    link_waiting()
    assert verified()[0] == 1
    assert f"number 3, entry {third.id}" in verified()[1]


@pytest.mark.parametrize("table", ["audit_entries", "audit_links", "audit_cuts"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET organisation = 'x'"])
def test_t20_nothing_else_gets_by_the_triggers(chain: None, table: str, statement: str) -> None:
    prune(before=month_ago())
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(f"SELECT set_config('audit.cutting', 'off', true); {statement.format(table)}")


@pytest.mark.parametrize("table", ["audit_entries", "audit_links"])
def test_t20_rows_after_the_cut_do_not_go_either(chain: None, table: str) -> None:
    prune(before=month_ago())
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(f"{retention.CUTTING}; DELETE FROM {table}")


def forge(number: int) -> None:
    """The owner of the database removes rows, and puts a cut in their place."""
    link = AuditLink.objects.get(organisation=ORGANISATION, number=number)
    AuditCut.objects.create(organisation=ORGANISATION, number=number, hash=bytes(link.hash), at=NOW, signature="A" * 43)
    for table, column in (("audit_entries", "id"), ("audit_links", "entry_id")):
        as_owner(f"DELETE FROM {table} WHERE organisation = %s AND {column} <= %s", ORGANISATION, link.entry_id)


def test_t20_a_forged_cut_is_named(chain: None) -> None:
    link_waiting()
    forge(6)
    code, words = verified()
    assert code == 1
    assert words.startswith(f"{ORGANISATION}: number 6: "), words
    assert "not signed by this service" in words


def test_t20_a_removed_cut_is_named(chain: None) -> None:
    prune(before=month_ago())
    as_owner("DELETE FROM audit_cuts")
    code, words = verified()
    assert (code, words) == (1, f"{ORGANISATION}: number 1: the row is missing: its link was removed\n")


def test_t20_a_cut_that_no_entry_tells_of_is_named(chain: None) -> None:
    prune(before=month_ago())
    as_owner("DELETE FROM audit_waiting")
    as_owner("DELETE FROM audit_entries WHERE act = 'audit_pruned'")
    code, words = verified()
    assert (code, "no entry tells of it" in words) == (1, True)


def test_heads_of_what_went_are_of_the_past(chain: None, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    for count in (0, 2):
        write(count)
        link_waiting()
        heads.publish(file, now=timezone.now())
    prune(before=month_ago())
    assert verified("--head", str(file))[0] == 0


def command(*arguments: str) -> str:
    """What `manage.py audit prune` says."""
    out = StringIO()
    call_command("audit", "prune", *arguments, stdout=out)
    return out.getvalue()


def test_the_command(chain: None) -> None:
    with pytest.raises(CommandError, match="kept for ever"):
        command()
    assert f"{ORGANISATION}: 6 entries up to number 6 would go" in command("--days", "30", "--dry-run")
    assert f"{ORGANISATION}: 6 entries up to number 6 are gone" in command("--days", "30")
    assert ORGANISATION not in command("--days", "30")
