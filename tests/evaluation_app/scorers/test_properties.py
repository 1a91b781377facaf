"""Whatever the text and the parameters: a score within its bounds or the one error, and the same when asked again."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation_app.scorers.errors import InvalidScorer, ScorerError
from evaluation_app.scorers.reading.json_answer import NoJson, json_in, plain, same
from evaluation_app.scorers.reading.numbers import numbers_in
from evaluation_app.scorers.registry import described, names
from evaluation_app.scorers.sample import Score
from evaluation_app.scorers.trying import FACTS, tried

ANY_TEXT = st.text(st.characters(), max_size=60) | st.text(
    "aA1,. -+e%{}[]\"'\n`\\$()*?|^~é\u0301ßİ\uff11五\ud800\x00", max_size=40
)
PROPER_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | PROPER_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PROPER_TEXT, inner, max_size=4),
    max_leaves=8,
)
OUTPUTS = ANY_TEXT | JSON.map(json.dumps) | JSON.map(lambda value: f"```json\n{json.dumps(value)}\n```")
FREE = (
    st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats() | ANY_TEXT | st.lists(ANY_TEXT, max_size=3) | JSON
)
SCHEMAS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "object", "integer", "null", "nope"]),
        "pattern": st.sampled_from(["a+", "(?=a)", "^$"]),
        "properties": st.dictionaries(PROPER_TEXT, st.just({"type": "number"}), max_size=2),
        "enum": st.lists(JSON, max_size=3),
        "minimum": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    },
)
SPECIAL = {
    ("regex", "pattern"): st.text("ab.*+?()[]{}|^$\\d\\pL1,(?=:P<n>é", min_size=1, max_size=12),
    ("json_path", "path"): st.text("$.*[]?@'\"a01:,-()=<>&|! ", max_size=14).map(lambda rest: f"${rest}"),
    ("json_schema", "schema"): SCHEMAS,
    ("language", "language"): st.sampled_from(["en", "de", "zh", "xx"]),
    ("contains", "keywords"): st.lists(PROPER_TEXT.filter(bool), min_size=1, max_size=3),
    ("not_contains", "keywords"): st.lists(PROPER_TEXT.filter(bool), min_size=1, max_size=3),
    ("tool_called", "name"): PROPER_TEXT.filter(bool),
    ("tool_called", "arguments"): st.none() | st.dictionaries(PROPER_TEXT, JSON, max_size=2),
}
BROKEN = {"scorer_crashed", "scorer_timed_out", "scorer_out_of_memory"}
CASES = st.fixed_dictionaries(
    {},
    optional={
        "expected": JSON | ANY_TEXT,
        "tool_calls": st.lists(st.fixed_dictionaries({"name": ANY_TEXT, "arguments": JSON | ANY_TEXT}), max_size=2),
        "latency": st.floats(0, 1e9),
        "cost": st.decimals(0, 10**6, allow_nan=False).map(str),
        "schema_valid": st.none() | st.booleans(),
        "variables": st.dictionaries(PROPER_TEXT, JSON, max_size=2),
    },
)


def of_schema(scorer: str, name: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the schema of a parameter allows, near enough."""
    if (scorer, name) in SPECIAL:
        return SPECIAL[scorer, name]
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([of_schema(scorer, name, each) for each in schema["anyOf"]])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(0, 10**6)
        case "number":
            most = schema.get("maximum", 1e12)
            return st.floats(0, most, allow_nan=False, exclude_min="exclusiveMinimum" in schema) | st.integers(
                1, int(most)
            )
        case "null":
            return st.none()
        case "string":
            return PROPER_TEXT
        case _:
            return JSON


PARAMETERS = {
    each["name"]: st.fixed_dictionaries(
        {
            name: of_schema(each["name"], name, each["parameters"]["properties"][name])
            for name in each["parameters"].get("required", ())
        },
        optional={
            name: of_schema(each["name"], name, schema)
            for name, schema in each["parameters"]["properties"].items()
            if name not in each["parameters"].get("required", ())
        },
    )
    for each in described()
}


def outcome(scorer: str, params: Any, output: Any, case: Any) -> Score | tuple[str, ...]:
    """What a scorer gives, the two kinds of error included; anything else that it raises fails the test."""
    try:
        return tried(scorer=scorer, params=params, output=output, case=case)
    except InvalidScorer as error:
        return ("invalid", error.field)
    except ScorerError as error:
        return ("error", error.code)


@pytest.mark.parametrize("scorer", names())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_scorer_gives_a_score_or_its_error_and_the_same_again(scorer: str, data: st.DataObject) -> None:
    params, output, case = data.draw(PARAMETERS[scorer]), data.draw(OUTPUTS), data.draw(CASES)
    judged = outcome(scorer, params, output, case)
    if isinstance(judged, Score):
        assert judged.value is None or 0 <= judged.value <= 1
        assert judged.reason
        judged.reason.encode()
        assert "\x00" not in judged.reason
    assert outcome(scorer, params, output, case) == judged


@settings(deadline=None, max_examples=300)
@given(
    scorer=st.sampled_from(names()),
    params=st.dictionaries(ANY_TEXT, FREE, max_size=3) | FREE,
    output=OUTPUTS,
    case=FREE,
)
def test_nonsense_is_refused_and_breaks_nothing(scorer: str, params: Any, output: str, case: Any) -> None:
    judged = outcome(scorer, params, output, case)
    assert isinstance(judged, Score) or judged[1] not in BROKEN


@settings(deadline=None, max_examples=300)
@given(scorer=st.sampled_from(names()), data=st.data(), wrong=FREE)
def test_one_wrong_parameter_is_refused_by_its_name_or_is_right(scorer: str, data: st.DataObject, wrong: Any) -> None:
    params = data.draw(PARAMETERS[scorer])
    name = data.draw(st.sampled_from([*params, "further"]))
    judged = outcome(scorer, params | {name: wrong}, "a text", {"expected": "a text"})
    if isinstance(judged, tuple) and judged[0] == "invalid":
        assert judged[1].split(".")[0] == "params"


@given(value=JSON)
def test_json_is_the_same_as_itself_however_it_is_written(value: Any) -> None:
    written = json.dumps(value, indent=1, ensure_ascii=False)
    try:
        read = json_in(written)
    except NoJson:
        return
    assert same(read, value)
    assert same(value, read)
    assert same(plain(read), value) or any(map(str.isdigit, written))


@given(one=JSON, other=JSON)
def test_json_of_another_type_is_another(one: Any, other: Any) -> None:
    assert same(one, other) is same(other, one)
    if same(one, other):
        assert isinstance(one, bool) is isinstance(other, bool)
        assert isinstance(one, str) is isinstance(other, str)


@given(number=st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12).filter(lambda each: abs(each) > 1e-9))
def test_every_number_is_read_as_it_is_written(number: float) -> None:
    for written in (f"{number}", f"The answer is {number}.", f"{number:,}", f"({number})"):
        [read] = numbers_in(written)
        assert math.isclose(float(read.value), number, rel_tol=1e-15, abs_tol=0), written


def test_the_facts_of_a_case_are_all_drawn() -> None:
    drawn: set[str] = set()

    @settings(max_examples=200)
    @given(CASES)
    def draw(case: dict[str, Any]) -> None:
        drawn.update(case)

    draw()
    assert drawn == FACTS
