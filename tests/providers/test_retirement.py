"""Models that retire: what listings say of it, what to move to, and who is told, in time and once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from evaluation_app.models import Suite
from events.models import Destination, Event, Kind, Notification
from events.notifications import preferences
from events.notifications.words import words_of
from events.webhooks.messages import message_of
from foundation.database.threads import in_database_thread
from providers.base import ListedModel
from providers.catalogue.info import ModelInfo, describe
from providers.models import CatalogueModel, Provider
from providers.retiring.replacing import replacement_of
from providers.retiring.telling import tell_of_retiring
from providers.retiring.uses import uses_of
from providers.wires.openai import mapping as openai
from templates_app.content import Content
from templates_app.models import PromptTemplate, TemplateLabel, TemplateSplit
from templates_app.versions import labels, lifecycle
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.servers.service import Service

TODAY = date(2032, 3, 1)


@pytest.mark.parametrize(
    ("row", "details"),
    [
        ({"shutdown_date": "2027-01-31"}, {"deprecation_date": "2027-01-31"}),
        ({"shutdown_date": None}, {}),
        ({"expiration_date": "2026-12-31"}, {"deprecation_date": "2026-12-31"}),
        (
            {"deprecation": "2026-08-31T12:00:00Z", "deprecation_replacement_model": "mistral-medium-3-5"},
            {"deprecation_date": "2026-08-31", "replacement": "mistral-medium-3-5"},
        ),
        ({"deprecation": "2026-08-31T23:30:00-05:00"}, {"deprecation_date": "2026-09-01"}),
        ({"deprecation": None, "deprecation_replacement_model": None}, {}),
        ({"shutdown_date": "2027-02-01", "expiration_date": "2027-01-01"}, {"deprecation_date": "2027-01-01"}),
        ({"deprecated": True}, {}),
        ({"shutdown_date": "soon"}, {}),
        ({"shutdown_date": 5, "deprecation": ["2026-01-01"], "deprecation_replacement_model": 7}, {}),
        ({"deprecation": "0001-01-01T00:00:00+14:00"}, {}),
    ],
)
def test_what_a_listing_says_of_the_end(row: dict[str, Any], details: dict[str, Any]) -> None:
    assert openai.listed({"id": "a", **row}) == ListedModel("a", details)


def known(name: str, **details: Any) -> ModelInfo:
    """A model that OpenAI lists."""
    return describe(f"openai/{name}", price_prefix="none", wire="openai", details=details)


def test_the_listings_own_word_comes_first_where_that_model_is_there() -> None:
    end = {"deprecation_date": "2032-06-01", "replacement": "gpt-4o-mini"}
    models = [known("gpt-4o", **end), known("gpt-4o-mini"), known("gpt-4o-2031-01-01")]
    assert replacement_of(models[0], models) == "openai/gpt-4o-mini"
    assert replacement_of(models[0], models[:1]) == ""


def test_else_it_is_the_familys_newest_that_does_the_same() -> None:
    end = {"deprecation_date": "2032-06-01", "capabilities": ["vision"], "context_window": 1000}
    able = {"capabilities": ["vision"], "context_window": 1000}
    old = known("gpt-4o-2030-01-01", **end)
    models = [
        old,
        known("gpt-4o-2031-05-01", **able),
        known("gpt-4o-2031-12-01", **able),
        known("gpt-4o-2032-01-01", context_window=1000),  # sees nothing
        known("gpt-4o-2032-01-02", **{**able, "context_window": 10}),
        known("gpt-4o-2032-01-03", **{**able, "deprecation_date": "2032-05-01"}),
        known("o3-2032-01-04", **able),
    ]
    assert replacement_of(old, models) == "openai/gpt-4o-2031-12-01"
    assert replacement_of(known("unheard-of", **end), models) == ""


def template_of(owner: User, model_id: str, name: str) -> PromptTemplate:
    """With a version that names the model."""
    change = lifecycle.Change({"name": name, "category": "C"}, Content("Hi", model_id=model_id))
    return lifecycle.create(owner=owner, change=change)


@pytest.fixture
def retiring(transactional_db: None) -> Callable[[int], str]:
    """Makes a model that retires in so many days from TODAY; its id."""

    Provider.objects.create(
        slug="firm", name="Firm", wire="openai", base_url="http://127.0.0.1:9/v1", allow_private_address=True
    )

    def make(days: int) -> str:
        details = {"deprecation_date": (TODAY + timedelta(days=days)).isoformat(), "replacement": "next"}
        for name, told in (("gone-soon", details), ("next", {})):
            CatalogueModel.objects.update_or_create(
                id=f"firm/{name}",
                defaults={"provider": "firm", "listed_at": datetime.now(UTC), "details": told},
            )
        return "firm/gone-soon"

    return make


def test_owners_are_told_90_30_and_7_days_before_once_each(retiring: Callable[[int], str], service: Service) -> None:
    model_id, owner, other = retiring(120), new_user(), new_user()
    template = template_of(owner, model_id, "Greeting")
    labels.move(user=owner, template_id=template.id, label="production", number=1)
    template_of(other, "firm/next", "Untouched")
    body = {"prompt": "x", "variants": [{"name": "A", "model_id": model_id}]}
    Suite.objects.create(user=owner, name="Nightly", tests=[body], content_hash="x")

    def told() -> list[str]:
        rows = Notification.objects.filter(kind=Kind.MODEL_RETIRES).order_by("created_at")
        assert {each.user_id for each in rows} <= {owner.id}
        return [words_of(each).sentence for each in rows]

    tell_of_retiring(today=TODAY)
    assert told() == []
    for day, count in ((30, 1), (31, 1), (89, 1), (90, 2), (112, 2), (113, 3), (120, 3), (121, 3)):
        for _ in range(2):
            tell_of_retiring(today=TODAY + timedelta(days=day))
        assert len(told()) == count, day
    assert told()[0] == ("firm/gone-soon retires on 2032-06-29; “Nightly” and 1 other ask it: move to firm/next")


async def test_a_model_tells_what_one_may_see_that_asks_it(retiring: Callable[[int], str], service: Service) -> None:
    def make() -> tuple[Person, Person, PromptTemplate]:
        model_id, owner = retiring(60), new_user()
        template = template_of(owner, model_id, "Greeting")
        labels.move(user=owner, template_id=template.id, label="production", number=1)
        return Person(service.url, owner), Person(service.url, new_user()), template

    owner, stranger, template = await in_database_thread(make)
    mine = (await owner.get("/api/models/firm/gone-soon")).body
    assert (mine["retires_on"], mine["replacement"]) == ("2032-04-30", "firm/next")
    use = {"kind": "template", "id": str(template.id), "name": "Greeting", "detail": "production"}
    assert mine["used_by"] == [use]
    browser = await in_database_thread(browser_of, owner)
    assert "Retires on 2032-04-30" in (await browser.get("/models")).text
    assert (await stranger.get("/api/models/firm/gone-soon")).body["used_by"] == []
    assert (await owner.get("/api/models/firm/next")).body["used_by"] == []
    rows = (await owner.get("/api/models?search=gone-soon")).body["results"]
    assert [(each["retires_on"], each["replacement"]) for each in rows] == [("2032-04-30", "firm/next")]


def test_the_event_goes_with_the_notification_and_holds_no_name(retiring: Callable[[int], str]) -> None:
    model_id, owner, silent = retiring(60), new_user(), new_user()
    for person in (owner, silent):
        template_of(person, model_id, "Greeting")
        Destination.objects.create(name=f"webhook:{person.id}", user_id=person.id)
    preferences.choose(silent.id, {Kind.MODEL_RETIRES: preferences.Way(page=False, mail=False)})
    for _ in range(2):
        tell_of_retiring(today=TODAY)
    (event,) = Event.objects.filter(type="llm_playground.model.retiring")
    assert (event.user_id, event.payload["uses"], event.payload["days"]) == (owner.id, 1, 90)
    assert "Greeting" not in str(event.payload)
    message = message_of(event.deliveries.get())
    assert message.title == "firm/gone-soon retires on 2032-04-30: move to firm/next"


def test_every_place_that_asks_it_is_found_and_no_other(retiring: Callable[[int], str]) -> None:
    model_id, owner = retiring(60), new_user()
    labelled, split = template_of(owner, model_id, "Labelled"), template_of(owner, "firm/next", "Split")
    labels.move(user=owner, template_id=labelled.id, label="production", number=1)
    control = split.version
    candidate = lifecycle.append(split, Content("Hi!", model_id=model_id), author=owner, note="")
    started = TemplateSplit.objects.create(
        template=split, label="beta", control=control, candidate=candidate, share=10, started_by=owner
    )
    TemplateLabel.objects.create(template=split, name="beta", version=control, split=started)
    template_of(owner, model_id, "Present")
    template_of(owner, "firm/next", "Another")
    gone = template_of(owner, model_id, "Deleted")
    PromptTemplate.objects.filter(id=gone.id).update(deleted_at=datetime.now(UTC))
    judge = {"scorer": "llm_judge", "params": {"model_id": model_id, "rubric": "Right?"}}
    judged = {"prompt": "x", "model_id": "firm/next", "scorers": [judge]}
    other = {"prompt": model_id, "model_id": "firm/next"}
    Suite.objects.create(user=owner, name="Judged", tests=[judged], content_hash="x")
    Suite.objects.create(user=owner, name="Other", tests=[other], content_hash="y")
    found = [(use.kind, use.name, use.detail) for use in uses_of([model_id], seen_by=owner)]
    assert found == [
        ("suite", "Judged", ""), ("template", "Labelled", "production"), ("template", "Present", ""),
        ("template", "Split", "beta"),
    ]  # fmt: skip
    assert uses_of([model_id], seen_by=new_user()) == []
