"""A scorer: its name, its parameters, and how it judges one output."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any, ClassVar, Generic, Self, TypeVar

from evaluation_app.scorers.isolation.limits import Limits
from evaluation_app.scorers.outside.desk import Desk
from evaluation_app.scorers.parameters import Parameters, canonical, parsed, schema_of
from evaluation_app.scorers.sample import Sample, Score

P = TypeVar("P", bound=Parameters)


class AnyScorer(ABC, Generic[P]):
    """What every scorer has; made by `of`, so that no scorer exists whose parameters do not hold."""

    name: ClassVar[str]
    title: ClassVar[str]
    """For a page."""
    parameters: ClassVar[type[Parameters]]
    version: ClassVar[int] = 1
    """Goes up with every change after which the same output may get another score."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose version may move a score."""
    needs_times: ClassVar[bool] = False
    """Whether it gives a score only where it is known how long the answer took."""
    longest: ClassVar[int] = 1_000_000
    """Characters of output that are judged at all."""

    def __init__(self, params: P) -> None:
        self.params = params

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """One with these parameters; raises InvalidScorer, whose path begins at a parameter."""
        return cls(parsed(cls.parameters, params))  # type: ignore[arg-type]

    @classmethod
    def described(cls) -> dict[str, Any]:
        """`{name, title, description, parameters, max_output_characters}`, the parameters in JSON Schema."""
        description = " ".join((cls.__doc__ or "").split())
        return {
            "name": cls.name,
            "title": cls.title,
            "description": description,
            "parameters": schema_of(cls.parameters),
            "max_output_characters": cls.longest,
        }

    @property
    def scorer_hash(self) -> str:
        """The same for scores that can be compared: name, versions, parameters."""
        libraries = {name: _version_of(name) for name in self.libraries}
        told = [self.name, self.version, libraries, self.params.stated()]
        return hashlib.sha256(canonical(told).encode()).hexdigest()

    def check_case(self, expected: Any) -> None:
        """Raises InvalidScorer where a case that expects this can never be judged."""


class Scorer(AnyScorer[P]):
    """One that needs nothing but the sample. What may take long works in a process of its own (`running`)."""

    in_place: ClassVar[int] = 100_000
    """Characters of output up to which judging takes a few milliseconds at most, whatever they are."""
    limits: ClassVar[Limits] = Limits()
    """In a process of its own."""

    @abstractmethod
    def score(self, sample: Sample) -> Score:
        """The score; raises ScorerError where none can be given."""

    def is_cheap(self, sample: Sample) -> bool:
        """Whether judging here, where others wait, harms nobody."""
        return len(sample.output) <= self.in_place

    @classmethod
    def warm(cls) -> None:
        """Loads what takes long to load, before the clock of a process of its own starts."""


class OutsideScorer(AnyScorer[P]):
    """One that asks somebody: a model, an address. Deadlines and budgets are those of whom it asks."""

    @abstractmethod
    async def ask(self, sample: Sample, desk: Desk) -> Score:
        """The score; raises ScorerError where none can be given, PutOff where nobody can be asked now."""


@cache
def _version_of(distribution: str) -> str:
    return version(distribution)
