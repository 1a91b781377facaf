"""Sealed columns: opened when first read, in their own cell only, and never looked up."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, transaction

from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.fields import Sealed
from playground.models import PromptExecution
from providers.models import Provider
from sessions_app.models import PlaygroundSession
from tests.cast import new_user

pytestmark = pytest.mark.django_db
CANARY = "canary-sk-0123456789"


def provider(key: str = CANARY) -> Provider:
    """A saved provider with a key."""
    row = Provider(slug=f"p{uuid.uuid4().hex[:8]}", name="P", base_url="https://models.example.org/v1")
    row.set_key(key)
    row.save()
    return Provider.objects.get(pk=row.pk)


@pytest.fixture
def execution() -> PromptExecution:
    """An execution with texts."""
    user = new_user()
    session = PlaygroundSession.objects.default_of(user)
    return PromptExecution.objects.create(
        session=session, user=user, model_id="openai/x", request={"prompt": CANARY}, answer={"response": CANARY}
    )


def raw(row: Any, column: str) -> Any:
    """The cell as PostgreSQL holds it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def test_the_database_holds_no_text(execution: PromptExecution) -> None:
    for column in ("request", "answer"):
        cell = bytes(raw(execution, column))
        assert CANARY.encode() not in cell
        assert cell[:1] == b"\x01"
    assert PromptExecution.objects.get(pk=execution.pk).request == {"prompt": CANARY}


def test_a_list_that_shows_no_text_opens_none(execution: PromptExecution) -> None:
    (row,) = PromptExecution.objects.all()
    assert isinstance(row.__dict__["request"], Sealed)
    assert row.request == {"prompt": CANARY}
    assert isinstance(row.__dict__["answer"], Sealed)
    (values,) = PromptExecution.objects.values("request")
    assert isinstance(values["request"], Sealed)
    assert CANARY.encode() not in bytes(values["request"])


def test_a_deferred_cell_is_read_when_needed(execution: PromptExecution) -> None:
    row = PromptExecution.objects.defer("request").get(pk=execution.pk)
    assert "request" not in row.__dict__
    assert row.request == {"prompt": CANARY}
    assert PromptExecution.objects.only("model_id").get(pk=execution.pk).answer == {"response": CANARY}


def test_nothing_stays_nothing() -> None:
    row = Provider.objects.create(slug="none", name="N", base_url="https://models.example.org")
    assert Provider.objects.get(pk=row.pk).credentials is None
    assert raw(row, "credentials") is None
    assert list(Provider.objects.filter(credentials__isnull=True)) == [row]


def test_saving_an_unread_row_leaves_its_cells_as_they_are() -> None:
    row = provider()
    before = bytes(raw(row, "credentials"))
    row.refresh_from_db()
    row.name = "another"
    row.save(update_fields=["name"])
    assert bytes(raw(row, "credentials")) == before
    assert Provider.objects.get(pk=row.pk).credentials["api_key"] == CANARY


def test_a_changed_value_is_sealed_anew() -> None:
    row = provider()
    before = bytes(raw(row, "credentials"))
    row.set_key("another-key")
    row.save()
    assert bytes(raw(row, "credentials")) != before
    assert Provider.objects.get(pk=row.pk).credentials["api_key"] == "another-key"


def test_a_cell_moved_to_another_row_or_column_does_not_open(execution: PromptExecution) -> None:
    mine, theirs = provider(), provider("their-key")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE providers SET credentials = %s WHERE id = %s", [raw(theirs, "credentials"), mine.pk])
        cursor.execute("UPDATE prompt_executions SET answer = request WHERE id = %s", [execution.pk])
    with pytest.raises(CannotDecrypt):
        _ = Provider.objects.get(pk=mine.pk).credentials
    with pytest.raises(CannotDecrypt):
        _ = PromptExecution.objects.get(pk=execution.pk).answer
    assert Provider.objects.get(pk=theirs.pk).credentials["api_key"] == "their-key"


def test_a_sealed_cell_cannot_be_looked_up_or_updated_in_place() -> None:
    row = provider()
    with pytest.raises(FieldError, match="cannot be looked up"), transaction.atomic():
        Provider.objects.filter(credentials={"api_key": CANARY}).exists()
    with pytest.raises(FieldError, match="updated in place"), transaction.atomic():
        Provider.objects.filter(pk=row.pk).update(credentials={"api_key": "x"})
    assert Provider.objects.get(pk=row.pk).credentials["api_key"] == CANARY


def test_a_row_without_its_key_cannot_be_sealed() -> None:
    field = Provider._meta.get_field("credentials")
    with pytest.raises(FieldError, match="give the row its key first"):
        field.pre_save(Provider(id=None, credentials={"api_key": CANARY}), add=True)


def test_a_dump_of_the_rows_shows_nothing(execution: PromptExecution) -> None:
    row = provider()
    for kind in ("json", "xml"):
        dumped = serializers.serialize(kind, [execution, row])
        assert "canary" not in dumped
    assert "canary" not in repr(execution) + repr(row) + str(row)
