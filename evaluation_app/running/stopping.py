"""Whether this worker is being stopped: its children are told by a byte that they share with their parent.

A pool child hears nothing of a warm shutdown, which waits for its task; a task that goes on for hours must hear of it.
"""

from __future__ import annotations

import mmap
from typing import Any

from celery.signals import worker_shutting_down

_told = mmap.mmap(-1, 1)


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _tell(**kwargs: Any) -> None:
    _told[0] = 1


def is_stopping() -> bool:
    """Whether the worker begins nothing more."""
    return bool(_told[0])
