"""What belongs to the request at hand and must not be passed through every call."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
asker: ContextVar[str] = ContextVar("asker", default="")
"""The id of whoever asks, once the door has let them in; empty in workers and commands."""
organisation: ContextVar[str] = ContextVar("organisation", default="")
"""Of whoever asks."""
came_by: ContextVar[str] = ContextVar("came_by", default="")
"""What whoever asks came in by (`audit.acts`); empty in workers and commands."""
address: ContextVar[str] = ContextVar("address", default="")
"""Where the request comes from."""
is_looking: ContextVar[bool] = ContextVar("is_looking", default=False)
"""Whether somebody only looks: what cannot be opened is told in its place then, and hides nothing else."""


@contextmanager
def looking() -> Iterator[None]:
    """Within it, whoever asks only looks: for files, which are made aside of any request."""
    token = is_looking.set(True)
    try:
        yield
    finally:
        is_looking.reset(token)
