"""Templates in JSON, the same wherever they appear (api.md, "Templates")."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from accounts.models import User
from foundation.problems import Problem
from templates_app.linting.lint import bare_names, lint
from templates_app.lookup import role_in, version_by_number
from templates_app.models import (
    LabelMove,
    LabelProtection,
    LabelRequest,
    PromptTemplate,
    TemplateVersion,
    Visibility,
)
from templates_app.partials.expanding import expanded
from templates_app.partials.use import partials_json
from templates_app.versions.labels import labels_of
from templates_app.versions.protection import named

NO_CALL: Final[Mapping[str, Any]] = {"messages": [], "tools": [], "response_format": None, "model_id": None}
"""What a version without the parts of a whole call says of them."""


def told_json(template: Any, held: Mapping[str, Any], user: User) -> dict[str, Any]:
    """`template_json` of a single template, with what its version is made of now.

    The variables of its partials stand among its own. What `held` says is kept, and partials change behind its back.
    """
    shape = {**template_json(template, held, user), "partials": []}
    version = version_by_number(template, held["version"])
    if partials := partials_json(version, user):
        shape["partials"] = partials
        with contextlib.suppress(Problem):  # each partial says what is wrong
            variables = expanded(version).content.variables
            shape["variables"] = [each.name for each in variables]
            shape["variable_definitions"] = [each.as_json() for each in variables]
    return shape


def whole_json(template: Any, held: Mapping[str, Any], user: User) -> dict[str, Any]:
    """`told_json` for programs that render by themselves: the texts have those of their partials in them.

    A Problem names the partial that is gone.
    """
    shape = told_json(template, held, user)
    if shape["partials"]:
        content = expanded(version_by_number(template, held["version"])).content
        texts = {"prompt": content.prompt, "system_prompt": content.system_prompt or None}
        shape |= {**texts, "messages": content.call_json().get("messages", [])}
    return shape


def as_of(template: PromptTemplate, version: TemplateVersion, *, with_lint: bool) -> dict[str, Any]:
    """What is the same for everybody and changes with `template.revision` only."""
    content = version.content if with_lint else version.shown_content
    return {
        "prompt": content.prompt,
        "system_prompt": content.system_prompt or None,
        "variables": content.variable_names,
        "variable_definitions": [variable.as_json() for variable in content.variables],
        "default_parameters": dict(content.default_parameters),
        **NO_CALL,
        **content.call_json(),
        "engine": content.engine,
        "version": version.number,
        "content_hash": version.content_hash,
        "labels": labels_of(template),
        "lint": [
            finding.as_json()
            for finding in lint(content, also_used=_used_by_partials(version), inferred=bare_names(content))
        ]
        if with_lint
        else None,
    }


def _used_by_partials(version: TemplateVersion) -> frozenset[str]:
    try:
        return expanded(version).names
    except Problem:
        return frozenset(version.content.variable_names)


def template_json(template: Any, held: Mapping[str, Any], user: User) -> dict[str, Any]:
    """The template (out of `lookup.seen_by`) with what `as_of` says, for eyes that may see it."""
    return {
        "id": template.id,
        "name": template.name,
        "slug": template.slug,
        "partials": None,
        "category": template.category,
        "description": template.description,
        "tags": template.tags,
        "is_public": template.visibility == Visibility.PUBLIC,
        "visibility": template.visibility,
        "is_featured": template.is_featured,
        "current_version": template.version.number,
        "usage_count": template.usage_count,
        "rating": template.rating,
        "ratings_count": template.ratings_count,
        "is_favourite": template.is_favourite,
        "forked_from": forked_from_json(template),
        "created_by": template.owner_id,
        "owner": {"id": template.owner_id, "name": str(template.owner)},
        "role": role_in(template, user),
        "created_at": template.created_at,
        "updated_at": template.updated_at,
        **held,
    }


def forked_from_json(template: PromptTemplate) -> dict[str, Any] | None:
    """The template and version that this one was forked from."""
    origin = template.forked_from
    return {"id": origin.template_id, "version": origin.number} if origin else None


def version_json(version: TemplateVersion, labels: list[str]) -> dict[str, Any]:
    """One line of GET /api/templates/{id}/versions; money in USD, times in seconds, null without executions."""
    return {
        "version": version.number,
        "author": person_json(version.author),
        "note": version.note,
        "content_hash": version.content_hash,
        "created_at": version.created_at,
        "labels": labels,
        "usage_count": version.usage_count,
        "success_rate": version.success_rate,
        "average_cost": version.average_cost,
        "average_time": version.average_time,
    }


def person_json(user: User | None) -> dict[str, Any] | None:
    """Somebody, by id and name; None for who has left."""
    return {"id": user.id, "name": str(user)} if user else None


def move_json(move: LabelMove) -> dict[str, Any]:
    """One move of a label."""
    return {
        "label": move.name,
        "version": move.version.number if move.version else None,
        "previous_version": move.previous.number if move.previous else None,
        "moved_by": person_json(move.moved_by),
        "moved_at": move.moved_at,
        "is_rollback": move.is_rollback,
        "approved_by": person_json(move.approved_by),
        "note": move.note,
    }


def request_json(asked: LabelRequest) -> dict[str, Any]:
    """What was asked of a protected label, and what became of it."""
    return {
        "id": asked.id,
        "label": asked.name,
        "act": asked.act,
        "version": asked.version.number if asked.version else None,
        "split": asked.terms,
        "asked_by": person_json(asked.asked_by),
        "asked_at": asked.asked_at,
        "reason": asked.reason,
        "status": asked.status,
        "decided_by": person_json(asked.decided_by),
        "decided_at": asked.decided_at,
        "decision": asked.decision,
    }


def protection_json(
    label: str, protection: LabelProtection | None, asked: LabelRequest | None, people: Iterable[User]
) -> dict[str, Any]:
    """Whether a label is protected, what is asked of it, and who of `people` could approve that, or anything."""
    return {
        "label": label,
        "is_protected": protection is not None,
        "protected_by": person_json(protection.protected_by) if protection else None,
        "protected_at": protection.protected_at if protection else None,
        "request": request_json(asked) if asked else None,
        "approvers": named(people, but=asked.asked_by_id if asked else None) if protection else [],
    }
