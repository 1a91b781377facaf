"""A label's traffic split: the same key gets the same version, exposures are kept, and what is worse ends by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from evaluation_app.models import SplitUnit, SplitWatch
from evaluation_app.splits.watching import watch_all
from foundation.database.threads import in_database_thread
from playground.models import ExecutionRating, PromptExecution
from templates_app.models import TemplateLabel
from tests.cast import Answer, Person, new_user
from tests.evaluation_app.gating import GATE, GOOD, Gated, body
from tests.waiting import until


class Splitting(Gated):
    """A template whose version 1 is in production, and whose version 2 may come after it."""

    @classmethod
    async def between(cls, owner: Person, provider: str, *models: str) -> Splitting:
        """Two versions, on a model each."""
        made = await cls.make(owner, provider, prompt="Say hello", default_parameters={})
        for number, model in enumerate(models):
            await made.version(f"Say hello {number}", model_id=f"{provider}/{model}")
        assert (await made.move(2)).status == 200
        return made  # type: ignore[return-value]

    @property
    def address(self) -> str:
        """Of the label."""
        return f"/api/templates/{self.id}/labels/production"

    async def split(self, method: str = "GET", body: Any = None, *, by: Person | None = None) -> Answer:
        """…/labels/production/split."""
        return await (by or self.owner).call(method, f"{self.address}/split", body)

    async def begun(self, **more: Any) -> dict[str, Any]:
        """The split between versions 2 and 3."""
        answer = await self.split("PUT", {"version": 3, "share": 50, **more})
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.body
        return made

    async def run(self, **more: Any) -> dict[str, Any]:
        """One call by the label."""
        body = {"template_id": self.id, "label": "production", **more}
        answer = await self.owner.post("/api/prompts/execute", body)
        told: dict[str, Any] = answer.body
        assert answer.status == 200 or "execution_id" in told, told
        return told

    async def runs(self, count: int) -> None:
        """Calls without a key, which are drawn one by one."""
        for _ in range(0, count, 10):
            await asyncio.gather(*(self.run() for _ in range(10)))


async def exposures() -> list[dict[str, Any]]:
    """Of all executions, the earliest first."""

    def read() -> list[dict[str, Any]]:
        rows = PromptExecution.objects.filter(metadata__has_key="traffic_split").order_by("created_at")
        return [row.metadata["traffic_split"] | {"version": row.template_version_id} for row in rows]

    return await in_database_thread(read)


async def watch() -> None:
    """What beat has done every ten seconds, an hour and a bit later."""
    await in_database_thread(watch_all, timezone.now() + timedelta(hours=1, seconds=11))


async def test_a_key_keeps_its_version_and_the_exposure_is_kept_with_the_execution(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    split = await made.begun(share=50)
    assert (split["status"], split["control"]["version"], split["candidate"]["version"]) == ("running", 2, 3)
    got: dict[str, set[int]] = {}
    for _ in range(2):
        for key in map(str, range(12)):
            told = await made.run(sticky_key=key)
            assert told["metadata"]["traffic_split"].keys() == {"id", "label", "arm", "unit"}
            got.setdefault(key, set()).add(told["template"]["version"])
    assert all(len(versions) == 1 for versions in got.values())
    assert set().union(*got.values()) == {2, 3}
    kept = await exposures()
    assert {each["id"] for each in kept} == {split["id"]}
    assert len({each["unit"] for each in kept}) == 12
    assert len({(each["arm"], each["version"]) for each in kept}) == 2
    assert not any(key in str(kept) for key in ("sticky", "key:"))


async def test_the_share_is_kept_and_a_larger_one_takes_nobody_back(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    await made.begun(share=20)
    before = {key: (await made.run(sticky_key=str(key)))["template"]["version"] for key in range(30)}
    assert 0 < Counter(before.values())[3] < 15
    changed = await made.split("PATCH", {"share": 60})
    assert (changed.status, changed.body["share"]) == (200, 60)
    after = {key: (await made.run(sticky_key=str(key)))["template"]["version"] for key in range(30)}
    assert {key for key in before if before[key] == 3} < {key for key in after if after[key] == 3}


async def test_a_candidate_that_fails_ends_the_split_by_itself(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "fault-400")
    await made.begun()
    await made.runs(60)

    async def ended() -> bool:
        return (await made.split()).status == 404

    await until(ended, seconds=60)
    (told,) = (await author.get(f"{made.address}/splits")).body["results"]
    assert (told["status"], told["outcome"], told["ended_by"]) == ("ended", "worse", None)
    assert (told["control"]["mean"], told["candidate"]["mean"]) == (1, 0)
    assert told["difference"]["interval"]["high"] < 0
    assert told["e_value"] >= 20
    assert {(await made.run())["template"]["version"] for _ in range(8)} == {2}
    assert await made.labels() == {"production": 2}


@pytest.mark.parametrize("promotes", [True, False])
async def test_a_better_one_is_promoted_where_that_was_asked_for(author: Person, provider: str, promotes: bool):
    made = await Splitting.between(author, provider, "fault-400", "echo")
    await made.begun(promotes=promotes)
    await made.runs(60)
    await watch()
    (told,) = (await author.get(f"{made.address}/splits")).body["results"]
    assert (told["outcome"], told["ended_by"]) == ("better", None)
    assert await made.labels() == {"production": 3 if promotes else 2}


async def test_a_key_counts_once_however_often_it_calls(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "fault-400")
    await made.begun()
    for _ in range(15):
        for key in ("a", "b", "c", "d"):
            await made.run(sticky_key=key)
    await watch()
    await watch()
    told = (await made.split()).body
    assert told["control"]["calls"] + told["candidate"]["calls"] == 60
    assert told["control"]["counted"] + told["candidate"]["counted"] == 4
    assert told["status"] == "running"
    assert await in_database_thread(SplitUnit.objects.count) == 4


async def test_ratings_are_measured_where_that_was_asked_for(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    split = await made.begun(measure="rating")
    await made.runs(80)

    def rate() -> None:
        rows = PromptExecution.objects.filter(metadata__traffic_split__id=split["id"])
        for row in rows:
            is_candidate = row.metadata["traffic_split"]["arm"] == "candidate"
            said = {"thumb": "down"} if is_candidate else {"value": 5}
            ExecutionRating.objects.create(execution=row, user=author.user, sealed=None, **said)

    await watch()
    assert (await made.split()).body["control"]["counted"] == 0
    await in_database_thread(rate)
    await in_database_thread(SplitWatch.objects.all().delete)  # looked at again from its beginning
    await watch()
    (told,) = (await author.get(f"{made.address}/splits")).body["results"]
    assert (told["outcome"], told["control"]["mean"], told["candidate"]["mean"]) == ("worse", 1, 0)


JUDGED = {"model_id": "openai/echo", "rubric": "Is it polite?"}
LEFT_OUT: list[dict[str, Any]] = [{"scorer": "exact"}, {"scorer": "llm_judge", "params": JUDGED}]
"""One needs what was expected, one asks a model: neither judges the calls of a split."""


async def suite_of(made: Splitting, *scorers: dict[str, Any]) -> str:
    """A suite of the template whose one test has these scorers."""
    cases = [{"input": {}, "expected_output": {"type": "exact", "value": "Say hello"}}]
    test = body(made.id, made.model_id, test_cases=cases, scorers=list(scorers))
    return str((await made.with_suite(tests=[test]))["id"])


async def test_scorers_of_a_suite_judge_what_is_answered(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    says = {"scorer": "contains", "params": {"keywords": ["hello 0"]}}
    split = await made.begun(measure="scores", suite_id=await suite_of(made, says, *LEFT_OUT))
    assert split["scorers"] == ["contains"]
    await made.runs(80)
    await watch()
    (told,) = (await author.get(f"{made.address}/splits")).body["results"]
    assert (told["outcome"], told["control"]["mean"], told["candidate"]["mean"]) == ("worse", 1, 0)


async def test_scorers_that_cannot_judge_a_call_are_refused_by_name(author: Person, provider: str, stranger: Person):
    made = await Splitting.between(author, provider, "echo", "echo")
    theirs = await Splitting.between(stranger, provider, "echo", "echo")
    says = {"scorer": "contains", "params": {"keywords": ["hello"]}}
    for wanted, code in (
        ({"measure": "scores"}, "required"),
        ({"measure": "scores", "suite_id": await suite_of(made, *LEFT_OUT)}, "no_scorer"),
        ({"measure": "scores", "suite_id": await suite_of(theirs, says)}, "unknown"),
        ({"measure": "success", "suite_id": await suite_of(made, says)}, "contradiction"),
    ):
        answer = await made.split("PUT", {"version": 3, "share": 10, **wanted})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "suite_id"), answer.body
        assert answer.body["errors"][0]["code"] == code
        assert (await made.split()).status == 404


async def test_an_answer_that_cannot_be_read_says_nothing_and_holds_up_nobody(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    says = {"scorer": "contains", "params": {"keywords": ["hello"]}}
    await made.begun(measure="scores", suite_id=await suite_of(made, says))
    await made.runs(10)

    def spoil() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE prompt_executions SET answer = set_byte(answer, 30, get_byte(answer, 30) # 1) WHERE id IN"
                " (SELECT id FROM prompt_executions WHERE metadata ? 'traffic_split' LIMIT 1)"
            )
            assert cursor.rowcount == 1

    await in_database_thread(spoil)
    await watch()
    told = (await made.split()).body
    assert told["control"]["calls"] + told["candidate"]["calls"] == 10
    assert told["control"]["counted"] + told["candidate"]["counted"] == 9


class TestOfAProtectedLabel:
    """It is split by two persons, and what the first may do alone afterwards is less, never more."""

    async def protected(self, author: Person, provider: str, *models: str) -> tuple[Splitting, Person]:
        """With an editor, who may approve."""
        made = await Splitting.between(author, provider, *models)
        editor = Person(author.url, await in_database_thread(lambda: new_user(name="Edda Editor")))
        await made.share_with(editor)
        assert (await author.call("PUT", f"{made.address}/protection")).status == 200
        return made, editor

    async def asked(self, made: Splitting, **terms: Any) -> Answer:
        """A request by the owner."""
        wanted = {"act": "split", "version": 3, "reason": "Customers wait for it.", "split": {"share": 50, **terms}}
        return await made.owner.post(f"{made.address}/requests", wanted)

    async def test_it_is_asked_for_and_approved(self, author: Person, provider: str):
        made, editor = await self.protected(author, provider, "echo", "echo")
        asked = await self.asked(made)
        assert asked.status == 201, asked.body
        terms = {"share": 50, "measure": "success", "promotes": False, "suite_id": None}
        assert (asked.body["act"], asked.body["version"], asked.body["split"]) == ("split", 3, terms)
        assert (await made.split()).status == 404
        address = f"{made.address}/requests/{asked.body['id']}"
        alone = await author.post(f"{address}/approve", {"reason": "Mine."})
        assert (alone.status, alone.body["code"]) == (403, "second_person")
        approved = await editor.post(f"{address}/approve", {"reason": "Yes."})
        assert approved.status == 200, approved.body
        split = (await made.split()).body
        assert (split["share"], split["started_by"]["name"], split["approved_by"]["name"]) == (
            50,
            "Author",
            "Edda Editor",
        )
        assert await made.labels() == {"production": 2}

    async def test_more_of_the_calls_take_a_second_person_and_fewer_do_not(self, author: Person, provider: str):
        made, editor = await self.protected(author, provider, "echo", "echo")
        asked = (await self.asked(made)).body
        await editor.post(f"{made.address}/requests/{asked['id']}/approve", {"reason": "Yes."})
        more = await made.split("PATCH", {"share": 51})
        assert (more.status, more.body["code"]) == (409, "label_protected")
        assert (await made.split("PATCH", {"share": 5})).body["share"] == 5
        assert (await made.split("DELETE")).status == 200

    @pytest.mark.parametrize("is_there", [True, False])
    async def test_a_better_one_is_promoted_by_what_both_said(self, author: Person, provider: str, is_there: bool):
        made, editor = await self.protected(author, provider, "fault-400", "echo")
        asked = (await self.asked(made, promotes=True)).body
        await editor.post(f"{made.address}/requests/{asked['id']}/approve", {"reason": "Yes."})
        if not is_there:
            assert editor.user
            editor.user.is_active = False
            await in_database_thread(editor.user.save)
        await made.runs(60)
        await watch()
        (told,) = (await author.get(f"{made.address}/splits")).body["results"]
        assert told["outcome"] == "better"
        assert await made.labels() == {"production": 3 if is_there else 2}
        if is_there:
            last = (await author.get(f"{made.address}/history")).body["results"][0]
            assert (last["moved_by"]["name"], last["approved_by"]["name"]) == ("Author", "Edda Editor")

    async def test_what_could_not_be_split_cannot_be_asked_for(self, author: Person, provider: str):
        made, _ = await self.protected(author, provider, "echo", "echo")
        url = f"{made.address}/requests"
        for wanted, field in (
            ({"act": "split", "version": 3}, "split"),
            ({"act": "split", "split": {"share": 10}}, "version"),
            ({"act": "split", "version": 2, "split": {"share": 10}}, "version"),
            ({"act": "split", "version": 3, "split": {"share": 0}}, "split.share"),
            ({"act": "split", "version": 3, "split": {"share": 10, "measure": "scores"}}, "suite_id"),
            ({"act": "move", "version": 3, "split": {"share": 10}}, "split"),
        ):
            answer = await author.post(url, {"reason": "Why.", **wanted})
            assert (answer.status, answer.body["errors"][0]["field"]) == (400, field), answer.body
        assert (await author.get(url)).body["results"] == []


async def test_a_call_that_runs_holds_those_that_began_after_it(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    await made.begun()
    await made.runs(10)

    def hold() -> None:
        second = PromptExecution.objects.filter(metadata__has_key="traffic_split").order_by("created_at", "id")[1]
        PromptExecution.objects.filter(id=second.id).update(status="running", ended_at=None)

    await in_database_thread(hold)
    await watch()
    told = (await made.split()).body
    assert told["control"]["calls"] + told["candidate"]["calls"] == 1
    await in_database_thread(PromptExecution.objects.filter(status="running").update, status="cancelled")
    await watch()
    told = (await made.split()).body
    assert told["control"]["calls"] + told["candidate"]["calls"] == 10
    assert told["control"]["counted"] + told["candidate"]["counted"] == 9


async def test_moving_the_label_or_taking_it_away_ends_its_split(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    for act in (("PUT", {"version": 1}), ("DELETE", None)):
        await made.begun()
        assert (await author.call(act[0], made.address, act[1])).status in (200, 204)
        assert (await made.split()).status == 404
        newest = (await author.get(f"{made.address}/splits")).body["results"][0]
        assert newest["outcome"] == "label_moved"
        assert newest["ended_by"]["name"] == "Author"
    assert not await in_database_thread(TemplateLabel.objects.filter(split__isnull=False).exists)


async def test_what_refuses_a_move_refuses_a_split(author: Person, provider: str):
    gated = await Gated.make(author, provider, prompt=GOOD)
    await gated.move(1)
    worse = await gated.version("Tell {{word}}")
    await gated.with_suite(gate=GATE)
    refused = await author.call(
        "PUT", f"/api/templates/{gated.id}/labels/production/split", {"version": worse, "share": 10}
    )
    assert (refused.status, refused.body["code"]) == (409, "gate_running")
    made = await Splitting.between(author, provider, "echo", "echo")
    assert (await author.call("PUT", f"{made.address}/protection")).status < 300
    refused = await made.split("PUT", {"version": 3, "share": 10})
    assert (refused.status, refused.body["code"]) == (409, "label_protected")


async def test_odd_splits_are_refused_by_name(author: Person, provider: str, stranger: Person):
    made = await Splitting.between(author, provider, "echo", "echo")
    for given, status, field in (
        ({"version": 3, "share": 0}, 400, "share"),
        ({"version": 3, "share": 100}, 400, "share"),
        ({"version": 2, "share": 10}, 400, "version"),
        ({"version": 3, "share": 10, "measure": "luck"}, 400, "measure"),
        ({"version": 3}, 400, "share"),
    ):
        answer = await made.split("PUT", given)
        assert (answer.status, answer.body["errors"][0]["field"]) == (status, field)
    assert (await made.split("PUT", {"version": 99, "share": 10})).status == 404
    assert (await made.split("PATCH", {"share": 10})).status == 404
    assert (await made.split("DELETE")).status == 404
    assert (await made.split("PUT", {"version": 3, "share": 10}, by=stranger)).status == 404
    missing = await author.call("PUT", f"/api/templates/{made.id}/labels/staging/split", {"version": 3, "share": 10})
    assert missing.status == 404
    await made.begun()
    assert (await made.split("PUT", {"version": 3, "share": 10})).body["code"] == "split_running"
    alone = await author.post("/api/prompts/execute", {"template_id": made.id, "sticky_key": "x"})
    assert (alone.status, alone.body["errors"][0]["field"]) == (400, "sticky_key")
    assert (await made.split("DELETE")).body["outcome"] == "stopped"


async def test_comparisons_and_named_versions_take_no_part(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    await made.begun(share=99)
    variants = [{"model_id": f"{provider}/echo"}, {"model_id": f"{provider}/echo", "parameters": {"temperature": 1}}]
    body = {"template_id": made.id, "label": "production", "variants": variants}
    assert (await author.post("/api/comparisons", body)).status == 202
    named = await author.post("/api/prompts/execute", {"template_id": made.id, "version": 2})
    assert named.body["template"]["version"] == 2
    assert await exposures() == []


async def test_official_doors_route_by_who_the_client_names(author: Person, provider: str):
    made = await Splitting.between(author, provider, "echo", "echo")
    await made.begun()
    model, said = f"template:{made.id}@production", [{"role": "user", "content": "Hello"}]
    for _ in range(2):
        for user in "abcdef":
            await author.post("/v1/chat/completions", {"model": model, "messages": said, "user": user})
            await author.post("/v1/responses", {"model": model, "input": "Hello", "safety_identifier": user})
            told = {"model": model, "max_tokens": 9, "messages": said, "metadata": {"user_id": user}}
            answer = await author.post("/v1/messages", told)
            assert answer.status == 200, answer.body
    kept = await exposures()
    assert len(kept) == 36
    assert len({each["unit"] for each in kept}) == 6
    assert len({(each["unit"], each["arm"]) for each in kept}) == 6
