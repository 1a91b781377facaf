"""A dataset in the browser: made, pasted into, edited cell by cell, taken back, tested on, and fed by a run."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.browser.test_evaluations import ended
from tests.browser.test_everybody import violations

TABLE = 'word\texpected\tsplit\none\tone\t\n"two\nlines"\ttwo\tsmoke\n"said ""hi"""\thi\theld_out'


def made(visitor: Visitor, *, table: str = TABLE) -> Page:
    """A new dataset with a pasted table."""
    visitor.open("/datasets")
    page = visitor.page
    page.get_by_role("link", name=re.compile("New dataset")).click()
    page.locator("#name").fill(f"Words {uuid.uuid4().hex[:6]}")
    page.get_by_role("button", name="Make it").click()
    page.locator("#table").fill(table)
    page.get_by_role("button", name="Add these cases").click()
    expect(page.locator("#dataset-summary")).to_have_text(re.compile("version 2$"))
    return page


def saved(page: Page, version: int) -> None:
    """Waits until the page knows of that version."""
    expect(page.locator("#base-version")).to_have_value(str(version))


def test_a_dataset_is_pasted_edited_and_tested_on(visitor: Visitor) -> None:
    page = made(visitor)
    rows = page.locator("#cases tbody tr")
    expect(rows).to_have_count(3)
    expect(page.get_by_label("word of case 2")).to_have_value("two\nlines")
    expect(page.get_by_label("word of case 3")).to_have_value('said "hi"')
    expect(page.get_by_label("Split of case 2")).to_have_value("smoke")
    page.get_by_label("word of case 1").fill("uno")
    page.get_by_label("word of case 1").blur()
    saved(page, 3)
    page.get_by_label("Expected of case 1").fill("uno")
    page.get_by_label("Expected of case 1").blur()
    saved(page, 4)
    page.get_by_label("How case 1 is judged").select_option("exact")
    saved(page, 5)
    page.get_by_label("Split of case 1").select_option("held_out")
    saved(page, 6)
    page.get_by_label("Tags of case 1").fill("a, b")
    page.get_by_label("Tags of case 1").blur()
    saved(page, 7)
    page.get_by_label("Weight of case 1").fill("2,5")
    page.get_by_label("Weight of case 1").blur()
    saved(page, 8)
    page.reload()
    expect(page.get_by_label("Weight of case 1")).to_have_value("2.5")
    expect(page.get_by_label("word of case 1")).to_have_value("uno")
    expect(page.get_by_label("Expected of case 1")).to_have_value("uno")
    expect(page.get_by_label("How case 1 is judged")).to_have_value("exact")
    expect(page.get_by_label("Tags of case 1")).to_have_value("a, b")
    page.get_by_label("word of the new case").fill("four")
    page.get_by_label("Expected of the new case").fill("four")
    page.get_by_role("button", name="Add case").click()
    expect(rows).to_have_count(4)
    page.get_by_role("button", name="Take case 2 out").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    expect(page.get_by_role("button", name="Take case 2 out")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(4)
    expect(page.get_by_label("word of case 2")).to_have_value("two\nlines")
    page.locator("select[name=split]").first.select_option("held_out")
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(2)
    page.get_by_text("Versions", exact=True).click()
    page.get_by_role("link", name="Version 2", exact=True).click()
    expect(rows).to_have_count(3)
    expect(page.locator("#cases")).to_contain_text("one")
    expect(page.get_by_label("word of case 1")).to_have_count(0)
    page.get_by_role("link", name=re.compile("the newest is version")).click()
    page.get_by_role("link", name="Test on it").click()
    page.locator("#name").fill("On words")
    page.locator("#prompt").fill("Say {{word}}")
    page.locator("#model_id").fill("openai/echo")
    page.locator("#split").select_option("smoke")
    page.locator("#runs").fill("2")
    page.get_by_role("button", name="Start").click()
    ended(page)
    expect(page.locator(".verdict")).to_contain_text("100\u00a0% of the")


def test_two_windows_do_not_overwrite_each_other(visitor: Visitor) -> None:
    page = made(visitor)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("word of case 3").fill("theirs")
    other.get_by_label("word of case 3").blur()
    saved(other, 3)
    page.get_by_label("word of case 3").fill("mine")
    page.get_by_label("word of case 3").blur()
    expect(page.locator("#toasts")).to_contain_text("Version 3 is the newest by now: 1 case has changed.")
    cell = page.get_by_label("word of case 3")
    expect(cell).to_have_value("mine")
    expect(cell).to_have_accessible_description(re.compile("^Not saved. Reload the page"))
    page.reload()
    expect(page.get_by_label("word of case 3")).to_have_value("theirs")
    other.close()


def test_a_cell_that_is_refused_says_so_until_it_is_saved(visitor: Visitor) -> None:
    page = made(visitor)
    weight = page.get_by_label("Weight of case 1")
    weight.fill("heavy")
    weight.blur()
    expect(weight).to_have_accessible_description("Not saved.")
    expect(weight).to_have_attribute("aria-invalid", "true")
    assert violations(visitor) == []
    weight.fill("3")
    weight.blur()
    saved(page, 3)
    expect(weight).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#cases .field-error")).to_have_count(0)


def test_a_table_that_is_pasted_into_a_cell_goes_where_tables_go(visitor: Visitor) -> None:
    page = made(visitor)
    page.get_by_label("word of case 1").focus()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "five\\tfive\\nsix\\tsix");
            const target = document.activeElement;
            target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("#table")).to_be_focused()
    expect(page.locator("#table")).to_have_value("word\texpected\nfive\tfive\nsix\tsix")
    page.get_by_role("button", name="Add these cases").click()
    expect(page.locator("#cases tbody tr")).to_have_count(5)


def test_a_wrong_table_is_named_by_its_case(visitor: Visitor) -> None:
    page = made(visitor)
    address = page.url
    page.get_by_text("Paste from a spreadsheet").click()
    page.locator("#table").fill("word\tsplit\nx\ttest")
    page.get_by_role("button", name="Add these cases").click()
    expect(page.locator("#error-table")).to_contain_text("Case 1, split")
    expect(page.locator("#table")).to_have_value("word\tsplit\nx\ttest")
    page.get_by_role("link", name="Table").click()
    expect(page.locator("#table")).to_be_in_viewport()
    assert violations(visitor) == []
    page.goto(address)
    expect(page.locator("#cases tbody tr")).to_have_count(3)


def test_a_file_is_looked_at_before_it_is_taken(visitor: Visitor, tmp_path: Path) -> None:
    page = made(visitor)
    file = tmp_path / "tests.yaml"
    file.write_text(
        "tests:\n- vars: {word: Yes}\n  assert:\n"
        "  - {type: icontains, value: 'yes'}\n  - {type: javascript, value: x}\n"
    )
    page.get_by_role("link", name="Import").click()
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator(".plan")).to_contain_text("1 case added, 3 cases as before.")
    expect(page.locator(".plan")).to_contain_text("javascript: There is no scorer that judges so. It is left out.")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_label("word of case 4")).to_have_value("Yes")
    with page.expect_download() as downloading:
        page.get_by_text("Export").click()
        page.get_by_role("link", name="JSON Lines").click()
    assert downloading.value.suggested_filename.endswith(".jsonl")


def test_a_run_becomes_a_case(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose("openai/echo")
    page.locator("#prompt").fill("Say {{word}}")
    page.locator("#variable-word").fill("fox")
    page.keyboard.press("Control+Enter")
    visitor.ended("completed")
    page.get_by_role("link", name="Add to a dataset").click()
    expect(page.locator("#input")).to_have_value('{"word":"fox"}')
    expect(page.locator("#expected")).to_have_value("Say fox")
    page.locator("#dataset_id").select_option("")
    page.locator("#new_name").fill(f"Foxes {uuid.uuid4().hex[:6]}")
    page.locator("#judged_by").select_option("contains")
    page.locator("#expected").fill("fox")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("word of case 1")).to_have_value("fox")
    expect(page.locator("#cases")).to_contain_text("A run")


def test_axe_finds_nothing_in_a_dataset(visit: Visit) -> None:
    for size in (DESK, PHONE):
        visitor = visit(viewport=size)
        page = made(visitor)
        assert violations(visitor) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        page.get_by_role("link", name="Import").click()
        assert violations(visitor) == []


def test_cases_are_made_by_a_model_and_taken_one_by_one(visitor: Visitor) -> None:
    page = made(visitor)
    page.get_by_role("link", name="Make cases for me").click()
    page.locator("#model_id").fill("openai/json")
    page.locator("#count").fill("1")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    assert violations(visitor) == []
    page.get_by_role("button", name="Accept").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#proposals")).to_contain_text("Accepted")
    expect(page.locator("#proposals li", has_text="Accepted")).to_be_focused()
    page.locator(".crumb").click()
    expect(page.locator("#cases tbody tr")).to_have_count(4)
    expect(page.locator("#cases tbody tr").last).to_contain_text("made by a model")
