"""T09, T10: after an act of every kind no prompt, key, password or token is anywhere in clear.

Looked through: every column as it is stored, every key and value of Valkey, files of the data folder (the servers'
own among them), and the logs of a web process and a worker.
"""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from config.environment import secrets
from foundation.database.threads import in_database_thread
from foundation.processes import launch
from foundation.supervisor import programs
from privacy.erasure.searching import search
from tests.accounts.oidc_provider import CLIENT_SECRET, Provider, Window
from tests.cast import Person, new_user
from tests.doors.browser import Browser
from tests.faults.planted import PROMPT, Acts
from tests.faults.test_leaks import database_hits, file_hits, found_in, valkey_hits
from tests.playground.conftest import MakeProvider
from tests.servers.service import Service, Web
from tests.servers.webhook_sink import WebhookSink

KEY = "zq7-planted-key-5b1c-d9"
PASSWORD, WRONG_PASSWORD = "planted heron 71 over water", "planted wrong 72 over water"
HEAD_SECRET = "planted-head-secret-83b1-long-enough"
SEALED_IN = {
    "playground_sessions", "prompt_executions", "execution_comments", "execution_ratings", "prompt_templates",
    "template_versions", "template_label_requests", "evaluation_dataset_cases", "review_labels", "file", "valkey",
}  # fmt: skip
"""Where the prompt is, once all is opened."""


def of_the_installation() -> list[str]:
    """What signs and encrypts, as it may be written."""
    kept = secrets()
    keys = [form(key) for key in kept.encryption_keys for form in (bytes.hex, _base64, _url_base64)]
    return [kept.secret_key, kept.jwt_secret, *keys]


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _url_base64(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


async def signed_in_and_refused(url: str, user: User, provider: Provider) -> list[str]:
    """Sign-ins that succeed and fail, by password, link, provider and token; what was secret in them."""
    browser = Browser(url)
    for password in (WRONG_PASSWORD, PASSWORD):
        form = {"username": user.username, "password": password}
        assert (await browser.post("/login", form=form)).status in (302, 401)
    await browser.post("/login", form={"username": "nobody-of-this-name", "password": WRONG_PASSWORD})
    window = Window(url)
    assert (await window.get(await window.come_back())).status in (200, 302)
    provider.fails = {"token"}
    other = Window(url)
    assert (await other.get(await other.come_back())).status >= 400
    for token in ("no-token-" + KEY, f"{KEY}.{KEY}.{KEY}"):
        assert (await Person(url, None, token=token).get("/api/auth/me")).status == 401
    return list(provider.tokens)


async def a_token(person: Person) -> str:
    """An API token that was used, and then revoked."""
    made = await person.post("/api/auth/tokens", {"name": "Used", "scopes": ["read"]})
    assert made.status == 201, made.body
    token = str(made.body["secret"] if "secret" in made.body else made.body["token"])
    assert (await Person(person.url, None, token=token).get("/api/sessions")).status == 200
    return token


async def test_t09_t10_after_an_act_of_every_kind_nothing_is_in_clear(
    service: Service, make_provider: MakeProvider, capfd: pytest.CaptureFixture[str]
) -> None:
    oidc = Provider()
    runner = await oidc.start()
    with WebhookSink() as sink:
        more = {**oidc.environment, "AUDIT_HEAD_WEBHOOK": sink.url, "AUDIT_HEAD_SECRET": HEAD_SECRET}
        environment = {**service.environment, **more}
        # Processes that are started here write their logs where this test can read them.
        worker = launch(programs.worker(), folder=programs.ROOT, environment=environment)
        web = await asyncio.to_thread(Web, environment)
        try:
            user = await in_database_thread(new_user)
            user.set_password(PASSWORD)
            await user.asave()
            person = Person(web.url, user)
            provider = await in_database_thread(make_provider, "openai", credentials={"api_key": KEY})
            tokens = await signed_in_and_refused(web.url, user, oidc)
            tokens.append(await a_token(person))
            await Acts(person, provider).all()
        finally:
            await asyncio.to_thread(web.stop)
            worker.terminate()
            await asyncio.to_thread(worker.wait, 30)
            await runner.cleanup()
    written = await in_database_thread(lambda: {find.kind for find in search([PROMPT])})
    assert written >= SEALED_IN, "the acts have written there: what is searched below is not empty"
    words = [
        PROMPT, KEY, PASSWORD, WRONG_PASSWORD, HEAD_SECRET, CLIENT_SECRET, person.token, *tokens,
        *await in_database_thread(of_the_installation),
    ]  # fmt: skip
    log = "".join(capfd.readouterr())
    assert "/api/prompts/execute" in log
    hits = found_in(log.encode(), "the log", words)
    hits += await asyncio.to_thread(lambda: list(database_hits(service.environment["DATABASE_URL"], words)))
    hits += await valkey_hits(service.environment["REDIS_URL"], words)
    hits += [hit for hit in await asyncio.to_thread(files, words) if not hit.endswith(" in secrets.json")]
    assert hits == []


def files(words: list[str]) -> list[Any]:
    """Finds in the data folder; the one file that keeps the installation's own secrets aside."""
    return file_hits(settings.DATA_DIR, words)
