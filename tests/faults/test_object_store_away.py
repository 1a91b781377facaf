"""F21: exports, own data, erasure and retention on a real S3 server, while it is away, and when it is back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from foundation.sealing.files import values
from foundation.sealing.files.opening import contents
from history.artifacts import making as exporting
from history.models import ExportArtifact
from playground.attachments.storing import take
from playground.keeping import large_answers, retention
from playground.models import Attachment, LargeAnswer, PromptExecution
from privacy.erasure import erasing, lifecycle
from privacy.models import Erasure, OwnData
from privacy.own_data import making, ordering
from tests.foundation.stores import object_store, storages
from tests.privacy.rows import a_person, a_session, executions, ran, rule
from tests.servers.object_store import ObjectStore

__all__ = ["object_store"]

pytestmark = pytest.mark.django_db

LONG = "kanarienvogel-5a1e says a lot. " * 5_000
"""155 KB: of an answer that goes to the store."""
UPLOADED = b"kanarienvogel-5a1e in a file"


@pytest.fixture(autouse=True)
def in_s3(object_store: ObjectStore, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """Files lie in the S3 server, which is there and not rested from."""
    settings.STORAGES = storages(object_store, read_timeout=5)
    monkeypatch.setattr(values, "REST", 0.0)
    monkeypatch.setattr(exporting, "PAUSES", (0.1,))
    values._Rest.until = 0.0
    return object_store


@contextmanager
def away(store: ObjectStore) -> Iterator[None]:
    """Killed, and started again afterwards with what it had."""
    store.stop()
    try:
        yield
    finally:
        store.start()


def somebody() -> User:
    """With an answer in the store, and a file."""
    user = a_person(f"Org {timezone.now().timestamp()}", name="Kanarienvogel Five")
    ended = timezone.now() - timedelta(hours=1)
    executions(a_session(user), days=40, answer={"response": LONG}, ended_at=ended)
    assert large_answers.move(now=timezone.now()) == 1
    take(user=user, data=UPLOADED, name="a.txt", now=timezone.now())
    return user


def objects_of(user: User) -> set[str]:
    """Names of what lies in the store for this person."""
    answers = LargeAnswer.objects.filter(execution__user=user).values_list("storage_name", flat=True)
    return {*answers, *Attachment.objects.filter(user=user).values_list("storage_name", flat=True)}


def an_export(user: User) -> ExportArtifact:
    """Of all of their session; nobody has made it."""
    session = PromptExecution.objects.get(user=user).session
    tomorrow = timezone.now() + timedelta(days=1)
    return ExportArtifact.objects.create(session=session, user=user, format="jsonl", rows_total=1, expires_at=tomorrow)


def text_of(row: Any) -> bytes:
    """The plain bytes of a file that was made."""
    row.refresh_from_db()
    return b"".join(contents(row))


def test_f21_an_export_has_the_answer_says_why_it_failed_and_is_made_when_it_is_back(in_s3: ObjectStore) -> None:
    user = somebody()
    whole = an_export(user)
    exporting.make(whole.id)
    assert LONG.encode() in text_of(whole)
    assert not any(LONG[:17].encode() in raw for raw in in_s3.raw().values())
    refused = an_export(user)
    with away(in_s3):
        exporting.make(refused.id)
    refused.refresh_from_db()
    assert (refused.status, refused.storage_name) == ("failed", "")
    assert refused.error == "The object store, where some of the answers lie, is away. Ask for it again later."
    again = an_export(user)
    exporting.make(again.id)
    assert text_of(again) == text_of(whole)


def test_f21_own_data_is_whole_or_says_why_not(in_s3: ObjectStore) -> None:
    user = somebody()
    with away(in_s3):
        refused = ordering.order(user=user)
        making.make(refused.id)
    refused.refresh_from_db()
    assert (refused.status, refused.error) == ("failed", making.AWAY)
    made = ordering.order(user=user)
    making.make(made.id)
    made.refresh_from_db()
    assert made.status == OwnData.Status.COMPLETED
    with zipfile.ZipFile(io.BytesIO(text_of(made))) as archive:
        told = {name: archive.read(name) for name in archive.namelist()}
    assert any(LONG.encode() in data for name, data in told.items() if "executions" in name)
    assert UPLOADED in told.values()


def asked_for(user: User) -> Erasure:
    """Asked for and approved."""
    erasure = lifecycle.request(subject=user, by=None, with_export=False)
    lifecycle.approve(erasure_id=erasure.id, by=None, now=timezone.now())
    return erasure


def test_f21_t03_an_erasure_waits_for_the_store_says_so_and_takes_everything(in_s3: ObjectStore) -> None:
    user = somebody()
    names = objects_of(user)
    assert len(names) == 2
    assert names <= in_s3.raw().keys()
    erasure = asked_for(user)
    with away(in_s3):
        assert not erasing.go_on(erasure.id)
        assert "object store" in lifecycle.get(erasure.id).reason
        assert PromptExecution.objects.filter(user=user).exists(), "a row that is gone would leave an object of nobody"
    assert erasing.go_on(erasure.id)
    assert lifecycle.get(erasure.id).finds == []
    assert not names & in_s3.raw().keys()
    assert not PromptExecution.objects.filter(user=user).exists()


def test_f21_t39_the_proof_of_an_erasure_is_not_given_without_having_looked(
    in_s3: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, other = somebody(), somebody()
    assert objects_of(other)
    erasure = asked_for(user)
    real = erasing._erased

    def erased_and_then_away(*given: Any) -> bool:
        is_done = real(*given)
        in_s3.stop()
        return is_done

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_erased", erased_and_then_away)
        try:
            assert not erasing.go_on(erasure.id)
        finally:
            in_s3.start()
    told = lifecycle.get(erasure.id)
    assert (told.status, "looked through once it is back" in told.reason) == (Erasure.Status.ERASING, True)
    assert erasing.go_on(erasure.id)
    assert lifecycle.get(erasure.id).status == Erasure.Status.DONE


def test_f21_what_is_kept_no_longer_goes_and_its_object_when_the_store_is_back(
    in_s3: ObjectStore, django_capture_on_commit_callbacks: Any
) -> None:
    first, second = somebody(), somebody()
    names = {user: LargeAnswer.objects.get(execution__user=user).storage_name for user in (first, second)}
    for user in (first, second):
        rule(user.organisation, "executions", 30)
    with django_capture_on_commit_callbacks(execute=True):
        ran(organisation=first.organisation)
    assert not default_storage.exists(names[first])
    with away(in_s3), django_capture_on_commit_callbacks(execute=True):
        retention.remove(list(PromptExecution.objects.filter(user=second).values_list("pk", flat=True)))
    assert not PromptExecution.objects.filter(user=second).exists()
    assert default_storage.exists(names[second])
    large_answers.sweep(now=timezone.now() + timedelta(hours=2))
    assert not default_storage.exists(names[second])
