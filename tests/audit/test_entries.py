"""What is done stands in the log, in the act's own transaction, by whatever door it came (T40)."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Team, User
from accounts.noting import asking
from audit.models import AuditEntry
from foundation import context
from templates_app.models import PromptTemplate
from tests.cast import new_user


def acts(**where: object) -> list[str]:
    """What was done, in its order."""
    return list(AuditEntry.objects.filter(**where).order_by("id").values_list("act", flat=True))


def undone() -> None:
    """Makes a user, and has it undone."""
    with transaction.atomic():
        new_user()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_row_of_a_watched_table_writes_its_entry() -> None:
    somebody, other = new_user(organisation="DADMS"), new_user()
    context.request_id.set("request-1")
    with asking(somebody, by="session"):
        User.objects.filter(id=other.id).update(roles=["admin"], is_active=True)
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.kind, entry.object_id) == ("user_changed", "user", str(other.id))
    assert (entry.actor, entry.organisation, entry.by) == (somebody.id, "DADMS", "session")
    assert (entry.fields, entry.request_id) == (["roles"], "request-1")


@pytest.mark.django_db
def test_what_is_not_changed_writes_none() -> None:
    user = new_user()
    before = AuditEntry.objects.count()
    user.save()
    assert AuditEntry.objects.count() == before


@pytest.mark.django_db
def test_who_is_put_into_a_team_is_named() -> None:
    team, user = Team.objects.create(name=uuid.uuid4().hex), new_user()
    team.members.add(user)
    team.members.remove(user)
    assert acts(kind="team", object_id=team.id, concerns=user.id) == ["team_member_added", "team_member_removed"]


@pytest.mark.django_db
def test_a_rollback_leaves_none() -> None:
    before = AuditEntry.objects.count()
    undone()
    assert AuditEntry.objects.count() == before


@pytest.mark.django_db
def test_what_was_told_within_a_savepoint_that_is_undone_is_told_again() -> None:
    somebody = new_user()
    with asking(somebody, by="session"):
        undone()
        made = new_user()
    assert AuditEntry.objects.get(object_id=made.id).actor == somebody.id


@pytest.mark.django_db(transaction=True)
def test_t40_a_connection_keeps_nobodys_name() -> None:
    somebody = new_user()
    with asking(somebody, by="session"):
        made = new_user()
    assert AuditEntry.objects.get(object_id=made.id).actor == somebody.id
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('audit.actor', true)")
        assert cursor.fetchone()[0] in (None, "")
        # Past everything that tells: the same connection, right after.
        psycopg.Cursor(connection.connection).execute("UPDATE users SET name = 'x' WHERE id = %s", (made.id,))
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor, entry.by, entry.fields) == (None, "database", ["name"])


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_entries", "audit_links"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET organisation = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_t20_nothing_of_it_is_changed_or_removed(table: str, statement: str) -> None:
    new_user()
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


@pytest.mark.django_db
def test_t10_names_of_fields_and_nothing_that_was_written() -> None:
    user = new_user(name="canary-audit", email="canary-audit@example.org")
    template = PromptTemplate.objects.create(name="canary-audit", owner=user)
    PromptTemplate.objects.filter(id=template.id).update(name="canary-audit 2", tags=["canary-audit"])
    assert acts(object_id=template.id) == ["template_made", "template_changed"]
    assert "canary-audit" not in repr(list(AuditEntry.objects.values()))
