"""What belongs to the request at hand and must not be passed through every call."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple
from uuid import UUID


class Asker(NamedTuple):
    """Who asks, once the door has let them in."""

    id: UUID | None = None
    organisation: str = ""
    by: str = ""
    """What they came in by (`audit.acts`)."""


NOBODY = Asker()
"""In workers and commands."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
asker: ContextVar[Asker] = ContextVar("asker", default=NOBODY)
address: ContextVar[str] = ContextVar("address", default="")
"""Where the request comes from."""
media_type: ContextVar[str] = ContextVar("media_type", default="")
"""What the request calls its body, without parameters: where protocols want a refusal in the same encoding."""
is_looking: ContextVar[bool] = ContextVar("is_looking", default=False)
"""Whether somebody only looks: what cannot be opened is told in its place then, and hides nothing else."""
is_writing_a_file: ContextVar[bool] = ContextVar("is_writing_a_file", default=False)
"""Whether what is looked at goes into a file: what is away for a moment only must not be missing there for ever."""


@contextmanager
def looking() -> Iterator[None]:
    """Within it, whoever asks only looks: for files, which are made aside of any request."""
    token, in_a_file = is_looking.set(True), is_writing_a_file.set(True)
    try:
        yield
    finally:
        is_writing_a_file.reset(in_a_file)
        is_looking.reset(token)


@contextmanager
def acting() -> Iterator[None]:
    """Within it nobody only looks: for what must be known as it is or not at all, whatever the request is."""
    token = is_looking.set(False)
    try:
        yield
    finally:
        is_looking.reset(token)
