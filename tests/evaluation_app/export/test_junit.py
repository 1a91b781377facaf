"""JUnit XML as build servers read it: its shape, its counts, and nothing in it that breaks it."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree

import pytest

from evaluation_app.export.junit import LONGEST_MESSAGE, LONGEST_TEXT
from evaluation_app.export.texts import readable
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.evaluation_app.export.stored import Run, a_test, exported

# Of junit-10.xsd (Jenkins' xUnit plugin): attributes that must be there, those that may, and children in order.
SHAPE: Final[dict[str, tuple[set[str], set[str], list[str]]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "disabled", "errors"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests"},
        {"failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": (
        {"name", "classname"},
        {"time", "assertions", "status"},
        ["skipped", "error", "failure", "system-out", "system-err"],
    ),
    "skipped": (set(), {"message"}, []),
    "error": (set(), {"message", "type"}, []),
    "failure": (set(), {"message", "type"}, []),
}
HOSTILE: Final = (
    "]]>", "<script>alert(1)</script>", "a & b", "NUL \x00 here", "\x0b\x1b[31m", '"quoted" \'twice\'', "a\r\nb\tc",
    "half \udc00 a pair", "\ufffe\uffff", "<!-- --", "&#0;", "日本 🎉",
)  # fmt: skip


def held_to_its_shape(element: ElementTree.Element) -> None:
    """Fails where the schema does."""
    needed, allowed, children = SHAPE[element.tag]
    assert needed <= set(element.keys()) <= needed | allowed, element.tag
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places), element.tag
    if element.tag == "testcase":
        assert len(element) <= 1
    for child in element:
        held_to_its_shape(child)


async def document(author: Person, test: EvaluationTest) -> ElementTree.Element:
    """The file as it is read; every count in it is held to what it counts."""
    root = ElementTree.fromstring(await exported(author, test.id, "junit"))
    held_to_its_shape(root)
    for suite in (root, *root.iter("testsuite")):
        found = {name: len(list(suite.iter(tag))) for name, tag in COUNTED.items() if name in suite.attrib}
        assert {name: int(suite.attrib[name]) for name in found} == found
    return root


COUNTED: Final = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
TOLD: Final = {
    "passed": [Run()] * 4,
    "failed": [Run("failed", reason="Nothing is found.")] * 4,
    "flaky": [Run(), Run("failed", reason="Second."), Run("failed", reason="Third."), Run()],
    "broken": [Run("errored", reason="The provider is away.")] * 4,
    "half broken": [Run(), Run("errored", reason="Too slow."), Run(), Run()],
    "failed and broken": [Run("errored", reason="Too slow."), Run("failed", reason="Wrong."), Run(), Run()],
    "never asked": [Run("skipped")] * 4,
    "half asked": [Run(), Run(), Run("skipped"), Run("skipped")],
    "nothing judges": [Run("unscored")] * 4,
}


async def test_each_case_of_each_variant_is_a_test_case_that_says_why(author: Person):
    names = list(TOLD)

    def stored() -> EvaluationTest:
        cases = [{"name": name, "key": f"key-{place}", "input": {"n": place}} for place, name in enumerate(names)]
        return a_test(
            author, lambda variant, case, run: TOLD[names[case]][run - 1] if variant else Run(),
            cases=cases, runs=4, variants=["good", "mixed"],
        )  # fmt: skip

    root = await document(author, await in_database_thread(stored))
    good, mixed = root.iter("testsuite")
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("18", "3", "2")
    assert (good.attrib["name"], good.attrib["failures"], good.attrib["errors"], good.attrib["skipped"]) == (
        "good", "0", "0", "0",
    )  # fmt: skip
    assert (mixed.attrib["failures"], mixed.attrib["errors"], mixed.attrib["skipped"]) == ("3", "2", "3")
    told = {
        case.attrib["name"].partition(" [")[0]: (case[0].tag, case[0].attrib.get("type"), case[0].attrib["message"])
        if len(case)
        else None
        for case in mixed.iter("testcase")
    }
    assert told == {
        "passed": None,
        "failed": ("failure", "failed", "0 of 4 runs passed: contains: Nothing is found."),
        "flaky": ("failure", "flaky", "2 of 4 runs passed: contains: Second."),
        "broken": ("error", "errored", "4 without a judged answer: The provider is away."),
        "half broken": ("error", "errored", "3 of 3 runs passed, 1 without a judged answer: Too slow."),
        "failed and broken": (
            "failure", "flaky", "2 of 3 runs passed, 1 without a judged answer: contains: Wrong.",
        ),
        "never asked": ("skipped", None, "4 never asked"),
        "half asked": ("skipped", None, "2 of 2 runs passed, 2 never asked"),
        "nothing judges": ("skipped", None, "nothing could judge it"),
    }  # fmt: skip
    cases = list(mixed.iter("testcase"))
    assert cases[0].attrib == {"name": "passed [key-0]", "classname": "mixed", "time": "2.000"}
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in root.iter("testcase")}) == 18
    assert 'Input: {"n":1}' in str(cases[1][0].text)


@pytest.mark.parametrize("text", HOSTILE)
async def test_no_text_breaks_it(author: Person, text: str):
    plain = text.encode(errors="replace").decode()

    def stored() -> EvaluationTest:
        name = plain.replace("\x00", "")
        return a_test(
            author, lambda *_: Run("failed", plain, plain), name=name, variants=[name],
            cases=[{"name": name, "key": name, "input": {"word": plain}}],
        )  # fmt: skip

    root = await document(author, await in_database_thread(stored))
    (failure,) = root.iter("failure")
    assert failure.attrib["message"] == f"0 of 1 run passed: contains: {readable(plain)}"
    assert f"contains: {readable(plain)}" in str(failure.text)
    assert root.attrib["name"] == readable(plain)


def test_halves_of_characters_and_turned_text_are_taken_out():
    assert readable("a\udc00b\u202ec\x00d\u2066e\tf\n") == "abcde\tf\n"


async def test_long_texts_are_cut_with_a_mark(author: Person):
    def stored() -> EvaluationTest:
        return a_test(author, lambda *_: Run("failed", reason="x" * 100_000), cases=[{}])

    root = await document(author, await in_database_thread(stored))
    (failure,) = root.iter("failure")
    assert len(failure.attrib["message"]) <= LONGEST_MESSAGE
    assert len(str(failure.text)) <= LONGEST_TEXT
    assert failure.attrib["message"].endswith("[…]")
