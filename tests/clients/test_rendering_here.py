"""What the client renders by itself is what the service renders, value for value and refusal for refusal."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.problems import Problem
from llm_playground_client import ProblemError, Template
from llm_playground_client.rendering import texts, values
from llm_playground_client.rendering.render import render as render_here
from templates_app.content import Content, Rule, Variable, VariableType
from templates_app.rendering import plain
from templates_app.rendering.render import render as render_there
from templates_app.variables.validation import APPLIES

NAMES = ["a", "b_2", "_c", "größe", "fi"]
WHOLE = st.integers(-(2**53), 2**53)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEAVES = st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
PIECES = st.sampled_from(
    ["{{a}}", "{{ a }}", "{{\tb_2\n}}", "{{_c}}", "{{a b}}", "{{}}", "{{2a}}", "{{{a}}}", "{{{{a}}}}", "\\{{a}}",
     "\\{{", "{{", "}}", "{", "}", "\\", " ", "\n", "é", "{% if a %}", "{{> a}}", "\\{{> a}}", "{{" + "x" * 65 + "}}",
     "\r\n", "\\\\", "{{größe}}", "{{ﬁ}}", "{{नाम}}", "{{a-b}}"]
)  # fmt: skip


@given(value=JSON)
def test_every_value_is_written_as_there(value: Any):
    assert texts.as_text(value) == plain.as_text(value)


@given(
    number=st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1e-5, -1.5e-5, 9.99e-6, 1e16, 1e22, -0.0])
)
def test_every_number_is_written_as_there(number: float):
    assert texts.as_text(number) == orjson.dumps(number).decode()


@given(
    text=st.lists(PIECES, max_size=10).map("".join),
    given_values=st.fixed_dictionaries(dict.fromkeys(NAMES, JSON)),
)
def test_every_text_is_filled_as_there(text: str, given_values: dict[str, Any]):
    assert texts.filled(text, given_values, field="prompt") == plain.render(text, given_values)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (r"C:\reports\\{{a}}.txt", r"C:\reports\V.txt"),
        (r"\{{a}}", "{{a}}"),
        (r"\\\{{a}}", r"\{{a}}"),
        (r"\\\\{{a}}", r"\\V"),
        (r"\\{{ no name }} \\x", r"\{{ no name }} \\x"),
        ("{{größe}}{{名前}}{{नाम}}", "VVV"),
        ("{{a-b}} {{a.b}}", "{{a-b}} {{a.b}}"),
    ],
)
def test_backslashes_and_names_of_any_script(text: str, made: str):
    assert texts.filled(text, dict.fromkeys(["a", "größe", "名前", "नाम"], "V"), field="prompt") == made


def test_ways_to_write_the_same_characters_are_one_name():
    template = Template({"prompt": "{{ﬁle}} {{file}}", "version": 1, "variable_definitions": [{"name": "file"}]})
    assert render_here(template, {"ﬁle": "x"})["prompt"] == "x x"


def test_very_many_backslashes_or_braces_take_a_moment():
    for text in ("\\" * 300_000, "{" * 300_000, "{{a" * 100_000, "{{ " * 100_000):
        assert texts.filled(text, {}, field="prompt") == text
        assert texts.names_in(text) == []


@st.composite
def a_rule(draw: Any, kind: VariableType) -> Rule:
    """A rule that applies to the type, and that the client asks too."""
    small = st.integers(0, 4)
    limits: dict[str, st.SearchStrategy[Any]] = {
        "min": small, "max": small, "min_length": small, "max_length": small,
        "enum": st.lists(JSON, min_size=1, max_size=3), "item_type": st.sampled_from(["string", "number", "boolean"]),
    }  # fmt: skip
    name = draw(st.sampled_from([name for name in limits if kind in APPLIES[name]]))
    return Rule(name, draw(limits[name]))


@st.composite
def a_variable(draw: Any, name: str) -> Variable:
    """A variable of a type whose values are text, and up to one rule."""
    kind = draw(st.sampled_from([each for each in VariableType if each not in ("image", "file", "messages")]))
    rules = tuple(draw(st.lists(a_rule(kind), max_size=1)))
    default = draw(st.none() | JSON)
    return Variable(name, kind, "", draw(st.booleans()), default, default is not None, rules)


FIT = st.sampled_from([1, 0, 2.5, True, "x", "", "xyzab", [], ["x"], [1, "x"], {}, {"k": 1}, None])


@given(
    variables=st.tuples(*(a_variable(name) for name in NAMES[:2])),
    given_values=st.dictionaries(st.sampled_from([*NAMES, "other"]), FIT | JSON, max_size=4),
    prompt=st.lists(PIECES, max_size=6).map("".join),
    system=st.sampled_from(["", "You are {{a}}.", "{{b_2}}"]),
)
def test_calls_come_out_and_are_refused_as_there(
    variables: tuple[Variable, ...], given_values: dict[str, Any], prompt: str, system: str
):
    content = Content(prompt, system, variables)
    assert here(content, given_values) == there(content, given_values)


@pytest.mark.parametrize("given_values", [{"a": "x"}, {"a": " "}, {"a": ""}, {}, {"a": 1}])
@pytest.mark.parametrize(
    "turns",
    [
        [("system", "Be {{a}}."), ("user", "One"), ("assistant", "Two {{a}}"), ("user", "{{a}}")],
        [("system", "{{a}}"), ("system", "more"), ("user", "x")],
        [("system", "only {{a}}")],
    ],
)
def test_turns_come_out_and_are_refused_as_there(turns: list[tuple[str, str]], given_values: dict[str, Any]):
    shape = [{"role": role, "content": text} for role, text in turns]
    content = Content.from_json({"prompt": "", "messages": shape, "variables": [{"name": "a", "required": False}]})
    assert here(content, given_values) == there(content, given_values)


def here(content: Content, given_values: dict[str, Any]) -> Any:
    """What the client makes of it."""
    shape = {**content.as_json(), "version": 1, "variable_definitions": [each.as_json() for each in content.variables]}
    try:
        made = render_here(Template(shape), values.as_json(given_values))
    except ProblemError as problem:
        return problem.code, [each._asdict() for each in problem.errors]
    return made["prompt"], made["system_prompt"], made["messages"]


def there(content: Content, given_values: dict[str, Any]) -> Any:
    """What the service makes of it."""
    try:
        made = render_there(content, given_values)
    except Problem as problem:
        return problem.code, problem.errors
    return made.prompt, made.system_prompt, made.messages


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, object(), {1, 2}, b"x", {"k": [-(2**60)]}])
def test_what_json_cannot_say_is_refused_here_by_its_name(value: Any):
    with pytest.raises(ProblemError) as refused:
        values.as_json({"fine": 1, "odd": value})
    assert [each.field for each in refused.value.errors] == ["variables.odd"]


def test_odd_characters_are_refused_as_there():
    content = Content("{{a}}")
    for odd in ("\x00", "\ud800"):
        assert here(content, {"a": odd}) == there(content, {"a": odd})
