"""The vocabulary of the audit log: what is done, and by what somebody came in. Words are added, never taken away."""

from __future__ import annotations

from django.db import models


class Act(models.TextChoices):
    """What was done."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    EXPORTED = "exported"
    AUDIT_PRUNED = "audit_pruned"

    USER_MADE = "user_made"
    USER_CHANGED = "user_changed"
    USER_DELETED = "user_deleted"
    SIGN_IN_LINK_MADE = "sign_in_link_made"
    TEAM_MADE = "team_made"
    TEAM_CHANGED = "team_changed"
    TEAM_DELETED = "team_deleted"
    TEAM_MEMBER_ADDED = "team_member_added"
    TEAM_MEMBER_REMOVED = "team_member_removed"
    TEAM_MEMBER_CHANGED = "team_member_changed"
    ORGANISATION_MADE = "organisation_made"
    ORGANISATION_CHANGED = "organisation_changed"
    ORGANISATION_DELETED = "organisation_deleted"
    TOKEN_MADE = "token_made"  # noqa: S105 - a word
    TOKEN_CHANGED = "token_changed"  # noqa: S105 - a word
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a word
    TOKEN_DELETED = "token_deleted"  # noqa: S105 - a word
    WEB_TOKEN_REVOKED = "web_token_revoked"  # noqa: S105 - a word

    QUOTA_SET = "quota_set"
    QUOTA_CHANGED = "quota_changed"
    QUOTA_REMOVED = "quota_removed"
    THROTTLED = "throttled"
    THROTTLE_ENDED = "throttle_ended"
    TOOL_MADE = "tool_made"
    TOOL_CHANGED = "tool_changed"
    TOOL_DELETED = "tool_deleted"
    PROVIDER_MADE = "provider_made"
    PROVIDER_CHANGED = "provider_changed"
    PROVIDER_DELETED = "provider_deleted"

    TEMPLATE_MADE = "template_made"
    TEMPLATE_CHANGED = "template_changed"
    TEMPLATE_DELETED = "template_deleted"
    TEMPLATE_UNDELETED = "template_undeleted"
    TEMPLATE_REMOVED = "template_removed"
    TEMPLATE_SHARED = "template_shared"
    TEMPLATE_SHARE_CHANGED = "template_share_changed"
    TEMPLATE_UNSHARED = "template_unshared"
    TEMPLATES_IMPORTED = "templates_imported"
    TEMPLATES_IMPORT_UNDONE = "templates_import_undone"
    LABEL_SET = "label_set"
    LABEL_MOVED = "label_moved"
    LABEL_REMOVED = "label_removed"
    LABEL_PROTECTED = "label_protected"
    LABEL_UNPROTECTED = "label_unprotected"
    LABEL_ASKED = "label_asked"
    LABEL_DECIDED = "label_decided"

    SESSION_MADE = "session_made"
    SESSION_CHANGED = "session_changed"
    SESSION_DELETED = "session_deleted"
    SESSION_UNDELETED = "session_undeleted"
    SESSION_REMOVED = "session_removed"
    SESSION_SHARED = "session_shared"
    SESSION_SHARE_CHANGED = "session_share_changed"
    SESSION_UNSHARED = "session_unshared"
    SESSION_IMPORTED = "session_imported"
    EXPORT_ASKED = "export_asked"
    IMPORT_ASKED = "import_asked"

    DATASET_MADE = "dataset_made"
    DATASET_CHANGED = "dataset_changed"
    DATASET_DELETED = "dataset_deleted"
    SUITE_MADE = "suite_made"
    SUITE_CHANGED = "suite_changed"
    SUITE_DELETED = "suite_deleted"
    GATE_OVERRIDDEN = "gate_overridden"
    TEST_MADE = "test_made"
    TEST_CHANGED = "test_changed"
    TEST_DELETED = "test_deleted"
    TEST_SHARED = "test_shared"
    TEST_SHARE_CHANGED = "test_share_changed"
    TEST_UNSHARED = "test_unshared"
    REVIEW_MADE = "review_made"
    REVIEW_CHANGED = "review_changed"
    REVIEW_DELETED = "review_deleted"

    ANOMALY_DISMISSED = "anomaly_dismissed"
    RETENTION_CHANGED = "retention_changed"
    HOLD_PLACED = "hold_placed"
    HOLD_CHANGED = "hold_changed"
    HOLD_LIFTED = "hold_lifted"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_DECIDED = "erasure_decided"
    ERASURE_CHANGED = "erasure_changed"
    OWN_DATA_ASKED = "own_data_asked"
    MASKING_SET = "masking_set"
    MASKING_CHANGED = "masking_changed"
    MASKING_REMOVED = "masking_removed"
    EVENT_REPLAYED = "event_replayed"


SERVICE = "service"
"""By nobody: the service itself, its workers and commands."""
SESSION = "session"
WEB_TOKEN = "web_token"  # noqa: S105 - a word
API_TOKEN = "api_token:"  # noqa: S105 - a word
"""Followed by the token's id."""
DATABASE = "database"
"""Whoever wrote told nothing of themselves: past the service, at the database."""
