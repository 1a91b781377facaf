"""T38: no sealed column is out of the rotation's sight: found by the fields, and by what the database holds."""

from __future__ import annotations

from io import StringIO
from typing import Any, Final

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.models import Manager
from django.test.utils import isolate_apps

from foundation.sealing.fields import SealedJSONField, SealedTextField
from foundation.sealing.rotation import rotate
from foundation.sealing.standing import of_table
from foundation.sealing.tables import sealed_tables
from tests.foundation.keys import NEW, UseKeys, old, use_keys

__all__ = ["use_keys"]

NOT_SEALED: Final = {"hash", "digest", "fingerprint", "subject", "body_hash", "token_hash", "link_hash", "link_nonce"}
ANSWERS_TO_A_HASH: Final = {("audit_stamps", "response")}
"""What a time-stamping authority says."""
"""Columns of bytes that hold what nobody wrote: digests and random numbers."""

pytestmark = pytest.mark.django_db


class NothingToSee(Manager[Any]):
    """As of a model that hides what was deleted."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().none()


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> type[models.Model]:
    """A table that came later, with a key, a column name and a manager of its own."""
    with isolate_apps("foundation"):

        class Diary(models.Model):  # noqa: DJ008 - nobody reads it
            number: Any = models.BigAutoField(primary_key=True)
            entry: Any = SealedTextField(db_column="written")
            mood: Any = SealedJSONField(null=True)
            objects = NothingToSee()

            class Meta:
                app_label = "foundation"
                db_table = "diaries"

    present = apps.get_models
    monkeypatch.setattr(apps, "get_models", lambda *args, **kwargs: [*present(*args, **kwargs), Diary])
    with connection.schema_editor() as editor:
        editor.create_model(Diary)
    return Diary


def walked() -> set[tuple[str, str]]:
    """Table and column of everything that a rotation comes to."""
    return {(table.name, column) for table in sealed_tables() for column in table.columns}


def test_every_column_of_bytes_in_the_database_is_walked_or_holds_no_text() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE data_type = 'bytea' AND table_schema = current_schema()"
        )
        columns = set(cursor.fetchall())
    unwalked = columns - walked() - ANSWERS_TO_A_HASH
    assert {column for column in unwalked if column[1] not in NOT_SEALED} == set()
    assert walked() - columns == set()


def test_every_sealed_field_of_a_model_is_walked() -> None:
    fields = {
        (field.model._meta.db_table, field.column)
        for model in apps.get_models(include_auto_created=True, include_swapped=True)
        for field in model._meta.get_fields(include_hidden=True)
        if isinstance(field, SealedJSONField)
    }
    assert fields == walked() != set()


def test_t38_a_table_that_came_later_is_rotated_too(use_keys: UseKeys, diary: type[models.Model]) -> None:
    for number in range(1, 8):
        diary(number=number, entry=f"day {number}", mood={"is": "good"} if number % 2 else None).save(force_insert=True)
    use_keys(NEW, old())
    table = next(table for table in sealed_tables() if table.name == "diaries")
    assert [(each.place, sum(each.others.values())) for each in of_table(table)] == [
        ("diaries.written", 7), ("diaries.mood", 4),
    ]  # fmt: skip
    assert rotate(table).count == 7
    use_keys(NEW)
    rows: Any = diary._base_manager.order_by("number")
    assert [row.entry for row in rows] == [f"day {number}" for number in range(1, 8)]
    assert [row.mood for row in rows][:2] == [{"is": "good"}, None]


def test_t38_a_table_that_came_later_keeps_the_start_when_its_key_is_missing(
    use_keys: UseKeys, diary: type[models.Model]
) -> None:
    diary(number=1, entry="a day").save(force_insert=True)
    use_keys(NEW)
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("encryption", "status", "--only-missing", stderr=said)
    assert "diaries.written: 1" in said.getvalue()
