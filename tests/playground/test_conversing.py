"""The next turn of a conversation, from the composer beneath it: what goes along, what is left out, what is written."""

from __future__ import annotations

import base64
import re
import uuid
from typing import Any

import pytest
from aiohttp import FormData

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.doors.browser import Browser, Page, browser_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def mine(author: Person) -> Browser:
    """The author's window."""
    return browser_of(author)


async def said(author: Person, provider: str, prompt: str, **more: Any) -> str:
    """The id of a run that says its prompt back."""
    return str((await author.execute(f"{provider}/echo", prompt=prompt, **more)).body["id"])


async def row(execution_id: str) -> PromptExecution:
    """The run."""
    return await in_database_thread(PromptExecution.objects.get, id=execution_id)


async def reply(mine: Browser, to: str, text: str, **fields: Any) -> Page:
    """Sends the composer's form, as a script does."""
    form = {"reply_to": to, "reply": text, "idempotency_key": uuid.uuid4().hex, **fields}
    return await mine.post("/executions", form=form, headers=HTMX)


async def replied(author: Person, mine: Browser, to: str, text: str, **fields: Any) -> PromptExecution:
    """The run that a reply became, ended."""
    answer = await reply(mine, to, text, **fields)
    assert answer.status == 200, answer.text
    found = re.search(r'data-execution-id="([0-9a-f-]{36})"', answer.text)
    assert found
    async with author.following(found[1]) as stream:
        assert [event async for event in stream][-1].kind == "completed"
    return await row(found[1])


def contents(run: PromptExecution) -> list[Any]:
    """What the turns before it said."""
    return [message["content"] for message in run.request["messages"]]


async def test_a_reply_goes_on_with_the_turns_model_and_parameters(author: Person, mine: Browser, provider: str):
    first = await said(author, provider, "one", parameters={"temperature": 0.5}, system_prompt="Be brief.")
    second = await replied(author, mine, first, "two")
    # The form beside it may hold rows of values, a template and a prompt: they are not the reply's.
    beside = {"model_id": f"{provider}/echo@other", "rows.0.x": "1", "rows.1.x": "2", "prompt": "{{x}}"}
    third = await replied(author, mine, str(second.id), "three", **beside)
    assert str(second.parent_id) == first
    assert contents(second)[0] == "one"
    assert second.parameters == {"temperature": 0.5}
    assert second.request["system_prompt"] == "Be brief."
    assert contents(third)[::2] == ["one", "two"]
    assert third.model_id == f"{provider}/echo@other"
    assert third.request["prompt"] == "three"


async def test_a_turn_that_is_left_out_stays_and_is_sent_no_more(author: Person, mine: Browser, provider: str):
    first = await said(author, provider, "one")
    second = await replied(author, mine, first, "two")
    third = await replied(author, mine, str(second.id), "three", left_out=first)
    assert contents(third)[::2] == ["two"]
    assert (await row(first)).request["prompt"] == "one"
    page = (await mine.get(f"/?execution={third.id}")).text
    boxes = re.findall(r'<input type="checkbox"\s+name="left_out"\s+value="([^"]+)"\s+form="reply"\s+(checked)?', page)
    assert boxes == [(first, "checked"), (str(second.id), ""), (str(third.id), "")]
    # What the form ticks is what counts: unticked, the turn goes along again.
    kept = await replied(author, mine, str(third.id), "four", left_out=first)
    undone = await replied(author, mine, str(third.id), "four")
    assert contents(kept)[::2] == ["two", "three"]
    assert contents(undone)[::2] == ["one", "two", "three"]
    # The API goes on with what the turn was sent.
    over_api = await row(await said(author, provider, "five", parent_id=str(kept.id)))
    assert contents(over_api)[::2] == ["two", "three", "four"]
    again = (await mine.post("/executions", form={"rerun": str(kept.id)}, headers=HTMX)).text
    repeated = await row(re.search(r'data-execution-id="([0-9a-f-]{36})"', again)[1])  # type: ignore[index]
    assert repeated.request["thread"] == kept.request["thread"]
    assert repeated.parent_id == kept.parent_id


async def test_a_turn_written_by_hand_goes_along_and_is_marked(author: Person, mine: Browser, provider: str):
    first = await said(author, provider, "one")
    hand = {"written_prompt": "What is <b>it</b>?", "written_answer": "By hand."}
    second = await replied(author, mine, first, "two", **hand)
    third = await replied(author, mine, str(second.id), "three")
    assert contents(second)[2:] == ["What is <b>it</b>?", "By hand."]
    assert contents(third)[2:5] == ["What is <b>it</b>?", "By hand.", "two"]
    for shown in (second, third):
        page = (await mine.get(f"/?execution={shown.id}")).text
        assert page.count("Answer written by hand") == 1
        assert "What is &lt;b&gt;it&lt;/b&gt;?" in page
    # Leaving out the turn that it stands before leaves it out, too.
    fourth = await replied(author, mine, str(third.id), "four", left_out=str(second.id))
    assert contents(fourth)[::2] == ["one", "three"]


async def test_an_answer_edited_in_its_place_goes_along_and_the_models_stays(
    author: Person, mine: Browser, provider: str
):
    first = await said(author, provider, "one")
    answer = (await row(first)).answer["response"]
    page = (await mine.get(f"/?execution={first}")).text
    assert re.search(rf'name="edited_answer.{first}" form="reply"', page)
    second = await replied(author, mine, first, "two", **{f"edited_answer.{first}": "What I would\r\nhave it say."})
    assert contents(second) == ["one", "What I would\nhave it say."]
    assert (await row(first)).answer["response"] == answer
    page = (await mine.get(f"/?execution={second.id}")).text
    assert page.count("Answer written by hand") == 1
    assert "What I would\nhave it say." in page
    third = await replied(author, mine, str(second.id), "three", left_out=first)
    assert contents(third)[:3] == ["one", "What I would\nhave it say.", "two"]
    # Left as it is, it is the model's own.
    same = await replied(author, mine, first, "two", **{f"edited_answer.{first}": f"{answer}\n"})
    assert contents(same) == ["one", answer]
    assert same.request["thread"]["left_out"] == []
    emptied = await reply(mine, first, "two", **{f"edited_answer.{first}": "  "})
    assert emptied.status == 400
    assert re.search(r'id="error-edited_answer"[^>]*>[^<]*is empty', emptied.text)


async def test_a_picture_goes_along_and_is_shown_in_the_thread(author: Person, mine: Browser, provider: str):
    pixel = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    first = await said(author, provider, "one")
    form = FormData({"reply_to": first, "reply": "what is this?", "idempotency_key": uuid.uuid4().hex})
    form.add_field("files", pixel, filename="a.png", content_type="image/png")
    answer = await mine.post("/executions", form=form, headers=HTMX)
    assert answer.status == 200, answer.text
    found = re.search(r'data-execution-id="([0-9a-f-]{36})"', answer.text)
    assert found
    async with author.following(found[1]) as stream:
        assert [event async for event in stream][-1].kind == "completed"
    second = await row(found[1])
    third = await replied(author, mine, found[1], "and now?")
    assert contents(third)[2] == second.request["parts"]
    page = (await mine.get(f"/?execution={third.id}")).text
    thread = page[page.index('<ol class="thread"') : page.index("</ol>")]
    assert second.request["parts"][0]["artifact_id"] in thread


async def test_an_edited_turn_is_a_branch(author: Person, mine: Browser, provider: str):
    first = await said(author, provider, "one", parameters={"temperature": 0.5})
    second = await replied(author, mine, first, "two")
    form = {"rerun": str(second.id), "edited_prompt": "two, better"}
    page = (await mine.post("/executions", form=form, headers=HTMX)).text
    branch = await row(re.search(r'data-execution-id="([0-9a-f-]{36})"', page)[1])  # type: ignore[index]
    assert branch.parent_id == second.parent_id
    assert branch.request["prompt"] == "two, better"
    assert branch.parameters == {"temperature": 0.5}
    assert "2/2" in page
    assert (await row(str(second.id))).request["prompt"] == "two"
    refused = await mine.post("/executions", form={"rerun": str(second.id), "edited_prompt": " "}, headers=HTMX)
    assert refused.status == 400
    assert "an edited turn asks something" in refused.text


@pytest.mark.parametrize(
    ("fields", "place", "told"),
    [
        ({"reply": ""}, "reply", "There is no prompt"),
        ({"left_out": "3f1b7c52-0000-4000-8000-000000000000"}, "reply", "Only a turn of this conversation"),
        ({"left_out": "nonsense"}, "reply", "Only a turn of this conversation"),
        ({"written_answer": "alone"}, "written", "A turn has two sides"),
        ({"parameters.temperature": "hot", "model_id": "openai/echo"}, "parameterstemperature", ""),
    ],
)
async def test_a_refusal_stands_at_the_composer(
    author: Person, mine: Browser, provider: str, fields: dict[str, str], place: str, told: str
):
    first = await said(author, provider, "one")
    for headers in (HTMX, {}):
        form = {"reply_to": first, "reply": "two", "idempotency_key": uuid.uuid4().hex, **fields}
        answer = await mine.post("/executions", form=form, headers=headers)
        assert answer.status == 400
        at = re.search(rf'id="error-{place}"[^>]*>([^<]*)<', answer.text)
        assert at
        assert at[1].strip().startswith(told) if told else at[1].strip()
    assert not await in_database_thread(PromptExecution.objects.filter(parent_id=uuid.UUID(first)).exists)


async def test_a_reply_to_what_one_may_not_see_or_that_still_runs_is_refused(
    author: Person, stranger: Person, mine: Browser, provider: str
):
    first = await said(author, provider, "one")
    theirs = await in_database_thread(browser_of, stranger)
    for to in (first, str(uuid.uuid4()), "nonsense"):
        assert (await reply(theirs, to, "two")).status == 404
    begun = await mine.post("/executions", form={"model_id": f"{provider}/fault-hang", "prompt": "x"}, headers=HTMX)
    live = re.search(r'data-execution-id="([0-9a-f-]{36})"', begun.text)
    assert live
    refused = await reply(mine, live[1], "two")
    assert refused.status == 409
    assert "has not ended yet" in refused.text
    await mine.post(f"/executions/{live[1]}/cancel", headers=HTMX)


async def begun(author: Person, mine: Browser, **form: str) -> str:
    """The id of the run that the form began, ended."""
    answer = await mine.post("/executions", form={"idempotency_key": uuid.uuid4().hex, **form}, headers=HTMX)
    found = re.search(r'data-execution-id="([0-9a-f-]{36})"', answer.text)
    assert found, answer.text
    async with author.following(found[1]) as stream:
        assert [event async for event in stream][-1].kind == "completed"
    return found[1]


def branches(page: Page) -> list[str]:
    """Which of how many each turn is, in the order of the page."""
    return re.findall(r'Branches of this turn.*?<span class="meta">(\d+/\d+)</span>', page.text, re.DOTALL)


async def test_a_first_turn_has_branches_as_later_ones_have(author: Person, mine: Browser, provider: str):
    first = await said(author, provider, "one")
    assert branches(await mine.get(f"/?execution={first}")) == []
    edited = await begun(author, mine, rerun=first, edited_prompt="one, but better")
    again = await begun(author, mine, rerun=edited, edited_prompt="one, the third")
    other = await said(author, provider, "another conversation")
    for place, each in enumerate((first, edited, again), start=1):
        page = await mine.get(f"/?execution={each}")
        assert branches(page) == [f"{place}/3"]
        near = {first: [edited], edited: [first, again], again: [edited]}[each]
        links = re.findall(r'execution=([0-9a-f-]{36})"[^>]+aria-label="(?:Branch before|Next branch)"', page.text)
        assert links == near
    assert branches(await mine.get(f"/?execution={other}")) == []
    second = await replied(author, mine, edited, "two")
    assert branches(await mine.get(f"/?execution={second.id}")) == ["2/3"]
    session = (await author.call("POST", f"/api/sessions/{second.session_id}/fork", {})).body
    copies = PromptExecution.objects.filter(session_id=session["id"], metadata__forked_from=edited)
    copy = await in_database_thread(copies.get)
    assert branches(await mine.get(f"/?execution={copy.id}")) == ["2/3"], "a copy has the branches that came along"
