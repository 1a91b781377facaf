"""T38 for the object storage: files are sealed anew as rows are, and no file needs the old key afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from foundation.sealing import encryption
from foundation.sealing.files.opening import contents, pieces
from foundation.sealing.files.resealing import models_with_files, reseal_files
from foundation.sealing.files.row import SealedFile
from foundation.sealing.files.storing import sealed_file, store
from foundation.sealing.frames import FRAME
from foundation.sealing.standing import missing, standings
from history.models import ExportArtifact
from playground.attachments.storing import take
from playground.models import Attachment
from sessions_app.models import PlaygroundSession
from tests.cast import new_user
from tests.foundation.keys import NEW, UseKeys, old, use_keys
from tests.foundation.stores import in_files_and_s3, object_store

__all__ = ["in_files_and_s3", "object_store", "use_keys"]

LONG = b"text of a file. " * (FRAME // 8)
"""Three frames."""

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_files_and_s3")]


def an_attachment(data: bytes = LONG) -> Attachment:
    """A file that somebody uploaded."""
    return take(user=new_user(), data=data, name="a.txt", now=timezone.now())


def an_export(data: bytes = LONG) -> ExportArtifact:
    """A finished export."""
    user = new_user()
    session = PlaygroundSession.objects.default_of(user)
    expires_at = timezone.now() + timedelta(days=1)
    row = ExportArtifact(session=session, user=user, format="jsonl", status="completed", expires_at=expires_at)
    with sealed_file(row, [data]) as file:
        store(row, file)
    row.save()
    return row


def first_bytes(row: SealedFile) -> bytes:
    """Of the file as it lies: the length of the first frame, then its version and key id."""
    return stored(row)[4:9]


def spoil(row: SealedFile) -> None:
    """Changes the last byte where it lies."""
    put_back(row, stored(row)[:-1] + b"x")


def stored(row: SealedFile) -> bytes:
    """The file as it lies."""
    with default_storage.open(row.storage_name) as file:
        return bytes(file.read())


def put_back(row: SealedFile, data: bytes) -> None:
    """These bytes in its place."""
    default_storage.delete(row.storage_name)
    assert default_storage.save(row.storage_name, ContentFile(data)) == row.storage_name


def test_every_table_that_names_a_file_is_walked() -> None:
    walked = {model._meta.db_table for model in models_with_files()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.columns WHERE column_name = 'storage_name'")
        assert walked == {table for (table,) in cursor.fetchall()} != set()


@pytest.mark.parametrize("make", [an_attachment, an_export])
def test_t38_after_a_rotation_no_file_needs_the_old_key(use_keys: UseKeys, make: Callable[[], SealedFile]) -> None:
    row = make()
    before, first = row.storage_name, old()
    use_keys(NEW, first)
    said = StringIO()
    call_command("encryption", "rotate", stdout=said)
    assert "1 files sealed with the first key" in said.getvalue()
    assert reseal_files().count == 0
    use_keys(NEW)
    call_command("encryption", "status", "--only-missing")
    row.refresh_from_db()
    assert b"".join(contents(row)) == LONG
    assert (row.sealed_with, first_bytes(row)[1:].hex()) == (encryption.key_id(NEW).hex(),) * 2
    assert not default_storage.exists(before)


@pytest.mark.parametrize("make", [an_attachment, an_export])
def test_t38_a_key_that_only_a_file_needs_is_missed(use_keys: UseKeys, make: Callable[[], SealedFile]) -> None:
    row = make()
    needed = encryption.key_id(old()).hex()
    # As after a rotation that was killed between the rows and the files.
    Attachment.objects.update(facts=None)
    use_keys(NEW)
    assert missing(standings()) == {needed: {f"{row._meta.db_table} (files)": 1}}
    complained = StringIO()
    with pytest.raises(SystemExit):
        call_command("encryption", "rotate", stderr=complained)
    assert f"1 files cannot be opened: {row.place}" in complained.getvalue()


@pytest.mark.parametrize("is_current", [True, False])
def test_t38_a_file_from_before_tells_its_key_itself(use_keys: UseKeys, is_current: bool) -> None:
    row = an_attachment()
    Attachment.objects.update(sealed_with="")
    use_keys(*((old(), NEW) if is_current else (NEW, old())))
    assert reseal_files().count == (0 if is_current else 1)
    row.refresh_from_db()
    assert row.sealed_with == encryption.keyring().current.hex()
    assert b"".join(contents(row)) == LONG


def test_t38_one_who_looked_at_the_row_before_still_gets_the_file(use_keys: UseKeys) -> None:
    looked_at = an_attachment()
    use_keys(NEW, old())
    begun = pieces(Attachment.objects.get())
    read = next(begun)
    reseal_files()
    assert b"".join(contents(looked_at)) == LONG
    assert read + b"".join(begun) == LONG


def test_t38_a_file_that_cannot_be_opened_keeps_no_other_from_its_new_key(use_keys: UseKeys) -> None:
    rows = [an_attachment(LONG + str(number).encode()) for number in range(3)]
    spoil(rows[1])
    use_keys(NEW, old())
    said, complained = StringIO(), StringIO()
    with pytest.raises(SystemExit):
        call_command("encryption", "rotate", stdout=said, stderr=complained)
    assert f"1 files cannot be opened: {rows[1].place}" in complained.getvalue()
    assert "2 files sealed with the first key" in said.getvalue()
    # Nothing of the one that does not open was touched: a copy of it may be put back.
    assert default_storage.exists(rows[1].storage_name)


def test_t38_a_file_that_the_storage_lost_needs_no_key(use_keys: UseKeys) -> None:
    row = an_attachment()
    default_storage.delete(row.storage_name)
    use_keys(NEW, old())
    said = StringIO()
    call_command("encryption", "rotate", stdout=said)
    assert f"1 files are not in the object store: {row.place}" in said.getvalue()
    use_keys(NEW)
    call_command("encryption", "status", stdout=said)
    assert "attachments (files): 0 with the first key, 1 that the object store lacks" in said.getvalue()


def test_t38_a_lost_file_that_was_put_back_gets_its_new_key(use_keys: UseKeys) -> None:
    row = an_attachment()
    kept = stored(row)
    default_storage.delete(row.storage_name)
    use_keys(NEW, old())
    assert reseal_files().lost == [row.place]
    put_back(row, kept)
    assert reseal_files().count == 1
    row.refresh_from_db()
    assert b"".join(contents(row)) == LONG


def test_t38_a_file_that_was_stored_anew_meanwhile_is_left_alone(
    use_keys: UseKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = an_attachment()
    use_keys(NEW, old())
    too_late = []

    def somebody_is_faster(found: Attachment, file: Any) -> None:
        with sealed_file(row, [LONG]) as again:
            store(row, again)
        row.save()
        store(found, file)
        too_late.append(found.storage_name)

    monkeypatch.setattr("foundation.sealing.files.resealing.store", somebody_is_faster)
    assert reseal_files().count == 0
    kept = Attachment.objects.get()
    assert kept.storage_name == row.storage_name
    assert b"".join(contents(kept)) == LONG
    assert not default_storage.exists(too_late[0])


def test_f21_a_storage_that_is_away_stops_the_files_with_a_sentence(
    use_keys: UseKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_attachment()
    use_keys(NEW, old())

    def away(name: str, mode: str = "rb") -> None:
        raise ConnectionError(name)

    monkeypatch.setattr(default_storage, "open", away)
    said, complained = StringIO(), StringIO()
    with pytest.raises(SystemExit):
        call_command("encryption", "rotate", stdout=said, stderr=complained)
    assert "The object store does not answer" in complained.getvalue()
    assert "attachments: 1 rows sealed" in said.getvalue()
    monkeypatch.undo()
