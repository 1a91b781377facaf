"""What is typed at the playground and not sent: back after a reload and in another tab, never in the way."""

from __future__ import annotations

import json
import re

from django.conf import settings
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from templates_app.models import PromptTemplate
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.drafting import ECHO, SCHEMA, admin, kept, template_of
from tests.browser.test_everybody import violations


def fill_in_everything(visitor: Visitor) -> None:
    """By hand, a value of every kind."""
    page = visitor.page
    visitor.choose(ECHO)
    page.locator("#parameters-fold > summary").click()
    page.locator("#parameter-temperature").fill("0.7")
    page.locator("#parameter-seed").fill("41")
    page.locator("#parameter-stop_sequences").fill("END\nSTOP")
    page.locator("#parameter-response_format").select_option("json_schema")
    page.locator("#schema").fill(SCHEMA)
    page.locator("#system-prompt").fill("Be brief.")
    page.locator("#prompt").fill("Tell {{who}}")
    page.locator("#variable-who").fill("Ada Lovelace")
    page.get_by_label("Times", exact=True).fill("7")
    kept(page, "Lovelace")
    kept(page, '["times","7"]')


NONSENSE = (
    "{",
    "[]",
    "null",
    "7",
    '{"version": 2}',
    '{"version": 99, "fields": [["prompt", "no"]], "saved": 1}',
    '{"version": 2, "saved": 1, "fields": [["prompt"], 3, null, ["parameters.temperature", {}], ["prompt", 5]]}',
)


def put_in(page: Page, key: str, text: str) -> None:
    """This text as what the browser keeps."""
    page.evaluate("([key, text]) => { sessionStorage.clear(); localStorage[key] = text; }", [key, text])


def expect_everything(page: Page) -> None:
    expect(page.locator("#model-id")).to_have_value(ECHO)
    expect(page.locator("#picked-name")).to_have_text("echo")
    expect(page.locator("#parameter-temperature")).to_have_value("0.7")
    expect(page.locator("[data-for=parameter-temperature]")).to_have_value("0.7")
    expect(page.locator("#parameter-seed")).to_have_value("41")
    expect(page.locator("#parameter-stop_sequences")).to_have_value("END\nSTOP")
    expect(page.locator("#parameter-response_format")).to_have_value("json_schema")
    expect(page.locator("#schema")).to_have_value(SCHEMA)
    expect(page.locator("#system-prompt")).to_have_value("Be brief.")
    expect(page.locator("#prompt")).to_have_value("Tell {{who}}")
    expect(page.locator("#variable-who")).to_have_value("Ada Lovelace")
    expect(page.get_by_label("Times", exact=True)).to_have_value("7")


def test_everything_comes_back_after_a_reload_elsewhere_and_a_sign_in(visitor: Visitor) -> None:
    page = visitor.page
    # Another model than the one that a form begins with.
    visitor.run("before", model="openai/json")
    visitor.ended("completed")
    visitor.open("/")
    fill_in_everything(visitor)
    page.reload()
    expect_everything(page)
    visitor.open("/templates")
    page.go_back()
    expect_everything(page)
    visitor.open("/sessions")
    visitor.open("/")
    expect_everything(page)
    # The time of the session is over; on a page that asks for nothing, or its answer leads to the sign-in first.
    visitor.open("/help")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    visitor.open("/")
    expect(page).to_have_url(f"{visitor.address}/login?next=/")
    page.context.add_cookies(
        [{"name": each["name"], "value": each["value"], "url": visitor.address} for each in cookies]
    )
    visitor.open("/")
    expect_everything(page)
    expect(page.locator("#draft-offer")).to_be_hidden()


def test_a_run_keeps_what_was_typed(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose(ECHO)
    page.locator("#parameters-fold > summary").click()
    page.locator("#parameter-temperature").fill("0.7")
    visitor.run("said once")
    visitor.ended("completed")
    visitor.open("/")
    expect(page.locator("#prompt")).to_have_value("said once")
    expect(page.locator("#parameter-temperature")).to_have_value("0.7")
    # It was run: nobody is asked about it at another run.
    visitor.open(f"/?template={template_of(admin()).id}")
    expect(page.locator("#prompt")).to_have_value("Greet {{who}}.")
    expect(page.locator("#draft-offer")).to_be_hidden()


def test_what_the_address_names_wins_and_the_draft_is_offered_back(visitor: Visitor) -> None:
    page, made = visitor.page, template_of(admin())
    visitor.choose(ECHO)
    page.locator("#prompt").fill("my own words")
    kept(page, "own words")
    visitor.open(f"/?template={made.id}")
    expect(page.locator("#prompt")).to_have_value("Greet {{who}}.")
    page.locator("#variable-who").fill("Grace")
    kept(page, "Grace")
    page.reload()
    expect(page.locator("#variable-who")).to_have_value("Grace")
    notice = page.locator("#draft-offer")
    expect(notice).to_contain_text("You had typed something else: my own words")
    assert violations(visitor) == []
    notice.get_by_role("button", name="Restore what you had typed").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#prompt")).to_have_value("my own words")
    expect(page.locator(".source")).to_have_count(0)
    # And the other way round.
    expect(notice).to_contain_text("You had typed something else: Greet {{who}}.")
    notice.get_by_role("button", name="Restore what you had typed").click()
    expect(page.locator(".source")).to_contain_text("Greeting, version 1")
    expect(page.locator("#variable-who")).to_have_value("Grace")
    # A draft of a template is put back where its template is.
    visitor.open("/")
    expect(page.locator(".source")).to_contain_text("Greeting, version 1")
    expect(page.locator("#variable-who")).to_have_value("Grace")


def test_a_draft_outlives_its_template(visitor: Visitor) -> None:
    page, made = visitor.page, template_of(admin())
    visitor.open(f"/?template={made.id}")
    page.locator("#variable-who").fill("Grace")
    kept(page, "Grace")
    PromptTemplate.objects.filter(id=made.id).update(deleted_at=made.created_at)
    visitor.open("/")
    expect(page.locator("#prompt")).to_have_value("Greet {{who}}.")
    expect(page.locator("#variable-who")).to_have_value("Grace")
    expect(page.locator("#draft-offer")).to_contain_text("is not there any more")


def test_begun_anew_by_mistake_it_is_offered_back(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("not for the bin")
    kept(page, "the bin")
    page.locator(".compose-bar [data-new]").click()
    expect(page.locator("#prompt")).to_have_value("")
    page.get_by_role("button", name="Restore what you had typed").click()
    expect(page.locator("#prompt")).to_have_value("not for the bin")
    page.reload()
    expect(page.locator("#prompt")).to_have_value("not for the bin")
    expect(page.locator("#draft-offer")).to_be_hidden()


def test_of_two_tabs_the_older_is_offered_the_newer(visit: Visit) -> None:
    visitor = visit(viewport=PHONE)
    visitor.open("/")
    first = visitor.page
    first.locator("#prompt").fill("from the first tab")
    kept(first, "first tab")
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator("#prompt")).to_have_value("from the first tab")
    first.locator("#prompt").focus()
    second.locator("#prompt").fill("from the second tab")
    notice = first.locator("#draft-offer")
    expect(notice).to_contain_text("Newer text from another tab: from the second tab")
    expect(first.locator("#prompt")).to_have_value("from the first tab")
    expect(first.locator("#prompt")).to_be_focused()
    assert violations(visitor) == []
    assert first.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    notice.get_by_role("button", name="Keep mine").click()
    # So this one is the newer now.
    expect(second.locator("#draft-offer")).to_contain_text("Newer text from another tab: from the first tab")
    second.get_by_role("button", name="Take it").click()
    expect(second.locator("#prompt")).to_have_value("from the first tab")
    second.locator("#prompt").fill("the newest")
    kept(second, "the newest")
    # Who reloads gets the newest; what stood there is not lost.
    first.reload()
    expect(first.locator("#prompt")).to_have_value("the newest")
    expect(notice).to_contain_text("You had typed something else: from the first tab")


def test_a_model_that_is_gone_is_told_and_replaced(visitor: Visitor) -> None:
    page = visitor.page
    visitor.run("before", model=ECHO)
    visitor.ended("completed")
    visitor.open("/")
    page.locator("#prompt").fill("to be asked")
    kept(page, "to be asked")
    key = page.evaluate("Object.keys(localStorage).find((each) => each.startsWith('draft:'))")
    text = str(page.evaluate("(key) => localStorage[key]", key))
    put_in(page, key, text.replace(ECHO, "nobody/none"))
    page.reload()
    expect(page.locator("#picked")).to_contain_text("nobody/none, chosen before, is not there any more")
    expect(page.locator("#model-id")).to_have_value(ECHO)
    expect(page.locator("#prompt")).to_have_value("to be asked")


def test_a_draft_that_makes_no_sense_breaks_nothing(visitor: Visitor) -> None:
    page = visitor.page
    page.locator("#prompt").fill("x y")
    kept(page, "x y")
    key = page.evaluate("Object.keys(localStorage).find((each) => each.startsWith('draft:'))")
    for text in NONSENSE:
        put_in(page, key, text)
        page.reload()
        expect(page.locator("#prompt")).to_have_value("")
    fields = [["prompt", "read"], ["nothing", "x"], ["parameters.temperature", "hot"]]
    put_in(page, key, json.dumps({"version": 2, "saved": 1, "fields": fields}))
    page.reload()
    expect(page.locator("#prompt")).to_have_value("read")
    expect(page.locator("#run")).to_have_attribute("data-state", "run")


def test_somebody_else_at_the_same_browser_sees_nothing(visit: Visit) -> None:
    visitor = visit()
    visitor.open("/")
    page = visitor.page
    page.locator("#prompt").fill("for one pair of eyes")
    kept(page, "pair of eyes")
    other = visit(user=User.objects.create_user("somebody-else", None))
    page.context.clear_cookies()
    page.context.add_cookies(
        [
            {"name": each["name"], "value": each["value"], "url": visitor.address}
            for each in other.page.context.cookies()
        ]
    )
    visitor.open("/")
    expect(page.locator("#prompt")).to_have_value("")
    expect(page.locator("#draft-offer")).to_be_hidden()


def test_what_is_typed_while_the_page_finds_its_last_place_stays(visitor: Visitor) -> None:
    page, held = visitor.page, list[Route]()
    made = template_of(admin(), "Ask {{who}}.")
    visitor.open(f"/?template={made.id}")
    page.get_by_label("who", exact=True).fill("somebody")
    kept(page, "somebody")
    place = re.compile(r"/\?template=")
    page.route(place, lambda route: held.append(route))
    with page.expect_request(place):
        visitor.open("/")
    page.locator("#prompt").press_sequentially("typed at once")
    with page.expect_response(place):
        held.pop().continue_()
    expect(page.locator("#draft-offer")).to_contain_text("You had typed something else: Ask {{who}}.")
    expect(page).to_have_url(f"{visitor.address}/")
    expect(page.locator("#prompt")).to_have_value("typed at once")
    kept(page, "typed at once")
    page.unroute_all()
    page.reload()
    expect(page.locator("#prompt")).to_have_value("typed at once")


def test_a_run_after_the_time_of_the_session_leads_back_to_its_words(visitor: Visitor) -> None:
    page = visitor.page
    visitor.choose(ECHO)
    page.locator("#prompt").fill("typed before the sign-out")
    kept(page, "typed before")
    cookies = page.context.cookies()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("#prompt").press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/login\?next=/($|%3F)"))
    page.context.add_cookies(
        [{"name": each["name"], "value": each["value"], "url": visitor.address} for each in cookies]
    )
    visitor.open("/")
    expect(page.locator("#prompt")).to_have_value("typed before the sign-out")
