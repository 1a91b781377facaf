"""The servers of the run, looked after: when they do not start the run ends, and what dies is told once and comes back.

A plugin of pytest (`-p`), since a conftest is not asked about fixtures of the whole session.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest

NEEDED_BY_ALL = {"embedded_servers", "static_files", "django_db_setup", "running_service"}


class Watched(Protocol):
    """Servers that know how to come back."""

    def revive(self) -> list[str]:
        """Starts anew what has ended; a sentence each, with the end of its log where it keeps one."""

    def wait_until_well(self) -> None:
        """Waits until they serve again, after something that they stand on was started anew."""


_watched: list[Watched] = []


@contextmanager
def watched(servers: Watched) -> Iterator[None]:
    """They are looked after until the block ends."""
    _watched.append(servers)
    try:
        yield
    finally:
        _watched.remove(servers)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Ends the run when what all tests stand on does not come up: pytest would tell it to each of them."""
    try:
        return (yield)
    except Exception as error:
        if fixturedef.argname in NEEDED_BY_ALL:
            request.session.shouldstop = f"the run stops, what all tests stand on did not start: {error}"
        raise


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """Starts anew what has ended, before anything is put back; the test during which it ended is told so."""
    # Servers that stand on others were watched after them.
    told = [sentence for servers in _watched for sentence in servers.revive()]
    if told:
        _forget_connections()
        for servers in _watched:
            servers.wait_until_well()
    try:
        yield
    finally:
        if told:
            pytest.fail("\n".join(told), pytrace=False)


def _forget_connections() -> None:
    # Once Django's settings are there, which plugins come before.
    from django.db import connections

    from tests.servers import database

    connections.close_all()
    database.forget()
