"""Templates as MCP tools: the library, one template, and what it would send."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, invalid
from foundation.rest.serializers import checked_json
from playground.gateway.mcp.offered import Offered, arguments_schema, offer
from playground.gateway.targets import template_id_of
from templates_app.api.templates import LibraryQuery, VersionQuery
from templates_app.api.versions import RenderBody, rendered_json
from templates_app.library.filters import ORDERS, Matches
from templates_app.lookup import visible
from templates_app.models import PromptTemplate
from templates_app.representation import as_of, template_json, told_json
from templates_app.versions import cache

TEMPLATE: Final = {"type": "string", "minLength": 1, "maxLength": 200, "description": "The template's id or slug."}
VERSION: Final = {"type": "integer", "minimum": 1, "description": "Its number; the present one when left out."}
LABEL: Final = {"type": "string", "maxLength": 50, "description": "Such as production, in the place of a version."}
VARIABLES: Final = {"type": "object", "description": "Values of the template's variables by name."}
A_PAGE: Final = 20
SUMMARY: Final = (
    "id", "name", "slug", "category", "description", "tags", "current_version", "labels", "variables", "role",
)  # fmt: skip
"""What a list tells of a template: a model that reads it pays for every word."""


def template_of(user: User, name: str) -> PromptTemplate:
    """The template by id or slug, out of `lookup.seen_by`; a 404 problem for strangers."""
    return visible(user, UUID(template_id_of(user, name, field="template")))


def _listed(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    wanted = checked_json(LibraryQuery(), asked)
    page, size = wanted.get("page", 1), wanted.get("page_size", A_PAGE)
    found = Matches(user, wanted)
    rows = [_summary(template, user) for template in found[slice((page - 1) * size, page * size)]]
    count = found.count()
    if not rows and page > 1:
        raise invalid([FieldError("page", "no_page", f"There are {count} templates: no such page.")])
    return {"count": count, "page": page, "templates": rows}


def _summary(template: Any, user: User) -> dict[str, Any]:
    whole = template_json(template, as_of(template, template.version, with_lint=False), user)
    return {name: whole[name] for name in SUMMARY}


def _one(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    wanted = checked_json(VersionQuery(), {name: value for name, value in asked.items() if name != "template"})
    template = template_of(user, asked["template"])
    held = cache.held(template, number=wanted.get("version"), label=wanted.get("label"))
    return told_json(template, held, user)


def _rendered(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    wanted = checked_json(RenderBody(), {name: value for name, value in asked.items() if name != "template"})
    return rendered_json(template_of(user, asked["template"]), wanted)


def declare() -> None:
    """To be called when the app is ready."""
    number = {"type": "integer", "minimum": 1}
    offer(
        Offered(
            name="list_templates",
            description="Lists prompt templates that you may use, by search text, category, tag or owner.",
            parameters=arguments_schema(
                search={"type": "string", "maxLength": 500},
                category={"type": "string"},
                tag={"type": "string"},
                owner={"type": "string", "description": "me, or a user's id"},
                label={"type": "string", "description": "Only those with this label, such as production."},
                ordering={"enum": list(ORDERS)},
                page=number,
                page_size={**number, "maximum": 200, "default": A_PAGE},
            ),
            door=("GET", "/api/templates"),
            run=lambda user, asked, call: in_database_thread(_listed, user, asked),
            is_read_only=True,
        ),
        Offered(
            name="get_template",
            description="Tells one prompt template: its texts, variables, labels and versions.",
            parameters=arguments_schema(("template",), template=TEMPLATE, version=VERSION, label=LABEL),
            door=("GET", "/api/templates/-"),
            run=lambda user, asked, call: in_database_thread(_one, user, asked),
            is_read_only=True,
        ),
        Offered(
            name="render_template",
            description="Fills in a template's variables and tells what would be sent; no model is asked.",
            parameters=arguments_schema(
                ("template",), template=TEMPLATE, version=VERSION, label=LABEL, variables=VARIABLES
            ),
            door=("POST", "/api/templates/-/render"),
            run=lambda user, asked, call: in_database_thread(_rendered, user, asked),
            is_read_only=True,
        ),
    )
