"""Two web processes with small limits on the run's database and Valkey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.servers.service import Service, Web

STANDARD, STREAMING, EVALUATION = 10, 60, 3


@pytest.fixture(scope="module")
def narrow_webs(running_service: Service) -> Iterator[list[Web]]:
    """Both, behind one Valkey."""
    limits = {"STANDARD": STANDARD, "STREAMING": STREAMING, "EVALUATION": EVALUATION}
    given = {f"RATE_LIMIT_{name}": str(limit) for name, limit in limits.items()}
    webs = [Web({**running_service.environment, **given}) for _ in range(2)]
    yield webs
    for web in webs:
        web.stop()


@pytest.fixture
def anybody(narrow_webs: list[Web], service: Service) -> Person:
    """Somebody who has sent nothing yet, at the first of them."""
    return Person(narrow_webs[0].url, new_user())


@pytest.fixture
async def their_browser(anybody: Person) -> Browser:
    """The browser in which they have signed in."""
    return await in_database_thread(browser_of, anybody)
