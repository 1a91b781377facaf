"""Usage by the API: who sees whose, what is refused, and that a run is in it at once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role, Standing, Team, TeamMember, User
from foundation.database.threads import in_database_thread
from playground.engine import lifecycle
from playground.models import PromptExecution
from privacy.erasure.steps import in_order
from sessions_app.models import PlaygroundSession
from templates_app.models import TemplateVersion
from tests.cast import Person, new_user
from tests.servers.service import Service

DOOR = "/api/analytics/usage"


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


def a_run(user: User, **fields: Any) -> PromptExecution:
    """An ended one of theirs, of an hour ago."""
    session = fields.pop("session", None) or PlaygroundSession.objects.create(user=user, name="Usage")
    moment = timezone.now() - timedelta(hours=1)
    given = {
        "model_id": "openai/echo", "request": {"prompt": "x"}, "status": "completed", "prompt_tokens": 10,
        "completion_tokens": 5, "estimated_cost": Decimal("0.25"), "execution_time": Decimal("1.5"),
        "created_at": moment, "ended_at": moment,
    }  # fmt: skip
    made = PromptExecution.objects.create(session=session, user=user, **{**given, **fields})
    lifecycle.keep([made.id])
    return made


async def usage(person: Person, query: str = "") -> dict[str, Any]:
    """The answer to a question that nobody has asked yet."""
    since = (timezone.now() - timedelta(days=2, microseconds=uuid.uuid4().int % 10**9)).isoformat()
    path = f"{DOOR}?from={since.replace('+', '%2B')}&{query}"
    answer = await person.get(path)
    assert answer.status == 200, answer.body
    return dict(answer.body)


async def test_a_run_is_in_it_at_once_with_its_token(author: Person, provider: str):
    made = (await author.execute(f"{provider}/echo", prompt="How much?")).body
    told = await usage(author, "group_by=model")
    (row,) = told["results"]
    assert row["group"] == {"model": f"{provider}/echo"}
    assert (row["executions"], row["completed"], row["success_rate"]) == (1, 1, 1.0)
    assert row["tokens"]["total"] == made["usage"]["total_tokens"] > 0
    assert row["cost"] == pytest.approx(made["usage"]["estimated_cost"])
    assert row["latency"]["n"] == 1
    assert row["latency"]["p50"] == pytest.approx(made["execution_time"], rel=0.03, abs=0.001)
    assert told["total"] == {name: value for name, value in row.items() if name not in ("group", "name")}


@pytest.mark.parametrize(
    ("notes", "cost", "unpriced"),
    [
        ({"price_known": True}, 0, 0),  # a model that runs here
        ({"price_known": False}, 0, 1),
        ({"price_known": False}, 1, 1),  # another model was billed before it
        ({"price_known": False, "cached": True}, 0, 0),
        ({}, 0, 1),
        ({}, 1, 0),
    ],
)
async def test_what_is_free_has_a_known_price(author, notes, cost, unpriced):
    await in_database_thread(lambda: a_run(author.user, estimated_cost=Decimal(cost), metadata=notes))
    told = await usage(author)
    assert (told["total"]["executions"], told["total"]["unpriced"]) == (1, unpriced)


async def test_an_answer_from_the_cache_costs_nothing_whatever_its_model_does(author: Person, provider: str):
    asked = {"prompt": f"Say it twice {uuid.uuid4()}", "parameters": {"cache": True}}
    runs = [(await author.execute(f"{provider}/echo", **asked)).body for _ in range(2)]
    assert [run["metadata"].get("cached", False) for run in runs] == [False, True]
    assert runs[1]["metadata"]["price_known"] is True
    assert (await usage(author))["total"]["unpriced"] == int(not runs[0]["metadata"]["price_known"])


async def test_a_token_is_told_apart(author: Person, provider: str):
    made = (await author.post("/api/auth/tokens", {"name": "CI", "scopes": ["read", "execute"]})).body
    program = Person(author.url, author.user, token=made["token"])
    await program.execute(f"{provider}/echo", prompt="By a program")
    await author.execute(f"{provider}/echo", prompt="By hand")
    rows = {row["name"]: row["executions"] for row in (await usage(author, "group_by=token"))["results"]}
    assert rows == {"CI": 1, None: 1}


async def test_everybody_sees_their_own_and_who_leads_sees_their_people(
    author: Person, stranger: Person, admin: Person
):
    owner, other = author.user, stranger.user
    assert owner
    assert other
    team = await in_database_thread(lambda: Team.objects.create(name=f"Team {uuid.uuid4()}"))

    def begin() -> None:
        TeamMember.objects.create(team=team, user=owner, role=Standing.MANAGER)
        TeamMember.objects.create(team=team, user=other)
        for user in (owner, other, other):
            a_run(user)

    await in_database_thread(begin)
    assert (await usage(author))["total"]["executions"] == 1
    assert (await usage(author, f"team_id={team.id}"))["total"]["cost"] == 0.75
    people = await usage(author, f"team_id={team.id}&group_by=user&limit=1")
    assert [(row["group"]["user"], row["executions"]) for row in people["results"]] == [(str(other.id), 2)]
    assert (people["others"]["groups"], people["others"]["executions"]) == (1, 1)
    assert (people["total"]["executions"], people["total"]["latency"]["n"]) == (3, 3)
    assert (await usage(author, f"user_id={other.id}"))["total"]["executions"] == 2
    # A member sees nobody else's; nobody is told whether a stranger is there.
    assert (await stranger.get(f"{DOOR}?team_id={team.id}")).status == 403
    for path in (f"user_id={owner.id}", f"user_id={uuid.uuid4()}", f"team_id={uuid.uuid4()}"):
        assert (await stranger.get(f"{DOOR}?{path}")).status == 404
    everybody = (await usage(admin))["total"]["executions"]
    assert everybody >= 3
    assert (await usage(admin, "user_id=me"))["total"]["executions"] == 0
    teams = await usage(admin, f"group_by=team&user_id={owner.id}")
    assert [row["name"] for row in teams["results"]] == [team.name]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("from=1900-01-01&to=2000-01-01", "from", "too_long"),
        ("from=2026-02-01&to=2026-01-01", "to", "before_from"),
        ("from=2026-02-01T00:00Z&to=2026-02-01T00:00Z", "to", "before_from"),
        ("from=yesterday", "from", "invalid"),
        ("to=9999-12-31", "to", "invalid"),
        ("from=0001-01-01T00:00:00%2B14:00", "from", "invalid"),
        ("group_by=mood", "group_by", "invalid_choice"),
        ("group_by=day,week", "group_by", "contradiction"),
        ("group_by=model,model,day", "group_by", "too_many"),
        ("from=2025-01-01&to=2026-01-01&group_by=hour", "group_by", "too_many"),
        ("time_zone=Mars/Olympus", "time_zone", "unknown_time_zone"),
        ("time_zone=../../etc/passwd", "time_zone", "unknown_time_zone"),
        ("limit=10000", "limit", "max_value"),
        ("session=none", "session", "invalid"),
        ("user_id=somebody", "user_id", "invalid"),
        ("model=" + ",".join(f"m{number}" for number in range(51)), "model", "too_many"),
        ("colour=red", "colour", "unknown"),
    ],
)
async def test_what_cannot_be_asked_is_named(author: Person, query: str, field: str, code: str):
    answer = await author.get(f"{DOOR}?{query}")
    assert answer.status == 400, answer.body
    assert [(error["field"], error["code"]) for error in answer.body["errors"]] == [(field, code)]


async def test_days_are_those_of_the_time_zone(author: Person):
    user = author.user
    assert user
    moment = timezone.now().replace(hour=20, minute=30, second=0, microsecond=0) - timedelta(days=1)
    await in_database_thread(lambda: a_run(user, created_at=moment))
    days = {}
    for zone in ("UTC", "Asia/Kolkata", "Pacific/Kiritimati"):
        (row,) = (await usage(author, f"group_by=day&time_zone={zone}"))["results"]
        days[zone] = row["group"]["day"]
    today, yesterday = (moment + timedelta(days=1)).date().isoformat(), moment.date().isoformat()
    assert days == {"UTC": yesterday, "Asia/Kolkata": today, "Pacific/Kiritimati": today}
    (hour,) = (await usage(author, "group_by=hour&time_zone=Asia/Kolkata"))["results"]
    assert hour["group"]["hour"] == f"{today}T02:00:00+05:30"


async def test_groups_have_names_as_far_as_they_may_be_known(author: Person, admin: Person):
    user = author.user
    assert user
    made = (await author.post("/api/templates", {"name": "Tone", "prompt": "Say {{x}}", "category": "Writing"})).body
    session = (await author.post("/api/sessions", {"name": "Letters"})).body
    name = f"openai/{uuid.uuid4()}"

    def run() -> None:
        version = TemplateVersion.objects.get(template_id=made["id"])
        a_run(user, session=PlaygroundSession.objects.get(id=session["id"]), template_version=version, model_id=name)

    await in_database_thread(run)
    for group, wanted in (
        ("template", "Tone"),
        ("version", "Tone, version 1"),
        ("session", "Letters"),
        ("user", "Author"),
    ):
        (row,) = (await usage(author, f"group_by={group}&model={name}"))["results"]
        assert (row["name"], row["executions"]) == (wanted, 1), group
    assert (await usage(author, f"group_by=day&template={made['id']}"))["total"]["executions"] == 1
    # An administrator sees what was used, and of a private session no name.
    (row,) = (await usage(admin, f"group_by=session&model={name}"))["results"]
    assert (row["group"], row["name"]) == ({"session": session["id"]}, None)
    both = await usage(author, f"group_by=day,model&model={name}")
    assert [(row["group"]["model"], row["errors"], row["latency"]) for row in both["results"]] == [(name, None, None)]
    assert both["total"]["latency"]["n"] == 1


async def test_what_an_erased_person_used_stays_in_the_sums_and_is_nobodys(stranger: Person, admin: Person):
    user = stranger.user
    assert user
    model = f"openai/{uuid.uuid4()}"
    await in_database_thread(lambda: a_run(user, model_id=model))

    def erase() -> None:
        turn = next(step.turn for step in in_order() if step.name == "usage")
        while turn(user.id):
            pass

    await in_database_thread(erase)
    told = await usage(admin, f"model={model}&group_by=user")
    assert [(row["group"], row["name"], row["cost"]) for row in told["results"]] == [({"user": None}, None, 0.25)]


async def test_an_answer_is_remembered_for_a_while(author: Person):
    user = author.user
    assert user
    path = f"{DOOR}?from=2020-01-01&to=2030-01-01"
    assert (await author.get(path)).body["total"]["executions"] == 0
    await in_database_thread(lambda: a_run(user))
    assert (await author.get(path)).body["total"]["executions"] == 0
    assert (await usage(author))["total"]["executions"] == 1
