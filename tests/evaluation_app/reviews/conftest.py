"""The people of reviews: whoever asks, and guests who come by a link with nothing but a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.cast import Person
from tests.evaluation_app.reviews.people import Reviews
from tests.playground.conftest import anonymous, author, stranger
from tests.servers.service import Service

__all__ = ["anonymous", "author", "reviews", "stranger"]


@pytest.fixture(autouse=True)
def nothing_counted(service: Service) -> Iterator[None]:
    """All tests come from one address: what one of them guesses is not another's."""
    cache.delete_pattern("review-limit:*")  # type: ignore[attr-defined]
    yield
    cache.delete_pattern("review-limit:*")  # type: ignore[attr-defined]


@pytest.fixture
def reviews(author: Person) -> Reviews:
    """The author's."""
    return Reviews(author)
