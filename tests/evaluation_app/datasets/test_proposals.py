"""Cases that a model proposes: asked for once, kept apart, refused with a reason, taken one by one, marked for ever."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from django.utils import timezone

from evaluation_app.datasets import proposing
from evaluation_app.datasets.proposals import NoProposals, proposals_in
from evaluation_app.models import CaseProposal, Dataset, ProposalAsk
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from privacy.models import MaskingRules
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.evaluation_app.datasets.conftest import Shelf, case
from tests.playground.conftest import Ledger, ledger  # noqa: F401 - a fixture
from tests.playground.test_reservations import priced
from tests.servers.service import Service
from tests.waiting import until


async def asked(shelf: Shelf, dataset: str, **body: Any) -> dict[str, Any]:
    """What came of a question, once it has ended."""
    made = await shelf.call(
        "POST", dataset, "/proposals", {"kinds": ["edge", "hostile"], "count": 3, **body}, status=202
    )
    assert made["status"] == "pending"

    async def ended() -> dict[str, Any] | None:
        rows = (await shelf.call("GET", dataset, "/proposals"))["results"]
        found = next(row for row in rows if row["id"] == made["id"])
        return found if found["status"] in ("completed", "failed") else None

    told: dict[str, Any] = await until(ended)
    return told


async def a_template(shelf: Shelf, **variable: Any) -> str:
    body = {
        "name": "T",
        "category": "c",
        "prompt": "Say {{word}}",
        "variables": [{"name": "word", "type": "string", **variable}],
    }
    return str((await shelf.person.post("/api/templates", body)).body["id"])


async def test_what_a_model_proposes_is_taken_one_by_one_and_stays_marked(
    shelf: Shelf,
    provider: str,
    ledger: Ledger,  # noqa: F811
):
    dataset = await shelf.make(case("seen"), template_id=await a_template(shelf))
    model = f"json@{uuid.uuid4().hex[:8]}"
    told = await asked(shelf, dataset, model_id=f"{provider}/{model}")
    assert (told["status"], told["error"]) == ("completed", None)
    (proposal,) = told["proposals"]
    assert (proposal["state"], proposal["kind"], proposal["case"]["input"]) == (
        "proposed",
        "ordinary",
        {"word": "text"},
    )
    assert len(await ledger.calls(model)) == 1
    assert len(await shelf.cases(dataset)) == 1
    taken = await shelf.call("POST", dataset, f"/proposals/{proposal['id']}/accept", {"split": "held_out"})
    assert taken["state"] == "accepted"
    row = (await shelf.cases(dataset))[1]
    assert (row["key"], row["split"], row["origin"], row["is_generated"]) == (
        taken["key"], "held_out", "generated", True,
    )  # fmt: skip
    for verb in ("accept", "decline"):
        again = await shelf.call("POST", dataset, f"/proposals/{proposal['id']}/{verb}", {}, status=409)
        assert again["code"] == "proposal_state"
    other = (await asked(shelf, dataset, model_id=f"{provider}/json"))["proposals"][0]
    assert (await shelf.call("POST", dataset, f"/proposals/{other['id']}/decline"))["state"] == "declined"
    assert len(await shelf.cases(dataset)) == 2


async def test_a_case_that_does_not_fit_is_refused_with_its_reason(shelf: Shelf, provider: str):
    rules = {"validation_rules": [{"rule": "min_length", "value": 10}]}
    dataset = await shelf.make(template_id=await a_template(shelf, **rules))
    (proposal,) = (await asked(shelf, dataset, model_id=f"{provider}/json"))["proposals"]
    assert proposal["state"] == "unfit"
    assert "input.word: word must have a length of at least 10." in proposal["reason"]
    refused = await shelf.call("POST", dataset, f"/proposals/{proposal['id']}/accept", {}, status=409)
    assert refused["code"] == "proposal_state"


@pytest.mark.parametrize(
    ("model", "sentence"),
    [("echo", "has no list of cases"), ("tokens-5", "cannot be read"), ("fault-400", ""), ("fault-401", "")],
)
async def test_an_answer_that_holds_nothing_says_so(shelf: Shelf, provider: str, model: str, sentence: str):
    dataset = await shelf.make(case("a"))
    told = await asked(shelf, dataset, model_id=f"{provider}/{model}")
    assert (told["status"], told["proposals"]) == ("failed", [])
    assert told["error"]
    assert sentence in told["error"]


async def test_f16_a_question_whose_worker_died_is_taken_up_and_asked_once(
    shelf: Shelf,
    provider: str,
    ledger: Ledger,  # noqa: F811
):
    dataset = await shelf.make(case("seen"))
    model = f"json@{uuid.uuid4().hex[:8]}"

    def left_behind() -> str:
        """As a worker leaves it that dies before it has asked, or before it has kept what came."""
        row = Dataset.objects.get(id=dataset)
        session = PlaygroundSession.objects.create(user=row.owner, name="Q", is_hidden=True)
        ask = ProposalAsk.objects.create(
            dataset=row,
            user=row.owner,
            session=session,
            model_id=f"{provider}/{model}",
            kinds=["edge"],
            count=1,
            status="running",
            rung_at=timezone.now() - timedelta(minutes=1),
        )
        proposing.ring_again()
        return str(ask.id)

    left = await in_database_thread(left_behind)

    async def row() -> dict[str, Any]:
        rows = (await shelf.call("GET", dataset, "/proposals"))["results"]
        found: dict[str, Any] = next(each for each in rows if each["id"] == left)
        return found

    async def ended() -> dict[str, Any] | None:
        return found if (found := await row())["status"] == "completed" else None

    assert len((await until(ended))["proposals"]) == 1

    def kept_by_nobody() -> None:
        ProposalAsk.objects.filter(id=left).update(status="running", rung_at=timezone.now() - timedelta(minutes=1))
        CaseProposal.objects.filter(ask__id=left).delete()
        proposing.ring_again()

    await in_database_thread(kept_by_nobody)
    assert len((await until(ended))["proposals"]) == 1
    assert len(await ledger.calls(model)) == 1


async def test_a_model_is_never_shown_what_it_is_measured_by(shelf: Shelf, provider: str, service: Service):
    dataset = await shelf.make(case("seen"), case("secret", split="held_out"), case("quiet", split="smoke"))
    await asked(shelf, dataset, model_id=f"{provider}/json")
    async with aiohttp.ClientSession() as client, client.get(f"{service.simulator.url}/requests") as response:
        sent = json.dumps([each for each in await response.json() if "write test cases" in json.dumps(each)][-1:])
    assert "seen" in sent
    assert "secret" not in sent
    assert "quiet" not in sent


async def test_a_budget_is_kept(shelf: Shelf, provider: str):
    dataset = await shelf.make(case("a"))
    unpriced = {"model_id": f"{provider}/json", "max_cost": 1, "kinds": ["edge"], "count": 1}
    refused = await shelf.call("POST", dataset, "/proposals", unpriced, status=400)
    assert refused["errors"][0]["code"] == "price_unknown"
    model = f"{provider}/json@{uuid.uuid4().hex[:6]}"
    await in_database_thread(priced, model)
    little = {**unpriced, "model_id": model, "max_cost": 0.000001}
    refused = await shelf.call("POST", dataset, "/proposals", little, status=400)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("max_cost", "too_small")]
    assert 0 < (await asked(shelf, dataset, model_id=model, max_cost=5))["cost"] < 5


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"kinds": []}, 400, "kinds"),
        ({"kinds": ["odd"]}, 400, "kinds.0"),
        ({"kinds": "edge"}, 400, "kinds"),
        ({"count": 0}, 400, "count"),
        ({"count": 51}, 400, "count"),
        ({"count": "5"}, 400, "count"),
        ({"max_cost": -1}, 400, "max_cost"),
        ({"model_id": "nonsense"}, 400, "model_id"),
        ({"model_id": "nobody/echo"}, 404, "model_id"),
        ({"surprise": 1}, 400, "surprise"),
    ],
)
async def test_a_question_that_cannot_be_asked_is_refused(
    shelf: Shelf, provider: str, change: dict[str, Any], status: int, field: str
):
    dataset = await shelf.make()
    body = {"model_id": f"{provider}/json", "kinds": ["edge"], "count": 1, **change}
    refused = await shelf.call("POST", dataset, "/proposals", body, status=status)
    assert refused["errors"][0]["field"] == field
    assert (await shelf.call("GET", dataset, "/proposals"))["count"] == 0


async def test_without_a_model_the_templates_is_asked(shelf: Shelf, stranger: Person):
    dataset = await shelf.make(case("a"))
    body = {"kinds": ["edge"], "count": 1}
    refused = await shelf.call("POST", dataset, "/proposals", body, status=400)
    assert refused["errors"][0]["field"] == "model_id"
    assert (await stranger.post(f"/api/datasets/{dataset}/proposals", body)).status == 404


GOOD = '{"kind": "edge", "input": {"a": "x"}, "expected": "y", "reason": "r"}'


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        (f'{{"cases": [{GOOD}]}}', [False]),
        (f"```json\n[{GOOD}]\n```", [False]),
        (f"Here you are:\n```json\n[{GOOD}, 5]\n```\nEnjoy!", [False, True]),
        (
            f'[{GOOD}, {{"input": []}}, {{"expected": "x"}}, {{"input": {{}}, "expected": {{}}}}]',
            [False, True, True, True],
        ),
        ('[{"input": {"a": "x"}, "expected": "(", "judged_by": "regex"}]', [True]),
        ('[{"input": {"a": "x"}, "expected": "many", "judged_by": "numeric"}]', [True]),
        ('[{"input": {"a": "x\\u0000"}}]', [True]),
        ('[{"input": {"a": 1e300}, "kind": "odd", "name": 5}]', [False]),
        ('[{"input": {"a": 123456789012345678901}}]', [True]),
        (f"[{', '.join([GOOD] * 60)}]", [False] * 50),
    ],
)
def test_an_answer_is_read_case_by_case(answer: str, faults: list[bool]):
    assert [bool(each.fault) for each in proposals_in(answer, types=None)] == faults


@pytest.mark.parametrize(
    "answer", ["", "no", "{}", "[]", '{"cases": 5}', "[" * 200, '[{"a": 1, "a": 2}]', '["\\ud800"]', "5"]
)
def test_an_answer_without_cases_is_none(answer: str):
    with pytest.raises(NoProposals):
        proposals_in(answer, types=None)


async def test_the_question_is_a_call_of_its_project_with_what_is_masked_there(shelf: Shelf, provider: str):
    project = uuid.uuid4().hex
    await in_database_thread(lambda: MaskingRules.objects.create(project_id=project, names=["seen"]))
    dataset = await shelf.make(case("seen"), template_id=await a_template(shelf))
    told = await asked(shelf, dataset, model_id=f"{provider}/json@{project[:8]}", project_id=project)
    ask = await in_database_thread(ProposalAsk.objects.select_related("session").get, id=told["id"])
    assert ask.session.project_id == project
    record = await in_database_thread(PromptExecution.objects.get, session=ask.session)
    assert record.metadata["masked"]["name"] >= 1
