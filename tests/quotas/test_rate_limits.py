"""T37, T49: requests a minute, of each user and class, whatever they come in by and whichever process they reach."""

from __future__ import annotations

import asyncio
import time
import uuid

from foundation.database.threads import in_database_thread
from tests.cast import Answer, Person, new_user
from tests.doors.browser import Browser, Page
from tests.quotas.conftest import EVALUATION, STANDARD, STREAMING
from tests.servers.service import Web

PLAIN = "/api/auth/me"
NOBODYS_STREAM = f"/api/executions/{uuid.uuid4()}/stream"
PROBLEM = "application/problem+json"


async def until_refused(person: Person, path: str = PLAIN) -> Answer:
    """The first refusal; more than the limit allows and time brings back never pass."""
    for _ in range(200):
        answer = await person.get(path)
        if answer.status == 429:
            return answer
    raise AssertionError("nothing was refused")


async def test_t15_sixty_at_once_of_ten_across_two_processes(narrow_webs: list[Web], anybody: Person):
    for _ in range(20):
        person = Person(anybody.url, await in_database_thread(new_user))
        began = time.monotonic()
        calls = [person.at(narrow_webs[number % 2].url).get(PLAIN) for number in range(60)]
        answers = await asyncio.gather(*calls)
        came_back = int((time.monotonic() - began) / (60 / STANDARD))
        passed = [answer for answer in answers if answer.status == 200]
        assert STANDARD <= len(passed) <= STANDARD + came_back
        assert {answer.status for answer in answers} == {200, 429}
        if not came_back:
            left = sorted(int(answer.headers["RateLimit-Remaining"]) for answer in passed)
            assert left == list(range(STANDARD))


async def test_every_answer_tells_what_is_left(anybody: Person):
    first = await anybody.get(PLAIN)
    assert first.headers["RateLimit-Limit"] == str(STANDARD)
    assert first.headers["RateLimit-Remaining"] == str(STANDARD - 1)
    assert first.headers["RateLimit-Reset"] == "6"
    assert "Retry-After" not in first.headers
    missing = await anybody.get("/api/nowhere")
    assert missing.status == 404
    assert missing.headers["RateLimit-Remaining"] == str(STANDARD - 2)
    refused = await until_refused(anybody)
    assert refused.headers["Content-Type"] == PROBLEM
    assert (refused.body["code"], refused.body["status"], refused.body["instance"]) == ("too_many_requests", 429, PLAIN)
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert 1 <= int(refused.headers["Retry-After"]) <= 6
    assert 54 <= int(refused.headers["RateLimit-Reset"]) <= 60
    assert refused.headers["X-Request-Id"]


async def test_whoever_waits_as_long_as_told_is_let_in(anybody: Person):
    for _ in range(3):
        refused = await until_refused(anybody, NOBODYS_STREAM)
        await asyncio.sleep(int(refused.headers["Retry-After"]))
        assert (await anybody.get(NOBODYS_STREAM)).status == 404


async def test_a_refusal_uses_nothing_up(anybody: Person):
    before = await until_refused(anybody)
    after = [await anybody.get(PLAIN) for _ in range(20)][-1]
    assert int(after.headers["RateLimit-Reset"]) <= int(before.headers["RateLimit-Reset"])


async def test_t49_nobody_uses_up_what_is_somebody_elses(anybody: Person):
    await until_refused(anybody)
    other = Person(anybody.url, await in_database_thread(new_user))
    assert (await other.get(PLAIN)).headers["RateLimit-Remaining"] == str(STANDARD - 1)


async def test_each_class_has_its_own_limit(anybody: Person):
    await until_refused(anybody)
    stream = await anybody.get(NOBODYS_STREAM)
    assert (stream.status, stream.headers["RateLimit-Limit"]) == (404, str(STREAMING))
    streamed = await anybody.post("/api/prompts/execute/stream", {})
    assert (streamed.status, streamed.headers["RateLimit-Remaining"]) == (400, str(STREAMING - 2))
    test = await anybody.post("/api/evaluation/probabilistic", {})
    assert (test.status, test.headers["RateLimit-Limit"]) == (400, str(EVALUATION))
    assert (await anybody.post("/api/prompts/execute", {})).status == 429
    assert (await anybody.get("/api/evaluation")).status == 429


async def test_t37_tests_are_begun_so_often_and_no_oftener(anybody: Person):
    doors = ("evaluation/probabilistic", "evaluation/compare", f"suites/{uuid.uuid4()}/run", "evaluation/compare")
    answers = [await anybody.post(f"/api/{door}", {}) for door in doors]
    assert [answer.status for answer in answers] == [400, 400, 404, 429]


async def test_a_token_and_a_browser_of_one_user_share_the_limit(anybody: Person, their_browser: Browser):
    assert (await anybody.get(PLAIN)).headers["RateLimit-Remaining"] == str(STANDARD - 1)
    assert (await their_browser.get(PLAIN)).headers["ratelimit-remaining"] == str(STANDARD - 2)
    await until_refused(anybody)
    assert (await their_browser.get(PLAIN)).status == 429


async def test_what_ends_something_is_never_refused(anybody: Person, their_browser: Browser):
    await until_refused(anybody)
    await until_refused(anybody, NOBODYS_STREAM)
    for path in (f"/api/executions/{uuid.uuid4()}/cancel", f"/api/evaluation/{uuid.uuid4()}/cancel"):
        answer = await anybody.post(path)
        assert answer.status == 404
        assert "RateLimit-Limit" not in answer.headers
    assert (await their_browser.post(f"/executions/{uuid.uuid4()}/cancel", form={})).status == 404
    assert (await their_browser.post("/logout", form={})).status == 302


async def test_pages_can_be_looked_at_and_their_acts_are_refused_in_a_sentence(anybody: Person, their_browser: Browser):
    run = {"model": "openai/echo", "prompt": "Say something"}

    async def refused(**headers: str) -> Page:
        """On a busy machine a place may have come back in between."""
        for _ in range(5):
            await until_refused(anybody, NOBODYS_STREAM)
            answer = await their_browser.post("/executions", form=run, headers=headers)
            if answer.status == 429:
                return answer
        raise AssertionError(f"it was let in each time: {answer.status}")

    part = await refused(**{"HX-Request": "true"})
    assert part.headers["Content-Type"].startswith("text/html")
    assert f"That was more than {STREAMING} requests of this kind a minute." in part.text
    assert 'id="run-problem"' in part.text  # at the answer's place
    assert int(part.headers["Retry-After"]) >= 1
    assert "what you typed is still there" in (await refused()).text
    for path in ("/", "/compare", "/templates", "/evaluations", "/health"):
        page = await their_browser.get(path)
        assert (page.status, "ratelimit-limit" in page.headers) == (200, False), path


async def test_a_socket_counts_as_a_stream(anybody: Person, their_browser: Browser):
    for place in ("executions", "sessions", "evaluation"):
        async with their_browser.socket(f"/ws/{place}/{uuid.uuid4()}") as socket:
            await socket.receive()
            assert socket.close_code == 4404
    told = await anybody.get(NOBODYS_STREAM)
    assert int(told.headers["RateLimit-Remaining"]) <= STREAMING - 3
    for place in ("executions", "sessions", "evaluation"):
        await until_refused(anybody, NOBODYS_STREAM)
        async with their_browser.socket(f"/ws/{place}/{uuid.uuid4()}") as socket:
            await socket.receive()
            assert socket.close_code == 4429


async def test_strangers_are_turned_away_and_counted_nowhere(anybody: Person):
    for path in (PLAIN, "/api/executions", "/api/auth/token"):
        answer = await Person(anybody.url, None).post(path, {})
        assert answer.status in (400, 401)
        assert "RateLimit-Limit" not in answer.headers
