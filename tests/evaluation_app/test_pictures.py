"""What a test found as pictures: drawn on the server, said in words, with the same figures in a table beside."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree

from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.export.stored import Run, a_test, exported

HOSTILE = "</svg><script>alert(1)</script>"


def of_tags(person: Person, *variants: str, **fields: object) -> EvaluationTest:
    """Twenty-four cases of two tags; every later variant passes the easy half more often, nobody the hard one."""

    def outcome(variant: int, case: int, run: int) -> Run:
        is_easy = case % 2 == 0
        return Run("passed" if is_easy and (variant > 0 or case % 8 == 0) else "failed")

    cases = [{"tags": ["easy" if number % 2 == 0 else HOSTILE]} for number in range(24)]
    return a_test(person, outcome, cases=cases, variants=variants, runs=2, **fields)


def pictures(page: str, kind: str) -> list[ElementTree.Element]:
    """The page's own pictures of a kind, each as the well-formed XML that it is."""
    found = re.findall(rf'<svg class="{kind}-picture".*?</svg>', page, re.DOTALL)
    return [ElementTree.fromstring(each) for each in found]


async def seen(author: Person, test: EvaluationTest) -> str:
    """The test's page."""
    mine = await in_database_thread(browser_of, author)
    page = await mine.get(f"/evaluations/{test.id}")
    assert page.status == 200
    return page.text


async def test_a_difference_is_drawn_with_its_groups_and_told_in_a_table(author: Person) -> None:
    test = await in_database_thread(of_tags, author, "plain", "better")
    page = await seen(author, test)
    (forest,) = pictures(page, "forest")
    title, description = forest.find("title"), forest.find("desc")
    assert title is not None
    assert description is not None
    assert title.text == test.results["comparisons"][0]["verdict"]
    assert forest.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]
    assert len(list(forest.iter("circle"))) == 3
    zero = next(each for each in forest.iter("line") if each.attrib["class"] == "forest-zero")
    assert zero.attrib["x1"] == "50%"
    assert HOSTILE[:20] not in page
    groups = {each["group"]: each for each in test.results["groups"]}
    assert groups.keys() == {"easy", HOSTILE}
    assert groups["easy"]["difference"] == 0.75
    assert groups[HOSTILE]["difference"] == 0
    table = unescape(page.partition('class="forest"')[2].partition("</table>")[0])
    for each in (*groups.values(), test.results["comparisons"][0]):
        assert f"{100 * (each.get('interval_adjusted') or each['interval'])['confidence']:.4g}\u00a0%" in table
    assert "+75" in table
    assert "plain better" in page
    assert "better better" in page


async def test_of_several_variants_all_comparisons_share_a_picture(author: Person) -> None:
    test = await in_database_thread(of_tags, author, "plain", "second", "third")
    page = await seen(author, test)
    whole, *apart = pictures(page, "forest")
    assert whole.findtext("title") == "2 of 2 comparisons show a difference"
    assert [each.findtext("title") for each in apart] == [
        "second against plain, by group",
        "third against plain, by group",
    ]
    assert "97.5\u00a0%" in unescape(page)


async def test_times_lengths_and_scores_are_drawn_for_each_variant(author: Person) -> None:
    test = await in_database_thread(of_tags, author, "plain", "better")
    page = unescape(await seen(author, test))
    assert len(pictures(page, "histogram")) == 6
    assert "3 cases always, 0 sometimes, 21 never" in page
    assert "12 cases always, 0 sometimes, 12 never" in page
    lie = test.results["variants"][1]["distributions"]
    assert (lie["latency"]["n"], lie["latency"]["median"]) == (48, 0.5)
    assert (lie["length"]["n"], lie["length"]["median"]) == (48, 2)
    assert sum(each["count"] for each in lie["length"]["bins"]) == 48
    for word in ("Confidence", "Points", "Level (Bonferroni)"):
        assert f"<dt>{word}</dt>" in page


async def test_the_report_that_is_a_file_has_the_same_pictures(author: Person) -> None:
    test = await in_database_thread(of_tags, author, "plain", "better")
    page = (await exported(author, test.id, "html")).decode()
    assert len(pictures(page, "forest")) == 1
    assert len(pictures(page, "histogram")) == 6
    assert "<script" not in page
    assert " style=" not in page


async def test_a_test_of_one_variant_has_no_forest_and_one_without_answers_no_pictures(author: Person) -> None:
    test = await in_database_thread(of_tags, author, "alone")
    page = await seen(author, test)
    assert pictures(page, "forest") == []
    assert len(pictures(page, "histogram")) == 3
    broken = await in_database_thread(
        lambda: a_test(author, lambda *_: Run("errored"), cases=[{}, {}], variants=("a", "b"))
    )
    page = await seen(author, broken)
    assert pictures(page, "histogram") == pictures(page, "forest") == []
