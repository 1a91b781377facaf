"""What a provider gets to read of a project with rules, by whatever way it is asked; and what comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from foundation.context import looking
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground.models import PromptExecution
from privacy.masking.looking_up import read
from privacy.models import EVERY, MaskingRules
from tests.cast import Person, text_of
from tests.evaluation_app.conftest import Bench
from tests.playground.conftest import MakeProvider
from tests.playground.media import data_url, png
from tests.privacy.conftest import EMAIL, MASKED, NAME, PHONE, PLANTED, TEXT, MakeProject, marked, spoilt
from tests.waiting import until


def unmasked(sent: str) -> list[str]:
    """Planted values that stand in what was sent."""
    return [value for value in PLANTED if value in sent]


@pytest.mark.parametrize("wire", ["openai", "anthropic", "ollama"])
async def test_a_provider_reads_placeholders_and_the_author_what_was_meant(
    author: Person, make_provider: MakeProvider, make_project: MakeProject, wire: str
) -> None:
    project = await make_project()
    model, marker = marked(await in_database_thread(make_provider, wire))
    answer = await author.execute(model, TEXT, session_id=project.session, system_prompt=f"You are {NAME}.")
    assert answer.status == 200, answer.body
    sent = await project.sent(marker)
    assert unmasked(sent) == []
    assert "Write to [EMAIL_1] or call [PHONE_1], says [NAME_1]." in sent
    assert answer.body["response"] == TEXT
    assert answer.body["metadata"]["masked"] == {"email": 1, "phone": 1, "name": 2}
    row = await in_database_thread(PromptExecution.objects.get, id=answer.body["id"])
    assert (row.request["prompt"], row.answer["response"]) == (TEXT, TEXT)
    events = await author.events(model, TEXT, session_id=project.session)
    assert text_of(events) == TEXT
    assert events[-1].data["response"] == TEXT
    async with author.following(answer.body["id"]) as stream:
        assert text_of([event async for event in stream]) in (TEXT, "")


async def test_messages_variables_context_tools_and_their_results_are_masked(
    author: Person, provider: str, make_project: MakeProject
) -> None:
    project = await make_project()
    model, marker = marked(provider)
    call = {"id": "c1", "type": "function", "function": {"name": "mail", "arguments": json.dumps({"to": EMAIL})}}
    tool = {
        "name": "mail",
        "description": f"Writes for {NAME}",
        "parameters": {"type": "object", "properties": {"to": {"type": "string", "enum": [EMAIL]}}},
    }
    answer = await author.execute(
        model,
        "Dear {{name}}",
        variables={"name": NAME},
        session_id=project.session,
        context={"phone": PHONE},
        tools=[tool],
        parameters={"stop_sequences": [NAME]},
        messages=[
            {"role": "user", "content": [{"type": "text", "text": EMAIL}]},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": f"sent to {EMAIL}"},
        ],
    )
    assert answer.status == 200, answer.body
    sent = await project.sent(marker)
    assert unmasked(sent) == []
    assert "[EMAIL_2]" not in sent
    assert answer.body["response"] == f"Dear {NAME}"


async def test_calls_of_tools_come_with_what_was_meant(
    author: Person, provider: str, make_project: MakeProject
) -> None:
    project = await make_project(names=['Ada "Canary"'])
    model, marker = marked(provider, "tool-call")
    tool = {"name": "mail", "parameters": {"type": "object", "properties": {"to": {"type": "string"}}}}
    wanted = {"to": EMAIL, "who": 'Ada "Canary"'}
    asked: dict[str, Any] = {"session_id": project.session, "tools": [tool]}
    events = await author.events(model, json.dumps(wanted), **asked)
    assert [event.data["arguments"] for event in events if event.kind == "tool_call"] == [wanted]
    parts = "".join(event.data["arguments"] for event in events if event.kind == "tool_call_part")
    assert not parts or json.loads(parts) == wanted
    assert events[-1].data["tool_executions"][0]["arguments"] == wanted
    sent = await project.sent(marker)
    assert (unmasked(sent), "Canary" in sent) == ([], False)


async def test_rounds_of_tools_read_what_was_meant_and_tell_placeholders(
    author: Person, provider: str, make_project: MakeProject
) -> None:
    project = await make_project()
    model, marker = marked(provider, "tool-script")
    found = "canary.new@example.org"
    parts = {"who": EMAIL, "name": "canary.new", "at": "example.org"}
    rounds = [
        [["json_query", {"data": parts, "expression": "who"}]],
        [["json_query", {"data": parts, "expression": "join('@', [name, at])"}]],
    ]
    asked: dict[str, Any] = {"session_id": project.session, "tools": ["json_query"]}
    events = await author.events(model, json.dumps(rounds), **asked)
    end = events[-1].data
    assert end["status"] == "completed", end
    # The tool got the value itself, and so does the reader; the provider read what stands for it, round after round.
    assert [call["result"]["result"] for call in end["tool_executions"]] == [EMAIL, found]
    assert end["tool_executions"][0]["arguments"]["data"]["who"] == EMAIL
    assert found in end["response"]
    told = [event.data["result"]["result"] for event in events if event.kind == "tool_result"]
    assert told == [EMAIL, found]
    bodies = await project.requests(marker)
    assert len(bodies) == 3
    sent = json.dumps(bodies, ensure_ascii=False)
    assert (unmasked(sent), found in sent) == ([], False)
    assert "[EMAIL_1]" in sent
    assert "[EMAIL_2]" in sent
    # A value has one placeholder in all rounds.
    assert "[EMAIL_3]" not in sent


async def test_structured_answers_are_json_with_what_was_meant(
    author: Person, provider: str, make_project: MakeProject
) -> None:
    project = await make_project(names=['Ada "Canary"'])
    model, marker = marked(provider, "one-of")
    answer = await author.execute(
        model,
        json.dumps({"to": 'Ada "Canary"', "mail": EMAIL}),
        session_id=project.session,
        parameters={"response_format": {"type": "json_object"}},
    )
    assert json.loads(answer.body["response"]) == {"to": 'Ada "Canary"', "mail": EMAIL}
    assert answer.body["metadata"]["schema_valid"] is True
    assert "Canary" not in await project.sent(marker)


async def test_what_somebody_wrote_in_a_placeholders_form_comes_through(
    author: Person, provider: str, make_project: MakeProject
) -> None:
    project = await make_project()
    model, marker = marked(provider)
    text = f"[EMAIL_1] and [NAME_7] are no {EMAIL}"
    answer = await author.execute(model, text, session_id=project.session)
    assert answer.body["response"] == text
    assert "[EMAIL_1] and [NAME_7] are no [EMAIL_2]" in await project.sent(marker)


async def test_fallbacks_and_retries_are_asked_alike(
    author: Person, make_provider: MakeProvider, make_project: MakeProject
) -> None:
    project = await make_project()
    first, second = [await in_database_thread(make_provider, wire) for wire in ("openai", "anthropic")]
    model, marker = marked(first, "fault-503-thrice")
    fallback = f"{second}/echo@{marker}"
    parameters = {"fallback_models": [fallback]}
    answer = await author.execute(model, TEXT, session_id=project.session, parameters=parameters)
    assert (answer.status, answer.body["response"]) == (200, TEXT)
    assert answer.body["metadata"]["masked"] == {"email": 1, "phone": 1, "name": 1}
    bodies = await project.requests(marker)
    assert len(bodies) >= 3
    assert unmasked(json.dumps(bodies, ensure_ascii=False)) == []


async def test_comparisons_conversations_and_replays_are_masked(
    author: Person, provider: str, make_project: MakeProject
) -> None:
    project = await make_project()
    model, marker = marked(provider)
    variants = [{"model_id": model}, {"model_id": model, "parameters": {"temperature": 0.3}}]
    compared = {"session_id": project.session, "prompt": TEXT, "variants": variants}
    comparison = await author.post("/api/comparisons", compared)
    assert comparison.status in (200, 201, 202), comparison.body

    async def ended() -> list[Any] | None:
        seen = (await author.get(f"/api/comparisons/{comparison.body['id']}")).body["executions"]
        return seen if all(each["status"] == "completed" for each in seen) else None

    executions = await until(ended)
    assert [each["response"] for each in executions] == [TEXT, TEXT]
    turn = await author.execute(model, f"And {EMAIL}?", session_id=project.session, parent_id=executions[0]["id"])
    assert (turn.status, turn.body["response"]) == (200, f"And {EMAIL}?")
    again = await author.post(f"/api/executions/{turn.body['id']}/replay", {})
    assert again.status == 201, again.body
    assert again.body["response"] == f"And {EMAIL}?"
    sent = await project.sent(marker)
    assert unmasked(sent) == []
    assert "[EMAIL_2]" not in sent


async def test_tests_and_their_judges_are_masked(bench: Bench, provider: str, make_project: MakeProject) -> None:
    project = await make_project()
    model, marker = marked(provider)
    judge = f"{provider}/judge@{marker}"
    params = {"rubric": f"{EMAIL} is what a good answer holds.", "model_id": judge}
    made = await bench.begin(
        name="Judged",
        prompt="{{word}}",
        model_id=model,
        test_cases=[{"input": {"word": EMAIL}}, {"input": {"word": NAME}}],
        scorers=[{"scorer": "llm_judge", "params": params}, {"scorer": "contains", "params": {"keywords": [EMAIL]}}],
        parameters={"runs": 1},
        project_id=project.id,
    )
    test = await bench.ended(made["id"])
    assert (test["status"], test["policy"]["project_id"]) == ("completed", project.id)
    assert [case["passed"] for case in test["results"]["cases"]] == [1, 0]
    bodies = await project.requests(marker)
    assert len(bodies) >= 4
    assert unmasked(json.dumps(bodies, ensure_ascii=False)) == []


async def test_a_masked_project_sends_no_batches(bench: Bench, author: Person, make_project: MakeProject) -> None:
    project = await make_project()
    body = {
        "name": "Cheap", "prompt": "x", "model_id": "openai/batch", "test_cases": [{}], "parameters": {"runs": 1},
        "speed": "economy", "project_id": project.id,
    }  # fmt: skip
    answer = await author.post("/api/evaluation/probabilistic", body)
    assert answer.status == 400
    assert any("batch" in error["message"] for error in answer.body["errors"])


async def test_cached_answers_of_masked_and_other_calls_are_kept_apart(
    author: Person, provider: str, make_project: MakeProject
) -> None:
    project = await make_project()
    model, marker = marked(provider)
    asked: dict[str, Any] = {"parameters": {"temperature": 0}}
    assert (await author.execute(model, TEXT, **asked)).body["metadata"]["cached"] is False
    masked = await author.execute(model, TEXT, session_id=project.session, **asked)
    assert (masked.body["metadata"]["cached"], masked.body["response"]) == (False, TEXT)

    async def cached() -> Any:
        body = (await author.execute(model, TEXT, session_id=project.session, **asked)).body
        return body if body["metadata"]["cached"] else None

    body = await until(cached)
    assert (body["response"], body["metadata"]["masked"]) == (TEXT, {"email": 1, "phone": 1, "name": 1})
    assert len([each for each in await project.requests(marker) if MASKED in json.dumps(each)]) >= 1


@pytest.mark.parametrize("files", ["refuse", "send"])
async def test_pictures_are_refused_or_told(
    author: Person, provider: str, make_project: MakeProject, files: str
) -> None:
    project = await make_project(files=files)
    prompt = [{"type": "text", "text": TEXT}, {"type": "image", "data_url": data_url(png())}]
    answer = await author.execute(f"{provider}/echo", prompt, session_id=project.session)
    if files == "refuse":
        assert (answer.status, answer.body["errors"][0]["code"]) == (400, "not_maskable")
        assert answer.body["errors"][0]["field"] == "prompt.1"
    else:
        assert answer.status == 200, answer.body
        assert answer.body["metadata"]["unmasked_files"] == 1


def broken(project_id: str) -> None:
    """A pattern that no version of ours would have taken."""
    row = MaskingRules.objects.get(project_id=project_id)
    row.patterns = [{"label": "X1", "pattern": "("}]
    row.save()


@pytest.mark.parametrize("spoil", [spoilt, broken])
async def test_where_rules_cannot_be_read_nothing_is_sent(
    author: Person, provider: str, make_project: MakeProject, spoil: Any
) -> None:
    project = await make_project()
    await in_database_thread(spoil, project.id)
    model, marker = marked(provider)
    answer = await author.execute(model, TEXT, session_id=project.session)
    assert (answer.status, answer.body["code"]) == (503, "masking_unreadable")
    assert await project.requests(marker) == []


@pytest.mark.parametrize("spoil", [spoilt, broken])
async def test_who_only_looks_gets_no_rules_with_a_gap(make_project: MakeProject, spoil: Any) -> None:
    project = await make_project()
    await in_database_thread(spoil, project.id)

    def looked_at() -> None:
        with looking(), pytest.raises(Problem, match="cannot be read"):
            read(project.id)

    await in_database_thread(looked_at)


async def test_rules_for_every_project_hold_where_there_are_none_of_its_own(
    author: Person, provider: str, make_project: MakeProject
) -> None:
    project = await make_project(email=False, phone=False, iban=False, card=False, names=[])
    await in_database_thread(lambda: MaskingRules.objects.create(project_id=EVERY, email=True))
    model, _ = marked(provider)

    async def holds() -> Any:
        body = (await author.execute(model, TEXT)).body
        return body if "masked" in body["metadata"] else None

    assert (await until(holds))["metadata"]["masked"] == {"email": 1}
    own = await author.execute(model, TEXT, session_id=project.session)
    assert own.body["metadata"]["masked"] == {}
