"""T12: what the gate of every body lets through can be kept, and what it refuses stands where it says."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.http import body_gate
from foundation.numbers import LARGEST_INTEGER
from foundation.problems import Problem
from foundation.sealing.fields import WideNumbers

texts = st.text(max_size=20) | st.text(alphabet="a\x00\ud800é\u2028", max_size=4)
numbers = st.integers(-(2**70), 2**70) | st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1]) | st.floats()
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.filter(bool), inner, max_size=3),
    max_leaves=8,
)


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path; keys that hold dots are found too."""
    if not path:
        return value
    if isinstance(value, list):
        head, _, rest = path.partition(".")
        return at(value[int(head)], rest)
    for name, inner in value.items():
        if path == name or path.startswith(f"{name}."):
            return at(inner, path[len(name) + 1 :])
    raise AssertionError(f"nothing stands at {path}")


def through_postgres(value: Any) -> Any:
    """The value after a way through a jsonb column, as our JSON columns read it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [orjson.dumps(value).decode()])
        return json.loads(cursor.fetchone()[0], cls=WideNumbers)


@pytest.mark.django_db
@given(value=values)
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_t12_a_value_that_passes_the_gate_survives_postgresql(value: Any):
    try:
        body = json.dumps(value).encode()
        passed = body_gate.parse(body)
    except Problem as problem:
        for error in problem.errors:
            at(json.loads(body), error["field"])
        return
    stored = through_postgres(passed)
    assert stored == passed
    assert orjson.loads(orjson.dumps(stored)) == passed


@given(value=values)
@hypothesis_settings(max_examples=150, deadline=None)
def test_t12_the_gate_names_a_place_that_exists(value: Any):
    try:
        body_gate.check(value)
    except Problem as problem:
        (error,) = problem.errors
        assert error["code"] in ("nul_character", "number_too_large", "too_deep")
        found = at(value, error["field"])
        if error["code"] == "number_too_large":
            assert not math.isfinite(found) or abs(found) > LARGEST_INTEGER
        return
    assert "\\u0000" not in json.dumps(value).replace("\\\\", "")


@given(depth=st.integers(1, 200), kind=st.sampled_from(["list", "object"]))
@hypothesis_settings(max_examples=50, deadline=None)
def test_t12_the_depth_is_exact(depth: int, kind: str):
    value: Any = 1
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    if depth <= body_gate.DEEPEST:
        body_gate.check(value)
    else:
        with pytest.raises(Problem, match="Not valid"):
            body_gate.check(value)
