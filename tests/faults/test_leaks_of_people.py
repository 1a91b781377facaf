"""T10, T39: what people write beside their prompts is sealed too: templates, comments, ratings, values, exports."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from foundation.database.threads import in_database_thread
from history.models import ExportArtifact
from history.tasks import make_artifact
from history.tasks import remove_deleted as remove_sessions
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate
from templates_app.tasks import remove_deleted as remove_templates
from tests.cast import Person
from tests.faults.test_leaks import database_hits, file_hits, found_in, valkey_hits
from tests.servers.service import Service, Web

# Of this test alone: others put theirs in clear on purpose, and logs of the servers keep them.
PROMPT, CONTEXT, GONE = "canary-words-4d19", "canary-value-e07b", "canary-gone-88a2"
SAID = (PROMPT, CONTEXT)


async def test_t10_no_text_of_a_template_or_of_feedback_is_anywhere_in_clear(
    author: Person, provider: str, service: Service, capfd: pytest.CaptureFixture[str]
):
    web = await asyncio.to_thread(Web, service.environment)
    person = author.at(web.url)
    try:
        execution_id = await written(person, provider)
        await exported(person, execution_id)
        refused = [
            await person.post("/api/templates", {"name": "x", "category": "c", "prompt": PROMPT, "engine": "odd"}),
            await person.post("/api/templates/import", {"format": "x", "templates": [PROMPT]}),
            await person.post("/api/sessions/import", {"format": "x", "executions": [{"prompt": PROMPT}]}),
        ]
        hits = [hit for answer in refused for hit in found_in(json.dumps(answer.body).encode(), "a refusal", SAID)]
        hits += await asyncio.to_thread(lambda: list(database_hits(service.environment["DATABASE_URL"], SAID)))
        hits += await valkey_hits(service.environment["REDIS_URL"], SAID)
    finally:
        await asyncio.to_thread(web.stop)
    hits += await asyncio.to_thread(file_hits, settings.DATA_DIR, SAID)
    assert hits + found_in("".join(capfd.readouterr()).encode(), "the log", SAID) == []


async def written(person: Person, provider: str) -> str:
    """Says the canaries wherever something can be said; gives the execution that it was said of."""
    variables = [{"name": "a", "type": "string", "default_value": CONTEXT}]
    body = {"name": "T", "category": "C", "prompt": f"{PROMPT} {{{{a}}}}", "variables": variables}
    template = (await person.post("/api/templates", {**body, "system_prompt": PROMPT})).body
    await person.call("PATCH", f"/api/templates/{template['id']}", {"prompt": f"{PROMPT} again {{{{a}}}}"})
    for path in ("", "?version=1", "/diff?from=1&to=2", "/export?format=yaml", "/export?format=curl"):
        assert (await person.get(f"/api/templates/{template['id']}{path}")).status == 200, path
    await person.get(f"/api/templates?search={PROMPT}")
    await person.post("/api/templates/lint", {"prompt": PROMPT})
    run = {"model_id": f"{provider}/echo", "template_id": template["id"], "variables": {"a": CONTEXT}}
    execution = (await person.post("/api/prompts/execute", run)).body
    address = f"/api/executions/{execution['id']}"
    await person.post(f"{address}/comments", {"text": PROMPT})
    await person.call("PUT", f"{address}/rating", {"value": 5, "note": PROMPT})
    await person.post(f"{address}/replay", {"prompt": PROMPT})
    await person.execute(f"{provider}/echo", "{{a}}", variables={"a": PROMPT}, parent_id=execution["id"])
    await person.get(f"/api/sessions/{execution['session_id']}/history?search={PROMPT}")
    await person.post(f"/api/sessions/{execution['session_id']}/fork")
    variants = [{"model_id": f"{provider}/echo"}, {"model_id": f"{provider}/echo", "prompt": CONTEXT}]
    await person.post("/api/comparisons", {"prompt": PROMPT, "variants": variants})
    return str(execution["id"])


async def exported(person: Person, execution_id: str) -> None:
    """An export made in the background, as a file in the storage."""

    def make() -> None:
        session = PromptExecution.objects.get(id=execution_id).session
        artifact = ExportArtifact.objects.create(
            session=session, user=session.user, format="jsonl", expires_at="2100-01-01T00:00:00Z"
        )
        make_artifact(artifact_id=str(artifact.id))
        artifact.refresh_from_db()
        assert artifact.status == "completed"

    await in_database_thread(make)


async def test_t39_what_was_deleted_30_days_ago_is_gone_whole(author: Person, provider: str, service: Service):
    session = (await author.post("/api/sessions", {"name": "Gone", "description": GONE})).body
    template = (await author.post("/api/templates", {"name": GONE, "category": "C", "prompt": "x"})).body
    run = (await author.execute(f"{provider}/echo", session_id=session["id"], metadata={"note": GONE})).body
    await author.post(f"/api/executions/{run['id']}/comments", {"text": "x"})
    for kind, thing in (("sessions", session), ("templates", template)):
        assert (await author.call("DELETE", f"/api/{kind}/{thing['id']}")).status == 204

    def hits() -> list[str]:
        return list(database_hits(service.environment["DATABASE_URL"], (GONE,)))

    def age_and_remove(days: int) -> None:
        then = timezone.now() - timedelta(days=days)
        PlaygroundSession.objects.filter(id=session["id"]).update(deleted_at=then)
        PromptTemplate.objects.filter(id=template["id"]).update(deleted_at=then)
        remove_sessions()
        remove_templates()

    await in_database_thread(age_and_remove, 29)
    assert await asyncio.to_thread(hits)
    await in_database_thread(age_and_remove, 31)
    assert await asyncio.to_thread(hits) == []
    assert (await author.post(f"/api/sessions/{session['id']}/undelete")).status == 404
