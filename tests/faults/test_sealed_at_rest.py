"""T10: what people and models write is in no column in clear, by whatever door it came; names and tags aside."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db.models import CharField, JSONField, TextField

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from templates_app.models import PromptTemplate
from tests.cast import Person, new_user
from tests.doors.browser import browser_of
from tests.faults.test_leaks import database_hits
from tests.playground.gateway.test_traces import CALL, as_json
from tests.providers.provider_rows import CLASSES, row_of_class
from tests.servers.service import Service, Web
from tests.waiting import until

CANARY = "canary-at-rest-5b7d"
PARAMETERS = {
    "stop_sequences": [CANARY],
    "response_format": {"type": "json_schema", "json_schema": {"schema": {"title": CANARY, "type": "object"}}},
    "max_tokens": 7,
}
NOTES = {"mine": CANARY, CANARY: {"deep": [CANARY]}}


async def hits(service: Service) -> list[str]:
    """Tables that hold the canary."""
    return await asyncio.to_thread(lambda: list(database_hits(service.environment["DATABASE_URL"], [CANARY])))


async def test_t10_nothing_of_an_execution_is_in_clear(author: Person, provider: str, service: Service) -> None:
    session = (await author.post("/api/sessions", {"name": "S"})).body["id"]
    more: dict[str, Any] = {"session_id": session, "parameters": PARAMETERS, "metadata": {**NOTES, "tags": ["t"]}}
    made = await author.execute(f"{provider}/echo", CANARY, **more)
    assert made.status == 200, made.body
    events = await author.events(f"{provider}/echo", CANARY, **more)
    assert events[-1].kind == "completed"
    again = await author.post(f"/api/executions/{made.body['id']}/replay", {})
    assert again.status == 201, again.body
    compared = {"session_id": session, "prompt": CANARY, "parameters": PARAMETERS, "metadata": NOTES}
    variants = [{"model_id": f"{provider}/echo"}, {"model_id": f"{provider}/json", "parameters": {"temperature": 0}}]
    comparison = await author.post("/api/comparisons", {**compared, "variants": variants})
    assert comparison.status in (200, 201, 202), comparison.body
    assert (await author.post(f"/api/sessions/{session}/fork", {})).status == 201
    bundle = (await author.get(f"/api/sessions/{session}/export?format=json")).body
    claimed = {"finish_reason": CANARY, "provider": CANARY, "answered_model": CANARY, "fallback_from": CANARY}
    bundle["executions"][0]["metadata"] |= claimed
    bundle["executions"][0]["error"] = {"code": "provider_error", "message": CANARY}
    bundle["executions"][0]["status"] = "failed"
    imported = await author.post("/api/sessions/import", bundle)
    assert imported.status == 201, imported.body

    for id_ in (made.body["id"], events[-1].data["id"], again.body["id"]):
        shown = (await author.get(f"/api/executions/{id_}")).body
        assert shown["parameters"] == PARAMETERS
    shown = (await author.get(f"/api/executions/{made.body['id']}")).body
    assert {name: shown["metadata"][name] for name in (*NOTES, "tags", "provider")} == {
        **NOTES, "tags": ["t"], "provider": provider,
    }  # fmt: skip
    tagged = (await author.get(f"/api/sessions/{session}/history?tag=t")).body["results"]
    assert {each["id"] for each in tagged} == {made.body["id"], events[-1].data["id"]}
    row = await in_database_thread(PromptExecution.objects.filter(error_code="provider_error").get)
    assert (row.error_message, row.whole_metadata["finish_reason"]) == (CANARY, CANARY)
    assert await hits(service) == []


async def test_t10_nothing_that_a_trace_tells_is_in_clear(author: Person, service: Service) -> None:
    words = dict.fromkeys(
        (
            "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.conversation.id", "gen_ai.response.id",
            "gen_ai.response.finish_reasons", "gen_ai.response.model", "error.type", "gen_ai.request.stop_sequences",
            "gen_ai.system_instructions", "gen_ai.tool.definitions",
        ),
        CANARY,
    )  # fmt: skip
    body = as_json({**CALL, **words}, name=CANARY, status={"code": 2, "message": CANARY})
    assert (await author.post("/v1/traces", body)).status == 200
    row = await in_database_thread(PromptExecution.objects.filter(user=author.user, origin="trace").get)
    assert (row.request["prompt"], row.answer["response"], row.error_message) == (CANARY, CANARY, CANARY)
    assert await hits(service) == []


async def test_t10_an_error_that_quotes_the_prompt_is_sealed(author: Person, service: Service) -> None:
    names = [f"{CLASSES}.{name}" for name in ("QuotesThePrompt", "EndsInASentence")]
    slug, ends = [(await in_database_thread(row_of_class, name)).slug for name in names]
    given = {**service.environment, "PROVIDER_CLASSES": ",".join(names)}
    web = await asyncio.to_thread(Web, given)
    try:
        person = author.at(web.url)
        refused = await person.execute(f"{slug}/m", CANARY)
        assert (refused.status, CANARY in refused.body["detail"]) == (502, True)
        events = await person.events(f"{slug}/m", CANARY)
        assert CANARY in events[-1].data["error"]["message"]
        shown = (await person.get(f"/api/executions/{refused.body['execution_id']}")).body
        assert shown["error"] == {"code": "provider_refused", "message": refused.body["detail"]}
        ended = await person.execute(f"{ends}/m", CANARY)
        assert (ended.status, ended.body["metadata"]["finish_reason"]) == (200, "unknown")
    finally:
        await asyncio.to_thread(web.stop)
    assert await hits(service) == []


async def test_t10_the_reaper_seals_what_it_stores(author: Person, service: Service) -> None:
    row = await in_database_thread(orphan, author)

    async def ended() -> PromptExecution | None:
        return await in_database_thread(PromptExecution.objects.filter(id=row.id, status="failed").first)

    assert (await until(ended)).error_message
    assert await hits(service) == []


def orphan(author: Person) -> PromptExecution:
    """A run that a dead process left."""
    from datetime import timedelta

    from django.utils import timezone

    from sessions_app.models import PlaygroundSession

    assert author.user is not None
    return PromptExecution.objects.create(
        session=PlaygroundSession.objects.default_of(author.user),
        user=author.user,
        model_id="openai/x",
        request={"prompt": CANARY},
        parameters=PARAMETERS,
        notes=NOTES,
        status="running",
        created_at=timezone.now() - timedelta(minutes=1),
    )


async def test_t10_nothing_of_a_session_but_names_is_in_clear(author: Person, service: Service) -> None:
    told = {"description": f"Of {CANARY} words", "purpose": CANARY, "metadata": {CANARY: [CANARY]}}
    made = (await author.post("/api/sessions", {"name": "First", **told})).body
    other = (await author.post("/api/sessions", {"name": "Second", "project_id": "p", "tags": ["t"]})).body
    changed = await author.call("PATCH", f"/api/sessions/{other['id']}", {**told, "purpose": "else"})
    assert {name: changed.body[name] for name in told} == {**told, "purpose": "else"}
    assert (await author.post(f"/api/sessions/{made['id']}/fork", {})).body["purpose"] == CANARY
    bundle = (await author.get(f"/api/sessions/{made['id']}/export?format=json")).body
    assert (await author.post("/api/sessions/import", bundle)).status == 201
    browser = await in_database_thread(browser_of, author)
    form = {"name": "By a page", "description": CANARY, "purpose": CANARY, "project_id": "", "tags": ""}
    assert (await browser.post("/sessions/new", form=form)).status in (200, 302)
    assert await hits(service) == []

    async def found(query: str) -> set[str]:
        return {each["name"] for each in (await author.get(f"/api/sessions?{query}")).body["results"]}

    assert await found(f"search={CANARY.upper()}+words") >= {"First", "Second", "First (fork)"}
    assert "By a page" in await found(f"search={CANARY}")
    assert await found("search=econd+WORDS") == {"Second"}
    assert await found("search=nowhere") == set()
    assert await found("purpose=else") == {"Second"}
    assert "Second" not in await found(f"purpose={CANARY}")
    assert (await found(f"purpose={CANARY}&search=First")) >= {"First"}
    assert CANARY in (await browser.get(f"/sessions?purpose={CANARY}")).text


async def test_t10_nothing_of_a_template_but_names_is_in_clear(author: Person, service: Service) -> None:
    body = {"name": "T", "category": "C", "prompt": f"{CANARY} {{{{a}}}}", "description": f"On {CANARY} herons"}
    made = await author.post("/api/templates", {**body, "note": CANARY})
    assert made.status == 201, made.body
    address = f"/api/templates/{made.body['id']}"
    changed = await author.call("PATCH", address, {"prompt": "Another", "note": f"again {CANARY}"})
    assert changed.status == 200, changed.body
    assert (await author.post(f"{address}/restore", {"version": 1, "note": CANARY})).status in (200, 201)
    assert (await author.post(f"{address}/fork", {})).status == 201
    document = (await author.get(f"{address}/export?format=json")).body
    for each in document["templates"]:
        each.pop("id", None)
    assert (await author.post("/api/templates/import", document)).status in (200, 201)
    assert await hits(service) == []

    shown = (await author.get(address)).body
    assert shown["description"] == f"On {CANARY} herons"
    notes = [each["note"] for each in (await author.get(f"{address}/versions")).body["results"]]
    assert notes == [CANARY, f"again {CANARY}", CANARY]
    for words in ("heron", "hero", "herons T", "canary-at-rest"):
        results = (await author.get(f"/api/templates?search={words}")).body["results"]
        assert made.body["id"] in {each["id"] for each in results}, words


async def test_t10_the_admins_form_of_a_template_seals_as_well(service: Service) -> None:
    user = await in_database_thread(new_user, is_staff=True, is_superuser=True, roles=["admin", "curator"])
    browser = await in_database_thread(browser_of, Person(service.url, user))
    form = {
        "name": "By the admin", "category": "C", "description": CANARY, "tags": "", "engine": "plain", "note": CANARY,
        "prompt": CANARY, "system_prompt": "", "variables": "", "default_parameters": "",
        **{f"{part}-{name}": "0" for part in ("versions", "ratings") for name in ("TOTAL_FORMS", "INITIAL_FORMS")},
    }  # fmt: skip
    page = await browser.post("/admin/templates_app/prompttemplate/add/", form=form)
    assert page.status == 302, page.text
    row = await in_database_thread(PromptTemplate.objects.get, name="By the admin")
    assert row.description == CANARY
    shown = await browser.get(f"/admin/templates_app/prompttemplate/{row.id}/change/")
    assert (shown.status, shown.text.count(CANARY) >= 3) == (200, True)
    assert await hits(service) == []


async def test_every_column_that_can_hold_text_is_known(service: Service) -> None:
    """A new column of text or JSON is either sealed, or named here with the reason why it need not be."""
    unsealed = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS
        for field in model._meta.concrete_fields
        if isinstance(field, (TextField, JSONField, ArrayField, SearchVectorField))
        or (isinstance(field, CharField) and not field.choices)
    }
    assert unsealed == IN_CLEAR


OURS = (
    "audit",
    "privacy",
    "history",
    "analytics",
    "playground",
    "templates_app",
    "sessions_app",
    "providers",
    "monitoring",
)
IN_CLEAR = {
    # figures by hour and what of them is unusual: ids, names of models, and an administrator's word why it is nothing
    "usage_hours.model_id", "execution_usage.project_id", "execution_usage.model_id", "execution_usage.origin",
    "execution_usage.status", "execution_usage.error_code", "usage_cells.model_id", "usage_cells.origin",
    "usage_cells.status", "usage_cells.error_code", "usage_days.kind", "usage_days.key", "anomalies.subject_id",
    "anomalies.metric", "anomalies.detail", "anomalies.evidence", "anomalies.dismissal",
    # errors of the service's own: names of its code, patterns of addresses, ids, versions
    "error_groups.fingerprint", "error_groups.type", "error_groups.place", "error_groups.logger", "error_groups.event",
    "error_groups.chain", "error_groups.first_version", "error_groups.last_version", "error_groups.role",
    "error_groups.route", "error_groups.last_request_id",
    # what breakers went through: names of providers and models, codes
    "breaker_transitions.provider", "breaker_transitions.model_id", "breaker_transitions.from_state",
    "breaker_transitions.to_state", "breaker_transitions.reason", "breaker_transitions.entry",
    # how the installation stood: figures, names of providers and of hosts
    "monitoring_samples.host", "monitoring_samples.figures",
    # what an administrator watches: names of rules and figures
    "alert_rules.name", "alert_rules.figure", "alert_rules.provider",
    "alerts.subject", "alert_firings.name", "alert_firings.subject", "alert_firings.figure",
    # names, categories and tags, by which things are found
    "playground_sessions.name", "playground_sessions.project_id", "playground_sessions.tags",
    "prompt_templates.name", "prompt_templates.category", "prompt_templates.tags", "template_labels.name",
    "prompt_templates.slug", "template_partials.reference",
    "template_label_moves.name", "template_label_protections.name", "template_label_requests.name",
    "template_splits.label", "template_label_requests.terms",
    "prompt_executions.model_id", "playground_defaults.model_id", "template_versions.last_model_id",
    # the open words are those of names, categories and tags; the others are keyed hashes
    "prompt_templates.search",
    # what the service itself notes, and the caller's tags
    "prompt_executions.metadata", "prompt_executions.billing", "template_partials.text_hash",
    "prompt_executions.error_code", "execution_comments.mentions",
    "import_artifacts.error", "import_artifacts.format", "import_artifacts.storage_name",
    "import_artifacts.sealed_with",
    "export_artifacts.filters", "export_artifacts.error", "export_artifacts.format", "export_artifacts.storage_name",
    "attachments.media_type", "attachments.storage_name", "attachments.sealed_with", "export_artifacts.sealed_with",
    "large_answers.storage_name", "large_answers.sealed_with",
    "prompt_templates.starter_key", "prompt_templates.starter_hash", "template_versions.content_hash",
    "idempotency_keys.key", "idempotency_keys.route",
    # a hash of what a file knows a template by; ids of what came along with it
    "template_imports.format", "template_import_entries.origin", "template_import_entries.handed",
    # settings of the installation
    "providers.slug", "providers.name", "providers.base_url", "providers.litellm_prefix", "providers.python_class",
    "catalogue_models.id", "catalogue_models.provider", "catalogue_models.details", "catalogue_models.overrides",
    "runner_leases.role", "masking_rules.project_id", "http_tools.name", "http_tools.url",
    "mcp_servers.name", "mcp_servers.url", "mcp_servers.confirmed", "mcp_servers.fault",
    # who did what: words of the vocabulary, ids, names of fields, the actor's organisation
    "audit_entries.organisation", "audit_entries.by", "audit_entries.act", "audit_entries.kind",
    "audit_entries.object_id", "audit_entries.concerns", "audit_entries.fields", "audit_entries.address",
    "audit_entries.request_id", "audit_links.organisation", "audit_cuts.organisation", "audit_cuts.signature",
    "audit_checks.organisation", "audit_checks.fault", "audit_publications.destination",
    "audit_publications.organisation", "audit_publications.reason", "audit_stamps.document", "audit_stamp_checks.fault",
    # kinds and organisations of rules and figures; what a hold is on; steps of an erasure, counts, ids of what is left
    "retention_rules.organisation", "retention_rules.kind", "retention_runs.organisation", "retention_runs.kind",
    "retention_figures.organisation", "retention_figures.kind", "legal_holds.object_id",
    "erasures.organisation", "erasures.step", "erasures.counts", "erasures.finds",
    "own_data.error", "own_data.storage_name", "own_data.sealed_with",
}  # fmt: skip


@pytest.mark.django_db
def test_an_empty_value_costs_nothing_and_reads_as_empty(django_user_model: Any) -> None:
    from django.db import connection

    row = orphan(Person("", new_user()))
    PromptExecution.objects.filter(id=row.id).update(parameters=None)
    row = PromptExecution.objects.get(id=row.id)
    assert (row.parameters, row.error_message, row.notes) == ({}, "", NOTES)
    row.parameters["temperature"] = 1
    row.save()
    assert PromptExecution.objects.get(id=row.id).parameters == {"temperature": 1}
    with connection.cursor() as cursor:
        cursor.execute("SELECT error_message IS NULL FROM prompt_executions WHERE id = %s", [row.id])
        assert cursor.fetchone() == (True,)
