"""F21 for results: an answer of over 64 KB goes to the object storage, is read as any other, and is not lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from foundation.context import is_looking, looking
from foundation.database.threads import in_database_thread
from foundation.problems import as_problem
from foundation.sealing import encryption
from foundation.sealing.encryption import Lost, StoreAway
from foundation.sealing.files import opening, values
from foundation.sealing.files.resealing import reseal_files
from foundation.sealing.files.storing import store
from foundation.sealing.rotation import rotate
from foundation.sealing.standing import missing, standings
from foundation.sealing.tables import sealed_tables
from history.export.rows import rows as exported
from history.export.selection import Selection
from history.forking import fork
from playground.keeping import large_answers, retention
from playground.models import LargeAnswer, PromptExecution
from playground.models.execution import LARGE
from playground.representation import execution_json
from privacy.erasure.searching import places, search
from privacy.erasure.steps import NotYet
from sessions_app.models import PlaygroundSession
from tests.cast import new_user
from tests.foundation.keys import NEW, UseKeys, old, use_keys
from tests.foundation.stores import in_files_and_s3, object_store, storages
from tests.privacy.rows import a_session, executions
from tests.servers.object_store import ObjectStore

__all__ = ["in_files_and_s3", "object_store", "use_keys"]

CANARY = "kanarienvogel-7f2c"
WORDS = f"{CANARY} says a lot. " * 20_000
"""About 600 KB: three frames."""


@pytest.fixture(autouse=True)
def a_store_that_was_not_away() -> Iterator[None]:
    values._Rest.until = 0.0
    yield
    values._Rest.until = 0.0


def an_answer(text: str = WORDS, **fields: Any) -> PromptExecution:
    """An execution of an hour ago with it."""
    ended_at = timezone.now() - timedelta(hours=1)
    (row,) = executions(a_session(new_user()), days=0, answer={"response": text}, ended_at=ended_at, **fields)
    return fresh(row)


def fresh(row: PromptExecution) -> PromptExecution:
    """As the next who reads it has it."""
    return PromptExecution.objects.get(pk=row.pk)


def cell(row: PromptExecution) -> bytes:
    """The column as it lies in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM prompt_executions WHERE id = %s", [row.pk])
        return bytes(cursor.fetchone()[0])


def moved(text: str = WORDS, **fields: Any) -> PromptExecution:
    """One whose answer is in the storage."""
    row = an_answer(text, **fields)
    large_answers.move(now=timezone.now())
    assert len(cell(row)) < 200
    return fresh(row)


def objects() -> set[str]:
    """What lies in the storage for answers."""
    try:
        return {f"answers/{name}" for name in default_storage.listdir("answers")[1]}
    except FileNotFoundError:
        return set()


@pytest.mark.django_db
@pytest.mark.usefixtures("in_files_and_s3")
class TestInBothStores:
    """Each once with files, once with a real S3 server."""

    def test_it_is_sealed_there_and_read_as_before(self) -> None:
        row = moved()
        stored = LargeAnswer.objects.get(pk=row.pk)
        with default_storage.open(stored.storage_name) as file:
            raw = file.read()
        assert len(raw) > len(WORDS)
        assert CANARY.encode() not in raw
        assert str(stored.storage_name) in objects()
        assert row.answer == {"response": WORDS}
        assert execution_json(fresh(row))["response"] == WORDS
        assert fresh(row).whole_metadata == {}

    def test_what_is_small_young_or_not_ended_stays(self) -> None:
        small, late = an_answer("x" * (LARGE // 2)), an_answer()
        PromptExecution.objects.filter(pk=late.pk).update(ended_at=timezone.now() - timedelta(minutes=5))
        running = an_answer(status="running")
        before = {each.pk: cell(each) for each in (small, late, running)}
        assert large_answers.move(now=timezone.now()) == 0
        assert {each.pk: cell(each) for each in (small, late, running)} == before
        assert large_answers.move(now=timezone.now() + timedelta(minutes=6)) == 1

    def test_moving_twice_is_harmless(self) -> None:
        row = moved()
        name = LargeAnswer.objects.get(pk=row.pk).storage_name
        assert large_answers.move(now=timezone.now()) == 0
        assert LargeAnswer.objects.get(pk=row.pk).storage_name == name
        assert fresh(row).answer == {"response": WORDS}

    def test_who_comes_second_leaves_no_object(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two workers at the same answer, and one that dies before it has told where."""
        row = an_answer()
        real = large_answers._tell

        def interrupted(*given: Any) -> Any:
            monkeypatch.setattr(large_answers, "_tell", real)
            assert large_answers._is_moved(row.pk)
            return real(*given)

        monkeypatch.setattr(large_answers, "_tell", interrupted)
        assert not large_answers._is_moved(row.pk)
        name = LargeAnswer.objects.get(pk=row.pk).storage_name
        assert {each for each in objects() if str(row.pk) in each} == {name}
        assert fresh(row).answer == {"response": WORDS}

    def test_f21_one_who_dies_in_between_leaves_the_answer_and_a_stray(self, monkeypatch: pytest.MonkeyPatch) -> None:
        row = an_answer()

        class Killed(BaseException):
            pass

        def killed(*given: Any) -> Any:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(large_answers, "_tell", killed)
            with pytest.raises(Killed):
                large_answers.move(now=timezone.now())
        assert fresh(row).answer == {"response": WORDS}
        (stray,) = (each for each in objects() if str(row.pk) in each)
        large_answers.sweep(now=timezone.now())
        assert stray in objects()
        assert large_answers.move(now=timezone.now()) == 1
        large_answers.sweep(now=timezone.now() + timedelta(hours=2))
        assert {each for each in objects() if str(row.pk) in each} == {LargeAnswer.objects.get(pk=row.pk).storage_name}
        assert fresh(row).answer == {"response": WORDS}

    def test_one_that_is_lost_is_told_and_hides_no_other(self) -> None:
        row, other = moved(), moved("another " * 20_000)
        default_storage.delete(LargeAnswer.objects.get(pk=row.pk).storage_name)
        with pytest.raises(Lost) as raised:
            _ = fresh(row).answer
        problem = as_problem(raised.value)
        assert problem is not None
        assert (problem.status, problem.code) == (410, "lost")
        token = is_looking.set(True)
        try:
            assert fresh(row).answer == {"response": values.LOST}
            assert fresh(other).answer == {"response": "another " * 20_000}
        finally:
            is_looking.reset(token)

    def test_t38_a_rotation_seals_both_anew(self, use_keys: UseKeys) -> None:
        row = moved()
        before = old()
        use_keys(NEW, before)
        (table,) = (each for each in sealed_tables() if each.name == "prompt_executions")
        rotate(table)
        assert reseal_files().count >= 1
        use_keys(NEW)
        assert fresh(row).answer == {"response": WORDS}
        assert LargeAnswer.objects.get(pk=row.pk).sealed_with == encryption.keyring().current.hex()
        assert not [place for place in missing(standings()) if "large_answers" in str(place)]

    def test_the_search_of_an_erasure_finds_it(self) -> None:
        row = moved()
        at = [place for place in places() if place.name == "large_answers"]
        assert [str(find) for find in search([CANARY], at=at)] == [f"file large_answers/{row.pk}"]

    def test_an_export_and_a_copy_have_it_whole(self) -> None:
        row = moved()
        (told,) = exported(row.session, Selection(), until=timezone.now())
        assert told["response"] == WORDS
        made = fork(user=row.user, session=row.session, up_to=None)
        copy = PromptExecution.objects.get(session=made)
        assert copy.answer == {"response": WORDS}
        assert not LargeAnswer.objects.filter(pk=copy.pk).exists()

    def test_t03_erasing_takes_the_object_first(self) -> None:
        row = moved()
        name = LargeAnswer.objects.get(pk=row.pk).storage_name
        assert large_answers.erase(PromptExecution.objects.filter(pk=row.pk)) == 1
        assert name not in objects()
        assert large_answers.erase(PromptExecution.objects.filter(pk=row.pk)) == 0

    def test_what_is_kept_no_longer_takes_the_object_along(self, django_capture_on_commit_callbacks: Any) -> None:
        row = moved()
        name = LargeAnswer.objects.get(pk=row.pk).storage_name
        with django_capture_on_commit_callbacks(execute=True):
            retention.remove([row.pk])
        assert name not in objects()
        assert not LargeAnswer.objects.filter(pk=row.pk).exists()

    def test_one_that_goes_with_its_session_is_swept(self) -> None:
        row = moved()
        name = LargeAnswer.objects.get(pk=row.pk).storage_name
        row.session.delete()
        large_answers.sweep(now=timezone.now() + timedelta(hours=2))
        assert name not in objects()


@pytest.fixture
def in_s3(object_store: ObjectStore, settings: Any) -> ObjectStore:
    """Files lie in the S3 server, which runs again afterwards."""
    settings.STORAGES = storages(object_store, read_timeout=5)
    return object_store


@pytest.mark.django_db
def test_f21_while_the_store_is_away_answers_stay_in_their_rows_and_are_moved_later(
    in_s3: ObjectStore, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [an_answer(), an_answer()]
    in_s3.stop()
    try:
        assert large_answers.move(now=timezone.now()) == 0
        assert [fresh(row).answer for row in rows] == [{"response": WORDS}] * 2
        # The first tells: nobody waits for the store once an answer.
        assert [record.getMessage() for record in caplog.records].count("large_answers_wait") == 1
    finally:
        in_s3.start()
    assert large_answers.move(now=timezone.now()) == 2
    assert [fresh(row).answer for row in rows] == [{"response": WORDS}] * 2


@pytest.mark.django_db
def test_f21_a_truncated_upload_moves_nothing(in_s3: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    row = an_answer()

    def cut(stored: LargeAnswer, file: Any) -> None:
        file.truncate(file.tell() // 2)
        store(stored, file)

    with monkeypatch.context() as patch:
        patch.setattr(large_answers, "store", cut)
        assert large_answers.move(now=timezone.now()) == 0
    assert fresh(row).answer == {"response": WORDS}
    assert large_answers.move(now=timezone.now()) == 1
    assert fresh(row).answer == {"response": WORDS}


@pytest.mark.django_db
def test_f21_while_the_store_is_away_pages_tell_files_are_not_made_and_nothing_is_erased(
    in_s3: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, small = moved(), an_answer("small")
    asked: list[str] = []
    real = opening.begun

    def counted(stored: Any) -> Any:
        asked.append(stored.place)
        return real(stored)

    monkeypatch.setattr(opening, "begun", counted)
    in_s3.stop()
    try:
        with pytest.raises(StoreAway) as raised:
            _ = fresh(row).answer
        problem = as_problem(raised.value)
        assert problem is not None
        assert problem.status == 503
        token = is_looking.set(True)
        try:
            assert [fresh(each).answer for each in (row, small)] == [{"response": values.AWAY}, {"response": "small"}]
        finally:
            is_looking.reset(token)
        with looking(), pytest.raises(StoreAway):
            _ = fresh(row).answer
        with pytest.raises(StoreAway):
            list(exported(row.session, Selection(), until=timezone.now()))
        assert len(asked) == 1, "one of many waits for it"
        with pytest.raises(NotYet, match="object store"):
            large_answers.erase(PromptExecution.objects.filter(pk=row.pk))
        with pytest.raises(NotYet, match="object store"):
            list(search([CANARY], at=[place for place in places() if place.name == "large_answers"]))
        with pytest.raises(NotYet, match="object store"):
            list(search([CANARY], at=[place for place in places() if place.name == "objects"]))
    finally:
        in_s3.start()
    values._Rest.until = 0.0
    assert fresh(row).answer == {"response": WORDS}
    assert large_answers.erase(PromptExecution.objects.filter(pk=row.pk)) == 1


async def test_one_is_read_from_asynchronous_code_too(service: Any) -> None:
    row = await in_database_thread(moved)
    assert row.answer == {"response": WORDS}
    await in_database_thread(PlaygroundSession.objects.filter(id=row.session_id).delete)
