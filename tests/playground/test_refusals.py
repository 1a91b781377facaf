"""A run that did not begin: why, and what can be done, in a box where its answer would stand."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from accounts.models import Role
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.models import PromptExecution
from playground.pages.compose.forms import Compose
from playground.pages.compose.refusals import view_of
from playground.pages.presentation.refusal import RefusalView, Sending
from providers.models import CatalogueModel
from quotas.rate_limits.pages import page_of
from sessions_app.models import PlaygroundSession, SessionMember
from tests.cast import Person, new_user
from tests.doors.browser import Browser, Page, browser_of
from tests.playground.conftest import MakeProvider
from tests.servers.service import Service

HTMX = {"HX-Request": "true"}
ALLOWED: dict[str, Any] = {"parameters.max_cost": "0.01"}
WRONG = {"context_window": "wide"}
"""A model's row that does not hold."""


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's window."""
    return await in_database_thread(browser_of, author)


@pytest.fixture
def admin(service: Service) -> Person:
    """Whoever administers the limits."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


def box_of(page: Page) -> str:
    """The box of the refusal."""
    ends = r"""(?=<form class="reply"|id="variables"|</section>|\Z)"""
    found = re.search(
        r'id="run-problem".*?<div class="notice notice-failed failure refusal".*?' + ends,
        page.text,
        re.DOTALL,
    )
    assert found, page.text
    return unescape(found[0])


async def send(mine: Browser, model_id: str, *, headers: dict[str, str] | None = None, **more: Any) -> Page:
    """Presses Run."""
    form = {"model_id": model_id, "prompt": "hello", "idempotency_key": uuid.uuid4().hex, **more}
    return await mine.post("/executions", form=form, headers=HTMX if headers is None else headers)


async def test_a_provider_that_is_off_is_told_with_the_models_of_others(
    mine: Browser, provider: str, make_provider: MakeProvider
) -> None:
    other = await in_database_thread(make_provider)
    await in_database_thread(CatalogueModel.objects.create, id=f"{other}/echo", provider=other)
    await in_database_thread(CatalogueModel.objects.create, id=f"{provider}/off", provider=provider, overrides=WRONG)
    for headers in (HTMX, {}):
        refused = await send(mine, f"{provider}/off", headers=headers)
        assert refused.status == 503
        box = box_of(refused)
        assert "The model cannot be run now." in box
        assert "ask an administrator" in box
        assert f'value="{other}/echo"' in box
        assert 'form="run-form"' in box
        assert f'value="{provider}/off"' not in box
    assert not await in_database_thread(PromptExecution.objects.exists)


async def test_a_limit_tells_when_there_is_room_again(
    admin: Person, author: Person, mine: Browser, provider: str
) -> None:
    user = author.user
    assert user is not None
    limits = {"limits": [{"period": "day", "executions": 0}]}
    assert (await admin.call("PUT", f"/api/quotas/user/{user.id}", limits)).status == 200
    refused = await send(mine, f"{provider}/echo")
    assert refused.status == 429
    box = box_of(refused)
    assert "A limit on use has no room for this run." in box
    assert "It begins anew at" in box
    assert re.search(r"It may begin from\s+<time datetime=", box)
    assert "whoever administers the limits" in box
    assert "Run with" not in box
    assert "Retry" in box


async def priced_at(provider: str, **prices: float) -> None:
    """Models of the provider with these USD a million tokens, in and out; a thousand tokens of answer at most."""
    for name, price in prices.items():
        facts = {"input_per_million": price, "output_per_million": price, "max_output_tokens": 1_000}
        await in_database_thread(
            CatalogueModel.objects.create, id=f"{provider}/echo@{name}", provider=provider, overrides=facts
        )


async def test_a_limit_on_cost_offers_who_fits_into_it_with_what_it_costs(
    admin: Person, author: Person, mine: Browser, provider: str
) -> None:
    """A thousand tokens of answer may cost 0.1, 0.02, 0.001 and 0.0005 USD; there are 0.01."""
    user = author.user
    assert user is not None
    await priced_at(provider, dear=100, less=20, cheap=1, cheaper=0.5)
    await in_database_thread(CatalogueModel.objects.create, id=f"{provider}/echo@unpriced", provider=provider)
    limits = {"limits": [{"period": "day", "cost": 0.01}]}
    assert (await admin.call("PUT", f"/api/quotas/user/{user.id}", limits)).status == 200
    for headers in (HTMX, {}):
        box = box_of(await send(mine, f"{provider}/echo@dear", headers=headers))
        assert "Run it with a model that there is room for" in box
        assert 'form="run-form"' in box
        offered = re.findall(rf'value="{provider}/echo@(\w+)"', box)
        assert offered == ["cheaper", "cheap"], box
        assert re.search(r"< \$0\.0001 to \$0\.0005", box), box
    first = (await author.execute(f"{provider}/echo@cheap", prompt="one")).body
    once_more = {"rerun": first["id"], "model_id": f"{provider}/echo@dear"}
    box = box_of(await mine.post("/executions", form=once_more, headers=HTMX))
    assert re.findall(rf'aria-label="Run with {provider}/echo@(\w+)"', box) == ["cheaper", "cheap"]
    reply = {"reply_to": first["id"], "reply": "two", "model_id": f"{provider}/echo@dear"}
    box = box_of(await mine.post("/executions", form=reply, headers=HTMX))
    assert f'value="{provider}/echo@cheap"' in box
    thirty = {"model_id": f"{provider}/echo@dear", "prompt": "hello", "times": "15"}
    box = box_of(await mine.post("/repeats", form=thirty, headers=HTMX))
    assert f'value="{provider}/echo@cheap"' not in box, "fifteen of them are too many"
    assert f'value="{provider}/echo@cheaper"' in box


async def test_what_does_not_fit_is_not_offered(admin: Person, author: Person, mine: Browser, provider: str) -> None:
    user = author.user
    assert user is not None
    await priced_at(provider, dear=100, cheap=1)
    limits = {"limits": [{"period": "day", "tokens": 100}]}
    assert (await admin.call("PUT", f"/api/quotas/user/{user.id}", limits)).status == 200
    box = box_of(await send(mine, f"{provider}/echo@dear"))
    assert "Run with" not in box
    assert "Retry once there is room again" in box


async def test_a_max_cost_that_would_not_be_kept_offers_who_keeps_it(mine: Browser, provider: str) -> None:
    """A thousand tokens of answer may cost 0.1 and 0.001 USD, or nobody knows what; 0.01 is allowed."""
    await priced_at(provider, dear=100, cheap=1)
    await in_database_thread(CatalogueModel.objects.create, id=f"{provider}/echo@unpriced", provider=provider)
    for name in ("dear", "unpriced"):
        for headers in (HTMX, {}):
            page = await send(mine, f"{provider}/echo@{name}", headers=headers, **ALLOWED)
            box = box_of(page)
            assert "more than the max cost that is set" in box
            assert re.findall(rf'value="{provider}/echo@(\w+)"', box) == ["cheap"], box
            assert "Retry" not in box
    small = await send(mine, f"{provider}/echo@dear", **{**ALLOWED, "parameters.max_cost": "0.0000001"})
    assert f'value="{provider}/echo@cheap"' not in small.text, "it would not keep that either"
    assert "more than max_cost" in unescape(small.text)


async def test_a_cost_to_confirm_offers_who_costs_less(author: Person, provider: str) -> None:
    await priced_at(provider, dear=100, cheap=1)
    dear = f"{provider}/echo@dear"
    request = RequestFactory().post("/executions", {"model_id": dear, "prompt": "hello"}, headers=HTMX)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    estimate = {"currency": "USD", "most": 0.1, "confirm_above": 0.01, "models": []}
    problem = Problem(402, "cost_confirmation_required", "This may cost up to 0.1 USD.", estimate=estimate)

    def box() -> str:
        user = author.user
        assert user is not None
        view = view_of(request, user, problem, Compose(model_id=dear, prompt="hello"), {})
        return render_to_string("playground/_refusal.html", {"refusal": view})

    told = unescape(await in_database_thread(box))
    assert "Run it with a model that costs less" in told
    assert f'value="{provider}/echo@cheap"' in told
    assert f'value="{dear}"' not in told
    assert "Run it for up to" in told


def test_what_may_cost_much_is_confirmed_in_the_box() -> None:
    estimate = {"currency": "USD", "most": 0.5, "confirm_above": 0.05, "models": []}
    problem = Problem(402, "cost_confirmation_required", "This may cost up to 0.5 USD.", estimate=estimate)
    view = RefusalView(problem, problem.detail, Sending("/executions", "run-form"))
    box = render_to_string("playground/_refusal.html", {"refusal": view})
    assert re.search(
        r'form="run-form".*?name="confirm_cost"\s+value="true".*?Run it for up to 0\.50* USD', box, re.DOTALL
    )
    assert "Retry" not in box


async def test_what_is_too_long_is_told_at_its_field_and_offers_who_has_room(mine: Browser, provider: str) -> None:
    for name, window in (("echo", 2), ("echo@wide", 100_000)):
        facts = {"context_window": window}
        await in_database_thread(
            CatalogueModel.objects.create, id=f"{provider}/{name}", provider=provider, overrides=facts
        )
    refused = await send(mine, f"{provider}/echo", prompt="a long story " * 100)
    assert refused.status == 400
    assert re.search(r'id="error-prompt"[^>]*>[^<]*do not fit', refused.text)
    box = box_of(refused)
    assert "It is too long for this model." in box
    assert f'value="{provider}/echo@wide"' in box


@pytest.mark.parametrize("path", ["/executions", "/repeats", "/comparisons"])
async def test_what_came_too_soon_is_told_in_the_same_place(author: Person, path: str) -> None:
    request = RequestFactory().post(path, {"model_id": "openai/echo", "prompt": "hello"}, headers=HTMX)
    request.user = author.user  # type: ignore[assignment]
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    problem = Problem(429, "too_many_requests", "Try again in 7 seconds.", headers={"Retry-After": "7"})
    refused = await in_database_thread(page_of, request, problem)
    assert (refused.status_code, refused.headers["HX-Reswap"]) == (429, "none")
    text = refused.content.decode()
    assert "Too many requests at once." in text
    assert "Try again in 7 seconds." in text
    assert re.search(r"It may begin from\s+<time", text)


async def test_a_viewer_is_told_whom_to_ask(author: Person, stranger: Person, provider: str) -> None:
    theirs = await in_database_thread(browser_of, stranger)
    session = await PlaygroundSession.objects.aget(id=(await author.execute(f"{provider}/echo")).body["session_id"])
    await SessionMember.objects.acreate(session=session, user=stranger.user, role="viewer")
    refused = await send(theirs, f"{provider}/echo", session_id=str(session.id))
    assert refused.status == 403
    assert "Ask the owner of the session" in box_of(refused)


async def test_a_run_whose_session_is_gone_goes_to_another(author: Person, mine: Browser, provider: str) -> None:
    gone = (await author.post("/api/sessions", {"name": "Goes away"})).body["id"]
    await author.call("DELETE", f"/api/sessions/{gone}")
    refused = await send(mine, f"{provider}/echo", session_id=gone, prompt="kept words")
    assert refused.status == 404
    box = box_of(refused)
    assert "The session does not exist. It was deleted" in re.sub(r"\s*<[^>]+>\s*", " ", box).replace("  ", " ")
    assert "Retry" not in box
    assert author.user is not None
    other = await in_database_thread(PlaygroundSession.objects.default_of, author.user)
    assert f'name="session_id"\n          value="{other.id}">Run it in Playground</button>' in box
    # Without a script the page is there with the words and goes on in the other session, at an address of its own.
    page = await send(mine, f"{provider}/echo", headers={}, session_id=gone, prompt="kept words")
    assert "kept words" in page.text
    assert re.search(rf'name="session_id"\s+value="{other.id}"', page.text)
    form = {"model_id": f"{provider}/echo", "prompt": "kept words", "session_id": [gone, str(other.id)]}
    started = await mine.post("/executions", form=form, headers=HTMX)
    run = await PromptExecution.objects.aget(user=author.user)
    assert run.session_id == other.id
    assert started.headers["hx-redirect"] == f"/?execution={run.id}"


async def test_an_archived_session_offers_another(author: Person, mine: Browser, provider: str) -> None:
    old = (await author.post("/api/sessions", {"name": "Old"})).body["id"]
    await PlaygroundSession.objects.filter(id=old).aupdate(archived_at=timezone.now())
    box = box_of(await send(mine, f"{provider}/echo", session_id=old))
    assert "Run it in Playground" in box
    assert "Retry" in box


async def test_a_reply_is_refused_above_its_composer_and_keeps_the_form(
    author: Person, mine: Browser, provider: str
) -> None:
    first = (await author.execute(f"{provider}/echo", prompt="one")).body
    await PlaygroundSession.objects.filter(id=first["session_id"]).aupdate(archived_at=timezone.now())
    form = {"reply_to": first["id"], "reply": "two"}
    for headers in (HTMX, {}):
        refused = await mine.post("/executions", form=form, headers=headers)
        assert refused.status == 409
        box = box_of(refused)
        assert "The session is archived." in box
        assert 'form="reply"' in box
        if headers:
            assert 'id="variables"' not in refused.text


async def test_again_is_sent_again_as_it_was_and_empties_no_field(author: Person, mine: Browser, provider: str) -> None:
    off = {"model_id": f"{provider}/off"}
    await in_database_thread(CatalogueModel.objects.create, id=off["model_id"], provider=provider, overrides=WRONG)
    first = (await author.execute(f"{provider}/echo", prompt="one")).body
    for more in (off, {**off, "edited_prompt": 'on "two"'}, {"edited_prompt": "  "}):
        refused = await mine.post("/executions", form={"rerun": first["id"], **more}, headers=HTMX)
        assert refused.status >= 400
        box = box_of(refused)
        assert f'name="rerun" value="{first["id"]}"' in box
        if "edited_prompt" in more:
            assert f'name="edited_prompt" value="{more["edited_prompt"]}"' in box
        assert 'id="variables"' not in refused.text
        assert "error-prompt" not in refused.text
        as_page = await mine.post("/executions", form={"rerun": first["id"], **more}, headers={})
        assert "one" in as_page.text
        assert box_of(as_page)


async def test_a_refused_column_is_told_in_its_column(
    mine: Browser, provider: str, make_provider: MakeProvider
) -> None:
    other = await in_database_thread(make_provider)
    await in_database_thread(CatalogueModel.objects.create, id=f"{other}/echo", provider=other)
    await in_database_thread(CatalogueModel.objects.create, id=f"{provider}/off", provider=provider, overrides=WRONG)
    form = {"prompt": "hello", "variants.0.model_id": f"{provider}/echo", "variants.1.model_id": f"{provider}/off"}
    for headers in (HTMX, {}):
        refused = await mine.post("/comparisons", form=form, headers=headers)
        assert refused.status == 503
        first, second = [unescape(part) for part in re.split(r'id="variants-\d-problem"', refused.text)[1:3]]
        assert "refusal" not in first.partition("</section>")[0]
        assert "The model cannot be run now." in second
        assert re.search(rf'name="variants.1.model_id"\s+value="{other}/echo"', second)
        assert 'form="compare-form"' in second


async def test_a_max_cost_of_a_column_is_told_there_with_who_keeps_it(mine: Browser, provider: str) -> None:
    await priced_at(provider, dear=100, cheap=1)
    form = {
        "prompt": "hello",
        "variants.0.model_id": f"{provider}/echo@cheap",
        "variants.1.model_id": f"{provider}/echo@dear",
        "variants.1.parameters.max_cost": "0.01",
    }
    for headers in (HTMX, {}):
        refused = await mine.post("/comparisons", form=form, headers=headers)
        assert refused.status == 400
        second = unescape(re.split(r'id="variants-\d-problem"', refused.text)[2])
        assert "more than the max cost that is set" in second
        assert re.search(rf'name="variants.1.model_id"\s+value="{provider}/echo@cheap"', second)


async def test_columns_that_cost_too_much_together_name_the_dearest(
    admin: Person, author: Person, mine: Browser, provider: str
) -> None:
    """Of 0.01 USD one column may take 0.1, the other 0.006: the dearest can be one of 0.001, not one more of 0.006."""
    user = author.user
    assert user is not None
    await priced_at(provider, dear=100, some=6, cheap=1)
    limits = {"limits": [{"period": "day", "cost": 0.01}]}
    assert (await admin.call("PUT", f"/api/quotas/user/{user.id}", limits)).status == 200
    form = {
        "prompt": "hello",
        "variants.0.model_id": f"{provider}/echo@some",
        "variants.1.model_id": f"{provider}/echo@dear",
    }
    for headers in (HTMX, {}):
        refused = await mine.post("/comparisons", form=form, headers=headers)
        assert refused.status == 429
        box = box_of(refused)
        assert "Run column B with" in box
        assert re.findall(rf'name="variants.1.model_id"\s+value="{provider}/echo@(\w+)"', box) == ["cheap"], box
