"""What an API token may be used for: each door of the API is opened by the scopes that this table names.

A token never opens what its user may not do; scopes only take away. What stands in no line of the table is read with
`read`, and changed with `manage`: a new door is never opened by more than that by accident.
"""

from __future__ import annotations

import re
from typing import Final

from django.db import models


class Scope(models.TextChoices):
    """What a token may do, in the order in which people are asked."""

    READ = "read", "Read everything that you may read, exports included"
    EXECUTE = "execute", "Run prompts, compare, rate and comment"
    EVALUATE = "evaluate", "Run tests, suites and reviews, and edit datasets"
    MANAGE = "manage", "Change templates, labels, sessions and shares"


NOBODY: Final = frozenset[Scope]()
"""For people only: no token opens it."""

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_AREAS: Final = {
    Scope.EXECUTE: ("prompts", "executions", "comparisons", "comments", "artifacts", "tools"),
    Scope.EVALUATE: ("evaluation", "datasets", "suites", "reviews"),
}
"""The first word of an address below /api/ or /ws/; whoever acts there may look there too."""
_SCOPE_OF: Final = {area: scope for scope, areas in _AREAS.items() for area in areas}
_EXCEPTIONS: Final = tuple(
    (method, re.compile(pattern), scopes)
    for method, pattern, scopes in (
        ("GET", r"/api/auth/me", frozenset(Scope)),
        ("POST", r"/api/auth/token/revoke", frozenset(Scope)),
        ("", r"/api/auth/.*", NOBODY),
        # Where the service sends what models ask of tools.
        ("", r"/api/mcp-servers(/.*)?", NOBODY),
        # What is kept of people, and who is erased, is for people to decide.
        ("", r"/api/privacy/.*", NOBODY),
        # What is mended and what may go on unheard is a person's word.
        ("POST", r"/api/monitoring/.*", NOBODY),
        ("PATCH", r"/api/monitoring/.*", NOBODY),
        ("DELETE", r"/api/monitoring/.*", NOBODY),
        # These change nothing and ask no model.
        ("POST", r"/api/templates/lint", frozenset({Scope.READ, Scope.MANAGE})),
        ("POST", r"/api/templates/[^/]+/render", frozenset({Scope.READ, Scope.EXECUTE, Scope.MANAGE})),
        ("POST", r"/api/analytics/cost-estimation", frozenset({Scope.READ, Scope.EXECUTE, Scope.MANAGE})),
        ("POST", r"/api/analytics/bills/compare", frozenset({Scope.READ, Scope.MANAGE})),
        ("POST", r"/api/evaluation/plan", frozenset({Scope.READ, Scope.EVALUATE})),
        # It is a secret.
        ("GET", r"/api/evaluation/scorers/webhook-secret", frozenset({Scope.EVALUATE})),
        # Who sees a test is no matter of running it.
        ("PUT", r"/api/evaluation/[^/]+/share", frozenset({Scope.MANAGE})),
        # It makes a version of a template.
        ("POST", r"/api/evaluation/recommendations/[^/]+/accept", frozenset({Scope.MANAGE})),
        # The word of a second person is a person's.
        ("POST", r"/api/suites/[^/]+/runs/[^/]+/override", NOBODY),
        ("POST", r"/api/templates/[^/]+/labels/[^/]+/requests/[^/]+/(approve|refuse)", NOBODY),
        ("PUT", r"/api/templates/[^/]+/labels/[^/]+/protection", NOBODY),
        # So is who is in a team or an organisation, and as what: whatever is shared with them hangs on it.
        *((verb, r"/api/(organisation|teams)(/.*)?", NOBODY) for verb in ("POST", "PUT", "PATCH", "DELETE")),
    )
)


def openers(method: str, path: str) -> frozenset[Scope]:
    """The scopes of which a token needs one to call this door; none for what is no door of the API."""
    _, first, *rest = path.split("/", 3)
    if path == "/v1/messages/count_tokens":
        # It asks no model and keeps nothing: who may read a template may know how long it is.
        return frozenset({Scope.READ, Scope.EXECUTE})
    if first == "v1":
        # Other vendors' doors (playground.gateway) run prompts, and tell what they ran and what can be run.
        return frozenset({Scope.READ, Scope.EXECUTE}) if method in _SAFE else frozenset({Scope.EXECUTE})
    if path == "/mcp":
        # Its tools ask for the scopes of the doors that they stand for (playground.gateway.mcp).
        return frozenset(Scope)
    if first not in ("api", "ws") or not rest:
        return NOBODY
    for verb, pattern, scopes in _EXCEPTIONS:
        if (not verb or method == verb) and pattern.fullmatch(path):
            return scopes
    of_area = _SCOPE_OF.get(rest[0])
    if method in _SAFE:
        return frozenset({Scope.READ, of_area}) if of_area else frozenset({Scope.READ})
    return frozenset({of_area or Scope.MANAGE})
