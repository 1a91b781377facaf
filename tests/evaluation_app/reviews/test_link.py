"""The secret link: it opens its review to whoever has it, and nothing else to anybody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.closed_door import is_open
from accounts.models import User
from evaluation_app.models import ReviewLabel, ReviewQueue, ReviewRater
from evaluation_app.review import limits
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.doors.routes import http_routes
from tests.evaluation_app.export.stored import Run
from tests.evaluation_app.reviews.people import FETCHED, Guest, Reviews, item_in, stored_test, texts_in, time_passes
from tests.history.stored import user_of
from tests.servers.service import Service

EVIL = '<script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3)) **bold** {{ 7|add:"7" }}'


async def a_link(author: Person, reviews: Reviews, **more: Any) -> tuple[dict[str, Any], Guest]:
    """A review of three answers, and a guest who has its link."""
    test = await stored_test(author, cases=3)
    made = await reviews.make(test.id, **more)
    return made, Guest(author.url, made["link"]["address"])


async def test_a_guest_needs_nothing_but_the_link_and_a_name(author: Person, reviews: Reviews):
    made, guest = await a_link(author, reviews)
    asked = await guest.page()
    assert (asked.status, item_in(asked.text)) == (200, None)
    assert "Your name" in asked.text
    assert (await guest.call("POST", f"{guest.path}/name", {"name": "  "})).status == 400
    assert (await guest.call("POST", f"{guest.path}/name", {"name": "x" * 101})).status == 400
    await guest.come("Ada Lovelace")
    page = await guest.page()
    assert "Ada Lovelace" in page.text
    assert "Is it right?" in page.text
    item = item_in(page.text)
    assert item
    # Without a script the form itself is sent, and leads on.
    sent = await guest.call("POST", f"{guest.path}/items/{item}", {"said": "fail", "comment": "no\r\nreally"})
    assert (sent.status, sent.headers["Location"]) == (302, guest.path)
    (label,) = (await reviews.told(str(made["id"]), "/labels"))["results"]
    assert (label["passed"], label["comment"], label["rater"]["name"]) == (False, "no\nreally", "Ada Lovelace")
    assert label["rater"]["user_id"] is None
    undone = await guest.call("POST", f"{guest.path}/undo")
    assert item_in(undone.text) == item
    assert "no\nreally" in undone.text
    cookie = asked.headers.get("Set-Cookie", "")
    assert "reviewer" not in cookie


async def test_the_cookie_is_signed_kept_from_scripts_and_sent_to_reviews_alone(author: Person, reviews: Reviews):
    _, guest = await a_link(author, reviews)
    answer = await guest.call("POST", f"{guest.path}/name", {"name": "Ada"})
    cookie = answer.headers["Set-Cookie"]
    for part in ("reviewer=", "HttpOnly", "Path=/review;", "SameSite=Lax"):
        assert part in cookie + ";", cookie
    good = guest.cookies["reviewer"]
    for forged in ("", "x", good[:-1], good.replace(":", "", 1), "e30:1:x", good + "x"):
        guest.cookies["reviewer"] = forged
        page = await guest.page()
        assert "Your name" in page.text, forged
        assert (await guest.fetch("/next")).status == 403


async def test_nothing_else_opens_to_who_has_a_link(author: Person, reviews: Reviews, service: Service):
    _, guest = await a_link(author, reviews)
    await guest.come()
    assert await guest.item()
    closed = [route for route in http_routes() if not is_open(route)]
    assert len(closed) > 100
    for route in closed:
        for headers in ({}, FETCHED):
            answer = await guest.call("GET", route, headers=headers)
            is_refused = answer.status in (401, 403, 404) or (
                answer.status == 302 and answer.headers["Location"].startswith("/login")
            )
            assert is_refused, (route, answer.status)


async def test_a_guest_sees_items_of_this_review_alone(author: Person, reviews: Reviews):
    _, guest = await a_link(author, reviews)
    other, there = await a_link(author, reviews)
    await guest.come()
    await there.come()
    item = await there.item()
    assert item
    assert (await guest.say(item, "pass")).status == 404
    assert (await guest.call("GET", f"{guest.path}/items/{item}")).status == 405
    assert (await reviews.seen(str(other["id"])))["progress"]["labels"] == 0


async def test_what_others_said_and_who_answered_stays_unsaid(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=1, variants=("secret-variant",))
    made = await reviews.make(test.id, raters_per_item=2)
    ada, bob = [await Guest(author.url, made["link"]["address"]).come(name) for name in ("Ada", "Bob")]
    item = await ada.item()
    assert item
    await ada.say(item, "fail", comment="what-ada-said", corrected="what-ada-would")
    page = await bob.page()
    assert item_in(page.text) == item
    fetched = await bob.fetch("/next")
    for text in (page.text, fetched.text):
        for secret in ("what-ada", "Ada", "secret-variant", "openai/echo", "contains"):
            assert secret not in text, secret
    seeing = await reviews.make(test.id, blind=False)
    open_eyed = await Guest(author.url, seeing["link"]["address"]).come()
    assert "secret-variant" in (await open_eyed.page()).text


@pytest.mark.parametrize("how", ["revoked", "new", "late", "deleted", "test", "owner"])
async def test_a_link_that_ended_opens_nothing_and_says_so(author: Person, reviews: Reviews, how: str):
    test = await stored_test(author, cases=2)
    made = await reviews.make(test.id)
    guest = await Guest(author.url, made["link"]["address"]).come()
    item = await guest.item()
    assert item
    if how in ("revoked", "new"):
        changed = await reviews.change(made["id"], link=how)
        assert (changed["link"] is None) == (how == "revoked")
        assert changed["link"] != made["link"]
    elif how == "late":
        past = timezone.now() - timedelta(seconds=1)
        await in_database_thread(ReviewQueue.objects.filter(id=made["id"]).update, link_ends_at=past)
        assert (await reviews.seen(made["id"]))["link"] is None
    elif how == "deleted":
        assert (await author.call("DELETE", f"/api/reviews/{made['id']}")).status == 204
    elif how == "test":
        await in_database_thread(test.delete)
    else:
        await in_database_thread(User.objects.filter(id=user_of(author).id).update, is_active=False)
    page = await guest.page()
    assert page.status == 410
    assert "does not lead to a review any more" in page.text
    for path, form in ((f"/items/{item}", {"said": "pass"}), ("/next", {}), ("/undo", {}), ("/name", {"name": "Eve"})):
        answer = await guest.fetch(path, **form)
        assert (answer.status, answer.body["code"]) == (410, "review_link_ended"), path
    assert await in_database_thread(ReviewLabel.objects.count) == 0


async def test_guesses_of_a_link_are_slowed_down(author: Person, reviews: Reviews):
    _, guest = await a_link(author, reviews)
    await guest.come()
    real, statuses = guest.path, []
    for number in range(limits.GUESSES.most + 2):
        guest.path = f"/review/guess-{number}"
        statuses.append((await guest.page()).status)
    assert statuses == [410] * limits.GUESSES.most + [429] * 2
    # Who reviews already goes on; whoever comes from there anew has to wait.
    guest.path = real
    assert (await guest.page()).status == 200
    refused = await Guest(author.url, real).page()
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    for odd in ("%00", "%ff%fe", "x" * 3_000, "%F0%9F%A6%8A", "..%2f..%2fadmin"):
        guest.path = f"/review/{odd}"
        assert (await guest.page()).status in (400, 404, 410, 414, 429)


async def test_nobody_makes_reviewers_by_the_hundred(author: Person, reviews: Reviews):
    made, guest = await a_link(author, reviews)
    statuses = []
    for number in range(limits.NAMES.most + 1):
        newcomer = Guest(author.url, guest.path)
        statuses.append((await newcomer.call("POST", f"{guest.path}/name", {"name": f"N{number}"})).status)
    assert statuses == [302] * limits.NAMES.most + [429]
    assert await in_database_thread(ReviewRater.objects.filter(queue_id=made["id"]).count) == limits.NAMES.most


async def test_a_page_of_another_site_judges_nothing(author: Person, reviews: Reviews):
    made, guest = await a_link(author, reviews)
    await guest.come()
    item = await guest.item()
    assert item
    for path in (f"/items/{item}", "/undo", "/next", "/name"):
        for headers, has_token in (
            ({}, False),
            ({"Origin": "https://evil.example.org"}, True),
            ({"Origin": "null"}, True),
        ):
            form = {"said": "pass", "name": "Eve"}
            answer = await guest.call("POST", f"{guest.path}{path}", form, headers=headers, has_csrf_token=has_token)
            assert answer.status == 403, (path, headers)
    assert (await reviews.seen(str(made["id"])))["progress"]["labels"] == 0


async def test_answers_inputs_names_and_words_are_text(author: Person, reviews: Reviews):
    test = await stored_test(author, lambda variant, case, run: Run("passed", EVIL), cases=1)
    await in_database_thread(lambda: _with_evil_input(test.id))
    made = await reviews.make(test.id, name=EVIL[:200], rubric={"text": EVIL})
    guest = await Guest(author.url, made["link"]["address"]).come(EVIL[:90])
    page = await guest.page()
    fetched = await guest.fetch("/next")
    assert texts_in(page.text) == [EVIL] == texts_in(fetched.body["item"])
    for text in (page.text, fetched.body["item"]):
        assert "<script>alert" not in text
        assert not re.search(r"<img\b", text)
        assert "<strong>bold" not in text
        assert 'href="javascript' not in text
    item = item_in(page.text)
    assert item
    await guest.say(item, "pass", comment=EVIL, corrected=EVIL)
    owner = await in_database_thread(browser_of, author)
    shown = await owner.get(f"/evaluations/{test.id}/reviews/{made['id']}")
    assert shown.status == 200
    assert "<script>alert" not in shown.text
    assert not re.search(r"<img\b", shown.text)
    assert "&lt;script&gt;alert" in shown.text


def _with_evil_input(test_id: UUID) -> None:
    from evaluation_app.models import EvaluationCase

    case = EvaluationCase.objects.get(test_id=test_id)
    case.input = {EVIL: EVIL, "list": [EVIL]}
    case.save()


async def test_the_address_is_told_to_nobody(author: Person, reviews: Reviews):
    _, guest = await a_link(author, reviews)
    for page in (await guest.page(), await (await guest.come()).page()):
        assert page.headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in page.headers["Cache-Control"]
        assert "noindex" in page.headers["x-robots-tag"]


async def test_what_was_typed_is_on_the_page_that_says_the_item_is_lost(author: Person, reviews: Reviews):
    """Without a script; the script keeps it by itself (tests/browser/test_reviews.py)."""
    test = await stored_test(author, cases=1)
    made = await reviews.make(test.id)
    slow, quick = [await Guest(author.url, made["link"]["address"]).come(name) for name in ("Slow", "Quick")]
    item = await slow.item()
    assert item
    await time_passes(item)
    assert await quick.item() == item
    form = {"said": "fail", "comment": "all that I typed", "corrected": "and this <b>too</b>"}
    late = await slow.call("POST", f"{slow.path}/items/{item}", form)
    assert late.status == 409
    assert "Somebody else has taken this one meanwhile" in late.text
    assert "all that I typed" in late.text
    assert "and this &lt;b&gt;too&lt;/b&gt;" in late.text
    assert "Nothing is free at this moment" in late.text
    assert (await quick.say(item, "pass")).status == 200
    assert "All done" in (await slow.page()).text


async def test_somebody_with_an_account_reviews_as_themselves(author: Person, stranger: Person, reviews: Reviews):
    made, guest = await a_link(author, reviews)
    browser: Browser = await in_database_thread(browser_of, stranger)
    page = await browser.get(guest.path)
    item = item_in(page.text)
    assert item
    said = await browser.post(f"{guest.path}/items/{item}", form={"said": "pass"}, headers=FETCHED)
    assert said.status == 200, said.text
    (label,) = (await reviews.told(str(made["id"]), "/labels"))["results"]
    assert (label["rater"]["user_id"], label["rater"]["name"]) == (str(user_of(stranger).id), "Stranger")
    # The link makes nobody an owner.
    assert (await stranger.get(f"/api/reviews/{made['id']}")).status == 404
    assert (await browser.get(f"/evaluations/{made['test_id']}/reviews/{made['id']}")).status == 404


async def test_one_person_in_two_tabs_is_one_rater_with_one_item(author: Person, reviews: Reviews):
    import asyncio

    made, guest = await a_link(author, reviews)
    await guest.come()
    items = await asyncio.gather(*(guest.item() for _ in range(6)))
    assert len(set(items)) == 1
    assert await in_database_thread(ReviewRater.objects.filter(queue_id=made["id"]).count) == 1
    first = items[0]
    assert first
    ahead = await asyncio.gather(*(guest.fetch("/next", besides=first) for _ in range(6)))
    assert len({each.body["id"] for each in ahead}) == 1
    assert ahead[0].body["id"] != first
    said = await asyncio.gather(*(guest.say(first, "pass", showing=ahead[0].body["id"]) for _ in range(4)))
    assert sorted(each.status for each in said) == [200, 409, 409, 409]
    assert {each.body["code"] for each in said if each.status == 409} == {"already_labelled"}
    stored = next(each for each in said if each.status == 200)
    assert stored.body["is_kept"] is True
    assert stored.body["id"] not in (first, ahead[0].body["id"])


async def test_an_item_fetched_ahead_that_was_taken_meanwhile_is_told(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=2)
    made = await reviews.make(test.id)
    slow, quick = [await Guest(author.url, made["link"]["address"]).come(name) for name in ("Slow", "Quick")]
    first = await slow.item()
    assert first
    ahead = (await slow.fetch("/next", besides=first)).body["id"]
    await time_passes(ahead)
    assert await quick.item() == ahead
    said = await slow.say(first, "pass", showing=ahead)
    assert (said.status, said.body["is_kept"], said.body["id"]) == (200, False, None)


@pytest.mark.parametrize("form", [{}, {"said": "6"}, {"said": "1"}, {"said": "pass", "seconds": "soon"}, {"said": "a"}])
async def test_what_the_page_never_sends_is_refused(author: Person, reviews: Reviews, form: dict[str, str]):
    _, guest = await a_link(author, reviews)
    await guest.come()
    item = await guest.item()
    answer = await guest.fetch(f"/items/{item}", **form)
    assert answer.status == 400
    assert (await guest.fetch("/next", besides="x")).status == 400
