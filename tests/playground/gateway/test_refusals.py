"""What the vendors' doors refuse, in the words of each vendor: `{"error": …}` of OpenAI, `{"type": "error", …}` of
Anthropic, whether a stream was asked for or not."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Answer, Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.playground.conftest import Ledger

__all__ = ["browser_of"]

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
COUNT = "/v1/messages/count_tokens"
DOORS = (CHAT, RESPONSES, MESSAGES)
HELLO: Any = [{"role": "user", "content": "Hello there"}]


def body_of(path: str, model: str, **more: Any) -> dict[str, Any]:
    """A request that holds."""
    own: dict[str, Any] = {"input": "Hello there"} if path == RESPONSES else {"messages": HELLO}
    return {"model": model, **own, **({"max_tokens": 64} if path == MESSAGES else {}), **more}


def told(path: str, answer: Answer) -> dict[str, Any]:
    """What the vendor's client reads of a refusal."""
    assert answer.headers["Content-Type"].startswith("application/json"), answer
    error: dict[str, Any] = answer.body["error"]
    if path in (MESSAGES, COUNT):
        assert answer.body["type"] == "error"
        assert set(error) == {"type", "message", "code"}
    else:
        assert set(error) == {"type", "message", "param", "code"}
    assert error["message"]
    return error


@pytest.mark.parametrize("path", [*DOORS, COUNT])
async def test_t27_a_browsers_session_opens_none_of_them(
    author: Person, provider: str, browser_of: BrowserOf, path: str
):
    browser = await in_database_thread(browser_of, author)
    answer = await Person(author.url, None).post(
        path, body_of(path, f"{provider}/echo"), headers={**browser.cookie_header, "X-CSRFToken": "0" * 32}
    )
    assert answer.status in (401, 403)
    assert told(path, answer)["type"] in ("authentication_error", "permission_error")


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("path", DOORS)
async def test_what_is_no_json_or_too_much_of_it(author: Person, path: str, is_streamed: bool):
    for data in (b"{", b"[]", b'"x"', b""):
        answer = await author.call("POST", path, data=data)
        assert (answer.status, told(path, answer)["type"]) == (400, "invalid_request_error"), data
    much = b'{"model": "openai/echo", "stream": %s, "x": "' % (b"true" if is_streamed else b"false") + b"x" * (8 << 20)
    answer = await author.call("POST", path, data=much + b'"}')
    assert answer.status == 413
    assert told(path, answer)["code"] == "too_large"


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("path", DOORS)
async def test_what_does_not_hold_is_named(author: Person, provider: str, path: str, is_streamed: bool):
    for model, more, status, word in (
        ("nobody/none", {}, 404, "model"),
        (f"template:{uuid.uuid4()}", {}, 404, "template"),
        (f"{provider}/echo", {"temperature": "warm"}, 400, "temperature"),
        (f"{provider}/echo", {"stream": "yes"}, 400, "stream"),
    ):
        given = body_of(path, model, **{"stream": is_streamed, **more})
        answer = await author.post(path, given)
        assert answer.status == status, (given, answer)
        assert word in told(path, answer)["message"].lower(), answer


@pytest.mark.parametrize("path", DOORS)
async def test_f14_a_key_runs_once_and_is_refused_for_another_body(
    author: Person, provider: str, ledger: Ledger, path: str
):
    name = f"echo@{uuid.uuid4().hex[:10]}"
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = await author.post(path, body_of(path, f"{provider}/{name}"), headers=key)
    again = await author.post(path, body_of(path, f"{provider}/{name}"), headers=key)
    assert (first.status, again.status) == (200, 200)
    assert first.headers["X-Execution-Id"] == again.headers["X-Execution-Id"]
    other = await author.post(path, body_of(path, f"{provider}/{name}", temperature=0.5), headers=key)
    assert other.status == 422
    assert told(path, other)["code"] == "idempotency_key_reused"
    assert len(await ledger.calls(name)) == 1


async def test_a_count_is_refused_as_its_message_is(author: Person, provider: str, stranger: Person):
    missing = await author.post(COUNT, body_of(COUNT, "nobody/none"))
    assert (missing.status, told(COUNT, missing)["type"]) == (404, "not_found_error")
    odd = await author.post(COUNT, body_of(COUNT, f"{provider}/echo", no_such_field=1))
    assert (odd.status, "no_such_field" in told(COUNT, odd)["message"]) == (400, True)
    short = await author.post(COUNT, body_of(COUNT, f"{provider}/echo"))
    assert short.status == 200, short
    tools = [{"name": "weather", "description": "x" * 300, "input_schema": {"type": "object", "properties": {}}}]
    more = await author.post(COUNT, body_of(COUNT, f"{provider}/echo", tools=tools))
    assert more.body["input_tokens"] >= short.body["input_tokens"] + 90
    content = {"name": "Long", "category": "C", "prompt": "word " * 300, "model_id": f"{provider}/echo"}
    template = (await author.post("/api/templates", content)).body["id"]
    of_template = await author.post(COUNT, body_of(COUNT, f"template:{template}"))
    assert of_template.body["input_tokens"] >= 500
    assert (await stranger.post(COUNT, body_of(COUNT, f"template:{template}"))).status == 404


async def test_t03_templates_of_others_are_no_models(author: Person, stranger: Person, provider: str):
    content = {"name": f"Mine {uuid.uuid4().hex[:8]}", "category": "C", "prompt": "x", "model_id": f"{provider}/echo"}
    made = (await author.post("/api/templates", content)).body
    before = [each["id"] for each in (await author.get("/v1/models")).body["data"] if made["slug"] in each["id"]]
    labelled = await author.call("PUT", f"/api/templates/{made['id']}/labels/production", {"version": 1})
    assert labelled.status == 200, labelled
    named = f"template:{made['slug']}@production"
    assert named not in before
    listed = {each["id"] for each in (await author.get("/v1/models")).body["data"]}
    assert named in listed
    assert (await author.get(f"/v1/models/{named}")).body["id"] == named
    ran = await author.post(CHAT, body_of(CHAT, named))
    assert ran.status == 200, ran
    theirs = {each["id"] for each in (await stranger.get("/v1/models")).body["data"]}
    assert named not in theirs
    assert f"template:{made['id']}@production" not in theirs
    for missing in (named, f"template:{made['id']}@production"):
        assert (await stranger.get(f"/v1/models/{missing}")).status == 404
    assert (await author.get(f"/v1/models/template:{made['slug']}@staging")).status == 404
