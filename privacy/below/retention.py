"""Tables of accounts, the audit log, Django and privacy itself."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from accounts.models import User
from audit.retention import prune
from privacy.holds import reaches
from privacy.keeping import ByItsClock, NoContent, OfKind, UntilRemoved, With, decide
from privacy.models import Covers, OwnData
from privacy.retention.kinds import Pruned, PrunedKind, register

AUDIT = "audit"


def declare() -> None:
    """To be called when the app is ready."""
    decide(UntilRemoved("people and teams stay until they are erased or removed"), "users", "teams", "organisations")
    decide(With("users"), "teams_members", "users_groups", "users_user_permissions", "api_tokens")
    decide(ByItsClock("until they open nothing any more"), "sign_in_links", "revoked_tokens", "django_session")
    decide(ByItsClock("90 days after it was last seen"), "user_networks")
    decide(ByItsClock("24 hours"), "idempotent_calls")
    decide(ByItsClock("until failures no longer count"), "axes_accessattempt", "axes_accessattemptexpiration")
    decide(NoContent("nothing is written to it"), "axes_accesslog", "axes_accessfailurelog")
    decide(NoContent("rights, and names of tables"), "auth_permission", "auth_group", "auth_group_permissions")
    decide(NoContent("names of tables and migrations"), "django_content_type", "django_migrations")
    decide(With("users"), "django_admin_log")
    decide(OfKind(AUDIT), "audit_entries", "audit_links", "audit_waiting")
    decide(NoContent("what shows that the log is whole"), "audit_cuts", "audit_checks", "audit_publications")
    decide(NoContent("what shows that the log is whole"), "audit_stamps", "audit_stamp_checks")
    decide(UntilRemoved("what was promised about what is kept"), "retention_rules", "legal_holds", "erasures")
    decide(UntilRemoved("what is masked in a project"), "masking_rules")
    decide(NoContent("counts of what was removed"), "retention_runs", "retention_figures")
    decide(ByItsClock("7 days"), "own_data")
    decide(ByItsClock("7 days; what waits to be told, 30"), "events")
    decide(With("events"), "event_deliveries")
    decide(ByItsClock("7 days after it came"), "consumed_events")
    decide(NoContent("where events go"), "event_destinations")
    decide(ByItsClock("90 days after it was read, a year at most"), "notifications")
    decide(UntilRemoved("how somebody wants to be told"), "notification_preferences")
    decide(UntilRemoved("addresses that somebody has their events sent to"), "webhooks")
    reaches(OwnData, Covers.USER, "user_id")
    reaches(OwnData, Covers.ORGANISATION, "user__organisation")
    register(PrunedKind(AUDIT, "Audit log", lambda: settings.ENV.retention_audit_days, _prune_the_log))


def _prune_the_log(before: datetime, is_dry: bool) -> Pruned:
    return Pruned(rows=sum(chain.entries for chain in prune(before=before, dry_run=is_dry)))


def organisations() -> list[str]:
    """Every organisation that somebody is of; '' stands for those who are of none."""
    names = User.objects.order_by("organisation").values_list("organisation", flat=True).distinct()
    return sorted({"", *names})
