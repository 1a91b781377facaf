"""Whether this worker is being stopped: its children are told by a byte that they share with their parent.

A pool child hears nothing of a warm shutdown, which waits for its task; a task that goes on for hours must hear of it.
"""

from __future__ import annotations

import mmap
from typing import Any

_told = mmap.mmap(-1, 1)


def tell(**kwargs: Any) -> None:
    """For Celery's signal, in the parent; the web process imports this too, and does without Celery."""
    _told[0] = 1


def is_stopping() -> bool:
    """Whether the worker begins nothing more."""
    return bool(_told[0])
