"""Every table is in the log or stands here with the reason why not; acts are of one vocabulary."""

from __future__ import annotations

from typing import Final

import pytest
from django.apps import apps
from django.db import connection

from audit.acts import Act
from tests.test_house import models_of_ours

RECORDS_OF_THEIR_OWN: Final = "executions and what hangs on them: rows that say themselves who made them"
PARTS: Final = "parts of a thing that is in the log, written with it"
BY_THE_SERVICE: Final = "written by the service for itself"
THEIR_OWN_MATTER: Final = "how somebody wants to be told, or to begin: of nobody else, and it opens nothing"
NOT_IN_IT: Final = {
    RECORDS_OF_THEIR_OWN: {
        "prompt_executions", "comparisons", "comparison_votes", "execution_comments", "execution_ratings",
        "attachments", "attachment_uses", "large_answers",
        "evaluation_samples", "evaluation_scores", "evaluation_judge_calls",
        "review_labels", "adopted_answers", "template_ratings", "template_favourites", "evaluation_recommendations",
        "evaluation_recommendation_rounds", "evaluation_proposal_asks", "evaluation_case_proposals",
        "evaluation_call_scores",
    },
    PARTS: {
        "template_versions", "template_partials", "template_label_moves", "template_import_entries",
        "attachments_in_versions", "evaluation_dataset_versions", "evaluation_dataset_cases", "evaluation_variants",
        "evaluation_cases", "review_items", "evaluation_gate_changes", "evaluation_baselines", "evaluation_suite_tests",
    },
    THEIR_OWN_MATTER: {"notification_preferences", "playground_defaults"},
    BY_THE_SERVICE: {
        "audit_entries", "audit_links", "audit_waiting", "audit_cuts", "audit_checks", "audit_publications",
        "audit_stamps", "audit_stamp_checks",
        "idempotent_calls", "idempotency_keys", "runner_leases",
        "evaluation_claims", "evaluation_case_totals", "evaluation_provider_batches", "evaluation_suite_runs",
        "review_raters", "review_locks", "catalogue_models", "quota_usage", "quota_holds", "quota_alerts",
        "retention_runs", "retention_figures", "evaluation_split_watches", "evaluation_split_units",
        "usage_hours", "usage_rollups", "execution_usage", "usage_cells",
        "usage_days", "user_networks", "weekly_reports",
        "events", "event_deliveries", "event_destinations", "consumed_events", "notifications",
        "error_hours", "breaker_transitions", "monitoring_samples", "alert_firings",
    },
}  # fmt: skip


def triggers() -> dict[str, list[str]]:
    """The words of each watched table's trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgfoid = to_regproc('audit_row_written')"
        )
        return {table: bytes(words).decode().split("\0")[:-1] for table, words in cursor.fetchall()}


@pytest.mark.django_db
def test_every_table_is_in_the_log_or_has_a_reason_not_to_be() -> None:
    tables = {model._meta.db_table for model in models_of_ours()}
    left_out = set().union(*NOT_IN_IT.values())
    assert tables - set(triggers()) - left_out == set()
    assert left_out & set(triggers()) == set()


@pytest.mark.django_db
def test_their_words_are_of_the_vocabulary() -> None:
    for table, words in triggers().items():
        assert set(words[5:]) - {""} <= set(Act.values), table


@pytest.mark.django_db
def test_their_columns_are_there() -> None:
    by_table = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table, words in triggers().items():
        columns = {field.column for field in by_table[table]._meta.concrete_fields}
        named = {words[1], *words[2].split(","), *words[3].split(","), words[4]} - {""}
        assert named <= columns, table
