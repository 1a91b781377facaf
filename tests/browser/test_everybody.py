"""For everybody: keyboard only, a phone, axe-core, and pages that are light."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESK, LONG, PHONE, Visit, Visitor

PAGES = [
    "/",
    "/compare",
    "/history",
    "/nothing-here",
    "/templates",
    "/templates/new",
    "/templates/import",
    "/sessions",
    "/sessions/new",
    "/sessions/import",
    "/evaluations",
    "/evaluations/new",
    "/datasets",
    "/datasets/new",
    "/evaluations/benchmarks",
    "/evaluations/suites",
    "/help",
    "/settings",
    "/settings/tokens",
    "/settings/organisation",
    "/settings/teams",
    "/analytics",
    "/analytics/estimate",
    "/analytics/report",
    "/audit",
    "/providers",
    "/api/docs",
    "/api/docs/executions",
    "/api/docs/v1",
]
ADMIN_PAGES = [
    "/admin/",
    "/admin/accounts/user/",
    "/admin/providers/provider/",
    "/admin/providers/provider/add/",
    "/admin/providers/cataloguemodel/",
    "/admin/templates_app/prompttemplate/",
    "/admin/playground/promptexecution/",
]
"""Django's own pages, in our frame."""
OPEN_PAGES = ["/login", "/review/any-token"]
REPEATED_IDS = """() => {
    const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""
# Colours of inherited text reach their elements some frames after the scheme has changed.
SETTLED = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const colours = (each) => { const style = getComputedStyle(each); return style.color + style.backgroundColor; };
    const look = () => [...document.querySelectorAll("*")].map(colours).join();
    const busy = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added";
    let before = "", same = 0;
    for (let tries = 0; tries < 100 && same < 8; tries += 1) {
        await frame();
        const now = look();
        same = now === before && !document.querySelector(busy) ? same + 1 : 0;
        before = now;
    }
}"""
# What reaches over the right edge, and is not within something that scrolls, or hides what does not fit, on purpose.
BEYOND_THE_EDGE = """() => {
    const width = document.documentElement.clientWidth;
    const held = (each) => each && each !== document.body
        && (getComputedStyle(each).overflowX !== "visible" || held(each.parentElement));
    const controls = [...document.querySelectorAll("a, button, input, select, textarea, summary")];
    const cut = controls.filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > width + 1
        && !held(each.parentElement)).map((each) => each.outerHTML.slice(0, 120));
    return document.documentElement.scrollWidth > width ? ["scrolled sideways", ...cut] : cut;
}"""
AXE = Axe().axe_script
RUN_AXE = "async (options) => (await axe.run(options)).violations"
SMALL_DESK: ViewportSize = {"width": 1024, "height": 768}
MOST_SCRIPT, MOST_STYLE = 150_000, 60_000


def _found(visitor: Visitor, **options: Any) -> list[dict[str, Any]]:
    page = visitor.page
    page.evaluate(SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE, {"resultTypes": ["violations"], "preload": False, **options})
    return found


def violations(visitor: Visitor) -> list[str]:
    """All that axe finds in the light; in the dark, where only colours differ, what it finds by them."""
    visitor.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = _found(visitor)
    visitor.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += _found(visitor, runOnly=["color-contrast", "link-in-text-block"])
    return [f"{rule['id']} ({rule['impact']}): {node['html'][:200]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(visit: Visit, size: ViewportSize) -> None:
    somebody, stranger = (visit(signed_in=known, viewport=size) for known in (True, False))
    for visitor, pages in ((somebody, [*PAGES, *ADMIN_PAGES]), (stranger, OPEN_PAGES)):
        for page in pages:
            visitor.open(page)
            assert violations(visitor) == [], page
            assert visitor.page.evaluate(REPEATED_IDS) == [], page


def test_axe_finds_nothing_in_any_state(visitor: Visitor) -> None:
    page = visitor.page
    visitor.run("# Heading\n\n### Deeper\n\n```\ncode\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", model="openai/echo")
    visitor.ended("completed")
    page.locator("#parameters-fold > summary").click()
    assert violations(visitor) == []
    page.locator("#parameter-temperature").fill("9")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#parameter-temperature")).to_have_attribute("aria-invalid", "true")
    page.locator("#picker-button").click()
    page.locator(".picker-option").first.wait_for(state="attached")
    assert violations(visitor) == []
    page.keyboard.press("Escape")
    page.locator("[data-resets=parameter-temperature]").click()
    visitor.run(model="openai/fault-cut-at-5")
    visitor.ended("failed")
    page.get_by_text("Technical details").click()
    assert violations(visitor) == []
    page.get_by_role("link", name="History").click()
    page.locator(".history-row").first.wait_for()
    assert violations(visitor) == []
    page.locator("#history-status").select_option("cancelled")
    page.get_by_text("No run of this session matches.").wait_for()
    assert violations(visitor) == []
    page.keyboard.press("Escape")
    visitor.call_a_tool()
    page.locator(".tool-call").wait_for()
    assert violations(visitor) == []
    visitor.run(model="openai/fault-silent-at-5")
    page.locator(".caret:visible").wait_for()
    expect(page.locator("article")).to_have_attribute("aria-busy", "true")
    assert violations(visitor) == []
    page.keyboard.press("Escape")
    visitor.ended("cancelled")


def test_everything_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    page.locator(".skip").focus()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#picker-search")).to_be_focused()
    page.locator(".picker-option").first.wait_for(state="attached")
    page.keyboard.type(LONG)
    page.keyboard.press("Enter")
    expect(page.locator("#picked-name")).to_contain_text("tokens-300-every-30ms")
    expect(page.locator("#picker-button")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#prompt")).to_be_focused()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Control+Enter")
    page.locator("article[data-live] .caret:visible").wait_for()
    page.keyboard.press("Escape")
    visitor.ended("cancelled")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("h")
    page.locator(".history-row").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#prompt")).to_have_value("by keyboard")


def test_a_small_desk_has_room_for_every_page(visit: Visit) -> None:
    """At 1024 px nothing is scrolled sideways but a table in its frame, and no control is cut off at the edge."""
    visitor = visit(viewport=SMALL_DESK)
    found = {}
    for address in [*PAGES, *ADMIN_PAGES]:
        visitor.open(address)
        if cut := visitor.page.evaluate(BEYOND_THE_EDGE):
            found[address] = cut
    assert found == {}


def test_a_phone_shows_one_column_and_the_answer_first(visit: Visit) -> None:
    visitor = visit(viewport=PHONE, has_touch=True)
    page = visitor.page
    for address in [*PAGES, *ADMIN_PAGES, *OPEN_PAGES]:
        visitor.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
    visitor.open()
    visitor.run("word " * 80 + "| wide | " * 60 + "a" * 300, model="openai/echo")
    visitor.ended("completed")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    output, form = page.locator("#output-section").bounding_box(), page.locator("#run-form").bounding_box()
    assert output
    assert form
    assert output["y"] < form["y"]


def test_the_theme_is_kept_and_rendered_by_the_server(visitor: Visitor) -> None:
    switch = visitor.page.locator("[data-theme-switch]")
    switch.click()
    switch.click()
    response = visitor.page.reload()
    assert response
    assert 'data-theme="dark"' in response.text()
    expect(switch).to_have_attribute("aria-label", "Theme: dark")


def test_the_page_is_light(visit: Visit) -> None:
    visitor = visit()
    sizes: dict[str, int] = {"script": 0, "stylesheet": 0}

    def weigh(response: Any) -> None:
        if response.request.resource_type in sizes:
            sizes[response.request.resource_type] += len(gzip.compress(response.body()))

    visitor.page.on("response", weigh)
    visitor.open()
    visitor.page.wait_for_load_state("networkidle")
    assert 0 < sizes["script"] <= MOST_SCRIPT
    assert 0 < sizes["stylesheet"] <= MOST_STYLE
