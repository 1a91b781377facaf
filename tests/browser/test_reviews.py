"""Two people judge a test's answers in browsers of their own: by keys, on a phone, and what becomes of lost items."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from evaluation_app.models import EvaluationTest, ReviewLabel, ReviewLock, ReviewQueue
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_everybody import violations
from tests.cast import Person
from tests.evaluation_app.export.stored import Run, a_test
from tests.servers.service import Service

WORDS = ("fox", "heron", "owl", "lynx", "newt", "hare")
Stored = Callable[..., EvaluationTest]


@pytest.fixture
def stored(service: Service) -> Iterator[Stored]:
    """Makes a test of the administrator's, whose browser `visit` opens, that has ended."""
    cache.delete_pattern("review-limit:*")  # type: ignore[attr-defined]

    def make(*, cases: int = 4, **more: object) -> EvaluationTest:
        user = User.objects.filter(username="admin").first() or User.objects.create_superuser("admin", None)
        given = [{"input": {"word": word, "tone": "kind"}} for word in WORDS[:cases]]
        return a_test(Person(service.url, user), _answer, cases=given, **more)  # type: ignore[arg-type]

    yield make
    cache.delete_pattern("review-limit:*")  # type: ignore[attr-defined]


def _answer(variant: int, case: int, run: int) -> Run:
    return Run("passed" if case % 2 else "failed", f"<b>The {WORDS[case]}</b> of {'AB'[variant]}\n\n- one\n- two")


def made(owner: Visitor, test: EvaluationTest, **fields: str) -> str:
    """The path of a review's link, made by its owner's hand."""
    owner.open(f"/evaluations/{test.id}")
    page = owner.page
    page.get_by_role("link", name="Reviews").click()
    page.locator("#rubric").fill("Is it about the word that was asked?")
    for name, value in fields.items():
        field = page.locator(f"#{name}")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Make the review").click()
    page.wait_for_url(re.compile(r"/reviews/[0-9a-f-]{36}$"))
    return page.locator("#link").input_value().removeprefix(owner.address)


def came(guest: Visitor, link: str, name: str, *, has_script: bool = True) -> Page:
    """The guest's page, with the first item on it, and its keys at work."""
    guest.open(link)
    guest.page.locator("#name").fill(name)
    guest.page.get_by_role("button", name="Begin").click()
    expect(guest.page.locator("#review-item h2")).to_contain_text("Item")
    if has_script:
        ready(guest.page)
    return guest.page


def ready(page: Page) -> None:
    """Waits for the page's script."""
    page.locator("#review[data-ready]").wait_for()


def item_of(page: Page) -> str:
    """The id of the item that is shown."""
    return page.locator("#review-item").get_attribute("data-item") or ""


def settled(page: Page, told: str) -> None:
    """Waits until the service has told how far all is."""
    expect(page.locator("[data-progress]")).to_contain_text(told)


def test_two_people_review_by_keys_and_by_touch_and_their_owner_reads_it(visit: Visit, stored: Stored) -> None:
    owner, test = visit(), stored(cases=3)
    link = made(owner, test, raters_per_item="2")
    ada = came(visit(signed_in=False), link, "Ada")
    bob = came(visit(signed_in=False, viewport=PHONE, has_touch=True), link, "Bob")
    expect(ada.locator(".sample-output")).to_contain_text("<b>The")
    seen = [item_of(ada)]
    for key, told in (("p", "1 by you"), ("f", "2 by you")):
        ada.keyboard.press(key)
        settled(ada, told)
        expect(ada.locator("#review-item h2")).to_be_focused()
        seen.append(item_of(ada))
    assert len(set(seen)) == 3
    ada.keyboard.press("c")
    expect(ada.locator("#corrected")).to_be_focused()
    ada.keyboard.type("A pf12 owl.")
    ada.keyboard.press("Escape")
    ada.keyboard.press("f")
    expect(ada.locator("#review-item")).to_contain_text("All done. Thank you!")
    ada.keyboard.press("u")
    expect(ada.locator("#corrected")).to_have_value("A pf12 owl.")
    assert item_of(ada) == seen[2]
    ada.keyboard.press("f")
    expect(ada.locator("#review-item")).to_contain_text("All done. Thank you!")
    for number in range(3):
        bob.get_by_role("button", name="Pass").tap()
        settled(bob, f"{number + 1} by you")
    expect(bob.locator("#review-item")).to_contain_text("All done. Thank you!")
    labels = ReviewLabel.objects.filter(undone_at=None)
    assert sorted((str(each.rater.name), each.passed) for each in labels) == [
        ("Ada", False), ("Ada", False), ("Ada", True), ("Bob", True), ("Bob", True), ("Bob", True),
    ]  # fmt: skip
    assert all(each.seconds is not None and each.seconds < 600 for each in labels)
    page = owner.page
    page.reload()
    expect(page.locator(".verdict")).to_contain_text("Two people say the same 33")
    expect(page.locator(".verdict")).to_contain_text("3 answers were judged by two or more")
    expect(page.locator(".sample").first).to_contain_text("Ada")
    page.get_by_role("button", name="Expect this in later tests").click()
    expect(page.locator(".samples").last).to_contain_text("Expected in later tests of this case.")


def test_a_key_shows_the_next_one_while_what_was_said_is_still_on_its_way(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored())
    page = came(visit(signed_in=False), link, "Ada")
    page.locator("#review[data-ahead]").wait_for()
    first, held = item_of(page), list[Route]()
    page.route(re.compile(r"/items/"), lambda route: held.append(route))
    page.keyboard.press("p")
    expect(page.locator("#review-item")).not_to_have_attribute("data-item", first)
    expect(page.locator("[data-progress]")).to_contain_text("0 by you")
    assert len(held) == 1
    assert ReviewLabel.objects.count() == 0
    held[0].continue_()
    settled(page, "1 by you")


def test_keys_that_come_faster_than_answers_judge_each_item_once(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored(cases=6, runs=2))
    page = came(visit(signed_in=False), link, "Ada")
    ended = page.get_by_text("All done. Thank you!")
    pressed = 0
    while not ended.is_visible():
        page.keyboard.press("pf"[pressed % 2])
        pressed += 1
        assert pressed < 5_000
    settled(page, "12 of 12 judgements are in, 12 by you")
    assert ReviewLabel.objects.filter(undone_at=None).count() == ReviewLabel.objects.count() == 12
    assert page.locator("#review-notices").inner_text() == ""


def test_nothing_typed_is_lost_with_an_item_that_somebody_else_took(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored(cases=1))
    slow = came(visit(signed_in=False), link, "Slow")
    item = item_of(slow)
    slow.locator("#comment").fill("all that I typed <i>here</i>")
    slow.reload()
    ready(slow)
    expect(slow.locator("#comment")).to_have_value("all that I typed <i>here</i>")
    ReviewLock.objects.filter(item_id=UUID(item)).update(until=timezone.now() - timedelta(minutes=1))
    quick = came(visit(signed_in=False), link, "Quick")
    assert item_of(quick) == item
    slow.get_by_role("button", name="Fail").click()
    notice = slow.locator("#review-notices .notice")
    expect(notice).to_contain_text("Item 1 of 1: Somebody else has taken this one meanwhile")
    expect(notice.locator("textarea")).to_have_value("all that I typed <i>here</i>")
    expect(notice.get_by_role("button", name="Try again")).to_have_count(0)
    expect(slow.locator("#comment")).to_have_value("all that I typed <i>here</i>")
    quick.get_by_role("button", name="Pass").click()
    expect(quick.locator("#review-item")).to_contain_text("All done")
    assert [each.passed for each in ReviewLabel.objects.all()] == [True]
    notice.get_by_role("button", name="Dismiss").click()
    expect(notice).to_have_count(0)


def test_undo_is_offered_once_something_was_said(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored(cases=6))
    for options in ({}, {"java_script_enabled": False, "viewport": PHONE}):
        has_script = "java_script_enabled" not in options
        page = came(visit(signed_in=False, **options), link, f"Ada {has_script}", has_script=has_script)
        undo = page.get_by_role("button", name="Undo")
        expect(undo).to_be_hidden()
        page.keyboard.press("u")
        expect(page.locator("#review-notices .notice")).to_have_count(0)
        page.get_by_role("button", name="Skip").click()
        expect(page.locator("[data-progress]")).to_contain_text("1 skipped")
        expect(undo).to_be_visible()
        undo.click()
        expect(page.locator("[data-progress]")).not_to_contain_text("skipped")
        expect(undo).to_be_hidden()


def test_nothing_to_undo_is_said_until_the_next_item_comes(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored(cases=2))
    page = came(visit(signed_in=False), link, "Ada")
    page.keyboard.press("p")
    settled(page, "1 by you")
    elsewhere = page.context.new_page()
    elsewhere.goto(page.url)
    elsewhere.get_by_role("button", name="Undo").click()
    settled(elsewhere, "0 by you")
    elsewhere.close()
    page.keyboard.press("u")
    notice = page.locator("#review-notices .notice")
    expect(notice).to_contain_text("There is nothing of yours to undo.")
    page.keyboard.press("p")
    settled(page, "1 by you")
    expect(notice).to_have_count(0)
    other = visit(signed_in=False)
    other.open(link)
    other.page.locator("#name").fill("Bob")
    other.page.get_by_role("button", name="Begin").click()
    expect(other.page.locator("#review-item")).to_contain_text("Somebody else is at the last one. What they leave")


def test_a_service_that_is_away_costs_no_word(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored())
    page = came(visit(signed_in=False), link, "Ada")
    item = item_of(page)
    page.context.set_offline(True)
    page.locator("#comment").fill("said while it was away")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    notice = page.locator("#review-notices .notice")
    expect(notice).to_contain_text("The service cannot be reached.")
    page.context.set_offline(False)
    notice.get_by_role("button", name="Try again").click()
    settled(page, "1 by you")
    expect(notice).to_have_count(0)
    label = ReviewLabel.objects.get()
    assert (str(label.item_id), label.passed, label.comment) == (item, False, "said while it was away")


def test_the_page_says_when_its_time_is_over(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored())
    ReviewQueue.objects.update(lock_seconds=1)
    page = came(visit(signed_in=False), link, "Ada")
    expect(page.locator("[data-lock-over]")).to_contain_text("somebody else may be given it now")
    page.keyboard.press("p")
    settled(page, "1 by you")


def test_a_link_that_is_taken_back_while_somebody_reads_says_so(visit: Visit, stored: Stored) -> None:
    owner = visit()
    link = made(owner, stored())
    page = came(visit(signed_in=False), link, "Ada")
    page.locator("#comment").fill("half a thought")
    owner.page.get_by_role("button", name="Take it back").click()
    expect(owner.page.locator(".evaluation")).to_contain_text("No link leads here")
    page.get_by_role("button", name="Pass").click()
    notice = page.locator("#review-notices .notice")
    expect(notice).to_contain_text("This link does not lead to a review any more.")
    expect(notice.locator("textarea")).to_have_value("half a thought")
    page.reload()
    expect(page.locator(".card h2")).to_have_text("This link does not lead to a review any more")


def test_pairs_are_judged_by_a_b_and_t(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored(cases=3, variants=("one", "two")), kind="pairwise")
    page = came(visit(signed_in=False), link, "Ada")
    wanted = []
    for key, number in (("a", 1), ("b", 2), ("t", 3)):
        sides = [text.split(" of ")[1][0].lower() for text in page.locator(".sample-output").all_inner_texts()]
        wanted.append("tie" if key == "t" else sides["ab".index(key)])
        page.keyboard.press(key)
        settled(page, f"{number} by you")
    assert [each.winner for each in ReviewLabel.objects.order_by("created_at")] == wanted


def test_ratings_are_given_by_numbers_and_single_keys_can_be_switched_off(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored(), scale="one_to_five", pass_from="3")
    page = came(visit(signed_in=False), link, "Ada")
    expect(page.locator(".review-rubric")).to_contain_text("3 and above count as passed")
    page.keyboard.press("3")
    settled(page, "1 by you")
    page.keyboard.press("s")
    settled(page, "1 skipped")
    page.get_by_label("Single keys").uncheck()
    page.reload()
    ready(page)
    expect(page.get_by_label("Single keys")).not_to_be_checked()
    shown = item_of(page)
    page.locator("#review-item h2").focus()
    page.keyboard.press("3")
    page.get_by_role("button", name="5", exact=True).focus()
    page.keyboard.press("Enter")
    settled(page, "2 by you")
    assert item_of(page) != shown
    assert {each.rating for each in ReviewLabel.objects.filter(is_skip=False)} == {3, 5}


def test_without_a_script_a_review_goes_on(visit: Visit, stored: Stored) -> None:
    link = made(visit(), stored(cases=2))
    page = came(visit(signed_in=False, java_script_enabled=False), link, "Ada", has_script=False)
    page.get_by_role("button", name="Pass").click()
    expect(page.locator("[data-progress]")).to_contain_text("1 by you")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-progress]")).to_contain_text("0 by you")
    for _ in range(2):
        page.get_by_role("button", name="Pass").click()
    expect(page.locator("#review-item")).to_contain_text("All done")


def test_axe_finds_nothing_in_reviews(visit: Visit, stored: Stored) -> None:
    owner, test = visit(viewport=PHONE), stored(cases=2, variants=("one", "two"))
    owner.open(f"/evaluations/{test.id}/reviews")
    assert violations(owner) == []
    link = made(owner, test, kind="pairwise", raters_per_item="2")
    for viewport in (None, PHONE):
        guest = visit(signed_in=False, **({"viewport": viewport} if viewport else {}))
        guest.open(link)
        assert violations(guest) == []
        page = came(guest, link, f"Ada {viewport}")
        page.locator("[data-correction] > summary").click()
        page.locator("[data-lock-over]").evaluate("each => { each.hidden = false; }")
        assert violations(guest) == []
        width = (viewport or {"width": 1280})["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        heights = page.locator(".review-bar button:visible").evaluate_all("all => all.map(each => each.offsetHeight)")
        assert min(heights) >= 44
        for number, button in enumerate(("A is better", "B is better" if viewport else "A is better")):
            page.get_by_role("button", name=button).click()
            settled(page, f"{number + 1} by you")
        expect(page.locator("#review-item")).to_contain_text("All done")
        assert violations(guest) == []
    for address in (f"/evaluations/{test.id}/reviews", owner.page.url.removeprefix(owner.address)):
        owner.open(address)
        assert violations(owner) == []
        assert owner.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    gone = visit(signed_in=False)
    gone.open("/review/nothing")
    assert violations(gone) == []
