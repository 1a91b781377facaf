"""T16, T44, T47: guessing is braked wherever a password is taken, and nobody else is; one function makes sessions."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import SignInLink, User
from accounts.signing_in import make_link
from accounts.tasks import forget_old_sign_ins
from foundation.database.threads import in_database_thread
from tests.cast import Answer, Person
from tests.doors.browser import Browser, browser_of
from tests.servers.service import Service, Web

PHRASE = "a long enough phrase"
LIMIT = settings.AXES_FAILURE_LIMIT
OURS = ("accounts", "config", "foundation", "history", "integrations", "playground", "providers", "sessions_app")


async def account(name: str, **fields: Any) -> User:
    """An account whose password is PHRASE."""
    return await in_database_thread(lambda: User.objects.create_user(name, PHRASE, **fields))


async def token(url: str, name: str, password: str, **headers: str) -> Answer:
    """What the token door says."""
    body = {"username": name, "password": password}
    return await Person(url, None).post("/api/auth/token", body, headers=headers)


async def form(url: str, name: str, password: str, **headers: str) -> Answer:
    """What the sign-in page says."""
    return await Browser(url).post("/login", form={"username": name, "password": password}, headers=headers)


DOORS = {"token": (token, 200), "form": (form, 302)}


@pytest.mark.parametrize("door", DOORS)
async def test_t47_any_number_of_right_sign_ins_is_let_in(service: Service, door: str):
    ask, right = DOORS[door]
    for number in range(3):
        await account(f"pat-{number}")
    answers = [await ask(service.url, f"pat-{number % 3}", PHRASE) for number in range(LIMIT + 2)]
    assert {answer.status for answer in answers} == {right}


@pytest.mark.parametrize("door", DOORS)
async def test_t16_an_account_is_braked_after_so_many_failures_at_any_door(service: Service, door: str):
    ask, _ = DOORS[door]
    await account("pat")
    for name in ("pat", "nobody"):
        assert [(await ask(service.url, name, f"guess {n}")).status for n in range(LIMIT // 2)] == [401] * (LIMIT // 2)
    for ask_again, _ in DOORS.values():
        refused = await ask_again(service.url, "pat", PHRASE)
        assert refused.status == 429
        assert 0 < int(refused.headers["Retry-After"]) <= settings.AXES_COOLOFF_TIME.total_seconds() + 1
    assert (await token(service.url, "pat", PHRASE)).body["code"] == "too_many_tries"


async def test_t47_an_address_that_the_caller_names_is_not_believed(service: Service):
    await account("pat")
    for number in range(LIMIT):
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        assert (await token(service.url, f"somebody-{number}", "guess", **headers)).status == 401
    assert (await token(service.url, "pat", PHRASE, **{"X-Forwarded-For": "203.0.113.99"})).status == 429
    assert (await token(service.url, "pat", PHRASE, Forwarded="for=203.0.113.99")).status == 429


@pytest.fixture
async def behind_proxy(service: Service) -> AsyncIterator[Web]:
    """A web process that believes proxies on this machine and in 10.0.0.0/8."""
    process = await asyncio.to_thread(Web, {**service.environment, "TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"})
    yield process
    await asyncio.to_thread(process.stop)


async def test_t47_behind_a_configured_proxy_each_caller_is_counted_apart(behind_proxy: Web):
    url = behind_proxy.url
    await account("pat")
    for number in range(LIMIT):
        # What the caller wrote itself stands before what the proxies wrote.
        chain = f"192.0.2.{number}, 203.0.113.7, 10.1.1.1"
        assert (await token(url, f"somebody-{number}", "guess", **{"X-Forwarded-For": chain})).status == 401
    assert (await token(url, "pat", PHRASE, **{"X-Forwarded-For": "203.0.113.7"})).status == 429
    assert (await token(url, "pat", PHRASE, **{"X-Forwarded-For": "198.51.100.1, 203.0.113.7:4711"})).status == 429
    assert (await token(url, "pat", PHRASE, **{"X-Forwarded-For": "203.0.113.7, 198.51.100.1"})).status == 200
    assert (await token(url, "pat", PHRASE)).status == 200


async def test_t47_one_households_ipv6_addresses_are_one(behind_proxy: Web):
    await account("pat")
    for number in range(LIMIT):
        headers = {"X-Forwarded-For": f"2001:db8:1:2:{number}::1"}
        assert (await token(behind_proxy.url, f"somebody-{number}", "guess", **headers)).status == 401
    assert (await token(behind_proxy.url, "pat", PHRASE, **{"X-Forwarded-For": "[2001:db8:1:2:ffff::1]"})).status == 429
    assert (await token(behind_proxy.url, "pat", PHRASE, **{"X-Forwarded-For": "2001:db8:1:3::1"})).status == 200


async def test_t47_a_success_clears_its_own_accounts_failures_alone(service: Service):
    for name in ("pat", "guesser"):
        await account(name)
    for name in ("pat", "Pat"):
        for _ in range(LIMIT // 2):
            assert (await form(service.url, name, "guess")).status == 401
        assert (await form(service.url, "pat", PHRASE)).status == 302
    statuses = []
    for _ in range(LIMIT // 2 + 1):
        statuses += [(await token(service.url, name, "guess")).status for name in ("pat", "PAT")]
        await token(service.url, "guesser", PHRASE)
    assert statuses == [401] * LIMIT + [429] * 2


async def test_t16_many_guesses_at_once_are_each_counted(service: Service):
    await account("pat")
    answers = await asyncio.gather(*(token(service.url, "pat", f"guess {n}") for n in range(3 * LIMIT)))
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {401, 429}
    assert statuses.count(401) == LIMIT


async def test_t16_missing_inactive_and_passwordless_accounts_answer_like_a_wrong_password(service: Service):
    await account("pat")
    await account("gone", is_active=False)
    await in_database_thread(User.objects.create_user, "by-link", None)
    names = {"pat": "guess", "gone": PHRASE, "by-link": "", "nobody": "guess"}
    bodies = []
    for name, password in names.items():
        bodies.append((await token(service.url, name, password or "x")).body)
        page = await form(service.url, name, password)
        assert page.status == 401
        bodies.append("Name and password do not match an account." in page.text)  # type: ignore[attr-defined]
    assert bodies == bodies[:2] * len(names)


async def test_t47_old_failures_are_forgotten(service: Service):
    await account("pat")
    for _ in range(LIMIT):
        await token(service.url, "pat", "guess")
    assert (await token(service.url, "pat", PHRASE)).status == 429
    old = timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1)
    await in_database_thread(lambda: AccessAttempt.objects.update(attempt_time=old))
    assert (await token(service.url, "pat", PHRASE)).status == 200


@pytest.mark.django_db
def test_t47_what_counts_no_longer_goes(service: Service):
    user = User.objects.create_user("pat", None)
    now = timezone.now()
    for age in (timedelta(minutes=1), timedelta(days=1)):
        failed = AccessAttempt.objects.create(username=str(age), failures_since_start=1)
        AccessAttempt.objects.filter(pk=failed.pk).update(attempt_time=now - age)
        make_link(user, now=now - age)
        Session.objects.create(session_key=f"session-{age.days}", session_data="", expire_date=now - age)
    Session.objects.create(session_key="living", session_data="", expire_date=now + timedelta(days=1))
    for _ in range(2):
        forget_old_sign_ins(added_later=1)
        assert [attempt.attempt_time for attempt in AccessAttempt.objects.all()] == [now - timedelta(minutes=1)]
        assert [link.expires_at for link in SignInLink.objects.filter(user=user)] == [
            now + timedelta(days=1, minutes=-1)
        ]
        assert list(Session.objects.filter(session_key__startswith="session-")) == []
    assert Session.objects.filter(session_key="living").exists()


async def test_t10_the_brake_keeps_no_form(service: Service):
    for name in ("pat", "n" * 5_000):
        browser = Browser(service.url)
        given = {"username": name, "password": "canary-password", "next": "canary-next", "more": "m" * 100_000}
        answer = await browser.post("/login?canary-query=1", form=given, headers={"User-Agent": "canary-agent"})
        assert answer.status == 401
    rows = await in_database_thread(lambda: [str(vars(row)) for row in AccessAttempt.objects.all()])
    assert len(rows) == 2
    assert all("canary" not in row and len(row) < 2_000 for row in rows)


# T44: other ways in


async def test_t44_the_admin_has_no_sign_in_of_its_own(service: Service):
    await account("root", is_staff=True, is_superuser=True)
    person = await account("pat")
    pat = await in_database_thread(browser_of, Person(service.url, person))
    for browser in (Browser(service.url), pat):
        for path in ("/admin/login/", "/admin/login/?next=/admin/accounts/user/"):
            for method in ("GET", "POST"):
                given = {"username": "root", "password": PHRASE} if method == "POST" else None
                answer = await browser.call(method, path, form=given)
                assert answer.status == 302
                assert answer.headers["Location"].startswith("/login?next=")
                assert "sessionid" not in answer.headers.get("Set-Cookie", "")
    leads = await pat.get("/admin/accounts/user/")
    assert (leads.status, leads.headers["Location"]) == (302, "/admin/login/?next=/admin/accounts/user/")
    led = await pat.get(leads.headers["Location"])
    assert led.headers["Location"] == "/login?next=%2Fadmin%2Faccounts%2Fuser%2F"
    page = await pat.get(led.headers["Location"])
    assert page.status == 200
    assert "who may not see that page" in page.text
    entered = await pat.post("/login", form={"username": "root", "password": PHRASE, "next": "/admin/"})
    assert (entered.status, entered.headers["Location"]) == (302, "/admin/")


async def test_t44_the_old_password_is_no_way_to_guess(service: Service):
    root = await account("root", is_staff=True, is_superuser=True)
    browser = await in_database_thread(browser_of, Person(service.url, root))
    new = {"new_password1": "another long phrase", "new_password2": "another long phrase"}
    assert (await browser.get("/admin/password_change/")).status == 200
    for number in range(LIMIT):
        wrong = await browser.post("/admin/password_change/", form={"old_password": f"guess {number}", **new})
        assert wrong.status == 200
        assert "entered incorrectly" in wrong.text
    refused = await browser.post("/admin/password_change/", form={"old_password": PHRASE, **new})
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    await in_database_thread(AccessAttempt.objects.all().delete)
    done = await browser.post("/admin/password_change/", form={"old_password": PHRASE, **new})
    assert (done.status, done.headers["Location"]) == (302, "/admin/password_change/done/")
    assert (await token(service.url, "root", "another long phrase")).status == 200


def test_t44_one_function_makes_sessions():
    makers = []
    for app in OURS:
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.contrib.auth"):
                    taken = {alias.name for alias in node.names} & {
                        "login",
                        "alogin",
                        "LoginView",
                        "AuthenticationForm",
                    }
                    makers += [f"{path.relative_to(settings.BASE_DIR)}: {name}" for name in sorted(taken)]
    assert makers == ["accounts/signing_in.py: login"]
