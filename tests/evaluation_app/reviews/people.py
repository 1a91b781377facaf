"""What the owner of a review does over REST, and what a guest does in a browser that has nothing but the link."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import aiohttp
from django.utils import timezone

from evaluation_app.models import EvaluationTest, ReviewLock
from foundation.database.threads import in_database_thread
from tests.cast import Answer, Person
from tests.doors.browser import CSRF, Page
from tests.evaluation_app.export.stored import Outcome, Run, a_test

WORDS = ("fox", "heron", "owl", "lynx", "newt", "hare")
FETCHED = {"HX-Request": "true"}
"""What the page's own script sends with its calls."""


def answers(variant: int, case: int, run: int) -> Run:
    """Every third answer failed."""
    return Run("failed" if (case + run) % 3 == 0 else "passed", f"{WORDS[case]} {run} of {'AB'[variant]}")


async def stored_test(
    person: Person, outcome: Outcome = answers, *, cases: int = 4, runs: int = 1, **more: Any
) -> EvaluationTest:
    """A test that has ended, with its answers."""
    given = [{"input": {"word": word}} for word in WORDS[:cases]]
    made: EvaluationTest = await in_database_thread(lambda: a_test(person, outcome, cases=given, runs=runs, **more))
    return made


class Reviews:
    """What somebody does with their reviews over REST."""

    def __init__(self, person: Person) -> None:
        self.person = person

    async def make(self, test_id: object, *, status: int = 201, **body: Any) -> dict[str, Any]:
        """POST /api/reviews."""
        given = {"test_id": str(test_id), "name": "Look at these", "rubric": {"text": "Is it right?"}, **body}
        answer = await self.person.post("/api/reviews", given)
        assert answer.status == status, answer.body
        made: dict[str, Any] = answer.body
        return made

    async def seen(self, review_id: str) -> dict[str, Any]:
        """GET /api/reviews/{id}."""
        seen: dict[str, Any] = await self.told(review_id, "")
        return seen

    async def told(self, review_id: str, path: str) -> Any:
        """GET /api/reviews/{id}{path}."""
        answer = await self.person.get(f"/api/reviews/{review_id}{path}")
        assert answer.status == 200, answer.body
        return answer.body

    async def next(self, review_id: str, **body: Any) -> dict[str, Any] | None:
        """The item of POST …/next."""
        answer = await self.person.post(f"/api/reviews/{review_id}/next", body)
        assert answer.status == 200, answer.body
        item: dict[str, Any] | None = answer.body["item"]
        return item

    async def say(self, review_id: str, item_id: str, **said: Any) -> Answer:
        """POST …/items/{item}."""
        return await self.person.post(f"/api/reviews/{review_id}/items/{item_id}", said)

    async def undo(self, review_id: str) -> Answer:
        """POST …/undo."""
        return await self.person.post(f"/api/reviews/{review_id}/undo")

    async def change(self, review_id: str, *, status: int = 200, **body: Any) -> dict[str, Any]:
        """PATCH /api/reviews/{id}."""
        answer = await self.person.call("PATCH", f"/api/reviews/{review_id}", body)
        assert answer.status == status, answer.body
        changed: dict[str, Any] = answer.body
        return changed


class Guest:
    """Somebody without an account, in a browser of their own, at one link."""

    def __init__(self, url: str, link: str) -> None:
        self.url = url
        self.path = "/review/" + link.rpartition("/review/")[2]
        self.cookies = {"csrftoken": CSRF}

    async def call(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        has_csrf_token: bool = True,
    ) -> Page:
        """One call with the cookies that the service has set."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {"Cookie": cookie, **({"X-CSRFToken": CSRF} if has_csrf_token else {}), **(headers or {})}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, self.url + path, data=form, headers=given, allow_redirects=False) as response,
        ):
            text = await response.text()
            for name, morsel in response.cookies.items():
                self.cookies[name] = morsel.value
            is_json = "json" in response.content_type
            return Page(response.status, json.loads(text) if is_json else None, dict(response.headers), text)

    async def come(self, name: str = "Ada") -> Guest:
        """Says who they are."""
        answer = await self.call("POST", f"{self.path}/name", {"name": name})
        assert answer.status == 302, answer.text
        return self

    async def page(self) -> Page:
        """The page behind the link."""
        return await self.call("GET", self.path)

    async def item(self) -> str | None:
        """The id of the item that the page shows."""
        page = await self.page()
        assert page.status == 200, page.text
        return item_in(page.text)

    async def fetch(self, path: str, **form: str) -> Page:
        """A call of the page's script."""
        return await self.call("POST", f"{self.path}{path}", form, headers=FETCHED)

    async def say(self, item_id: str, said: str, **form: str) -> Page:
        """What the page's script sends when a button is pressed."""
        return await self.fetch(f"/items/{item_id}", said=said, **form)


def item_in(text: str) -> str | None:
    """The id of the item that a page or a fragment shows."""
    found = re.search(r'data-item="([0-9a-f-]{36})"', text)
    return found[1] if found else None


def texts_in(page: str) -> list[str]:
    """The answers that a page or a fragment shows."""
    return [html.unescape(each) for each in re.findall(r'aria-label="Answer[^"]*, its text">(.*?)</pre>', page, re.S)]


async def time_passes(item_id: str, *, seconds: float = 86_400) -> None:
    """Has every lock of the item end that long ago."""
    past = timezone.now() - timedelta(seconds=seconds)
    await in_database_thread(ReviewLock.objects.filter(item_id=UUID(item_id)).update, until=past)
