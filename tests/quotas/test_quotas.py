"""T15, T37: quotas across two web processes and the worker, what is told, and what a call may cost unasked."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from accounts.bearer import api_tokens
from accounts.models import Role
from foundation.database.threads import in_database_thread
from providers.models import CatalogueModel
from quotas.models import QuotaHold, QuotaUsage
from tests.cast import Answer, Person, new_user
from tests.playground.conftest import Ledger, ledger, make_provider, provider
from tests.playground.test_reservations import priced
from tests.servers.service import Service, Web
from tests.waiting import until

__all__ = ["ledger", "make_provider", "provider"]

LIMIT = 10


@pytest.fixture(scope="module")
def second_web(running_service: Service) -> Iterator[Web]:
    """One beside the service's own; calls above 0.05 USD ask there first."""
    web = Web({**running_service.environment, "CONFIRM_COST_ABOVE": "0.05"})
    yield web
    web.stop()


@pytest.fixture
def doomed_web(service: Service) -> Iterator[Web]:
    """One that may be killed."""
    web = Web(service.environment)
    yield web
    web.stop()


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


@pytest.fixture
def author(service: Service) -> Person:
    """Somebody who runs prompts."""
    return Person(service.url, new_user())


async def set_limits(admin: Person, path: str, *limits: dict[str, Any]) -> Answer:
    """Sets them over the API."""
    answer = await admin.call("PUT", f"/api/quotas/{path}", {"limits": list(limits)})
    assert answer.status == 200, answer.body
    return answer


async def of_user(person: Person) -> str:
    """The path of this person's quotas."""
    assert person.user is not None
    return f"user/{person.user.id}"


async def used_by(person: Person) -> int:
    """Executions of today, by the ledger."""
    assert person.user is not None
    found = QuotaUsage.objects.filter(subject_id=str(person.user.id), period="day")
    return int(await in_database_thread(found.values_list("executions", flat=True).get))


async def nothing_is_set_aside() -> bool:
    """Whether all is settled."""
    return not await in_database_thread(QuotaHold.objects.exists)


async def test_t15_sixty_that_race_for_ten_across_two_web_processes_twenty_times(
    admin: Person, service: Service, second_web: Web, provider: str
):
    for _ in range(20):
        person = Person(service.url, await in_database_thread(new_user))
        await set_limits(admin, await of_user(person), {"period": "day", "executions": LIMIT})
        webs = [person, person.at(second_web.url)]
        answers = await asyncio.gather(*(webs[number % 2].execute(f"{provider}/echo") for number in range(60)))
        assert sorted(answer.status for answer in answers) == [200] * LIMIT + [429] * 50
        assert {answer.body["code"] for answer in answers if answer.status == 429} == {"quota_exceeded"}
        await until(nothing_is_set_aside)
        assert await used_by(person) == LIMIT


async def test_t15_what_a_killed_process_had_set_aside_is_given_back(
    admin: Person, author: Person, provider: str, doomed_web: Web
):
    await set_limits(admin, await of_user(author), {"period": "day", "executions": LIMIT})
    model = f"{provider}/tokens-400-every-30ms"
    webs = [author, author.at(doomed_web.url)]

    async def begun(number: int) -> bool:
        try:
            async with webs[number % 2].streaming(model) as stream:
                return bool(stream.status == 200)
        except aiohttp.ClientError:
            return False

    assert sum(await asyncio.gather(*map(begun, range(60)))) == LIMIT
    assert await in_database_thread(QuotaHold.objects.count) == LIMIT
    await asyncio.to_thread(doomed_web.restart, signal.SIGKILL)
    await until(nothing_is_set_aside)
    assert await used_by(author) == LIMIT
    assert (await author.execute(f"{provider}/echo")).body["code"] == "quota_exceeded"


async def test_t15_workers_meet_the_same_quota_and_their_test_rests(admin: Person, author: Person, provider: str):
    await set_limits(admin, await of_user(author), {"period": "day", "executions": LIMIT})
    body = {
        "name": "T", "model_id": f"{provider}/echo", "prompt": "x", "test_cases": [{}], "parameters": {"runs": 60}
    }  # fmt: skip
    made = await author.post("/api/evaluation/probabilistic", body)
    assert made.status == 202, made.body
    path = f"/api/evaluation/{made.body['id']}"

    async def rests() -> dict[str, Any] | None:
        test: dict[str, Any] = (await author.get(path)).body
        return test if test["status"] == "paused" else None

    test = await until(rests)
    assert (test["pause_reason"], test["progress"]["done"]) == ("quota", LIMIT)
    await until(nothing_is_set_aside)
    assert await used_by(author) == LIMIT
    await set_limits(admin, await of_user(author), {"period": "day", "executions": 60})

    async def is_done() -> bool:
        return bool((await author.get(path)).body["status"] == "completed")

    await until(is_done)
    assert await used_by(author) == 60


async def test_t15_a_refusal_says_whose_limit_how_much_is_left_and_when_it_begins_anew(
    admin: Person, author: Person, provider: str
):
    await set_limits(admin, await of_user(author), {"period": "day", "executions": 1})
    assert (await author.execute(f"{provider}/echo")).status == 200
    refused = await author.execute(f"{provider}/echo")
    assert (refused.status, refused.body["code"]) == (429, "quota_exceeded")
    said = "Your quota of 1 execution a day has 0 left (1 used), and this may need 1."
    assert refused.body["detail"].startswith(said)
    assert 0 < int(refused.headers["Retry-After"]) <= 86_401
    mine = (await author.get("/api/quotas")).body["results"]
    assert [(each["period"], each["executions"]) for each in mine] == [
        ("day", {"limit": 1.0, "used": 1.0, "reserved": 0.0, "left": 0.0})
    ]


async def test_t15_money_is_set_aside_by_the_dearest_path_before_anything_is_paid(
    admin: Person, author: Person, provider: str, ledger: Ledger
):
    model = f"tokens-8@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{model}")
    await set_limits(admin, await of_user(author), {"period": "day", "cost": 0.001})
    refused = await author.execute(f"{provider}/{model}")
    assert (refused.status, refused.body["code"]) == (429, "quota_exceeded")
    assert "USD a day" in refused.body["detail"]
    assert await ledger.calls(model) == []
    assert (await author.execute(f"{provider}/{model}", parameters={"max_tokens": 20})).status == 200
    (mine,) = (await author.get("/api/quotas")).body["results"]
    assert 0 < mine["cost"]["used"] < 0.001
    assert mine["cost"]["reserved"] == 0


async def test_an_api_tokens_quota_holds_for_that_token_alone(admin: Person, author: Person, provider: str):
    def made() -> tuple[Any, str]:
        assert author.user is not None
        return api_tokens.make(
            user=author.user, made_by=author.user, name="narrow", scopes=["execute", "read"], expires_in_days=1
        )

    token, secret = await in_database_thread(made)
    await set_limits(admin, f"token/{token.id}", {"period": "month", "executions": 1})
    program = Person(author.url, None, token=secret)
    assert (await program.execute(f"{provider}/echo")).status == 200
    refused = await program.execute(f"{provider}/echo")
    assert refused.body["detail"].startswith("This API token's quota of 1 execution a month")
    assert (await author.execute(f"{provider}/echo")).status == 200


async def test_t15_a_test_is_counted_at_the_token_that_made_it(admin: Person, author: Person, provider: str):
    def made() -> tuple[Any, str]:
        assert author.user is not None
        return api_tokens.make(
            user=author.user, made_by=author.user, name="tests", scopes=["evaluate", "read"], expires_in_days=1
        )

    token, secret = await in_database_thread(made)
    await set_limits(admin, f"token/{token.id}", {"period": "month", "executions": 3})
    program = Person(author.url, None, token=secret)
    body = {
        "name": "T", "model_id": f"{provider}/echo", "prompt": "x", "test_cases": [{}], "parameters": {"runs": 5}
    }  # fmt: skip

    async def ended(person: Person) -> dict[str, Any]:
        begun = await person.post("/api/evaluation/probabilistic", body)
        assert begun.status == 202, begun.body

        async def has_ended() -> dict[str, Any] | None:
            test: dict[str, Any] = (await person.get(f"/api/evaluation/{begun.body['id']}")).body
            return test if test["status"] in ("paused", "completed") else None

        return dict(await until(has_ended))

    test = await ended(program)
    assert (test["status"], test["pause_reason"], test["progress"]["done"]) == ("paused", "quota", 3)
    assert (await ended(author))["status"] == "completed"


async def test_a_projects_quota_is_met_in_its_sessions(admin: Person, author: Person, provider: str):
    project = f"alpha/{uuid.uuid4().hex}"
    made = await author.post("/api/sessions", {"name": "S", "project_id": project})
    await set_limits(admin, f"project/{project}", {"period": "day", "executions": 1})
    there = {"session_id": made.body["id"]}
    assert (await author.execute(f"{provider}/echo", **there)).status == 200
    assert (await author.execute(f"{provider}/echo", **there)).body["code"] == "quota_exceeded"
    assert (await author.execute(f"{provider}/echo")).status == 200


async def test_t27_only_administrators_set_quotas_and_everybody_sees_their_own(admin: Person, author: Person):
    mine = await of_user(author)
    assert (await author.get(f"/api/quotas/{mine}")).status == 200
    for method, path, body in (
        ("PUT", f"/api/quotas/{mine}", {"limits": []}),
        ("DELETE", f"/api/quotas/{mine}", None),
        ("GET", "/api/quotas/limits", None),
        ("GET", f"/api/quotas/{await of_user(admin)}", None),
    ):
        assert (await author.call(method, path, body)).status == 403, path


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ([{"period": "year", "executions": 1}], "limits.0.period"),
        ([{"period": "day", "executions": -1}], "limits.0.executions"),
        ([{"period": "day", "executions": 1.5}], "limits.0.executions"),
        ([{"period": "day", "cost": "NaN"}], "limits.0.cost"),
        ([{"period": "day", "cost": 1e300}], "limits.0.cost"),
        ([{"period": "day", "tokens": 2**60}], "limits.0.tokens"),
        ([{"period": "day", "token": 1}], "limits.0.token"),
        ([{"period": "day"}, {"period": "day"}], "limits"),
    ],
)
async def test_bad_limits_are_refused_by_name(admin: Person, limits: list[dict[str, Any]], field: str):
    answer = await admin.call("PUT", f"/api/quotas/{await of_user(admin)}", {"limits": limits})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize(
    "path", ["user/6c1f0f8c-7f0e-5c39-9d0a-3f1f5d1f7a10", "user/nobody", "planet/earth", "team/x", "token/1"]
)
async def test_there_is_no_quota_of_nobody(admin: Person, path: str):
    assert (await admin.call("PUT", f"/api/quotas/{path}", {"limits": []})).status == 404


async def test_limits_set_and_taken_away_at_once_are_each_answered(admin: Person, author: Person, provider: str):
    path, limits = await of_user(author), {"limits": [{"period": "month", "executions": 1_000}]}

    async def one(number: int) -> int:
        if number % 3 == 0:
            return int((await author.execute(f"{provider}/echo")).status)
        if number % 3 == 1:
            return int((await admin.call("PUT", f"/api/quotas/{path}", limits)).status)
        return int((await admin.call("DELETE", f"/api/quotas/{path}")).status)

    answers = await asyncio.gather(*map(one, range(90)))
    assert set(answers) == {200, 204}
    await until(nothing_is_set_aside)


async def test_t37_a_dear_call_asks_before_it_is_made(author: Person, second_web: Web, provider: str, ledger: Ledger):
    model = f"tokens-8@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{model}")
    there, dear = author.at(second_web.url), {"max_tokens": 20_000}
    asked = await there.execute(f"{provider}/{model}", parameters=dear)
    assert (asked.status, asked.body["code"]) == (402, "cost_confirmation_required")
    estimate = asked.body["estimate"]
    assert 0.2 <= estimate["most"] < 0.21
    assert estimate["confirm_above"] == 0.05
    assert [each["model_id"] for each in estimate["models"]] == [f"{provider}/{model}"]
    assert await ledger.calls(model) == []
    assert (await there.execute(f"{provider}/{model}", parameters=dear, confirm_cost=True)).status == 200
    assert (await there.execute(f"{provider}/{model}", parameters={"max_tokens": 100})).status == 200
    assert (await author.execute(f"{provider}/{model}", parameters=dear)).status == 200


async def test_t37_what_is_dear_together_asks_too(author: Person, second_web: Web, provider: str):
    model = f"tokens-8@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{model}")
    there = author.at(second_web.url)
    variant = {"model_id": f"{provider}/{model}", "parameters": {"max_tokens": 3_000}}
    body = {"prompt": "Say something", "variants": [variant, variant]}
    asked = await there.post("/api/comparisons", body)
    assert (asked.status, len(asked.body["estimate"]["models"])) == (402, 2)
    assert (await there.post("/api/comparisons", {**body, "confirm_cost": True})).status == 202


async def test_t37_a_dear_test_asks_before_it_begins(author: Person, second_web: Web, provider: str, ledger: Ledger):
    model = f"tokens-8@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{model}")
    there = author.at(second_web.url)
    parameters: dict[str, Any] = {"runs": 10, "max_tokens": 1_000}
    body = {
        "name": "Dear", "model_id": f"{provider}/{model}", "prompt": "x", "test_cases": [{}, {}],
        "parameters": parameters,
    }  # fmt: skip
    asked = await there.post("/api/evaluation/probabilistic", body)
    assert (asked.status, asked.body["code"]) == (402, "cost_confirmation_required")
    assert 0.2 <= asked.body["estimate"]["most"] < 0.21
    assert [each["model_id"] for each in asked.body["estimate"]["models"]] == [f"{provider}/{model}"]
    assert await ledger.calls(model) == []
    within = {**body, "parameters": parameters | {"max_cost": 0.04}}
    assert (await there.post("/api/evaluation/probabilistic", within)).status == 202
    assert (await there.post("/api/evaluation/probabilistic", {**body, "confirm_cost": True})).status == 202
    assert (await author.post("/api/evaluation/probabilistic", body)).status == 202


async def test_t37_a_dear_judge_and_a_dear_question_ask_too(author: Person, second_web: Web, provider: str):
    model = f"{provider}/tokens-8@{uuid.uuid4().hex[:8]}"
    dear = {"input_per_million": 1_000, "output_per_million": 10_000}
    rows = CatalogueModel.objects
    await in_database_thread(lambda: rows.create(id=model, provider=provider, overrides=dear))
    there = author.at(second_web.url)
    judged = {"scorer": "llm_judge", "params": {"model_id": model, "rubric": "Is it polite?"}, "output": "Thank you."}
    made = await there.post("/api/datasets", {"name": "D", "cases": [{"input": {"x": "1"}}]})
    asked = {"model_id": model, "kinds": ["ordinary"], "count": 1}
    for path, body in (("/api/evaluation/scorers/try", judged), (f"/api/datasets/{made.body['id']}/proposals", asked)):
        refused = await there.post(path, body)
        assert (refused.status, refused.body["code"]) == (402, "cost_confirmation_required"), (path, refused.body)
        assert (await there.post(path, {**body, "confirm_cost": True})).status in (200, 202, 422)


async def test_a_key_is_free_for_the_call_that_is_confirmed(author: Person, second_web: Web, provider: str):
    model = f"tokens-8@{uuid.uuid4().hex[:8]}"
    await in_database_thread(priced, f"{provider}/{model}")
    there, key = author.at(second_web.url), uuid.uuid4().hex
    dear = {"parameters": {"max_tokens": 20_000}, "key": key}
    assert (await there.execute(f"{provider}/{model}", **dear)).status == 402
    assert (await there.execute(f"{provider}/{model}", confirm_cost=True, **dear)).status == 200
