"""What a file format of an export is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evaluation_app.models import EvaluationTest

Writer = Callable[[EvaluationTest], Iterator[bytes]]
"""A test to the file's bytes, in memory that does not grow with its samples.

A writer gives something for every slice that it reads, if only `b""`: whoever pulls may then stop in between.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format; `name` is what `?format=` says, `title` what a menu does."""

    name: str
    title: str
    media_type: str
    suffix: str
    write: Writer
    is_report: bool = False
    """It tells what a test has shown, so that there is none before it has ended."""
