"""The people of the doors' tests."""

from __future__ import annotations

from tests.evaluation_app.conftest import bench
from tests.playground.conftest import author, ledger, make_provider, provider, stranger

__all__ = ["author", "bench", "ledger", "make_provider", "provider", "stranger"]
