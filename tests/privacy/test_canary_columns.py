"""T39: of every column that can hold text it is known whether words of people come into it, and that they go again."""

from __future__ import annotations

from foundation.database.threads import in_database_thread
from privacy.erasure.searching import search
from tests.privacy.canary import CANARY, WORDS, Canary
from tests.privacy.canary_rows import said_by_others
from tests.privacy.columns import holding, of_text
from tests.privacy.test_erasure import erased
from tests.servers.service import Service

EXCUSED: dict[str, str] = {
    "words of the service's own vocabulary: states, kinds, roles, scopes, codes of errors, units": """
        anomalies.metric anomalies.subject_kind api_tokens.scopes attachments.media_type audit_checks.fault
        audit_stamp_checks.fault audit_entries.act audit_entries.by audit_entries.fields audit_entries.kind
        audit_publications.reason evaluation_call_scores.state
        notifications.kind notification_preferences.kind
        consumed_events.fate consumed_events.reason consumed_events.type event_deliveries.last_error
        event_deliveries.state event_destinations.last_error event_destinations.types events.type
        erasures.counts erasures.status erasures.step evaluation_case_proposals.kind evaluation_case_proposals.state
        evaluation_cases.origin evaluation_dataset_cases.origin evaluation_dataset_cases.split
        evaluation_gate_changes.change evaluation_gate_changes.rules
        evaluation_judge_calls.choice evaluation_judge_calls.scorer evaluation_members.role
        evaluation_proposal_asks.kinds evaluation_proposal_asks.status evaluation_provider_batches.state
        evaluation_recommendation_rounds.state evaluation_recommendations.kind evaluation_samples.error_code
        evaluation_samples.state evaluation_scores.error_code evaluation_scores.scorer evaluation_suite_runs.status
        evaluation_suite_runs.why evaluation_suites.gate_estimand evaluation_suites.schedule
        evaluation_tests.control evaluation_tests.pause_reason evaluation_tests.policy evaluation_tests.split
        evaluation_tests.status evaluation_tests.stop_reason execution_ratings.thumb export_artifacts.error
        export_artifacts.format export_artifacts.status idempotency_keys.route idempotent_calls.route
        import_artifacts.error import_artifacts.format import_artifacts.status legal_holds.covers
        masking_rules.files organisations.time_zone own_data.error own_data.status prompt_executions.error_code
        prompt_executions.origin prompt_executions.status prompt_templates.visibility quota_alerts.measure
        quota_limits.period quota_limits.subject_kind quota_usage.period quota_usage.subject_kind
        quota_usage.time_zone retention_figures.kind retention_rules.kind retention_runs.kind review_labels.winner
        review_queues.kind review_queues.scale review_queues.selection runner_leases.role session_members.role
        teams_members.role template_imports.format template_label_requests.act template_label_requests.status
        template_label_requests.terms template_members.role template_splits.measure template_splits.outcome
        users.organisation_role
        users.roles webhooks.format execution_usage.origin execution_usage.status execution_usage.error_code
        usage_cells.origin usage_cells.status usage_cells.error_code usage_days.kind
        breaker_transitions.from_state breaker_transitions.to_state breaker_transitions.reason
    """,
    "ids, and where files lie": """
        consumed_events.event_id consumed_events.subject event_deliveries.aggregate event_deliveries.destination_id
        event_destinations.name event_destinations.project_id webhooks.destination_id events.aggregate
        notifications.payload events.cause_id events.payload events.project_id events.request_id
        anomalies.evidence anomalies.subject_id attachments.storage_name audit_entries.concerns
        audit_entries.object_id audit_entries.request_id audit_publications.destination django_admin_log.object_id
        erasures.finds evaluation_provider_batches.provider_batch_id evaluation_suite_tests.on_trial
        execution_comments.mentions export_artifacts.storage_name import_artifacts.storage_name
        large_answers.storage_name legal_holds.object_id own_data.storage_name quota_limits.subject_id
        quota_usage.subject_id template_import_entries.handed execution_usage.project_id usage_days.key
    """,
    "names of the service's own code: files, functions, types, patterns of addresses": """
        error_groups.chain error_groups.event error_groups.first_version error_groups.last_request_id
        error_groups.last_version error_groups.logger error_groups.place error_groups.role error_groups.route
        error_groups.type error_groups.fingerprint
    """,
    "how the installation stood: figures, names of providers and of hosts": """
        monitoring_samples.figures monitoring_samples.host
        alert_rules.figure alert_rules.provider alert_rules.comparison alert_rules.severity
        alerts.subject alerts.state alert_firings.subject alert_firings.figure alert_firings.comparison
        alert_firings.severity
    """,
    "names of models, and prices of them": """
        anomalies.detail evaluation_proposal_asks.model_id evaluation_provider_batches.model_id
        evaluation_recommendation_rounds.model_id evaluation_variants.model_id evaluation_variants.prices
        playground_defaults.model_id prompt_executions.billing prompt_executions.model_id
        template_versions.last_model_id usage_hours.model_id
        execution_usage.model_id usage_cells.model_id breaker_transitions.model_id breaker_transitions.provider
        breaker_transitions.entry
    """,
    "hashes, keyed or of secrets, and figures": """
        adopted_answers.case_key api_tokens.digest api_tokens.ending attachments.fingerprint audit_checks.hash
        audit_cuts.hash audit_cuts.signature audit_links.hash audit_stamps.response evaluation_case_proposals.key
        evaluation_case_totals.digests evaluation_case_totals.latencies evaluation_case_totals.meanings
        evaluation_case_totals.passes evaluation_case_totals.scores evaluation_cases.key
        evaluation_dataset_cases.content_hash evaluation_dataset_cases.key evaluation_dataset_versions.content_hash
        evaluation_split_units.unit evaluation_split_watches.calls evaluation_split_watches.race
        evaluation_judge_calls.scorer_hash evaluation_samples.digest evaluation_scores.scorer_hash
        evaluation_suite_runs.trial_hash evaluation_suites.content_hash evaluation_variants.content_hash
        idempotency_keys.body_hash idempotent_calls.body_hash prompt_templates.starter_hash
        prompt_templates.starter_key review_queues.link_hash review_queues.link_nonce revoked_tokens.fingerprint
        session_imports.fingerprint sign_in_attempts.subject sign_in_links.token_hash template_import_entries.origin
        template_partials.text_hash template_versions.content_hash users.password
    """,
    "keys with which it is sealed": """
        attachments.sealed_with export_artifacts.sealed_with import_artifacts.sealed_with
        large_answers.sealed_with own_data.sealed_with
    """,
    "addresses of machines, and what browsers say of themselves; the log of attempts goes with the person": """
        audit_entries.address axes_accessattempt.get_data axes_accessattempt.http_accept
        axes_accessattempt.ip_address axes_accessattempt.path_info axes_accessattempt.post_data
        axes_accessattempt.user_agent user_networks.by user_networks.network
    """,
    "nothing is written to it": """
        axes_accessfailurelog.http_accept axes_accessfailurelog.ip_address axes_accessfailurelog.path_info
        axes_accessfailurelog.user_agent axes_accessfailurelog.username axes_accesslog.http_accept
        axes_accesslog.ip_address axes_accesslog.path_info axes_accesslog.session_hash axes_accesslog.user_agent
        axes_accesslog.username
    """,
    "names of tables, rights and migrations": """
        auth_group.name auth_permission.codename auth_permission.name django_content_type.app_label
        django_content_type.model django_migrations.app django_migrations.name
    """,
    "whose a browser is, by id; the row goes": """
        django_session.session_data django_session.session_key
    """,
    "names of fields that an administrator changed; emptied with the name": """
        django_admin_log.change_message
    """,
    "what the organisation is called": """
        audit_checks.organisation audit_cuts.organisation audit_entries.organisation audit_links.organisation
        audit_publications.organisation audit_stamps.document erasures.organisation
        retention_figures.organisation retention_rules.organisation retention_runs.organisation users.organisation
    """,
    "the erasure's own: what is looked for, and how far it is; emptied when it is done": """
        erasures.searched erasures.words
    """,
    "settings of the installation": """
        catalogue_models.details catalogue_models.id catalogue_models.overrides catalogue_models.provider
        providers.base_url providers.credentials providers.litellm_prefix providers.name providers.python_class
        providers.slug providers.wire
        http_tools.name http_tools.url http_tools.description http_tools.parameters http_tools.secrets http_tools.method
        alert_rules.name alert_firings.name
        mcp_servers.name mcp_servers.url mcp_servers.secrets mcp_servers.listing mcp_servers.confirmed mcp_servers.fault
    """,
    "names that are told to other services, and what those told; sealed, and gone with the person or within days": """
        consumed_events.payload events.words
    """,
    "what somebody calls their webhook, its address and secrets; sealed, and gone with the person": """
        webhooks.name webhooks.old_secret webhooks.secret webhooks.url
    """,
    "names of labels, one word of letters and digits that teams share": """
        evaluation_gate_changes.label evaluation_gate_overrides.label evaluation_suites.gate_label
        template_label_moves.name template_label_protections.name template_label_requests.name template_labels.name
        template_splits.label
    """,
    "made of the name, which is planted, in another spelling; goes with the row": """
        prompt_templates.name_order prompt_templates.search prompt_templates.slug template_partials.reference
    """,
}
"""Why words of people come into none of these columns."""


async def test_t39_every_column_of_text_is_planted_or_excused(service: Service, provider: str) -> None:
    canary = await in_database_thread(Canary, service.url, provider)
    await canary.write()
    told = await in_database_thread(said_by_others, canary.others, CANARY)
    planted = await in_database_thread(holding, WORDS)
    excused = {column for columns in EXCUSED.values() for column in columns.split()}
    columns = await in_database_thread(of_text)
    said = await in_database_thread(erased, canary.user, "--no-export")
    left = {find.kind for find in await in_database_thread(lambda: list(search(WORDS)))}
    assert left == told, said
    assert columns - planted - excused == set(), (
        "plant it in tests/privacy, or say here why nobody's words come into it"
    )
    assert excused & planted == set()
    assert excused - columns == set()
