"""A case as a value: what somebody wants kept, before it is a row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import orjson

from evaluation_app.models import CaseOrigin, DatasetCase, Split

EDITABLE: Final = ("name", "input", "expected_output", "scorers", "tags", "split", "cluster", "weight")
"""What an edit may change, by the API's names."""


@dataclass(frozen=True, slots=True)
class Case:
    """All of a case."""

    key: str
    name: str = ""
    input: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = None
    scorers: tuple[Mapping[str, Any], ...] = ()
    tags: tuple[str, ...] = ()
    split: str = Split.TRAIN
    cluster: str = ""
    weight: float = 1.0
    origin: str = CaseOrigin.PERSON
    is_generated: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any], *, key: str, origin: str, is_generated: bool) -> Case:
        """The case of a checked body."""
        return cls(
            key=key,
            name=body.get("name", ""),
            input=body.get("input", {}),
            expected=body.get("expected_output"),
            scorers=tuple(dict(each) for each in body.get("scorers", ())),
            tags=tuple(dict.fromkeys(body.get("tags", ()))),
            split=body.get("split", Split.TRAIN),
            cluster=body.get("cluster", ""),
            weight=body.get("weight", 1.0),
            origin=origin,
            is_generated=is_generated or origin == CaseOrigin.GENERATED,
        )

    @property
    def content_hash(self) -> str:
        """SHA-256 in hexadecimal of what an edit can change: equal for equal content, whatever it is called by."""
        content = [
            self.name, self.input, self.expected, list(self.scorers), list(self.tags), self.split, self.cluster,
            *([self.weight] if self.weight != 1 else []),  # so that versions from before cases had one stay the same
        ]  # fmt: skip
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def row(self, **place: Any) -> DatasetCase:
        """The row of it; `place` tells dataset, since and rank."""
        return DatasetCase(
            id=uuid4(),
            key=self.key,
            name=self.name,
            split=self.split,
            cluster=self.cluster,
            weight=self.weight,
            tags=list(self.tags),
            origin=self.origin,
            is_generated=self.is_generated,
            input=dict(self.input),
            expected=self.expected,
            scorers=list(self.scorers),
            content_hash=self.content_hash,
            **place,
        )


def body_of(row: DatasetCase) -> dict[str, Any]:
    """A row in the API's shape; a door that takes cases takes it back."""
    return {
        "key": row.key,
        "name": row.name,
        "input": row.input,
        "expected_output": row.expected,
        "scorers": row.scorers,
        "tags": row.tags,
        "split": row.split,
        "cluster": row.cluster,
        "weight": row.weight,
        "origin": row.origin,
        "is_generated": row.is_generated,
    }


def case_of(row: DatasetCase) -> Case:
    """The value of a row."""
    return Case.of(body_of(row), key=row.key, origin=row.origin, is_generated=row.is_generated)


def new_key() -> str:
    """A key that no case has."""
    return uuid4().hex[:16]
