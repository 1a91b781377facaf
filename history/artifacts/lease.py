"""Renews a lease while a file is made or read, also while it is handed to a slow object store."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Final, Self

from django.db import Error, connections
from django.utils import timezone

from history.artifacts import lifecycle
from history.artifacts.lifecycle import Lease
from history.export.format import Row

EVERY: Final = 2.0
"""Seconds between two renewals."""


class LeaseLost(Exception):
    """Another worker makes this artifact now."""


class LeaseRenewal:
    """Renews the lease from a thread of its own, and tells the progress with it."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.rows_done = 0
        self._is_lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, each of which is progress; raises LeaseLost as soon as the lease is another's."""
        for row in rows:
            if self._is_lost:
                raise LeaseLost
            self.rows_done += 1
            yield row

    def done(self, rows: int) -> None:
        """So many more rows are done; raises LeaseLost as soon as the lease is another's."""
        if self._is_lost:
            raise LeaseLost
        self.rows_done += rows

    def stop(self) -> Lease:
        """Renews no more; gives the lease as it stands."""
        self._stop.set()
        self._thread.join()
        return self.lease

    def _keep(self) -> None:
        while not self._is_lost and not self._stop.wait(EVERY):
            try:
                renewed = lifecycle.renew(self.lease, rows_done=self.rows_done, now=timezone.now())
            except Error:
                continue  # the server may be back before the lease ends
            finally:
                connections.close_all()
            if renewed is None:
                self._is_lost = True
            else:
                self.lease = renewed
