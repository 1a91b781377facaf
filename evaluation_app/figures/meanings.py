"""Which answers to one case say the same thing: found once, when a test ends, and kept with the case's total.

Answers that are equal share a meaning; others do where their embeddings are as near as the case's own `semantic` scorer
wants, or that scorer's ordinary threshold. Embeddings see neither “not” nor a number that differs: short answers that
differ in these never share one. Nor do answers that call other tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from evaluation_app.models import CaseTotal, EvaluationSample, EvaluationTest
from evaluation_app.scorers.likeness.embedding import embedded
from evaluation_app.scorers.likeness.semantic import Semantic, SemanticParameters
from evaluation_app.statistics.linkage import complete_linkage

AT_ONCE: Final = 20
"""Totals whose answers are held together."""
MOST_DIFFERENT: Final = 500
"""Different answers of one case; more are not grouped, and their meanings not known."""
LONGEST: Final = 4_000
"""Characters of an answer that are looked at."""
A_CLAIM: Final = 40
"""Words of an answer that is short enough for each number and each “not” to matter."""
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_NOT: Final = re.compile(r"\b(?:no|not|never|none|nor|cannot|kein\w*|nicht|nie)\b|n['\u2019]t\b", re.IGNORECASE)


class Said(NamedTuple):
    """One of the different answers to a case."""

    digest: str
    text: str
    tools: str

    @property
    def claim(self) -> tuple[Any, ...]:
        """What two answers must share beside their words."""
        if len(self.text.split()) > A_CLAIM:
            return (self.tools,)
        return (self.tools, sorted(_NUMBER.findall(self.text)), len(_NOT.findall(self.text)) % 2)


def find_meanings(test: EvaluationTest) -> None:
    """Groups the answers of every case of which that is not known yet; done again, it changes nothing."""
    if test.runs < 2:
        return
    rows = CaseTotal.objects.filter(test=test, meanings=[], digests__len__gt=1).select_related("case")
    last = 0
    while totals := list(rows.filter(id__gt=last).order_by("id")[:AT_ONCE]):
        last = totals[-1].id
        said = _said(totals)
        for total in totals:
            total.meanings = _meanings(total.digests, said.get((total.variant_id, total.case_id), []), _least(total))
        CaseTotal.objects.bulk_update(totals, ["meanings"])


def meanings_of(samples: Iterable[EvaluationSample]) -> dict[UUID, tuple[int, int]]:
    """Of each sample whose case has several meanings, which of how many is its own, from 1."""
    rows = list(samples)
    totals = CaseTotal.objects.filter(case__in={row.case_id for row in rows})
    known = {
        (total.variant_id, total.case_id): (dict(zip(total.digests, total.meanings, strict=True)), set(total.meanings))
        for total in totals
        if total.meanings
    }
    found = {}
    for row in rows:
        numbers, several = known.get((row.variant_id, row.case_id), ({}, set()))
        if len(several) > 1 and row.digest in numbers:
            found[row.id] = (numbers[row.digest] + 1, len(several))
    return found


def grouped(said: Sequence[Said], least: float) -> dict[str, int]:
    """The group of each answer by its digest, however the answers are ordered."""
    ordered = sorted(said, key=lambda each: (each.text, each.tools, each.digest))
    vectors = embedded([each.text for each in ordered])
    likeness = vectors @ vectors.T
    for i, one in enumerate(ordered):
        for j, other in enumerate(ordered[:i]):
            if one.text == other.text and one.tools == other.tools:
                likeness[i, j] = likeness[j, i] = 1
            elif one.claim != other.claim:
                likeness[i, j] = likeness[j, i] = -1
    return {each.digest: group for each, group in zip(ordered, complete_linkage(likeness, least), strict=True)}


def _meanings(digests: Sequence[str], said: Sequence[Said], least: float) -> list[int]:
    """A group for each answered run, numbered in the order of the runs; empty where it cannot be known."""
    different = set(digests)
    if len(different) > MOST_DIFFERENT or (len(different) > 1 and different != {each.digest for each in said}):
        return []
    groups: Mapping[str, int] = grouped(said, least) if len(different) > 1 else dict.fromkeys(different, 0)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(groups[digest], len(numbers)) for digest in digests]


def _least(total: CaseTotal) -> float:
    """The likeness that this case asks of what means the same."""
    scorers: Iterable[Mapping[str, Any]] = total.case.scorers or ()
    own = [each["params"]["semantic_threshold"] for each in scorers
           if each["scorer"] == Semantic.name and "semantic_threshold" in each.get("params", {})]  # fmt: skip
    return float(own[0] if own else SemanticParameters.model_fields["semantic_threshold"].default)


def _said(totals: Sequence[CaseTotal]) -> dict[tuple[UUID, UUID], list[Said]]:
    """The different answers of each total that has several."""
    several = {(each.variant_id, each.case_id) for each in totals if 1 < len(set(each.digests)) <= MOST_DIFFERENT}
    samples = (
        EvaluationSample.objects.filter(case__in={case_id for _, case_id in several})
        .exclude(digest="")
        .order_by("variant_id", "case_id", "digest")
        .distinct("variant_id", "case_id", "digest")
        .select_related("execution")
    )
    found: dict[tuple[UUID, UUID], list[Said]] = {}
    for sample in samples.iterator(chunk_size=100) if several else ():
        place = (sample.variant_id, sample.case_id)
        if place in several and sample.execution is not None:
            found.setdefault(place, []).append(_answer(sample.digest, sample.execution.answer or {}))
    return found


def _answer(digest: str, answer: Mapping[str, Any]) -> Said:
    tools = [f"{call['tool_name']}{call.get('arguments')}" for call in answer.get("tool_executions", ())]
    return Said(digest, " ".join(str(answer.get("response") or "").split())[:LONGEST], "\0".join(tools))
