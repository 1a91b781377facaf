"""Lint on the whole: good texts pass nearly all, each rule finds what was planted for it in any place."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest

from templates_app.content import Content, Variable
from templates_app.linting.findings import Severity
from templates_app.linting.lint import lint
from templates_app.linting.registry import all_rules
from templates_app.starter.library import starter_templates
from tests.templates_app.lint_cases import Case, good_cases, planted_cases

GOOD: Final = good_cases()
PLANTED: Final = planted_cases()
MOST_WARNED: Final = 0.15
MOST_OF_A_RULE: Final = 0.05
MOST_HINTS: Final = 0.5
"""A text, on average."""
# Put together here, so that nobody's scanner takes this file for a leak.
SECRETS: Final = [
    "sk-" + "live51Hh2kLmNopQ9",
    "password is " + "hunter2",
    "pass" + "word: abc12345",
    "api_key=" + "9fK2mQ7xWz",
]
STAND_INS: Final = [
    "api_key=YOUR_API_KEY",
    "api_key = os.environ",
    "password=password",
    "password=getpass()",
    "secret: <your-secret-1>",
    "sk-xxxxxxxxxxxxxxxxxxxx",
    "sk-your-api-key-here-123",
    "Authorization: Bearer YOUR_ACCESS_TOKEN_GOES_HERE_1",
    "Your password is at least 8 characters long.",
]
ADDRESSES_OF_NOBODY: Final = [
    "user@example.org",
    "name@mail.example.co.uk",
    "you@yourcompany.com",
    "noreply@shop.fr",
    "support@acme.com",
    "+1-555-867-5309",
    "(555) 123-4567",
    "+1 234 567 8900",
    "000-000-0000",
]


def test_there_are_enough_cases():
    assert len(GOOD) >= 150
    assert len({rule for rule, _ in PLANTED} | {"secret"}) == len(all_rules())
    assert min(Counter(rule for rule, _ in PLANTED).values()) >= 2


def test_hardly_any_good_text_gets_a_warning():
    warned = {case.name: told for case in GOOD if (told := graver(case))}
    assert len(warned) <= MOST_WARNED * len(GOOD), warned


def test_no_rule_cries_wolf():
    counts = Counter(rule for case in GOOD for rule in set(graver(case)))
    assert {rule: count for rule, count in counts.items() if count > MOST_OF_A_RULE * len(GOOD)} == {}


def test_hints_are_few():
    hints = Counter(each.rule for case in GOOD for each in case.lint() if each.severity is Severity.INFO)
    assert hints.total() <= MOST_HINTS * len(GOOD), hints


def test_a_starter_gets_no_warning():
    cases = [Case(each.key, each.content, 8192, is_declared=True) for each in starter_templates()]
    assert {case.name: told for case in cases if (told := graver(case))} == {}


@pytest.mark.parametrize(("rule", "case"), [pytest.param(rule, case, id=case.name) for rule, case in PLANTED])
def test_a_planted_fault_is_found(rule: str, case: Case):
    assert rule in {finding.rule for finding in case.lint()}


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize("before", ["Sign in; the ", "Melde dich an: "])
def test_a_planted_secret_is_found(before: str, secret: str):
    assert "secret" in {finding.rule for finding in lint(Content(f"{before}{secret}"))}


@pytest.mark.parametrize("text", STAND_INS)
def test_what_stands_in_for_a_secret_is_none(text: str):
    assert "secret" not in {finding.rule for finding in lint(Content(f"Call it with {text} in the header."))}


@pytest.mark.parametrize("text", ADDRESSES_OF_NOBODY)
def test_what_is_made_up_is_nobodys(text: str):
    assert "personal-data" not in {finding.rule for finding in lint(Content(f"Write to {text}, or don't."))}


@pytest.mark.parametrize(
    "text",
    ["ผู้ช่วย\u200bแปล\u200bภาษา", "مرحبا \u2067مرحبا\u2069 هنا", "זה \u202bארוך\u202c"],  # noqa: RUF001
)
def test_a_scripts_own_invisible_characters_are_in_place(text: str):
    assert "invisible-characters" not in {finding.rule for finding in lint(Content(text))}


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Translate into {{language}}: hello", "language"),
        ("Write a poem about {{topic}} in a {{tone}} tone.", "topic"),
        ("Give {{number_of_messages}} examples.", "number_of_messages"),
        ("The title is {{documentTitle}}, make it shorter.", "documentTitle"),
        ("- {{notes}}: what was said in the meeting", "notes"),
        ("My first request is {{request}}", "request"),
        ("Summarise the article in two sentences: {{article}}", "article"),
        ("Der Text lautet {{text}}", "text"),
        ("文章\uff1a{{article}}", "article"),
        ("「{{text}}」を英語に翻訳", "text"),
        ("{{history}}{{input}}\nAnswer briefly.", "input"),
    ],
)
def test_a_word_of_the_sentence_is_no_input(prompt: str, name: str):
    content = Content(prompt, variables=(Variable("unrelated"), Variable(name)))
    assert "undelimited-input" not in {each.rule for each in lint(content)}


def test_many_silent_variables_are_told_in_one_sentence():
    variables = tuple(Variable(f"value_{number}", description="" if number else "The first.") for number in range(9))
    found = [
        each
        for each in lint(Content("Sum up {{value_0}}.", variables=variables))
        if each.rule == "undescribed-variable"
    ]
    assert [each.message for each in found] == [
        "The variables value_1, value_2, value_3, value_4, value_5 and 3 more have no description."
    ]


def graver(case: Case) -> list[str]:
    """The rules that found more than a hint."""
    return [finding.rule for finding in case.lint() if finding.severity is not Severity.INFO]
