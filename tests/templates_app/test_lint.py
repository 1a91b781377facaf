"""Lint: each rule finds what it is for and leaves alone what is well done."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.tokenizing.vocabulary import count
from templates_app.content import Content, Engine, Rule, Variable, VariableType
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.lint import MOST, MOST_OF_A_RULE, lint
from templates_app.linting.registry import all_rules

REVIEW = Variable("review", description="A customer's review.")
SHORT_TOPIC = Variable("topic", description="What it is about.", rules=(Rule("max_length", 80),))
A_DATE = Variable("today", description="The date.", rules=(Rule("max_length", 10),))
JSON_MODE: dict[str, Any] = {"response_format": {"type": "json_object"}}
FILLER = "The plan of the work is set out by the team in the weekly notes that are kept for the record. " * 8


def content(prompt: str, *variables: Variable, system: str = "", **parameters: Any) -> Content:
    return Content(prompt=prompt, system_prompt=system, variables=variables, default_parameters=parameters)


@dataclass(frozen=True)
class Pair:
    """What a rule finds fault with, and the same done well."""

    bad: Content
    good: tuple[Content, ...] = field(default_factory=tuple)
    severity: Severity = Severity.WARNING
    at: str | None = None
    context_window: int | None = None


PAIRS = {
    "empty-prompt": Pair(content(" \n\t "), (content("Say hello."),), Severity.ERROR),
    "undeclared-variable": Pair(
        content("About {{topic}} and {{ other }}.", SHORT_TOPIC),
        (content("About {{topic}} and \\{{other}}.", SHORT_TOPIC),),
        Severity.ERROR,
        at="{{ other }}",
    ),
    "unused-variable": Pair(content("Say hello.", SHORT_TOPIC), (content("About {{topic}}.", SHORT_TOPIC),)),
    "undescribed-variable": Pair(
        content("{{topic}}", Variable("topic")), (content("{{topic}}", SHORT_TOPIC),), Severity.INFO
    ),
    "optional-without-default": Pair(
        content("{{topic}}", Variable("topic", required=False)),
        (content("{{topic}}", Variable("topic", required=False, has_default=True, default_value="")),),
        Severity.INFO,
    ),
    "malformed-placeholder": Pair(
        content("Write about {topic}.", SHORT_TOPIC),
        (
            content("Write about {{topic}} as {other}.", SHORT_TOPIC),
            content('Return {"a": {"topic": 1}}, \\frac{a}{b}. {{topic}}', SHORT_TOPIC),
        ),
        at="{topic}",
    ),
    "single-braces": Pair(
        content('Write about {topic} as "{tone}".'),
        (
            content("Write about {{topic}}.", SHORT_TOPIC),
            content('Return {"a": 1}, { return x } and {a: {b}}; \\frac{a}{b}, x_{i}, e^{n}, ${HOME}, f{x}, {{x}}.'),
            content("GET /users/{id}/posts\n```\nprint(f'{x}')\n```\n\\{{topic}} {1} {a b} {} {a,b}"),
        ),
        at="{topic}",
    ),
    "jinja-in-plain-text": Pair(
        content("{% if tone %}Be kind.{% endif %}"),
        (
            content("{{topic}} is 5 % of {100 %}, {#fff}, \\{{ x | y }}, {{ x }} or {{a b}}.", SHORT_TOPIC),
            Content("{% if topic %}{{ topic | upper }}{# so #}{% endif %}", "", (SHORT_TOPIC,), {}, Engine.JINJA2),
        ),
        at="{% if tone %}",
    ),
    "escaped-variable": Pair(
        content("About \\{{topic}} and {{topic}}.", SHORT_TOPIC),
        (
            content("About \\\\{{topic}}.", SHORT_TOPIC),
            content("About {{topic}}: write \\{{other}} for a place.", SHORT_TOPIC),
        ),
        at="\\{{topic}}",
    ),
    "secret": Pair(
        content("Use sk-proj-abc123DEF456ghi789JKL for it."),
        (
            content("Sort sk-learn-pipelines-and-estimators by age; password: at least 8 characters."),
            content("Authorization: Bearer {{token}}; password={{password}}; postgres://user:$PASS@host/db"),
        ),
        Severity.ERROR,
        at="sk-proj-abc123DEF456ghi789JKL",
    ),
    "personal-data": Pair(
        content("Write to jane.doe@acme-corp.com about it."),
        (content("Write to jane@example.com or 555-0100 on 2024-01-15 from 192.168.100.200, order 1234567890123456."),),
        at="jane.doe@acme-corp.com",
    ),
    "over-the-window": Pair(
        content("word " * 1000),
        (content("word " * 100),),
        Severity.ERROR,
        context_window=1000,
    ),
    "conflicting-length": Pair(
        content("Keep the answer short. Describe the history in great detail."),
        (
            content("Write a concise summary of the detailed report in one sentence."),
            content("Give at least 2 sentences on each, and at most 3 sentences."),
        ),
        at="in great detail",
    ),
    "conflicting-format": Pair(
        content('Return only JSON: {"label": "a"}. Explain your choice.'),
        (content('Return only JSON: {"label": "a", "why": "explain your choice"}.'), content("Explain your choice.")),
        at="Explain your",
    ),
    "no-room-to-think": Pair(
        content("Think step by step. Answer with one word."),
        (content("Think step by step. Put the steps between <reasoning> tags; then answer with one word."),),
        Severity.INFO,
        at="step by step",
    ),
    "reasoning-unasked": Pair(
        content("Calculate the total of the list."),
        (
            content("Calculate the total of the list. Write the steps first."),
            content("Calculate the total of the list.", reasoning_effort="low"),
        ),
        Severity.INFO,
        at="Calculate",
    ),
    "unbounded-length": Pair(
        content("Write about the history of the bridge."),
        (
            content("Write 300 words about the history of the bridge."),
            content("Write a short note."),
            content("Write {{count}} bullet points about the bridge.", Variable("count", VariableType.NUMBER)),
        ),
        at="Write",
    ),
    "no-output-format": Pair(
        content(
            "Here is what I want to know about this: which of the risks that are named matter the most to us and why?"
        ),
        (
            content(
                "Here is what I want to know: which of the risks matter most to us and why? Answer in a table of two."
            ),
            content("Which risk matters most?"),
            content("Welche der genannten Risiken sind für uns am wichtigsten, und warum ist das so? " * 3),
        ),
    ),
    "json-without-shape": Pair(
        content("Return the result as JSON."),
        (
            content('Return the result as JSON: {"name": "text"}.'),
            content("Return JSON with the keys name and age."),
            content("Explain what this JSON does."),
            content("Return JSON.", response_format={"type": "json_schema", "json_schema": {"schema": {}}}),
        ),
    ),
    "json-mode-unsaid": Pair(
        content("Name the colour.", **JSON_MODE), (content('Name it in JSON: {"colour": ""}.', **JSON_MODE),)
    ),
    "undelimited-input": Pair(
        content("Please summarise {{review}} in one sentence.", REVIEW),
        (
            content("Summarise the review.\n\n{{review}}\n", REVIEW),
            content("Summarise this: <review>{{review}}</review> in one sentence.", REVIEW),
            content("<review>\nBy a customer: so {{review}} it was\n</review>", REVIEW),
            content('Summarise """x {{review}} y""" please.', REVIEW),
            content("```\nx {{review}} y\n```", REVIEW),
            content('Is "{{review}}" friendly?', REVIEW),
            content("Review: {{review}}", REVIEW),
            content("**Review:** {{review}}", REVIEW),
            content("Write about {{topic}} in one line.", SHORT_TOPIC),
            content("Write {{count}} lines.", Variable("count", VariableType.NUMBER, "How many.")),
        ),
        at="{{review}}",
    ),
    "input-in-system-prompt": Pair(
        content("Answer.", REVIEW, system="You know this: {{review}}"),
        (content("Answer. {{topic}}", SHORT_TOPIC, system="You know about {{topic}}."),),
        at="{{review}}",
    ),
    "undelimited-examples": Pair(
        content("Input: 1\nOutput: one\nInput: 2\nOutput: two\n"),
        (
            content("Input: 1\nOutput: one\n\nInput: 2\nOutput: two\n"),
            content("<example>\nInput: 1\nOutput: one\n</example>\n<example>\nInput: 2\nOutput: two\n</example>"),
            content("Question: why?\nText: because\nAnswer:"),
        ),
        at="Input:",
    ),
    "unclosed-border": Pair(
        content("<document>\n{{review}}\nSummarise it.", REVIEW),
        (
            content("<document>\n{{review}}\n</document>\nSummarise it.", REVIEW),
            content("Use List<String> here.\n<br>\n"),
            content("```python\npass\n```\n"),
        ),
        at="<document>",
    ),
    "vague-words": Pair(
        content("Use an appropriate tone."),
        (content("Explain what “appropriate” means."),),
        Severity.INFO,
        "appropriate",
    ),
    "negative-only": Pair(
        content("Do not use jargon."),
        (
            content("Do not use jargon; use everyday words."),
            content("Do not use jargon. Write as a neighbour would."),
            content("Do not invent figures."),
        ),
        Severity.INFO,
        "Do not use",
    ),
    "several-tasks": Pair(
        content("Summarise the report. Translate it into French and then classify it."),
        (
            content("1. Summarise the report.\n2. Translate it.\n3. Classify it."),
            content("Summarise the report and translate it."),
        ),
        Severity.INFO,
        "classify",
    ),
    "relative-date": Pair(
        content("List today's deadlines."),
        (
            content("Today is {{today}}. List today's deadlines.", A_DATE),
            content("Keep the current implementation and the latest of two entries."),
        ),
        at="today's",
    ),
    "shouting": Pair(
        content("YOU MUST NEVER SAY this."),
        (content("Select NATO, EU, UN and SQL DDL XML JSON."), content("```\nDO THE SELECT NOT NULL THIS\n```")),
        Severity.INFO,
        "YOU MUST NEVER SAY",
    ),
    "duplicate-paragraph": Pair(
        content(f"{FILLER}\n\nSomething else.\n\n{FILLER.upper()}"), (content(f"{FILLER}\n\n---\n\n---"),)
    ),
    "no-way-out": Pair(
        content("Extract the date from the text:\n{{review}}", REVIEW),
        (
            content("Extract the date from the text; null when it is not there:\n{{review}}", REVIEW),
            content("Extract the essence of the art of painting for me."),
        ),
        Severity.INFO,
        "Extract",
    ),
    "no-role": Pair(
        content(FILLER), (content(FILLER, system="You are an engineer."), content("A short prompt.")), Severity.INFO
    ),
    "invisible-characters": Pair(
        content("Good\u200b\u202emorning"),
        (content("👩\u200d🚀 क्\u200dष 🏴\U000e0067\U000e0062\U000e007f"),),
        at="\u200b\u202e",
    ),
}


def found_by(rule: str, pair: Pair, checked: Content) -> list[Finding]:
    return [finding for finding in lint(checked, context_window=pair.context_window) if finding.rule == rule]


def test_there_is_a_pair_for_every_rule_and_a_rule_for_every_pair():
    assert [rule.id for rule in all_rules()] == sorted(PAIRS)


@pytest.mark.parametrize("rule", PAIRS)
def test_a_rule_finds_what_it_is_for(rule: str):
    pair = PAIRS[rule]
    found = found_by(rule, pair, pair.bad)
    assert found, "nothing was found"
    assert found[0].severity == pair.severity
    assert found[0].message
    assert found[0].advice
    assert found[0].example
    if pair.at is not None:
        text = getattr(pair.bad, found[0].field)
        assert text[found[0].start : found[0].end] == pair.at


@pytest.mark.parametrize("rule", PAIRS)
def test_a_rule_leaves_alone_what_is_well_done(rule: str):
    pair = PAIRS[rule]
    assert [found_by(rule, pair, good) for good in pair.good] == [[] for _ in pair.good]


def test_every_rule_tells_about_itself():
    for rule in all_rules():
        told = rule.as_json()
        assert all(told[name] for name in ("id", "severity", "title", "reason", "advice", "example"))


def test_findings_come_by_field_and_place():
    text = "Write about {{a}} and {{b}} with some kind of nice tone, etc."
    found = lint(content(text, Variable("z"), Variable("c"), system="Be nice."))
    fields = ["prompt", "system_prompt", "variables.z", "variables.c"]
    order = [(fields.index(each.field), each.start or 0) for each in found]
    assert order == sorted(order)
    assert {each.field for each in found} == set(fields)


def test_a_finding_is_json():
    (found,) = lint(content("   "))
    assert found.as_json() == {
        "rule": "empty-prompt",
        "severity": "error",
        "field": "prompt",
        "start": None,
        "end": None,
        "message": "The prompt is empty.",
        "advice": found.advice,
        "example": found.example,
        "fix": None,
    }


def test_an_answer_that_no_longer_fits_the_window_is_a_warning():
    found = lint(content("word " * 100, max_tokens=900), context_window=1000)
    assert [each.severity for each in found if each.rule == "over-the-window"] == [Severity.WARNING]


def test_the_window_is_held_against_what_the_models_tokenizer_counts():
    text = content("x" * 3_600)
    own = count("x" * 3_600, "o200k_base")
    assert own < 900
    assert "over-the-window" in {each.rule for each in lint(text, context_window=own)}
    assert "over-the-window" not in {each.rule for each in lint(text, context_window=own, model_id="a/gpt-4o")}
    (found,) = (
        each for each in lint(text, context_window=own - 1, model_id="a/gpt-4o") if each.rule == "over-the-window"
    )
    assert found.message == f"The texts have {own} tokens, counted; the model takes {own - 1}."
    (found,) = (each for each in lint(text, context_window=800) if each.rule == "over-the-window")
    assert found.message == "The texts have about 900 tokens, estimated; the model takes 800."


def test_a_length_that_only_max_tokens_bounds_is_a_hint():
    found = lint(content("Write about the history of the bridge.", max_tokens=500))
    assert [each.severity for each in found if each.rule == "unbounded-length"] == [Severity.INFO]


def test_least_and_most_are_compared_as_numbers():
    found = lint(content("Write at least 300 words about the bridge, and no more than 200 words."))
    assert "conflicting-length" in {each.rule for each in found}


def test_jinja2_is_no_malformed_placeholder():
    text = "{% for item in items %}{{ item.name | upper }} {{ loop.index }}{% endfor %} {item} {{ items[0] }}"
    checked = Content(prompt=text, variables=(Variable("items", description="Items."),), engine=Engine.JINJA2)
    rules = {"malformed-placeholder", "undeclared-variable", "unused-variable", "undelimited-input"}
    assert not rules & {finding.rule for finding in lint(checked)}


# Put together here, so that nobody's scanner takes this file for a leak.
SECRETS = [
    "sk-" + "ant-api03-" + "a1b2c3d4e5f6g7h8i9j0",
    "AK" + "IA" + "IOSFODNN7EXAMPLE",
    "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8",
    "github_" + "pat_" + "11ABCDEFG0123456789_abcdefghijklmnopqrstuvwxyz",
    "AI" + "za" + "SyA1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q",
    "xo" + "xb-" + "123456789012-abcdefGHIJ",
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxIn0" + ".abcdefghijk_-123",
    "Bearer " + "abcdefghijklmnopqrstuvwx1234",
    "postgres://" + "admin:hunter2hunter2" + "@db.internal/prod",
    "password=" + "correcthorse",
    'api_key: "' + "Zx9Yw8Vu7Ts6",
]


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize("place", ["prompt", "system_prompt", "default"])
def test_a_secret_is_found_and_never_repeated(secret: str, place: str):
    text = f"Write to the server with {secret} in the header."
    default = Variable("header", description="A header.", default_value=[text], has_default=True)
    checked = {
        "prompt": content(text),
        "system_prompt": content("Answer in one word.", system=text),
        "default": content("{{header}}", default),
    }[place]
    found = lint(checked)
    assert "secret" in {each.rule for each in found}
    assert all(secret not in str(each.as_json()) for each in found)


def test_a_secret_in_a_variables_name_is_masked():
    name = "AK" + "IA" + "IOSFODNN7EXAMPLE"
    found = lint(content(f"Say {{{{{name}}}}}."))
    assert "undeclared-variable" in {each.rule for each in found}
    assert all(name not in each.message for each in found)


@pytest.mark.parametrize(
    "seed",
    [
        "a",
        "{{",
        "{{a}} ",
        "{a} {{ b",
        "<a>\n",
        "`",
        '"',
        "\n",
        "Do not use a. ",
        "a@b.",
        "+1 (23) ",
        "é",
        "\ud800",
        "write ",
    ],
)
def test_work_grows_with_the_text_and_not_with_its_square(seed: str):
    def seconds(length: int) -> float:
        text = (seed * (length // len(seed) + 1))[:length]
        started = time.process_time()
        assert len(lint(content(text, Variable("a")), context_window=1000)) <= MOST
        return time.process_time() - started

    # Eight times the text: its square would be 64 times the work.
    assert seconds(1_000_000) < 32 * max(min(seconds(125_000) for _ in range(3)), 0.005)


def test_a_rule_speaks_five_times_at_most():
    found = lint(content("Be nice. " * 50))
    assert [each.rule for each in found].count("vague-words") == MOST_OF_A_RULE


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=100), st.sampled_from(Engine))
def test_any_text_can_be_linted_and_offsets_lie_inside_it(prompt: str, system_prompt: str, engine: Engine):
    checked = Content(prompt=prompt, system_prompt=system_prompt, engine=engine)
    for finding in lint(checked):
        if finding.start is not None and finding.end is not None:
            assert 0 <= finding.start < finding.end <= len(getattr(checked, finding.field))
