"""A test's samples as doors and pages read them: narrowed, in the order of cases, variants and runs, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from django.db.models import Q, QuerySet

from evaluation_app.models import EvaluationSample, EvaluationTest
from foundation.problems import FieldError, invalid

ORDER = ("case__position", "variant__position", "run")


class Place(NamedTuple):
    """Between two samples: the page goes on after (or ends before) that one."""

    case: int
    variant: int
    run: int
    is_backwards: bool = False

    def __str__(self) -> str:
        return f"{'<' if self.is_backwards else '>'}{self.case}.{self.variant}.{self.run}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The place behind this text; a Problem where it is none."""
        try:
            case, variant, run = (int(part) for part in text[1:].split("."))
            if text[:1] not in "<>" or not all(0 <= part < 2**31 for part in (case, variant, run)):
                raise ValueError(text)
        except ValueError:
            raise invalid([FieldError("cursor", "invalid", "This is no cursor of this list.")]) from None
        return cls(case, variant, run, text[0] == "<")


def samples_of(test: EvaluationTest, wanted: Mapping[str, Any]) -> QuerySet[EvaluationSample]:
    """The samples that `wanted` (variant's name, case's place, outcome) asks for."""
    found = EvaluationSample.objects.filter(test=test)
    if "variant" in wanted:
        found = found.filter(variant__name=wanted["variant"])
    if "case" in wanted:
        found = found.filter(case__position=wanted["case"])
    if "outcome" in wanted:
        found = found.filter(state=wanted["outcome"])
    return found


def page_at(
    samples: QuerySet[EvaluationSample], at: Place | None, size: int
) -> tuple[list[EvaluationSample], Place | None, Place | None]:
    """A page with everything that is shown of it, and the places of the next and the previous one."""
    backwards = at is not None and at.is_backwards
    order = [f"-{name}" for name in ORDER] if backwards else list(ORDER)
    if at is not None:
        samples = samples.filter(_beyond(at))
    found = samples.order_by(*order).select_related("case", "variant", "execution").prefetch_related("scores")
    rows = list(found[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return [], None, None
    after = _place_of(rows[-1], is_backwards=False) if has_more or backwards else None
    before = _place_of(rows[0], is_backwards=True) if (has_more if backwards else at is not None) else None
    return rows, after, before


def _beyond(at: Place) -> Q:
    than = "lt" if at.is_backwards else "gt"
    same_case = Q(case__position=at.case)
    return (
        Q(**{f"case__position__{than}": at.case})
        | same_case & Q(**{f"variant__position__{than}": at.variant})
        | same_case & Q(variant__position=at.variant, **{f"run__{than}": at.run})
    )


def _place_of(sample: EvaluationSample, *, is_backwards: bool) -> Place:
    return Place(sample.case.position, sample.variant.position, sample.run, is_backwards)
