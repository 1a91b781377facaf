"""JUnit XML: a suite a variant, a test case a case, for whatever shows the results of builds.

Shaped by the schema of Jenkins' xUnit plugin (junit-10.xsd). A case fails where any judged answer failed, and says how
many passed. Runs without a judged answer are errors, and never failures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of a test as a whole; `kind` is passed, failed or errored."""

    name: str
    kind: Kind
    sentence: str


def write(test: EvaluationTest) -> Iterator[bytes]:
    """The document."""
    yield from document(test.name, [test])


def document(name: str, tests: Sequence[EvaluationTest], verdicts: Sequence[Verdict] = ()) -> Iterator[bytes]:
    """The document of several tests, with what was said of each as a suite of its own."""
    counted = [
        (test, variant, _counts(test, variant)) for test in tests for variant in test.variants.order_by("position")
    ]
    said = _count_of(verdicts)
    counts = [*(each for _, _, each in counted), said]
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    yield _opened(
        "testsuites",
        name=name,
        tests=sum(each.tests for each in counts),
        failures=sum(each.failures for each in counts),
        errors=sum(each.errors for each in counts),
        time=_time(sum(each.seconds for each in counts)),
    )
    for test in tests:
        names, keys = variant_names(test), names_of(test)
        for of_test, variant, found in counted:
            if of_test is test:
                titled = names[variant.id] if len(tests) == 1 else f"{test.name}: {names[variant.id]}"
                yield from _suite(test, variant, titled, found, keys)
    if verdicts:
        yield _opened("testsuite", name="Verdicts", tests=said.tests, failures=said.failures, errors=said.errors)
        yield from map(_verdict, verdicts)
        yield b"</testsuite>\n"
    yield b"</testsuites>\n"


def _count_of(verdicts: Sequence[Verdict]) -> Counts:
    failed, errored = (sum(each.kind is kind for each in verdicts) for kind in (Kind.FAILED, Kind.ERRORED))
    return Counts(len(verdicts), failed, errored, 0, 0.0)


def _verdict(verdict: Verdict) -> bytes:
    opened = f"<testcase name={_quoted(verdict.name)} classname={_quoted('Verdicts')} time={_quoted(_time(0))}"
    element = ELEMENTS.get(verdict.kind)
    if element is None:
        return f"{opened}/>\n".encode()
    said = f"type={_quoted(verdict.kind)} message={_quoted(cut(verdict.sentence, LONGEST_MESSAGE))}"
    return f"{opened}><{element} {said}/></testcase>\n".encode()


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
