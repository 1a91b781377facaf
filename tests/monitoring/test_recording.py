"""T10, F: errors become rows beside whatever is done, at a bounded cost, also while the database is away."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from monitoring.errors import pending, recording, writing
from monitoring.errors.recording import Handler, Recorder
from monitoring.models import ErrorGroup, ErrorHour, State
from tests.monitoring.rows import an_error
from tests.waiting import PATIENCE

CANARY = "kanarienvogel-77ab"
logger = logging.getLogger("tests.monitoring")


def record_of(number: int = 0, **extra: Any) -> logging.LogRecord:
    """A log record of an exception; each number comes from a place of its own."""
    space: dict[str, Any] = {}
    exec(f"def place_{number}():\n    raise ValueError('{CANARY}')", space)
    code = space[f"place_{number}"].__code__.replace(co_filename=f"{recording.__file__}")
    try:
        exec(code)
    except ValueError:
        return logger.makeRecord(logger.name, logging.ERROR, __file__, 1, "it_broke", (), sys.exc_info(), extra=extra)
    raise AssertionError


@pytest.fixture
def recorder() -> Recorder:
    """Of a process that writes when it is told to."""
    made = Recorder()
    made.role = "test"
    made._wake = lambda: None  # type: ignore[method-assign]
    return made


@pytest.mark.django_db(transaction=True)
def test_errors_of_one_cause_are_one_row_with_their_count_by_the_hour(recorder: Recorder) -> None:
    for _ in range(3):
        recorder.see(record_of())
    assert recorder.flush()
    recorder.see(record_of())
    assert recorder.flush()
    (group,) = ErrorGroup.objects.all()
    assert (group.type, group.count, group.state, group.event) == ("ValueError", 4, State.OPEN, "it_broke")
    assert group.place == "monitoring.errors.recording:place_0"
    assert sum(ErrorHour.objects.values_list("count", flat=True)) == 4
    assert group.first_seen <= group.last_seen
    with connection.cursor() as cursor:
        cursor.execute("SELECT g::text || coalesce(string_agg(h::text, ''), '') FROM error_groups g "
                       "LEFT JOIN error_hours h ON h.group_id = g.id GROUP BY g.*")  # fmt: skip
        assert CANARY not in str(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_an_error_stays_where_the_transaction_around_it_is_rolled_back(recorder: Recorder) -> None:
    with transaction.atomic():
        recorder.see(record_of())
        assert recorder.flush()
        transaction.set_rollback(True)
    assert ErrorGroup.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_errors_are_one_group_in_memory_that_does_not_grow(recorder: Recorder) -> None:
    record = record_of()
    for _ in range(1_000):
        recorder.see(record)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(10_000):
        recorder.see(record)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    # Forty bytes an error would be more; other threads of the process allocate meanwhile, too.
    assert grown < 400_000
    assert recorder.flush()
    assert [each.count for each in ErrorGroup.objects.all()] == [11_000]


@pytest.mark.django_db(transaction=True)
def test_groups_beyond_the_bound_are_dropped_and_counted(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "MOST_GROUPS", 5)
    for number in range(8):
        recorder.see(record_of(number))
    assert recorder.flush()
    dropped = ErrorGroup.objects.get(fingerprint=writing.DROPPED)
    assert (dropped.count, ErrorGroup.objects.count()) == (3, 6)


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_errors_are_kept_and_written_later(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(writing, "conninfo", lambda: "host=127.0.0.1 port=9 dbname=none connect_timeout=2")
        recorder.see(record_of())
        assert not recorder.flush()
        recorder.see(record_of())
        assert not recorder.flush()
    assert recorder.flush()
    assert [each.count for each in ErrorGroup.objects.all()] == [2]


@pytest.mark.django_db(transaction=True)
def test_what_the_database_never_takes_is_dropped_and_counted(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(writing, "_hours", lambda *_: [{"fingerprint": "x", "hour": "never", "count": 1}])
        recorder.see(record_of())
        assert not recorder.flush()
    assert recorder.flush()
    assert [(each.fingerprint, each.count) for each in ErrorGroup.objects.all()] == [(writing.DROPPED, 1)]


def test_a_record_that_cannot_be_read_breaks_no_log_call(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()

    def broken(record: logging.LogRecord) -> None:
        raise RecursionError

    monkeypatch.setattr(recording, "sighting_of", broken)
    monkeypatch.setattr(recording, "RECORDER", recorder)
    Handler().handle(record_of())
    assert recorder._waiting.dropped.total() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_resolved_and_comes_again_is_open_again(recorder: Recorder) -> None:
    recorder.see(record_of())
    assert recorder.flush()
    ErrorGroup.objects.update(resolved_at=timezone.now() - timedelta(seconds=1))
    recorder.see(record_of())
    assert recorder.flush()
    group = ErrorGroup.objects.get()
    assert (group.state, group.regressions, group.count) == (State.OPEN, 1, 2)
    assert group.returned_at == group.last_seen


@pytest.mark.django_db(transaction=True)
def test_what_is_muted_is_counted_and_stays_muted(recorder: Recorder) -> None:
    recorder.see(record_of())
    assert recorder.flush()
    ErrorGroup.objects.update(muted_at=timezone.now())
    recorder.see(record_of())
    assert recorder.flush()
    assert [(each.state, each.count) for each in ErrorGroup.objects.all()] == [(State.MUTED, 2)]


@pytest.mark.django_db(transaction=True)
def test_processes_that_write_the_same_groups_do_not_wait_in_a_circle() -> None:
    def work(order: list[int]) -> None:
        mine = Recorder()
        mine.role, mine._wake = "test", lambda: None  # type: ignore[method-assign]
        for _ in range(10):
            for number in order:
                mine.see(record_of(number))
            done.append(mine.flush())

    done: list[bool] = []
    threads = [threading.Thread(target=work, args=(order,)) for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1])]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert done == [True] * 30
    assert [each.count for each in ErrorGroup.objects.all()] == [30] * 4


@pytest.mark.django_db(transaction=True)
def test_a_child_has_a_thread_of_its_own_and_nothing_of_its_parent() -> None:
    recorder = recording.RECORDER
    recorder.see(record_of(0))
    waiting = dict(recorder._waiting.groups)
    child = os.fork()
    if not child:
        is_well = False
        try:
            recorder.begin("test")
            is_well = not recorder._waiting and recorder._thread is None
            recorder.see(record_of(1))
            is_well = is_well and recorder._thread is not None and recorder._thread.is_alive()
            recording.end()
        finally:
            os._exit(0 if is_well else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert recorder._waiting.groups == waiting
    assert [each.place for each in ErrorGroup.objects.all()] == ["monitoring.errors.recording:place_1"]


@pytest.mark.django_db(transaction=True)
def test_the_thread_writes_within_its_second() -> None:
    recorder = Recorder()
    recorder.begin("test")
    recorder.see(record_of())
    deadline = time.monotonic() + PATIENCE
    while not ErrorGroup.objects.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.django_db
def test_groups_go_90_days_after_they_were_last_seen() -> None:
    from monitoring.keeping.retention import forget_old

    now = timezone.now()
    kept = an_error("kept", last_seen=now - timedelta(days=89))
    an_error("gone", last_seen=now - timedelta(days=91))
    assert forget_old(now=now) == 1
    assert list(ErrorGroup.objects.all()) == [kept]
    assert ErrorHour.objects.count() == 1
