"""Templates in the browser: found, written, tried, compared, shared, and never lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Route, expect

from accounts.models import User
from templates_app.models import TemplateRating
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_everybody import violations
from tests.servers.service import Service

BODY = {
    "name": "Welcome",
    "category": "Letters",
    "description": "Greets somebody",
    "prompt": "Greet {{name}} in {{language}}.\nBe kind.",
    "tags": ["greeting", "short"],
}
TYPED = "Greet {{name}} in {{lang}}."
NEXT_PREVIEW = """void (window.isStopped = new Promise((done) => document.addEventListener(
    "htmx:beforeRequest", (event) => setTimeout(() => done(event.defaultPrevented)), { once: true })))"""
Sign = Callable[[Visitor, User], None]


def make(visitor: Visitor, **fields: Any) -> str:
    """A template of the visitor's, made over the API; gives the address of its page."""
    template = send(visitor, "POST", "/api/templates", {**BODY, **fields})
    return f"/templates/{template['id']}"


def send(visitor: Visitor, method: str, path: str, body: Any) -> Any:
    """A call that the visitor's browser makes beside its page."""
    if not visitor.page.url.startswith(visitor.address):
        visitor.open("/templates")
    token = next(cookie["value"] for cookie in visitor.page.context.cookies() if cookie["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Origin": visitor.address}
    response = visitor.page.context.request.fetch(visitor.address + path, method=method, headers=headers, data=body)
    assert response.ok, response.text()
    return response.json()


def variables(visitor: Visitor) -> list[str]:
    """The names in the editor's rows."""
    return visitor.page.locator("#variables [data-name]").all_inner_texts()


def row_of(visitor: Visitor, name: str) -> Any:
    """The row of one variable."""
    named = visitor.page.locator("[data-name]", has_text=re.compile(rf"^{name}$"))
    return visitor.page.locator("#variables .variable", has=named)


@pytest.fixture
def sign_in_as(service: Service) -> Sign:
    """Signs a visitor in as somebody."""

    def sign(visitor: Visitor, user: User) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie: Any = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": service.url}
        visitor.page.context.add_cookies([cookie])

    return sign


def test_variables_stay_in_step_with_the_text(visitor: Visitor) -> None:
    page = visitor.page
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.get_by_role("link", name="New template").click()
    page.get_by_label("Name", exact=True).fill("Greeting")
    page.get_by_label("Category").fill("Letters")
    prompt = page.locator("#prompt")
    prompt.click()
    page.keyboard.type(TYPED)
    assert variables(visitor) == ["name", "lang"]
    expect(page.locator("#prompt + .field-error, .mark-declared")).to_have_text(["{{name}}", "{{lang}}"])
    row_of(visitor, "lang").get_by_label("Type", exact=True).select_option("number")
    prompt.fill(TYPED.replace("lang", "language"))
    assert variables(visitor) == ["name", "language"]
    expect(row_of(visitor, "language").get_by_label("Type", exact=True)).to_have_value("number")
    row_of(visitor, "name").get_by_label("Sample").fill("Ada")
    expect(page.locator("#draft")).to_contain_text("Greet Ada in 1.")
    prompt.fill("Greet {{name}}.")
    expect(row_of(visitor, "language").get_by_text("not in the texts")).to_be_visible()
    row_of(visitor, "language").get_by_role("button", name="Remove").click()
    assert variables(visitor) == ["name"]
    page.get_by_label("Note on this version").fill("The first")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast-done")).to_contain_text("Saved as version 1.")
    expect(page.locator("h1")).to_have_text("Greeting")
    expect(page.locator(".mark-declared")).to_have_text("{{name}}")
    expect(page.locator(".detail-side")).to_contain_text("The first")


def test_what_jinja2_uses_gets_its_rows_from_the_server(visitor: Visitor) -> None:
    visitor.open("/templates/new")
    page = visitor.page
    page.locator("#engine").select_option("jinja2")
    page.locator("#prompt").fill("{% for item in items %}{{ item }} of {{ whole }}{% endfor %}")
    expect(page.locator("#variables [data-name]")).to_have_text(["items", "whole"])
    row_of(visitor, "items").get_by_label("Type", exact=True).select_option("array")
    expect(page.locator("#draft .text")).to_have_text("… of [whole]")


def test_advice_stands_beside_the_text_and_leads_to_its_place(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(make(visitor, prompt="Summarise {{text}} very briefly.\nWrite to 😀 jane.doe@bicycles.at.") + "/edit")
    finding = page.locator(".finding", has_text="e-mail address").first
    expect(finding).to_be_visible()
    finding.locator("summary").click()
    expect(finding.locator(".finding-example")).to_be_visible()
    finding.locator("[data-jumps]").click()
    expect(page.locator("#prompt")).to_be_focused()
    chosen = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert page.locator("#prompt").evaluate(chosen) == "jane.doe@bicycles.at"
    marked = page.locator(".marked-under :is(.mark-error, .mark-warning, .mark-info)")
    expect(marked.filter(has_text="jane.doe@bicycles.at")).to_have_count(1)
    page.keyboard.press("Control+Home")
    page.keyboard.type("Now: ")
    expect(marked.filter(has_text="jane.doe@bicycles.at")).to_have_count(1)
    finding.locator("[data-jumps]").focus()
    page.keyboard.press("Enter")
    assert page.locator("#prompt").evaluate(chosen) == "jane.doe@bicycles.at"
    page.keyboard.press("End")
    page.keyboard.type(" and max.muster@bicycles.at")
    expect(marked.filter(has_text="@bicycles.at")).to_have_count(2)
    page.locator("#prompt").fill("Summarise this: {{text}}")
    expect(page.locator(".finding", has_text="e-mail address")).to_have_count(0)
    expect(marked.filter(has_text="@bicycles.at")).to_have_count(0)


def test_a_refusal_stands_at_its_field_and_loses_nothing(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/templates/new")
    page.locator("#prompt").fill("Count to {{number}}.")
    row = row_of(visitor, "number")
    row.get_by_label("Type", exact=True).select_option("number")
    row.get_by_label("Default").fill("many")
    expect(row.locator(".field-error:not(:empty)")).to_contain_text("must be of type number")
    page.locator("#save").click()
    expect(page.locator("#name")).to_be_focused()
    expect(page.locator("#error-name")).not_to_be_empty()
    expect(page.locator("#error-category")).not_to_be_empty()
    expect(row.locator(".field-error:not(:empty)")).to_contain_text("must be of type number")
    row.locator("summary").click()
    row.get_by_label("At least").fill("10")
    row.get_by_label("At most").fill("5")
    row.get_by_label("Default").fill("")
    expect(row.locator(".field-error:not(:empty)")).to_contain_text("no value could fit")
    expect(page.locator("#prompt")).to_have_value("Count to {{number}}.")


def test_what_was_typed_survives_a_reload_and_an_expired_sign_in(visitor: Visitor, sign_in_as: Sign) -> None:
    page = visitor.page
    visitor.open("/templates/new")
    page.locator("#name").fill("Unsaved")
    page.locator("#category").fill("Letters")
    page.locator("#prompt").fill("Dear {{whom}},")
    row_of(visitor, "whom").locator(".variable-about .input").fill("Who gets it")
    page.reload()
    expect(page.locator("#draft-told")).to_be_visible()
    expect(page.locator("#prompt")).to_have_value("Dear {{whom}},")
    expect(row_of(visitor, "whom").locator(".variable-about .input")).to_have_value("Who gets it")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("#save").click()
    page.wait_for_url("**/login?next=/templates/new")
    sign_in_as(visitor, User.objects.get(username="admin"))
    visitor.open("/templates/new")
    expect(page.locator("#name")).to_have_value("Unsaved")
    page.locator("#save").click()
    expect(page.locator("h1")).to_have_text("Unsaved")
    visitor.open("/templates/new")
    expect(page.locator("#name")).to_have_value("")
    page.locator("#name").fill("Given up")
    page.reload()
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator("#name")).to_have_value("")


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


def test_somebody_it_is_shared_with_sees_it_and_may_not_change_it(visit: Visit, sign_in_as: Sign) -> None:
    owner, reader = visit(), visit(signed_in=False)
    sign_in_as(reader, User.objects.create_user("reader", None, email="reader@example.org", name="Rea Reader"))
    address = make(owner, name="For some eyes")
    reader.open("/templates?search=eyes")
    expect(reader.page.get_by_text("No template matches")).to_be_visible()
    page = owner.page
    owner.open(address)
    page.get_by_role("link", name="Share").click()
    page.get_by_label("E-mail or user name").fill("nobody@example.org")
    expect(page.get_by_label("Shared")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("#error-new_person")).to_contain_text("nobody@example.org")
    page.get_by_label("E-mail or user name").fill("reader@example.org")
    page.locator("#share-form").get_by_role("button", name="Save").click()
    expect(page.locator("#share-form tbody")).to_contain_text("Rea Reader")
    assert violations(owner) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Share")).to_be_focused()
    expect(page.locator("#visibility-now")).to_have_text(re.compile("Shared"))
    reader.open("/templates?search=eyes")
    reader.page.get_by_role("link", name="For some eyes", exact=True).click()
    expect(reader.page.locator("h1")).to_have_text("For some eyes")
    for name in ("Edit", "Share", "Delete"):
        expect(reader.page.locator(".acts").get_by_text(name, exact=True)).to_have_count(0)
    page.get_by_role("link", name="Share").click()
    page.get_by_role("button", name="Remove Rea Reader").click()
    expect(page.locator("#share-form tbody")).to_have_count(0)
    assert reader.page.reload().status == 404  # type: ignore[union-attr]


def test_the_library_is_searched_filtered_and_walked_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    first = make(visitor, name="Zebra letter", tags=["stripes"])
    make(visitor, name="Zebra report", category="Reports", tags=["stripes"])
    visitor.open("/templates")
    page.keyboard.press("/")
    expect(page.locator("#library-search")).to_be_focused()
    page.keyboard.type("zebr")
    expect(page.locator(".card-row")).to_have_count(2)
    expect(page).to_have_url(re.compile("search=zebr"))
    chosen = page.locator("#library-order option:checked")
    expect(chosen).to_have_text("Best match")
    expect(page.locator(".facet-tags .facet-choice")).to_have_text([re.compile(r"stripes\s+2")])
    page.locator(".facet-choice", has_text="Letters").click()
    expect(page.locator(".card-name")).to_have_text(["Zebra letter"])
    expect(page.locator(".chip")).to_contain_text(["Search: zebr", "Category: Letters"])
    page.locator(".chip", has_text="Category").click()
    expect(page.locator(".card-row")).to_have_count(2)
    page.go_back()
    expect(page.locator(".card-row")).to_have_count(1)
    page.locator(".chip", has_text="Search").click()
    expect(page.locator("#library-search")).to_have_value("")
    expect(chosen).to_have_text("Featured first")
    page.get_by_role("link", name="Clear all").click()
    page.locator("#library-search").fill("zebra")
    expect(page.locator(".card-row")).to_have_count(2)
    page.locator("#library-order").select_option("name")
    expect(page.locator(".card-name")).to_have_text(["Zebra letter", "Zebra report"])
    expect(page).to_have_url(re.compile("ordering=name"))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    expect(page.locator("#preview")).to_contain_text("Greet {{name}}")
    page.keyboard.press("j")
    expect(page.locator("#preview h2")).to_have_text("Zebra report")
    assert violations(visitor) == []
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first}")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("e")
    page.wait_for_url(f"**{first}/edit")


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


def test_what_is_deleted_comes_back(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(make(visitor, name="Gone"))
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".toast-done")).to_contain_text("“Gone” is deleted.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_have_text("Gone")


def test_an_import_is_shown_before_it_is_done(visitor: Visitor) -> None:
    page = visitor.page
    make(visitor, name="Here already")
    entry = {"category": "A", "versions": [{"number": 1, "prompt": "x {{y}}"}]}
    names = [{"name": "Brand new", **entry}, {"name": "Here already", **entry}]
    document = {"format": "llm-playground-templates", "version": 1, "templates": names}
    visitor.open("/templates/import")
    page.get_by_label("or a text").fill("{")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("alert")).to_contain_text("no JSON")
    page.get_by_label("or a text").fill(json.dumps(document))
    page.get_by_role("button", name="Look at it").click()
    told = [re.compile("Brand new.*new", re.DOTALL), re.compile("already.*conflict", re.DOTALL)]
    expect(page.locator(".import-table > tbody > tr")).to_have_text(told)
    assert violations(visitor) == []
    page.get_by_role("button", name="Import what is picked").click()
    expect(page.locator(".table > tbody > tr")).to_have_text([re.compile("Brand new.*1 version", re.DOTALL)])
    assert violations(visitor) == []
    page.get_by_role("button", name="Undo this import").click()
    expect(page.locator(".toast-done")).to_contain_text("1 template taken back")
    expect(page.locator(".notice")).to_contain_text("undone")


def test_on_a_phone_the_preview_comes_from_below_and_goes_again(visit: Visit) -> None:
    visitor = visit(viewport=PHONE, has_touch=True)
    make(visitor)
    visitor.open("/templates")
    page = visitor.page
    page.locator(".card-text").first.tap()
    expect(page.locator("#preview h2")).to_have_text("Welcome")
    page.evaluate(NEXT_PREVIEW)
    page.get_by_role("button", name="Close the preview").tap()
    expect(page.locator(".card-name").first).to_be_focused()
    assert page.evaluate("window.isStopped")
    expect(page.locator("#preview h2")).to_have_count(0)
    page.locator(".card-text").first.tap()
    expect(page.locator("#preview h2")).to_have_text("Welcome")


def test_every_page_fits_a_phone(visit: Visit) -> None:
    visitor = visit(viewport=PHONE, has_touch=True)
    address = make(visitor, prompt="a" * 300 + " {{" + "b" * 60 + "}}", name="N" * 120)
    for path in (address, f"{address}/edit", f"{address}/versions", f"{address}/share"):
        visitor.open(path)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert violations(visitor) == [], path


def test_two_texts_become_a_conversation_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    visitor.open("/templates/new")
    page = visitor.page
    page.locator("#name").fill("Talk")
    page.locator("#category").fill("Letters")
    page.locator("#prompt").fill("Greet {{name}}.")
    page.get_by_role("button", name="As conversation").click()
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_role("button", name="Add a turn").click()
    page.locator("#turn-1").fill("Hello {{name}} and {{other}}.")
    page.get_by_role("button", name="Add a placeholder").click()
    expect(page.locator(".turn")).to_have_count(3)
    page.get_by_role("button", name="Take turn 3 up").click()
    expect(page.locator("#turn-1")).to_have_value("Hello {{name}} and {{other}}.")
    assert sorted(variables(visitor)) == ["history", "name", "other"]
    page.locator("#turn-1").fill("Hello.")
    page.reload()
    expect(page.locator("#turn-1")).to_have_value("Hello.")
    expect(page.locator("#name")).to_have_value("Talk")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/templates/[0-9a-f-]{36}$"))
    expect(page.locator("main")).to_contain_text("{history}")


def test_the_pages_of_a_conversation_fit_and_hold_for_everybody(visit: Visit) -> None:
    turns = [
        {"role": "system", "content": "You classify {{what}}."},
        {"role": "user", "content": "Great!"},
        {"role": "assistant", "content": "positive"},
        {"placeholder": "history"},
        {"role": "user", "content": "Classify {{text}}"},
    ]
    tools = [{"name": "look_up", "parameters": {"type": "object", "properties": {}}}]
    for name, options in LOOKS.items():
        visitor = visit(**options)
        simple = {key: value for key, value in BODY.items() if key != "prompt"}
        made = send(visitor, "POST", "/api/templates", {**simple, "messages": turns, "tools": tools})
        address = f"/templates/{made['id']}"
        for path in (address, f"{address}/edit", f"/?template={made['id']}"):
            visitor.open(path)
            assert violations(visitor) == [], (name, path)
            width = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert width <= visitor.page.viewport_size["width"], (name, path)  # type: ignore[index]


LOOKS: dict[str, dict[str, Any]] = {
    "desk": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True},
}
