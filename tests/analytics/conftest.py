"""Whoever looks at what was used."""

from __future__ import annotations

import pytest

from tests.cast import Person, new_user
from tests.playground.conftest import make_provider as make_provider
from tests.playground.conftest import provider as provider
from tests.servers.service import Service


@pytest.fixture
def author(service: Service) -> Person:
    """Somebody who runs prompts."""
    return Person(service.url, new_user(name="Author"))


@pytest.fixture
def stranger(service: Service) -> Person:
    """Somebody who has nothing to do with the author."""
    return Person(service.url, new_user(name="Stranger"))
