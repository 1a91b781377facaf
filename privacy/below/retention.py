"""Tables of accounts, the audit log, Django and privacy itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from accounts.models import User
from privacy.keeping import ByItsClock, NoContent, OfKind, UntilRemoved, With, decide
from privacy.retention.kinds import Pruned, PrunedKind, register

AUDIT = "audit"


def declare() -> None:
    """To be called when the app is ready."""
    decide(UntilRemoved("people and teams stay until they are erased or removed"), "users", "teams")
    decide(With("users"), "teams_members", "users_groups", "users_user_permissions", "api_tokens")
    decide(ByItsClock("until they open nothing any more"), "sign_in_links", "revoked_tokens", "django_session")
    decide(ByItsClock("24 hours"), "idempotent_calls")
    decide(ByItsClock("until failures no longer count"), "axes_accessattempt", "axes_accessattemptexpiration")
    decide(NoContent("nothing is written to it"), "axes_accesslog", "axes_accessfailurelog")
    decide(NoContent("rights, and names of tables"), "auth_permission", "auth_group", "auth_group_permissions")
    decide(NoContent("names of tables and migrations"), "django_content_type", "django_migrations")
    decide(With("users"), "django_admin_log")
    decide(OfKind(AUDIT), "audit_entries", "audit_links", "audit_waiting")
    decide(UntilRemoved("what was promised about what is kept"), "retention_rules", "legal_holds", "erasures")
    decide(NoContent("counts of what was removed"), "retention_runs", "retention_figures")
    decide(ByItsClock("7 days"), "own_data")
    if (prune := _audits_own()) is not None:
        days: Callable[[], int] = lambda: settings.ENV.retention_audit_days  # noqa: E731 - one of several alike
        register(PrunedKind(AUDIT, "Audit log", days, prune))


def _audits_own() -> Callable[[datetime, bool], Pruned] | None:
    """`audit.retention.prune(before=…, dry_run=…)`, which keeps the chain whole; None where this release has none."""
    if find_spec("audit.retention") is None:
        return None
    module: Any = import_module("audit.retention")

    def prune(before: datetime, is_dry: bool) -> Pruned:
        found = module.prune(before=before, dry_run=is_dry)
        return Pruned(rows=found if isinstance(found, int) else int(getattr(found, "rows", 0)))

    return prune


def organisations() -> list[str]:
    """Every organisation that somebody is of; '' stands for those who are of none."""
    names = User.objects.order_by("organisation").values_list("organisation", flat=True).distinct()
    return sorted({"", *names})
