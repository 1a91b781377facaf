"""Where a budget leads: the path by hand, and the picture on the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sqrt
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from analytics.usage.budgets import budgets_of, path_of
from foundation.database.threads import in_database_thread
from quotas.ledger import standing as ledger
from quotas.models import Measure, QuotaLimit
from tests.analytics.test_usage_doors import a_run
from tests.cast import Person, new_user
from tests.doors.browser import browser_of

Z = 1.959963984540054


def test_a_path_goes_on_as_the_whole_days_did():
    path = path_of([1.0, 2.0, 3.0, 0.5], used=6.5, days=4)
    assert path is not None
    assert path.expected == pytest.approx([6.5, 8.5, 10.5, 12.5, 14.5])
    assert path.most == pytest.approx([6.5 + 2 * day + Z * sqrt(day) for day in range(5)])
    # What is spent is spent: at best nothing more is.
    assert path.least == pytest.approx([max(6.5, 6.5 + 2 * day - Z * sqrt(day)) for day in range(5)])


def test_few_days_lead_nowhere():
    assert path_of([1.0, 2.0, 0.5], used=3.5, days=20) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("limit", "used", "told"),
    [
        ("100", "6", "as it goes, $11.60 of $100.00 is used at the month's end"),
        ("10", "6", "as it goes, $10.00 is used up on 26 September"),
        ("5", "6", "all of $5.00 is used"),
    ],
)
def test_a_budget_is_shown_with_where_it_leads(limit: str, used: str, told: str):
    user, now = new_user(), datetime(2031, 9, 16, 12, tzinfo=UTC)
    QuotaLimit.objects.create(subject_kind="user", subject_id=str(user.id), period="month", cost=Decimal(limit))
    for day in range(1, 16):
        a_run(user, created_at=datetime(2031, 9, day, 10, tzinfo=UTC), estimated_cost=Decimal("0.4"))
    (picture,) = with_standing(user, used=Decimal(used), now=now)
    assert picture.finding == f"Your budget: {told}"
    assert len(picture.labels) == 30
    left = picture.series[0].values
    assert left[0] == pytest.approx(max(float(limit) - 0.4, 0))
    assert left[15] == pytest.approx(max(float(limit) - float(used), 0))
    assert left[16:] == [None] * 14
    if len(picture.series) > 1:
        assert picture.series[1].values[15] == left[15]


def with_standing(user, *, used: Decimal, now: datetime):
    """The pictures, in a month in which so much was used."""

    def standings_of(**asked):
        (found,) = ledger.standings_of(**asked)
        start = datetime(2031, 9, 1, tzinfo=ZoneInfo("UTC"))
        amount = ledger.Amount(Measure.COST, found.amounts[0].limit, used, Decimal(0))
        return [
            ledger.Standing(
                found.subject_kind, found.subject_id, found.period, True, False, "UTC", start.date(), start,
                start + timedelta(days=30), True, (amount,),
            )
        ]  # fmt: skip

    with patch("analytics.usage.budgets.standings_of", standings_of):
        return budgets_of(user, now=now)


async def test_the_page_shows_it(author: Person):
    user = author.user
    assert user

    def begin() -> None:
        QuotaLimit.objects.create(subject_kind="user", subject_id=str(user.id), period="month", cost=Decimal(5))
        a_run(user)

    await in_database_thread(begin)
    page = await (await in_database_thread(browser_of, author)).get("/analytics")
    assert page.status == 200
    assert "Your budget" in page.text
    assert "of $5.00 is used" in page.text
