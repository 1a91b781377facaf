"""The run's servers, its database, and the service in front of them: each started once, when first needed.

Under pytest-xdist each of its processes has all of them to itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase

from foundation.database import threads
from tests.servers import database
from tests.servers.embedded import EmbeddedServers
from tests.servers.service import Service
from tests.servers.watch import watched

_FILE = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The service that an earlier file has started goes on by its clock: each file finds the database as it was."""
    if item.session.stash.get(_FILE, None) != item.path:
        item.session.stash[_FILE] = item.path
        database.restore_shared()


@pytest.fixture(scope="session", autouse=True)
def patience_with_the_database() -> Iterator[None]:
    """In this process only: a thousand rows that a test prepares may take a busy machine longer than users wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "PATIENCE", 60.0)
        yield


@pytest.fixture(scope="session")
def embedded_servers() -> Iterator[EmbeddedServers]:
    """PostgreSQL and Valkey."""
    with EmbeddedServers(settings.DATA_DIR) as servers, watched(servers):
        yield servers


@pytest.fixture(scope="session")
def static_files() -> None:
    """Pages name their static files by the manifest that collecting them writes."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(embedded_servers: EmbeddedServers, static_files: None) -> None:
    """The test database bears the name in the settings: other processes find it by the same URL."""
    connections["default"].settings_dict["TEST"]["NAME"] = settings.DATABASES["default"]["NAME"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, embedded_servers: EmbeddedServers) -> Iterator[None]:
    """After the migrations: remembers what they wrote, and puts that back after tests that commit."""
    url = embedded_servers.database_url
    database.hush(url)
    database.remember(url)
    TransactionTestCase._fixture_teardown = lambda self: database.restore(url)  # type: ignore[attr-defined]
    yield
    database.forget()


@pytest.fixture(scope="session")
def running_service(django_db_setup: None, embedded_servers: EmbeddedServers) -> Iterator[Service]:
    """The processes; tests take `service`, which also cleans up after them."""
    service = Service(database_url=embedded_servers.database_url, redis_url=embedded_servers.redis_url)
    database.share(embedded_servers.database_url)  # with what its start wrote
    with watched(service):
        yield service
    service.stop()


@pytest.fixture
def service(running_service: Service, transactional_db: None) -> Iterator[Service]:
    """Web, worker and beat on the test database; rows that a test commits are seen by them and removed after it."""
    yield running_service
    running_service.stop_others()
