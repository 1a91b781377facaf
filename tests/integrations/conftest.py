"""An author, a stranger, and a service without any service around it."""

from __future__ import annotations

from tests.playground.conftest import anonymous, author, ledger, make_provider, provider, stranger

__all__ = ["anonymous", "author", "ledger", "make_provider", "provider", "stranger"]
