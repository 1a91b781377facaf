"""F21 on a real S3 server: a bucket that is missing, a wrong secret, a store that is away, slow, and back again."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem
from foundation.sealing.files import bucket
from foundation.sealing.files.opening import contents
from foundation.sealing.files.sweeping import remove_strays
from playground.attachments.storing import take
from playground.attachments.sweeping import sweep
from playground.models import Attachment
from tests.cast import new_user
from tests.foundation.stores import object_store, storages
from tests.servers.object_store import ObjectStore

__all__ = ["object_store"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_s3(object_store: ObjectStore, settings: Any) -> ObjectStore:
    """Files lie in the S3 server, which runs again afterwards whatever the test did."""
    settings.STORAGES = storages(object_store, read_timeout=5)
    return object_store


def taken(text: bytes, user: User | None = None) -> Attachment:
    return take(user=user or new_user(), data=text, name="a.txt", now=timezone.now())


def test_a_file_is_sealed_before_it_is_sent(in_s3: ObjectStore) -> None:
    canary = f"canary-{uuid.uuid4().hex}".encode()
    row = taken(canary * 10_000)
    raw = in_s3.raw()
    assert row.storage_name in raw
    assert not any(canary in data or canary in name.encode() for name, data in raw.items())
    assert b"".join(contents(row)) == canary * 10_000


def test_a_bucket_that_is_missing_is_made_by_the_first_file(in_s3: ObjectStore, settings: Any) -> None:
    name = f"made-{uuid.uuid4().hex[:12]}"
    settings.STORAGES = storages(in_s3, bucket=name)
    assert bucket.answers()
    assert remove_strays(Attachment, now=timezone.now()) == 0
    row = taken(b"first")
    assert name in [each["Name"] for each in in_s3.client().list_buckets()["Buckets"]]
    assert b"".join(contents(row)) == b"first"


def test_f21_a_wrong_secret_is_told_and_nothing_is_kept(in_s3: ObjectStore, settings: Any) -> None:
    user = new_user()
    settings.STORAGES = storages(in_s3, secret="wrong-" + uuid.uuid4().hex)
    with pytest.raises(Problem) as raised:
        taken(b"text", user)
    assert (raised.value.status, raised.value.detail) == (503, "The object store is away for a moment.")
    assert not Attachment.objects.filter(user=user).exists()
    assert not bucket.answers()


def test_f21_one_that_is_away_is_told_and_comes_back_with_all_it_had(in_s3: ObjectStore) -> None:
    user = new_user()
    row = taken(b"kept", user)
    in_s3.stop()
    try:
        for refused in (lambda: taken(b"new", user), lambda: taken(b"kept", user), lambda: b"".join(contents(row))):
            began = time.monotonic()
            with pytest.raises(Problem) as raised:
                refused()
            assert raised.value.status == 503
            assert time.monotonic() - began < 30  # its client's own patience is five minutes
        assert not bucket.answers()
    finally:
        in_s3.start()
    assert b"".join(contents(row)) == b"kept"
    assert b"".join(contents(taken(b"new", user))) == b"new"
    assert bucket.answers()


def test_f21_one_that_is_slow_is_not_waited_for(in_s3: ObjectStore) -> None:
    row = taken(b"kept")
    in_s3.freeze()
    try:
        for refused in (lambda: taken(b"new"), lambda: b"".join(contents(row))):
            with pytest.raises(Problem) as raised:
                refused()
            assert raised.value.status == 503
    finally:
        in_s3.thaw()
    assert b"".join(contents(row)) == b"kept"


def test_what_is_swept_is_gone_from_the_bucket(in_s3: ObjectStore) -> None:
    row = taken(b"unused")
    assert row.storage_name in in_s3.raw()
    sweep(now=timezone.now() + timedelta(days=2))
    assert not Attachment.objects.filter(pk=row.pk).exists()
    assert row.storage_name not in in_s3.raw()


def test_a_stray_goes_after_an_hour_and_one_being_stored_stays(in_s3: ObjectStore) -> None:
    row = taken(b"stray")
    Attachment.objects.filter(pk=row.pk).delete()
    now = timezone.now()
    remove_strays(Attachment, now=now)
    assert default_storage.exists(row.storage_name)
    remove_strays(Attachment, now=now + timedelta(hours=2))
    assert not default_storage.exists(row.storage_name)
