"""A file as somebody brings it: its name, its text, and the values in it, each read once and only when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from foundation import text_files
from foundation.problems import Problem
from templates_app.exchange import parsing


@dataclass(frozen=True)
class Source:
    """One file, or a pasted text, which has no name."""

    data: bytes = field(repr=False)
    name: str = ""

    @property
    def stem(self) -> str:
        """The file's name without folders and its last ending; empty for a pasted text."""
        return PurePosixPath(self.name.replace("\\", "/")).stem

    @property
    def suffix(self) -> str:
        """The last ending of the file's name, in small letters, such as `.json`."""
        return PurePosixPath(self.name.replace("\\", "/")).suffix.lower()

    @cached_property
    def read(self) -> text_files.Text:
        """The text with its encoding; raises Problem (400)."""
        return text_files.read(self.data)

    @property
    def text(self) -> str:
        """The text; raises Problem (400) where the file is none."""
        return self.read.text

    @cached_property
    def value(self) -> Any:
        """The JSON or YAML in it as plain values; raises Problem (400) that names the place."""
        return parsing.read(self.text.encode())

    @cached_property
    def lines(self) -> list[Any] | None:
        """The values of JSON Lines; None where the file is none."""
        return parsing.read_lines(self.text)

    @cached_property
    def head(self) -> tuple[Mapping[str, Any], str] | None:
        """The front matter (YAML between two `---`) and the text below it; None without one. Raises Problem."""
        return parsing.read_front_matter(self.text)

    @property
    def mapping(self) -> Mapping[str, Any]:
        """The values where they are an object; empty where not, or where the file holds no values. Never raises."""
        try:
            return self.value if isinstance(self.value, Mapping) else {}
        except Problem:
            return {}

    @property
    def front(self) -> Mapping[str, Any]:
        """The front matter where there is some, else nothing. Never raises."""
        try:
            return self.head[0] if self.head else {}
        except Problem:
            return {}
