from __future__ import annotations

import pytest

from templates_app.content import VariableType
from templates_app.exchange.formats.dotprompt import DOTPROMPT
from tests.templates_app.exchange.reading import content, draft, faults, places, said

WHOLE = """# A licence
# of two lines

---
model: googleai/gemini-2.5-flash
config:
  temperature: 0.7
  maxOutputTokens: 200
  topK: 3
  stopSequences: [END]
input:
  schema:
    topic: string, what it is about
    style?(enum, how): [plain, vivid]
    count?: integer
    tags(array, words): string
    author(object):
      name: string
      mail?: string
  default:
    count: 3
output:
  format: json
  schema:
    title: string
    points(array): string
tools: [search]
---
{{! a comment }}
{{role "system"}}
You write about {{topic}}.
{{history}}
{{role "user"}}
Write {{count}} lines.
"""


def text_of(body: str, head: str = "model: x/y") -> str:
    return f"---\n{head}\n---\n{body}"


def written(body: str, head: str = "model: x/y", **values) -> str:
    """What the user's only message says."""
    text: str
    [(role, text)] = said(draft(DOTPROMPT, text_of(body, head), "a.prompt"), **values)
    assert role == "user"
    return text


def test_front_matter_and_roles():
    found = draft(DOTPROMPT, WHOLE, "write.prompt")
    made = content(found)

    assert found.entry["name"] == "write"
    assert made.model_id == "gemini/gemini-2.5-flash"
    assert made.default_parameters == {"temperature": 0.7, "max_tokens": 200, "stop_sequences": ["END"]}
    assert made.engine == "plain"
    assert list(made.slots) == ["history"]
    values = {"topic": "tea", "tags": [], "author": {"name": "A"}, "history": []}
    assert said(found, **values) == [("system", "You write about tea."), ("user", "Write 3 lines.")]
    notes = " ".join(found.notes)
    assert "topK" in notes
    assert "search" in notes


def test_picoschema_defines_variables():
    made = {each.name: each for each in content(draft(DOTPROMPT, WHOLE, "write.prompt")).variables}

    assert made["topic"].description == "what it is about"
    assert made["topic"].required
    assert not made["style"].required
    assert [(rule.name, rule.value) for rule in made["style"].rules] == [("enum", ["plain", "vivid"])]
    assert (made["count"].type, made["count"].default_value) == (VariableType.NUMBER, 3)
    assert made["tags"].rules[0].value == {"type": "array", "items": {"type": "string"}, "description": "words"}
    assert made["author"].rules[0].value["required"] == ["name"]


def test_the_answers_schema_is_a_format():
    made = content(draft(DOTPROMPT, WHOLE, "write.prompt")).response_format

    assert made is not None
    assert made["json_schema"]["schema"]["properties"] == {
        "title": {"type": "string"},
        "points": {"type": "array", "items": {"type": "string"}},
    }


def test_json_without_a_schema():
    text = text_of("Hi", "output:\n  format: json")
    assert content(draft(DOTPROMPT, text, "a.prompt")).response_format == {"type": "json_object"}


@pytest.mark.parametrize(
    ("body", "values", "expected"),
    [
        ("A {{#if x}}yes {{x}}{{else}}no{{/if}}.", {"x": "1"}, "A yes 1."),
        ("A {{#if x}}yes{{else}}no{{/if}}.", {}, "A no."),
        ("A {{#unless x}}no{{/unless}}.", {}, "A no."),
        ("{{#each xs}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", {"xs": ["a", "b"]}, "0a,1b"),
        ("{{#each xs}}{{name}}-{{../top}} {{else}}none{{/each}}", {"xs": [{"name": "n"}], "top": "t"}, "n-t "),
        ("{{#each xs}}x{{else}}none{{/each}}", {}, "none"),
        (
            "{{#each xs}}{{#each items}}{{this}}{{@first}};{{/each}}{{/each}}",
            {"xs": [{"items": [1, 2]}]},
            "1True;2False;",
        ),
        ("{{#each xs}}{{@key}}={{this}}{{/each}}", {"xs": {"a": 1}}, "a=1"),
        ("{{#with o}}{{a}}{{@root.b}}{{/with}}", {"o": {"a": "1"}, "b": "2"}, "12"),
        ("{{#if a}}1{{else if b}}2{{else}}3{{/if}}", {"a": "", "b": "x"}, "2"),
        ('{{#ifEquals a "x"}}same{{else}}other{{/ifEquals}}', {"a": "x"}, "same"),
        ("{{#if (gt n 2)}}big{{/if}}", {"n": 3}, "big"),
        ("{{json o}}", {"o": {"a": [1]}}, '{"a": [1]}'),
        ("{{xs.length}} {{xs.[0]}}", {"xs": ["a"]}, "1 a"),
        ("{{#if a}}\n  {{{a}}}\n{{/if}}\nend", {"a": "x"}, "  x\nend"),
        ("a  {{~b~}}  c{{#if b}}{{/if}}", {"b": "x"}, "axc"),
        ("\\{{kept}} {{#if a}}{% raw { {{a}}{{/if}}", {"a": "x"}, "{{kept}} {% raw { x"),
    ],
)
def test_handlebars_says_the_same_in_jinja(body, values, expected):
    schema = "input:\n  schema:\n    type: object\n    properties:\n"
    kinds = {list: "array", dict: "object", int: "number", str: "string"}
    lines = [f"      {name}: {{type: {kinds[type(value)]}}}\n" for name, value in values.items()]
    head = schema + "".join(lines) if values else "model: x/y"

    assert written(body, head.rstrip(), **values) == expected


def test_what_only_puts_values_in_stays_plain():
    found = draft(DOTPROMPT, text_of("Hi {{ name }} {{! x }}{{first-name}} \\{{a}} {b} {% c %}"), "a.prompt")

    assert content(found).engine == "plain"
    assert said(found, name="A", first_name="B") == [("user", "Hi A B {{a}} {b} {% c %}")]


def test_what_has_no_counterpart_stays_as_text_and_is_told():
    found = draft(DOTPROMPT, text_of("{{#if a}}x{{/if}}{{add 1 2}} {{#own a}}in{{/own}}"), "a.prompt")

    assert said(found) == [("user", "{{add 1 2}} {{#own a}}in{{/own}}")]
    assert sum("has no counterpart" in note for note in found.notes) == 2


def test_partials_are_references_by_slugs():
    found = draft(DOTPROMPT, text_of("{{> orderFooter year=2025}} {{>my_header}}"), "a.prompt")

    assert content(found).prompt == "{{> order-footer}} {{> my-header}}"
    assert any("order-footer, my-header" in note for note in found.notes)
    assert any("handed to the partial" in note for note in found.notes)


def test_a_file_of_a_partial_has_the_slug_that_others_name():
    assert draft(DOTPROMPT, text_of("x"), "p/_orderFooter.prompt").entry["slug"] == "order-footer"


def test_a_variant_is_a_template_of_its_own():
    found = draft(DOTPROMPT, text_of("x"), "greet.short.prompt")

    assert (found.entry["name"], found.key) == ("greet (short)", "greet.short")


def test_media_is_a_picture_in_what_the_user_says():
    body = '{{role "user"}}See {{media url=photo}} and {{media url=song contentType="audio/mpeg"}}'
    made = {each.name: each.type for each in content(draft(DOTPROMPT, text_of(body), "a.prompt")).variables}

    assert made == {"photo": VariableType.IMAGE, "song": VariableType.STRING}


def test_media_elsewhere_is_text():
    found = draft(DOTPROMPT, text_of('{{role "system"}}{{media url=photo}}{{role "user"}}Go'), "a.prompt")

    assert content(found).variables[0].type == VariableType.STRING
    assert any("photo" in note for note in found.notes)


def test_roles_as_blocks_and_history_within_a_condition():
    body = '{{#role "system"}}\nA\n{{/role}}\n{{#if history}}{{history}}{{/if}}\n{{#role "user"}}\nB\n{{/role}}\n'

    assert said(draft(DOTPROMPT, text_of(body), "a.prompt"), history=[]) == [("system", "A"), ("user", "B")]


@pytest.mark.parametrize("body", ["{{#if a}}", "{{/if}}", "{{#if a}}{{#each b}}{{/if}}{{/each}}", "a\n{{#}}x{{/}}"])
def test_blocks_that_do_not_match_are_refused_with_their_line(body):
    [fault] = faults(DOTPROMPT, text_of(body), "a.prompt")

    assert fault.field == "body"
    assert "Line" in fault.message


@pytest.mark.parametrize(
    ("head", "place"),
    [
        ("config: 3", "config"),
        ("input: 3", "input"),
        ("input: {schema: 3}", "input.schema"),
        ("input: {schema: {a: 3}}", "input.schema.a"),
        ("input: {schema: {'a(odd)': 3}}", "input.schema.a(odd)"),
        ("input: {schema: {a: string}, default: 3}", "input.default"),
        ("output: 3", "output"),
        ("output: {schema: [1]}", "output.schema"),
        ("tools: 3", "tools"),
        ("tools: [3]", "tools.0"),
        ("description: [x]", "description"),
    ],
)
def test_what_is_none_is_refused_with_its_place(head, place):
    assert places(DOTPROMPT, text_of("Hi", head), "a.prompt") == [place]


def test_a_text_of_many_openings_is_read_in_one_go():
    body = "{{!-- " * 15_000 + "{{{ " * 15_000 + "Hi"
    assert content(draft(DOTPROMPT, text_of(body), "a.prompt")).engine == "plain"
