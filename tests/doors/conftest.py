"""The people of the executions' tests, and a browser that one of them has signed in with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser
from tests.playground.conftest import anonymous, author, ledger, make_provider, provider, stranger
from tests.servers.service import Service

__all__ = ["anonymous", "author", "browser_of", "ledger", "make_provider", "provider", "stranger"]

BrowserOf = Callable[[Person], Browser]


@pytest.fixture
def browser_of(service: Service) -> BrowserOf:
    """Makes the browser of somebody who has signed in; uses the database."""

    def make(person: Person) -> Browser:
        client = Client()
        assert person.user is not None
        client.force_login(person.user)
        return Browser(person.url, session_key=client.cookies["sessionid"].value)

    return make


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)
