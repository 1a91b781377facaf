"""T31, T09: a key goes to the address that it was saved for, and to nobody's eyes."""

from __future__ import annotations

import re
import uuid
from typing import Any

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from providers.models import Provider
from providers.registry import Registry
from tests.cast import Person, new_user
from tests.doors.browser import Browser, Page
from tests.doors.conftest import BrowserOf
from tests.playground.conftest import MakeProvider
from tests.servers.service import Service

KEY = "zq-canary-key-of-a-provider-7f3a"
FIELD = re.compile(r'<(?:input|select|textarea)[^>]*\bname="(?P<name>[^"]+)"[^>]*>')
ADDRESSES = [
    {"base_url": "https://evil.example.org/v1"},
    {"base_url": "https://models.example.org/v2"},
    {"base_url": ""},
    {"wire": "anthropic"},
    {"wire": "litellm", "litellm_prefix": "groq"},
    {"litellm_prefix": "groq"},
    {"python_class": "somewhere.Else"},
]


def saved(**fields: Any) -> Provider:
    """A provider with a key, as the database has it."""
    row = Provider(slug=f"p{uuid.uuid4().hex[:8]}", name="P", base_url="https://models.example.org/v1", **fields)
    row.set_key(KEY)
    row.save()
    return again(row)


def again(row: Provider) -> Provider:
    """The row read anew."""
    return Provider.objects.get(pk=row.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("change", ADDRESSES)
def test_t31_another_address_clears_the_key(change: dict[str, str]):
    row = saved()
    for name, value in change.items():
        setattr(row, name, value)
    row.save()
    assert again(row).credentials is None


@pytest.mark.django_db
@pytest.mark.parametrize("change", ADDRESSES[:2])
def test_t31_another_address_clears_the_key_when_only_that_field_is_saved(change: dict[str, str]):
    row = saved()
    for name, value in change.items():
        setattr(row, name, value)
    row.save(update_fields=list(change))
    assert again(row).credentials is None
    assert again(row).base_url == change["base_url"]


@pytest.mark.django_db
def test_t31_an_address_that_goes_and_comes_back_has_lost_its_key():
    row = saved()
    for url in ("https://evil.example.org", "https://models.example.org/v1"):
        row.base_url = url
        row.save()
    assert again(row).credentials is None


@pytest.mark.django_db
def test_t31_what_is_no_address_leaves_the_key():
    row = saved()
    row.name, row.is_enabled, row.requests_per_minute = "another", False, 7
    row.save()
    assert (again(row).credentials or {})["api_key"] == KEY


@pytest.mark.django_db
def test_t31_a_key_whose_address_was_changed_behind_the_model_is_not_used():
    row = saved()
    Provider.objects.filter(pk=row.pk).update(base_url="https://evil.example.org/v1")
    registry = Registry()
    registry.reload()
    entry = registry.get(row.slug)
    assert entry is not None
    assert KEY not in repr(vars(entry.adapter))
    Provider.objects.filter(pk=row.pk).update(base_url="https://models.example.org/v1")
    registry.reload()
    right = registry.get(row.slug)
    assert right is not None
    assert KEY in repr(vars(right.adapter))


# In the admin


@pytest.fixture
async def admin(service: Service, browser_of: BrowserOf) -> Browser:
    """An administrator's browser."""
    user = await in_database_thread(new_user, is_staff=True, is_superuser=True, roles=["admin"])
    return await in_database_thread(browser_of, Person(service.url, user))


def address_of(row: Provider, page: str = "change") -> str:
    """A page of the provider in the admin."""
    return f"/admin/providers/provider/{row.pk}/{page}/"


def form_of(row: Provider, **changes: str) -> dict[str, str]:
    """The admin's form for this provider as a browser would send it back."""
    form = {
        "slug": row.slug, "name": row.name, "wire": row.wire, "base_url": row.base_url, "litellm_prefix": "",
        "python_class": "", "requests_per_minute": "", "tokens_per_minute": "", "max_concurrency": "",
        "is_enabled": "on", "new_key": "", **changes,
    }  # fmt: skip
    return {name: value for name, value in form.items() if value != "off"}


async def test_t31_the_admins_form_clears_the_key_with_the_address(admin: Browser):
    row = await in_database_thread(saved)
    kept = await admin.post(address_of(row), form=form_of(row, name="another name"))
    assert kept.status == 302, kept.text
    assert ((await in_database_thread(again, row)).credentials or {})["api_key"] == KEY
    moved = await admin.post(address_of(row), form=form_of(row, base_url="https://evil.example.org/v1"))
    assert moved.status == 302
    assert (await in_database_thread(again, row)).credentials is None


async def test_t31_the_admins_form_takes_a_new_key_for_the_new_address(admin: Browser):
    row = await in_database_thread(saved)
    form = form_of(row, base_url="https://models.example.net/v1", new_key="another-key-12345678")
    assert (await admin.post(address_of(row), form=form)).status == 302
    moved = await in_database_thread(again, row)
    assert (moved.credentials or {})["api_key"] == "another-key-12345678"
    assert "models.example.net" in moved.credentials["address"]


async def test_t08_the_admins_form_refuses_private_addresses_and_says_why(admin: Browser):
    row = await in_database_thread(saved)
    for url in ("http://169.254.169.254/latest", "http://127.0.0.1:6379", "http://2130706433/"):
        page = await admin.post(address_of(row), form=form_of(row, base_url=url))
        assert page.status == 200
        assert "errorlist" in page.text
    assert (await in_database_thread(again, row)).base_url == "https://models.example.org/v1"
    agreed = form_of(row, base_url="http://127.0.0.1:11434", allow_private_address="on")
    assert (await admin.post(address_of(row), form=agreed)).status == 302


async def test_t09_no_page_of_the_admin_shows_a_key(admin: Browser):
    row = await in_database_thread(saved)
    pages: list[Page] = [await admin.post(address_of(row), form=form_of(row, name="renamed"))]
    # A form that is sent back for a mistake does not repeat the key that was typed.
    pages.append(await admin.post(address_of(row), form=form_of(row, slug="NOT A SLUG", new_key=KEY)))
    for path in (
        "/admin/", "/admin/playground/", "/admin/providers/provider/", f"/admin/providers/provider/?q={row.slug}",
        address_of(row), address_of(row, "history"), address_of(row, "delete"), "/admin/providers/provider/add/",
    ):  # fmt: skip
        pages.append(await admin.get(path))
        assert pages[-1].status == 200, path
    for page in pages:
        assert KEY not in page.text
        assert KEY[:-4] not in page.text
    assert f"…{KEY[-4:]}" in (await admin.get(address_of(row))).text
    fields = {found["name"] for found in FIELD.finditer((await admin.get(address_of(row))).text)}
    assert "credentials" not in fields
    forged = form_of(row, credentials='{"api_key": "planted"}')
    await admin.post(address_of(row), form=forged)
    assert ((await in_database_thread(again, row)).credentials or {})["api_key"] == KEY


async def test_a_key_is_stripped_and_one_that_no_header_holds_is_an_error_of_its_field(admin: Browser):
    row = await in_database_thread(saved)
    assert (await admin.post(address_of(row), form=form_of(row, new_key="  new-key-12345678 \n"))).status == 302
    assert ((await in_database_thread(again, row)).credentials or {})["api_key"] == "new-key-12345678"
    for key in ("sk-1\nsk-2", "schlüssel", "sk-\u2028-1"):
        page = await admin.post(address_of(row), form=form_of(row, new_key=key))
        assert page.status == 200
        assert "This key cannot be sent" in page.text
        assert key not in page.text
    assert ((await in_database_thread(again, row)).credentials or {})["api_key"] == "new-key-12345678"


async def test_the_admin_takes_the_clocks_of_a_provider(admin: Browser):
    row = await in_database_thread(saved)
    clocks = {"connect_seconds": "3", "first_byte_seconds": "45.5", "idle_seconds": "200"}
    assert (await admin.post(address_of(row), form=form_of(row, **clocks))).status == 302
    kept = await in_database_thread(again, row)
    assert (kept.connect_seconds, kept.first_byte_seconds, kept.idle_seconds) == (3, 45.5, 200)
    for seconds in ("0", "-1", "1e9", "nan"):
        page = await admin.post(address_of(row), form=form_of(row, idle_seconds=seconds))
        assert page.status == 200
        assert "errorlist" in page.text
    assert (await in_database_thread(again, row)).idle_seconds == 200


async def test_t31_a_provider_that_moved_is_called_without_the_old_key(
    author: Person, make_provider: MakeProvider, service: Service
):
    slug = await in_database_thread(make_provider, credentials={"api_key": KEY})
    model = f"echo@{uuid.uuid4().hex[:8]}"
    assert (await author.execute(f"{slug}/{model}", "one")).status == 200

    def move() -> None:
        row = Provider.objects.get(slug=slug)
        row.base_url = f"{row.base_url}/"  # the same program, by another address
        row.save()

    await in_database_thread(move)
    # A run on a provider that is not known yet makes the process read all of them again.
    other = await in_database_thread(make_provider, credentials=None)
    assert (await author.execute(f"{other}/echo")).status == 200
    assert (await author.execute(f"{slug}/{model}", "two")).status == 200
    async with aiohttp.ClientSession() as session, session.get(f"{service.simulator.url}/requests") as response:
        requests = [call for call in await response.json() if call["body"].get("model") == model]
    told = [call["headers"].get("authorization", "") for call in requests]
    assert told == [f"Bearer {KEY}", ""]
