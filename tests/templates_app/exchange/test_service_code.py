"""Code that we handed over comes back as the template that it was made of, or as a template with its texts."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings

from foundation.problems import Problem
from templates_app.bodies import content_of
from templates_app.content import Content
from templates_app.exchange.entries import TemplateEntry
from templates_app.exchange.formats.format import Choices, Draft
from templates_app.exchange.formats.openai_prompt import OPENAI_PROMPT
from templates_app.exchange.reading import read as read_files
from templates_app.exchange.source import Source
from templates_app.export_code.formats import FORMATS
from templates_app.export_code.handover import Handover
from tests.cast import Person
from tests.templates_app.conftest import MakeTemplate, anonymous, author, make_template, provider, stranger
from tests.templates_app.exchange.files import faults, read, source
from tests.templates_app.exchange.reading import tried
from tests.templates_app.exchange.test_importing import DOOR
from tests.templates_app.exchange.test_service_calls import sent, written
from tests.templates_app.exporting_code import PYTHON, handover, hostile, plain_content
from tests.templates_app.whole_calls import FORMAT, TOOL, TURNS, handed_over, made_of

__all__ = ["anonymous", "author", "make_template", "provider", "stranger"]

TYPED: list[dict[str, Any]] = [
    {"name": "text"},
    {"name": "class", "required": False},
    {"name": "tone", "validation_rules": [{"rule": "enum", "value": ["kind", "dry"]}]},
    {"name": "count", "type": "number", "default_value": 1.5, "required": False},
    {"name": "is_short", "type": "boolean", "default_value": True, "required": False},
    {"name": "items", "type": "array", "validation_rules": [{"rule": "item_type", "value": "string"}]},
    {"name": "more", "type": "array", "default_value": [], "required": False},
    {"name": "data", "type": "object", "default_value": {"a": None}, "required": False},
    {"name": "größe", "default_value": "a\n\"b\" '{{c}}'", "required": False},
]
PROMPT = "".join(f"{{{{{each['name']}}}}}\n" for each in TYPED)


def template(engine: str = "plain", **fields: Any) -> Content:
    """A content with a variable of each type."""
    shape = {"prompt": PROMPT, "system_prompt": "Be \\{{kind}}.", "variables": TYPED, "engine": engine}
    parameters = {"temperature": 0.5, "max_tokens": 100, "stop_sequences": ["END"], "timeout": 20}
    return Content.from_json({**shape, "default_parameters": parameters, **fields})


def back(format_name: str, given_: Handover) -> Draft:
    """The draft of the code."""
    (draft,) = OPENAI_PROMPT.read(source(FORMATS[format_name].render(given_), "a.py"), Choices()).templates
    assert faults(draft) == {}, draft.entry
    return draft


def content(draft: Draft) -> Content:
    """Its content, by the rules of every import."""
    shape = TemplateEntry(
        data={"category": "C", **draft.entry, "versions": [{"number": 1, **draft.entry["versions"][0]}]}
    )
    shape.is_valid(raise_exception=True)
    return content_of(shape.validated_data["versions"][0])


@pytest.mark.parametrize("name", PYTHON)
@pytest.mark.parametrize("engine", ["plain", "jinja2"])
def test_python_holds_the_texts_variables_and_parameters(name: str, engine: str):
    wanted = template(engine)
    draft = back(name, handover(wanted))
    found = content(draft)
    assert (found.prompt, found.system_prompt, found.engine) == (wanted.prompt, wanted.system_prompt, wanted.engine)
    assert found.variables == wanted.variables
    assert dict(found.default_parameters) == dict(wanted.default_parameters)
    assert found.model_id == "openai/gpt-4o"
    assert (draft.entry["name"], draft.key) == ("Summary of a report", "3f2b8c1e-0000-4000-8000-000000000001")
    assert not any("not carried over" in note for note in draft.notes)


@pytest.mark.parametrize("name", ["python-openai", "python-litellm"])
def test_python_holds_a_whole_call(name: str):
    given_ = handed_over()
    found = content(back(name, handover(given_.content)))
    assert [turn.as_json() for turn in found.turns] == [turn.as_json() for turn in given_.content.turns]
    assert found.variables == given_.content.variables
    assert ([dict(each) for each in found.tools], found.response_format) == ([TOOL], FORMAT)


@pytest.mark.parametrize("name", PYTHON)
@settings(max_examples=50, deadline=None)
@given(title=hostile, prompt=hostile, system=hostile)
def test_texts_of_any_kind_come_back(name: str, title: str, prompt: str, system: str):
    code = FORMATS[name].render(handover(plain_content(f"x{prompt}", system), name=f"a{title}", label="production"))
    if "\x00" in prompt + system:
        return
    (draft,) = OPENAI_PROMPT.read(source(code, "a.py"), Choices()).templates
    version = draft.entry["versions"][0]
    assert (version["prompt"], version.get("system_prompt", "")) == (f"x{prompt}", system)
    assert draft.reference is not None
    assert (draft.reference.label, draft.reference.version) == ("production", 3)


def test_code_of_a_template_with_a_very_long_name_is_known():
    code = FORMATS["python-openai"].render(handover(plain_content("Hi"), name="long " * 60))
    assert read(OPENAI_PROMPT, code, "a.py").templates[0].reference is not None


@pytest.mark.parametrize("name", [*PYTHON, "typescript"])
async def test_code_leads_to_its_template(make_template: MakeTemplate, author: Person, name: str):
    made = await make_template()
    answer = await sent(author, await written(author, made["id"], name))
    assert answer.status == 200, answer.body
    (entry,) = answer.body["entries"]
    assert (entry["action"], entry["id"]) == ("skip", made["id"])
    assert entry["reason"] == "It is here already: Welcome, version 1."


@pytest.mark.parametrize("name", ["python-openai", "typescript"])
async def test_code_of_a_whole_call_leads_to_its_template(author: Person, name: str):
    made = await made_of(author, variables=["what", "text", {"name": "history", "type": "messages"}])
    assert len(made["messages"]) == len(TURNS)
    answer = await sent(author, await written(author, made["id"], name))
    assert [each["action"] for each in answer.body["entries"]] == ["skip"], answer.body


async def test_python_comes_in_elsewhere_and_is_known_when_it_comes_again(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    made = await make_template()
    code = await written(author, made["id"], "python-openai")
    first = (await sent(stranger, code)).body["entries"][0]
    assert (first["action"], first["name"]) == ("create", "Welcome")
    here = (await stranger.get(f"/api/templates/{first['id']}")).body
    assert (here["prompt"], here["variables"]) == (BODY_PROMPT, ["name", "language"])
    again = (await sent(stranger, code)).body["entries"][0]
    assert (again["action"], again["id"]) == ("skip", first["id"])


async def test_code_that_somebody_changed_is_no_longer_the_template(make_template: MakeTemplate, author: Person):
    made = await make_template()
    code = await written(author, made["id"], "python-openai")
    entry = (await sent(author, code.replace(b"Greet {{name}}", b"Welcome {{name}}"))).body["entries"][0]
    assert entry["action"] == "conflict"
    assert "It was made of Welcome, and is not as its version 1 is here." in entry["notes"]


async def test_typescript_elsewhere_is_told_what_to_bring(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    made = await make_template()
    answer = await stranger.post(
        DOOR, data=await written(author, made["id"], "typescript"), headers={"Content-Type": "text/plain"}
    )
    (error,) = answer.body["errors"]
    assert (answer.status, error["code"]) == (400, "not_here")
    assert "is code made of the template" in error["message"]
    assert "llm-playground" in error["message"]


BODY_PROMPT = "Greet {{name}} in {{language}}."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("PROMPT = ", "PROMPT = 5 or "),
        ("PROMPT = ", "PROMPT = {1: ["),
        ("MODEL = ", "MODEL = 5 if x else "),
        ('"Say {{a}}"', "[1]"),
        ("PARAMETERS: dict[str, Any] = {", "PARAMETERS: dict[str, Any] = {1: {2, 3}, "),
        ("PARAMETERS: dict[str, Any] = {", 'PARAMETERS: dict[str, Any] = {"tools": 5, "extra_body": 1e999, '),
        ("a: str", "a: str = object()"),
        ("a: str", "a: Literal[1]"),
        ("a: str", "a: list[[1]]"),
        ("PROMPT = ", "MESSAGES = [{1: ...}, b'x']\nPROMPT = "),
        ("PROMPT = ", "MESSAGES = 5\nPROMPT = "),
        ("PROMPT = ", "PART_VARIABLES = {'a': ['image']}\nPROMPT = "),
        ("PROMPT = ", "PART_VARIABLES = [5]\nPROMPT = "),
        ("return ask({", "return ask({**1, 5: 6, "),
    ],
)
def test_code_that_somebody_broke_is_read_or_refused(old: str, new: str):
    code = FORMATS["python-openai"].render(handover(plain_content("Say {{a}}", temperature=0.5)))
    assert old in code
    made = source(code.replace(old, new), "a.py")
    assert OPENAI_PROMPT.recognises(made)
    for draft in OPENAI_PROMPT.read(made, Choices()).templates:
        assert "versions" not in draft.entry or isinstance(draft.entry["versions"], list)


ODD_VALUES = [
    "9" * 30,
    "-" + "9" * 30,
    "1e999",
    "-1e999",
    "'\\ud800'",
    "b'x'",
    "{1, 2}",
    "(1, 2)",
    "...",
    "1j",
    "{1: 2}",
    "'\\x00'",
]


@pytest.mark.parametrize("value", ODD_VALUES)
@pytest.mark.parametrize("inner", ["{}", "[{}]", "{{'a': {}}}"])
def test_python_values_that_json_has_none_of_are_read_or_refused(value: str, inner: str):
    odd = inner.format(value)
    code = FORMATS["python-openai"].render(handover(plain_content("Say {{a}} {{b}} {{c}}", temperature=0.5)))
    for old, new in (
        ("PROMPT = ", f"MESSAGES = {odd}\nPROMPT = "),
        ('"temperature": 0.5', f'"temperature": {odd}, "tools": {odd}, "x": {odd}'),
        ("b: float = 7", f"b: float = {odd}"),
        ("b: float = 7", f"b: Literal[{odd}] = 7"),
        ("b: float = 7", f"b: x{'.y' * 2_000} = 7"),
    ):
        assert old in code
        is_read_or_refused(code.replace(old, new))
    call = (
        f"client.chat.completions.create(model='gpt-4o', messages=[{{'role': 'user', 'content': {odd}}}], seed={odd})"
    )
    is_read_or_refused(call)
    is_read_or_refused(f"x.create(model='gpt-4o', input='a', tools={odd}, metadata={odd}, name={odd})")


def is_read_or_refused(code: str) -> None:
    """Nothing but drafts that can be written down, or a Problem."""
    found = tried(read_files, [Source(code.encode(), "a.py")])
    if isinstance(found, Problem):
        assert found.status == 400
        return
    for draft, _, _ in found.drafts:
        assert orjson.dumps([draft.entry, draft.notes])
        faults(draft)
