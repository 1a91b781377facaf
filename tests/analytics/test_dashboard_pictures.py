"""What the dashboard draws beside usage: what was unlike before, and quality against cost."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from accounts.models import Role, User
from analytics.anomalies.baseline import Metric
from analytics.models import Anomaly
from analytics.pages.dashboard.choice import choice_of
from analytics.pages.dashboard.times import Times
from analytics.pages.dashboard.unusual import flags_of
from analytics.usage.asking import Asked
from foundation.database.threads import in_database_thread
from tests.analytics.test_estimation_quality import models  # noqa: F401 - fixture
from tests.analytics.test_usage_doors import a_run
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.playground.conftest import author, make_provider, provider, stranger  # noqa: F401 - fixtures
from tests.waiting import until

HOUR = timedelta(hours=1)


def unlike(user: User, metric: str, first: datetime, last: datetime | None = None, **more: object) -> Anomaly:
    return Anomaly.objects.create(
        subject_kind="user", subject_id=str(user.id), metric=metric, first_hour=first, last_hour=last or first,
        evidence={"span": 1, "contributors": []}, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "zone", "first", "hours", "labels"),
    [
        ("day", "UTC", datetime(2026, 3, 9, 22, tzinfo=UTC), 4, ["9 Mar", "10 Mar"]),
        # 22:00 UTC is the next day in Berlin from the last Sunday of March on.
        ("day", "Europe/Berlin", datetime(2026, 3, 28, 22, tzinfo=UTC), 0, ["28 Mar"]),
        ("day", "Europe/Berlin", datetime(2026, 3, 29, 22, tzinfo=UTC), 0, ["30 Mar"]),
        ("week", "UTC", datetime(2026, 3, 15, 23, tzinfo=UTC), 1, ["9 Mar", "16 Mar"]),
        # What lies outside the period is not drawn.
        ("day", "UTC", datetime(2026, 2, 28, 23, tzinfo=UTC), 2, ["1 Mar"]),
        ("day", "UTC", datetime(2026, 5, 1, tzinfo=UTC), 2, []),
    ],
)
def test_hours_lie_in_their_units(unit: str, zone: str, first: datetime, hours: int, labels: list[str]):
    since, before = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    times = Times.of(Asked(since, before, zone=zone), unit)
    told = list(times.labels.values())
    assert [told[place] for place in times.places(first, first + hours * HOUR)] == labels


@pytest.mark.django_db(transaction=True)
def test_anomalies_are_flagged_where_they_were():
    owner, other, boss = new_user(name="Ada"), new_user(name="Mo"), new_user(roles=[Role.ADMIN])
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)
    unlike(owner, "cost", noon, noon + 30 * HOUR)
    unlike(owner, "errors", noon)
    unlike(owner, "volume", noon, dismissed_at=timezone.now())
    unlike(owner, "new_model", noon, detail="openai/x")
    unlike(other, "cost", noon - timedelta(days=2))
    choice = choice_of(owner, {"days": "7"})
    times = Times.of(choice.asked, choice.unit)
    flags = flags_of(owner, choice, times)
    assert [each.place for each in flags[Metric.COST]] == [3, 4]
    assert flags[Metric.COST][0].text == "cost of Ada"
    assert [each.place for each in flags[Metric.ERRORS]] == [3]
    # Dismissed ones are none, and a new model is nothing of a day's figures.
    assert flags[Metric.VOLUME] == []
    everybody = choice_of(boss, {"days": "7"})
    assert {each.text for each in flags_of(boss, everybody, times)[Metric.COST]} == {"cost of Ada", "cost of Mo"}
    mine = choice_of(boss, {"days": "7", "whose": "me"})
    assert flags_of(boss, mine, times)[Metric.COST] == []


async def test_a_flag_is_seen_in_the_picture_its_table_and_its_file(author: Person):  # noqa: F811
    assert author.user is not None
    await in_database_thread(a_run, author.user)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    await in_database_thread(unlike, author.user, "cost", hour)
    browser = await in_database_thread(browser_of, author)
    page = await browser.get("/analytics?days=7")
    assert page.text.count('class="chart-flag"') == 1
    assert f"<td>cost of {author.user.name}</td>" in page.text
    drawn = await browser.get("/analytics/cost.svg?days=7")
    titles = [each.text or "" for each in ElementTree.fromstring(drawn.text).iter("{http://www.w3.org/2000/svg}title")]
    assert any(each.endswith(f"cost of {author.user.name}") for each in titles)


async def test_a_test_of_several_models_is_laid_against_its_cost(
    author: Person,  # noqa: F811
    stranger: Person,  # noqa: F811
    models: dict[str, str],  # noqa: F811
):
    body = {
        "name": "Which one",
        "test_cases": [{"input": {"word": "hi"}, "expected_output": {"type": "contains", "keywords": ["hi"]}}],
        "variants": [
            {"name": name, "prompt": "Say {{word}}", "model_id": models[name]}
            for name in ("echo", "tokens-8", "echo-2")
        ],
        "parameters": {"runs": 3},
    }
    made = await author.post("/api/evaluation/compare", body)
    assert made.status == 202, made.body

    async def ended() -> bool:
        return bool((await author.get(f"/api/evaluation/{made.body['id']}")).body["status"] == "completed")

    await until(ended)
    browser = await in_database_thread(browser_of, author)
    page = await browser.get("/analytics")
    assert 'id="picture-quality"' in page.text
    assert "echo passes most and costs least" in page.text
    assert page.text.count('class="tradeoff-beaten"') == 2
    drawn = await browser.get(f"/analytics/quality.svg?test={made.body['id']}")
    assert "3. tokens-8" in drawn.text
    assert ElementTree.fromstring(drawn.text).get("aria-label", "").startswith("echo passes most")
    told = await browser.get("/analytics/quality.csv")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(told.text.lstrip("\ufeff")))}
    assert {name: float(row["rate"]) for name, row in rows.items()} == {"echo": 1, "tokens-8": 0, "echo-2": 1}
    assert rows["echo"]["model_id"] == models["echo"]
    assert 0 < float(rows["echo"]["cost_per_run"]) < float(rows["echo-2"]["cost_per_run"])
    others = await in_database_thread(browser_of, stranger)
    assert (await others.get("/analytics/quality.csv")).status == 404
    assert (await others.get("/analytics/quality.svg")).status == 404


@pytest.mark.parametrize(
    ("is_known", "cost", "title"),
    [
        (True, "no cost", "Nothing has cost anything"),
        (False, "price unknown", "Nothing is known to have cost anything"),
    ],
)
async def test_what_is_free_is_told_apart_from_what_nobody_knows(author, is_known, cost, title):  # noqa: F811
    await in_database_thread(lambda: a_run(author.user, estimated_cost=0, metadata={"price_known": is_known}))
    browser = await in_database_thread(browser_of, author)
    page = await browser.get("/analytics")
    assert title in page.text
    assert cost in page.text
