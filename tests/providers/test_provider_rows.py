"""A provider whose row or class does not hold is unavailable alone, says why without secrets, and says it once."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from foundation.database.threads import in_database_thread
from foundation.sealing.fields import Sealed
from providers.catalogue.listing import all_models, model
from providers.models import CatalogueModel, Provider
from providers.registry import Registry
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import MakeProvider, author, make_provider, provider
from tests.providers.provider_rows import CLASSES, classes_allowed, row_of_class
from tests.servers.provider_classes import KEY_IN_A_MESSAGE
from tests.servers.service import Service, Web

__all__ = ["author", "classes_allowed", "make_provider", "provider"]

BROKEN = {
    "RaisesWhenMade": "cannot be made (RuntimeError)",
    "ExitsWhenMade": "cannot be made (SystemExit)",
    "CannotTell": "supported_by (ValueError)",
    "TakesNothing": "cannot be made (TypeError)",
    "NoProvider": "has no supported_by, stream, list_models",
    "NotThere": "cannot be imported (ImportError)",
}
LOST = Sealed(b"\x01none-of-ours" + b"x" * 40)


def lose_the_key(slug: str) -> None:
    """As if the key that sealed the credentials had gone from ENCRYPTION_KEYS."""
    Provider.objects.filter(slug=slug).update(credentials=LOST)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "said"), [*BROKEN.items(), ("", "cannot be imported (RuntimeError)")])
def test_a_class_that_breaks_is_unavailable_alone_and_told_once(
    classes_allowed: None, caplog: pytest.LogCaptureFixture, name: str, said: str
) -> None:
    path = f"{CLASSES}.{name}" if name else "tests.servers.unimportable.Provider"
    broken = row_of_class(path, key="sk-canary-of-a-class")
    works = row_of_class(f"{CLASSES}.Works")
    registry = Registry()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            registry.reload()
        Registry().reload()
    entry, other = registry.get(broken.slug), registry.get(works.slug)
    assert entry is not None
    assert other is not None
    assert said in entry.unavailable_reason
    assert other.unavailable_reason == ""
    told = [record for record in caplog.records if getattr(record, "provider", "") == broken.slug]
    assert [record.reason for record in told] == [entry.unavailable_reason]  # type: ignore[attr-defined]
    for secret in (KEY_IN_A_MESSAGE, "sk-canary-of-a-class"):
        assert secret not in entry.unavailable_reason + caplog.text


@pytest.mark.django_db
def test_a_class_that_cannot_tell_of_one_model_keeps_the_others(classes_allowed: None) -> None:
    slug = row_of_class(f"{CLASSES}.CannotTellOfOne").slug
    CatalogueModel.objects.create(id=f"{slug}/odd", provider=slug)
    CatalogueModel.objects.create(id=f"{slug}/even", provider=slug)
    shown = {row["id"]: row["unavailable_reason"] for row in all_models() if row["provider"] == slug}
    assert shown == {f"{slug}/even": None, f"{slug}/odd": "The Python class failed in supported_by (KeyError)."}
    assert (model(f"{slug}/odd") or {})["available"] is False


@pytest.mark.django_db
def test_a_row_whose_address_no_adapter_takes_is_unavailable_alone() -> None:
    rows = {wire: f"r{position}" for position, wire in enumerate(("openai", "anthropic", "ollama", "unheard-of"))}
    for wire, slug in rows.items():
        Provider.objects.create(slug=slug, name=slug, wire=wire, base_url="http://[::1", allow_private_address=True)
    registry = Registry()
    registry.reload()
    for slug in rows.values():
        entry = registry.get(slug)
        assert entry is not None
        assert entry.unavailable_reason


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["requests_per_minute", "tokens_per_minute", "max_concurrency"])
def test_a_row_whose_limit_lets_nothing_through_is_unavailable_alone(name: str) -> None:
    row = Provider(slug="tight", name="T", base_url="https://models.example.org/v1", **{name: 0})
    row.save()
    registry = Registry()
    registry.reload()
    entry = registry.get("tight")
    assert entry is not None
    assert entry.unavailable_reason == f"{name.replace('_', ' ').capitalize()}: at least 1 is expected."


async def test_a_lost_key_makes_its_provider_unavailable_and_nothing_else(
    author: Person, make_provider: MakeProvider, service: Service
) -> None:
    lost, well = await in_database_thread(make_provider), await in_database_thread(make_provider)
    await in_database_thread(lose_the_key, lost)
    web = await asyncio.to_thread(service.start_web)
    person = author.at(web.url)
    statuses = {row["provider"]: row for row in (await person.get("/api/providers/status")).body["results"]}
    assert statuses[lost]["status"] == "down"
    assert "ENCRYPTION_KEYS" in statuses[lost]["last_error"]
    assert (await person.execute(f"{well}/echo")).status == 200
    refused = await person.execute(f"{lost}/echo")
    assert (refused.status, refused.body["code"]) == (503, "provider_unavailable")
    assert (await in_database_thread(browser_of, person)).url == web.url
    assert (await (await in_database_thread(browser_of, person)).get("/")).status == 200


async def test_a_class_that_breaks_in_a_run_fails_that_run(
    author: Person, service: Service, classes_allowed: None
) -> None:
    names = ("Works", "BreaksInAnswer", "AnswersNonsense", "RaisesWhenMade")
    rows = {name: await in_database_thread(row_of_class, f"{CLASSES}.{name}") for name in names}
    allowed = ",".join(f"{CLASSES}.{name}" for name in names)
    web = await asyncio.to_thread(Web, {**service.environment, "PROVIDER_CLASSES": allowed})
    try:
        person = author.at(web.url)
        answers = {name: await person.execute(f"{row.slug}/m", "hello") for name, row in rows.items()}
        assert answers["Works"].body["response"] == "hello"
        assert answers["BreaksInAnswer"].body["code"] == "provider_error"
        assert "failed in stream (KeyError)" in answers["BreaksInAnswer"].body["detail"]
        assert answers["AnswersNonsense"].body["code"] == "malformed_response"
        assert answers["RaisesWhenMade"].body["code"] == "provider_unavailable"
        assert KEY_IN_A_MESSAGE not in str([answer.body for answer in answers.values()])
        models = (await person.get(f"/api/models?provider={rows['Works'].slug}")).body
        assert [row["available"] for row in models["results"]] == [True]
    finally:
        await asyncio.to_thread(web.stop)


# In the admin


@pytest.fixture
async def admin(service: Service) -> Browser:
    """An administrator's browser."""
    user = await in_database_thread(new_user, is_staff=True, is_superuser=True, roles=["admin"])
    return await in_database_thread(browser_of, Person(service.url, user))


def form_of(row: Provider, **changes: str) -> dict[str, str]:
    """The admin's form for this provider."""
    return {
        "slug": row.slug, "name": row.name, "wire": row.wire, "base_url": row.base_url, "litellm_prefix": "",
        "python_class": row.python_class, "requests_per_minute": "", "tokens_per_minute": "", "max_concurrency": "",
        "allow_private_address": "on", "is_enabled": "on", "new_key": "", **changes,
    }  # fmt: skip


async def test_a_provider_with_a_lost_key_can_be_mended_in_the_admin(
    admin: Browser, make_provider: MakeProvider
) -> None:
    slug = await in_database_thread(make_provider)
    row = await in_database_thread(Provider.objects.get, slug=slug)
    address = f"/admin/providers/provider/{row.pk}/change/"
    await in_database_thread(lose_the_key, slug)
    listed = await admin.get("/admin/providers/provider/")
    assert (listed.status, "cannot be opened" in listed.text) == (200, True)
    assert (await admin.get(address)).status == 200
    refused = await admin.post(address, form=form_of(row))
    assert (refused.status, "Enter the key anew" in refused.text) == (200, True)
    off = {name: value for name, value in form_of(row).items() if name != "is_enabled"}
    assert (await admin.post(address, form=off)).status == 302
    assert bytes(await in_database_thread(kept, slug)) == LOST
    assert (await admin.post(address, form=form_of(row, new_key="sk-a-new-key-1234"))).status == 302
    assert (await in_database_thread(Provider.objects.get, slug=slug)).key == "sk-a-new-key-1234"


def kept(slug: str) -> Any:
    """The credentials as the table has them."""
    return Provider.objects.get(slug=slug).__dict__["credentials"]


@pytest.mark.django_db
def test_the_admins_form_refuses_a_class_that_breaks(classes_allowed: None) -> None:
    from providers.admin import ProviderForm

    for name, said in BROKEN.items():
        row = Provider(slug="broken", name="B", wire="python", python_class=f"{CLASSES}.{name}")
        form = ProviderForm(form_of(row))
        assert not form.is_valid(), name
        assert said in str(form.errors), name
    missing = Provider(slug="m", name="M", wire="python", python_class=f"{CLASSES}.NotThere")
    with pytest.raises(ValidationError, match="cannot be imported"):
        missing.full_clean()
    row = Provider(slug="works", name="W", wire="python", python_class=f"{CLASSES}.Works")
    form = ProviderForm(form_of(row, new_key="sk-works-12345678"))
    assert form.is_valid(), form.errors
    assert form.save().key == "sk-works-12345678"
    assert settings.ENV.provider_classes
