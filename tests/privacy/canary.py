"""Somebody who writes one word into everything that a person can write."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import ApiToken, User
from evaluation_app.models import AdoptedAnswer, EvaluationTest, GateOverride, ReviewLabel, ReviewQueue
from foundation.database.threads import in_database_thread
from foundation.sealing.files.storing import sealed_file, store
from history.artifacts import making, ordering
from history.export.selection import Selection
from history.models import SessionImportArtifact
from playground import comparing
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate, TemplateImport, TemplateVersion
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.playground.uploads import upload
from tests.privacy.canary_rows import written_by
from tests.privacy.rows import a_test

CANARY = "Canary-Önnerud-7f31"
PLAIN = "canary-of-mail-7f31"
WORDS = [CANARY, PLAIN]


class Canary:
    """The person, and somebody else in whose places they have written, too."""

    def __init__(self, url: str, provider: str) -> None:
        self.provider = provider
        user = new_user(name=f"{CANARY} Person", email=f"{PLAIN}@example.org")
        User.objects.filter(id=user.id).update(username=f"{PLAIN}-{user.id.hex[:8]}")
        user.refresh_from_db()
        self.user, self.person = user, Person(url, user)
        self.others = new_user(name="Other")
        self.other = Person(url, self.others)

    async def write(self) -> None:
        """Everywhere."""
        await self._sessions_and_runs()
        await self._templates()
        await self._in_places_of_others()
        await self._datasets()
        await in_database_thread(browser_of, self.person)
        await in_database_thread(self._rows)

    async def post(self, path: str, body: Any, **more: Any) -> Any:
        """POST that must succeed."""
        answer = await self.person.post(path, body, **more)
        assert answer.status in (200, 201, 202), (path, answer.status, answer.body)
        return answer.body

    async def _sessions_and_runs(self) -> None:
        told = {"description": CANARY, "purpose": CANARY, "metadata": {CANARY: [CANARY]}, "tags": [CANARY]}
        session = await self.post("/api/sessions", {"name": CANARY, **told})
        self.session = session["id"]
        uploaded = await upload(self.person, f"{CANARY} in a file\n".encode(), f"{PLAIN}.txt", "text/plain")
        assert uploaded.status == 201, uploaded.body
        more = {
            "session_id": self.session, "system_prompt": CANARY, "context": {CANARY: CANARY},
            "parameters": {"temperature": 0}, "metadata": {"mine": CANARY, "tags": [CANARY]},
        }  # fmt: skip
        made = await self.person.execute(f"{self.provider}/echo", CANARY, key=f"{PLAIN}-key", **more)
        assert made.status == 200, made.body
        assert (await self.person.events(f"{self.provider}/echo", CANARY, **more))[-1].kind == "completed"
        self.execution = made.body["id"]
        await self.post(f"/api/executions/{self.execution}/comments", {"text": CANARY})
        rated = await self.person.call("PUT", f"/api/executions/{self.execution}/rating", {"value": 3, "note": CANARY})
        assert rated.status in (200, 201), rated.body
        compared = {
            "session_id": self.session, "prompt": CANARY,
            "variants": [{"model_id": f"{self.provider}/echo"}, {"model_id": f"{self.provider}/json"}],
        }  # fmt: skip
        made_of_two = await self.post("/api/comparisons", compared)
        named = {"user": self.person.user, "comparison_id": made_of_two["id"], "name": CANARY}
        await in_database_thread(lambda: comparing.rename(**named))
        await self.post(f"/api/sessions/{self.session}/fork", {})
        bundle = (await self.person.get(f"/api/sessions/{self.session}/export?format=json")).body
        await self.post("/api/sessions/import", bundle)

    async def _templates(self) -> None:
        body = {
            "name": CANARY, "category": CANARY, "tags": [CANARY], "description": CANARY, "note": CANARY,
            "prompt": f"{CANARY} {{{{word}}}}", "system_prompt": CANARY,
            "variables": [{"name": "word", "type": "string", "description": CANARY}],
        }  # fmt: skip
        made = await self.post("/api/templates", body)
        address = f"/api/templates/{made['id']}"
        assert (await self.person.call("PATCH", address, {"prompt": f"More {CANARY}", "note": CANARY})).status == 200
        assert (await self.person.get(address)).status == 200
        document = (await self.person.get(f"{address}/export?format=json")).body
        for each in document["templates"]:
            each.pop("id", None)
        await self.post("/api/templates/import", document)
        run = {"session_id": self.session, "template_id": made["id"], "variables": {"word": CANARY}}
        ran = await self.person.post("/api/prompts/execute", {"model_id": f"{self.provider}/echo", **run})
        assert ran.status == 200, ran.body

    async def _in_places_of_others(self) -> None:
        session = (await self.other.post("/api/sessions", {"name": "Theirs"})).body["id"]
        members = {"members": [{"user_id": str(self.user.id), "role": "editor"}]}
        assert (await self.other.call("PUT", f"/api/sessions/{session}/share", members)).status == 200
        theirs = await self.other.execute(f"{self.provider}/echo", "mine", session_id=session)
        await self.post(f"/api/executions/{theirs.body['id']}/comments", {"text": CANARY})
        mine = await self.person.execute(f"{self.provider}/echo", CANARY, session_id=session)
        assert mine.status == 200, mine.body
        self.theirs, self.mine_there = theirs.body["id"], mine.body["id"]

    async def _datasets(self) -> None:
        cases = [
            {"name": CANARY, "input": {"a": CANARY}, "expected_output": {"type": "contains", "keywords": [CANARY]}}
        ]
        await self.post("/api/datasets", {"name": CANARY, "description": CANARY, "note": CANARY, "cases": cases})

    def _rows(self) -> None:
        ApiToken.objects.create(user=self.user, name=CANARY, digest=b"1" * 32, ending="abcd", scopes=["read"])
        attempt = {"username": self.user.username, "ip_address": "127.0.0.1", "failures_since_start": 1}
        AccessAttempt.objects.create(**attempt, get_data="", post_data="", user_agent="", http_accept="", path_info="")
        kind = ContentType.objects.get_for_model(User)
        for who in (self.user, self.others):
            LogEntry.objects.create(
                user=who, content_type=kind, object_id=str(self.user.id), object_repr=CANARY, action_flag=CHANGE
            )
        TemplateImport.objects.create(user=self.user, sources=[{"name": CANARY}], choices={"a": CANARY})
        self._files()
        self._reviews()
        self._labels()
        written_by(self.user, CANARY, others=self.others)

    def _files(self) -> None:
        session = PlaygroundSession.objects.get(id=self.session)
        selection = Selection.from_json({})
        artifact = ordering.order(user=self.user, session=session, format_name="json", selection=selection, rows=3)
        making.make(artifact.id)
        row = SessionImportArtifact(user=self.user, format="json", expires_at=timezone.now(), outcome={"at": CANARY})
        with sealed_file(row, [CANARY.encode()]) as file:
            store(row, file)
        row.save()

    def _reviews(self) -> None:
        test = a_test(self.user, days=0, name=CANARY, tags=[CANARY])
        drawn = {"kind": "single", "selection": "random", "is_random": True, "seed": 1, "scale": "pass_fail"}
        ReviewQueue.objects.create(owner=self.user, test=test, name=CANARY, rubric=CANARY, **drawn)
        AdoptedAnswer.objects.create(owner=self.user, case_key="k", text=CANARY)
        theirs = a_test(self.others, days=0)
        self._said_in_review(theirs, drawn)

    def _said_in_review(self, test: EvaluationTest, drawn: dict[str, Any]) -> None:
        from evaluation_app.models import EvaluationCase, EvaluationSample, EvaluationVariant

        queue = ReviewQueue.objects.create(owner=self.others, test=test, name="R", **drawn)
        variant = EvaluationVariant.objects.create(test=test, position=0, name="v", model_id="m", body={})
        case = EvaluationCase.objects.create(test=test, position=0, block=0, key="k", open_samples=0)
        sample = EvaluationSample.objects.create(test=test, variant=variant, case=case, run=1, block=0, state="passed")
        item = queue.items.create(position=0, sample=sample)
        rater = queue.raters.create(user=self.user, name=CANARY)
        self.label = ReviewLabel.objects.create(item=item, rater=rater, passed=True, comment=CANARY, corrected=CANARY)

    def _labels(self) -> None:
        template = PromptTemplate.objects.create(name="Theirs", owner=self.others)
        version = TemplateVersion(template=template, number=1, content_hash="", note=CANARY, author=self.user)
        version.sealed = {"prompt": "p"}
        version.save()
        asked = {"name": "production", "act": "move", "version": version, "asked_by": self.user, "reason": CANARY}
        template.label_requests.create(**asked)
        GateOverride.objects.create(
            template=template, label="production", version=version, suite_name="S", verdict={}, signed_by=self.user,
            reason=CANARY,
        )  # fmt: skip
