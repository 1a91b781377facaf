"""The brake on guessing passwords: failures count, by account and by address, and each of many guesses at once.

django-axes counts them, in PostgreSQL. See docs/decisions/013-brake-on-guessing.md.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakValueDictionary

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

LONGEST_NAME: Final = 255
HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that are one customer's: whoever has one address has all behind them."""
AT_ONCE: Final = 4
"""Passwords that one process checks at once for one address: by so many a burst may pass the limit at most."""


class TooManyTries(Exception):
    """This account or address has failed too often."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many tries. Try again in {retry_after // 60 + 1} minutes.")
        self.retry_after = retry_after


class _Turns:
    """A semaphore for each name that somebody waits for or holds."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._known: WeakValueDictionary[str, threading.Semaphore] = WeakValueDictionary()
        self._lock = threading.Lock()

    def of(self, name: str) -> threading.Semaphore:
        """The semaphore of this name."""
        with self._lock:
            found = self._known.get(name)
            if found is None:
                found = self._known[name] = threading.Semaphore(self._at_once)
            return found


_of_addresses, _of_accounts = _Turns(AT_ONCE), _Turns(1)


@contextmanager
def braked(request: HttpRequest, credentials: Mapping[str, str]) -> Iterator[HttpRequest]:
    """Within it one password of the account is checked, with the request that it gives; raises TooManyTries.

    A failure within it must have been told (Django's `authenticate` does) before it ends.
    """
    attempt = _attempt(request)
    _refuse(attempt, credentials)
    account = account_of(attempt, credentials)
    if not connection.in_atomic_block:
        connection.close()  # Whoever waits holds none of the pool's connections.
    with _of_addresses.of(str(address_of(attempt))), _of_accounts.of(account), transaction.atomic():
        _wait_for_other_processes(account)
        _refuse(attempt, credentials)
        yield attempt


def forgive(request: HttpRequest, credentials: Mapping[str, str]) -> None:
    """Forgets the failures of an account after a success.

    Not those of the address at other accounts: else an account of one's own would be a way to guess for ever.
    """
    AxesProxyHandler.reset_attempts(username=account_of(request, credentials))


def account_of(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """The name that failures are counted under (AXES_USERNAME_CALLABLE)."""
    return str((credentials or {}).get("username") or "").lower()[:LONGEST_NAME] or "-"


def address_of(request: HttpRequest) -> str | None:
    """The address that failures are counted under (AXES_CLIENT_IP_CALLABLE); None where the web has none."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        network = ipaddress.ip_network((address, HOUSEHOLD), strict=False)
        return str(address.ipv4_mapped or network.network_address)
    return str(address)


def _attempt(request: HttpRequest) -> HttpRequest:
    """What axes is told of a request: it would keep the form, the query and the browser in clear."""
    told = HttpRequest()
    told.method, told.path = request.method, request.path
    told.META["REMOTE_ADDR"] = request.META.get("REMOTE_ADDR", "")
    return told


def _refuse(attempt: HttpRequest, credentials: Mapping[str, str]) -> None:
    if not AxesProxyHandler.is_allowed(attempt, credentials):
        raise TooManyTries(_seconds_to_wait(attempt, credentials))


def _wait_for_other_processes(account: str) -> None:
    """Until this transaction ends."""
    number = int.from_bytes(hashlib.sha256(f"sign-in:{account}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _seconds_to_wait(attempt: HttpRequest, credentials: Mapping[str, str]) -> int:
    """Until enough of the failures have been forgotten, of the account's and of the address's."""
    now = timezone.now()
    free_at = now
    for failures in AxesProxyHandler.get_implementation().get_user_attempts(attempt, credentials):
        rows = failures.order_by("attempt_time").values_list("attempt_time", "failures_since_start")
        left = sum(count for _, count in rows)
        for at, count in rows:
            if left < settings.AXES_FAILURE_LIMIT:
                break
            left -= count
            free_at = max(free_at, at + settings.AXES_COOLOFF_TIME)
    return int((free_at - now).total_seconds()) + 1
