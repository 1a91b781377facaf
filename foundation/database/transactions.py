"""What has to be kept although the caller's transaction will be undone."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, connections, transaction

Result = TypeVar("Result")


def in_a_transaction_of_its_own(function: Callable[[], Result]) -> Result:
    """What the function returns, its changes committed, whatever transaction is open here.

    Where one is open, a connection of its own does it: the function must not wait for what this one has locked.
    """
    if not connection.in_atomic_block:
        with transaction.atomic():
            return function()
    context = contextvars.copy_context()

    def apart() -> Result:
        try:
            with transaction.atomic():
                return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(context.run, apart).result()
