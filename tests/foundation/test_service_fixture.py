"""The fixtures that other tests stand on."""

from __future__ import annotations

import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from accounts.models import User
from sessions_app.models import PlaygroundSession
from tests.servers import database
from tests.servers.database import TABLES
from tests.servers.embedded import EmbeddedServers
from tests.servers.service import Service
from tests.waiting import PATIENCE


def answer(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as response:
        return int(response.status)


def test_processes_see_committed_rows(service: Service) -> None:
    link = service.sign_in_link()
    assert answer(link) == 200
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_committed_rows_are_gone_after_the_test() -> None:
    assert User.objects.count() == 0


def test_what_goes_on_after_a_test_and_wants_the_same_rows_does_not_keep_them(
    transactional_db: None, embedded_servers: EmbeddedServers
) -> None:
    PlaygroundSession.objects.default_of(User.objects.create_user("left"))
    url = embedded_servers.database_url
    with psycopg.connect(url) as goes_on, psycopg.connect(url, autocommit=True) as looks, ThreadPoolExecutor() as pool:
        names = [name for (name,) in looks.execute(TABLES)]
        models = sorted((User, PlaygroundSession), key=lambda model: names.index(model._meta.db_table))
        first, last = (SQL("UPDATE {} SET id = id").format(Identifier(model._meta.db_table)) for model in models)
        goes_on.execute(last)
        restoring = pool.submit(database.restore, url)
        until = time.monotonic() + PATIENCE
        while not looks.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall():
            assert time.monotonic() < until
            time.sleep(0.01)
        goes_on.execute(first)  # deadlocked, until the other, who has waited for longer, is ended
        goes_on.commit()
        restoring.result(PATIENCE)
    assert not User.objects.exists()


def test_what_the_clock_has_written_after_a_test_is_gone_before_the_next_file(service: Service) -> None:
    written = "SELECT FROM usage_rollups WHERE id = 1 AND done_until = 'infinity'"
    with psycopg.connect(service.environment["DATABASE_URL"], autocommit=True) as looks:
        looks.execute("INSERT INTO usage_rollups (id) VALUES (1) ON CONFLICT DO NOTHING")
        assert looks.execute("UPDATE usage_rollups SET done_until = 'infinity'").rowcount == 1  # the clock's own row
        database.restore_shared()
        assert not looks.execute(written).fetchall()


def test_the_web_restarts_on_its_address(service: Service) -> None:
    before = service.pid
    service.restart()
    assert service.pid != before
    assert answer(f"{service.url}/health/live") == 200


def test_a_second_web_process_serves_the_same_data(service: Service) -> None:
    other = service.start_web()
    assert other.url != service.url
    assert answer(service.sign_in_link().replace(service.url, other.url)) == 200
