"""JUnit XML: a suite a variant, a test case a case, for whatever shows the results of builds.

Shaped by the schema of Jenkins' xUnit plugin (junit-10.xsd). A case fails where any judged answer failed, and says how
many passed. Runs without a judged answer are errors, and never failures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from django.db.models import Count, Sum

from evaluation_app.export.format import Format
from evaluation_app.export.outcomes import ERRING, FAILING, UNJUDGED, CaseOutcome, Kind, outcomes
from evaluation_app.export.texts import cut, readable
from evaluation_app.figures.totals import names_of, variant_names
from evaluation_app.models import EvaluationSample, EvaluationTest, EvaluationVariant
from foundation.context import looking
from foundation.rest.rendering import dumps

LONGEST_MESSAGE: Final = 500
LONGEST_TEXT: Final = 4_000
ELEMENTS: Final = {Kind.FAILED: "failure", Kind.FLAKY: "failure", Kind.ERRORED: "error", Kind.UNJUDGED: "skipped"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Of test cases."""

    tests: int
    failures: int
    errors: int
    skipped: int
    seconds: float


def write(test: EvaluationTest) -> Iterator[bytes]:
    """The document."""
    counts = {variant: _counts(test, variant) for variant in test.variants.order_by("position")}
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    yield _opened(
        "testsuites",
        name=test.name,
        tests=sum(each.tests for each in counts.values()),
        failures=sum(each.failures for each in counts.values()),
        errors=sum(each.errors for each in counts.values()),
        time=_time(sum(each.seconds for each in counts.values())),
    )
    names, keys = variant_names(test), names_of(test)
    for variant, counted in counts.items():
        yield from _suite(test, variant, names[variant.id], counted, keys)
    yield b"</testsuites>\n"


def _counts(test: EvaluationTest, variant: EvaluationVariant) -> Counts:
    found = test.totals.filter(variant=variant).aggregate(
        all=Count("id"),
        failing=Count("id", filter=FAILING),
        erring=Count("id", filter=ERRING),
        unjudged=Count("id", filter=UNJUDGED),
    )
    seconds = EvaluationSample.objects.filter(test=test, variant=variant).aggregate(sum=Sum("latency"))["sum"]
    return Counts(found["all"], found["failing"], found["erring"], found["unjudged"], seconds or 0)


def _suite(
    test: EvaluationTest, variant: EvaluationVariant, name: str, counts: Counts, keys: list[str]
) -> Iterator[bytes]:
    yield _opened(
        "testsuite",
        name=name,
        tests=counts.tests,
        failures=counts.failures,
        errors=counts.errors,
        skipped=counts.skipped,
        time=_time(counts.seconds),
        timestamp=f"{test.started_at or test.created_at:%Y-%m-%dT%H:%M:%S}",
    )
    told = {"test": test.id, "status": test.status, "model": variant.model_id, "seed": test.seed, "runs": test.runs}
    properties = "".join(f"<property name={_quoted(key)} value={_quoted(value)}/>" for key, value in told.items())
    yield f"<properties>{properties}</properties>\n".encode()
    for outcome in outcomes(test, variant_id=variant.id):
        yield b"" if outcome is None else _case(outcome, keys[outcome.case.position])
    yield b"</testsuite>\n"


def _case(outcome: CaseOutcome, key: str) -> bytes:
    # The key, and not the place: a build server follows a case by its name from one run to the next.
    name = f"{outcome.case.name} [{key}]" if outcome.case.name else key
    opened = (
        f"<testcase name={_quoted(name)} classname={_quoted(outcome.variant)} time={_quoted(_time(outcome.seconds))}"
    )
    element = ELEMENTS.get(outcome.kind)
    if element is None:
        return f"{opened}/>\n".encode()
    message = ": ".join(filter(None, (outcome.fraction, outcome.reason)))
    said = f"message={_quoted(cut(message, LONGEST_MESSAGE))}"
    if element == "skipped":
        return f"{opened}><skipped {said}/></testcase>\n".encode()
    said = f"type={_quoted(outcome.kind)} {said}"
    return f"{opened}><{element} {said}>{_text(outcome)}</{element}></testcase>\n".encode()


def _text(outcome: CaseOutcome) -> str:
    with looking():
        given = dumps(outcome.case.input).decode()
    told = [f"{outcome.fraction}.", outcome.reason, f"Input: {given}"]
    return escape(cut("\n".join(filter(None, told)), LONGEST_TEXT), {"\r": "&#13;"})


def _opened(element: str, **attributes: object) -> bytes:
    told = " ".join(f"{name}={_quoted(value)}" for name, value in attributes.items())
    return f"<{element} {told}>\n".encode()


def _quoted(value: object) -> str:
    return quoteattr(readable(str(value)))


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"


JUNIT: Final = Format("junit", "JUnit XML", "application/xml", ".xml", write, is_report=True)
