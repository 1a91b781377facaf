"""A template on its page: tried, rated and kept at hand."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from templates_app.models import TemplateRating
from tests.browser.conftest import Visitor
from tests.browser.templates import make
from tests.browser.test_everybody import violations


def test_a_template_is_tried_rated_and_kept_at_hand(visitor: Visitor) -> None:
    page = visitor.page
    words = {"name": "words", "type": "number", "validation_rules": [{"rule": "max", "value": 9}]}
    visitor.open(make(visitor, prompt="{{words}} words for {{name}}", variables=[words, {"name": "name"}]))
    page.get_by_label("words").fill("12")
    expect(page.locator("#rendering")).to_contain_text("words, name")
    expect(page.locator(".try .field-error:not(:empty)")).to_have_text("words must be at most 9.")
    page.get_by_label("words").fill("7")
    page.get_by_label("name", exact=False).last.fill("<b>Ada</b>")
    expect(page.locator("#rendering")).to_contain_text("7 words for <b>Ada</b>")
    expect(page.get_by_role("button", name="Open in playground")).to_have_attribute("formaction", "/open")
    page.get_by_role("radio", name="4 of 5").click()
    expect(page.locator(".rating-told")).to_contain_text("4.0 of 5")
    expect(page.get_by_role("radio", name="4 of 5")).to_be_focused()
    expect(page.get_by_role("radio", name="4 of 5")).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".rating-told")).to_contain_text("5.0 of 5")
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.locator("summary", has_text="Export").click()
    for link in page.locator(".menu-list a[download]").all():
        answer = page.context.request.get(f"{visitor.address}{link.get_attribute('href')}")
        assert answer.status == 200, link.inner_text()
    assert violations(visitor) == []
    visitor.open("/templates?favourite=true")
    expect(page.locator(".card-name")).to_have_text(["Welcome"])


def test_the_last_of_the_stars_that_the_keys_walk_over_counts(visitor: Visitor) -> None:
    page = visitor.page
    rated = make(visitor, name="Rated")
    visitor.open(rated)
    star = {number: page.get_by_role("radio", name=f"{number} of 5") for number in (1, 2, 5)}
    held: list[Route] = []
    page.route("**/rate", lambda route: held.append(route), times=1)
    star[1].focus()
    page.keyboard.press("Space")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(star[5]).to_be_focused()
    held[0].continue_()
    expect(page.locator(".rating-told")).to_contain_text("5.0 of 5")
    expect(star[5]).to_be_focused()
    expect(star[5]).to_be_checked()
    assert [rating.value for rating in TemplateRating.objects.all()] == [5]
    # What is refused does not look as if it were taken.
    page.route("**/rate", lambda route: route.abort(), times=1)
    star[2].click()
    expect(page.locator(".toast-failed")).to_contain_text("The service cannot be reached")
    expect(star[5]).to_be_checked()
    # The second of two clicks is stored though its page is left before the first is answered.
    page.route("**/rate", lambda route: held.append(route), times=1)
    star[1].click()
    star[2].click()
    visitor.open("/templates")
    for _ in range(100):
        if TemplateRating.objects.get().value == 2:
            break
        page.wait_for_timeout(100)
    visitor.open(rated)
    expect(page.locator(".rating-told")).to_contain_text("2.0 of 5")
