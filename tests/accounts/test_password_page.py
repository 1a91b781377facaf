"""A password of one's own under /settings: the first of whom a link let in, and another one."""

from __future__ import annotations

from html import unescape

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from accounts.admin.users import UserAdmin
from accounts.models import User
from accounts.pages.password import may_have_password
from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.servers.service import Service

PHRASE = "a long enough phrase"
NEW = "another long enough phrase"


async def signed_in(service: Service, password: str | None) -> tuple[User, Browser]:
    """Somebody with this password, or with none, in a browser of theirs."""

    def made() -> User:
        user = new_user()
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save()
        return user

    user = await in_database_thread(made)
    return user, await in_database_thread(browser_of, Person(service.url, user))


async def may_sign_in(service: Service, user: User, password: str) -> bool:
    """Whether the sign-in page lets this person in."""
    form = {"username": user.username, "password": password}
    return (await Browser(service.url).post("/login", form=form)).status == 302


async def test_whom_a_link_let_in_sets_a_first_password(service: Service) -> None:
    user, browser = await signed_in(service, None)
    assert "You have no password yet" in (await browser.get("/settings")).text
    assert "Present password" not in (await browser.get("/settings/password")).text
    assert (await browser.post("/settings/password", form={"new_password1": NEW, "new_password2": NEW})).status == 302
    assert await may_sign_in(service, user, NEW)


async def test_another_password_needs_the_present_one(service: Service) -> None:
    user, browser = await signed_in(service, PHRASE)
    assert "You have no password yet" not in (await browser.get("/settings")).text
    given = {"old_password": "a wrong phrase", "new_password1": NEW, "new_password2": NEW}
    refused = await browser.post("/settings/password", form=given)
    assert refused.status == 400
    assert 'href="#old_password"' in refused.text
    assert await may_sign_in(service, user, PHRASE)
    assert (await browser.post("/settings/password", form={**given, "old_password": PHRASE})).status == 302
    assert await may_sign_in(service, user, NEW)
    assert (await browser.get("/settings")).status == 302, "of before the change: signed out"


@pytest.mark.parametrize(
    ("first", "again", "place", "reason"),
    [
        ("short", "short", "new_password2", "at least 10 characters"),
        ("password123", "password123", "new_password2", "too common"),
        (NEW, "something else", "new_password2", "match"),
        ("", NEW, "new_password1", "Fill this in."),
    ],
)
async def test_a_refused_password_says_why_at_its_field(
    service: Service, first: str, again: str, place: str, reason: str
) -> None:
    _, browser = await signed_in(service, None)
    refused = await browser.post("/settings/password", form={"new_password1": first, "new_password2": again})
    assert refused.status == 400
    assert reason in unescape(refused.text.partition(f'id="error-{place}"')[2].partition("</p>")[0])
    assert NEW not in refused.text


def test_where_a_provider_lets_people_in_nobody_begins_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    user = User(username="pat")
    user.set_unusable_password()
    assert may_have_password(user)
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update={"oidc_issuer": "https://id.example.org"}))
    assert not may_have_password(user)
    user.set_password(PHRASE)
    assert may_have_password(user)


@pytest.mark.django_db
@pytest.mark.parametrize("is_service", [False, True])
def test_a_person_made_in_the_admin_comes_with_the_link_that_lets_them_in(*, is_service: bool) -> None:
    request = RequestFactory().post("/admin/accounts/user/add/")
    request.user = AnonymousUser()
    storage = CookieStorage(request)
    request._messages = storage  # type: ignore[attr-defined]
    user = User(username="newcomer", is_service=is_service)
    UserAdmin(User, None).save_model(request, user, None, change=False)  # type: ignore[arg-type]
    told = [str(message) for message in storage]
    assert [("/sign-in/" in each, "within 24 hours" in each) for each in told] == ([] if is_service else [(True, True)])
    assert not user.has_usable_password()
