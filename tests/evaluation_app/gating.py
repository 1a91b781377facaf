"""A template whose label a suite holds: good versions say what is expected, bad ones do not."""

from __future__ import annotations

import uuid
from typing import Any

from tests.cast import Answer, Person
from tests.waiting import until

GATE = {"label": "production"}
GOOD = "Say {{word}}"
BAD = "Tell {{word}}"
WORDS = ("one", "two", "three", "four", "five", "six")


def body(template_id: str, model_id: str, *, runs: int = 2, words: tuple[str, ...] = WORDS, **more: Any) -> Any:
    """A test with the template's version left open."""
    cases = [{"input": {"word": word}, "expected_output": {"type": "exact", "value": f"Say {word}"}} for word in words]
    return {
        "name": "Says it", "template_id": template_id, "model_id": model_id, "test_cases": cases,
        "parameters": {"runs": runs}, **more,
    }  # fmt: skip


class Gated:
    """A template of `owner`'s and a suite of tests of it, on a model of their own."""

    def __init__(self, owner: Person, model_id: str, template: dict[str, Any]) -> None:
        self.owner, self.model_id, self.template = owner, model_id, template
        self.suite: dict[str, Any] = {}

    @classmethod
    async def make(
        cls, owner: Person, provider: str, *, prompt: str = GOOD, model: str = "echo", **fields: Any
    ) -> Gated:
        """With version 1, which is good, and no suite yet."""
        given = {
            "name": f"T {uuid.uuid4().hex[:6]}",
            "category": "Tests",
            "description": "",
            "prompt": prompt,
            **fields,
        }
        made = await owner.post("/api/templates", given)
        assert made.status == 201, made.body
        return cls(owner, f"{provider}/{model}@{uuid.uuid4().hex[:8]}", made.body)

    @property
    def model(self) -> str:
        """As the provider's ledger names it."""
        return self.model_id.partition("/")[2]

    @property
    def id(self) -> str:
        """The template's."""
        return str(self.template["id"])

    async def with_suite(self, *, gate: Any = None, runs: int = 2, **fields: Any) -> dict[str, Any]:
        """The suite."""
        given = {"name": "Suite", "tests": [body(self.id, self.model_id, runs=runs)], **fields}
        made = await self.owner.post("/api/suites", {**given, **({"gate": gate} if gate else {})})
        assert made.status == 201, made.body
        self.suite = made.body
        return self.suite

    async def version(self, prompt: str, **fields: Any) -> int:
        """One more version, by its number."""
        answer = await self.owner.call("PATCH", f"/api/templates/{self.id}", {"prompt": prompt, **fields})
        assert answer.status == 200, answer.body
        return int(answer.body["version"])

    async def move(self, version: int, *, by: Person | None = None, label: str = "production") -> Answer:
        """PUT …/labels/{label}."""
        return await (by or self.owner).call("PUT", f"/api/templates/{self.id}/labels/{label}", {"version": version})

    async def moved(self, version: int, *, by: Person | None = None) -> Answer:
        """The answer once the gate is through with that version."""
        last: list[Answer] = []

        async def through() -> Answer | None:
            answer = await self.move(version, by=by)
            last[:] = [answer]
            is_running = answer.status == 409 and answer.body["code"] == "gate_running"
            return None if is_running else answer

        found: Answer = await until(through, why=lambda: str(last[0].body))
        return found

    async def run(self, **asked: Any) -> dict[str, Any]:
        """A run by hand, once it has ended."""
        begun = await self.owner.post(f"/api/suites/{self.suite['id']}/run", asked)
        assert begun.status == 202, begun.body
        return await self.ended(begun.body["id"])

    async def ended(self, run_id: str, *, by: Person | None = None) -> dict[str, Any]:
        """The run, once it is no longer running."""
        last: list[Any] = []

        async def there() -> Any:
            answer = await (by or self.owner).get(f"/api/suites/{self.suite['id']}/runs/{run_id}")
            assert answer.status == 200, answer.body
            last[:] = [answer.body]
            return answer.body if answer.body["status"] != "running" else None

        found: dict[str, Any] = await until(there, why=lambda: str(last))
        return found

    async def labels(self) -> dict[str, int]:
        """Where the labels point."""
        answer = await self.owner.get(f"/api/templates/{self.id}")
        labels: dict[str, int] = answer.body["labels"]
        return labels

    async def share_with(self, *people: Person, role: str = "editor") -> None:
        """Lets them edit, or view."""
        members = [{"user_id": str(each.user.id), "role": role} for each in people if each.user]
        given = {"visibility": "shared", "members": members}
        answer = await self.owner.call("PUT", f"/api/templates/{self.id}/share", given)
        assert answer.status == 200, answer.body
