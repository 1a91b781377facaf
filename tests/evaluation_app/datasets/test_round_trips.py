"""Whatever a case may be, it comes back from a file of every format as it went."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from rest_framework.exceptions import ValidationError

from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.case import Case, body_of
from evaluation_app.datasets.formats import parquet, parquet_program
from evaluation_app.datasets.formats.registry import FORMATS
from evaluation_app.models.dataset import KEY
from foundation import json_values
from foundation.problems import Problem
from tests.evaluation_app.datasets.conftest import Shelf
from tests.evaluation_app.datasets.odd_cases import ALL, ODD, bodies, through


@pytest.mark.parametrize("name", ALL)
async def test_a_round_trip_loses_nothing(shelf: Shelf, name: str):
    dataset = await shelf.make(*ODD)
    present = await shelf.cases(dataset)
    file = await shelf.export(dataset, format=name)
    other = await shelf.make()
    sent = await shelf.send(other, file, format=name)
    assert sent.status == 200, sent.body
    assert (sent.body["added"], sent.body["notes"]) == (len(ODD), [])
    assert await shelf.cases(other) == present
    again = await shelf.send(other, file, format=name, mode="replace")
    assert (again.body["version"]["number"], again.body["unchanged"]) == (2, len(ODD))


@pytest.mark.parametrize("name", ALL)
def test_an_empty_dataset_is_a_file_too(name: str):
    file = b"".join(FORMATS[name].write({"name": "D", "version": 1}, []))
    assert isinstance(file, bytes)


TEXT = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


VALUE = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**53), 2**53)
    | some.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.parametrize("name", [each for each in ALL if each != "parquet"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    inputs=some.lists(some.dictionaries(TEXT, VALUE, max_size=4), min_size=1, max_size=3),
    tags=some.lists(TEXT, max_size=2),
)
def test_any_input_comes_back_as_it_went(name: str, inputs: list[dict[str, Any]], tags: list[str]):
    kept = [tag.strip() for tag in tags if tag.strip()]
    cases = bodies([{"key": f"k{n}", "input": given, "tags": kept} for n, given in enumerate(inputs)])
    assert through(name, cases) == cases


ODD_TEXT = TEXT | some.sampled_from([
    '{"value": 1}', '{"type": "exact", "value": "x"}', "[", "{", "=1+1", " x ", "\n", "\r\n", "true", "TRUE", "null",
    "1.0", "0123", "'", '"', "{{x}}", "file://x", "contains: a", "is-json", "sep=;", "~", "1e5", "-5", "\ta", ".nan",
    "a, b", "9" * 20, "# x", "x" * 300, "a b " * 100,
])  # fmt: skip


WORD = some.text("abcXYZ0129 _-.=", min_size=1, max_size=8) | ODD_TEXT


PARAMETERS: Any = some.one_of(
    some.tuples(
        some.just("exact"),
        some.fixed_dictionaries(
            {}, optional={"value": WORD, "trim": some.booleans(), "case_sensitive": some.booleans()}
        ),
    ),
    some.tuples(
        some.just("contains"),
        some.fixed_dictionaries(
            {"keywords": some.lists(WORD, min_size=1, max_size=3)},
            optional={"mode": some.sampled_from(["all", "any", "none"]), "case_sensitive": some.booleans()},
        ),
    ),
    some.tuples(some.just("equals_json"), some.fixed_dictionaries({}, optional={"value": VALUE})),
    some.tuples(some.just("numeric"), some.fixed_dictionaries({"value": some.integers(-9, 9) | some.floats(-9, 9)})),
    some.tuples(
        some.just("regex"), some.fixed_dictionaries({"pattern": some.sampled_from(["a+", "(?i)x", "^$", "="])})
    ),
    some.tuples(
        some.just("json_path"), some.fixed_dictionaries({"path": some.just("$.a")}, optional={"equals": VALUE})
    ),
    some.tuples(some.just("rouge_l"), some.fixed_dictionaries({}, optional={"threshold": some.floats(0, 1)})),
    some.tuples(some.just("length"), some.fixed_dictionaries({"max_words": some.integers(1, 9)})),
    some.tuples(
        some.just("latency"), some.fixed_dictionaries({"max_seconds": some.integers(1, 9) | some.floats(1, 9)})
    ),
)


SCORERS = some.builds(
    lambda made, weight, required: {"scorer": made[0], "params": made[1], "weight": weight, "required": required},
    PARAMETERS,
    some.sampled_from([0.0, 1.0, 2.5]),
    some.booleans(),
)


JUDGED = some.one_of(
    some.fixed_dictionaries(
        {"expected_output": some.none() | PARAMETERS.map(lambda made: {"type": made[0], **made[1]})},
        optional={"scorers": some.lists(SCORERS, max_size=2)},
    ),
    # What other scorers go by, alone.
    some.fixed_dictionaries(
        {
            "expected_output": some.fixed_dictionaries({"value": ODD_TEXT | VALUE}),
            "scorers": some.lists(SCORERS, min_size=1, max_size=2),
        }
    ),
    some.just({}),
)


FACTS = some.fixed_dictionaries(
    {"input": some.dictionaries(WORD, VALUE | ODD_TEXT, max_size=4)},
    optional={
        "key": some.from_regex(KEY, fullmatch=True),
        "name": ODD_TEXT,
        "tags": some.lists(ODD_TEXT, max_size=3),
        "split": some.sampled_from(["train", "held_out", "smoke"]),
        "cluster": ODD_TEXT,
        "weight": some.floats(0.001, 1_000) | some.integers(1, 1_000),
        "origin": some.sampled_from(["person", "import", "history", "generated", "review"]),
        "is_generated": some.booleans(),
    },
)


CASE = some.builds(lambda facts, judged: {**facts, **judged}, FACTS, JUDGED)


def as_kept(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those cases that the product takes, as it tells them once they are rows."""
    kept = {}
    for number, each in enumerate(given):
        try:
            json_values.check({"cases": [each]})
            (body,) = checked_cases([each], types=None)
        except (Problem, ValidationError):
            continue
        case = Case.of(body, key=body.get("key", f"k{number}"), origin=body.get("origin", "person"), is_generated=False)
        marked = replace(case, is_generated=case.is_generated or body.get("is_generated", False))
        kept[case.key] = orjson.loads(orjson.dumps(body_of(marked.row())))
    return list(kept.values())


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases=some.lists(CASE, min_size=1, max_size=5).map(as_kept).filter(bool))
def test_whatever_a_case_may_be_comes_back_as_it_went(name: str, cases: list[dict[str, Any]]):
    with pytest.MonkeyPatch.context() as patch:
        # A process a file is too slow for this; `test_a_round_trip_loses_nothing` has it.
        patch.setattr(parquet, "_run", lambda data: orjson.loads(parquet_program._read(data)))
        again = as_kept(through(name, cases))
    for one, other in zip(cases, again, strict=True):
        # As JSON: to Python, 1, 1.0 and True are one.
        assert orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("name", ALL)
def test_values_with_thousands_of_brackets_come_back(name: str):
    value: list[Any] = [{"a": []}] * 5_000
    cases = bodies([{"key": "k", "input": {"list": value, "text": "[" * 10_000}, "expected_output": None}])
    assert through(name, cases) == cases


def test_what_nests_as_deep_as_a_case_may_comes_back_as_yaml_too():
    deep: Any = 1
    for _ in range(59):
        deep = [deep]
    cases = as_kept([{"key": "k", "input": {}, "expected_output": {"type": "equals_json", "value": deep}}])
    assert len(cases) == 1
    for name in ("yaml", "promptfoo"):
        assert through(name, cases)[0]["expected_output"] == cases[0]["expected_output"]


@pytest.mark.parametrize("name", ["yaml", "promptfoo"])
def test_yaml_that_would_not_be_read_is_not_written(name: str):
    cases = bodies([{"key": "k", "input": {"list": [0] * 400_000}}])
    with pytest.raises(Problem) as caught:
        b"".join(FORMATS[name].write({"name": "D", "version": 1}, cases))
    assert caught.value.errors[0]["code"] == "too_large"
