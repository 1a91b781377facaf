"""Somebody who writes one word into all that is sealed, by an act of every kind, also those that are refused."""

from __future__ import annotations

from typing import Any

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.history.stored import download
from tests.playground.uploads import upload
from tests.waiting import until

PROMPT = "canary-planted-4e9d"
"""What people write; it is in no name and no tag, which are kept in clear."""
FAULTS = ("fault-401", "fault-400", "fault-html", "fault-garbage", "fault-cut-at-5")
TOOL = {"name": "t", "parameters": {"type": "object", "properties": {"said": {"type": "string"}}}}


class Acts:
    """The acts of one person, whose provider answers what it is sent."""

    def __init__(self, person: Person, provider: str) -> None:
        self.person, self.provider = person, provider

    async def all(self) -> None:
        """One after the other."""
        await self.runs()
        await self.refused()
        await self.templates()
        await self.tests()
        await self.files()
        await self.own()
        await self.pages()

    async def post(self, path: str, body: Any, *, method: str = "POST") -> Any:
        """A call that must succeed."""
        answer = await self.person.call(method, path, body)
        assert answer.status in (200, 201, 202), (path, answer.status, answer.body)
        return answer.body

    async def runs(self) -> None:
        """Execute, stream, replay, compare, vote, comment, rate, search."""
        told = {"description": PROMPT, "purpose": PROMPT, "metadata": {PROMPT: [PROMPT]}}
        self.session = (await self.post("/api/sessions", {"name": "S", **told}))["id"]
        uploaded = await upload(self.person, f"{PROMPT}\n".encode(), "notes.txt", "text/plain")
        assert uploaded.status == 201, uploaded.body
        model = f"{self.provider}/echo"
        more = {
            "session_id": self.session, "system_prompt": PROMPT, "context": {PROMPT: PROMPT}, "tools": [TOOL],
            "metadata": {"mine": PROMPT},
        }  # fmt: skip
        kept = {**more, "parameters": {"temperature": 0}}
        for _ in range(2):  # the second is answered by the cache
            made = await self.person.execute(model, PROMPT, **kept)
            assert made.status == 200, made.body
        assert (await self.person.execute(f"{self.provider}/tool-call", PROMPT, key="k", **more)).status == 200
        assert (await self.person.events(model, PROMPT, **more))[-1].kind == "completed"
        self.execution = made.body["id"]
        await self.post(f"/api/executions/{self.execution}/replay", {})
        await self.post(f"/api/executions/{self.execution}/comments", {"text": PROMPT})
        await self.post(f"/api/executions/{self.execution}/rating", {"value": 3, "note": PROMPT}, method="PUT")
        variants = [{"model_id": model}, {"model_id": f"{self.provider}/json"}]
        await self.post("/api/comparisons", {"session_id": self.session, "prompt": PROMPT, "variants": variants})
        for path in (f"/api/sessions/{self.session}/history", "/api/sessions", "/api/templates"):
            assert (await self.person.get(f"{path}?search={PROMPT}")).status == 200, path

    async def refused(self) -> None:
        """What fails at the provider, and what never comes so far."""
        for fault in FAULTS:
            events = await self.person.events(f"{self.provider}/{fault}", PROMPT, parameters={"timeout": 2})
            assert events[-1].kind == "failed"
            answer = await self.person.execute(f"{self.provider}/{fault}", PROMPT, parameters={"timeout": 2})
            assert answer.status >= 400
        wrong: dict[str, Any] = {"prompt": PROMPT, "model_id": f"{self.provider}/echo"}
        for more in ({"parameters": {"temperature": PROMPT}}, {"context": PROMPT}, {PROMPT: 1}, {"model_id": "no/x"}):
            assert (await self.person.post("/api/prompts/execute", {**wrong, **more})).status >= 400, more
        assert (await self.person.post("/api/sessions/import", {"executions": PROMPT})).status >= 400
        assert (await self.person.post("/api/templates/lint", {"prompt": f"{{{{ {PROMPT}"})).status in (200, 400)

    async def templates(self) -> None:
        """Save, change, fork, render, export, import; with an approval's reasons."""
        body = {"name": "T", "category": "C", "prompt": f"{PROMPT} {{{{word}}}}", "description": PROMPT, "note": PROMPT}
        made = await self.post("/api/templates", body)
        address = f"/api/templates/{made['id']}"
        await self.post(address, {"prompt": f"More {PROMPT} {{{{word}}}}", "note": PROMPT}, method="PATCH")
        await self.post(f"{address}/fork", {})
        await self.post(f"{address}/render", {"variables": {"word": PROMPT}})
        document = (await self.person.get(f"{address}/export?format=json")).body
        for each in document["templates"]:
            each.pop("id", None)
        await self.post("/api/templates/import", document)
        label = f"{address}/labels/production"
        await self.post(label, {"version": 1}, method="PUT")
        await self.post(f"{label}/protection", None, method="PUT")
        await self.post(f"{label}/requests", {"act": "remove", "reason": PROMPT})

    async def tests(self) -> None:
        """Datasets, tests, suites, reviews, and their exports."""
        expected = {"type": "contains", "keywords": [PROMPT]}
        case = {"name": "one", "input": {"a": PROMPT}, "expected_output": expected}
        dataset = await self.post("/api/datasets", {"name": "D", "description": PROMPT, "cases": [case]})
        asked = {
            "name": "T", "prompt": f"{PROMPT} {{{{a}}}}", "model_id": f"{self.provider}/echo", "test_cases": [case],
            "parameters": {"runs": 2},
        }  # fmt: skip
        test = (await self.post("/api/evaluation/probabilistic", asked))["id"]
        suite = (await self.post("/api/suites", {"name": "S", "tests": [asked]}))["id"]
        await self.post(f"/api/suites/{suite}/run", {})
        wanted = {"model_id": f"{self.provider}/json", "kinds": ["edge"], "count": 1, "hint": PROMPT}
        await self.person.post(f"/api/datasets/{dataset['id']}/proposals", wanted)

        async def has_results() -> Any:
            return (await self.person.get(f"/api/evaluation/{test}")).body["results"]

        await until(has_results)
        review = await self.post("/api/reviews", {"test_id": test, "name": "R", "rubric": {"text": PROMPT}})
        address = f"/api/reviews/{review['id']}"
        item = (await self.post(f"{address}/next", {}))["item"]["id"]
        said = {"passed": True, "comment": PROMPT, "corrected": PROMPT}
        await self.post(f"{address}/items/{item}", said)
        assert (await self.person.get(f"/api/evaluation/{test}/export")).status == 200

    async def files(self) -> None:
        """Exports at once and in the background, and an import of what was exported."""
        bundle = (await self.person.get(f"/api/sessions/{self.session}/export?format=json")).body
        assert PROMPT in str(bundle)
        await self.post("/api/sessions/import", bundle)
        await self.post(f"/api/sessions/{self.session}/fork", {})
        for name in ("csv", "jsonl", "markdown"):
            assert (await download(self.person, f"/api/sessions/{self.session}/export?format={name}")).status == 200
        for path in ("/api/audit/export?format=csv", "/api/audit/export?format=jsonl"):
            assert (await download(self.person, path)).status == 200

    async def own(self) -> None:
        """A file of one's own data, and an erasure that is asked for."""
        made = await self.post("/api/privacy/own-data", None)

        async def is_there() -> bool:
            seen = (await self.person.get(f"/api/privacy/own-data/{made['id']}")).body
            return bool(seen["status"] == "completed")

        await until(is_there)
        file = await download(self.person, f"/api/privacy/own-data/{made['id']}/download")
        assert (file.status, file.content[:2]) == (200, b"PK")

    async def pages(self) -> None:
        """By a browser: a session, a search, and the history."""
        browser = await in_database_thread(browser_of, self.person)
        form = {"name": "P", "description": PROMPT, "purpose": PROMPT, "project_id": "", "tags": ""}
        assert (await browser.post("/sessions/new", form=form)).status in (200, 302)
        for path in ("/history", "/sessions", "/templates"):
            assert (await browser.get(f"{path}?search={PROMPT}&q={PROMPT}")).status in (200, 302, 404), path
