"""Prompts by models on the same cases, as tests that have completed found them; what cannot stand beside is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from accounts.models import User
from evaluation_app.baselines.sides import asks_of
from evaluation_app.figures.totals import variant_names
from evaluation_app.models import EvaluationTest, EvaluationVariant, Suite, TestStatus

LOOKED_AT: Final = 100
"""Tests, the newest; older ones are not on the board."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One prompt on one model, by the newest test that could say something of it."""

    test: EvaluationTest
    variant: EvaluationVariant
    prompt: str
    contestant: tuple[str, str]
    """What is asked, and the model that is."""
    figures: dict[str, Any]

    @property
    def as_json(self) -> dict[str, Any]:
        """A row of the board."""
        told, version = self.figures, self.variant.template_version
        return {
            **self.named,
            "template_id": version.template_id if version else None,
            "version": version.number if version else None,
            "success_rate": told["success_rate"],
            "figure": told["figures"]["success_rate"],
            "errors": told["failed_runs"],
            "cost": told["cost"],
            "cost_per_success": told["cost_per_success"],
            "latency": told["latency"],
            "completed_at": self.test.completed_at,
        }

    @property
    def key(self) -> str:
        """Equal where the same is asked of the same model."""
        return "/".join(self.contestant)

    @property
    def label(self) -> str:
        """Which it is, in one line."""
        return f"{self.prompt} on {self.variant.model_id}"

    @property
    def named(self) -> dict[str, Any]:
        """Which it is."""
        return {"prompt": self.prompt, "model_id": self.variant.model_id, "test_id": self.test.id}


@dataclass(frozen=True, slots=True)
class Board:
    """Rows on the same cases, the best first; `left_out` with the reason, a sentence each."""

    rows: list[Entry]
    left_out: list[tuple[Entry, str]]
    cases: int
    confidence: float | None

    @property
    def as_json(self) -> dict[str, Any]:
        """For the payload."""
        return {
            "cases": self.cases,
            "confidence": self.confidence,
            "rows": [entry.as_json for entry in self.rows],
            "left_out": [{**entry.named, "reason": reason} for entry, reason in self.left_out],
        }


def ended_tests(
    user: User, *, suite: Suite | None = None, tag: str | None = None, dataset: UUID | None = None
) -> list[EvaluationTest]:
    """The newest tests that have ended, of one suite, tag or dataset where one is named."""
    if suite is not None:
        found = EvaluationTest.objects.filter(in_suite__run__suite=suite)
    else:
        found = EvaluationTest.objects.visible_to(user)
    if tag is not None:
        found = found.filter(tags__contains=[tag])
    if dataset is not None:
        found = found.filter(dataset_version__dataset_id=dataset)
    ended = found.filter(results__isnull=False).order_by("-completed_at", "-id")
    return list(ended.prefetch_related("variants__template_version__template")[:LOOKED_AT])


def board_of(tests: Sequence[EvaluationTest]) -> Board:
    """The board of the cases that most prompts and models were tested on; of as many, those tested last."""
    keys = {test.id: "\n".join(sorted(test.cases.values_list("key", flat=True))) for test in tests}
    entries, left_out = _newest([entry for test in tests for entry in entries_of(test)], keys)
    asked, others = _largest(entries, lambda entry: keys[entry.test.id])
    left_out += [(entry, "It was tested on other cases.") for entry in others]
    asks = {test.id: asks_of(test) for test in {entry.test.id: entry.test for entry in asked}.values()}
    judged, others = _largest(asked, lambda entry: sorted(asks[entry.test.id].items()))
    left_out += [(entry, "Its cases had another input, expectation or scorer.") for entry in others]
    rows, others = _largest(judged, lambda entry: entry.test.confidence)
    left_out += [(entry, f"Its interval is at {100 * entry.test.confidence:g} %.") for entry in others]
    if not rows:
        return Board([], left_out, 0, None)
    rows.sort(key=lambda entry: (-entry.figures["success_rate"], entry.prompt, entry.variant.model_id))
    return Board(rows, left_out, rows[0].test.blocks, rows[0].test.confidence)


def _largest(entries: list[Entry], place: Callable[[Entry], Any]) -> tuple[list[Entry], list[Entry]]:
    """Those of the largest group, the first of groups as large, and all others."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(repr(place(entry)), []).append(entry)
    if not groups:
        return [], []
    chosen = max(groups, key=lambda name: len(groups[name]))
    return groups[chosen], [entry for name, group in groups.items() if name != chosen for entry in group]


def entries_of(test: EvaluationTest) -> list[Entry]:
    """The variants of which the test found something, in their order."""
    figures = {told["name"]: told for told in (test.results or {}).get("variants", [])}
    names = variant_names(test)
    found = []
    for variant in sorted(test.variants.all(), key=lambda each: each.position):
        version = variant.template_version
        asked = {name: value for name, value in variant.body.items() if name != "model_id"}
        prompt = variant.name if version is None else f"{version.template.name}, version {version.number}"
        if names[variant.id] in figures:
            what = hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
            found.append(Entry(test, variant, prompt, (what, variant.model_id), figures[names[variant.id]]))
    return found


def _newest(entries: list[Entry], keys: dict[UUID, str]) -> tuple[list[Entry], list[tuple[Entry, str]]]:
    """Of each prompt on each model the newest test of the same cases that says something; others with the reason."""
    seen: set[tuple[tuple[str, str], str]] = set()
    newest, left_out = list[Entry](), list[tuple[Entry, str]]()
    for entry in entries:
        place = (entry.contestant, keys[entry.test.id])
        if (why := _why_not(entry)) is not None:
            left_out.append((entry, why))
        elif place in seen:
            left_out.append((entry, "It was tested again since."))
        else:
            seen.add(place)
            newest.append(entry)
    return newest, left_out


def _why_not(entry: Entry) -> str | None:
    test, told = entry.test, entry.figures
    if test.status != TestStatus.COMPLETED or test.stop_reason or test.skipped:
        return "Its test did not run to its end."
    if told["success_rate"] is None:
        return "No answer was judged."
    if told["errors"]["is_told"]:
        return f"{told['failed_runs']} of its answers are missing or could not be judged."
    return None
