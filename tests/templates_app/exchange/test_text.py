from __future__ import annotations

import pytest

from templates_app.exchange.formats.format import Choices
from templates_app.exchange.formats.text import TEXT
from tests.templates_app.exchange.reading import content, draft, drafts, places


def test_front_matter_says_what_it_is_called():
    text = "---\ntitle: R\ndescription: Of code\ntags: [a, b, a]\ncategory: Code\nmodel: gpt-4o\nmode: a\n---\nHi {{x}}"
    found = draft(TEXT, text, "x.md")

    assert {name: found.entry[name] for name in ("name", "description", "tags", "category")} == {
        "name": "R",
        "description": "Of code",
        "tags": ["a", "b"],
        "category": "Code",
    }
    assert content(found).model_id == "openai/gpt-4o"
    assert content(found).prompt == "Hi {{x}}"
    assert any("mode" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "file", "chosen", "expected"),
    [
        ("# Be brief #\n\nText", "x.md", "", "Be brief"),
        ("# One\nText\n# Two\nText", "two.md", "", "two"),
        ("Text\n# Later", "later.txt", "", "later"),
        ("```\n# no heading\n```\nText", "code.md", "", "code"),
        ("Text", "a/b.prompt.md", "c", "b"),
        ("Text", "", "Chosen", "Chosen"),
    ],
)
def test_names(text, file, chosen, expected):
    assert draft(TEXT, text, file, Choices(name=chosen)).entry["name"] == expected


@pytest.mark.parametrize(
    ("text", "system", "prompt"),
    [
        ("# Name\n\n## System\nBe kind.\n\n## User\nHi {{x}}\n", "Be kind.", "Hi {{x}}"),
        ("## System prompt:\n\nA\n### more\nB\n## User prompt\nC", "A\n### more\nB", "C"),
        ("System: Be kind.\nUser: Hi\nthere", "Be kind.", "Hi\nthere"),
        ("**System:**\nBe kind.\n**User:**\nHi", "Be kind.", "Hi"),
    ],
)
def test_sections_of_system_and_user(text, system, prompt):
    made = content(draft(TEXT, text, "x.md"))

    assert (made.system_prompt, made.prompt) == (system, prompt)


@pytest.mark.parametrize(
    "text",
    [
        "Before\n## System\nA\n## User\nB",
        "## User\nA\n## System\nB",
        "## System\nA\n## User\nB\n## Assistant\nC\n## User\nD",
        "## System\nA\n## User\nB\n## Notes\nC",
        "## System\n\n## User\nB",
        "User: Hi\nAssistant: Hello\nUser: {{x}}",
        "```\nSystem: A\nUser: B\n```",
        "## System\nonly",
    ],
)
def test_what_is_not_plain_stays_whole(text):
    made = content(draft(TEXT, text, "x.md"))

    assert (made.system_prompt, made.prompt) == ("", text)


def test_marks_of_other_systems_stay_and_are_told():
    text = 'Hi {name} {% if x %} ${input:a} $ARGUMENTS {{ y | upper }} {"a": {b}}'
    found = draft(TEXT, text, "x.txt")

    assert content(found).prompt == text
    notes = " ".join(found.notes)
    for word in ("{name}", "{{name}}", "${input:a}", "$ARGUMENTS", "Jinja2"):
        assert word in notes


def test_a_plain_text_is_told_nothing():
    assert draft(TEXT, "Translate {{text}} into {{language}}: it costs $5 {and more}", "x.txt").notes == []


def test_a_file_of_jinja():
    assert content(draft(TEXT, "{% if x %}a{% endif %}", "x.j2")).engine == "jinja2"


def test_front_matter_that_is_none_stays_in_the_text():
    text = "---\nhello: : x\n---\nbody"
    found = draft(TEXT, text, "x.md")

    assert content(found).prompt == text
    assert any("no YAML" in note for note in found.notes)


def test_an_encoding_that_was_guessed_is_told():
    found = drafts(TEXT, "Grüße an {{name}}, schöne Öfen für müde Mäuse".encode("cp1252"), "x.txt")

    assert content(found.templates[0]).prompt.startswith("Grüße")
    assert found.notes


@pytest.mark.parametrize("head", ["name: [1]", "tags: 3", "tags: [[1]]", "description: {a: 1}", "category: [x]"])
def test_what_is_none_is_refused_with_its_place(head):
    assert places(TEXT, f"---\n{head}\n---\nHi", "x.md")[0].partition(".")[0] == head.partition(":")[0]


def test_a_file_of_front_matter_only_is_refused():
    assert places(TEXT, "---\nname: x\n---\n", "x.md") == [""]
