"""What a file format of templates is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from foundation.problems import FieldError, Problem, invalid
from templates_app.exchange.source import Source

MOST_TEMPLATES: Final = 2_000
"""That are taken at once."""
COLUMNS: Final = ("name", "prompt", "system_prompt", "category", "tags", "description")
"""What a column of a table can be."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A template of a service, named where its text is not."""

    template_id: UUID
    label: str = ""
    version: int | None = None
    """Of both the label counts, as it does where a run is asked for."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Of its variables, for one run."""
    address: str = ""
    """Where the service is, if the file tells."""
    is_code: bool = False
    """Whether it was made of the template; else it calls it."""
    turns: list[Any] | None = None
    """The texts that it holds, as messages, where they were the template's word by word."""

    @property
    def which(self) -> str:
        """The version that is meant, in words; empty for the present one."""
        if self.label:
            return f"label {self.label[:60]}"
        return "" if self.version is None else f"version {self.version}"


@dataclass(slots=True)
class Draft:
    """One template that a file holds, not checked yet.

    `entry` has the shape of an entry of our own document (`importing.TemplateEntry`): name, category, description,
    tags, versions (each with number, note, created_at and the fields of a content), labels. What is left out is
    filled in: a category, version numbers, times. `place` is where in the file it stands, as a dotted path.
    `key` is how the file's own system knows it, so that it is known again when it comes a second time; the name, when
    left out.
    """

    entry: dict[str, Any]
    place: str = ""
    key: str = ""
    notes: list[str] = field(default_factory=list)
    """What is not carried over, or read otherwise than somebody may expect, a sentence each."""
    material: dict[str, Any] = field(default_factory=dict)
    """What belongs to a higher app, by the name that it is registered under: tests become a dataset."""
    reference: Reference | None = None
    """The template that it was made from, or calls. Where that is here it is led to, and nothing is written."""

    def note(self, sentence: str) -> None:
        """Tells of something, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


@dataclass(slots=True)
class Drafts:
    """What a file holds."""

    templates: list[Draft] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What concerns the whole file."""
    files: set[str] = field(default_factory=set)
    """Names of other files that are part of these templates, and none by themselves."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody says of a file beside the file."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Of a table: by what it is (`COLUMNS`), the title of a column."""
    name: str = ""
    """What a template is called whose file gives it no name."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What came together with the file, as in an archive, by path: a file may name another one."""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format; `name` is what `?format=` says, `title` what a menu does.

    `recognises` never raises, and says yes only to what is told from every other format; `read` raises Problem (400)
    with a dotted place for what is none of that format.
    """

    name: str
    title: str
    recognises: Callable[[Source], bool]
    read: Callable[[Source, Choices], Drafts]


def refused(place: str, code: str, message: str) -> Problem:
    """400: what stands at this place of the file does not hold."""
    return invalid([FieldError(place, code, message)])
