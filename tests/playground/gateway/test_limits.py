"""T03, T37 at the vendors' doors: money and limits that are used up, and what is not one's own, in each vendor's shape,
whether a stream was asked for or not."""

from __future__ import annotations

import uuid
from typing import Any

import anthropic
import openai
import pytest

from accounts.models import Role
from foundation.database.threads import in_database_thread
from privacy.models import MaskingRules
from providers.models import CatalogueModel
from tests.cast import Answer, Person, new_user
from tests.playground.conftest import Ledger, MakeProvider
from tests.playground.gateway.test_chat import client_of as openai_of
from tests.playground.gateway.test_files import body_with, part_of, place
from tests.playground.gateway.test_messages import client_of as anthropic_of
from tests.playground.gateway.test_refusals import CHAT, DOORS, HELLO, MESSAGES, body_of, told
from tests.playground.media import data_url, pdf
from tests.playground.test_billing import priced
from tests.privacy.conftest import spoilt
from tests.quotas.test_quotas import of_user, second_web, set_limits
from tests.servers.service import Service, Web

__all__ = ["second_web"]

STREAMED = pytest.mark.parametrize("is_streamed", [False, True])
PATHS = pytest.mark.parametrize("path", DOORS)
KINDS = {
    402: ("insufficient_quota", "billing_error"),
    403: ("permission_error", "permission_error"),
    404: ("invalid_request_error", "not_found_error"),
    429: ("insufficient_quota", "rate_limit_error"),
    503: ("server_error", "overloaded_error"),
}
"""OpenAI's and Anthropic's words for each status."""


def check(path: str, answer: Answer, status: int, code: str) -> None:
    """A refusal in the vendor's own words, before any stream began."""
    assert answer.status == status, answer.body
    error = told(path, answer)
    assert (error["type"], error["code"]) == (KINDS[status][path == MESSAGES], code)


@PATHS
@STREAMED
async def test_t37_a_dear_call_asks_and_goes_on_when_it_is_confirmed(
    author: Person, second_web: Web, provider: str, ledger: Ledger, path: str, is_streamed: bool
):
    model = f"tokens-8@{uuid.uuid4().hex[:8]}"
    await priced(f"{provider}/{model}", input_per_million=1, output_per_million=10)
    there = author.at(second_web.url)
    limit = {"max_output_tokens" if path == "/v1/responses" else "max_tokens": 20_000}
    body = {**body_of(path, f"{provider}/{model}", stream=is_streamed), **limit}
    check(path, await there.post(path, body), 402, "cost_confirmation_required")
    assert await ledger.calls(model) == []
    assert (await there.post(path, {**body, "confirm_cost": True})).status == 200


@PATHS
@STREAMED
async def test_t37_a_run_that_reaches_its_cost_is_a_402(author: Person, provider: str, path: str, is_streamed: bool):
    model = f"{provider}/fault-500@{uuid.uuid4().hex[:8]}"
    await priced(model, input_per_million=1, output_per_million=10)
    limit = {"max_output_tokens" if path == "/v1/responses" else "max_tokens": 100}
    body = {**body_of(path, model, max_cost=0.0025, stream=is_streamed), **limit}
    check(path, await author.post(path, body), 402, "limit_reached")


@PATHS
@STREAMED
async def test_t37_a_budget_that_is_spent_is_a_429_that_says_when(
    author: Person, service: Service, provider: str, ledger: Ledger, path: str, is_streamed: bool
):
    admin = Person(service.url, await in_database_thread(lambda: new_user(roles=[Role.ADMIN])))
    model = f"echo@{uuid.uuid4().hex[:8]}"
    await priced(f"{provider}/{model}", input_per_million=1, output_per_million=10)
    await set_limits(admin, await of_user(author), {"period": "month", "cost": 0.000001})
    answer = await author.post(path, body_of(path, f"{provider}/{model}", stream=is_streamed))
    check(path, answer, 429, "quota_exceeded")
    assert int(answer.headers["Retry-After"]) > 0
    assert "USD a month" in told(path, answer)["message"]
    assert await ledger.calls(model) == []


@PATHS
@STREAMED
async def test_t03_others_sessions_are_not_run_in(
    author: Person, stranger: Person, provider: str, path: str, is_streamed: bool
):
    session = (await author.post("/api/sessions", {"name": "Private"})).body["id"]
    body = body_of(path, f"{provider}/echo", session_id=session, stream=is_streamed)
    check(path, await stranger.post(path, body), 404, "not_found")
    assert stranger.user is not None
    members = {"members": [{"user_id": str(stranger.user.id), "role": "viewer"}]}
    assert (await author.call("PUT", f"/api/sessions/{session}/share", members)).status == 200
    check(path, await stranger.post(path, body), 403, "forbidden")
    assert (await author.post(path, body)).status == 200


@PATHS
@STREAMED
async def test_a_model_that_is_not_to_be_used_is_refused(
    author: Person, make_provider: MakeProvider, provider: str, path: str, is_streamed: bool
):
    model = f"{provider}/echo@{uuid.uuid4().hex[:8]}"
    odd = {"input_per_million": "x"}
    await in_database_thread(lambda: CatalogueModel.objects.create(id=model, provider=provider, overrides=odd))
    check(path, await author.post(path, body_of(path, model, stream=is_streamed)), 503, "model_unavailable")
    off = await in_database_thread(lambda: make_provider(is_enabled=False))
    check(path, await author.post(path, body_of(path, f"{off}/echo", stream=is_streamed)), 404, "unknown_provider")


@PATHS
@STREAMED
async def test_a_project_that_masks_sends_no_file_and_nothing_that_it_cannot_mask(
    author: Person, provider: str, ledger: Ledger, path: str, is_streamed: bool
):
    project, model = uuid.uuid4().hex, f"echo@{uuid.uuid4().hex[:8]}"
    await in_database_thread(lambda: MaskingRules.objects.create(project_id=project, email=True))
    session = (await author.post("/api/sessions", {"name": "Masked", "project_id": project})).body["id"]
    more = {"session_id": session, "stream": is_streamed}
    file = part_of(path, data=data_url(pdf(), "application/pdf").partition(",")[2])
    refused = await author.post(path, body_with(path, f"{provider}/{model}", file, **more))
    assert refused.status == 400, refused.body
    assert told(path, refused)["message"].startswith(f"{place(path)}: This project masks"), refused.body
    assert await ledger.calls(model) == []


@PATHS
@STREAMED
async def test_where_nobody_knows_what_to_mask_nothing_is_sent(
    author: Person, provider: str, ledger: Ledger, path: str, is_streamed: bool
):
    project, model = uuid.uuid4().hex, f"echo@{uuid.uuid4().hex[:8]}"
    await in_database_thread(lambda: MaskingRules.objects.create(project_id=project, email=True))
    await in_database_thread(spoilt, project)
    session = (await author.post("/api/sessions", {"name": "Masked", "project_id": project})).body["id"]
    body = body_of(path, f"{provider}/{model}", session_id=session, stream=is_streamed)
    check(path, await author.post(path, body), 503, "masking_unreadable")
    assert await ledger.calls(model) == []


@STREAMED
async def test_official_clients_raise_their_own_classes(
    author: Person, service: Service, provider: str, is_streamed: bool
):
    admin = Person(service.url, await in_database_thread(lambda: new_user(roles=[Role.ADMIN])))
    model = f"{provider}/tokens-8@{uuid.uuid4().hex[:8]}"
    await priced(model, input_per_million=1, output_per_million=10)
    ours: Any = openai_of(author, max_retries=0).chat.completions.create
    theirs: Any = anthropic_of(author, max_retries=0).messages.create
    await set_limits(admin, await of_user(author), {"period": "month", "cost": 0.000001})
    with pytest.raises(openai.RateLimitError) as spent:
        await ours(model=model, messages=HELLO, stream=is_streamed)
    assert (spent.value.type, spent.value.code) == ("insufficient_quota", "quota_exceeded")
    with pytest.raises(anthropic.RateLimitError):
        await theirs(model=model, messages=HELLO, max_tokens=64, stream=is_streamed)
    session = {"session_id": str(uuid.uuid4())}
    with pytest.raises(openai.NotFoundError):
        await ours(model=model, messages=HELLO, stream=is_streamed, extra_body=session)
    with pytest.raises(anthropic.NotFoundError):
        await theirs(model=model, messages=HELLO, max_tokens=64, stream=is_streamed, extra_body=session)
    assert (await author.post(CHAT, body_of(CHAT, model))).status == 429
