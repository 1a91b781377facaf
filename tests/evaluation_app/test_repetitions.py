"""A prompt that is repeated: as many runs of the session, equal answers together, judged, and carried into a test."""

from __future__ import annotations

import asyncio
import re
import uuid
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from playground import executing, together
from playground.engine.ask import Ask
from playground.models import Origin, PromptExecution
from playground.together import Kind
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import Ledger
from tests.playground.media import data_url, png
from tests.playground.uploads import uploaded
from tests.waiting import until

HTMX = {"HX-Request": "true"}
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


async def repeated(mine: Browser, model_id: str, times: int, prompt: str = "yes or no?", **more: str) -> str:
    """Begins a repetition by the form's own door; its address."""
    form = {"model_id": model_id, "prompt": prompt, "times": str(times), "idempotency_key": uuid.uuid4().hex, **more}
    answer = await mine.post("/repeats", form=form)
    assert answer.status == 302, answer.text
    return answer.headers["Location"]


async def ended(mine: Browser, address: str, query: str = "") -> str:
    """The page once nothing is under way any more."""

    async def there() -> str | None:
        page = await mine.get(address + query)
        assert page.status == 200
        return None if "data-live" in page.text else unescape(page.text)

    found: str = await until(there)
    return found


def stop_of(address: str) -> str:
    """The door that stops all runs."""
    return f"/together/{address.rpartition('/')[2]}/stop"


def texts(page: str) -> str:
    """The page's words."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_equal_answers_stand_together_with_their_count(
    author: Person, mine: Browser, provider: str, ledger: Ledger
) -> None:
    model = f"fault-flaky-7-of-10@{uuid.uuid4().hex[:8]}"
    address = await repeated(mine, f"{provider}/{model}", 10)
    page = texts(await ended(mine, address))
    # Every second answer has a line's end behind it: that makes no other answer of it.
    assert "10 answers, 2 different: the most frequent came 7 times" in page
    assert page.index(TIMES + "7") < page.index(TIMES + "3")
    assert len(await ledger.calls(model)) == 10
    listed = await author.get("/api/sessions")
    session = listed.body["results"][0]["id"]
    runs = (await author.get(f"/api/sessions/{session}/history")).body["results"]
    noted = [run["metadata"]["repetition"] for run in runs]
    assert sorted(each["number"] for each in noted) == list(range(1, 11))
    assert {each["of"] for each in noted} == {10}
    assert len({each["id"] for each in noted}) == 1


async def test_no_answer_comes_from_the_execution_cache(mine: Browser, provider: str, ledger: Ledger) -> None:
    model = f"echo@{uuid.uuid4().hex[:8]}"
    for _ in range(2):
        await ended(mine, await repeated(mine, f"{provider}/{model}", 3, **{"parameters.temperature": "0"}))
    assert len(await ledger.calls(model)) == 6


async def test_a_check_tells_its_share_with_the_interval_of_this_case_only(mine: Browser, provider: str) -> None:
    model = f"fault-flaky-7-of-10@{uuid.uuid4().hex[:8]}"
    address = await repeated(mine, f"{provider}/{model}", 10)
    await ended(mine, address)
    page = texts(await ended(mine, address, "?scorer=contains&expected=YES"))
    assert "7/10 pass the check" in page
    # Wilson's 95 % of 7 in 10.
    assert "40 to 89 %" in page
    assert "This case only" in page
    assert TIMES + "7 passes" in page
    assert TIMES + "3 fails" in page
    page = texts(await ended(mine, address, "?scorer=regex&expected=" + quote("^(yes|no)\\s*$")))
    assert "10/10 pass the check" in page
    broken = texts(await ended(mine, address, "?scorer=regex&expected=" + quote("(yes")))
    assert "pass the check" not in broken
    assert "missing" in broken or "pattern" in broken


async def test_a_number_beyond_the_limits_is_refused_at_its_field(mine: Browser, provider: str, ledger: Ledger) -> None:
    model = f"echo@{uuid.uuid4().hex[:8]}"
    for times in ("1", "21", "0", "-3", "many", "", "²"):
        form = {"model_id": f"{provider}/{model}", "prompt": "hello", "times": times}
        answer = await mine.post("/repeats", form=form)
        assert answer.status == 400, times
        assert "Repeat takes a number from 2 to 20." in answer.text
        partly = await mine.post("/repeats", form=form, headers=HTMX)
        assert partly.status == 400
        assert "Repeat takes a number from 2 to 20." in partly.text
    assert await ledger.calls(model) == []
    without = await mine.post("/repeats", form={"model_id": f"{provider}/{model}", "prompt": "", "times": "3"})
    assert without.status == 400
    assert re.search(r'id="error-prompt"\s*>[^<]*\w', without.text)


async def test_a_click_too_many_is_the_same_repetition(mine: Browser, provider: str, ledger: Ledger) -> None:
    model, key = f"echo@{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    first = await repeated(mine, f"{provider}/{model}", 4, idempotency_key=key)
    assert await repeated(mine, f"{provider}/{model}", 4, idempotency_key=key) == first
    await ended(mine, first)
    assert len(await ledger.calls(model)) == 4


async def test_stop_stops_all_and_strangers_see_nothing(
    author: Person, stranger: Person, mine: Browser, provider: str
) -> None:
    model = f"tokens-900-every-100ms@{uuid.uuid4().hex[:8]}"
    address = await repeated(mine, f"{provider}/{model}", 5)
    theirs = await in_database_thread(browser_of, stranger)
    for path in (address, f"{address}/answers", f"/?repeat={address.rpartition('/')[2]}"):
        assert (await theirs.get(path, headers=HTMX)).status == 404, path
    assert (await theirs.post(stop_of(address))).status == 404
    assert "5 of 5 still under way" in texts((await mine.get(address)).text)
    stopped = await mine.post(stop_of(address), headers=HTMX)
    assert stopped.status == 204
    assert "Stopped before its end" in texts(await ended(mine, address))
    assert TIMES + "5" in texts(await ended(mine, address))


async def test_answers_are_shown_as_they_come_and_nothing_is_sent_without_news(mine: Browser, provider: str) -> None:
    address = await repeated(mine, f"{provider}/tokens-900-every-100ms@{uuid.uuid4().hex[:8]}", 2)
    first = await mine.get(f"{address}/answers", headers=HTMX)
    seen = re.search(r'"seen": "([^"]*)"', unescape(first.text))
    assert seen
    known = seen[1].encode().decode("unicode_escape")
    assert (await mine.get(f"{address}/answers?seen={quote(known)}", headers=HTMX)).status == 204
    await mine.post(stop_of(address), headers=HTMX)

    async def changed() -> bool:
        return (await mine.get(f"{address}/answers?seen={quote(known)}", headers=HTMX)).status == 200

    await until(changed)


async def test_what_a_limit_refuses_does_not_take_the_others_along(
    author: Person, mine: Browser, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is that of this process here, so that one of its limits can be reached in the middle."""
    begin, begun = executing.begin, list[Ask]()

    async def limited(ask: Ask, **more: Any) -> uuid.UUID:
        begun.append(ask)
        if len(begun) > 3:
            raise Problem(429, "toy_limit", "The limit 'toy_limit' is reached.")
        return await begin(ask, **more)

    monkeypatch.setattr(executing, "begin", limited)
    assert author.user
    key = uuid.uuid4().hex
    repetition = together.id_of(author.user, key, Kind.REPETITION)
    ask = Ask(author.user, Origin.PERSON, f"{provider}/echo", {"prompt": "hello"})
    refusals = await together.repeat(ask, times=5, whole_id=repetition)
    assert [problem.code for problem in refusals] == ["toy_limit"] * 2
    runs = await in_database_thread(together.executions_of, author.user, repetition)
    await asyncio.gather(*(executing.ended(run.id) for run in runs))
    page = texts(await ended(mine, f"/repeats/{repetition}"))
    assert "2 of 5 did not begin" in page
    assert "All 3 answers are the same" in page
    # Asked for again, what is there stays and what was refused begins.
    monkeypatch.setattr(executing, "begin", begin)
    assert await together.repeat(ask, times=5, whole_id=repetition) == []
    runs = await in_database_thread(together.executions_of, author.user, repetition)
    assert len(runs) == 5
    await asyncio.gather(*(executing.ended(run.id) for run in runs))
    begun[:] = [ask] * 9
    monkeypatch.setattr(executing, "begin", limited)
    with pytest.raises(Problem, match="toy_limit"):
        await together.repeat(ask, times=3, whole_id=uuid.uuid4())


async def ended_test(author: Person, test_id: str) -> Any:
    """The test once it is completed."""

    async def completed() -> Any:
        seen = (await author.get(f"/api/evaluation/{test_id}")).body
        return seen if seen["status"] == "completed" else None

    return await until(completed)


async def test_everything_is_carried_into_a_test(author: Person, mine: Browser, provider: str) -> None:
    model_id = f"{provider}/echo"
    address = await repeated(
        mine,
        model_id,
        3,
        prompt="Tell {{name}}: {{text}}",
        system_prompt="Be {{mood}}",
        **{
            "variables.name": "Ada",
            "variables.text": 'two\nlines, a\ttab and a "quote"',
            "variables.mood": "kind",
            "parameters.temperature": "0.5",
            "parameters.max_tokens": "64",
            "parameters.top_p": "0.9",
        },
    )
    await ended(mine, address)
    repetition = address.rpartition("/")[2]
    page = (await mine.get(f"/evaluations/new?repeat={repetition}&scorer=regex&expected={quote('Ada: two')}")).text
    form = fields(page)
    assert form["prompt"] == "Tell {{name}}: {{text}}"
    assert form["system_prompt"] == "Be {{mood}}"
    assert (form["model_id"], form["runs"], form["temperature"], form["max_tokens"]) == (model_id, "3", "0.5", "64")
    assert form["scorer"] == "regex"
    assert '"top_p":0.9' in form["parameters"]
    assert "cache" not in form["parameters"]
    sent = await mine.post("/evaluations/new", form=form)
    assert sent.status == 302, texts(sent.text)
    test_id = sent.headers["Location"].rpartition("/")[2]

    test = await ended_test(author, test_id)
    assert test["results"]["success_rate"] == 1
    samples = (await author.get(f"/api/evaluation/{test_id}/samples")).body["results"]
    assert [sample["output"] for sample in samples] == ['Tell Ada: two\nlines, a\ttab and a "quote"'] * 3
    run = await in_database_thread(PromptExecution.objects.get, id=samples[0]["execution_id"])
    assert (run.parameters["top_p"], run.parameters["max_tokens"]) == (0.9, 64)
    assert run.request["system_prompt"] == "Be kind"


async def test_earlier_turns_pictures_facts_and_tools_go_along_into_a_test(
    author: Person, mine: Browser, provider: str
) -> None:
    model_id = f"{provider}/echo"
    first = await author.execute(model_id, prompt="Who was she?")
    asked = {
        "model_id": model_id,
        "parent_id": first.body["id"],
        "prompt": "Tell {{name}}",
        "variables": {"name": "Ada"},
        "attachments": [{"type": "image", "artifact_id": await uploaded(author, png()), "alt": "Her portrait"}],
        "context": {"place": "London"},
        "tools": [{"name": "weather", "parameters": {"type": "object", "properties": {}}}],
    }
    run = (await author.call("POST", "/api/prompts/execute", asked)).body
    page = (await mine.get(f"/evaluations/new?execution={run['id']}&expected=Ada")).text
    assert "2 earlier turns, 1 picture or file, 1 tool, facts given with the system prompt" in unescape(page)
    form = fields(page)
    sent = await mine.post("/evaluations/new", form={**form, "runs": "1"})
    assert sent.status == 302, texts(sent.text)
    test = await ended_test(author, sent.headers["Location"].rpartition("/")[2])
    assert test["results"]["success_rate"] == 1, test
    (sample,) = (await author.get(f"/api/evaluation/{test['id']}/samples")).body["results"]
    executions = await in_database_thread(PromptExecution.objects.in_bulk, [run["id"], sample["execution_id"]])
    before, after = (each.request for each in executions.values())
    for name in ("messages", "parts", "prompt", "context", "tools", "variables"):
        assert before[name] == after[name], name
    refused = await mine.post("/evaluations/new", form={**form, "beside": '{"tools": [{"name": "no good"}]}'})
    assert refused.status == 400
    assert "tools.0.name" in refused.text
    broken = await mine.post("/evaluations/new", form={**form, "beside": '{"messages": 7, "tools": "x"}'})
    assert broken.status == 400


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_messages_that_stood_in_a_templates_place_go_along_into_a_test(
    author: Person, mine: Browser, provider: str, is_replaced: bool
) -> None:
    """A version's own messages come with it; those of the caller were lost, and the test asked the template's."""
    own = [{"role": "user", "content": "Say {{word}}"}]
    saved = await author.post("/api/templates", {"name": uuid.uuid4().hex, "category": "c", "messages": own})
    asked = {"model_id": f"{provider}/echo", "template_id": saved.body["id"], "variables": {"word": "fox"}}
    if is_replaced:
        asked["messages"] = [{"role": "user", "content": "Say owl"}]
    run = (await author.call("POST", "/api/prompts/execute", asked)).body
    said = "Say owl" if is_replaced else "Say fox"
    assert run["response"] == said
    form = fields((await mine.get(f"/evaluations/new?execution={run['id']}&expected={quote(said)}")).text)
    sent = await mine.post("/evaluations/new", form={**form, "runs": "1"})
    assert sent.status == 302, texts(sent.text)
    test = await ended_test(author, sent.headers["Location"].rpartition("/")[2])
    assert test["results"]["success_rate"] == 1, test


async def test_pictures_in_openais_own_shape_go_along_or_are_told_of(
    author: Person, mine: Browser, provider: str
) -> None:
    def part(url: str) -> dict[str, Any]:
        return {"type": "image_url", "image_url": {"url": url}}

    text = {"type": "text", "text": "What is this?"}
    prompt = [part(data_url(png(note=b"mine"))), part("https://pictures.test/one.png"), text]
    run = (await author.call("POST", "/api/prompts/execute", {"model_id": f"{provider}/echo", "prompt": prompt})).body
    page = (await mine.get(f"/evaluations/new?execution={run['id']}")).text
    assert "The run had 1 picture that stands on another server" in page
    assert "what the run was asked: 1 picture or file" in page
    sent = await mine.post("/evaluations/new", form={**fields(page), "prompt": "What is this?", "runs": "1"})
    assert sent.status == 302, texts(sent.text)
    test = await ended_test(author, sent.headers["Location"].rpartition("/")[2])
    (sample,) = (await author.get(f"/api/evaluation/{test['id']}/samples")).body["results"]
    made = await in_database_thread(PromptExecution.objects.get, id=sample["execution_id"])
    assert [each["type"] for each in made.request["parts"]] == ["image", "text"]


async def test_further_parameters_are_refused_at_their_field(mine: Browser, provider: str) -> None:
    form = {"name": "T", "prompt": "x", "model_id": f"{provider}/echo", "runs": "2", "scorer": "contains"}
    for text, told in (("[1]", "A JSON object is expected"), ("{", "This is no JSON"), ('{"top_p": 7}', "top_p:")):
        answer = await mine.post("/evaluations/new", form={**form, "parameters": text})
        assert answer.status == 400
        at_field = unescape(answer.text).partition('id="error-parameters"')[2][:200]
        assert told in at_field


def fields(page: str) -> dict[str, str]:
    """What the builder's form would send."""
    form = page.partition('id="test-form"')[2].partition("</form>")[0]
    found = {name: unescape(value) for name, value in re.findall(r'name="([\w.]+)"\s+value="([^"]*)"', form)}
    areas = re.findall(r'<textarea[^>]* name="([\w.]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    found |= {name: unescape(value) for name, value in areas}
    chosen = re.search(r'<option value="(\w+)" selected', form)
    assert chosen
    return {**found, "scorer": chosen[1]}
