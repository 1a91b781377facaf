"""Numbers, lists and objects stand in a prompt as the playground wrote them, in every language."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.export_code.formats import FORMATS
from templates_app.export_code.handover import Handover
from templates_app.rendering import plain
from tests.templates_app.exporting_code import PYTHON, Asked, expected, handover, run_python, sent
from tests.templates_app.test_export_code_to_typescript import service, typescript

__all__ = ["service", "typescript"]

NUMBERS: tuple[Any, ...] = (
    *(1.0, -1.0, 0, 0.0, -0.0, 100, 1e2, 0.1, 1.5, 1e-4, 1e-5, 1.5e-5, -9.9e-5, 1e-6, 9.999e-6, 1e-7, 5e-324),
    *(123456789012345.0, 1e15, 1e16, 1e20, 1e21, 1e22, -1.5e300, 2**53 - 1, 2**53 + 1, -(2**63), 2**64 - 1),
)
INSIDE: tuple[Any, ...] = (
    [1.0, 2, 1e-5, [1e16]],
    {"price": 1.0, "of": {"ids": [2**53 + 1]}},
    {"b": 1, "10": 2, "9": 3},
    {"__proto__": 1, "constructor": None},
    [],
    {},
    [True, None, "1.0", 'a"b\\\n\u2028é', {"größe": "日本"}],
)
TYPES: dict[type, VariableType] = {list: VariableType.ARRAY, dict: VariableType.OBJECT}
scalars = (
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1) | st.sampled_from([None, True])
)
numbers = st.recursive(
    scalars | st.floats(-1, 1) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab19é_", max_size=3), inner, max_size=3),
    max_leaves=6,
)


def with_defaults(values: list[Any]) -> Handover:
    """A template whose defaults are these."""
    variables = tuple(
        Variable(
            f"v{at}", TYPES.get(type(value), VariableType.NUMBER), required=False, has_default=True, default_value=value
        )
        for at, value in enumerate(values)
    )
    return handover(Content(" | ".join(f"{{{{v{at}}}}}" for at in range(len(values))), variables=variables))


def with_example(value: Any) -> Handover:
    """A template whose example is this."""
    variable = Variable("v", TYPES.get(type(value), VariableType.NUMBER))
    return handover(Content("{{v}}", "", (variable,)), {"v": value})


@pytest.mark.parametrize("name", PYTHON)
def test_python_writes_numbers_as_the_playground(name: str):
    given = with_defaults([*NUMBERS, *INSIDE])
    assert sent(run_python(FORMATS[name].render(given))) == expected(given)


def test_typescript_writes_numbers_as_the_playground(typescript):
    given = with_defaults([*NUMBERS, *INSIDE])
    (request,) = typescript([given])
    assert sent(request) == expected(given)


@pytest.mark.parametrize("value", [1.0, 2**53 + 1, -0.0, [1.0], {"2": 1, "1": 2.0}])
def test_a_typescript_programs_example_is_the_playgrounds(typescript, value: Any):
    given = with_example(value)
    (request,) = typescript([given], is_main=True)
    assert sent(request) == expected(given)


def test_numbers_of_callers_are_what_the_service_would_write(typescript):
    """JavaScript's own numbers: its JSON for them, read by the service, comes to the same text."""
    values = [1e-5, 1.5e-5, 1e-6, 9.9e-6, 1e-7, 0.1, 12, 1e16, 1e20, 1e21, 1.5e300, [1e-6, {"a": 1e-7}]]
    requests = typescript([with_example(value) for value in values])
    arrived = [json.loads(json.dumps(value)) for value in values]
    whole = {1e16: 10**16, 1e20: 10**20}  # JavaScript's JSON of them has neither a point nor an exponent.
    for request, value in zip(requests, arrived, strict=True):
        given = whole.get(value, value) if isinstance(value, float) else value
        assert sent(request)[0] == (str(given) if isinstance(given, int) else plain.as_text(given))


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(st.lists(numbers, min_size=1, max_size=8), min_size=30, max_size=30))
def test_any_values_are_written_alike(typescript, lists):
    handovers = [with_defaults(each) for each in lists]
    for made, request in zip(handovers, typescript(handovers), strict=True):
        wanted = expected(made)
        assert sent(request) == wanted
        assert sent(run_python(FORMATS["python-openai"].render(made))) == wanted


def test_a_service_that_renders_jinja2_gets_numbers_as_they_are(typescript, service: tuple[str, Asked]):
    address, asked = service
    variables = (Variable("a", VariableType.NUMBER), Variable("b", VariableType.OBJECT, required=False))
    content = Content("{{ a }}", "", variables, engine=Engine.JINJA2)
    typescript([handover(content, {"a": 1.0, "b": {"2": 1, "1": 2**60}}, service_url=address)], is_main=True)
    ((_, _, body),) = asked
    assert body == b'{"version":3,"variables":{"a":1.0,"b":{"2":1,"1":1152921504606846976}}}'


def test_promptfoo_gets_the_texts_of_values():
    given = with_defaults([*NUMBERS, *INSIDE])
    (test,) = yaml.safe_load(FORMATS["promptfoo"].render(given))["tests"]
    assert list(test["vars"].values()) == [plain.as_text(value) for value in (*NUMBERS, *INSIDE)]


def test_a_template_of_texts_has_no_word_about_numbers():
    given = handover(Content("{{a}}", variables=(Variable("a"),)), {"a": "x"})
    assert not [name for name in ("python-openai", "typescript") if "written(" in FORMATS[name].render(given)]
