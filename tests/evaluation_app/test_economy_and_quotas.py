"""T15: what is sent in a provider's batch is set aside before it is sent, and counted when it comes, whatever else."""

from __future__ import annotations

import pytest

from accounts.models import Role
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from playground.engine.quota_upkeep import settle_left_behind
from playground.models import PromptExecution
from quotas.models import QuotaHold
from tests.cast import Person, new_user
from tests.evaluation_app.economy import WIRES, Economy, economy
from tests.quotas.test_quotas import nothing_is_set_aside, of_user, set_limits, used_by
from tests.servers.service import Service
from tests.waiting import until

__all__ = ["economy"]


@pytest.fixture
def admin(service: Service) -> Person:
    """An administrator."""
    return Person(service.url, new_user(roles=[Role.ADMIN]))


def kept(test_id: str) -> int:
    """Executions of the test."""
    session_id = EvaluationTest.objects.values_list("session_id", flat=True).get(id=test_id)
    return PromptExecution.objects.filter(session_id=session_id).count()


@pytest.mark.parametrize("wire", WIRES)
async def test_t15_a_batch_takes_what_a_quota_has_and_the_test_rests(economy: Economy, admin: Person, wire: str):
    person = economy.bench.person
    await set_limits(admin, await of_user(person), {"period": "day", "executions": 10})
    model_id = await economy.model(wire, "batch-after-500ms")
    test_id = await economy.begin(model_id)
    test = await economy.bench.ended(test_id, "paused")
    assert (test["pause_reason"], test["progress"]["done"]) == ("quota", 10), test
    assert len(await economy.calls(model_id)) == 10
    await until(nothing_is_set_aside)
    assert await used_by(person) == 10
    await set_limits(admin, await of_user(person), {"period": "day", "executions": 12})
    test = await economy.bench.ended(test_id, "completed")
    assert (test["progress"]["done"], test["progress"]["errors"]) == (12, 0), test
    await until(nothing_is_set_aside)
    assert await used_by(person) == 12


async def test_t15_a_quota_without_room_sends_nothing(economy: Economy, admin: Person):
    person = economy.bench.person
    await set_limits(admin, await of_user(person), {"period": "month", "cost": 0})
    model_id = await economy.model("openai")
    test = await economy.bench.ended(await economy.begin(model_id), "paused")
    assert (test["pause_reason"], test["progress"]["done"]) == ("quota", 0), test
    assert await economy.batches(model_id) == 0
    assert await nothing_is_set_aside()


async def test_t15_what_was_sent_before_a_limit_is_kept_and_counts(economy: Economy, admin: Person, provider: str):
    person = economy.bench.person
    model_id = await economy.model("openai", "batch-after-4000ms")
    test_id = await economy.begin(model_id)
    await economy.sent(model_id)
    await set_limits(admin, await of_user(person), {"period": "day", "executions": 1})
    assert (await person.execute(f"{provider}/echo")).status == 200
    test = await economy.bench.ended(test_id, "completed")
    assert (test["progress"]["done"], test["progress"]["errors"]) == (12, 0), test
    assert await in_database_thread(kept, test_id) == 12
    await until(nothing_is_set_aside)
    assert await used_by(person) == 13


async def test_t15_what_waits_in_a_batch_is_not_taken_for_left_behind(economy: Economy, admin: Person):
    person = economy.bench.person
    await set_limits(admin, await of_user(person), {"period": "day", "executions": 100})
    model_id = await economy.model("openai", "batch-after-3000ms")
    test_id = await economy.begin(model_id)
    await economy.sent(model_id)

    def set_aside_long_ago() -> int:
        QuotaHold.objects.update(created_at="2020-01-01T00:00Z")
        settle_left_behind()
        return QuotaHold.objects.count()

    assert await in_database_thread(set_aside_long_ago) == 12
    assert (await person.get("/api/quotas")).body["results"][0]["executions"]["reserved"] == 12
    await economy.bench.ended(test_id, "completed")
    await until(nothing_is_set_aside)
    assert await used_by(person) == 12


@pytest.mark.parametrize("wire", WIRES)
async def test_t15_what_a_batch_never_answered_is_given_back(economy: Economy, admin: Person, wire: str):
    person = economy.bench.person
    await set_limits(admin, await of_user(person), {"period": "day", "executions": 100})
    test_id = await economy.begin(await economy.model(wire, "batch-forever"))
    await until(lambda: in_database_thread(QuotaHold.objects.exists))
    await economy.bench.steer(test_id, "cancel")
    await economy.bench.ended(test_id, "cancelled")
    await until(nothing_is_set_aside)
    assert await used_by(person) == await in_database_thread(kept, test_id)
