"""Versions of a template: of two who save, and compared, restored and labelled."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit, Visitor
from tests.browser.templates import BODY, make, send
from tests.browser.test_everybody import violations


def test_of_two_who_save_the_second_sees_both_texts(visit: Visit) -> None:
    first, second = visit(), visit()
    address = make(first)
    for visitor in (first, second):
        visitor.open(f"{address}/edit")
    first.page.locator("#prompt").fill("Greet {{name}} warmly in {{language}}.\nBe kind.")
    first.page.locator("#save").click()
    expect(first.page.locator(".toast-done")).to_contain_text("version 2")
    second.page.locator("#prompt").fill("Greet {{name}} in {{language}}.\nBe brief.")
    second.page.locator("#save").click()
    page = second.page
    expect(page.locator("#conflict")).to_contain_text("version 2 while you were changing version 1")
    expect(page.locator("#conflict del")).to_contain_text(["warmly ", "kind"])
    expect(page.locator("#conflict ins")).to_have_text(["brief"])
    expect(page.locator("#prompt")).to_have_value("Greet {{name}} in {{language}}.\nBe brief.")
    assert violations(second) == []
    page.get_by_role("button", name="Put their prompt into the form").click()
    expect(page.locator("#prompt")).to_have_value("Greet {{name}} warmly in {{language}}.\nBe kind.")
    page.locator("#prompt").fill("Greet {{name}} warmly in {{language}}.\nBe brief.")
    page.locator("#conflict").get_by_role("button", name="Save mine as version 3").click()
    expect(page.locator(".toast-done")).to_contain_text("version 3")
    expect(page.locator(".text").first).to_contain_text("warmly in {{language}}.\nBe brief.")


def test_versions_are_compared_restored_and_labelled(visitor: Visitor) -> None:
    page = visitor.page
    address = make(visitor)
    for word in ("briefly", "at length"):
        prompt = BODY["prompt"].replace(".", f" {word}.", 1)  # type: ignore[attr-defined]
        send(visitor, "PATCH", f"/api{address}", {"prompt": prompt, "note": word})
    visitor.open(f"{address}/versions")
    expect(page.locator("#difference ins:not(.legend)")).to_have_text("at length")
    expect(page.locator("#difference del:not(.legend)")).to_have_text("briefly")
    page.get_by_label("From version 1").check()
    expect(page.locator("#difference h2")).to_have_text("From version 1 to 3")
    expect(page.locator("#difference ins:not(.legend)")).to_have_text(" at length")
    expect(page).to_have_url(re.compile(r"versions\?to=3&from=1"))
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.locator(".toast-done")).to_contain_text("as version 4")
    page.get_by_label("New label").fill("production")
    page.get_by_label("at version", exact=True).select_option("2")
    page.get_by_role("button", name="Set label").click()
    expect(page.locator(".version", has_text="Version 2").locator(".tag-label")).to_have_text("production")
    page.get_by_label("points at version").select_option("4")
    page.get_by_role("button", name="Move production").click()
    expect(page.locator(".version", has_text="Version 4").locator(".tag-label")).to_have_text("production")
    page.get_by_role("button", name="Roll back").click()
    expect(page.locator(".version", has_text="Version 2").locator(".tag-label")).to_have_text("production")
    page.locator(".label-row summary", has_text="History").click()
    expect(page.locator(".moves li")).to_have_count(3)
    assert violations(visitor) == []
