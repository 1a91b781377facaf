"""A catalogue row that does not hold is refused at the save, and set aside alone where it stands all the same."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from foundation.database.threads import in_database_thread
from providers.models import CatalogueModel
from tests.cast import Person, new_user
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import MakeProvider, author, make_provider, provider
from tests.servers.service import Service

__all__ = ["author", "make_provider", "provider"]

BAD: list[tuple[Any, str]] = [
    ({"input_per_million": "2,50"}, "overrides.input_per_million"),
    ({"input_per_million": "2.50"}, "overrides.input_per_million"),
    ({"output_per_million": -1}, "overrides.output_per_million"),
    ({"output_per_million": True}, "overrides.output_per_million"),
    ({"output_per_million": 10**12}, "overrides.output_per_million"),
    ({"input_per_million": [1]}, "overrides.input_per_million"),
    ({"context_window": "8k"}, "overrides.context_window"),
    ({"context_window": 0}, "overrides.context_window"),
    ({"context_window": 4096.5}, "overrides.context_window"),
    ({"max_output_tokens": -4}, "overrides.max_output_tokens"),
    ({"max_output_tokens": 10**40}, "overrides.max_output_tokens"),
    ({"capabilities": "tools"}, "overrides.capabilities"),
    ({"capabilities": ["telepathy"]}, "overrides.capabilities"),
    ({"capabilities": [["tools"], 3]}, "overrides.capabilities"),
    ({"name": 7}, "overrides.name"),
    ({"name": "n" * 300}, "overrides.name"),
    ({"note": {"a": "b"}}, "overrides.note"),
    ({"takes": {"refuses": ["heat"]}}, "overrides.takes.refuses"),
    ({"takes": {"ranges": {"temperature": [1, 0]}}}, "overrides.takes.ranges"),
    ({"takes": {"most_stops": "four"}}, "overrides.takes.most_stops"),
    ({"takes": {"refuse": []}}, "overrides.takes.refuse"),
    ({"takes": "everything"}, "overrides.takes"),
    ({"contextwindow": 4096}, "overrides.contextwindow"),
    ([{"note": "x"}], "overrides"),
    ("a text", "overrides"),
    (7, "overrides"),
]
BAD_AS_TEXT = [
    ('{"input_per_million": NaN}', "overrides.input_per_million"),
    ('{"input_per_million": 1e999}', "overrides.input_per_million"),
    ('{"output_per_million": -Infinity}', "overrides.output_per_million"),
    ('{"name": "a\\u0000b"}', "overrides.name"),
    ('{"note": "\\ud800"}', "overrides.note"),
    ('{"a\\u0000b": 1}', "there is no such field"),
    ('{"input_per_million": 2,50}', "JSON"),
    ("[" * 100_000, "JSON"),
    ('{"context_window": ' + "9" * 5_000 + "}", "overrides"),
]
GOOD = {
    "input_per_million": 2.5,
    "output_per_million": 0,
    "context_window": 4096,
    "max_output_tokens": 512,
    "capabilities": ["tools", "vision"],
    "name": "Ein Modell 👩‍👩‍👧",
    "note": "two\nlines",
    "takes": {"refuses": ["seed"], "together": [{"these": ["temperature", "top_p"], "stays": "top_p"}]},
}


@pytest.fixture
async def admin(service: Service) -> Browser:
    """An administrator's browser."""
    user = await in_database_thread(new_user, is_staff=True, is_superuser=True, roles=["admin"])
    return await in_database_thread(browser_of, Person(service.url, user))


def row_of(slug: str, **fields: Any) -> CatalogueModel:
    """A model's row, whatever it holds."""
    return CatalogueModel.objects.create(id=f"{slug}/m{uuid.uuid4().hex[:8]}", provider=slug, **fields)


async def saved(admin: Browser, row: CatalogueModel, overrides: str) -> tuple[int, str]:
    """Status and text of the admin's answer to this form."""
    form = {"id": row.id, "provider": row.provider, "overrides": overrides}
    quoted = row.id.replace("/", "_2F")
    page = await admin.post(f"/admin/providers/cataloguemodel/{quoted}/change/", form=form)
    return page.status, page.text


@pytest.mark.parametrize(("overrides", "place"), BAD)
def test_overrides_that_do_not_hold_are_refused_by_name(overrides: Any, place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CatalogueModel(id="openai/x", provider="openai", overrides=overrides).clean()
    assert any(message.startswith(f"{place}:") for message in caught.value.message_dict["overrides"])


async def test_the_admin_refuses_them_and_says_where(admin: Browser, provider: str) -> None:
    row = await in_database_thread(row_of, provider)
    written = [(json.dumps(overrides), place) for overrides, place in BAD]
    for overrides, place in [*written, *BAD_AS_TEXT]:
        status, text = await saved(admin, row, overrides)
        assert (status, place in text) == (200, True), (overrides[:60], status)
    assert (await in_database_thread(CatalogueModel.objects.get, id=row.id)).overrides == {}
    assert (await saved(admin, row, json.dumps(GOOD)))[0] == 302
    assert (await in_database_thread(CatalogueModel.objects.get, id=row.id)).overrides == GOOD
    assert (await saved(admin, row, ""))[0] == 302
    assert (await in_database_thread(CatalogueModel.objects.get, id=row.id)).overrides == {}


async def test_the_admin_refuses_an_id_that_is_not_its_providers(admin: Browser, provider: str) -> None:
    for wrong in ("nothing", f"{provider}/", "openai/x"):
        form = {"id": wrong, "provider": provider, "overrides": "{}"}
        page = await admin.post("/admin/providers/cataloguemodel/add/", form=form)
        assert page.status == 200, wrong
        assert "the model&#x27;s name are expected" in page.text, wrong


@pytest.mark.parametrize("column", ["overrides", "details"])
async def test_a_row_that_does_not_hold_is_set_aside_alone(
    author: Person, provider: str, service: Service, column: str
) -> None:
    well = await in_database_thread(row_of, provider, overrides=GOOD)
    bad = [overrides for overrides, place in BAD if column == "overrides" or place != "overrides.contextwindow"]
    rows = [await in_database_thread(row_of, provider, **{column: value}) for value in bad]
    strayed = await in_database_thread(
        CatalogueModel.objects.create, id=f"nobody/{uuid.uuid4().hex}", provider=provider
    )
    shown = {row["id"]: row for row in (await author.get(f"/api/models?provider={provider}")).body["results"]}
    assert shown[well.id]["available"] is True
    assert shown[well.id]["pricing"] == {"input_per_million": 2.5, "output_per_million": 0.0, "currency": "USD"}
    for row in [*rows, strayed]:
        assert shown[row.id]["available"] is False, row.overrides
        assert ("id:" if row is strayed else f"{column}") in shown[row.id]["unavailable_reason"]
    assert (await author.get(f"/api/models/{rows[0].id}")).body == {**shown[rows[0].id], "used_by": []}

    browser = await in_database_thread(browser_of, author)
    assert (await browser.get("/")).status == 200
    page = await browser.get("/models")
    assert f"{column}.input_per_million" in page.text

    refused = await author.execute(rows[0].id)
    assert (refused.status, refused.body["code"]) == (503, "model_unavailable")
    assert f"{column}.input_per_million" in refused.body["detail"]
    assert (await author.execute(f"{provider}/echo")).status == 200
    # A provider that was added later is found: the engine's own reading is not held up either.
    web = await asyncio.to_thread(service.start_web)
    assert (await author.at(web.url).execute(f"{provider}/echo")).status == 200


async def test_what_is_mended_is_back_at_once(author: Person, admin: Browser, provider: str) -> None:
    row = await in_database_thread(row_of, provider, overrides={"note": 7})
    assert (await author.get(f"/api/models/{row.id}")).body["available"] is False
    assert (await saved(admin, row, '{"note": "seven"}'))[0] == 302
    shown = (await author.get(f"/api/models/{row.id}")).body
    assert (shown["available"], shown["unavailable_reason"], shown["note"]) == (True, None, "seven")


async def test_what_another_process_writes_is_seen_by_the_next_request(
    author: Person, make_provider: MakeProvider
) -> None:
    slug = await in_database_thread(make_provider)
    address = f"/api/models?provider={slug}"
    assert (await author.get(address)).body["results"] == []
    row = await in_database_thread(row_of, slug)
    assert [model["id"] for model in (await author.get(address)).body["results"]] == [row.id]
    await in_database_thread(CatalogueModel.objects.filter(id=row.id).update, overrides={"context_window": 77})
    assert (await author.get(address)).body["results"][0]["context_window"] == 77
    await in_database_thread(row.delete)
    assert (await author.get(address)).body["results"] == []


@pytest.mark.django_db
def test_the_local_model_is_there_before_anybody_was_asked() -> None:
    from providers.catalogue.listing import all_models

    CatalogueModel.objects.filter(provider="local").delete()
    found = [row for row in all_models() if row["provider"] == "local"]
    assert [(row["available"], row["is_listed"], bool(row["note"])) for row in found] == [(True, True, True)]


@pytest.mark.django_db
def test_pages_share_one_registry_until_something_changes() -> None:
    from providers.catalogue import listing

    kept = listing.Kept()
    first = kept.now()
    assert kept.now() is first
    CatalogueModel.objects.create(id="openai/new-here", provider="openai")
    assert kept.now() is not first


async def test_threads_that_come_at_once_share_one_reading(provider: str) -> None:
    from providers.catalogue import listing

    kept = listing.Kept()
    found = await asyncio.gather(*(in_database_thread(kept.now) for _ in range(20)))
    assert len({id(each) for each in found}) == 1
    assert provider in found[0].providers
