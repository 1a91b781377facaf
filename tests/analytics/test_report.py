"""The weekly report: whose it is, which week, that its figures are those of usage, and that it says what they bear."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Organisation, Role, Standing, Team, TeamMember, User
from analytics.models import Anomaly, SubjectKind
from analytics.reports.asking import Question, question, zone_of
from analytics.reports.changes import Change, changes_of, difference
from analytics.reports.report import Report, report_of
from analytics.reports.weeks import Week, a_week_before, week_at, week_of
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from quotas.models import QuotaLimit
from sessions_app.models import PlaygroundSession
from templates_app.content import Content
from templates_app.models import LabelMove, PromptTemplate
from templates_app.versions import lifecycle, measured
from tests.analytics.test_usage_doors import a_run
from tests.cast import Person, new_user
from tests.doors.browser import browser_of

WEEK = "2031-W38"
"""15 to 21 September: nothing else of the tests runs then."""
MONDAY = datetime(2031, 9, 15, tzinfo=UTC)
NOW = datetime(2031, 9, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOT_REMEMBERED = "Etc/UTC"
"""The same weeks under another name: answers are remembered for a while."""


def asked(user: User, week: str = WEEK, *, now: datetime = NOW, **given: str) -> Question:
    """A question of these people."""
    return question(user, week=week, now=now, **given)


def runs(user: User, count: int, *, since: datetime = MONDAY, **fields: Any) -> None:
    """So many, an hour apart."""
    session = PlaygroundSession.objects.get_or_create(user=user, name="Letters")[0]
    for hour in range(count):
        moment = since + timedelta(hours=hour)
        a_run(user, session=session, created_at=moment, ended_at=moment, **fields)


def template_of(user: User) -> PromptTemplate:
    """One with a version."""
    return lifecycle.create(owner=user, change=lifecycle.Change({"name": "Tone"}, Content(prompt="Be kind.")))


def found(report: Report, section: str) -> str:
    """What one section says."""
    return " ".join(next(each for each in report.sections if each.id == section).findings)


@pytest.mark.parametrize(
    ("text", "monday"),
    [("2026-W01", date(2025, 12, 29)), ("2026-W53", date(2026, 12, 28)), ("2027-W01", date(2027, 1, 4))],
)
def test_weeks_are_those_of_the_standard(text: str, monday: date):
    week = week_of(text, zone="UTC")
    assert (week.monday, str(week)) == (monday, text)
    assert week_at(week.begin, zone="UTC") == week_at(week.end - timedelta(seconds=1), zone="UTC") == week
    assert (week.next.previous, week.previous.next) == (week, week)


@pytest.mark.parametrize("text", ["", "2026-47", "2026-W1", "2027-W53", "2026-W00", "W47", "1999-W01", "٢٠٢٦-W01"])
def test_what_is_no_week_is_told(text: str):
    with pytest.raises(ValueError, match=r"week|2000"):
        week_of(text, zone="UTC")


@pytest.mark.parametrize(("monday", "hours"), [(date(2026, 3, 23), 167), (date(2026, 10, 19), 169)])
def test_weeks_begin_where_clocks_say_so_also_as_they_are_changed(monday: date, hours: int):
    week = Week(monday, "Europe/Vienna")
    assert (week.end - week.begin) / timedelta(hours=1) == hours
    assert week_at(week.end, zone="Europe/Vienna") == week.next


def test_a_week_before_clocks_showed_the_same():
    after = datetime(2026, 3, 30, 10, tzinfo=UTC)
    assert a_week_before(after, zone="Europe/Vienna") == datetime(2026, 3, 23, 11, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_runs_at_the_edges_count_in_the_week_of_the_zone():
    user = new_user()
    # In Vienna the week of 24 March 2031 ends at 22:00 UTC, and began at 23:00 UTC.
    for moment, hours in (("2031-03-23T22:59", 0), ("2031-03-23T23:00", 1), ("2031-03-30T21:59", 1)):
        runs(user, 1, since=datetime.fromisoformat(f"{moment}+00:00"), estimated_cost=Decimal(hours))
    runs(user, 1, since=datetime(2031, 3, 30, 22, tzinfo=UTC), estimated_cost=Decimal(5))
    told = changes_of(asked(user, "2031-W13", zone="Europe/Vienna"))
    assert told.total.runs == (2, 1)
    assert told.total.cost == (2.0, 0.0)


@pytest.mark.django_db
def test_a_persons_weeks_are_in_their_organisations_time_zone():
    key = f"org-{uuid.uuid4()}"
    user = new_user(organisation=key)
    assert zone_of(user) == "UTC"
    Organisation.objects.update_or_create(key=key, defaults={"time_zone": "Asia/Tokyo"})
    assert asked(user).week.begin == MONDAY - timedelta(hours=9)
    assert asked(user, zone="Europe/Vienna").week.zone == "Europe/Vienna"


@pytest.mark.django_db
def test_without_a_week_it_is_the_last_one_that_is_over():
    user = new_user()
    assert str(asked(user, "").week) == WEEK
    assert asked(user, "2031-W39").is_over is False
    with pytest.raises(Problem) as refused:
        asked(user, "2031-W40")
    assert (refused.value.status, "2031-W40" in refused.value.detail) == (404, True)


@pytest.mark.django_db(transaction=True)
def test_a_week_that_goes_on_is_laid_beside_the_same_part_of_the_one_before():
    user, now = new_user(), MONDAY + 2 * DAY
    runs(user, 2)
    runs(user, 3, since=MONDAY - 7 * DAY)
    runs(user, 4, since=MONDAY - 3 * DAY)
    assert changes_of(asked(user, now=now)).total.runs == (2, 3)
    assert changes_of(asked(user)).total.runs == (2, 7)


@pytest.mark.django_db(transaction=True)
def test_few_runs_are_not_compared():
    user = new_user()
    runs(user, 12, estimated_cost=Decimal("0.5"))
    report = report_of(asked(user))
    assert found(report, "spending").endswith("12 runs and none in the week before: there is nothing to compare with.")
    assert "%" not in found(report, "spending") + found(report, "changes")
    assert "too few to tell a 95th percentile" in found(report, "slowest")
    runs(user, 5, since=MONDAY - DAY)
    later = report_of(asked(user, zone=NOT_REMEMBERED))
    assert "12 runs, and 5 in the week before: too few to compare." in found(later, "spending")


@pytest.mark.django_db(transaction=True)
def test_what_changed_is_told_with_why():
    user = new_user()
    runs(user, 20, since=MONDAY - 3 * DAY, estimated_cost=Decimal("0.10"), model_id="openai/a")
    runs(user, 30, estimated_cost=Decimal("0.20"), model_id="openai/a", execution_time=Decimal(4))
    report = report_of(asked(user))
    # 10 more runs at 0.10 are 1.00; 30 runs that cost 0.10 more each are 3.00.
    assert "The number of runs rose by 50" in found(report, "spending")
    assert (
        "Cost rose by 200\N{NARROW NO-BREAK SPACE}%: +$1.00 from more runs and +$3.00 from runs that cost more each."
        in found(report, "spending")
    )
    assert "openai/a, $6.00 (30 runs) after $2.00 (20): +$1.00 from more runs" in found(report, "changes")
    assert "“Letters”" in found(report, "changes")
    assert "95 of 100 of its 30 runs took at most 4.0" in found(report, "slowest")
    assert [table.group for table in report.sections[1].tables] == ["model", "session"]


def test_causes_add_up_to_the_change():
    change = Change("a", None, {"executions": 7, "cost": 3.5}, {"executions": 11, "cost": 2.0})
    causes = change.causes()
    assert causes is not None
    assert sum(causes) == pytest.approx(change.cost_change)
    assert Change("a", None, {"executions": 7, "cost": 3.5}, None).causes() is None


def test_the_interval_of_a_difference_is_that_of_the_paper():
    # Newcombe (1998), table II, method 10: 56/70 - 48/80, and 9/10 - 3/10.
    assert difference((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=0.0001)
    assert difference((9, 10), (3, 10)) == pytest.approx((0.1705, 0.8090), abs=0.0001)


@pytest.mark.django_db(transaction=True)
def test_success_is_compared_only_as_far_as_numbers_show():
    user = new_user()
    runs(user, 40, since=MONDAY - 3 * DAY)
    runs(user, 38)
    runs(user, 2, since=MONDAY + 3 * DAY, status="failed", error_code="timeout_total")
    report = report_of(asked(user))
    assert "no difference that these numbers could show" in found(report, "success")
    assert found(report, "errors").startswith("2 runs failed: timeout_total 2 (0)")
    assert "Not seen in the week before: timeout_total." in found(report, "errors")
    runs(user, 30, since=MONDAY + 4 * DAY, status="failed", error_code="rate_limited")
    later = report_of(asked(user, zone=NOT_REMEMBERED))
    assert "lower now by" in found(later, "success")
    assert "rate_limited 30 (0)" in found(later, "errors")


@pytest.mark.django_db(transaction=True)
def test_rates_of_tests_are_those_that_tests_have_measured(monkeypatch: pytest.MonkeyPatch):
    user = new_user()
    template = template_of(user)
    known = measured.Measured(uuid.uuid4(), 0.9, 0.8, 0.96, 60, 2)

    def source(viewer: User, subject: measured.Subject, models: Any) -> dict[str, measured.Measured]:
        return {"openai/echo": known} if subject.template_id == template.id and "openai/echo" in models else {}

    monkeypatch.setattr(measured, "_SOURCES", [])
    runs(user, 3, template_version=template.current)
    assert "No test has measured" in found(report_of(asked(user)), "success")
    measured.register(source)
    assert f"“{template.name}”, version 2 passed 90" in found(report_of(asked(user)), "success")
    assert "60 samples" in found(report_of(asked(user)), "success")


@pytest.mark.django_db(transaction=True)
def test_what_stands_around_the_runs_is_told():
    user, other = new_user(), new_user()
    template = template_of(user)
    runs(user, 1)
    for whose in (user, other):
        Anomaly.objects.create(
            subject_kind=SubjectKind.USER, subject_id=str(whose.id), metric="cost", first_hour=MONDAY + DAY,
            last_hour=MONDAY + DAY, evidence={"value": 60.0, "span": 1, "median": 1.1},
        )  # fmt: skip
    for number in range(6):
        LabelMove.objects.create(
            template=template, name=f"label{number}", version=template.current, moved_by=user,
            moved_at=MONDAY + timedelta(hours=number),
        )  # fmt: skip
    LabelMove.objects.create(template=template, name="gone", moved_by=user, moved_at=MONDAY + 7 * DAY)
    report = report_of(asked(user))
    told = report.sections[[each.id for each in report.sections].index("anomalies")].findings
    assert len(told) == 1
    assert told[0].startswith("Tue 00:00: cost of ")
    assert told[0].endswith(": 60.0 in 1 hour, usually 1.1.")
    assert found(report, "labels").startswith(f"Mon 05:00: label5 of “{template.name}” moved to version 1.")
    assert found(report, "labels").endswith("And 2 more.")
    assert "gone" not in found(report, "labels")
    assert found(report, "budgets") == "No budget of the month holds for you."
    assert "budgets" not in [each.id for each in report_of(asked(user, now=NOW + 30 * DAY)).sections]
    assert "retires within 90 days" in found(report, "retiring")


@pytest.mark.django_db(transaction=True)
def test_budgets_are_told_as_of_today():
    user, now = new_user(), timezone.now()
    a_run(user, created_at=now - 7 * DAY, ended_at=now - 7 * DAY)
    QuotaLimit.objects.create(subject_kind="user", subject_id=str(user.id), period="month", cost=Decimal(100))
    assert found(report_of(asked(user, "", now=now)), "budgets").startswith("Your budget: ")


@pytest.mark.django_db(transaction=True)
def test_a_model_that_retires_is_told_to_who_ran_it(monkeypatch: pytest.MonkeyPatch):
    rows = [
        {"id": "openai/old", "retires_on": date(2031, 11, 1), "replacement": "openai/new"},
        {"id": "openai/later", "retires_on": date(2032, 11, 1), "replacement": None},
        {"id": "openai/others", "retires_on": date(2031, 11, 1), "replacement": None},
    ]
    monkeypatch.setattr("analytics.reports.around.all_models", lambda: rows)
    user = new_user()
    for model in ("openai/old", "openai/later"):
        runs(user, 2, model_id=model)
    told = found(report_of(asked(user)), "retiring")
    assert told == "openai/old retires on 1 November 2031; 2 runs this week; move to openai/new."


async def test_everybody_reads_their_own_and_who_leads_reads_their_teams(author: Person, stranger: Person):
    lead, member = author.user, stranger.user
    assert lead
    assert member
    admin = Person(author.url, await in_database_thread(lambda: new_user(roles=[Role.ADMIN])))
    outside = Person(author.url, await in_database_thread(new_user))
    team = await in_database_thread(lambda: Team.objects.create(name=f"Team {uuid.uuid4()}"))
    last = timezone.now() - 7 * DAY

    def begin() -> None:
        TeamMember.objects.create(team=team, user=lead, role=Standing.MANAGER)
        TeamMember.objects.create(team=team, user=member)
        for user in (lead, member, member):
            a_run(user, created_at=last, ended_at=last)

    await in_database_thread(begin)
    door = f"/api/analytics/report?week={week_at(last, zone='UTC')}"
    mine, theirs = await author.get(door), await author.get(f"{door}&whose=team:{team.id}")
    assert mine.body["total"]["this_week"]["executions"] == 1
    assert theirs.body["total"]["this_week"]["executions"] == 3
    assert len(theirs.body["changes"]["user"]) == 2
    assert "user" not in mine.body["changes"]
    # The figures are those of usage.
    span = f"from={mine.body['from']}&to={mine.body['to']}&group_by=session"
    usage = (await author.get(f"/api/analytics/usage?{span}&team_id={team.id}")).body
    assert theirs.body["total"]["this_week"] == usage["total"]
    assert theirs.body["changes"]["session"][0]["this_week"].items() <= usage["results"][0].items()
    # Without a choice an administrator reads everybody's.
    assert (await admin.get(door)).body["total"]["this_week"]["executions"] >= 3
    assert (await admin.get(f"{door}&whose=me")).body["sections"] == []
    for person, whose, status in (
        (stranger, f"team:{team.id}", 403), (outside, f"team:{team.id}", 404), (author, "all", 403),
        (admin, f"team:{team.id}", 200), (outside, f"team:{uuid.uuid4()}", 404), (outside, "organisation:x", 404),
    ):  # fmt: skip
        assert (await person.get(f"{door}&whose={whose}")).status == status, (whose, status)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("week=2026-W60", "week"), ("week=last", "week"), ("week=2026-W01%00", "week"), ("whose=you", "whose"),
        ("whose=team:x", "whose"), ("whose=organisation:", "whose"), ("time_zone=Mars", "time_zone"),
        ("days=3", "days"),
    ],
)  # fmt: skip
async def test_what_cannot_be_understood_is_named(author: Person, query: str, field: str):
    answer = await author.get(f"/api/analytics/report?{query}")
    assert (answer.status, [each["field"] for each in answer.body["errors"]]) == (400, [field])


async def test_a_week_that_has_not_begun_is_not_there(author: Person):
    answer = await author.get("/api/analytics/report?week=2100-W01")
    assert (answer.status, "2100-W01" in answer.body["detail"]) == (404, True)


async def test_its_tables_are_files(author: Person):
    user, last = author.user, timezone.now() - 7 * DAY
    assert user

    def begin() -> None:
        for code in ("", "timeout_total"):
            status = "failed" if code else "completed"
            a_run(user, created_at=last, ended_at=last, status=status, error_code=code)

    await in_database_thread(begin)
    browser = await in_database_thread(browser_of, author)
    page = f"/analytics/report/{week_at(last, zone='UTC')}"
    rows = list(csv.DictReader(io.StringIO((await browser.get(f"{page}/model.csv")).text.lstrip("\ufeff"))))
    told = [(row["model"], row["this_week_executions"], row["this_week_cost"]) for row in rows]
    assert told == [("openai/echo", "2", "0.5")]
    errors = (await browser.get(f"{page}/errors.csv")).text.splitlines()
    assert errors[1] == '"timeout_total",1,0'
    for path, status in (
        (f"{page}/mood.csv", 404), (f"{page}?whose=all", 403), ("/analytics/report/2100-W01", 404),
        ("/analytics/report/2026-47", 400), (f"{page}?time_zone=Mars", 400), ("/analytics/report", 200), (page, 200),
    ):  # fmt: skip
        assert (await browser.get(path)).status == status, path
    assert "such as 2026-W47" in (await browser.get("/analytics/report/2026-47")).text
