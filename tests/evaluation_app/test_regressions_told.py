"""A test that is worse than its baseline is told after its end, with figures alone; one that is not, is not."""

from __future__ import annotations

from typing import Any

from events.models import Delivery, Destination
from foundation.database.threads import in_database_thread
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.gating import WORDS, Gated, body

TYPE = "llm_playground.evaluation."


async def told(test_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Kinds and payloads of a test's events, in the order in which they are told."""

    def rows() -> list[tuple[str, dict[str, Any]]]:
        mine = Delivery.objects.filter(aggregate=f"test:{test_id}").select_related("event").order_by("id")
        return [(each.event.type.removeprefix(TYPE), each.event.payload | each.event.words) for each in mine]

    return await in_database_thread(rows)


async def test_a_real_regression_is_told_with_the_fields_of_the_contract(bench: Bench, provider: str):
    await in_database_thread(Destination.objects.create, name="listener")
    gated = await Gated.make(bench.person, provider)
    first = await bench.ended((await bench.begin(**body(gated.id, gated.model_id), version=1))["id"], "completed")
    set_ = await bench.person.post(f"/api/evaluation/{first['id']}/baseline", {"template_id": gated.id, "margin": 0.1})
    assert set_.status == 202, set_.body
    same = await bench.ended((await bench.begin(**body(gated.id, gated.model_id), version=1))["id"], "completed")
    assert [kind for kind, _ in await told(same["id"])] == ["started", "completed"]
    bad = await gated.version("Tell {{word}}")
    worse = await bench.ended((await bench.begin(**body(gated.id, gated.model_id), version=bad))["id"], "completed")
    baseline = worse["results"]["baseline"]
    assert baseline["is_regression"], baseline
    started, completed, regressed = await told(worse["id"])
    assert (started[0], completed[0]) == ("started", "completed")
    assert completed[1]["success_rate"] == 0
    user = bench.person.user
    assert regressed == (
        "regression_detected",
        {
            "test_id": worse["id"],
            "user_id": str(user and user.id),
            "baseline_id": first["id"],
            "difference": baseline["difference"],
            "interval": baseline["interval"],
        },
    )
    assert regressed[1]["difference"] == -1
    assert regressed[1]["interval"]["high"] < -0.1
    assert not [word for word in WORDS if word in str(regressed[1])]


async def test_a_regression_of_a_test_that_is_cancelled_is_not_told(bench: Bench, provider: str):
    await in_database_thread(Destination.objects.create, name="listener")
    gated = await Gated.make(bench.person, provider)
    first = await bench.ended((await bench.begin(**body(gated.id, gated.model_id), version=1))["id"], "completed")
    set_ = await bench.person.post(f"/api/evaluation/{first['id']}/baseline", {"template_id": gated.id})
    assert set_.status == 202, set_.body
    slow = await bench.begin(**body(gated.id, f"{provider}/tokens-5-every-200ms", runs=20), version=1)
    await bench.ended(slow["id"], "running")
    await bench.steer(slow["id"], "cancel")
    await bench.ended(slow["id"], "cancelled")
    kinds = [kind for kind, _ in await told(slow["id"])]
    assert kinds == ["started", "failed"]


async def test_a_project_hears_of_its_own_tests(bench: Bench, provider: str):
    await in_database_thread(lambda: Destination.objects.create(name="listener", project_id="p-1"))
    gated = await Gated.make(bench.person, provider)
    asked = body(gated.id, gated.model_id)
    theirs = await bench.ended((await bench.begin(**asked, version=1, project_id="p-1"))["id"], "completed")
    others = await bench.ended((await bench.begin(**asked, version=1))["id"], "completed")
    assert [kind for kind, _ in await told(theirs["id"])] == ["started", "completed"]
    assert await told(others["id"]) == []
