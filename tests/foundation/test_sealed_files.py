"""T38 for the object storage: files are sealed anew as rows are, and no file needs the old key afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from foundation.sealing import encryption
from foundation.sealing.files.opening import contents, pieces
from foundation.sealing.files.resealing import models_with_files, reseal_files
from foundation.sealing.files.row import SealedFile
from foundation.sealing.files.storing import sealed_file, store
from foundation.sealing.frames import FRAME
from foundation.sealing.rows import missing_keys
from history.models import ExportArtifact, SessionImportArtifact
from playground.attachments.storing import take
from playground.models import Attachment
from sessions_app.models import PlaygroundSession
from tests.cast import new_user
from tests.foundation.keys import NEW, UseKeys, old, use_keys

__all__ = ["use_keys"]

LONG = b"text of a file. " * (FRAME // 8)
"""Three frames."""

pytestmark = pytest.mark.django_db


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
    return Path(default_storage.path(row.storage_name)).read_bytes()[4:9]


def spoil(row: SealedFile) -> None:
    """Changes the last byte where it lies."""
    path = Path(default_storage.path(row.storage_name))
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def test_every_model_with_files_is_found() -> None:
    assert set(models_with_files()) == {Attachment, ExportArtifact, SessionImportArtifact}


@pytest.mark.parametrize("make", [an_attachment, an_export])
def test_t38_after_a_rotation_no_file_needs_the_old_key(use_keys: UseKeys, make: Callable[[], SealedFile]) -> None:
    row = make()
    before, first = row.storage_name, old()
    use_keys(NEW, first)
    said = StringIO()
    call_command("reencrypt", stdout=said)
    assert "1 files sealed with the current key" in said.getvalue()
    assert reseal_files().count == 0
    use_keys(NEW)
    call_command("check_keys")
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
    assert missing_keys() == {needed}
    with pytest.raises(CommandError, match=f"1 files cannot be opened: {row.place}"):
        call_command("reencrypt")


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
    said = StringIO()
    with pytest.raises(CommandError, match=f"1 files cannot be opened: {rows[1].place}"):
        call_command("reencrypt", stdout=said)
    assert "2 files sealed with the current key" in said.getvalue()
    # Nothing of the one that does not open was touched: a copy of it may be put back.
    assert default_storage.exists(rows[1].storage_name)


def test_t38_a_file_that_the_storage_lost_needs_no_key(use_keys: UseKeys) -> None:
    row = an_attachment()
    default_storage.delete(row.storage_name)
    use_keys(NEW, old())
    said = StringIO()
    call_command("reencrypt", stdout=said)
    assert f"1 files are not in the object store: {row.place}" in said.getvalue()
    use_keys(NEW)
    call_command("check_keys")


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
    said = StringIO()
    with pytest.raises(CommandError, match="The object store does not answer"):
        call_command("reencrypt", stdout=said)
    assert "1 rows sealed" in said.getvalue()
    monkeypatch.undo()
