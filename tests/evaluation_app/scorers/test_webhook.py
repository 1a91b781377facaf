"""Programs of somebody's own: what they are sent, how it is signed, and what of their answers counts."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from pytest_django.fixtures import Settings

from evaluation_app.scorers.errors import InvalidScorer, ScorerError
from evaluation_app.scorers.outside.desk import Desk
from evaluation_app.scorers.outside.webhook import Webhook
from evaluation_app.scorers.running import score_anyhow
from evaluation_app.scorers.sample import Sample, Score
from foundation.http.standard_webhooks import signed
from tests.cast import Person


class Signing:
    """A desk of which webhooks use the secret and the name alone."""

    is_repeated = False
    secret = b"s" * 32
    name = uuid.UUID(int=7)


class Program:
    """Somebody's program: answers in turn what it is told to."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.asked: list[tuple[dict[str, str], bytes]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        if not self.answers:
            await asyncio.sleep(30)
        return self.answers.pop(0)


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
async def address(program: Program, settings: Settings) -> AsyncIterator[str]:
    """Where it listens: on this machine, which the operator has allowed."""
    app = web.Application()
    app.router.add_post("/judge", program.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/judge"
    settings.ENV = settings.ENV.model_copy(update={"evaluation_webhook_hosts": (urlsplit(url).netloc,)})
    yield url
    await runner.cleanup()


async def said(url: str, **params: Any) -> Score:
    scorer = Webhook.of({"url": url, **params})
    sample = Sample("An answer", expected="what is right", variables={"a": 1}, latency=0.5)
    return await score_anyhow(scorer, sample, cast(Desk, Signing()))


async def test_it_is_sent_the_answer_signed_and_says_whether_it_passes(program: Program, address: str) -> None:
    program.answers = [web.json_response({"passed": True, "value": 0.75, "reason": "As it should be."})]
    score = await said(address)
    assert (score.value, score.passed, score.reason) == (0.75, True, "As it should be.")
    (headers, body) = program.asked[0]
    assert json.loads(body) == {
        "output": "An answer", "expected": "what is right", "variables": {"a": 1}, "latency": 0.5, "cost": None,
    }  # fmt: skip
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(Signing.secret, told, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["webhook-id"] == str(Signing.name)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example that its libraries are tested with."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed(secret, name="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_fault_of_its_own_is_asked_once_more_under_the_same_id(program: Program, address: str) -> None:
    program.answers = [web.Response(status=503), web.json_response({"passed": False})]
    score = await said(address)
    assert (score.value, score.passed) == (0.0, False)
    assert program.asked[0][0]["webhook-id"] == program.asked[1][0]["webhook-id"]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([web.Response(status=404)], "status 404"),
        ([web.Response(status=302, headers={"Location": "http://169.254.169.254/"})], "status 302"),
        ([web.Response(status=500), web.Response(status=500)], "status 500"),
        ([web.Response(text="fine")], "no JSON"),
        ([web.json_response({"ok": True})], "whether it passed"),
        ([web.json_response({"passed": "yes"})], "whether it passed"),
        ([web.json_response({"passed": True, "value": 7})], "from 0 to 1"),
        ([web.json_response({"passed": True, "value": True})], "from 0 to 1"),
        ([web.json_response({"passed": True, "reason": "x" * 70_000})], "no answer"),
    ],
)
async def test_an_answer_that_says_nothing_is_no_wrong_answer(
    program: Program, address: str, answers: list[web.Response], words: str
) -> None:
    program.answers = list(answers)
    with pytest.raises(ScorerError) as refused:
        await said(address)
    assert refused.value.code == "webhook_failed"
    assert words in refused.value.sentence


async def test_it_has_so_much_time(program: Program, address: str) -> None:
    with pytest.raises(ScorerError, match="no answer"):
        await said(address, timeout_seconds=0.2)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/judge",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://2130706433/",
        "http://localhost/",
        "ftp://example.org/",
        "http://user:secret@example.org/",
        "no address",
    ],
)
async def test_t08_no_way_into_our_own_networks(url: str) -> None:
    with pytest.raises(InvalidScorer, match="not called") as refused:
        Webhook.of({"url": url})
    assert refused.value.field == "url"


async def test_t08_a_name_that_leads_into_our_networks_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """It passes as a name, and is looked up when it is called."""
    import socket

    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        is_looked_up = host == "scorer.example.org" and not kwargs.get("flags", 0) & socket.AI_NUMERICHOST
        return real("127.0.0.1" if is_looked_up else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(ScorerError, match="no answer"):
        await said("http://scorer.example.org/judge", timeout_seconds=2)


async def test_everybody_has_a_secret_of_their_own(author: Person, stranger: Person) -> None:
    mine, again, theirs = [
        (await person.call("GET", "/api/evaluation/scorers/webhook-secret")).body["secret"]
        for person in (author, author, stranger)
    ]
    assert mine == again != theirs
    assert mine.startswith("whsec_")
    assert len(base64.b64decode(mine.removeprefix("whsec_"))) == 32
