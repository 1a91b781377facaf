"""People with a provider of the test's own."""

from __future__ import annotations

from tests.playground.conftest import anonymous, author, make_provider, provider, stranger

__all__ = ["anonymous", "author", "make_provider", "provider", "stranger"]
